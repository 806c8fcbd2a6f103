# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="the sound cards themselves: stock drivers, streams, recordings, watchers, without any swap; and that they notice harm"
VM_SOUND="ens1370 ac97 hda"
VM_TIMEOUT=300
# What tells of streams that begin and end within the watch.
STATE_IGNORED="/pcm0p/info|/pcm0p/sub0/|/codec#0"
# The driver that is unbound under a stream, on purpose.
ALLOWED_LOG="ALSA: "

# Every kind of stream on one card, one after the other, watched.
every_kind()
{
	local name=$1 kind

	sound_watch_start
	sound_state_save before
	for kind in rw poll mmap "aplay hw:$SOUND_CARD,0" "aplay hw:$SOUND_CARD,0 -M"; do
		# shellcheck disable=SC2086 # words are meant
		playing_start $kind
		playing_flows "$name $kind" 1
		playing_stop "$name $kind"
	done
	sound_state_same "$name" before
	sound_watch_stop "$name"
}

guest()
{
	sound_driver snd-ens1370 0
	sound_driver snd-intel8x0 1
	sound_driver snd-hda-intel 2
	for SOUND_CARD in 0 1 2; do
		note "card $SOUND_CARD is driven by $(basename "$(readlink "$(sound_hardware)/driver")"), version $(sound_version)"
		sound_config
		SOUND_RATE=$([ $SOUND_CARD = 0 ] && echo 44100 || echo 48000)
		every_kind "card $SOUND_CARD"
	done
	SOUND_CARD=0
	SOUND_RATE=44100
	harm
}

# Of one that has ended; what the recording has is told apart, by the host.
check_quietly()
{
	# shellcheck disable=SC2317 # playing_check calls it
	wave_expect() { :; }
	playing_check "$@"
}

# What the helpers are there to notice, done on purpose.
harm()
{
	local number device

	sound_watch_start
	sound_state_save before
	amixer -q -c 0 sset Master 5
	fails "a control that changed" "controls, files" sound_state_same "harm" before
	fails "an event of a control" "alsactl" sound_watch_stop "harm"
	amixer -q -c 0 sset Master 100%

	# A stop of the hardware for longer than the buffer lasts.
	playing_start rw -b 4096
	playing_flows "before an xrun" 1
	number=$((${#play_jobs[@]} - 1))
	kill -STOP "${play_pids[number]}"
	sleep 1
	kill -CONT "${play_pids[number]}"
	playing_flows "after an xrun" 1
	playing_end $number
	fails "an xrun" '"xruns": 1' check_quietly "harm" $number
	wave_expect "an xrun" $number

	playing_start aplay
	playing_flows "before unbind" 1
	number=$((${#play_jobs[@]} - 1))
	device=$(basename "$(sound_hardware)")
	udevadm monitor --kernel --udev >/tmp/watch.udev 2>&1 &
	watch_udev=$!
	sleep 1
	echo "$device" >/sys/bus/pci/drivers/snd_ens1370/unbind
	echo "$device" >/sys/bus/pci/drivers/snd_ens1370/bind
	wait_for 10 test -c /dev/snd/pcmC0D0p
	fails "an unbind and bind under a stream" "streams" playing_flows "harm" 1
	play_expect $number not=1
	playing_end $number
	fails "what it does to aplay" "ended with" check_quietly "harm" $number
	wave_expect "unbind and bind" $number
	check "events of it" grep -q 'remove.*sound/card0' /tmp/watch.udev
	kill "$watch_udev"
}
