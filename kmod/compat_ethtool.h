/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels in &struct ethtool_ops.
 *
 * Both who calls a driver's op and who serves as one is written for the newest kernel; here older
 * ones are made to look new.  Functions named segue_ethtool_*() call an op of a driver; those named
 * segue_ethtool_serve_*() are ops of the running kernel's signature and call the server.
 */
#ifndef _SEGUE_COMPAT_ETHTOOL_H
#define _SEGUE_COMPAT_ETHTOOL_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/version.h>
#include <linux/xarray.h>

/* Members of the ring and coalescing parameters that came later, for tables of them. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#define SEGUE_ETHTOOL_RING_FIELDS(FIELD, LIMITED)
#else
#define SEGUE_ETHTOOL_RING_FIELDS(FIELD, LIMITED)						\
	FIELD("rx push", kernel.rx_push, ETHTOOL_RING_USE_RX_PUSH)				\
	LIMITED("tx push buffer", kernel.tx_push_buf_len, kernel.tx_push_buf_max_len,		\
		ETHTOOL_RING_USE_TX_PUSH_BUF_LEN)						\
	FIELD("tcp data split", kernel.tcp_data_split, ETHTOOL_RING_USE_TCP_DATA_SPLIT)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#define SEGUE_ETHTOOL_COALESCE_FIELDS(FIELD)
#else
#define SEGUE_ETHTOOL_COALESCE_FIELDS(FIELD)							\
	FIELD("tx aggregation bytes", kernel.tx_aggr_max_bytes,					\
	      ETHTOOL_COALESCE_TX_AGGR_MAX_BYTES)						\
	FIELD("tx aggregation frames", kernel.tx_aggr_max_frames,				\
	      ETHTOOL_COALESCE_TX_AGGR_MAX_FRAMES)						\
	FIELD("tx aggregation usecs", kernel.tx_aggr_time_usecs,				\
	      ETHTOOL_COALESCE_TX_AGGR_TIME_USECS)
#endif

/* Standard statistics, which a driver fills in where it has something to say. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#define segue_ethtool_stats_init(to)	memset(to, 0xff, sizeof(*(to)))
#define segue_ethtool_stats_copy(to, from)	(*(to) = *(from))
#else
#define segue_ethtool_stats_init(to)								\
	do {											\
		(to)->src = ETHTOOL_MAC_STATS_SRC_AGGREGATE;					\
		memset(&(to)->stats, 0xff, sizeof((to)->stats));				\
	} while (0)
/* Only the sum of both MACs is ever kept. */
#define segue_ethtool_stats_copy(to, from)							\
	do {											\
		if ((to)->src == ETHTOOL_MAC_STATS_SRC_AGGREGATE)				\
			(to)->stats = (from)->stats;						\
	} while (0)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define kernel_ethtool_ts_info	ethtool_ts_info

/* Contexts are known to drivers only, and firmware of modules is not written in the background. */
static inline bool segue_ethtool_has_contexts(const struct net_device *nd)
{
	return false;
}

static inline bool segue_ethtool_flashes_module(const struct net_device *nd)
{
	return false;
}
#else
static inline bool segue_ethtool_has_contexts(const struct net_device *nd)
{
	return !xa_empty(&nd->ethtool->rss_ctx);
}

