# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: updates, rollbacks and failures within one playback, more often than a module lets itself be asked"
VM_SOUND="ens1370"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3 snd-ens1370:probe-late"
VM_TIMEOUT=1500
ALLOWED_LOG="test: probe fails"
# A stream that nobody has open is opened for a moment to see what it can do; with so many swaps it is seen in its file.
STATE_IGNORED='/pcm0c/info'
# How often the sound core has room for a card, and so how often a module lets itself be asked to take one.
CARDS=32

live_generation()
{
	segue status --json | jq '[.. | objects | select(.role? == "live" and .generation?) | .generation] | max'
}

# The parameters of the first card, which the second one would not have.
parameters_same()
{
	local module

	module=$(sound_hardware)/driver/module
	check_equal "$1: the parameters are those that it was loaded with" "Music 0 Y" \
		"$(cut -d, -f1 "$module"/parameters/{id,index,enable} | tr '\n' ' ' | sed 's/ $//')"
}

# back_and_forth TIMES: from v2 to v3, back, and so on, by the numbers of their generations; each becomes live as often.
back_and_forth()
{
	local swap

	first=$(live_generation)
	check "to v3" update snd-ens1370 v3
	second=$(live_generation)
	for ((swap = 2; swap <= $1; swap++)); do
		check "$swap: to v2" segue rollback --generation "$first" snd-ens1370 || remark </tmp/check.out
		check_equal "$swap: version is v2" v2 "$(sound_version)"
		check "$swap: to v3" segue rollback --generation "$second" snd-ens1370 || remark </tmp/check.out
		check_equal "$swap: version is v3" v3 "$(sound_version)"
	done
	check_equal "two generations are loaded" 2 "$(modules_of snd-ens1370)"
}

# fail TIMES: updates that fail after the old driver has left.
fail()
{
	local swap

	for ((swap = 1; swap <= $1; swap++)); do
		check_exit "failure $swap: rolled back" 2 update snd-ens1370 probe-late ||
			remark </tmp/check.out
		check_equal "failure $swap: version is as before" "$2" "$(sound_version)"
	done
}

guest()
{
	mkdir -p /etc/modprobe.d
	# A second card of this driver is not wanted: it would refuse to take the device once more.
	echo "options snd-ens1370 id=Music index=0 enable=1,0" >/etc/modprobe.d/test.conf
	sound_driver snd-ens1370
	sound_config
	playing_start aplay
	playing_flows "before"
	sound_watch_start
	sound_state_save before
	parameters_same "before"
	fail 1 stock
	parameters_same "failed update"
	check "to v2" update snd-ens1370 v2
	remark </tmp/check.out
	parameters_same "update"
	check "back" segue rollback snd-ens1370
	check_equal "version is stock" stock "$(sound_version)"
	parameters_same "rollback"
	check "to v2" update snd-ens1370 v2 --commit
	back_and_forth $((CARDS + 2))
	check_equal "and kept" 2 "$(find /run/segue/modules -type f | wc -l)"
	parameters_same "back and forth"
	sound_still_same "many rollbacks"
	check "commit" segue commit snd-ens1370
	fail $((CARDS + 2)) v3
	parameters_same "many failures"
	check_equal "one generation is loaded" 1 "$(modules_of snd-ens1370)"
	sound_still_same "many failures"
	# Where the running module can be loaded once more from nowhere, it is counted how often it was asked.
	rm -r /run/segue/modules
	: >/run/segue/modules
	check "to v2" update snd-ens1370 v2 --commit --param enable=1
	back_and_forth $CARDS
	check_exit "once more is refused" 2 segue rollback --generation "$first" snd-ens1370
	check_output "the way out is said" "load it anew"
	check_output "and why it is needed" "no file that it was loaded from"
	check_equal "version is v3" v3 "$(sound_version)"
	check "commit" segue commit snd-ens1370
	check_exit "v2 from a new module is refused: there is no way back" 2 update snd-ens1370 v2
	check_output "that is said" "no way back"
	check_exit "the check says so" 2 segue check snd-ens1370 /drivers/snd-ens1370/v2/snd-ens1370.ko
	check "it is taken if that is wanted" update snd-ens1370 v2 --allow-incompatible
	check_equal "version is v2" v2 "$(sound_version)"
	rm /run/segue/modules
	check "commit" segue commit snd-ens1370
	check "to v3, from a new module" update snd-ens1370 v3
	check "and back" segue rollback snd-ens1370
	check_equal "version is v2" v2 "$(sound_version)"
	sound_still_same "many updates"
	sound_watch_stop "many updates"
	playing_stop "many updates"
}
