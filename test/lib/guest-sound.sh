# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What scenarios with sound cards (VM_SOUND) are written with, beside guest.sh, which sources this file.
#
# Streams are jobs.  A job has a number; from it follow the numbers of its frames, by which the host finds them in the
# recording (see recording.py).  /tmp/play.N.json is what it says at its end.

# Functions take the card as an argument that is mostly left out; guest.sh uses what is set here.
# shellcheck disable=SC2119,SC2120,SC2034

# Words in the kernel log that are a failure, more than those of guest.sh.
LOG_WORDS='snd_[a-z0-9_]* .*([Ee]rror|[Tt]imeout|timed out|failed)|hdaudio.*([Ee]rror|[Tt]imeout)|azx_|ALSA: .*(XRUN|Unexpected|Lost)'

# Files that change while a stream goes on, and the names of modules.
SOUND_CHANGING='/power/|/power_o(n|ff)_acct|/status$|^/proc/asound/(modules|timers|seq)|/proc/asound/oss'
# The card that is meant where none is said, and the rate at which its recording is exact; which one of VM_SOUND it
# is, if its number is another.
SOUND_CARD=0
SOUND_RATE=44100
SOUND_RECORDED=
play_jobs=()		# number -> kind
play_pids=()		# number -> process
play_feeds=()		# number -> process that makes what a program plays
play_cards=()		# number -> card
play_firsts=()		# number -> its first frame, where that is not the usual one
play_options=()		# number -> what is said of it to the host

## Cards

# sound_driver MODULE [CARD...]: loads the stock driver as the distribution does and waits for the cards.
sound_driver()
{
	local module=$1 card
	shift

	check "stock driver $module is loaded by modprobe" modprobe "$module"
	for card in "${@:-$SOUND_CARD}"; do
		wait_for 20 test -c "/dev/snd/controlC$card" || not_ok "card $card appears"
		wait_for 20 test -c "/dev/snd/pcmC${card}D0p" || not_ok "card $card can play"
	done
	udevadm settle
}

# sound_hardware [CARD]: the folder of the device whose driver is replaced.
sound_hardware()
{
	readlink -f "/sys/class/sound/card${1:-$SOUND_CARD}/device"
}

# sound_version [CARD]: version of the module that drives it; "stock" when it has none.
sound_version()
{
	cat "$(sound_hardware "$1")/driver/module/version" 2>/dev/null || echo stock
}

# codec_version: of the driver of an HDA codec, whose device is another one after each update; "stock" when it has none.
codec_version()
{
	cat /sys/bus/hdaudio/devices/hdaudioC0D0/driver/module/version 2>/dev/null || echo stock
}

# note_requests: from now on requests lists who asks the kernel for which module; each gets what it asks for.
note_requests()
{
	# shellcheck disable=SC2016 # for the script
	printf '#!/bin/sh\necho "$*" >>/tmp/requests\nexec /sbin/modprobe "$@"\n' >/tmp/modprobe
	chmod +x /tmp/modprobe
	: >/tmp/requests
	echo /tmp/modprobe >/proc/sys/kernel/modprobe
}

# But for those of the command, which looks whether Segue is there.
requests()
{
	grep -v 'family-segue$' /tmp/requests
}

# sound_config [CARD]: settings that users make.  What the samples go through stays as loud as it can be, because
# they are compared.
sound_config()
{
	local card=${1:-$SOUND_CARD} name

	for name in Master PCM Front Speaker; do
		amixer -q -c "$card" sset "$name" 100% unmute
	done
	for name in CD Line Video Phone Aux Synth Mic Capture "Mic Boost" "PC Speaker" Beep; do
		amixer -q -c "$card" sset "$name" 37% unmute
	done
	amixer -q -c "$card" sset CD mute
	amixer -q -c "$card" sset Line cap
} >/dev/null 2>&1

