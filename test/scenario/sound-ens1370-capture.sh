# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: arecord, a stream that records and one that plays, through updates"
VM_SOUND="ens1370:none"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3"
VM_TIMEOUT=400

guest()
{
	sound_driver snd-ens1370
	sound_config
	playing_start rw
	playing_start record
	playing_flows "before"
	sound_life snd-ens1370
	playing_stop "st"
	rm /tmp/state.before
	playing_start arecord
	playing_flows "arecord" 1
	PLAYING=1 sound_life snd-ens1370 v2 v2
	playing_stop "arecord"
}
