# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="block: sets of modules that do not fit, disks that cannot be told apart; nothing is touched"
VM_DISKS="nvme:64M virtio-blk,serial=same:32M virtio-blk:32M"
DRIVERS="nvme:v2 nvme:v3 virtio_blk:v2 ahci:v2"
VM_TIMEOUT=300

# refused TEXT WORDS COMMAND...: exit code 1 or 2, says the words, nothing changed.
refused()
{
	local text=$1 words=$2 code=0
	shift 2

	"$@" >/tmp/check.out 2>&1 || code=$?
	if [ $code = 1 ] || [ $code = 2 ]; then
		ok "$text: exit code $code"
	else
		not_ok "$text: exit code $code"
	fi
	check_output "$text: said: $(tail -n 1 /tmp/check.out)" "$words"
	check_equal "$text: driver is untouched" 1.0 "$(disk_version nvme0n1)"
	check_equal "$text: no module stays" 1 "$(modules_of nvme_core)"
	io_flows "$text"
}

guest()
{
	disk_driver nvme nvme0n1
	disk_driver virtio_blk vda vdb
	disk_fs ext4 nvme0n1 /mnt/a
	io_start append /mnt/a
	disk_state_save before
	refused "nvme without its nvme-core" "nvme.core" segue update nvme /drivers/nvme/v2/nvme.ko
	refused "nvme-core alone" "nvme" segue update nvme /drivers/nvme/v2/nvme-core.ko
	refused "modules of two versions" "nvme.core|version|CRC|symbol" \
		segue update nvme /drivers/nvme/v2/nvme.ko /drivers/nvme/v3/nvme-core.ko
	refused "another driver's module too" "virtio.blk" \
		segue update nvme /drivers/nvme/v2/nvme.ko /drivers/nvme/v2/nvme-core.ko /drivers/virtio_blk/v2/virtio_blk.ko
	refused "another driver's modules" "alias|device|nvme" \
		segue update nvme /drivers/ahci/v2/ahci.ko /drivers/ahci/v2/libahci.ko /drivers/ahci/v2/libata.ko
	disk_state_same "refusals" before
	check "check touches nothing" segue check nvme /drivers/nvme/v2/nvme.ko /drivers/nvme/v2/nvme-core.ko
	remark </tmp/check.out
	disk_state_same "check" before
	io_stop "refusals"
	disk_umount "refusals"
}
