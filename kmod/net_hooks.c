// SPDX-License-Identifier: GPL-2.0
/*
 * The functions by which a network driver takes and gives up its net_device, redirected for the
 * task that runs the driver for a swap.  Everybody else's calls pass through, but for those that
 * would show that the device is being swapped.
 */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include "net.h"

static struct segue_net *segue_net_acting(void)
{
	struct segue_net *net = READ_ONCE(segue_net_active);

	return net && READ_ONCE(net->actor) == current ? net : NULL;
}

static bool segue_net_by_actor(const struct pt_regs *regs)
{
	return segue_net_acting();
}

static bool segue_net_by_actor_on_device(const struct pt_regs *regs)
{
	struct segue_net *net = segue_net_acting();

	return net && regs->di == (unsigned long)net->nd;
}

static bool segue_net_probing(const struct pt_regs *regs)
{
	struct segue_net *net = segue_net_acting();

	return net && net->probing && !net->handed;
}

static bool segue_net_probing_device(const struct pt_regs *regs)
{
	struct segue_net *net = segue_net_acting();

	return net && net->probing && regs->di == (unsigned long)net->nd;
}

static bool segue_net_shows(const struct pt_regs *regs)
{
	struct segue_net *net = READ_ONCE(segue_net_active);

	return net && regs->di == (unsigned long)net->nd && READ_ONCE(net->covered);
}

/* dev_watchdog(timer) */
static bool segue_net_waits(const struct pt_regs *regs)
{
	struct segue_net *net = READ_ONCE(segue_net_active);

	return net && regs->di == (unsigned long)&net->nd->watchdog_timer &&
	       READ_ONCE(net->held) && !READ_ONCE(net->gone);
}

static bool segue_net_takes_no_frames(const struct net_device *nd)
{
	struct segue_net *net = READ_ONCE(segue_net_active);

	return net && READ_ONCE(net->naming) && (!nd || nd == net->nd);
}

/* dev_xdp_enqueue(nd, frame, source) */
static bool segue_net_redirects(const struct pt_regs *regs)
{
	return segue_net_takes_no_frames((struct net_device *)regs->di);
}

/* dev_map_enqueue(entry, frame, source); the entry begins with its device */
static bool segue_net_maps(const struct pt_regs *regs)
{
	return segue_net_takes_no_frames(*(struct net_device **)regs->di);
}

/* dev_map_enqueue_multi(frame, source, map, exclude) */
static bool segue_net_broadcasts(const struct pt_regs *regs)
{
	return segue_net_takes_no_frames(NULL);
}

/* netdev_get_name(net, name, ifindex) */
static bool segue_net_names(const struct pt_regs *regs)
{
	struct segue_net *net = READ_ONCE(segue_net_active);

	return net && READ_ONCE(net->naming) && (int)regs->dx == net->nd->ifindex &&
	       regs->di == (unsigned long)dev_net(net->nd);
}

/*
 * RTNL.  The driver's code and the shadow both want it in the same task: it is really held while
 * either does.  The real functions are reached by calling them, see hook.h.
 */
static bool segue_net_rtnl_held(const struct segue_net *net)
{
	return net->rtnl_depth || net->rtnl_kept;
}

void segue_net_rtnl_take(struct segue_net *net)
{
	if (!segue_net_rtnl_held(net))
		rtnl_lock();
	net->rtnl_kept = true;
}

void segue_net_rtnl_drop(struct segue_net *net)
{
	if (!net->rtnl_kept)
		return;
	net->rtnl_kept = false;
	if (!segue_net_rtnl_held(net))
		rtnl_unlock();
}

static void segue_net_rtnl_lock(void)
{
	struct segue_net *net = segue_net_active;

	if (!segue_net_rtnl_held(net))
		rtnl_lock();
	net->rtnl_depth++;
}

static int segue_net_rtnl_lock_killable(void)
{
	struct segue_net *net = segue_net_active;
	int err = segue_net_rtnl_held(net) ? 0 : rtnl_lock_killable();

	if (!err)
		net->rtnl_depth++;
	return err;
}

