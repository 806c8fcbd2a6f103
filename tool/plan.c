// SPDX-License-Identifier: GPL-2.0
/* Which images of an update are to be loaded, see plan.h; their names are given in plan_link.c.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "plan.h"

/* A file that may have to be loaded, and why. */
struct candidate {
	struct plan_file *file;
	int replaces;
	bool wanted;
	char reason[sizeof(((struct plan_entry *)0)->reason)];
};

struct selection {
	const struct plan_input *in;
	struct plan *plan;
	struct candidate *items;
	size_t n;
	struct candidate *stranger;
};

void plan_base_name(const char *name, char base[PLAN_NAME_LEN])
{
	size_t len;

	copy_text(base, PLAN_NAME_LEN, name);
	len = strlen(base);
	while (len && isdigit((unsigned char)base[len - 1]))
		len--;
	if (len > 2 && base[len] && base[len] != '0' && !strncmp(base + len - 2, "__", 2))
		base[len - 2] = '\0';
}

bool plan_is_same(const struct plan_loaded *loaded, const struct image *image)
{
	const char *srcversion = image_modinfo(image, "srcversion", NULL);

	if (*loaded->build_id && *image->build_id)
		return !strcmp(loaded->build_id, image->build_id);
	return srcversion && *loaded->srcversion && !strcmp(loaded->srcversion, srcversion);
}

/* Aliases of drivers on buses whose devices are made by other drivers. */
static const char *const part_aliases[] = { "hdaudio:" };

static bool is_live(const struct plan *plan, size_t loaded)
{
	size_t i;

	for (i = 0; i < plan->n_live_set; i++) {
		if (plan->live_set[i] == loaded)
			return true;
	}
	return false;
}

static int add_live(struct plan *plan, size_t loaded, struct error *err)
{
	size_t *slot;

	if (is_live(plan, loaded))
		return 0;
	slot = array_add(&plan->live_set, &plan->n_live_set, sizeof(*slot));
	if (!slot)
		return error_memory(err);
	*slot = loaded;
	return 0;
}

/* The module in charge, those of its parts, and all that they use. */
static int find_live_set(const struct plan_input *in, struct plan *plan, struct error *err)
{
	size_t i, j;

	if (in->live < 0)
		return 0;
	if (add_live(plan, in->live, err))
		return -1;
	for (i = 0; i < in->n_parts; i++) {
		if (add_live(plan, in->parts[i], err))
			return -1;
	}
	for (i = 0; i < plan->n_live_set; i++) {
		const struct plan_loaded *module = &in->loaded[plan->live_set[i]];

		for (j = 0; j < module->n_uses; j++) {
			if (add_live(plan, module->uses[j], err))
				return -1;
		}
	}
	return 0;
}

static int live_by_base(const struct selection *s, const char *base)
{
	size_t i;

	for (i = 0; i < s->plan->n_live_set; i++) {
		if (!strcmp(s->in->loaded[s->plan->live_set[i]].base, base))
			return s->plan->live_set[i];
	}
	return -1;
}

static struct candidate *find_candidate(const struct selection *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (!strcmp(s->items[i].file->image.name, name))
			return &s->items[i];
	}
	return NULL;
}

static struct candidate *add_candidate(struct selection *s, struct plan_file *file,
				       struct error *err)
{
	struct candidate *c = find_candidate(s, file->image.name);

	if (c) {
		error_set(err, EXIT_USAGE, "%s and %s are both module '%s'; give one of them",
			  c->file->path, file->path, file->image.name);
		return NULL;
	}
	c = array_add(&s->items, &s->n, sizeof(*c));
	if (!c) {
		error_memory(err);
		return NULL;
	}
	c->file = file;
	c->replaces = live_by_base(s, file->image.name);
	return c;
}

static bool calls_into(const struct candidate *user, const struct candidate *provider)
{
	const struct image *image = &provider->file->image;
	size_t i;

	for (i = 0; i < image->n_exports; i++) {
		if (image_find_import(&user->file->image, image->exports[i].name))
			return true;
	}
	return false;
}

static bool is_used(const struct selection *s, const struct candidate *provider)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (&s->items[i] != provider && calls_into(&s->items[i], provider))
			return true;
	}
	return false;
}