# Everything about a card that must not change.
sound_state()
{
	local card=${1:-$SOUND_CARD} pid

	echo "== controls"
	amixer -c "$card" contents
	amixer -c "$card" info
	echo "== proc"
	find /proc/asound/ -type f | grep -v -E "$SOUND_CHANGING|${STATE_IGNORED:-^$}" | sort | xargs grep -s -H ''
	find /proc/asound/ -type l -printf '%p -> %l\n' | sort
	echo "== sysfs"
	find /sys/class/sound/ -type l -printf '%p -> %l\n' | sort
	grep -r -s -H '' "/sys/class/sound/card$card/" | grep -v -E "^[^:]*($SOUND_CHANGING|${STATE_IGNORED:-^$})" | sort
	find "/sys/class/sound/card$card/" -type l -printf '%p -> %l\n' | sort
	echo "== nodes"
	stat -c '%n %F %t:%T %a %u:%g' /dev/snd/* | sort
	echo "== open"
	for pid in "${play_pids[@]}"; do
		find "/proc/$pid/fd/" -lname '/dev/snd/*' -printf '%f -> %l\n' | sort
		grep -o '/dev/snd/.*' "/proc/$pid/maps"
	done
}

sound_state_save()
{
	sound_state "${2:-}" >"/tmp/state.$1" 2>/tmp/state.errors
}

# sound_state_same TEXT NAME [CARD]
sound_state_same()
{
	sound_state "${3:-}" >/tmp/state.now 2>/tmp/state.errors
	check_same "$1: controls, files and nodes of the card are the same" "/tmp/state.$2" /tmp/state.now
}

## Watching

# sound_watch_start [CARD]: everything that reports a change begins to listen.
sound_watch_start()
{
	local card=${1:-$SOUND_CARD}

	udevadm monitor --kernel --udev >/tmp/watch.udev 2>&1 &
	watch_udev=$!
	alsactl monitor "hw:$card" >/tmp/watch.alsactl 2>&1 &
	watch_alsactl=$!
	sw events "$card" >/tmp/watch.events.json 2>/tmp/watch.events.err &
	watch_events=$!
	sw poll "$SOUND_CHANGING|${STATE_IGNORED:-^$}" >/tmp/watch.poll 2>/tmp/watch.poll.err &
	watch_poll=$!
	wait_for 10 grep -q listening /tmp/watch.events.err || not_ok "controls can be listened to"
	sleep 1
	udevadm settle
	grep -c . /tmp/watch.udev >/tmp/watch.udev.base
}

# sound_watch_stop TEXT
sound_watch_stop()
{
	local text=$1

	kill -TERM "$watch_poll" "$watch_events"
	wait "$watch_poll" "$watch_events"
	sleep 0.5
	check "$text: 'alsactl monitor' still listens" kill "$watch_alsactl"
	kill "$watch_udev"
	wait "$watch_udev" "$watch_alsactl" 2>/dev/null
	udev_events >/tmp/watch.events
	check_same "$text: 'udevadm monitor' shows no line" /dev/null /tmp/watch.events
	check_same "$text: 'alsactl monitor' shows no line" /dev/null /tmp/watch.alsactl
	check "$text: no event of a control" jq -e '.events == 0 and .errors == 0' /tmp/watch.events.json ||
		remark </tmp/watch.events.err
	if jq -e '.rounds > 0 and .changed + .missing == 0' /tmp/watch.poll >/dev/null; then
		ok "$text: polls of files and nodes see nothing ($(jq .rounds /tmp/watch.poll) rounds, slowest $(jq .slowest_ms /tmp/watch.poll) ms)"
	else
		not_ok "$text: polls see a difference: $(cat /tmp/watch.poll)"
		remark </tmp/watch.poll.err
	fi
}

## Streams

# The first frame of a job; no job plays more than three minutes.
play_first()
{
	echo "${play_firsts[$1]:-$(($1 << 23))}"
}

# playing_start KIND [OPTION...]: a stream begins.  KIND is rw, poll or mmap (see st.c, as are the options), record,
# aplay or arecord (a device and more options may follow), or tune, which aplay plays from a file and which ends by
# itself (PROGRAMS=tune).
playing_start()
{
	local kind=$1 number=${#play_jobs[@]} out device=hw:$SOUND_CARD,0 node=pcmC${SOUND_CARD}D0
	shift

	out=/tmp/play.$number
	play_jobs[number]=$kind
	play_feeds[number]=
	play_cards[number]=$SOUND_CARD
	case $kind in
	rw | poll | mmap)
		st play -m "$kind" -D "${node}p" -r "$SOUND_RATE" -i "$(play_first "$number")" "$@" >"$out.json" 2>"$out.err" &
		;;
	record) st record -D "${node}c" -r "$SOUND_RATE" "$@" >"$out.json" 2>"$out.err" & ;;
	aplay)
		rm -f "$out.pipe"
		mkfifo "$out.pipe"
		st wave "$out.pipe" "$SOUND_RATE" 0 "$(play_first "$number")" >"$out.json" 2>&1 &
		play_feeds[number]=$!
		aplay -q -D "${@:-$device}" "$out.pipe" >"$out.err" 2>&1 &
		;;
	tune)
		play_firsts[number]=0
		play_options[number]=coding=tune
		echo "{\"frames\": $((($(stat -c %s /tune.wav) - 44) / 4))}" >"$out.json"
		aplay -q -D "${@:-$device}" /tune.wav >"$out.err" 2>&1 &
		;;
	arecord) arecord -q -t raw -f S16_LE -c 2 -r "$SOUND_RATE" -D "${@:-$device}" "$out.raw" >"$out.err" 2>&1 & ;;
	esac
	play_pids[number]=$!
}

# play_expect NUMBER WORDS: what more is said to the host of that job's recording (lost=3, end=...), see judge().
play_expect()
{
	play_options[$1]=$2
}

# What the emulated cards do by themselves when a stream drains: the hardware goes on for a moment with what is in the
# buffer, or forgets what it had taken.
drain_options()
{
	case $(basename "$(readlink "$(sound_hardware "$1")/driver")") in
	snd_intel8x0*) echo tail=512 ;;
	snd_hda_intel*) echo tail=512 missing=1536 ;;
	esac
}

# Positions of all streams that run.
positions()
{
	grep -s -H '^hw_ptr' /proc/asound/card*/pcm*/sub*/status
}

