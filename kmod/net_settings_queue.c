// SPDX-License-Identifier: GPL-2.0
/* Queues: how many, how long, and when they interrupt. */
#include <linux/slab.h>
#include "net_settings_rows.h"

#define SEGUE_CHANNELS(label, member, max)							\
	SEGUE_NET_LIMITED(struct ethtool_channels, label, member, max, 0)

static const struct segue_net_field segue_net_channels_fields[] = {
	SEGUE_CHANNELS("rx channels", rx_count, max_rx),
	SEGUE_CHANNELS("tx channels", tx_count, max_tx),
	SEGUE_CHANNELS("other channels", other_count, max_other),
	SEGUE_CHANNELS("combined channels", combined_count, max_combined),
};

#define SEGUE_RING_MAX(label, member, max)							\
	SEGUE_NET_LIMITED(struct segue_net_rings, label, param.member, param.max, 0),
#define SEGUE_RING_FIELD(label, member, bit)							\
	SEGUE_NET_FIELD(struct segue_net_rings, label, member, bit),
#define SEGUE_RING_LIMITED(label, member, max, bit)						\
	SEGUE_NET_LIMITED(struct segue_net_rings, label, member, max, bit),

static const struct segue_net_field segue_net_rings_fields[] = {
	SEGUE_RING_MAX("rx ring", rx_pending, rx_max_pending)
	SEGUE_RING_MAX("rx mini ring", rx_mini_pending, rx_mini_max_pending)
	SEGUE_RING_MAX("rx jumbo ring", rx_jumbo_pending, rx_jumbo_max_pending)
	SEGUE_RING_MAX("tx ring", tx_pending, tx_max_pending)
	SEGUE_RING_FIELD("rx buffer length", kernel.rx_buf_len, ETHTOOL_RING_USE_RX_BUF_LEN)
	SEGUE_RING_FIELD("completion size", kernel.cqe_size, ETHTOOL_RING_USE_CQE_SIZE)
	SEGUE_RING_FIELD("tx push", kernel.tx_push, ETHTOOL_RING_USE_TX_PUSH)
	SEGUE_ETHTOOL_RING_FIELDS(SEGUE_RING_FIELD, SEGUE_RING_LIMITED)
};

#define SEGUE_COALESCE_FIELD(label, member, bit)						\
	SEGUE_NET_FIELD(struct segue_net_coalesce, "coalesce " label, member, bit),
