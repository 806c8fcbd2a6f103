# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the person sees: the beginning of each of the demonstration's scenarios, put before it by test/demo/run.
# test/demo/report.py takes the numbers from the saved files.

title()
{
	note ""
	note "== $*"
}

# shown COMMAND...: its output line by line as it comes, as on a terminal, without the table of phases,
# which comes at the end for all swaps; returns its exit code.
shown()
{
	local line in_table=

	note "\$ $*"
	printf '%s\n' "$*; echo \$? >/tmp/shown.code" >/tmp/shown.sh
	: >/tmp/shown.out
	echo 255 >/tmp/shown.code
	socat -u EXEC:"bash /tmp/shown.sh",pty,stderr - | tr -d '\r' | while IFS= read -r line; do
		printf '%s\n' "$line" >>/tmp/shown.out
		[[ $line != "  phase "* ]] || in_table=1
		[ -n "$in_table" ] || note "  | $line"
		[[ $line != "  all "* ]] || in_table=
	done
	return "$(cat /tmp/shown.code)"
}

# Seconds of the monotonic clock, the one that the load's timeline and Segue's events have.
mark()
{
	printf '{"event": "mark", "text": "%s", "time_s": %s}\n' "$*" "$(cut -d' ' -f1 /proc/uptime)" >>/tmp/marks
}

hex()
{
	od -An -v -tx1 | tr -d ' \n'
}

# Does the file contain the build identifier of the loaded module?
loaded_from()
{
	hex <"$(modinfo -n "$1")" | grep -q "$(hex <"/sys/module/$1/notes/.note.gnu.build-id")"
}

# swap TEXT EXIT COMMAND...: marked, shown, its exit code compared; still_same is the scenario's.
swap()
{
	local text=$1 want=$2 code
	shift 2

	mark "$text"
	shown "$@"
	code=$?
	check_equal "$text: exit code $want" "$want" "$code"
	still_same "$text"
}

# Music plays, and how far it has got is written down all the time.
music_start()
{
	sp /proc/asound/card0/pcm0p/sub0/status >/tmp/positions.out &
	music_positions=$!
	playing_start tune
	playing_flows "load"
	cp /proc/asound/card0/pcm0p/sub0/hw_params /tmp/music.params
}

# music_save NAME: the positions, since the first sample, several on a line; and what is known of the streams.
music_save()
{
	local period buffer start

	kill "$music_positions"
	wait "$music_positions"
	period=$(sed -n 's/^period_size: //p' /tmp/music.params)
	buffer=$(sed -n 's/^buffer_size: //p' /tmp/music.params)
	start=$(awk -v rate="$SOUND_RATE" '{ printf "%.3f", $1 - $2 * 1000 / rate; exit }' /tmp/positions.out)
	awk -v start="$start" '{ printf "%.3f %d%s", $1 - start, $2, NR % 16 ? " " : "\n" } END { print "" }' \
		/tmp/positions.out | host_save "$1.timeline"
	awk -v start="$start" -v more="\"rate\": $SOUND_RATE, \"period\": $period, \"buffer\": $buffer" 'END {
		printf "{\"start_s\": %.6f, \"seconds\": %.3f, %s}\n", start / 1000, ($1 - start) / 1000, more }' \
		/tmp/positions.out | host_save "$1.traffic"
}
