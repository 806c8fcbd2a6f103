// SPDX-License-Identifier: GPL-2.0
/*
 * The I/O scheduler of a disk and its tunables, read and put in by the scheduler's own functions.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include "block.h"

#define SEGUE_SCHEDULER_VALUES	24

/**
 * struct segue_disk_scheduler - a scheduler and its tunables
 * @type: the scheduler; its module is referenced
 * @values: text of each tunable, as sysfs shows it; NULL for one that cannot be set
 */
struct segue_disk_scheduler {
	struct segue_elevator_type *type;
	char *values[SEGUE_SCHEDULER_VALUES];
};

static struct segue_elevator_queue *segue_disk_elevator(struct request_queue *q)
{
	return (struct segue_elevator_queue *)q->elevator;
}

/* Return: NULL for no scheduler, or with *@err set. */
struct segue_disk_scheduler *segue_disk_read_scheduler(struct request_queue *q, int *err)
{
	struct segue_elevator_queue *e = segue_disk_elevator(q);
	struct segue_disk_scheduler *scheduler;
	struct segue_elevator_attr *attr;
	unsigned int i = 0;

	*err = 0;
	if (!e)
		return NULL;
	scheduler = kzalloc(sizeof(*scheduler), GFP_KERNEL);
	if (!scheduler)
		goto nomem;
	scheduler->type = e->type;
	__module_get(e->type->elevator_owner);
	for (attr = e->type->elevator_attrs; attr && attr->attr.name; attr++, i++) {
		if (i == SEGUE_SCHEDULER_VALUES)
			break;
		if (!attr->show || !attr->store)
			continue;
		scheduler->values[i] = (char *)get_zeroed_page(GFP_KERNEL);
		if (!scheduler->values[i])
			goto nomem;
		if (attr->show(e, scheduler->values[i]) <= 0)
			scheduler->values[i][0] = '\0';
	}
	return scheduler;

nomem:
	segue_disk_free_scheduler(scheduler);
	*err = -ENOMEM;
	return NULL;
}

void segue_disk_free_scheduler(struct segue_disk_scheduler *scheduler)
{
	unsigned int i;

	if (!scheduler)
		return;
	for (i = 0; i < SEGUE_SCHEDULER_VALUES; i++)
		free_page((unsigned long)scheduler->values[i]);
	if (scheduler->type)
		module_put(scheduler->type->elevator_owner);
	kfree(scheduler);
}

/* The queue takes a reference of its own on the scheduler's module. */
int segue_disk_put_scheduler(struct request_queue *q,
			     const struct segue_disk_scheduler *scheduler)
{
	struct segue_elevator_attr *attr;
	unsigned int i = 0;
	int err;

	__module_get(scheduler->type->elevator_owner);
	err = static_call(segue_elevator_switch)(q, (struct elevator_type *)scheduler->type);
	if (err)
		return err;
	for (attr = scheduler->type->elevator_attrs; attr && attr->attr.name; attr++, i++) {
		const char *value;

		if (i == SEGUE_SCHEDULER_VALUES)
			break;
		value = scheduler->values[i];
		if (value && *value)
			attr->store(segue_disk_elevator(q), value, strlen(value));
	}
	return 0;
}
