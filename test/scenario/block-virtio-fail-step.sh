# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_blk: a failure at every step, under I/O: the old driver is back with all it had"
VM_DISKS="virtio-blk:128M"
DRIVERS="virtio_blk:v2"
VM_TIMEOUT=400

guest()
{
	local step

	disk_driver virtio_blk vda
	disk_fs ext4 vda /mnt/a
	modprobe segue_block
	disk_config vda
	io_start append ring sqlite /mnt/a
	disk_watch_start
	disk_state_save before
	for step in check cover capture stop start compare replay verify uncover; do
		fail_step "$step"
		disk_update_undone virtio_blk v2 2 "$step"
	done
	fail_step ""
	disk_update_done virtio_blk v2
	disk_watch_stop "failing at every step"
	io_stop "failing at every step"
	disk_umount "failing at every step"
}
