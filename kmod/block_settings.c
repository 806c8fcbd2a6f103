// SPDX-License-Identifier: GPL-2.0
/* What the new driver offers less than the old one, and what the user had set. */
#include <linux/backing-dev.h>
#include <linux/slab.h>
#include "block.h"

static const char *const segue_block_feature_names[] = {
	[SEGUE_BLOCK_CACHE] = "volatile write cache",
	[SEGUE_BLOCK_FUA] = "writes through the cache (FUA)",
	[SEGUE_BLOCK_NOWAIT] = "requests that do not wait",
	[SEGUE_BLOCK_DAX] = "direct access (DAX)",
	[SEGUE_BLOCK_POLL] = "polling",
	[SEGUE_BLOCK_ZONED] = "zones",
	[SEGUE_BLOCK_P2PDMA] = "peer-to-peer DMA",
	[SEGUE_BLOCK_STABLE] = "stable pages",
};

/*
 * A cache that is no longer announced is worse than one less feature: flushes would be dropped
 * before they reach the driver.
 */
static void segue_disk_compare_features(struct segue_disk *disk,
					const struct segue_queue_state *now,
					struct segue_findings *found)
{
	unsigned int i;

	for (i = 0; i < __SEGUE_BLOCK_FEATURES; i++)
		if (test_bit(i, &disk->was.features) && !test_bit(i, &now->features))
			segue_found_text(found, SEGUE_SEVERITY_INCOMPATIBLE,
					 "%s of %s is missing", segue_block_feature_names[i],
					 disk->identity.name);
	if (!test_bit(SEGUE_BLOCK_ZONED, &disk->was.features) &&
	    test_bit(SEGUE_BLOCK_ZONED, &now->features))
		segue_found_text(found, SEGUE_SEVERITY_IMPOSSIBLE, "%s has zones now",
				 disk->identity.name);
}

enum segue_limit_rule {
	SEGUE_LIMIT_SAME,	/* anything else would be another disk */
	SEGUE_LIMIT_NOT_LESS,
	SEGUE_LIMIT_NOT_MORE,
};

/* Limits that stacked devices and file systems have read and remember. */
static const struct segue_disk_limit {
	const char *name;
	unsigned int offset;
	unsigned int size;
	enum segue_limit_rule rule;
} segue_disk_limits[] = {
#define SEGUE_LIMIT(_member, _rule)						\
	{ .name = #_member, .offset = offsetof(struct queue_limits, _member),	\
	  .size = sizeof_field(struct queue_limits, _member), .rule = SEGUE_LIMIT_##_rule }
	SEGUE_LIMIT(logical_block_size, SAME),
	SEGUE_LIMIT(physical_block_size, NOT_MORE),
	SEGUE_LIMIT(io_min, NOT_MORE),
	SEGUE_LIMIT(alignment_offset, SAME),
	SEGUE_LIMIT(chunk_sectors, SAME),
	SEGUE_LIMIT(dma_alignment, NOT_MORE),
	SEGUE_LIMIT(virt_boundary_mask, NOT_MORE),
	SEGUE_LIMIT(seg_boundary_mask, NOT_LESS),
	SEGUE_LIMIT(max_hw_sectors, NOT_LESS),
	SEGUE_LIMIT(max_segments, NOT_LESS),
	SEGUE_LIMIT(max_segment_size, NOT_LESS),
	SEGUE_LIMIT(max_hw_discard_sectors, NOT_LESS),
	SEGUE_LIMIT(max_discard_segments, NOT_LESS),
	SEGUE_LIMIT(discard_granularity, NOT_MORE),
	SEGUE_LIMIT(max_secure_erase_sectors, NOT_LESS),
	SEGUE_LIMIT(max_write_zeroes_sectors, NOT_LESS),
};

static u64 segue_disk_limit_of(const struct queue_limits *limits,
			       const struct segue_disk_limit *limit)
{
	const void *member = (const char *)limits + limit->offset;

	switch (limit->size) {
	case sizeof(u16):
		return *(const u16 *)member;
	case sizeof(u32):
		return *(const u32 *)member;
	default:
		return *(const u64 *)member;
	}
}

static bool segue_disk_limit_is_worse(enum segue_limit_rule rule, u64 was, u64 now)
{
	switch (rule) {
	case SEGUE_LIMIT_SAME:
		return was != now;
	case SEGUE_LIMIT_NOT_LESS:
		return now < was;
	default:
		return now > was;
	}
}

static void segue_disk_compare_limits(struct segue_disk *disk,
				      const struct segue_queue_state *now,
				      struct segue_findings *found)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(segue_disk_limits); i++) {
		const struct segue_disk_limit *limit = &segue_disk_limits[i];
		u64 was = segue_disk_limit_of(&disk->was.limits, limit);
		u64 is = segue_disk_limit_of(&now->limits, limit);

		if (segue_disk_limit_is_worse(limit->rule, was, is))
			segue_found_limit(found, SEGUE_SEVERITY_INCOMPATIBLE, was, is, "%s of %s",
					  limit->name, disk->identity.name);
	}
	if (now->depth < disk->was.depth)
		segue_found_limit(found, SEGUE_SEVERITY_INCOMPATIBLE, disk->was.depth, now->depth,
				  "queue depth of %s", disk->identity.name);
}

