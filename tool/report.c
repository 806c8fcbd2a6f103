// SPDX-License-Identifier: GPL-2.0
/* What a swap reports, see report.h. */
#include <string.h>

#include "names.h"
#include "report.h"

#define NS_PER_MS 1e6

static size_t find_device(struct report *report, const struct message *message)
{
	const char *name = message_text(message, SEGUE_A_DEVICE);
	struct report_device *device;
	size_t i;

	for (i = 0; i < report->n_devices; i++) {
		if (!strcmp(report->devices[i].name, name))
			break;
	}
	if (i == report->n_devices) {
		device = array_add(&report->devices, &report->n_devices, sizeof(*device));
		if (!device)
			return SIZE_MAX;
		copy_text(device->name, sizeof(device->name), name);
		device->step = -1;
	}
	copy_text(report->devices[i].object, sizeof(report->devices[i].object),
		  message_text(message, SEGUE_A_OBJECT));
	return i;
}

static void close_line(struct report *report)
{
	if (report->line_open)
		putchar('\n');
	report->line_open = false;
}

static void print_label(const struct message *message, bool undo)
{
	printf("  %s %s  %s%-*s", message_text(message, SEGUE_A_DEVICE),
	       message_text(message, SEGUE_A_OBJECT), undo ? "undo " : "", undo ? 8 : 13,
	       names_step(message_number(message, SEGUE_A_STEP)));
}

static void print_duration(const struct message *message)
{
	int error = (int32_t)message_number(message, SEGUE_A_ERRNO);
	uint64_t driver = message_number(message, SEGUE_A_DRIVER_NS);

	printf("%10.3f ms", message_number(message, SEGUE_A_DURATION_NS) / NS_PER_MS);
	if (driver)
		printf(", in driver %.3f ms", driver / NS_PER_MS);
	if (error)
		printf(", failed: %s", strerror(-error));
	putchar('\n');
}

static void step_begins(struct report *report, const struct message *message, bool undo)
{
	if (report->quiet || !report->is_terminal)
		return;
	close_line(report);
	print_label(message, undo);
	fflush(stdout);
	report->line_open = true;
}

static int step_ends(struct report *report, const struct message *message, bool undo)
{
	size_t device = find_device(report, message);
	struct report_step *step;

	step = array_add(&report->steps, &report->n_steps, sizeof(*step));
	if (!step || device == SIZE_MAX)
		return -1;
	step->device = device;
	step->undo = undo;
	step->step = message_number(message, SEGUE_A_STEP);
	step->error = (int32_t)message_number(message, SEGUE_A_ERRNO);
	step->duration = message_number(message, SEGUE_A_DURATION_NS);
	step->driver = message_number(message, SEGUE_A_DRIVER_NS);
	if (report->quiet)
		return 0;
	if (!report->line_open)
		print_label(message, undo);
	report->line_open = false;
	print_duration(message);
	return 0;
}

struct finding_context {
	struct report *report;
	size_t device;
};

static int take_finding(const struct finding *finding, void *arg)
{
	struct finding_context *context = arg;
	struct report *report = context->report;
	struct report_finding *slot;
	char text[512];

	slot = array_add(&report->findings, &report->n_findings, sizeof(*slot));
	if (!slot)
		return -1;
	slot->device = context->device;
	slot->finding = *finding;
	if (report->quiet)
		return 0;
	close_line(report);
	names_finding(finding, report->devices[context->device].object, text, sizeof(text));
	printf("  %s %s  %s: %s\n", report->devices[context->device].name,
	       report->devices[context->device].object, names_severity(finding->severity), text);
	return 0;
}

static int device_ends(struct report *report, const struct message *message)
{
	size_t i = find_device(report, message);
	struct report_device *device;

	if (i == SIZE_MAX)
		return -1;
	device = &report->devices[i];
	device->result = message_number(message, SEGUE_A_RESULT);
	device->error = (int32_t)message_number(message, SEGUE_A_ERRNO);
	device->pause = message_number(message, SEGUE_A_PAUSE_NS);
	if (message_has(message, SEGUE_A_STEP) && device->result != SEGUE_RESULT_DONE)
		device->step = message_number(message, SEGUE_A_STEP);
	copy_text(device->text, sizeof(device->text), message_text(message, SEGUE_A_TEXT));
	if (report->quiet)
		return 0;
	close_line(report);
	printf("%s %s: %s%s%s\n", device->name, device->object, names_result(device->result),
	       *device->text ? ": " : "", device->text);
	return 0;
}

int report_event(const struct message *message, void *arg, struct error *err)
{
	struct report *report = arg;
	struct finding_context context = { .report = report };
	int ret = 0;

	if (message->command != SEGUE_CMD_EVENT ||
	    message_number(message, SEGUE_A_SWAP_ID) != report->swap)
		return 0;
	switch (message_number(message, SEGUE_A_EVENT)) {
	case SEGUE_EVENT_STEP_BEGIN:
		step_begins(report, message, false);
		break;
	case SEGUE_EVENT_UNDO_BEGIN:
		step_begins(report, message, true);
		break;
	case SEGUE_EVENT_STEP_END:
		ret = step_ends(report, message, false);
		break;
	case SEGUE_EVENT_UNDO_END:
		ret = step_ends(report, message, true);
		break;
	case SEGUE_EVENT_FINDING:
		context.device = find_device(report, message);
		ret = context.device == SIZE_MAX ?
			      -1 :
			      message_findings(message, take_finding, &context);
		break;
	case SEGUE_EVENT_DEVICE_END:
		ret = device_ends(report, message);
		break;
	case SEGUE_EVENT_SWAP_END:
		close_line(report);
		report->ended = true;
		report->result = message_number(message, SEGUE_A_RESULT);
		report->error = (int32_t)message_number(message, SEGUE_A_ERRNO);
		break;
	}
	fflush(stdout);
	return ret ? error_memory(err) : 0;
}

