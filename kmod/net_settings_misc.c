// SPDX-License-Identifier: GPL-2.0
/* Message level and private flags. */
#include "net_settings_rows.h"

/* Message level */

static int segue_net_msglevel_capture(const struct segue_net_driver *driver,
				      struct segue_net_settings *settings)
{
	if (!driver->ops->get_msglevel)
		return -EOPNOTSUPP;
	settings->msglevel = driver->ops->get_msglevel(driver->nd);
	return 0;
}

static void segue_net_msglevel_replay(const struct segue_net_driver *driver,
				      const struct segue_net_settings *want,
				      const struct segue_net_settings *now)
{
	if (driver->ops->set_msglevel && want->msglevel != now->msglevel)
		driver->ops->set_msglevel(driver->nd, want->msglevel);
}

static void segue_net_msglevel_compare(const struct segue_net_settings *want,
				       const struct segue_net_settings *now,
				       struct segue_findings *found)
{
	segue_net_differs(found, want->msglevel, now->msglevel, "message level");
}

static u32 segue_net_serve_get_msglevel(struct net_device *nd)
{
	struct segue_net_settings *settings;

	return segue_net_served(nd, SEGUE_NET_MSGLEVEL, &settings) ? 0 : settings->msglevel;
}

static void segue_net_serve_set_msglevel(struct net_device *nd, u32 level)
{
	struct segue_net_settings *settings;

	if (!segue_net_served(nd, SEGUE_NET_MSGLEVEL, &settings))
		settings->msglevel = level;
}

static void segue_net_msglevel_serve(struct segue_net_settings *settings,
				     const struct ethtool_ops *ops)
{
	settings->table.get_msglevel = ops->get_msglevel ? segue_net_serve_get_msglevel : NULL;
	settings->table.set_msglevel = ops->set_msglevel ? segue_net_serve_set_msglevel : NULL;
}

const struct segue_net_setting segue_net_msglevel = {
	.name = "message level",
	.capture = segue_net_msglevel_capture,
	.replay = segue_net_msglevel_replay,
	.compare = segue_net_msglevel_compare,
	.serve = segue_net_msglevel_serve,
};

/* Private flags, matched by name because the bits are each version's own */

static int segue_net_priv_flags_capture(const struct segue_net_driver *driver,
					struct segue_net_settings *settings)
{
	struct segue_net_priv_flags *saved = &settings->priv_flags;
	int err;

	if (!driver->ops->get_priv_flags)
		return -EOPNOTSUPP;
	err = segue_net_strings_capture(driver, ETH_SS_PRIV_FLAGS, &saved->strings);
	if (err)
		return err;
	saved->flags = driver->ops->get_priv_flags(driver->nd);
	return 0;
}

static void segue_net_priv_flags_free(struct segue_net_settings *settings)
{
	segue_net_strings_free(&settings->priv_flags.strings);
}

/* The interface has room for 32 flags, whatever the number of names. */
static unsigned int segue_net_priv_flags_count(const struct segue_net_priv_flags *saved)
{
	return clamp(saved->strings.count, 0, (int)BITS_PER_TYPE(u32));
}

static const char *segue_net_priv_flag_name(const struct segue_net_priv_flags *saved,
					    unsigned int bit)
{
	return (const char *)saved->strings.names + bit * ETH_GSTRING_LEN;
}

static int segue_net_priv_flag_find(const struct segue_net_priv_flags *saved, const char *name)
{
	unsigned int bit;

	for (bit = 0; bit < segue_net_priv_flags_count(saved); bit++)
		if (!strncmp(segue_net_priv_flag_name(saved, bit), name, ETH_GSTRING_LEN))
			return bit;
	return -ENOENT;
}

static void segue_net_priv_flags_replay(const struct segue_net_driver *driver,
					const struct segue_net_settings *settings,
					const struct segue_net_settings *read_back)
{
	const struct segue_net_priv_flags *want = &settings->priv_flags;
	const struct segue_net_priv_flags *now = &read_back->priv_flags;
	u32 flags = now->flags;
	unsigned int bit;

	for (bit = 0; bit < segue_net_priv_flags_count(want); bit++) {
		int to = segue_net_priv_flag_find(now, segue_net_priv_flag_name(want, bit));

		if (to < 0)
			continue;
		flags &= ~BIT(to);
		if (want->flags & BIT(bit))
			flags |= BIT(to);
	}
	if (driver->ops->set_priv_flags && flags != now->flags)
		driver->ops->set_priv_flags(driver->nd, flags);
}

static void segue_net_priv_flags_compare(const struct segue_net_settings *settings,
					 const struct segue_net_settings *read_back,
					 struct segue_findings *found)
{
	const struct segue_net_priv_flags *want = &settings->priv_flags;
	const struct segue_net_priv_flags *now = &read_back->priv_flags;
	unsigned int bit;

	for (bit = 0; bit < segue_net_priv_flags_count(want); bit++) {
		const char *name = segue_net_priv_flag_name(want, bit);
		int to = segue_net_priv_flag_find(now, name);
		bool was = want->flags & BIT(bit);

		/* One that is missing is a limit, and reported there. */
		if (to >= 0 && was != !!(now->flags & BIT(to)))
			segue_found_setting(found, SEGUE_SEVERITY_DIFFERS, was, !was,
					    "private flag %.*s", ETH_GSTRING_LEN, name);
	}
}

static void segue_net_priv_flags_limits(const struct segue_net_settings *settings,
					const struct segue_net_settings *read_back,
					struct segue_findings *found)
{
	const struct segue_net_priv_flags *want = &settings->priv_flags;
	unsigned int bit;

	for (bit = 0; bit < segue_net_priv_flags_count(want); bit++) {
		const char *name = segue_net_priv_flag_name(want, bit);

		if (segue_net_priv_flag_find(&read_back->priv_flags, name) < 0)
			segue_found_text(found, SEGUE_SEVERITY_INCOMPATIBLE,
					 "private flag %.*s is missing", ETH_GSTRING_LEN, name);
	}
}

static u32 segue_net_serve_get_priv_flags(struct net_device *nd)
{
	struct segue_net_settings *settings;

	if (segue_net_served(nd, SEGUE_NET_PRIV_FLAGS, &settings))
		return 0;
	return settings->priv_flags.flags;
}

static int segue_net_serve_set_priv_flags(struct net_device *nd, u32 flags)
{
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_PRIV_FLAGS, &settings);
	unsigned int count;

	if (err)
		return err;
	count = segue_net_priv_flags_count(&settings->priv_flags);
	if ((u64)flags >> count)
		return -EINVAL;
	settings->priv_flags.flags = flags;
	return 0;
}

static void segue_net_priv_flags_serve(struct segue_net_settings *settings,
				       const struct ethtool_ops *ops)
{
	struct ethtool_ops *const table = &settings->table;

	table->get_priv_flags = ops->get_priv_flags ? segue_net_serve_get_priv_flags : NULL;
	table->set_priv_flags = ops->set_priv_flags ? segue_net_serve_set_priv_flags : NULL;
}

const struct segue_net_setting segue_net_priv_flags = {
	.name = "private flags",
	.capture = segue_net_priv_flags_capture,
	.replay = segue_net_priv_flags_replay,
	.compare = segue_net_priv_flags_compare,
	.limits = segue_net_priv_flags_limits,
	.serve = segue_net_priv_flags_serve,
	.free = segue_net_priv_flags_free,
};
