// SPDX-License-Identifier: GPL-2.0
/* The segue command: the table of subcommands. */
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "commands.h"
#include "kmodule.h"
#include "names.h"
#include "report.h"
#include "sysfs.h"
#include "version.h"

static int version(const struct args *args, struct error *err);
static int help(const struct args *args, struct error *err);

#define OPTIONS_SWAP (OPTION_DEVICE | OPTION_CARRIER_MS | OPTION_VERIFY_MS | OPTIONS_COMMON)
#define OPTIONS_FILES \
	(OPTION_ALLOW_INCOMPATIBLE | OPTION_PARAM | OPTION_KEY | OPTION_CERT | OPTION_FORCE)

static const struct command commands[] = {
	{ "update", change_update, OPTIONS_SWAP | OPTIONS_FILES | OPTION_COMMIT,
	  "DRIVER [FILE.ko...]", 1, INT_MAX,
	  "Replace a running driver, by the given modules or the installed ones" },
	{ "rollback", change_rollback, OPTIONS_SWAP | OPTION_GENERATION, "DRIVER", 1, 1,
	  "Go back to the generation of a driver that is still in memory" },
	{ "commit", change_commit, OPTIONS_COMMON, "DRIVER", 1, 1,
	  "Drop the generations of a driver that are kept for rollback" },
	{ "check", check_run,
	  OPTION_DEVICE | OPTIONS_FILES | OPTIONS_COMMON, "DRIVER [FILE.ko...]", 1, INT_MAX,
	  "Say whether an update would work and what it would meet, touching nothing" },
	{ "status", show_status, OPTIONS_COMMON, "", 0, 0,
	  "Show generations, swapped devices, and drivers that differ from the installed ones" },
	{ "watch", show_watch, OPTIONS_COMMON, "", 0, 0, "Follow swaps as they happen" },
	{ "version", version, OPTIONS_COMMON, "", 0, 0, "Show the version" },
	{ "help", help, OPTIONS_COMMON, "", 0, 0, "Show this text" },
};

static int version(const struct args *args, struct error *err)
{
	char kernel[64];
	struct json_object *json;

	(void)err;
	sysfs_read_line("/sys/module/segue/version", kernel, sizeof(kernel));
	if (!args_given(args, OPTION_JSON)) {
		printf("segue %s%s%s\n", SEGUE_VERSION, *kernel ? ", kernel modules " : "",
		       kernel);
		return EXIT_DONE;
	}
	json = json_object_new_object();
	json_object_object_add(json, "version", json_object_new_string(SEGUE_VERSION));
	if (*kernel)
		json_object_object_add(json, "kernel_version", json_object_new_string(kernel));
	report_print_json(json, true);
	return EXIT_DONE;
}

static void print_usage(FILE *out)
{
	size_t i;

	fprintf(out,
		"Usage: segue COMMAND [ARGUMENT...]\nReplace device drivers on a running kernel.\n\n");
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %-9s %-20s %s\n", commands[i].name, commands[i].operands,
			commands[i].description);
	fprintf(out, "\n'segue COMMAND --help' lists the options of a command. See segue(8).\n");
}

static int help(const struct args *args, struct error *err)
{
	(void)args;
	(void)err;
	print_usage(stdout);
	return EXIT_DONE;
}

static const struct command *find_command(const char *name)
{
	size_t i;

	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		name = "help";
	if (!strcmp(name, "--version"))
		name = "version";
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

static void print_error(const struct args *args, const struct error *err)
{
	struct json_object *json;

	fprintf(stderr, "segue: %s\n", err->text);
	if (!args_given(args, OPTION_JSON) || err->reported)
		return;
	json = json_object_new_object();
	json_object_object_add(json, "result", json_object_new_string("failed"));
	json_object_object_add(json, "exit_code", json_object_new_int(err->exit_code));
	json_object_object_add(json, "error", json_object_new_string(err->text));
	report_print_json(json, true);
}

int main(int argc, char **argv)
{
	const struct command *command;
	struct error err = { 0 };
	struct args args;
	int ret;

	if (argc < 2) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	command = find_command(argv[1]);
	if (!command) {
		fprintf(stderr, "segue: there is no command '%s'; 'segue help' lists them\n",
			argv[1]);
		return EXIT_USAGE;
	}
	if (args_parse(command, argc - 1, argv + 1, &args, &err)) {
		print_error(&args, &err);
		return err.exit_code;
	}
	if (args_given(&args, OPTION_HELP)) {
		args_usage(command, stdout);
		return EXIT_DONE;
	}
	ret = command->run(&args, &err);
	if (ret && *err.text)
		print_error(&args, &err);
	names_free();
	kmodule_free();
	return ret;
}
