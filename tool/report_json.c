// SPDX-License-Identifier: GPL-2.0
/* Reports for programs, and single events for those who watch; see report.h. */
#include <string.h>

#include "names.h"
#include "report.h"

#define NS_PER_MS 1e6

static void add_text(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, json_object_new_string(text));
}

static void add_number(struct json_object *object, const char *key, int64_t number)
{
	json_object_object_add(object, key, json_object_new_int64(number));
}

void report_print_json(struct json_object *object, bool pretty)
{
	int flags = pretty ? JSON_C_TO_STRING_PRETTY : JSON_C_TO_STRING_PLAIN;

	puts(json_object_to_json_string_ext(object, flags | JSON_C_TO_STRING_NOSLASHESCAPE));
	fflush(stdout);
	json_object_put(object);
}

struct json_object *report_finding_json(const struct finding *finding, const char *object)
{
	struct json_object *json = json_object_new_object();
	char text[512];

	names_finding(finding, object, text, sizeof(text));
	add_text(json, "severity", names_severity(finding->severity));
	add_text(json, "kind", names_kind(finding->kind));
	if (*finding->name)
		add_text(json, "name", finding->name);
	if (*finding->table) {
		add_text(json, "struct", finding->table);
		add_number(json, "index", finding->index);
	}
	if (finding->has_values) {
		json_object_object_add(json, "was", json_object_new_uint64(finding->was));
		json_object_object_add(json, "now", json_object_new_uint64(finding->now));
	}
	add_text(json, "text", text);
	return json;
}

static struct json_object *step_json(const struct report_step *step)
{
	struct json_object *json = json_object_new_object();

	add_text(json, "step", names_step(step->step));
	json_object_object_add(json, "undo", json_object_new_boolean(step->undo));
	add_number(json, "errno", step->error);
	add_number(json, "duration_ns", step->duration);
	add_number(json, "driver_ns", step->driver);
	return json;
}

static struct json_object *device_json(const struct report *report, size_t number)
{
	const struct report_device *device = &report->devices[number];
	struct json_object *json = json_object_new_object();
	struct json_object *steps = json_object_new_array();
	struct json_object *findings = json_object_new_array();
	size_t i;

	for (i = 0; i < report->n_steps; i++) {
		if (report->steps[i].device == number)
			json_object_array_add(steps, step_json(&report->steps[i]));
	}
	for (i = 0; i < report->n_findings; i++) {
		if (report->findings[i].device == number)
			json_object_array_add(findings,
					      report_finding_json(&report->findings[i].finding,
								  device->object));
	}
	add_text(json, "device", device->name);
	add_text(json, "object", device->object);
	add_text(json, "result", names_result(device->result));
	add_number(json, "errno", device->error);
	add_number(json, "pause_ns", device->pause);
	if (device->step >= 0)
		add_text(json, "step", names_step(device->step));
	if (*device->text)
		add_text(json, "text", device->text);
	json_object_object_add(json, "steps", steps);
	json_object_object_add(json, "findings", findings);
	return json;
}

struct json_object *report_json(const struct report *report)
{
	struct json_object *json = json_object_new_object();
	struct json_object *devices = json_object_new_array();
	size_t i;

	for (i = 0; i < report->n_devices; i++)
		json_object_array_add(devices, device_json(report, i));
	add_number(json, "swap", report->swap);
	add_text(json, "result", names_result(report->result));
	add_number(json, "errno", report->error);
	json_object_object_add(json, "devices", devices);
	return json;
}

/* How an attribute is shown; findings are taken apart separately. */
static const struct {
	int attr;
	const char *name;
	const char *(*word)(uint64_t number);
	bool is_text;
} shown[] = {
	{ SEGUE_A_SWAP_ID, "swap", NULL, false },
	{ SEGUE_A_DRIVER, "driver", NULL, true },
	{ SEGUE_A_BUS, "bus", NULL, true },
	{ SEGUE_A_GENERATION, "generation", NULL, false },
	{ SEGUE_A_DEVICES, "devices", NULL, false },
	{ SEGUE_A_DEVICE, "device", NULL, true },
	{ SEGUE_A_OBJECT, "object", NULL, true },
	{ SEGUE_A_CLASS, "class", NULL, true },
	{ SEGUE_A_MODULE, "module", NULL, true },
	{ SEGUE_A_STEP, "step", names_step, false },
	{ SEGUE_A_RESULT, "result", names_result, false },
	{ SEGUE_A_ERRNO, "errno", NULL, false },
	{ SEGUE_A_TIME_NS, "time_ns", NULL, false },
	{ SEGUE_A_DURATION_NS, "duration_ns", NULL, false },
	{ SEGUE_A_DRIVER_NS, "driver_ns", NULL, false },
	{ SEGUE_A_PAUSE_NS, "pause_ns", NULL, false },
	{ SEGUE_A_TEXT, "text", NULL, true },
};

