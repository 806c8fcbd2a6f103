# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="virtio_net: an XDP program in the driver goes on running in each generation"
VM_NICS="virtio-net-pci"
DRIVERS="virtio_net:v2 virtio_net:open-fail"
VM_TIMEOUT=200

runs()
{
	nt bpf-runs /sys/fs/bpf/pass
}

# runs_go_on TEXT: the program sees frames now.
runs_go_on()
{
	local before

	before=$(runs)
	sleep 1
	if [ "$(runs)" -gt "$((before + 5))" ]; then
		ok "$1: the program runs"
	else
		not_ok "$1: the program ran $before times, a second later $(runs)"
	fi
}

guest()
{
	local stock

	net_driver virtio_net
	net_up
	stock=$(driver_version)
	echo 1 >/proc/sys/kernel/bpf_stats_enabled
	nt bpf /sys/fs/bpf/pass
	check "a native XDP program is attached" ip link set dev eth0 xdpdrv pinned /sys/fs/bpf/pass
	check "it is in the driver" sh -c "ip link show eth0 | grep -q ' xdp qdisc'"
	wait_for 20 carrier eth0
	traffic_start
	runs_go_on "stock"
	state_save before
	watch_start
	update_done virtio_net v2
	runs_go_on "update"
	update_undone virtio_net open-fail 2 "replay"
	runs_go_on "failed update"
	rollback_done virtio_net "$stock"
	runs_go_on "rollback"
	watch_stop "updates"
	traffic_stop "updates"
	check "the program can be taken off" ip link set dev eth0 xdp off
}
