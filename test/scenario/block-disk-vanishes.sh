# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_scsi: one of two disks is pulled while no driver is there; the other is not lost"
VM_DISKS="virtio-scsi:64M,64M"
DRIVERS="virtio_scsi:v2"
VM_TIMEOUT=400
# The file system of a disk that is pulled complains, and rightly.
ALLOWED_LOG="sda|sdb|JBD2|Buffer I/O|EXT4-fs|DEGRADED|Synchronize Cache"

guest()
{
	local pid code=0 hardware stays=sda pulled=sdb

	disk_driver virtio_scsi sda sdb
	modprobe segue_block
	# Names are given in the order in which the disks are found, which may be any.
	if [[ $(readlink /sys/block/sda/device) = *:2:0 ]]; then
		stays=sdb pulled=sda
	fi
	disk_fs ext4 $stays /mnt/a
	disk_fs ext4 $pulled /mnt/b
	hardware=$(disk_hardware sda)
	echo kept >/mnt/a/kept
	sync
	bt append /mnt/a/append 40 >/tmp/stays.out 2>&1 &
	bt append /mnt/b/append 41 >/tmp/pulled.out 2>&1 &
	: >/tmp/first.out
	stall_ms 1500
	update virtio_scsi v2 --carrier-ms 3000 >/tmp/first.out 2>&1 &
	pid=$!
	wait_for 60 grep -q stop /tmp/first.out
	host_qmp '{"execute": "device_del", "arguments": {"id": "hdd0.1"}}' >/tmp/qmp.out
	check "the swap comes to its end" wait_for 90 sh -c "! kill -0 $pid"
	wait $pid || code=$?
	remark </tmp/first.out
	stall_ms 0
	check_equal "neither driver finds the disk" 3 $code
	check_exit "the disk is named" 0 grep -q "did not register $pulled" /tmp/first.out
	check "status works" segue status
	check_output "status says so" "DEGRADED|degraded"
	check "the other one is there, its I/O waits" sh -c "test -b /dev/$stays && ! grep -q errors /tmp/stays.out"

	# The way out: the controller is taken away and found again, with what is on it.
	check "the controller is removed" sh -c "echo 1 >$(dirname "$hardware")/remove"
	check "its disks are gone" wait_for 30 sh -c "! ls /sys/block/sda /sys/block/sdb"
	check "who wrote to them is told" wait_for 30 sh -c "grep -q errors /tmp/stays.out && grep -q errors /tmp/pulled.out"
	umount -l /mnt/a
	umount -l /mnt/b
	echo 1 >/sys/bus/pci/rescan
	check "the disk that was not pulled is found again" wait_for 30 sh -c "ls /dev/sd?"
	check "it can be mounted" sh -c "mount /dev/sd? /mnt/a"
	check_equal "what was on it is there" kept "$(cat /mnt/a/kept)"
	umount /mnt/a
	check "status works" segue status
	remark </tmp/check.out
}
