# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables of test/run
# SPDX-License-Identifier: GPL-2.0
TITLE="Third act: a sound card. The same kernel; what the card plays is recorded outside of the machine"
DESCRIPTION="demo: while music plays, snd-ens1370 is updated, twice; two updates fail, a rollback"
VM_SOUND="ens1370:44100:1000"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3 snd-ens1370:probe-late snd-ens1370:fewer-formats"
PROGRAMS=tune
VM_TIMEOUT=300
# The probe that fails says so.
ALLOWED_LOG="test: "

# still_same TEXT: after a swap.
still_same()
{
	check "$1: aplay is the same process" test "$player" = "$(pidof aplay)"
	playing_flows "$1"
	sleep 2.9
}

guest()
{
	local player builds at=/drivers/snd-ens1370

	title "Debian's kernel $(uname -r), its own snd-ens1370 driver"
	sound_driver snd-ens1370
	check "it is the distribution's file" loaded_from snd_ens1370
	builds=$(sha256sum "$(modinfo -n snd_ens1370)" $at/{v2,v3,probe-late,fewer-formats}/*.ko | cut -d' ' -f1 | sort -u | wc -l)
	check_equal "the stock driver and the new ones are different builds" 5 "$builds"
	sound_config

	title "load: aplay plays the beginning of Bach's first prelude, from a file"
	music_start
	player=${play_pids[0]}
	shown segue check snd-ens1370 $at/v2/snd-ens1370.ko
	sound_watch_start
	sound_state_save before
	segue watch --json >/tmp/events 2>/tmp/events.err &
	segue_watch=$!
	sleep 1

	title "an update to v2: its structures are larger, every field of them is elsewhere"
	swap "update to v2" 0 segue update snd-ens1370 $at/v2/snd-ens1370.ko
	check_equal "update to v2: v2 is live" v2 "$(sound_version)"

	title "another update, to v3"
	swap "update to v3" 0 segue update snd-ens1370 $at/v3/snd-ens1370.ko
	check_equal "update to v3: v3 is live" v3 "$(sound_version)"

	title "an update whose probe fails, after it has taken the card"
	swap "failing probe" 2 segue update snd-ens1370 $at/probe-late/snd-ens1370.ko
	check "failing probe: it says so" grep -q "rolled-back at step start" /tmp/shown.out
	check_equal "failing probe: v3 is live" v3 "$(sound_version)"

	title "an update that can do less: no samples of 8 bits"
	swap "missing format" 2 segue update snd-ens1370 $at/fewer-formats/snd-ens1370.ko
	check "missing format: it is named" grep -q "incompatible: .*U8" /tmp/shown.out
	check_equal "missing format: v3 is live" v3 "$(sound_version)"

	title "the version before comes back by command"
	swap "rollback to v2" 0 segue rollback snd-ens1370
	check_equal "rollback to v2: v2 is live" v2 "$(sound_version)"

	title "the end"
	sound_state_same "all swaps" before
	sound_watch_stop "all swaps"
	kill "$segue_watch"
	check "segue commit drops the other versions" shown segue commit snd-ens1370
	note "the music plays to its end"
	playing_finish 0
	music_save sound-live
	playing_check "all swaps" 0
	play_jobs=()
	host_save sound-live.events < <(cat /tmp/marks /tmp/events)
}
