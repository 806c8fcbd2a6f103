/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What modprobe knows: files and options of installed modules; and the loading of Segue's own
 * ones.
 */
#ifndef SEGUE_TOOL_KMODULE_H
#define SEGUE_TOOL_KMODULE_H

#include "error.h"

/* The file that modprobe would load for @name; 0 found, 1 there is none. The caller frees @path.
 */
int kmodule_find_file(const char *name, char **path);

/* The options that modprobe would load it with, NULL if none; the caller frees them. */
char *kmodule_options(const char *name);

struct sysfs_driver;

/* Loads those of Segue's modules that the driver's devices need and that are not loaded. */
int kmodule_load_segue(const struct sysfs_driver *driver, struct error *err);

/* Calls @each with the path of installed modules until it returns other than 0. */
int kmodule_walk_installed(int (*each)(const char *path, void *arg), void *arg);

void kmodule_free(void);

#endif /* SEGUE_TOOL_KMODULE_H */
