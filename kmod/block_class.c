// SPDX-License-Identifier: GPL-2.0
/* The block shadow's side of the class interface: each step of a swap, see class.h. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/async.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include "block.h"

static bool segue_block_claims(struct device *dev)
{
	struct gendisk *disks[SEGUE_BLOCK_MAX];
	unsigned int count = segue_block_collect(dev, disks);

	segue_block_drop(disks, count);
	return count;
}

/* "vda", or "nvme0n1 and 2 more" */
static void segue_block_name(struct segue_target *target, struct gendisk **disks,
			     unsigned int count)
{
	if (count == 1)
		strscpy(target->object, disks[0]->disk_name, sizeof(target->object));
	else
		snprintf(target->object, sizeof(target->object), "%s and %u more",
			 disks[0]->disk_name, count - 1);
}

/* The record of a degraded device stays; any other is made anew. */
static struct segue_block *segue_block_record(struct device *dev, struct gendisk **disks,
					      unsigned int count)
{
	struct segue_block *block = segue_block_find(dev);

	if (!block)
		return segue_block_create(dev, disks, count);
	segue_block_drop(disks, count);
	return block;
}

/* Outside of a swap (target->swap is NULL) nothing is allocated that stays. */
static int segue_block_check(struct segue_target *target)
{
	struct gendisk *disks[SEGUE_BLOCK_MAX];
	unsigned int count = segue_block_collect(target->dev, disks);
	struct segue_block *block;

	if (!count)
		return -ENODEV;
	segue_block_name(target, disks, count);
	segue_block_look(target, disks, count);
	if (!target->swap) {
		segue_block_drop(disks, count);
		return 0;
	}
	block = segue_block_record(target->dev, disks, count);
	if (!block) {
		segue_block_drop(disks, count);
		return -ENOMEM;
	}
	target->shadow = block;
	block->target = target;
	return 0;
}

static void segue_block_release(struct segue_target *target)
{
	struct segue_block *block = target->shadow;

	if (!block)
		return;
	target->shadow = NULL;
	if (READ_ONCE(segue_block_active) == block)
		WRITE_ONCE(segue_block_active, NULL);
	/* Nobody who looked at the record a moment ago looks at the target any more. */
	synchronize_rcu_expedited();
	block->target = NULL;
	if (!block->degraded)
		segue_block_destroy(block);
}

/* The targets of a swap take turns; each step sets the one that the hooks serve. */
static struct segue_block *segue_block_turn(struct segue_target *target)
{
	struct segue_block *block = target->shadow;

	WRITE_ONCE(segue_block_active, block);
	return block;
}

/* Is every disk that was found in the check still there, and no other? */
static bool segue_block_unchanged(const struct segue_block *block)
{
	struct gendisk *disks[SEGUE_BLOCK_MAX];
	unsigned int count = segue_block_collect(block->dev, disks), i;
	bool same = count == block->count;

	for (i = 0; same && i < count; i++)
		same = disks[i] == block->disks[i].disk;
	segue_block_drop(disks, count);
	return same;
}

/* Nothing here may wait for memory that is written back to a disk that waits. */
static int segue_block_begin(struct segue_block *block, struct segue_findings *found)
{
	unsigned int i;
	int err;

	block->noio = memalloc_noio_save();
	rcu_expedite_gp();
	segue_block_guard(block, true);
	err = segue_block_wait_removals(found);
	for (i = 0; i < block->count; i++)
		segue_disk_lock(&block->disks[i]);
	return err;
}

static void segue_block_end(struct segue_block *block)
{
	unsigned int i;

	for (i = 0; i < block->count; i++)
		segue_disk_unlock(&block->disks[i]);
	WRITE_ONCE(block->handing, false);
	segue_block_guard(block, false);
	rcu_unexpedite_gp();
	memalloc_noio_restore(block->noio);
	segue_block_unreserve(block);
}

static void segue_block_forget(struct segue_target *target)
{
	struct segue_block *block = target->shadow;
	unsigned int i;

	for (i = 0; i < block->count; i++) {
		struct segue_disk *disk = &block->disks[i];
		int err = 0;

		if (disk->state == SEGUE_DISK_OWNED)
			err = segue_disk_group(disk);
		else
			segue_disk_refuse_readers(disk);
		if (err)
			pr_warn("%s: attributes of the driver are missing (error %d)\n",
				disk->identity.name, err);
		if (!disk->frozen)
			percpu_ref_switch_to_percpu(&disk->queue->q_usage_counter);
	}
	segue_block_end(block);
}