/*
 * Another name for the only disk of a device, or for one that the driver knows by its marks, is a
 * matter of counting; for another it is a doubt.
 */
static void segue_disk_compare_name(struct segue_disk *disk, struct segue_findings *found)
{
	bool marked = segue_disk_is_marked(disk);

	if (disk->marks[0] && !marked)
		segue_found_text(found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "%s is another disk for the new driver", disk->identity.name);
	if (!strcmp(disk->told.name, disk->identity.name))
		return;
	segue_found_text(found, disk->block->count > 1 && !marked && !disk->address.valid ?
			 SEGUE_SEVERITY_IMPOSSIBLE : SEGUE_SEVERITY_INFO,
			 "the new driver calls %s '%s'", disk->identity.name, disk->told.name);
}

/**
 * segue_disk_compare - report what the new driver offers less
 * @disk: the disk, registered by the new driver, nothing put in yet
 * @found: gets the findings
 */
void segue_disk_compare(struct segue_disk *disk, struct segue_findings *found)
{
	const struct segue_disk_identity *was = &disk->identity;
	const struct segue_disk_identity *now = &disk->told;
	struct segue_queue_state state;

	segue_compat_block_read(disk->disk, &state);
	segue_disk_compare_name(disk, found);
	if (now->sectors < was->sectors)
		segue_found_limit(found, SEGUE_SEVERITY_INCOMPATIBLE, was->sectors, now->sectors,
				  "size of %s in sectors of 512 bytes", was->name);
	else if (now->sectors > was->sectors)
		segue_found_limit(found, SEGUE_SEVERITY_INFO, was->sectors, now->sectors,
				  "size of %s in sectors of 512 bytes", was->name);
	if (now->read_only && !was->read_only)
		segue_found_text(found, SEGUE_SEVERITY_INCOMPATIBLE, "%s is read-only now",
				 was->name);
	if ((now->flags ^ was->flags) & (GENHD_FL_REMOVABLE | GENHD_FL_HIDDEN))
		segue_found_text(found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "%s is another kind of disk now (flags %#x, were %#x)",
				 was->name, now->flags, was->flags);
	segue_disk_compare_features(disk, &state, found);
	segue_disk_compare_limits(disk, &state, found);
}

static void segue_disk_read_back(struct segue_disk *disk, struct segue_findings *found)
{
	const struct segue_queue_state *was = &disk->was;
	struct segue_queue_state now;

	segue_compat_block_read(disk->disk, &now);
	if (now.nr_requests != was->nr_requests)
		segue_found_setting(found, SEGUE_SEVERITY_DIFFERS, was->nr_requests,
				    now.nr_requests, "nr_requests of %s", disk->identity.name);
	if (now.limits.max_sectors != was->limits.max_sectors)
		segue_found_setting(found, SEGUE_SEVERITY_DIFFERS, was->limits.max_sectors / 2,
				    now.limits.max_sectors / 2, "max_sectors_kb of %s",
				    disk->identity.name);
	if (now.ra_pages != was->ra_pages)
		segue_found_setting(found, SEGUE_SEVERITY_DIFFERS, was->ra_pages, now.ra_pages,
				    "read-ahead of %s in pages", disk->identity.name);
}

static void segue_disk_replay_depth(struct segue_disk *disk)
{
	struct request_queue *q = disk->queue;
	unsigned long want = disk->was.nr_requests;

	/* Without a scheduler the queue cannot be longer than the hardware's. */
	if (!q->elevator)
		want = min_t(unsigned long, want, q->tag_set->queue_depth);
	if (want == q->nr_requests)
		return;
	blk_mq_freeze_queue(q);
	mutex_lock(&q->sysfs_lock);
	static_call(segue_blk_mq_update_nr_requests)(q, want);
	mutex_unlock(&q->sysfs_lock);
	blk_mq_unfreeze_queue(q);
}

/**
 * segue_disk_replay - put in what the user had set, and hand over those who have the disk open
 * @disk: the disk, registered by a driver, frozen
 * @found: gets what reads back differently
 *
 * Context: process. Return: 0 or a negative error.
 */
int segue_disk_replay(struct segue_disk *disk, struct segue_findings *found)
{
	int err;

	err = segue_compat_block_put_user(disk->disk, &disk->was);
	if (err)
		return err;
	err = segue_disk_expose(disk);
	if (err)
		return err;
	segue_disk_replay_depth(disk);
	blk_queue_rq_timeout(disk->queue, disk->was.rq_timeout);
	err = segue_disk_hand_openers(disk);
	if (err)
		return err;
	segue_disk_read_back(disk, found);
	return 0;
}
