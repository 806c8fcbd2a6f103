// SPDX-License-Identifier: GPL-2.0
/* All that comes before anything is touched, see prepare.h. */
#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/utsname.h>

#include "inherit.h"
#include "keep.h"
#include "kmodule.h"
#include "load.h"
#include "netlink.h"
#include "prepare.h"

int prepare_need_root(struct error *err)
{
	if (!geteuid())
		return 0;
	return error_set(err, EXIT_USAGE,
			 "only root may exchange drivers; run it as root (sudo segue ...)");
}

struct generation_search {
	const char *driver;
	const char *bus;
	struct sysfs_driver *found;
};

static int note_live(const struct message *message, void *arg, struct error *err)
{
	struct generation_search *search = arg;
	char name[SYSFS_NAME_LEN];

	(void)err;
	if (strcmp(message_text(message, SEGUE_A_DRIVER), search->driver) ||
	    message_number(message, SEGUE_A_ROLE) != SEGUE_ROLE_LIVE)
		return 0;
	if (search->bus && strcmp(message_text(message, SEGUE_A_BUS), search->bus))
		return 0;
	if (sysfs_driver_of_module(message_text(message, SEGUE_A_MODULE),
				   message_text(message, SEGUE_A_BUS), name))
		return 0;
	copy_text(search->found->bus, sizeof(search->found->bus),
		  message_text(message, SEGUE_A_BUS));
	copy_text(search->found->name, sizeof(search->found->name), name);
	return 0;
}

struct device_search {
	const char *driver;
	struct sysfs_driver *found;
};

static int note_degraded(const struct message *message, void *arg, struct error *err)
{
	struct device_search *search = arg;

	if (strcmp(message_text(message, SEGUE_A_DRIVER), search->driver) ||
	    strcmp(message_text(message, SEGUE_A_BUS), search->found->bus) ||
	    message_number(message, SEGUE_A_DEVICE_STATE) != SEGUE_DEVICE_DEGRADED)
		return 0;
	return sysfs_add_device(search->found, message_text(message, SEGUE_A_DEVICE), err);
}

/* A degraded device is bound to no driver, but it is still this one's and may be tried again. */
static int add_degraded(struct sysfs_driver *driver, const char *known_as, struct error *err)
{
	struct device_search search = { .driver = known_as, .found = driver };
	struct netlink nl;
	int ret;

	ret = netlink_open(&nl, err);
	if (ret)
		return ret < 0 ? -1 : 0;
	ret = netlink_request(&nl, SEGUE_CMD_DEVICE_GET, NULL, true, note_degraded, &search, err);
	netlink_close(&nl);
	return ret;
}

/* An update may have brought a driver that registers under another name than the one it replaced.
 */
static int ask_kernel(const char *name, const char *bus, struct sysfs_driver *driver)
{
	struct generation_search search = { .driver = name, .bus = bus, .found = driver };
	struct netlink nl;
	struct error ignored;
	int ret;

	memset(driver, 0, sizeof(*driver));
	if (netlink_open(&nl, &ignored))
		return -1;
	ret = netlink_request(&nl, SEGUE_CMD_GENERATION_GET, NULL, true, note_live, &search,
			      &ignored);
	netlink_close(&nl);
	return ret || !*driver->name ? -1 : 0;
}

static int find_driver(const char *name, struct sysfs_driver *driver, char *known_as,
		       struct error *err)
{
	const char *colon = strchr(name, ':');
	char bus[SYSFS_NAME_LEN], found[SYSFS_NAME_LEN];

	if (!sysfs_find_driver(name, driver, err)) {
		copy_text(known_as, SYSFS_NAME_LEN, driver->name);
		return 0;
	}
	copy_text(bus, sizeof(bus), name);
	bus[strcspn(bus, ":")] = '\0';
	copy_text(known_as, SYSFS_NAME_LEN, colon ? colon + 1 : name);
	if (ask_kernel(known_as, colon ? bus : NULL, driver))
		return -1;
	copy_text(bus, sizeof(bus), driver->bus);
	copy_text(found, sizeof(found), driver->name);
	return sysfs_read_driver(bus, found, driver, err);
}