/* Takes the files that the user named, or those that modprobe would load for the live set. */
static int collect(struct selection *s, struct error *err)
{
	const struct plan_input *in = s->in;
	struct plan_file *file;
	size_t i;
	int ret;

	for (i = 0; i < in->n_files; i++) {
		if (!add_candidate(s, in->files[i], err))
			return -1;
	}
	if (in->n_files)
		return 0;
	if (in->live < 0)
		return error_set(err, EXIT_USAGE,
				 "the driver is part of the kernel, not a module; name the file that is to replace it");
	for (i = 0; i < s->plan->n_live_set; i++) {
		const char *base = in->loaded[s->plan->live_set[i]].base;

		ret = in->find(in->context, base, &file, err);
		if (ret < 0)
			return -1;
		if (ret && !i)
			return error_set(err, EXIT_USAGE,
					 "modprobe has no file for module '%s'; name the file, or run depmod if it was just installed",
					 base);
		if (!ret && !add_candidate(s, file, err))
			return -1;
	}
	return 0;
}

static bool is_part(const struct selection *s, const struct candidate *c)
{
	const char *alias = NULL;
	size_t i;

	for (i = 0; i < s->in->n_parts; i++) {
		if (c->replaces == (int)s->in->parts[i])
			return true;
	}
	while (s->in->n_parts && (alias = image_modinfo(&c->file->image, "alias", alias))) {
		for (i = 0; i < ARRAY_SIZE(part_aliases); i++) {
			if (!strncmp(alias, part_aliases[i], strlen(part_aliases[i])))
				return true;
		}
	}
	return false;
}

/*
 * A given image that has the name of no module of the live set is a library that another given
 * image uses, or a part, or else the driver itself under another name.
 */
static int find_stranger(struct selection *s, struct error *err)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		struct candidate *c = &s->items[i];

		if (c->replaces >= 0 || is_used(s, c) || is_part(s, c))
			continue;
		if (s->stranger)
			return error_set(err, EXIT_USAGE,
					 "%s and %s: neither is used by another one, and only one can be the driver; give the modules of one driver",
					 s->stranger->file->path, c->file->path);
		s->stranger = c;
	}
	if (s->stranger && s->in->live >= 0 && find_candidate(s, s->in->loaded[s->in->live].base))
		return error_set(err, EXIT_USAGE,
				 "%s: module '%s' serves no part of this driver, whose module '%s' is given too; leave it out",
				 s->stranger->file->path, s->stranger->file->image.name,
				 s->in->loaded[s->in->live].base);
	return 0;
}

static void find_changes(struct selection *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		struct candidate *c = &s->items[i];

		if (c->replaces < 0)
			snprintf(c->reason, sizeof(c->reason), "is not loaded yet");
		else if (!plan_is_same(&s->in->loaded[c->replaces], &c->file->image))
			snprintf(c->reason, sizeof(c->reason), "differs from the loaded one");
		else if (s->in->force && c->file->given)
			snprintf(c->reason, sizeof(c->reason), "is loaded again as asked for");
		else
			continue;
		c->wanted = true;
	}
}

/* There is one bus of a name, and the devices and drivers on it keep to it. */
static int refuse_buses(const struct selection *s, struct error *err)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct candidate *c = &s->items[i];

		if (c->wanted && c->replaces >= 0 &&
		    image_find_import(&c->file->image, "bus_register"))
			return error_set(err, EXIT_USAGE,
					 "%s: module '%s' registers a bus, so there cannot be two of it; give the others without it, or restart the machine",
					 c->file->path, c->file->image.name);
	}
	return 0;
}

static struct candidate *replacement_of(const struct selection *s, size_t loaded)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (s->items[i].wanted && s->items[i].replaces == (int)loaded)
			return &s->items[i];
	}
	return NULL;
}

/* @why is followed by the name of @other, whose replacement asks for this one's. */
static int replace_too(struct selection *s, size_t loaded, const char *why,
		       const struct candidate *other, struct error *err)
{
	const char *base = s->in->loaded[loaded].base;
	struct candidate *c = find_candidate(s, base);
	char reason[sizeof(other->reason)];
	struct plan_file *file;
	int ret;

	snprintf(reason, sizeof(reason), "%s %.55s", why, other->file->image.name);
	if (!c) {
		ret = s->in->find(s->in->context, base, &file, err);
		if (ret < 0)
			return -1;
		if (ret)
			return error_set(err, EXIT_USAGE,
					 "module '%s' %s '%s' and must be replaced with it, but modprobe has no file for it; name its file too",
					 base, why, other->file->image.name);
		c = add_candidate(s, file, err);
		if (!c)
			return -1;
	}
	c->wanted = true;
	copy_text(c->reason, sizeof(c->reason), reason);
	return 0;
}

