# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="ahci, three modules, 2 disks: update from files there, roll back, update, commit; nobody notices"
VM_DISKS="ahci:128M,64M"
DRIVERS="ahci:v2 ahci:v3"
VM_TIMEOUT=300

guest()
{
	disk_driver ahci sda sdb
	disk_fs ext4 sda /mnt/a
	disk_cold /mnt/a
	io_start append sqlite read /mnt/a
	io_start ring /dev/sdb
	disk_life ahci
	check_equal "one generation of libata stays loaded" 1 "$(modules_of libata)"
	disk_umount "updates"
}
