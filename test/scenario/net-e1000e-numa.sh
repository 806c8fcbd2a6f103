# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="e1000e on a second NUMA node, 4 CPUs, preempt=full: probe runs elsewhere; interrupt affinity"
VM_SMP=4
VM_NUMA=2
VM_MEMORY=1024
VM_APPEND="preempt=full"
# The bus belongs to the second node, and so does what is plugged into it.
VM_ARGS=(-device "pxb,id=far,bus_nr=128,numa_node=1"
	-netdev "user,id=far0,net=10.0.2.0/24,ipv6=off"
	-device "e1000e,netdev=far0,bus=far,addr=1,id=nic0,mac=52:54:00:12:34:10")
DRIVERS="e1000e:v2 e1000e:v3 e1000e:probe-late e1000e:open-fail"
VM_TIMEOUT=500

interrupts()
{
	local irq

	for irq in /sys/class/net/eth0/device/msi_irqs/*; do
		irq=$(basename "$irq")
		echo "$irq $(cat "/proc/irq/$irq/smp_affinity")"
	done
}

guest()
{
	local stock irq

	net_driver e1000e
	check_equal "the device is on the second node" 1 "$(cat /sys/class/net/eth0/device/numa_node)"
	net_up
	net_config
	stock=$(driver_version)
	irq=$(find /sys/class/net/eth0/device/msi_irqs/ -type f -printf '%f\n' | sort -n | head -n 1)
	echo 4 >"/proc/irq/$irq/smp_affinity"
	interrupts >/tmp/interrupts
	remark </tmp/interrupts
	traffic_start
	state_save before
	watch_start
	update_done e1000e v2
	interrupts | check_same "interrupts and their affinity are the same" /tmp/interrupts -
	update_undone e1000e probe-late 2 ""
	update_undone e1000e open-fail 2 ""
	rollback_done e1000e "$stock"
	update_done e1000e v3
	interrupts | check_same "interrupts and their affinity are the same" /tmp/interrupts -
	watch_stop "updates"
	traffic_stop "updates"
	check "commit" segue commit e1000e
}
