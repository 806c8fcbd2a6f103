# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: PulseAudio, which maps the buffer and wakes by timers, plays for an application through updates"
VM_SOUND="ens1370"
PROGRAMS="pulse"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3"
VM_TIMEOUT=500
# In what it takes for a virtual machine it lets the card wake it, as other programs do.
VM_ARGS=(-smbios "type=1,manufacturer=Segue" -smbios "type=2,manufacturer=Segue")

server_answers()
{
	pactl list short sinks | grep -q card
}

server_start()
{
	export HOME=/tmp/pulse XDG_RUNTIME_DIR=/tmp/pulse PULSE_RUNTIME_PATH=/tmp/pulse/run PULSE_SERVER=unix:/tmp/pulse/native
	mkdir -p /tmp/pulse/run /dev/shm
	pulseaudio -n --daemonize=no --exit-idle-time=-1 --use-pid-file=no --realtime=no --high-priority=no \
		--disable-shm=yes --log-level=info --log-target=file:/tmp/pulse.log \
		-L "module-alsa-sink device=hw:$SOUND_CARD,0 sink_name=card format=s16le rate=44100 channels=2 tsched=yes" \
		-L "module-native-protocol-unix auth-anonymous=1 socket=/tmp/pulse/native" >/tmp/pulse.out 2>&1 &
	server=$!
	check "PulseAudio plays on the card" wait_for 60 server_answers || remark </tmp/pulse.log
	check "it wakes by timers" grep -q "timer-based scheduling mode" /tmp/pulse.log || grep -i 'timer' /tmp/pulse.log | remark
}

# A stream of an application: what comes from the pipe is without a header.
client_start()
{
	local number=${#play_jobs[@]} out

	out=/tmp/play.$number
	play_jobs[number]=aplay
	play_cards[number]=$SOUND_CARD
	mkfifo "$out.pipe"
	st wave "$out.pipe" 44100 0 "$(play_first "$number")" >"$out.json" 2>&1 &
	play_feeds[number]=$!
	tail -c +45 "$out.pipe" | pacat --playback --raw --format=s16le --rate=44100 --channels=2 --latency-msec=400 \
		>"$out.err" 2>&1 &
	play_pids[number]=$!
}

guest()
{
	local server

	sound_driver snd-ens1370
	sound_config
	server_start
	client_start
	playing_flows "before"
	sound_life snd-ens1370
	playing_stop "PulseAudio's client"
	check "PulseAudio still plays on the card" server_answers
	kill -TERM "$server"
	check "and ends as it is asked to" wait "$server"
	grep -i 'snd_pcm.*\(error\|failed\|No such device\)\|POLLERR' /tmp/pulse.log >/tmp/pulse.errors
	check_same "it never saw an error of the card" /dev/null /tmp/pulse.errors
}