# How many streams run?
running()
{
	grep -s -l '^state: RUNNING' /proc/asound/card*/pcm*/sub*/status | wc -l
}

streams_run()
{
	[ "$(running)" -ge "$1" ]
}

# Has every position changed since play_flows began, and are they all there?
positions_moved()
{
	positions >/tmp/positions.now
	[ "$(wc -l </tmp/positions.now)" = "$(wc -l </tmp/positions)" ] &&
		! grep -q -x -F -f /tmp/positions /tmp/positions.now
}

# playing_flows TEXT [COUNT]: that many streams (as many as there are jobs) run, and get further.
playing_flows()
{
	local count=${2:-${#play_jobs[@]}}

	[ "$count" != 0 ] || return 0
	wait_for 20 streams_run "$count" || {
		not_ok "$1: $(running) streams of $count run"
		return
	}
	positions >/tmp/positions
	check "$1: $count streams get further" wait_for 10 positions_moved
}

# playing_end NUMBER: asks a job to end, and waits for it; its code is in play_code.
playing_end()
{
	local number=$1

	case ${play_jobs[number]} in
	aplay)
		kill -TERM "${play_feeds[number]}" 2>/dev/null
		wait "${play_feeds[number]}"
		;;
	arecord) kill -INT "${play_pids[number]}" ;;
	*) kill -TERM "${play_pids[number]}" 2>/dev/null ;;
	esac
	play_code=0
	wait "${play_pids[number]}" || play_code=$?
}

# playing_finish NUMBER: waits for one that ends by itself; its code is in play_code.
playing_finish()
{
	wait_for 60 test ! -d "/proc/${play_pids[$1]}" || {
		not_ok "${play_jobs[$1]} comes to its end"
		kill -KILL "${play_pids[$1]}"
	}
	play_code=0
	wait "${play_pids[$1]}" || play_code=$?
}

