# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-intel8x0 with snd-ac97-codec: aplay, read/write and mmap, through updates of both modules"
VM_SOUND="ac97"
DRIVERS="snd-intel8x0:v2 snd-intel8x0:v3"
VM_TIMEOUT=500

guest()
{
	SOUND_RATE=48000
	sound_driver snd-intel8x0
	sound_config
	playing_start aplay
	playing_flows "before"
	sound_life snd-intel8x0
	check_equal "one generation of snd_ac97_codec stays loaded" 1 "$(modules_of snd_ac97_codec)"
	playing_stop "aplay"
	rm /tmp/state.before
	playing_start aplay hw:0,0 -M
	playing_flows "mapped" 1
	PLAYING=1 sound_life snd-intel8x0 v2 v2
	playing_stop "aplay -M"
}
