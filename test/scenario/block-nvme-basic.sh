# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="nvme, two modules, 2 controllers, 3 namespaces: update from files there, roll back, update, commit"
VM_DISKS="nvme:320M,128M nvme:64M"
DRIVERS="nvme:v2 nvme:v3"
VM_TIMEOUT=300

guest()
{
	local whole parts raw

	disk_driver nvme nvme0n1 nvme1n1
	wait_for 10 sh -c "[ -e /sys/block/nvme0n2 ] || [ -e /sys/block/nvme1n2 ]"
	whole=$(nvme_name 0 0) parts=$(nvme_name 0 1) raw=$(nvme_name 1 0)
	disk_names=("$whole" "$parts" "$raw")
	disk_fs xfs "$whole" /mnt/whole
	disk_partitions "$parts" 64M +
	disk_fs ext4 "${parts}p1" /mnt/part
	disk_cold /mnt/whole
	io_start append sqlite /mnt/whole
	io_start append read /mnt/part
	io_start ring "/dev/$raw"
	disk_life nvme
	check_equal "one generation of nvme_core stays loaded" 1 "$(modules_of nvme_core)"
	disk_umount "updates"
}
