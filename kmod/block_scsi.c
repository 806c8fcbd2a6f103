// SPDX-License-Identifier: GPL-2.0
/*
 * Disks behind SCSI's mid layer.
 *
 * There the queue does not belong to the disk but to the device that the mid layer makes of what
 * answers at an address.  It is used before there is a disk and after there is none: to ask what
 * the device is, and to flush its cache.  So it must not stay frozen while drivers come and go.
 * Only the fence keeps I/O away, and whoever got past it is seen off first.
 *
 * A queue is asked for before it is known what answers; so the mid layer's question is watched, to
 * give a disk's queue to the device with the disk's address.
 */
#include <linux/device.h>
#include <linux/libata.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <scsi/scsi_device.h>
#include "block.h"

/* Tasks in which the mid layer is about to ask for a queue, and for which address. */
#define SEGUE_BLOCK_ASKING	16

static DEFINE_RAW_SPINLOCK(segue_block_asking_lock);
static struct segue_block_asking {
	const struct task_struct *task;
	const struct device *target;
	struct segue_disk_address address;
} segue_block_asking[SEGUE_BLOCK_ASKING];

static bool segue_block_is_scsi(const struct device *dev)
{
	return dev->bus && !strcmp(dev->bus->name, "scsi");
}

struct segue_block_hosts {
	unsigned int number;
	unsigned int before;
};

static int segue_block_visit_host(struct device *dev, void *data)
{
	struct segue_block_hosts *hosts = data;
	unsigned int number;
	char rest;

	if (segue_block_is_scsi(dev)) {
		if (sscanf(dev_name(dev), "host%u%c", &number, &rest) == 1)
			hosts->before += number < hosts->number;
		return 0;
	}
	return device_for_each_child(dev, data, segue_block_visit_host);
}

/* The mid layer numbers hosts through; what stays is which one of its device's hosts it is. */
static unsigned int segue_block_host_index(struct device *dev, unsigned int number)
{
	struct segue_block_hosts hosts = { .number = number };

	device_for_each_child(dev, &hosts, segue_block_visit_host);
	return hosts.before;
}

/* Does the queue belong to a device of the mid layer?  Then its address is noted. */
void segue_disk_find_address(struct segue_disk *disk)
{
	struct segue_disk_address *address = &disk->address;
	const struct device *parent = disk_to_dev(disk->disk)->parent;
	unsigned int host;

	if (disk->owns_queue || !segue_block_is_scsi(parent))
		return;
	if (sscanf(dev_name(parent), "%u:%u:%u:%llu", &host, &address->channel, &address->id,
		   &address->lun) != 4)
		return;
	address->host = segue_block_host_index(disk->block->dev, host);
	address->valid = true;
}

/*
 * The mid layer would stop a disk's motor when the device goes away; it comes back at once.  The
 * device that is left with the settings goes with its driver.
 */
void segue_disk_keep_spinning(struct segue_disk *disk, bool keep)
{
	struct device *parent = disk_to_dev(disk->disk)->parent;
	struct scsi_device *sdev;

	if (!disk->address.valid || !segue_block_is_scsi(parent))
		return;
	sdev = to_scsi_device(parent);
	if (keep) {
		disk->spinning[0] = sdev->manage_system_start_stop;
		disk->spinning[1] = sdev->manage_runtime_start_stop;
		disk->spinning[2] = sdev->manage_shutdown;
	}
	sdev->manage_system_start_stop = keep ? false : disk->spinning[0];
	sdev->manage_runtime_start_stop = keep ? false : disk->spinning[1];
	sdev->manage_shutdown = keep ? false : disk->spinning[2];
}

/* ata_dev_power_set_standby(dev): so would ATA's library, below the mid layer. */
bool segue_block_puts_to_sleep(const struct pt_regs *regs)
{
	struct segue_block *block = READ_ONCE(segue_block_active);
	const struct ata_device *dev = (const struct ata_device *)regs->di;

	return block && READ_ONCE(block->guarded) && dev->link->ap->dev == block->dev;
}

