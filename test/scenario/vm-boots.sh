# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="the virtual machine itself: stock driver, traffic, watchers, without any swap"
VM_NICS="e1000"
VM_TIMEOUT=120

guest()
{
	net_driver e1000
	net_up
	net_config
	traffic_start
	watch_start
	state_save before
	sleep 3
	state_same "no swap" before
	watch_stop "no swap"
	traffic_stop "no swap"
	check "HTTP download" sh -c "curl -s http://$HOST:$HOST_HTTP/1000000 | sha256sum | cut -d' ' -f1 > /tmp/a
		curl -s http://$HOST:$HOST_HTTP/1000000/sha256 | cmp - /tmp/a"
}