int prepare_find_driver(const char *name, struct sysfs_driver *driver,
			char known_as[SYSFS_NAME_LEN], struct error *err)
{
	if (find_driver(name, driver, known_as, err))
		return -1;
	if (sysfs_is_subordinate(driver->bus)) {
		error_set(err, EXIT_USAGE,
			  "driver '%s' on bus %s serves what another driver makes, and is exchanged with that one; name the driver of the device above",
			  driver->name, driver->bus);
		sysfs_free_driver(driver);
		return -1;
	}
	if (!sysfs_add_standby(driver, known_as, err) && !add_degraded(driver, known_as, err))
		return 0;
	sysfs_free_driver(driver);
	return -1;
}

static int open_image(const char *path, struct buf *bytes, struct image *image,
		      struct error *err)
{
	if (load_read_file(path, bytes, err))
		return -1;
	if (!image_open(image, bytes->data, bytes->len, err))
		return 0;
	buf_free(bytes);
	return error_prefix(err, "%s: ", path);
}

static int take_vermagic(const char *path, void *arg)
{
	struct prepared *update = arg;
	struct image image;
	struct buf bytes;
	struct error ignored;
	const char *value;
	struct utsname uts;
	size_t len;

	if (open_image(path, &bytes, &image, &ignored))
		return 0;
	buf_free(&bytes);
	uname(&uts);
	len = strlen(uts.release);
	value = image_modinfo(&image, "vermagic", NULL);
	if (value && !strncmp(value, uts.release, len) && value[len] == ' ')
		copy_text(update->vermagic, sizeof(update->vermagic), value);
	image_close(&image);
	return *update->vermagic;
}

/*
 * The kernel does not tell its own vermagic; a module that was installed for it does: that of the
 * running driver, or any other.
 */
static void find_vermagic(struct prepared *update)
{
	char base[PLAN_NAME_LEN];
	char *path;

	plan_base_name(update->driver.module, base);
	if (*base && !kmodule_find_file(base, &path)) {
		take_vermagic(path, update);
		free(path);
	}
	if (!*update->vermagic)
		kmodule_walk_installed(take_vermagic, update);
}

static int check_vermagic(const struct prepared *update, const struct plan_file *file,
			  struct error *err)
{
	const char *value = image_modinfo(&file->image, "vermagic", NULL);
	struct utsname uts;
	size_t len;

	uname(&uts);
	len = strlen(uts.release);
	if (!value)
		return error_set(err, EXIT_USAGE,
				 "%s: does not say for which kernel it was built (no vermagic); build it for kernel %s",
				 file->path, uts.release);
	if (*update->vermagic ? !strcmp(value, update->vermagic) :
				!strncmp(value, uts.release, len) && value[len] == ' ')
		return 0;
	return error_set(err, EXIT_USAGE,
			 "%s: was built for kernel '%s' (its vermagic), '%s' is running; build it for that one",
			 file->path, value, *update->vermagic ? update->vermagic : uts.release);
}

static struct plan_file *add_file(struct prepared *update, const char *path, struct error *err)
{
	struct plan_file *file = calloc(1, sizeof(*file));

	if (!file) {
		error_memory(err);
		return NULL;
	}
	file->next = update->files;
	update->files = file;
	file->path = strdup(path);
	if (!file->path) {
		error_memory(err);
		return NULL;
	}
	return file;
}

static struct plan_file *read_file(struct prepared *update, const char *path, struct error *err)
{
	struct plan_file *file = add_file(update, path, err);

	if (!file)
		return NULL;
	if (open_image(path, &file->bytes, &file->image, err) ||
	    check_vermagic(update, file, err))
		return NULL;
	return file;
}

static int find_file(void *context, const char *base, struct plan_file **file, struct error *err)
{
	char *path;

	if (kmodule_find_file(base, &path))
		return 1;
	*file = read_file(context, path, err);
	free(path);
	return *file ? 0 : -1;
}

static const struct sysfs_device *find_device(const struct sysfs_driver *driver, const char *name)
{
	size_t i;

	for (i = 0; i < driver->n_devices; i++) {
		if (!strcmp(driver->devices[i].name, name) ||
		    sysfs_has_object(&driver->devices[i], name))
			return &driver->devices[i];
	}
	return NULL;
}

int prepare_find_device(const struct args *args, const struct sysfs_driver *driver,
			char device[SYSFS_NAME_LEN], struct error *err)
{
	const struct sysfs_device *found;

	device[0] = '\0';
	if (!driver->n_devices)
		return error_set(err, EXIT_USAGE,
				 "driver '%s' has no device on bus %s, so there is nothing to keep alive; exchange it with modprobe",
				 driver->name, driver->bus);
	if (!args->device)
		return 0;
	found = find_device(driver, args->device);
	if (!found)
		return error_set(err, EXIT_USAGE,
				 "driver '%s' has no device '%s'; it has '%s'%s: name one of /sys/bus/%s/drivers/%s",
				 driver->name, args->device, driver->devices[0].name,
				 driver->n_devices > 1 ? " and others" : "", driver->bus,
				 driver->name);
	copy_text(device, SYSFS_NAME_LEN, found->name);
	return 0;
}

