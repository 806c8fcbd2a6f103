/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the block shadow needs of the kernel beyond its exports, and what differs between kernels in
 * gendisk, request queue and I/O scheduler.
 */
#ifndef _SEGUE_COMPAT_BLOCK_H
#define _SEGUE_COMPAT_BLOCK_H

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/kernfs.h>
#include <linux/sysfs.h>
#include "compat.h"

struct elevator_type;

#define SEGUE_BLOCK_FUNCTIONS(X)						\
	X(void, blk_mq_exit_queue, (struct request_queue *q))			\
	X(void, blk_mq_release, (struct request_queue *q))			\
	X(int, blk_mq_sysfs_register, (struct gendisk *disk))			\
	X(void, blk_mq_sysfs_unregister, (struct gendisk *disk))		\
	X(void, blk_mq_debugfs_register_hctxs, (struct request_queue *q))	\
	X(void, blk_mq_debugfs_unregister_hctxs, (struct request_queue *q))	\
	X(int, elevator_switch, (struct request_queue *q, struct elevator_type *type))	\
	X(void, blk_mq_cancel_work_sync, (struct request_queue *q))		\
	X(int, blk_mq_update_nr_requests, (struct request_queue *q, unsigned int nr))	\
	X(long, blkdev_ioctl, (struct file *file, unsigned int cmd, unsigned long arg))	\
	X(long, compat_blkdev_ioctl,						\
	  (struct file *file, unsigned int cmd, unsigned long arg))		\
	X(ssize_t, queue_attr_show,						\
	  (struct kobject *kobj, struct attribute *attr, char *page))		\
	X(ssize_t, queue_attr_store, (struct kobject *kobj, struct attribute *attr,	\
				      const char *page, size_t length))		\
	X(void, disk_block_events, (struct gendisk *disk))			\
	X(void, disk_unblock_events, (struct gendisk *disk))			\
	X(void, submit_bio_noacct_nocheck, (struct bio *bio))			\
	X(void, device_driver_detach, (struct device *dev))			\
	SEGUE_BLOCK_FUNCTIONS_VERSION(X)

/*
 * Limits became atomic with "block: add an API to atomically update queue limits" (6.9), features
 * moved into them with "block: move cache control settings out of queue->flags" (6.11).
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define SEGUE_BLOCK_FUNCTIONS_VERSION(X)					\
	X(void, blk_set_default_limits, (struct queue_limits *lim))		\
	X(void, blk_stat_remove_callback,					\
	  (struct request_queue *q, struct blk_stat_callback *cb))		\
	X(void, blk_stat_free_callback, (struct blk_stat_callback *cb))

/*
 * What __blk_mq_alloc_disk() takes; the limits that the driver begins with are an argument later.
 */
#define SEGUE_BLOCK_ALLOC_PROTO							\
	struct blk_mq_tag_set *set, void *queuedata, struct lock_class_key *key
#define SEGUE_BLOCK_ALLOC_ARGS		set, queuedata, key
#define SEGUE_BLOCK_ALLOC_LIMITS	NULL
#define SEGUE_BLOCK_INIT_QUEUE		"blk_mq_init_queue"
#define SEGUE_BLOCK_INIT_QUEUE_PROTO	struct blk_mq_tag_set *set
#define SEGUE_BLOCK_INIT_QUEUE_DECLARE(_name)					\
	struct request_queue *_name(struct blk_mq_tag_set *set)
#define SEGUE_BLOCK_INIT_QUEUE_PASS	set
#define SEGUE_BLOCK_INIT_QUEUE_CALL	blk_mq_init_queue(set)
#define SEGUE_BLOCK_INIT_QUEUE_LIMITS	NULL
#define SEGUE_BLOCK_INIT_QUEUE_DATA	NULL

/* Functions by which drivers describe a queue, whose first argument it is, or the second. */
#define SEGUE_BLOCK_DESCRIBING(X, Y)						\
	X(blk_queue_write_cache)						\
	X(blk_queue_dma_alignment)						\
	X(blk_queue_update_dma_alignment)					\
	X(blk_queue_logical_block_size)						\
	X(blk_queue_physical_block_size)					\
	X(blk_queue_io_min)							\
	X(blk_queue_alignment_offset)						\
	X(blk_queue_max_write_zeroes_sectors)					\
	Y(blk_queue_flag_set)							\
	Y(blk_queue_flag_clear)
#else
#define SEGUE_BLOCK_FUNCTIONS_VERSION(X)					\
	X(int, blk_set_default_limits, (struct queue_limits *lim))		\
	X(void, elevator_disable, (struct request_queue *q))

