// SPDX-License-Identifier: GPL-2.0
/*
 * Handing one net_device from driver to driver: what belongs to the driver is reset to what a fresh
 * device has, what belongs to the stack is put aside and put back.
 */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/sysfs.h>
#include "net.h"

static void segue_net_save_stack(struct segue_net *net)
{
	struct net_device *nd = net->nd;

	memcpy(net->stack.name, nd->name, IFNAMSIZ);
	net->stack.flags = nd->flags;
	net->stack.mtu = nd->mtu;
	net->stack.tx_queue_len = nd->tx_queue_len;
	net->stack.addr_assign_type = nd->addr_assign_type;
	net->stack.link_mode = nd->link_mode;
	net->stack.gso_max_size = nd->gso_max_size;
	net->stack.gso_max_segs = nd->gso_max_segs;
	memcpy(net->stack.sysfs_groups, nd->sysfs_groups, sizeof(nd->sysfs_groups));
	net->stack.stat_type = nd->pcpu_stat_type;
	net->was.wanted_features = nd->wanted_features;
}

static void segue_net_restore_stack(struct segue_net *net)
{
	struct net_device *nd = net->nd;

	nd->flags = net->stack.flags;
	WRITE_ONCE(nd->mtu, net->stack.mtu);
	nd->tx_queue_len = net->stack.tx_queue_len;
	nd->addr_assign_type = net->stack.addr_assign_type;
	nd->link_mode = net->stack.link_mode;
	nd->gso_max_size = min(net->stack.gso_max_size, nd->tso_max_size);
	nd->gso_max_segs = min(net->stack.gso_max_segs, nd->tso_max_segs);
	memcpy(nd->sysfs_groups, net->stack.sysfs_groups, sizeof(nd->sysfs_groups));
}

/*
 * Look-ups by name go on while a driver writes over the name, which many do before they register.
 * Readers of the member itself are served by hooks.
 */
static void segue_net_hide_name(struct segue_net *net)
{
	segue_compat_net_private_name(net->nd, net->stack.name);
	/*
	 * The hooks may show the saved name from now on: it is complete. Paired with READ_ONCE
	 * there.
	 */
	smp_store_release(&net->naming, true);
}

/* The driver has written what it wanted to write; the stack's members are as they were. */
void segue_net_restore(struct segue_net *net)
{
	if (!net->naming)
		return;
	memcpy(net->nd->name, net->stack.name, IFNAMSIZ);
	segue_compat_net_private_name(net->nd, net->nd->name);
	segue_net_restore_stack(net);
	WRITE_ONCE(net->naming, false);
}

/* Attributes that the driver that left has added to the receive queues live in its module. */
static void segue_net_drop_queue_groups(struct segue_net *net)
{
	unsigned int i;

	if (!net->stack.rx_queue_group)
		return;
	for (i = 0; i < net->nd->real_num_rx_queues; i++)
		sysfs_remove_group(&net->nd->_rx[i].kobj, net->stack.rx_queue_group);
	net->stack.rx_queue_group = NULL;
}

static void segue_net_reset_fields(struct net_device *nd, const struct net_device *fresh)
{
#define SEGUE_NET_RESET(field)	nd->field = fresh->field;
	SEGUE_NET_DRIVER_FIELDS(SEGUE_NET_RESET)
#undef SEGUE_NET_RESET
	nd->priv_flags = (nd->priv_flags & ~(u64)SEGUE_NET_DRIVER_FLAGS) |
			 (fresh->priv_flags & SEGUE_NET_DRIVER_FLAGS);
	/* Drivers that count here write absolute values that begin at zero. */
	memset(&nd->stats, 0, sizeof(nd->stats));
}

static bool segue_net_fits(struct segue_net *net, int priv_size, unsigned int txqs,
			   unsigned int rxqs)
{
	struct segue_findings *found = &net->target->found;
	struct net_device *nd = net->nd;
	size_t room = segue_compat_net_room(nd);

	if (priv_size > room)
		segue_found_limit(found, SEGUE_SEVERITY_IMPOSSIBLE, room, priv_size,
				  "bytes of private area");
	if (txqs > nd->num_tx_queues)
		segue_found_limit(found, SEGUE_SEVERITY_IMPOSSIBLE, nd->num_tx_queues, txqs,
				  "transmit queues of the device object");
	if (rxqs > nd->num_rx_queues)
		segue_found_limit(found, SEGUE_SEVERITY_IMPOSSIBLE, nd->num_rx_queues, rxqs,
				  "receive queues of the device object");
	return found->worst < SEGUE_SEVERITY_IMPOSSIBLE;
}

