/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The block shadow: one record per hardware device whose disks are covered, one per disk in it.
 *
 * While a driver is away, its gendisk and its request_queue stay where everybody knows them.  The
 * old driver's own remove() and the new driver's own probe() run; the kernel functions by which a
 * driver gives up and takes a disk are redirected (block_hooks.c), so that giving up only takes off
 * the driver's half of the queue, its hardware contexts, and taking puts another driver's half on
 * (block_disk.c).  Afterwards nothing of Segue is on the I/O path.
 *
 *	driver's ---del_gendisk---> left ---put_disk---> parked ---alloc_disk---> building
 *	   ^                                               ^                        |    |
 *	   |                                               +-------put_disk---------+    |
 *	   +------------------------------device_add_disk-------------------------------+
 *
 * I/O waits in two places: whatever is submitted after the fence is up waits at its entry
 * (block_fence.c), so that no check against limits is made while a driver is changing them;
 * whatever was past it waits for the frozen queue, as it does for any change of a queue.  What is
 * written to make room in memory is kept there without its writer.
 *
 * Locks: a disk's open_mutex is held from capture to forget, in the swap's thread, so nobody opens
 * or closes it.  The hooks find the record by segue_block_active, which is set before a flag makes
 * them apply and cleared after; a record is freed when no CPU can look at it any more.  A disk's
 * state is changed by the driver's code that runs for the swap, one at a time, and by the swap's
 * thread while no driver has the disk.
 */
#ifndef _SEGUE_BLOCK_H
#define _SEGUE_BLOCK_H

#include <linux/bio.h>
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include "class.h"
#include "compat_block.h"

struct ata_device;
struct segue_scsi_values;
struct attribute_group;
struct delayed_call;
struct writeback_control;

/**
 * enum segue_disk_state - whose a disk is
 * @SEGUE_DISK_OWNED: a driver's
 * @SEGUE_DISK_LEFT: the driver has unregistered it and still holds its reference
 * @SEGUE_DISK_PARKED: nobody's
 * @SEGUE_DISK_BUILDING: a driver fills it in and has not registered it
 */
enum segue_disk_state {
	SEGUE_DISK_OWNED,
	SEGUE_DISK_LEFT,
	SEGUE_DISK_PARKED,
	SEGUE_DISK_BUILDING,
};

/**
 * struct segue_disk_identity - what a driver writes over and others know the disk by
 * @name: name
 * @major: device number
 * @first_minor: device number
 * @minors: how many it has
 * @flags: of the gendisk
 * @read_only: the driver says that it is
 * @sectors: size
 */
struct segue_disk_identity {
	char name[DISK_NAME_LEN];
	int major;
	int first_minor;
	int minors;
	int flags;
	bool read_only;
	sector_t sectors;
};

/**
 * struct segue_disk_address - where the mid layer of SCSI has found a disk
 * @host: which one of the hosts of its hardware device
 * @channel: bus of the host
 * @id: target on the bus
 * @lun: unit of the target
 * @valid: the disk has such an address
 */
struct segue_disk_address {
	unsigned int host;
	unsigned int channel;
	unsigned int id;
	u64 lun;
	bool valid;
};

/* What a driver's attributes say of which disk this is, one after the other. */
#define SEGUE_DISK_MARKS	512

/* How much of the beginning and of the end of a disk is read before and after. */
#define SEGUE_DISK_SAMPLE	4096

/**
 * struct segue_disk - one disk
 * @block: its device
 * @disk: gendisk, referenced
 * @queue: its queue
 * @state: whose it is
 * @driver: module whose code asked for the disk; only compared
 * @identity: saved
 * @was: settings under the driver that was captured
 * @scheduler: scheduler and tunables, NULL for none
 * @groups: attributes that the driver in charge adds
 * @attributes: of &struct segue_attribute, which stand in for them
 * @scsi: what is set in the devices of SCSI's mid layer, or NULL
 * @holder: module that the references of openers are on
 * @openers: how often the driver's open function is in force
 * @references: how many module references openers hold
 * @late: references that drivers have not given back yet, and will some day
 * @sectors: size that the driver has told since it took the disk
 * @description: what the driver says of its queue, while it does
 * @before: first and last bytes under the old driver
 * @told: what the driver in charge would have it known by
 * @left: what the driver that has left wants called when its reference is dropped
 * @idle: stands for a driver's tag set while none will come
 * @address: of a disk whose queue belongs to SCSI's mid layer
 * @spinning: what the mid layer would do to the motor
 * @marks: what tells the disk from the others of its device, under the old driver; may be empty
 * @owns_queue: the queue belongs to the disk
 * @bare: the queue belongs to somebody else, and has no driver's half
 * @sampled: @before is valid
 * @frozen: the queue is frozen by the shadow
 * @locked: open_mutex is held
 * @exposed: the driver's half is shown in sysfs and debugfs
 * @opened: the driver knows of the openers
 * @grouped: the files in sysfs have the attributes in @groups
 * @describing: a driver has the queue and has not registered the disk
 * @moves: its place below /sys/devices is not the hardware device itself
 */
