# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: streams in every state when their driver is updated: open, configured, prepared, paused, draining, xrun"
VM_SOUND="ens1370"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3"
VM_TIMEOUT=500
# What tells of streams that begin and end within the watch.
STATE_IGNORED="/pcm0p/info|/pcm0p/sub0/"

paused_mapped()
{
	local number=${#play_jobs[@]}

	playing_start mmap -s paused -g /tmp/gate.mapped -a 20480 -n 60000
	check "mapped, paused: the stream gets there" wait_for 20 test -e /tmp/gate.mapped.ready
	check_exit "mapped, paused: refused" 2 update snd-ens1370 v3
	check_output "it says which stream and why" "pcmC0D0p is busy.*paused.*st \\("
	check_equal "mapped, paused: state" PAUSED "$(stream_state)"
	touch /tmp/gate.mapped.go
	playing_finish "$number"
	playing_check "refused" "$number"
	play_jobs[number]=
}

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
		sound_draining $kind snd-ens1370 v3
	done
	sound_in_state rw paused snd-ens1370 v2 -a 20480 -n 60000
	# What is mapped cannot be moved, and where it is paused no driver can begin.
	paused_mapped
	# The application is told of the xrun that it made itself, once, and of no other.
	PLAY_XRUNS=1 sound_in_state rw xrun snd-ens1370 v3 -a 20480 -n 60000
	PLAY_XRUNS=1 sound_in_state mmap xrun snd-ens1370 v2 -a 20480 -n 60000
	sound_watch_stop "states"
}