#define SEGUE_COALESCE(label, member, bit)							\
	SEGUE_COALESCE_FIELD(label, param.member, ETHTOOL_COALESCE_##bit)

static const struct segue_net_field segue_net_coalesce_fields[] = {
	SEGUE_COALESCE("rx-usecs", rx_coalesce_usecs, RX_USECS)
	SEGUE_COALESCE("rx-frames", rx_max_coalesced_frames, RX_MAX_FRAMES)
	SEGUE_COALESCE("rx-usecs-irq", rx_coalesce_usecs_irq, RX_USECS_IRQ)
	SEGUE_COALESCE("rx-frames-irq", rx_max_coalesced_frames_irq, RX_MAX_FRAMES_IRQ)
	SEGUE_COALESCE("tx-usecs", tx_coalesce_usecs, TX_USECS)
	SEGUE_COALESCE("tx-frames", tx_max_coalesced_frames, TX_MAX_FRAMES)
	SEGUE_COALESCE("tx-usecs-irq", tx_coalesce_usecs_irq, TX_USECS_IRQ)
	SEGUE_COALESCE("tx-frames-irq", tx_max_coalesced_frames_irq, TX_MAX_FRAMES_IRQ)
	SEGUE_COALESCE("stats-block-usecs", stats_block_coalesce_usecs, STATS_BLOCK_USECS)
	SEGUE_COALESCE("adaptive-rx", use_adaptive_rx_coalesce, USE_ADAPTIVE_RX)
	SEGUE_COALESCE("adaptive-tx", use_adaptive_tx_coalesce, USE_ADAPTIVE_TX)
	SEGUE_COALESCE("pkt-rate-low", pkt_rate_low, PKT_RATE_LOW)
	SEGUE_COALESCE("rx-usecs-low", rx_coalesce_usecs_low, RX_USECS_LOW)
	SEGUE_COALESCE("rx-frames-low", rx_max_coalesced_frames_low, RX_MAX_FRAMES_LOW)
	SEGUE_COALESCE("tx-usecs-low", tx_coalesce_usecs_low, TX_USECS_LOW)
	SEGUE_COALESCE("tx-frames-low", tx_max_coalesced_frames_low, TX_MAX_FRAMES_LOW)
	SEGUE_COALESCE("pkt-rate-high", pkt_rate_high, PKT_RATE_HIGH)
	SEGUE_COALESCE("rx-usecs-high", rx_coalesce_usecs_high, RX_USECS_HIGH)
	SEGUE_COALESCE("rx-frames-high", rx_max_coalesced_frames_high, RX_MAX_FRAMES_HIGH)
	SEGUE_COALESCE("tx-usecs-high", tx_coalesce_usecs_high, TX_USECS_HIGH)
	SEGUE_COALESCE("tx-frames-high", tx_max_coalesced_frames_high, TX_MAX_FRAMES_HIGH)
	SEGUE_COALESCE("sample-interval", rate_sample_interval, RATE_SAMPLE_INTERVAL)
	SEGUE_COALESCE_FIELD("cqe-mode-rx", kernel.use_cqe_mode_rx, ETHTOOL_COALESCE_USE_CQE_RX)
	SEGUE_COALESCE_FIELD("cqe-mode-tx", kernel.use_cqe_mode_tx, ETHTOOL_COALESCE_USE_CQE_TX)
	SEGUE_ETHTOOL_COALESCE_FIELDS(SEGUE_COALESCE_FIELD)
};

/* A member that a driver does not support is neither its setting nor allowed in a request to it. */
static bool segue_net_field_applies(const struct segue_net_field *field, u32 supported)
{
	return !field->supported || field->supported & supported;
}

/* Puts the wanted values into a request. Returns whether it changes anything. */
static bool segue_net_fields_merge(const struct segue_net_field *fields, unsigned int count,
				   u32 supported, void *request, const void *want)
{
	bool changed = false;
	unsigned int i;

	for (i = 0; i < count; i++) {
		const struct segue_net_field *field = &fields[i];
		u32 value = min(segue_net_field_get(want, field),
				segue_net_field_limit(request, field));

		if (!segue_net_field_applies(field, supported) ||
		    value == segue_net_field_get(request, field))
			continue;
		segue_net_field_set(request, field, value);
		changed = true;
	}
	return changed;
}

static void segue_net_fields_compare(const struct segue_net_field *fields, unsigned int count,
				     u32 supported, const void *want, const void *now,
				     struct segue_findings *found)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (segue_net_field_applies(&fields[i], supported))
			segue_net_differs(found, segue_net_field_get(want, &fields[i]),
					  segue_net_field_get(now, &fields[i]), fields[i].name);
}

static void segue_net_fields_limits(const struct segue_net_field *fields, unsigned int count,
				    u32 supported, u32 now_supported, const void *want,
				    const void *now, struct segue_findings *found)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		const struct segue_net_field *field = &fields[i];

		if (!segue_net_field_applies(field, supported))
			continue;
		if (!segue_net_field_applies(field, now_supported))
			segue_found_text(found, SEGUE_SEVERITY_INCOMPATIBLE, "%s cannot be set",
					 field->name);
		else
			segue_net_less(found, segue_net_field_limit(want, field),
				       segue_net_field_limit(now, field), field->name);
	}
}

/* Channels */

static int segue_net_channels_capture(const struct segue_net_driver *driver,
				      struct segue_net_settings *settings)
{
	if (!driver->ops->get_channels)
		return -EOPNOTSUPP;
	settings->channels = (struct ethtool_channels) { .cmd = ETHTOOL_GCHANNELS };
	driver->ops->get_channels(driver->nd, &settings->channels);
	return 0;
}

