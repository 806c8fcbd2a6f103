// SPDX-License-Identifier: GPL-2.0
/* segue rollback and segue commit, and what they share with segue update. */
#include <errno.h>
#include <string.h>

#include "change.h"
#include "commands.h"
#include "history.h"
#include "keep.h"
#include "kmodule.h"
#include "load.h"
#include "prepare.h"
#include "spare.h"

static int take_generation(const struct message *message, void *arg, struct error *err)
{
	struct generations *generations = arg;
	struct generation *generation;

	if (strcmp(message_text(message, SEGUE_A_BUS), generations->bus))
		return 0;
	generation = array_add(&generations->items, &generations->n, sizeof(*generation));
	if (!generation)
		return error_memory(err);
	generation->number = message_number(message, SEGUE_A_GENERATION);
	generation->devices = message_number(message, SEGUE_A_DEVICES);
	generation->is_live = message_number(message, SEGUE_A_ROLE) == SEGUE_ROLE_LIVE;
	copy_text(generation->driver, sizeof(generation->driver),
		  message_text(message, SEGUE_A_DRIVER));
	copy_text(generation->module, sizeof(generation->module),
		  message_text(message, SEGUE_A_MODULE));
	return 0;
}

int change_read_generations(struct session *session, struct generations *generations,
			    struct error *err)
{
	return netlink_request(&session->commands, SEGUE_CMD_GENERATION_GET, NULL, true,
			       take_generation, generations, err);
}

void change_init_report(const struct args *args, struct report *report)
{
	report->quiet = args_given(args, OPTION_JSON);
	report->is_terminal = isatty(STDOUT_FILENO);
}

int change_finish(const struct args *args, const char *driver, const struct report *report,
		  struct json_object *json, struct error *err)
{
	int ret = report_exit_code(report);
	char reason[900];

	history_add(driver, report);
	if (ret) {
		report_reason(report, reason, sizeof(reason));
		error_set(err, ret, "%s", reason);
	}
	if (!args_given(args, OPTION_JSON)) {
		report_summary(report);
		return ret;
	}
	json_object_object_add(json, "result", json_object_new_string(ret ? "failed" : "done"));
	json_object_object_add(json, "exit_code", json_object_new_int(ret));
	if (ret)
		json_object_object_add(json, "error", json_object_new_string(err->text));
	json_object_object_add(json, "swap", report_json(report));
	report_print_json(json, true);
	err->reported = true;
	return ret;
}

/*
 * A generation may have registered under another name than the first one, and the user may mean
 * either: what counts is which driver the live generation's module belongs to.
 */
static const char *logical_name(const struct generations *generations,
				const struct sysfs_driver *driver, const char *name)
{
	size_t i;

	for (i = 0; i < generations->n; i++) {
		const struct generation *generation = &generations->items[i];

		if (generation->is_live && !strcmp(generation->module, driver->module))
			return generation->driver;
	}
	return name;
}

/*
 * Back means: to the newest generation that was live before the one that is live now.  Numbers
 * grow with each load, so that is the greatest one below it.
 */
static int choose_generation(const struct args *args, const struct generations *generations,
			     const char *driver, uint32_t *number, struct error *err)
{
	uint32_t live = 0, best = 0, newest = 0;
	bool exists = false;
	size_t i;

	for (i = 0; i < generations->n; i++) {
		if (generations->items[i].is_live &&
		    !strcmp(generations->items[i].driver, driver))
			live = generations->items[i].number;
	}
	for (i = 0; i < generations->n; i++) {
		uint32_t n = generations->items[i].number;

		if (strcmp(generations->items[i].driver, driver))
			continue;
		if (n > best && n < live)
			best = n;
		if (n > newest && n != live)
			newest = n;
		exists |= n == args->generation;
	}
	*number = args->generation ? args->generation : best;
	if (args->generation && !exists)
		return error_set(err, EXIT_USAGE,
				 "driver '%s' has no generation %u in memory; see 'segue status'",
				 driver, args->generation);
	if (args->generation && args->generation == live)
		return error_set(err, EXIT_USAGE,
				 "generation %u of driver '%s' is live already; see 'segue status'",
				 live, driver);
	if (*number)
		return 0;
	if (newest)
		return error_set(err, EXIT_USAGE,
				 "no generation of driver '%s' before the live one is in memory, only a later one; go there with --generation %u",
				 driver, newest);
	return error_set(err, EXIT_USAGE,
			 "no other generation of driver '%s' is in memory; load one with 'segue update'",
			 driver);
}

