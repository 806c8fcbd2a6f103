// SPDX-License-Identifier: GPL-2.0
/* Putting the configuration into a driver that has just adopted the device, and opening it. */
#include <linux/bpf.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <linux/sysfs.h>
#include "net.h"

/*
 * The driver's attributes of receive queues belong to the queues that exist before their number
 * changes.
 */
static int segue_net_replay_queues(struct segue_net *net)
{
	struct net_device *nd = net->nd;
	unsigned int i;
	int err;

	if (net->solo)
		nd->real_num_tx_queues = net->real_tx;
	net->solo = false;
	if (nd->sysfs_rx_queue_group && !net->stack.rx_queue_group) {
		for (i = 0; i < nd->real_num_rx_queues; i++) {
			err = sysfs_create_group(&nd->_rx[i].kobj, nd->sysfs_rx_queue_group);
			if (err)
				return err;
		}
		net->stack.rx_queue_group = nd->sysfs_rx_queue_group;
	}
	err = netif_set_real_num_tx_queues(nd, net->wanted_tx);
	if (!err)
		err = netif_set_real_num_rx_queues(nd, net->wanted_rx);
	return err;
}

static void segue_net_replay_mac(struct segue_net *net)
{
	struct net_device *nd = net->nd;
	struct sockaddr_storage address = { .ss_family = nd->type };
	struct sockaddr *sa = (struct sockaddr *)&address;
	int err = -EOPNOTSUPP;

	if (net->mac_set && !memcmp(net->mac, nd->dev_addr, nd->addr_len))
		return;
	memcpy(sa->sa_data, nd->dev_addr, nd->addr_len);
	if (net->driver_ops->ndo_set_mac_address)
		err = net->driver_ops->ndo_set_mac_address(nd, sa);
	if (err)
		segue_found_text(&net->target->found, SEGUE_SEVERITY_DIFFERS,
				 "MAC address (error %d)", err);
}

/* A driver begins with the usual MTU, whatever the device has. */
static void segue_net_replay_mtu(struct segue_net *net)
{
	struct net_device *nd = net->nd;
	unsigned int mtu = nd->mtu;
	int err = 0;

	if (mtu == ETH_DATA_LEN || !net->driver_ops->ndo_change_mtu)
		return;
	/* The driver compares with the old value and stores the new one. */
	WRITE_ONCE(nd->mtu, ETH_DATA_LEN);
	err = net->driver_ops->ndo_change_mtu(nd, mtu);
	WRITE_ONCE(nd->mtu, mtu);
	if (err)
		segue_found_setting(&net->target->found, SEGUE_SEVERITY_INCOMPATIBLE, mtu,
				    ETH_DATA_LEN, "mtu");
}

/* The program stays the stack's; the driver gives its reference back. */
void segue_net_take_xdp(struct segue_net *net)
{
	struct netdev_bpf bpf = { .command = XDP_SETUP_PROG };
	struct bpf_prog *prog = segue_compat_net_xdp(net->nd);

	if (!prog || !net->driver_ops->ndo_bpf)
		return;
	if (!net->xdp) {
		bpf_prog_inc(prog);
		net->xdp = prog;
	}
	WARN_ON_ONCE(net->driver_ops->ndo_bpf(net->nd, &bpf));
}

static int segue_net_replay_xdp(struct segue_net *net)
{
	struct netdev_bpf bpf = { .command = XDP_SETUP_PROG };
	int err;

	if (!net->xdp)
		return 0;
	if (!net->driver_ops->ndo_bpf)
		return -EOPNOTSUPP;
	/* The driver takes over a reference, as from the stack. */
	bpf_prog_inc(net->xdp);
	bpf.prog = net->xdp;
	err = net->driver_ops->ndo_bpf(net->nd, &bpf);
	if (err) {
		bpf_prog_put(net->xdp);
		segue_found_text(&net->target->found, SEGUE_SEVERITY_INCOMPATIBLE,
				 "the XDP program (error %d)", err);
	}
	return err;
}

