# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370 on two processors: updates in a row while two streams run, mixers are read and set, and files are read"
# Time is the host's here, so a stream may run dry; what is played is compared where there is one processor.
VM_SMP=2
VM_SOUND="ens1370:none"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3"
VM_TIMEOUT=400

# busy NAME COMMAND...: runs the command again and again, until the file is there; counts how often it failed.
busy()
{
	local name=$1 rounds=0 failed=0
	shift

	while [ ! -e /tmp/busy.stop ]; do
		"$@" >"/tmp/busy.$name.out" 2>&1 || {
			failed=$((failed + 1))
			cp "/tmp/busy.$name.out" "/tmp/busy.$name.failed"
		}
		rounds=$((rounds + 1))
	done
	echo "$rounds $failed" >"/tmp/busy.$name"
}

read_all()
{
	cat /proc/asound/cards /proc/asound/card0/pcm*p/sub0/* /proc/asound/card0/audiopci
}

set_one()
{
	amixer -q -c 0 cset "name='CD Volume'" 11,11
}

# A stream that lasts for a moment; its buffer is as long as the emulated machine may stand still.
play_short()
{
	st play -z -D pcmC0D1p -n 30000
}

guest()
{
	local number=0 kind name streams rounds failed jobs

	sound_driver snd-ens1370
	modprobe segue_sound
	sound_config
	set_one
	st play -z -m rw >/tmp/player.json 2>/tmp/player.err &
	streams=$!
	st record >/tmp/recorder.json 2>/tmp/recorder.err &
	jobs=$!
	wait_for 20 streams_run 2 || not_ok "two streams run"
	busy read read_all &
	busy set set_one &
	busy list amixer -c 0 contents &
	busy play play_short &
	for number in 1 2 3 4 5 6 7 8 9 10; do
		kind=v$((2 + number % 2))
		check "update $number to $kind" update snd-ens1370 $kind
		check_equal "version is $kind" $kind "$(sound_version)"
		segue commit snd-ens1370 >/tmp/check.out 2>&1 || not_ok "commit $number: $(cat /tmp/check.out)"
	done
	touch /tmp/busy.stop
	for name in read set list play; do
		wait_for 60 test -s /tmp/busy.$name || not_ok "$name comes to its end"
		read -r rounds failed </tmp/busy.$name
		check_equal "$name, $rounds times: none failed" 0 "$failed" || remark </tmp/busy.$name.failed
	done
	kill -TERM $streams $jobs
	for name in player recorder; do
		check "$name: no error" wait_for 30 jq -e '.errors == 0 and .backwards == 0 and .frames > 100000' /tmp/$name.json
		note "$name: $(cat /tmp/$name.json)"
	done
	wait $streams $jobs
}
