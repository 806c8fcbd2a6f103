// SPDX-License-Identifier: GPL-2.0
/* Rules that classify received frames (ntuple filters). */
#include <linux/slab.h>
#include "net_settings_rows.h"

/* Bounds what a driver that miscounts can make us allocate. */
#define SEGUE_NET_RULES_MAX	65536

/* The getters write into holes of the structure, or leave them. */
static bool segue_net_rule_same(const struct ethtool_rx_flow_spec *a,
				const struct ethtool_rx_flow_spec *b)
{
	return !memcmp(a, b, offsetofend(struct ethtool_rx_flow_spec, m_ext)) &&
	       a->ring_cookie == b->ring_cookie;
}

static struct ethtool_rx_flow_spec *segue_net_rule_at(const struct segue_net_rules *rules,
						      u32 location)
{
	u32 i;

	for (i = 0; i < rules->count; i++)
		if (rules->rules[i].location == location)
			return &rules->rules[i];
	return NULL;
}

/* A driver that chooses the location itself need not choose the same one again. */
static bool segue_net_rule_present(const struct segue_net_rules *rules,
				   const struct ethtool_rx_flow_spec *rule)
{
	const struct ethtool_rx_flow_spec *at = segue_net_rule_at(rules, rule->location);
	u32 i;

	if (at && segue_net_rule_same(at, rule))
		return true;
	for (i = 0; rules->size & RX_CLS_LOC_SPECIAL && i < rules->count; i++)
		if (segue_net_rule_same(&rules->rules[i], rule))
			return true;
	return false;
}

static int segue_net_rules_read(const struct segue_net_driver *driver,
				struct segue_net_rules *rules, const u32 *locations, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		struct ethtool_rxnfc info;
		int err;

		memset(&info, 0, sizeof(info));
		info.cmd = ETHTOOL_GRXCLSRULE;
		info.fs.location = locations[i];
		err = driver->ops->get_rxnfc(driver->nd, &info, NULL);
		if (err < 0)
			return err;
		rules->rules[i] = info.fs;
		rules->rules[i].location = locations[i];
		rules->count++;
	}
	return 0;
}

static int segue_net_rules_capture(const struct segue_net_driver *driver,
				   struct segue_net_settings *settings)
{
	struct ethtool_rxnfc info = { .cmd = ETHTOOL_GRXCLSRLCNT };
	struct segue_net_rules *rules = &settings->rules;
	u32 *locations;
	u32 count;
	int err;

	memset(rules, 0, sizeof(*rules));
	if (!driver->ops->get_rxnfc)
		return -EOPNOTSUPP;
	err = driver->ops->get_rxnfc(driver->nd, &info, NULL);
	if (err < 0)
		return err;
	rules->size = info.data;
	count = info.rule_cnt;
	if (!count)
		return 0;
	if (count > SEGUE_NET_RULES_MAX)
		return -E2BIG;
	locations = kvcalloc(count, sizeof(*locations), GFP_KERNEL);
	rules->rules = kvcalloc(count, sizeof(*rules->rules), GFP_KERNEL);
	if (!locations || !rules->rules) {
		kvfree(locations);
		return -ENOMEM;
	}
	memset(&info, 0, sizeof(info));
	info.cmd = ETHTOOL_GRXCLSRLALL;
	info.rule_cnt = count;
	err = driver->ops->get_rxnfc(driver->nd, &info, locations);
	if (err >= 0) {
		if (!(rules->size & ~RX_CLS_LOC_SPECIAL))
			rules->size |= info.data;
		err = segue_net_rules_read(driver, rules, locations, min(count, info.rule_cnt));
	}
	kvfree(locations);
	return err;
}

static void segue_net_rules_free(struct segue_net_settings *settings)
{
	kvfree(settings->rules.rules);
	memset(&settings->rules, 0, sizeof(settings->rules));
}

static void segue_net_rules_replay(const struct segue_net_driver *driver,
				   const struct segue_net_settings *want,
				   const struct segue_net_settings *now)
{
	u32 i;

	if (!driver->ops->set_rxnfc)
		return;
	for (i = 0; i < want->rules.count; i++) {
		const struct ethtool_rx_flow_spec *rule = &want->rules.rules[i];
		struct ethtool_rxnfc info;

		/* A rule for another context than the default one would get the wrong context. */
		if (rule->flow_type & FLOW_RSS || segue_net_rule_present(&now->rules, rule))
			continue;
		memset(&info, 0, sizeof(info));
		info.cmd = ETHTOOL_SRXCLSRLINS;
		info.fs = *rule;
		driver->ops->set_rxnfc(driver->nd, &info);
	}
}

static void segue_net_rules_compare(const struct segue_net_settings *want,
				    const struct segue_net_settings *now,
				    struct segue_findings *found)
{
	u32 i;

	for (i = 0; i < want->rules.count; i++)
		if (!segue_net_rule_present(&now->rules, &want->rules.rules[i]))
			segue_found_text(found, SEGUE_SEVERITY_DIFFERS, "ntuple rule %u is missing",
					 want->rules.rules[i].location);
	for (i = 0; i < now->rules.count; i++)
		if (!segue_net_rule_present(&want->rules, &now->rules.rules[i]))
			segue_found_text(found, SEGUE_SEVERITY_DIFFERS, "ntuple rule %u is new",
					 now->rules.rules[i].location);
}

static void segue_net_rules_limits(const struct segue_net_settings *want,
				   const struct segue_net_settings *now,
				   struct segue_findings *found)
{
	u64 size = now->rules.size & ~RX_CLS_LOC_SPECIAL;

	/* Some drivers tell the size only together with rules. */
	if (size)
		segue_net_less(found, want->rules.size & ~RX_CLS_LOC_SPECIAL, size,
			       "ntuple rules");
}