static void segue_net_channels_replay(const struct segue_net_driver *driver,
				      const struct segue_net_settings *want,
				      const struct segue_net_settings *now)
{
	struct ethtool_channels request = now->channels;

	if (!driver->ops->set_channels ||
	    !segue_net_fields_merge(segue_net_channels_fields,
				    ARRAY_SIZE(segue_net_channels_fields), 0, &request,
				    &want->channels))
		return;
	/* The kernel never asks a driver for less than one channel in each direction. */
	if (!request.combined_count && (!request.rx_count || !request.tx_count))
		return;
	request.cmd = ETHTOOL_SCHANNELS;
	driver->ops->set_channels(driver->nd, &request);
}

static void segue_net_channels_compare(const struct segue_net_settings *want,
				       const struct segue_net_settings *now,
				       struct segue_findings *found)
{
	segue_net_fields_compare(segue_net_channels_fields, ARRAY_SIZE(segue_net_channels_fields),
				 0, &want->channels, &now->channels, found);
}

static void segue_net_channels_limits(const struct segue_net_settings *want,
				      const struct segue_net_settings *now,
				      struct segue_findings *found)
{
	segue_net_fields_limits(segue_net_channels_fields, ARRAY_SIZE(segue_net_channels_fields),
				0, 0, &want->channels, &now->channels, found);
}

static void segue_net_serve_get_channels(struct net_device *nd, struct ethtool_channels *channels)
{
	struct segue_net_settings *settings;

	if (!segue_net_served(nd, SEGUE_NET_CHANNELS, &settings))
		*channels = settings->channels;
}

static int segue_net_serve_set_channels(struct net_device *nd, struct ethtool_channels *channels)
{
	struct segue_net_settings *settings;
	struct segue_net_rss *rss;
	int err = segue_net_served(nd, SEGUE_NET_CHANNELS, &settings);
	u32 i;

	if (err)
		return err;
	segue_net_fields_merge(segue_net_channels_fields, ARRAY_SIZE(segue_net_channels_fields), 0,
			       &settings->channels, channels);
	rss = &settings->rss;
	if (rss->rings)
		rss->rings = channels->combined_count + channels->rx_count;
	/* As a driver does, keep its default table in step with the number of rings. */
	for (i = 0; rss->rings && !rss->configured && i < rss->param.indir_size; i++)
		rss->param.indir[i] = ethtool_rxfh_indir_default(i, rss->rings);
	return 0;
}

static void segue_net_channels_serve(struct segue_net_settings *settings,
				     const struct ethtool_ops *ops)
{
	settings->table.get_channels = ops->get_channels ? segue_net_serve_get_channels : NULL;
	settings->table.set_channels = ops->set_channels ? segue_net_serve_set_channels : NULL;
}

const struct segue_net_setting segue_net_channels = {
	.name = "channels",
	.capture = segue_net_channels_capture,
	.replay = segue_net_channels_replay,
	.compare = segue_net_channels_compare,
	.limits = segue_net_channels_limits,
	.serve = segue_net_channels_serve,
};

/* Rings */

static int segue_net_rings_capture(const struct segue_net_driver *driver,
				   struct segue_net_settings *settings)
{
	struct segue_net_rings *rings = &settings->rings;

	if (!driver->ops->get_ringparam)
		return -EOPNOTSUPP;
	memset(rings, 0, sizeof(*rings));
	rings->param.cmd = ETHTOOL_GRINGPARAM;
	rings->supported = driver->ops->supported_ring_params;
	driver->ops->get_ringparam(driver->nd, &rings->param, &rings->kernel, NULL);
	return 0;
}

static void segue_net_rings_replay(const struct segue_net_driver *driver,
				   const struct segue_net_settings *want,
				   const struct segue_net_settings *now)
{
	struct segue_net_rings request = now->rings;

	if (!driver->ops->set_ringparam ||
	    !segue_net_fields_merge(segue_net_rings_fields, ARRAY_SIZE(segue_net_rings_fields),
				    want->rings.supported & now->rings.supported, &request,
				    &want->rings))
		return;
	request.param.cmd = ETHTOOL_SRINGPARAM;
	driver->ops->set_ringparam(driver->nd, &request.param, &request.kernel, NULL);
}