struct segue_disk {
	struct segue_block *block;
	struct gendisk *disk;
	struct request_queue *queue;
	enum segue_disk_state state;
	const struct module *driver;
	struct segue_disk_identity identity;
	struct segue_queue_state was;
	struct segue_disk_scheduler *scheduler;
	const struct attribute_group **groups;
	struct list_head attributes;
	struct segue_scsi_values *scsi;
	struct module *holder;
	unsigned int openers;
	unsigned int references;
	unsigned int late;
	sector_t sectors;
	struct segue_queue_description *description;
	void *before;
	struct segue_disk_identity told;
	void (*left)(struct gendisk *disk);
	struct blk_mq_tag_set *idle;
	struct segue_disk_address address;
	bool spinning[3];
	char marks[SEGUE_DISK_MARKS];
	bool owns_queue;
	bool bare;
	bool sampled;
	bool frozen;
	bool locked;
	bool exposed;
	bool opened;
	bool grouped;
	bool describing;
	bool moves;
};

/**
 * struct segue_block - the disks of one hardware device
 * @node: in the list of records
 * @dev: the device
 * @target: the running swap's, NULL outside of one
 * @guarded: the disks are looked after: control calls wait, and drivers' calls are redirected
 * @handing: the disks are on their way from one driver to the next, so giving one up parks it
 * @fenced: I/O waits
 * @probing: a driver is looking for its disks
 * @leaving: a driver is being unbound
 * @degraded: no driver would start
 * @module: of the driver that probes
 * @noio: state of the swap's thread
 * @probe_noio: state of the task that probes
 * @reserve: memory that is set aside for a probe each
 * @kept: bios of those who make room in memory
 * @memory_lock: protects @reserve and @kept
 * @count: number of disks
 * @disks: in the order in which they were registered
 */
struct segue_block {
	struct list_head node;
	struct device *dev;
	struct segue_target *target;
	bool guarded;
	bool handing;
	bool fenced;
	bool probing;
	bool leaving;
	bool degraded;
	const struct module *module;
	unsigned int noio;
	unsigned int probe_noio;
	struct list_head reserve[2];
	struct bio_list kept;
	spinlock_t memory_lock;		/* protects reserve and kept */
	unsigned int count;
	struct segue_disk disks[];
};

/* The record of the running swap, for the hooks; NULL outside of one. */
extern struct segue_block *segue_block_active;

/* block_main.c */
struct segue_block *segue_block_find(const struct device *dev);
struct segue_block *segue_block_create(struct device *dev, struct gendisk **disks,
				       unsigned int count);
void segue_block_destroy(struct segue_block *block);

/* block_find.c: the disks of a device. */
#define SEGUE_BLOCK_MAX		32
unsigned int segue_block_collect(struct device *dev, struct gendisk **disks);
void segue_block_drop(struct gendisk **disks, unsigned int count);
void segue_block_look(struct segue_target *target, struct gendisk **disks, unsigned int count);

/* block_hooks.c */
extern const struct segue_hook segue_block_hooks[];
extern const unsigned int segue_block_hook_count;

/* block_fence.c: I/O and control calls wait. */
extern struct wait_queue_head segue_block_waiters;
void segue_block_handler_enter(void);
void segue_block_handler_leave(void);
void segue_block_guard(struct segue_block *block, bool on);
bool segue_block_is_unsettled(const struct device *dev);
void segue_block_wait_settled(const struct device *dev);
void segue_block_hold(struct segue_block *block);
void segue_block_let_go(struct segue_block *block);
void segue_block_submit_kept(struct segue_block *block);
void segue_block_wait_handlers(void);
int segue_disk_sample(struct segue_disk *disk, void *sample);
void segue_disk_freeze(struct segue_disk *disk);
void segue_disk_unfreeze(struct segue_disk *disk);

bool segue_block_holds_bio(const struct pt_regs *regs);
bool segue_block_holds_attribute(const struct pt_regs *regs);
bool segue_block_holds_ioctl(const struct pt_regs *regs);
bool segue_block_holds_link(const struct pt_regs *regs);
const char *segue_block_get_link(struct dentry *dentry, struct inode *inode,
				 struct delayed_call *done);
void segue_block_submit_bio(struct bio *bio);
void segue_block_submit_bio_nocheck(struct bio *bio);
ssize_t segue_block_show(struct kobject *kobj, struct attribute *attr, char *page);
ssize_t segue_block_store(struct kobject *kobj, struct attribute *attr, const char *page,
			  size_t len);
long segue_block_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
long segue_block_compat_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

/* block_request.c: requests that others make, without a bio. */
bool segue_block_holds_request(const struct pt_regs *regs);
struct request *segue_block_alloc_request(struct request_queue *q, blk_opf_t opf,
					  blk_mq_req_flags_t flags);
