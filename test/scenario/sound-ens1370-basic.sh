# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: aplay, read/write and mmap, through an update, a rollback, an update and a commit"
VM_SOUND="ens1370"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3"
VM_TIMEOUT=400

guest()
{
	sound_driver snd-ens1370
	sound_config
	playing_start aplay
	playing_flows "before"
	sound_life snd-ens1370
	playing_stop "aplay"
	rm /tmp/state.before
	playing_start aplay hw:0,0 -M
	playing_flows "mapped" 1
	PLAYING=1 sound_life snd-ens1370 v2 v2
	playing_stop "aplay -M"
}
