# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-hda-intel: generations that share the codec's driver, and others that do not; a failure at every step"
VM_SOUND="hda,use-timer=off"
# Of codec-fails only what differs in nothing from the stock driver.
DRIVERS="snd-hda-intel:codec-fails snd-hda-intel:v2"
VM_TIMEOUT=500

# in_charge TEXT MODULE VERSION: which module has the controller, and which version the codec.
in_charge()
{
	check_equal "$1: the controller has" "$2" "$(basename "$(readlink -f "$(sound_hardware)/driver/module")")"
	check_equal "$1: the codec has" "$3" "$(codec_version)"
	sound_still_same "$1"
	check_equal "$1: nobody asked for a module" "" "$(requests)"
}

guest()
{
	local step

	SOUND_RATE=48000
	sound_driver snd-hda-intel
	modprobe segue_sound
	sound_config
	note_requests
	playing_start aplay
	playing_flows "before"
	sound_watch_start
	sound_state_save before
	check "the controller's driver alone" segue update snd-hda-intel /drivers/snd-hda-intel/codec-fails/snd-hda-intel.ko*
	in_charge "the controller's driver alone" snd_hda_intel__2 stock
	check_exit "a library with a bus is refused" 1 segue update --force snd-hda-intel \
		"/lib/modules/$(uname -r)"/kernel/sound/hda/snd-hda-core.ko*
	check_output "a library with a bus: says why" "registers a bus"
	for step in cover stop start compare replay verify; do
		fail_step "$step"
		sound_update_undone snd-hda-intel v2 2 "$step"
		in_charge "failed at $step" snd_hda_intel__2 stock
	done
	fail_step ""
	check "all of it" update snd-hda-intel v2
	in_charge "all of it" snd_hda_intel__3 v2
	check "back" segue rollback snd-hda-intel
	in_charge "back" snd_hda_intel__2 stock
	check "back to the first one" segue rollback snd-hda-intel
	in_charge "back to the first one" snd_hda_intel stock
	check "to the third one" segue rollback snd-hda-intel --generation "$(segue status --json |
		jq '[.. | objects | .generation? // empty] | max')"
	in_charge "to the third one" snd_hda_intel__3 v2
	check "commit" segue commit snd-hda-intel
	for module in snd_hda_intel snd_hda_codec snd_hda_codec_generic; do
		check_equal "one generation of $module stays loaded" 1 "$(modules_of $module)"
	done
	in_charge "commit" snd_hda_intel__3 v2
	sound_watch_stop "parts"
	playing_stop "parts"
}
