/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the settings of a network driver are kept: one row of functions per setting, one file per
 * group of rows, one loop over the rows in net_settings.c.
 *
 * Every row reads its setting into its own member of &struct segue_net_settings.  Reading again,
 * from the other driver and into another such structure, gives what the captured one is compared
 * with.
 */
#ifndef _SEGUE_NET_SETTINGS_ROWS_H
#define _SEGUE_NET_SETTINGS_ROWS_H

#include "compat_ethtool.h"
#include "net_settings.h"

/* In the order in which they are replayed: what resets other settings comes before them. */
enum segue_net_setting_id {
	SEGUE_NET_INFO,
	SEGUE_NET_MSGLEVEL,
	SEGUE_NET_PRIV_FLAGS,
	SEGUE_NET_CHANNELS,
	SEGUE_NET_RINGS,
	SEGUE_NET_COALESCE,
	SEGUE_NET_QUEUE_COALESCE,
	SEGUE_NET_RSS,
	SEGUE_NET_RSS_FIELDS,
	SEGUE_NET_RULES,
	SEGUE_NET_TUNABLES,
	SEGUE_NET_PHY_TUNABLES,
	SEGUE_NET_FEC,
	SEGUE_NET_LINK,
	SEGUE_NET_PAUSE,
	SEGUE_NET_EEE,
	SEGUE_NET_WOL,

	SEGUE_NET_SETTINGS,
};

#define SEGUE_NET_SETS		4	/* sets of strings that are kept */
#define SEGUE_NET_FLOWS		32	/* flow types with fields to hash */
#define SEGUE_NET_TUNABLE_COUNT	4
#define SEGUE_NET_PHY_TUNABLE_COUNT	3

/**
 * struct segue_net_driver - a driver that is asked or told
 * @nd: device
 * @ops: the driver's table
 */
struct segue_net_driver {
	struct net_device *nd;
	const struct ethtool_ops *ops;
};

/**
 * struct segue_net_strings - a set of strings
 * @count: how many, or a negative error
 * @names: of ETH_GSTRING_LEN bytes each, not necessarily terminated
 */
struct segue_net_strings {
	int count;
	u8 *names;
};

/**
 * struct segue_net_info - what is only served: a user who polls finds it unchanged
 * @drvinfo: driver, bus and firmware
 * @regs_len: length of a register dump
 * @eeprom_len: length of the EEPROM
 * @carrier: the link was up
 * @sets: strings, and how many of them
 * @stats: counters that go with the set ETH_SS_STATS
 * @phy_counters: counters that go with the set ETH_SS_PHY_STATS
 * @ts: time stamping
 * @ts_err: result of the getter of @ts
 * @ext: state of the link
 * @ext_err: result of the getter of @ext
 * @pause: counters of pause frames
 * @fec: counters of corrections
 * @phy: standard counters, as @mac, @ctrl, @rmon
 * @mac: standard counters
 * @ctrl: standard counters
 * @rmon: standard counters
 * @ranges: what the histograms of @rmon count, ends with an empty range
 */
struct segue_net_info {
	struct ethtool_drvinfo drvinfo;
	int regs_len;
	int eeprom_len;
	bool carrier;
	struct segue_net_strings sets[SEGUE_NET_SETS];
	u64 *stats;
	u64 *phy_counters;
	struct kernel_ethtool_ts_info ts;
	int ts_err;
	struct ethtool_link_ext_state_info ext;
	int ext_err;
	struct ethtool_pause_stats pause;
	struct ethtool_fec_stats fec;
	struct ethtool_eth_phy_stats phy;
	struct ethtool_eth_mac_stats mac;
	struct ethtool_eth_ctrl_stats ctrl;
	struct ethtool_rmon_stats rmon;
	struct ethtool_rmon_hist_range ranges[ETHTOOL_RMON_HIST_MAX + 1];
};

