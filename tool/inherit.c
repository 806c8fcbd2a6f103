// SPDX-License-Identifier: GPL-2.0
/* Which parameters a new module gets, see inherit.h. */
#include <dirent.h>
#include <limits.h>
#include <string.h>

#include "inherit.h"
#include "keep.h"
#include "kmodule.h"
#include "plan.h"

/* A file in /sys has one page. */
#define VALUE_LEN 4096
#define SHOWN_LEN 60

static const char no_such[] = "the new module has no such parameter";

/* What the kernel takes for every module. */
static bool is_for_all(const char *name)
{
	return params_same_name(name, "dyndbg") || params_same_name(name, "async_probe");
}

static bool has_param(const struct image *image, const char *name)
{
	const char *param;
	unsigned int mode;
	size_t i;

	for (i = 0; (param = image_param(image, i, &mode)); i++) {
		if (params_same_name(param, name))
			return true;
	}
	return is_for_all(name);
}

/* Splits MODULE.NAME; without a module it is the driver's. */
static const char *split_module(char *name, const char **module)
{
	char *dot = strchr(name, '.');

	*module = dot ? name : NULL;
	if (!dot)
		return name;
	*dot = '\0';
	return dot + 1;
}

static int take_given_one(const struct inherit_input *in, char *word, const char *value,
			  struct params *params, struct error *err)
{
	const char *module, *name = split_module(word, &module);

	if (module ? !params_same_name(module, in->base) : !in->is_driver)
		return 0;
	if (!has_param(in->image, name))
		return error_set(err, EXIT_USAGE,
				 "--param %s: module '%s' has no such parameter; 'modinfo -p' lists those of a file",
				 name, in->base);
	if (value && !params_can_write(name, value))
		return error_set(err, EXIT_USAGE,
				 "--param %s: the kernel cannot be told a value with these quotes; leave them out",
				 name);
	return params_add(params, name, value, PARAM_USER) ? 0 : error_memory(err);
}

static int take_given(const struct inherit_input *in, struct params *params, struct error *err)
{
	char *word, *value, *next;
	size_t i;

	for (i = 0; in->args && i < in->args->n_params; i++) {
		_cleanup_free_ char *text = strdup(in->args->params[i]);

		if (!text)
			return error_memory(err);
		for (next = text; *next;) {
			next = params_next(next, &word, &value);
			if (*word && take_given_one(in, word, value, params, err))
				return -1;
		}
	}
	return 0;
}

/*
 * A text of parameters that counts less than what is there already.  Within it a name may occur
 * more than once; the kernel then takes one after the other.
 */
static int take_text(const struct image *image, const char *text, enum param_source source,
		     struct params *params, struct error *err)
{
	const struct params before = *params;
	_cleanup_free_ char *copy = strdup(text ? text : "");
	char *name, *value, *next;

	if (!copy)
		return error_memory(err);
	for (next = copy; *next;) {
		struct params known = { params->items, before.n };
		struct param *param;

		next = params_next(next, &name, &value);
		if (!*name || params_find(&known, name))
			continue;
		param = params_add(params, name, value, source);
		if (!param)
			return error_memory(err);
		if (!has_param(image, name))
			param->unused = no_such;
		else if (value && !params_can_write(name, value))
			param->unused = "its quotes cannot be written again";
	}
	return 0;
}

static int take_configured(const struct inherit_input *in, struct params *params,
			   struct error *err)
{
	_cleanup_free_ char *options = kmodule_options(in->base);

	return take_text(in->image, options, PARAM_CONFIGURED, params, err);
}

/* Elements of an array of strings that were never set; those at its end need not be given. */
static const char *cut_unset(char *value)
{
	static const char unset[] = "(null)";
	static const size_t unset_len = sizeof(unset) - 1;
	size_t len;

	for (;;) {
		len = strlen(value);
		if (len < unset_len || strcmp(value + len - unset_len, unset))
			break;
		if (len == unset_len)
			return "";
		if (value[len - unset_len - 1] != ',')
			break;
		value[len - unset_len - 1] = '\0';
	}
	return strstr(value, unset) ? "an element that was never set cannot be given" : NULL;
}

/* Why the value of the running module is none that can be given; it may be changed for it. */
static const char *why_unused(const struct image *image, const char *name, char *value)
{
	const char *type = image_param_type(image, name);
	const char *reason;

	if (!has_param(image, name))
		return no_such;
	if (!type)
		type = "";
	if (!strcmp(type, "charp") && !strcmp(value, "(null)"))
		return "";
	if (!strcmp(type, "array of charp")) {
		reason = cut_unset(value);
		if (reason)
			return reason;
	}
	/* Only a text can be empty; of an array it means that no element was given. */
	if (!*value && strcmp(type, "charp") && strcmp(type, "string"))
		return "";
	/* A third value of a switch is how drivers see that nobody has set it. */
	if (!strcmp(type, "bint") && strcmp(value, "0") && strcmp(value, "1"))
		return "";
	return params_can_write(name, value) ? NULL : "its quotes cannot be given to the kernel";
}

/* False: the file is not there to be read. */
static bool read_value(const char *module, const char *name, char value[VALUE_LEN + 1])
{
	char path[PATH_MAX];
	size_t len;

	if (snprintf(path, sizeof(path), "/sys/module/%s/parameters/%s", module, name) >=
	    (int)sizeof(path))
		return false;
	_cleanup_fclose_ FILE *file = fopen(path, "re");

	if (!file)
		return false;
	len = fread(value, 1, VALUE_LEN, file);
	if (ferror(file))
		return false;
	if (len && value[len - 1] == '\n')
		len--;
	value[len] = '\0';
	return true;
}

