/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The network shadow: one record per net_device that was ever covered.
 *
 * A record is found by its device; the list is changed under RTNL and read under RCU.  While the
 * device is covered, the record holds what was captured and the tables that impersonate the driver;
 * afterwards only the counters of earlier generations and the table that adds them.  Mechanism: the
 * old driver's own remove() and the new driver's own probe() run, and the kernel functions by which
 * a driver gives up and takes a net_device are redirected for the task that runs them
 * (net_hooks.c), so that both see the same net_device.
 *
 * Locks: RTNL protects the record's contents.  The device's lock is taken before RTNL, as the
 * driver core and the drivers do, so RTNL is never held across a bind or an unbind; it is taken
 * inside the probe when the driver asks for its net_device and dropped when it registers it.
 */
#ifndef _SEGUE_NET_H
#define _SEGUE_NET_H

#include <linux/if_link.h>
#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include "class.h"
#include "compat_net.h"
#include "net_settings.h"

/**
 * struct segue_net_limits - what the driver in charge offered when it was captured
 * @features: features in use
 * @hw_features: features that can be switched
 * @vlan_features: features inherited by VLAN devices
 * @wanted_features: what the user asked for, when the new driver took the device
 * @min_mtu: bytes
 * @max_mtu: bytes
 * @tx_queues: in use
 * @rx_queues: in use
 */
struct segue_net_limits {
	netdev_features_t features;
	netdev_features_t hw_features;
	netdev_features_t vlan_features;
	netdev_features_t wanted_features;
	unsigned int min_mtu;
	unsigned int max_mtu;
	unsigned int tx_queues;
	unsigned int rx_queues;
};

/**
 * struct segue_net_stack - members of the net_device that are the stack's but that drivers write
 * over
 * @name: name of the interface
 * @flags: interface flags
 * @mtu: the user's
 * @tx_queue_len: the user's
 * @addr_assign_type: where the MAC address came from
 * @link_mode: as set by the user
 * @gso_max_size: as set by the user
 * @gso_max_segs: as set by the user
 * @stat_type: kind of per-CPU counters that the stack allocated
 * @rx_queue_group: attributes that the driver in charge added to every receive queue
 * @sysfs_groups: attribute groups of the device
 */
struct segue_net_stack {
	char name[IFNAMSIZ];
	unsigned int flags;
	unsigned int mtu;
	unsigned int tx_queue_len;
	unsigned char addr_assign_type;
	unsigned char link_mode;
	unsigned int gso_max_size;
	u16 gso_max_segs;
	enum netdev_stat_type stat_type;
	const struct attribute_group *rx_queue_group;
	const struct attribute_group *sysfs_groups[4];
};

/**
 * struct segue_net - one net_device
 * @node: in the list of records
 * @rcu: readers may still look at a record that is freed
 * @nd: the device
 * @tracker: reference on @nd, held while covered
 * @referenced: @tracker is held
 * @target: the running swap's, NULL outside of one
 * @driver_ops: table of the driver in charge
 * @driver_ethtool: its ethtool table
 * @from_ops: table of the driver that leaves
 * @from_ethtool: its ethtool table
 * @from_table: what @from_ops points to, because a degraded device outlives the driver that it had
 * @from_ethtool_table: the same for @from_ethtool
 * @steady: copy of @driver_ops that adds @offset to the counters
 * @hold: copy of @driver_ops that keeps packets in the queueing disciplines
 * @hold_ethtool: copy of @driver_ethtool that shows the link as it was
 * @served: ethtool table of the impersonator
 * @impersonator: what the device has while no driver is there
 * @offset: counters of the generations before the one in charge
 * @full: counters as they are shown while covered
 * @settings: captured through ethtool
 * @was: captured limits
 * @stack: saved members
 * @xdp: XDP program that ran in the driver, referenced
 * @actor: task whose calls are redirected, NULL for none
 * @rtnl_depth: how often the actor's driver code holds RTNL
 * @rtnl_kept: the shadow itself holds RTNL
 * @wanted_tx: transmit queues that the driver asked for
 * @wanted_rx: receive queues that the driver asked for
 * @real_tx: transmit queues in use, while the device shows one
 * @asked_features: features that the user asked for, as far as the new driver has them
 * @mac: address that the driver set
 * @solo: the device shows one transmit queue
 * @wrapped: @steady is in use
 * @covered: the shadow impersonates
 * @held: transmission is held back
 * @stats_held: counters are shown from @full
 * @probing: the new driver's probe runs
 * @handed: the net_device was given to the new driver
 * @adopted: the new driver has registered it
 * @returned: the driver has given it back
 * @opened: the driver in charge has the device open
 * @naming: between @handed and @adopted: the driver may write over the name
 * @mac_set: @mac is valid
 * @carrier: it was there when the device was covered
 * @user_switched: the user took the interface down or up while it was covered
 * @talks: frames were received in the moment before the swap
 * @degraded: no driver would start
 * @gone: somebody else unregisters the device
 */
