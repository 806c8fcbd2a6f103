// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bpf.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <net/xfrm.h>
#include "compat_net.h"

SEGUE_NET_FUNCTIONS(SEGUE_UNEXPORTED_DEFINE)

static const struct segue_symbol segue_net_symbols[] = {
	SEGUE_NET_FUNCTIONS(SEGUE_UNEXPORTED_SYMBOL)
};

int segue_compat_net_init(void)
{
	return segue_compat_resolve(segue_net_symbols, ARRAY_SIZE(segue_net_symbols));
}

/* net/core/dev.h; the members that matter are the same in all kernels. */
struct netdev_name_node {
	struct hlist_node hlist;
	struct list_head list;
	struct net_device *dev;
	const char *name;
};

/* Where look-ups by name find the device's name; normally the device itself. */
void segue_compat_net_private_name(struct net_device *nd, const char *name)
{
	nd->name_node->name = name;
}

/*
 * The memory that holds a net_device begins at the device itself since 13cabc47f8ae ("netdevice:
 * define and allocate &net_device _properly_", 6.12); before, the device was aligned within it.
 */
static void *segue_compat_net_memory(struct net_device *nd)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	return (char *)nd - nd->padded;
#else
	return nd;
#endif
}

/**
 * segue_compat_net_room - how large a private area fits behind a device
 * @nd: device
 *
 * The allocator rounds sizes up; what it really gave may be used.
 *
 * Return: bytes.
 */
size_t segue_compat_net_room(struct net_device *nd)
{
	void *memory = segue_compat_net_memory(nd);
	size_t size;

	if (is_vmalloc_addr(memory))
		size = get_vm_area_size(static_call(segue_find_vm_area)(memory));
	else
		size = ksize(memory);
	return size - ((char *)netdev_priv(nd) - (char *)memory);
}

/*
 * The private area becomes that of a fresh device, in which the driver's setup function may have
 * prepared locks and lists: what points into the fresh device points into this one then.  The
 * compiler's bounds checks know the size since 6.12.
 */
void segue_compat_net_set_private(struct net_device *nd, const struct net_device *fresh,
				  size_t size)
{
	const unsigned long *from = netdev_priv(fresh);
	const unsigned long begin = (unsigned long)fresh;
	const unsigned long end = (unsigned long)from + size;
	unsigned long *to = netdev_priv(nd);
	size_t i;

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	nd->priv_len = size;
#endif
	memcpy(to, from, size);
	for (i = 0; i < size / sizeof(*to); i++)
		if (to[i] >= begin && to[i] < end)
			to[i] += (unsigned long)nd - begin;
}

/* What register_netdevice() adds to the features that a driver has set. */
void segue_compat_net_register_features(struct net_device *nd)
{
	nd->hw_features |= NETIF_F_SOFT_FEATURES | NETIF_F_SOFT_FEATURES_OFF;
	nd->features |= NETIF_F_SOFT_FEATURES;
	if (nd->udp_tunnel_nic_info) {
		nd->features |= NETIF_F_RX_UDP_TUNNEL_PORT;
		nd->hw_features |= NETIF_F_RX_UDP_TUNNEL_PORT;
	}
	nd->hw_features |= NETIF_F_NOCACHE_COPY;
	if (nd->hw_features & NETIF_F_TSO)
		nd->hw_features |= NETIF_F_TSO_MANGLEID;
	if (nd->vlan_features & NETIF_F_TSO)
		nd->vlan_features |= NETIF_F_TSO_MANGLEID;
	if (nd->mpls_features & NETIF_F_TSO)
		nd->mpls_features |= NETIF_F_TSO_MANGLEID;
	if (nd->hw_enc_features & NETIF_F_TSO)
		nd->hw_enc_features |= NETIF_F_TSO_MANGLEID;
	nd->vlan_features |= NETIF_F_HIGHDMA;
	nd->hw_enc_features |= NETIF_F_SG | NETIF_F_GSO_PARTIAL;
	nd->mpls_features |= NETIF_F_SG;
}

/* The XDP program that runs in the driver, without a reference; needs RTNL. */
struct bpf_prog *segue_compat_net_xdp(const struct net_device *nd)
{
	const struct bpf_xdp_entity *entity = &nd->xdp_state[XDP_MODE_DRV];

	/* struct bpf_xdp_link is private to net/core/dev.c and begins with its struct bpf_link. */
	if (entity->link)
		return ((struct bpf_link *)entity->link)->prog;
	return entity->prog;
}

/* Return addresses of a sleeping task, innermost first. Return: how many. */
unsigned int segue_compat_net_stack(struct task_struct *task, unsigned long *stack,
				    unsigned int size)
{
	return static_call(segue_stack_trace_save_tsk)(task, stack, size, 0);
}

/*
 * Tables of the driver that left, which the stack would go on calling while there is none.  Needs
 * RTNL; a probe sets them anew.
 */
void segue_compat_net_drop_tables(struct net_device *nd)
{
#define SEGUE_NET_DROP(field)	WRITE_ONCE(nd->field, NULL);
	SEGUE_NET_DRIVER_FIELDS_DCB(SEGUE_NET_DROP)
	SEGUE_NET_DRIVER_FIELDS_XFRM(SEGUE_NET_DROP)
	SEGUE_NET_DRIVER_FIELDS_TLS(SEGUE_NET_DROP)
	SEGUE_NET_DRIVER_FIELDS_MACSEC(SEGUE_NET_DROP)
#undef SEGUE_NET_DROP
}

#if IS_ENABLED(CONFIG_XFRM_OFFLOAD)
static int segue_compat_net_is_offloaded(struct xfrm_state *state, int count, void *nd)
{
	return state->xso.dev == nd;
}

/* Does the driver hold contexts of IPsec states? */
bool segue_compat_net_has_ipsec(struct net_device *nd)
{
	struct xfrm_state_walk walk;
	bool found;

	if (!nd->xfrmdev_ops)
		return false;
	xfrm_state_walk_init(&walk, IPSEC_PROTO_ANY, NULL);
	found = xfrm_state_walk(dev_net(nd), &walk, segue_compat_net_is_offloaded, nd);
	xfrm_state_walk_done(&walk, dev_net(nd));
	return found;
}
#else
bool segue_compat_net_has_ipsec(struct net_device *nd)
{
	return false;
}
#endif

/* A member since "net: expose devlink port over rtnetlink" (6.2); it ends with its driver. */
bool segue_compat_net_has_devlink(const struct net_device *nd)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	return nd->devlink_port;
#else
	return false;
#endif
}
