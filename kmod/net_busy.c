// SPDX-License-Identifier: GPL-2.0
/*
 * Users of a driver that no reference and no lock tells of.
 *
 * The ioctl that lets an adapter's light blink keeps the driver's table of ethtool functions while
 * it sleeps without RTNL, for as long as its user likes, and calls into it again afterwards.
 * Nothing in the net_device says so; the stack of the sleeping task does.
 */
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/sched/signal.h>
#include <net/pkt_cls.h>
#include "net.h"

#define SEGUE_NET_STACK	24

/*
 * Is the task asleep in an ethtool ioctl?  All but the one that blinks sleep under RTNL or wait for
 * it, and nobody can interrupt them then.
 */
static bool segue_net_identifies(struct task_struct *task)
{
	unsigned long stack[SEGUE_NET_STACK];
	char name[KSYM_SYMBOL_LEN];
	unsigned int count, i;

	if (READ_ONCE(task->__state) != TASK_INTERRUPTIBLE || (task->flags & PF_KTHREAD))
		return false;
	count = segue_compat_net_stack(task, stack, ARRAY_SIZE(stack));
	for (i = 0; i < count; i++) {
		/* A return address may lie behind the last instruction of its function. */
		sprint_symbol_no_offset(name, stack[i] - 1);
		if (!strcmp(name, "dev_ethtool"))
			return true;
	}
	return false;
}

/**
 * segue_net_look_identifying - find a task that lets an adapter blink
 * @target: gets a finding that refuses the swap
 *
 * Which adapter it is cannot be told from outside, so any one counts.  A task that begins after
 * this is not seen before RTNL is taken for the capture; it is a window of milliseconds.
 *
 * Context: without RTNL, which such a task would wait for and then not look interruptible.
 */
void segue_net_look_identifying(struct segue_target *target)
{
	struct task_struct *process, *task;
	char comm[TASK_COMM_LEN] = "";
	pid_t pid = 0;

	rcu_read_lock();
	for_each_process_thread(process, task) {
		if (!segue_net_identifies(task))
			continue;
		pid = task_pid_nr(task);
		get_task_comm(comm, task);
		goto found;
	}
found:
	rcu_read_unlock();
	if (pid)
		segue_found_user(&target->found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "process %d (%s) lets an adapter blink (ethtool -p); end it first",
				 pid, comm);
}

static bool segue_net_qdisc_calls(struct Qdisc *qdisc, unsigned long class,
				  const struct module *module)
{
	const struct Qdisc_class_ops *ops = qdisc ? qdisc->ops->cl_ops : NULL;
	struct tcf_block *block = ops && ops->tcf_block ? ops->tcf_block(qdisc, class, NULL) : NULL;
	struct flow_block_cb *callback;

	if (!block)
		return false;
	list_for_each_entry(callback, &block->flow_block.cb_list, list)
		if (within_module((unsigned long)callback->cb, module))
			return true;
	return false;
}

/*
 * A driver that can offload filters of tc leaves a callback and its private area with each block of
 * filters, in a list that the device does not lead to; nothing makes it take them back.
 *
 * Context: needs RTNL.
 */
bool segue_net_has_tc_callback(struct net_device *nd, const struct module *module)
{
	struct netdev_queue *ingress = rtnl_dereference(nd->ingress_queue);
	struct Qdisc *qdisc;

	if (ingress) {
		qdisc = rtnl_dereference(ingress->qdisc_sleeping);
		if (segue_net_qdisc_calls(qdisc, TC_H_MIN(TC_H_MIN_INGRESS), module) ||
		    segue_net_qdisc_calls(qdisc, TC_H_MIN(TC_H_MIN_EGRESS), module))
			return true;
	}
	return segue_net_qdisc_calls(rtnl_dereference(nd->qdisc), 0, module);
}
