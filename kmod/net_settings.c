// SPDX-License-Identifier: GPL-2.0
#include <linux/pm_runtime.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include "net_settings_rows.h"

static const struct segue_net_setting *const segue_net_rows[SEGUE_NET_SETTINGS] = {
	[SEGUE_NET_INFO] = &segue_net_info,
	[SEGUE_NET_MSGLEVEL] = &segue_net_msglevel,
	[SEGUE_NET_PRIV_FLAGS] = &segue_net_priv_flags,
	[SEGUE_NET_CHANNELS] = &segue_net_channels,
	[SEGUE_NET_RINGS] = &segue_net_rings,
	[SEGUE_NET_COALESCE] = &segue_net_coalesce,
	[SEGUE_NET_QUEUE_COALESCE] = &segue_net_queue_coalesce,
	[SEGUE_NET_RSS] = &segue_net_rss,
	[SEGUE_NET_RSS_FIELDS] = &segue_net_rss_fields,
	[SEGUE_NET_RULES] = &segue_net_rules,
	[SEGUE_NET_TUNABLES] = &segue_net_tunables,
	[SEGUE_NET_PHY_TUNABLES] = &segue_net_phy_tunables,
	[SEGUE_NET_FEC] = &segue_net_fec,
	[SEGUE_NET_LINK] = &segue_net_link,
	[SEGUE_NET_PAUSE] = &segue_net_pause,
	[SEGUE_NET_EEE] = &segue_net_eee,
	[SEGUE_NET_WOL] = &segue_net_wol,
};

/* A driver without a table is one that offers nothing. */
static const struct ethtool_ops segue_net_no_ops;

/* Enters a driver's table as the ethtool core does. */
static int segue_net_driver_enter(const struct segue_net_driver *driver)
{
	struct device *parent = driver->nd->dev.parent;
	int err = 0;

	ASSERT_RTNL();
	if (parent)
		pm_runtime_get_sync(parent);
	if (!netif_device_present(driver->nd))
		err = -ENODEV;
	else if (driver->ops->begin)
		err = driver->ops->begin(driver->nd);
	if (err >= 0)
		return 0;
	if (parent)
		pm_runtime_put(parent);
	return err;
}

static void segue_net_driver_leave(const struct segue_net_driver *driver)
{
	struct device *parent = driver->nd->dev.parent;

	if (driver->ops->complete)
		driver->ops->complete(driver->nd);
	if (parent)
		pm_runtime_put(parent);
}

static void segue_net_forget(struct segue_net_settings *settings, enum segue_net_setting_id id)
{
	if (segue_net_rows[id]->free)
		segue_net_rows[id]->free(settings);
	settings->err[id] = -EOPNOTSUPP;
}

static void segue_net_forget_all(struct segue_net_settings *settings)
{
	enum segue_net_setting_id id;

	for (id = 0; id < SEGUE_NET_SETTINGS; id++)
		segue_net_forget(settings, id);
}

static void segue_net_read(const struct segue_net_driver *driver,
			   struct segue_net_settings *settings, enum segue_net_setting_id id)
{
	int err;

	segue_net_forget(settings, id);
	err = segue_net_rows[id]->capture(driver, settings);
	/* Some getters return a length. */
	settings->err[id] = min(err, 0);
}

static struct segue_net_settings *segue_net_settings_alloc(void)
{
	struct segue_net_settings *settings = kvzalloc(sizeof(*settings), GFP_KERNEL);

	if (settings)
		segue_net_forget_all(settings);
	return settings;
}

struct segue_net_settings *segue_net_settings_capture(struct net_device *nd,
						      const struct ethtool_ops *ops)
{
	const struct segue_net_driver driver = { .nd = nd, .ops = ops ?: &segue_net_no_ops };
	struct segue_net_settings *settings = segue_net_settings_alloc();
	enum segue_net_setting_id id;

	if (!settings)
		return NULL;
	settings->scratch = segue_net_settings_alloc();
	if (!settings->scratch) {
		segue_net_settings_free(settings);
		return NULL;
	}
	if (segue_net_driver_enter(&driver))
		return settings;
	for (id = 0; id < SEGUE_NET_SETTINGS; id++) {
		segue_net_read(&driver, settings, id);
		/* A setting must not get lost because it could not be stored. */
		if (settings->err[id] == -ENOMEM)
			break;
	}
	segue_net_driver_leave(&driver);
	if (id == SEGUE_NET_SETTINGS)
		return settings;
	segue_net_settings_free(settings);
	return NULL;
}

void segue_net_settings_free(struct segue_net_settings *settings)
{
	if (!settings)
		return;
	segue_net_settings_free(settings->scratch);
	segue_net_forget_all(settings);
	kvfree(settings);
}

void segue_net_settings_check(struct net_device *nd, struct segue_findings *found)
{
	ASSERT_RTNL();
	/* The kernel keeps private data with each, in a size of the old driver's choosing. */
	if (segue_ethtool_has_contexts(nd))
		segue_found_text(found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "additional RSS contexts exist: ethtool -X DEV context N delete");
	if (segue_ethtool_flashes_module(nd))
		segue_found_text(found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "a transceiver's firmware is being written: wait for its end");
}

const struct ethtool_ops *segue_net_settings_impersonate(struct segue_net_settings *settings,
							 const struct ethtool_ops *ops)
{
	const size_t functions = offsetof(struct ethtool_ops, get_drvinfo);
	struct ethtool_ops *const table = &settings->table;
	enum segue_net_setting_id id;

	if (!ops)
		ops = &segue_net_no_ops;
	/* What comes before the functions says what the driver is capable of, and stays true. */
	memcpy(table, ops, functions);
	memset((void *)table + functions, 0, sizeof(*table) - functions);
	for (id = 0; id < SEGUE_NET_SETTINGS; id++)
		if (segue_net_rows[id]->serve)
			segue_net_rows[id]->serve(settings, ops);
	return table;
}

