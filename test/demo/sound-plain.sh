# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables of test/run
# SPDX-License-Identifier: GPL-2.0
TITLE="The same again without Segue: unbind and bind"
DESCRIPTION="demo: the same music while the driver is replaced by unbind and bind"
VM_SOUND="ens1370:44100:1000"
DRIVERS="snd-ens1370:v2"
PROGRAMS=tune
VM_TIMEOUT=200
# The core's word for a card that vanishes under a stream.
ALLOWED_LOG="ALSA: "

guest()
{
	local device

	title "the same machine and the same music, without Segue"
	sound_driver snd-ens1370
	sound_config
	music_start
	sleep 8

	title "unbind and bind, as without Segue"
	device=$(basename "$(sound_hardware)")
	mark "unbind"
	check "unbind" shown "echo $device >/sys/bus/pci/drivers/snd_ens1370/unbind"
	wait "${play_pids[0]}"
	check "aplay has ended with an error" test $? != 0
	note "aplay: $(head -n 1 /tmp/play.0.err)"
	check "the card is gone" test ! -e /dev/snd/pcmC0D0p
	check "rmmod" shown rmmod snd_ens1370
	check "insmod, which binds" shown insmod /drivers/snd-ens1370/v2/snd-ens1370.ko
	check "the card comes back" wait_for 20 test -c /dev/snd/pcmC0D0p
	check_equal "v2 is live" v2 "$(sound_version)"
	check "what was set is lost" test "$(amixer -c 0 sget PCM | grep -c '100%')" = 0
	title "the music is started again, at once; aplay begins with the first note"
	amixer -q -c 0 sset Master 100% unmute
	amixer -q -c 0 sset PCM 100% unmute
	play_jobs=()
	playing_start tune
	wait_for 20 streams_run 1
	mark "played again"
	sleep 8
	kill "${play_pids[0]}"
	wait "${play_pids[0]}"
	music_save sound-plain
	play_expect 0 "coding=tune not=1"
	wave_expect "what unbind and bind do to the music" 0
	host_save sound-plain.events </tmp/marks
}