static int rollback(const struct args *args, struct session *session, struct prepared *update,
		    struct report *report, struct error *err)
{
	const struct sysfs_driver *driver = &update->driver;
	struct generations generations = { .bus = driver->bus };
	struct request request = REQUEST_INIT;
	struct spare spare;
	int ret;

	if (change_read_generations(session, &generations, err))
		return -1;
	ret = choose_generation(args, &generations,
				logical_name(&generations, driver, update->name),
				&request.generation, err);
	free(generations.items);
	if (ret)
		return -1;
	request.driver = update->name;
	request.bus = driver->bus;
	request.device = *update->device ? update->device : NULL;
	request.carrier_ms = args->carrier_ms;
	request.verify_ms = args->verify_ms;
	/* Who goes back wants what was there before, even if it offers less; it is reported. */
	request.flags |= SEGUE_FLAG_ALLOW_INCOMPATIBLE;
	if (!report->quiet)
		prepare_print_spare(update);
	spare_load(session, update, &spare);
	request.spare = spare.number;
	ret = session_swap(session, &request, report, err);
	/* A swap that was started and is not followed any more needs its modules. */
	if (!ret || !report->swap)
		spare_settle(session, update, &spare);
	return ret;
}

int change_rollback(const struct args *args, struct error *err)
{
	struct report report = { 0 };
	struct prepared update;
	struct session session;
	struct json_object *json;
	int ret;

	if (prepare_need_root(err) || prepare_rollback(args, &update, err))
		return err->exit_code;
	session_catch_signals();
	change_init_report(args, &report);
	if (kmodule_load_segue(&update.driver, err) ||
	    session_open(&session, update.name, update.driver.bus, SEGUE_SESSION_UPDATE, err)) {
		prepare_free(&update);
		return err->exit_code;
	}
	ret = rollback(args, &session, &update, &report, err);
	session_close(&session);
	if (ret) {
		ret = err->exit_code;
	} else {
		json = args_given(args, OPTION_JSON) ? json_object_new_object() : NULL;
		if (json)
			json_object_object_add(json, "driver", json_object_new_string(update.name));
		ret = change_finish(args, update.name, &report, json, err);
	}
	report_free(&report);
	prepare_free(&update);
	return ret;
}

/* Modules that a commit unloads. */
struct removal {
	char (*names)[SEGUE_NAME_LEN];
	size_t n;
	struct error *err;
};

static int add_name(const char *name, void *arg)
{
	struct removal *removal = arg;
	char(*slot)[SEGUE_NAME_LEN];

	slot = array_add(&removal->names, &removal->n, sizeof(*slot));
	if (!slot)
		return error_memory(removal->err);
	copy_text(*slot, sizeof(*slot), name);
	return 0;
}

static bool is_named(const struct removal *removal, const char *name)
{
	size_t i;

	for (i = 0; i < removal->n; i++) {
		if (!strcmp(removal->names[i], name))
			return true;
	}
	return false;
}

/* A module may serve several generations. */
static int add_new_name(const char *name, void *arg)
{
	return is_named(arg, name) ? 0 : add_name(name, arg);
}

static int take_modules(const struct message *message, void *arg, struct error *err)
{
	(void)err;
	return message_texts(message, SEGUE_A_MODULE, add_new_name, arg);
}

static bool has_twin(const struct sysfs_modules *modules, const struct plan_loaded *module)
{
	size_t i;

	for (i = 0; i < modules->n; i++) {
		if (&modules->items[i] != module && !strcmp(modules->items[i].base, module->base))
			return true;
	}
	return false;
}

/*
 * Libraries of the modules that go, of which another copy is loaded: they served only the
 * generation that is dropped.  The list grows while it is walked, so their own libraries follow.
 */
static int add_libraries(const struct sysfs_modules *modules, struct removal *removal,
			 struct error *err)
{
	size_t i, j;

	for (i = 0; i < removal->n; i++) {
		int number = sysfs_module_number(modules, removal->names[i]);

		for (j = 0; number >= 0 && j < modules->items[number].n_uses; j++) {
			const struct plan_loaded *used =
				&modules->items[modules->items[number].uses[j]];

			if (!has_twin(modules, used) || is_named(removal, used->name))
				continue;
			if (add_name(used->name, removal))
				return error_memory(err);
		}
	}
	return 0;
}

