# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_blk: what users do to a disk while it is swapped is served and stays; who must not wait does not"
VM_DISKS="virtio-blk:192M"
DRIVERS="virtio_blk:v2 virtio_blk:v3"
VM_TIMEOUT=400

# set_value FILE VALUE, of the disk's queue
set_value()
{
	echo "$2" >"/sys/block/vda/queue/$1"
}
export -f set_value

value()
{
	cat "/sys/block/vda/queue/$1"
}

guest()
{
	local pid numbers

	disk_driver virtio_blk vda
	disk_partitions vda 96M 32M 32M +
	disk_fs ext4 vda1 /mnt/a
	disk_fs ext4 vda2 /mnt/b
	umount /mnt/b
	disk_mounts=(ext4:vda1:/mnt/a)
	modprobe segue_block
	io_start append ring read /mnt/a
	io_start nowait /dev/vda4
	disk_watch_start
	disk_during virtio_blk v2 "the size is asked" blockdev --getsize64 /dev/vda
	check_equal "it is right" $((192 << 20)) "$(cat /tmp/check.out)"
	disk_during virtio_blk v3 "buffers are flushed" blockdev --flushbufs /dev/vda3
	disk_during virtio_blk v2 "trim" fstrim /mnt/a
	disk_during virtio_blk v3 "mount" mount /dev/vda2 /mnt/b
	disk_during virtio_blk v2 "unmount" umount /mnt/b
	disk_during virtio_blk v3 "sync" sync
	disk_during virtio_blk v2 "write to a bare partition" dd if=/dev/zero of=/dev/vda3 bs=64k count=16 oflag=direct
	disk_during virtio_blk v3 "read of the driver's attribute" cat /sys/block/vda/serial
	check_equal "it is right" segue0.0 "$(cat /tmp/check.out)"
	disk_watch_stop "users"
	disk_during virtio_blk v2 "read-ahead" bash -c "set_value read_ahead_kb 1024"
	check_equal "it stays" 1024 "$(value read_ahead_kb)"
	disk_during virtio_blk v3 "scheduler" bash -c "set_value scheduler none"
	check_equal "it stays" "[none]" "$(value scheduler | grep -o "\[.*\]")"
	disk_during virtio_blk v2 "scheduler" bash -c "set_value scheduler mq-deadline"
	check_equal "it stays" "[mq-deadline]" "$(value scheduler | grep -o "\[.*\]")"
	disk_during virtio_blk v3 "requests" bash -c "set_value nr_requests 40"
	check_equal "it stays" 40 "$(value nr_requests)"
	disk_during virtio_blk v2 "maximum" bash -c "set_value max_sectors_kb 64"
	check_equal "it stays" 64 "$(value max_sectors_kb)"
	disk_during virtio_blk v3 "a partition is removed" partx -d --nr 2 /dev/vda
	check "it is gone" test ! -e /sys/block/vda/vda2

	: >/tmp/first.out
	stall_ms 1500
	update virtio_blk v2 >/tmp/first.out 2>&1 &
	pid=$!
	wait_for 60 grep -q cover /tmp/first.out
	check_exit "a second update" 4 update virtio_blk v2
	check_output "names the first" "virtio_blk"
	check "status does not wait" timeout 10 segue status
	check "a module in use is not unloaded" sh -c "! rmmod segue_block; ! rmmod segue"
	stall_ms 0
	wait $pid
	check_equal "the first one succeeded" 0 $?
	numbers=("$(number_of ring)" "$(number_of nowait)")
	io_stop "users"
	# What a busy host takes is in both; what the swaps take is in the first one only.
	check_at_most "RWF_NOWAIT did not wait: longest in ms, beside a third of what the others waited" \
		$(($(longest "${numbers[0]}") / 3)) "$(longest "${numbers[1]}")"
	disk_umount "users"
}

# number_of KIND: the first job of that kind.
number_of()
{
	local number

	for number in "${!io_jobs[@]}"; do
		[ "${io_jobs[number]}" != "$1" ] || { echo "$number"; return; }
	done
}

# longest NUMBER: the longest time that the job took for one operation, in ms; when it has ended.
longest()
{
	jq '.longest_ms | floor' "/tmp/io.$1.json"
}
