# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What scenarios with disks (VM_DISKS) are written with, beside guest.sh, which sources this file.
#
# I/O runs in jobs.  A job has a number, which is also the slot of the host's memory in which is counted what it
# was promised (see bt.c); /tmp/io.N.json is what it says at its end.

# Functions take the disk as an argument that is mostly left out; guest.sh uses what is set here.
# shellcheck disable=SC2119,SC2120,SC2034

# Words in the kernel log that are a failure, more than those of guest.sh.
LOG_WORDS='I/O error|critical (target|medium|space|nexus) error|EXT4-fs (error|warning)|Aborting journal|XFS.*([Cc]orrupt|[Ss]hut.*down|metadata I/O)|BTRFS (error|critical|warning)|Buffer I/O|lost (async|sync) page write|nvme nvme.*(timeout|resetting|not ready)|ata[0-9.]+: (exception|failed command|hard resetting)|sd .*FAILED|sd .*(offline|rejecting)|device-mapper:.*(rror|ail)'

# No udev rules here that would tell dmsetup of its nodes.
export DM_DISABLE_UDEV=1

io_jobs=()		# number -> kind
io_paths=()		# number -> file
io_pids=()		# number -> process
io_blocks=512		# of a ring
disk_names=()		# what disk_driver found
disk_mounts=()		# what disk_fs mounted, as TYPE:DEVICE:DIR

## Disks

# disk_driver MODULE DISK...: loads the stock driver as the distribution does and waits for the disks.
disk_driver()
{
	local module=$1 disk
	shift

	case $module in
	virtio_blk | virtio_scsi) modprobe virtio_pci ;;
	usb-storage) modprobe xhci_pci ;;
	esac
	check "stock driver $module is loaded by modprobe" modprobe "$module"
	for disk in "$@"; do
		# udev loads it when it sees a disk's alias.
		[[ $disk != sd* ]] || modprobe sd_mod
		wait_for 30 test -b "/dev/$disk" || not_ok "disk $disk appears"
		disk_names+=("$disk")
	done
}

# nvme_name WORD INDEX: what the namespace of VM_DISKS is called; which controller is found first is not certain.
nvme_name()
{
	local dir

	for dir in /sys/block/nvme*; do
		[ "$(tr -d ' ' <"$dir/device/serial") $(cat "$dir/nsid")" != "segue$1 $(($2 + 1))" ] || basename "$dir"
	done
}

# disk_hardware DISK: the folder of the device whose driver is replaced.
disk_hardware()
{
	local dir

	dir=$(readlink -f "/sys/block/${1:-${disk_names[0]}}/device")
	while [ "$dir" != / ]; do
		if [ -e "$dir/driver" ] && [ "$(basename "$(readlink "$dir/subsystem")")" != scsi ]; then
			echo "$dir"
			return
		fi
		dir=$(dirname "$dir")
	done
}

# disk_version [DISK]: version of the module that drives it; "stock" when it has none.
disk_version()
{
	cat "$(disk_hardware "$1")/driver/module/version" 2>/dev/null || echo stock
}

# disk_partitions DISK SIZE...: partitions of these sizes; the last one takes the rest ("+").
disk_partitions()
{
	local disk=$1 size
	shift

	for size in "$@"; do
		echo ",$size"
	done | check "partitions of $disk" sfdisk -q "/dev/$disk"
	wait_for 10 test -e "/sys/block/$disk/$(basename "$disk")1" || wait_for 10 test -e "/sys/block/$disk/${disk}p1"
}

# disk_fs TYPE DEVICE DIR [OPTION...]: makes a file system of a node (path below /dev) and mounts it.
disk_fs()
{
	local type=$1 device=$2 dir=$3
	shift 3

	modprobe "$type"
	case $type in
	ext4) check "mkfs.ext4 $device" mkfs.ext4 -q -F "$@" "/dev/$device" ;;
	xfs) check "mkfs.xfs $device" mkfs.xfs -q -f "$@" "/dev/$device" ;;
	btrfs) check "mkfs.btrfs $device" mkfs.btrfs -q -f "$@" "/dev/$device" ;;
	esac
	disk_mount "$type" "$device" "$dir"
}

# disk_mount TYPE DEVICE DIR
disk_mount()
{
	modprobe "$1"
	mkdir -p "$3"
	check "mount $2" mount -t "$1" "/dev/$2" "$3"
	disk_mounts+=("$1:$2:$3")
}