static bool uses(const struct sysfs_modules *modules, const char *user, const char *library)
{
	int number = sysfs_module_number(modules, user);
	size_t i;

	for (i = 0; number >= 0 && i < modules->items[number].n_uses; i++) {
		if (!strcmp(modules->items[modules->items[number].uses[i]].name, library))
			return true;
	}
	return false;
}

/* Of the names from @first on, one that no other of them calls into becomes the first. */
static void choose_next(const struct sysfs_modules *modules, struct removal *removal, size_t first)
{
	char name[SEGUE_NAME_LEN];
	size_t i, j;

	for (i = first; i < removal->n; i++) {
		for (j = first; j < removal->n; j++) {
			if (uses(modules, removal->names[j], removal->names[i]))
				break;
		}
		if (j == removal->n)
			break;
	}
	if (i == removal->n)
		return;
	memcpy(name, removal->names[i], sizeof(name));
	memmove(removal->names[first + 1], removal->names[first], (i - first) * sizeof(name));
	memcpy(removal->names[first], name, sizeof(name));
}

static bool is_in_use(const char *module)
{
	char path[256], line[32];

	snprintf(path, sizeof(path), "/sys/module/%s/refcnt", module);
	sysfs_read_line(path, line, sizeof(line));
	return strcmp(line, "0");
}

/* Removes what the kernel side has given up, and then the libraries that nobody uses any more. */
static int remove_modules(struct removal *removal, struct error *err)
{
	struct sysfs_modules modules;
	size_t given_up = removal->n, removed = 0, i;
	int ret = -1;

	if (sysfs_read_modules(&modules, err))
		return -1;
	for (i = 0; i < removal->n; i++)
		choose_next(&modules, removal, i);
	if (add_libraries(&modules, removal, err))
		goto out;
	for (i = 0; i < removal->n; i++) {
		if (i >= given_up && is_in_use(removal->names[i]))
			continue;
		if (load_remove(removal->names[i], err))
			goto out;
		memmove(removal->names[removed++], removal->names[i], SEGUE_NAME_LEN);
	}
	removal->n = removed;
	ret = 0;
out:
	sysfs_free_modules(&modules);
	return ret;
}

static void print_removal(const struct args *args, const char *driver,
			  const struct removal *removal)
{
	struct json_object *json, *modules;
	size_t i;

	if (!args_given(args, OPTION_JSON)) {
		if (!removal->n)
			printf("driver %s: no generation is kept beside the live one\n", driver);
		for (i = 0; i < removal->n; i++)
			printf("driver %s: module %s unloaded\n", driver, removal->names[i]);
		return;
	}
	/* With update --commit there is one result already. */
	if (args_given(args, OPTION_COMMIT))
		return;
	json = json_object_new_object();
	modules = json_object_new_array();
	for (i = 0; i < removal->n; i++)
		json_object_array_add(modules, json_object_new_string(removal->names[i]));
	json_object_object_add(json, "driver", json_object_new_string(driver));
	json_object_object_add(json, "result", json_object_new_string("done"));
	json_object_object_add(json, "exit_code", json_object_new_int(EXIT_DONE));
	json_object_object_add(json, "unloaded", modules);
	report_print_json(json, true);
}

int change_commit(const struct args *args, struct error *err)
{
	struct request request = REQUEST_INIT;
	struct removal removal = { .err = err };
	struct sysfs_driver driver;
	struct session session;
	char name[SYSFS_NAME_LEN];
	int ret = EXIT_DONE;

	if (prepare_need_root(err) || prepare_find_driver(args->driver, &driver, name, err))
		return err->exit_code;
	session_catch_signals();
	if (session_open(&session, name, driver.bus, SEGUE_SESSION_COMMIT, err)) {
		sysfs_free_driver(&driver);
		return err->exit_code;
	}
	request.driver = name;
	request.bus = driver.bus;
	if (netlink_request(&session.commands, SEGUE_CMD_COMMIT, &request, false, take_modules,
			    &removal, err) ||
	    remove_modules(&removal, err))
		ret = err->exit_code;
	else
		print_removal(args, name, &removal);
	session_close(&session);
	keep_tidy();
	free(removal.names);
	sysfs_free_driver(&driver);
	return ret;
}
