// SPDX-License-Identifier: GPL-2.0
/* segue status and segue watch. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "commands.h"
#include "kmodule.h"
#include "load.h"
#include "names.h"
#include "report.h"
#include "session.h"
#include "sysfs.h"

#define ID_SHOWN 12

/* One way to add a row to what is shown, in text or in JSON. */
struct listing {
	bool is_json;
	struct json_object *rows;
	size_t n;
};

static void add_text(struct json_object *json, const char *key, const char *text)
{
	json_object_object_add(json, key, json_object_new_string(text));
}

static void add_number(struct json_object *json, const char *key, int64_t number)
{
	json_object_object_add(json, key, json_object_new_int64(number));
}

static int show_generation(const struct message *message, void *arg, struct error *err)
{
	struct listing *list = arg;
	struct json_object *json;

	(void)err;
	list->n++;
	if (!list->is_json) {
		printf("  %s %s  generation %u  %-7s  module %s  %u device(s)\n",
		       message_text(message, SEGUE_A_BUS), message_text(message, SEGUE_A_DRIVER),
		       (unsigned int)message_number(message, SEGUE_A_GENERATION),
		       names_role(message_number(message, SEGUE_A_ROLE)),
		       message_text(message, SEGUE_A_MODULE),
		       (unsigned int)message_number(message, SEGUE_A_DEVICES));
		return 0;
	}
	json = json_object_new_object();
	add_text(json, "driver", message_text(message, SEGUE_A_DRIVER));
	add_text(json, "bus", message_text(message, SEGUE_A_BUS));
	add_number(json, "generation", message_number(message, SEGUE_A_GENERATION));
	add_text(json, "role", names_role(message_number(message, SEGUE_A_ROLE)));
	add_text(json, "module", message_text(message, SEGUE_A_MODULE));
	add_number(json, "devices", message_number(message, SEGUE_A_DEVICES));
	json_object_array_add(list->rows, json);
	return 0;
}

static int show_device(const struct message *message, void *arg, struct error *err)
{
	struct listing *list = arg;
	struct json_object *json;

	(void)err;
	list->n++;
	if (!list->is_json) {
		printf("  %s %s  %s %s  generation %u  %s\n", message_text(message, SEGUE_A_BUS),
		       message_text(message, SEGUE_A_DEVICE),
		       message_text(message, SEGUE_A_CLASS),
		       message_text(message, SEGUE_A_OBJECT),
		       (unsigned int)message_number(message, SEGUE_A_GENERATION),
		       names_device_state(message_number(message, SEGUE_A_DEVICE_STATE)));
		return 0;
	}
	json = json_object_new_object();
	add_text(json, "device", message_text(message, SEGUE_A_DEVICE));
	add_text(json, "bus", message_text(message, SEGUE_A_BUS));
	add_text(json, "driver", message_text(message, SEGUE_A_DRIVER));
	add_text(json, "object", message_text(message, SEGUE_A_OBJECT));
	add_text(json, "class", message_text(message, SEGUE_A_CLASS));
	add_number(json, "generation", message_number(message, SEGUE_A_GENERATION));
	add_text(json, "state",
		 names_device_state(message_number(message, SEGUE_A_DEVICE_STATE)));
	json_object_array_add(list->rows, json);
	return 0;
}

static int show_swap(const struct message *message, void *arg, struct error *err)
{
	struct listing *list = arg;
	uint64_t result = message_number(message, SEGUE_A_RESULT);
	int error = (int32_t)message_number(message, SEGUE_A_ERRNO);
	struct json_object *json;

	(void)err;
	if (!message_number(message, SEGUE_A_SWAP_ID))
		return 0;
	list->n++;
	if (!list->is_json) {
		printf("  swap %u of driver %s: %s",
		       (unsigned int)message_number(message, SEGUE_A_SWAP_ID),
		       message_text(message, SEGUE_A_DRIVER), names_result(result));
		if (result != SEGUE_RESULT_DONE)
			printf(", step %s", names_step(message_number(message, SEGUE_A_STEP)));
		printf("%s%s\n", error ? ": " : "", error ? strerror(-error) : "");
		return 0;
	}
	json = json_object_new_object();
	add_number(json, "swap", message_number(message, SEGUE_A_SWAP_ID));
	add_text(json, "driver", message_text(message, SEGUE_A_DRIVER));
	add_text(json, "step", names_step(message_number(message, SEGUE_A_STEP)));
	add_text(json, "result", names_result(result));
	add_number(json, "errno", error);
	json_object_array_add(list->rows, json);
	return 0;
}

/* What the kernel side tells, one table after the other. */
static const struct {
	const char *title;
	const char *key;
	const char *none;
	uint8_t command;
	bool is_dump;
	message_fn show;
} tables[] = {
	{ "generations", "generations", "no driver was updated yet", SEGUE_CMD_GENERATION_GET,
	  true, show_generation },
	{ "devices that were swapped", "devices", "none", SEGUE_CMD_DEVICE_GET, true,
	  show_device },
	{ "last swap", "swaps", "none", SEGUE_CMD_STATUS_GET, false, show_swap },
};

