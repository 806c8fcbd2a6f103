# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: updates and rollbacks within one playback, more than a module can be probed"
VM_SOUND="ens1370"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3"
VM_TIMEOUT=900
# How often the sound core has room for a card, and so how often a module lets itself be probed.
CARDS=32

live_generation()
{
	segue status --json | jq '[.. | objects | select(.role? == "live" and .generation?) | .generation] | max'
}

guest()
{
	local swap kind first second

	sound_driver snd-ens1370
	sound_config
	playing_start aplay
	playing_flows "before"
	sound_watch_start
	sound_state_save before
	# Other modules each time.
	for kind in v2 v3 v2 v3; do
		check "to $kind" update snd-ens1370 $kind || remark </tmp/check.out
		check_equal "version is $kind" $kind "$(sound_version)"
		check "the other one is committed" segue commit snd-ens1370
	done
	# The same two, there and back: most sound drivers count their devices up to 32, and never down.
	first=$(live_generation)
	check "to v2" update snd-ens1370 v2
	second=$(live_generation)
	for ((swap = 2; swap <= CARDS; swap++)); do
		check "$swap: to v3" segue rollback --generation "$first" snd-ens1370 || remark </tmp/check.out
		check_equal "$swap: version is v3" v3 "$(sound_version)"
		check "$swap: to v2" segue rollback --generation "$second" snd-ens1370 || remark </tmp/check.out
		check_equal "$swap: version is v2" v2 "$(sound_version)"
	done
	check_exit "once more is refused" 2 segue rollback --generation "$first" snd-ens1370
	check_output "the way out is said" "load it anew"
	check_equal "version is v2" v2 "$(sound_version)"
	# The way out: modules that are loaded anew count from the beginning.
	check "commit" segue commit snd-ens1370
	check_exit "v3 from a new module is refused: there is no way back" 2 update snd-ens1370 v3
	check_output "that is said" "no way back"
	check "it is taken if that is wanted" update snd-ens1370 v3 --allow-incompatible
	check_equal "version is v3" v3 "$(sound_version)"
	check "commit" segue commit snd-ens1370
	check "to v2, from a new module" update snd-ens1370 v2
	check "and back" segue rollback snd-ens1370
	check_equal "version is v3" v3 "$(sound_version)"
	sound_still_same "many updates"
	sound_watch_stop "many updates"
	playing_stop "many updates"
}
