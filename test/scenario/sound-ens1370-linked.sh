# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: streams that are linked, of all kinds, go on together through updates; with another card's they are refused"
# What the second one plays is not recorded; silence comes in there.
VM_SOUND="ens1370 ens1370:none"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3"
VM_TIMEOUT=400

# linked_start NODE OPTION...: each of two streams of one process is a job.
linked_start()
{
	local first=${#play_jobs[@]} number

	for number in $first $((first + 1)); do
		play_jobs[number]=linked
		play_firsts[number]=$((first << 23))
		play_feeds[number]=
		play_cards[number]=0
	done
	st link "$@" -i $((first << 23)) >"/tmp/play.$first.json" 2>"/tmp/play.$((first + 1)).json" &
	play_pids[first]=$!
}

# linked_end TEXT
linked_end()
{
	local first=$((${#play_jobs[@]} - 2))

	kill -TERM "${play_pids[first]}"
	play_code=0
	wait "${play_pids[first]}" || play_code=$?
	playing_check "$1, first" $first
	play_jobs[first]=
	# It is silent.
	play_jobs[first + 1]=record
	playing_check "$1, second" $((first + 1))
	play_jobs[first + 1]=
}

hw_ptr()
{
	sed -n 's/^hw_ptr *: //p' "/proc/asound/card0/$1/sub0/status"
}

# apart TEXT NODE: the second stream is where the first one is, but for what passes between two looks.
apart()
{
	local distance

	distance=$(($(hw_ptr pcm0p) - $(hw_ptr "$2")))
	if [ ${distance#-} -lt 2000 ]; then
		ok "$1: the streams are together ($distance frames apart)"
	else
		not_ok "$1: the streams are $distance frames apart"
	fi
}

guest()
{
	local mode

	sound_driver snd-ens1370 0 1
	modprobe segue_sound
	sound_config
	for mode in rw mmap; do
		linked_start pcmC0D1p -D pcmC0D0p -m $mode
		playing_flows "$mode, before" 2
		apart "$mode, before" pcm1p
		PLAYING=2 sound_update_done snd-ens1370 v2
		apart "$mode, v2" pcm1p
		fail_step verify
		PLAYING=2 sound_update_undone snd-ens1370 v3 2 verify
		fail_step ""
		apart "$mode, rolled back" pcm1p
		PLAYING=2 sound_update_done snd-ens1370 v3
		apart "$mode, v3" pcm1p
		linked_end "linked, $mode"
	done
	linked_start pcmC1D0c -D pcmC1D0p
	play_cards[${#play_jobs[@]} - 2]=1
	playing_flows "played and recorded, before" 2
	PLAYING=2 sound_update_done snd-ens1370 v2
	linked_end "played and recorded"

	linked_start pcmC1D0p -D pcmC0D0p
	playing_flows "on two cards, before" 2
	PLAYING=2 sound_update_undone snd-ens1370 v3 2 "pcmC0D0p is busy: it is linked to a stream of another card.* by st \\("
	linked_end "on two cards"
}