void segue_net_settings_replay(struct segue_net_settings *settings, struct net_device *nd,
			       const struct ethtool_ops *ops)
{
	const struct segue_net_driver driver = { .nd = nd, .ops = ops ?: &segue_net_no_ops };
	struct segue_net_settings *now = settings->scratch;
	enum segue_net_setting_id id;

	if (segue_net_driver_enter(&driver))
		return;
	/* True again as soon as the table is the user's: till then drivers may choose another. */
	if (!settings->err[SEGUE_NET_RSS])
		nd->priv_flags &= ~IFF_RXFH_CONFIGURED;
	for (id = 0; id < SEGUE_NET_SETTINGS; id++) {
		const struct segue_net_setting *row = segue_net_rows[id];

		if (!row->replay || settings->err[id])
			continue;
		segue_net_read(&driver, now, id);
		if (!now->err[id])
			row->replay(&driver, settings, now);
	}
	segue_net_driver_leave(&driver);
	segue_net_forget_all(now);
}

static void segue_net_compare_row(const struct segue_net_settings *want,
				  const struct segue_net_settings *now,
				  enum segue_net_setting_id id, struct segue_findings *found)
{
	const struct segue_net_setting *row = segue_net_rows[id];

	if (!now->err[id])
		row->compare(want, now, found);
	else
		segue_found_text(found, SEGUE_SEVERITY_DIFFERS, "%s cannot be read back (%d)",
				 row->name, now->err[id]);
}

void segue_net_settings_compare(struct segue_net_settings *settings, struct net_device *nd,
				const struct ethtool_ops *ops, struct segue_findings *found)
{
	const struct segue_net_driver driver = { .nd = nd, .ops = ops ?: &segue_net_no_ops };
	struct segue_net_settings *now = settings->scratch;
	enum segue_net_setting_id id;
	int err = segue_net_driver_enter(&driver);

	if (err) {
		segue_found_text(found, SEGUE_SEVERITY_DIFFERS, "settings cannot be read back (%d)",
				 err);
		return;
	}
	for (id = 0; id < SEGUE_NET_SETTINGS; id++) {
		if (!segue_net_rows[id]->compare || settings->err[id])
			continue;
		segue_net_read(&driver, now, id);
		segue_net_compare_row(settings, now, id, found);
	}
	segue_net_driver_leave(&driver);
	segue_net_forget_all(now);
}

void segue_net_settings_limits(struct segue_net_settings *settings, struct net_device *nd,
			       const struct ethtool_ops *ops, struct segue_findings *found)
{
	const struct segue_net_driver driver = { .nd = nd, .ops = ops ?: &segue_net_no_ops };
	struct segue_net_settings *now = settings->scratch;
	enum segue_net_setting_id id;

	/* A limit that cannot be read before the device is open shows in the comparison then. */
	if (segue_net_driver_enter(&driver))
		return;
	for (id = 0; id < SEGUE_NET_SETTINGS; id++) {
		if (!segue_net_rows[id]->limits || settings->err[id])
			continue;
		segue_net_read(&driver, now, id);
		if (!now->err[id])
			segue_net_rows[id]->limits(settings, now, found);
	}
	segue_net_driver_leave(&driver);
	segue_net_forget_all(now);
}

/* For the impersonator: the settings of a device, if this row of them is known. */
int segue_net_served(const struct net_device *nd, enum segue_net_setting_id id,
		     struct segue_net_settings **settings)
{
	*settings = segue_net_settings_of(nd);
	return *settings ? (*settings)->err[id] : -ENODEV;
}

void segue_net_differs(struct segue_findings *found, u64 was, u64 now, const char *name)
{
	if (was != now)
		segue_found_setting(found, SEGUE_SEVERITY_DIFFERS, was, now, "%s", name);
}

void segue_net_less(struct segue_findings *found, u64 was, u64 now, const char *name)
{
	if (now < was)
		segue_found_limit(found, SEGUE_SEVERITY_INCOMPATIBLE, was, now, "%s", name);
}

u32 segue_net_field_get(const void *base, const struct segue_net_field *field)
{
	const void *member = base + field->offset;

	return field->size == sizeof(u8) ? *(const u8 *)member : *(const u32 *)member;
}

void segue_net_field_set(void *base, const struct segue_net_field *field, u32 value)
{
	void *member = base + field->offset;

	if (field->size == sizeof(u8))
		*(u8 *)member = value;
	else
		*(u32 *)member = value;
}

u32 segue_net_field_limit(const void *base, const struct segue_net_field *field)
{
	return field->limit ? *(const u32 *)(base + field->limit) : U32_MAX;
}

/* Returns 0 or a negative error, which a later question for the count gets as well. */
int segue_net_strings_capture(const struct segue_net_driver *driver, int set,
			      struct segue_net_strings *strings)
{
	const struct ethtool_ops *ops = driver->ops;

	strings->names = NULL;
	strings->count = -EOPNOTSUPP;
	if (!ops->get_sset_count || !ops->get_strings)
		return strings->count;
	strings->count = ops->get_sset_count(driver->nd, set);
	if (strings->count <= 0)
		return strings->count;
	strings->names = kvcalloc(strings->count, ETH_GSTRING_LEN, GFP_KERNEL);
	if (!strings->names) {
		strings->count = -ENOMEM;
		return strings->count;
	}
	ops->get_strings(driver->nd, set, strings->names);
	return 0;
}

void segue_net_strings_free(struct segue_net_strings *strings)
{
	kvfree(strings->names);
	strings->names = NULL;
	strings->count = -EOPNOTSUPP;
}
