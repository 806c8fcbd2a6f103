// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpuhotplug.h>
#include <linux/device.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/sched.h>
#include <net/net_namespace.h>
#include "bus.h"
#include "compat.h"
#include "generation.h"
#include "hook.h"
#include "names.h"
#include "part.h"
#include "session.h"

/*
 * Protects segue_session.  The hooks read tgid and actor without it: both change only while no hook
 * can apply to the reader, because the reader is the process or the actor itself.
 */
static DEFINE_MUTEX(segue_session_mutex);

static struct segue_session {
	bool open;
	bool orphan;		/* the socket is gone, a swap is still running */
	unsigned int swaps;
	u32 portid;
	pid_t tgid;
	enum segue_session_kind kind;
	const struct segue_bus *bus;
	char driver[SEGUE_NAME_LEN];
	char process[TASK_COMM_LEN];
	struct task_struct *actor;
	const struct kobject *device;
	const struct segue_generation *generation;
	/* The driver that is being registered; only the process itself looks at it. */
	struct device_driver *held;
	/* States that a module asked for before it registered its driver. */
	struct segue_session_cpuhp {
		enum cpuhp_state state;
		struct segue_cpuhp_callbacks callbacks;
	} cpuhp[4];
	unsigned int cpuhp_count;
	/* Handlers that may sleep and run in the process, which nothing else waits for. */
	atomic_t handlers;
} segue_session;

bool segue_session_is_process(void)
{
	return current->tgid == READ_ONCE(segue_session.tgid);
}

bool segue_session_process(const struct pt_regs *regs)
{
	return segue_session_is_process();
}

void segue_session_handler_enter(void)
{
	atomic_inc(&segue_session.handlers);
}

void segue_session_handler_leave(void)
{
	atomic_dec(&segue_session.handlers);
}

static bool segue_session_involved(const struct pt_regs *regs)
{
	return current == READ_ONCE(segue_session.actor) || segue_session_process(regs);
}

/*
 * Drivers also work in tasks of their own: what they add below the device that is being swapped, or
 * to a class of theirs, was there before, or will be again.  Parents stay as long as what is
 * announced.
 */
static bool segue_session_of_device(const struct kobject *kobj)
{
	const struct segue_generation *generation = READ_ONCE(segue_session.generation);
	const struct kobject *top = READ_ONCE(segue_session.device);
	const struct device *dev = kobj_to_dev((struct kobject *)kobj);
	bool classed = segue_compat_is_device(kobj) && dev->class;

	if (!top || !generation)
		return false;
	if (classed && segue_names_has_class(generation, dev->class->name))
		return true;
	/*
	 * A link from one device to another is below neither; the consumer may not have its place
	 * yet.
	 */
	if (classed && !strcmp(dev->class->name, "devlink"))
		kobj = &container_of(dev, struct device_link, link_dev)->supplier->kobj;
	while (kobj && kobj != top)
		kobj = kobj->parent;
	return kobj;
}

static bool segue_session_announces(const struct pt_regs *regs)
{
	return segue_session_involved(regs) ||
	       segue_session_of_device((const struct kobject *)regs->di);
}

void segue_session_swaps(const struct device *dev, const struct segue_generation *generation)
{
	WRITE_ONCE(segue_session.generation, generation);
	WRITE_ONCE(segue_session.device, dev ? &dev->kobj : NULL);
	/* No CPU decides by the old ones any more; they may go. */
	synchronize_rcu_expedited();
}

void segue_session_actor(struct task_struct *task)
{
	WRITE_ONCE(segue_session.actor, task);
}

/*
 * What the exchange does to modules and devices is none of udev's business: all is as before.  The
 * function that sends uevents cannot be hooked, the filters that it asks can: no event for this
 * object.
 */
static int segue_session_uevent(const struct kobject *kobj)
{
	return 0;
}

/* driver_attach(drv) of the generation that is just being registered */
static bool segue_session_attaches(const struct pt_regs *regs)
{
	return segue_session_process(regs) &&
	       regs->di == (unsigned long)READ_ONCE(segue_session.held);
}

/* Nothing is probed because a generation is registered: unbound devices stay unbound. */
static int segue_session_driver_attach(struct device_driver *drv)
{
	return 0;
}

