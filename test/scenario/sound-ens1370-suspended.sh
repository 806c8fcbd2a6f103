# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: streams that are suspended, since the machine was asleep, go through updates, and on afterwards"
VM_SOUND="ens1370"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3"
VM_TIMEOUT=300
ALLOWED_LOG="PM: suspend|Freezing|OOM killer|suspend debug|Suspending console"

# The machine falls asleep, as far as its devices, and wakes up.
sleep_machine()
{
	echo devices >/sys/power/pm_test
	echo 1 >/sys/module/suspend/parameters/pm_test_delay
	echo freeze >/sys/power/state
}

# suspended KIND VERSION
suspended()
{
	local kind=$1 version=$2 number=${#play_jobs[@]} gate

	gate=/tmp/gate.$number
	playing_start "$kind" -s suspended -g "$gate"
	# This driver does not stop its hardware, and the emulated one does not lose its power: it goes round in the buffer
	# while the machine is asleep, twice. What is in the buffer afterwards is forgotten by the application.
	play_expect "$number" "repeated=200000 lost=32768"
	playing_flows "$kind, before" 1
	check "$kind: the machine falls asleep and wakes up" sleep_machine
	check "$kind: the application is told" wait_for 20 test -e "$gate.ready"
	check_equal "$kind: its state" SUSPENDED "$(stream_state)"
	check "$kind: update to $version" update snd-ens1370 "$version" && remark </tmp/check.out
	check_equal "$kind: version" "$version" "$(sound_version)"
	check_equal "$kind: its state after the update" SUSPENDED "$(stream_state)"
	touch "$gate.go"
	playing_flows "$kind, after" 1
	check "$kind: and asleep once more, with the new driver" sleep_machine
	playing_flows "$kind, after it" 1
	playing_end "$number"
	check_equal "$kind: it was suspended" 2 "$(jq .suspends "/tmp/play.$number.json")"
	playing_check "suspended, $kind" "$number"
	play_jobs[number]=
}

guest()
{
	sound_driver snd-ens1370
	modprobe segue_sound
	sound_config
	suspended rw v2
	suspended mmap v3
}
