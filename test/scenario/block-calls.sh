# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="a control call that is in the driver is waited for, asleep or running; new ones wait, who must not wait does not"
VM_DISKS="virtio-blk:64M"
DRIVERS="virtio_blk:v2 virtio_blk:long-call"
VM_TIMEOUT=400

call_file=/tmp/call.out

# call_takes sleep|spin MS: what the driver does in the call.
call_takes()
{
	local file

	file=$(echo /sys/module/virtio_blk*/parameters/test_"$1"_ms)
	check "a call is made to $1 in the driver" sh -c "echo $2 >$file"
}

# call_start: begins a call; returns when it is in the driver.
call_start()
{
	: >$call_file
	bt geometry <&6 >$call_file &
	call=$!
	sleep 0.5
	check "the call is under way" kill -0 $call
}

# call_ended TEXT: it is over, and its answer is right.
call_ended()
{
	check_equal "$1: the call is over" "" "$(jobs -r -p | grep -x "$call")"
	wait "$call"
	check_equal "$1: it succeeded" 0 $?
	check_equal "$1: its answer" "16 heads, 63 sectors" "$(cat $call_file)"
}

# waited_for KIND: the driver leaves when the call is over, and its memory can be given back.
waited_for()
{
	check "update to long-call" update virtio_blk long-call
	check "commit" segue commit virtio_blk
	call_takes "$1" 3500
	call_start
	check "update while a call does $1 in the driver" update virtio_blk v2
	call_ended "$1"
	check_equal "version is v2" v2 "$(disk_version)"
	check "commit: the driver that was called goes" segue commit virtio_blk
	check "it is gone" sh -c "! grep -q test_take_long /proc/kallsyms"
}

# A call that comes within the pause waits for the new driver; a read that must not wait is told so.
in_the_pause()
{
	local pid

	: >/tmp/during.out
	stall_ms 1500
	update virtio_blk long-call >/tmp/during.out 2>&1 &
	pid=$!
	wait_for 60 grep -q stop /tmp/during.out
	bt geometry <&6 >$call_file &
	call=$!
	check_exit "a read that must not wait does not" 0 timeout 1 bt again <&6
	check_equal "the call waits" "$call" "$(jobs -r -p | grep -x "$call")"
	stall_ms 0
	wait $pid
	check_equal "swap" 0 $?
	wait_for 10 sh -c "! kill -0 $call"
	call_ended "in the pause"
}

guest()
{
	disk_driver virtio_blk vda
	modprobe segue_block
	# To open a disk waits for the end of a pause, so it is open already.
	exec 6</dev/vda
	waited_for sleep
	waited_for spin
	in_the_pause
	call_takes sleep 15000
	call_start
	check_exit "a call that does not end is in the way" 2 update virtio_blk v2
	check_output "the process is named" "process $call "
	check_equal "version is long-call" long-call "$(disk_version)"
	wait_for 20 sh -c "! kill -0 $call"
	call_ended "refused"
	check "update, as nobody is in the way any more" update virtio_blk v2
	check "commit" segue commit virtio_blk
	exec 6<&-
}
