/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a network driver's settings were, taken and put back through the ethtool class interface.
 *
 * Captured from the old generation, served to users while the shadow covers (a change they make is
 * recorded), replayed into the new generation and read back.  Knows struct ethtool_ops and no
 * driver.  All functions need RTNL and may sleep.
 */
#ifndef _SEGUE_NET_SETTINGS_H
#define _SEGUE_NET_SETTINGS_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include "finding.h"

struct segue_net_settings;

/**
 * segue_net_settings_check - what stands in the way of a swap
 * @nd: device, its driver is running
 * @found: gets one IMPOSSIBLE per thing that the kernel ties to the driver and that cannot be
 *	carried over, with what to do
 *
 * Calls nothing of the driver.
 */
void segue_net_settings_check(struct net_device *nd, struct segue_findings *found);

/**
 * segue_net_settings_capture - read everything that the driver's getters give
 * @nd: device, its driver is running
 * @ops: the driver's table, may be NULL
 *
 * A getter that fails or is missing leaves its setting unknown: it is then neither replayed nor
 * compared.
 *
 * Return: the settings, freed with segue_net_settings_free(), or NULL for want of memory.
 */
struct segue_net_settings *segue_net_settings_capture(struct net_device *nd,
						      const struct ethtool_ops *ops);
void segue_net_settings_free(struct segue_net_settings *settings);

/**
 * segue_net_settings_impersonate - a table that serves users from the captured settings
 * @settings: what to serve, and where changes are recorded; must outlive the table's use
 * @ops: the old driver's table: what it did not offer, the impersonator does not offer either
 *
 * Setters accept what the captured limits allow and record it, so that the replay puts it in.
 *
 * Return: a table inside @settings.
 */
const struct ethtool_ops *segue_net_settings_impersonate(struct segue_net_settings *settings,
							 const struct ethtool_ops *ops);

/**
 * segue_net_settings_replay - put the settings in through the driver's setters
 * @settings: as captured
 * @nd: device, given to the new driver
 * @ops: the new driver's table
 *
 * Only what reads back differently is set.  Called once before the device is opened, because rings
 * and channels are cheap then, and once after, because some drivers take link settings and rules
 * only then.  Features must have been restored before: rules need their feature to be on.
 * A setter's refusal is no error here: segue_net_settings_compare() reports what did not arrive.
 */
void segue_net_settings_replay(struct segue_net_settings *settings, struct net_device *nd,
			       const struct ethtool_ops *ops);

/**
 * segue_net_settings_compare - read back and report every difference
 * @settings: as captured
 * @nd: device
 * @ops: the new driver's table
 * @found: gets one DIFFERS per setting that differs
 */
void segue_net_settings_compare(struct segue_net_settings *settings, struct net_device *nd,
				const struct ethtool_ops *ops, struct segue_findings *found);

/**
 * segue_net_settings_limits - what the new driver's tables and rings can hold, against the old ones
 * @settings: as captured
 * @nd: device
 * @ops: the new driver's table
 * @found: gets one INCOMPATIBLE per limit (ring sizes, channels, RSS table, private flags, link
 *	modes) that is lower
 */
void segue_net_settings_limits(struct segue_net_settings *settings, struct net_device *nd,
			       const struct ethtool_ops *ops, struct segue_findings *found);

/**
 * segue_net_settings_of - the settings that are served for a device
 * @nd: device that is covered
 *
 * Provided by the unit that covers (net_cover.c), used by the impersonator's functions.
 *
 * Return: settings, or NULL when @nd is not covered.
 */
struct segue_net_settings *segue_net_settings_of(const struct net_device *nd);

#endif /* _SEGUE_NET_SETTINGS_H */