# disk_umount TEXT: unmounts all and looks for damage.
disk_umount()
{
	local text=$1 entry type device dir
	local mounts=("${disk_mounts[@]}")

	disk_mounts=()
	for entry in "${mounts[@]}"; do
		IFS=: read -r type device dir <<<"$entry"
		if [ "$type" = btrfs ]; then
			check "$text: btrfs scrub of $device" btrfs scrub start -B -r "$dir"
			check_output "$text: it found nothing" "no errors found"
		fi
		check "$text: unmount $device" umount "$dir"
		case $type in
		ext4) check "$text: e2fsck of $device is clean" e2fsck -f -n "/dev/$device" ;;
		xfs) check "$text: xfs_repair of $device is clean" xfs_repair -n "/dev/$device" ;;
		btrfs) check "$text: btrfs check of $device is clean" btrfs check --readonly "/dev/$device" ;;
		esac
	done
}

# disk_set DISK FILE VALUE: sets what the disk has, and leaves out what it has not.
disk_set()
{
	[ ! -w "/sys/block/$1/$2" ] || echo "$3" >"/sys/block/$1/$2"
}

# disk_config DISK...: settings that users make.
disk_config()
{
	local disk

	modprobe -a kyber-iosched bfq
	mkdir -p /sys/fs/cgroup
	mountpoint -q /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup
	echo +io >/sys/fs/cgroup/cgroup.subtree_control
	mkdir -p /sys/fs/cgroup/limited
	for disk in "$@"; do
		disk_set "$disk" queue/scheduler mq-deadline
		disk_set "$disk" queue/iosched/read_expire 333
		disk_set "$disk" queue/iosched/writes_starved 3
		disk_set "$disk" queue/iosched/fifo_batch 9
		disk_set "$disk" queue/nr_requests 48
		disk_set "$disk" queue/read_ahead_kb 516
		disk_set "$disk" queue/max_sectors_kb 128
		disk_set "$disk" queue/nomerges 1
		disk_set "$disk" queue/rq_affinity 2
		disk_set "$disk" queue/add_random 1
		disk_set "$disk" queue/wbt_lat_usec 70000
		disk_set "$disk" queue/io_timeout 45000
		disk_set "$disk" queue/rotational 0
		disk_set "$disk" queue/discard_max_bytes 1048576
		echo "$(cat "/sys/block/$disk/dev") wbps=104857600 riops=99999" >/sys/fs/cgroup/limited/io.max
	done
} 2>/dev/null

# disk_state DISK...: everything about disks that must not change.
disk_state()
{
	local disk dir

	for disk in "$@"; do
		dir=/sys/block/$disk
		echo "== $disk"
		grep -r -s -H '' "$dir/" | grep -v -E '^[^:]*/(stat|inflight|power/runtime_[a-z_]*|power/[a-z_]*time[a-z_]*):' |
			grep -v -E "${STATE_IGNORED:-^$}" | sort
		# Where the disk hangs; the number of a SCSI host is the mid layer's to give.
		find "$dir/" -type l -printf '%p -> %l\n' |
			sed 's/host[0-9]*/hostN/g; s/target[0-9]*:/targetN:/g; s|/[0-9]*:\([0-9]*:[0-9]*:[0-9]*\)|/N:\1|g; s|/ata[0-9]*/|/ataN/|g' |
			grep -v -E "${STATE_IGNORED:-^$}" | sort
		stat -c '%n %F %t:%T %a %u:%g' "/dev/$disk"*
	done
	echo "== all"
	cat /proc/partitions
	find /sys/dev/block -type l -printf '%f\n' | sort
	cat /proc/mounts
	# Without how much of it is in use.
	awk '{ print $1, $2, $3, $5 }' /proc/swaps
	cat /sys/fs/cgroup/limited/io.* 2>/dev/null
	# Either would load its module.
	[ ! -d /sys/module/dm_mod ] || dmsetup table --showkeys
	[ ! -d /sys/module/loop ] || losetup -l -n
	cat /proc/mdstat 2>/dev/null
}

# disk_state_save NAME [DISK...]
disk_state_save()
{
	local name=$1
	shift

	disk_state "${@:-${disk_names[@]}}" >"/tmp/state.$name" 2>/tmp/state.errors
}

# disk_state_same TEXT NAME [DISK...]
disk_state_same()
{
	local text=$1 name=$2
	shift 2

	disk_state "${@:-${disk_names[@]}}" >/tmp/state.now 2>/tmp/state.errors
	check_same "$text: values, nodes and holders of the disks are the same" "/tmp/state.$name" /tmp/state.now
}

