# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="snd-ens1370: the kernel's own tests of mixers and PCMs say the same before and after updates"
VM_SOUND="ens1370:none"
PROGRAMS="selftests"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3"
VM_TIMEOUT=900

# selftests NAME: what they say of each test, without the times that they measured.
selftests()
{
	local test

	for test in mixer-test pcm-test; do
		[ -x "/selftests/$test" ] || continue
		echo "== $test"
		(cd /selftests && "./$test") >"/tmp/$1.$test" 2>&1
		echo "ended with $?"
		grep -E '^(ok|not ok|1\.\.)|^# Totals' "/tmp/$1.$test"
	done >"/tmp/selftests.$1"
}

guest()
{
	sound_driver snd-ens1370
	modprobe segue_sound
	sound_config
	selftests before
	check "tests were made" grep -q '^ok ' /tmp/selftests.before
	remark < <(grep -E '^(==|ended|not ok|# Totals)' /tmp/selftests.before)
	sound_update_done snd-ens1370 v2
	selftests v2
	check_same "the same results with v2" /tmp/selftests.before /tmp/selftests.v2
	sound_update_done snd-ens1370 v3
	check "commit" segue commit snd-ens1370
	selftests v3
	check_same "the same results with v3" /tmp/selftests.before /tmp/selftests.v3
}