/**
 * struct segue_net_priv_flags - flags that are the driver's own
 * @strings: their names; the bits may differ between two versions of a driver
 * @flags: bits
 */
struct segue_net_priv_flags {
	struct segue_net_strings strings;
	u32 flags;
};

/**
 * struct segue_net_rings - sizes of rings
 * @param: sizes and limits
 * @kernel: more of them
 * @supported: which members of @kernel can be set, ETHTOOL_RING_USE_*
 */
struct segue_net_rings {
	struct ethtool_ringparam param;
	struct kernel_ethtool_ringparam kernel;
	u32 supported;
};

/**
 * struct segue_net_coalesce - coalescing of interrupts
 * @param: parameters
 * @kernel: more of them
 */
struct segue_net_coalesce {
	struct ethtool_coalesce param;
	struct kernel_ethtool_coalesce kernel;
};

/**
 * struct segue_net_rss - distribution of received frames
 * @param: table, key and function of the default context; owns the table and the key
 * @rings: number of receive rings, 0 if it is not known
 * @configured: the table is a user's, not the driver's default
 */
struct segue_net_rss {
	struct ethtool_rxfh_param param;
	u32 rings;
	bool configured;
};

/**
 * struct segue_net_rss_fields - which fields of a header are hashed
 * @known: bit per flow type
 * @data: RXH_* per flow type
 */
struct segue_net_rss_fields {
	u32 known;
	u32 data[SEGUE_NET_FLOWS];
};

/**
 * struct segue_net_rules - rules for classifying received frames
 * @count: number of rules
 * @size: number of locations, with RX_CLS_LOC_SPECIAL if the driver chooses one itself
 * @rules: rules
 */
struct segue_net_rules {
	u32 count;
	u64 size;
	struct ethtool_rx_flow_spec *rules;
};

/**
 * struct segue_net_tunables - single values of the driver or of the PHY
 * @known: bit per tunable
 * @values: values
 */
struct segue_net_tunables {
	u32 known;
	u32 values[SEGUE_NET_TUNABLE_COUNT];
};

/**
 * struct segue_net_settings - settings of one driver for one device
 * @err: per row, 0 if its member below is known, else why not
 * @info: only served
 * @msglevel: NETIF_MSG_*
 * @priv_flags: the driver's own flags
 * @channels: numbers of queues
 * @rings: sizes of rings
 * @coalesce: coalescing for all queues
 * @coalesce_supported: ETHTOOL_COALESCE_*, for @coalesce and @queue_coalesce
 * @queues: length of @queue_coalesce
 * @queue_coalesce: coalescing for each queue
 * @rss: distribution of received frames
 * @rss_fields: what the distribution depends on
 * @rules: exceptions from it
 * @tunables: of the driver
 * @phy_tunables: of the PHY
 * @fec: error correction
 * @link: speed, duplex, autonegotiation
 * @pause: flow control
 * @eee: energy-efficient Ethernet
 * @wol: Wake-on-LAN
 * @table: impersonator
 * @scratch: for reading back; allocated with the captured settings so that a replay does not fail
 *	for want of it
 */
struct segue_net_settings {
	int err[SEGUE_NET_SETTINGS];
	struct segue_net_info info;
	u32 msglevel;
	struct segue_net_priv_flags priv_flags;
	struct ethtool_channels channels;
	struct segue_net_rings rings;
	struct segue_net_coalesce coalesce;
	u32 coalesce_supported;
	u32 queues;
	struct segue_net_coalesce *queue_coalesce;
	struct segue_net_rss rss;
	struct segue_net_rss_fields rss_fields;
	struct segue_net_rules rules;
	struct segue_net_tunables tunables;
	struct segue_net_tunables phy_tunables;
	struct ethtool_fecparam fec;
	struct ethtool_link_ksettings link;
	struct ethtool_pauseparam pause;
	struct ethtool_keee eee;
	struct ethtool_wolinfo wol;
	struct ethtool_ops table;
	struct segue_net_settings *scratch;
};

