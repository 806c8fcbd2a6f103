# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-hda-intel: a new codec module that fails, in another task than the controller's probe: rolled back while aplay plays"
VM_SOUND="hda,use-timer=off"
DRIVERS="snd-hda-intel:codec-fails snd-hda-intel:v2"
VM_TIMEOUT=400
ALLOWED_LOG="test: probe fails|Cannot probe codecs|snd_hda_codec_generic.* failed with error -5"

# Without the controller's module and the library: those are taken from where modprobe finds them.
codec_alone()
{
	segue check snd-hda-intel /drivers/snd-hda-intel/v2/snd-hda-codec-generic.ko*
}

guest()
{
	SOUND_RATE=48000
	sound_driver snd-hda-intel
	sound_config
	playing_start aplay
	playing_flows "before"
	sound_watch_start
	sound_state_save before
	sound_update_undone snd-hda-intel codec-fails 2 "start"
	check_equal "nothing of it stays loaded" 1 "$(modules_of snd_hda_codec_generic)"
	check_exit "a codec's driver is not updated by its name" 1 segue update snd_hda_codec_generic \
		/drivers/snd-hda-intel/v2/snd-hda-codec-generic.ko*
	check_output "its name: says why" "exchanged with that one"
	check "a codec's module asks for the driver" codec_alone
	check_output "a codec's module: says why" "snd-hda-intel.ko.* is exchanged with snd_hda_codec_generic"
	sound_update_done snd-hda-intel v2
	sound_watch_stop "failed updates"
	playing_stop "failed updates"
}
