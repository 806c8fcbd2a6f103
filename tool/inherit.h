/* SPDX-License-Identifier: GPL-2.0 */
/*
 * With which parameters a module is loaded that takes the place of a running one.
 *
 * For each parameter the first that there is: what the user gave, what the running module has in
 * /sys, and for those that cannot be read there what Segue loaded it with or, if somebody else
 * loaded it, what modprobe would give.
 */
#ifndef SEGUE_TOOL_INHERIT_H
#define SEGUE_TOOL_INHERIT_H

#include <json-c/json.h>

#include "args.h"
#include "params.h"

struct image;

/**
 * struct inherit_input - what the parameters of a module are made from
 * @image: the module
 * @base: its name, before it is loaded under another one
 * @running: the loaded module whose place it takes, or NULL
 * @args: what the user gave; NULL: nothing
 * @is_driver: what the user gave without the name of a module is for this one
 */
struct inherit_input {
	const struct image *image;
	const char *base;
	const char *running;
	const struct args *args;
	bool is_driver;
};

int inherit_params(const struct inherit_input *in, struct params *params, struct error *err);

/* An error if the user gave a parameter to a module that is none of those of the names. */
int inherit_check_names(const struct args *args, const char *const *bases, size_t n,
			struct error *err);

/* What is handed on, and what is not; for people and for programs. */
void inherit_print(const struct params *params);
struct json_object *inherit_json(const struct params *params);

/* Parameters of the module that no file shows and that nobody gave; NULL if there is no memory. */
char *inherit_hidden(const struct image *image, const struct params *params);

#endif /* SEGUE_TOOL_INHERIT_H */