static void segue_net_rings_compare(const struct segue_net_settings *want,
				    const struct segue_net_settings *now,
				    struct segue_findings *found)
{
	segue_net_fields_compare(segue_net_rings_fields, ARRAY_SIZE(segue_net_rings_fields),
				 want->rings.supported & now->rings.supported, &want->rings,
				 &now->rings, found);
}

static void segue_net_rings_limits(const struct segue_net_settings *want,
				   const struct segue_net_settings *now,
				   struct segue_findings *found)
{
	segue_net_fields_limits(segue_net_rings_fields, ARRAY_SIZE(segue_net_rings_fields),
				want->rings.supported, now->rings.supported, &want->rings,
				&now->rings, found);
}

static void segue_net_serve_get_rings(struct net_device *nd, struct ethtool_ringparam *param,
				      struct kernel_ethtool_ringparam *kernel,
				      struct netlink_ext_ack *extack)
{
	struct segue_net_settings *settings;

	if (segue_net_served(nd, SEGUE_NET_RINGS, &settings))
		return;
	*param = settings->rings.param;
	*kernel = settings->rings.kernel;
}

static int segue_net_serve_set_rings(struct net_device *nd, struct ethtool_ringparam *param,
				     struct kernel_ethtool_ringparam *kernel,
				     struct netlink_ext_ack *extack)
{
	const struct segue_net_rings request = { .param = *param, .kernel = *kernel };
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_RINGS, &settings);

	if (err)
		return err;
	segue_net_fields_merge(segue_net_rings_fields, ARRAY_SIZE(segue_net_rings_fields),
			       settings->rings.supported, &settings->rings, &request);
	return 0;
}

static void segue_net_rings_serve(struct segue_net_settings *settings,
				  const struct ethtool_ops *ops)
{
	settings->table.get_ringparam = ops->get_ringparam ? segue_net_serve_get_rings : NULL;
	settings->table.set_ringparam = ops->set_ringparam ? segue_net_serve_set_rings : NULL;
}

const struct segue_net_setting segue_net_rings = {
	.name = "rings",
	.capture = segue_net_rings_capture,
	.replay = segue_net_rings_replay,
	.compare = segue_net_rings_compare,
	.limits = segue_net_rings_limits,
	.serve = segue_net_rings_serve,
};

/* Coalescing */

static int segue_net_coalesce_capture(const struct segue_net_driver *driver,
				      struct segue_net_settings *settings)
{
	struct segue_net_coalesce *coalesce = &settings->coalesce;

	settings->coalesce_supported = driver->ops->supported_coalesce_params;
	if (!driver->ops->get_coalesce)
		return -EOPNOTSUPP;
	memset(coalesce, 0, sizeof(*coalesce));
	coalesce->param.cmd = ETHTOOL_GCOALESCE;
	return driver->ops->get_coalesce(driver->nd, &coalesce->param, &coalesce->kernel, NULL);
}

/*
 * What is a setting on both sides. Where the driver adapts the values, they are measurements, which
 * differ all the time.
 */
static u32 segue_net_coalesce_common(const struct segue_net_settings *want,
				     const struct segue_net_settings *now,
				     const struct segue_net_coalesce *coalesce)
{
	u32 supported = want->coalesce_supported & now->coalesce_supported;

	if (coalesce->param.use_adaptive_rx_coalesce)
		supported &= ~(ETHTOOL_COALESCE_RX_USECS | ETHTOOL_COALESCE_RX_MAX_FRAMES);
	if (coalesce->param.use_adaptive_tx_coalesce)
		supported &= ~(ETHTOOL_COALESCE_TX_USECS | ETHTOOL_COALESCE_TX_MAX_FRAMES);
	return supported;
}