# playing_stop TEXT: ends all jobs; none saw an error or an xrun, and the recording has what they played.
playing_stop()
{
	local text=$1 number

	for number in "${!play_jobs[@]}"; do
		[ -n "${play_jobs[number]}" ] || continue
		playing_end "$number"
		playing_check "$text" "$number"
		play_jobs[number]=
	done
}

# playing_check TEXT NUMBER: of one that has ended.  PLAY_XRUNS: as many xruns it was to see.
playing_check()
{
	local text="$1: ${play_jobs[$2]}" number=$2 out=/tmp/play.$2

	case ${play_jobs[number]} in
	aplay | arecord | tune)
		# A program that is interrupted and says nothing else.
		[ "${play_jobs[number]}$play_code" != arecord1 ] || play_code=0
		check_equal "$text ended with code" 0 "$play_code"
		check_same "$text said nothing" /dev/null "$out.err"
		;;
	*)
		if [ "$play_code" = 0 ] &&
			jq -e ".errors == 0 and .xruns == ${PLAY_XRUNS:-0} and .backwards == 0 and .frames > 0" "$out.json" >/dev/null 2>&1; then
			ok "$text: no error, ${PLAY_XRUNS:-no} xrun: $(jq -c '[.frames, .longest_ms, .slip_ms, .jumped_ms]' "$out.json") frames, longest and total ms without progress, ms jumped ahead"
		else
			not_ok "$text: ended with $play_code: $(cat "$out.json")"
			remark <"$out.err"
		fi
		;;
	esac
	case ${play_jobs[number]} in
	record) ;;
	arecord) check "$text recorded" test -s "$out.raw" ;;
	*) wave_expect "$text" "$number" ;;
	esac
}

# wave_expect TEXT NUMBER: the recording is to have what that job has played.  What QEMU has not yet written of it when the
# card stops, it writes with what is played next: silence.
wave_expect()
{
	local number=$2 card=${play_cards[$2]} models

	read -r -a models <<<"$VM_SOUND"
	[[ ${models[${SOUND_RECORDED:-$card}]} != *:none ]] || return 0
	[ "$(running)" != 0 ] || st play -z -D "pcmC${card}D0p" -r "$SOUND_RATE" -b 4096 -p 1024 -n 8192 >/tmp/flush.out
	echo "@wave ${SOUND_RECORDED:-$card} first=$(play_first "$number") count=$(jq .frames "/tmp/play.$number.json") $(drain_options "$card") ${play_options[number]-} $1" |
		tr -s ' ' >&8
}

## Segue

# sound_update_done DRIVER KIND [OPTION...]: it becomes live, nothing else changes, streams go on.
sound_update_done()
{
	local driver=$1 kind=$2

	check "update $driver to $kind" update "$@" && remark </tmp/check.out
	check_equal "version is $kind" "$kind" "$(sound_version)"
	sound_still_same "update to $kind"
}

# sound_update_undone DRIVER KIND CODE WORDS [OPTION...]: it ends with CODE, says WORDS, and all is as before.
sound_update_undone()
{
	local driver=$1 kind=$2 code=$3 words=$4 version
	shift 4

	version=$(sound_version)
	check_exit "update $driver to $kind ends with $code" "$code" update "$driver" "$kind" "$@" &&
		remark </tmp/check.out
	[ -z "$words" ] || check_output "update to $kind says why" "$words"
	check_equal "version is still $version" "$version" "$(sound_version)"
	sound_still_same "failed update to $kind"
}

# sound_rollback_done DRIVER VERSION: 'segue rollback' makes VERSION live again.
sound_rollback_done()
{
	check "roll back $1" segue rollback "$1" && remark </tmp/check.out
	check_equal "version is $2 again" "$2" "$(sound_version)"
	sound_still_same "rollback to $2"
}

