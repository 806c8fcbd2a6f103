// SPDX-License-Identifier: GPL-2.0
/*
 * I/O and control calls wait while a driver is away.
 *
 * The fence is at the entry of submit_bio_noacct(), before any check against the disk's size, its
 * limits or its write cache: a flush must not be dropped, nor a discard be refused, because a new
 * driver has not said yet what its disk can do.
 */
#include <linux/bio.h>
#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/ftrace.h>
#include <linux/kernfs.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/wait.h>
#include "block.h"

/* Everybody who waits for a disk to be driven again. */
DECLARE_WAIT_QUEUE_HEAD(segue_block_waiters);

/* Tasks inside a handler of this module, which nothing else waits for. */
static atomic_t segue_block_handlers;

void segue_block_handler_enter(void)
{
	atomic_inc(&segue_block_handlers);
}

void segue_block_handler_leave(void)
{
	atomic_dec(&segue_block_handlers);
}

static struct segue_block *segue_block_guarding(void)
{
	struct segue_block *block = READ_ONCE(segue_block_active);

	return block && READ_ONCE(block->guarded) ? block : NULL;
}

static bool segue_block_is_fenced(struct gendisk *disk)
{
	struct segue_block *block;
	bool fenced;

	rcu_read_lock();
	block = READ_ONCE(segue_block_active);
	fenced = block && READ_ONCE(block->fenced) && segue_block_disk(block, disk);
	rcu_read_unlock();
	return fenced;
}

/* submit_bio_noacct(bio); the swap's own reads pass. */
bool segue_block_holds_bio(const struct pt_regs *regs)
{
	struct segue_block *block = READ_ONCE(segue_block_active);
	struct bio *bio = (struct bio *)regs->di;

	return block && READ_ONCE(block->fenced) && bio->bi_bdev &&
	       segue_block_disk(block, bio->bi_bdev->bd_disk) &&
	       current != block->target->thread;
}

/* A caller that must not wait is told so, as by a queue that is frozen. */
static bool segue_block_must_not_wait(const struct bio *bio)
{
	return bio->bi_opf & REQ_NOWAIT || segue_compat_block_plug_nowait(current->plug);
}

/*
 * Whoever makes room in memory must not wait for a disk: it may hold what the driver's probe waits
 * for, or be a worker of that probe.  It does not wait for what it writes either, so the bio is
 * kept and submitted when the fence is down.
 */
static bool segue_block_keep(struct bio *bio)
{
	struct segue_block *block;
	bool kept = false;

	if (!(current->flags & PF_MEMALLOC))
		return false;
	rcu_read_lock();
	block = READ_ONCE(segue_block_active);
	if (block && segue_block_disk(block, bio->bi_bdev->bd_disk)) {
		spin_lock(&block->memory_lock);
		kept = READ_ONCE(block->fenced);
		if (kept)
			bio_list_add(&block->kept, bio);
		spin_unlock(&block->memory_lock);
	}
	rcu_read_unlock();
	return kept;
}

/* The fence is down, so none is added any more. Context: process; may wait for the queue. */
void segue_block_submit_kept(struct segue_block *block)
{
	struct bio_list bios;
	struct bio *bio;

	spin_lock(&block->memory_lock);
	bios = block->kept;
	bio_list_init(&block->kept);
	spin_unlock(&block->memory_lock);
	while ((bio = bio_list_pop(&bios)))
		submit_bio_noacct(bio);
}

static bool segue_block_wait_to_submit(struct bio *bio)
{
	struct gendisk *disk = bio->bi_bdev->bd_disk;

	if (segue_block_must_not_wait(bio)) {
		bio_wouldblock_error(bio);
		return false;
	}
	wait_event(segue_block_waiters, !segue_block_is_fenced(disk));
	return true;
}

void segue_block_submit_bio(struct bio *bio)
{
	segue_block_handler_enter();
	if (!segue_block_keep(bio) && segue_block_wait_to_submit(bio))
		submit_bio_noacct(bio);
	segue_block_handler_leave();
}

/* Bios that throttling has held back come in here, behind the checks. */
void segue_block_submit_bio_nocheck(struct bio *bio)
{
	segue_block_handler_enter();
	if (segue_block_wait_to_submit(bio))
		static_call(segue_submit_bio_noacct_nocheck)(bio);
	segue_block_handler_leave();
}