#define SEGUE_BLOCK_ALLOC_PROTO							\
	struct blk_mq_tag_set *set, struct queue_limits *lim, void *queuedata,	\
	struct lock_class_key *key
#define SEGUE_BLOCK_ALLOC_ARGS		set, lim, queuedata, key
#define SEGUE_BLOCK_ALLOC_LIMITS	lim
#define SEGUE_BLOCK_INIT_QUEUE		"blk_mq_alloc_queue"
#define SEGUE_BLOCK_INIT_QUEUE_PROTO						\
	struct blk_mq_tag_set *set, struct queue_limits *lim, void *queuedata
#define SEGUE_BLOCK_INIT_QUEUE_DECLARE(_name)					\
	struct request_queue *_name(struct blk_mq_tag_set *set,			\
				    struct queue_limits *lim, void *queuedata)
#define SEGUE_BLOCK_INIT_QUEUE_PASS	set, lim, queuedata
#define SEGUE_BLOCK_INIT_QUEUE_CALL	blk_mq_alloc_queue(set, lim, queuedata)
#define SEGUE_BLOCK_INIT_QUEUE_LIMITS	lim
#define SEGUE_BLOCK_INIT_QUEUE_DATA	queuedata

#define SEGUE_BLOCK_DESCRIBING(X, Y)						\
	X(queue_limits_commit_update)
#endif

struct scsi_device;

/* In a module that is there when there are disks of SCSI, and then stays. */
#define SEGUE_BLOCK_SCSI_FUNCTIONS(X)						\
	X(void, scsi_remove_device, (struct scsi_device *sdev))			\
	X(ssize_t, sdev_store_delete, (struct device *dev,			\
	  struct device_attribute *attr, const char *page, size_t len))

SEGUE_BLOCK_FUNCTIONS(SEGUE_UNEXPORTED_DECLARE)
SEGUE_BLOCK_SCSI_FUNCTIONS(SEGUE_UNEXPORTED_DECLARE)

/* block_scsi.c */
SEGUE_BLOCK_INIT_QUEUE_DECLARE(segue_block_init_queue);

/* 05bdb9965305 ("block: replace fmode_t with a block-specific type for block open flags", 6.5). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
typedef fmode_t segue_compat_blk_mode_t;
#else
typedef blk_mode_t segue_compat_blk_mode_t;
#endif

int segue_compat_block_init(void);
int segue_compat_block_find_scsi(void);

/* Exported, and declared in kernel/rcu/rcu.h only. */
void rcu_expedite_gp(void);
void rcu_unexpedite_gp(void);

/**
 * enum segue_block_feature - what a driver says of its disk, apart from numbers
 * @SEGUE_BLOCK_CACHE: there is a volatile write cache, which flushes must reach
 * @SEGUE_BLOCK_FUA: writes can go through it
 * @SEGUE_BLOCK_NOWAIT: requests that must not wait are understood
 * @SEGUE_BLOCK_DAX: it can be mapped
 * @SEGUE_BLOCK_POLL: completions can be polled for
 * @SEGUE_BLOCK_ZONED: it has zones
 * @SEGUE_BLOCK_P2PDMA: it can transfer from and to other devices
 * @SEGUE_BLOCK_STABLE: pages must not change while they are written
 */
enum segue_block_feature {
	SEGUE_BLOCK_CACHE,
	SEGUE_BLOCK_FUA,
	SEGUE_BLOCK_NOWAIT,
	SEGUE_BLOCK_DAX,
	SEGUE_BLOCK_POLL,
	SEGUE_BLOCK_ZONED,
	SEGUE_BLOCK_P2PDMA,
	SEGUE_BLOCK_STABLE,
	__SEGUE_BLOCK_FEATURES,
};

/**
 * struct segue_queue_state - settings of a queue at one moment
 * @limits: limits
 * @flags: flags
 * @features: bits of &enum segue_block_feature
 * @nr_requests: requests that may wait
 * @depth: of the driver's tag set
 * @rq_timeout: how long a request may take, jiffies
 * @poll_nsec: how completions are polled for
 * @ra_pages: read-ahead
 * @io_pages: largest read-ahead in one request
 */
struct segue_queue_state {
	struct queue_limits limits;
	unsigned long flags;
	unsigned long features;
	unsigned long nr_requests;
	unsigned int depth;
	unsigned int rq_timeout;
	int poll_nsec;
	unsigned long ra_pages;
	unsigned long io_pages;
};

void segue_compat_block_read(struct gendisk *disk, struct segue_queue_state *state);
void segue_compat_block_put_back(struct gendisk *disk, const struct segue_queue_state *state);
int segue_compat_block_put_user(struct gendisk *disk, const struct segue_queue_state *was);

