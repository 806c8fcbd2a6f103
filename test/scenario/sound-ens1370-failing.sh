# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: new drivers that fail early or late, or whose position never moves: rolled back while aplay plays"
VM_SOUND="ens1370"
DRIVERS="snd-ens1370:probe-early snd-ens1370:probe-late snd-ens1370:stuck snd-ens1370:v2"
VM_TIMEOUT=400
ALLOWED_LOG="test: probe fails"

guest()
{
	sound_driver snd-ens1370
	sound_config
	playing_start aplay
	playing_flows "before"
	sound_watch_start
	sound_state_save before
	sound_update_undone snd-ens1370 probe-early 2 "start"
	sound_update_undone snd-ens1370 probe-late 2 "start"
	sound_update_undone snd-ens1370 stuck 2 "verify"
	sound_update_done snd-ens1370 v2
	sound_watch_stop "failed updates"
	playing_stop "failed updates"
}