static bool matches(const struct image *image, const char *modalias)
{
	const char *alias = NULL;

	while ((alias = image_modinfo(image, "alias", alias))) {
		if (!fnmatch(alias, modalias, 0))
			return true;
	}
	return false;
}

static int check_aliases(const struct args *args, const struct sysfs_driver *driver,
			 const struct plan_entry *entry, struct error *err)
{
	const struct sysfs_device *device = &driver->devices[0];
	size_t i;

	if (args->device)
		device = find_device(driver, args->device);
	if (matches(&entry->file->image, device->modalias))
		return 0;
	for (i = 0; !args->device && i < driver->n_devices; i++) {
		if (matches(&entry->file->image, driver->devices[i].modalias))
			return 0;
	}
	return error_set(err, EXIT_USAGE,
			 "%s: supports no device of driver '%s': none of its aliases matches %s of %s; give a module for this device",
			 entry->file->path, driver->name, device->modalias, device->name);
}

static bool is_changed(const struct plan_entry *entry)
{
	return strcmp(entry->load_name, entry->base) || *entry->prefix || entry->n_renames;
}

static int check_lockdown(const struct args *args, const struct plan *plan, struct error *err)
{
	const char *reason = load_lockdown();
	size_t i;

	if (!reason || args->key)
		return 0;
	for (i = 0; i < plan->n; i++) {
		const struct plan_entry *entry = &plan->entries[i];

		if (is_changed(entry) || !entry->file->image.is_signed)
			return error_set(err, EXIT_USAGE,
					 "%s: %s, and the module has no signature as it would be loaded; give --key and --cert of a key that the kernel trusts",
					 entry->file->path, reason);
	}
	return 0;
}

static int want_symbols(const struct plan *plan, struct symbols *symbols, struct error *err)
{
	size_t i, j;

	for (i = 0; i < plan->n; i++) {
		const struct image *image = &plan->entries[i].file->image;

		for (j = 0; j < image->n_imports; j++) {
			if (symbols_want(symbols, image->imports[j].name, err))
				return -1;
		}
		for (j = 0; j < image->n_exports; j++) {
			if (symbols_want(symbols, image->exports[j].name, err))
				return -1;
		}
	}
	return 0;
}

static int read_symbols(const struct plan *plan, struct symbols *symbols, struct error *err)
{
	_cleanup_fclose_ FILE *kallsyms = fopen("/proc/kallsyms", "re");
	char path[256];
	struct utsname uts;

	if (!kallsyms)
		return error_set(err, EXIT_USAGE,
				 "/proc/kallsyms: %s; a kernel with CONFIG_KALLSYMS is needed",
				 strerror(errno));
	if (want_symbols(plan, symbols, err) || symbols_read_kallsyms(symbols, kallsyms, err))
		return -1;
	uname(&uts);
	snprintf(path, sizeof(path), "/lib/modules/%s/build/Module.symvers", uts.release);
	_cleanup_fclose_ FILE *symvers = fopen(path, "re");

	/* Without headers the kernel itself compares the checksums when it loads the module. */
	if (symvers)
		symbols_read_symvers(symbols, symvers);
	return 0;
}

static int change_image(const struct args *args, const struct plan_entry *entry,
			struct error *err)
{
	struct image *image = &entry->file->image;

	if ((strcmp(entry->load_name, entry->base) &&
	     image_set_name(image, entry->load_name, err)) ||
	    (*entry->prefix && image_prefix_exports(image, entry->prefix, err)) ||
	    image_rename_imports(image, entry->renames, entry->n_renames, err))
		return error_prefix(err, "%s: ", entry->file->path);
	return args->key ? sign_image(image, args->key, args->cert, err) : 0;
}

/* A driver that comes under another name takes the place of the running one all the same. */
static int make_params(const struct args *args, const struct plan_input *in,
		       const struct plan_entry *entry, struct params *params, struct error *err)
{
	int running = entry->replaces >= 0 || !entry->driver ? entry->replaces : in->live;
	struct inherit_input from = {
		.image = &entry->file->image,
		.base = entry->base,
		.running = running >= 0 ? in->loaded[running].name : NULL,
		.args = args,
		.is_driver = entry->driver,
	};

	return inherit_params(&from, params, err);
}

