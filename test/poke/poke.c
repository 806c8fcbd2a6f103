// SPDX-License-Identifier: GPL-2.0
/*
 * Does redirecting kernel functions again and again lock up a CPU?
 *
 * One thread arms and disarms an IPMODIFY ftrace_ops on a handful of functions, as a session of Segue does,
 * while one thread per CPU calls them without pause.  With keep=1 the functions stay redirected and only a
 * flag is changed, so no text is patched after the start.  See docs/text-patching.md.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/ftrace.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>

static bool keep;
module_param(keep, bool, 0444);
MODULE_PARM_DESC(keep, "stay armed, change only a flag");

static unsigned int pause_us = 200;
module_param(pause_us, uint, 0644);
MODULE_PARM_DESC(pause_us, "time between two toggles");

static bool hammer = true;
module_param(hammer, bool, 0444);
MODULE_PARM_DESC(hammer, "one thread per CPU calls the functions without pause");

static unsigned int toggles;
module_param(toggles, uint, 0444);
MODULE_PARM_DESC(toggles, "how often the functions were redirected and given back");

static unsigned long redirected;
module_param(redirected, ulong, 0444);
MODULE_PARM_DESC(redirected, "calls that ended in the replacement");

static const char * const poke_functions[] = {
	"rtnl_lock", "rtnl_unlock", "rtnl_is_locked", "dev_get_flags",
};

static bool poke_active;
static struct task_struct *poke_toggler;
static struct task_struct *poke_callers[NR_CPUS];

static unsigned int poke_dev_get_flags(const struct net_device *dev)
{
	WRITE_ONCE(redirected, redirected + 1);
	return dev->flags;
}

static void notrace poke_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
				  struct ftrace_regs *fregs)
{
	static unsigned long entry;
	struct pt_regs *regs = ftrace_get_regs(fregs);

	if (!entry)
		entry = (unsigned long)dev_get_flags;
	/* The patched place is the function's first instruction, or follows its ENDBR. */
	if (READ_ONCE(poke_active) && ip - entry < 8)
		regs->ip = (unsigned long)poke_dev_get_flags;
}

static struct ftrace_ops poke_ops = {
	.func = poke_callback,
	.flags = FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_IPMODIFY,
};

static int poke_toggle(void *unused)
{
	int err = 0;

	if (keep)
		err = register_ftrace_function(&poke_ops);
	while (!err && !kthread_should_stop()) {
		if (!keep)
			err = register_ftrace_function(&poke_ops);
		WRITE_ONCE(poke_active, true);
		usleep_range(pause_us, pause_us + 100);
		WRITE_ONCE(poke_active, false);
		if (!err && !keep)
			err = unregister_ftrace_function(&poke_ops);
		usleep_range(pause_us, pause_us + 100);
		WRITE_ONCE(toggles, toggles + 1);
	}
	if (keep && !err)
		unregister_ftrace_function(&poke_ops);
	if (err)
		pr_err("ftrace: error %d\n", err);
	while (!kthread_should_stop())
		msleep(20);
	return err;
}

static int poke_call(void *unused)
{
	unsigned int i;

	while (!kthread_should_stop()) {
		for (i = 0; i < 100; i++) {
			rtnl_is_locked();
			dev_get_flags(init_net.loopback_dev);
		}
		rtnl_lock();
		rtnl_unlock();
		/* A thread per CPU that never sleeps would keep everybody else from running. */
		usleep_range(20, 60);
	}
	return 0;
}

static void poke_stop(void)
{
	unsigned int cpu;

	if (!IS_ERR_OR_NULL(poke_toggler))
		kthread_stop(poke_toggler);
	for_each_possible_cpu(cpu)
		if (!IS_ERR_OR_NULL(poke_callers[cpu]))
			kthread_stop(poke_callers[cpu]);
}

static int __init poke_init(void)
{
	unsigned int cpu, i;
	int err;

	for (i = 0; i < ARRAY_SIZE(poke_functions); i++) {
		err = ftrace_set_filter(&poke_ops, (unsigned char *)poke_functions[i],
					strlen(poke_functions[i]), !i);
		if (err)
			return err;
	}
	for_each_online_cpu(cpu) {
		if (!hammer)
			break;
		poke_callers[cpu] = kthread_create_on_cpu(poke_call, NULL, cpu, "poke/%u");
		if (IS_ERR(poke_callers[cpu])) {
			err = PTR_ERR(poke_callers[cpu]);
			goto err_stop;
		}
		wake_up_process(poke_callers[cpu]);
	}
	poke_toggler = kthread_run(poke_toggle, NULL, "poke/toggle");
	if (IS_ERR(poke_toggler)) {
		err = PTR_ERR(poke_toggler);
		goto err_stop;
	}
	return 0;

err_stop:
	poke_stop();
	return err;
}

static void __exit poke_exit(void)
{
	poke_stop();
	ftrace_free_filter(&poke_ops);
}

module_init(poke_init);
module_exit(poke_exit);
MODULE_DESCRIPTION("Text patching experiment");
MODULE_LICENSE("GPL");