/**
 * segue_net_hand_over - give the device to a driver that asks for a new one
 * @net: the device
 * @priv_size: size of the private area that the driver wants, bytes
 * @name_type: as for alloc_netdev_mqs()
 * @setup: as for alloc_netdev_mqs()
 * @txqs: transmit queues
 * @rxqs: receive queues
 *
 * What a fresh device looks like is taken from one that is made for the purpose.  The private area
 * is part of the object's memory, so it can only grow into what the allocator had rounded up.
 *
 * Context: in the driver's probe, RTNL held. Return: the device, or NULL; then a finding says why.
 */
struct net_device *segue_net_hand_over(struct segue_net *net, int priv_size,
				       unsigned char name_type,
				       void (*setup)(struct net_device *nd),
				       unsigned int txqs, unsigned int rxqs)
{
	struct net_device *nd = net->nd, *fresh;

	if (net->gone || !segue_net_fits(net, priv_size, txqs, rxqs))
		return NULL;
	fresh = alloc_netdev_mqs(priv_size, "segue%d", name_type, setup, txqs, rxqs);
	if (!fresh)
		return NULL;
	segue_net_save_stack(net);
	segue_net_hide_name(net);
	segue_net_drop_queue_groups(net);
	/*
	 * As in a device that was just allocated: not running, and no word about the carrier yet.
	 */
	clear_bit(__LINK_STATE_START, &nd->state);
	clear_bit(__LINK_STATE_NOCARRIER, &nd->state);
	netif_tx_disable(nd);
	segue_net_reset_fields(nd, fresh);
	segue_compat_net_set_private(nd, fresh, priv_size);
	free_netdev(fresh);
	net->wanted_tx = txqs;
	net->wanted_rx = rxqs;
	net->mac_set = false;
	/* Until it frees the device again, the driver has it. */
	net->returned = false;
	net->handed = true;
	return nd;
}

/*
 * Two drivers of one device may keep counters differently; memory for per-CPU ones is the stack's.
 */
static int segue_net_check_counters(struct segue_net *net, enum netdev_stat_type was)
{
	if (net->nd->pcpu_stat_type == was)
		return 0;
	segue_found_text(&net->target->found, SEGUE_SEVERITY_IMPOSSIBLE,
			 "per-CPU counters of another kind");
	return -EOPNOTSUPP;
}

/**
 * segue_net_adopt - the driver registers the device that it was given
 * @net: the device
 *
 * Does what register_netdevice() would do for the driver's sake, and nothing that others would
 * notice. Afterwards the device is impersonated again, until the replay.
 *
 * Context: in the driver's probe, RTNL held. Return: 0 or a negative error for the driver.
 */
int segue_net_adopt(struct segue_net *net)
{
	struct net_device *nd = net->nd;
	int err;

	segue_net_restore(net);
	err = segue_net_check_counters(net, net->stack.stat_type);
	if (err)
		return err;
	net->driver_ops = nd->netdev_ops;
	net->driver_ethtool = nd->ethtool_ops;
	if (net->driver_ops->ndo_init) {
		err = net->driver_ops->ndo_init(nd);
		if (err)
			return err > 0 ? -EIO : err;
	}
	segue_compat_net_register_features(nd);
	/*
	 * What the user switched stays; what only the new driver can switch is as the driver wants
	 * it.
	 */
	nd->wanted_features = (net->was.wanted_features & nd->hw_features) |
			      (nd->features & nd->hw_features & ~net->was.hw_features);
	net->asked_features = nd->wanted_features;
	net->adopted = true;
	segue_net_install_impersonator(net);
	return 0;
}

/* A driver that could do less goes again: what it cut from the user's settings is put back. */
static void segue_net_take_back(struct segue_net *net)
{
	struct net_device *nd = net->nd;
	netdev_features_t changed = nd->wanted_features ^ net->asked_features;

	nd->wanted_features = (net->was.wanted_features & ~changed) |
			      (nd->wanted_features & changed);
	nd->gso_max_size = net->stack.gso_max_size;
	nd->gso_max_segs = net->stack.gso_max_segs;
}

/* The driver unregisters the device: what register_netdevice() did for it is undone. */
void segue_net_give_back(struct segue_net *net)
{
	struct net_device *nd = net->nd;

	if (net->driver_ops->ndo_uninit)
		net->driver_ops->ndo_uninit(nd);
	if (nd->priv_destructor)
		nd->priv_destructor(nd);
	if (net->adopted)
		segue_net_take_back(net);
	net->adopted = false;
	segue_net_install_impersonator(net);
	synchronize_rcu_expedited();
}
