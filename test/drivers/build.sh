#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test/drivers/build.sh SERIES DRIVER:KIND...: new versions of stock drivers, made from Debian's kernel
# source and the patch of that kind, at build/drivers/SERIES/DRIVER/KIND/*.ko.  The kind "same" is the
# driver without any patch; "KIND+out" is that kind with its private area out of line, by
# include/segue_netdev.h.  Only what is missing or older than its patch is built.

set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)

die()
{
	echo "drivers: $*" >&2
	exit 1
}

[ $# -ge 2 ] || die "usage: test/drivers/build.sh 6.1|6.12 DRIVER:KIND..."
series=$1
shift
# shellcheck disable=SC1090 # written by mk/kernel.sh
. "$top/build/kernel/$series/env"

# locate DRIVER: the directory in the source, its files ("*": all), and the modules they make ("-": what the directory's
# Makefile makes; MODULE=OBJECT+OBJECT where they have other names).
locate()
{
	case $1 in
	e1000 | e1000e) echo "drivers/net/ethernet/intel/$1 * -" ;;
	e100) echo "drivers/net/ethernet/intel e100.c e100" ;;
	pcnet32) echo "drivers/net/ethernet/amd pcnet32.c pcnet32" ;;
	8139cp) echo "drivers/net/ethernet/realtek 8139cp.c 8139cp" ;;
	vmxnet3) echo "drivers/net/vmxnet3 * -" ;;
	virtio_net) echo "drivers/net virtio_net.c virtio_net" ;;
	taken) echo "- - taken" ;;
	ne2k-pci) echo "drivers/net/ethernet/8390 8390.c,8390.h,lib8390.c,ne2k-pci.c 8390,ne2k-pci" ;;
	virtio_blk) echo "drivers/block virtio_blk.c virtio_blk" ;;
	virtio_scsi) echo "drivers/scsi virtio_scsi.c,sd.h virtio_scsi" ;;
	sym53c8xx) echo "drivers/scsi/sym53c8xx_2 * -" ;;
	nvme) echo "drivers/nvme/host * nvme-core,nvme" ;;
	ahci) echo "drivers/ata * libata,libahci,ahci" ;;
	snd-ens1370) echo "sound/pci ens1370.c,ak4531_codec.c snd-ens1370=ens1370+ak4531_codec" ;;
	snd-intel8x0)
		echo "sound/pci" \
			"intel8x0.c,ac97/ac97_codec.c,ac97/ac97_pcm.c,ac97/ac97_proc.c,ac97/ac97_patch.c,ac97/ac97_patch.h,ac97/ac97_local.h,ac97/ac97_id.h" \
			"snd-ac97-codec=ac97_codec+ac97_pcm+ac97_proc,snd-intel8x0=intel8x0"
		;;
	snd-hda-intel) echo "sound/pci/hda * snd-hda-codec,snd-hda-codec-generic,snd-hda-intel" ;;
	*) die "no recipe for driver '$1'" ;;
	esac
}

# patch_of DRIVER KIND: the patch for this series, if it differs from the common one.
patch_of()
{
	local patch=$top/test/drivers/patches/$1-$2

	[ ! -e "$patch.$series.patch" ] || { echo "$patch.$series.patch"; return; }
	[ ! -e "$patch.patch" ] || echo "$patch.patch"
}

build()
{
	local driver=$1 kind=$2 dir=$top/build/drivers/$series/$1/$2 work patch own="" where files modules file
	local flags=-g0
	work=$dir.build

	read -r where files modules <<<"$(locate "$driver")"
	# For headers of the neighbourhood; those of the directory itself are patched and must be found first.
	flags="$flags -idirafter $SRC/$where"
	[ "$kind" = "${kind%+out}" ] || flags="$flags -include $top/include/segue_netdev.h"
	patch=$(patch_of "$driver" "${kind%+out}")
	[ -n "$patch" ] || [ "${kind%+out}" = same ] || die "no patch makes $driver $kind"
	[ "$where" != - ] || own=$top/test/drivers/$driver.c
	# A file that is not there is not newer than anything.
	if [ -e "$dir/built" ] && ! [ "$top/build/kernel/$series/env" -nt "$dir/built" ] &&
		! [ "$patch" -nt "$dir/built" ] && ! [ "$own" -nt "$dir/built" ]; then
		return 0
	fi
	rm -rf "$dir" "$work"
	mkdir -p "$dir" "$work"
	if [ "$where" = - ]; then
		cp "$own" "$work/"
	elif [ "$files" = "*" ]; then
		find "$SRC/$where" -maxdepth 1 -type f -exec cp -t "$work" {} +
	else
		for file in ${files//,/ }; do
			cp "$SRC/$where/$file" "$work/"
		done
	fi
	if [ "$modules" != - ]; then
		# Of the directory's own Makefile stays what its modules are made of.
		[ ! -e "$work/Makefile" ] || sed -i '/^obj-/d' "$work/Makefile"
		for file in ${modules//,/ }; do
			echo "obj-m += ${file%%=*}.o"
			[ "$file" = "${file#*=}" ] || {
				file=${file/=/-y := }
				echo "${file//+/.o }.o"
			}
		done >>"$work/Makefile"
	fi
	[ -z "$patch" ] || patch -d "$work" -p1 -s -F3 --no-backup-if-mismatch <"$patch" ||
		die "$patch does not apply to $VERSION"
	# Debug information only costs time here.
	make -s -C "$KDIR" M="$work" CONFIG_DEBUG_INFO_BTF_MODULES= KCFLAGS="$flags" -j2 modules >"$work/log" 2>&1 || {
		tail -n 20 "$work/log" >&2
		die "$driver $kind does not build for $series"
	}
	strip --strip-debug "$work"/*.ko
	mv "$work"/*.ko "$dir/"
	touch "$dir/built"
	rm -rf "$work"
}

for word in "$@"; do
	case $word in
	*:*) build "${word%%:*}" "${word#*:}" ;;
	*)
		for patch in "$top/test/drivers/patches/$word"-*.patch; do
			kind=$(basename "${patch#"$top/test/drivers/patches/$word"-}" .patch)
			build "$word" "${kind%.6.*}"
		done
		;;
	esac
done
