// SPDX-License-Identifier: GPL-2.0
/* The network shadow's side of the class interface: each step of a swap, see class.h. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bpf.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>
#include <net/xdp_sock_drv.h>
#include "generation.h"
#include "net.h"

/* How long a device that was asked for an answer before the swap has to give one. */
#define SEGUE_NET_TALKS_MS	300

/* Network devices of a hardware device, in whatever namespace; needs RTNL. */
static struct net_device *segue_net_of(struct device *dev, unsigned int *count)
{
	struct net_device *nd, *first = NULL;
	struct net *ns;

	ASSERT_RTNL();
	*count = 0;
	down_read(&net_rwsem);
	for_each_net(ns) {
		for_each_netdev(ns, nd) {
			if (nd->dev.parent != dev)
				continue;
			(*count)++;
			first = first ?: nd;
		}
	}
	up_read(&net_rwsem);
	return first;
}

static bool segue_net_claims(struct device *dev)
{
	unsigned int count;
	bool claims;

	rtnl_lock();
	claims = segue_net_of(dev, &count);
	rtnl_unlock();
	return claims;
}

static void segue_net_impossible(struct segue_target *target, bool condition, const char *what)
{
	if (condition)
		segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE, "%s", what);
}

static bool segue_net_has_zero_copy(struct net_device *nd)
{
	unsigned int i;

	for (i = 0; i < max(nd->num_rx_queues, nd->num_tx_queues); i++)
		if (xsk_get_pool_from_qid(nd, i))
			return true;
	return false;
}

/* What the shadow cannot carry over is found out before anything is touched. */
static void segue_net_look(struct segue_target *target, struct net_device *nd, unsigned int count)
{
	const struct module *module = target->from ? target->from->module : NULL;

	segue_net_impossible(target, count > 1, "the device has several network interfaces");
	segue_net_impossible(target, nd->reg_state != NETREG_REGISTERED,
			     "the interface is being unregistered");
	segue_net_impossible(target, !netif_device_present(nd),
			     "the interface is suspended or detached");
	segue_net_impossible(target, nd->udp_tunnel_nic, "UDP tunnel ports are offloaded");
	segue_net_impossible(target, nd->type != ARPHRD_ETHER, "the interface is not Ethernet");
	segue_net_impossible(target, segue_net_has_zero_copy(nd), "an AF_XDP socket uses it without copying");
	segue_net_impossible(target, module && within_module((unsigned long)nd->sysfs_groups[0],
							     module),
			     "the driver has attributes of its own in sysfs");
	segue_net_impossible(target, nd->phydev, "the PHY is driven by phylib");
	segue_net_impossible(target, nd->features & (NETIF_F_HW_TLS_TX | NETIF_F_HW_TLS_RX),
			     "TLS is offloaded: switch tls-hw-tx-offload and tls-hw-rx-offload off");
	segue_net_impossible(target, segue_compat_net_has_ipsec(nd),
			     "IPsec states are offloaded to it: add them again without offload");
	segue_net_impossible(target, segue_compat_net_has_devlink(nd),
			     "the interface is a devlink port");
	segue_net_impossible(target, module && segue_net_has_tc_callback(nd, module),
			     "the driver listens to filters of tc: remove the qdisc that has them");
	segue_net_settings_check(nd, &target->found);
}

static void segue_net_look_users(struct segue_target *target, struct net_device *nd)
{
	struct segue_findings *found = &target->found;
	struct net_device *other;
	struct list_head *iter;

	netdev_for_each_upper_dev_rcu(nd, other, iter)
		segue_found_user(found, SEGUE_SEVERITY_INFO, "interface %s is on top of %s",
				 other->name, nd->name);
	if (!list_empty(&nd->ptype_all))
		segue_found_user(found, SEGUE_SEVERITY_INFO, "a packet socket listens on %s",
				 nd->name);
	if (segue_compat_net_xdp(nd))
		segue_found_user(found, SEGUE_SEVERITY_INFO, "an XDP program runs in the driver of %s",
				 nd->name);
	if (nd->flags & IFF_UP)
		segue_found_user(found, SEGUE_SEVERITY_INFO, "%s is up%s", nd->name,
				 netif_carrier_ok(nd) ? " and has a link" : " without a link");
}

