// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes in /sys/class/net that are read without RTNL and would show that no driver is there:
 * while a device is covered they show what was there before.
 */
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/netdevice.h>
#include <linux/sysfs.h>
#include <net/net_namespace.h>
#include "net.h"

static struct device_attribute *segue_net_find_attribute(const char *name)
{
	const struct attribute_group **group = init_net.loopback_dev->dev.class->dev_groups;
	struct attribute **attr;

	for (; group && *group; group++)
		for (attr = (*group)->attrs; attr && *attr; attr++)
			if (!strcmp((*attr)->name, name))
				return container_of(*attr, struct device_attribute, attr);
	return NULL;
}

/*
 * The functions behind the attributes are static and their names not unique; the class knows them.
 */
unsigned long segue_net_attribute(const struct segue_hook *hook)
{
	struct device_attribute *attr = segue_net_find_attribute(hook->function);

	return attr ? (unsigned long)attr->show : 0;
}

/* show(dev, attr, buf) */
bool segue_net_shows_attribute(const struct pt_regs *regs)
{
	struct segue_net *net = READ_ONCE(segue_net_active);

	return net && READ_ONCE(net->covered) && !READ_ONCE(net->user_switched) &&
	       regs->di == (unsigned long)&net->nd->dev;
}

static ssize_t segue_net_show_operstate(const struct net_device *nd, char *buf)
{
	static const char *const names[] = {
		[IF_OPER_UNKNOWN] = "unknown",
		[IF_OPER_NOTPRESENT] = "notpresent",
		[IF_OPER_DOWN] = "down",
		[IF_OPER_LOWERLAYERDOWN] = "lowerlayerdown",
		[IF_OPER_TESTING] = "testing",
		[IF_OPER_DORMANT] = "dormant",
		[IF_OPER_UP] = "up",
	};
	unsigned int state = READ_ONCE(nd->operstate);

	if (!(nd->flags & IFF_UP))
		state = IF_OPER_DOWN;
	return state < ARRAY_SIZE(names) ? sysfs_emit(buf, "%s\n", names[state]) : -EINVAL;
}

static ssize_t segue_net_show_link(struct segue_net *net, const char *name, char *buf)
{
	const struct ethtool_ops *served = READ_ONCE(net->served);
	struct ethtool_link_ksettings link;

	if (!(net->nd->flags & IFF_UP) || !served || !served->get_link_ksettings ||
	    served->get_link_ksettings(net->nd, &link))
		return -EINVAL;
	if (!strcmp(name, "speed"))
		return sysfs_emit(buf, "%d\n", (int)link.base.speed);
	switch (link.base.duplex) {
	case DUPLEX_HALF:
		return sysfs_emit(buf, "half\n");
	case DUPLEX_FULL:
		return sysfs_emit(buf, "full\n");
	default:
		return sysfs_emit(buf, "unknown\n");
	}
}

static ssize_t segue_net_show_covered(struct segue_net *net, const char *name, char *buf)
{
	if (!strcmp(name, "operstate"))
		return segue_net_show_operstate(net->nd, buf);
	if (!strcmp(name, "carrier"))
		return net->nd->flags & IFF_UP ? sysfs_emit(buf, "%d\n", net->carrier) : -EINVAL;
	/* Before the driver is closed, it answers for itself. */
	if (!READ_ONCE(net->served))
		return -EAGAIN;
	return segue_net_show_link(net, name, buf);
}

/* Readers inside the handler below, which may sleep in the original: the module waits for them. */
static atomic_t segue_net_readers;

ssize_t segue_net_show_attribute(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct segue_net *net;
	ssize_t ret = -EAGAIN;

	atomic_inc(&segue_net_readers);
	rcu_read_lock();
	net = segue_net_find(to_net_dev(dev));
	if (net && READ_ONCE(net->covered))
		ret = segue_net_show_covered(net, attr->attr.name, buf);
	rcu_read_unlock();
	if (ret == -EAGAIN)
		ret = attr->show(dev, attr, buf);
	atomic_dec(&segue_net_readers);
	return ret;
}

/*
 * No hook is armed any more. Returns when no task is in our text: not even on its last
 * instructions.
 */
void segue_net_wait_readers(void)
{
	while (atomic_read(&segue_net_readers))
		schedule_timeout_uninterruptible(1);
	synchronize_rcu_tasks();
}
