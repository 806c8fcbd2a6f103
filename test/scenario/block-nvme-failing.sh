# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="nvme: probes that fail early or in their work item, disks that do not come back or are smaller: rolled back"
VM_DISKS="nvme:128M,64M"
DRIVERS="nvme:probe-early nvme:probe-late nvme:no-disk nvme:capacity nvme:nocache nvme:v2"
VM_TIMEOUT=300
ALLOWED_LOG="test: "

guest()
{
	disk_driver nvme nvme0n1 nvme0n2
	disk_fs ext4 nvme0n1 /mnt/a
	io_start append sqlite read /mnt/a
	io_start ring /dev/nvme0n2
	disk_config nvme0n1 nvme0n2
	disk_watch_start
	disk_state_save before
	disk_update_undone nvme probe-early 2 "start"
	disk_update_undone nvme probe-late 2 "start"
	disk_update_undone nvme no-disk 2 "nvme0n"
	disk_update_undone nvme capacity 2 "capacity|size|sectors|smaller"
	disk_update_undone nvme nocache 2 "cache"
	disk_update_done nvme v2
	disk_watch_stop "failed updates"
	io_stop "failed updates"
	disk_umount "failed updates"
}
