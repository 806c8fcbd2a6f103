// SPDX-License-Identifier: GPL-2.0
/*
 * The attributes that a driver adds to its disk, as "serial" or "wwid".
 *
 * Their files stay, with whoever has them open: each is given a stand-in of ours in place of the
 * driver's attribute, which lets its readers and writers wait, and then the new driver's attribute
 * of that name.  So the names never vanish, and nothing of a driver that has left is reached
 * through them.  Who asks when no driver would start is told that there is no such device.
 *
 * A file's node counts those who are in it, and a stand-in those of them who wait.  When the two
 * are the same, nobody is in the driver's code.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/device.h>
#include <linux/kernfs.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sysfs.h>
#include <linux/wait.h>
#include "block.h"

/* How long a reader may take in the driver before the swap is given up. */
#define SEGUE_ATTRIBUTE_MS	5000

/* Protects the counts of those who wait, so that they can be compared with the node's. */
static DEFINE_SPINLOCK(segue_attribute_lock);

/* For lockdep: keys must outlive their locks, and stand-ins are allocated. */
static struct lock_class_key segue_attribute_key;

/**
 * struct segue_attribute - stands in for one attribute of a driver
 * @node: in &segue_disk.attributes
 * @attr: what the file has in place of the driver's attribute
 * @file: the file, referenced
 * @group: name of the folder that the file is in, or NULL
 * @mode: as the driver would have it
 * @waiting: tasks that wait in it
 * @served: the file has a driver's attribute again
 * @over: there is nothing to wait for
 */
struct segue_attribute {
	struct list_head node;
	struct device_attribute attr;
	struct kernfs_node *file;
	char *group;
	umode_t mode;
	unsigned int waiting;
	bool served;
	bool over;
};

/* Runs in the reader. Return: the attribute of the driver that has the disk now, or an error. */
static struct device_attribute *segue_attribute_await(struct segue_attribute *stand_in)
{
	struct attribute *attr;
	int err;

	spin_lock(&segue_attribute_lock);
	stand_in->waiting++;
	spin_unlock(&segue_attribute_lock);
	err = wait_event_killable(segue_block_waiters,
				  READ_ONCE(stand_in->served) || READ_ONCE(stand_in->over));
	/* Paired with the release in segue_attribute_serve(). */
	attr = smp_load_acquire(&stand_in->served) ? READ_ONCE(stand_in->file->priv) : NULL;
	spin_lock(&segue_attribute_lock);
	stand_in->waiting--;
	spin_unlock(&segue_attribute_lock);
	/* The stand-in may be gone from here on; the file's count protects the driver's code. */
	if (err)
		return ERR_PTR(err);
	return attr ? container_of(attr, struct device_attribute, attr) : ERR_PTR(-ENXIO);
}

static ssize_t segue_attribute_show(struct device *dev, struct device_attribute *attr, char *page)
{
	struct device_attribute *live;
	ssize_t ret;

	segue_block_handler_enter();
	live = segue_attribute_await(container_of(attr, struct segue_attribute, attr));
	if (IS_ERR(live))
		ret = PTR_ERR(live);
	else
		ret = live->show ? live->show(dev, live, page) : -EIO;
	segue_block_handler_leave();
	return ret;
}

static ssize_t segue_attribute_store(struct device *dev, struct device_attribute *attr,
				     const char *page, size_t len)
{
	struct device_attribute *live;
	ssize_t ret;

	segue_block_handler_enter();
	live = segue_attribute_await(container_of(attr, struct segue_attribute, attr));
	if (IS_ERR(live))
		ret = PTR_ERR(live);
	else
		ret = live->store ? live->store(dev, live, page, len) : -EIO;
	segue_block_handler_leave();
	return ret;
}

/* Nobody comes to the stand-in any more, and nobody leaves it from here on. */
static void segue_attribute_free(struct segue_attribute *stand_in)
{
	list_del(&stand_in->node);
	kernfs_put(stand_in->file);
	kfree(stand_in->group);
	kfree(stand_in);
}

static bool segue_attributes_awaited(const struct segue_disk *disk)
{
	const struct segue_attribute *stand_in;
	bool awaited = false;

	spin_lock(&segue_attribute_lock);
	list_for_each_entry(stand_in, &disk->attributes, node)
		awaited |= stand_in->waiting;
	spin_unlock(&segue_attribute_lock);
	return awaited;
}

/**
 * segue_disk_drop_attributes - free the stand-ins, which no file has any more
 * @disk: the disk
 *
 * Context: process.
 */
