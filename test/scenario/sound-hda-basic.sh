# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-hda-intel with its codec modules: aplay, read/write and mmap, through updates of all of them"
# Without the timer of QEMU's codec, which forgets what it had taken when a stream stops.
VM_SOUND="hda,use-timer=off"
DRIVERS="snd-hda-intel:v2 snd-hda-intel:v3"
VM_TIMEOUT=500

guest()
{
	SOUND_RATE=48000
	sound_driver snd-hda-intel
	sound_config
	playing_start aplay
	playing_flows "before"
	sound_life snd-hda-intel
	check_equal "one generation of snd_hda_codec stays loaded" 1 "$(modules_of snd_hda_codec)"
	playing_stop "aplay"
	rm /tmp/state.before
	playing_start aplay hw:0,0 -M
	playing_flows "mapped" 1
	PLAYING=1 sound_life snd-hda-intel v2 v2
	playing_stop "aplay -M"
}