bool segue_block_holds_busy(const struct pt_regs *regs);
int segue_block_is_busy(struct request_queue *q);

/* block_attributes.c: what a driver adds to its disk in sysfs. */
int segue_disk_ungroup(struct segue_disk *disk, struct segue_findings *found);
int segue_disk_group(struct segue_disk *disk);
void segue_disk_refuse_readers(struct segue_disk *disk);
void segue_disk_drop_attributes(struct segue_disk *disk);

/* block_remove.c: a user who takes a device away waits. */
int segue_block_wait_removals(struct segue_findings *found);
bool segue_block_holds_removal(const struct pt_regs *regs);
void segue_block_detach(struct device *dev);
ssize_t segue_block_delete(struct device *dev, struct device_attribute *attr, const char *page,
			   size_t len);

/* block_memory.c: what the pause takes. */
int segue_block_reserve(struct segue_block *block, struct segue_findings *found);
void segue_block_spend(struct segue_block *block);
void segue_block_unreserve(struct segue_block *block);
int segue_block_alloc_tag_set(struct blk_mq_tag_set *set);
bool segue_block_swaps_out(const struct pt_regs *regs);
int segue_block_swap_writepage(struct page *page, struct writeback_control *wbc);

/* block_quiet.c: code that still runs in a driver. */
int segue_block_wait_calls(const struct segue_block *block, struct segue_findings *found);

/* block_disk.c: giving up and taking. */
extern const struct block_device_operations segue_disk_parked_ops;
struct segue_disk *segue_block_disk(struct segue_block *block, const struct gendisk *disk);
void segue_disk_lock(struct segue_disk *disk);
void segue_disk_unlock(struct segue_disk *disk);
int segue_disk_capture(struct segue_disk *disk);
void segue_disk_leave(struct segue_disk *disk);
void segue_disk_give_up(struct segue_disk *disk);
int segue_disk_init_queue(struct segue_disk *disk, struct blk_mq_tag_set *set,
			  const struct queue_limits *lim, void *data);
int segue_disk_take(struct segue_disk *disk, struct blk_mq_tag_set *set,
		    const struct queue_limits *lim, void *data);
int segue_disk_add(struct segue_disk *disk, struct device *parent,
		   const struct attribute_group **groups);
void segue_disk_conceal(struct segue_disk *disk);
int segue_disk_expose(struct segue_disk *disk);
int segue_disk_hand_openers(struct segue_disk *disk);
int segue_disk_park_idle(struct segue_disk *disk);

bool segue_disk_is_below(const struct device *dev, const struct device *top);
void segue_disk_begin_building(struct segue_disk *disk);
void segue_disk_drop_idle(struct segue_disk *disk);

/* block_scsi.c: queues that belong to SCSI's mid layer. */
void segue_disk_find_address(struct segue_disk *disk);
void segue_disk_keep_spinning(struct segue_disk *disk, bool keep);
void segue_block_see_off(struct segue_block *block);
bool segue_block_puts_to_sleep(const struct pt_regs *regs);
void segue_block_stay_awake(struct ata_device *dev);
void segue_block_forget_asking(void);
bool segue_block_watches_scsi(const struct pt_regs *regs);
bool segue_block_inits_queue(const struct pt_regs *regs);
bool segue_block_destroys_queue(const struct pt_regs *regs);
bool segue_block_takes_for_queue(const struct pt_regs *regs);
void segue_block_destroy_queue(struct request_queue *q);
struct gendisk *segue_block_alloc_disk_for_queue(struct request_queue *q,
						 struct lock_class_key *key);

/* block_scsi_settings.c: what is set in the mid layer's devices. */
int segue_disk_read_scsi(struct segue_disk *disk);
void segue_disk_put_scsi(struct segue_disk *disk, struct segue_findings *found);

/* block_scheduler.c: all of these need the queue's sysfs_lock, but for the last. */
struct segue_disk_scheduler;

struct segue_disk_scheduler *segue_disk_read_scheduler(struct request_queue *q, int *err);
int segue_disk_put_scheduler(struct request_queue *q,
			     const struct segue_disk_scheduler *scheduler);
void segue_disk_free_scheduler(struct segue_disk_scheduler *scheduler);

/* block_match.c: which disk is which. */
void segue_disk_read_marks(struct segue_disk *disk, char *marks);
bool segue_disk_is_marked(struct segue_disk *disk);
void segue_block_match(struct segue_block *block);

/* block_settings.c: what the user set, and what the new driver lacks. */
void segue_disk_compare(struct segue_disk *disk, struct segue_findings *found);
int segue_disk_replay(struct segue_disk *disk, struct segue_findings *found);

/* block_class.c */
extern struct segue_class segue_block_class;

#endif /* _SEGUE_BLOCK_H */
