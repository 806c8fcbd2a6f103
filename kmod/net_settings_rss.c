// SPDX-License-Identifier: GPL-2.0
/* Which received frame goes to which queue: table, key and function; fields to hash; rules. */
#include <linux/slab.h>
#include "net_settings_rows.h"

/* Distribution */

static u32 segue_net_rings_of(const struct segue_net_driver *driver)
{
	struct ethtool_rxnfc info = { .cmd = ETHTOOL_GRXRINGS };

	if (!driver->ops->get_rxnfc || driver->ops->get_rxnfc(driver->nd, &info, NULL))
		return 0;
	return info.data;
}

static int segue_net_rss_capture(const struct segue_net_driver *driver,
				 struct segue_net_settings *settings)
{
	struct ethtool_rxfh_param *param = &settings->rss.param;
	const struct ethtool_ops *ops = driver->ops;
	struct ethtool_rxfh_param request;
	int err;

	memset(&settings->rss, 0, sizeof(settings->rss));
	settings->rss.rings = segue_net_rings_of(driver);
	settings->rss.configured = netif_is_rxfh_configured(driver->nd);
	if (!ops->get_rxfh)
		return -EOPNOTSUPP;
	if (ops->get_rxfh_indir_size)
		param->indir_size = ops->get_rxfh_indir_size(driver->nd);
	if (ops->get_rxfh_key_size)
		param->key_size = ops->get_rxfh_key_size(driver->nd);
	if (param->indir_size)
		param->indir = kvcalloc(param->indir_size, sizeof(*param->indir), GFP_KERNEL);
	if (param->key_size)
		param->key = kvzalloc(param->key_size, GFP_KERNEL);
	if ((param->indir_size && !param->indir) || (param->key_size && !param->key))
		return -ENOMEM;
	/* The driver may write to the request, but the sizes are those of the memory. */
	request = *param;
	err = segue_ethtool_get_rxfh(ops, driver->nd, &request);
	param->hfunc = request.hfunc;
	param->input_xfrm = request.input_xfrm;
	return err;
}

static void segue_net_rss_free(struct segue_net_settings *settings)
{
	kvfree(settings->rss.param.indir);
	kvfree(settings->rss.param.key);
	memset(&settings->rss, 0, sizeof(settings->rss));
}

/* Each part is set by itself, so that a refusal of one does not keep out the others. */
static int segue_net_rss_set(const struct segue_net_driver *driver,
			     struct ethtool_rxfh_param request)
{
	return segue_ethtool_set_rxfh(driver->ops, driver->nd, &request);
}

static const struct ethtool_rxfh_param segue_net_rss_no_change = {
	.hfunc = ETH_RSS_HASH_NO_CHANGE,
	.input_xfrm = RXH_XFRM_NO_CHANGE,
};

/* The user's table, repeated or cut off where the new driver's has another size. */
static u32 segue_net_rss_entry(const struct segue_net_rss *want, u32 index)
{
	return want->param.indir[index % want->param.indir_size];
}

static bool segue_net_rss_same_table(const struct segue_net_rss *want,
				     const struct segue_net_rss *now)
{
	u32 i;

	for (i = 0; i < now->param.indir_size; i++)
		if (now->param.indir[i] != segue_net_rss_entry(want, i))
			return false;
	return true;
}

static int segue_net_rss_set_table(const struct segue_net_driver *driver,
				   const struct segue_net_rss *want,
				   const struct segue_net_rss *now)
{
	struct ethtool_rxfh_param request = segue_net_rss_no_change;
	u32 size = now->param.indir_size;
	int err = 0;
	u32 i;

	request.indir_size = size;
	request.indir = kvcalloc(size, sizeof(*request.indir), GFP_KERNEL);
	if (!request.indir)
		return -ENOMEM;
	for (i = 0; i < size; i++) {
		request.indir[i] = segue_net_rss_entry(want, i);
		/* The kernel never shows a driver a ring that does not exist. */
		if (now->rings && request.indir[i] >= now->rings)
			err = -EINVAL;
	}
	if (!err)
		err = segue_net_rss_set(driver, request);
	kvfree(request.indir);
	return err;
}

