/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a swap reports: printed as it comes, and kept for the summary.
 */
#ifndef SEGUE_TOOL_REPORT_H
#define SEGUE_TOOL_REPORT_H

#include <json-c/json.h>

#include "netlink.h"
#include "util.h"

/**
 * struct report_step - one step of one device, done or undone
 * @device: number of the device in the report
 * @step: &enum segue_step
 * @undo: whether it was undone
 * @error: 0 or a negative error number
 * @duration: how long it took, ns
 * @driver: of it in the drivers' own functions, ns
 */
struct report_step {
	size_t device;
	unsigned int step;
	bool undo;
	int error;
	uint64_t duration;
	uint64_t driver;
};

/**
 * struct report_finding - a finding about one device
 * @device: number of the device in the report
 * @finding: the finding
 */
struct report_finding {
	size_t device;
	struct finding finding;
};

/**
 * struct report_device - a device of the swap
 * @name: as under /sys/bus/BUS/devices
 * @object: its kernel object
 * @result: &enum segue_result
 * @error: 0 or a negative error number
 * @step: that failed, or -1
 * @pause: how long it carried no traffic, ns
 * @text: the kernel's own words, or empty
 */
struct report_device {
	char name[SEGUE_NAME_LEN];
	char object[SEGUE_NAME_LEN];
	unsigned int result;
	int error;
	int step;
	uint64_t pause;
	char text[512];
};

/**
 * struct report - a swap as far as it has been heard of
 * @swap: its number; events of other swaps are not taken
 * @quiet: print nothing
 * @is_terminal: show a step when it begins, too
 * @line_open: a step was shown whose end is still to be printed
 * @ended: whether it has ended
 * @result: &enum segue_result
 * @error: 0 or a negative error number
 * @devices: its devices
 * @n_devices: how many
 * @steps: in the order in which they ended
 * @n_steps: how many
 * @findings: in the order in which they came
 * @n_findings: how many
 */
struct report {
	uint32_t swap;
	bool quiet;
	bool is_terminal;
	bool line_open;
	bool ended;
	unsigned int result;
	int error;
	struct report_device *devices;
	size_t n_devices;
	struct report_step *steps;
	size_t n_steps;
	struct report_finding *findings;
	size_t n_findings;
};

/* A message_fn: takes one event; the argument is the report. */
int report_event(const struct message *message, void *report, struct error *err);
void report_summary(const struct report *report);
struct json_object *report_json(const struct report *report);
int report_exit_code(const struct report *report);
/* Why the swap did not do what was asked for. */
void report_reason(const struct report *report, char *text, size_t size);
void report_free(struct report *report);

/* One event, whatever swap it belongs to, on one line. */
int report_print_event(const struct message *message, void *is_json, struct error *err);

/* JSON that several commands share. */
struct json_object *report_finding_json(const struct finding *finding, const char *object);
void report_print_json(struct json_object *object, bool pretty);

#endif /* SEGUE_TOOL_REPORT_H */
