// SPDX-License-Identifier: GPL-2.0
/* The command line. */
#include "args.h"
#include "unit.h"

static const struct command update = {
	.name = "update",
	.options = OPTION_DEVICE | OPTION_CARRIER_MS | OPTION_VERIFY_MS | OPTION_KEY | OPTION_CERT |
		   OPTION_PARAM |
		   OPTION_ALLOW_INCOMPATIBLE | OPTIONS_COMMON,
	.operands = "DRIVER [FILE...]",
	.min_operands = 1,
	.max_operands = 3,
};

static const struct command status = { .name = "status", .options = OPTIONS_COMMON, .operands = "" };

static struct error err;
static struct args args;

/* Arguments end with NULL. */
static int parse(const struct command *command, const char *const *words)
{
	static char copies[16][64];
	static char *argv[17];
	int argc = 1;

	argv[0] = (char *)command->name;
	for (; *words; words++, argc++) {
		snprintf(copies[argc], sizeof(copies[argc]), "%s", *words);
		argv[argc] = copies[argc];
	}
	argv[argc] = NULL;
	err.text[0] = '\0';
	return args_parse(command, argc, argv, &args, &err);
}

#define PARSE(command, ...)	parse(&(command), (const char *const[]){ __VA_ARGS__ __VA_OPT__(,) NULL })

static void refused(int ret, const char *words)
{
	CHECK(ret);
	CHECK(err.exit_code == EXIT_USAGE);
	CHECK_HAS(err.text, words);
}

int main(void)
{
	CHECK(!PARSE(update, "drv"));
	CHECK_TEXT(args.driver, "drv");
	CHECK(!args.n_files && args.carrier_ms == -1 && args.verify_ms == -1 && !args.given);
	CHECK(!PARSE(update, "--device", "d", "drv", "a.ko", "--json", "b.ko", "--verify-ms=0",
		     "--carrier-ms", "600000"));
	CHECK(args.n_files == 2);
	CHECK_TEXT(args.files[1], "b.ko");
	CHECK_TEXT(args.device, "d");
	CHECK(args.verify_ms == 0 && args.carrier_ms == 600000);
	CHECK(args_given(&args, OPTION_JSON) && !args_given(&args, OPTION_HELP));
	CHECK(!PARSE(update, "drv", "--param", "a=1", "--param", "lib.b=2 c"));
	CHECK(args.n_params == 2);
	CHECK_TEXT(args.params[1], "lib.b=2 c");
	CHECK(!PARSE(update, "--help"));
	CHECK(!PARSE(update, "--", "--drv"));
	CHECK_TEXT(args.driver, "--drv");
	CHECK(!PARSE(status));
	CHECK(!args.driver);
	refused(PARSE(update), "DRIVER is missing");
	refused(PARSE(update, "a", "b", "c", "d"), "'d' is one operand too many");
	refused(PARSE(status, "a"), "'a' is one operand too many");
	refused(PARSE(update, "a", "--verify-ms", "x"), "--verify-ms x");
	refused(PARSE(update, "a", "--verify-ms", "-1"), "--verify-ms -1");
	refused(PARSE(update, "a", "--verify-ms", "600001"), "600000");
	refused(PARSE(update, "a", "--verify-ms", "99999999999999999999"), "600000");
	refused(PARSE(update, "a", "--verify-ms", ""), "number");
	refused(PARSE(update, "a", "--device"), "--device needs a value");
	refused(PARSE(update, "a", "--nonsense"), "no option '--nonsense'");
	refused(PARSE(status, "--device", "x"), "no option '--device'");
	refused(PARSE(update, "a", "--key", "k"), "--cert");
	return unit_end();
}
