// SPDX-License-Identifier: GPL-2.0
/* What /sys and /proc tell, see sysfs.h. */
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "sysfs.h"
#include "util.h"

/* A generation that is not in charge is called NAME~N by its bus. */
#define STANDBY_MARK '~'

void sysfs_read_line(const char *path, char *line, size_t size)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");

	*line = '\0';
	if (!file || !fgets(line, size, file))
		return;
	line[strcspn(line, "\n")] = '\0';
}

/* Last part of what the link at @path points to; -1 if there is no such link. */
static int link_name(const char *path, char *name, size_t size)
{
	char target[PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target) - 1);
	const char *slash;

	if (len < 0)
		return -1;
	target[len] = '\0';
	slash = strrchr(target, '/');
	copy_text(name, size, slash ? slash + 1 : target);
	return 0;
}

static void add_object(struct sysfs_device *device, const char *name)
{
	size_t len = strlen(device->objects);

	snprintf(device->objects + len, sizeof(device->objects) - len, "%s%s", len ? " " : "",
		 name);
}

/*
 * How deep below a device its disks are: behind a host, a target and a unit of it, in folders of
 * classes.
 */
#define OBJECT_DEPTH 10

static unsigned int class_of(const char *path)
{
	char link[PATH_MAX], name[SYSFS_NAME_LEN];

	if (snprintf(link, sizeof(link), "%s/subsystem", path) >= (int)sizeof(link) ||
	    link_name(link, name, sizeof(name)))
		return 0;
	if (!strcmp(name, "net"))
		return SYSFS_CLASS_NET;
	if (!strcmp(name, "sound"))
		return SYSFS_CLASS_SOUND;
	return strcmp(name, "block") ? 0 : SYSFS_CLASS_BLOCK;
}

/* Only folders are looked into: links lead out of the device. */
static void find_objects(struct sysfs_device *device, const char *path, unsigned int depth)
{
	_cleanup_closedir_ DIR *dir = opendir(path);
	char below[PATH_MAX];
	struct dirent *entry;
	unsigned int class;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || entry->d_type != DT_DIR ||
		    snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) >=
			    (int)sizeof(below))
			continue;
		class = class_of(below);
		device->classes |= class;
		if (class)
			add_object(device, entry->d_name);
		else if (depth)
			find_objects(device, below, depth - 1);
	}
}

bool sysfs_has_object(const struct sysfs_device *device, const char *name)
{
	const char *at = device->objects;
	size_t len = strlen(name);

	while (len && (at = strstr(at, name))) {
		if ((at == device->objects || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
		at += len;
	}
	return false;
}

static int add_device(struct sysfs_driver *driver, const char *directory, const char *name,
		      struct error *err)
{
	struct sysfs_device *device;
	char path[PATH_MAX];

	device = array_add(&driver->devices, &driver->n_devices, sizeof(*device));
	if (!device)
		return error_memory(err);
	copy_text(device->name, sizeof(device->name), name);
	snprintf(path, sizeof(path), "%s/%s/modalias", directory, name);
	sysfs_read_line(path, device->modalias, sizeof(device->modalias));
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	find_objects(device, path, OBJECT_DEPTH);
	return 0;
}

int sysfs_add_device(struct sysfs_driver *driver, const char *device, struct error *err)
{
	char directory[PATH_MAX];
	size_t i;

	for (i = 0; i < driver->n_devices; i++) {
		if (!strcmp(driver->devices[i].name, device))
			return 0;
	}
	snprintf(directory, sizeof(directory), "/sys/bus/%s/devices", driver->bus);
	if (add_device(driver, directory, device, err))
		return -1;
	driver->devices[driver->n_devices - 1].is_behind = true;
	return 0;
}

static int compare_devices(const void *a, const void *b)
{
	return strcmp(((const struct sysfs_device *)a)->name,
		      ((const struct sysfs_device *)b)->name);
}

/* Devices are the links of the driver's directory that lead to a device on the same bus. */
static int read_devices(struct sysfs_driver *driver, const char *directory, struct error *err)
{
	_cleanup_closedir_ DIR *dir = opendir(directory);
	size_t first = driver->n_devices;
	struct dirent *entry;
	char path[PATH_MAX];

	while (dir && (entry = readdir(dir))) {
		if (entry->d_type != DT_LNK || !strcmp(entry->d_name, "module"))
			continue;
		snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s", driver->bus,
			 entry->d_name);
		if (access(path, F_OK))
			continue;
		if (add_device(driver, directory, entry->d_name, err))
			return -1;
	}
	if (driver->n_devices > first)
		qsort(driver->devices + first, driver->n_devices - first, sizeof(*driver->devices),
		      compare_devices);
	return 0;
}

int sysfs_add_standby(struct sysfs_driver *driver, const char *name, struct error *err)
{
	size_t len = strlen(name), first = driver->n_devices;
	char path[PATH_MAX], directory[PATH_MAX * 2];
	struct dirent *entry;

	snprintf(path, sizeof(path), "/sys/bus/%s/drivers", driver->bus);
	_cleanup_closedir_ DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, name, len) || entry->d_name[len] != STANDBY_MARK)
			continue;
		snprintf(directory, sizeof(directory), "%s/%s", path, entry->d_name);
		if (read_devices(driver, directory, err))
			return -1;
	}
	for (; first < driver->n_devices; first++)
		driver->devices[first].is_behind = true;
	return 0;
}