void segue_block_stay_awake(struct ata_device *dev)
{
}

/* The next disk whose queue the mid layer has and nobody has frozen; NULL behind the last. */
static struct segue_disk *segue_block_next_shared(struct segue_block *block,
						  const struct segue_disk *disk)
{
	unsigned int i = disk ? disk - block->disks + 1 : 0;

	for (; i < block->count; i++)
		if (!block->disks[i].owns_queue && !block->disks[i].frozen)
			return &block->disks[i];
	return NULL;
}

/* Lets in whoever waits at the frozen queues. Return: did somebody? */
static bool segue_block_let_in(struct segue_block *block)
{
	struct segue_disk *disk = NULL;
	bool waiting = false;

	while ((disk = segue_block_next_shared(block, disk))) {
		/* Whoever waits was on it before the grace period ended, which is a barrier. */
		if (!waitqueue_active(&disk->queue->mq_freeze_wq))
			continue;
		waiting = true;
		blk_mq_unfreeze_queue(disk->queue);
		cond_resched();
		blk_mq_freeze_queue(disk->queue);
	}
	return waiting;
}

/*
 * Whoever was past the fence when it came up enters the queues now, and is done with them, before
 * they are used for anything else.  A grace period takes long; one is waited for by all disks.
 */
void segue_block_see_off(struct segue_block *block)
{
	struct segue_disk *disk = NULL;

	if (!segue_block_next_shared(block, NULL))
		return;
	while ((disk = segue_block_next_shared(block, disk)))
		blk_mq_freeze_queue(disk->queue);
	/*
	 * After a grace period they sleep at a frozen queue or are through.  Who was let in and
	 * has not run yet is on no list of those who wait, so that the next one has to tell.
	 */
	do {
		synchronize_rcu_tasks();
	} while (segue_block_let_in(block));
	while ((disk = segue_block_next_shared(block, disk)))
		blk_mq_unfreeze_queue(disk->queue);
}

static struct segue_block *segue_block_probing(void)
{
	struct segue_block *block = READ_ONCE(segue_block_active);

	return block && READ_ONCE(block->probing) ? block : NULL;
}

static void segue_block_note_asking(const struct device *target, u64 lun)
{
	const struct scsi_target *starget = to_scsi_target(target);
	struct segue_block_asking *entry = NULL;
	unsigned int i;

	raw_spin_lock(&segue_block_asking_lock);
	for (i = 0; i < SEGUE_BLOCK_ASKING; i++)
		if (segue_block_asking[i].task == current ||
		    (!entry && !segue_block_asking[i].task))
			entry = &segue_block_asking[i];
	if (entry) {
		entry->task = current;
		entry->target = target;
		entry->address.channel = starget->channel;
		entry->address.id = starget->id;
		entry->address.lun = lun;
	}
	raw_spin_unlock(&segue_block_asking_lock);
}

/* scsi_alloc_sdev(target, lun, data): only watched, never redirected. */
bool segue_block_watches_scsi(const struct pt_regs *regs)
{
	const struct scsi_target *target = (const struct scsi_target *)regs->di;

	if (segue_block_probing())
		segue_block_note_asking(&target->dev, regs->si);
	return false;
}

/* What the task asked for last; it is forgotten. */
static bool segue_block_asked(struct segue_block_asking *asked)
{
	bool found = false;
	unsigned int i;

	raw_spin_lock(&segue_block_asking_lock);
	for (i = 0; !found && i < SEGUE_BLOCK_ASKING; i++) {
		if (segue_block_asking[i].task != current)
			continue;
		*asked = segue_block_asking[i];
		segue_block_asking[i].task = NULL;
		found = true;
	}
	raw_spin_unlock(&segue_block_asking_lock);
	return found;
}

void segue_block_forget_asking(void)
{
	raw_spin_lock(&segue_block_asking_lock);
	memset(segue_block_asking, 0, sizeof(segue_block_asking));
	raw_spin_unlock(&segue_block_asking_lock);
}