static int segue_net_rtnl_trylock(void)
{
	struct segue_net *net = segue_net_active;
	int got = segue_net_rtnl_held(net) || rtnl_trylock();

	if (got)
		net->rtnl_depth++;
	return got;
}

static void segue_net_rtnl_unlock(void)
{
	struct segue_net *net = segue_net_active;

	if (net->rtnl_depth)
		net->rtnl_depth--;
	if (!segue_net_rtnl_held(net))
		rtnl_unlock();
}

/* The new driver asks for a net_device and is given the one that is there. */
static struct net_device *segue_net_alloc(int priv_size, const char *name, unsigned char name_type,
					  void (*setup)(struct net_device *nd),
					  unsigned int txqs, unsigned int rxqs)
{
	struct segue_net *net = segue_net_active;
	struct net_device *nd;

	segue_net_rtnl_take(net);
	nd = segue_net_hand_over(net, priv_size, name_type, setup, txqs, rxqs);
	if (!nd)
		segue_net_rtnl_drop(net);
	return nd;
}

/*
 * Registering is adopting.  From here on RTNL is free again: the device is impersonated until the
 * replay.
 */
static int segue_net_register(struct net_device *nd)
{
	struct segue_net *net = segue_net_active;
	int err = segue_net_adopt(net);

	if (!err)
		segue_net_rtnl_drop(net);
	return err;
}

static void segue_net_unregister(struct net_device *nd)
{
	struct segue_net *net = segue_net_active;

	segue_net_rtnl_take(net);
	segue_net_give_back(net);
	segue_net_rtnl_drop(net);
}

static void segue_net_unregister_queue(struct net_device *nd, struct list_head *head)
{
	segue_net_unregister(nd);
}

/* The driver is done with the net_device; what it left attached goes, the device stays. */
static void segue_net_free(struct net_device *nd)
{
	struct segue_net *net = segue_net_active;
	struct napi_struct *napi, *next;

	segue_net_rtnl_take(net);
	list_for_each_entry_safe(napi, next, &nd->napi_list, dev_list)
		__netif_napi_del(napi);
	segue_net_restore(net);
	segue_net_install_impersonator(net);
	/* No CPU uses the driver's tables or polls its NAPIs when its memory goes. */
	synchronize_rcu_expedited();
	net->handed = false;
	net->adopted = false;
	net->returned = true;
	segue_net_rtnl_drop(net);
}

/* The shadow has closed the device already. */
static void segue_net_close(struct net_device *nd)
{
}

/*
 * The address of the hardware must not show: the user's stays, and is put into the hardware later.
 */
static void segue_net_addr_mod(struct net_device *nd, unsigned int offset, const void *addr,
			       size_t len)
{
	struct segue_net *net = segue_net_active;

	if (offset + len > sizeof(net->mac))
		return;
	memcpy(net->mac + offset, addr, len);
	net->mac_set = true;
}

static int segue_net_set_real_tx(struct net_device *nd, unsigned int count)
{
	if (count < 1 || count > nd->num_tx_queues)
		return -EINVAL;
	segue_net_active->wanted_tx = count;
	return 0;
}

static int segue_net_set_real_rx(struct net_device *nd, unsigned int count)
{
	if (count < 1 || count > nd->num_rx_queues)
		return -EINVAL;
	segue_net_active->wanted_rx = count;
	return 0;
}

static struct rtnl_link_stats64 *segue_net_get_stats(struct net_device *nd,
						     struct rtnl_link_stats64 *stats)
{
	struct segue_net *net = READ_ONCE(segue_net_active);

	/* /proc/net/dev prints the name after it asked for the counters, without a lock. */
	if (net && READ_ONCE(net->naming))
		memcpy(nd->name, net->stack.name, IFNAMSIZ);
	if (!net || !READ_ONCE(net->stats_held))
		return dev_get_stats(nd, stats);
	*stats = net->full;
	return stats;
}

