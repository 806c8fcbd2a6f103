# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables of test/run
# SPDX-License-Identifier: GPL-2.0
TITLE="Second act: a disk. The same kernel; all that an update needs is on the disk that is updated"
DESCRIPTION="demo: under a database, nvme is updated from a file on that disk, twice; two updates fail, a rollback"
VM_DISKS="nvme:256M"
DRIVERS="nvme:v2 nvme:v3 nvme:probe-late nvme:nocache"
VM_SMP=1
VM_TIMEOUT=300
# The probes that fail say so.
ALLOWED_LOG="test: "

# still_same TEXT: after a swap.
still_same()
{
	check_equal "$1: the disk has the same number" "$number" "$(stat -c %t:%T /dev/nvme0n1)"
	io_flows "$1"
	sleep 3
}

guest()
{
	local number at builds

	title "Debian's kernel $(uname -r), its own nvme driver, two modules"
	disk_driver nvme nvme0n1
	check "it is the distribution's file" loaded_from nvme
	check "its library is the distribution's file" loaded_from nvme_core
	builds=$(sha256sum "$(modinfo -n nvme_core)" /drivers/nvme/*/nvme-core.ko | cut -d' ' -f1 | sort -u | wc -l)
	check_equal "the stock driver and the new ones are different builds" 5 "$builds"
	disk_fs ext4 nvme0n1 /mnt/db
	number=$(stat -c %t:%T /dev/nvme0n1)

	title "load: sqlite commits a row after the other on it, each flushed to the disk"
	disk_config nvme0n1
	io_start sqlite /mnt/db
	title "the new drivers, the tool and its libraries are on that disk too, and not in the page cache"
	disk_cold /mnt/db
	at=$DRIVERS_AT/drivers/nvme
	# The programs that are shown are started by another shell.
	export -f segue
	export DRIVERS_AT
	shown df -h /mnt/db
	shown segue check nvme "$at/v2/nvme.ko" "$at/v2/nvme-core.ko"
	disk_watch_start
	disk_state_save before
	command segue watch --json >/tmp/events 2>/tmp/events.err &
	segue_watch=$!
	sleep 4

	title "an update to v2: its structures are larger, every field of them is elsewhere"
	swap "update to v2" 0 segue update nvme "$at/v2/nvme.ko" "$at/v2/nvme-core.ko"
	check_equal "update to v2: v2 is live" v2 "$(disk_version)"

	title "another update, to v3"
	swap "update to v3" 0 segue update nvme "$at/v3/nvme.ko" "$at/v3/nvme-core.ko"
	check_equal "update to v3: v3 is live" v3 "$(disk_version)"

	title "an update whose controller does not come up"
	swap "failing probe" 2 segue update nvme "$at/probe-late/nvme.ko" "$at/probe-late/nvme-core.ko"
	check "failing probe: it says so" grep -q "rolled-back at step start" /tmp/shown.out
	check_equal "failing probe: v3 is live" v3 "$(disk_version)"

	title "an update that does not know of the disk's write cache, so that nothing would be flushed"
	swap "cache forgotten" 2 segue update nvme "$at/nocache/nvme.ko" "$at/nocache/nvme-core.ko"
	check "cache forgotten: it is named" grep -q "cache" /tmp/shown.out
	check_equal "cache forgotten: v3 is live" v3 "$(disk_version)"

	title "the version before comes back by command"
	swap "rollback to v2" 0 segue rollback nvme
	check_equal "rollback to v2: v2 is live" v2 "$(disk_version)"

	title "the end"
	disk_state_same "all swaps" before
	disk_watch_stop "all swaps"
	kill "$segue_watch"
	check "segue commit drops the other versions" shown segue commit nvme
	unset -f segue
	host_save disk-live.events < <(cat /tmp/marks /tmp/events)
	io_stop "all swaps"
	shown "sqlite3 /mnt/db/sqlite0 'PRAGMA integrity_check; SELECT count(*) FROM t'"
	host_save disk-live.timeline </tmp/io.0.timeline
	host_save disk-live.traffic </tmp/io.0.json
	disk_umount "all swaps"
}