static bool segue_block_is_asking(void)
{
	unsigned int i;

	for (i = 0; i < SEGUE_BLOCK_ASKING; i++)
		if (READ_ONCE(segue_block_asking[i].task) == current)
			return true;
	return false;
}

/* blk_mq_init_queue(set), by the mid layer */
bool segue_block_inits_queue(const struct pt_regs *regs)
{
	return segue_block_probing() && segue_block_is_asking();
}

/* The number of the host that a target hangs on, as its name tells: "target6:0:1". */
static struct segue_disk *segue_block_at(struct segue_block *block,
					 struct segue_block_asking *asked)
{
	unsigned int host, i;

	if (!segue_disk_is_below(asked->target, block->dev) ||
	    sscanf(dev_name(asked->target), "target%u:", &host) != 1)
		return NULL;
	host = segue_block_host_index(block->dev, host);
	for (i = 0; i < block->count; i++) {
		struct segue_disk *disk = &block->disks[i];
		const struct segue_disk_address *address = &disk->address;

		if (address->valid && disk->bare && address->host == host &&
		    address->channel == asked->address.channel &&
		    address->id == asked->address.id && address->lun == asked->address.lun)
			return disk;
	}
	return NULL;
}

/* The queue of the disk at this address, as a fresh one. Who asked holds a reference on it. */
static int segue_disk_reuse_queue(struct segue_disk *disk, SEGUE_BLOCK_INIT_QUEUE_PROTO)
{
	int err;

	if (segue_compat_block_blocking_differs(disk->queue, set))
		return -EOPNOTSUPP;
	err = segue_disk_init_queue(disk, set, SEGUE_BLOCK_INIT_QUEUE_LIMITS,
				    SEGUE_BLOCK_INIT_QUEUE_DATA);
	if (err)
		return err;
	WARN_ON_ONCE(!blk_get_queue(disk->queue));
	disk->bare = false;
	segue_disk_unfreeze(disk);
	return 0;
}

struct request_queue *segue_block_init_queue(SEGUE_BLOCK_INIT_QUEUE_PROTO)
{
	struct segue_block_asking asked;
	struct segue_disk *disk = NULL;
	int err;

	if (segue_block_asked(&asked))
		disk = segue_block_at(segue_block_active, &asked);
	if (!disk)
		return SEGUE_BLOCK_INIT_QUEUE_CALL;
	err = segue_disk_reuse_queue(disk, SEGUE_BLOCK_INIT_QUEUE_PASS);
	return err ? ERR_PTR(err) : disk->queue;
}

static struct segue_disk *segue_block_of_queue(unsigned long q)
{
	struct segue_block *block = READ_ONCE(segue_block_active);
	unsigned int i;

	for (i = 0; block && READ_ONCE(block->handing) && i < block->count; i++)
		if ((unsigned long)block->disks[i].queue == q && !block->disks[i].owns_queue)
			return &block->disks[i];
	return NULL;
}

/* blk_mq_destroy_queue(q): the mid layer's device goes */
bool segue_block_destroys_queue(const struct pt_regs *regs)
{
	return segue_block_of_queue(regs->di);
}

void segue_block_destroy_queue(struct request_queue *q)
{
	struct segue_disk *disk = segue_block_of_queue((unsigned long)q);

	segue_disk_freeze(disk);
	WRITE_ONCE(disk->describing, false);
	segue_compat_block_drop_body(q);
	/* The mid layer's device goes; a queue that is on no device is asked for one, too. */
	q->queuedata = NULL;
	disk->bare = true;
}

/* blk_mq_alloc_disk_for_queue(q, key): a disk for the mid layer's device */
bool segue_block_takes_for_queue(const struct pt_regs *regs)
{
	const struct segue_disk *disk = segue_block_of_queue(regs->di);

	return disk && READ_ONCE(disk->state) == SEGUE_DISK_PARKED;
}

struct gendisk *segue_block_alloc_disk_for_queue(struct request_queue *q,
						 struct lock_class_key *key)
{
	struct segue_disk *disk = segue_block_of_queue((unsigned long)q);

	segue_disk_begin_building(disk);
	return disk->disk;
}