static int64_t signed_number(const struct message *message, int attr)
{
	uint64_t number = message_number(message, attr);

	return attr == SEGUE_A_ERRNO ? (int32_t)number : (int64_t)number;
}

struct print_context {
	const struct message *message;
	struct json_object *findings;
};

static int add_finding(const struct finding *finding, void *arg)
{
	struct print_context *context = arg;
	const char *object = message_text(context->message, SEGUE_A_OBJECT);

	return json_object_array_add(context->findings, report_finding_json(finding, object));
}

static void print_event_json(const struct message *message)
{
	struct json_object *json = json_object_new_object();
	struct print_context context = { message, json_object_new_array() };
	size_t i;

	add_text(json, "event", names_event(message_number(message, SEGUE_A_EVENT)));
	for (i = 0; i < ARRAY_SIZE(shown); i++) {
		int attr = shown[i].attr;

		if (!message_has(message, attr))
			continue;
		if (shown[i].is_text)
			add_text(json, shown[i].name, message_text(message, attr));
		else if (shown[i].word)
			add_text(json, shown[i].name,
				 shown[i].word(message_number(message, attr)));
		else
			add_number(json, shown[i].name, signed_number(message, attr));
	}
	message_findings(message, add_finding, &context);
	if (json_object_array_length(context.findings))
		json_object_object_add(json, "findings", context.findings);
	else
		json_object_put(context.findings);
	report_print_json(json, false);
}

static int print_finding(const struct finding *finding, void *arg)
{
	const struct message *message = arg;
	char text[512];

	names_finding(finding, message_text(message, SEGUE_A_OBJECT), text, sizeof(text));
	printf(" %s: %s", names_severity(finding->severity), text);
	return 0;
}

static void print_times(const struct message *message)
{
	static const struct {
		int attr;
		const char *format;
	} times[] = {
		{ SEGUE_A_DURATION_NS, " %.3f ms" },
		{ SEGUE_A_DRIVER_NS, ", in driver %.3f ms" },
		{ SEGUE_A_PAUSE_NS, " pause %.3f ms" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(times); i++) {
		if (message_number(message, times[i].attr))
			printf(times[i].format,
			       message_number(message, times[i].attr) / NS_PER_MS);
	}
}

static void print_event_text(const struct message *message)
{
	uint64_t time = message_number(message, SEGUE_A_TIME_NS);
	int error = (int32_t)message_number(message, SEGUE_A_ERRNO);

	printf("%12.6f  %-10s  swap %u", time / 1e9,
	       names_event(message_number(message, SEGUE_A_EVENT)),
	       (unsigned int)message_number(message, SEGUE_A_SWAP_ID));
	if (message_has(message, SEGUE_A_DRIVER))
		printf(" %s", message_text(message, SEGUE_A_DRIVER));
	if (message_has(message, SEGUE_A_GENERATION))
		printf(" generation %u",
		       (unsigned int)message_number(message, SEGUE_A_GENERATION));
	if (message_has(message, SEGUE_A_DEVICE))
		printf(" %s %s", message_text(message, SEGUE_A_DEVICE),
		       message_text(message, SEGUE_A_OBJECT));
	if (message_has(message, SEGUE_A_STEP))
		printf(" %s", names_step(message_number(message, SEGUE_A_STEP)));
	print_times(message);
	if (message_has(message, SEGUE_A_RESULT))
		printf(" %s", names_result(message_number(message, SEGUE_A_RESULT)));
	if (error)
		printf(" (%s)", strerror(-error));
	if (message_has(message, SEGUE_A_TEXT))
		printf(" %s", message_text(message, SEGUE_A_TEXT));
	message_findings(message, print_finding, (void *)message);
	putchar('\n');
	fflush(stdout);
}

int report_print_event(const struct message *message, void *is_json, struct error *err)
{
	(void)err;
	if (message->command != SEGUE_CMD_EVENT)
		return 0;
	if (*(const bool *)is_json)
		print_event_json(message);
	else
		print_event_text(message);
	return 0;
}
