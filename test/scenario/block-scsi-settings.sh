# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_scsi, ahci: what a user has set in SCSI's devices, disks and hosts stays"
VM_DISKS="virtio-scsi:64M,64M ahci:64M"
DRIVERS="virtio_scsi:v2 ahci:v2"
VM_TIMEOUT=300

# settings NAME...: of each disk, in the device, in what the disk's driver adds, and in the host.
settings()
{
	local disk host name file

	for disk in "${disk_names[@]}"; do
		host=$(readlink -f "/sys/block/$disk/device" | grep -o 'host[0-9]*' | head -n 1)
		for name in "$@"; do
			for file in "/sys/block/$disk/device/$name" "/sys/block/$disk/device/scsi_disk"/*/"$name" \
				"/sys/class/scsi_host/$host/$name"; do
				[ ! -f "$file" ] || echo "$disk $name $(cat "$file")"
			done
		done
	done
}

# set_to DISK NAME VALUE
set_to()
{
	local file

	for file in "/sys/block/$1/device/$2" "/sys/block/$1/device/scsi_disk"/*/"$2"; do
		[ ! -f "$file" ] || check "$2 of $1 is set to $3" write_to "$3" "$file"
	done
}

write_to()
{
	echo "$1" >"$2"
}

names="queue_depth queue_ramp_up_period eh_timeout timeout dh_state allow_restart provisioning_mode zeroing_mode
	max_write_same_blocks max_medium_access_timeouts max_retries cache_type manage_start_stop manage_system_start_stop
	manage_runtime_start_stop manage_shutdown eh_deadline link_power_management_policy"

# settings_same TEXT
settings_same()
{
	# shellcheck disable=SC2086 # a list of words is meant
	settings $names >/tmp/settings.now
	check_same "$1: the settings are the same" /tmp/settings.before /tmp/settings.now
}

guest()
{
	local host disk

	disk_driver virtio_scsi sda sdb
	disk_driver ahci sdc
	modprobe scsi_dh_hp_sw dm_multipath dm_round_robin
	# shellcheck disable=SC2086 # a list of words is meant
	settings $names >/tmp/settings.first
	set_to sda queue_depth 3
	set_to sda queue_ramp_up_period 5000
	set_to sda eh_timeout 20
	set_to sda timeout 77
	set_to sda provisioning_mode disabled
	set_to sda max_medium_access_timeouts 7
	set_to sda cache_type "temporary write through"
	set_to sdb dh_state hp_sw
	set_to sdb max_retries 2
	set_to sdb zeroing_mode write
	set_to sdc queue_depth 5
	set_to sdc allow_restart 1
	host=$(readlink -f /sys/block/sdc/device | grep -o 'host[0-9]*' | head -n 1)
	# The kernel refuses it for some hosts, which hosts depends on its version.
	if write_to medium_power "/sys/class/scsi_host/$host/link_power_management_policy" 2>/tmp/lpm.err; then
		ok "power management of sdc's link is set"
	else
		check_equal "power management of sdc's link is refused by the kernel itself" 1 \
			"$(grep -c "not supported" /tmp/lpm.err)"
	fi
	# shellcheck disable=SC2086 # a list of words is meant
	settings $names >/tmp/settings.before
	diff /tmp/settings.first /tmp/settings.before | remark
	check "they are others than at first" test "$(diff /tmp/settings.first /tmp/settings.before | grep -c '^>')" -ge 10
	for disk in sda sdb sdc; do
		disk_fs ext4 "$disk" "/mnt/$disk"
		io_start append ring "/mnt/$disk"
	done
	disk_names=(sda sdb sdc)
	disk_state_save before
	check "update virtio_scsi" update virtio_scsi v2 && remark </tmp/check.out
	check_equal "version of sda is v2" v2 "$(disk_version sda)"
	settings_same "virtio_scsi"
	check "roll back virtio_scsi" segue rollback virtio_scsi
	settings_same "rollback of virtio_scsi"
	check "update ahci" update ahci v2 && remark </tmp/check.out
	check_equal "version of sdc is v2" v2 "$(disk_version sdc)"
	settings_same "ahci"
	disk_still_same "all"
	io_stop "updates"
	disk_umount "updates"
}
