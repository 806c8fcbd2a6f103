// SPDX-License-Identifier: GPL-2.0
/*
 * Does the new driver offer what the old one offered?  Tables, features, limits: by the class, not
 * by name.
 */
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include "generation.h"
#include "net.h"

/* Both tables consist of function pointers from @begin to their end. */
static void segue_net_compare_table(struct segue_net *net, const char *structure, const void *was,
				    const void *now, size_t begin, size_t size)
{
	size_t offset;

	for (offset = begin; offset < size; offset += sizeof(void *)) {
		const void *const *old = was + offset;
		const void *const *new = now + offset;

		if (*old && !*new)
			segue_found_op(&net->target->found, SEGUE_SEVERITY_INCOMPATIBLE,
				       structure, offset);
	}
}

static void segue_net_compare_features(struct segue_net *net)
{
	netdev_features_t was = net->was.features | net->was.hw_features;
	netdev_features_t now = net->nd->features | net->nd->hw_features;
	netdev_features_t missing = was & ~now;
	unsigned int bit;

	for (bit = 0; bit < NETDEV_FEATURE_COUNT; bit++)
		if (missing & __NETIF_F_BIT(bit))
			segue_found_feature(&net->target->found, SEGUE_SEVERITY_INCOMPATIBLE,
					    "netdev_features", bit);
}

static void segue_net_compare_at_least(struct segue_net *net, u64 was, u64 now, const char *name)
{
	if (now < was)
		segue_found_limit(&net->target->found, SEGUE_SEVERITY_INCOMPATIBLE, was, now, "%s",
				  name);
}

static void segue_net_compare_limits(struct segue_net *net)
{
	struct net_device *nd = net->nd;

	segue_net_compare_at_least(net, net->was.max_mtu, nd->max_mtu, "max_mtu");
	if (nd->min_mtu > net->was.min_mtu)
		segue_found_limit(&net->target->found, SEGUE_SEVERITY_INCOMPATIBLE,
				  net->was.min_mtu, nd->min_mtu, "min_mtu");
	if (nd->mtu > nd->max_mtu || nd->mtu < nd->min_mtu)
		segue_found_limit(&net->target->found, SEGUE_SEVERITY_IMPOSSIBLE, nd->mtu,
				  nd->max_mtu, "the MTU in use");
	segue_net_compare_at_least(net, net->was.tx_queues, net->wanted_tx, "transmit queues");
	segue_net_compare_at_least(net, net->was.rx_queues, net->wanted_rx, "receive queues");
}

/*
 * Nothing in the device may point into the module of the driver that left: it is going to be
 * unloaded. This knows no member by name, so it also finds what a newer kernel's drivers set.
 */
static void segue_net_compare_leftovers(struct segue_net *net)
{
	const struct segue_generation *from = net->target->from;
	const unsigned long *words = (const unsigned long *)net->nd;
	size_t i;

	if (!from || !from->module)
		return;
	for (i = 0; i < sizeof(*net->nd) / sizeof(*words); i++)
		if (within_module(words[i], from->module))
			segue_found_text(&net->target->found, SEGUE_SEVERITY_IMPOSSIBLE,
					 "a pointer into the old module stays in the device at byte %zu",
					 i * sizeof(*words));
}

/* Needs RTNL. Return: 0; what is missing is in the target's findings. */
int segue_net_compare(struct segue_net *net)
{
	ASSERT_RTNL();
	segue_net_compare_table(net, "net_device_ops", net->from_ops, net->driver_ops, 0,
				sizeof(struct net_device_ops));
	/* Before the first function stand capability bits. */
	if (net->from_ethtool && net->driver_ethtool)
		segue_net_compare_table(net, "ethtool_ops", net->from_ethtool, net->driver_ethtool,
					offsetof(struct ethtool_ops, get_drvinfo),
					sizeof(struct ethtool_ops));
	segue_net_compare_features(net);
	segue_net_compare_limits(net);
	segue_net_compare_leftovers(net);
	return 0;
}
