# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="nvme: a new driver that finds its namespaces in another order: each stays the disk it was"
VM_DISKS="nvme:64M,64M,64M nvme:64M"
DRIVERS="nvme:v2 nvme:reversed"
VM_TIMEOUT=300
ALLOWED_LOG="test: "

# What the driver says of each disk, and what is written on it.
marks()
{
	local disk

	for disk in "${disk_names[@]}"; do
		printf '%s %s %s\n' "$disk" "$(cat "/sys/block/$disk/nsid")" \
			"$(dd if="/dev/$disk" bs=4096 count=1 skip=4096 iflag=direct status=none | tr -d '\0')"
	done
}

# same_disks TEXT
same_disks()
{
	marks >/tmp/marks.now
	check_same "$1: each disk is itself" /tmp/marks.before /tmp/marks.now
}

nvme_found()
{
	[ -b "/dev/$(nvme_name "$@")" ]
}

guest()
{
	local disk first second third other

	disk_driver nvme nvme0n1 nvme1n1
	wait_for 30 nvme_found 0 2
	first=$(nvme_name 0 0)
	second=$(nvme_name 0 1)
	third=$(nvme_name 0 2)
	other=$(nvme_name 1 0)
	disk_names=("$first" "$second" "$third" "$other")
	# In the middle, far from what is compared in a swap.
	for disk in "${disk_names[@]}"; do
		printf '%s' "$disk" | dd of="/dev/$disk" bs=4096 seek=4096 conv=notrunc,fsync status=none
	done
	marks >/tmp/marks.before
	remark </tmp/marks.before
	io_start ring "/dev/$second"
	disk_config "$first" "$third"
	disk_watch_start
	disk_state_save before
	disk_update_done nvme reversed
	check "the last namespace was found first" \
		test "$(dmesg | sed -n 's/.*test: namespace \([0-9]*\)$/\1/p' | head -n 1)" = 3
	same_disks "the other way round"
	disk_update_done nvme v2
	same_disks "in order again"
	check "roll back nvme" segue rollback nvme
	check_equal "version is reversed again" reversed "$(disk_version)"
	disk_still_same "rollback"
	same_disks "rollback"
	disk_watch_stop "updates"
	io_stop "updates"
}
