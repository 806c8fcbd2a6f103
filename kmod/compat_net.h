/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the network shadow needs of the kernel beyond its exports, and what differs between kernels
 * in struct net_device.
 */
#ifndef _SEGUE_COMPAT_NET_H
#define _SEGUE_COMPAT_NET_H

#include <linux/netdevice.h>
#include "compat.h"

struct vm_struct;

#define SEGUE_NET_FUNCTIONS(X)							\
	X(int, __netdev_update_features, (struct net_device *nd))		\
	X(void, dev_set_rx_mode, (struct net_device *nd))			\
	X(void, linkwatch_run_queue, (void))					\
	X(struct vm_struct *, find_vm_area, (const void *address))		\
	X(unsigned int, stack_trace_save_tsk,					\
	  (struct task_struct *task, unsigned long *store, unsigned int size,	\
	   unsigned int skip))

SEGUE_NET_FUNCTIONS(SEGUE_UNEXPORTED_DECLARE)

int segue_compat_net_init(void);

/*
 * Members of struct net_device that a driver fills in before it registers, so that a new driver
 * must find them as a fresh device has them.  All other members belong to the stack and stay.
 */
#define SEGUE_NET_DRIVER_FIELDS(X)						\
	X(mem_end) X(mem_start) X(base_addr) X(irq) X(if_port) X(dma)		\
	X(features) X(hw_features) X(vlan_features) X(hw_enc_features)		\
	X(mpls_features) X(gso_partial_features)				\
	X(min_mtu) X(max_mtu) X(min_header_len) X(hard_header_len)		\
	X(needed_headroom) X(needed_tailroom) X(watchdog_timeo)			\
	X(tso_max_size) X(tso_max_segs) X(gso_max_size) X(gso_max_segs)		\
	X(udp_tunnel_nic_info) X(rtnl_link_ops) X(priv_destructor)		\
	X(needs_free_netdev) X(ml_priv) X(ml_priv_type) X(dev_id) X(dev_port)	\
	X(pcpu_stat_type) X(addr_assign_type) X(link_mode) X(header_ops)	\
	X(sysfs_rx_queue_group)							\
	SEGUE_NET_DRIVER_FIELDS_CONFIG(X)					\
	SEGUE_NET_DRIVER_FIELDS_VERSION(X)

#ifdef CONFIG_DCB
#define SEGUE_NET_DRIVER_FIELDS_DCB(X)	X(dcbnl_ops)
#else
#define SEGUE_NET_DRIVER_FIELDS_DCB(X)
#endif
#ifdef CONFIG_XFRM_OFFLOAD
#define SEGUE_NET_DRIVER_FIELDS_XFRM(X)	X(xfrmdev_ops)
#else
#define SEGUE_NET_DRIVER_FIELDS_XFRM(X)
#endif
#if IS_ENABLED(CONFIG_TLS_DEVICE)
#define SEGUE_NET_DRIVER_FIELDS_TLS(X)	X(tlsdev_ops)
#else
#define SEGUE_NET_DRIVER_FIELDS_TLS(X)
#endif
#if IS_ENABLED(CONFIG_MACSEC)
#define SEGUE_NET_DRIVER_FIELDS_MACSEC(X)	X(macsec_ops)
#else
#define SEGUE_NET_DRIVER_FIELDS_MACSEC(X)
#endif

#define SEGUE_NET_DRIVER_FIELDS_CONFIG(X)					\
	SEGUE_NET_DRIVER_FIELDS_DCB(X) SEGUE_NET_DRIVER_FIELDS_XFRM(X)		\
	SEGUE_NET_DRIVER_FIELDS_TLS(X) SEGUE_NET_DRIVER_FIELDS_MACSEC(X)

/* Bits of priv_flags that a driver sets; since 6.12 some of them are members of their own. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#define SEGUE_NET_DRIVER_FIELDS_VERSION(X)
#define SEGUE_NET_DRIVER_FLAGS							\
	(IFF_UNICAST_FLT | IFF_SUPP_NOFCS | IFF_LIVE_ADDR_CHANGE |		\
	 IFF_TX_SKB_SHARING | IFF_LIVE_RENAME_OK | IFF_TX_SKB_NO_LINEAR |	\
	 IFF_NO_RX_HANDLER)
#else
#define SEGUE_NET_DRIVER_FIELDS_VERSION(X)					\
	X(lltx) X(see_all_hwtstamp_requests) X(change_proto_down)		\
	X(fcoe_mtu) X(xdp_features)			\
	X(xdp_metadata_ops) X(xsk_tx_metadata_ops) X(xdp_zc_max_segs)		\
	X(stat_ops) X(queue_mgmt_ops)
#define SEGUE_NET_DRIVER_FLAGS							\
	(IFF_UNICAST_FLT | IFF_SUPP_NOFCS | IFF_LIVE_ADDR_CHANGE |		\
	 IFF_TX_SKB_SHARING | IFF_TX_SKB_NO_LINEAR | IFF_NO_RX_HANDLER)
#endif

/* 49e47a5b6145 ("net: move struct netdev_rx_queue out of netdevice.h", 6.6). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#include <net/netdev_rx_queue.h>
#endif

/* Byte queue limits tell what the hardware has not sent yet. */
#ifdef CONFIG_BQL
static inline bool segue_compat_net_sending(const struct netdev_queue *queue)
{
	return READ_ONCE(queue->dql.num_queued) != READ_ONCE(queue->dql.num_completed);
}
#else
static inline bool segue_compat_net_sending(const struct netdev_queue *queue)
{
	return false;
}
#endif

size_t segue_compat_net_room(struct net_device *nd);
void segue_compat_net_set_private(struct net_device *nd, const struct net_device *fresh,
				  size_t size);
void segue_compat_net_register_features(struct net_device *nd);
void segue_compat_net_private_name(struct net_device *nd, const char *name);
struct bpf_prog *segue_compat_net_xdp(const struct net_device *nd);
void segue_compat_net_drop_tables(struct net_device *nd);
bool segue_compat_net_has_ipsec(struct net_device *nd);
bool segue_compat_net_has_devlink(const struct net_device *nd);
unsigned int segue_compat_net_stack(struct task_struct *task, unsigned long *stack,
				    unsigned int size);

#endif /* _SEGUE_COMPAT_NET_H */
