# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2119,SC2120 # a scenario: its variables are for the runner, which sets others
# SPDX-License-Identifier: GPL-2.0
#
# A scenario for test/run, started by test/bench/run.sh: instructions for each second of playing, with the stock driver,
# after updates, and after Segue is gone.
DESCRIPTION="instructions per second of playing before and after updates"
VM_SOUND="ens1370:none ac97:none"
VM_TIMEOUT=900
# One instruction is one nanosecond of every clock in the machine, and an idle one waits for nobody.
VM_ARGS=(-icount "shift=0,sleep=off")
DRIVERS="snd-ens1370:same snd-intel8x0:same"
drivers=(snd-ens1370 snd-intel8x0)
rates=(44100 48000)

# cost WAY: least, median and mean.  A second has fifty periods.
cost()
{
	local way=$1 period=$((rates[number] / 50)) least median mean player

	st play -D "pcmC${number}D0p" -r "${rates[number]}" -p $period -b $((8 * period)) >/tmp/player 2>&1 &
	player=$!
	wait_for 10 streams_run 1
	sleep 1
	read -r least median mean <<<"$(/tmp/tools/cost second 20)"
	kill "$player"
	wait "$player"
	check "$driver, $way: playing has no error: $(cat /tmp/player)" jq -e '.errors + .xruns == 0' /tmp/player
	check "$driver, $way: instructions per second of playing: $least, median $median" test "${least:-0}" -gt 0
	row "$way" 1 play.least "$least"
	row "$way" 1 play.median "$median"
	row "$way" 1 play.mean "$mean"
}

measure()
{
	sound_driver "$driver" "$number"
	cost_all sound
}
