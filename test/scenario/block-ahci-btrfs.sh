# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="ahci under btrfs on two of its disks, which checks every block against a sum: update, roll back, update, commit"
VM_DISKS="ahci:256M,256M"
DRIVERS="ahci:v2 ahci:v3"
VM_TIMEOUT=400

guest()
{
	disk_driver ahci sda sdb
	disk_fs btrfs sda /mnt/a -d raid1 -m raid1 /dev/sdb
	check "both disks are in the file system" sh -c "btrfs filesystem show /mnt/a | grep -c devid | grep -x 2"
	io_start append sqlite read /mnt/a
	disk_life ahci
	disk_umount "updates"
}
