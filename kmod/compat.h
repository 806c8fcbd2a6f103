/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels, and what the kernel does not export.
 *
 * Only compat*.[ch] test kernel versions or know addresses of unexported functions.  Such a
 * function is reached through a static call: the kernel patches a direct call to it into our text.
 * An indirect call would fault on kernels with IBT, which have sealed every function whose address
 * is not taken; a direct one is always allowed.  A table of symbols is resolved all or nothing when
 * the module loads.
 */
#ifndef _SEGUE_COMPAT_H
#define _SEGUE_COMPAT_H

#include <linux/cpuhotplug.h>
#include <linux/ftrace.h>
#include <linux/static_call.h>
#include <linux/types.h>
#include <linux/version.h>
#include <net/genetlink.h>

struct netlink_ext_ack;

/**
 * struct segue_symbol - one symbol of the kernel that is not exported
 * @name: as in /proc/kallsyms
 * @key: of the static call that reaches a function
 * @trampoline: of the same
 * @data: where to store the address of data, which is not called
 */
struct segue_symbol {
	const char *name;
	struct static_call_key *key;
	void *trampoline;
	unsigned long *data;
};

/*
 * A table of unexported functions is an X-macro list of (return type, name, prototype).  DECLARE
 * goes into the header, DEFINE and SYMBOL into the compat file of the module that needs them.
 */
#define SEGUE_UNEXPORTED_DECLARE(ret, fn, proto)				\
	typedef ret (segue_##fn##_fn) proto;					\
	DECLARE_STATIC_CALL(segue_##fn, segue_##fn##_fn);

/* What is called before the table is resolved; nothing can reach it after a successful load. */
#define SEGUE_UNEXPORTED_DEFINE(ret, fn, proto)					\
	static ret segue_##fn##_unbound proto					\
	{									\
		WARN_ON_ONCE(1);						\
		return (ret)0;							\
	}									\
	DEFINE_STATIC_CALL(segue_##fn, segue_##fn##_unbound);

#define SEGUE_UNEXPORTED_SYMBOL(ret, fn, proto)					\
	{ .name = #fn, .key = &STATIC_CALL_KEY(segue_##fn),			\
	  .trampoline = STATIC_CALL_TRAMP_ADDR(segue_##fn) },

struct bus_type;
struct device_driver;
struct kobject;
struct module;
struct task_struct;

#define SEGUE_CORE_FUNCTIONS(X)							\
	X(unsigned long, kallsyms_lookup_name, (const char *name))		\
	X(unsigned long, ftrace_location, (unsigned long ip))			\
	X(int, bus_add_driver, (struct device_driver *drv))			\
	X(unsigned int, stack_trace_save_tsk, (struct task_struct *task,	\
	  unsigned long *store, unsigned int size, unsigned int skip))

SEGUE_CORE_FUNCTIONS(SEGUE_UNEXPORTED_DECLARE)

int segue_compat_resolve(const struct segue_symbol *table, unsigned int count);
int segue_compat_init(void);

unsigned long segue_compat_address(const char *function);
unsigned long segue_compat_module_address(const struct module *module, const char *function);
unsigned long segue_compat_hook_location(unsigned long address);

const struct bus_type *segue_compat_bus(const char *symbol);
struct kobject *segue_compat_driver_kobject(const struct device_driver *drv);
struct device_driver *segue_compat_driver_find(const char *name, const struct bus_type *type);

__printf(2, 3)
void segue_refuse(struct netlink_ext_ack *extack, const char *fmt, ...);

struct netlink_callback;
struct nlattr;

struct nlattr **segue_compat_dump_attrs(struct netlink_callback *cb);

/*
 * The hooks of a family get a split operation since "genetlink: add iterator for policies" (6.2).
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
typedef struct genl_ops segue_compat_genl_ops;
#else
typedef struct genl_split_ops segue_compat_genl_ops;
#endif

/* 2c92ca849fcc ("tracing/treewide: Remove second parameter of __assign_str()", 6.10). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define segue_compat_assign_str(field, value)	__assign_str(field, value)
#else
#define segue_compat_assign_str(field, value)	__assign_str(field)
#endif

/*
 * Renamed by "ftrace: rename ftrace_instruction_pointer_set() ->
 * ftrace_regs_set_instruction_pointer()".
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define ftrace_regs_set_instruction_pointer(fregs, ip)	ftrace_instruction_pointer_set(fregs, ip)
#endif

/*
 * dcfbb67e48a2 ("driver core: class: use lock_class_key already present in struct subsys_private")
 * and 43a7206b0963 ("driver core: class: make class_register() take a const *"), 6.4 and 6.5.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#define SEGUE_CLASS_REGISTER		"__class_register"
#define SEGUE_CLASS_REGISTER_PROTO	struct class *class, struct lock_class_key *key
#define SEGUE_CLASS_REGISTER_PASS	class, key
#define SEGUE_CLASS_REGISTER_CALL	__class_register(class, key)
#define SEGUE_CLASS_UNREGISTER_PROTO	struct class *class
#else
#define SEGUE_CLASS_REGISTER		"class_register"
#define SEGUE_CLASS_REGISTER_PROTO	const struct class *class
#define SEGUE_CLASS_REGISTER_PASS	class
#define SEGUE_CLASS_REGISTER_CALL	class_register(class)
#define SEGUE_CLASS_UNREGISTER_PROTO	const struct class *class
#endif

/* c45a88bb3f0d ("kobject: kset_uevent_ops: make filter() callback take a const *", 6.2). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
typedef struct kobject segue_compat_uevent_kobject;
#else
typedef const struct kobject segue_compat_uevent_kobject;
#endif

/* d69d80484598 ("driver core: have match() callback in struct bus_type take a const *", 6.11). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
typedef struct hdac_driver segue_compat_hdac_driver;
#else
typedef const struct hdac_driver segue_compat_hdac_driver;
#endif

struct kset;

struct kset *segue_compat_class_kset(void);
struct kset *segue_compat_class_folders(struct kobject *class);
void segue_compat_name_events(struct module *module);
bool segue_compat_is_device(const struct kobject *kobj);
int segue_compat_block_major(const char *name);

/**
 * struct segue_cpuhp_callbacks - what one CPU hotplug state has of a module
 * @name: shown in sysfs; in the module's memory like the functions
 * @startup: as given to cpuhp_setup_state*()
 * @teardown: as given to cpuhp_setup_state*()
 */
struct segue_cpuhp_callbacks {
	const char *name;
	void *startup;
	void *teardown;
};

bool segue_compat_cpuhp_static(enum cpuhp_state state);
void segue_compat_cpuhp_read(enum cpuhp_state state, struct segue_cpuhp_callbacks *callbacks);
void segue_compat_cpuhp_write(enum cpuhp_state state,
			      const struct segue_cpuhp_callbacks *callbacks);

#endif /* _SEGUE_COMPAT_H */