static bool segue_net_rss_same_key(const struct ethtool_rxfh_param *want,
				   const struct ethtool_rxfh_param *now)
{
	return want->key_size == now->key_size &&
	       (!want->key_size || !memcmp(want->key, now->key, want->key_size));
}

static void segue_net_rss_replay_table(const struct segue_net_driver *driver,
				       const struct segue_net_rss *want,
				       const struct segue_net_rss *now)
{
	/* A default table is the new driver's to choose. */
	if (!want->configured || !want->param.indir_size || !now->param.indir_size)
		return;
	if (segue_net_rss_same_table(want, now) ||
	    (driver->ops->set_rxfh && !segue_net_rss_set_table(driver, want, now)))
		driver->nd->priv_flags |= IFF_RXFH_CONFIGURED;
}

static void segue_net_rss_replay(const struct segue_net_driver *driver,
				 const struct segue_net_settings *settings,
				 const struct segue_net_settings *read_back)
{
	const struct ethtool_rxfh_param *want = &settings->rss.param;
	const struct ethtool_rxfh_param *now = &read_back->rss.param;
	struct ethtool_rxfh_param request;

	if (driver->ops->set_rxfh && want->hfunc && want->hfunc != now->hfunc) {
		request = segue_net_rss_no_change;
		request.hfunc = want->hfunc;
		segue_net_rss_set(driver, request);
	}
	if (driver->ops->set_rxfh && want->input_xfrm != now->input_xfrm) {
		request = segue_net_rss_no_change;
		request.input_xfrm = want->input_xfrm;
		segue_net_rss_set(driver, request);
	}
	if (driver->ops->set_rxfh && want->key_size == now->key_size &&
	    !segue_net_rss_same_key(want, now)) {
		request = segue_net_rss_no_change;
		request.key = want->key;
		request.key_size = want->key_size;
		segue_net_rss_set(driver, request);
	}
	segue_net_rss_replay_table(driver, &settings->rss, &read_back->rss);
}

static void segue_net_rss_compare(const struct segue_net_settings *want,
				  const struct segue_net_settings *now,
				  struct segue_findings *found)
{
	segue_net_differs(found, want->rss.param.hfunc, now->rss.param.hfunc, "RSS hash function");
	segue_net_differs(found, want->rss.param.input_xfrm, now->rss.param.input_xfrm,
			  "RSS input transformation");
	if (!segue_net_rss_same_key(&want->rss.param, &now->rss.param))
		segue_found_text(found, SEGUE_SEVERITY_DIFFERS, "RSS hash key");
	if (want->rss.configured && want->rss.param.indir_size &&
	    (want->rss.param.indir_size != now->rss.param.indir_size ||
	     !segue_net_rss_same_table(&want->rss, &now->rss)))
		segue_found_text(found, SEGUE_SEVERITY_DIFFERS, "RSS indirection table");
}

static void segue_net_rss_limits(const struct segue_net_settings *want,
				 const struct segue_net_settings *now,
				 struct segue_findings *found)
{
	segue_net_less(found, want->rss.param.indir_size, now->rss.param.indir_size,
		       "RSS indirection table");
	segue_net_less(found, want->rss.param.key_size, now->rss.param.key_size, "RSS hash key");
}

static u32 segue_net_serve_indir_size(struct net_device *nd)
{
	struct segue_net_settings *settings;

	return segue_net_served(nd, SEGUE_NET_RSS, &settings) ? 0 : settings->rss.param.indir_size;
}

static u32 segue_net_serve_key_size(struct net_device *nd)
{
	struct segue_net_settings *settings;

	return segue_net_served(nd, SEGUE_NET_RSS, &settings) ? 0 : settings->rss.param.key_size;
}

