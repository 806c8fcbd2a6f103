# shellcheck shell=bash
# shellcheck disable=SC2154 # $top is set by the script that sources this one
# SPDX-License-Identifier: GPL-2.0
#
# The file system of the virtual machine, as cpio archives that the kernel unpacks one after the other:
# programs (the same for all kernels), modules (per kernel, Segue's own among them), and per scenario the
# drivers' new versions and the scripts.  Scenarios with disks, and those with sound cards, get their programs and
# modules in archives of their own, so that the others do not boot slower.  Sourced by test/run; needs $top and die().

# Real programs, because what they print and the requests they make are what the tests are about.
guest_programs=(
	bash dash ip bridge tc ss ethtool tcpdump curl jq socat nft modprobe insmod rmmod lsmod modinfo depmod
	udevadm timeout setsid sha256sum openssl nice env cmp diff setpriv
)
# Stock modules that a scenario may load, without their dependencies.
# shellcheck disable=SC2034 # the lists are used by name
guest_modules=(
	e1000 e1000e e100 pcnet32 8139cp vmxnet3 virtio_net virtio_pci ne2k-pci
	8021q bridge bonding macvlan veth dummy ifb nf_tables nft_ct nft_log nft_nat nf_log_syslog sch_ingress act_mirred act_gact
	cls_matchall cls_u32 sch_netem sch_htb sch_tbf cls_bpf sch_multiq sch_mq_prio test_kprobes livepatch-sample
	netconsole tun vxlan team team_mode_roundrobin pktgen
)

# The same for scenarios with disks.
# shellcheck disable=SC2034
disk_programs=(
	mkfs.ext4 e2fsck resize2fs tune2fs debugfs dumpe2fs mkfs.xfs xfs_repair xfs_io mkfs.btrfs btrfs sqlite3 dmsetup losetup
	blkid blockdev findmnt fstrim lsblk mount umount swapon swapoff mkswap sfdisk partx dd stat
)
# shellcheck disable=SC2034
disk_modules=(
	virtio_pci virtio_blk nvme ahci ata_piix sd_mod sg sym53c8xx virtio_scsi mptsas vmw_pvscsi xhci_pci usb_storage uas
	ext4 xfs btrfs crc32c_generic crc32c_intel dm_mod dm_crypt dm_mirror dm_raid dm_snapshot dm_thin_pool dm_multipath dm_round_robin
	dm_flakey loop raid1 md_mod xts aesni_intel cbc essiv kyber-iosched bfq null_blk brd acpiphp pci_hotplug e1000
)
# It needs 80 MB of libraries, so it is in an archive of its own: scenarios ask for it with PROGRAMS="fio".
# shellcheck disable=SC2034
fio_programs=(fio)

# The same for scenarios with sound cards.
# shellcheck disable=SC2034
sound_programs=(aplay arecord amixer alsamixer alsactl speaker-test)
# shellcheck disable=SC2034
sound_modules=(
	snd-ens1370 snd-intel8x0 snd-hda-intel snd-hda-codec-generic snd-seq snd-hrtimer snd-aloop snd-dummy
	acpiphp pci_hotplug e1000
)

# copy_program ROOT PATH: a program and the libraries it needs.
copy_program()
{
	local root=$1 path=$2 file

	install -D "$path" "$root$(readlink -f "$(dirname "$path")")/$(basename "$path")"
	ldd "$path" 2>/dev/null | grep -o '/[^ ]*' | while read -r file; do
		[ -e "$root$(readlink -f "$(dirname "$file")")/$(basename "$file")" ] ||
			install -D "$file" "$root$(readlink -f "$(dirname "$file")")/$(basename "$file")"
	done
}

copy_programs()
{
	local root=$1 name path

	shift
	for name in "$@"; do
		path=$(PATH=/usr/sbin:/usr/bin:/sbin:/bin command -v "$name") || die "program $name is missing on this machine"
		copy_program "$root" "$path"
	done
}

