# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: forty updates within one playback, more than a module can be probed"
VM_SOUND="ens1370"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3"
VM_TIMEOUT=900
SWAPS=${SWAPS:-40}

guest()
{
	local swap kind=v2

	sound_driver snd-ens1370
	sound_config
	playing_start aplay
	playing_flows "before"
	sound_watch_start
	sound_state_save before
	for ((swap = 1; swap <= SWAPS; swap++)); do
		check "swap $swap: to $kind" update snd-ens1370 "$kind" || remark </tmp/check.out
		check_equal "swap $swap: version" "$kind" "$(sound_version)"
		check "swap $swap: the other one is committed" segue commit snd-ens1370
		kind=$([ "$kind" = v2 ] && echo v3 || echo v2)
	done
	# One version, there and back, without another image.
	for ((swap = 1; swap <= SWAPS; swap++)); do
		[ "$swap" != 1 ] || check "to $kind" update snd-ens1370 "$kind"
		check "swap $swap: back" segue rollback snd-ens1370
	done
	sound_still_same "many updates"
	sound_watch_stop "many updates"
	playing_stop "many updates"
}