# sound_in_state KIND STATE DRIVER VERSION [OPTION...]: a stream that is in that state when its driver is updated, and
# goes on afterwards.  The options are those of st; they say how long it plays.
sound_in_state()
{
	local kind=$1 state=$2 driver=$3 version=$4 number=${#play_jobs[@]} gate
	shift 4

	gate=/tmp/gate.$number
	rm -f "$gate".*
	playing_start "$kind" -s "$state" -g "$gate" "$@"
	check "$kind, $state: the stream gets there" wait_for 20 test -e "$gate.ready"
	check "$kind, $state: update $driver to $version" update "$driver" "$version" && remark </tmp/check.out
	check_equal "$kind, $state: version is $version" "$version" "$(sound_version)"
	touch "$gate.go"
	playing_finish "$number"
	playing_check "$state" "$number"
	play_jobs[number]=
}

# sound_during DRIVER VERSION TEXT COMMAND...: runs the command while an update is held in its pause; what has to wait
# for the end of it does.
sound_during()
{
	local driver=$1 version=$2 text=$3 pid code=0
	shift 3

	: >/tmp/during.out
	stall_ms 200
	update "$driver" "$version" >/tmp/during.out 2>&1 &
	pid=$!
	wait_for 60 grep -q ' stop  ' /tmp/during.out || not_ok "$text: the update comes to its pause"
	"$@" >/tmp/during.command 2>&1 || code=$?
	check_equal "$text in the pause of an update" 0 $code || remark </tmp/during.command
	stall_ms 0
	wait $pid
	check_equal "$text: update to $version" 0 $? || remark </tmp/during.out
	check_equal "$text: version is $version" "$version" "$(sound_version)"
}

stream_state()
{
	sed -n 's/^state: //p' "/proc/asound/card$SOUND_CARD/pcm0p/sub0/status"
}

# sound_draining KIND DRIVER VERSION [OPTION...]: the same for a stream that drains.  It begins to do so when the update
# has begun, since what is in the buffer does not last for long.
sound_draining()
{
	local kind=$1 driver=$2 version=$3 number=${#play_jobs[@]} gate pid state end
	shift 3

	gate=/tmp/gate.$number
	rm -f "$gate".*
	: >/tmp/update.out
	playing_start "$kind" -s draining -g "$gate" "$@"
	playing_flows "$kind, draining: before" 1
	stall_ms 50
	update "$driver" "$version" >/tmp/update.out 2>&1 &
	pid=$!
	# Without a rest: there is little time.
	end=$((SECONDS + 30))
	until grep -q ' check  ' /tmp/update.out || [ $SECONDS -gt $end ]; do :; done
	touch "$gate.go"
	until grep -q ' stop  ' /tmp/update.out || [ $SECONDS -gt $end ]; do :; done
	state=$(stream_state)
	stall_ms 0
	wait $pid
	check_equal "$kind, draining: update $driver to $version" 0 $? || remark </tmp/update.out
	# A mapped one is waited for until it comes to the end of the buffer, or of what it has to play.
	[ "$kind" = mmap ] || check_equal "$kind: it drained in the pause" DRAINING "$state"
	check_equal "$kind, draining: version is $version" "$version" "$(sound_version)"
	playing_finish "$number"
	playing_check "draining" "$number"
	play_jobs[number]=
}

sound_still_same()
{
	[ ${#play_jobs[@]} = 0 ] || playing_flows "$1" "${PLAYING-}"
	[ ! -e /tmp/state.before ] || sound_state_same "$1" before
}

# sound_life DRIVER [KIND KIND]: an update, back, another update, commit; while streams go on and all is watched.
sound_life()
{
	local driver=$1 first=${2:-v2} second=${3:-v3} before

	before=$(sound_version)
	sound_watch_start
	sound_state_save before
	sound_update_done "$driver" "$first"
	sound_rollback_done "$driver" "$before"
	sound_update_done "$driver" "$second"
	check "commit $driver" segue commit "$driver"
	check_equal "one generation of $driver stays loaded" 1 "$(modules_of "$driver")"
	sound_still_same "commit"
	sound_watch_stop "updates"
}