static int check_params(const struct args *args, const struct plan *plan, struct error *err)
{
	_cleanup_free_ const char **bases = calloc(plan->n + 1, sizeof(*bases));
	size_t i;

	if (!bases)
		return error_memory(err);
	for (i = 0; i < plan->n; i++)
		bases[i] = plan->entries[i].base;
	return inherit_check_names(args, bases, plan->n, err);
}

static int link_images(const struct args *args, const struct plan_input *in,
		       struct prepared *update, struct error *err)
{
	struct symbols symbols = { 0 };
	size_t i;
	int ret = -1;

	if (read_symbols(&update->plan, &symbols, err) ||
	    plan_link(in, &update->plan, &symbols, err) ||
	    check_lockdown(args, &update->plan, err) ||
	    check_params(args, &update->plan, err))
		goto out;
	update->params = calloc(update->plan.n, sizeof(*update->params));
	if (!update->params) {
		error_memory(err);
		goto out;
	}
	for (i = 0; i < update->plan.n; i++) {
		if (change_image(args, &update->plan.entries[i], err) ||
		    make_params(args, in, &update->plan.entries[i], &update->params[i], err))
			goto out;
	}
	ret = 0;
out:
	symbols_free(&symbols);
	return ret;
}

static int plan_files(const struct args *args, struct prepared *update, struct plan_file **files,
		      struct error *err)
{
	struct plan_input in = {
		.files = files,
		.n_files = args->n_files,
		.force = args_given(args, OPTION_FORCE),
		.find = find_file,
		.context = update,
		.live = -1,
	};

	if (sysfs_read_modules(&update->modules, err))
		return -1;
	_cleanup_free_ size_t *parts = NULL;

	if (sysfs_find_parts(&update->driver, &update->modules, &parts, &in.n_parts, err))
		return -1;
	in.parts = parts;
	in.loaded = update->modules.items;
	in.n_loaded = update->modules.n;
	if (*update->driver.module)
		in.live = sysfs_module_number(&update->modules, update->driver.module);
	if (plan_select(&in, &update->plan, err))
		return -1;
	if (!update->plan.n)
		return 0;
	if (check_aliases(args, &update->driver, plan_driver(&update->plan), err))
		return -1;
	return link_images(args, &in, update, err);
}

/*
 * Drivers of sound cards give each card that they take the parameters of the next number, never
 * count down and refuse when there are too many.  So none is asked twice: a swap that fails goes
 * back to another copy.
 */
static bool wants_spare(const struct args *args, struct prepared *update)
{
	const struct sysfs_driver *driver = &update->driver;
	const char *lockdown = load_lockdown();
	unsigned int classes = 0;
	size_t i;

	for (i = 0; i < driver->n_devices; i++)
		classes |= driver->devices[i].classes;
	if (!(classes & SYSFS_CLASS_SOUND))
		return false;
	if (lockdown && !args->key)
		update->no_spare = lockdown;
	else if (!*driver->module)
		update->no_spare = "the driver is part of the kernel";
	else if (prepare_has_devices_behind(update) || (*update->device && driver->n_devices > 1))
		update->no_spare = "not all of its devices are updated together";
	return !update->no_spare;
}

/* What the module in charge was loaded from: what was kept of it, or what modprobe has. */
static struct plan_file *find_spare(struct prepared *update, const struct plan_loaded *live,
				    struct error *err)
{
	struct plan_file *file = NULL;
	struct kept kept;
	int ret;

	if (find_file(update, live->base, &file, err) == 0 && plan_is_same(live, &file->image))
		return file;
	if (keep_find(live->name, &kept))
		return NULL;
	file = add_file(update, "what it was loaded from", err);
	ret = file ? image_open(&file->image, kept.image.data, kept.image.len, err) : -1;
	if (!ret) {
		file->bytes = kept.image;
		kept.image.data = NULL;
	}
	keep_free(&kept);
	return ret ? NULL : file;
}

/* Names that the plan is going to use are taken, too. */
static struct plan_loaded *all_names(const struct prepared *update, size_t *n)
{
	struct plan_loaded *all;
	size_t i;

	*n = update->modules.n + update->plan.n;
	all = calloc(*n + 1, sizeof(*all));
	if (!all)
		return NULL;
	memcpy(all, update->modules.items, update->modules.n * sizeof(*all));
	for (i = 0; i < update->plan.n; i++)
		copy_text(all[update->modules.n + i].name, sizeof(all->name),
			  update->plan.entries[i].load_name);
	return all;
}

