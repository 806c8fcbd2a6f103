// SPDX-License-Identifier: GPL-2.0
/* Parameters of modules as text. */
#include "params.h"
#include "unit.h"

/* The first word of a text, and what follows it. */
static void test_word(const char *text, const char *name, const char *value, const char *rest)
{
	char copy[64], *got_name, *got_value, *next;

	snprintf(copy, sizeof(copy), "%s", text);
	next = params_next(copy, &got_name, &got_value);
	CHECK_TEXT(got_name, name);
	CHECK(!got_value == !value);
	if (value && got_value)
		CHECK_TEXT(got_value, value);
	CHECK_TEXT(next, rest);
}

/* What lib/cmdline.c of the kernel makes of the same words. */
static void test_read(void)
{
	test_word("index=1,2 id=a", "index", "1,2", "id=a");
	test_word("  debug  x", "debug", NULL, "x");
	test_word("id=", "id", "", "");
	test_word("id=\"\" x", "id", "", "x");
	test_word("id=\"two words\" x", "id", "two words", "x");
	test_word("\"id=two words\" x", "id", "two words", "x");
	test_word("id=two\" wo\"rds x", "id", "two\" wo\"rds", "x");
	test_word("id=a=b x", "id", "a=b", "x");
	test_word("id=\"open x", "id", "open x", "");
	test_word("id=\"", "id", "", "");
	test_word("=x y", "=x", NULL, "y");
	test_word("", "", NULL, "");
	test_word("\"", "", NULL, "");
}

static void test_write(void)
{
	struct params params = { 0 };
	char *text;

	CHECK(params_add(&params, "index", "1,-1", PARAM_RUNNING));
	CHECK(params_add(&params, "id", "two words", PARAM_RUNNING));
	CHECK(params_add(&params, "left", "out", PARAM_RUNNING));
	params_find(&params, "left")->unused = "";
	CHECK(params_add(&params, "empty", "", PARAM_RUNNING));
	CHECK(params_add(&params, "debug", NULL, PARAM_USER));
	CHECK(params_add(&params, "lines", "a\nb", PARAM_RUNNING));
	text = params_text(&params);
	CHECK_TEXT(text, "index=1,-1 id=\"two words\" empty= debug lines=\"a\nb\"");
	free(text);
	CHECK(params_find(&params, "empty"));
	CHECK(!params_find(&params, "empt") && !params_find(&params, "emptyy"));
	params_free(&params);
	text = params_text(&params);
	CHECK_TEXT(text, "");
	free(text);
}

/* A value with a quote in it is handed on only if it arrives as it was. */
static void test_quotes(void)
{
	CHECK(params_can_write("id", "\"quoted\""));
	CHECK(params_can_write("id", "in\"si\"de"));
	CHECK(!params_can_write("id", "one\"quote"));
	CHECK(!params_can_write("id", "\"two words\" here"));
	CHECK(!params_can_write("id", "\""));
	CHECK(params_can_write("id", " blanks "));
}

int main(void)
{
	test_read();
	test_write();
	test_quotes();
	CHECK(params_same_name("use-it_all", "use_it-all"));
	CHECK(!params_same_name("use", "use_it") && !params_same_name("a", "b"));
	return unit_end();
}