static const char *segue_session_driver_of(const struct device_driver *drv)
{
	struct segue_driver *driver;

	/*
	 * The process may register several drivers; the one of the session's bus is the session's.
	 */
	if (strcmp(drv->bus->name, segue_session.bus->name))
		return drv->name;
	driver = segue_driver_find(segue_session.bus->name, segue_session.driver);
	return driver ? driver->name : segue_session.driver;
}

static int segue_session_keep_cpuhp(struct segue_generation *generation)
{
	struct segue_generation *live = segue_generation_live(generation->driver);
	struct segue_cpuhp_callbacks installed;
	unsigned int i;
	int err = 0;

	for (i = 0; i < segue_session.cpuhp_count && !err; i++) {
		const struct segue_session_cpuhp *want = &segue_session.cpuhp[i];

		err = segue_generation_wants_cpuhp(generation, want->state, &want->callbacks);
		if (err || !live)
			continue;
		segue_compat_cpuhp_read(want->state, &installed);
		err = segue_generation_wants_cpuhp(live, want->state, &installed);
	}
	return err;
}

/* A part's live generation is seen first: it was there first. */
static struct segue_generation *segue_session_see(struct device_driver *drv,
						  const struct segue_bus *bus)
{
	struct segue_driver *driver = segue_driver_find(segue_session.bus->name,
							segue_session.driver);

	if (bus->subordinate && segue_parts_see_live(bus, drv->name, driver))
		return NULL;
	return segue_generation_see(bus, segue_session_driver_of(drv), drv, SEGUE_ROLE_STANDBY);
}

/* What the generation shares with others: of the kernel, or with drivers that go with it. */
static int segue_session_keep_shared(struct segue_generation *generation)
{
	struct segue_generation *live = segue_generation_live(generation->driver);
	int err = segue_session_keep_cpuhp(generation);

	if (!err)
		err = segue_names_keep(generation, live);
	if (err)
		return err;
	if (generation->driver->bus != segue_session.bus && !generation->driver->bus->subordinate)
		return 0;
	return segue_parts_keep(generation, live);
}

/*
 * Registers @drv under its standby name, then masks it.  The name in the structure stays the
 * driver's.
 */
static int segue_session_hold_driver(struct device_driver *drv, const struct segue_bus *bus)
{
	struct segue_generation *generation;
	char name[SEGUE_NAME_LEN + 12];
	const char *plain = drv->name;
	int err;

	segue_generations_lock();
	generation = segue_session_see(drv, bus);
	if (!generation) {
		err = -ENOMEM;
		goto out;
	}
	err = segue_session_keep_shared(generation);
	if (err) {
		segue_generation_forget(generation);
		goto out;
	}
	segue_generation_standby_name(generation, name, sizeof(name));
	drv->name = name;
	WRITE_ONCE(segue_session.held, drv);
	err = segue_bus_add_silently(drv);
	WRITE_ONCE(segue_session.held, NULL);
	drv->name = plain;
	if (err) {
		segue_generation_forget(generation);
		goto out;
	}
	if (segue_bus_name_module_link(drv, name, plain))
		pr_warn("link to driver %s keeps its standby name\n", name);
	generation->ids = bus->mask(drv);
	generation->masked = true;
	/*
	 * Only now: a module that fails to register gives up its states, and must not take them
	 * from the live generation.
	 */
	segue_session.cpuhp_count = 0;
out:
	segue_generations_unlock();
	return err;
}

static int segue_session_driver_register(struct device_driver *drv)
{
	const struct segue_bus *bus = segue_bus_of(drv);
	int err;

	if (!bus || !drv->owner || segue_session.kind != SEGUE_SESSION_UPDATE)
		return driver_register(drv);
	atomic_inc(&segue_session.handlers);
	err = segue_session_hold_driver(drv, bus);
	atomic_dec(&segue_session.handlers);
	return err;
}

/*
 * A fixed hotplug state exists once, so the second copy of a driver is refused.  It gets it when it
 * becomes live; until then the answer is yes.
 */
