# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2119,SC2120 # a scenario: its variables are for the runner, which sets others
# SPDX-License-Identifier: GPL-2.0
#
# A scenario for test/run, started by test/bench/run.sh: instructions per read of 4 KiB, and how many of them there are in
# a second, with the stock driver, after updates, and after Segue is gone.
DESCRIPTION="instructions per read before and after updates"
VM_DISKS="virtio-blk:64M nvme:64M ahci:64M virtio-scsi:64M"
VM_SMP=1
VM_TIMEOUT=1200
# One instruction is one nanosecond of every clock in the machine.
VM_ARGS=(-icount shift=0)
DRIVERS="virtio_blk:same nvme:same ahci:same virtio_scsi:same"
drivers=(virtio_blk nvme ahci virtio_scsi)
disks=(vda nvme0n1 sda sdb)

# cost WAY: least, median and mean of the instructions, and reads per second.
cost()
{
	local way=$1 least median mean iops

	read -r -d '' least median mean iops <<<"$(/tmp/tools/cost read "/dev/$disk" 20)"
	check "$driver, $way: instructions per read: $least, median $median" test "${least:-0}" -gt 0
	row "$way" 1 read.least "$least"
	row "$way" 1 read.median "$median"
	row "$way" 1 read.mean "$mean"
	row "$way" 1 iops "$iops"
}

measure()
{
	local disk=${disks[number]}

	# It is the first SCSI disk when it is measured alone.
	[ -z "$only" ] || disk=${disk/sdb/sda}
	disk_driver "$driver" "$disk"
	# The first reads fill caches.
	/tmp/tools/cost read "/dev/$disk" 1 >/dev/null
	cost_all block
}