# copy_library ROOT NAME: a library that is opened at run time.
copy_library()
{
	local file

	file=$(/sbin/ldconfig -p | sed -n "s/.*\t$2 .*x86-64.* => //p" | head -n 1)
	[ -e "$file" ] || die "library $2 is missing on this machine"
	install -D "$file" "$1$(readlink -f "$(dirname "$file")")/$2"
}

pack()
{
	(cd "$1" && find . -print0 | LC_ALL=C sort -z | cpio --null -o -H newc -R 0:0 --quiet) >"$2.new.$$"
	mv "$2.new.$$" "$2"
}

# newer TARGET FILE...: is TARGET missing or older than one of the files?
newer()
{
	local target=$1 file

	shift
	[ -e "$target" ] || return 0
	for file in "$@"; do
		[ "$file" -nt "$target" ] && return 0
	done
	return 1
}

base_archive()
{
	local out=$top/build/vm/base.cpio root=$top/build/vm/base name

	newer "$out" "$top/test/lib/initramfs.sh" "$top/test/lib/init" "$top/test/lib/nt.c" || return 0
	rm -rf "$root"
	mkdir -p "$root"/{usr/bin,usr/sbin,usr/lib,usr/lib64,proc,sys,dev,tmp,run,etc,var/run,root}
	ln -s usr/bin "$root/bin"
	ln -s usr/sbin "$root/sbin"
	ln -s usr/lib "$root/lib"
	ln -s usr/lib64 "$root/lib64"
	copy_programs "$root" "${guest_programs[@]}"
	copy_program "$root" /lib/systemd/systemd-udevd
	install -D /lib64/ld-linux-x86-64.so.2 "$root/usr/lib64/ld-linux-x86-64.so.2"
	# The C library opens it when a thread is cancelled, so no program says that it needs it.
	copy_library "$root" libgcc_s.so.1
	# Not busybox's, which prefers its own small ip and others to the real ones.
	ln -s dash "$root/usr/bin/sh"
	install "$(command -v busybox)" "$root/usr/bin/busybox"
	busybox --list | while read -r name; do
		[ -e "$root/usr/bin/$name" ] || [ -e "$root/usr/sbin/$name" ] ||
			ln -s busybox "$root/usr/bin/$name"
	done
	gcc-12 -O2 -Wall -Wextra -static -o "$root/usr/bin/nt" "$top/test/lib/nt.c"
	install "$top/test/lib/init" "$root/init"
	echo "root:x:0:0:root:/root:/bin/bash" >"$root/etc/passwd"
	echo "root:x:0:" >"$root/etc/group"
	mkdir -p "$root/etc/udev/rules.d"
	pack "$root" "$out"
}

# own_program ROOT NAME: one of ours, from test/lib/NAME.c.
own_program()
{
	gcc-12 -O2 -Wall -Wextra -static -o "$1/usr/bin/$2" "$top/test/lib/$2.c" || die "$2.c does not build"
}

# programs_archive NAME: programs_NAME and their libraries, but those that are in the base archive.
programs_archive()
{
	local name=$1 out=$top/build/vm/$1.cpio root=$top/build/vm/$1 file
	local -n programs=${1}_programs

	newer "$out" "$top/test/lib/initramfs.sh" "$top"/test/lib/{[bs]t,sp}.c "$top/build/vm/base.cpio" || return 0
	rm -rf "$root"
	mkdir -p "$root/usr/bin"
	copy_programs "$root" "${programs[@]}"
	case $name in
	disk) own_program "$root" bt ;;
	sound)
		own_program "$root" st
		own_program "$root" sp
		# How libasound finds its cards, and what it plays through; what alsamixer knows of terminals.
		mkdir -p "$root/usr/share"
		install -D -m 644 /lib/terminfo/v/vt100 "$root/usr/lib/terminfo/v/vt100"
		cp -rL /usr/share/alsa "$root/usr/share/"
		# dmix wants a group to share its memory with.
		mkdir -p "$root/etc"
		printf 'root:x:0:\naudio:x:29:\n' >"$root/etc/group"
		rm -rf "$root/usr/share/alsa/ucm2" "$root/usr/share/alsa/topology"
		;;
	esac
	# Libraries only: a program may be here because busybox's is not good enough.
	(cd "$root" && find . -path '*/lib*' -type f) | while read -r file; do
		[ ! -f "$top/build/vm/base/$file" ] || rm "$root/$file"
	done
	pack "$root" "$out"
}

