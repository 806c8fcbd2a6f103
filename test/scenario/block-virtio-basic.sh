# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_blk under ext4: update from files on that disk, roll back, update, commit; nobody notices"
VM_DISKS="virtio-blk:256M"
DRIVERS="virtio_blk:v2 virtio_blk:v3"
PROGRAMS="fio"
VM_TIMEOUT=300

guest()
{
	disk_driver virtio_blk vda
	disk_partitions vda 192M +
	disk_fs ext4 vda1 /mnt/a
	disk_cold /mnt/a
	io_start append sqlite read fio /mnt/a
	io_start ring /dev/vda2
	disk_life virtio_blk
	disk_umount "updates"
}
