// SPDX-License-Identifier: GPL-2.0
/* What is captured only to be served, so that a user who polls finds nothing changed. */
#include <linux/device.h>
#include <linux/slab.h>
#include "net_settings_rows.h"

static const int segue_net_set_ids[SEGUE_NET_SETS] = {
	ETH_SS_TEST, ETH_SS_STATS, ETH_SS_PRIV_FLAGS, ETH_SS_PHY_STATS,
};

static struct segue_net_strings *segue_net_set(struct segue_net_info *info, int set)
{
	unsigned int i;

	for (i = 0; i < SEGUE_NET_SETS; i++)
		if (segue_net_set_ids[i] == set)
			return &info->sets[i];
	return NULL;
}

static void segue_net_drvinfo_capture(const struct segue_net_driver *driver,
				      struct ethtool_drvinfo *drvinfo)
{
	struct device *parent = driver->nd->dev.parent;

	drvinfo->cmd = ETHTOOL_GDRVINFO;
	if (driver->ops->get_drvinfo) {
		driver->ops->get_drvinfo(driver->nd, drvinfo);
	} else if (parent && parent->driver) {
		strscpy(drvinfo->bus_info, dev_name(parent), sizeof(drvinfo->bus_info));
		strscpy(drvinfo->driver, parent->driver->name, sizeof(drvinfo->driver));
	}
}

typedef void (*segue_net_counters_fn)(struct net_device *, struct ethtool_stats *, u64 *);

static u64 *segue_net_counters_capture(const struct segue_net_driver *driver,
				       struct segue_net_info *info, int set,
				       segue_net_counters_fn get)
{
	const struct segue_net_strings *strings = segue_net_set(info, set);
	struct ethtool_stats stats = { .cmd = ETHTOOL_GSTATS };
	u64 *counters;

	if (!get || strings->count <= 0)
		return NULL;
	counters = kvcalloc(strings->count, sizeof(*counters), GFP_KERNEL);
	if (!counters)
		return NULL;
	stats.n_stats = strings->count;
	get(driver->nd, &stats, counters);
	return counters;
}

static void segue_net_rmon_capture(const struct segue_net_driver *driver,
				   struct segue_net_info *info)
{
	const struct ethtool_rmon_hist_range *ranges = NULL;
	unsigned int i;

	segue_ethtool_stats_init(&info->rmon);
	if (!driver->ops->get_rmon_stats)
		return;
	driver->ops->get_rmon_stats(driver->nd, &info->rmon, &ranges);
	/* Copied because the driver may be unloaded before a degraded device recovers. */
	for (i = 0; ranges && i < ETHTOOL_RMON_HIST_MAX; i++) {
		if (!ranges[i].low && !ranges[i].high)
			break;
		info->ranges[i] = ranges[i];
	}
}

static void segue_net_standard_stats_capture(const struct segue_net_driver *driver,
					     struct segue_net_info *info)
{
	const struct ethtool_ops *ops = driver->ops;

	segue_ethtool_stats_init(&info->pause);
	segue_ethtool_stats_init(&info->phy);
	segue_ethtool_stats_init(&info->mac);
	segue_ethtool_stats_init(&info->ctrl);
	memset(&info->fec, 0xff, sizeof(info->fec));
	if (ops->get_pause_stats)
		ops->get_pause_stats(driver->nd, &info->pause);
	if (ops->get_eth_phy_stats)
		ops->get_eth_phy_stats(driver->nd, &info->phy);
	if (ops->get_eth_mac_stats)
		ops->get_eth_mac_stats(driver->nd, &info->mac);
	if (ops->get_eth_ctrl_stats)
		ops->get_eth_ctrl_stats(driver->nd, &info->ctrl);
	if (ops->get_fec_stats)
		ops->get_fec_stats(driver->nd, &info->fec);
	segue_net_rmon_capture(driver, info);
}

static int segue_net_info_capture(const struct segue_net_driver *driver,
				  struct segue_net_settings *settings)
{
	const struct ethtool_ops *ops = driver->ops;
	struct segue_net_info *info = &settings->info;
	unsigned int i;

	memset(info, 0, sizeof(*info));
	info->carrier = netif_carrier_ok(driver->nd);
	segue_net_drvinfo_capture(driver, &info->drvinfo);
	info->regs_len = ops->get_regs_len ? ops->get_regs_len(driver->nd) : 0;
	info->eeprom_len = ops->get_eeprom_len ? ops->get_eeprom_len(driver->nd) : 0;

