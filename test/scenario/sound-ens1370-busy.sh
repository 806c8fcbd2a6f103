# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: applications that open, start, set, read and are killed in the middle of a swap"
VM_SOUND="ens1370"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3"
VM_TIMEOUT=500
# What tells of streams that begin and end.
STATE_IGNORED="/pcm[01]p/info|/pcm[01]p/sub0/"

volume()
{
	amixer -c 0 cget "name='CD Volume'" | sed -n 's/.*: values=//p'
}

set_volume()
{
	amixer -q -c 0 cset "name='CD Volume'" "$1,$1"
}

# A stream from its beginning to its end.
short_play()
{
	playing_start "$@"
	playing_finish $((${#play_jobs[@]} - 1))
	[ "$play_code" = 0 ]
}

# A stream that is killed.
killed_play()
{
	st play -z -D pcmC0D1p &
	sleep 0.2
	kill -KILL $!
	wait $! 2>/dev/null
	[ ! -e "/proc/asound/card0/pcm1p/sub0/hw_params" ] || wait_for 5 grep -q closed /proc/asound/card0/pcm1p/sub0/status
}

read_all()
{
	cat /proc/asound/cards /proc/asound/card0/* /proc/asound/card0/pcm0p/* /proc/asound/card0/pcm0p/sub0/*
	amixer -c 0 contents
	alsactl -f /tmp/store store 0
} 2>/dev/null >/dev/null

guest()
{
	local number victim

	sound_driver snd-ens1370
	modprobe segue_sound
	sound_config
	sound_state_save before
	sound_during snd-ens1370 v2 "everything is read" read_all
	sound_during snd-ens1370 v3 "a control is set" set_volume 7
	check_equal "it has that value" 7,7 "$(volume)"
	set_volume 11
	sound_during snd-ens1370 v2 "a stream is opened, started and closed" short_play rw -n 30000
	playing_check "begun in the pause" 0
	sound_during snd-ens1370 v3 "a mapped stream is opened, started and closed" short_play mmap -n 30000
	playing_check "begun in the pause" 1
	sound_during snd-ens1370 v2 "a stream is opened, started and killed" killed_play
	# One that plays when the swap begins, and is killed in the middle of it.
	st play -z -D pcmC0D1p &
	victim=$!
	wait_for 10 streams_run 1
	sound_during snd-ens1370 v3 "a stream that plays is killed" kill -KILL $victim
	wait $victim 2>/dev/null
	check "it is closed" wait_for 10 grep -q closed /proc/asound/card0/pcm1p/sub0/status
	# And one that is told to end.
	number=${#play_jobs[@]}
	playing_start rw
	wait_for 10 streams_run 1
	sound_during snd-ens1370 v2 "a stream that plays is ended" kill -TERM "${play_pids[number]}"
	playing_finish "$number"
	playing_check "ended in the pause" "$number"
	amixer -q -c 0 sset CD 37%
	amixer -q -c 0 sset CD mute
	sound_state_same "all of it" before
}
