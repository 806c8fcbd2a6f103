# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: unplugged in the middle of a swap, and while no driver starts: the card goes, its users are told"
VM_SOUND="ens1370:none ens1370:none"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3"
VM_TIMEOUT=400
ALLOWED_LOG="does not start again|DEGRADED"

card_is_gone()
{
	[ ! -e "/sys/class/sound/card$1" ] && [ ! -e "/dev/snd/controlC$1" ] && [ ! -e "$2" ]
}

unplug()
{
	host_qmp "{\"execute\": \"device_del\", \"arguments\": {\"id\": \"$1\"}}" >/tmp/qmp.out
}

# The player ends when it is told that there is no card.
player_ends()
{
	check "$1: the player comes to its end" wait_for 20 sh -c "! kill -0 $2"
	wait "$2"
	check_equal "$1: it was told of the error" 1 $?
	note "$1: $(cat "$3")"
}

guest()
{
	local pid player other hardware code=0

	sound_driver snd-ens1370 0 1
	modprobe -a segue_sound acpiphp
	hardware=$(sound_hardware 1)
	st play -z -D pcmC0D0p >/tmp/other.json &
	other=$!
	st play -z -D pcmC1D0p >/tmp/player.json &
	player=$!
	wait_for 20 streams_run 2 || not_ok "two streams run"
	: >/tmp/first.out
	stall_ms 300
	update snd-ens1370 v2 --device "$(basename "$hardware")" >/tmp/first.out 2>&1 &
	pid=$!
	wait_for 60 grep -q ' stop  ' /tmp/first.out
	unplug sound1
	wait $pid || code=$?
	stall_ms 0
	# The bus is locked during a swap: the device goes when it is over.
	check_equal "the update comes to its end first" 0 $code || remark </tmp/first.out
	check "the unplugged card is gone" wait_for 30 card_is_gone 1 "$hardware"
	player_ends "unplugged" $player /tmp/player.json
	play_jobs=(other)
	playing_flows "the other card" 1
	play_jobs=()

	# No driver has the other one, and it is pulled then.
	hardware=$(sound_hardware 0)
	fail_step "start stop.undo"
	check_exit "an update after which neither driver starts ends with 3" 3 update snd-ens1370 v3
	fail_step ""
	check "card 0 is still there" test -c /dev/snd/pcmC0D0p
	unplug sound0
	check "the card without a driver is gone" wait_for 30 card_is_gone 0 "$hardware"
	player_ends "without a driver" $other /tmp/other.json
	check_equal "no card is left" 0 "$(grep -c ENS1370 /proc/asound/cards)"
	check "status works" segue status
	remark </tmp/check.out
	segue commit snd-ens1370 >/tmp/check.out 2>&1 || remark </tmp/check.out
}