/* An interface that was running goes on doing so, as far as anybody can see. */
static unsigned int segue_net_get_flags(const struct net_device *nd)
{
	struct segue_net *net = READ_ONCE(segue_net_active);
	unsigned int flags = dev_get_flags(nd);

	if (net && net->carrier && (nd->flags & IFF_UP))
		flags |= IFF_RUNNING | IFF_LOWER_UP;
	return flags;
}

/*
 * The driver's view of its link is the device's, but nobody else hears of it and nothing is counted
 * until the device is uncovered.  Any context.
 */
static void segue_net_carrier_on(struct net_device *nd)
{
	clear_bit(__LINK_STATE_NOCARRIER, &nd->state);
}

static void segue_net_carrier_off(struct net_device *nd)
{
	set_bit(__LINK_STATE_NOCARRIER, &nd->state);
}

/*
 * Packets wait on purpose, and a driver that has not been opened must not be told that its hardware
 * is stuck: drivers set their limit as late as in ndo_open().  The timer keeps its reference to the
 * device.  Softirq, no locks.
 */
static void segue_net_watchdog(struct timer_list *timer)
{
	mod_timer(timer, jiffies + HZ / 4);
}

/*
 * An XDP redirect asks a device only whether it is up and has the function, and a driver sets its
 * table long before it has queues.  The frame is lost, as in the rest of the pause.
 */
static int segue_net_redirect(void)
{
	return -ENETDOWN;
}

static int segue_net_get_name(struct net *ns, char *name, int ifindex)
{
	memcpy(name, segue_net_active->stack.name, IFNAMSIZ);
	return 0;
}

const struct segue_hook segue_net_hooks[] = {
	{ "alloc_netdev_mqs", segue_net_alloc, segue_net_probing },
	{ "register_netdev", segue_net_register, segue_net_probing_device },
	{ "register_netdevice", segue_net_register, segue_net_probing_device },
	{ "unregister_netdev", segue_net_unregister, segue_net_by_actor_on_device },
	{ "unregister_netdevice_queue", segue_net_unregister_queue, segue_net_by_actor_on_device },
	{ "free_netdev", segue_net_free, segue_net_by_actor_on_device },
	{ "dev_close", segue_net_close, segue_net_by_actor_on_device },
	{ "dev_addr_mod", segue_net_addr_mod, segue_net_probing_device },
	{ "netif_set_real_num_tx_queues", segue_net_set_real_tx, segue_net_probing_device },
	{ "netif_set_real_num_rx_queues", segue_net_set_real_rx, segue_net_probing_device },
	{ "rtnl_lock", segue_net_rtnl_lock, segue_net_by_actor },
	{ "rtnl_lock_killable", segue_net_rtnl_lock_killable, segue_net_by_actor },
	{ "rtnl_trylock", segue_net_rtnl_trylock, segue_net_by_actor },
	{ "rtnl_unlock", segue_net_rtnl_unlock, segue_net_by_actor },
	{ "dev_get_stats", segue_net_get_stats, segue_net_shows },
	{ "dev_get_flags", segue_net_get_flags, segue_net_shows },
	{ "netdev_get_name", segue_net_get_name, segue_net_names },
	{ "netif_carrier_on", segue_net_carrier_on, segue_net_shows },
	{ "netif_carrier_off", segue_net_carrier_off, segue_net_shows },
	{ "dev_watchdog", segue_net_watchdog, segue_net_waits },
	{ "dev_xdp_enqueue", segue_net_redirect, segue_net_redirects, .optional = true },
	{ "dev_map_enqueue", segue_net_redirect, segue_net_maps, .optional = true },
	{ "dev_map_enqueue_multi", segue_net_redirect, segue_net_broadcasts, .optional = true },
	{ "carrier", segue_net_show_attribute, segue_net_shows_attribute, segue_net_attribute },
	{ "operstate", segue_net_show_attribute, segue_net_shows_attribute, segue_net_attribute },
	{ "speed", segue_net_show_attribute, segue_net_shows_attribute, segue_net_attribute },
	{ "duplex", segue_net_show_attribute, segue_net_shows_attribute, segue_net_attribute },
};

const unsigned int segue_net_hook_count = ARRAY_SIZE(segue_net_hooks);
