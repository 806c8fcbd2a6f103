# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="the new versions of sound drivers work, or fail as they should, when they are loaded in the plain way, without Segue"
VM_SOUND="ens1370 ac97 hda"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3 snd-ens1370:fewer-formats snd-ens1370:fewer-rates snd-ens1370:control-added
	snd-ens1370:control-removed snd-ens1370:probe-early snd-ens1370:probe-late snd-ens1370:stuck
	snd-intel8x0:v2 snd-intel8x0:v3 snd-hda-intel:v2 snd-hda-intel:v3"
ALLOWED_LOG="test: probe fails"
VM_TIMEOUT=300

# load DRIVER KIND: its modules, in the order in which they need one another.
load()
{
	local module file

	for module in snd-ac97-codec snd-hda-codec snd-hda-codec-generic "$1"; do
		file=/drivers/$1/$2/$module.ko
		[ -e "$file" ] || continue
		modinfo -F depends "$file" | tr , '\n' | grep -v -x 'snd-ac97-codec\|snd-hda-codec' | xargs -r modprobe -a
		check "$1 $2: $module loads" insmod "$file"
	done
}

unload()
{
	rmmod "$1"
	[ "$1" != snd-intel8x0 ] || rmmod snd-ac97-codec
	[ "$1" != snd-hda-intel ] || rmmod snd-hda-codec-generic snd-hda-codec
} >/dev/null 2>&1

# plays DRIVER KIND
plays()
{
	load "$1" "$2"
	wait_for 10 test -c /dev/snd/pcmC0D0p || not_ok "$1 $2 has a card"
	udevadm settle
	check_equal "$1 $2 says its version" "$2" "$(sound_version)"
	sound_config
	playing_start rw
	playing_flows "$1 $2" 1
	playing_stop "$1 $2"
	unload "$1"
}

# ens1370 KIND: loaded, with a card.
ens1370()
{
	load snd-ens1370 "$1"
	check "$1 has a card" wait_for 10 test -c /dev/snd/pcmC0D0p
	udevadm settle
}

guest()
{
	local kind

	# The silence of 8 bits that v2 plays is none of 16 bits, where it is recorded.
	play_expect 0 "other=64"
	for kind in v2 v3 fewer-formats control-added control-removed; do
		plays snd-ens1370 $kind
	done
	ens1370 fewer-formats
	check_exit "fewer-formats has no u8" 1 st play -f u8 -n 1000
	unload snd-ens1370
	ens1370 v2
	check "v2 has u8" st play -z -f u8 -b 256 -p 64 -n 64
	check_equal "controls of v2" 0 "$(amixer -c 0 controls | grep -c "Test Switch")"
	unload snd-ens1370
	ens1370 fewer-rates
	check_exit "fewer-rates has no 44100 Hz" 1 st play -n 1000
	check "fewer-rates has 22050 Hz" st play -z -r 22050 -b 256 -p 64 -n 64
	unload snd-ens1370
	ens1370 control-added
	check_equal "control-added has it" 1 "$(amixer -c 0 controls | grep -c "Test Switch")"
	check_equal "and what there was" 1 "$(amixer -c 0 controls | grep -c "Mic +5V bias")"
	unload snd-ens1370
	ens1370 control-removed
	check_equal "control-removed has it not" 0 "$(amixer -c 0 controls | grep -c "Mic +5V bias")"
	unload snd-ens1370
	ens1370 stuck
	check_exit "on stuck nothing is played" 1 st play -m poll -n 40000
	check_output "its position does not move" '"position": 0}'
	unload snd-ens1370
	for kind in probe-early probe-late; do
		load snd-ens1370 $kind
		check_exit "$kind has no card" 1 test -e /sys/class/sound/card0
		rmmod snd-ens1370
	done
	# The recordings are numbered by the devices, whatever number the card has.
	for kind in v2 v3; do
		SOUND_RECORDED=1 SOUND_RATE=48000 plays snd-intel8x0 $kind
	done
	for kind in v2 v3; do
		SOUND_RECORDED=2 SOUND_RATE=48000 plays snd-hda-intel $kind
	done
}