	for (i = 0; i < SEGUE_NET_SETS; i++)
		segue_net_strings_capture(driver, segue_net_set_ids[i], &info->sets[i]);
	info->stats = segue_net_counters_capture(driver, info, ETH_SS_STATS,
						 ops->get_ethtool_stats);
	info->phy_counters = segue_net_counters_capture(driver, info, ETH_SS_PHY_STATS,
							ops->get_ethtool_phy_stats);
	segue_net_standard_stats_capture(driver, info);

	info->ts.cmd = ETHTOOL_GET_TS_INFO;
	info->ts.phc_index = -1;
	info->ts_err = ops->get_ts_info ? ops->get_ts_info(driver->nd, &info->ts) : -EOPNOTSUPP;
	info->ext_err = -ENODATA;
	if (ops->get_link_ext_state && !info->carrier)
		info->ext_err = ops->get_link_ext_state(driver->nd, &info->ext);
	return 0;
}

static void segue_net_info_free(struct segue_net_settings *settings)
{
	struct segue_net_info *info = &settings->info;
	unsigned int i;

	for (i = 0; i < SEGUE_NET_SETS; i++)
		segue_net_strings_free(&info->sets[i]);
	kvfree(info->stats);
	kvfree(info->phy_counters);
	info->stats = NULL;
	info->phy_counters = NULL;
}

static struct segue_net_info *segue_net_info_of(const struct net_device *nd)
{
	struct segue_net_settings *settings;

	return segue_net_served(nd, SEGUE_NET_INFO, &settings) ? NULL : &settings->info;
}

/* The kernel has filled in what it knows itself: only what the driver said goes over it. */
static void segue_net_serve_drvinfo(struct net_device *nd, struct ethtool_drvinfo *to)
{
	const struct segue_net_info *info = segue_net_info_of(nd);
	const struct ethtool_drvinfo *from;

	if (!info)
		return;
	from = &info->drvinfo;
	strscpy(to->driver, from->driver, sizeof(to->driver));
	if (from->version[0])
		strscpy(to->version, from->version, sizeof(to->version));
	strscpy(to->fw_version, from->fw_version, sizeof(to->fw_version));
	strscpy(to->erom_version, from->erom_version, sizeof(to->erom_version));
	strscpy(to->bus_info, from->bus_info, sizeof(to->bus_info));
	to->n_priv_flags = from->n_priv_flags;
}

static int segue_net_serve_regs_len(struct net_device *nd)
{
	const struct segue_net_info *info = segue_net_info_of(nd);

	return info ? info->regs_len : 0;
}

static int segue_net_serve_eeprom_len(struct net_device *nd)
{
	const struct segue_net_info *info = segue_net_info_of(nd);

	return info ? info->eeprom_len : 0;
}

static u32 segue_net_serve_link(struct net_device *nd)
{
	const struct segue_net_info *info = segue_net_info_of(nd);

	return info && info->carrier;
}

static int segue_net_serve_sset_count(struct net_device *nd, int set)
{
	struct segue_net_info *info = segue_net_info_of(nd);
	const struct segue_net_strings *strings = info ? segue_net_set(info, set) : NULL;

	return strings ? strings->count : -EOPNOTSUPP;
}

static void segue_net_serve_strings(struct net_device *nd, u32 set, u8 *data)
{
	struct segue_net_info *info = segue_net_info_of(nd);
	const struct segue_net_strings *strings = info ? segue_net_set(info, set) : NULL;

	if (strings && strings->names)
		memcpy(data, strings->names, array_size(strings->count, ETH_GSTRING_LEN));
}

static void segue_net_serve_counters(struct net_device *nd, int set, const u64 *counters, u64 *data)
{
	struct segue_net_info *info = segue_net_info_of(nd);

	if (info && counters)
		memcpy(data, counters,
		       array_size(segue_net_set(info, set)->count, sizeof(*data)));
}

static void segue_net_serve_stats(struct net_device *nd, struct ethtool_stats *stats, u64 *data)
{
	const struct segue_net_info *info = segue_net_info_of(nd);

	segue_net_serve_counters(nd, ETH_SS_STATS, info ? info->stats : NULL, data);
}

