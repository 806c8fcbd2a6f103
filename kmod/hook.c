// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ftrace.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include "compat.h"
#include "hook.h"

/* Protects the list of sets and the decision to arm; the callback reads segue_armed without it. */
static DEFINE_MUTEX(segue_hooks_mutex);
static LIST_HEAD(segue_hook_sets);

struct segue_armed_hook {
	unsigned long ip;
	const struct segue_hook *hook;
	struct module *owner;
};

/* Functions in modules of drivers that can be followed: each in two generations, and to spare. */
#define SEGUE_HOOKS_FOLLOWED	16

/*
 * The table that the callback searches.  While the ftrace_ops is registered, entries are only
 * added; unregister_ftrace_function() waits until no CPU is in the callback any more.
 */
static struct segue_armed_hook *segue_armed;
static unsigned int segue_armed_count;
static unsigned int segue_armed_size;

static void notrace segue_hook_callback(unsigned long ip, unsigned long parent_ip,
					struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	/* Paired with the release in segue_hook_follow(). */
	unsigned int count = smp_load_acquire(&segue_armed_count), i;
	struct pt_regs *regs = ftrace_get_regs(fregs);

	for (i = 0; i < count; i++) {
		const struct segue_armed_hook *armed = &segue_armed[i];

		if (armed->ip != ip || within_module(parent_ip, armed->owner))
			continue;
		if (armed->hook->divert) {
			armed->hook->divert(regs);
			return;
		}
		if (armed->hook->applies(regs)) {
			ftrace_regs_set_instruction_pointer(fregs,
							    (unsigned long)armed->hook->handler);
			return;
		}
	}
}

/* Permanent: with function tracing switched off, registering would succeed and do nothing. */
static struct ftrace_ops segue_ftrace_ops = {
	.func = segue_hook_callback,
	.flags = FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_DYNAMIC |
		 FTRACE_OPS_FL_PERMANENT,
};

int segue_hooks_add(struct segue_hook_set *set)
{
	int err = 0;

	mutex_lock(&segue_hooks_mutex);
	if (segue_armed)
		err = -EBUSY;
	else
		list_add_tail(&set->node, &segue_hook_sets);
	mutex_unlock(&segue_hooks_mutex);
	return err;
}
EXPORT_SYMBOL_GPL(segue_hooks_add);

/*
 * The session holds a reference on every module with hooks while they are armed, so none is armed
 * here.
 */
void segue_hooks_remove(struct segue_hook_set *set)
{
	mutex_lock(&segue_hooks_mutex);
	WARN_ON_ONCE(segue_armed);
	list_del(&set->node);
	mutex_unlock(&segue_hooks_mutex);
}
EXPORT_SYMBOL_GPL(segue_hooks_remove);

/*
 * The hash of functions is ftrace's own memory and would outlive this module.  ftrace_free_filter()
 * leaves a pointer to what it has freed, so that the ops could not be used again; an empty filter
 * replaces the hash.
 */
static void segue_hooks_forget(struct ftrace_ops *ops)
{
	ftrace_set_filter(ops, NULL, 0, 1);
}

/*
 * Which function is taken by somebody else's redirection, if any is?  ftrace only says that one of
 * them is, so ask for each alone.  This patches text, but only on the way to a refusal.
 */
static const char *segue_hooks_taken(void)
{
	static struct ftrace_ops probe = {
		.func = segue_hook_callback,
		.flags = FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_DYNAMIC,
	};
	const char *taken = NULL;
	unsigned int i;

	for (i = 0; i < segue_armed_count; i++) {
		int err = ftrace_set_filter_ips(&probe, &segue_armed[i].ip, 1, 0, 1);

		if (!err)
			err = register_ftrace_function(&probe);
		if (err) {
			taken = segue_armed[i].hook->function;
			break;
		}
		unregister_ftrace_function(&probe);
	}
	segue_hooks_forget(&probe);
	return taken;
}

/* While its functions are redirected, a module with handlers may not go. */
static int segue_hooks_hold_owners(void)
{
	struct segue_hook_set *set;

	list_for_each_entry(set, &segue_hook_sets, node) {
		if (try_module_get(set->owner))
			continue;
		list_for_each_entry_continue_reverse(set, &segue_hook_sets, node)
			module_put(set->owner);
		return -ENODEV;
	}
	return 0;
}

static void segue_hooks_release_owners(void)
{
	struct segue_hook_set *set;

	list_for_each_entry(set, &segue_hook_sets, node)
		module_put(set->owner);
}

static unsigned long segue_hook_address(const struct segue_hook *hook)
{
	unsigned long ip;

	if (hook->locate)
		return segue_compat_hook_location(hook->locate(hook));
	ip = segue_compat_hook_location(segue_compat_address(hook->function));
	return ip && hook->bind && hook->bind() ? 0 : ip;
}

static int segue_hooks_resolve(struct netlink_ext_ack *extack)
{
	struct segue_hook_set *set;
	unsigned int i;

	segue_armed_size = SEGUE_HOOKS_FOLLOWED;
	list_for_each_entry(set, &segue_hook_sets, node)
		segue_armed_size += set->count;
	segue_armed = kcalloc(segue_armed_size, sizeof(*segue_armed), GFP_KERNEL);
	if (!segue_armed)
		return -ENOMEM;
	segue_armed_count = 0;
	list_for_each_entry(set, &segue_hook_sets, node) {
		for (i = 0; i < set->count; i++) {
			struct segue_armed_hook *armed;

			if (set->hooks[i].followed)
				continue;
			armed = &segue_armed[segue_armed_count++];
			armed->hook = &set->hooks[i];
			armed->owner = set->owner;
			armed->ip = segue_hook_address(armed->hook);
			if (!armed->ip && armed->hook->optional) {
				segue_armed_count--;
				continue;
			}
			if (!armed->ip) {
				segue_refuse(extack, "this kernel cannot redirect its function %s, which Segue needs",
					     armed->hook->function);
				return -ENOENT;
			}
		}
	}
	return 0;
}