static int segue_block_capture(struct segue_target *target)
{
	struct segue_block *block = segue_block_turn(target);
	unsigned int i;
	int err = segue_block_reserve(block, &target->found);

	if (err)
		return err;
	err = segue_block_begin(block, &target->found);
	if (!err && !segue_block_unchanged(block))
		err = -EAGAIN;
	if (!err)
		err = segue_block_wait_calls(block, &target->found);
	for (i = 0; !err && i < block->count; i++)
		err = segue_disk_capture(&block->disks[i]);
	for (i = 0; !err && i < block->count; i++)
		err = segue_disk_ungroup(&block->disks[i], &target->found);
	if (err)
		segue_block_forget(target);
	return err;
}

/*
 * Who was past the fence when it came up sleeps at the frozen queue. They are let through, so that
 * what is read now is what the disk will be left with.
 */
static void segue_block_sample(struct segue_block *block)
{
	unsigned int i;

	for (i = 0; i < block->count; i++) {
		struct segue_disk *disk = &block->disks[i];

		segue_disk_unfreeze(disk);
		disk->sampled = !segue_disk_sample(disk, disk->before);
		if (disk->owns_queue)
			segue_disk_freeze(disk);
	}
}

static int segue_block_cover(struct segue_target *target)
{
	struct segue_block *block = segue_block_turn(target);

	target->held_ns = ktime_get_ns();
	segue_block_hold(block);
	if (!block->degraded)
		segue_block_sample(block);
	return 0;
}

static void segue_block_grow(struct segue_disk *disk)
{
	if (disk->sectors == disk->identity.sectors || !disk->sectors)
		return;
	set_capacity_and_notify(disk->disk, disk->sectors);
}

static void segue_block_uncover(struct segue_target *target, bool live)
{
	struct segue_block *block = segue_block_turn(target);
	unsigned int i;

	block->probing = false;
	if (live) {
		segue_block_let_go(block);
		block->degraded = false;
	}
	for (i = 0; live && i < block->count; i++)
		segue_block_grow(&block->disks[i]);
}

/* The driver has no request, and gets none. */
static int segue_block_close(struct segue_target *target)
{
	struct segue_block *block = segue_block_turn(target);

	segue_block_hold(block);
	return 0;
}

static void segue_block_unbinding(struct segue_target *target)
{
	struct segue_block *block = segue_block_turn(target);
	unsigned int i;

	block->probing = false;
	block->leaving = true;
	WRITE_ONCE(block->handing, true);
	for (i = 0; i < block->count; i++)
		segue_disk_keep_spinning(&block->disks[i], true);
}

/*
 * A reference on a disk that a driver has unregistered may be held by somebody who has another of
 * its files open, and will be dropped when there is no hook any more.
 */
static int segue_block_unbound(struct segue_target *target)
{
	struct segue_block *block = target->shadow;
	unsigned int i;
	int err = 0;

	block->probing = false;
	block->leaving = false;
	segue_block_forget_asking();
	for (i = 0; i < block->count; i++) {
		struct segue_disk *disk = &block->disks[i];

		if (disk->state == SEGUE_DISK_LEFT) {
			get_device(disk_to_dev(disk->disk));
			disk->state = SEGUE_DISK_PARKED;
		}
		if (disk->state == SEGUE_DISK_PARKED)
			continue;
		pr_err("%s: the driver has left without giving the disk back\n",
		       disk->identity.name);
		err = -EPROTO;
	}
	return err;
}

static void segue_block_enter(struct segue_target *target)
{
	struct segue_block *block = segue_block_turn(target);

	WRITE_ONCE(block->module, target->dev->driver->owner);
	block->probe_noio = memalloc_noio_save();
	segue_block_spend(block);
	WRITE_ONCE(block->handing, true);
	WRITE_ONCE(block->probing, true);
}

static int segue_block_leave(struct segue_target *target, int result)
{
	struct segue_block *block = target->shadow;

	memalloc_noio_restore(block->probe_noio);
	return result;
}

static unsigned int segue_block_missing(const struct segue_block *block)
{
	unsigned int i, missing = 0;

	for (i = 0; i < block->count; i++)
		missing += READ_ONCE(block->disks[i].state) != SEGUE_DISK_OWNED;
	return missing;
}

