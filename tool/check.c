// SPDX-License-Identifier: GPL-2.0
/* segue check: what an update would meet, without touching anything. */
#include <string.h>

#include "commands.h"
#include "history.h"
#include "inherit.h"
#include "kmodule.h"
#include "names.h"
#include "prepare.h"
#include "users.h"

#define NS_PER_MS 1e6

/* A device of the answer, with what was found about it. */
struct checked_device {
	char name[SEGUE_NAME_LEN];
	char object[SEGUE_NAME_LEN];
	int error;
	struct finding *findings;
	size_t n_findings;
};

struct checked {
	struct checked_device *devices;
	size_t n_devices;
	unsigned int worst;
};

static int take_finding(const struct finding *finding, void *arg)
{
	struct checked_device *device = arg;
	struct finding *slot;

	slot = array_add(&device->findings, &device->n_findings, sizeof(*slot));
	if (!slot)
		return -1;
	*slot = *finding;
	return 0;
}

/* Many findings come in several messages for one device. */
static struct checked_device *find_device(struct checked *checked, const struct message *message)
{
	const char *name = message_text(message, SEGUE_A_DEVICE);
	struct checked_device *device;
	size_t i;

	for (i = 0; i < checked->n_devices; i++) {
		if (!strcmp(checked->devices[i].name, name))
			return &checked->devices[i];
	}
	device = array_add(&checked->devices, &checked->n_devices, sizeof(*device));
	if (!device)
		return NULL;
	copy_text(device->name, sizeof(device->name), name);
	copy_text(device->object, sizeof(device->object), message_text(message, SEGUE_A_OBJECT));
	return device;
}

static int take_device(const struct message *message, void *arg, struct error *err)
{
	struct checked *checked = arg;
	struct checked_device *device = find_device(checked, message);
	size_t i;

	if (!device)
		return error_memory(err);
	device->error = (int32_t)message_number(message, SEGUE_A_ERRNO);
	if (device->error)
		checked->worst = SEGUE_SEVERITY_IMPOSSIBLE;
	if (message_findings(message, take_finding, device))
		return error_memory(err);
	for (i = 0; i < device->n_findings; i++) {
		if (device->findings[i].severity > checked->worst)
			checked->worst = device->findings[i].severity;
	}
	return 0;
}

/* What only user space knows of the users. */
static int ask_system(const struct prepared *update, struct checked *checked, struct error *err)
{
	size_t i;

	for (i = 0; i < checked->n_devices; i++) {
		struct checked_device *device = &checked->devices[i];

		if (users_find(update->driver.bus, device->name, take_finding, device))
			return error_memory(err);
	}
	return 0;
}

static void free_checked(struct checked *checked)
{
	size_t i;

	for (i = 0; i < checked->n_devices; i++)
		free(checked->devices[i].findings);
	free(checked->devices);
}

static int ask_kernel(const struct prepared *update, struct checked *checked, struct error *err)
{
	struct request request = REQUEST_INIT;
	struct netlink nl;
	int ret;

	if (kmodule_load_segue(&update->driver, err))
		return -1;
	ret = netlink_open(&nl, err);
	if (ret < 0)
		return -1;
	if (ret)
		return error_set(err, EXIT_USAGE,
				 "Segue's kernel modules are loaded but do not answer; unload and load them again");
	request.driver = update->name;
	request.bus = update->driver.bus;
	request.device = *update->device ? update->device : NULL;
	if (update->spare.n)
		request.flags |= SEGUE_FLAG_WITH_SPARE;
	ret = netlink_request(&nl, SEGUE_CMD_CHECK, &request, true, take_device, checked, err);
	netlink_close(&nl);
	return ret;
}

static const char *verdict(const struct checked *checked)
{
	switch (checked->worst) {
	case SEGUE_SEVERITY_IMPOSSIBLE:
		return "no";
	case SEGUE_SEVERITY_INCOMPATIBLE:
		return "only with --allow-incompatible";
	default:
		return "yes";
	}
}

static void print_pause(const char *driver)
{
	struct history history;

	history_read(driver, &history);
	if (history.count)
		printf("expected pause: %.1f to %.1f ms, on average %.1f ms (from %u swap%s since the start of the machine)\n",
		       history.shortest / NS_PER_MS, history.longest / NS_PER_MS,
		       history.sum / NS_PER_MS / history.count, history.count,
		       history.count == 1 ? "" : "s");
	else
		printf("expected pause: not known before the first swap; it is the time that the drivers take to stop, to probe and to start the device, and that its link takes to come up\n");
}

/* Nobody knows whether somebody gave them. */
static void print_hidden(const struct plan_entry *entry, const struct params *params)
{
	_cleanup_free_ char *hidden = NULL;

	if (entry->replaces < 0)
		return;
	hidden = inherit_hidden(&entry->file->image, params);
	if (hidden && *hidden)
		printf("    parameters that cannot be read, and are in no configuration: %s\n",
		       hidden);
}

static void print_modules(const struct prepared *update)
{
	size_t i;

	if (!update->plan.n)
		printf("modules: nothing differs from what is running, so nothing would be loaded\n");
	for (i = 0; i < update->plan.n; i++) {
		const struct plan_entry *entry = &update->plan.entries[i];

		printf("module: %s %s; would be loaded as %s\n", entry->file->path, entry->reason,
		       entry->load_name);
		inherit_print(&update->params[i]);
		print_hidden(entry, &update->params[i]);
	}
	prepare_print_spare(update);
}