## Watching

# disk_watch_start [DISK...]: everything that reports a change begins to listen.
disk_watch_start()
{
	udevadm monitor --kernel --udev >/tmp/watch.udev 2>&1 &
	watch_udev=$!
	bt poll "${@:-${disk_names[@]}}" >/tmp/watch.poll 2>/tmp/watch.poll.err &
	watch_poll=$!
	sleep 1
	udevadm settle
	grep -c . /tmp/watch.udev >/tmp/watch.udev.base
}

# disk_watch_stop TEXT
disk_watch_stop()
{
	local text=$1

	kill -TERM "$watch_poll"
	wait "$watch_poll"
	sleep 0.5
	kill "$watch_udev"
	wait "$watch_udev" 2>/dev/null
	udev_events >/tmp/watch.events
	check_same "$text: 'udevadm monitor' shows no line" /dev/null /tmp/watch.events
	if jq -e '.rounds > 0 and .errors == 0' /tmp/watch.poll >/dev/null; then
		ok "$text: polls of counters, values and nodes see nothing ($(jq .rounds /tmp/watch.poll) rounds, slowest $(jq .slowest_ms /tmp/watch.poll) ms)"
	else
		not_ok "$text: polls see a difference: $(cat /tmp/watch.poll)"
		remark </tmp/watch.poll.err
	fi
}

## I/O

