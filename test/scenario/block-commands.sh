# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="what the hardware sees of updates: no disk is put to sleep, its cache is flushed once, failures are reset"
VM_DISKS="ahci:64M virtio-scsi:64M nvme:64M"
DRIVERS="ahci:v2 ahci:no-disk virtio_scsi:v2 nvme:v2 nvme:left-enabled"
VM_TIMEOUT=300
VM_ARGS=(-trace ide_exec_cmd -trace scsi_req_parsed -trace pci_nvme_mmio_shutdown_set -trace pci_nvme_mmio_stopped
	-trace pci_nvme_mmio_start_success)
ALLOWED_LOG="test: |reset methods disabled"

# STANDBY and IDLE with and without IMMEDIATE, SLEEP, and the old numbers of all of them; FLUSH CACHE (EXT).
ata_sleep='IDE exec cmd.*cmd 0x(e0|e1|e2|e3|e6|94|95|96|97|99)'
ata_flush='IDE exec cmd.*cmd 0x(e7|ea)'
# START STOP UNIT and SYNCHRONIZE CACHE.
scsi_stop='scsi_req_parsed.* command 27 '
scsi_flush='scsi_req_parsed.* command 53 '
nvme_shutdown='pci_nvme_mmio_shutdown_set'
nvme_stopped='pci_nvme_mmio_stopped'
nvme_started='pci_nvme_mmio_start_success'

# seen TEXT REGEX COUNT: what the hardware has seen since the last one.
declare -A last
seen()
{
	local text=$1 regex=$2 count=$3 now

	now=$(host_qemu "$regex")
	check_equal "$text" "$count" $((now - ${last[$regex]:-0}))
	last[$regex]=$now
}

# From here on.
begin()
{
	local regex

	sync
	for regex in "$@"; do
		last[$regex]=$(host_qemu "$regex")
	done
}

written()
{
	check "write to $1" dd if=/dev/urandom of="/dev/$1" bs=64k count=8 oflag=direct
}

guest()
{
	disk_driver ahci sda
	begin "$ata_sleep" "$ata_flush"
	written sda
	check "update ahci" update ahci v2
	seen "ahci: updated: not put to sleep" "$ata_sleep" 0
	seen "ahci: updated: flushed once" "$ata_flush" 1
	check_exit "an update without disks is rolled back" 2 update ahci no-disk --carrier-ms 3000
	seen "ahci: rolled back: not put to sleep" "$ata_sleep" 0
	seen "ahci: rolled back: flushed once" "$ata_flush" 1
	check "back to the stock driver" segue rollback ahci
	seen "ahci: back: not put to sleep" "$ata_sleep" 0
	seen "ahci: back: flushed once" "$ata_flush" 1
	basename "$(disk_hardware sda)" >/sys/bus/pci/drivers/ahci/unbind
	check "ahci: a driver that is unbound puts its disk to sleep as always" test "$(host_qemu "$ata_sleep")" -gt "${last[$ata_sleep]}"

	disk_driver virtio_scsi sda
	begin "$scsi_stop" "$scsi_flush"
	written sda
	check "update virtio_scsi" update virtio_scsi v2
	seen "virtio_scsi: not stopped" "$scsi_stop" 0
	seen "virtio_scsi: flushed once" "$scsi_flush" 1

	disk_driver nvme nvme0n1
	begin "$nvme_shutdown" "$nvme_stopped"
	written nvme0n1
	check "update nvme" update nvme v2
	seen "nvme: told once of the end" "$nvme_shutdown" 1
	note "ways to reset it: $(cat "$(disk_hardware nvme0n1)/reset_method")"
	begin "$nvme_stopped" "$nvme_started"
	check_exit "a driver that leaves the controller enabled is rolled back" 2 update nvme left-enabled
	# The first driver leaves it enabled and shut down, so the second one stops it; it is enabled by both.
	seen "nvme: enabled by the failing driver and by the one before" "$nvme_started" 2
	seen "nvme: the driver before found it reset" "$nvme_stopped" 1
	echo >"$(disk_hardware nvme0n1)/reset_method"
	check_exit "again, where the user has forbidden to reset it" 2 update nvme left-enabled
	seen "nvme: the driver before found it enabled" "$nvme_stopped" 2
	written nvme0n1
}
