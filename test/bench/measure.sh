# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # scenarios set and read the variables
# SPDX-License-Identifier: GPL-2.0
#
# What the scenarios of the bench share; put before each of them by test/bench/run.sh, which names the file of
# the raw results in $rows, and the only driver that is to be measured, if it is one, in $only.  A scenario has the array drivers and the function measure, which
# is called for each of them, with its place in the array as $number.  One that updates under load has the functions
# load_begin, load_end WAY REPETITION and prove REPETITION; one that measures cost has cost WAY.
repetitions=3

# The last version of a driver's modules, the library first.
files()
{
	echo "/drivers/$driver/$1"/*.ko
}

# The names of these modules, "|" between them.
names()
{
	(cd "/drivers/$driver/$1" && printf '%s\n' *.ko) | sed 's/[.]ko$//' | paste -s -d '|'
}

# row WAY REPETITION METRIC VALUE: one line of the raw results, for the driver that is measured.
row()
{
	echo "$driver,$1,$2,$3,$4" >>/tmp/rows
}

microseconds()
{
	echo "${EPOCHREALTIME/./}"
}

# The steps and the pause of the swap in /tmp/swap.json.
record_swap()
{
	local step duration in_driver

	row update "$1" pause_ns "$(jq '[.. | objects | .pause_ns? // empty] | max' /tmp/swap.json)"
	while read -r step duration in_driver; do
		row update "$1" "$step.ns" "$duration"
		row update "$1" "$step.driver_ns" "$in_driver"
	done < <(jq -r '.. | objects | select(.step? and .duration_ns? != null and .undo == false)
		| "\(.step) \(.duration_ns) \(.driver_ns)"' /tmp/swap.json)
}

# swap REPETITION KIND
swap()
{
	local began code=0

	load_begin
	began=$(microseconds)
	# Seconds of the monotonic clock.
	read -r began_s _ </proc/uptime
	# shellcheck disable=SC2046 # a list of files is meant
	segue update --json --allow-incompatible "$driver" $(files "$2") >/tmp/swap.json 2>/tmp/swap.err || code=$?
	row update "$1" command_ms $((($(microseconds) - began) / 1000))
	check_equal "update $driver to $2" 0 $code || remark </tmp/swap.err
	load_end update "$1"
	record_swap "$1"
	prove "$1"
}

# segue_unloads CLASS
segue_unloads()
{
	check "segue_$1 unloads" rmmod "segue_$1"
	check "segue unloads" rmmod segue
}

# swap_all CLASS: updates to two versions in turn, then what one keeps in memory, and the end of Segue.
swap_all()
{
	local i kind=v2

	for ((i = 1; i <= repetitions; i++)); do
		[ $i != $repetitions ] || segue commit "$driver" >/dev/null 2>&1
		swap $i $kind
		[ $kind = v2 ] && kind=v3 || kind=v2
	done
	kept
	segue_unloads "$1"
}

# cost_all CLASS: the cost under the stock driver, after updates and a return, and without Segue.
cost_all()
{
	local module stock=()

	for module in $(files same); do
		stock+=("$(modinfo -n "$(basename "$module" .ko)")")
	done
	cost "stock driver"
	# shellcheck disable=SC2046 # a list of files is meant
	check "update to the same source" segue update "$driver" $(files same)
	cost "same source"
	check "update to the stock file" segue update --force "$driver" "${stock[@]}"
	cost "same file"
	check "roll back" segue rollback "$driver"
	check "roll back" segue rollback "$driver"
	cost "rolled back"
	check "commit" segue commit "$driver"
	segue_unloads "$1"
	cost "Segue unloaded"
}

# summary METRIC...: the rows of the driver with these metrics, as a remark.
summary()
{
	local metrics=$*

	note "$driver: $(awk -F, -v driver="$driver" -v metrics="^(${metrics// /|})$" \
		'$1 == driver && $4 ~ metrics { printf "%s %s %s; ", $2, $4, $5 }' /tmp/rows)"
}

guest()
{
	local driver number

	tools
	: >/tmp/rows
	for number in "${!drivers[@]}"; do
		driver=${drivers[number]}
		[[ -n $only && $only != "$driver" ]] || measure
	done
	host_save "$rows" </tmp/rows
}

# prove_path REPETITION WHERE METRIC MODULE: the data path of what WHERE names is the driver's own again.
prove_path()
{
	local name module holder=${4##*/}

	insmod /tmp/tools/where.ko "$2"
	name=$(cat /sys/module/where/parameters/function)
	rmmod where
	row update "$1" "$3" "$name"
	module=$(echo "$name" | tr -d '[]' | cut -d ' ' -f 2)
	check "$driver: $3 is in $holder or a library of it: $name" \
		test "$module" = "$holder" -o -e "/sys/module/$module/holders/$holder"
	row update "$1" ftrace_functions "$(wc -l </sys/kernel/tracing/enabled_functions)"
	check_equal "$driver: no function is redirected" "" "$(cat /sys/kernel/tracing/enabled_functions)"
}

# KiB of slab and vmalloc memory, and of the driver's modules, whose names are in $names ("|" between them).
memory()
{
	local file i

	for i in 1 2 3; do
		echo 3 >/proc/sys/vm/drop_caches
		for file in /sys/kernel/slab/*/shrink; do
			echo 1 >"$file"
		done
		sleep 0.3
	done 2>/dev/null
	awk '/^(Slab|VmallocUsed):/ { print $2 }' /proc/meminfo | tr '\n' ' '
	awk -v name="^(${names//-/_})(__[0-9]+)?$" '$1 ~ name { size += $2 } END { print size / 1024 }' /proc/modules
}

# What one standby generation keeps: the difference that its commit makes.
kept()
{
	local slab vmalloc modules then_slab then_vmalloc then_modules

	read -r slab vmalloc modules <<<"$(memory)"
	check "commit $driver" segue commit "$driver"
	read -r then_slab then_vmalloc then_modules <<<"$(memory)"
	row update 1 kept_module_kib "$(awk "BEGIN { print $modules - $then_modules }")"
	row update 1 kept_slab_kib $((slab - then_slab))
	row update 1 kept_vmalloc_kib $((vmalloc - then_vmalloc))
}
