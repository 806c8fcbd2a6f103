
# shellcheck shell=bash
# shellcheck disable=SC2034
# SPDX-License-Identifier: GPL-2.0
# What test/debug/run.sh adds to each scenario.

KERNELS=
# The firmware's method that tells how interrupts are routed is bytecode with a loop, for which the interpreter
# allows 30 s: too short under these checkers.  The older MP table tells the same.
VM_APPEND="${VM_APPEND-} acpi=noirq"
VM_MEMORY=$((${VM_MEMORY:-768} + 768))
VM_TIMEOUT=$((${VM_TIMEOUT:-240} * 6))

eval "debug_$(declare -f guest)"

guest()
{
	# What the checkers say of themselves when the kernel boots.
	local boot="RCU lockdep checking is enabled|RCU callback .* debug is enabled|memory leak detector initialized"

	# What the machine itself leaves behind is no business of the scenario.
	echo clear >/sys/kernel/debug/kmemleak
	debug_guest
	check_unload
	ALLOWED_LOG="${ALLOWED_LOG:+$ALLOWED_LOG|}$boot"
	# Work that is still under way would look like a leak; the second scan sees what the first one saw.
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	cat /sys/kernel/debug/kmemleak >/tmp/kmemleak
	check_same "kmemleak finds nothing" /dev/null /tmp/kmemleak
}
# A megabyte a second is most of what an emulated CPU can do under these checkers.
VM_RATE=0.2