static inline bool segue_ethtool_flashes_module(const struct net_device *nd)
{
	return nd->ethtool->module_fw_flash_in_progress;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#define RXH_XFRM_NO_CHANGE	0xff

struct ethtool_rxfh_param {
	u8	hfunc;
	u32	indir_size;
	u32	*indir;
	u32	key_size;
	u8	*key;
	u32	rss_context;
	u8	rss_delete;
	u8	input_xfrm;
};

static inline int segue_ethtool_get_rxfh(const struct ethtool_ops *ops, struct net_device *nd,
					 struct ethtool_rxfh_param *rxfh)
{
	return ops->get_rxfh(nd, rxfh->indir, rxfh->key, &rxfh->hfunc);
}

static inline int segue_ethtool_set_rxfh(const struct ethtool_ops *ops, struct net_device *nd,
					 struct ethtool_rxfh_param *rxfh)
{
	return ops->set_rxfh(nd, rxfh->indir, rxfh->key, rxfh->hfunc);
}

int segue_net_serve_get_rxfh(struct net_device *nd, struct ethtool_rxfh_param *rxfh);
int segue_net_serve_set_rxfh(struct net_device *nd, struct ethtool_rxfh_param *rxfh);

static inline int segue_ethtool_serve_get_rxfh(struct net_device *nd, u32 *indir, u8 *key,
					       u8 *hfunc)
{
	struct ethtool_rxfh_param rxfh = { .indir = indir, .key = key };
	int err = segue_net_serve_get_rxfh(nd, &rxfh);

	if (!err && hfunc)
		*hfunc = rxfh.hfunc;
	return err;
}

static inline int segue_ethtool_serve_set_rxfh(struct net_device *nd, const u32 *indir,
					       const u8 *key, const u8 hfunc)
{
	struct ethtool_rxfh_param rxfh = {
		.indir = (u32 *)indir,
		.key = (u8 *)key,
		.hfunc = hfunc,
		.input_xfrm = RXH_XFRM_NO_CHANGE,
	};

	return segue_net_serve_set_rxfh(nd, &rxfh);
}
#else
static inline int segue_ethtool_get_rxfh(const struct ethtool_ops *ops, struct net_device *nd,
					 struct ethtool_rxfh_param *rxfh)
{
	return ops->get_rxfh(nd, rxfh);
}

static inline int segue_ethtool_set_rxfh(const struct ethtool_ops *ops, struct net_device *nd,
					 struct ethtool_rxfh_param *rxfh)
{
	return ops->set_rxfh(nd, rxfh, NULL);
}

int segue_net_serve_get_rxfh(struct net_device *nd, struct ethtool_rxfh_param *rxfh);
int segue_net_serve_set_rxfh(struct net_device *nd, struct ethtool_rxfh_param *rxfh);

static inline int segue_ethtool_serve_get_rxfh(struct net_device *nd,
					       struct ethtool_rxfh_param *rxfh)
{
	return segue_net_serve_get_rxfh(nd, rxfh);
}

static inline int segue_ethtool_serve_set_rxfh(struct net_device *nd,
					       struct ethtool_rxfh_param *rxfh,
					       struct netlink_ext_ack *extack)
{
	return segue_net_serve_set_rxfh(nd, rxfh);
}
#endif

/*
 * The fields to hash got ops of their own in 6.17, which stable updates of 6.12 took over in the
 * middle of the series, together with the macro by which it is known.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0) ||						\
	(LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0) && defined(RXH_XFRM_SYM_OR_XOR))
static inline bool segue_ethtool_has_fields_ops(const struct ethtool_ops *ops)
{
	return ops->get_rxfh_fields;
}

static inline int segue_ethtool_get_fields(const struct ethtool_ops *ops, struct net_device *nd,
					   struct ethtool_rxfh_fields *fields)
{
	return ops->get_rxfh_fields(nd, fields);
}

static inline int segue_ethtool_set_fields(const struct ethtool_ops *ops, struct net_device *nd,
					   const struct ethtool_rxfh_fields *fields)
{
	return ops->set_rxfh_fields ? ops->set_rxfh_fields(nd, fields, NULL) : -EOPNOTSUPP;
}

int segue_net_serve_get_fields(struct net_device *nd, struct ethtool_rxfh_fields *fields);
int segue_net_serve_set_fields(struct net_device *nd, const struct ethtool_rxfh_fields *fields);

static inline int segue_ethtool_serve_set_fields(struct net_device *nd,
						 const struct ethtool_rxfh_fields *fields,
						 struct netlink_ext_ack *extack)
{
	return segue_net_serve_set_fields(nd, fields);
}

static inline void segue_ethtool_serve_fields(struct ethtool_ops *const table,
					      const struct ethtool_ops *ops)
{
	table->get_rxfh_fields = ops->get_rxfh_fields ? segue_net_serve_get_fields : NULL;
	table->set_rxfh_fields = ops->set_rxfh_fields ? segue_ethtool_serve_set_fields : NULL;
}
#else
struct ethtool_rxfh_fields {
	u32 data;
	u32 flow_type;
	u32 rss_context;
};

static inline bool segue_ethtool_has_fields_ops(const struct ethtool_ops *ops)
{
	return false;
}

static inline int segue_ethtool_get_fields(const struct ethtool_ops *ops, struct net_device *nd,
					   struct ethtool_rxfh_fields *fields)
{
	return -EOPNOTSUPP;
}

static inline int segue_ethtool_set_fields(const struct ethtool_ops *ops, struct net_device *nd,
					   const struct ethtool_rxfh_fields *fields)
{
	return -EOPNOTSUPP;
}

int segue_net_serve_get_fields(struct net_device *nd, struct ethtool_rxfh_fields *fields);
int segue_net_serve_set_fields(struct net_device *nd, const struct ethtool_rxfh_fields *fields);

static inline void segue_ethtool_serve_fields(struct ethtool_ops *const table,
					      const struct ethtool_ops *ops)
{
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
struct ethtool_keee {
	__ETHTOOL_DECLARE_LINK_MODE_MASK(supported);
	__ETHTOOL_DECLARE_LINK_MODE_MASK(advertised);
	__ETHTOOL_DECLARE_LINK_MODE_MASK(lp_advertised);
	u32	tx_lpi_timer;
	bool	tx_lpi_enabled;
	bool	eee_active;
	bool	eee_enabled;
};

static inline void segue_ethtool_eee_to_keee(struct ethtool_keee *to,
					     const struct ethtool_eee *from)
{
	ethtool_convert_legacy_u32_to_link_mode(to->supported, from->supported);
	ethtool_convert_legacy_u32_to_link_mode(to->advertised, from->advertised);
	ethtool_convert_legacy_u32_to_link_mode(to->lp_advertised, from->lp_advertised);
	to->tx_lpi_timer = from->tx_lpi_timer;
	to->tx_lpi_enabled = from->tx_lpi_enabled;
	to->eee_active = from->eee_active;
	to->eee_enabled = from->eee_enabled;
}

static inline void segue_ethtool_keee_to_eee(struct ethtool_eee *to,
					     const struct ethtool_keee *from)
{
	ethtool_convert_link_mode_to_legacy_u32(&to->supported, from->supported);
	ethtool_convert_link_mode_to_legacy_u32(&to->advertised, from->advertised);
	ethtool_convert_link_mode_to_legacy_u32(&to->lp_advertised, from->lp_advertised);
	to->tx_lpi_timer = from->tx_lpi_timer;
	to->tx_lpi_enabled = from->tx_lpi_enabled;
	to->eee_active = from->eee_active;
	to->eee_enabled = from->eee_enabled;
}

static inline int segue_ethtool_get_eee(const struct ethtool_ops *ops, struct net_device *nd,
					struct ethtool_keee *keee)
{
	struct ethtool_eee eee = { .cmd = ETHTOOL_GEEE };
	int err = ops->get_eee(nd, &eee);

	if (!err)
		segue_ethtool_eee_to_keee(keee, &eee);
	return err;
}

static inline int segue_ethtool_set_eee(const struct ethtool_ops *ops, struct net_device *nd,
					const struct ethtool_keee *keee)
{
	struct ethtool_eee eee = { .cmd = ETHTOOL_SEEE };

	segue_ethtool_keee_to_eee(&eee, keee);
	return ops->set_eee(nd, &eee);
}

int segue_net_serve_get_eee(struct net_device *nd, struct ethtool_keee *keee);
int segue_net_serve_set_eee(struct net_device *nd, struct ethtool_keee *keee);

static inline int segue_ethtool_serve_get_eee(struct net_device *nd, struct ethtool_eee *eee)
{
	struct ethtool_keee keee = {};
	int err = segue_net_serve_get_eee(nd, &keee);

	if (!err)
		segue_ethtool_keee_to_eee(eee, &keee);
	return err;
}

static inline int segue_ethtool_serve_set_eee(struct net_device *nd, struct ethtool_eee *eee)
{
	struct ethtool_keee keee = {};

	segue_ethtool_eee_to_keee(&keee, eee);
	return segue_net_serve_set_eee(nd, &keee);
}
#else
static inline int segue_ethtool_get_eee(const struct ethtool_ops *ops, struct net_device *nd,
					struct ethtool_keee *keee)
{
	return ops->get_eee(nd, keee);
}

static inline int segue_ethtool_set_eee(const struct ethtool_ops *ops, struct net_device *nd,
					const struct ethtool_keee *keee)
{
	struct ethtool_keee request = *keee;

	return ops->set_eee(nd, &request);
}

int segue_net_serve_get_eee(struct net_device *nd, struct ethtool_keee *keee);
int segue_net_serve_set_eee(struct net_device *nd, struct ethtool_keee *keee);

static inline int segue_ethtool_serve_get_eee(struct net_device *nd, struct ethtool_keee *keee)
{
	return segue_net_serve_get_eee(nd, keee);
}

static inline int segue_ethtool_serve_set_eee(struct net_device *nd, struct ethtool_keee *keee)
{
	return segue_net_serve_set_eee(nd, keee);
}
#endif

#endif /* _SEGUE_COMPAT_ETHTOOL_H */