static bool sum_step(const struct report *report, size_t device, unsigned int step, bool undo,
		     uint64_t *duration, uint64_t *driver)
{
	bool any = false;
	size_t i;

	*duration = 0;
	*driver = 0;
	for (i = 0; i < report->n_steps; i++) {
		const struct report_step *s = &report->steps[i];

		if (s->device != device || s->step != step || s->undo != undo)
			continue;
		*duration += s->duration;
		*driver += s->driver;
		any = true;
	}
	return any;
}

static void print_phases(const struct report *report, size_t device)
{
	uint64_t duration, driver, all = 0, all_driver = 0;
	unsigned int step, undo;

	printf("  %-18s %12s %12s\n", "phase", "ms", "in driver");
	for (undo = 0; undo < 2; undo++) {
		for (step = 0; step < __SEGUE_STEP_MAX; step++) {
			if (!sum_step(report, device, step, undo, &duration, &driver))
				continue;
			printf("  %s%-*s %12.3f %12.3f\n", undo ? "undo " : "", undo ? 13 : 18,
			       names_step(step), duration / NS_PER_MS, driver / NS_PER_MS);
			all += duration;
			all_driver += driver;
		}
	}
	printf("  %-18s %12.3f %12.3f\n", "all", all / NS_PER_MS, all_driver / NS_PER_MS);
}

static void print_differences(const struct report *report, size_t device)
{
	char text[512];
	size_t i, n = 0;

	for (i = 0; i < report->n_findings; i++) {
		const struct report_finding *f = &report->findings[i];

		if (f->device != device || f->finding.severity < SEGUE_SEVERITY_DIFFERS)
			continue;
		names_finding(&f->finding, report->devices[device].object, text, sizeof(text));
		printf("  %s: %s\n", names_severity(f->finding.severity), text);
		n++;
	}
	if (!n && report->devices[device].result == SEGUE_RESULT_DONE)
		printf("  no difference: every setting reads back as it was\n");
}

void report_summary(const struct report *report)
{
	size_t i;

	for (i = 0; i < report->n_devices; i++) {
		const struct report_device *device = &report->devices[i];

		printf("\n%s %s: %s", device->name, device->object, names_result(device->result));
		if (device->pause)
			printf(", pause %.3f ms", device->pause / NS_PER_MS);
		putchar('\n');
		print_phases(report, i);
		print_differences(report, i);
	}
}

int report_exit_code(const struct report *report)
{
	switch (report->result) {
	case SEGUE_RESULT_DONE:
		return EXIT_DONE;
	case SEGUE_RESULT_DEGRADED:
		return EXIT_DEGRADED;
	case SEGUE_RESULT_GONE:
		return EXIT_GONE;
	default:
		return EXIT_REFUSED;
	}
}

static const char *consequence(unsigned int result)
{
	switch (result) {
	case SEGUE_RESULT_REFUSED:
		return "nothing was touched, the old driver is live";
	case SEGUE_RESULT_ROLLED_BACK:
		return "the old driver is live again";
	case SEGUE_RESULT_DEGRADED:
		return "neither driver would start, the device stays but carries no traffic; "
		       "try another update or a rollback";
	case SEGUE_RESULT_GONE:
		return "the device was removed meanwhile";
	default:
		return "see 'segue status'";
	}
}

/* The device that failed, not those that were swapped back because of it. */
static const struct report_device *failed_device(const struct report *report)
{
	const struct report_device *failed = NULL;
	size_t i;

	for (i = 0; i < report->n_devices; i++) {
		const struct report_device *device = &report->devices[i];

		if (device->result == SEGUE_RESULT_DONE || device->result == SEGUE_RESULT_NONE)
			continue;
		if (!failed || device->result == report->result)
			failed = device;
	}
	return failed;
}

/* What made the swap impossible or incompatible, in words. */
static void list_obstacles(const struct report *report, const struct report_device *device,
			   char *text, size_t size)
{
	size_t number = device - report->devices;
	char one[512];
	size_t i, used = 0;

	*text = '\0';
	for (i = 0; i < report->n_findings && used < size; i++) {
		const struct report_finding *f = &report->findings[i];

		if (f->device != number || f->finding.severity < SEGUE_SEVERITY_INCOMPATIBLE)
			continue;
		names_finding(&f->finding, device->object, one, sizeof(one));
		used += snprintf(text + used, size - used, "%s%s", used ? "; " : "", one);
	}
}

void report_reason(const struct report *report, char *text, size_t size)
{
	const struct report_device *device = failed_device(report);
	char obstacles[600];

	if (!device) {
		snprintf(text, size, "the swap was %s%s%s: %s", names_result(report->result),
			 report->error ? ": " : "", report->error ? strerror(-report->error) : "",
			 consequence(report->result));
		return;
	}
	list_obstacles(report, device, obstacles, sizeof(obstacles));
	snprintf(text, size, "%s %s: %s%s%s%s%s: %s", device->name, device->object,
		 names_result(report->result), device->step >= 0 ? " at step " : "",
		 device->step >= 0 ? names_step(device->step) : "",
		 *obstacles || *device->text || device->error ? ": " : "",
		 *obstacles    ? obstacles :
		 *device->text ? device->text :
		 device->error ? strerror(-device->error) :
				 "",
		 consequence(report->result));
}

void report_free(struct report *report)
{
	free(report->devices);
	free(report->steps);
	free(report->findings);
}
