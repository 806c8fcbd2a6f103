/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For drivers that are built to be updated live: the private area may have any size.
 *
 * The private area of a net_device is part of the object's memory, whose address everybody keeps, so a
 * new driver's can only grow into what the allocator had rounded up for the old one.  A driver that is
 * compiled with
 *
 *	make -C KDIR M=DIR KCFLAGS="-include segue_netdev.h" modules
 *
 * keeps its private area in memory of its own and only a pointer to it in the net_device.  No source is
 * changed, and the driver does not depend on Segue; netdev_priv() costs one load more.
 */
#ifndef _SEGUE_NETDEV_H
#define _SEGUE_NETDEV_H

#include <linux/etherdevice.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

/* Where the net_device keeps the pointer: in what the kernel takes for the private area. */
static inline void **segue_netdev_slot(const struct net_device *nd)
{
	return netdev_priv(nd);
}

static inline void *segue_netdev_priv(const struct net_device *nd)
{
	return *segue_netdev_slot(nd);
}

static inline struct net_device *segue_alloc_netdev_mqs(int size, const char *name,
							unsigned char name_type,
							void (*setup)(struct net_device *nd),
							unsigned int txqs, unsigned int rxqs)
{
	void *area = kvzalloc(size, GFP_KERNEL);
	struct net_device *nd;

	if (!area)
		return NULL;
	nd = alloc_netdev_mqs(sizeof(void *), name, name_type, setup, txqs, rxqs);
	if (nd)
		*segue_netdev_slot(nd) = area;
	else
		kvfree(area);
	return nd;
}

static inline struct net_device *segue_alloc_etherdev_mqs(int size, unsigned int txqs,
							  unsigned int rxqs)
{
	return segue_alloc_netdev_mqs(size, "eth%d", NET_NAME_ENUM, ether_setup, txqs, rxqs);
}

/* The area is released after the net_device, because it was taken before it. */
static inline struct net_device *segue_devm_alloc_etherdev_mqs(struct device *dev, int size,
							       unsigned int txqs,
							       unsigned int rxqs)
{
	void *area = devm_kzalloc(dev, size, GFP_KERNEL);
	struct net_device *nd;

	if (!area)
		return NULL;
	nd = devm_alloc_etherdev_mqs(dev, sizeof(void *), txqs, rxqs);
	if (nd)
		*segue_netdev_slot(nd) = area;
	return nd;
}

static inline void segue_free_netdev(struct net_device *nd)
{
	void *area = nd ? *segue_netdev_slot(nd) : NULL;

	if (nd)
		free_netdev(nd);
	kvfree(area);
}

#define netdev_priv			segue_netdev_priv
#define alloc_netdev_mqs		segue_alloc_netdev_mqs
#undef alloc_etherdev_mqs
#define alloc_etherdev_mqs		segue_alloc_etherdev_mqs
#define devm_alloc_etherdev_mqs		segue_devm_alloc_etherdev_mqs
#define free_netdev			segue_free_netdev

#endif /* _SEGUE_NETDEV_H */