void segue_disk_drop_attributes(struct segue_disk *disk)
{
	struct segue_attribute *stand_in, *next;

	if (list_empty(&disk->attributes))
		return;
	/* Who has fetched a stand-in from a file counts itself before it sleeps. */
	synchronize_rcu_tasks();
	while (segue_attributes_awaited(disk))
		usleep_range(1000, 2000);
	list_for_each_entry_safe(stand_in, next, &disk->attributes, node)
		segue_attribute_free(stand_in);
}

/* The file of an attribute, referenced, or NULL. */
static struct kernfs_node *segue_disk_attribute_file(struct segue_disk *disk, const char *group,
						     const char *name)
{
	struct kernfs_node *folder = disk_to_dev(disk->disk)->kobj.sd, *file;

	if (!group)
		return kernfs_find_and_get(folder, name);
	folder = kernfs_find_and_get(folder, group);
	if (!folder)
		return NULL;
	file = kernfs_find_and_get(folder, name);
	kernfs_put(folder);
	return file;
}

static umode_t segue_disk_attribute_mode(struct segue_disk *disk,
					 const struct attribute_group *group, unsigned int index)
{
	struct attribute *attr = group->attrs[index];

	if (!group->is_visible)
		return attr->mode;
	return group->is_visible(&disk_to_dev(disk->disk)->kobj, attr, index);
}

static int segue_disk_stand_in(struct segue_disk *disk, const struct attribute_group *group,
			       unsigned int index)
{
	struct attribute *attr = group->attrs[index];
	struct segue_attribute *stand_in;
	struct kernfs_node *file;

	file = segue_disk_attribute_file(disk, group->name, attr->name);
	if (!file)
		return 0;
	stand_in = kzalloc(sizeof(*stand_in), GFP_KERNEL);
	if (stand_in && group->name)
		stand_in->group = kstrdup(group->name, GFP_KERNEL);
	if (!stand_in || (group->name && !stand_in->group)) {
		kfree(stand_in);
		kernfs_put(file);
		return -ENOMEM;
	}
	stand_in->file = file;
	stand_in->mode = segue_disk_attribute_mode(disk, group, index);
	stand_in->attr.attr.name = file->name;
	stand_in->attr.show = segue_attribute_show;
	stand_in->attr.store = segue_attribute_store;
	segue_compat_attribute_key(&stand_in->attr.attr, &segue_attribute_key);
	list_add_tail(&stand_in->node, &disk->attributes);
	segue_compat_block_set_attribute(file, &stand_in->attr.attr);
	return 0;
}

/* Binary attributes are not known of any disk; a group with some comes and goes as a whole. */
static bool segue_disk_group_is_plain(const struct attribute_group *group)
{
	return group->attrs && !group->bin_attrs;
}

static bool segue_attribute_is_left(const struct segue_attribute *stand_in)
{
	bool left;

	spin_lock(&segue_attribute_lock);
	left = atomic_read(&stand_in->file->active) == stand_in->waiting;
	spin_unlock(&segue_attribute_lock);
	return left;
}

static int segue_disk_await_readers(struct segue_disk *disk, struct segue_findings *found)
{
	unsigned long end = jiffies + msecs_to_jiffies(SEGUE_ATTRIBUTE_MS);
	const struct segue_attribute *stand_in;

	list_for_each_entry(stand_in, &disk->attributes, node) {
		while (!segue_attribute_is_left(stand_in) && time_before(jiffies, end))
			usleep_range(200, 400);
		if (segue_attribute_is_left(stand_in))
			continue;
		segue_found_text(found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "somebody reads or writes the attribute %s of %s, and the driver does not come to an end with it",
				 stand_in->file->name, disk->identity.name);
		return -EBUSY;
	}
	return 0;
}

/**
 * segue_disk_ungroup - let the readers of the driver's attributes wait
 * @disk: the disk; I/O goes on, because some attributes ask the disk
 * @found: gets the name of an attribute that somebody does not come back from
 *
 * Nobody is in the driver's attributes afterwards. Context: process. Return: 0 or a negative
 * error; segue_disk_group() is due in any case.
 */
int segue_disk_ungroup(struct segue_disk *disk, struct segue_findings *found)
{
	const struct attribute_group **group;
	struct device *dev = disk_to_dev(disk->disk);
	struct segue_attribute *stand_in;
	unsigned int i;
	int err = 0;

	/* Of a disk that no driver has: its files still have them, and there is an end again. */
	list_for_each_entry(stand_in, &disk->attributes, node)
		WRITE_ONCE(stand_in->over, false);
	if (!disk->grouped)
		return 0;
	segue_disk_drop_attributes(disk);
	disk->grouped = false;
	dev->groups = NULL;
	for (group = disk->groups; group && *group; group++) {
		if (!segue_disk_group_is_plain(*group)) {
			sysfs_remove_group(&dev->kobj, *group);
			continue;
		}
		for (i = 0; (*group)->attrs[i]; i++)
			err = segue_disk_stand_in(disk, *group, i) ?: err;
	}
	return err ?: segue_disk_await_readers(disk, found);
}

