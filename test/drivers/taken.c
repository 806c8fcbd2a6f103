// SPDX-License-Identifier: GPL-2.0
/* Redirects one kernel function, to itself, as a live patch would: Segue must refuse and name it. */
#include <linux/ftrace.h>
#include <linux/module.h>

static char *function = "unregister_netdev";
module_param(function, charp, 0444);
MODULE_PARM_DESC(function, "name of the function");

static void notrace taken_callback(unsigned long ip, unsigned long parent_ip,
				   struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
}

static struct ftrace_ops taken_ops = {
	.func = taken_callback,
	.flags = FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_IPMODIFY,
};

/* The list of functions is ftrace's memory and would stay when this module goes. */
static void taken_forget(void)
{
	ftrace_set_filter(&taken_ops, NULL, 0, 1);
}

static int __init taken_init(void)
{
	int err;

	err = ftrace_set_filter(&taken_ops, function, strlen(function), 1);
	if (!err)
		err = register_ftrace_function(&taken_ops);
	if (err)
		taken_forget();
	return err;
}

static void __exit taken_exit(void)
{
	unregister_ftrace_function(&taken_ops);
	taken_forget();
}

module_init(taken_init);
module_exit(taken_exit);

MODULE_DESCRIPTION("Takes a kernel function");
MODULE_LICENSE("GPL");