static int segue_session_setup_cpuhp(enum cpuhp_state state, const char *name, bool invoke,
				     int (*startup)(unsigned int cpu),
				     int (*teardown)(unsigned int cpu), bool multi)
{
	struct segue_session_cpuhp *want = &segue_session.cpuhp[segue_session.cpuhp_count];
	int err = __cpuhp_setup_state(state, name, invoke, startup, teardown, multi);

	if (err != -EBUSY || !segue_compat_cpuhp_static(state) || !multi ||
	    segue_session.cpuhp_count == ARRAY_SIZE(segue_session.cpuhp))
		return err;
	want->state = state;
	want->callbacks.name = name;
	want->callbacks.startup = startup;
	want->callbacks.teardown = teardown;
	segue_session.cpuhp_count++;
	return 0;
}

/* The module that unloads or fails to load gives up a state that another generation has. */
static bool segue_session_lacks_cpuhp(enum cpuhp_state state, unsigned long caller)
{
	struct segue_generation *generation;
	struct segue_driver *driver;
	unsigned int i;
	bool lacks = false;

	for (i = 0; i < segue_session.cpuhp_count; i++)
		lacks |= segue_session.cpuhp[i].state == state;
	segue_generations_lock();
	for (driver = segue_driver_next(NULL); driver; driver = segue_driver_next(driver))
		list_for_each_entry(generation, &driver->generations, node)
			if (generation->role == SEGUE_ROLE_STANDBY && generation->module &&
			    within_module(caller, generation->module) &&
			    segue_generation_has_cpuhp(generation, state))
				lacks = true;
	segue_generations_unlock();
	return lacks;
}

static noinline void segue_session_remove_cpuhp(enum cpuhp_state state, bool invoke)
{
	unsigned long caller = (unsigned long)__builtin_return_address(0);
	bool lacks;

	atomic_inc(&segue_session.handlers);
	lacks = segue_session_lacks_cpuhp(state, caller);
	atomic_dec(&segue_session.handlers);
	if (!lacks)
		__cpuhp_remove_state(state, invoke);
}

static bool segue_session_is_swapping(const struct pt_regs *regs)
{
	return READ_ONCE(segue_session.swaps);
}

/* It takes a device's lock before the PCI core's, which the swap holds when it takes the first. */
static ssize_t segue_session_sriov(struct device *dev, struct device_attribute *attr,
				   const char *buf, size_t count)
{
	return -EBUSY;
}

static const struct segue_hook segue_session_hooks[] = {
	{ "dev_uevent_filter", segue_session_uevent, segue_session_announces },
	{ "uevent_filter", segue_session_uevent, segue_session_involved },
	{ "driver_attach", segue_session_driver_attach, segue_session_attaches },
	{ "driver_register", segue_session_driver_register, segue_session_process },
	{ "__cpuhp_setup_state", segue_session_setup_cpuhp, segue_session_process },
	{ "__cpuhp_remove_state", segue_session_remove_cpuhp, segue_session_process },
	{ "sriov_numvfs_store", segue_session_sriov, segue_session_is_swapping, .optional = true },
};

static struct segue_hook_set segue_session_hook_set = {
	.owner = THIS_MODULE,
	.hooks = segue_session_hooks,
	.count = ARRAY_SIZE(segue_session_hooks),
};

/**
 * segue_session_open - take the session
 * @portid: netlink socket that it belongs to
 * @kind: what the process is about to do
 * @bus: bus of the driver
 * @driver: name of the driver
 * @extack: gets the reason of a refusal
 *
 * Context: process. Return: 0, -EBUSY, or the error of arming the hooks.
 */
int segue_session_open(u32 portid, enum segue_session_kind kind, const struct segue_bus *bus,
		       const char *driver, struct netlink_ext_ack *extack)
{
	int err;

	mutex_lock(&segue_session_mutex);
	if (segue_session.open) {
		segue_refuse(extack, "driver %s is being changed by process %d (%s); try again when it is done",
			     segue_session.driver, segue_session.tgid, segue_session.process);
		err = -EBUSY;
		goto out;
	}
	segue_session.portid = portid;
	segue_session.kind = kind;
	segue_session.bus = bus;
	segue_session.orphan = false;
	segue_session.cpuhp_count = 0;
	segue_names_begin();
	segue_generations_lock();
	segue_parts_begin();
	segue_generations_unlock();
	strscpy(segue_session.driver, driver, sizeof(segue_session.driver));
	get_task_comm(segue_session.process, current);
	WRITE_ONCE(segue_session.actor, NULL);
	WRITE_ONCE(segue_session.tgid, current->tgid);
	err = segue_hooks_arm(extack);
	if (err) {
		WRITE_ONCE(segue_session.tgid, 0);
		goto out;
	}
	__module_get(THIS_MODULE);
	segue_session.open = true;
out:
	mutex_unlock(&segue_session_mutex);
	return err;
}

