// SPDX-License-Identifier: GPL-2.0
/*
 * where - tells which function sends the packets of an interface, takes the requests of a disk, or starts a stream
 *
 * insmod where.ko iface=eth0 && cat /sys/module/where/parameters/function
 * insmod where.ko disk=/dev/vda && cat /sys/module/where/parameters/function
 * insmod where.ko pcm=/dev/snd/pcmC0D0p && cat /sys/module/where/parameters/function
 */
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/net_namespace.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>
#include <sound/core.h>
#include <sound/pcm.h>

static char iface[IFNAMSIZ];
module_param_string(iface, iface, sizeof(iface), 0444);
MODULE_PARM_DESC(iface, "name of the interface");

static char disk[80];
module_param_string(disk, disk, sizeof(disk), 0444);
MODULE_PARM_DESC(disk, "node of the disk");

static char pcm[80];
module_param_string(pcm, pcm, sizeof(pcm), 0444);
MODULE_PARM_DESC(pcm, "node of the device of a sound card that nobody plays on");

static char function[128];
module_param_string(function, function, sizeof(function), 0444);
MODULE_PARM_DESC(function, "answer: the driver's function and the module that holds it");

static int __init where_disk(void)
{
	struct file *file = filp_open(disk, O_RDONLY, 0);
	struct request_queue *q;

	if (IS_ERR(file))
		return PTR_ERR(file);
	q = bdev_get_queue(I_BDEV(file->f_mapping->host));
	snprintf(function, sizeof(function), "%ps", q->mq_ops->queue_rq);
	/* The mid layer's own function is the same for all drivers; it calls this one. */
	if (strstarts(function, "scsi_queue_rq")) {
		struct scsi_device *sdev = q->queuedata;

		snprintf(function, sizeof(function), "%ps", sdev->host->hostt->queuecommand);
	}
	filp_close(file, NULL);
	return 0;
}

static int __init where_pcm(void)
{
	struct file *file = filp_open(pcm, O_RDWR | O_NONBLOCK, 0);
	struct snd_pcm_file *holder;

	if (IS_ERR(file))
		return PTR_ERR(file);
	holder = file->private_data;
	snprintf(function, sizeof(function), "%ps", holder->substream->ops->trigger);
	filp_close(file, NULL);
	return 0;
}

static int __init where_init(void)
{
	struct net_device *dev;

	if (pcm[0])
		return where_pcm();
	if (disk[0])
		return where_disk();
	dev = dev_get_by_name(&init_net, iface);
	if (!dev)
		return -ENODEV;
	snprintf(function, sizeof(function), "%ps", dev->netdev_ops->ndo_start_xmit);
	dev_put(dev);
	return 0;
}
module_init(where_init);

static void __exit where_exit(void)
{
}
module_exit(where_exit);

MODULE_DESCRIPTION("Tells which function of a driver an interface, a disk or a sound card uses");
MODULE_LICENSE("GPL");