static struct segue_attribute *segue_disk_find_stand_in(struct segue_disk *disk,
							const struct attribute_group *group,
							const char *name)
{
	struct segue_attribute *stand_in;

	list_for_each_entry(stand_in, &disk->attributes, node)
		if (!strcmp(stand_in->file->name, name) && !stand_in->group == !group->name &&
		    (!group->name || !strcmp(stand_in->group, group->name)))
			return stand_in;
	return NULL;
}

static void segue_attribute_serve(struct segue_attribute *stand_in, struct attribute *attr)
{
	segue_compat_block_set_attribute(stand_in->file, attr);
	/* Who sees this sees the driver's attribute; paired in segue_attribute_await(). */
	smp_store_release(&stand_in->served, true);
}

/* The file is no attribute of the driver in charge, or another kind of one: it goes. */
static void segue_disk_remove_attribute(struct segue_disk *disk, struct segue_attribute *stand_in)
{
	WRITE_ONCE(stand_in->over, true);
	wake_up_all(&segue_block_waiters);
	sysfs_remove_file_from_group(&disk_to_dev(disk->disk)->kobj, &stand_in->attr.attr,
				     stand_in->group);
}

static int segue_disk_add_attribute(struct segue_disk *disk, const struct attribute_group *group,
				    struct attribute *attr, umode_t mode)
{
	struct kobject *kobj = &disk_to_dev(disk->disk)->kobj;
	int err = sysfs_add_file_to_group(kobj, attr, group->name);

	if (!err && !group->name && mode != attr->mode)
		err = sysfs_chmod_file(kobj, attr, mode);
	return err;
}

static int segue_disk_put_attribute(struct segue_disk *disk, const struct attribute_group *group,
				    unsigned int index)
{
	struct attribute *attr = group->attrs[index];
	umode_t mode = segue_disk_attribute_mode(disk, group, index);
	struct segue_attribute *stand_in;
	struct kernfs_node *file;

	if (!mode)
		return 0;
	stand_in = segue_disk_find_stand_in(disk, group, attr->name);
	file = stand_in ? NULL : segue_disk_attribute_file(disk, group->name, attr->name);
	kernfs_put(file);
	/* There was no memory for a stand-in. */
	if (file)
		return 0;
	if (stand_in && stand_in->mode == mode) {
		segue_attribute_serve(stand_in, attr);
		return 0;
	}
	if (stand_in)
		segue_disk_remove_attribute(disk, stand_in);
	return segue_disk_add_attribute(disk, group, attr, mode);
}

static bool segue_disk_has_folder(struct segue_disk *disk, const char *name)
{
	struct kernfs_node *folder = kernfs_find_and_get(disk_to_dev(disk->disk)->kobj.sd, name);

	kernfs_put(folder);
	return folder;
}

static int segue_disk_put_group(struct segue_disk *disk, const struct attribute_group *group)
{
	unsigned int i;
	int err = 0;

	if (!segue_disk_group_is_plain(group) ||
	    (group->name && !segue_disk_has_folder(disk, group->name)))
		return sysfs_create_group(&disk_to_dev(disk->disk)->kobj, group);
	for (i = 0; !err && group->attrs[i]; i++)
		err = segue_disk_put_attribute(disk, group, i);
	return err;
}

/**
 * segue_disk_group - give the files the attributes of the driver in charge
 * @disk: the disk, whose driver takes requests
 *
 * Undoes segue_disk_ungroup(). Context: process. Return: 0 or a negative error, after which
 * attributes are missing.
 */
int segue_disk_group(struct segue_disk *disk)
{
	const struct attribute_group **group;
	struct segue_attribute *stand_in;
	int err = 0;

	if (disk->grouped)
		return 0;
	for (group = disk->groups; group && *group; group++)
		err = segue_disk_put_group(disk, *group) ?: err;
	list_for_each_entry(stand_in, &disk->attributes, node)
		if (!stand_in->served && !stand_in->over)
			segue_disk_remove_attribute(disk, stand_in);
	disk_to_dev(disk->disk)->groups = disk->groups;
	disk->grouped = true;
	wake_up_all(&segue_block_waiters);
	return err;
}

/**
 * segue_disk_refuse_readers - no driver will come for a long time
 * @disk: the disk
 */
void segue_disk_refuse_readers(struct segue_disk *disk)
{
	struct segue_attribute *stand_in;

	list_for_each_entry(stand_in, &disk->attributes, node)
		WRITE_ONCE(stand_in->over, true);
}
