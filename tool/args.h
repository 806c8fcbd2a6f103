/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The command line: a table of options, and what each subcommand takes of it.
 *
 * Pure: nothing is printed but through args_usage(), nothing outside is looked at.
 */
#ifndef SEGUE_TOOL_ARGS_H
#define SEGUE_TOOL_ARGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "error.h"

/* How often --param may be given. */
#define ARGS_PARAMS_MAX 16

/**
 * enum option_bit - the options, as bits of what a subcommand takes
 * @OPTION_DEVICE: --device DEV
 * @OPTION_ALLOW_INCOMPATIBLE: --allow-incompatible
 * @OPTION_CARRIER_MS: --carrier-ms N
 * @OPTION_VERIFY_MS: --verify-ms N
 * @OPTION_PARAM: --param "[MODULE.]K=V ..."
 * @OPTION_KEY: --key KEY
 * @OPTION_CERT: --cert CERT
 * @OPTION_COMMIT: --commit
 * @OPTION_FORCE: --force
 * @OPTION_GENERATION: --generation N
 * @OPTION_JSON: --json
 * @OPTION_HELP: --help
 */
enum option_bit {
	OPTION_DEVICE = 1 << 0,
	OPTION_ALLOW_INCOMPATIBLE = 1 << 1,
	OPTION_CARRIER_MS = 1 << 2,
	OPTION_VERIFY_MS = 1 << 3,
	OPTION_PARAM = 1 << 4,
	OPTION_KEY = 1 << 5,
	OPTION_CERT = 1 << 6,
	OPTION_COMMIT = 1 << 7,
	OPTION_FORCE = 1 << 8,
	OPTION_GENERATION = 1 << 9,
	OPTION_JSON = 1 << 10,
	OPTION_HELP = 1 << 11,
};

#define OPTIONS_COMMON (OPTION_JSON | OPTION_HELP)

/**
 * struct args - a parsed command line
 * @driver: first operand, or NULL
 * @files: further operands
 * @n_files: how many
 * @device: --device, or NULL
 * @params: --param, as often as it was given
 * @n_params: how often
 * @key: --key, or NULL
 * @cert: --cert, or NULL
 * @carrier_ms: --carrier-ms, or -1
 * @verify_ms: --verify-ms, or -1
 * @generation: --generation, or 0
 * @given: options that were given
 */
struct args {
	const char *driver;
	char *const *files;
	size_t n_files;
	const char *device;
	const char *params[ARGS_PARAMS_MAX];
	size_t n_params;
	const char *key;
	const char *cert;
	long carrier_ms;
	long verify_ms;
	uint32_t generation;
	unsigned int given;
};

/**
 * struct command - a subcommand
 * @name: its name
 * @run: does it; returns an exit code, and sets the error if that is not 0
 * @options: bits of &enum option_bit that it takes
 * @operands: for the usage: "DRIVER [FILE...]"
 * @min_operands: least number of operands
 * @max_operands: greatest number of operands
 * @description: what it does, one line
 */
struct command {
	const char *name;
	int (*run)(const struct args *args, struct error *err);
	unsigned int options;
	const char *operands;
	int min_operands;
	int max_operands;
	const char *description;
};

/* Parses what follows the subcommand; operands may stand between options. */
int args_parse(const struct command *command, int argc, char **argv, struct args *args,
	       struct error *err);
void args_usage(const struct command *command, FILE *out);

static inline bool args_given(const struct args *args, enum option_bit option)
{
	return args->given & option;
}

#endif /* SEGUE_TOOL_ARGS_H */
