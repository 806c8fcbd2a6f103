# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-hda-intel with its codec modules: aplay, read/write and mmap, through updates of all of them"
VM_SOUND="hda"
DRIVERS="snd-hda-intel:v2 snd-hda-intel:v3"
VM_TIMEOUT=500

guest()
{
	SOUND_RATE=48000
	sound_driver snd-hda-intel
	sound_config
	playing_start aplay
	# QEMU's codec forgets what it had taken when a stream stops, about 20 ms: three swaps.
	play_expect 0 lost=3600
	playing_flows "before"
	sound_life snd-hda-intel
	check_equal "one generation of snd_hda_codec stays loaded" 1 "$(modules_of snd_hda_codec)"
	playing_stop "aplay"
	rm /tmp/state.before
	playing_start aplay hw:0,0 -M
	play_expect 1 lost=3600
	playing_flows "mapped" 1
	PLAYING=1 sound_life snd-hda-intel v2 v2
	playing_stop "aplay -M"
}
