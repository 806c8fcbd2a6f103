/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything about an update that can be done before anything is touched: find the driver, read
 * the files, check them, decide what is loaded, and change the images accordingly.
 *
 * After prepare_update() nothing is read from a disk any more: the disk that holds the update may
 * be behind the driver that is updated.
 */
#ifndef SEGUE_TOOL_PREPARE_H
#define SEGUE_TOOL_PREPARE_H

#include "args.h"
#include "error.h"
#include "params.h"
#include "plan.h"
#include "sysfs.h"

/**
 * struct prepared - an update that is ready to go
 * @driver: the driver as it runs
 * @name: what the user called it, without bus; the kernel side knows it by this name too
 * @device: the one device that is meant, or empty: all
 * @modules: loaded modules
 * @files: images that were read
 * @plan: what is loaded; nothing if nothing differs
 * @params: of each entry of the plan, its parameters
 * @spare: the module in charge once more, or nothing
 * @spare_params: its parameters
 * @no_spare: why there is none although drivers of the class want one, or NULL
 * @vermagic: of the running kernel, or empty if no installed module tells
 */
struct prepared {
	struct sysfs_driver driver;
	char name[SYSFS_NAME_LEN];
	char device[SYSFS_NAME_LEN];
	struct sysfs_modules modules;
	struct plan_file *files;
	struct plan plan;
	struct params *params;
	struct plan spare;
	struct params spare_params;
	const char *no_spare;
	char vermagic[256];
};

/*
 * Finds the driver a user names; also one whose live generation has another name, which only the
 * kernel side knows.
 */
int prepare_find_driver(const char *name, struct sysfs_driver *driver,
			char known_as[SYSFS_NAME_LEN], struct error *err);

/* Turns --device, a device or an interface or disk of it, into the name of a device. */
int prepare_find_device(const struct args *args, const struct sysfs_driver *driver,
			char device[SYSFS_NAME_LEN], struct error *err);

/* Says of the spare copy what there is to say. */
void prepare_print_spare(const struct prepared *update);

/* Whether the swap would reach a device that the generation in charge of the driver has not got. */
bool prepare_has_devices_behind(const struct prepared *update);
int prepare_update(const struct args *args, struct prepared *update, struct error *err);

/* Of a swap that loads nothing but a spare copy of the module in charge. */
int prepare_rollback(const struct args *args, struct prepared *update, struct error *err);
void prepare_free(struct prepared *update);

/* An error unless the process may load modules. */
int prepare_need_root(struct error *err);

#endif /* SEGUE_TOOL_PREPARE_H */
