# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="sym53c8xx under sd: update, roll back, update, commit; nobody notices"
VM_DISKS="lsi:128M,64M"
DRIVERS="sym53c8xx:v2 sym53c8xx:v3"
VM_TIMEOUT=300

guest()
{
	disk_driver sym53c8xx sda sdb
	disk_fs ext4 sda /mnt/a
	io_start append sqlite read /mnt/a
	io_start ring /dev/sdb
	disk_life sym53c8xx
	disk_umount "updates"
}
