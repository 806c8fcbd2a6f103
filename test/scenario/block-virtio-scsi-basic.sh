# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_scsi under sd: update, roll back, update, commit; nobody notices"
VM_DISKS="virtio-scsi:128M,64M"
DRIVERS="virtio_scsi:v2 virtio_scsi:v3"
VM_TIMEOUT=300

guest()
{
	disk_driver virtio_scsi sda sdb
	disk_fs ext4 sda /mnt/a
	io_start append sqlite read /mnt/a
	io_start ring /dev/sdb
	disk_life virtio_scsi
	disk_umount "updates"
}