/**
 * struct segue_net_setting - one row; all functions but @capture may be missing
 * @name: for people
 * @capture: read from a driver; returns 0, or why the setting is not known
 * @replay: set what differs. Both sides are known
 * @compare: report every difference. Both sides are known
 * @limits: report where the new driver can hold less. Both sides are known
 * @serve: put the row's ops into the impersonator, as far as @ops has them
 * @free: free what @capture allocated, also after it failed
 */
struct segue_net_setting {
	const char *name;
	int (*capture)(const struct segue_net_driver *driver, struct segue_net_settings *settings);
	void (*replay)(const struct segue_net_driver *driver, const struct segue_net_settings *want,
		       const struct segue_net_settings *now);
	void (*compare)(const struct segue_net_settings *want, const struct segue_net_settings *now,
			struct segue_findings *found);
	void (*limits)(const struct segue_net_settings *want, const struct segue_net_settings *now,
		       struct segue_findings *found);
	void (*serve)(struct segue_net_settings *settings, const struct ethtool_ops *ops);
	void (*free)(struct segue_net_settings *settings);
};

extern const struct segue_net_setting segue_net_info;
extern const struct segue_net_setting segue_net_msglevel;
extern const struct segue_net_setting segue_net_priv_flags;
extern const struct segue_net_setting segue_net_channels;
extern const struct segue_net_setting segue_net_rings;
extern const struct segue_net_setting segue_net_coalesce;
extern const struct segue_net_setting segue_net_queue_coalesce;
extern const struct segue_net_setting segue_net_rss;
extern const struct segue_net_setting segue_net_rss_fields;
extern const struct segue_net_setting segue_net_rules;
extern const struct segue_net_setting segue_net_tunables;
extern const struct segue_net_setting segue_net_phy_tunables;
extern const struct segue_net_setting segue_net_fec;
extern const struct segue_net_setting segue_net_link;
extern const struct segue_net_setting segue_net_pause;
extern const struct segue_net_setting segue_net_eee;
extern const struct segue_net_setting segue_net_wol;

/**
 * struct segue_net_field - one member of a structure of parameters
 * @name: for people
 * @supported: bit that tells whether it can be set, 0: always
 * @offset: of the member
 * @size: of the member, 1 or 4
 * @limit: offset of the member that limits it, 0: none
 */
struct segue_net_field {
	const char *name;
	u32 supported;
	u16 offset;
	u16 size;
	u16 limit;
};

#define SEGUE_NET_FIELD(type, label, member, bit)						\
	{ .name = (label), .supported = (bit), .offset = offsetof(type, member),		\
	  .size = sizeof_field(type, member) }

#define SEGUE_NET_LIMITED(type, label, member, max, bit)					\
	{ .name = (label), .supported = (bit), .offset = offsetof(type, member),		\
	  .size = sizeof_field(type, member), .limit = offsetof(type, max) }

u32 segue_net_field_get(const void *base, const struct segue_net_field *field);
void segue_net_field_set(void *base, const struct segue_net_field *field, u32 value);
u32 segue_net_field_limit(const void *base, const struct segue_net_field *field);

int segue_net_served(const struct net_device *nd, enum segue_net_setting_id id,
		     struct segue_net_settings **settings);
void segue_net_differs(struct segue_findings *found, u64 was, u64 now, const char *name);
void segue_net_less(struct segue_findings *found, u64 was, u64 now, const char *name);
int segue_net_serve_get_fields_nfc(struct net_device *nd, struct ethtool_rxnfc *info);
int segue_net_serve_set_fields_nfc(struct net_device *nd, const struct ethtool_rxnfc *info);
int segue_net_strings_capture(const struct segue_net_driver *driver, int set,
			      struct segue_net_strings *strings);
void segue_net_strings_free(struct segue_net_strings *strings);

#endif /* _SEGUE_NET_SETTINGS_ROWS_H */
