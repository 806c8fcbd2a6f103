// SPDX-License-Identifier: GPL-2.0
/* segue update: everything that can fail is done before the running driver is touched. */
#include <string.h>
#include <sys/mman.h>

#include "change.h"
#include "commands.h"
#include "inherit.h"
#include "insert.h"
#include "keep.h"
#include "kmodule.h"
#include "load.h"
#include "prepare.h"
#include "spare.h"

static void print_plan(const struct prepared *update)
{
	const struct sysfs_driver *driver = &update->driver;
	size_t i;

	printf("driver %s on %s, %zu device%s, module %s\n", driver->name, driver->bus,
	       driver->n_devices, driver->n_devices == 1 ? "" : "s",
	       *driver->module ? driver->module : "(part of the kernel)");
	if (!update->plan.n)
		printf("  nothing is loaded, the live generation takes the devices it has not got\n");
	for (i = 0; i < update->plan.n; i++) {
		const struct plan_entry *entry = &update->plan.entries[i];

		printf("  %s %s, loaded as %s (%s)\n", entry->file->path, entry->reason,
		       entry->load_name,
		       *entry->file->image.build_id ? entry->file->image.build_id :
						      "no build-id");
		inherit_print(&update->params[i]);
	}
	prepare_print_spare(update);
}

static struct json_object *update_json(const struct prepared *update)
{
	struct json_object *json = json_object_new_object();
	struct json_object *modules = json_object_new_array();
	size_t i;

	for (i = 0; i < update->plan.n; i++) {
		const struct plan_entry *entry = &update->plan.entries[i];
		struct json_object *module = json_object_new_object();

		json_object_object_add(module, "module", json_object_new_string(entry->base));
		json_object_object_add(module, "loaded_as",
				       json_object_new_string(entry->load_name));
		json_object_object_add(module, "file", json_object_new_string(entry->file->path));
		json_object_object_add(module, "reason", json_object_new_string(entry->reason));
		json_object_object_add(module, "build_id",
				       json_object_new_string(entry->file->image.build_id));
		json_object_object_add(module, "parameters", inherit_json(&update->params[i]));
		json_object_array_add(modules, module);
	}
	json_object_object_add(json, "driver", json_object_new_string(update->name));
	json_object_object_add(json, "bus", json_object_new_string(update->driver.bus));
	json_object_object_add(json, "modules", modules);
	if (update->spare.n)
		json_object_object_add(json, "spare",
				       json_object_new_string(update->spare.entries[0].load_name));
	return json;
}

static int nothing_differs(const struct args *args, const struct prepared *update)
{
	struct json_object *json;

	if (!args_given(args, OPTION_JSON)) {
		printf("driver %s: nothing differs; %s what is running\n", update->driver.name,
		       args->n_files ? "the files are" : "the installed modules are");
		return EXIT_DONE;
	}
	json = update_json(update);
	json_object_object_add(json, "result", json_object_new_string("unchanged"));
	json_object_object_add(json, "exit_code", json_object_new_int(EXIT_DONE));
	report_print_json(json, true);
	return EXIT_DONE;
}

/* Providers were loaded first, so they go last. A module that stays is still in use: say so. */
static void unload(const struct prepared *update, size_t n)
{
	struct error err;

	while (n--) {
		const char *name = update->plan.entries[n].load_name;

		if (load_remove(name, &err))
			fprintf(stderr,
				"segue: module '%s' stays loaded beside the live one; 'segue commit %s' drops it\n",
				name, update->name);
	}
	keep_tidy();
}

static int load_all(const struct prepared *update, size_t *n, struct error *err)
{
	for (*n = 0; *n < update->plan.n; (*n)++) {
		if (session_check_signals(err) ||
		    insert_entry(&update->plan.entries[*n], &update->params[*n], err))
			return -1;
	}
	return 0;
}

