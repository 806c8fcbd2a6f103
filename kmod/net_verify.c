// SPDX-License-Identifier: GPL-2.0
/*
 * Has the new driver carried real traffic?  A tap counts frames that come in from the device,
 * whatever the driver counts; neighbours are asked by ARP so that there is something to come in.
 */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <net/arp.h>
#include <net/neighbour.h>
#include "net.h"

struct segue_net_tap {
	struct packet_type type;
	atomic_t received;
};

/* Softirq. A frame that the host sends passes by here too. */
static int segue_net_tap_receive(struct sk_buff *skb, struct net_device *nd,
				 struct packet_type *type, struct net_device *original)
{
	struct segue_net_tap *tap = container_of(type, struct segue_net_tap, type);

	if (skb->pkt_type != PACKET_OUTGOING)
		atomic_inc(&tap->received);
	kfree_skb(skb);
	return 0;
}

struct segue_net_asking {
	struct net_device *nd;
	__be32 targets[4];
	unsigned int count;
};

/* Under the neighbour table's lock, so that the frames are sent later. */
static void segue_net_collect_neighbour(struct neighbour *neighbour, void *data)
{
	struct segue_net_asking *asking = data;

	if (neighbour->dev != asking->nd || !(neighbour->nud_state & NUD_VALID) ||
	    neighbour->nud_state & NUD_NOARP || asking->count == ARRAY_SIZE(asking->targets))
		return;
	memcpy(&asking->targets[asking->count++], neighbour->primary_key, sizeof(__be32));
}

static __be32 segue_net_own_address(const struct net_device *nd)
{
	const struct in_device *in;
	const struct in_ifaddr *address;
	__be32 own = 0;

	rcu_read_lock();
	in = __in_dev_get_rcu(nd);
	address = in ? rcu_dereference(in->ifa_list) : NULL;
	if (address)
		own = address->ifa_local;
	rcu_read_unlock();
	return own;
}

static void segue_net_ask(struct net_device *nd)
{
	struct segue_net_asking asking = { .nd = nd };
	__be32 own = segue_net_own_address(nd);
	unsigned int i;

	if (!own)
		return;
	neigh_for_each(&arp_tbl, segue_net_collect_neighbour, &asking);
	for (i = 0; i < asking.count; i++)
		arp_send(ARPOP_REQUEST, ETH_P_ARP, asking.targets[i], nd, own, NULL, nd->dev_addr,
			 NULL);
}

/*
 * The swap's own reference goes when somebody else unregisters the device; who looks at it without
 * RTNL takes another one. Return: whether there is still a device.
 */
static bool segue_net_borrow(struct segue_net *net, netdevice_tracker *tracker)
{
	bool there;

	rtnl_lock();
	there = !net->gone;
	if (there)
		netdev_hold(net->nd, tracker, GFP_KERNEL);
	rtnl_unlock();
	return there;
}

/**
 * segue_net_talks - does something come in from the device
 * @net: the device, not held
 * @bound_ms: how long to wait at most, milliseconds
 *
 * Context: process, without RTNL. Return: true as soon as a frame has come in.
 */
bool segue_net_talks(struct segue_net *net, unsigned int bound_ms)
{
	struct segue_net_tap tap = {
		.type = {
			.type = htons(ETH_P_ALL),
			.dev = net->nd,
			.func = segue_net_tap_receive,
		},
	};
	unsigned long end = jiffies + msecs_to_jiffies(bound_ms);
	unsigned long ask = jiffies;
	netdevice_tracker tracker;
	bool talks;

	if (!segue_net_borrow(net, &tracker))
		return false;
	dev_add_pack(&tap.type);
	do {
		if (time_after_eq(jiffies, ask)) {
			segue_net_ask(net->nd);
			ask = jiffies + HZ / 4;
		}
		usleep_range(500, 1500);
		talks = atomic_read(&tap.received) > 0;
	} while (!talks && !READ_ONCE(net->gone) && (READ_ONCE(net->nd->flags) & IFF_UP) &&
		 time_before(jiffies, end));
	dev_remove_pack(&tap.type);
	netdev_put(net->nd, &tracker);
	return talks;
}

static bool segue_net_link_settles(struct segue_net *net, unsigned long end)
{
	while (!netif_carrier_ok(net->nd)) {
		if (READ_ONCE(net->gone) || time_after(jiffies, end))
			return false;
		/* Taken down by the user meanwhile: there is nothing to wait for. */
		if (!(READ_ONCE(net->nd->flags) & IFF_UP))
			return true;
		usleep_range(500, 1000);
	}
	return true;
}

/* Context: process, without RTNL, so that the link's user may go on. Return: is the link there? */
bool segue_net_wait_carrier(struct segue_net *net, unsigned int bound_ms)
{
	netdevice_tracker tracker;
	bool there;

	/* A degraded device shows no link; it had one if frames came in before. */
	if (!net->carrier && !(net->degraded && net->talks))
		return true;
	if (!segue_net_borrow(net, &tracker))
		return false;
	there = segue_net_link_settles(net, jiffies + msecs_to_jiffies(bound_ms));
	netdev_put(net->nd, &tracker);
	return there;
}
