// SPDX-License-Identifier: GPL-2.0
/* Tables that stand in for a driver's, and the switching between them. */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <net/sch_generic.h>
#include "net.h"

/* The queueing discipline keeps the packet; nothing is lost but time. */
static netdev_tx_t segue_net_hold_xmit(struct sk_buff *skb, struct net_device *nd)
{
	netif_tx_stop_queue(skb_get_tx_queue(nd, skb));
	return NETDEV_TX_BUSY;
}

/*
 * Frames of an XDP redirect have no queue to wait in; the sender frees them, as for a device that
 * is down.
 */
static int segue_net_refuse_xdp(struct net_device *nd, int count, struct xdp_frame **frames,
				u32 flags)
{
	return -ENETDOWN;
}

static int segue_net_succeed(struct net_device *nd)
{
	return 0;
}

static void segue_net_nothing(struct net_device *nd)
{
}

static int segue_net_take_mtu(struct net_device *nd, int mtu)
{
	WRITE_ONCE(nd->mtu, mtu);
	return 0;
}

static int segue_net_take_mac(struct net_device *nd, void *address)
{
	eth_hw_addr_set(nd, ((struct sockaddr *)address)->sa_data);
	return 0;
}

static int segue_net_take_vlan(struct net_device *nd, __be16 proto, u16 vid)
{
	return 0;
}

static void segue_net_timeout(struct net_device *nd, unsigned int queue)
{
}

static int segue_net_take_features(struct net_device *nd, netdev_features_t features)
{
	return 0;
}

static int segue_net_refuse_bpf(struct net_device *nd, struct netdev_bpf *bpf)
{
	return -EBUSY;
}

static int segue_net_refuse_ioctl(struct net_device *nd, struct ifreq *ifr, int cmd)
{
	return -EBUSY;
}

static void segue_net_show_stats64(struct net_device *nd, struct rtnl_link_stats64 *stats)
{
	struct segue_net *net;

	rcu_read_lock();
	net = segue_net_find(nd);
	if (net)
		*stats = net->offset;
	rcu_read_unlock();
}

/* What users change now is stored in the device and put into the hardware by the replay. */
static const struct net_device_ops segue_net_impersonator = {
	.ndo_open = segue_net_succeed,
	.ndo_stop = segue_net_succeed,
	.ndo_start_xmit = segue_net_hold_xmit,
	.ndo_set_rx_mode = segue_net_nothing,
	.ndo_change_mtu = segue_net_take_mtu,
	.ndo_set_mac_address = segue_net_take_mac,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_vlan_rx_add_vid = segue_net_take_vlan,
	.ndo_vlan_rx_kill_vid = segue_net_take_vlan,
	.ndo_tx_timeout = segue_net_timeout,
	.ndo_set_features = segue_net_take_features,
	.ndo_get_stats64 = segue_net_show_stats64,
};

static const struct net_device_ops segue_net_idle = {
	.ndo_start_xmit = segue_net_hold_xmit,
};

static void segue_net_switch(struct segue_net *net, const struct net_device_ops *ops)
{
	ASSERT_RTNL();
	/*
	 * Readers go on with the table that they have: it is valid, and callers wait for a grace
	 * period.
	 */
	WRITE_ONCE(net->nd->netdev_ops, ops);
}

/* The driver stays in charge, but nothing new is sent. */
void segue_net_install_hold(struct segue_net *net)
{
	net->hold = *net->driver_ops;
	net->hold.ndo_start_xmit = segue_net_hold_xmit;
	if (net->hold.ndo_xdp_xmit)
		net->hold.ndo_xdp_xmit = segue_net_refuse_xdp;
	net->hold.ndo_get_stats64 = segue_net_get_stats64;
	segue_net_switch(net, &net->hold);
	WRITE_ONCE(net->held, true);
}

/* Until the new driver has its link back, users are shown the one that they had. */
void segue_net_install_link(struct segue_net *net)
{
	if (!net->driver_ethtool || !net->served || !net->carrier)
		return;
	net->hold_ethtool = *net->driver_ethtool;
	if (net->served->get_link)
		net->hold_ethtool.get_link = net->served->get_link;
	if (net->served->get_link_ksettings)
		net->hold_ethtool.get_link_ksettings = net->served->get_link_ksettings;
	WRITE_ONCE(net->nd->ethtool_ops, &net->hold_ethtool);
}

