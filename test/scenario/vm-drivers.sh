# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="the new driver versions work when they are loaded in the plain way, without Segue"
VM_NICS="e1000 e1000e i82559c pcnet rtl8139 vmxnet3 virtio-net-pci ne2k_pci"
DRIVERS="e1000:v2 e1000e:v2 e100:v2 pcnet32:v2 8139cp:v2 vmxnet3:v2 virtio_net:v2 ne2k-pci:v2
	e1000:v3 e1000e:v3 e100:v3 pcnet32:v3 8139cp:v3 vmxnet3:v3 virtio_net:v3
	e1000:grown e1000:noop e1000:nofeat e1000:othername e1000e:grown vmxnet3:fewer-queues virtio_net:fewer-queues"
VM_TIMEOUT=400

# The one interface whose device is bound to the module's driver.
interface_of()
{
	local dir

	for dir in /sys/class/net/*; do
		[ "$(basename "$(readlink "$dir/device/driver/module")")" != "${1//-/_}" ] || basename "$dir"
	done
}

try()
{
	local driver=$1 kind=$2 module iface number
	module=$(basename "/drivers/$driver/$kind"/*.ko .ko)
	[ "$driver" != ne2k-pci ] || module=ne2k-pci

	[ "$driver" != ne2k-pci ] || insmod "/drivers/$driver/$kind/8390.ko"
	check "$driver $kind loads" insmod "/drivers/$driver/$kind/$module.ko" || return
	wait_for 10 test -n "$(interface_of "$module")"
	iface=$(interface_of "$module")
	if [ -z "$iface" ]; then
		not_ok "$driver $kind has an interface"
		return
	fi
	# The last byte of the address tells which of QEMU's networks it is on.
	number=$((0x$(sed 's/.*://' "/sys/class/net/$iface/address") - 0x10))
	ip link set "$iface" up
	ip addr add "10.0.$((number + 2)).15/24" dev "$iface"
	check_equal "$driver $kind says its version" "$kind" "$(driver_version "$iface")"
	check "$driver $kind carries traffic" \
		curl -s --retry 8 --retry-delay 1 --retry-all-errors --connect-timeout 3 -o /dev/null \
		"http://10.0.$((number + 2)).2:$HOST_HTTP/20000"
	rmmod "$module"
	[ "$driver" != ne2k-pci ] || rmmod 8390
}

guest()
{
	local driver kind

	modprobe -a mii virtio_pci failover net_failover
	for driver in e1000 e1000e e100 pcnet32 8139cp vmxnet3 virtio_net ne2k-pci; do
		for kind in "/drivers/$driver"/*; do
			try "$driver" "$(basename "$kind")"
		done
	done
}
