// SPDX-License-Identifier: GPL-2.0
/*
 * Resolution of unexported symbols, and the core's differences between kernels.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/device.h>
#include <linux/ftrace.h>
#include <linux/klist.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/trace_events.h>
#include <net/genetlink.h>
#include "compat.h"

SEGUE_CORE_FUNCTIONS(SEGUE_UNEXPORTED_DEFINE)

/*
 * The layout of the kernel's table of hotplug states, private to kernel/cpu.c.  The same in 6.1 and
 * 6.12.
 */
struct segue_cpuhp_step {
	const char *name;
	void *startup;
	void *teardown;
	struct hlist_head list;
	bool cant_stop;
	bool multi_instance;
};

/* Address of the table, an array of struct segue_cpuhp_step. */
static unsigned long segue_cpuhp_states;

/* Address of the mutex that protects it, under which sysfs prints the names. */
static unsigned long segue_cpuhp_mutex;

static struct segue_cpuhp_step *segue_cpuhp_step(enum cpuhp_state state)
{
	return (struct segue_cpuhp_step *)segue_cpuhp_states + state;
}

/* Private to block/genhd.c; the same in 6.1 and 6.12. */
struct segue_major_name {
	struct segue_major_name *next;
	int major;
	char name[16];
};

#define SEGUE_MAJOR_NAMES	255

/* The table of major numbers and its lock, and the folder of classes. */
static unsigned long segue_major_names;
static unsigned long segue_major_names_lock;
static unsigned long segue_class_kset;

/* Private to drivers/base/base.h; only the place of its last member matters here. */
struct segue_subsys_private {
	struct kset subsys;
	struct kset *devices_kset;
	struct list_head interfaces;
	/* Of the interfaces; not taken here. */
	struct mutex mutex;
	struct kset *drivers_kset;
	struct klist klist_devices;
	struct klist klist_drivers;
	struct blocking_notifier_head bus_notifier;
	unsigned int drivers_autoprobe:1;
	const void *bus;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	/* Moved here from struct bus_type. */
	struct device *dev_root;
#endif
	struct kset glue_dirs;
};

static unsigned long segue_device_ktype;

static const struct segue_symbol segue_core_symbols[] = {
	SEGUE_CORE_FUNCTIONS(SEGUE_UNEXPORTED_SYMBOL)
	{ .name = "cpuhp_hp_states", .data = &segue_cpuhp_states },
	{ .name = "cpuhp_state_mutex", .data = &segue_cpuhp_mutex },
	{ .name = "major_names", .data = &segue_major_names },
	{ .name = "major_names_lock", .data = &segue_major_names_lock },
	{ .name = "class_kset", .data = &segue_class_kset },
	{ .name = "device_ktype", .data = &segue_device_ktype },
};

/**
 * segue_compat_resolve - find every symbol of a table
 * @table: the symbols
 * @count: how many
 *
 * Each missing symbol is named in the kernel log, so that one look tells what a new kernel changed.
 * Nothing is bound unless all are found.
 *
 * Context: process. Return: 0 or -ENOENT.
 */
int segue_compat_resolve(const struct segue_symbol *table, unsigned int count)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < count; i++) {
		const char *name = table[i].name;

		if (static_call(segue_kallsyms_lookup_name)(name))
			continue;
		pr_err("this kernel has no symbol %s, which Segue needs; a newer Segue may know this kernel\n",
		       name);
		err = -ENOENT;
	}
	for (i = 0; !err && i < count; i++) {
		unsigned long address = static_call(segue_kallsyms_lookup_name)(table[i].name);

		if (table[i].key)
			__static_call_update(table[i].key, table[i].trampoline, (void *)address);
		else
			*table[i].data = address;
	}
	return err;
}
EXPORT_SYMBOL_GPL(segue_compat_resolve);

/*
 * kallsyms_lookup_name() left the exports with commit 0bd476e6c671 ("kallsyms: unexport
 * kallsyms_lookup_name() and kallsyms_on_each_symbol()"); a kprobe still tells where it is.
 */
int segue_compat_init(void)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	int err;

	err = register_kprobe(&probe);
	if (err) {
		pr_err("kprobes are not available (%d), which Segue needs to find functions\n",
		       err);
		return err;
	}
	static_call_update(segue_kallsyms_lookup_name, (segue_kallsyms_lookup_name_fn *)probe.addr);
	unregister_kprobe(&probe);
	return segue_compat_resolve(segue_core_symbols, ARRAY_SIZE(segue_core_symbols));
}

/* For looking at a function, or hooking it; never for calling it. */
unsigned long segue_compat_address(const char *function)
{
	return static_call(segue_kallsyms_lookup_name)(function);
}

/* The same for a function of one module, which another module may have under the same name. */
unsigned long segue_compat_module_address(const struct module *module, const char *function)
{
	char name[MODULE_NAME_LEN + 64];

	snprintf(name, sizeof(name), "%s:%s", module->name, function);
	return segue_compat_address(name);
}

/* Where ftrace enters the function at @address, or 0 if it cannot. */
unsigned long segue_compat_hook_location(unsigned long address)
{
	return address ? static_call(segue_ftrace_location)(address) : 0;
}

