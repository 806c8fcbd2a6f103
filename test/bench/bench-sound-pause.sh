# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2119,SC2120 # a scenario: its variables are for the runner, which sets others
# SPDX-License-Identifier: GPL-2.0
#
# A scenario for test/run, started by test/bench/run.sh: for each driver, how long a card is silent in an update, and how
# long when its device is unbound and bound and the application, which has died, started again.
DESCRIPTION="silence in updates, and in unbinding and binding, while a stream plays"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3 snd-intel8x0:v2 snd-intel8x0:v3"
drivers=(snd-ens1370 snd-intel8x0)
# The position moves on each millisecond, so that short silences are seen.
cards=(ens1370:44100:1000 ac97:48000:1000)
rates=(44100 48000)
VM_TIMEOUT=900
# The core's word for a card that vanishes under a stream.
ALLOWED_LOG="ALSA: "
VM_SOUND=""
for number in "${!drivers[@]}"; do
	[[ -n $only && $only != "${drivers[number]}" ]] || VM_SOUND+=" ${cards[number]}"
done

## The load: a stream whose buffer is mapped, so that its position only goes on as it is played

load_begin()
{
	job=${#play_jobs[@]}
	playing_start mmap
	playing_flows "$driver: before" 1
	sleep 0.7
}

# load_end WAY REPETITION
load_end()
{
	playing_flows "$driver, $1 $2" 1
	sleep 0.7
	playing_end "$job"
	playing_check "$driver, $1 $2" "$job"
	row "$1" "$2" late_us "$(jq '.slip_ms * 1000 | floor' "/tmp/play.$job.json")"
	row "$1" "$2" longest_ms "$(jq .longest_ms "/tmp/play.$job.json")"
	row "$1" "$2" rate "$SOUND_RATE"
}

## The plain way

plays()
{
	grep -q '^hw_ptr *: [1-9]' "/proc/asound/card$SOUND_CARD/pcm0p/sub0/status"
}

# The application is started again at once, as by a script that waits for the card; its samples are silent ones, because the
# mixer is as the driver has it.
rebind()
{
	local hardware bus began before code=0

	load_begin
	hardware=$(sound_hardware)
	bus=$(readlink -f "$hardware/driver")
	began=$(microseconds)
	basename "$hardware" >"$bus/unbind"
	row rebind "$1" unbind_ms $((($(microseconds) - began + 500) / 1000))
	before=$(microseconds)
	basename "$hardware" >"$bus/bind"
	until [ -c "/dev/snd/pcmC${SOUND_CARD}D0p" ]; do :; done
	row rebind "$1" bind_ms $((($(microseconds) - before + 500) / 1000))
	wait "${play_pids[job]}" || code=$?
	check "$driver, rebind $1: the application has died" test $code != 0
	play_jobs[job]=
	playing_start mmap -z
	until plays; do :; done
	row rebind "$1" silent_ms $((($(microseconds) - began + 500) / 1000))
	playing_end $((job + 1))
	play_jobs[job + 1]=
	sound_config
	# What was in the buffer is lost.
	play_expect "$job" "missing=16384"
	wave_expect "$driver, rebind $1" "$job"
}

## The update

# prove REPETITION
prove()
{
	prove_path "$1" pcm="/dev/snd/pcmC${SOUND_CARD}D0p" trigger "$(readlink -f "$(sound_hardware)/driver/module")"
}

measure()
{
	local i names job

	SOUND_CARD=$([ -n "$only" ] && echo 0 || echo "$number")
	SOUND_RATE=${rates[number]}
	play_jobs=()
	play_options=()
	names=$(names v2)
	sound_driver "$driver" "$SOUND_CARD"
	sound_config
	for ((i = 1; i <= repetitions; i++)); do
		load_begin
		load_end quiet $i
	done
	for ((i = 1; i <= repetitions; i++)); do
		rebind $i
	done
	swap_all sound
	summary late_us silent_ms pause_ns
}