/* queue_attr_show(kobj, attr, page) and queue_attr_store(): they look at what a driver changes. */
bool segue_block_holds_attribute(const struct pt_regs *regs)
{
	struct segue_block *block = segue_block_guarding();
	unsigned int i;

	for (i = 0; block && i < block->count; i++)
		if (segue_compat_block_is_queue_kobject(block->disks[i].disk, regs->di))
			return current != block->target->thread;
	return false;
}

static bool segue_block_is_guarded(struct gendisk *disk)
{
	struct segue_block *block;
	bool guarded;

	rcu_read_lock();
	block = segue_block_guarding();
	guarded = block && segue_block_disk(block, disk);
	rcu_read_unlock();
	return guarded;
}

static int segue_block_wait_unguarded(struct gendisk *disk)
{
	return wait_event_killable(segue_block_waiters, !segue_block_is_guarded(disk));
}

/* Is it the device of the swap, or below it? */
bool segue_block_is_unsettled(const struct device *dev)
{
	struct segue_block *block;
	bool unsettled;

	rcu_read_lock();
	block = segue_block_guarding();
	unsettled = block && segue_disk_is_below(dev, block->dev);
	rcu_read_unlock();
	return unsettled;
}

/* Until the device has a driver that keeps it, or none. The caller has a reference on it. */
void segue_block_wait_settled(const struct device *dev)
{
	wait_event(segue_block_waiters, !segue_block_is_unsettled(dev));
}

ssize_t segue_block_show(struct kobject *kobj, struct attribute *attr, char *page)
{
	ssize_t ret;

	segue_block_handler_enter();
	ret = segue_block_wait_unguarded(segue_compat_block_of_queue_kobject(kobj));
	if (!ret)
		ret = static_call(segue_queue_attr_show)(kobj, attr, page);
	segue_block_handler_leave();
	return ret;
}

ssize_t segue_block_store(struct kobject *kobj, struct attribute *attr, const char *page,
			  size_t len)
{
	ssize_t ret;

	segue_block_handler_enter();
	ret = segue_block_wait_unguarded(segue_compat_block_of_queue_kobject(kobj));
	if (!ret)
		ret = static_call(segue_queue_attr_store)(kobj, attr, page, len);
	segue_block_handler_leave();
	return ret;
}

static struct gendisk *segue_block_of_file(struct file *file)
{
	return I_BDEV(file->f_mapping->host)->bd_disk;
}

/* blkdev_ioctl(file, cmd, arg) and compat_blkdev_ioctl() */
bool segue_block_holds_ioctl(const struct pt_regs *regs)
{
	struct segue_block *block = segue_block_guarding();

	return block && segue_block_disk(block, segue_block_of_file((struct file *)regs->di));
}

long segue_block_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	long ret;

	segue_block_handler_enter();
	ret = segue_block_wait_unguarded(segue_block_of_file(file));
	if (!ret)
		ret = static_call(segue_blkdev_ioctl)(file, cmd, arg);
	segue_block_handler_leave();
	return ret;
}

long segue_block_compat_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	long ret;

	segue_block_handler_enter();
	ret = segue_block_wait_unguarded(segue_block_of_file(file));
	if (!ret)
		ret = static_call(segue_compat_blkdev_ioctl)(file, cmd, arg);
	segue_block_handler_leave();
	return ret;
}

/* Is it the link to the device above of a disk that changes this device? */
static struct segue_disk *segue_block_of_link(struct segue_block *block, struct inode *inode)
{
	const struct kernfs_node *link = inode->i_private;
	unsigned int i;

	for (i = 0; i < block->count; i++)
		if (block->disks[i].moves &&
		    link->parent == disk_to_dev(block->disks[i].disk)->kobj.sd &&
		    !strcmp(link->name, "device"))
			return &block->disks[i];
	return NULL;
}

/* kernfs_iop_get_link(dentry, inode, done); without a dentry it does nothing but say so. */
bool segue_block_holds_link(const struct pt_regs *regs)
{
	struct segue_block *block = segue_block_guarding();

	return block && regs->di && segue_block_of_link(block, (struct inode *)regs->si);
}

