# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-hda-intel with two controllers, each with a codec: updated together; what QEMU's codec forgets by itself"
# The second one works as QEMU's codec usually does: it takes up to 2048 frames, and forgets them when its stream stops.
# That it is this, and not the update, shows the first one, which loses nothing in the same updates.
VM_SOUND="hda,use-timer=off hda"
DRIVERS="snd-hda-intel:v2"
VM_TIMEOUT=400
FORGOTTEN=2048

# Number 0: paused and resumed on the second card, without any update. After a pause QEMU's controller goes on at the
# beginning of the buffer, so the rest of it is lost, too: no pause can be compared with an update there.
stock_forgets()
{
	playing_start rw -s paused -g /tmp/pause -a 20480 -n 60000
	check "stock: a stream is paused" wait_for 20 test -e /tmp/pause.ready
	touch /tmp/pause.go
	playing_finish 0
	play_expect 0 "loses=1 lost=$((8 * FORGOTTEN))"
	playing_check "stock, paused and resumed" 0
	play_jobs[0]=
}

guest()
{
	SOUND_RATE=48000
	sound_driver snd-hda-intel 0 1
	sound_config 0
	sound_config 1
	SOUND_CARD=1
	stock_forgets
	playing_start aplay
	play_expect 1 "lost=$((3 * FORGOTTEN))"
	SOUND_CARD=0
	playing_start aplay
	playing_flows "before" 2
	PLAYING=2
	check_exit "one card without the other: refused" 1 update snd-hda-intel v2 --device card0
	check_output "one card: says why" "a driver on another bus"
	check_equal "one card: nothing stays loaded" 1 "$(modules_of snd_hda_codec)"
	sound_state_save before
	sound_update_done snd-hda-intel v2
	check_equal "the second card has the new driver" v2 "$(sound_version 1)"
	sound_rollback_done snd-hda-intel stock
	check_equal "the second card has the old driver" stock "$(sound_version 1)"
	sound_update_done snd-hda-intel v2
	check "commit" segue commit snd-hda-intel
	check_equal "one generation of snd_hda_codec_generic stays loaded" 1 "$(modules_of snd_hda_codec_generic)"
	playing_stop "two cards"
}