struct segue_net {
	struct list_head node;
	struct rcu_head rcu;
	struct net_device *nd;
	netdevice_tracker tracker;
	bool referenced;
	struct segue_target *target;
	const struct net_device_ops *driver_ops;
	const struct ethtool_ops *driver_ethtool;
	const struct net_device_ops *from_ops;
	const struct ethtool_ops *from_ethtool;
	struct net_device_ops from_table;
	struct ethtool_ops from_ethtool_table;
	struct net_device_ops steady;
	struct net_device_ops hold;
	struct net_device_ops impersonator;
	struct ethtool_ops hold_ethtool;
	const struct ethtool_ops *served;
	struct rtnl_link_stats64 offset;
	struct rtnl_link_stats64 full;
	struct segue_net_settings *settings;
	struct segue_net_limits was;
	struct segue_net_stack stack;
	struct bpf_prog *xdp;
	struct task_struct *actor;
	int rtnl_depth;
	bool rtnl_kept;
	unsigned int wanted_tx;
	unsigned int wanted_rx;
	unsigned int real_tx;
	netdev_features_t asked_features;
	u8 mac[MAX_ADDR_LEN];
	bool solo;
	bool wrapped;
	bool covered;
	bool held;
	bool stats_held;
	bool probing;
	bool handed;
	bool adopted;
	bool returned;
	bool opened;
	bool naming;
	bool mac_set;
	bool carrier;
	bool user_switched;
	bool talks;
	bool degraded;
	bool gone;
};

/* net_main.c */
struct segue_net *segue_net_find(const struct net_device *nd);
struct segue_net *segue_net_create(struct net_device *nd);
void segue_net_destroy(struct segue_net *net);
void segue_net_hold_device(struct segue_net *net);
void segue_net_put_device(struct segue_net *net);

/* The record of the running swap, for the hooks; NULL outside of one. */
extern struct segue_net *segue_net_active;

/* net_hooks.c: RTNL as seen by driver code that runs for the swap. */
extern const struct segue_hook segue_net_hooks[];
extern const unsigned int segue_net_hook_count;
void segue_net_rtnl_take(struct segue_net *net);
void segue_net_rtnl_drop(struct segue_net *net);

/* net_sysfs.c: attributes that would show the swap. */
unsigned long segue_net_attribute(const struct segue_hook *hook);
bool segue_net_shows_attribute(const struct pt_regs *regs);
void segue_net_wait_readers(void);
ssize_t segue_net_show_attribute(struct device *dev, struct device_attribute *attr, char *buf);

/* net_fields.c: handing the net_device over. Need RTNL. */
struct net_device *segue_net_hand_over(struct segue_net *net, int priv_size,
				       unsigned char name_type,
				       void (*setup)(struct net_device *nd),
				       unsigned int txqs, unsigned int rxqs);
int segue_net_adopt(struct segue_net *net);
void segue_net_restore(struct segue_net *net);
void segue_net_give_back(struct segue_net *net);

/* net_busy.c: users that nothing else tells of. */
void segue_net_look_identifying(struct segue_target *target);
bool segue_net_has_tc_callback(struct net_device *nd, const struct module *module);

/* net_ops.c: tables that stand in for a driver's. Need RTNL. */
void segue_net_install_hold(struct segue_net *net);
void segue_net_install_link(struct segue_net *net);
void segue_net_install_impersonator(struct segue_net *net);
void segue_net_show_queues(struct segue_net *net);
void segue_net_install_nothing(struct segue_net *net);
void segue_net_install_final(struct segue_net *net);
void segue_net_stop_queues(struct segue_net *net);
void segue_net_wake_queues(struct segue_net *net);
void segue_net_drain(struct segue_net *net);

/* net_stats.c: counters that go on. */
void segue_net_stats_driver(struct net_device *nd, const struct net_device_ops *ops,
			    struct rtnl_link_stats64 *stats);
void segue_net_stats_add(struct rtnl_link_stats64 *sum, const struct rtnl_link_stats64 *part);
void segue_net_stats_hold(struct segue_net *net);
void segue_net_stats_fold(struct segue_net *net);
void segue_net_stats_release(struct segue_net *net);
void segue_net_get_stats64(struct net_device *nd, struct rtnl_link_stats64 *stats);

/* net_compare.c, net_replay.c, net_verify.c: steps. */
int segue_net_compare(struct segue_net *net);
int segue_net_replay(struct segue_net *net);
void segue_net_take_xdp(struct segue_net *net);
bool segue_net_talks(struct segue_net *net, unsigned int bound_ms);
bool segue_net_wait_carrier(struct segue_net *net, unsigned int bound_ms);

/* net_class.c */
extern struct segue_class segue_net_class;

#endif /* _SEGUE_NET_H */