/* As drivers do, trust their own sizes, not those of the request: some callers leave them 0. */
int segue_net_serve_get_rxfh(struct net_device *nd, struct ethtool_rxfh_param *rxfh)
{
	const struct ethtool_rxfh_param *param;
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_RSS, &settings);

	if (err)
		return err;
	if (rxfh->rss_context)
		return -EOPNOTSUPP;
	param = &settings->rss.param;
	rxfh->hfunc = param->hfunc;
	rxfh->input_xfrm = param->input_xfrm;
	if (rxfh->indir && param->indir)
		memcpy(rxfh->indir, param->indir, array_size(param->indir_size, sizeof(u32)));
	if (rxfh->key && param->key)
		memcpy(rxfh->key, param->key, param->key_size);
	return 0;
}

int segue_net_serve_set_rxfh(struct net_device *nd, struct ethtool_rxfh_param *rxfh)
{
	struct ethtool_rxfh_param *param;
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_RSS, &settings);
	struct segue_net_rss *rss;
	u32 i;

	if (err)
		return err;
	if (rxfh->rss_context || rxfh->rss_delete)
		return -EOPNOTSUPP;
	rss = &settings->rss;
	param = &rss->param;
	if (rxfh->hfunc != ETH_RSS_HASH_NO_CHANGE)
		param->hfunc = rxfh->hfunc;
	if (rxfh->input_xfrm != RXH_XFRM_NO_CHANGE)
		param->input_xfrm = rxfh->input_xfrm;
	if (rxfh->key && param->key)
		memcpy(param->key, rxfh->key, param->key_size);
	if (!rxfh->indir || !param->indir)
		return 0;
	memcpy(param->indir, rxfh->indir, array_size(param->indir_size, sizeof(u32)));
	/* A request for the default comes as the default table. */
	rss->configured = !rss->rings;
	for (i = 0; rss->rings && i < param->indir_size; i++)
		if (param->indir[i] != ethtool_rxfh_indir_default(i, rss->rings))
			rss->configured = true;
	return 0;
}

static void segue_net_rss_serve(struct segue_net_settings *settings, const struct ethtool_ops *ops)
{
	struct ethtool_ops *const table = &settings->table;

	table->get_rxfh_indir_size = ops->get_rxfh_indir_size ? segue_net_serve_indir_size : NULL;
	table->get_rxfh_key_size = ops->get_rxfh_key_size ? segue_net_serve_key_size : NULL;
	table->get_rxfh = ops->get_rxfh ? segue_ethtool_serve_get_rxfh : NULL;
	table->set_rxfh = ops->set_rxfh ? segue_ethtool_serve_set_rxfh : NULL;
}

const struct segue_net_setting segue_net_rss = {
	.name = "RSS",
	.capture = segue_net_rss_capture,
	.replay = segue_net_rss_replay,
	.compare = segue_net_rss_compare,
	.limits = segue_net_rss_limits,
	.serve = segue_net_rss_serve,
	.free = segue_net_rss_free,
};

/* Fields to hash */

static int segue_net_fields_get(const struct segue_net_driver *driver,
				struct ethtool_rxfh_fields *fields)
{
	struct ethtool_rxnfc info = { .cmd = ETHTOOL_GRXFH, .flow_type = fields->flow_type };
	int err;

	if (segue_ethtool_has_fields_ops(driver->ops))
		return segue_ethtool_get_fields(driver->ops, driver->nd, fields);
	err = driver->ops->get_rxnfc(driver->nd, &info, NULL);
	fields->data = info.data;
	return err;
}

static void segue_net_fields_set(const struct segue_net_driver *driver,
				 const struct ethtool_rxfh_fields *fields)
{
	struct ethtool_rxnfc info = {
		.cmd = ETHTOOL_SRXFH,
		.flow_type = fields->flow_type,
		.data = fields->data,
	};

	if (segue_ethtool_has_fields_ops(driver->ops))
		segue_ethtool_set_fields(driver->ops, driver->nd, fields);
	else if (driver->ops->set_rxnfc)
		driver->ops->set_rxnfc(driver->nd, &info);
}

static int segue_net_rss_fields_capture(const struct segue_net_driver *driver,
					struct segue_net_settings *settings)
{
	struct segue_net_rss_fields *saved = &settings->rss_fields;
	u32 flow;