/* Outside of a swap (target->swap is NULL) nothing is allocated that stays. */
static int segue_net_check(struct segue_target *target)
{
	struct segue_net *net = NULL;
	struct net_device *nd;
	unsigned int count;
	bool identifies;

	rtnl_lock();
	nd = segue_net_of(target->dev, &count);
	if (!nd) {
		rtnl_unlock();
		return -ENODEV;
	}
	strscpy(target->object, nd->name, sizeof(target->object));
	segue_net_look(target, nd, count);
	segue_net_look_users(target, nd);
	identifies = nd->ethtool_ops->set_phys_id;
	if (target->swap) {
		net = segue_net_create(nd);
		if (net)
			segue_net_hold_device(net);
	}
	rtnl_unlock();
	if (identifies)
		segue_net_look_identifying(target);
	if (!target->swap)
		return 0;
	if (!net)
		return -ENOMEM;
	target->shadow = net;
	net->target = target;
	net->gone = false;
	WRITE_ONCE(segue_net_active, net);
	return 0;
}

static void segue_net_release(struct segue_target *target)
{
	struct segue_net *net = target->shadow;

	if (!net)
		return;
	target->shadow = NULL;
	rtnl_lock();
	if (READ_ONCE(segue_net_active) == net)
		WRITE_ONCE(segue_net_active, NULL);
	net->target = NULL;
	/* A degraded device stays covered, with everything that the next attempt needs. */
	if (!net->degraded)
		segue_net_put_device(net);
	if (net->gone || (!net->wrapped && !net->covered))
		segue_net_destroy(net);
	rtnl_unlock();
}

/* The targets of a swap take turns; each step sets the one that the hooks serve. */
static struct segue_net *segue_net_turn(struct segue_target *target)
{
	struct segue_net *net = target->shadow;

	WRITE_ONCE(segue_net_active, net);
	return net;
}

static void segue_net_capture_limits(struct segue_net *net)
{
	const struct net_device *nd = net->nd;

	net->was.features = nd->features;
	net->was.hw_features = nd->hw_features;
	net->was.vlan_features = nd->vlan_features;
	net->was.wanted_features = nd->wanted_features;
	net->was.min_mtu = nd->min_mtu;
	net->was.max_mtu = nd->max_mtu;
	net->was.tx_queues = nd->real_num_tx_queues;
	net->was.rx_queues = nd->real_num_rx_queues;
	net->stack.rx_queue_group = nd->sysfs_rx_queue_group;
}

/* RTNL stays held until the old driver is closed, so that what is captured stays true. */
static int segue_net_capture(struct segue_target *target)
{
	struct segue_net *net = segue_net_turn(target);
	u64 since;

	if (net->degraded)
		return 0;
	net->carrier = netif_carrier_ok(net->nd);
	net->talks = net->carrier && segue_swap_verify_ms(target->swap) &&
		     segue_net_talks(net, SEGUE_NET_TALKS_MS);
	segue_net_rtnl_take(net);
	if (net->gone || net->nd->reg_state != NETREG_REGISTERED) {
		segue_net_rtnl_drop(net);
		return -ENODEV;
	}
	if (!net->wrapped) {
		net->driver_ops = net->nd->netdev_ops;
		net->driver_ethtool = net->nd->ethtool_ops;
	}
	net->from_table = *net->driver_ops;
	net->from_ops = &net->from_table;
	net->from_ethtool = NULL;
	if (net->driver_ethtool) {
		net->from_ethtool_table = *net->driver_ethtool;
		net->from_ethtool = &net->from_ethtool_table;
	}
	segue_net_capture_limits(net);
	since = segue_driver_enter();
	net->settings = segue_net_settings_capture(net->nd, net->driver_ethtool);
	segue_driver_leave(target, since);
	if (!net->settings) {
		segue_net_rtnl_drop(net);
		return -ENOMEM;
	}
	net->opened = net->nd->flags & IFF_UP;
	net->user_switched = false;
	return 0;
}

static void segue_net_forget(struct segue_target *target)
{
	struct segue_net *net = target->shadow;

	segue_net_rtnl_drop(net);
	/* Somebody who reads an attribute may still look at what the impersonator served. */
	synchronize_rcu_expedited();
	segue_net_settings_free(net->settings);
	net->settings = NULL;
	if (net->xdp) {
		bpf_prog_put(net->xdp);
		net->xdp = NULL;
	}
}

/*
 * A pending link event is set and never queued: the driver sees its carrier, nobody else hears of
 * it.
 */
static void segue_net_mute_carrier(struct segue_net *net)
{
	static_call(segue_linkwatch_run_queue)();
	net->carrier = netif_carrier_ok(net->nd);
	set_bit(__LINK_STATE_LINKWATCH_PENDING, &net->nd->state);
}

/*
 * What happened to the link while nobody heard of it is told when it is over, as the driver would.
 */
