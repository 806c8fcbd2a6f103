# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: a new driver with one PCM more: it appears, is told to udev, and plays; a driver without it is refused then"
VM_SOUND="ens1370"
DRIVERS="snd-ens1370:pcm-added snd-ens1370:v2"
VM_TIMEOUT=300

guest()
{
	local step

	sound_driver snd-ens1370
	modprobe segue_sound
	sound_config
	playing_start rw
	playing_flows "before"
	sound_watch_start
	sound_state_save before
	# It is not there before the swap has succeeded.
	for step in compare verify uncover; do
		fail_step $step
		sound_update_undone snd-ens1370 pcm-added 2 "$step"
	done
	fail_step ""
	sound_watch_stop "not added"
	rm /tmp/state.before
	udevadm monitor --kernel >/tmp/added.udev 2>&1 &
	sleep 1
	sound_update_done snd-ens1370 pcm-added
	udevadm settle
	kill $!
	check "the PCM is there" test -c /dev/snd/pcmC0D2p
	check_equal "udev is told of it" 1 "$(grep -c 'add.*pcmC0D2p' /tmp/added.udev)"
	check_equal "and of nothing else of the card" 0 "$(grep -v pcmC0D2p /tmp/added.udev | grep -c sound)"
	check "it is listed" grep -q '^00-02: ' /proc/asound/pcm
	check "it plays" st play -z -D pcmC0D2p -n 20000 -b 4096 -p 1024
	sound_update_undone snd-ens1370 v2 2 "does not provide pcmC0D2p"
	check "the PCM is still there" test -c /dev/snd/pcmC0D2p
	check "it still plays" st play -z -D pcmC0D2p -n 20000 -b 4096 -p 1024
	playing_stop "a PCM more"
}
