# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2119,SC2120 # a scenario: its variables are for the runner, which sets others
# SPDX-License-Identifier: GPL-2.0
#
# A scenario for test/run, started by test/bench/run.sh: for each driver, how long an update and a plain rebind
# leave an interface without traffic, what is lost, and what stays in memory.
DESCRIPTION="pause, loss and memory of updates beside plain rebinds"
VM_NICS="e1000 e1000e i82559c pcnet rtl8139 vmxnet3 virtio-net-pci ne2k_pci"
# With two CPUs and one thread, reading an EEPROM bit by bit hands the emulator to the other CPU at each bit.
VM_SMP=1
VM_TIMEOUT=1500
DRIVERS="e1000:v2 e1000:v3 e1000e:v2 e1000e:v3 e100:v2 e100:v3 pcnet32:v2 pcnet32:v3 8139cp:v2 8139cp:v3
	vmxnet3:v2 vmxnet3:v3 virtio_net:v2 virtio_net:v3 ne2k-pci:v2 ne2k-pci:v3"
drivers=(e1000 e1000e e100 pcnet32 8139cp vmxnet3 virtio_net ne2k-pci)

## Traffic: a UDP packet every 2 ms, each sent back

load_begin()
{
	echo_seen=$(host_count udp)
	nt udp "10.0.$((number + 2)).2" "$HOST_UDP" 2000 >/tmp/udp &
	echo_pid=$!
	sleep 0.7
}

echo_flows()
{
	local before after

	before=$(cat /sys/class/net/eth0/statistics/rx_packets)
	sleep 0.1
	after=$(cat /sys/class/net/eth0/statistics/rx_packets)
	[ "$after" -gt "$((before + 5))" ]
} 2>/dev/null

# load_end WAY REPETITION
load_end()
{
	local sent echoed seen key gap_at

	wait_for 30 echo_flows || not_ok "$driver: packets flow after $1"
	sleep 0.5
	kill -TERM "$echo_pid"
	wait "$echo_pid"
	seen=$(($(host_count udp) - echo_seen))
	for key in sent echoed send_errors gap_ms; do
		row "$1" "$2" $key "$(jq ".$key" /tmp/udp)"
	done
	# Where the gap was: milliseconds since the command or the script began.
	gap_at=$(jq "(.start_s + .gap_at_s - ${began_s:-0}) * 1000 | floor" /tmp/udp)
	row "$1" "$2" gap_at_ms "$gap_at"
	sent=$(jq .sent /tmp/udp)
	echoed=$(jq .echoed /tmp/udp)
	row "$1" "$2" lost_out $((sent - seen))
	row "$1" "$2" lost_in $((seen - echoed))
}

## The plain way

# What ifup and its like do with the settings of net_config: what the link depends on first, then the rest.
reconfigure()
{
	[[ $NOT_CONFIGURED == *ring* ]] || ethtool -G eth0 rx 512 tx 128
	ethtool -K eth0 tso off gro off
	ethtool -C eth0 rx-usecs 100
	ethtool -s eth0 msglvl 3 wol g
	ip -force -batch - <<-END
		link set eth0 mtu 1400 txqueuelen 512 alias "link of the test"
		link set eth0 up
		addr add 10.0.$((number + 2)).15/24 dev eth0
		addr add 192.0.2.1/24 dev eth0 label eth0:x
		route add 198.51.100.0/24 via 192.0.2.9 dev eth0 metric 77
		neigh replace 192.0.2.9 lladdr 02:00:00:00:00:09 nud permanent dev eth0
		-6 addr add 2001:db8::1/64 dev eth0 nodad
		-6 route add 2001:db8:1::/48 via 2001:db8::9 dev eth0
		maddr add 01:00:5e:01:02:03 dev eth0
		link add link eth0 name eth0.7 type vlan id 7
		link set eth0.7 up
		addr add 192.168.7.1/24 dev eth0.7
	END
	tc qdisc replace dev eth0 root fq_codel limit 5000
	echo 20000 >/sys/class/net/eth0/gro_flush_timeout
} >/dev/null 2>&1

rebind()
{
	local device dir began

	device=$(basename "$(readlink -f /sys/class/net/eth0/device)")
	dir=$(readlink -f /sys/class/net/eth0/device/driver)
	load_begin
	began=$(microseconds)
	read -r began_s _ </proc/uptime
	echo "$device" >"$dir/unbind"
	echo "$device" >"$dir/bind"
	row rebind "$1" bound_ms $((($(microseconds) - began) / 1000))
	reconfigure
	row rebind "$1" configured_ms $((($(microseconds) - began) / 1000))
	wait_for 30 carrier eth0
	load_end rebind "$1"
}

## The update

# prove REPETITION
prove()
{
	prove_path "$1" iface=eth0 xmit "$(readlink -f /sys/class/net/eth0/device/driver/module)"
}

measure()
{
	local i names

	names=$(names v2)
	net_driver "$driver"
	net_up eth0 "$number"
	NOT_CONFIGURED=
	# The stock driver frees DMA memory with interrupts disabled when its rings are resized; the kernel warns.
	[ "$driver" != pcnet32 ] || NOT_CONFIGURED=ring
	net_config
	load_begin
	sleep 1
	load_end quiet 1
	for ((i = 1; i <= repetitions; i++)); do
		rebind $i
	done
	swap_all net
	ip link del eth0.7
	ip link set eth0 down
	rmmod "$(basename "$(readlink -f /sys/class/net/eth0/device/driver/module)")"
	rmmod 8390 2>/dev/null || lsmod | awk '$1 ~ /^8390/ { print $1 }' | xargs -r rmmod 2>/dev/null
	summary gap_ms pause_ns
}
