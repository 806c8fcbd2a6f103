// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/pci.h>
#include "bus.h"

/*
 * The one probe that is wrapped, and the driver's own function.  A machine runs one swap at a time.
 * The function stays known after unwrapping, for a probe of another device that entered the
 * wrapper before.
 */
static struct segue_probe *segue_pci_wrapped;
static struct pci_driver *segue_pci_driver;
static int (*segue_pci_probe)(struct pci_dev *pdev, const struct pci_device_id *id);

static int segue_pci_wrapper(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct segue_probe *probe = READ_ONCE(segue_pci_wrapped);
	int err;

	/* Another device of the same driver may be plugged in just now; it is not ours. */
	if (!probe || probe->dev != &pdev->dev)
		return segue_pci_probe(pdev, id);
	probe->enter(probe);
	err = segue_pci_probe(pdev, id);
	return probe->leave(probe, err);
}

static void segue_pci_wrap(struct segue_probe *probe)
{
	struct pci_driver *drv = to_pci_driver(probe->drv);

	segue_pci_driver = drv;
	segue_pci_probe = drv->probe;
	WRITE_ONCE(segue_pci_wrapped, probe);
	/*
	 * Whoever sees the wrapper sees the function behind it: paired with the dependency in the
	 * call.
	 */
	smp_wmb();
	WRITE_ONCE(drv->probe, segue_pci_wrapper);
}

static void segue_pci_unwrap(struct segue_probe *probe)
{
	WRITE_ONCE(segue_pci_driver->probe, segue_pci_probe);
	WRITE_ONCE(segue_pci_wrapped, NULL);
}

static const struct pci_device_id segue_pci_no_ids[] = { { } };

static const void *segue_pci_mask(struct device_driver *drv)
{
	struct pci_driver *pdrv = to_pci_driver(drv);
	const void *ids = pdrv->id_table;

	WRITE_ONCE(pdrv->id_table, segue_pci_no_ids);
	return ids;
}

static void segue_pci_unmask(struct device_driver *drv, const void *ids)
{
	WRITE_ONCE(to_pci_driver(drv)->id_table, ids);
}

/* Ids that a user added at run time match first, so they move with the role. */
static void segue_pci_inherit(struct device_driver *to, struct device_driver *from)
{
	struct pci_dynids *old = &to_pci_driver(from)->dynids;
	struct pci_dynids *new = &to_pci_driver(to)->dynids;
	LIST_HEAD(ids);

	spin_lock(&old->lock);
	list_splice_init(&old->list, &ids);
	spin_unlock(&old->lock);
	spin_lock(&new->lock);
	list_splice(&ids, &new->list);
	spin_unlock(&new->lock);
}

/* The enable count keeps interrupt routing and power state; bus mastering ends as in a disable. */
static int segue_pci_keep(struct device *dev)
{
	return pci_enable_device(to_pci_dev(dev));
}

/* Some drivers disable whatever is enabled, and more than once: then the count is lost. */
static bool segue_pci_kept(struct device *dev)
{
	return pci_is_enabled(to_pci_dev(dev));
}

/*
 * Only the count goes down while a driver has the device enabled: pci_disable_device() would also
 * mark a managed device as disabled, and its driver's departure would then leave it enabled.  The
 * last one is never taken from a driver.
 */
static void segue_pci_release(struct device *dev)
{
	struct pci_dev *pdev = to_pci_dev(dev);

	if (!atomic_add_unless(&pdev->enable_cnt, -1, 1) && !dev->driver)
		pci_disable_device(pdev);
}

/*
 * Only a function level reset, which concerns nobody else: the kernel's other ones go through the
 * power states, which a device may not survive, or take the whole bus along. The way to reset is
 * the kernel's choice, or its user's (reset_method).
 */
static void segue_pci_reset(struct pci_dev *pdev)
{
	int err = 0;

	/* It would end its virtual functions, whose drivers do not know. */
	if (pci_num_vf(pdev) || pcie_reset_flr(pdev, PCI_RESET_PROBE))
		return;
	device_lock(&pdev->dev);
	pci_cfg_access_lock(pdev);
	if (!pdev->dev.driver)
		err = pci_reset_function_locked(pdev);
	pci_cfg_access_unlock(pdev);
	device_unlock(&pdev->dev);
	if (err && err != -ENOTTY)
		pci_warn(pdev, "cannot be reset (error %d)\n", err);
}

/*
 * The core calls the power state unknown when a driver leaves, and finds it out when the device is
 * enabled from scratch, which it is not: without this a device that cannot tell is refused its
 * MSI-X vectors.
 */
static void segue_pci_sanitize(struct device *dev, bool failed)
{
	struct pci_dev *pdev = to_pci_dev(dev);

	pci_clear_master(pdev);
	pci_set_power_state(pdev, PCI_D0);
	if (failed)
		segue_pci_reset(pdev);
}

static int segue_pci_irq(struct device *dev, unsigned int index)
{
	return pci_irq_vector(to_pci_dev(dev), index);
}

static const struct bus_type *segue_pci_type(void)
{
	return &pci_bus_type;
}

const struct segue_bus segue_bus_pci = {
	.name = "pci",
	.type = segue_pci_type,
	.lock = pci_lock_rescan_remove,
	.unlock = pci_unlock_rescan_remove,
	.mask = segue_pci_mask,
	.unmask = segue_pci_unmask,
	.inherit = segue_pci_inherit,
	.keep = segue_pci_keep,
	.kept = segue_pci_kept,
	.release = segue_pci_release,
	.sanitize = segue_pci_sanitize,
	.wrap = segue_pci_wrap,
	.unwrap = segue_pci_unwrap,
	.irq = segue_pci_irq,
};
