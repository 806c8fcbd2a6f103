// SPDX-License-Identifier: GPL-2.0
/*
 * where - tells which function sends the packets of an interface
 *
 * insmod where.ko iface=eth0 && cat /sys/module/where/parameters/xmit
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/net_namespace.h>

static char iface[IFNAMSIZ];
module_param_string(iface, iface, sizeof(iface), 0444);
MODULE_PARM_DESC(iface, "name of the interface");

static char xmit[128];
module_param_string(xmit, xmit, sizeof(xmit), 0444);
MODULE_PARM_DESC(xmit, "answer: its ndo_start_xmit and the module that holds it");

static int __init where_init(void)
{
	struct net_device *dev = dev_get_by_name(&init_net, iface);

	if (!dev)
		return -ENODEV;
	snprintf(xmit, sizeof(xmit), "%ps", dev->netdev_ops->ndo_start_xmit);
	dev_put(dev);
	return 0;
}
module_init(where_init);

static void __exit where_exit(void)
{
}
module_exit(where_exit);

MODULE_DESCRIPTION("Tells which function sends the packets of an interface");
MODULE_LICENSE("GPL");
