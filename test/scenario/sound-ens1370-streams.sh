# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: two streams at a time, in all pairs of read/write, poll and mmap, through updates"
VM_SOUND="ens1370"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3"
VM_TIMEOUT=500

guest()
{
	sound_driver snd-ens1370
	sound_config
	# The numbers of one are in the left channel, those of the other in the right one: the card adds them.
	play_firsts=(0 0)
	playing_start rw -c left
	playing_start mmap -c right -D pcmC0D1p -b 8192 -p 512
	play_expect 0 "coding=single channel=left"
	play_expect 1 "coding=single channel=right"
	playing_flows "before"
	sound_life snd-ens1370
	playing_stop "two streams"
}
