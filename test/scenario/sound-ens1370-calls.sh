# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: control calls that began before an update, that do not end, and those of a program of 32 bits"
VM_SOUND="ens1370"
DRIVERS="snd-ens1370:slow-control snd-ens1370:v2 snd-ens1370:v3"
VM_TIMEOUT=300

bias()
{
	amixer -c 0 cget "iface=CARD,name='Mic +5V bias'" | sed -n 's/.*: values=//p'
}

# Begins to set it: the driver sleeps in that for nine seconds. The process is $setter.
set_bias()
{
	amixer -q -c 0 cset "iface=CARD,name='Mic +5V bias'" "$1" &
	setter=$!
}

in_driver()
{
	grep -q snd_ensoniq_control_put "/proc/$1/stack"
}

guest()
{
	local setter reader

	sound_driver snd-ens1370
	modprobe segue_sound
	sound_config
	playing_start rw
	playing_flows "before"
	sound_update_done snd-ens1370 slow-control

	# It takes longer than is waited for.
	set_bias on
	check "a call is in the driver" wait_for 10 in_driver "$setter"
	sound_update_undone snd-ens1370 v2 2 "control call .* of process $setter "
	check "the call comes to its end" wait "$setter"
	check_equal "and has done what it was to do" on "$(bias)"
	# One that ends in time is waited for.
	set_bias off
	check "a call is in the driver" wait_for 10 in_driver "$setter"
	sleep 5
	check "and still there" in_driver "$setter"
	sound_update_done snd-ens1370 v2
	check "the call comes to its end" wait "$setter"
	check_equal "and has done what it was to do" off "$(bias)"

	sw ctl32 0 >/tmp/ctl32.json &
	reader=$!
	sleep 1
	stall_ms 100
	sound_update_done snd-ens1370 v3
	stall_ms 0
	kill -TERM "$reader"
	check "a program of 32 bits found all controls, always" wait "$reader"
	check "it had many looks, and waited in the pause" \
		jq -e '.rounds > 20 and .most > 20 and .slowest_ms > 100' /tmp/ctl32.json
	note "$(cat /tmp/ctl32.json)"
	playing_stop "calls"
}