	memset(saved, 0, sizeof(*saved));
	if (!driver->ops->get_rxnfc && !segue_ethtool_has_fields_ops(driver->ops))
		return -EOPNOTSUPP;
	for (flow = TCP_V4_FLOW; flow < SEGUE_NET_FLOWS; flow++) {
		struct ethtool_rxfh_fields fields = { .flow_type = flow };

		if (flow == IPV4_USER_FLOW || flow == IPV6_USER_FLOW)
			continue;
		if (segue_net_fields_get(driver, &fields) < 0)
			continue;
		saved->known |= BIT(flow);
		saved->data[flow] = fields.data;
	}
	return saved->known ? 0 : -EOPNOTSUPP;
}

static void segue_net_rss_fields_replay(const struct segue_net_driver *driver,
					const struct segue_net_settings *want,
					const struct segue_net_settings *now)
{
	unsigned long both = want->rss_fields.known & now->rss_fields.known;
	unsigned int flow;

	for_each_set_bit(flow, &both, SEGUE_NET_FLOWS) {
		const struct ethtool_rxfh_fields fields = {
			.flow_type = flow,
			.data = want->rss_fields.data[flow],
		};

		if (fields.data != now->rss_fields.data[flow])
			segue_net_fields_set(driver, &fields);
	}
}

static void segue_net_rss_fields_compare(const struct segue_net_settings *want,
					 const struct segue_net_settings *now,
					 struct segue_findings *found)
{
	unsigned long known = want->rss_fields.known;
	unsigned int flow;

	for_each_set_bit(flow, &known, SEGUE_NET_FLOWS) {
		u32 was = want->rss_fields.data[flow];
		u32 is = now->rss_fields.data[flow];

		if (was != is || !(now->rss_fields.known & BIT(flow)))
			segue_found_setting(found, SEGUE_SEVERITY_DIFFERS, was, is,
					    "RSS hash fields of flow type %u", flow);
	}
}

int segue_net_serve_get_fields(struct net_device *nd, struct ethtool_rxfh_fields *fields)
{
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_RSS_FIELDS, &settings);

	if (err)
		return err;
	if (fields->rss_context || fields->flow_type >= SEGUE_NET_FLOWS ||
	    !(settings->rss_fields.known & BIT(fields->flow_type)))
		return -EOPNOTSUPP;
	fields->data = settings->rss_fields.data[fields->flow_type];
	return 0;
}

int segue_net_serve_set_fields(struct net_device *nd, const struct ethtool_rxfh_fields *fields)
{
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_RSS_FIELDS, &settings);

	if (err)
		return err;
	if (fields->rss_context || fields->flow_type >= SEGUE_NET_FLOWS ||
	    !(settings->rss_fields.known & BIT(fields->flow_type)))
		return -EOPNOTSUPP;
	settings->rss_fields.data[fields->flow_type] = fields->data;
	return 0;
}

static void segue_net_rss_fields_serve(struct segue_net_settings *settings,
				       const struct ethtool_ops *ops)
{
	segue_ethtool_serve_fields(&settings->table, ops);
}

const struct segue_net_setting segue_net_rss_fields = {
	.name = "RSS hash fields",
	.capture = segue_net_rss_fields_capture,
	.replay = segue_net_rss_fields_replay,
	.compare = segue_net_rss_fields_compare,
	.serve = segue_net_rss_fields_serve,
};

/* One op of the kernel's is for rings, fields and rules. */
int segue_net_serve_get_fields_nfc(struct net_device *nd, struct ethtool_rxnfc *info)
{
	struct ethtool_rxfh_fields fields = { .flow_type = info->flow_type };
	int err = segue_net_serve_get_fields(nd, &fields);

	if (!err)
		info->data = fields.data;
	return err;
}

int segue_net_serve_set_fields_nfc(struct net_device *nd, const struct ethtool_rxnfc *info)
{
	const struct ethtool_rxfh_fields fields = {
		.flow_type = info->flow_type,
		.data = info->data,
	};

	return segue_net_serve_set_fields(nd, &fields);
}