static void segue_net_coalesce_replay(const struct segue_net_driver *driver,
				      const struct segue_net_settings *want,
				      const struct segue_net_settings *now)
{
	struct segue_net_coalesce request = now->coalesce;
	u32 supported = segue_net_coalesce_common(want, now, &want->coalesce);

	if (!driver->ops->set_coalesce ||
	    !segue_net_fields_merge(segue_net_coalesce_fields,
				    ARRAY_SIZE(segue_net_coalesce_fields), supported, &request,
				    &want->coalesce))
		return;
	request.param.cmd = ETHTOOL_SCOALESCE;
	driver->ops->set_coalesce(driver->nd, &request.param, &request.kernel, NULL);
}

static void segue_net_coalesce_compare(const struct segue_net_settings *want,
				       const struct segue_net_settings *now,
				       struct segue_findings *found)
{
	segue_net_fields_compare(segue_net_coalesce_fields, ARRAY_SIZE(segue_net_coalesce_fields),
				 segue_net_coalesce_common(want, now, &want->coalesce),
				 &want->coalesce, &now->coalesce, found);
}

static void segue_net_coalesce_limits(const struct segue_net_settings *want,
				      const struct segue_net_settings *now,
				      struct segue_findings *found)
{
	segue_net_fields_limits(segue_net_coalesce_fields, ARRAY_SIZE(segue_net_coalesce_fields),
				want->coalesce_supported, now->coalesce_supported, &want->coalesce,
				&now->coalesce, found);
}

static int segue_net_serve_get_coalesce(struct net_device *nd, struct ethtool_coalesce *param,
					struct kernel_ethtool_coalesce *kernel,
					struct netlink_ext_ack *extack)
{
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_COALESCE, &settings);

	if (err)
		return err;
	*param = settings->coalesce.param;
	*kernel = settings->coalesce.kernel;
	return 0;
}

static int segue_net_serve_set_coalesce(struct net_device *nd, struct ethtool_coalesce *param,
					struct kernel_ethtool_coalesce *kernel,
					struct netlink_ext_ack *extack)
{
	const struct segue_net_coalesce request = { .param = *param, .kernel = *kernel };
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_COALESCE, &settings);
	u32 i;

	if (err)
		return err;
	segue_net_fields_merge(segue_net_coalesce_fields, ARRAY_SIZE(segue_net_coalesce_fields),
			       settings->coalesce_supported, &settings->coalesce, &request);
	for (i = 0; i < settings->queues; i++)
		settings->queue_coalesce[i] = settings->coalesce;
	return 0;
}

static void segue_net_coalesce_serve(struct segue_net_settings *settings,
				     const struct ethtool_ops *ops)
{
	settings->table.get_coalesce = ops->get_coalesce ? segue_net_serve_get_coalesce : NULL;
	settings->table.set_coalesce = ops->set_coalesce ? segue_net_serve_set_coalesce : NULL;
}

const struct segue_net_setting segue_net_coalesce = {
	.name = "coalescing",
	.capture = segue_net_coalesce_capture,
	.replay = segue_net_coalesce_replay,
	.compare = segue_net_coalesce_compare,
	.limits = segue_net_coalesce_limits,
	.serve = segue_net_coalesce_serve,
};

/* Coalescing per queue */

static int segue_net_queue_coalesce_capture(const struct segue_net_driver *driver,
					    struct segue_net_settings *settings)
{
	struct net_device *nd = driver->nd;
	u32 queues = max(nd->real_num_rx_queues, nd->real_num_tx_queues);
	u32 i;

	settings->coalesce_supported = driver->ops->supported_coalesce_params;
	if (!driver->ops->get_per_queue_coalesce)
		return -EOPNOTSUPP;
	settings->queue_coalesce = kvcalloc(queues, sizeof(*settings->queue_coalesce), GFP_KERNEL);
	if (!settings->queue_coalesce)
		return -ENOMEM;
	for (i = 0; i < queues; i++) {
		struct ethtool_coalesce *param = &settings->queue_coalesce[i].param;

		param->cmd = ETHTOOL_GCOALESCE;
		if (driver->ops->get_per_queue_coalesce(nd, i, param))
			break;
	}
	settings->queues = i;
	return i ? 0 : -EOPNOTSUPP;
}

