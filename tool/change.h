/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What update, rollback and commit share.
 */
#ifndef SEGUE_TOOL_CHANGE_H
#define SEGUE_TOOL_CHANGE_H

#include "args.h"
#include "session.h"
#include "sysfs.h"

/**
 * struct generation - one loaded version of a driver
 * @number: within its driver, from 1
 * @devices: how many are bound to it
 * @is_live: whether it is in charge
 * @driver: the driver
 * @module: its module
 */
struct generation {
	uint32_t number;
	uint32_t devices;
	bool is_live;
	char driver[SEGUE_NAME_LEN];
	char module[SEGUE_NAME_LEN];
};

/**
 * struct generations - the generations that the kernel side knows on one bus
 * @bus: the bus
 * @items: the generations
 * @n: how many
 */
struct generations {
	const char *bus;
	struct generation *items;
	size_t n;
};

int change_read_generations(struct session *session, struct generations *generations,
			    struct error *err);

/* Prepares a report for what the user asked for: text as it comes, or nothing until the end. */
void change_init_report(const struct args *args, struct report *report);

/*
 * Ends a command that has swapped: summary or JSON, history, exit code and error.  @json, if any,
 * gets the report and is printed.
 */
int change_finish(const struct args *args, const char *driver, const struct report *report,
		  struct json_object *json, struct error *err);

#endif /* SEGUE_TOOL_CHANGE_H */
