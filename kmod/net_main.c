// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include "net.h"

/* Changed under RTNL, read under RCU. */
static LIST_HEAD(segue_nets);

struct segue_net *segue_net_active;

/* Needs RTNL or RCU; the record is valid as long as that is held. */
struct segue_net *segue_net_find(const struct net_device *nd)
{
	struct segue_net *net;

	list_for_each_entry_rcu(net, &segue_nets, node, lockdep_rtnl_is_held())
		if (net->nd == nd)
			return net;
	return NULL;
}

struct segue_net *segue_net_create(struct net_device *nd)
{
	struct segue_net *net = segue_net_find(nd);

	ASSERT_RTNL();
	if (net)
		return net;
	net = kzalloc(sizeof(*net), GFP_KERNEL);
	if (!net)
		return NULL;
	net->nd = nd;
	net->driver_ops = nd->netdev_ops;
	net->driver_ethtool = nd->ethtool_ops;
	list_add_tail_rcu(&net->node, &segue_nets);
	return net;
}

/*
 * The device has its driver's own table again; a reader may be in ours until the grace period ends.
 */
void segue_net_destroy(struct segue_net *net)
{
	ASSERT_RTNL();
	list_del_rcu(&net->node);
	kfree_rcu(net, rcu);
}

struct segue_net_settings *segue_net_settings_of(const struct net_device *nd)
{
	struct segue_net *net = segue_net_find(nd);

	return net ? net->settings : NULL;
}

/* The device stays as long as it is covered. Need RTNL. */
void segue_net_hold_device(struct segue_net *net)
{
	ASSERT_RTNL();
	if (!net->referenced)
		netdev_hold(net->nd, &net->tracker, GFP_KERNEL);
	net->referenced = true;
}

void segue_net_put_device(struct segue_net *net)
{
	ASSERT_RTNL();
	if (net->referenced)
		netdev_put(net->nd, &net->tracker);
	net->referenced = false;
}

/* Does the device use a table that is part of the record? */
static bool segue_net_uses(const struct segue_net *net)
{
	const struct net_device_ops *ops = net->nd->netdev_ops;

	return ops == &net->hold || ops == &net->impersonator || ops == &net->steady;
}

/*
 * Somebody else unbinds the driver in charge while its device is being swapped.  He waits for the
 * last reference with the device locked, and the swap waits for that lock: so the reference goes
 * now.  From here on nobody but the driver's own remove() touches the device.
 */
static void segue_net_abandon(struct segue_net *net)
{
	if (segue_net_uses(net)) {
		WRITE_ONCE(net->nd->netdev_ops, net->driver_ops);
		WRITE_ONCE(net->nd->ethtool_ops, net->driver_ethtool);
	}
	segue_net_show_queues(net);
	WRITE_ONCE(net->gone, true);
	WRITE_ONCE(net->target->gone, true);
	segue_net_put_device(net);
}

static void segue_net_unregistered(struct segue_net *net)
{
	if (net->wrapped && !net->covered) {
		WRITE_ONCE(net->nd->netdev_ops, net->driver_ops);
		net->wrapped = false;
	}
	if (!net->target) {
		segue_net_destroy(net);
		return;
	}
	/* The swap sees it and frees the record. */
	if (!net->gone)
		segue_net_abandon(net);
}

static int segue_net_event(struct notifier_block *nb, unsigned long event, void *data)
{
	struct segue_net *net = segue_net_find(netdev_notifier_info_to_dev(data));

	if (!net)
		return NOTIFY_DONE;
	switch (event) {
	case NETDEV_UP:
	case NETDEV_DOWN:
		net->user_switched = true;
		/* Whoever closes the driver for good must know whether a user has done so. */
		if (net->nd->netdev_ops != &net->impersonator)
			net->opened = event == NETDEV_UP;
		break;
	case NETDEV_UNREGISTER:
		/* Also sent when a device moves to another namespace, where it lives on. */
		if (net->nd->reg_state == NETREG_UNREGISTERING)
			segue_net_unregistered(net);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block segue_net_notifier = {
	.notifier_call = segue_net_event,
};

static int __init segue_net_init(void)
{
	int err;

	err = segue_compat_net_init();
	if (err)
		return err;
	err = register_netdevice_notifier(&segue_net_notifier);
	if (err)
		return err;
	segue_net_class.hooks.hooks = segue_net_hooks;
	segue_net_class.hooks.count = segue_net_hook_count;
	err = segue_class_register(&segue_net_class);
	if (err)
		unregister_netdevice_notifier(&segue_net_notifier);
	return err;
}

/*
 * Counters of earlier generations are lost when the module goes: every device gets its driver's own
 * table back.  No device is covered: a swap, and a degraded device, hold a reference on the module.
 */
static void __exit segue_net_exit(void)
{
	struct segue_net *net, *next;

	segue_class_unregister(&segue_net_class);
	unregister_netdevice_notifier(&segue_net_notifier);
	rtnl_lock();
	list_for_each_entry_safe(net, next, &segue_nets, node) {
		if (net->wrapped)
			WRITE_ONCE(net->nd->netdev_ops, net->driver_ops);
		segue_net_destroy(net);
	}
	rtnl_unlock();
	segue_net_wait_readers();
	/* No CPU is in segue_net_get_stats64() any more, and no record waits to be freed. */
	synchronize_net();
	rcu_barrier();
}

module_init(segue_net_init);
module_exit(segue_net_exit);

MODULE_DESCRIPTION("Shadow of network drivers for segue");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
