# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: aplay through dmix, which maps the buffer and is woken by the stream's timer, through updates"
VM_SOUND="ens1370"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3"
VM_TIMEOUT=400

guest()
{
	sound_driver snd-ens1370
	sound_config
	playing_start aplay dmix:CARD=0,RATE=44100
	playing_flows "before"
	sound_life snd-ens1370
	playing_stop "dmix"
}
