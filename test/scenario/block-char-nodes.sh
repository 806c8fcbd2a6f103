# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="nvme, sg: who has a character device of the driver open is named by 'segue check', and only keeps memory"
VM_DISKS="nvme:64M virtio-scsi:64M"
DRIVERS="nvme:v2 virtio_scsi:v2"
VM_TIMEOUT=300

# named TEXT WORDS PID NODE...: the last check names the process with each of the nodes.
named()
{
	local text=$1 words=$2 pid=$3 node
	shift 3

	for node in "$@"; do
		check_output "$text names process $pid with $node" "process $pid \\(sleep\\) has $node open$words"
	done
}

# The same in the answer for programs: of the kind "user", and never a reason to refuse.
named_json()
{
	local text=$1 pid=$2 node
	shift 2

	for node in "$@"; do
		# shellcheck disable=SC2016 # jq knows $what
		check "$text --json names process $pid with $node" jq -e --arg what "process $pid (sleep) has $node open" \
			'[.devices[].findings[] | select(.name | startswith($what))] | length == 1 and
			 .[0].kind == "user" and .[0].severity == "info"' /tmp/check.json
	done
}

guest()
{
	local nvme sg nobody

	disk_driver nvme nvme0n1
	disk_driver virtio_scsi sda
	modprobe sg
	disk_fs ext4 nvme0n1 /mnt/nvme
	disk_fs ext4 sda /mnt/sda
	io_start append ring /mnt/nvme
	io_start append ring /mnt/sda
	disk_config nvme0n1 sda
	disk_state_save before
	sleep 100000 &
	nobody=$!
	sleep 100000 3</dev/nvme0 4</dev/ng0n1 5</dev/nvme0n1 &
	nvme=$!
	sleep 100000 3</dev/sg0 4</dev/bsg/0:0:1:0 &
	sg=$!
	sleep 0.5

	check "check of nvme" segue check nvme /drivers/nvme/v2/*.ko
	remark </tmp/check.out
	named "check" " and must open it again afterwards" $nvme nvme0 ng0n1
	named "check" "$" $nvme nvme0n1
	check_exit "check does not name others" 1 grep -E "process ($nobody|$sg) " /tmp/check.out
	segue check --json nvme /drivers/nvme/v2/*.ko >/tmp/check.json
	remark </tmp/check.json
	named_json "check" $nvme nvme0 ng0n1 nvme0n1

	check "check of virtio_scsi" segue check virtio_scsi /drivers/virtio_scsi/v2/*.ko
	remark </tmp/check.out
	named "check" " and must open it again afterwards" $sg sg0 0:0:1:0
	segue check --json virtio_scsi /drivers/virtio_scsi/v2/*.ko >/tmp/check.json
	named_json "check" $sg sg0 0:0:1:0

	disk_update_done nvme v2
	check "update virtio_scsi" update virtio_scsi v2 && remark </tmp/check.out
	check_equal "version is v2" v2 "$(disk_version sda)"
	disk_still_same "update virtio_scsi"
	check "the holders live" kill -0 $nvme $sg
	check_exit "the old nvme stays in memory for who has it open" 2 segue commit nvme
	remark </tmp/check.out
	kill $nvme $sg $nobody
	wait $nvme $sg $nobody 2>/dev/null
	check "when they are gone it can be dropped" wait_for 10 segue commit nvme
	check "commit virtio_scsi" segue commit virtio_scsi
	check_equal "one generation of nvme stays loaded" 1 "$(modules_of nvme)"
	check_equal "one generation of virtio_scsi stays loaded" 1 "$(modules_of virtio_scsi)"
	check "a new opener gets the new one" bash -c "exec 3</dev/nvme0 && dd if=\$(echo /dev/sg*) of=/dev/null count=0"
	disk_still_same "commit"
	io_stop "character devices"
	disk_umount "character devices"
}
