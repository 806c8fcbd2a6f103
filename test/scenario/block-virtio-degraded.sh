# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_blk: neither driver starts: I/O waits and is not errored, another driver recovers it"
VM_DISKS="virtio-blk:128M"
DRIVERS="virtio_blk:v2 virtio_blk:probe-early"
VM_TIMEOUT=300
ALLOWED_LOG="test: probe fails"

guest()
{
	disk_driver virtio_blk vda
	disk_fs ext4 vda /mnt/a
	modprobe segue_block
	disk_config vda
	io_start append ring sqlite read /mnt/a
	disk_state_save before
	fail_step stop.undo
	check_exit "update with no way back ends with 3" 3 update virtio_blk probe-early
	remark </tmp/check.out
	check_output "it says so" "DEGRADED|degraded"
	fail_step ""
	io_counts >/tmp/io.counts
	sleep 3
	check_exit "I/O waits" 1 io_grown
	for number in "${!io_pids[@]}"; do
		check "job $number is alive" kill -0 "${io_pids[number]}"
	done
	check "the disk is still there" test -b /dev/vda
	check "status works" segue status
	check_output "status says so" "DEGRADED|degraded"
	check_exit "another one that does not start" 3 update virtio_blk probe-early
	check "the disk is still there" test -b /dev/vda
	disk_update_done virtio_blk v2
	io_stop "degraded and recovered"
	disk_umount "degraded and recovered"
}
