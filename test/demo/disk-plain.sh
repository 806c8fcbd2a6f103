# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables of test/run
# SPDX-License-Identifier: GPL-2.0
TITLE="The same again without Segue: unmount, unbind, bind, mount"
DESCRIPTION="demo: the same database while the driver is replaced by unmount, unbind, bind and mount"
VM_DISKS="nvme:256M"
DRIVERS="nvme:v2"
VM_SMP=1
VM_TIMEOUT=200

guest()
{
	local device next batch

	title "the same machine, file system and database, without Segue"
	disk_driver nvme nvme0n1
	disk_fs ext4 nvme0n1 /mnt/db
	disk_config nvme0n1
	batch=$(cat /sys/block/nvme0n1/queue/iosched/fifo_batch)
	io_start sqlite /mnt/db
	cp -r /drivers/nvme/v2 /mnt/db/
	sleep 8

	title "as without Segue: the new driver is copied to another disk, nothing can be read from this one then"
	cp -r /mnt/db/v2 /tmp/
	check_exit "it cannot be unmounted while the database runs" 32 shown umount /mnt/db
	title "so the database ends first"
	mark "unmount"
	io_end 0
	check "unmount" shown umount /mnt/db
	device=$(basename "$(disk_hardware nvme0n1)")
	check "unbind" shown "echo $device >/sys/bus/pci/drivers/nvme/unbind"
	check "the disk is gone" test ! -e /dev/nvme0n1
	check "rmmod" shown rmmod nvme nvme_core
	check "insmod of the library" shown insmod /tmp/v2/nvme-core.ko
	check "insmod, which binds" shown insmod /tmp/v2/nvme.ko
	check "the disk comes back" wait_for 20 test -b /dev/nvme0n1
	check_equal "v2 is live" v2 "$(disk_version nvme0n1)"
	check "what was set is lost" test "$(cat /sys/block/nvme0n1/queue/iosched/fifo_batch)" != "$batch"
	check "mount" shown mount /dev/nvme0n1 /mnt/db

	title "the database is started again"
	next=$(sqlite3 /mnt/db/sqlite0 "SELECT max(n) + 1 FROM t")
	io_job sqlite /mnt/db/sqlite0 io_sqlite /mnt/db/sqlite0 1 "$next"
	wait_for 20 test -s /tmp/io.1.timeline
	mark "mounted again"
	sleep 8
	# Both sessions in one timeline.
	mv /tmp/io.0.json /tmp/io.first
	io_jobs=([1]=sqlite)
	io_stop "the second session"
	host_save disk-plain.events </tmp/marks
	host_save disk-plain.timeline < <(cat /tmp/io.0.timeline
		awk -v shift="$(jq -s '(.[1].start_s - .[0].start_s) * 1000 | floor' /tmp/io.first /tmp/io.1.json)" \
			'{ print $1 + shift, $2 }' /tmp/io.1.timeline)
	host_save disk-plain.traffic < <(jq -c -s '.[0] + { done: (.[0].done + .[1].done),
		seconds: (.[1].start_s + .[1].seconds - .[0].start_s) }' /tmp/io.first /tmp/io.1.json)
	disk_umount "the end"
}