int sysfs_read_driver(const char *bus, const char *name, struct sysfs_driver *driver,
		      struct error *err)
{
	char directory[PATH_MAX / 2], path[PATH_MAX];

	memset(driver, 0, sizeof(*driver));
	copy_text(driver->bus, sizeof(driver->bus), bus);
	copy_text(driver->name, sizeof(driver->name), name);
	snprintf(directory, sizeof(directory), "/sys/bus/%s/drivers/%s", bus, name);
	if (access(directory, F_OK))
		return error_set(err, EXIT_USAGE,
				 "there is no driver '%s' on bus %s; see /sys/bus/%s/drivers",
				 name, bus, bus);
	snprintf(path, sizeof(path), "%s/module", directory);
	link_name(path, driver->module, sizeof(driver->module));
	/* A module that is part of the kernel has parameters but no state. */
	snprintf(path, sizeof(path), "/sys/module/%s/initstate", driver->module);
	if (*driver->module && access(path, F_OK))
		driver->module[0] = '\0';
	if (read_devices(driver, directory, err)) {
		sysfs_free_driver(driver);
		return -1;
	}
	return 0;
}

void sysfs_free_driver(struct sysfs_driver *driver)
{
	free(driver->devices);
	driver->devices = NULL;
	driver->n_devices = 0;
}

