/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which images of an update are to be loaded, in which order, under which names.
 *
 * Pure logic: what is loaded comes in as a table, files that are needed but were not given come
 * through a callback.  plan_select() decides what is loaded, plan_link() under which names, so
 * that the copies find each other and not the modules they replace.
 */
#ifndef SEGUE_TOOL_PLAN_H
#define SEGUE_TOOL_PLAN_H

#include "image.h"
#include "symbols.h"

#define PLAN_NAME_LEN 64

/**
 * struct plan_loaded - a loaded module
 * @name: its name
 * @base: its name without the number that Segue gave a copy
 * @build_id: hexadecimal, or empty
 * @srcversion: or empty
 * @uses: numbers of the loaded modules that it uses
 * @n_uses: how many
 */
struct plan_loaded {
	char name[PLAN_NAME_LEN];
	char base[PLAN_NAME_LEN];
	char build_id[2 * IMAGE_BUILD_ID_LEN + 1];
	char srcversion[PLAN_NAME_LEN];
	size_t *uses;
	size_t n_uses;
};

/**
 * struct plan_file - an image and where it came from
 * @path: its file
 * @bytes: what was read from it
 * @image: the same, as it is going to be loaded
 * @given: whether the user named it
 * @next: in the list of its owner
 */
struct plan_file {
	struct plan_file *next;
	char *path;
	struct buf bytes;
	struct image image;
	bool given;
};

/**
 * struct plan_entry - an image to load
 * @file: the image
 * @replaces: number of the loaded module it stands in for, or -1
 * @driver: whether it is the driver itself
 * @base: name of its module before any change
 * @load_name: name under which it is loaded
 * @prefix: put before the names it exports, or empty
 * @reason: why it is loaded
 * @renames: symbols it has to look up under another name
 * @n_renames: how many
 */
struct plan_entry {
	struct plan_file *file;
	int replaces;
	bool driver;
	char base[PLAN_NAME_LEN];
	char load_name[PLAN_NAME_LEN];
	char prefix[16];
	char reason[PLAN_NAME_LEN + 64];
	struct image_rename *renames;
	size_t n_renames;
};

/**
 * struct plan_input - what a plan is made from
 * @loaded: all loaded modules
 * @n_loaded: how many
 * @live: number of the module in charge, or -1 if it is part of the kernel
 * @parts: numbers of the modules whose drivers serve what that module's driver makes on another
 *	bus, and that are exchanged with it
 * @n_parts: how many
 * @files: images the user named
 * @n_files: how many
 * @force: load given images even if the same ones are loaded
 * @find: gives the file that modprobe would load for a module; 0 found, 1 there is none, -1 error
 * @context: for @find
 */
struct plan_input {
	const struct plan_loaded *loaded;
	size_t n_loaded;
	int live;
	const size_t *parts;
	size_t n_parts;
	struct plan_file **files;
	size_t n_files;
	bool force;
	int (*find)(void *context, const char *base, struct plan_file **file, struct error *err);
	void *context;
};

/**
 * struct plan - the result
 * @entries: what to load, in this order; none: nothing differs
 * @n: how many
 * @live_set: numbers of the loaded modules that serve the driver
 * @n_live_set: how many
 */
struct plan {
	struct plan_entry *entries;
	size_t n;
	size_t *live_set;
	size_t n_live_set;
};

/* The name without the number that Segue gave a copy: "drv__2" is "drv". */
void plan_base_name(const char *name, char base[PLAN_NAME_LEN]);

/* Whether the loaded module came from this image, as far as their marks tell. */
bool plan_is_same(const struct plan_loaded *loaded, const struct image *image);

int plan_select(const struct plan_input *in, struct plan *plan, struct error *err);

/*
 * A plan of the module in charge, which exports nothing, once more.  @renames: it calls into
 * copies, so it has to be linked; else it has its name and finds what it needs by itself.
 */
int plan_spare(const struct plan_input *in, struct plan_file *file, struct plan *plan,
	       bool *renames, struct error *err);
int plan_name(const struct plan_input *in, struct plan *plan, struct error *err);
int plan_link(const struct plan_input *in, struct plan *plan, struct symbols *symbols,
	      struct error *err);
const struct plan_entry *plan_driver(const struct plan *plan);
void plan_free(struct plan *plan);

#endif /* SEGUE_TOOL_PLAN_H */
