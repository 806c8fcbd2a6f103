// SPDX-License-Identifier: GPL-2.0
/* Parameters as text, see params.h. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "params.h"
#include "util.h"

static char *skip_blanks(char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

/* The end of the first word: blanks between quotes are part of it. */
static char *word_end(char *word, bool quoted)
{
	for (; *word && (quoted || !isspace((unsigned char)*word)); word++) {
		if (*word == '"')
			quoted = !quoted;
	}
	return word;
}

static void cut_quote(char *end)
{
	if (end[-1] == '"')
		end[-1] = '\0';
}

/* One that begins the word, or the value, goes, and then one at the end of it, too. */
char *params_next(char *text, char **name, char **value)
{
	bool quoted;
	char *end, *next;

	text = skip_blanks(text);
	quoted = *text == '"';
	if (quoted)
		text++;
	end = word_end(text, quoted);
	next = skip_blanks(end);
	*end = '\0';
	*name = text;
	*value = *text ? strchr(text + 1, '=') : NULL;
	if (*value) {
		*(*value)++ = '\0';
		if (**value == '"') {
			(*value)++;
			cut_quote(end);
		}
	}
	if (quoted && end > text)
		cut_quote(end);
	return next;
}

bool params_same_name(const char *one, const char *two)
{
	for (; *one && *two; one++, two++) {
		if (*one != *two && !(strchr("-_", *one) && strchr("-_", *two)))
			return false;
	}
	return *one == *two;
}

/* With quotes or without; NULL if neither is read again as what it was. */
static char *write_one(const char *name, const char *value)
{
	static const char *const quotes[] = { "", "\"" };
	char *text, *copy, *next, *again, *got;
	size_t i;

	if (!value)
		return strdup(name);
	for (i = 0; i < ARRAY_SIZE(quotes); i++) {
		bool same;

		if (asprintf(&text, "%s=%s%s%s", name, quotes[i], value, quotes[i]) < 0)
			return NULL;
		if (asprintf(&copy, "%s next", text) < 0) {
			free(text);
			return NULL;
		}
		next = params_next(copy, &again, &got);
		same = !strcmp(again, name) && got && !strcmp(got, value) && !strcmp(next, "next");
		free(copy);
		if (same)
			return text;
		free(text);
	}
	return NULL;
}

bool params_can_write(const char *name, const char *value)
{
	_cleanup_free_ char *text = write_one(name, value);

	return text;
}

struct param *params_find(const struct params *params, const char *name)
{
	size_t i;

	for (i = 0; i < params->n; i++) {
		if (params_same_name(params->items[i].name, name))
			return &params->items[i];
	}
	return NULL;
}

struct param *params_add(struct params *params, const char *name, const char *value,
			 enum param_source source)
{
	struct param *param = array_add(&params->items, &params->n, sizeof(*param));

	if (!param)
		return NULL;
	param->source = source;
	param->name = strdup(name);
	param->value = value ? strdup(value) : NULL;
	return param->name && (param->value || !value) ? param : NULL;
}

char *params_text(const struct params *params)
{
	char *text = strdup("");
	size_t i;

	for (i = 0; text && i < params->n; i++) {
		const struct param *param = &params->items[i];
		_cleanup_free_ char *before = text;
		_cleanup_free_ char *one = NULL;

		if (param->unused) {
			before = NULL;
			continue;
		}
		one = write_one(param->name, param->value);
		if (!one || asprintf(&text, "%s%s%s", before, *before ? " " : "", one) < 0)
			text = NULL;
	}
	return text;
}

void params_free(struct params *params)
{
	size_t i;

	for (i = 0; i < params->n; i++) {
		free(params->items[i].name);
		free(params->items[i].value);
	}
	free(params->items);
	params->items = NULL;
	params->n = 0;
}