/* The link may have been made anew meanwhile; this error makes the caller look it up again. */
const char *segue_block_get_link(struct dentry *dentry, struct inode *inode,
				 struct delayed_call *done)
{
	struct segue_block *block;
	int err;

	segue_block_handler_enter();
	err = wait_event_killable(segue_block_waiters,
				  !(block = segue_block_guarding()) ||
				  !segue_block_of_link(block, inode));
	segue_block_handler_leave();
	return ERR_PTR(err ?: -ESTALE);
}

/*
 * Between these two, control calls to the disks wait, and what drivers do to them is redirected.
 * Context: process. When the guard is up, nobody is left between a hook's decision and the lock
 * that the redirected function takes.
 */
void segue_block_guard(struct segue_block *block, bool on)
{
	WRITE_ONCE(block->guarded, on);
	if (on)
		synchronize_rcu_tasks();
	else
		wake_up_all(&segue_block_waiters);
}

void segue_disk_freeze(struct segue_disk *disk)
{
	if (disk->frozen)
		return;
	blk_mq_freeze_queue(disk->queue);
	disk->frozen = true;
}

void segue_disk_unfreeze(struct segue_disk *disk)
{
	if (!disk->frozen)
		return;
	disk->frozen = false;
	blk_mq_unfreeze_queue(disk->queue);
}

/* From here on no request for data is in the driver, and none will come. */
void segue_block_hold(struct segue_block *block)
{
	bool fenced = READ_ONCE(block->fenced);
	unsigned int i;

	WRITE_ONCE(block->fenced, true);
	for (i = 0; i < block->count; i++)
		if (block->disks[i].owns_queue)
			segue_disk_freeze(&block->disks[i]);
	/* Nobody gets past a fence that was up already, and that takes long to wait for. */
	if (!fenced)
		segue_block_see_off(block);
}

void segue_block_let_go(struct segue_block *block)
{
	struct segue_target *target = block->target;
	unsigned int i;

	for (i = 0; i < block->count; i++)
		segue_disk_unfreeze(&block->disks[i]);
	if (!READ_ONCE(block->fenced))
		return;
	WRITE_ONCE(block->fenced, false);
	wake_up_all(&segue_block_waiters);
	target->pause_ns = ktime_get_ns() - target->held_ns;
	segue_block_submit_kept(block);
}

/* No hook is armed any more. Returns when no task is in our text, not even on its last steps. */
void segue_block_wait_handlers(void)
{
	while (atomic_read(&segue_block_handlers))
		schedule_timeout_uninterruptible(1);
	synchronize_rcu_tasks();
}

static void segue_disk_read_done(struct bio *bio)
{
	complete(bio->bi_private);
}

static int segue_disk_read(struct segue_disk *disk, void *data, sector_t sector)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct bio_vec vec;
	struct bio bio;
	int err;

	bio_init(&bio, disk->disk->part0, &vec, 1, REQ_OP_READ | REQ_SYNC | REQ_META);
	bio.bi_iter.bi_sector = sector;
	bio.bi_private = &done;
	bio.bi_end_io = segue_disk_read_done;
	__bio_add_page(&bio, virt_to_page(data), SEGUE_DISK_SAMPLE, offset_in_page(data));
	submit_bio_noacct(&bio);
	wait_for_completion_io(&done);
	err = blk_status_to_errno(bio.bi_status);
	bio_uninit(&bio);
	return err;
}

/**
 * segue_disk_sample - read a little of a disk that is fenced, not frozen
 * @disk: the disk
 * @sample: two pages: gets the beginning and the end
 *
 * Context: the swap's thread. Return: 0 or a negative error.
 */
int segue_disk_sample(struct segue_disk *disk, void *sample)
{
	const sector_t length = SEGUE_DISK_SAMPLE >> SECTOR_SHIFT;
	sector_t sectors = disk->identity.sectors & ~(length - 1);
	int err;

	BUILD_BUG_ON(SEGUE_DISK_SAMPLE > PAGE_SIZE);
	if (sectors < length)
		return -ENODATA;
	err = segue_disk_read(disk, sample, 0);
	return err ?: segue_disk_read(disk, sample + PAGE_SIZE, sectors - length);
}