/*
 * A driver describes its queue bit by bit.  What others rely on at any time (above all whether
 * there is a cache to be flushed) stays as it was until the description is complete.
 */
struct segue_queue_description;

struct segue_queue_description *segue_compat_block_description(void);
int segue_compat_block_clear(struct request_queue *q, const struct queue_limits *lim,
			     struct segue_queue_description *description);
struct request_queue *segue_compat_block_describes(struct request_queue *q,
						   struct segue_queue_description *description);
bool segue_compat_block_is_described(unsigned long flag);
void segue_compat_block_described(struct request_queue *q,
				  const struct segue_queue_description *description);
bool segue_compat_block_blocking_differs(struct request_queue *q, struct blk_mq_tag_set *set);
void segue_compat_block_drop_body(struct request_queue *q);
void segue_compat_block_exchange(struct request_queue *one, struct request_queue *other);
bool segue_compat_block_integrity(struct request_queue *q);

#ifdef CONFIG_BLK_INLINE_ENCRYPTION
static inline bool segue_compat_block_crypto(struct request_queue *q)
{
	return q->crypto_profile;
}
#else
static inline bool segue_compat_block_crypto(struct request_queue *q)
{
	return false;
}
#endif

/* In 6.12 only the bio tells that its sender must not wait. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
static inline bool segue_compat_block_plug_nowait(const struct blk_plug *plug)
{
	return plug && plug->nowait;
}
#else
static inline bool segue_compat_block_plug_nowait(const struct blk_plug *plug)
{
	return false;
}
#endif

/*
 * A file of sysfs looks its attribute up once for each access.  Lockdep calls the file by a key in
 * the attribute, which must not outlive it.
 */
#ifdef CONFIG_DEBUG_LOCK_ALLOC
static inline void segue_compat_attribute_key(struct attribute *attr, struct lock_class_key *key)
{
	attr->key = key;
}

static inline void segue_compat_block_set_attribute(struct kernfs_node *file,
						    struct attribute *attr)
{
	WRITE_ONCE(file->priv, attr);
	/* The name is compared by its address, and outlives this module. */
	if (file->flags & KERNFS_LOCKDEP)
		lockdep_init_map(&file->dep_map, file->dep_map.name, attr->key ?: &attr->skey, 0);
}
#else
static inline void segue_compat_attribute_key(struct attribute *attr, struct lock_class_key *key)
{
}

static inline void segue_compat_block_set_attribute(struct kernfs_node *file,
						    struct attribute *attr)
{
	WRITE_ONCE(file->priv, attr);
}
#endif

struct gendisk *segue_compat_block_of_queue_kobject(struct kobject *kobj);
bool segue_compat_block_is_queue_kobject(struct gendisk *disk, unsigned long kobj);

/*
 * The driver's own count of openers. d32e2bf83791 ("block: pass a gendisk to ->open", 6.5). Inline,
 * because the compat files have no indirect calls.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
static inline int segue_compat_block_open(struct gendisk *disk)
{
	if (!disk->fops->open)
		return 0;
	return disk->fops->open(disk->part0, FMODE_READ | FMODE_WRITE);
}

static inline void segue_compat_block_release(struct gendisk *disk)
{
	if (disk->fops->release)
		disk->fops->release(disk, FMODE_READ | FMODE_WRITE);
}
#else
static inline int segue_compat_block_open(struct gendisk *disk)
{
	if (!disk->fops->open)
		return 0;
	return disk->fops->open(disk, BLK_OPEN_READ | BLK_OPEN_WRITE);
}

static inline void segue_compat_block_release(struct gendisk *disk)
{
	if (disk->fops->release)
		disk->fops->release(disk);
}
#endif

void segue_compat_block_no_scheduler(struct request_queue *q);

/*
 * What is private to block/elevator.h; the members used here are the same in 6.1 and 6.12, behind a
 * table of functions of the same length.
 */
struct segue_elevator_queue;

struct segue_elevator_attr {
	struct attribute attr;
	ssize_t (*show)(struct segue_elevator_queue *e, char *page);
	ssize_t (*store)(struct segue_elevator_queue *e, const char *page, size_t len);
};

struct segue_elevator_type {
	struct kmem_cache *icq_cache;
	void *ops[22];
	size_t icq_size;
	size_t icq_align;
	struct segue_elevator_attr *elevator_attrs;
	const char *elevator_name;
	const char *elevator_alias;
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
	/* Gone with "block: remove elevator features". */
	const unsigned int elevator_features;
#endif
	struct module *elevator_owner;
};

struct segue_elevator_queue {
	struct segue_elevator_type *type;
};

#endif /* _SEGUE_COMPAT_BLOCK_H */
