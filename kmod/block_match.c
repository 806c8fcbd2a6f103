// SPDX-License-Identifier: GPL-2.0
/*
 * Which disk is which, when a device has several.
 *
 * A driver is given its disks before it says which is which, and may find them in another order
 * than the one before it.  When all have arrived and nothing is going on yet, they are compared by
 * what the driver's attributes say, and exchanged where they are mixed up: the driver's halves
 * change places, and the driver's own records of the two disks are changed to match.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "block.h"

/* Attributes that say which disk it is; each class of hardware has some of them. */
static const char *const segue_disk_mark_names[] = {
	"nsid", "wwid", "uuid", "nguid", "eui",
};

static bool segue_disk_is_mark(const char *name)
{
	return match_string(segue_disk_mark_names, ARRAY_SIZE(segue_disk_mark_names), name) >= 0;
}

static size_t segue_disk_read_mark(struct segue_disk *disk, struct attribute *attr, char *marks,
				   size_t used, char *page)
{
	struct device_attribute *mark = container_of(attr, struct device_attribute, attr);
	ssize_t len;

	if (!mark->show)
		return used;
	len = mark->show(disk_to_dev(disk->disk), mark, page);
	if (len <= 0)
		return used;
	return used + scnprintf(marks + used, SEGUE_DISK_MARKS - used, "%s=%.*s", attr->name,
				(int)len, page);
}

/*
 * Asks the driver in charge. Nothing is asked of the only disk of a device: some drivers would ask
 * it in turn. Context: process.
 */
void segue_disk_read_marks(struct segue_disk *disk, char *marks)
{
	struct kobject *kobj = &disk_to_dev(disk->disk)->kobj;
	const struct attribute_group **group = disk->groups;
	struct attribute **attr;
	size_t used = 0;
	char *page;

	marks[0] = '\0';
	if (disk->block->count < 2 || !group || disk->address.valid)
		return;
	page = (char *)get_zeroed_page(GFP_KERNEL);
	if (!page)
		return;
	for (; *group; group++)
		for (attr = (*group)->attrs; attr && *attr; attr++)
			if (segue_disk_is_mark((*attr)->name) &&
			    (!(*group)->is_visible || (*group)->is_visible(kobj, *attr, 0)))
				used = segue_disk_read_mark(disk, *attr, marks, used, page);
	free_page((unsigned long)page);
}

static bool segue_disk_matches(const struct segue_disk *disk, const char *marks)
{
	return !strcmp(disk->marks, marks);
}

/* Does the driver in charge say of the disk what the one before said? */
bool segue_disk_is_marked(struct segue_disk *disk)
{
	char *marks;
	bool same;

	if (!disk->marks[0])
		return false;
	marks = kmalloc(SEGUE_DISK_MARKS, GFP_KERNEL);
	if (!marks)
		return false;
	segue_disk_read_marks(disk, marks);
	same = segue_disk_matches(disk, marks);
	kfree(marks);
	return same;
}

static void segue_disk_exchange_words(void *record, unsigned long a, unsigned long b)
{
	unsigned long *word = record, *end = record + (ksize(record) & ~(sizeof(*word) - 1));

	for (; word < end; word++) {
		if (*word == a)
			*word = b;
		else if (*word == b)
			*word = a;
	}
}

/*
 * The driver's record of a disk points to the gendisk and to its queue.  Both queues are frozen and
 * belong to the same tag set; who has a disk open is not known to the driver yet.
 */
static void segue_disk_exchange(struct segue_disk *one, struct segue_disk *other)
{
	void *first = one->disk->private_data, *second = other->disk->private_data;

	segue_disk_exchange_words(first, (unsigned long)one->disk, (unsigned long)other->disk);
	segue_disk_exchange_words(first, (unsigned long)one->queue, (unsigned long)other->queue);
	segue_disk_exchange_words(second, (unsigned long)one->disk, (unsigned long)other->disk);
	segue_disk_exchange_words(second, (unsigned long)one->queue, (unsigned long)other->queue);
	swap(one->disk->private_data, other->disk->private_data);
	swap(one->queue->queuedata, other->queue->queuedata);
	swap(one->disk->fops, other->disk->fops);
	swap(one->told, other->told);
	swap(one->sectors, other->sectors);
	swap(one->groups, other->groups);
	segue_compat_block_exchange(one->queue, other->queue);
}

static bool segue_disk_can_exchange(const struct segue_disk *disk)
{
	void *record = disk->disk->private_data;

	/* Only an object of its own has bounds. */
	return disk->owns_queue && disk->frozen && disk->state == SEGUE_DISK_OWNED && record &&
	       !is_vmalloc_addr(record) && PageSlab(virt_to_head_page(record));
}

/* The disk that the driver has put where @disk should be. */
static struct segue_disk *segue_block_find_marked(struct segue_block *block,
						  struct segue_disk *disk, char *marks)
{
	unsigned int i;

	for (i = disk - block->disks; i < block->count; i++) {
		if (!segue_disk_can_exchange(&block->disks[i]))
			continue;
		segue_disk_read_marks(&block->disks[i], marks);
		if (segue_disk_matches(disk, marks))
			return &block->disks[i];
	}
	return NULL;
}

/*
 * Context: process, all disks have arrived and are frozen. What does not match stays; it is
 * compared.
 */
void segue_block_match(struct segue_block *block)
{
	char *marks = kmalloc(SEGUE_DISK_MARKS, GFP_KERNEL);
	struct segue_disk *disk, *found;
	unsigned int i;

	for (i = 0; marks && i < block->count; i++) {
		disk = &block->disks[i];
		if (!disk->marks[0] || !segue_disk_can_exchange(disk))
			continue;
		found = segue_block_find_marked(block, disk, marks);
		if (found && found != disk)
			segue_disk_exchange(disk, found);
	}
	kfree(marks);
}