static int show_kernel(struct json_object *json, struct error *err)
{
	struct netlink nl;
	size_t i;
	int ret;

	ret = netlink_open(&nl, err);
	if (ret < 0)
		return -1;
	if (json)
		json_object_object_add(json, "loaded", json_object_new_boolean(!ret));
	if (ret && !json)
		printf("Segue's kernel modules are not loaded: no driver was updated\n");
	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		struct listing list = { .is_json = json };

		if (json) {
			list.rows = json_object_new_array();
			json_object_object_add(json, tables[i].key, list.rows);
		}
		if (!nl.socket)
			continue;
		if (!json)
			printf("%s:\n", tables[i].title);
		if (netlink_request(&nl, tables[i].command, NULL, tables[i].is_dump,
				    tables[i].show, &list, err)) {
			netlink_close(&nl);
			return -1;
		}
		if (!list.n && !json)
			printf("  %s\n", tables[i].none);
	}
	netlink_close(&nl);
	return 0;
}

/* The search for running drivers that differ from what is installed. */
struct outdated {
	struct listing list;
	const struct sysfs_modules *modules;
	bool *seen;
};

static void show_outdated(struct outdated *outdated, const struct sysfs_driver *driver,
			  const struct plan_loaded *running, const struct image *installed,
			  const char *path)
{
	struct json_object *json;

	if (!outdated->list.is_json) {
		if (!outdated->list.n++)
			printf("running drivers that differ from the installed module:\n");
		printf("  %s %s  module %s  running %.*s  installed %.*s  %s\n", driver->bus,
		       driver->name, running->name, ID_SHOWN,
		       *running->build_id ? running->build_id : running->srcversion, ID_SHOWN,
		       *installed->build_id ? installed->build_id : "(no build-id)", path);
		return;
	}
	json = json_object_new_object();
	add_text(json, "driver", driver->name);
	add_text(json, "bus", driver->bus);
	add_text(json, "module", running->name);
	add_text(json, "running_build_id", running->build_id);
	add_text(json, "installed_build_id", installed->build_id);
	add_text(json, "file", path);
	json_object_array_add(outdated->list.rows, json);
}

static void compare_installed(struct outdated *outdated, const struct sysfs_driver *driver,
			      const struct plan_loaded *running)
{
	struct error ignored;
	struct image image;
	struct buf bytes;
	char *path;

	if (kmodule_find_file(running->base, &path))
		return;
	if (!load_read_file(path, &bytes, &ignored)) {
		if (!image_open(&image, bytes.data, bytes.len, &ignored)) {
			if (!plan_is_same(running, &image))
				show_outdated(outdated, driver, running, &image, path);
			image_close(&image);
		}
		buf_free(&bytes);
	}
	free(path);
}

static int consider_driver(const char *bus, const char *name, void *arg)
{
	struct outdated *outdated = arg;
	struct sysfs_driver driver;
	struct error ignored;
	int number;

	if (sysfs_read_driver(bus, name, &driver, &ignored))
		return 0;
	number = sysfs_module_number(outdated->modules, driver.module);
	if (number >= 0 && !outdated->seen[number]) {
		outdated->seen[number] = true;
		compare_installed(outdated, &driver, &outdated->modules->items[number]);
	}
	sysfs_free_driver(&driver);
	return 0;
}

static int show_drivers(struct json_object *json, struct error *err)
{
	struct outdated outdated = { .list.is_json = json };
	struct sysfs_modules modules;

	if (sysfs_read_modules(&modules, err))
		return -1;
	outdated.modules = &modules;
	outdated.seen = calloc(modules.n + 1, sizeof(*outdated.seen));
	if (!outdated.seen) {
		sysfs_free_modules(&modules);
		return error_memory(err);
	}
	if (json) {
		outdated.list.rows = json_object_new_array();
		json_object_object_add(json, "outdated", outdated.list.rows);
	}
	sysfs_walk_drivers(consider_driver, &outdated);
	if (!json)
		puts(outdated.list.n ? "bring one up to date with 'segue update DRIVER'" :
				       "every running driver is the installed one");
	free(outdated.seen);
	sysfs_free_modules(&modules);
	return 0;
}

int show_status(const struct args *args, struct error *err)
{
	struct json_object *json = NULL;

	if (args_given(args, OPTION_JSON))
		json = json_object_new_object();
	if (show_kernel(json, err) || show_drivers(json, err)) {
		json_object_put(json);
		return err->exit_code;
	}
	if (json)
		report_print_json(json, true);
	return EXIT_DONE;
}

int show_watch(const struct args *args, struct error *err)
{
	bool is_json = args_given(args, OPTION_JSON);
	struct pollfd fd = { .events = POLLIN };
	struct error ignored;
	struct netlink nl;
	int ret;

	ret = netlink_open(&nl, err);
	if (ret > 0)
		ret = error_set(err, EXIT_USAGE,
				"Segue's kernel modules are not loaded, so nothing can happen; 'segue update' loads them");
	if (ret || netlink_subscribe(&nl, err))
		goto out;
	session_catch_signals();
	fd.fd = netlink_fd(&nl);
	while (!session_check_signals(&ignored)) {
		if (poll(&fd, 1, -1) < 0 && errno != EINTR) {
			error_set(err, EXIT_REFUSED, "cannot wait for events: %s",
				  strerror(errno));
			goto out;
		}
		ret = netlink_events(&nl, report_print_event, &is_json, err);
		if (ret < 0)
			goto out;
		if (ret)
			fprintf(stderr, "segue: events came too fast and some were lost\n");
	}
	netlink_close(&nl);
	return EXIT_DONE;
out:
	netlink_close(&nl);
	return err->exit_code;
}
