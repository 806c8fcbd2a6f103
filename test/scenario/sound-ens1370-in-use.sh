# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: samples of 8 bits are played, which the new driver has not: refused, whatever is wanted"
VM_SOUND="ens1370"
DRIVERS="snd-ens1370:fewer-formats snd-ens1370:v2"
VM_TIMEOUT=300

guest()
{
	sound_driver snd-ens1370
	sound_config
	playing_start rw -f u8
	play_expect 0 coding=u8
	playing_flows "before"
	sound_state_save before
	check "who plays is named" segue check snd-ens1370 /drivers/snd-ens1370/v2/*.ko
	check_output "and need not open the card again" "\\(st\\) has pcmC0D0p open$"
	sound_update_undone snd-ens1370 fewer-formats 2 "U8"
	sound_update_undone snd-ens1370 fewer-formats 2 "U8" --allow-incompatible
	sound_update_done snd-ens1370 v2
	playing_stop "in use"
}
