// SPDX-License-Identifier: GPL-2.0
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/slab.h>
#include "bus.h"
#include "class.h"
#include "irq.h"

struct segue_irq {
	struct list_head node;
	unsigned int index;
	struct cpumask mask;
};

/* Context: process, before the driver is stopped. Return: 0 or -ENOMEM. */
int segue_irqs_capture(struct segue_target *target)
{
	unsigned int index;
	int irq;

	segue_irqs_forget(target);
	for (index = 0; (irq = target->bus->irq(target->dev, index)) >= 0; index++) {
		struct irq_data *data = irq_get_irq_data(irq);
		struct segue_irq *saved;

		/* The kernel spreads managed vectors itself and takes no other affinity. */
		if (!data || !irqd_affinity_was_set(data) || irqd_affinity_is_managed(data))
			continue;
		saved = kzalloc(sizeof(*saved), GFP_KERNEL);
		if (!saved) {
			segue_irqs_forget(target);
			return -ENOMEM;
		}
		saved->index = index;
		cpumask_copy(&saved->mask, irq_data_get_affinity_mask(data));
		list_add_tail(&saved->node, &target->irqs);
	}
	return 0;
}

static void segue_irq_report(struct segue_target *target, const struct segue_irq *saved)
{
	segue_found_text(&target->found, SEGUE_SEVERITY_DIFFERS,
			 "affinity %*pbl of interrupt %u", cpumask_pr_args(&saved->mask),
			 saved->index);
}

/* Context: process, after the driver has opened the device and so has asked for its interrupts. */
void segue_irqs_replay(struct segue_target *target)
{
	struct segue_irq *saved;

	list_for_each_entry(saved, &target->irqs, node) {
		int irq = target->bus->irq(target->dev, saved->index);
		struct irq_data *data = irq >= 0 ? irq_get_irq_data(irq) : NULL;

		if (data && cpumask_equal(irq_data_get_affinity_mask(data), &saved->mask))
			continue;
		if (!data || irq_set_affinity(irq, &saved->mask))
			segue_irq_report(target, saved);
	}
}

void segue_irqs_forget(struct segue_target *target)
{
	struct segue_irq *saved, *next;

	list_for_each_entry_safe(saved, next, &target->irqs, node)
		kfree(saved);
	INIT_LIST_HEAD(&target->irqs);
}