/*
 * A module of the live set that calls into a replaced one would go on calling the old one, so it
 * is replaced with it.  The driver's own module is not, if another module takes its place.
 */
static int close_over_users(struct selection *s, struct error *err)
{
	bool again = true;
	size_t i, j;

	while (again) {
		again = false;
		for (i = 0; i < s->plan->n_live_set; i++) {
			size_t user = s->plan->live_set[i];
			const struct plan_loaded *module = &s->in->loaded[user];

			if (replacement_of(s, user) || ((int)user == s->in->live && s->stranger))
				continue;
			for (j = 0; j < module->n_uses; j++) {
				const struct candidate *provider =
					replacement_of(s, module->uses[j]);

				if (!provider)
					continue;
				if (replace_too(s, user, "calls into", provider, err))
					return -1;
				again = true;
				break;
			}
		}
	}
	return 0;
}

/* A part is exchanged by exchanging the driver. */
static int add_driver_of_part(struct selection *s, struct error *err)
{
	size_t i;

	if (s->in->live < 0 || s->stranger || replacement_of(s, s->in->live))
		return 0;
	for (i = 0; i < s->n; i++) {
		if (s->items[i].wanted && is_part(s, &s->items[i]))
			return replace_too(s, s->in->live, "is exchanged with", &s->items[i], err);
	}
	return 0;
}

static bool is_loaded(const struct selection *s, const char *base)
{
	size_t i;

	for (i = 0; i < s->in->n_loaded; i++) {
		if (!strcmp(s->in->loaded[i].base, base))
			return true;
	}
	return false;
}

/* The library is loaded as it is installed: its file tells the checksums that the kernel has. */
static int check_checksums(const struct plan_file *user, const struct plan_file *library,
			   struct error *err)
{
	const struct image *image = &library->image;
	size_t i;

	for (i = 0; i < image->n_exports; i++) {
		const struct image_symbol *export = &image->exports[i];
		const struct image_symbol *import = image_find_import(&user->image, export->name);

		if (!import || !import->has_crc || !export->has_crc || import->crc == export->crc)
			continue;
		return error_set(err, EXIT_USAGE,
				 "%s: symbol %s has checksum %08x, the loaded '%s' has %08x: its type differs; name the file of '%s' that it was built with too",
				 user->path, import->name, import->crc, image->name, export->crc,
				 image->name);
	}
	return 0;
}

/*
 * A library that was replaced may lay out the structures that it shares with its users in another
 * way than the installed one, and nothing in an image tells which one it was built with: checksums
 * of symbols do not see what is behind netdev_priv().  So the user has to say it.
 */
static int check_library(const struct selection *s, const struct plan_loaded *library,
			 const struct plan_file *user, struct error *err)
{
	const char *name = user->image.name;
	struct plan_file *installed;
	int ret = s->in->find(s->in->context, library->base, &installed, err);

	if (ret)
		return ret < 0 ? -1 : 0;
	if (plan_is_same(library, &installed->image))
		return check_checksums(user, installed, err);
	return error_set(err, EXIT_USAGE,
			 "'%s' calls into '%s', and the loaded '%s' is not the installed one (%s); name the file of '%s' that '%s' was built with too",
			 name, library->base, library->name, installed->path, library->base, name);
}

static int add_dependency(struct selection *s, const char *name, const struct plan_file *user,
			  struct error *err)
{
	struct plan_file *file;
	struct candidate *c;
	char base[PLAN_NAME_LEN];
	char *p;
	int ret, live;

	copy_text(base, sizeof(base), name);
	for (p = base; *p; p++) {
		if (*p == '-')
			*p = '_';
	}
	if (find_candidate(s, base))
		return 0;
	live = live_by_base(s, base);
	if (live >= 0)
		return check_library(s, &s->in->loaded[live], user, err);
	if (is_loaded(s, base))
		return 0;
	ret = s->in->find(s->in->context, base, &file, err);
	if (ret)
		return ret < 0 ? -1 : 0;
	c = add_candidate(s, file, err);
	if (!c)
		return -1;
	c->wanted = true;
	snprintf(c->reason, sizeof(c->reason), "is needed by %.55s", user->image.name);
	return 0;
}

/*
 * What a new image needs and nobody loaded yet.  A dependency without a file may be part of the
 * kernel; if it is really missing, its symbols will be.
 */