static void print_text(const struct prepared *update, const struct checked *checked)
{
	char text[512];
	size_t i, j;

	printf("driver %s on %s, module %s\n", update->driver.name, update->driver.bus,
	       *update->driver.module ? update->driver.module : "(part of the kernel)");
	print_modules(update);
	for (i = 0; i < checked->n_devices; i++) {
		const struct checked_device *device = &checked->devices[i];

		printf("device %s %s\n", device->name, device->object);
		for (j = 0; j < device->n_findings; j++) {
			names_finding(&device->findings[j], device->object, text, sizeof(text));
			printf("  %s: %s\n", names_severity(device->findings[j].severity), text);
		}
	}
	print_pause(update->name);
	printf("what the new driver offers is compared when it runs; if it offers less, it is rolled back\n");
	printf("verdict: %s\n", verdict(checked));
}

static struct json_object *devices_json(const struct checked *checked)
{
	struct json_object *devices = json_object_new_array();
	size_t i, j;

	for (i = 0; i < checked->n_devices; i++) {
		const struct checked_device *device = &checked->devices[i];
		struct json_object *json = json_object_new_object();
		struct json_object *findings = json_object_new_array();

		for (j = 0; j < device->n_findings; j++)
			json_object_array_add(findings, report_finding_json(&device->findings[j],
									    device->object));
		json_object_object_add(json, "device", json_object_new_string(device->name));
		json_object_object_add(json, "object", json_object_new_string(device->object));
		json_object_object_add(json, "findings", findings);
		json_object_array_add(devices, json);
	}
	return devices;
}

static void print_json(const struct prepared *update, const struct checked *checked,
		       int exit_code)
{
	struct json_object *json = json_object_new_object();
	struct json_object *modules = json_object_new_array();
	struct history history;
	size_t i;

	for (i = 0; i < update->plan.n; i++) {
		const struct plan_entry *entry = &update->plan.entries[i];
		struct json_object *module = json_object_new_object();

		json_object_object_add(module, "module", json_object_new_string(entry->base));
		json_object_object_add(module, "loaded_as",
				       json_object_new_string(entry->load_name));
		json_object_object_add(module, "file", json_object_new_string(entry->file->path));
		json_object_object_add(module, "reason", json_object_new_string(entry->reason));
		json_object_object_add(module, "parameters", inherit_json(&update->params[i]));
		json_object_array_add(modules, module);
	}
	history_read(update->name, &history);
	json_object_object_add(json, "driver", json_object_new_string(update->name));
	json_object_object_add(json, "bus", json_object_new_string(update->driver.bus));
	json_object_object_add(json, "verdict", json_object_new_string(verdict(checked)));
	json_object_object_add(json, "exit_code", json_object_new_int(exit_code));
	json_object_object_add(json, "modules", modules);
	json_object_object_add(json, "devices", devices_json(checked));
	if (history.count)
		json_object_object_add(json, "expected_pause_ns",
				       json_object_new_int64(history.sum / history.count));
	report_print_json(json, true);
}

/* The first finding of the worst severity says why. */
static void set_reason(const struct prepared *update, const struct checked *checked,
		       struct error *err)
{
	char text[512];
	size_t i, j;

	for (i = 0; i < checked->n_devices; i++) {
		const struct checked_device *device = &checked->devices[i];

		snprintf(text, sizeof(text), "%s", device->error ? strerror(-device->error) : "");
		for (j = 0; j < device->n_findings; j++) {
			if (device->findings[j].severity != checked->worst)
				continue;
			names_finding(&device->findings[j], device->object, text, sizeof(text));
			break;
		}
		if (*text) {
			error_set(err, EXIT_REFUSED, "driver '%s' cannot be updated on %s%s: %s",
				  update->driver.name, device->name,
				  checked->worst == SEGUE_SEVERITY_IMPOSSIBLE ?
					  "" :
					  " without --allow-incompatible",
				  text);
			return;
		}
	}
}

int check_run(const struct args *args, struct error *err)
{
	struct checked checked = { 0 };
	struct prepared update;
	int ret = EXIT_DONE;
	bool refused;

	if (prepare_need_root(err) || prepare_update(args, &update, err))
		return err->exit_code;
	if (ask_kernel(&update, &checked, err) || ask_system(&update, &checked, err)) {
		ret = err->exit_code;
		goto out;
	}
	refused = checked.worst == SEGUE_SEVERITY_IMPOSSIBLE ||
		  (checked.worst == SEGUE_SEVERITY_INCOMPATIBLE &&
		   !args_given(args, OPTION_ALLOW_INCOMPATIBLE));
	if (refused) {
		set_reason(&update, &checked, err);
		ret = EXIT_REFUSED;
	}
	if (args_given(args, OPTION_JSON)) {
		print_json(&update, &checked, ret);
		err->reported = true;
	} else {
		print_text(&update, &checked);
	}
out:
	free_checked(&checked);
	prepare_free(&update);
	return ret;
}
