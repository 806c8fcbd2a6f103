# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="vmxnet3 with 4 queues, 4 CPUs, MSI-X, preempt=none: RSS, packet steering; a queue fewer is refused"
VM_SMP=4
VM_APPEND="preempt=none"
VM_NICS="vmxnet3"
# QEMU's user network sends frames of 1500 bytes whatever was agreed, and vmxnet3 takes none that is too long.
CONFIG_MTU=1600
DRIVERS="vmxnet3:v2 vmxnet3:v3 vmxnet3:fewer-queues vmxnet3:open-fail"
VM_TIMEOUT=500

guest()
{
	net_driver vmxnet3
	net_up
	net_config
	ethtool -X eth0 equal 2
	echo f >/sys/class/net/eth0/queues/rx-0/rps_cpus
	echo 3 >/sys/class/net/eth0/queues/tx-0/xps_cpus
	traffic_start
	state_save before
	watch_start
	update_done vmxnet3 v2
	update_undone vmxnet3 fewer-queues 2 "queue"
	update_undone vmxnet3 open-fail 2 ""
	update_done vmxnet3 v3
	watch_stop "updates"
	traffic_stop "updates"
	check "commit" segue commit vmxnet3
}