int sysfs_walk_drivers(int (*each)(const char *bus, const char *name, void *arg), void *arg)
{
	_cleanup_closedir_ DIR *buses = opendir("/sys/bus");
	struct dirent *bus, *driver;
	char path[PATH_MAX];
	int ret = 0;

	while (!ret && buses && (bus = readdir(buses))) {
		if (bus->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/bus/%s/drivers", bus->d_name);
		_cleanup_closedir_ DIR *drivers = opendir(path);

		while (!ret && drivers && (driver = readdir(drivers))) {
			if (driver->d_name[0] != '.' && !strchr(driver->d_name, STANDBY_MARK))
				ret = each(bus->d_name, driver->d_name, arg);
		}
	}
	return ret;
}

/* A search for one driver; of several that fit, those with devices count. */
struct search {
	const char *bus;
	const char *name;
	struct sysfs_driver *found;
	char also[2 * SYSFS_NAME_LEN];
	bool any;
	struct error *err;
};

static int consider(struct search *search, const char *bus, const char *name)
{
	struct sysfs_driver driver;

	if (search->bus && strcmp(search->bus, bus))
		return 0;
	if (sysfs_read_driver(bus, name, &driver, search->err))
		return 0;
	if (!search->any || (!search->found->n_devices && driver.n_devices)) {
		if (search->any)
			sysfs_free_driver(search->found);
		*search->found = driver;
		search->any = true;
		search->also[0] = '\0';
		return 0;
	}
	if (driver.n_devices)
		snprintf(search->also, sizeof(search->also), "%.63s:%.63s", driver.bus,
			 driver.name);
	sysfs_free_driver(&driver);
	return 0;
}

static int consider_driver(const char *bus, const char *name, void *arg)
{
	struct search *search = arg;

	return strcmp(search->name, name) ? 0 : consider(search, bus, name);
}

/* Links in /sys/module/M/drivers are called BUS:DRIVER and lead to the driver's directory. */
static int walk_drivers_of(const char *module,
			   int (*each)(const char *bus, const char *name, void *arg), void *arg)
{
	char path[PATH_MAX], name[SYSFS_NAME_LEN], bus[SYSFS_NAME_LEN];
	struct dirent *entry;
	int ret = 0;

	snprintf(path, sizeof(path), "/sys/module/%.63s/drivers", module);
	_cleanup_closedir_ DIR *dir = opendir(path);

	while (!ret && dir && (entry = readdir(dir))) {
		const char *colon = strchr(entry->d_name, ':');

		if (!colon)
			continue;
		snprintf(path, sizeof(path), "/sys/module/%.63s/drivers/%s", module,
			 entry->d_name);
		if (link_name(path, name, sizeof(name)) || strchr(name, STANDBY_MARK))
			continue;
		copy_text(bus, sizeof(bus), entry->d_name);
		bus[strcspn(bus, ":")] = '\0';
		ret = each(bus, name, arg);
	}
	return ret;
}

static int consider_any(const char *bus, const char *name, void *arg)
{
	return consider(arg, bus, name);
}

/* Modules that fit: that of the name, and copies of it that Segue loaded. */
static void search_modules(struct search *search)
{
	char wanted[PLAN_NAME_LEN], base[PLAN_NAME_LEN];
	struct dirent *entry;
	char *p;

	_cleanup_closedir_ DIR *dir = opendir("/sys/module");

	copy_text(wanted, sizeof(wanted), search->name);
	for (p = wanted; *p; p++) {
		if (*p == '-')
			*p = '_';
	}
	while (dir && (entry = readdir(dir))) {
		plan_base_name(entry->d_name, base);
		if (!strcmp(entry->d_name, wanted) || !strcmp(base, wanted))
			walk_drivers_of(entry->d_name, consider_any, search);
	}
}

int sysfs_find_driver(const char *name, struct sysfs_driver *driver, struct error *err)
{
	struct search search = { .name = name, .found = driver, .err = err };
	const char *colon = strchr(name, ':');
	char bus[SYSFS_NAME_LEN];

	memset(driver, 0, sizeof(*driver));
	if (*name == '\0' || strchr(name, '/'))
		return error_set(err, EXIT_USAGE,
				 "'%s' is no name of a driver; name one of /sys/bus/*/drivers",
				 name);
	if (colon) {
		copy_text(bus, sizeof(bus), name);
		bus[strcspn(bus, ":")] = '\0';
		search.bus = bus;
		search.name = colon + 1;
	}
	sysfs_walk_drivers(consider_driver, &search);
	if (!search.any)
		search_modules(&search);
	if (!search.any)
		return error_set(err, EXIT_USAGE,
				 "driver '%s' is not loaded: there is neither /sys/bus/*/drivers/%s nor a module of that name with a driver; only a running driver can be updated, load it with modprobe",
				 name, search.name);
	if (*search.also) {
		error_set(err, EXIT_USAGE,
			  "'%s' is ambiguous: %s:%s and %s have devices; name one of these", name,
			  driver->bus, driver->name, search.also);
		sysfs_free_driver(driver);
		return -1;
	}
	return 0;
}

bool sysfs_is_subordinate(const char *bus)
{
	return !strcmp(bus, "hdaudio");
}

static int add_part(const char *device, const struct sysfs_modules *modules, size_t **parts,
		    size_t *n_parts, struct error *err)
{
	char link[PATH_MAX], name[SYSFS_NAME_LEN];
	size_t i, *slot;
	int number;

	if (snprintf(link, sizeof(link), "%s/subsystem", device) >= (int)sizeof(link) ||
	    link_name(link, name, sizeof(name)) || !sysfs_is_subordinate(name) ||
	    snprintf(link, sizeof(link), "%s/driver/module", device) >= (int)sizeof(link) ||
	    link_name(link, name, sizeof(name)))
		return 0;
	number = sysfs_module_number(modules, name);
	for (i = 0; i < *n_parts; i++) {
		if ((*parts)[i] == (size_t)number)
			return 0;
	}
	if (number < 0)
		return 0;
	slot = array_add(parts, n_parts, sizeof(*slot));
	if (!slot)
		return error_memory(err);
	*slot = number;
	return 0;
}

int sysfs_find_parts(const struct sysfs_driver *driver, const struct sysfs_modules *modules,
		     size_t **parts, size_t *n_parts, struct error *err)
{
	char path[PATH_MAX / 2], below[PATH_MAX];
	struct dirent *entry;
	size_t i;

	for (i = 0; i < driver->n_devices; i++) {
		/* Those that the generation in charge does not serve have parts of others. */
		if (driver->devices[i].is_behind)
			continue;
		snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s", driver->bus,
			 driver->devices[i].name);
		_cleanup_closedir_ DIR *dir = opendir(path);

		while (dir && (entry = readdir(dir))) {
			if (entry->d_name[0] == '.' || entry->d_type != DT_DIR)
				continue;
			snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
			if (add_part(below, modules, parts, n_parts, err))
				return -1;
		}
	}
	return 0;
}

