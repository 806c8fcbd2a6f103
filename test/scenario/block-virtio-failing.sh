# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_blk: new drivers that fail early or late, lose blocks or the write cache, or answer errors: rolled back"
VM_DISKS="virtio-blk,num-queues=2:128M"
DRIVERS="virtio_blk:probe-early virtio_blk:probe-late virtio_blk:capacity virtio_blk:nocache virtio_blk:fewer-queues
	virtio_blk:ioerr virtio_blk:v2"
VM_TIMEOUT=300
# Only the driver that answers errors may do so, and only what verifies it may see them.
ALLOWED_LOG="test: probe fails|I/O error, dev vda, sector [0-9]* op 0x0:\\(READ\\)"

guest()
{
	disk_driver virtio_blk vda
	disk_fs ext4 vda /mnt/a
	io_start append ring sqlite read /mnt/a
	disk_config vda
	disk_watch_start
	disk_state_save before
	disk_update_undone virtio_blk probe-early 2 "start"
	disk_update_undone virtio_blk probe-late 2 "start"
	disk_update_undone virtio_blk capacity 2 "capacity|size|sectors|smaller"
	disk_update_undone virtio_blk nocache 2 "cache"
	disk_update_undone virtio_blk ioerr 2 "verify"
	disk_update_done virtio_blk v2
	disk_watch_stop "failed updates"
	io_stop "failed updates"
	disk_umount "failed updates"
}
