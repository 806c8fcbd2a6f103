# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
DESCRIPTION="bad input: one line that says what was found, what is needed and what to do; nothing is changed"
VM_NICS="e1000"
DRIVERS="e1000:v2 e1000e:v2 e1000:othername"
VM_TIMEOUT=300

# refused TEXT WORDS COMMAND...: exit code 1, one line on standard error with WORDS, nothing changed.
refused()
{
	local text=$1 words=$2 code=0
	shift 2

	"$@" >/tmp/refused.out 2>/tmp/refused.err || code=$?
	check_equal "$text: exit code" 1 $code
	if [ "$(grep -c . /tmp/refused.err)" = 1 ] && grep -E -q -i -e "$words" /tmp/refused.err; then
		ok "$text: $(cat /tmp/refused.err)"
	else
		not_ok "$text: not one line with '$words'"
		remark </tmp/refused.err
	fi
	check_equal "$text: driver is untouched" "$(uname -r)" "$(driver_version)"
	check_equal "$text: no module stays" 1 "$(modules_of e1000)"
}

guest()
{
	local good=/drivers/e1000/v2/e1000.ko size

	net_driver e1000
	net_up
	state_save before
	size=$(stat -c %s $good)
	refused "missing file" "no such file" segue update e1000 /nowhere.ko
	echo "hello" >/tmp/text.ko
	refused "not ELF" "ELF" segue update e1000 /tmp/text.ko
	: >/tmp/empty.ko
	refused "empty" "empty|ELF|truncated" segue update e1000 /tmp/empty.ko
	head -c $((size / 2)) $good >/tmp/half.ko
	refused "truncated" "truncated|short|beyond|ends" segue update e1000 /tmp/half.ko
	cp /usr/bin/nt /tmp/program.ko
	refused "a program" "module|relocatable" segue update e1000 /tmp/program.ko
	sed 's/vermagic=6/vermagic=5/' $good >/tmp/magic.ko
	refused "another kernel's" "vermagic" segue update e1000 /tmp/magic.ko
	{ head -c 18 $good; printf '\267\000'; tail -c +21 $good; } >/tmp/arm.ko
	refused "another machine's" "machine|architecture|aarch64|x86" segue update e1000 /tmp/arm.ko
	sed 's/pci_enable_device_mem/pci_enable_devise_mem/' $good >/tmp/symbol.ko
	refused "unknown symbol" "pci_enable_devise_mem" segue update e1000 /tmp/symbol.ko
	refused "another device's driver" "alias|device" segue update e1000 /drivers/e1000e/v2/e1000e.ko
	refused "driver not loaded" "not loaded|no driver|not running" segue update nosuch $good
	refused "no driver named" "" segue update
	refused "unknown command" "" segue frobnicate
	refused "unknown option" "" segue update e1000 $good --frobnicate
	refused "not root" "root|CAP_SYS_MODULE|privilege|permit" \
		setpriv --reuid 1000 --regid 1000 --clear-groups segue update e1000 $good
	state_same "after all of it" before
	check "the good one works" segue update e1000 $good
	check_equal "version is v2" v2 "$(driver_version)"
	check "commit" segue commit e1000
	check "under another name, too" segue update e1000 /drivers/e1000/othername/e1000alt.ko
	check_equal "version" othername "$(driver_version)"
	check "commit" segue commit e1000
}