static void segue_net_report_carrier(struct segue_net *net)
{
	struct net_device *nd = net->nd;
	bool carrier = netif_carrier_ok(nd);

	if (carrier == net->carrier)
		return;
	net->carrier = carrier;
	atomic_inc(carrier ? &nd->carrier_up_count : &nd->carrier_down_count);
	linkwatch_fire_event(nd);
}

static void segue_net_unmute_carrier(struct segue_net *net)
{
	struct net_device *nd = net->nd;

	clear_bit(__LINK_STATE_LINKWATCH_PENDING, &nd->state);
	/*
	 * The bit is seen clear before an event tests it; from here on the driver reports for
	 * itself.
	 */
	smp_mb__after_atomic();
	WRITE_ONCE(net->covered, false);
	segue_net_report_carrier(net);
	if (net->user_switched)
		linkwatch_fire_event(nd);
}

static int segue_net_cover(struct segue_target *target)
{
	struct segue_net *net = segue_net_turn(target);

	target->held_ns = ktime_get_ns();
	if (net->degraded) {
		segue_net_rtnl_take(net);
		set_bit(__LINK_STATE_LINKWATCH_PENDING, &net->nd->state);
		return 0;
	}
	ASSERT_RTNL();
	segue_net_mute_carrier(net);
	segue_net_stats_hold(net);
	WRITE_ONCE(net->covered, true);
	segue_net_install_hold(net);
	segue_net_stop_queues(net);
	segue_net_drain(net);
	return 0;
}

/* Transmission goes on; counters move again. Takes RTNL. */
static void segue_net_let_go(struct segue_net *net)
{
	segue_net_rtnl_take(net);
	if (!net->gone && net->held) {
		segue_net_install_final(net);
		segue_net_stats_release(net);
		segue_net_wake_queues(net);
		net->target->pause_ns = ktime_get_ns() - net->target->held_ns;
	}
	segue_net_rtnl_drop(net);
}

static void segue_net_uncover(struct segue_target *target, bool live)
{
	struct segue_net *net = segue_net_turn(target);

	segue_net_rtnl_drop(net);
	if (live && net->held) {
		segue_net_wait_carrier(net, segue_swap_carrier_ms(target->swap));
		segue_net_let_go(net);
	}
	segue_net_rtnl_take(net);
	if (!net->gone)
		segue_net_unmute_carrier(net);
	segue_net_stats_release(net);
	WRITE_ONCE(net->covered, false);
	net->served = NULL;
	net->degraded = false;
	segue_net_rtnl_drop(net);
}

/*
 * Close the driver in charge and impersonate it.  Also the way back from a replay: it does not
 * matter which generation it is, nor whether it was opened.
 */
static int segue_net_close(struct segue_target *target)
{
	struct segue_net *net = segue_net_turn(target);
	struct net_device *nd = net->nd;
	u64 since;

	segue_net_rtnl_take(net);
	if (net->gone) {
		segue_net_rtnl_drop(net);
		return -ENODEV;
	}
	if (!net->held) {
		segue_net_stats_hold(net);
		segue_net_install_hold(net);
		segue_net_stop_queues(net);
	}
	if (net->opened) {
		since = segue_driver_enter();
		clear_bit(__LINK_STATE_START, &nd->state);
		/* As in dev_close(): polls that run now see that the device is going down. */
		smp_mb__after_atomic();
		if (net->driver_ops->ndo_stop)
			net->driver_ops->ndo_stop(nd);
		net->opened = false;
		segue_driver_leave(target, since);
	}
	segue_compat_net_drop_tables(nd);
	if (!net->degraded) {
		segue_net_take_xdp(net);
		segue_net_stats_hold(net);
		segue_net_stats_fold(net);
	}
	segue_net_install_impersonator(net);
	synchronize_rcu_expedited();
	segue_net_rtnl_drop(net);
	return 0;
}

static void segue_net_unbinding(struct segue_target *target)
{
	struct segue_net *net = segue_net_turn(target);

	net->returned = false;
	WRITE_ONCE(net->actor, current);
}

static int segue_net_unbound(struct segue_target *target)
{
	struct segue_net *net = target->shadow;

	WARN_ON_ONCE(net->rtnl_depth);
	net->rtnl_depth = 0;
	WRITE_ONCE(net->actor, NULL);
	if (net->returned || net->gone)
		return 0;
	pr_err("%s: the driver has left without giving its net_device back\n", target->object);
	return -EPROTO;
}

static void segue_net_enter(struct segue_target *target)
{
	struct segue_net *net = segue_net_turn(target);

	net->handed = false;
	net->adopted = false;
	net->returned = true;
	net->probing = true;
	WRITE_ONCE(net->actor, current);
}

