# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-hda-intel with its codec modules: aplay, read/write and mmap, through updates of all of them"
# Without the timer of QEMU's codec, which forgets what it had taken when a stream stops: see sound-hda-two.
VM_SOUND="hda,use-timer=off"
DRIVERS="snd-hda-intel:v2 snd-hda-intel:v3"
VM_TIMEOUT=500

guest()
{
	SOUND_RATE=48000
	note_requests
	sound_driver snd-hda-intel
	check "the stock driver asks for its codec's module" grep -q snd-hda-codec-generic /tmp/requests
	sound_config
	# What comes after the end of a play, comes without any update.
	playing_start aplay
	playing_flows "stock"
	playing_stop "stock"
	playing_start aplay
	playing_flows "before" 1
	: >/tmp/requests
	PLAYING=1 sound_life snd-hda-intel
	check_equal "nobody asks for a module in an update" "" "$(requests)"
	check_equal "the codec has a driver of the same version" v3 "$(codec_version)"
	check_equal "one generation of snd_hda_codec stays loaded" 1 "$(modules_of snd_hda_codec)"
	check_equal "one generation of snd_hda_codec_generic stays loaded" 1 "$(modules_of snd_hda_codec_generic)"
	playing_stop "aplay"
	rm /tmp/state.before
	playing_start aplay hw:0,0 -M
	playing_flows "mapped" 1
	PLAYING=1 sound_life snd-hda-intel v2 v2
	playing_stop "aplay -M"
}