static int add_dependencies(struct selection *s, struct error *err)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		_cleanup_free_ char *depends = NULL;
		char *save, *name;
		const char *value;

		if (!s->items[i].wanted)
			continue;
		value = image_modinfo(&s->items[i].file->image, "depends", NULL);
		depends = strdup(value ? value : "");
		if (!depends)
			return error_memory(err);
		for (name = strtok_r(depends, ",", &save); name;
		     name = strtok_r(NULL, ",", &save)) {
			if (add_dependency(s, name, s->items[i].file, err))
				return -1;
		}
	}
	return 0;
}

static int add_entry(struct selection *s, const struct candidate *c, struct error *err)
{
	struct plan_entry *entry = array_add(&s->plan->entries, &s->plan->n, sizeof(*entry));

	if (!entry)
		return error_memory(err);
	entry->file = c->file;
	entry->replaces = c->replaces;
	copy_text(entry->base, sizeof(entry->base), c->file->image.name);
	copy_text(entry->reason, sizeof(entry->reason), c->reason);
	if (s->stranger)
		entry->driver = c->file == s->stranger->file;
	else
		entry->driver = c->replaces >= 0 && c->replaces == s->in->live;
	return 0;
}

/* Providers before users. */
static int put_in_order(struct selection *s, struct error *err)
{
	size_t left = 0, i, j;

	for (i = 0; i < s->n; i++)
		left += s->items[i].wanted;
	while (left) {
		bool moved = false;

		for (i = 0; i < s->n; i++) {
			struct candidate *c = &s->items[i];

			if (!c->wanted)
				continue;
			for (j = 0; j < s->n; j++) {
				if (j != i && s->items[j].wanted && calls_into(c, &s->items[j]))
					break;
			}
			if (j < s->n)
				continue;
			if (add_entry(s, c, err))
				return -1;
			c->wanted = false;
			moved = true;
			left--;
		}
		if (!moved)
			return error_set(err, EXIT_USAGE,
					 "the modules use each other in a circle and cannot be loaded; give modules that were built together");
	}
	return 0;
}

int plan_select(const struct plan_input *in, struct plan *plan, struct error *err)
{
	struct selection s = { .in = in, .plan = plan };
	const struct plan_file *stranger = NULL;
	struct candidate *c;
	int ret = -1;

	memset(plan, 0, sizeof(*plan));
	if (find_live_set(in, plan, err) || collect(&s, err) || find_stranger(&s, err))
		goto out;
	if (s.stranger)
		stranger = s.stranger->file;
	find_changes(&s);
	if (close_over_users(&s, err) || add_driver_of_part(&s, err) || refuse_buses(&s, err) ||
	    add_dependencies(&s, err))
		goto out;
	/* The array may have moved while it grew. */
	c = stranger ? find_candidate(&s, stranger->image.name) : NULL;
	s.stranger = c;
	if (put_in_order(&s, err))
		goto out;
	if (plan->n && !plan_driver(plan)) {
		error_set(err, EXIT_USAGE,
			  "none of the files is the driver or used by it; give the driver's module");
		goto out;
	}
	ret = 0;
out:
	free(s.items);
	if (ret)
		plan_free(plan);
	return ret;
}

int plan_spare(const struct plan_input *in, struct plan_file *file, struct plan *plan,
	       bool *renames, struct error *err)
{
	struct plan_entry *entry;
	size_t i;

	memset(plan, 0, sizeof(*plan));
	if (find_live_set(in, plan, err))
		return -1;
	entry = array_add(&plan->entries, &plan->n, sizeof(*entry));
	if (!entry)
		return error_memory(err);
	entry->file = file;
	entry->replaces = in->live;
	entry->driver = true;
	copy_text(entry->base, sizeof(entry->base), file->image.name);
	snprintf(entry->reason, sizeof(entry->reason), "is the running one, for the way back");
	*renames = false;
	for (i = 0; i < plan->n_live_set; i++) {
		const struct plan_loaded *module = &in->loaded[plan->live_set[i]];

		*renames |= (int)plan->live_set[i] != in->live &&
			    strcmp(module->name, module->base);
	}
	return *renames ? 0 : plan_name(in, plan, err);
}

const struct plan_entry *plan_driver(const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->n; i++) {
		if (plan->entries[i].driver)
			return &plan->entries[i];
	}
	return NULL;
}

void plan_free(struct plan *plan)
{
	size_t i, j;

	for (i = 0; i < plan->n; i++) {
		for (j = 0; j < plan->entries[i].n_renames; j++) {
			free((char *)plan->entries[i].renames[j].from);
			free((char *)plan->entries[i].renames[j].to);
		}
		free(plan->entries[i].renames);
	}
	free(plan->entries);
	free(plan->live_set);
	memset(plan, 0, sizeof(*plan));
}
