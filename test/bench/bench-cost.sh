# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2119,SC2120 # a scenario: its variables are for the runner, which sets others
# SPDX-License-Identifier: GPL-2.0
#
# A scenario for test/run, started by test/bench/run.sh: instructions per packet and throughput with the stock
# driver, after updates, and after Segue is gone.
DESCRIPTION="instructions per packet before and after updates"
VM_NICS="e1000 vmxnet3 virtio-net-pci"
VM_SMP=1
VM_TIMEOUT=1200
VM_RATE=0
# One instruction is one nanosecond of every clock in the machine.
VM_ARGS=(-icount shift=0)
DRIVERS="e1000:same vmxnet3:same virtio_net:same"
drivers=(e1000 vmxnet3 virtio_net)

# cost WAY: least, median and mean of each measurement.
cost()
{
	local way=$1 host=10.0.$((number + 2)).2 what least median mean i

	for what in send echo; do
		read -r least median mean <<<"$(/tmp/tools/cost $what "$host" "$HOST_UDP" 20)"
		check "$driver, $way: instructions per $what: $least, median $median" test "${least:-0}" -gt 0
		row "$way" 1 "$what.least" "$least"
		row "$way" 1 "$what.median" "$median"
		row "$way" 1 "$what.mean" "$mean"
	done
	for i in 1 2 3; do
		row "$way" $i download_bytes_s \
			"$(curl -s -o /dev/null -w '%{speed_download}' "http://$host:$HOST_HTTP/6000000")"
	done
}

measure()
{
	net_driver "$driver" "eth$number"
	net_up "eth$number" "$number"
	# The first packets fill caches and resolve addresses.
	/tmp/tools/cost echo "10.0.$((number + 2)).2" "$HOST_UDP" 2 >/dev/null
	cost_all net
}
