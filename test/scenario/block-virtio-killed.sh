# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_blk: the segue process is killed at every step; the swap goes on without it"
VM_DISKS="virtio-blk:128M"
DRIVERS="virtio_blk:v2"
VM_TIMEOUT=500

guest()
{
	local step signal=KILL

	disk_driver virtio_blk vda
	disk_fs ext4 vda /mnt/a
	modprobe segue_block
	disk_config vda
	io_start append ring sqlite /mnt/a
	disk_watch_start
	disk_state_save before
	for step in check capture cover stop start replay verify; do
		kill_at "$step" "$signal" virtio_blk v2
		check_equal "v2 is live" v2 "$(disk_version)"
		disk_still_same "killed at $step"
		check "roll back" segue rollback virtio_blk
		check "commit" segue commit virtio_blk
		[ "$signal" = KILL ] && signal=HUP || signal=KILL
	done
	disk_watch_stop "killed"
	io_stop "killed"
	disk_umount "killed"
}
