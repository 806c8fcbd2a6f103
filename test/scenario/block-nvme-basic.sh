# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="nvme, two modules, 2 controllers, 3 namespaces: update from files there, roll back, update, commit"
VM_DISKS="nvme:320M,128M nvme:64M"
DRIVERS="nvme:v2 nvme:v3"
VM_TIMEOUT=300

guest()
{
	disk_driver nvme nvme0n1 nvme0n2 nvme1n1
	disk_fs xfs nvme0n1 /mnt/whole
	disk_partitions nvme0n2 64M +
	disk_fs ext4 nvme0n2p1 /mnt/part
	disk_cold /mnt/whole
	io_start append sqlite /mnt/whole
	io_start append read /mnt/part
	io_start ring /dev/nvme1n1
	disk_life nvme
	check_equal "one generation of nvme_core stays loaded" 1 "$(modules_of nvme_core)"
	disk_umount "updates"
}