static int segue_net_leave(struct segue_target *target, int result)
{
	struct segue_net *net = target->shadow;

	WARN_ON_ONCE(net->rtnl_depth);
	segue_net_restore(net);
	segue_net_rtnl_drop(net);
	net->probing = false;
	if (!result && !net->adopted) {
		segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "the new driver did not register a network interface in its probe");
		result = -EPROTO;
	}
	/*
	 * While the driver core unwinds a failed probe, devres may free the device, in the swap's
	 * thread.
	 */
	WRITE_ONCE(net->actor, result ? target->thread : NULL);
	return result;
}

static int segue_net_step_compare(struct segue_target *target)
{
	struct segue_net *net = segue_net_turn(target);
	int err;

	segue_net_rtnl_take(net);
	err = net->gone ? -ENODEV : segue_net_compare(net);
	segue_net_rtnl_drop(net);
	return err;
}

static int segue_net_step_replay(struct segue_target *target)
{
	struct segue_net *net = segue_net_turn(target);
	int err;

	segue_net_rtnl_take(net);
	err = net->gone ? -ENODEV : segue_net_replay(net);
	segue_net_rtnl_drop(net);
	return err;
}

static int segue_net_verify(struct segue_target *target)
{
	struct segue_net *net = segue_net_turn(target);
	unsigned int bound = segue_swap_verify_ms(target->swap);

	if (!segue_net_wait_carrier(net, segue_swap_carrier_ms(target->swap))) {
		segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "the link did not come back within %u ms",
				 segue_swap_carrier_ms(target->swap));
		return net->gone ? -ENODEV : -ENOLINK;
	}
	segue_net_let_go(net);
	if (net->gone)
		return -ENODEV;
	if (!bound)
		return 0;
	if (!net->talks) {
		segue_found_text(&target->found, SEGUE_SEVERITY_INFO,
				 "nothing was received before the swap, so that reception is not verified");
		return 0;
	}
	if (segue_net_talks(net, bound))
		return 0;
	if (!net->gone && !(READ_ONCE(net->nd->flags) & IFF_UP)) {
		segue_found_text(&target->found, SEGUE_SEVERITY_INFO,
				 "the interface was taken down meanwhile, so that reception is not verified");
		return 0;
	}
	segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE,
			 "nothing was received within %u ms after the swap", bound);
	return net->gone ? -ENODEV : -ETIMEDOUT;
}

/* Without a driver there is no link: whoever watches it (a bond, a routing daemon) shall know. */
static void segue_net_degrade(struct segue_target *target)
{
	struct segue_net *net = target->shadow;

	segue_net_rtnl_take(net);
	WRITE_ONCE(net->actor, NULL);
	net->degraded = true;
	net->covered = true;
	net->carrier = false;
	segue_net_stats_release(net);
	clear_bit(__LINK_STATE_LINKWATCH_PENDING, &net->nd->state);
	/* As in segue_net_unmute_carrier(). */
	smp_mb__after_atomic();
	netif_carrier_off(net->nd);
	linkwatch_fire_event(net->nd);
	segue_net_rtnl_drop(net);
}

/*
 * The hardware is gone for good while no driver was in charge, so nobody else unregisters the
 * device.
 */
static void segue_net_removed(struct device *dev)
{
	struct segue_net *net;
	struct net_device *nd;
	unsigned int count;

	rtnl_lock();
	nd = segue_net_of(dev, &count);
	net = nd ? segue_net_find(nd) : NULL;
	if (!net || !net->degraded) {
		rtnl_unlock();
		return;
	}
	segue_net_put_device(net);
	segue_net_install_nothing(net);
	segue_net_show_queues(net);
	WRITE_ONCE(net->covered, false);
	net->wrapped = false;
	/* As in segue_net_forget(). */
	synchronize_rcu_expedited();
	segue_net_settings_free(net->settings);
	net->settings = NULL;
	unregister_netdevice(nd);
	rtnl_unlock();
	free_netdev(nd);
}

struct segue_class segue_net_class = {
	.name = "network",
	.hooks.owner = THIS_MODULE,
	.claims = segue_net_claims,
	.check = segue_net_check,
	.release = segue_net_release,
	.capture = segue_net_capture,
	.forget = segue_net_forget,
	.cover = segue_net_cover,
	.uncover = segue_net_uncover,
	.close = segue_net_close,
	.unbinding = segue_net_unbinding,
	.unbound = segue_net_unbound,
	.enter = segue_net_enter,
	.leave = segue_net_leave,
	.compare = segue_net_step_compare,
	.replay = segue_net_step_replay,
	.verify = segue_net_verify,
	.degrade = segue_net_degrade,
	.removed = segue_net_removed,
};
