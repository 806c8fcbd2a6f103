// SPDX-License-Identifier: GPL-2.0
/* The command line, see args.h. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "util.h"

#define MS_MAX 600000L

static const struct {
	const char *name;
	enum option_bit option;
	const char *value;
	const char *description;
} options[] = {
	{ "device", OPTION_DEVICE, "DEV",
	  "only this device of the driver, as under /sys/bus/*/devices" },
	{ "allow-incompatible", OPTION_ALLOW_INCOMPATIBLE, NULL,
	  "go on although the new driver offers less" },
	{ "carrier-ms", OPTION_CARRIER_MS, "N", "how long to wait for the link to come back" },
	{ "verify-ms", OPTION_VERIFY_MS, "N",
	  "within how long traffic must flow; 0: do not ask for traffic" },
	{ "param", OPTION_PARAM, "\"K=V ...\"",
	  "parameters in place of the running ones; MODULE.K=V: of another module" },
	{ "key", OPTION_KEY, "KEY", "private key to sign the new modules with" },
	{ "cert", OPTION_CERT, "CERT", "certificate of that key" },
	{ "commit", OPTION_COMMIT, NULL,
	  "drop the old generation when the update has succeeded" },
	{ "force", OPTION_FORCE, NULL, "load the given files even if the same ones are running" },
	{ "generation", OPTION_GENERATION, "N", "the generation to go back to" },
	{ "json", OPTION_JSON, NULL, "results as JSON" },
	{ "help", OPTION_HELP, NULL, "this text" },
};

static int parse_number(const char *option, const char *text, long max, long *number,
			struct error *err)
{
	char *end;

	errno = 0;
	*number = strtol(text, &end, 10);
	if (errno || end == text || *end || *number < 0 || *number > max)
		return error_set(err, EXIT_USAGE, "--%s %s: a number from 0 to %ld is needed",
				 option, text, max);
	return 0;
}

static int set_option(struct args *args, enum option_bit option, const char *name,
		      const char *value, struct error *err)
{
	long number;

	args->given |= option;
	switch (option) {
	case OPTION_DEVICE:
		args->device = value;
		return 0;
	case OPTION_PARAM:
		if (args->n_params == ARGS_PARAMS_MAX)
			return error_set(err, EXIT_USAGE,
					 "--%s: is given more than %d times; give several parameters at once",
					 name, ARGS_PARAMS_MAX);
		args->params[args->n_params++] = value;
		return 0;
	case OPTION_KEY:
		args->key = value;
		return 0;
	case OPTION_CERT:
		args->cert = value;
		return 0;
	case OPTION_CARRIER_MS:
		return parse_number(name, value, MS_MAX, &args->carrier_ms, err);
	case OPTION_VERIFY_MS:
		return parse_number(name, value, MS_MAX, &args->verify_ms, err);
	case OPTION_GENERATION:
		if (parse_number(name, value, INT32_MAX, &number, err))
			return -1;
		args->generation = number;
		return number ? 0 :
				error_set(err, EXIT_USAGE,
					  "--generation 0: generations count from 1");
	default:
		return 0;
	}
}

static void make_long_options(unsigned int taken, struct option *table)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		if (!(taken & options[i].option))
			continue;
		*table++ = (struct option){
			.name = options[i].name,
			.has_arg = options[i].value ? required_argument : no_argument,
			.val = i,
		};
	}
	*table = (struct option){ 0 };
}

static int take_operands(const struct command *command, int argc, char **argv, struct args *args,
			 struct error *err)
{
	if (args_given(args, OPTION_HELP))
		return 0;
	if (argc < command->min_operands)
		return error_set(err, EXIT_USAGE, "%s: %s is missing; see 'segue %s --help'",
				 command->name, argc ? "FILE" : "DRIVER", command->name);
	if (argc > command->max_operands)
		return error_set(err, EXIT_USAGE,
				 "%s: '%s' is one operand too many; see 'segue %s --help'",
				 command->name, argv[command->max_operands], command->name);
	if (!args->key != !args->cert)
		return error_set(err, EXIT_USAGE,
				 "--key and --cert are needed together; give both");
	args->driver = argc ? argv[0] : NULL;
	args->files = argv + (argc ? 1 : 0);
	args->n_files = argc ? argc - 1 : 0;
	return 0;
}

int args_parse(const struct command *command, int argc, char **argv, struct args *args,
	       struct error *err)
{
	struct option table[ARRAY_SIZE(options) + 1];
	int i;

	memset(args, 0, sizeof(*args));
	args->carrier_ms = -1;
	args->verify_ms = -1;
	make_long_options(command->options, table);
	optind = 0;
	opterr = 0;
	while ((i = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		if (i == ':')
			return error_set(err, EXIT_USAGE,
					 "%s: %s needs a value; see 'segue %s --help'",
					 command->name, argv[optind - 1], command->name);
		if (i == '?')
			return error_set(err, EXIT_USAGE,
					 "%s: there is no option '%s'; see 'segue %s --help'",
					 command->name, argv[optind - 1], command->name);
		if (set_option(args, options[i].option, options[i].name, optarg, err))
			return -1;
	}
	return take_operands(command, argc - optind, argv + optind, args, err);
}

void args_usage(const struct command *command, FILE *out)
{
	size_t i;

	fprintf(out, "Usage: segue %s%s%s [OPTION...]\n%s.\n\n", command->name,
		*command->operands ? " " : "", command->operands, command->description);
	for (i = 0; i < ARRAY_SIZE(options); i++) {
		char name[64];

		if (!(command->options & options[i].option))
			continue;
		snprintf(name, sizeof(name), "--%s %s", options[i].name,
			 options[i].value ? options[i].value : "");
		fprintf(out, "  %-24s %s\n", name, options[i].description);
	}
}
