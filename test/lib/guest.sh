#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs one scenario inside the virtual machine: sources it, calls its guest(), and adds the checks that
# every scenario must pass.  The functions here are what scenarios are written with.

# Functions take the interface as an argument that is mostly left out.
# shellcheck disable=SC2119,SC2120

# shellcheck source=/dev/null
. /run/host
HOST=10.0.2.2
traffic_pull=
exec 8<>/dev/ttyS1

## Talking to the host

report()
{
	echo "$*"
	echo "$*" >&8
}

note()
{
	report "# $*"
}

# host_qmp JSON: run a QMP command; prints the answer.
host_qmp()
{
	local answer

	echo "@qmp $1" >&8
	IFS= read -r -t 30 answer <&8
	echo "$answer"
}

# host_count udp|echo|stream|sink|http: what the server on the host has seen.
host_count()
{
	local answer

	echo "@count $1" >&8
	IFS= read -r -t 30 answer <&8
	echo "$answer"
}

# host_qemu REGEX: how many lines match of what QEMU has said itself, see -trace in its manual.
host_qemu()
{
	local answer

	echo "@qemu $1" >&8
	IFS= read -r -t 30 answer <&8
	echo "$answer"
}

# host_save NAME: keeps standard input as the file NAME in the log directory of the host.
host_save()
{
	local line

	while IFS= read -r line; do
		echo "@save $1 $line" >&8
	done
}

## Assertions

ok()
{
	report "ok $*"
}

not_ok()
{
	report "not ok $*"
}

# Lines of standard input as remarks, at most 16 and cut to 200 characters; all of it to the console.
remark()
{
	local line

	tee /tmp/remark >/dev/console
	head -n 16 /tmp/remark | cut -c 1-200 | while IFS= read -r line; do
		note "  $line"
	done
	return 0
}

# check TEXT COMMAND...: the command succeeds.
check()
{
	local text=$1 code=0
	shift

	"$@" >/tmp/check.out 2>&1 || code=$?
	if [ $code = 0 ]; then
		ok "$text"
	else
		not_ok "$text: '$*' ended with $code"
		remark </tmp/check.out
	fi
	return $code
}

# check_exit TEXT CODE COMMAND...: the command ends with CODE; its output stays in /tmp/check.out.
check_exit()
{
	local text=$1 want=$2 code=0
	shift 2

	"$@" >/tmp/check.out 2>&1 || code=$?
	if [ $code = "$want" ]; then
		ok "$text"
	else
		not_ok "$text: '$*' ended with $code, not $want"
		remark </tmp/check.out
		return 1
	fi
}

# check_output TEXT WORDS: the last check's command printed WORDS (extended regular expression).
check_output()
{
	if grep -E -q -e "$2" /tmp/check.out; then
		ok "$1"
	else
		not_ok "$1: '$2' is not in the output:"
		remark </tmp/check.out
		return 1
	fi
}

# check_equal TEXT WANT GOT
check_equal()
{
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1: want '$2', got '$3'"
		return 1
	fi
}

# check_at_most TEXT LIMIT GOT
check_at_most()
{
	if [ -n "$3" ] && [ "$3" -le "$2" ]; then
		ok "$1 ($3, limit $2)"
	else
		not_ok "$1: '$3' is more than $2"
		return 1
	fi
}

# check_same TEXT FILE FILE
check_same()
{
	if diff "$2" "$3" >/tmp/check.out 2>&1; then
		ok "$1"
	else
		not_ok "$1: differs"
		remark </tmp/check.out
		return 1
	fi
}

