# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: a failure at every step, while applications play and record: the old driver goes on"
VM_SOUND="ens1370"
DRIVERS="snd-ens1370:v2"
VM_TIMEOUT=400

guest()
{
	local step

	sound_driver snd-ens1370
	modprobe segue_sound
	sound_config
	playing_start aplay
	playing_flows "before"
	sound_watch_start
	sound_state_save before
	for step in check cover capture stop start compare replay verify uncover; do
		fail_step "$step"
		sound_update_undone snd-ens1370 v2 2 "$step"
	done
	fail_step ""
	sound_update_done snd-ens1370 v2
	sound_watch_stop "failing at every step"
	playing_stop "failing at every step"
}