static void segue_net_queue_coalesce_free(struct segue_net_settings *settings)
{
	kvfree(settings->queue_coalesce);
	settings->queue_coalesce = NULL;
	settings->queues = 0;
}

/* The kernel's own parameters exist for all queues together only. */
static u32 segue_net_queue_coalesce_common(const struct segue_net_settings *want,
					   const struct segue_net_settings *now, u32 queue)
{
	return segue_net_coalesce_common(want, now, &want->queue_coalesce[queue]) &
	       GENMASK(21, 0);
}

static void segue_net_queue_coalesce_replay(const struct segue_net_driver *driver,
					    const struct segue_net_settings *want,
					    const struct segue_net_settings *now)
{
	u32 i;

	if (!driver->ops->set_per_queue_coalesce)
		return;
	for (i = 0; i < min(want->queues, now->queues); i++) {
		struct segue_net_coalesce request = now->queue_coalesce[i];

		if (!segue_net_fields_merge(segue_net_coalesce_fields,
					    ARRAY_SIZE(segue_net_coalesce_fields),
					    segue_net_queue_coalesce_common(want, now, i), &request,
					    &want->queue_coalesce[i]))
			continue;
		request.param.cmd = ETHTOOL_SCOALESCE;
		driver->ops->set_per_queue_coalesce(driver->nd, i, &request.param);
	}
}

static void segue_net_queue_coalesce_compare(const struct segue_net_settings *want,
					     const struct segue_net_settings *now,
					     struct segue_findings *found)
{
	u32 i;

	for (i = 0; i < want->queues; i++) {
		struct segue_net_coalesce copy;

		if (i < now->queues) {
			copy = now->queue_coalesce[i];
			if (!segue_net_fields_merge(segue_net_coalesce_fields,
						    ARRAY_SIZE(segue_net_coalesce_fields),
						    segue_net_queue_coalesce_common(want, now, i),
						    &copy, &want->queue_coalesce[i]))
				continue;
		}
		segue_found_text(found, SEGUE_SEVERITY_DIFFERS, "coalescing of queue %u", i);
	}
}

static int segue_net_serve_get_queue_coalesce(struct net_device *nd, u32 queue,
					      struct ethtool_coalesce *param)
{
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_QUEUE_COALESCE, &settings);

	if (err)
		return err;
	if (queue >= settings->queues)
		return -EINVAL;
	*param = settings->queue_coalesce[queue].param;
	return 0;
}

static int segue_net_serve_set_queue_coalesce(struct net_device *nd, u32 queue,
					      struct ethtool_coalesce *param)
{
	struct segue_net_coalesce request = { .param = *param };
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_QUEUE_COALESCE, &settings);

	if (err)
		return err;
	if (queue >= settings->queues)
		return -EINVAL;
	segue_net_fields_merge(segue_net_coalesce_fields, ARRAY_SIZE(segue_net_coalesce_fields),
			       settings->coalesce_supported & GENMASK(21, 0),
			       &settings->queue_coalesce[queue], &request);
	return 0;
}

static void segue_net_queue_coalesce_serve(struct segue_net_settings *settings,
					   const struct ethtool_ops *ops)
{
	if (ops->get_per_queue_coalesce)
		settings->table.get_per_queue_coalesce = segue_net_serve_get_queue_coalesce;
	if (ops->set_per_queue_coalesce)
		settings->table.set_per_queue_coalesce = segue_net_serve_set_queue_coalesce;
}

const struct segue_net_setting segue_net_queue_coalesce = {
	.name = "coalescing per queue",
	.capture = segue_net_queue_coalesce_capture,
	.replay = segue_net_queue_coalesce_replay,
	.compare = segue_net_queue_coalesce_compare,
	.serve = segue_net_queue_coalesce_serve,
	.free = segue_net_queue_coalesce_free,
};