static int take_running_one(const struct inherit_input *in, const char *name,
			    struct params *params, struct error *err)
{
	char value[VALUE_LEN + 1];
	struct param *param;
	const char *unused;

	if (*name == '.' || params_find(params, name) || !read_value(in->running, name, value))
		return 0;
	unused = why_unused(in->image, name, value);
	param = params_add(params, name, value, PARAM_RUNNING);
	if (!param)
		return error_memory(err);
	param->unused = unused;
	return 0;
}

static int take_running(const struct inherit_input *in, struct params *params, struct error *err)
{
	struct dirent **names = NULL;
	char path[PATH_MAX];
	int n, i, ret = 0;

	snprintf(path, sizeof(path), "/sys/module/%s/parameters", in->running);
	/* A module without parameters has no such folder. */
	n = scandir(path, &names, NULL, alphasort);
	for (i = 0; i < n; i++) {
		if (!ret)
			ret = take_running_one(in, names[i]->d_name, params, err);
		free(names[i]);
	}
	free(names);
	return ret;
}

static int take_kept(const struct inherit_input *in, struct params *params, struct error *err)
{
	struct kept kept;
	int ret;

	if (keep_find(in->running, &kept))
		return 0;
	ret = take_text(in->image, kept.params, PARAM_KEPT, params, err);
	keep_free(&kept);
	return ret;
}

/* What was configured for a driver of another name was meant for that one, and nobody else. */
static bool is_another(const struct inherit_input *in)
{
	char base[PLAN_NAME_LEN];

	plan_base_name(in->running, base);
	return strcmp(base, in->base);
}

int inherit_params(const struct inherit_input *in, struct params *params, struct error *err)
{
	memset(params, 0, sizeof(*params));
	if (take_given(in, params, err) ||
	    (in->running && is_another(in) && take_configured(in, params, err)) ||
	    (in->running && (take_running(in, params, err) || take_kept(in, params, err))) ||
	    take_configured(in, params, err)) {
		params_free(params);
		return -1;
	}
	return 0;
}

static int check_name(char *word, const char *const *bases, size_t n, struct error *err)
{
	const char *module;
	size_t i;

	split_module(word, &module);
	for (i = 0; module && i < n; i++) {
		if (params_same_name(module, bases[i]))
			return 0;
	}
	if (!module)
		return 0;
	return error_set(err, EXIT_USAGE,
			 "--param: the update loads no module '%s'; leave it out, or name its file",
			 module);
}

int inherit_check_names(const struct args *args, const char *const *bases, size_t n,
			struct error *err)
{
	char *word, *value, *next;
	size_t i;

	for (i = 0; i < args->n_params; i++) {
		_cleanup_free_ char *text = strdup(args->params[i]);

		if (!text)
			return error_memory(err);
		for (next = text; *next;) {
			next = params_next(next, &word, &value);
			if (check_name(word, bases, n, err))
				return -1;
		}
	}
	return 0;
}

static const char *source_name(enum param_source source)
{
	static const char *const names[] = {
		[PARAM_USER] = "given",
		[PARAM_RUNNING] = "running",
		[PARAM_KEPT] = "loaded",
		[PARAM_CONFIGURED] = "configured",
	};

	return names[source];
}

static void print_value(const struct param *param)
{
	printf("%s", param->name);
	if (param->value)
		printf("=%.*s%s", SHOWN_LEN, param->value,
		       strlen(param->value) > SHOWN_LEN ? "..." : "");
}

static void print_source(const struct params *params, enum param_source source, const char *text)
{
	bool any = false;
	size_t i;

	for (i = 0; i < params->n; i++) {
		const struct param *param = &params->items[i];

		if (param->source != source || param->unused)
			continue;
		printf("%s", any ? " " : text);
		print_value(param);
		any = true;
	}
	if (any)
		printf("\n");
}

void inherit_print(const struct params *params)
{
	size_t i;

	print_source(params, PARAM_USER, "    parameters, as given: ");
	print_source(params, PARAM_RUNNING, "    parameters, as running: ");
	print_source(params, PARAM_KEPT, "    parameters, as the running one was loaded with: ");
	print_source(params, PARAM_CONFIGURED, "    parameters, as modprobe would give: ");
	for (i = 0; i < params->n; i++) {
		const struct param *param = &params->items[i];

		if (!param->unused || !*param->unused)
			continue;
		printf("    parameter left out: ");
		print_value(param);
		printf(" (%s): %s\n", source_name(param->source), param->unused);
	}
}

struct json_object *inherit_json(const struct params *params)
{
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < params->n; i++) {
		const struct param *param = &params->items[i];
		struct json_object *json;

		if (param->unused && !*param->unused)
			continue;
		json = json_object_new_object();
		json_object_object_add(json, "name", json_object_new_string(param->name));
		if (param->value)
			json_object_object_add(json, "value",
					       json_object_new_string(param->value));
		json_object_object_add(json, "from",
				       json_object_new_string(source_name(param->source)));
		if (param->unused)
			json_object_object_add(json, "left_out",
					       json_object_new_string(param->unused));
		json_object_array_add(list, json);
	}
	return list;
}

char *inherit_hidden(const struct image *image, const struct params *params)
{
	char *text = strdup("");
	unsigned int mode;
	const char *name;
	size_t i;

	for (i = 0; text && (name = image_param(image, i, &mode)); i++) {
		_cleanup_free_ char *before = text;

		if (mode & 0444 || params_find(params, name)) {
			before = NULL;
			continue;
		}
		if (asprintf(&text, "%s%s%s", before, *before ? ", " : "", name) < 0)
			text = NULL;
	}
	return text;
}