static int segue_hooks_register(struct netlink_ext_ack *extack)
{
	unsigned long *ips;
	unsigned int i;
	int err;

	ips = kcalloc(segue_armed_count, sizeof(*ips), GFP_KERNEL);
	if (!ips)
		return -ENOMEM;
	for (i = 0; i < segue_armed_count; i++)
		ips[i] = segue_armed[i].ip;
	err = ftrace_set_filter_ips(&segue_ftrace_ops, ips, segue_armed_count, 0, 1);
	kfree(ips);
	if (!err)
		err = register_ftrace_function(&segue_ftrace_ops);
	if (err)
		segue_hooks_forget(&segue_ftrace_ops);
	if (err == -EBUSY) {
		const char *taken = segue_hooks_taken();

		if (taken)
			segue_refuse(extack, "kernel function %s is redirected by a live patch or another tool; disable that first",
				     taken);
		else
			segue_refuse(extack, "function tracing is switched off; set kernel.ftrace_enabled to 1");
		/* Busy is what another session is. */
		return -EOPNOTSUPP;
	}
	if (err)
		segue_refuse(extack, "ftrace refuses to redirect functions (error %d)", err);
	return err;
}

static void segue_hooks_drop_table(void)
{
	kfree(segue_armed);
	segue_armed = NULL;
	segue_armed_count = 0;
}

/**
 * segue_hooks_arm - redirect the functions of every set
 * @extack: gets the reason of a refusal, with the function's name
 *
 * Context: process, sleeps, patches kernel text. Return: 0 or a negative error; then nothing is
 * armed.
 */
int segue_hooks_arm(struct netlink_ext_ack *extack)
{
	int err;

	mutex_lock(&segue_hooks_mutex);
	if (WARN_ON_ONCE(segue_armed)) {
		mutex_unlock(&segue_hooks_mutex);
		return -EBUSY;
	}
	err = segue_hooks_hold_owners();
	if (err)
		goto out;
	err = segue_hooks_resolve(extack);
	if (!err)
		err = segue_hooks_register(extack);
	if (err) {
		segue_hooks_drop_table();
		segue_hooks_release_owners();
	}
out:
	mutex_unlock(&segue_hooks_mutex);
	return err;
}

static bool segue_hook_is_armed(unsigned long ip)
{
	unsigned int i;

	for (i = 0; i < segue_armed_count; i++)
		if (segue_armed[i].ip == ip)
			return true;
	return false;
}

static int segue_hook_follow(const struct segue_hook *hook, struct module *owner,
			     const struct module *module, struct netlink_ext_ack *extack)
{
	unsigned long address = segue_compat_module_address(module, hook->function);
	unsigned long ip = address ? segue_compat_hook_location(address) : 0;
	struct segue_armed_hook *armed;
	int err;

	if (!ip || segue_hook_is_armed(ip))
		return 0;
	if (WARN_ON_ONCE(segue_armed_count == segue_armed_size))
		return -ENOSPC;
	armed = &segue_armed[segue_armed_count];
	armed->ip = ip;
	armed->hook = hook;
	armed->owner = owner;
	/* The callback sees the whole entry, paired with its acquire. */
	smp_store_release(&segue_armed_count, segue_armed_count + 1);
	err = ftrace_set_filter_ip(&segue_ftrace_ops, ip, 0, 0);
	if (err)
		segue_refuse(extack, "function %s of a driver's module cannot be redirected (error %d); is it live-patched?",
			     hook->function, err);
	return err;
}

static int segue_hooks_follow_one(const struct module *module, struct netlink_ext_ack *extack)
{
	struct segue_hook_set *set;
	unsigned int i;
	int err = 0;

	list_for_each_entry(set, &segue_hook_sets, node)
		for (i = 0; !err && i < set->count; i++)
			if (set->hooks[i].followed)
				err = segue_hook_follow(&set->hooks[i], set->owner, module, extack);
	return err;
}

static int segue_hooks_follow_uses(const struct module *module, struct netlink_ext_ack *extack)
{
	struct module_use *use;
	int err = segue_hooks_follow_one(module, extack);

	/* What a module that stays uses does not change. */
	list_for_each_entry(use, &module->target_list, target_list)
		if (!err)
			err = segue_hooks_follow_uses(use->target, extack);
	return err;
}

/**
 * segue_hooks_follow - redirect functions in the modules that a driver consists of
 * @module: the driver's, referenced; NULL if it is part of the kernel
 * @extack: gets the reason of a refusal
 *
 * Hooks are armed. Context: process, sleeps, may patch text. Return: 0 or a negative error.
 */
int segue_hooks_follow(const struct module *module, struct netlink_ext_ack *extack)
{
	int err = 0;

	mutex_lock(&segue_hooks_mutex);
	if (segue_armed && module)
		err = segue_hooks_follow_uses(module, extack);
	mutex_unlock(&segue_hooks_mutex);
	return err;
}

/*
 * Give the functions back.  Returns when no CPU and no preempted task is in the callback any more;
 * a handler that sleeps runs only in the swap's or the session's own tasks, which have ended by
 * now.
 */
void segue_hooks_disarm(void)
{
	mutex_lock(&segue_hooks_mutex);
	if (segue_armed) {
		WARN_ON_ONCE(unregister_ftrace_function(&segue_ftrace_ops));
		segue_hooks_forget(&segue_ftrace_ops);
		segue_hooks_drop_table();
		segue_hooks_release_owners();
	}
	mutex_unlock(&segue_hooks_mutex);
}
