// SPDX-License-Identifier: GPL-2.0
/* What modprobe knows, see kmodule.h. */
#include <errno.h>
#include <libkmod.h>
#include <limits.h>
#include <string.h>
#include <sys/utsname.h>

#include "image.h"
#include "kmodule.h"
#include "load.h"
#include "sysfs.h"
#include "util.h"

/*
 * The core first; then one module per class of devices, loaded when a device has one of the class.
 * What is covered by functions of a module is there only when that module is: it is not loaded for
 * Segue's sake.
 */
static const struct {
	const char *name;
	unsigned int classes;
	const char *needs;
} segue_modules[] = {
	{ "segue", ~0u, NULL },
	{ "segue_net", SYSFS_CLASS_NET, NULL },
	{ "segue_block", SYSFS_CLASS_BLOCK, NULL },
	{ "segue_sound", SYSFS_CLASS_SOUND, "snd_pcm" },
};

static struct kmod_ctx *kmod;

static struct kmod_ctx *context(void)
{
	if (!kmod) {
		kmod = kmod_new(NULL, NULL);
		if (kmod)
			kmod_set_log_priority(kmod, -1);
	}
	return kmod;
}

void kmodule_free(void)
{
	if (kmod)
		kmod_unref(kmod);
	kmod = NULL;
}

static struct kmod_module *look_up(const char *name)
{
	struct kmod_module *module;

	if (!context() || kmod_module_new_from_name(kmod, name, &module) < 0)
		return NULL;
	return module;
}

int kmodule_find_file(const char *name, char **path)
{
	struct kmod_module *module = look_up(name);
	const char *found = module ? kmod_module_get_path(module) : NULL;

	*path = found ? strdup(found) : NULL;
	if (module)
		kmod_module_unref(module);
	return *path ? 0 : 1;
}

char *kmodule_options(const char *name)
{
	struct kmod_module *module = look_up(name);
	const char *options = module ? kmod_module_get_options(module) : NULL;
	char *copy = options ? strdup(options) : NULL;

	if (module)
		kmod_module_unref(module);
	return copy;
}

int kmodule_walk_installed(int (*each)(const char *path, void *arg), void *arg)
{
	_cleanup_free_ char *line = NULL;
	char name[PATH_MAX], path[PATH_MAX];
	struct utsname uts;
	size_t size = 0;
	int ret = 0;

	uname(&uts);
	snprintf(name, sizeof(name), "/lib/modules/%s/modules.dep", uts.release);
	_cleanup_fclose_ FILE *file = fopen(name, "re");

	while (!ret && file && getline(&line, &size, file) > 0) {
		line[strcspn(line, ":\n")] = '\0';
		if (*line == '/')
			copy_text(path, sizeof(path), line);
		else if (snprintf(path, sizeof(path), "/lib/modules/%s/%s", uts.release, line) >=
			 (int)sizeof(path))
			continue;
		ret = each(path, arg);
	}
	return ret;
}

static bool is_loaded(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return !access(path, F_OK);
}

static int load_from_directory(const char *directory, const char *name, struct error *err)
{
	static const char *const endings[] = { "ko", "ko.xz", "ko.zst", "ko.gz" };
	char path[PATH_MAX];
	struct buf bytes;
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(endings); i++) {
		snprintf(path, sizeof(path), "%s/%s.%s", directory, name, endings[i]);
		if (access(path, F_OK))
			continue;
		if (load_read_file(path, &bytes, err))
			return -1;
		ret = load_module(bytes.data, bytes.len, name, "", NULL, err);
		buf_free(&bytes);
		return ret;
	}
	return error_set(err, EXIT_USAGE,
			 "there is no %s.ko in %s (SEGUE_MODULE_DIR); build it, or unset the variable",
			 name, directory);
}

static int load_installed(const char *name, struct error *err)
{
	struct kmod_module *module;
	struct utsname uts;
	char *path;
	int ret;

	uname(&uts);
	if (kmodule_find_file(name, &path))
		return error_set(err, EXIT_USAGE,
				 "Segue's kernel module '%s' is not installed for kernel %s; install it (make install, or DKMS), or set SEGUE_MODULE_DIR to where it was built",
				 name, uts.release);
	free(path);
	module = look_up(name);
	if (!module)
		return error_memory(err);
	ret = kmod_module_probe_insert_module(module, 0, NULL, NULL, NULL, NULL);
	kmod_module_unref(module);
	if (!ret)
		return 0;
	error_set(err, EXIT_USAGE,
		  "Segue's kernel module '%s' cannot be loaded: %s; see the kernel log", name,
		  strerror(abs(ret)));
	errno = abs(ret);
	return -1;
}

static int load_one(const char *name, struct error *err)
{
	const char *directory = getenv("SEGUE_MODULE_DIR");

	if (is_loaded(name))
		return 0;
	if (directory && *directory)
		return load_from_directory(directory, name, err);
	return load_installed(name, err);
}

/* A driver without anything that Segue covers gets all: the kernel side then says what it found. */
int kmodule_load_segue(const struct sysfs_driver *driver, struct error *err)
{
	unsigned int classes = 0;
	size_t i;

	for (i = 0; i < driver->n_devices; i++)
		classes |= driver->devices[i].classes;
	if (!classes)
		classes = ~0u;
	for (i = 0; i < ARRAY_SIZE(segue_modules); i++) {
		if (!(segue_modules[i].classes & classes) ||
		    (segue_modules[i].needs && !is_loaded(segue_modules[i].needs)))
			continue;
		errno = 0;
		/* It is refused while a swap runs: what is asked for next names that one. */
		if (load_one(segue_modules[i].name, err) && errno != EBUSY)
			return -1;
	}
	return 0;
}
