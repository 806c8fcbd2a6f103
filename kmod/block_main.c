// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/slab.h>
#include "block.h"

/* Protects the list of records; a record's contents are the swap's. */
static DEFINE_MUTEX(segue_blocks_mutex);
static LIST_HEAD(segue_blocks);

struct segue_block *segue_block_active;

struct segue_block *segue_block_find(const struct device *dev)
{
	struct segue_block *block, *found = NULL;

	mutex_lock(&segue_blocks_mutex);
	list_for_each_entry(block, &segue_blocks, node)
		if (block->dev == dev)
			found = block;
	mutex_unlock(&segue_blocks_mutex);
	return found;
}

/* Takes over the references on the disks. */
struct segue_block *segue_block_create(struct device *dev, struct gendisk **disks,
				       unsigned int count)
{
	struct segue_block *block = kzalloc(struct_size(block, disks, count), GFP_KERNEL);
	unsigned int i;

	if (!block)
		return NULL;
	block->dev = get_device(dev);
	block->count = count;
	INIT_LIST_HEAD(&block->reserve[0]);
	INIT_LIST_HEAD(&block->reserve[1]);
	bio_list_init(&block->kept);
	spin_lock_init(&block->memory_lock);
	for (i = 0; i < count; i++) {
		struct segue_disk *disk = &block->disks[i];

		INIT_LIST_HEAD(&disk->attributes);
		disk->block = block;
		disk->disk = disks[i];
		disk->queue = disks[i]->queue;
		disk->owns_queue = test_bit(GD_OWNS_QUEUE, &disks[i]->state);
		disk->opened = true;
		disk->exposed = true;
		disk->grouped = true;
	}
	mutex_lock(&segue_blocks_mutex);
	list_add_tail(&block->node, &segue_blocks);
	mutex_unlock(&segue_blocks_mutex);
	return block;
}

/* The record is not covered; a hook may still be looking at it, with preemption off. */
void segue_block_destroy(struct segue_block *block)
{
	unsigned int i;

	mutex_lock(&segue_blocks_mutex);
	list_del(&block->node);
	mutex_unlock(&segue_blocks_mutex);
	if (READ_ONCE(segue_block_active) == block)
		WRITE_ONCE(segue_block_active, NULL);
	synchronize_rcu_expedited();
	WARN_ON_ONCE(!bio_list_empty(&block->kept));
	for (i = 0; i < block->count; i++) {
		struct segue_disk *disk = &block->disks[i];

		segue_disk_drop_attributes(disk);
		segue_disk_free_scheduler(disk->scheduler);
		kfree(disk->description);
		kfree(disk->before);
		kfree(disk->scsi);
		put_device(disk_to_dev(disk->disk));
	}
	put_device(block->dev);
	kfree(block);
}

static int __init segue_block_init(void)
{
	int err = segue_compat_block_init();

	if (err)
		return err;
	segue_block_class.hooks.hooks = segue_block_hooks;
	segue_block_class.hooks.count = segue_block_hook_count;
	return segue_class_register(&segue_block_class);
}

/* No disk is covered: a swap, and a degraded device, hold a reference on the module. */
static void __exit segue_block_exit(void)
{
	segue_class_unregister(&segue_block_class);
	segue_block_wait_handlers();
	WARN_ON_ONCE(!list_empty(&segue_blocks));
}

module_init(segue_block_init);
module_exit(segue_block_exit);

MODULE_DESCRIPTION("Shadow of block drivers for segue");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