static void segue_net_serve_phy_counters(struct net_device *nd, struct ethtool_stats *stats,
					 u64 *data)
{
	const struct segue_net_info *info = segue_net_info_of(nd);

	segue_net_serve_counters(nd, ETH_SS_PHY_STATS, info ? info->phy_counters : NULL, data);
}

static int segue_net_serve_ts_info(struct net_device *nd, struct kernel_ethtool_ts_info *ts)
{
	const struct segue_net_info *info = segue_net_info_of(nd);

	if (!info)
		return -ENODEV;
	if (!info->ts_err)
		*ts = info->ts;
	return info->ts_err;
}

static int segue_net_serve_ext_state(struct net_device *nd, struct ethtool_link_ext_state_info *ext)
{
	const struct segue_net_info *info = segue_net_info_of(nd);

	if (!info)
		return -ENODEV;
	if (!info->ext_err)
		*ext = info->ext;
	return info->ext_err;
}

#define SEGUE_NET_SERVE_STATS(name, type, member)						\
	static void name(struct net_device *nd, struct type *to)				\
	{											\
		const struct segue_net_info *info = segue_net_info_of(nd);			\
												\
		if (info)									\
			segue_ethtool_stats_copy(to, &info->member);				\
	}

SEGUE_NET_SERVE_STATS(segue_net_serve_pause_stats, ethtool_pause_stats, pause)
SEGUE_NET_SERVE_STATS(segue_net_serve_phy_stats, ethtool_eth_phy_stats, phy)
SEGUE_NET_SERVE_STATS(segue_net_serve_mac_stats, ethtool_eth_mac_stats, mac)
SEGUE_NET_SERVE_STATS(segue_net_serve_ctrl_stats, ethtool_eth_ctrl_stats, ctrl)

static void segue_net_serve_fec_stats(struct net_device *nd, struct ethtool_fec_stats *to)
{
	const struct segue_net_info *info = segue_net_info_of(nd);

	if (info)
		*to = info->fec;
}

static void segue_net_serve_rmon(struct net_device *nd, struct ethtool_rmon_stats *to,
				 const struct ethtool_rmon_hist_range **ranges)
{
	const struct segue_net_info *info = segue_net_info_of(nd);

	if (!info)
		return;
	segue_ethtool_stats_copy(to, &info->rmon);
	*ranges = info->ranges;
}

static void segue_net_info_serve(struct segue_net_settings *settings, const struct ethtool_ops *ops)
{
	struct ethtool_ops *const table = &settings->table;

	/* Without it the kernel would answer from the driver that is bound, and none is. */
	if (settings->info.drvinfo.driver[0])
		table->get_drvinfo = segue_net_serve_drvinfo;
	table->get_regs_len = ops->get_regs_len ? segue_net_serve_regs_len : NULL;
	table->get_eeprom_len = ops->get_eeprom_len ? segue_net_serve_eeprom_len : NULL;
	table->get_link = ops->get_link ? segue_net_serve_link : NULL;
	if (ops->get_sset_count && ops->get_strings) {
		table->get_sset_count = segue_net_serve_sset_count;
		table->get_strings = segue_net_serve_strings;
	}
	table->get_ethtool_stats = ops->get_ethtool_stats ? segue_net_serve_stats : NULL;
	table->get_ethtool_phy_stats =
		ops->get_ethtool_phy_stats ? segue_net_serve_phy_counters : NULL;
	table->get_ts_info = ops->get_ts_info ? segue_net_serve_ts_info : NULL;
	table->get_link_ext_state = ops->get_link_ext_state ? segue_net_serve_ext_state : NULL;
	table->get_pause_stats = ops->get_pause_stats ? segue_net_serve_pause_stats : NULL;
	table->get_eth_phy_stats = ops->get_eth_phy_stats ? segue_net_serve_phy_stats : NULL;
	table->get_eth_mac_stats = ops->get_eth_mac_stats ? segue_net_serve_mac_stats : NULL;
	table->get_eth_ctrl_stats = ops->get_eth_ctrl_stats ? segue_net_serve_ctrl_stats : NULL;
	table->get_fec_stats = ops->get_fec_stats ? segue_net_serve_fec_stats : NULL;
	table->get_rmon_stats = ops->get_rmon_stats ? segue_net_serve_rmon : NULL;
}

const struct segue_net_setting segue_net_info = {
	.name = "driver information",
	.capture = segue_net_info_capture,
	.serve = segue_net_info_serve,
	.free = segue_net_info_free,
};