/* The generation that the driver's new module has registered, or the live one if none is loaded. */
static int find_generation(struct session *session, const struct prepared *update,
			   uint32_t *number, struct error *err)
{
	const struct plan_entry *entry = plan_driver(&update->plan);
	const char *module = entry ? entry->load_name : update->driver.module;
	struct generations generations = { .bus = update->driver.bus };
	size_t i;

	if (change_read_generations(session, &generations, err))
		return -1;
	*number = 0;
	for (i = 0; i < generations.n; i++) {
		if (!strcmp(generations.items[i].module, module))
			*number = generations.items[i].number;
	}
	free(generations.items);
	if (*number)
		return 0;
	if (!entry)
		return error_set(err, EXIT_REFUSED,
				 "the live generation of driver '%s' is not known to the kernel side; see 'segue status'",
				 update->driver.name);
	return error_set(err, EXIT_USAGE,
			 "%s: registers no driver on bus %s when it is loaded; give a module for driver '%s'",
			 entry->file->path, update->driver.bus, update->driver.name);
}

static void fill_request(const struct args *args, const struct prepared *update,
			 struct request *request)
{
	request->driver = update->name;
	request->bus = update->driver.bus;
	request->device = *update->device ? update->device : NULL;
	request->carrier_ms = args->carrier_ms;
	request->verify_ms = args->verify_ms;
	if (args_given(args, OPTION_ALLOW_INCOMPATIBLE))
		request->flags |= SEGUE_FLAG_ALLOW_INCOMPATIBLE;
}

static bool is_old_live(const struct report *report)
{
	return report->ended && (report->result == SEGUE_RESULT_REFUSED ||
				 report->result == SEGUE_RESULT_ROLLED_BACK);
}

/* Loads, swaps, and unloads again if the old generation is live in the end. */
static int swap(const struct args *args, struct prepared *update, struct session *session,
		struct report *report, struct error *err)
{
	struct request request = REQUEST_INIT;
	struct spare spare = { 0 };
	size_t loaded;
	int ret;

	fill_request(args, update, &request);
	ret = load_all(update, &loaded, err) ||
	      find_generation(session, update, &request.generation, err);
	if (!ret) {
		spare_load(session, update, &spare);
		request.spare = spare.number;
		ret = session_swap(session, &request, report, err);
	}
	/* A swap that was started and is not followed any more needs its modules. */
	if (ret && report->swap)
		return -1;
	if (ret || is_old_live(report))
		unload(update, loaded);
	spare_settle(session, update, &spare);
	return ret ? -1 : 0;
}

static int run(const struct args *args, struct prepared *update, struct error *err)
{
	bool is_json = args_given(args, OPTION_JSON);
	struct report report = { 0 };
	struct session session;
	int ret;

	change_init_report(args, &report);
	if (!is_json)
		print_plan(update);
	fflush(stdout);
	if (kmodule_load_segue(&update->driver, err) ||
	    session_open(&session, update->name, update->driver.bus, SEGUE_SESSION_UPDATE, err))
		return err->exit_code;
	ret = swap(args, update, &session, &report, err);
	session_close(&session);
	if (ret)
		ret = err->exit_code;
	else
		ret = change_finish(args, update->name, &report,
				    is_json ? update_json(update) : NULL, err);
	report_free(&report);
	return ret;
}

int change_update(const struct args *args, struct error *err)
{
	struct prepared update;
	bool swaps;
	int ret;

	if (prepare_need_root(err))
		return err->exit_code;
	session_catch_signals();
	if (prepare_update(args, &update, err))
		return err->exit_code;
	/* The disk that this program is on may be behind the driver. */
	mlockall(MCL_CURRENT | MCL_FUTURE);
	swaps = update.plan.n || prepare_has_devices_behind(&update);
	if (swaps)
		ret = run(args, &update, err);
	else
		ret = nothing_differs(args, &update);
	if (ret == EXIT_DONE && swaps && args_given(args, OPTION_COMMIT))
		ret = change_commit(args, err);
	prepare_free(&update);
	return ret;
}
