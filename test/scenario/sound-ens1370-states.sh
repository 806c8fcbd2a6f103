# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: streams in every state when their driver is updated: open, configured, prepared, paused, draining, xrun"
VM_SOUND="ens1370"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3"
VM_TIMEOUT=500
# What tells of streams that begin and end within the watch.
STATE_IGNORED="/pcm0p/info|/pcm0p/sub0/"

guest()
{
	local kind

	sound_driver snd-ens1370
	sound_config
	sound_watch_start
	for kind in rw mmap; do
		sound_in_state $kind open snd-ens1370 v2 -n 40000
		sound_in_state $kind setup snd-ens1370 v3 -n 40000
		sound_in_state $kind prepared snd-ens1370 v2 -a 6000 -n 40000
		sound_in_state $kind running snd-ens1370 v3 -a 20000 -n 60000
		sound_in_state $kind paused snd-ens1370 v2 -a 20480 -n 60000
		sound_in_state $kind draining snd-ens1370 v3 -n 40000
	done
	# The application is told of the xrun that it made itself, once, and of no other.
	PLAY_XRUNS=1 sound_in_state rw xrun snd-ens1370 v2 -a 20480 -n 60000
	PLAY_XRUNS=1 sound_in_state mmap xrun snd-ens1370 v3 -a 20480 -n 60000
	sound_watch_stop "states"
}
