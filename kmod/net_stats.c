// SPDX-License-Identifier: GPL-2.0
/*
 * Counters that go on over generations.  A driver begins at zero; what the generations before it
 * have counted is added when the counters are read, and nowhere else.
 */
#include <linux/netdevice.h>
#include "net.h"

/* What the driver alone counts; the stack's own counters stay in the device. */
void segue_net_stats_driver(struct net_device *nd, const struct net_device_ops *ops,
			    struct rtnl_link_stats64 *stats)
{
	memset(stats, 0, sizeof(*stats));
	if (ops->ndo_get_stats64)
		ops->ndo_get_stats64(nd, stats);
	else if (ops->ndo_get_stats)
		netdev_stats_to_stats64(stats, ops->ndo_get_stats(nd));
	else if (nd->pcpu_stat_type == NETDEV_PCPU_STAT_TSTATS)
		dev_get_tstats64(nd, stats);
	else
		netdev_stats_to_stats64(stats, &nd->stats);
}

void segue_net_stats_add(struct rtnl_link_stats64 *sum, const struct rtnl_link_stats64 *part)
{
	const u64 *from = (const u64 *)part;
	u64 *to = (u64 *)sum;
	unsigned int i;

	BUILD_BUG_ON(sizeof(*sum) % sizeof(u64));
	for (i = 0; i < sizeof(*sum) / sizeof(u64); i++)
		to[i] += from[i];
}

/*
 * ndo_get_stats64() of a device that was swapped. Any context in which the driver's own may be
 * called.
 */
void segue_net_get_stats64(struct net_device *nd, struct rtnl_link_stats64 *stats)
{
	struct segue_net *net;

	rcu_read_lock();
	net = segue_net_find(nd);
	if (net) {
		segue_net_stats_driver(nd, net->driver_ops, stats);
		segue_net_stats_add(stats, &net->offset);
	}
	rcu_read_unlock();
}

/* From here on everybody sees the counters as they are now.  Needs RTNL, the driver running. */
void segue_net_stats_hold(struct segue_net *net)
{
	struct rtnl_link_stats64 now;

	/* What is shown must not be zero for the moment in which it is read anew. */
	dev_get_stats(net->nd, &now);
	net->full = now;
	WRITE_ONCE(net->stats_held, true);
}

/* Needs RTNL; the driver is closed, and this is the last that it has counted. */
void segue_net_stats_fold(struct segue_net *net)
{
	struct rtnl_link_stats64 last;

	segue_net_stats_driver(net->nd, net->driver_ops, &last);
	segue_net_stats_add(&net->offset, &last);
}

void segue_net_stats_release(struct segue_net *net)
{
	WRITE_ONCE(net->stats_held, false);
}
