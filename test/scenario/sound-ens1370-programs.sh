# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: speaker-test, alsamixer, amixer in a loop and readers of files, through updates"
VM_SOUND="ens1370:none"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3"
VM_TIMEOUT=400

# mixer_loop: sets a control and reads it again, until it is told to end; an error ends it.
mixer_loop()
{
	local value=0 got

	while [ ! -e /tmp/mixer.stop ]; do
		value=$(((value + 1) % 31))
		amixer -q -c 0 cset "name='CD Volume'" $value,$value || return
		got=$(amixer -c 0 cget "name='CD Volume'" | sed -n 's/.*: values=//p')
		[ "$got" = $value,$value ] || { echo "set $value, read $got"; return 1; }
		echo $value >>/tmp/mixer.done
	done
}

guest()
{
	local pid code=0 pids kind

	sound_driver snd-ens1370
	sound_config
	speaker-test -D hw:0,0 -c 2 -r 44100 -t sine -l 0 >/tmp/speaker.out 2>&1 &
	pids=($!)
	# A terminal for the mixer; it ends at Escape.
	mkfifo /tmp/keys
	TERM=vt100 socat -t 2 "EXEC:alsamixer -c 0,pty,setsid,ctty,stderr" - </tmp/keys >/tmp/alsamixer.out 2>&1 &
	pids+=($!)
	exec 7>/tmp/keys
	mixer_loop >/tmp/mixer.out 2>&1 &
	pids+=($!)
	playing_flows "speaker-test" 1
	for kind in v2 v3 v2; do
		check "update to $kind" update snd-ens1370 $kind && remark </tmp/check.out
		check_equal "version is $kind" $kind "$(sound_version)"
		playing_flows "update to $kind" 1
		check "roll back" segue rollback snd-ens1370
		playing_flows "rollback" 1
		check "commit" segue commit snd-ens1370
	done
	touch /tmp/mixer.stop
	check "the mixer loop is still there, and ends well" wait "${pids[2]}" || remark </tmp/mixer.out
	note "$(wc -l </tmp/mixer.done) controls were set"
	check "speaker-test is still there" kill -INT "${pids[0]}"
	wait "${pids[0]}" || code=$?
	# It says 4 or 130 when it is interrupted, and 1 when it fails.
	check_equal "speaker-test said nothing of an error" "" "$(grep -i -E 'error|xrun|fail' /tmp/speaker.out)"
	note "speaker-test ended with $code"
	check "alsamixer is still there" kill -0 "${pids[1]}"
	printf '\033\033' >&7
	exec 7>&-
	wait_for 10 test ! -d "/proc/${pids[1]}" || kill "${pids[1]}"
	code=0
	wait "${pids[1]}" || code=$?
	check_equal "alsamixer ended with" 0 $code
	check "alsamixer drew its controls" grep -q "Master" /tmp/alsamixer.out
}