/* The probe has returned; drivers that go on looking in other tasks are waited for. */
static int segue_block_arrive(struct segue_target *target)
{
	struct segue_block *block = target->shadow;
	unsigned int bound = segue_swap_carrier_ms(target->swap), i;

	if (segue_block_missing(block))
		async_synchronize_full();
	segue_target_wait(target, !segue_block_missing(block), bound);
	WRITE_ONCE(block->probing, false);
	segue_block_forget_asking();
	if (!segue_block_missing(block)) {
		segue_block_match(block);
		/* Before anything is compared: some of it decides what a disk can do. */
		for (i = 0; i < block->count; i++)
			segue_disk_put_scsi(&block->disks[i], &target->found);
		return 0;
	}
	for (i = 0; i < block->count; i++)
		if (block->disks[i].state != SEGUE_DISK_OWNED)
			segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE,
					 "the new driver did not register %s%s",
					 block->disks[i].identity.name,
					 READ_ONCE(target->left) ? ": it gave the device up" : "");
	return -EPROTO;
}

static int segue_block_step_compare(struct segue_target *target)
{
	struct segue_block *block = segue_block_turn(target);
	unsigned int i;

	for (i = 0; i < block->count; i++)
		segue_disk_compare(&block->disks[i], &target->found);
	return 0;
}

static int segue_block_step_replay(struct segue_target *target)
{
	struct segue_block *block = segue_block_turn(target);
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < block->count; i++)
		err = segue_disk_replay(&block->disks[i], &target->found);
	return err;
}

/*
 * The new driver must read what the old one read. I/O is still fenced, nothing can have changed it.
 */
static int segue_block_verify_disk(struct segue_target *target, struct segue_disk *disk)
{
	void *after;
	int err;

	if (!disk->sampled)
		return 0;
	after = kmalloc(2 * PAGE_SIZE, GFP_KERNEL);
	if (!after)
		return -ENOMEM;
	segue_disk_unfreeze(disk);
	err = segue_disk_sample(disk, after);
	if (err) {
		segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "%s cannot be read (error %d)", disk->identity.name, err);
	} else if (memcmp(disk->before, after, SEGUE_DISK_SAMPLE) ||
		   memcmp(disk->before + PAGE_SIZE, after + PAGE_SIZE, SEGUE_DISK_SAMPLE)) {
		segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "%s reads differently than before", disk->identity.name);
		err = -EILSEQ;
	}
	if (err && disk->owns_queue)
		segue_disk_freeze(disk);
	kfree(after);
	return err;
}

static int segue_block_verify(struct segue_target *target)
{
	struct segue_block *block = segue_block_turn(target);
	unsigned int i;
	int err = 0;

	for (i = 0; !err && segue_swap_verify_ms(target->swap) && i < block->count; i++)
		err = segue_block_verify_disk(target, &block->disks[i]);
	if (!err)
		segue_block_let_go(block);
	return err;
}

/* I/O waits at the frozen queues, also when the session has ended; it is never failed. */
static void segue_block_degrade(struct segue_target *target)
{
	struct segue_block *block = segue_block_turn(target);
	unsigned int i;
	bool first = block->guarded;

	block->degraded = true;
	block->probing = false;
	if (!first)
		return;
	for (i = 0; i < block->count; i++) {
		int err = segue_disk_park_idle(&block->disks[i]);

		if (err)
			pr_err("%s: its queue cannot be shown (error %d)\n",
			       block->disks[i].identity.name, err);
		segue_disk_refuse_readers(&block->disks[i]);
	}
	WRITE_ONCE(block->fenced, false);
	wake_up_all(&segue_block_waiters);
	segue_block_end(block);
}

/* The hardware is gone for good, and no driver is there to say so. */
static void segue_block_removed(struct device *dev)
{
	struct segue_block *block = segue_block_find(dev);
	unsigned int i;

	if (!block || !block->degraded)
		return;
	for (i = 0; i < block->count; i++) {
		struct segue_disk *disk = &block->disks[i];

		blk_mark_disk_dead(disk->disk);
		segue_disk_unfreeze(disk);
		del_gendisk(disk->disk);
		put_disk(disk->disk);
	}
	segue_block_submit_kept(block);
	segue_block_destroy(block);
}

struct segue_class segue_block_class = {
	.name = "block",
	.hooks.owner = THIS_MODULE,
	.claims = segue_block_claims,
	.check = segue_block_check,
	.release = segue_block_release,
	.capture = segue_block_capture,
	.forget = segue_block_forget,
	.cover = segue_block_cover,
	.uncover = segue_block_uncover,
	.close = segue_block_close,
	.unbinding = segue_block_unbinding,
	.unbound = segue_block_unbound,
	.enter = segue_block_enter,
	.leave = segue_block_leave,
	.arrive = segue_block_arrive,
	.compare = segue_block_step_compare,
	.replay = segue_block_step_replay,
	.verify = segue_block_verify,
	.degrade = segue_block_degrade,
	.removed = segue_block_removed,
};