struct module_search {
	const char *bus;
	char *name;
};

static int take_driver(const char *bus, const char *name, void *arg)
{
	struct module_search *search = arg;

	if (strcmp(search->bus, bus))
		return 0;
	copy_text(search->name, SYSFS_NAME_LEN, name);
	return 1;
}

int sysfs_driver_of_module(const char *module, const char *bus, char name[SYSFS_NAME_LEN])
{
	struct module_search search = { .bus = bus, .name = name };

	return walk_drivers_of(module, take_driver, &search) ? 0 : -1;
}

/* Notes of a loaded module are files with the note's bytes. */
static void read_build_id(const char *module, char *text)
{
	char path[PATH_MAX];
	unsigned char note[sizeof(Elf64_Nhdr) + 4 + IMAGE_BUILD_ID_LEN];
	Elf64_Nhdr nh;
	size_t n, i;

	snprintf(path, sizeof(path), "/sys/module/%s/notes/.note.gnu.build-id", module);
	_cleanup_fclose_ FILE *file = fopen(path, "re");

	n = file ? fread(note, 1, sizeof(note), file) : 0;
	if (n < sizeof(nh) + 4)
		return;
	memcpy(&nh, note, sizeof(nh));
	if (nh.n_type != NT_GNU_BUILD_ID || nh.n_namesz != 4 || nh.n_descsz > n - sizeof(nh) - 4)
		return;
	for (i = 0; i < nh.n_descsz; i++)
		sprintf(text + 2 * i, "%02x", note[sizeof(nh) + 4 + i]);
}

/* "name size count user,user, state address": who uses whom is known when all names are. */
static int read_module_line(struct sysfs_modules *modules, char *line, char **users,
			    struct error *err)
{
	char *save, *name = strtok_r(line, "\n ", &save);
	struct plan_loaded *module;
	char path[PATH_MAX];

	*users = NULL;
	if (!name)
		return 0;
	module = array_add(&modules->items, &modules->n, sizeof(*module));
	if (!module)
		return error_memory(err);
	copy_text(module->name, sizeof(module->name), name);
	plan_base_name(module->name, module->base);
	read_build_id(module->name, module->build_id);
	snprintf(path, sizeof(path), "/sys/module/%s/srcversion", module->name);
	sysfs_read_line(path, module->srcversion, sizeof(module->srcversion));
	if (strtok_r(NULL, " ", &save) && strtok_r(NULL, " ", &save)) {
		name = strtok_r(NULL, "\n ", &save);
		*users = name ? strdup(name) : NULL;
	}
	return 0;
}

static int add_users(struct sysfs_modules *modules, size_t provider, char *users,
		     struct error *err)
{
	char *save, *name;

	for (name = strtok_r(users, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
		int user = sysfs_module_number(modules, name);
		size_t *use;

		if (user < 0)
			continue;
		use = array_add(&modules->items[user].uses, &modules->items[user].n_uses,
				sizeof(*use));
		if (!use)
			return error_memory(err);
		*use = provider;
	}
	return 0;
}

int sysfs_read_modules(struct sysfs_modules *modules, struct error *err)
{
	char **users = NULL;
	size_t size = 0, n = 0, i;
	int ret = 0;

	_cleanup_free_ char *line = NULL;
	_cleanup_fclose_ FILE *file = fopen("/proc/modules", "re");

	memset(modules, 0, sizeof(*modules));
	/* A kernel without modules has no such file. */
	while (!ret && file && getline(&line, &size, file) > 0) {
		char **slot = array_add(&users, &n, sizeof(*slot));

		ret = slot ? read_module_line(modules, line, slot, err) : error_memory(err);
	}
	for (i = 0; i < n; i++) {
		if (!ret && users[i])
			ret = add_users(modules, i, users[i], err);
		free(users[i]);
	}
	free(users);
	if (ret)
		sysfs_free_modules(modules);
	return ret;
}

int sysfs_module_number(const struct sysfs_modules *modules, const char *name)
{
	size_t i;

	for (i = 0; i < modules->n; i++) {
		if (!strcmp(modules->items[i].name, name))
			return i;
	}
	return -1;
}

void sysfs_free_modules(struct sysfs_modules *modules)
{
	size_t i;

	for (i = 0; i < modules->n; i++)
		free(modules->items[i].uses);
	free(modules->items);
	memset(modules, 0, sizeof(*modules));
}
