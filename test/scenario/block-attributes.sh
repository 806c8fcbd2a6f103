# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="the attributes that a driver adds to its disk: their files stay, and who reads them in a swap waits"
VM_DISKS="virtio-blk:64M nvme:64M,64M ahci:64M"
DRIVERS="virtio_blk:v2 virtio_blk:v3 virtio_blk:attributes virtio_blk:probe-early nvme:v2 ahci:v2"
VM_TIMEOUT=400
ALLOWED_LOG="test: "

# reader FILE...: reads them over and over until it is asked to end; counts what it read, and how often it was not the
# same or could not be read.
reader()
{
	local first="" now rounds=0 wrong=0 stop=

	trap 'stop=1' TERM
	first=$(cat "$@" 2>&1)
	while [ -z "$stop" ]; do
		now=$(cat "$@" 2>&1)
		rounds=$((rounds + 1))
		[ "$now" = "$first" ] || { wrong=$((wrong + 1)); echo "now: $now" >&2; }
	done
	echo "$wrong $((rounds > 2))"
}

# reading_start FILE..., reading_stop TEXT
reading_start()
{
	reader "$@" >/tmp/reader.out 2>/tmp/reader.err &
	reading=$!
}

reading_stop()
{
	kill -TERM "$reading"
	wait "$reading"
	check_equal "$1: who read all the time saw nothing else" "0 1" "$(cat /tmp/reader.out)"
	remark </tmp/reader.err
}

# The open files of the driver before are the files of this one.
still_open()
{
	local text=$1 name value

	read -r value <&5
	check_equal "$text: the open file can be read" segue0.0 "$value"
	exec 5<&-
	exec 5</sys/block/vda/serial
}

virtio()
{
	local dir=/sys/block/vda

	exec 5<$dir/serial
	reading_start $dir/serial $dir/cache_type
	disk_during virtio_blk v2 "the serial number is read" cat $dir/serial
	check_equal "it is right" segue0.0 "$(cat /tmp/check.out)"
	still_open "swap"
	check "update" update virtio_blk v3
	check "commit" segue commit virtio_blk
	still_open "commit"
	reading_stop "virtio_blk"
	disk_watch_stop "virtio_blk"
	disk_during virtio_blk v2 "the cache is set" sh -c "echo 'write through' >$dir/cache_type && cat $dir/cache_type"
	check_equal "it is" "write through" "$(cat /tmp/check.out)"
	echo "write back" >$dir/cache_type
}

# Who waits can be killed, and nothing is left of it.
killed()
{
	local pid

	: >/tmp/first.out
	stall_ms 500
	update virtio_blk v3 >/tmp/first.out 2>&1 &
	pid=$!
	wait_for 60 grep -q stop /tmp/first.out
	check_exit "who waits for an attribute can be killed" 137 timeout -s KILL 0.3 cat /sys/block/vda/serial
	stall_ms 0
	wait $pid
	check_equal "the swap succeeds" 0 $?
}

other_attributes()
{
	local dir=/sys/block/vda

	chmod 400 $dir/serial
	check "update to a driver with other attributes" update virtio_blk attributes --allow-incompatible
	check_equal "one that stays" segue0.0 "$(cat $dir/serial)"
	check_equal "keeps its mode" 400 "$(stat -c %a $dir/serial)"
	check_equal "a new one" vda "$(cat $dir/test_note)"
	check_equal "one in a folder" "write back" "$(cat $dir/test_folder/cache_type)"
	check "one that went is gone" test ! -e $dir/cache_type
	disk_during virtio_blk v2 "a new one is read" cat $dir/serial
	check_equal "one that came back" "write back" "$(cat $dir/cache_type)"
	check "the new one is gone" test ! -e $dir/test_note
	chmod 444 $dir/serial
}

# Without a driver there is nothing to wait for; the file is there.
degraded()
{
	fail_step stop.undo
	check_exit "update with no way back ends with 3" 3 update virtio_blk probe-early
	fail_step ""
	check "the file stays" test -e /sys/block/vda/serial
	check_exit "who reads it does not wait" 1 timeout 10 cat /sys/block/vda/serial
	check_output "and is told why" "No such device"
	disk_during virtio_blk v3 "it is read while another driver is tried" cat /sys/block/vda/serial
	check_equal "it is right" segue0.0 "$(cat /tmp/check.out)"
}

guest()
{
	disk_driver virtio_blk vda
	modprobe segue_block
	disk_watch_start vda
	virtio
	killed
	other_attributes
	degraded
	disk_driver nvme nvme0n1 nvme0n2
	reading_start /sys/block/nvme0n1/{wwid,nsid,device/model,device/serial} /sys/block/nvme0n2/{wwid,nsid}
	disk_names=(nvme0n1)
	disk_during nvme v2 "names of the disk are read" cat /sys/block/nvme0n2/{nsid,wwid}
	reading_stop "nvme"
	disk_driver ahci sda
	reading_start /sys/block/sda/device/{vendor,model,wwid}
	disk_names=(sda)
	disk_during ahci v2 "names of the disk are read" cat /sys/block/sda/device/model
	reading_stop "ahci"
}