static int segue_net_serve_list_rules(const struct segue_net_rules *rules,
				      struct ethtool_rxnfc *info, u32 *locations)
{
	u32 i;

	if (info->rule_cnt < rules->count)
		return -EMSGSIZE;
	for (i = 0; i < rules->count; i++)
		locations[i] = rules->rules[i].location;
	info->rule_cnt = rules->count;
	info->data = rules->size & ~RX_CLS_LOC_SPECIAL;
	return 0;
}

static int segue_net_serve_get_rules(const struct segue_net_rules *rules,
				     struct ethtool_rxnfc *info, u32 *locations)
{
	const struct ethtool_rx_flow_spec *rule;

	switch (info->cmd) {
	case ETHTOOL_GRXCLSRLCNT:
		info->rule_cnt = rules->count;
		info->data = rules->size;
		return 0;
	case ETHTOOL_GRXCLSRLALL:
		return segue_net_serve_list_rules(rules, info, locations);
	case ETHTOOL_GRXCLSRULE:
		rule = segue_net_rule_at(rules, info->fs.location);
		if (!rule)
			return -ENOENT;
		info->fs = *rule;
		info->data = rules->size & ~RX_CLS_LOC_SPECIAL;
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static int segue_net_serve_get_rxnfc(struct net_device *nd, struct ethtool_rxnfc *info,
				     u32 *locations)
{
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_RULES, &settings);

	if (!settings)
		return err;
	if (info->cmd == ETHTOOL_GRXFH)
		return segue_net_serve_get_fields_nfc(nd, info);
	if (info->cmd == ETHTOOL_GRXRINGS) {
		info->data = settings->rss.rings;
		return info->data ? 0 : -EOPNOTSUPP;
	}
	return err ?: segue_net_serve_get_rules(&settings->rules, info, locations);
}

/* Turns a request for any location, the first or the last one into a free location. */
static int segue_net_rule_locate(const struct segue_net_rules *rules, u32 *location)
{
	u32 size = rules->size & ~RX_CLS_LOC_SPECIAL ?: SEGUE_NET_RULES_MAX;
	u32 i;

	if (!(*location & RX_CLS_LOC_SPECIAL))
		return *location < size ? 0 : -EINVAL;
	if (!(rules->size & RX_CLS_LOC_SPECIAL))
		return -EINVAL;
	for (i = 0; i < size; i++) {
		u32 free = *location == RX_CLS_LOC_LAST ? size - 1 - i : i;

		if (segue_net_rule_at(rules, free))
			continue;
		*location = free;
		return 0;
	}
	return -ENOSPC;
}

static int segue_net_serve_insert_rule(struct segue_net_settings *settings,
				       struct ethtool_rxnfc *info)
{
	struct segue_net_rules *rules = &settings->rules;
	struct ethtool_rx_flow_spec *more, *rule;
	u64 cookie = info->fs.ring_cookie;
	int err;

	if (info->fs.flow_type & FLOW_RSS)
		return -EOPNOTSUPP;
	if (cookie != RX_CLS_FLOW_DISC && cookie != RX_CLS_FLOW_WAKE &&
	    !ethtool_get_flow_spec_ring_vf(cookie) && settings->rss.rings &&
	    ethtool_get_flow_spec_ring(cookie) >= settings->rss.rings)
		return -EINVAL;
	err = segue_net_rule_locate(rules, &info->fs.location);
	if (err)
		return err;
	rule = segue_net_rule_at(rules, info->fs.location);
	if (rule) {
		*rule = info->fs;
		return 0;
	}
	if (rules->count >= SEGUE_NET_RULES_MAX)
		return -ENOSPC;
	more = kvcalloc(rules->count + 1, sizeof(*more), GFP_KERNEL);
	if (!more)
		return -ENOMEM;
	if (rules->count)
		memcpy(more, rules->rules, array_size(rules->count, sizeof(*more)));
	more[rules->count++] = info->fs;
	kvfree(rules->rules);
	rules->rules = more;
	return 0;
}

static int segue_net_serve_delete_rule(struct segue_net_rules *rules, u32 location)
{
	struct ethtool_rx_flow_spec *rule = segue_net_rule_at(rules, location);

	if (!rule)
		return -ENOENT;
	*rule = rules->rules[--rules->count];
	return 0;
}

static int segue_net_serve_set_rxnfc(struct net_device *nd, struct ethtool_rxnfc *info)
{
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_RULES, &settings);

	if (!settings)
		return err;
	if (info->cmd == ETHTOOL_SRXFH)
		return segue_net_serve_set_fields_nfc(nd, info);
	if (err)
		return err;
	switch (info->cmd) {
	case ETHTOOL_SRXCLSRLINS:
		return segue_net_serve_insert_rule(settings, info);
	case ETHTOOL_SRXCLSRLDEL:
		return segue_net_serve_delete_rule(&settings->rules, info->fs.location);
	default:
		return -EOPNOTSUPP;
	}
}

static void segue_net_rules_serve(struct segue_net_settings *settings,
				  const struct ethtool_ops *ops)
{
	settings->table.get_rxnfc = ops->get_rxnfc ? segue_net_serve_get_rxnfc : NULL;
	settings->table.set_rxnfc = ops->set_rxnfc ? segue_net_serve_set_rxnfc : NULL;
}

const struct segue_net_setting segue_net_rules = {
	.name = "ntuple rules",
	.capture = segue_net_rules_capture,
	.replay = segue_net_rules_replay,
	.compare = segue_net_rules_compare,
	.limits = segue_net_rules_limits,
	.serve = segue_net_rules_serve,
	.free = segue_net_rules_free,
};