/* Tables in use are not built again: others are reading them. */
static void segue_net_build_impersonator(struct segue_net *net)
{
	const struct net_device_ops *old = net->from_ops;

	if (net->nd->netdev_ops != &net->impersonator) {
		net->impersonator = segue_net_impersonator;
		if (old->ndo_xdp_xmit)
			net->impersonator.ndo_xdp_xmit = segue_net_refuse_xdp;
		if (old->ndo_bpf)
			net->impersonator.ndo_bpf = segue_net_refuse_bpf;
		if (old->ndo_eth_ioctl)
			net->impersonator.ndo_eth_ioctl = segue_net_refuse_ioctl;
	}
	if (!net->served || net->nd->ethtool_ops != net->served)
		net->served = segue_net_settings_impersonate(net->settings, net->from_ethtool);
}

/* No driver is in charge. What the old one could be asked for, the impersonator answers. */
void segue_net_install_impersonator(struct segue_net *net)
{
	struct net_device *nd = net->nd;

	segue_net_build_impersonator(net);
	segue_net_switch(net, &net->impersonator);
	WRITE_ONCE(nd->ethtool_ops, net->served);
	WRITE_ONCE(net->held, true);
	/*
	 * With one queue nobody asks a driver to select one. What users see is the queues' own
	 * directories.
	 */
	if (!net->solo)
		net->real_tx = nd->real_num_tx_queues;
	net->solo = true;
	nd->real_num_tx_queues = 1;
	set_bit(__LINK_STATE_PRESENT, &nd->state);
	if (nd->flags & IFF_UP)
		set_bit(__LINK_STATE_START, &nd->state);
}

/* The device is going away: what removes its queues' directories counts these. Needs RTNL. */
void segue_net_show_queues(struct segue_net *net)
{
	if (net->solo)
		net->nd->real_num_tx_queues = net->real_tx;
	net->solo = false;
}

/* The device is going away and so is the record: tables that need neither. */
void segue_net_install_nothing(struct segue_net *net)
{
	static const struct ethtool_ops nothing;

	segue_net_switch(net, &segue_net_idle);
	WRITE_ONCE(net->nd->ethtool_ops, &nothing);
}

/*
 * The steady state: the driver's own functions, and one that adds the counters of its predecessors.
 */
void segue_net_install_final(struct segue_net *net)
{
	net->steady = *net->driver_ops;
	net->steady.ndo_get_stats64 = segue_net_get_stats64;
	net->wrapped = true;
	segue_net_switch(net, &net->steady);
	WRITE_ONCE(net->nd->ethtool_ops, net->driver_ethtool);
}

/* Stop transmission: when this returns, no CPU is in the driver's ndo_start_xmit() any more. */
void segue_net_stop_queues(struct segue_net *net)
{
	netif_tx_disable(net->nd);
	synchronize_rcu_expedited();
}

/*
 * Let transmission go on.  The final table must be seen by everybody before a queue wakes, or a
 * late call of segue_net_hold_xmit() would stop it for good.
 */
void segue_net_wake_queues(struct segue_net *net)
{
	struct net_device *nd = net->nd;
	unsigned int i;

	synchronize_rcu_expedited();
	for (i = 0; i < nd->num_tx_queues; i++)
		WRITE_ONCE(netdev_get_tx_queue(nd, i)->trans_start, jiffies);
	WRITE_ONCE(net->held, false);
	if (!(nd->flags & IFF_UP))
		return;
	/* The watchdog does not start itself again once it has met a device without carrier. */
	dev_activate(nd);
	netif_tx_wake_all_queues(nd);
}

static bool segue_net_sending(const struct net_device *nd)
{
	unsigned int i;

	for (i = 0; i < nd->num_tx_queues; i++)
		if (segue_compat_net_sending(netdev_get_tx_queue(nd, i)))
			return true;
	return false;
}

/* Give the hardware a moment to send what the driver has put into its rings. */
void segue_net_drain(struct segue_net *net)
{
	unsigned int i;

	for (i = 0; i < 50 && segue_net_sending(net->nd); i++)
		usleep_range(500, 1000);
}
