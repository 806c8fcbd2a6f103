# shellcheck shell=bash
# shellcheck disable=SC2154 # guest.sh sets what the host has said
# SPDX-License-Identifier: GPL-2.0
#
# SOAK_SWAPS and SOAK_SEED: how many swaps, and which; 'make soak SOAK_CLASS=sound' makes 500 of them.
DESCRIPTION="snd-ens1370: many swaps, chosen by a seed, in one playback: no xrun, each frame once, nothing grows"
VM_SOUND="ens1370"
DRIVERS="snd-ens1370:v2 snd-ens1370:v3 snd-ens1370:probe-early snd-ens1370:probe-late"
VM_TIMEOUT=$((400 + ${SOAK_SWAPS:-60} * 10))
VM_APPEND="vmhost.swaps=${SOAK_SWAPS:-60} vmhost.seed=${SOAK_SEED:-1} log_buf_len=8M"
ALLOWED_LOG="test: probe fails"
# A stream that nobody has open is opened for a moment to see what it can do; with so many swaps it is seen in its file.
STATE_IGNORED='/pcm0c/info'

driver=snd-ens1370
# The generations that are kept, oldest first, and which of them is live, from 0.
kept=(stock)
position=0
declare -A count
steps=(check capture cover stop start compare replay verify)
swaps=0
commits=0
wrong=0
# The host reads this file, too, for its variables.
# shellcheck source=/dev/null
[ ! -e /test/guest-soak.sh ] || . /test/guest-soak.sh

image()
{
	if [ "$1" = stock ]; then
		modinfo -n $driver
	else
		echo "/drivers/$driver/$1/$driver.ko"
	fi
}

# tally OPERATION: one more swap of that kind; its pause is kept for the closing table.
tally()
{
	local pause

	count[$1]=$((${count[$1]-0} + 1))
	pause=$(jq -r '[.. | .pause_ns? // empty] | first // 0' /tmp/swap.json)
	echo "${pause:-0}" >>"/tmp/pause.$1"
	swaps=$((swaps + 1))
}

# expect OPERATION CODE VERSION COMMAND...: anything else than that is a failure; and no module is left over.
expect()
{
	local operation=$1 want=$2 version=$3 code=0 got modules
	shift 3

	"$@" >/tmp/swap.json 2>/tmp/swap.err || code=$?
	got=$(sound_version)
	modules=$(modules_of $driver)
	if [ "$code" != "$want" ] || [ "$got" != "$version" ] || [ "$modules" != ${#kept[@]} ]; then
		not_ok "swap $swaps: $operation: '$*' ended with $code, not $want; version $got, not $version; $modules modules of ${#kept[@]}"
		remark </tmp/swap.err
		tr '\n' ' ' </tmp/swap.json | tr -s ' ' | fold -w 190 | head -n 8 | remark
		wrong=$((wrong + 1))
	fi
	tally "$operation"
}

live()
{
	echo "${kept[position]}"
}

do_update()
{
	local kinds=() kind

	for kind in stock v2 v3; do
		[ "$kind" = "$(live)" ] || kinds+=("$kind")
	done
	pick "${kinds[@]}"
	kept+=("$picked")
	position=$((${#kept[@]} - 1))
	expect update 0 "$picked" segue update --json $driver "$(image "$picked")"
}

# To the generation before the live one; position is not 0.
do_rollback()
{
	position=$((position - 1))
	expect rollback 0 "$(live)" segue rollback --json $driver
}

do_failing()
{
	pick probe-early probe-late
	expect "$picked" 2 "$(live)" segue update --json $driver "$(image "$picked")"
}

# A failure at one step of the table, by the knob for tests.
do_broken()
{
	local kind=v2

	[ "$(live)" != v2 ] || kind=v3
	pick "${steps[@]}"
	fail_step "$picked"
	expect "fails at a step" 2 "$(live)" segue update --json $driver "$(image $kind)"
	fail_step ""
}

do_commit()
{
	segue commit $driver >/tmp/swap.json 2>&1 || {
		not_ok "swap $swaps: commit"
		remark </tmp/swap.json
	}
	kept=("$(live)")
	position=0
	commits=$((commits + 1))
}

one_swap()
{
	local dice=$((RANDOM % 100))

	if [ ${#kept[@]} -ge 4 ] || { [ ${#kept[@]} -gt 1 ] && [ $((RANDOM % 12)) = 0 ]; }; then
		do_commit
	fi
	if [ $dice -lt 15 ]; then
		do_failing
	elif [ $dice -lt 30 ]; then
		do_broken
	elif [ $dice -lt 70 ] && [ $position -gt 0 ]; then
		do_rollback
	else
		do_update
	fi
}

# soak UNTIL: swaps up to that number; ends early when too much is wrong.
soak()
{
	local until=$1

	while [ $swaps -lt "$until" ]; do
		one_swap
		[ $wrong -lt 3 ] || { not_ok "given up after $swaps swaps"; return 1; }
		[ $((swaps % 20)) = 0 ] || continue
		note "$swaps swaps, $commits commits; $(cut -d. -f1 /proc/uptime) s"
		playing_flows "after $swaps swaps" || wrong=$((wrong + 1))
		soak_log_clean || { not_ok "after $swaps swaps: kernel log is clean"; return 1; }
	done
}

# same_state: one generation, of the same build, so that measurements can be compared.
same_state()
{
	do_commit
	[ "$(live)" != v2 ] || return
	kept+=(v2)
	position=1
	expect update 0 v2 segue update --json $driver "$(image v2)"
	do_commit
}

results()
{
	local key

	echo "| swap | count | pause, ms: least | median | most |"
	echo "|---|---|---|---|---|"
	for key in "${!count[@]}"; do
		echo "| $key | ${count[$key]} | $(pauses "$key") |"
	done | sort
	echo
	echo "| measured (KiB or pieces) | after warm-up | at the end | growth | bound |"
	echo "|---|---|---|---|---|"
	cat /tmp/memory.table
}

guest()
{
	local warm_up=20

	[ "$HOST_SWAPS" -ge 40 ] || warm_up=$((HOST_SWAPS / 2))
	sound_driver $driver
	sound_config
	playing_start aplay
	playing_flows "before"
	sound_watch_start
	sound_state_save before
	RANDOM=$HOST_SEED
	note "seed $HOST_SEED, $HOST_SWAPS swaps"
	soak $warm_up
	same_state
	memory /tmp/memory.first
	soak "$HOST_SWAPS"
	same_state
	memory /tmp/memory.last
	check_equal "all $HOST_SWAPS swaps were made" 1 $((swaps >= HOST_SWAPS))
	memory_compare
	check_equal "as much is kept as is loaded" 1 "$(find /run/segue/modules -type f | wc -l)"
	results >/tmp/results
	host_save sound-swaps.table </tmp/results
	sound_still_same "$swaps swaps"
	sound_watch_stop "$swaps swaps"
	playing_stop "$swaps swaps"
}
