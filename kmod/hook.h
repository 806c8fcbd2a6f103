/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transient redirection of kernel functions (ftrace with IPMODIFY, as live patching does it).
 *
 * One ftrace_ops serves the core and every class, because IPMODIFY is exclusive per function.
 * Hooks are armed when a session opens and disarmed when it closes; in between, a hook redirects
 * only the calls for which its @applies says so, and never one that comes from the module that owns
 * the hook: so a handler reaches the original by calling it.  The modules are built without sibling
 * calls, because a tail call would hide where a call comes from.  Several sets may have hooks on
 * the same function; the first one that applies is taken.
 *
 * Sets are added and removed by module init and exit; arming and disarming is the session's.  One
 * mutex guards the sets, the armed table itself is only read by the ftrace callback.
 */
#ifndef _SEGUE_HOOK_H
#define _SEGUE_HOOK_H

#include <linux/list.h>
#include <linux/module.h>
#include <linux/ptrace.h>

struct netlink_ext_ack;

/**
 * struct segue_hook - redirection of one function
 * @function: its name in the kernel image; for people only if there is @locate
 * @handler: called instead, with the same arguments; runs in the caller's context. NULL for a
 *	function that is only watched: @applies then returns false
 * @applies: decides for one call by the registers that hold its arguments; runs with preemption off
 *	in any context, must not sleep, lock or call anything that is hooked
 * @locate: finds a function whose name is not unique, or NULL; returns its address or 0
 * @optional: the function is in a module that need not be loaded
 * @followed: the function is in a module of a driver or in one that it uses, of which several
 *	copies may be loaded: it is redirected in those of the drivers that a swap exchanges
 * @bind: or NULL; finds what @handler calls in a module that need not be loaded, whenever hooks are
 *	armed and the function is there; returns 0 or a negative error
 * @divert: in place of @handler and @applies: changes arguments of the call, in the context of the
 *	latter
 */
struct segue_hook {
	const char *function;
	void *handler;
	bool (*applies)(const struct pt_regs *regs);
	unsigned long (*locate)(const struct segue_hook *hook);
	bool optional;
	bool followed;
	int (*bind)(void);
	void (*divert)(struct pt_regs *regs);
};

/**
 * struct segue_hook_set - the hooks of one module
 * @node: in the list of sets
 * @owner: module that holds the handlers; calls from it are not redirected
 * @hooks: table
 * @count: its length
 */
struct segue_hook_set {
	struct list_head node;
	struct module *owner;
	const struct segue_hook *hooks;
	unsigned int count;
};

int segue_hooks_add(struct segue_hook_set *set);
void segue_hooks_remove(struct segue_hook_set *set);
int segue_hooks_arm(struct netlink_ext_ack *extack);
int segue_hooks_follow(const struct module *module, struct netlink_ext_ack *extack);
void segue_hooks_disarm(void);

#endif /* _SEGUE_HOOK_H */
