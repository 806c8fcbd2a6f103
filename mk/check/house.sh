#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The rules of this house that a search can check.

set -eu
findings=build/check/house.findings
: >"$findings"
wrong()
{
	sed "s|\$|: $1|" >>"$findings"
}
mapfile -t files < <(git ls-files -co --exclude-standard | while IFS= read -r file; do
	[ ! -f "$file" ] || [ -L "$file" ] || echo "$file"
done)
mapfile -t text < <(grep -lI '' "${files[@]}")

for file in "${files[@]}"; do
	case $file in
	COPYING | *.png | *.svg | *.csv | *.json | *.gz | *.ko | test/fuzz/seeds/*) continue ;;
	esac
	head -n 5 "$file" | grep -q 'SPDX-License-Identifier: ' || echo "$file"
done | wrong "no SPDX-License-Identifier in the first lines"

for file in "${text[@]}"; do
	case $file in
	COPYING | docs/*.csv | *.svg) continue ;;
	esac
	[ "$(wc -l <"$file")" -lt 800 ] || echo "$file"
done | wrong "800 lines or more; split it by state or by object"

# The core and the classes know no driver.  The names are those of the stock Ethernet modules.
mapfile -t drivers < <(find "$MODDIR/kernel/drivers/net/ethernet" "$MODDIR/kernel/drivers/net/vmxnet3" \
	"$MODDIR/kernel/drivers/net/virtio_net.ko"* -name '*.ko*' -printf '%f\n' | sed 's/\.ko.*//' | sort -u)
[ ${#drivers[@]} -gt 50 ] || { echo "the stock driver modules are not in $MODDIR"; exit 1; }
printf '%s\n' "${drivers[@]}" | tr _ - >build/check/names
printf '%s\n' "${drivers[@]}" >>build/check/names
{ grep -nwHFf build/check/names kmod/*.[ch] tool/*.[ch] || true; } | wrong "names a driver"

# Kernel versions, and the way to unexported symbols, are compat's alone.
ours=()
for file in kmod/*.[ch]; do
	[[ $file == kmod/compat* ]] || ours+=("$file")
done
{ grep -nE 'LINUX_VERSION_CODE|KERNEL_VERSION\(|linux/version\.h|kallsyms_|kprobe|static_call_update' "${ours[@]}" || true; } |
	wrong "belongs into compat"
grep -nE '^[ 	]*#[ 	]*(if|ifdef|ifndef|elif)' kmod/*.c tool/*.c | grep -v '^kmod/compat' |
	wrong "conditional code; put a stub into the header"

# One version for all.
version=$(sed -n 's/^#define SEGUE_VERSION "\(.*\)"$/\1/p' tool/version.h)
for other in "$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)" \
	"$(sed -n 's/^MODULE_VERSION("\(.*\)");/\1/p' kmod/main.c)"; do
	[ "$version" = "$other" ] || echo "version '$other'"
done | wrong "dkms.conf, MODULE_VERSION in kmod/main.c and tool/version.h differ"

hosts='(deb|ftp[0-9]*|security|snapshot|archive|cdn[a-z-]*|mirrors?)\.[a-z0-9-]+\.(org|com|net)'
grep -nE "$hosts|[a-z]\.debian\.org" "${text[@]}" | wrong "names an archive host"

grep -nwE 'TO''DO|FIX''ME|X''XX' "${text[@]}" | grep -v '^COPYING' | wrong "unfinished"
grep -nE '(^|[^a-zA-Z0-9_.])/wo''rk/' "${text[@]}" | wrong "names a folder of one machine"
cat "$findings"
[ ! -s "$findings" ]
