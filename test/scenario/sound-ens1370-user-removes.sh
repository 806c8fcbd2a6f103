# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: at every step of a swap the user unbinds the driver: the card goes, or the swap binds one again"
VM_SOUND="ens1370:none"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3"
VM_TIMEOUT=500

next=v2
steps="check capture cover stop start compare replay verify"

write_to()
{
	echo "$2" >"$1"
}
export -f write_to

card_is_there()
{
	[ -c /dev/snd/pcmC0D0p ] && grep -q ENS1370 /proc/asound/cards
}

# A card that goes is freed when its users have closed it, and its module is not kept.
card_is_gone()
{
	[ ! -e /sys/class/sound/card0 ] && ! grep -q ENS1370 /proc/asound/cards
}

# unbind_after STEP PLAYS: a user unbinds the driver when a swap has done that step, while a stream plays or does not.
unbind_after()
{
	local step=$1 plays=$2 text="unbound after $1, $2" pid user code=0 player=

	if [ "$plays" = playing ]; then
		st play -z -D pcmC0D0p >/tmp/player.out 2>&1 &
		player=$!
		wait_for 20 streams_run 1 || not_ok "$text: a stream plays"
	fi
	: >/tmp/first.out
	stall_ms 250
	update snd-ens1370 "$next" >/tmp/first.out 2>&1 &
	pid=$!
	wait_for 60 grep -q " $step  " /tmp/first.out || not_ok "$text: the step is reported"
	timeout 60 bash -c "write_to $hardware/driver/unbind $(basename "$hardware")" >/tmp/during.out 2>&1 &
	user=$!
	check "$text: the swap comes to its end" wait_for 60 sh -c "! kill -0 $pid"
	wait $pid || code=$?
	stall_ms 0
	note "$text: the swap ended with $code: $(tail -n 1 /tmp/first.out)"
	[ -z "$player" ] || kill -TERM "$player" 2>/dev/null
	[ -z "$player" ] || check_exit_of_player "$text" "$player"
	check "$text: the command came to its end" wait_for 60 sh -c "! kill -0 $user"
	wait $user || note "$text: unbinding ended with $?: $(tail -n 1 /tmp/during.out)"
	case $step:$plays in
	check:* | capture:* | replay:silent | verify:*)
		# There is nobody who would bind another one.
		check_equal "$text: the device is gone" 5 $code
		;;
	esac
	# What came when no driver was bound, or is bound again by a rollback, is done now.
	[ ! -e "$hardware/driver" ] || write_to "$hardware/driver/unbind" "$(basename "$hardware")"
	check "$text: the card is gone" wait_for 20 card_is_gone
	segue commit snd-ens1370 >/tmp/check.out 2>&1 || remark </tmp/check.out
	write_to "/sys/bus/pci/drivers/snd_ens1370/bind" "$(basename "$hardware")" 2>/tmp/bind.err ||
		remark </tmp/bind.err
	check "$text: a driver can be bound again" wait_for 20 card_is_there
	[ $code != 0 ] || case $next in
	v2) next=v3 ;;
	*) next=v2 ;;
	esac
}

# The player is told that the card is gone, or ends as it was asked to; it must not hang.
check_exit_of_player()
{
	check "$1: the player comes to its end" wait_for 20 sh -c "! kill -0 $2"
	wait "$2"
	note "$1: the player ended with $?: $(cat /tmp/player.out)"
}

# Whoever looks at a card sees it, or is told that there is none.
check_while_unbound()
{
	local checker

	(while :; do segue check snd-ens1370; done) >/tmp/checks.out 2>&1 &
	checker=$!
	for _ in 1 2 3 4 5 6 7 8; do
		write_to "$hardware/driver/unbind" "$(basename "$hardware")"
		write_to /sys/bus/pci/drivers/snd_ens1370/bind "$(basename "$hardware")"
	done
	kill "$checker"
	wait "$checker" 2>/dev/null
	check "a card that comes and goes is looked at" grep -q -i ens1370 /tmp/checks.out
	check "it is there in the end" wait_for 20 card_is_there
}

guest()
{
	local step hardware

	sound_driver snd-ens1370
	modprobe segue_sound
	hardware=$(sound_hardware)
	check_while_unbound
	for step in $steps; do
		unbind_after "$step" silent
	done
	for step in capture cover replay verify; do
		unbind_after "$step" playing
	done
	check "status works" segue status
	remark </tmp/check.out
	check "nothing is left of the cards" sh -c "! ps | grep -q '[s]egue/card'"
}