/* The filters of the hardware are empty: the stack fills them again from its own lists. */
static void segue_net_replay_filters(struct segue_net *net)
{
	struct net_device *nd = net->nd;

	__hw_addr_unsync_dev(&nd->mc, nd, NULL);
	__hw_addr_unsync_dev(&nd->uc, nd, NULL);
	if (nd->features & NETIF_F_HW_VLAN_CTAG_FILTER)
		vlan_get_rx_ctag_filter_info(nd);
	if (nd->features & NETIF_F_HW_VLAN_STAG_FILTER)
		vlan_get_rx_stag_filter_info(nd);
}

static int segue_net_open(struct segue_net *net)
{
	struct net_device *nd = net->nd;
	unsigned int i;
	int err = 0;

	for (i = 0; i < nd->num_tx_queues; i++)
		netdev_tx_reset_queue(netdev_get_tx_queue(nd, i));
	set_bit(__LINK_STATE_START, &nd->state);
	if (net->driver_ops->ndo_validate_addr)
		err = net->driver_ops->ndo_validate_addr(nd);
	if (!err && net->driver_ops->ndo_open)
		err = net->driver_ops->ndo_open(nd);
	if (err) {
		clear_bit(__LINK_STATE_START, &nd->state);
		return err;
	}
	net->opened = true;
	static_call(segue_dev_set_rx_mode)(nd);
	return 0;
}

static void segue_net_report_features(struct segue_net *net)
{
	netdev_features_t lost = net->was.features & ~net->nd->features;
	unsigned int bit;

	/* A feature that the user has just switched off is not lost. */
	lost &= ~net->was.hw_features | net->nd->wanted_features;
	for (bit = 0; bit < NETDEV_FEATURE_COUNT; bit++)
		if (lost & __NETIF_F_BIT(bit))
			segue_found_feature(&net->target->found, SEGUE_SEVERITY_DIFFERS,
					    "netdev_features", bit);
	if (net->was.features != net->nd->features ||
	    net->was.vlan_features != net->nd->vlan_features)
		call_netdevice_notifiers(NETDEV_FEAT_CHANGE, net->nd);
}

/* After a failure the driver is as after its probe, and the device impersonated as before. */
static void segue_net_open_failed(struct segue_net *net)
{
	segue_net_install_impersonator(net);
	synchronize_rcu_expedited();
}

/**
 * segue_net_replay - put the configuration in, open, read back
 * @net: the device, adopted by the driver
 *
 * Context: swap thread, RTNL held. Return: 0, or the error for which the driver cannot be used.
 */
int segue_net_replay(struct segue_net *net)
{
	struct net_device *nd = net->nd;
	u64 since = segue_driver_enter();
	int err;

	ASSERT_RTNL();
	/*
	 * A driver's setters ask whether the interface runs: as far as this driver knows it does
	 * not.
	 */
	clear_bit(__LINK_STATE_START, &nd->state);
	segue_net_install_hold(net);
	WRITE_ONCE(nd->ethtool_ops, net->driver_ethtool);
	err = segue_net_replay_queues(net);
	if (err)
		goto failed;
	segue_net_replay_mac(net);
	segue_net_replay_mtu(net);
	static_call(segue___netdev_update_features)(nd);
	segue_net_settings_replay(net->settings, nd, net->driver_ethtool);
	err = segue_net_replay_xdp(net);
	if (err)
		goto failed;
	segue_net_replay_filters(net);
	if (nd->flags & IFF_UP) {
		err = segue_net_open(net);
		if (err) {
			segue_net_take_xdp(net);
			goto failed;
		}
		segue_net_settings_replay(net->settings, nd, net->driver_ethtool);
	}
	segue_driver_leave(net->target, since);
	/*
	 * Not with the other limits: some drivers know the size of a table only when they are open.
	 */
	segue_net_settings_limits(net->settings, nd, net->driver_ethtool, &net->target->found);
	segue_net_settings_compare(net->settings, nd, net->driver_ethtool, &net->target->found);
	segue_net_report_features(net);
	segue_net_install_link(net);
	return 0;

failed:
	segue_driver_leave(net->target, since);
	segue_net_open_failed(net);
	return err;
}
