# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2119,SC2120 # a scenario: its variables are for the runner, which sets others
# SPDX-License-Identifier: GPL-2.0
#
# A scenario for test/run, started by test/soak/run.sh: swaps by the hundred in one virtual machine, chosen by a
# seed, under traffic that never pauses.
DESCRIPTION="many swaps in one machine: no lost connection, no leak, no warning"
VM_NICS="vmxnet3 virtio-net-pci e1000"
DRIVERS="vmxnet3:v2 vmxnet3:v3 vmxnet3:open-fail virtio_net:v2 virtio_net:v3 virtio_net:open-fail
	virtio_net:probe-early e1000:v2 e1000:v3 e1000:open-fail e1000:probe-late"
VM_TIMEOUT=$((600 + ${SOAK_SWAPS:-1000} * 12))
VM_RATE=0.15
VM_APPEND="vmhost.swaps=${SOAK_SWAPS:-1000} vmhost.seed=${SOAK_SEED:-1} vmsoak.driver=${SOAK_DRIVER-} log_buf_len=8M"

drivers=(vmxnet3 virtio_net e1000)
declare -A iface=([vmxnet3]=eth0 [virtio_net]=eth1 [e1000]=eth2)
declare -A failing=([vmxnet3]="open-fail" [virtio_net]="open-fail probe-early" [e1000]="open-fail probe-late")
# The generations of a driver that are kept, oldest first ("stock v2 v3"), and which of them is live, from 0.
declare -A kept position
declare -A count
steps=(check capture cover stop start compare replay verify)
swaps=0
commits=0
wrong=0
# The host reads this file, too, for its variables.
# shellcheck source=/dev/null
[ ! -e /test/guest-soak.sh ] || . /test/guest-soak.sh

# image DRIVER KIND: the files of that version; the stock one is the distribution's.
image()
{
	if [ "$2" = stock ]; then
		modinfo -n "$1"
	else
		echo "/drivers/$1/$2/$1.ko"
	fi
}

version_of()
{
	local version

	version=$(driver_version "${iface[$1]}")
	case $version in
	v2 | v3) echo "$version" ;;
	*) echo stock ;;
	esac
}

# tally OPERATION DRIVER: one more swap of that kind; its pause is kept for the closing table.
tally()
{
	local pause

	count[$1:$2]=$((${count[$1:$2]-0} + 1))
	pause=$(sed -n 's/.*"pause_ns": *\([0-9]*\).*/\1/p' /tmp/swap.json | head -n 1)
	echo "${pause:-0}" >>"/tmp/pause.$1:$2"
	swaps=$((swaps + 1))
}

# expect OPERATION DRIVER CODE VERSION COMMAND...: anything else than that is a failure.
expect()
{
	local operation=$1 driver=$2 want=$3 version=$4 code=0 got
	shift 4

	"$@" >/tmp/swap.json 2>/tmp/swap.err || code=$?
	got=$(version_of "$driver")
	if [ "$code" != "$want" ] || [ "$got" != "$version" ]; then
		not_ok "swap $swaps: $operation of $driver: '$*' ended with $code, not $want; version $got, not $version"
		remark </tmp/swap.err
		tr '\n' ' ' </tmp/swap.json | tr -s ' ' | fold -w 190 | head -n 8 | remark
		wrong=$((wrong + 1))
	fi
	tally "$operation" "$driver"
}

live()
{
	local generations

	read -r -a generations <<<"${kept[$1]}"
	echo "${generations[position[$1]]}"
}

