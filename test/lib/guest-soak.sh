# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What scenarios with many swaps, chosen by a seed, are written with: choice, and what must not have grown.  $swaps is
# how many there have been.

# shellcheck disable=SC2034,SC2154 # scenarios use and set these

# pick WORD...: one of them; the answer is in $picked, because a subshell has random numbers of its own.
pick()
{
	local words=("$@")

	picked=${words[RANDOM % ${#words[@]}]}
}

soak_log_clean()
{
	! dmesg | grep -q 'WARNING:\|BUG:\|Oops:\|Call Trace\|soft lockup\|blocked for more than\|NETDEV WATCHDOG'
}

## Memory

memory_once()
{
	local file

	echo 3 >/proc/sys/vm/drop_caches
	for file in /sys/kernel/slab/*/shrink; do
		echo 1 >"$file"
	done 2>/dev/null
	sed -n 's/^\(MemFree\|Slab\|SUnreclaim\|VmallocUsed\|Percpu\|KernelStack\): *\([0-9]*\) kB/\1 \2/p' /proc/meminfo |
		sed 's/^MemFree \(.*\)/MemUsed \1/' |
		awk -v total="$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)" \
			'$1 == "MemUsed" { $2 = total - $2 } { print }'
	awk '{ size += $2 } END { print "modules", NR; print "module_bytes", size }' /proc/modules
	echo "vmalloc_areas $(wc -l </proc/vmallocinfo)"
	echo "sysfs_nodes $(awk '$1 == "kernfs_node_cache" { print $2 }' /proc/slabinfo)"
	echo "interrupts $(wc -l </proc/interrupts)"
	echo "kernel_threads $(cat /proc/[0-9]*/stat 2>/dev/null | grep -c '^[0-9]* (.*) . 2 ')"
	echo "hotplug_states $(wc -l </sys/devices/system/cpu/hotplug/states)"
	echo "symbols $(grep -c '\[' /proc/kallsyms)"
}

# The least value of each name.
least()
{
	awk '!($1 in least) { order[n++] = $1; least[$1] = $2 } $2 < least[$1] { least[$1] = $2 }
		END { for (i = 0; i < n; i++) print order[i], least[order[i]] }'
}

# memory FILE: the least of five measurements, because traffic comes and goes; and the objects of each slab.
memory()
{
	local i

	for i in 1 2 3 4 5; do
		memory_once >>/tmp/memory.samples
		# Objects that are free in a CPU's own slabs count as used here; the next sample may have them right.
		awk 'NR > 2 { print $1, $2 }' /proc/slabinfo >>/tmp/memory.slabs
		sleep 0.7
	done
	least </tmp/memory.samples >"$1"
	least </tmp/memory.slabs >"$1.slabs"
	rm /tmp/memory.samples /tmp/memory.slabs
}

# What may have grown, in KiB or in pieces: the kernel's own caches breathe; one leaked object, page or area
# per swap of a thousand is above it.
declare -A bound=([MemUsed]=4096 [Slab]=1024 [SUnreclaim]=640 [VmallocUsed]=256 [Percpu]=64 [KernelStack]=128
	[modules]=0 [module_bytes]=0 [vmalloc_areas]=8 [sysfs_nodes]=32 [interrupts]=0 [kernel_threads]=8
	[hotplug_states]=0 [symbols]=0)

memory_compare()
{
	local name first last growth

	while read -r name first last; do
		echo "| $name | $first | $last | $((last - first)) | ${bound[$name]} |" >>/tmp/memory.table
		check_at_most "$name has not grown: $first, then $last" "${bound[$name]}" "$((last - first))"
	done < <(paste -d ' ' /tmp/memory.first /tmp/memory.last | cut -d ' ' -f 1,2,4)
	awk 'NR == FNR { first[$1] = $2; next } { print $2 - first[$1], $1, first[$1] + 0, $2 }' \
		/tmp/memory.first.slabs /tmp/memory.last.slabs | sort -rn | head -n 5 >/tmp/memory.grown
	note "slabs whose objects became more: growth, name, then, now"
	remark </tmp/memory.grown
	read -r growth name first last </tmp/memory.grown
	echo "| objects of the slab $name | $first | $last | $growth | $((swaps / 5 + 200)) |" >>/tmp/memory.table
	check_at_most "no slab holds more objects with each swap: $name" $((swaps / 5 + 200)) "$growth"
}

pauses()
{
	sort -n "/tmp/pause.$1" | awk '{ value[NR] = $1 / 1e6 }
		END { printf "%.0f | %.0f | %.0f", value[1], value[int((NR + 1) / 2)], value[NR] }'
}