/* The process may be inside a handler when its socket is closed by another of its threads. */
static void segue_session_end(void)
{
	lockdep_assert_held(&segue_session_mutex);
	WRITE_ONCE(segue_session.tgid, 0);
	segue_hooks_disarm();
	while (atomic_read(&segue_session.handlers))
		schedule_timeout_uninterruptible(1);
	segue_generations_settle();
	segue_session.open = false;
	module_put(THIS_MODULE);
}

static int segue_session_owned(u32 portid, struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&segue_session_mutex);
	if (segue_session.open && !segue_session.orphan && segue_session.portid == portid)
		return 0;
	segue_refuse(extack, "this socket has no session; open one first");
	return -EPERM;
}

int segue_session_close(u32 portid, struct netlink_ext_ack *extack)
{
	int err;

	mutex_lock(&segue_session_mutex);
	err = segue_session_owned(portid, extack);
	if (!err && segue_session.swaps) {
		segue_refuse(extack, "a swap is running; the session ends with it");
		err = -EBUSY;
	}
	if (!err)
		segue_session_end();
	mutex_unlock(&segue_session_mutex);
	return err;
}

int segue_session_check(u32 portid, struct netlink_ext_ack *extack)
{
	int err;

	mutex_lock(&segue_session_mutex);
	err = segue_session_owned(portid, extack);
	if (!err && segue_session.swaps) {
		segue_refuse(extack, "a swap of driver %s is running", segue_session.driver);
		err = -EBUSY;
	}
	mutex_unlock(&segue_session_mutex);
	return err;
}

int segue_session_hold(u32 portid, struct netlink_ext_ack *extack)
{
	int err;

	mutex_lock(&segue_session_mutex);
	err = segue_session_owned(portid, extack);
	if (!err && segue_session.swaps) {
		segue_refuse(extack, "a swap of driver %s is running", segue_session.driver);
		err = -EBUSY;
	}
	if (!err)
		WRITE_ONCE(segue_session.swaps, segue_session.swaps + 1);
	mutex_unlock(&segue_session_mutex);
	return err;
}

void segue_session_release(void)
{
	mutex_lock(&segue_session_mutex);
	WRITE_ONCE(segue_session.swaps, segue_session.swaps - 1);
	if (!segue_session.swaps && segue_session.orphan)
		segue_session_end();
	mutex_unlock(&segue_session_mutex);
}

/* The socket of the session is gone: its process has died, or has closed it. */
static int segue_session_netlink(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct netlink_notify *notify = data;

	/* Other network namespaces number their sockets for themselves; the family is not there. */
	if (event != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC ||
	    !net_eq(notify->net, &init_net))
		return NOTIFY_DONE;
	mutex_lock(&segue_session_mutex);
	if (segue_session.open && !segue_session.orphan &&
	    segue_session.portid == notify->portid) {
		segue_session.orphan = true;
		if (!segue_session.swaps)
			segue_session_end();
	}
	mutex_unlock(&segue_session_mutex);
	return NOTIFY_DONE;
}

static struct notifier_block segue_session_notifier = {
	.notifier_call = segue_session_netlink,
};

int segue_session_init(void)
{
	int err = segue_hooks_add(&segue_session_hook_set);

	if (err)
		return err;
	err = netlink_register_notifier(&segue_session_notifier);
	if (err)
		segue_hooks_remove(&segue_session_hook_set);
	return err;
}

/* A session holds a reference on the module, so there is none here. */
void segue_session_exit(void)
{
	netlink_unregister_notifier(&segue_session_notifier);
	segue_hooks_remove(&segue_session_hook_set);
}
