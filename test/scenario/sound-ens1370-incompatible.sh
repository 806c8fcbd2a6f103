# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: new drivers with fewer formats, rates or controls: listed and rolled back, or taken if that is wanted"
VM_SOUND="ens1370"
DRIVERS="snd-ens1370:fewer-formats snd-ens1370:fewer-rates snd-ens1370:control-added snd-ens1370:control-removed snd-ens1370:v2"
VM_TIMEOUT=400

guest()
{
	sound_driver snd-ens1370
	sound_config
	playing_start rw
	playing_flows "before"
	sound_watch_start
	sound_state_save before
	sound_update_undone snd-ens1370 fewer-formats 2 "U8"
	# What a stream that runs has need of is never given up.
	sound_update_undone snd-ens1370 fewer-rates 2 "rate"
	sound_update_undone snd-ens1370 fewer-rates 2 "rate" --allow-incompatible
	sound_update_undone snd-ens1370 control-removed 2 "Mic [+]5V bias"
	sound_watch_stop "incompatible"
	sound_update_done snd-ens1370 fewer-formats --allow-incompatible
	sound_update_done snd-ens1370 v2
	rm /tmp/state.before
	sound_update_done snd-ens1370 control-added
	check_equal "the control that the new driver adds is there" 1 "$(amixer -c 0 controls | grep -c "Test Switch")"
	check "and can be set" amixer -q -c 0 cset "iface=CARD,name='Test Switch'" on
	# Back to one that has it not.
	check_exit "back to v2 ends with 2" 2 update snd-ens1370 v2
	check_output "and says why" "Test Switch"
	sound_update_done snd-ens1370 control-removed --allow-incompatible
	check_equal "the control that it lacks is gone" 0 "$(amixer -c 0 controls | grep -c "Mic +5V bias")"
	playing_stop "incompatible"
}