# io_job KIND FILE COMMAND...: the command in the background, its output kept.
io_job()
{
	local number=${#io_jobs[@]} kind=$1 file=$2
	shift 2

	io_jobs[number]=$kind
	io_paths[number]=$file
	"$@" >"/tmp/io.$number.json" 2>"/tmp/io.$number.err" &
	io_pids[number]=$!
}

# sqlite_rows FILE STOP [FIRST]: a transaction after the other in one session; prints the number of each that is
# committed.  Without FIRST the database is a new one.
sqlite_rows()
{
	local file=$1 stop=$2 n=${3:-1} answer

	[ -n "${3-}" ] || rm -f "$file"
	coproc SQLITE { sqlite3 -bail "$file" 2>&1; }
	# "full" and a sync of the folder when the journal is removed, without which a commit is promised too early.
	echo "PRAGMA synchronous=extra; CREATE TABLE IF NOT EXISTS t(n INTEGER PRIMARY KEY, x TEXT);" >&"${SQLITE[1]}"
	while [ ! -e "$stop" ]; do
		# There is nothing to read: a rest without a process.
		read -r -t 0.02 answer <&"${SQLITE[0]}"
		echo "INSERT INTO t VALUES($n, hex(randomblob(200))); SELECT $n;" >&"${SQLITE[1]}"
		read -r answer <&"${SQLITE[0]}" || answer="sqlite3 is gone"
		echo "$answer"
		[ "$answer" = "$n" ] || return
		n=$((n + 1))
	done
}

# io_sqlite FILE NUMBER [FIRST]: the moments of the rows are in /tmp/io.NUMBER.timeline.
io_sqlite()
{
	rm -f "/tmp/io.stop.$2"
	sqlite_rows "$1" "/tmp/io.stop.$2" "${3-}" | bt lines "$2" "/tmp/io.$2.timeline"
}

# io_start KIND... TARGET: jobs in a folder (append, ring, sqlite, read, fio) or on a raw node (ring, nowait).
io_start()
{
	local target=${!#} kind number

	for kind in "${@:1:$#-1}"; do
		number=${#io_jobs[@]}
		case $kind:$target in
		ring:/dev/*) io_job ring "$target" bt ring "$target" $io_blocks "$number" ;;
		ring:*) io_job ring "$target/ring$number" bt ring "$target/ring$number" $io_blocks "$number" ;;
		append:*) io_job append "$target/append$number" bt append "$target/append$number" "$number" ;;
		sqlite:*) io_job sqlite "$target/sqlite$number" io_sqlite "$target/sqlite$number" "$number" ;;
		read:*)
			bt fill "$target/read$number" 1024 >/dev/null || not_ok "$target can be filled"
			io_job read "$target/read$number" bt read "$target/read$number" 1024
			;;
		nowait:/dev/*)
			# A bare node: file systems wait for their bios whatever they were asked.
			bt fill "$target" 1024 >/dev/null || not_ok "$target can be filled"
			io_job nowait "$target" bt nowait "$target" 1024
			;;
		fio:*)
			io_job fio "$target/fio$number" fio --name="fio$number" --filename="$target/fio$number" \
				--size=8m --rw=randrw --bs=4k --direct=1 --ioengine=libaio --iodepth=8 --fsync=16 \
				--rate_iops=100 --verify=crc32c --verify_backlog=128 --verify_fatal=1 --time_based --runtime=100000 \
				--output-format=json
			;;
		esac
	done
	sleep 0.3
	wait_for 30 io_running || not_ok "I/O on $target starts"
}

# Has every job that counts been promised something?
io_running()
{
	local number

	for number in "${!io_jobs[@]}"; do
		case ${io_jobs[number]} in
		append | ring | sqlite) [ "$(bt acked "$number")" -gt 0 ] || return 1 ;;
		esac
	done
}

# The numbers of all jobs that count.
io_counts()
{
	local number

	for number in "${!io_jobs[@]}"; do
		case ${io_jobs[number]} in
		append | ring | sqlite) bt acked "$number" ;;
		esac
	done
}

# Has every one of them grown since io_flows began?
io_grown()
{
	io_counts | paste -d ' ' /tmp/io.counts - | awk '$2 <= $1 { bad = 1 } END { exit bad }'
}

# io_flows TEXT: every job gets further within 20 seconds.
io_flows()
{
	[ ${#io_jobs[@]} != 0 ] || return 0
	io_counts >/tmp/io.counts
	check "$1: I/O flows" wait_for 20 io_grown
}

# io_end NUMBER: asks a job to end, and waits for it.
io_end()
{
	local number=$1

	touch "/tmp/io.stop.$number"
	case ${io_jobs[number]} in
	sqlite) ;;
	fio) kill -INT "${io_pids[number]}" ;;
	*) kill -TERM "${io_pids[number]}" ;;
	esac
	wait "${io_pids[number]}"
}

# io_stop TEXT: ends all jobs; none saw an error, and what they were promised is on the disk.
io_stop()
{
	local text=$1 number words

	for number in "${!io_jobs[@]}"; do
		io_end "$number"
		words="${io_jobs[number]} on ${io_paths[number]}"
		if [ "${io_jobs[number]}" = fio ]; then
			io_stop_fio "$text" "$number"
		elif jq -e '.errors == 0 and .done > 0' "/tmp/io.$number.json" >/dev/null 2>&1; then
			ok "$text: $words: no error, longest $(jq -c '[.longest_ms, .longest_at_s, .done]' "/tmp/io.$number.json") ms, at s, of"
		else
			not_ok "$text: $words: $(cat "/tmp/io.$number.json")"
			remark <"/tmp/io.$number.err"
		fi
	done
	io_check "$text"
	io_jobs=()
}

io_stop_fio()
{
	local text=$1 number=$2 out=/tmp/io.$2.json

	sed -i '/^{/,$!d' "$out"
	if jq -e '[.jobs[].error, .jobs[].total_err] | add == 0' "$out" >/dev/null 2>&1 &&
		jq -e '.jobs[0].read.total_ios > 0 and .jobs[0].write.total_ios > 0' "$out" >/dev/null &&
		! grep -q 'verify' "/tmp/io.$number.err"; then
		ok "$text: fio: no error, longest $(jq '[.jobs[0].read.clat_ns.max, .jobs[0].write.clat_ns.max] | max / 1e6 | floor' "$out") ms, $(jq '.jobs[0].write.total_ios' "$out") writes"
	else
		not_ok "$text: fio: $(jq -c '.jobs[0] | [.error, .total_err]' "$out")"
		remark <"/tmp/io.$number.err"
	fi
}

# io_check TEXT: what the jobs were promised, read from the disk and not from the page cache.
io_check()
{
	local text=$1 number path rows

	sync
	echo 3 >/proc/sys/vm/drop_caches
	for number in "${!io_jobs[@]}"; do
		path=${io_paths[number]}
		case ${io_jobs[number]} in
		append) check "$text: acknowledged records are in $path" bt check append "$path" "$number" ;;
		ring) check "$text: acknowledged blocks are in $path" bt check ring "$path" $io_blocks "$number" ;;
		sqlite)
			rows=$(sqlite3 "$path" "PRAGMA integrity_check; SELECT max(n) = count(*) AND max(n) >= $(bt acked "$number") FROM t" 2>&1 | tr '\n' ' ')
			check_equal "$text: acknowledged rows are in $path" "ok 1 " "$rows"
			;;
		*) continue ;;
		esac
		[ "${io_jobs[number]}" = sqlite ] || remark </tmp/check.out
	done
}

# io_longest: the longest operation, in ms, that an application waited for.
io_longest()
{
	cat /tmp/io.*.json | jq -s '[.[].longest_ms // 0] | max'
}

## Segue

# disk_update_done DRIVER KIND [OPTION...]: it becomes live, nothing else changes, I/O flows.
disk_update_done()
{
	local driver=$1 kind=$2

	check "update $driver to $kind" update "$@" && remark </tmp/check.out
	check_equal "version is $kind" "$kind" "$(disk_version)"
	disk_still_same "update to $kind"
}

# disk_update_undone DRIVER KIND CODE WORDS [OPTION...]: it ends with CODE, says WORDS, and all is as before.
disk_update_undone()
{
	local driver=$1 kind=$2 code=$3 words=$4 version
	shift 4

	version=$(disk_version)
	check_exit "update $driver to $kind ends with $code" "$code" update "$driver" "$kind" "$@" &&
		remark </tmp/check.out
	[ -z "$words" ] || check_output "update to $kind says why" "$words"
	check_equal "version is still $version" "$version" "$(disk_version)"
	disk_still_same "failed update to $kind"
}

# disk_during DRIVER KIND TEXT COMMAND...: runs the command while a swap to KIND is held in the middle.
disk_during()
{
	local driver=$1 kind=$2 text=$3 pid
	shift 3

	: >/tmp/during.out
	stall_ms 500
	update "$driver" "$kind" >/tmp/during.out 2>&1 &
	pid=$!
	wait_for 60 grep -q stop /tmp/during.out
	check "$text during a swap to $kind" timeout 30 "$@"
	stall_ms 0
	wait $pid
	check_equal "swap to $kind" 0 $?
	check_equal "version is $kind" "$kind" "$(disk_version)"
}

# disk_rollback_done DRIVER VERSION: 'segue rollback' makes VERSION live again.
disk_rollback_done()
{
	check "roll back $1" segue rollback "$1" && remark </tmp/check.out
	check_equal "version is $2 again" "$2" "$(disk_version)"
	disk_still_same "rollback to $2"
}

disk_still_same()
{
	io_flows "$1"
	[ ! -e /tmp/state.before ] || disk_state_same "$1" before
}

# disk_cold DIR: the tool and the new drivers live on the disk from now on, and no page of them is in memory when an
# update begins.  The tool's libraries are there too, and its loader is asked for by name.
disk_cold()
{
	local file

	DRIVERS_AT=$1/cold
	mkdir -p "$DRIVERS_AT/lib"
	cp -r /drivers "$DRIVERS_AT/"
	/usr/lib64/ld-linux-x86-64.so.2 --list "$(command -v segue)" | grep -o '/[^ ]*' | while read -r file; do
		cp -L "$file" "$DRIVERS_AT/lib/"
	done
	cp "$(command -v segue)" "$DRIVERS_AT/segue"
	# shellcheck disable=SC2317 # the scenario's other functions call it
	segue()
	{
		sync
		echo 3 >/proc/sys/vm/drop_caches
		"$DRIVERS_AT/lib/ld-linux-x86-64.so.2" --library-path "$DRIVERS_AT/lib" "$DRIVERS_AT/segue" "$@"
	}
}

# disk_life DRIVER: an update, back, another update, commit; under I/O and watched, nobody notices.
disk_life()
{
	local driver=$1 stock

	stock=$(disk_version)
	disk_config "${disk_names[@]}"
	disk_watch_start
	disk_state_save before
	disk_update_done "$driver" v2
	disk_rollback_done "$driver" "$stock"
	disk_update_done "$driver" v3
	check "commit $driver" segue commit "$driver"
	check_equal "one generation of $driver stays loaded" 1 "$(modules_of "$driver")"
	disk_still_same "commit"
	disk_watch_stop "updates"
	io_stop "updates"
	note "the longest operation of an application took $(io_longest) ms"
}

## A machine that has booted from the disk (VM_ROOT)

# compile_start: the program that lib/root.sh has put there.
compile_start()
{
	rm -rf /src/out /tmp/compile.code
	(
		make -s -C /src/tool O=../out CC=gcc-12 CFLAGS=-O0 >/tmp/compile.out 2>&1
		echo $? >/tmp/compile.code
	) &
}

compile_runs()
{
	[ ! -e /tmp/compile.code ]
}

# compile_check TEXT: it came to its end, and made what the host's compiler has made of the same.
compile_check()
{
	wait_for 300 test -e /tmp/compile.code
	check_equal "$1: the compiler ended" 0 "$(cat /tmp/compile.code)" || remark </tmp/compile.out
	check "$1: what it made is as made on the host" sh -c "cd /src && sha256sum -c expected"
}

swapped_out()
{
	awk '/^pswpout/ { print $2 }' /proc/vmstat
}

has_swapped_out()
{
	[ "$(swapped_out)" -gt "$1" ]
}

# hog_life DRIVER DISK SWAP FS: swap and a file system on the disk, memory used up: updates and rollbacks under I/O.
hog_life()
{
	local driver=$1 disk=$2 swap=$3 fs=$4 free hog dirty stock step

	disk_driver "$driver" "$disk"
	disk_partitions "$disk" 256M +
	mkswap "/dev/$swap" >/dev/null
	check "swap" swapon "/dev/$swap"
	disk_fs ext4 "$fs" /mnt/a
	modprobe segue_block
	stock=$(disk_version)
	io_start append sqlite read /mnt/a
	free=$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
	bt hog $((free + 40)) >/tmp/hog.json &
	hog=$!
	# Page cache that is dirty all the time, too.
	while :; do dd if=/dev/zero of=/mnt/a/dirty bs=1M count=64 conv=notrunc 2>/dev/null; done &
	dirty=$!
	check "memory is used up" wait_for 60 has_swapped_out 5000
	for step in 1 2 3; do
		check "update $step to v2" timeout 100 segue update "$driver" "/drivers/$driver/v2"/*.ko
		remark </tmp/check.out
		check_equal "version is v2" v2 "$(disk_version)"
		io_flows "update to v2"
		check "roll back" timeout 100 segue rollback "$driver"
		check_equal "version is $stock again" "$stock" "$(disk_version)"
		io_flows "rollback"
		check "commit" timeout 100 segue commit "$driver"
	done
	note "swapped out $(swapped_out) pages"
	kill $dirty
	kill -TERM $hog
	wait $hog
	check "what was in memory and in swap is right" jq -e '.errors == 0 and .done > 0' /tmp/hog.json
	io_stop "memory hog"
	check "swap is taken back" swapoff "/dev/$swap"
	disk_umount "memory hog"
}

# root_life DRIVER DISK SWAP ROOT: all of the machine is on the disk, swap as well, and memory is short: updates and
# rollbacks for as long as a program is compiled.  No page that is not in use is in memory when one begins.
root_life()
{
	local driver=$1 disk=$2 swap=$3 root=$4 stock hog swaps=0 out

	disk_driver "$driver" "$disk"
	check_equal "the root file system is on the disk" "/dev/$root" "$(findmnt -n -o SOURCE /)"
	mkswap "/dev/$swap" >/dev/null
	check "swap" swapon "/dev/$swap"
	# shellcheck disable=SC2317 # the functions that are called here call it
	segue()
	{
		sync
		echo 3 >/proc/sys/vm/drop_caches
		command segue "$@"
	}
	stock=$(disk_version)
	mkdir /data
	io_start append sqlite /data
	disk_config "$disk"
	disk_watch_start
	disk_state_save before
	bt hog $(($(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo) + 20)) >/tmp/hog.json &
	hog=$!
	check "memory is used up" wait_for 60 has_swapped_out 2000
	# It would take all the time there is from the compiler.
	kill -STOP $hog
	compile_start
	out=$(swapped_out)
	while compile_runs; do
		disk_update_done "$driver" v2
		disk_rollback_done "$driver" "$stock"
		check "commit $driver" segue commit "$driver"
		swaps=$((swaps + 2))
		sleep 8
	done
	note "$swaps swaps while it was compiled, $(($(swapped_out) - out)) pages swapped out"
	check "the program was compiled for that long" test $swaps -ge 4
	check "memory was short for that long" test $(($(swapped_out) - out)) -ge 500
	compile_check "updates"
	kill -CONT $hog
	sleep 4
	kill -TERM $hog
	wait $hog
	check "what was in memory and in swap is right" jq -e '.errors == 0 and .done > 0' /tmp/hog.json
	disk_update_done "$driver" v3
	check "commit $driver" segue commit "$driver"
	disk_still_same "commit"
	disk_watch_stop "updates"
	io_stop "updates"
	note "the longest operation of an application took $(io_longest) ms"
	check "swap is taken back" swapoff "/dev/$swap"
	check "the root file system is made read-only" mount -o remount,ro /
	echo 3 >/proc/sys/vm/drop_caches
	check "e2fsck of the root file system is clean" e2fsck -f -n "/dev/$root"
}
