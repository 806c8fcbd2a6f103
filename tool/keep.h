/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the modules were loaded from that Segue has loaded: the image and the parameters.
 *
 * It is kept in memory (below /run) as long as the module is loaded, because nobody else can tell:
 * the kernel forgets the image, does not show every parameter, and the file may change.  It serves
 * to load the same once more.  Whatever cannot be kept is just not there later.
 */
#ifndef SEGUE_TOOL_KEEP_H
#define SEGUE_TOOL_KEEP_H

#include "util.h"

/**
 * struct kept - what is known of a loaded module
 * @params: the text of parameters that it was loaded with
 * @image: the image, before any change
 */
struct kept {
	char *params;
	struct buf image;
};

void keep_module(const char *name, const char *params, const struct buf *image);

/* Drops what was kept of modules that have gone. */
void keep_tidy(void);

/* 0, or 1 if nothing was kept of the module that has this name now. */
int keep_find(const char *name, struct kept *kept);
void keep_free(struct kept *kept);

#endif /* SEGUE_TOOL_KEEP_H */
