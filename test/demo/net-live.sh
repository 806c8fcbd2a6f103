# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables of test/run
# SPDX-License-Identifier: GPL-2.0
TITLE="First act: an interface. Debian's kernel, unmodified, in QEMU (seconds are on the left)"
DESCRIPTION="demo: a stock e1000 is updated, updated again, an update fails, one is refused, a rollback; under load"
VM_NICS="e1000"
DRIVERS="e1000:v2 e1000:v3 e1000:probe-late e1000:noop"
VM_SMP=1
VM_RATE=2
VM_TIMEOUT=300

# still_same TEXT: after a swap.
still_same()
{
	check_equal "$1: eth0 has the same number" "$index" "$(cat /sys/class/net/eth0/ifindex)"
	traffic_flows "$1"
	sleep 5
}

guest()
{
	local index builds

	title "Debian's kernel $(uname -r), its own e1000 driver"
	shown modprobe e1000
	check "stock driver e1000 is loaded by modprobe" wait_for 20 test -e /sys/class/net/eth0
	check "it is the distribution's file" loaded_from e1000
	net_up
	net_config
	shown ip -br addr show dev eth0
	index=$(cat /sys/class/net/eth0/ifindex)
	builds=$(sha256sum "$(modinfo -n e1000)" /drivers/e1000/*/e1000.ko | cut -d' ' -f1 | sort -u | wc -l)
	check_equal "the stock driver and the new ones are different builds" 5 "$builds"

	title "load: a download of which each byte is checked, an interactive TCP session, tcpdump"
	traffic_start
	check "load has started" traffic_flows "load"
	state_save before
	shown segue check e1000 /drivers/e1000/v2/e1000.ko
	segue watch --json >/tmp/events 2>/tmp/events.err &
	segue_watch=$!
	watch_start
	sleep 4

	title "an update to v2: its private structure is larger, every field of it is elsewhere"
	swap "update to v2" 0 segue update e1000 /drivers/e1000/v2/e1000.ko
	check_equal "update to v2: v2 is live" v2 "$(driver_version)"

	title "another update, to v3"
	swap "update to v3" 0 segue update e1000 /drivers/e1000/v3/e1000.ko
	check_equal "update to v3: v3 is live" v3 "$(driver_version)"

	title "an update whose probe fails"
	swap "failing probe" 2 segue update e1000 /drivers/e1000/probe-late/e1000.ko
	check "failing probe: it says so" grep -q "rolled-back at step start" /tmp/shown.out
	check_equal "failing probe: v3 is live" v3 "$(driver_version)"

	title "an update that can do less: no setting of interrupt coalescing"
	swap "missing function" 2 segue update e1000 /drivers/e1000/noop/e1000.ko
	check "missing function: it is named" grep -q "incompatible: .*set_coalesce" /tmp/shown.out
	check_equal "missing function: v3 is live" v3 "$(driver_version)"

	title "the version before comes back by command"
	swap "rollback to v2" 0 segue rollback e1000
	check_equal "rollback to v2: v2 is live" v2 "$(driver_version)"

	title "the end"
	state_same "all swaps" before
	watch_stop "all swaps"
	traffic_stop "all swaps"
	kill "$segue_watch"
	check "segue commit drops the other versions" shown segue commit e1000
	host_save net-live.events < <(cat /tmp/marks /tmp/events)
	host_save net-live.timeline </tmp/traffic.timeline
	host_save net-live.traffic < <(cat /tmp/traffic.pull /tmp/traffic.session)
}