/* A bus type that its module keeps to itself: data, so it may be reached by address. */
const struct bus_type *segue_compat_bus(const char *symbol)
{
	return (const struct bus_type *)static_call(segue_kallsyms_lookup_name)(symbol);
}

/*
 * struct driver_private is private to the driver core and begins with the kobject in all kernels.
 */
struct kobject *segue_compat_driver_kobject(const struct device_driver *drv)
{
	return (struct kobject *)drv->p;
}

/*
 * Where the events of a module are to be found in tracefs. Context: before it runs and before the
 * tracers have heard of it.
 */
void segue_compat_name_events(struct module *module)
{
#ifdef CONFIG_EVENT_TRACING
	unsigned int i;

	for (i = 0; i < module->num_trace_events; i++)
		module->trace_events[i]->class->system = module->name;
	/* Names of constants are told apart by the same pointer. */
	for (i = 0; i < module->num_trace_evals; i++)
		module->trace_evals[i]->system = module->name;
#endif
}

/* The folder /sys/class. */
struct kset *segue_compat_class_kset(void)
{
	return *(struct kset **)segue_class_kset;
}

/* The folders that hold the devices of a class, one for each parent. */
struct kset *segue_compat_class_folders(struct kobject *class)
{
	return &container_of(class, struct segue_subsys_private, subsys.kobj)->glue_dirs;
}

/* Any context. */
bool segue_compat_is_device(const struct kobject *kobj)
{
	return kobj->ktype == (const struct kobj_type *)segue_device_ktype;
}

/* The major number that block devices of this name have, or 0. Context: process. */
int segue_compat_block_major(const char *name)
{
	struct segue_major_name **table = (struct segue_major_name **)segue_major_names;
	struct mutex *lock = (struct mutex *)segue_major_names_lock;
	const struct segue_major_name *entry;
	unsigned int i;
	int major = 0;

	mutex_lock(lock);
	for (i = 0; i < SEGUE_MAJOR_NAMES; i++)
		for (entry = table[i]; entry; entry = entry->next)
			if (!strncmp(entry->name, name, sizeof(entry->name) - 1))
				major = entry->major;
	mutex_unlock(lock);
	return major;
}

/* driver_find() takes a const bus only since 6.4; the cast serves both. */
struct device_driver *segue_compat_driver_find(const char *name, const struct bus_type *type)
{
	return driver_find(name, (struct bus_type *)type);
}

/**
 * segue_compat_cpuhp_static - has this hotplug state a fixed number
 * @state: state that a driver asked for
 *
 * A state of the dynamic ranges is a request for any free slot, so two copies of a driver never
 * meet there.  A fixed one exists once.
 *
 * Return: true for a fixed state.
 */
bool segue_compat_cpuhp_static(enum cpuhp_state state)
{
	return state != CPUHP_BP_PREPARE_DYN && state != CPUHP_AP_ONLINE_DYN;
}

/* What a fixed state that is set up calls now. */
void segue_compat_cpuhp_read(enum cpuhp_state state, struct segue_cpuhp_callbacks *callbacks)
{
	callbacks->name = segue_cpuhp_step(state)->name;
	callbacks->startup = segue_cpuhp_step(state)->startup;
	callbacks->teardown = segue_cpuhp_step(state)->teardown;
}

/**
 * segue_compat_cpuhp_write - give a hotplug state the name and the callbacks of another module
 * @state: a fixed state that is set up
 * @callbacks: what to install
 *
 * Context: process, sleeps. The caller keeps CPUs from coming and going with cpu_hotplug_disable(),
 * so nobody runs the callbacks, and nobody reads the old name when this returns.
 */
void segue_compat_cpuhp_write(enum cpuhp_state state, const struct segue_cpuhp_callbacks *callbacks)
{
	struct mutex *lock = (struct mutex *)segue_cpuhp_mutex;

	mutex_lock(lock);
	segue_cpuhp_step(state)->name = callbacks->name;
	segue_cpuhp_step(state)->startup = callbacks->startup;
	segue_cpuhp_step(state)->teardown = callbacks->teardown;
	mutex_unlock(lock);
}

/*
 * 7288dd2fd488 ("genetlink: use attrs from struct genl_info", 6.6) moved the attributes of a dump.
 */
struct nlattr **segue_compat_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	return genl_dumpit_info(cb)->attrs;
#else
	return genl_info_dump(cb)->attrs;
#endif
}

/**
 * segue_refuse - say in words why a request is refused
 * @extack: extended ack of the request, or NULL
 * @fmt: one line: what was found, what is needed, what to do
 *
 * The kernel takes a formatted message only since 51c352bdbcd2 ("netlink: add support for formatted
 * extack messages", 6.2), so the text lives in one of a few static buffers until the ack is sent.
 * Two refusals at the same moment get different buffers.
 */
void segue_refuse(struct netlink_ext_ack *extack, const char *fmt, ...)
{
	static char texts[8][200];
	static atomic_t next = ATOMIC_INIT(0);
	char *text = texts[atomic_inc_return(&next) % ARRAY_SIZE(texts)];
	va_list args;

	va_start(args, fmt);
	vscnprintf(text, sizeof(texts[0]), fmt, args);
	va_end(args);
	if (extack)
		extack->_msg = text;
	else
		pr_err("%s\n", text);
}
EXPORT_SYMBOL_GPL(segue_refuse);
