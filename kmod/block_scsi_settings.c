// SPDX-License-Identifier: GPL-2.0
/*
 * What a user has set of a disk behind SCSI's mid layer: in the device that the mid layer makes of
 * it, in what the disk's own driver adds to that, and in the host.  All three are made anew with
 * the new driver, with its defaults.
 *
 * The attributes' own functions are asked and told, in a form that they print and take themselves;
 * so nothing has to be known of what is behind them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/kernfs.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>
#include "block.h"

/* The longest value, "medium_power_with_dipm", and some room. */
#define SEGUE_SCSI_VALUE	48

enum segue_scsi_place {
	SEGUE_SCSI_DEVICE,
	SEGUE_SCSI_DISK,
	SEGUE_SCSI_HOST,
};

/* In the order in which they are put in. A prefix keeps a value from being written to the disk. */
static const struct segue_scsi_setting {
	const char *name;
	const char *prefix;
	enum segue_scsi_place place;
} segue_scsi_settings[] = {
	{ "queue_depth", "", SEGUE_SCSI_DEVICE },
	{ "queue_ramp_up_period", "", SEGUE_SCSI_DEVICE },
	{ "eh_timeout", "", SEGUE_SCSI_DEVICE },
	{ "evt_media_change", "", SEGUE_SCSI_DEVICE },
	{ "dh_state", "", SEGUE_SCSI_DEVICE },
	{ "allow_restart", "", SEGUE_SCSI_DISK },
	{ "manage_start_stop", "", SEGUE_SCSI_DISK },
	{ "manage_system_start_stop", "", SEGUE_SCSI_DISK },
	{ "manage_runtime_start_stop", "", SEGUE_SCSI_DISK },
	{ "manage_shutdown", "", SEGUE_SCSI_DISK },
	{ "provisioning_mode", "", SEGUE_SCSI_DISK },
	{ "zeroing_mode", "", SEGUE_SCSI_DISK },
	{ "max_write_same_blocks", "", SEGUE_SCSI_DISK },
	{ "max_medium_access_timeouts", "", SEGUE_SCSI_DISK },
	{ "max_retries", "", SEGUE_SCSI_DISK },
	{ "cache_type", "temporary ", SEGUE_SCSI_DISK },
	{ "eh_deadline", "", SEGUE_SCSI_HOST },
	{ "link_power_management_policy", "", SEGUE_SCSI_HOST },
};

struct segue_scsi_values {
	char text[ARRAY_SIZE(segue_scsi_settings)][SEGUE_SCSI_VALUE];
};

static int segue_scsi_is_disk(struct device *dev, void *data)
{
	return dev->class && !strcmp(dev->class->name, "scsi_disk");
}

/* The device with the settings of that place, referenced, or NULL. */
static struct device *segue_scsi_place(struct segue_disk *disk, enum segue_scsi_place place)
{
	struct device *parent = disk_to_dev(disk->disk)->parent;
	struct scsi_device *sdev = to_scsi_device(parent);

	switch (place) {
	case SEGUE_SCSI_DEVICE:
		return get_device(parent);
	case SEGUE_SCSI_DISK:
		return device_find_child(parent, NULL, segue_scsi_is_disk);
	default:
		return get_device(&sdev->host->shost_dev);
	}
}

/* The attribute of a file, which lives as long as the driver that has the device. */
static struct device_attribute *segue_scsi_attribute(struct device *dev, const char *name)
{
	struct kernfs_node *file = kernfs_find_and_get(dev->kobj.sd, name);
	struct attribute *attr = file ? file->priv : NULL;

	kernfs_put(file);
	return attr ? container_of(attr, struct device_attribute, attr) : NULL;
}

/* What can be read and written only, without the line's end; nothing is an empty text. */
static void segue_scsi_show(struct device *dev, struct device_attribute *attr, char *value,
			    char *page)
{
	ssize_t len = attr && attr->show && attr->store ? attr->show(dev, attr, page) : 0;

	value[0] = '\0';
	if (len <= 0 || len >= SEGUE_SCSI_VALUE)
		return;
	memcpy(value, page, len);
	value[len] = '\0';
	strim(value);
}

static void segue_scsi_read(struct segue_disk *disk, unsigned int i, char *page)
{
	const struct segue_scsi_setting *setting = &segue_scsi_settings[i];
	struct device *dev = segue_scsi_place(disk, setting->place);

	/* What was read in another swap is not true any more. */
	disk->scsi->text[i][0] = '\0';
	if (!dev)
		return;
	segue_scsi_show(dev, segue_scsi_attribute(dev, setting->name), disk->scsi->text[i], page);
	put_device(dev);
}

/**
 * segue_disk_read_scsi - note what is set
 * @disk: the disk, whose driver is in charge
 *
 * Context: process; nobody removes the disk. Return: 0 or -ENOMEM.
 */
int segue_disk_read_scsi(struct segue_disk *disk)
{
	unsigned int i;
	char *page;

	if (!disk->address.valid)
		return 0;
	if (!disk->scsi)
		disk->scsi = kzalloc(sizeof(*disk->scsi), GFP_KERNEL);
	page = (char *)get_zeroed_page(GFP_KERNEL);
	for (i = 0; disk->scsi && page && i < ARRAY_SIZE(segue_scsi_settings); i++)
		segue_scsi_read(disk, i, page);
	free_page((unsigned long)page);
	return disk->scsi && page ? 0 : -ENOMEM;
}

/* Some take a number with the line's end only, and none minds it. */
static void segue_scsi_put(struct segue_disk *disk, unsigned int i, struct segue_findings *found,
			   char *page)
{
	const struct segue_scsi_setting *setting = &segue_scsi_settings[i];
	const char *was = disk->scsi->text[i];
	struct device *dev = was[0] ? segue_scsi_place(disk, setting->place) : NULL;
	struct device_attribute *attr = dev ? segue_scsi_attribute(dev, setting->name) : NULL;
	char now[SEGUE_SCSI_VALUE] = "";
	int len;

	if (!was[0])
		return;
	segue_scsi_show(dev, attr, now, page);
	if (strcmp(was, now) && attr && attr->store) {
		len = scnprintf(page, PAGE_SIZE, "%s%s\n", setting->prefix, was);
		attr->store(dev, attr, page, len);
		segue_scsi_show(dev, attr, now, page);
	}
	if (strcmp(was, now))
		segue_found_text(found, SEGUE_SEVERITY_DIFFERS, "%s of %s is '%s', was '%s'",
				 setting->name, disk->identity.name, now, was);
	put_device(dev);
}

/**
 * segue_disk_put_scsi - set what was set
 * @disk: the disk, which another driver has now
 * @found: gets what reads back differently
 *
 * Context: process; nobody removes the disk.
 */
void segue_disk_put_scsi(struct segue_disk *disk, struct segue_findings *found)
{
	unsigned int i;
	char *page;

	if (!disk->scsi)
		return;
	page = (char *)get_zeroed_page(GFP_KERNEL);
	if (!page)
		segue_found_text(found, SEGUE_SEVERITY_DIFFERS,
				 "there was no memory to set of %s what was set",
				 disk->identity.name);
	for (i = 0; page && i < ARRAY_SIZE(segue_scsi_settings); i++)
		segue_scsi_put(disk, i, found, page);
	free_page((unsigned long)page);
}