static int link_spare(const struct args *args, struct prepared *update, struct plan_input *in,
		      struct plan_file *file, struct error *err)
{
	struct symbols symbols = { 0 };
	bool renames;
	int ret = plan_spare(in, file, &update->spare, &renames, err);

	/* Reading all symbols takes its time. */
	if (!ret && renames &&
	    (read_symbols(&update->spare, &symbols, err) ||
	     plan_link(in, &update->spare, &symbols, err)))
		ret = -1;
	symbols_free(&symbols);
	if (ret || make_params(NULL, in, &update->spare.entries[0], &update->spare_params, err))
		return -1;
	return change_image(args, &update->spare.entries[0], err);
}

/* There being none is no reason not to go on. */
static void prepare_spare(const struct args *args, struct prepared *update)
{
	_cleanup_free_ struct plan_loaded *all = NULL;
	struct plan_input in = { 0 };
	struct plan_file *file;
	struct error ignored;

	if (!wants_spare(args, update))
		return;
	in.live = sysfs_module_number(&update->modules, update->driver.module);
	file = in.live < 0 ? NULL : find_spare(update, &update->modules.items[in.live], &ignored);
	all = all_names(update, &in.n_loaded);
	in.loaded = all;
	if (!file)
		update->no_spare = "there is no file that it was loaded from";
	else if (file->image.n_exports)
		update->no_spare = "other modules call into it";
	else if (!all || link_spare(args, update, &in, file, &ignored))
		update->no_spare = "it cannot be loaded beside the others";
	if (!update->no_spare)
		return;
	plan_free(&update->spare);
	params_free(&update->spare_params);
}

static int make_plan(const struct args *args, struct prepared *update, struct error *err)
{
	_cleanup_free_ struct plan_file **files = calloc(args->n_files + 1, sizeof(*files));
	size_t i;

	if (!files)
		return error_memory(err);
	for (i = 0; i < args->n_files; i++) {
		files[i] = read_file(update, args->files[i], err);
		if (!files[i])
			return -1;
		files[i]->given = true;
	}
	return plan_files(args, update, files, err);
}

int prepare_update(const struct args *args, struct prepared *update, struct error *err)
{
	memset(update, 0, sizeof(*update));
	if (prepare_find_driver(args->driver, &update->driver, update->name, err))
		return -1;
	find_vermagic(update);
	if (prepare_find_device(args, &update->driver, update->device, err) ||
	    make_plan(args, update, err)) {
		prepare_free(update);
		return -1;
	}
	if (update->plan.n)
		prepare_spare(args, update);
	return 0;
}

int prepare_rollback(const struct args *args, struct prepared *update, struct error *err)
{
	memset(update, 0, sizeof(*update));
	if (prepare_find_driver(args->driver, &update->driver, update->name, err))
		return -1;
	if (prepare_find_device(args, &update->driver, update->device, err) ||
	    sysfs_read_modules(&update->modules, err)) {
		prepare_free(update);
		return -1;
	}
	prepare_spare(args, update);
	return 0;
}

bool prepare_has_devices_behind(const struct prepared *update)
{
	size_t i;

	for (i = 0; i < update->driver.n_devices; i++) {
		const struct sysfs_device *device = &update->driver.devices[i];

		if (device->is_behind &&
		    (!*update->device || !strcmp(update->device, device->name)))
			return true;
	}
	return false;
}

void prepare_print_spare(const struct prepared *update)
{
	const struct plan_entry *entry = update->spare.entries;

	if (update->spare.n)
		printf("  %s %s, loaded as %s\n", entry->file->path, entry->reason,
		       entry->load_name);
	else if (update->no_spare)
		printf("  the running module itself is the way back, and may refuse when it was asked too often: %s\n",
		       update->no_spare);
}

void prepare_free(struct prepared *update)
{
	size_t i;

	for (i = 0; update->params && i < update->plan.n; i++)
		params_free(&update->params[i]);
	free(update->params);
	plan_free(&update->plan);
	plan_free(&update->spare);
	params_free(&update->spare_params);
	while (update->files) {
		struct plan_file *file = update->files;

		update->files = file->next;
		free(file->path);
		buf_free(&file->bytes);
		image_close(&file->image);
		free(file);
	}
	sysfs_free_modules(&update->modules);
	sysfs_free_driver(&update->driver);
	memset(update, 0, sizeof(*update));
}