do_update()
{
	local driver=$1 kinds=() kind generations

	for kind in stock v2 v3; do
		[ "$kind" = "$(live "$driver")" ] || kinds+=("$kind")
	done
	pick "${kinds[@]}"
	# What one version has more than the other is not the subject here.
	expect update "$driver" 0 "$picked" segue update --json --allow-incompatible "$driver" "$(image "$driver" "$picked")"
	kept[$driver]+=" $picked"
	read -r -a generations <<<"${kept[$driver]}"
	position[$driver]=$((${#generations[@]} - 1))
}

# To the generation before the live one; position is not 0.
do_rollback()
{
	local driver=$1

	position[$driver]=$((${position[$driver]} - 1))
	expect rollback "$driver" 0 "$(live "$driver")" segue rollback --json "$driver"
}

do_failing()
{
	local driver=$1

	# shellcheck disable=SC2086 # a list of words is meant
	pick ${failing[$driver]}
	expect "$picked" "$driver" 2 "$(live "$driver")" \
		segue update --json --allow-incompatible "$driver" "$(image "$driver" "$picked")"
}

# A failure at one step of the table, by the knob for tests.
do_broken()
{
	local driver=$1 kind=v2

	[ "$(live "$driver")" != v2 ] || kind=v3
	pick "${steps[@]}"
	fail_step "$picked"
	expect "fails at a step" "$driver" 2 "$(live "$driver")" \
		segue update --json --allow-incompatible "$driver" "$(image "$driver" "$kind")"
	fail_step ""
}

do_commit()
{
	local driver=$1

	segue commit "$driver" >/tmp/swap.json 2>&1 || {
		not_ok "swap $swaps: commit of $driver"
		remark </tmp/swap.json
	}
	kept[$driver]=$(live "$driver")
	position[$driver]=0
	commits=$((commits + 1))
}

# One swap of one driver, and now and then a commit before it.
one_swap()
{
	local driver=$1 dice=$((RANDOM % 100)) generations

	# An emulated EEPROM is read bit by bit, each with a PAUSE that hands the emulator to the other CPU.
	[ "$driver" != e1000 ] || echo 0 >/sys/devices/system/cpu/cpu1/online
	read -r -a generations <<<"${kept[$driver]}"
	if [ ${#generations[@]} -ge 4 ] || { [ ${#generations[@]} -gt 1 ] && [ $((RANDOM % 8)) = 0 ]; }; then
		do_commit "$driver"
	fi
	if [ $dice -lt 13 ]; then
		do_failing "$driver"
	elif [ $dice -lt 25 ]; then
		do_broken "$driver"
	elif [ $dice -lt 65 ] && [ "${position[$driver]}" -gt 0 ]; then
		do_rollback "$driver"
	else
		do_update "$driver"
	fi
	[ "$driver" != e1000 ] || echo 1 >/sys/devices/system/cpu/cpu1/online
}

# pick_driver: mostly the two that are quick under emulation.
pick_driver()
{
	case $((RANDOM % 100)) in
	[0-5]) picked=e1000 ;;
	*) drivers_turn=$((1 - ${drivers_turn-0})); picked=${drivers[drivers_turn]} ;;
	esac
	[ -z "$only" ] || picked=$only
}

## Traffic

# A file over a new connection, again and again, on one network after the other; every byte is checked.
downloads()
{
	local size=150000 number host want got

	want=$(curl -s --max-time 60 "http://10.0.2.2:$HOST_HTTP/$size/sha256")
	until [ -e /tmp/stop ]; do
		for number in 0 1 2; do
			host=10.0.$((number + 2)).2
			got=$(curl -s --max-time 60 "http://$host:$HOST_HTTP/$size" | sha256sum)
			if [ "${got%% *}" = "$want" ]; then
				echo ok
			else
				echo "wrong from $host: $got"
			fi >>/tmp/downloads
			sleep 3
		done
	done
}

traffic_begin()
{
	local number host

	for number in 0 1 2; do
		host=10.0.$((number + 2)).2
		nt pull "$host" "$HOST_TCP" >"/tmp/pull.$number" 2>&1 &
		streams+=($!)
		nt session "$host" "$HOST_ECHO" >"/tmp/session.$number" 2>&1 &
		streams+=($!)
		nt udp "$host" "$HOST_UDP" 20000 >"/tmp/udp.$number" 2>&1 &
		echoes+=($!)
	done
	downloads &
	downloader=$!
}

# Bytes that each connection has read until now.
progress()
{
	local pid

	for pid in "${streams[@]}"; do
		awk '/^rchar/ { print $2 }' "/proc/$pid/io" 2>/dev/null || echo gone
	done
}

# all_progress: every connection has read more than at the last call.
all_progress()
{
	progress >/tmp/progress.now
	paste /tmp/progress /tmp/progress.now | awk '$1 == "gone" || $2 == "gone" || $2 <= $1 { exit 1 }'
}

connections_live()
{
	local text=$1

	progress >/tmp/progress
	wait_for 60 all_progress || {
		not_ok "$text: a connection is lost or stuck"
		paste /tmp/progress /tmp/progress.now | remark
		return 1
	}
	! grep -q wrong /tmp/downloads || {
		not_ok "$text: a download is wrong: $(grep wrong /tmp/downloads | head -n 1)"
		return 1
	}
}

traffic_end()
{
	local number file

	touch /tmp/stop
	wait "$downloader"
	kill -TERM "${streams[@]}" "${echoes[@]}"
	wait "${streams[@]}" "${echoes[@]}"
	for number in 0 1 2; do
		for file in pull session; do
			if jq -e '.alive and .errors == 0' "/tmp/$file.$number" >/dev/null; then
				ok "$file on eth$number lived all the time: $(cat "/tmp/$file.$number")"
			else
				not_ok "$file on eth$number: $(cat "/tmp/$file.$number")"
			fi
		done
		ok "UDP echo on eth$number: $(cat "/tmp/udp.$number")"
	done
	check_equal "no download of $(wc -l </tmp/downloads) was wrong" 0 "$(grep -c wrong /tmp/downloads)"
}

# same_state: one generation of each driver, of the same build, so that measurements can be compared.
same_state()
{
	local driver

	for driver in ${only:-"${drivers[@]}"}; do
		[ "$driver" != e1000 ] || echo 0 >/sys/devices/system/cpu/cpu1/online
		if [ "$(live "$driver")" != v2 ]; then
			expect update "$driver" 0 v2 segue update --json --allow-incompatible "$driver" "$(image "$driver" v2)"
			kept[$driver]=v2
			position[$driver]=0
		fi
		do_commit "$driver"
		[ "$driver" != e1000 ] || echo 1 >/sys/devices/system/cpu/cpu1/online
	done
}

## The closing table

results()
{
	local key number

	echo "| swap | driver | count | pause, ms: least | median | most |"
	echo "|---|---|---|---|---|---|"
	for key in "${!count[@]}"; do
		echo "| ${key%:*} | ${key#*:} | ${count[$key]} | $(pauses "$key") |"
	done | sort
	echo
	echo "| connection | result |"
	echo "|---|---|"
	for number in 0 1 2; do
		echo "| download on eth$number | $(cat "/tmp/pull.$number") |"
		echo "| session on eth$number | $(cat "/tmp/session.$number") |"
		echo "| UDP echo on eth$number | $(cat "/tmp/udp.$number") |"
	done
	echo "| downloads of 150 kB over new connections | $(wc -l </tmp/downloads), $(grep -c wrong /tmp/downloads) of them wrong |"
	echo
	echo "| measured (KiB or pieces) | after warm-up | at the end | growth | bound |"
	echo "|---|---|---|---|---|"
	cat /tmp/memory.table
}

progress_line()
{
	note "$swaps swaps, $commits commits; $(cut -d. -f1 /proc/uptime) s; $(awk '
		/^(MemFree|Slab|Percpu|VmallocUsed):/ { printf "%s %s  ", $1, $2 }' /proc/meminfo)modules $(wc -l </proc/modules)"
}

# soak UNTIL: swaps up to that number; ends early when too much is wrong.
soak()
{
	local until=$1

	while [ $swaps -lt "$until" ]; do
		pick_driver
		one_swap "$picked"
		[ $wrong -lt 3 ] || { not_ok "given up after $swaps swaps"; return 1; }
		[ $((swaps % 50)) = 0 ] || continue
		progress_line
		connections_live "after $swaps swaps" || wrong=$((wrong + 1))
		soak_log_clean || { not_ok "after $swaps swaps: kernel log is clean"; return 1; }
	done
}

guest()
{
	local number=0 driver warm_up=50

	only=$(sed -n 's/.*vmsoak.driver=\([^ ]*\).*/\1/p' /proc/cmdline)
	[ "$HOST_SWAPS" -ge 200 ] || warm_up=$((HOST_SWAPS / 4))
	for driver in "${drivers[@]}"; do
		net_driver "$driver" "${iface[$driver]}"
		ip link set "${iface[$driver]}" up
		net_up "${iface[$driver]}" $number
		kept[$driver]=stock
		position[$driver]=0
		number=$((number + 1))
	done
	traffic_begin
	progress >/tmp/progress
	check "every connection carries data" wait_for 60 all_progress
	RANDOM=$HOST_SEED
	note "seed $HOST_SEED, $HOST_SWAPS swaps${only:+, only $only}"
	check "Segue's modules are loaded" segue check vmxnet3 /drivers/vmxnet3/v2/vmxnet3.ko
	soak $warm_up
	same_state
	memory /tmp/memory.first
	soak "$HOST_SWAPS"
	progress_line
	same_state
	memory /tmp/memory.last
	check "after $swaps swaps: every connection lives" connections_live "after $swaps swaps"
	check_equal "all $HOST_SWAPS swaps were made" 1 "$((swaps >= HOST_SWAPS))"
	traffic_end
	memory_compare
	results >/tmp/results
	host_save soak.table </tmp/results
	note "$swaps swaps and $commits commits, seed $HOST_SEED"
}
