// SPDX-License-Identifier: GPL-2.0
/*
 * The virtio bus.  Nothing here links to virtio.ko, so that a machine without virtio need not load
 * it: devices are driven through their own struct virtio_config_ops.
 */
#include <linux/device.h>
#include <linux/pci.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include "bus.h"
#include "compat.h"

/* As in bus_pci.c: one swap at a time, and the function stays known after unwrapping. */
static struct segue_probe *segue_virtio_wrapped;
static struct virtio_driver *segue_virtio_driver;
static int (*segue_virtio_probe)(struct virtio_device *vdev);

static int segue_virtio_wrapper(struct virtio_device *vdev)
{
	struct segue_probe *probe = READ_ONCE(segue_virtio_wrapped);
	int err;

	if (!probe || probe->dev != &vdev->dev)
		return segue_virtio_probe(vdev);
	probe->enter(probe);
	err = segue_virtio_probe(vdev);
	return probe->leave(probe, err);
}

static struct virtio_driver *segue_to_virtio(struct device_driver *drv)
{
	return container_of(drv, struct virtio_driver, driver);
}

static void segue_virtio_wrap(struct segue_probe *probe)
{
	struct virtio_driver *drv = segue_to_virtio(probe->drv);

	segue_virtio_driver = drv;
	segue_virtio_probe = drv->probe;
	WRITE_ONCE(segue_virtio_wrapped, probe);
	/*
	 * Whoever sees the wrapper sees the function behind it: paired with the dependency in the
	 * call.
	 */
	smp_wmb();
	WRITE_ONCE(drv->probe, segue_virtio_wrapper);
}

static void segue_virtio_unwrap(struct segue_probe *probe)
{
	WRITE_ONCE(segue_virtio_driver->probe, segue_virtio_probe);
	WRITE_ONCE(segue_virtio_wrapped, NULL);
}

static const struct virtio_device_id segue_virtio_no_ids[] = { { } };

static const void *segue_virtio_mask(struct device_driver *drv)
{
	struct virtio_driver *vdrv = segue_to_virtio(drv);
	const void *ids = vdrv->id_table;

	WRITE_ONCE(vdrv->id_table, segue_virtio_no_ids);
	return ids;
}

static void segue_virtio_unmask(struct device_driver *drv, const void *ids)
{
	WRITE_ONCE(segue_to_virtio(drv)->id_table, ids);
}

/* Virtio has no device ids added at run time. */
static void segue_virtio_inherit(struct device_driver *to, struct device_driver *from)
{
}

/* The transport below stays bound to its own driver, which keeps it powered. */
static int segue_virtio_keep(struct device *dev)
{
	return 0;
}

static bool segue_virtio_kept(struct device *dev)
{
	return true;
}

static void segue_virtio_release(struct device *dev)
{
}

/*
 * The bus resets a device when it is added and after a driver's remove(), but not after a failed
 * probe, whose queues and FAILED status would make the next probe fail as well.
 */
static void segue_virtio_sanitize(struct device *dev, bool failed)
{
	struct virtio_device *vdev = dev_to_virtio(dev);

	vdev->config->reset(vdev);
	vdev->config->set_status(vdev, VIRTIO_CONFIG_S_ACKNOWLEDGE);
}

static int segue_virtio_irq(struct device *dev, unsigned int index)
{
	if (!dev->parent || !dev_is_pci(dev->parent))
		return -EINVAL;
	return pci_irq_vector(to_pci_dev(dev->parent), index);
}

static void segue_virtio_lock(void)
{
	pci_lock_rescan_remove();
}

static void segue_virtio_unlock(void)
{
	pci_unlock_rescan_remove();
}

static const struct bus_type *segue_virtio_type(void)
{
	return segue_compat_bus("virtio_bus");
}

const struct segue_bus segue_bus_virtio = {
	.name = "virtio",
	.transported = true,
	.type = segue_virtio_type,
	.lock = segue_virtio_lock,
	.unlock = segue_virtio_unlock,
	.mask = segue_virtio_mask,
	.unmask = segue_virtio_unmask,
	.inherit = segue_virtio_inherit,
	.keep = segue_virtio_keep,
	.kept = segue_virtio_kept,
	.release = segue_virtio_release,
	.sanitize = segue_virtio_sanitize,
	.wrap = segue_virtio_wrap,
	.unwrap = segue_virtio_unwrap,
	.irq = segue_virtio_irq,
};