# fails TEXT WORDS COMMAND...: of the assertions that the command makes, the one with the words must not hold;
# nothing of them is reported.
fails()
{
	local text=$1 words=$2
	shift 2

	(
		# shellcheck disable=SC2317 # the command calls them
		ok() { :; }
		# shellcheck disable=SC2317
		not_ok() { echo "$*" >>/tmp/fails; }
		# shellcheck disable=SC2317
		note() { :; }
		rm -f /tmp/fails
		"$@"
	)
	if grep -s "$words" /tmp/fails >/tmp/fails.words; then
		ok "$text is noticed: $(head -n 1 /tmp/fails.words | cut -c 1-120)"
	else
		not_ok "$text is noticed"
		remark </tmp/fails
	fi
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for()
{
	local end=$((SECONDS + $1))
	shift

	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

## The network

# net_driver MODULE [IFACE...]: loads the stock driver as the distribution does and waits for interfaces.
net_driver()
{
	local module=$1 iface
	shift

	# The bus driver first, as udev does when it finds the PCI device.
	[ "$module" != virtio_net ] || modprobe virtio_pci
	check "stock driver $module is loaded by modprobe" modprobe "$module"
	for iface in "${@:-eth0}"; do
		wait_for 20 test -e "/sys/class/net/$iface" || not_ok "interface $iface appears"
	done
}

carrier()
{
	[ "$(cat "/sys/class/net/$1/carrier" 2>/dev/null)" = 1 ]
}

# net_up [IFACE [NUMBER]]: address and, for the first interface, the default route of QEMU's network.
net_up()
{
	local iface=${1:-eth0} number=${2:-0}

	ip link set "$iface" up
	ip addr add "10.0.$((number + 2)).15/24" dev "$iface"
	[ "$number" != 0 ] || ip route add default via 10.0.2.2
	wait_for 20 carrier "$iface" || not_ok "$iface has a link"
}

# net_config [IFACE]: settings of every kind, those that the driver does not have are left out, and those
# that the scenario names in NOT_CONFIGURED.  CONFIG_MTU is the MTU it gets.
net_config()
{
	local iface=${1:-eth0}

	ip link set "$iface" mtu "${CONFIG_MTU:-1400}"
	ip link set "$iface" txqueuelen 512
	ip link add link "$iface" name "$iface.7" type vlan id 7
	ip link set "$iface.7" up
	ip addr add 192.168.7.1/24 dev "$iface.7"
	ip addr add 192.0.2.1/24 dev "$iface" label "$iface:x"
	ip route add 198.51.100.0/24 via 192.0.2.9 dev "$iface" metric 77
	ip neigh replace 192.0.2.9 lladdr 02:00:00:00:00:09 nud permanent dev "$iface"
	ip -6 addr add 2001:db8::1/64 dev "$iface" nodad
	ip -6 route add 2001:db8:1::/48 via 2001:db8::9 dev "$iface"
	ip maddr add 01:00:5e:01:02:03 dev "$iface"
	tc qdisc replace dev "$iface" root fq_codel limit 5000 2>/dev/null
	[[ $NOT_CONFIGURED == *ring* ]] || ethtool -G "$iface" rx 512 tx 128
	ethtool -K "$iface" tso off
	ethtool -K "$iface" gro off
	ethtool -C "$iface" rx-usecs 100
	ethtool -s "$iface" msglvl 3
	ethtool -s "$iface" wol g
	echo 20000 >"/sys/class/net/$iface/gro_flush_timeout"
	echo "link of the test" >"/sys/class/net/$iface/ifalias"
	sleep 0.5
	wait_for 20 carrier "$iface"
	wait_for 20 carrier "$iface.7"
	wait_for 20 sh -c "ip -6 addr show dev $iface scope link | grep -q inet6"
	wait_for 20 sh -c "ip -6 addr show dev $iface.7 scope link | grep -q inet6"
	sleep 0.5
} >/dev/null 2>&1

# state IFACE: everything about an interface that must not change, except the driver's version and the
# files in its folder that match STATE_IGNORED (extended regular expression).
state()
{
	local iface=$1 option
	local dir=/sys/class/net/$iface

	ip -d addr show
	ip -4 route show table all
	ip -6 route show table all
	ip neigh show nud permanent
	ip maddr show
	ip rule
	tc qdisc show
	bridge vlan show 2>/dev/null
	bridge fdb show dev "$iface" 2>/dev/null
	cat /proc/net/dev_mcast
	cat /proc/net/vlan/config 2>/dev/null
	# These names are in the memory of drivers; of a state without a fixed number each generation has its own.
	sed 's/.*: //' /sys/devices/system/cpu/hotplug/states | sort -u
	for option in "" -k -g -c -a -l -n -x --show-priv-flags --show-eee --show-fec -T; do
		echo "== ethtool $option"
		# shellcheck disable=SC2086 # no option at all is one of the cases
		ethtool $option "$iface" 2>&1
	done
	echo "== sysfs"
	grep -s -H . "$dir"/* "$dir"/queues/*/* |
		grep -v -E "^$dir/(uevent|${STATE_IGNORED:-none}):|/traffic_class:|/queues/[^/]*/uevent:"
	readlink "$dir/device" "$dir/device/driver"
	ls "$dir/device/driver/"
}

# What is left of it without times that run down and what a link negotiates by chance.  One process does it for all
# commands: starting one is what takes longest under the checkers of the debug kernel.
state_lasting()
{
	sed 's/\(valid\|preferred\)_lft [0-9]*sec//g; s/_timer *[0-9.]*//g; s/ expires [0-9]*sec//; s/MDI-X: [a-zA-Z]*/MDI-X:/'
}

state_save()
{
	state "${2:-eth0}" 2>&1 | state_lasting >"/tmp/state.$1"
}

# state_same TEXT BEFORE [IFACE]: saves the state again and compares.
state_same()
{
	state "${3:-eth0}" 2>&1 | state_lasting >/tmp/state.now
	check_same "$1: addresses, routes, settings are the same" "/tmp/state.$2" /tmp/state.now
}

driver_version()
{
	ethtool -i "${1:-eth0}" | sed -n 's/^version: //p'
}

# watch_start [IFACE]: everything that reports a change begins to listen.
watch_start()
{
	local iface=${1:-eth0}

	ip -ts monitor all >/tmp/watch.ip 2>&1 &
	watch_ip=$!
	udevadm monitor --kernel --udev >/tmp/watch.udev 2>&1 &
	watch_udev=$!
	nt poll "$iface" >/tmp/watch.poll 2>/tmp/watch.poll.err &
	watch_poll=$!
	sleep 1
	: >/tmp/watch.ip.base
	grep -c . /tmp/watch.udev >/tmp/watch.udev.base
	wc -l </tmp/watch.ip >/tmp/watch.ip.base
}

# Events of loading and unloading modules are the user's, not the swap's.
udev_events()
{
	tail -n "+$(($(cat /tmp/watch.udev.base) + 1))" /tmp/watch.udev | grep '^\(KERNEL\|UDEV\) *\[' |
		grep -v ' /module/\| /bus/[a-z]*/drivers/\| /kernel/slab/\| /devices/virtual/bdi\| /class/' || :
}

# Neighbours come and go by themselves; a permanent one does not.
ip_events()
{
	tail -n "+$(($(cat /tmp/watch.ip.base) + 1))" /tmp/watch.ip | grep -v '^\(Timestamp\|\[.*\]Timestamp\)' |
		grep -v '\[NEIGH\].*\(STALE\|DELAY\|PROBE\|REACHABLE\)\|lladdr.*\(STALE\|DELAY\|PROBE\|REACHABLE\)' | grep . || :
}

watch_stop()
{
	local text=$1

	kill -TERM "$watch_poll"
	wait "$watch_poll"
	sleep 0.5
	kill "$watch_ip" "$watch_udev"
	wait "$watch_ip" "$watch_udev" 2>/dev/null
	ip_events >/tmp/watch.events
	check_same "$text: 'ip monitor all' shows no line" /dev/null /tmp/watch.events
	udev_events >/tmp/watch.events
	check_same "$text: 'udevadm monitor' shows no line" /dev/null /tmp/watch.events
	if jq -e '.rounds > 0 and .backwards + .read_errors + .ioctl_errors + .not_running + .changed == 0' \
		/tmp/watch.poll >/dev/null; then
		ok "$text: polls of counters, flags and settings see nothing ($(jq .rounds /tmp/watch.poll) rounds, slowest $(jq .slowest_ms /tmp/watch.poll) ms)"
	else
		not_ok "$text: polls see a difference: $(cat /tmp/watch.poll)"
		remark </tmp/watch.poll.err
	fi
}

# traffic_start [IFACE]: a checked download, an interactive session, UDP echoes, a packet capture.
traffic_start()
{
	local iface=${1:-eth0}

	tcpdump -i "$iface" -n -s 64 -Z root -w /tmp/traffic.pcap "tcp or udp" >/tmp/traffic.tcpdump 2>&1 &
	traffic_tcpdump=$!
	wait_for 10 grep -q "listening on" /tmp/traffic.tcpdump || not_ok "tcpdump starts"
	nt pull $HOST "$HOST_TCP" /tmp/traffic.timeline >/tmp/traffic.pull 2>&1 &
	traffic_pull=$!
	nt session $HOST "$HOST_ECHO" >/tmp/traffic.session 2>&1 &
	traffic_session=$!
	udp_seen=$(host_count udp)
	nt udp $HOST "$HOST_UDP" 10000 >/tmp/traffic.udp 2>&1 &
	traffic_udp=$!
	traffic_size=0
	wait_for 20 traffic_moves || not_ok "traffic starts"
}

# Has the download made progress since the last call?
traffic_moves()
{
	local size before=$traffic_size

	size=$(stat -c %s /tmp/traffic.timeline 2>/dev/null || echo 0)
	traffic_size=$size
	[ "$size" -gt "$before" ]
}

# traffic_flows TEXT: the download goes on within 20 seconds.
traffic_flows()
{
	traffic_size=$(stat -c %s /tmp/traffic.timeline)
	check "$1: traffic flows" wait_for 20 traffic_moves
}

# traffic_stop TEXT: ends the traffic; no connection was lost and no byte was wrong.
traffic_stop()
{
	local text=$1 seen

	kill -TERM "$traffic_udp"
	wait "$traffic_udp"
	seen=$(($(host_count udp) - udp_seen))
	kill -TERM "$traffic_pull" "$traffic_session"
	wait "$traffic_pull" "$traffic_session"
	kill -TERM "$traffic_tcpdump"
	wait "$traffic_tcpdump"
	if jq -e '.alive and .errors == 0 and .bytes > 0' /tmp/traffic.pull >/dev/null; then
		ok "$text: download intact: $(cat /tmp/traffic.pull)"
	else
		not_ok "$text: download: $(cat /tmp/traffic.pull)"
	fi
	if jq -e '.alive and .errors == 0 and .lines > 0' /tmp/traffic.session >/dev/null; then
		ok "$text: session alive: $(cat /tmp/traffic.session)"
	else
		not_ok "$text: session: $(cat /tmp/traffic.session)"
	fi
	if jq -e '.echoed > 0' /tmp/traffic.udp >/dev/null; then
		ok "$text: UDP: $(cat /tmp/traffic.udp), $seen seen by the server"
	else
		not_ok "$text: UDP: $(cat /tmp/traffic.udp), $seen seen by the server"
	fi
	traffic_pull=
	if grep -q "packets captured" /tmp/traffic.tcpdump &&
		[ "$(sed -n 's/ packets captured//p' /tmp/traffic.tcpdump)" -gt 0 ]; then
		ok "$text: capture lived: $(sed -n '/captured/p' /tmp/traffic.tcpdump)"
	else
		not_ok "$text: capture: $(tail -n 3 /tmp/traffic.tcpdump | tr '\n' ';')"
	fi
}

## Segue

# update DRIVER KIND [OPTION...]: 'segue update' with the images of that kind, below DRIVERS_AT.
update()
{
	local driver=$1 kind=$2
	shift 2

	segue update "$@" "$driver" "${DRIVERS_AT-}/drivers/$driver/$kind"/*.ko*
}

# update_done DRIVER KIND [OPTION...]: it becomes live, nothing else changes, traffic flows.
update_done()
{
	local driver=$1 kind=$2

	check "update $driver to $kind" update "$@" && remark </tmp/check.out
	check_equal "version is $kind" "$kind" "$(driver_version)"
	[ -z "$traffic_pull" ] || traffic_flows "update to $kind"
	[ ! -e /tmp/state.before ] || state_same "update to $kind" before
}

# update_undone DRIVER KIND CODE WORDS [OPTION...]: it ends with CODE, says WORDS, and all is as before.
update_undone()
{
	local driver=$1 kind=$2 code=$3 words=$4 version
	shift 4

	version=$(driver_version)
	check_exit "update $driver to $kind ends with $code" "$code" update "$driver" "$kind" "$@" &&
		remark </tmp/check.out
	[ -z "$words" ] || check_output "update to $kind says why" "$words"
	check_equal "version is still $version" "$version" "$(driver_version)"
	[ -z "$traffic_pull" ] || traffic_flows "failed update to $kind"
	[ ! -e /tmp/state.before ] || state_same "failed update to $kind" before
}

# rollback_done DRIVER VERSION: 'segue rollback' makes VERSION live again.
rollback_done()
{
	check "roll back $1" segue rollback "$1" && remark </tmp/check.out
	check_equal "version is $2 again" "$2" "$(driver_version)"
	[ -z "$traffic_pull" ] || traffic_flows "rollback to $2"
	[ ! -e /tmp/state.before ] || state_same "rollback to $2" before
}

# modules_of NAME: how many generations of a module are loaded.
modules_of()
{
	lsmod | grep -c "^${1//-/_}\(__[0-9]*\)\? "
}

# The whole life of an update: v2, back to the stock driver, v2 again, v3, back to v2, commit; under traffic
# and watched.
standard_update()
{
	local driver=$1 stock

	net_driver "$driver"
	net_up
	net_config
	stock=$(driver_version)
	traffic_start
	state_save before
	watch_start
	update_done "$driver" v2
	rollback_done "$driver" "$stock"
	update_done "$driver" v2
	update_done "$driver" v3
	rollback_done "$driver" v2
	check "commit $driver" segue commit "$driver"
	check_equal "one generation of $driver stays loaded" 1 "$(modules_of "$driver")"
	traffic_flows "commit"
	state_same "commit" before
	watch_stop "updates"
	traffic_stop "updates"
}

# fail_step NAME: the next swaps fail at that step; an empty name switches it off.
fail_step()
{
	echo "$1" >/sys/kernel/debug/segue/fail_step
}

stall_ms()
{
	echo "$1" >/sys/kernel/debug/segue/stall_ms
}

# The last swap is neither running nor unknown.
swap_ended()
{
	segue status --json | jq -e '.swaps[0].result as $r | $r != null and $r != "none" and $r != "running"'
}

# kill_at STEP SIGNAL DRIVER KIND: kills the process of an update when it has reported the step, while the swap waits
# before the next one, and waits for the end of the swap.
kill_at()
{
	local step=$1 signal=$2 driver=$3 kind=$4 pid

	: >/tmp/update.out
	stall_ms 500
	segue update "$driver" "/drivers/$driver/$kind"/*.ko* >/tmp/update.out 2>&1 &
	pid=$!
	wait_for 60 grep -q " $step  " /tmp/update.out || {
		not_ok "step $step is reported"
		remark </tmp/update.out
	}
	check "at $step there is a process to kill" kill -"$signal" "$pid"
	wait "$pid"
	stall_ms 0
	check "killed by $signal at $step: the swap comes to its end" wait_for 60 swap_ended
} 2>/dev/null

# A problem in the kernel log is a failure whatever the scenario says.  Scenarios that provoke a line on
# purpose name it in ALLOWED_LOG (extended regular expression).
check_kernel_log()
{
	dmesg >/tmp/dmesg
	grep -E \
		'WARNING:|BUG:|Oops:|Call Trace|general protection|Kernel panic|lockdep|circular locking|suspicious RCU|rcu.*stall|soft lockup|hard LOCKUP|blocked for more than|refcount_t|use-after-free|KASAN|UBSAN|kmemleak|ODEBUG|scheduling while atomic|sleeping function|unregister_netdevice: waiting|NETDEV WATCHDOG|DMAR.*fault|bad page|list_(add|del) corruption|stack-protector' \
		/tmp/dmesg >/tmp/dmesg.words
	[ -z "${LOG_WORDS-}" ] || grep -E "$LOG_WORDS" /tmp/dmesg >>/tmp/dmesg.words
	sort -u /tmp/dmesg.words | grep -v -E "${ALLOWED_LOG:-^$}" >/tmp/dmesg.bad
	check_same "kernel log is clean" /dev/null /tmp/dmesg.bad
}

# All of Segue unloads in the end, unless the scenario leaves a degraded device behind (KEEP_SEGUE=1).
check_unload()
{
	local driver module

	[ -d /sys/module/segue ] || return 0
	[ -z "$KEEP_SEGUE" ] || return 0
	fail_step "" 2>/dev/null
	stall_ms 0 2>/dev/null
	segue status --json 2>/dev/null |
		jq -r '[.. | objects | select(.role? == "standby" and .generation?) | .driver] | unique[]' >/tmp/standby
	while read -r driver; do
		check "standby generations of $driver are committed" segue commit "$driver"
	done </tmp/standby
	for module in segue_net segue_block segue_sound segue; do
		[ -d "/sys/module/$module" ] || continue
		check "$module unloads" rmmod "$module"
	done
	check_equal "no ftrace entry stays" "" "$(cat /sys/kernel/tracing/enabled_functions 2>/dev/null)"
}

main()
{
	systemd_udevd=$(ls /usr/lib/systemd/systemd-udevd 2>/dev/null)
	[ -z "$systemd_udevd" ] || "$systemd_udevd" --daemon 2>/dev/null
	# Only the archive of disk scenarios has this program.
	# shellcheck source=/dev/null
	[ ! -x /usr/bin/bt ] || . /test/guest-block.sh
	# The same for sound.
	# shellcheck source=/dev/null
	[ ! -x /usr/bin/st ] || . /test/guest-sound.sh
	# shellcheck source=/dev/null
	. /test/scenario.sh
	note "booted in $(cut -d' ' -f1 /proc/uptime) s"
	guest
	check_unload
	check_kernel_log
	echo "--- kernel log"
	cat /tmp/dmesg
	report "done"
	sleep 0.2
}

main
