/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parameters of a module, as the kernel reads them from the text that it is loaded with.
 *
 * Pure.  The kernel knows quotes around a value with blanks in it, but no way to write a quote:
 * what is written here is read again in the kernel's way, so that no value is handed on as another
 * one.
 */
#ifndef SEGUE_TOOL_PARAMS_H
#define SEGUE_TOOL_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

/**
 * enum param_source - where a value comes from
 * @PARAM_USER: the user gave it
 * @PARAM_RUNNING: the running module has it
 * @PARAM_KEPT: Segue loaded the running module with it
 * @PARAM_CONFIGURED: modprobe's configuration, or the kernel's command line
 */
enum param_source {
	PARAM_USER,
	PARAM_RUNNING,
	PARAM_KEPT,
	PARAM_CONFIGURED,
};

/**
 * struct param - a parameter of a module
 * @name: its name
 * @value: its value, NULL if the name says all
 * @source: where it comes from
 * @unused: why it is not handed on, or NULL; empty if there is nothing to tell of that
 */
struct param {
	char *name;
	char *value;
	enum param_source source;
	const char *unused;
};

struct params {
	struct param *items;
	size_t n;
};

/*
 * Takes the first parameter off @text, which is changed, as the kernel does; returns what follows
 * it.  @value is NULL if there is no '='.
 */
char *params_next(char *text, char **name, char **value);

/* The kernel makes no difference between '-' and '_' in names. */
bool params_same_name(const char *one, const char *two);

/* Whether the kernel can be told this value. */
bool params_can_write(const char *name, const char *value);

/* The parameter of that name, NULL if there is none. */
struct param *params_find(const struct params *params, const char *name);

/* Adds one; NULL if there is no memory. */
struct param *params_add(struct params *params, const char *name, const char *value,
			 enum param_source source);

/* All that are handed on, as a text for the kernel; NULL if there is no memory. */
char *params_text(const struct params *params);
void params_free(struct params *params);

#endif /* SEGUE_TOOL_PARAMS_H */