# Music for a sound card, as the file /tune.wav; scenarios ask for it with PROGRAMS="tune".
tune_archive()
{
	local out=$top/build/vm/tune.cpio root=$top/build/vm/tune

	newer "$out" "$top/test/lib/initramfs.sh" "$top/test/lib/tune.py" || return 0
	mkdir -p "$root"
	(cd "$top/test/lib" && python3 -B -c 'import sys, tune; tune.write(sys.argv[1], 44100)' "$root/tune.wav") || return 1
	pack "$root" "$out"
}

# modules_archive SERIES [disk | sound]: stock modules with their dependencies, and Segue's.
modules_archive()
{
	local series=$1 which=${2:+$2-}$1 module file
	local out=$top/build/vm/modules-$which.cpio root=$top/build/vm/modules-$which pack=$top/build/vm/pack-$which
	local -n modules=${2:-guest}_modules
	local KVER MODDIR
	# shellcheck disable=SC1090 # written by mk/kernel.sh
	. "$top/build/kernel/$series/env"
	local segue=("$top/build/kmod-$KVER/kmod"/*.ko)

	newer "$out" "$top/test/lib/initramfs.sh" "$MODDIR/modules.dep" "${segue[@]}" || return 0
	if newer "$root/stock" "$top/test/lib/initramfs.sh" "$MODDIR/modules.dep"; then
		rm -rf "$root"
		mkdir -p "$root/usr/lib/modules/$KVER" "$root/lib"
		ln -s ../usr/lib/modules "$root/lib/modules"
		cp "$MODDIR"/modules.{order,builtin,builtin.modinfo} "$root/lib/modules/$KVER/"
		for module in "${modules[@]}"; do
			modprobe -d "${MODDIR%/lib/modules/*}" -S "$KVER" --show-depends "$module" 2>/dev/null |
				sed -n 's/^insmod \([^ ]*\).*/\1/p'
		done | sort -u | while read -r file; do
			install -D -m 644 "$file" "$root/lib/modules/$KVER/${file#"$MODDIR"/}"
		done
		touch "$root/stock"
	fi
	rm -rf "$root/lib/modules/$KVER/updates"
	for file in "${segue[@]}"; do
		[ ! -e "$file" ] || install -D -m 644 --strip --strip-program="$top/test/lib/strip-debug" \
			"$file" "$root/lib/modules/$KVER/updates/$(basename "$file")"
	done
	# depmod looks into BASE/lib/modules; the archive must not carry that link over the real /lib.
	depmod -b "$root" "$KVER"
	mkdir -p "$pack"
	rsync -a --delete "$root/usr" "$pack/"
	pack "$pack" "$out"
}

# scenario_archive OUT SCENARIO SERIES DRIVER:KIND...: scripts, the tool, the drivers' new versions.
scenario_archive()
{
	local out=$1 scenario=$2 series=$3 root file driver
	shift 3

	root=$(mktemp -d)
	# Its mode becomes that of the guest's root folder.
	chmod 755 "$root"
	install -D -m 644 "$top/test/lib/guest.sh" "$root/test/guest.sh"
	install -m 644 "$scenario" "$root/test/scenario.sh"
	install -m 644 "$top"/test/lib/guest-{block,sound,soak}.sh "$root/test/"
	if [ -x "$top/build/tool/segue" ]; then
		mkdir -p "$root/usr/bin" "$root/usr/lib64"
		copy_program "$root" "$top/build/tool/segue"
		mv "$root$(readlink -f "$top/build/tool")/segue" "$root/usr/bin/segue"
	fi
	for driver in "$@"; do
		for file in "$top/build/drivers/$series/${driver%%:*}/${driver#*:}"/*.ko*; do
			install -D -m 644 "$file" "$root/drivers/${driver%%:*}/${driver#*:}/$(basename "$file")"
		done
	done
	pack "$root" "$out"
	rm -rf "$root"
}
