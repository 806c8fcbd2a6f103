# shellcheck shell=bash
# shellcheck disable=SC2154 # $top is set by the script that sources this one
# SPDX-License-Identifier: GPL-2.0
#
# A disk that the virtual machine boots from (VM_ROOT), with all on it that else is in the initramfs, and with a
# compiler and a program to compile.  Sourced by test/run after initramfs.sh.

# In MiB: where the partition of the root file system begins; the one before is for swap.
ROOT_BEGINS=257

# compiler_archive: this machine's compiler, and what it needs to build the tool.
compiler_archive()
{
	local out=$top/build/vm/compiler.cpio root=$top/build/vm/compiler file packages_compiler
	# shellcheck source=mk/packages
	. "$top/mk/packages"

	newer "$out" "$top/test/lib/root.sh" "$top/mk/packages" || return 0
	rm -rf "$root"
	mkdir -p "$root"
	# No documentation, and of the libraries of debugging and of the static ones only what every link needs.
	# shellcheck disable=SC2086 # a list of words is meant
	dpkg -L $packages_compiler | sed 's,^/\(lib\|lib64\|bin\|sbin\)/,/usr/\1/,' | sort -u |
		grep -v -E '^/usr/share/(doc|man|locale|info|lintian|bug)|/lto1$|lto-dump|gold|gprofng|san[._]' |
		grep -v -E '/lib(c|m|m-2.36|mvec|pthread|crypto|ssl|bpf|elf|zstd|lzma|z|gcov|gomp|itm|quadmath|atomic)\.a$' |
		while read -r file; do
			[ ! -f "$file" ] || echo "${file#/}"
		done >"$root.list"
	# What is a link here may lead out of the packages.
	tar -C / -c -h --no-recursion -T "$root.list" | tar -C "$root" -x || die "the compiler cannot be copied"
	find "$root/usr/bin" "$root/usr/lib/gcc" -type f -perm -u+x | while read -r file; do
		copy_program "$root" "${file#"$root"}"
	done
	pack "$root" "$out"
}

# root_image IMAGE SIZE ARCHIVE...: a disk with the archives' files in its second partition.
root_image()
{
	local image=$1 size=$2 archive root
	shift 2

	root=$(mktemp -d)
	chmod 755 "$root"
	for archive in "$@"; do
		(cd "$root" && cpio -i -d -m -u --quiet --no-absolute-filenames) <"$archive"
	done
	root_program "$root" || return 1
	rm -f "$image"
	truncate -s "$size" "$image"
	printf 'start=1MiB, size=%uMiB\nstart=%uMiB\n' $((ROOT_BEGINS - 1)) $ROOT_BEGINS | sfdisk -q "$image"
	mke2fs -q -t ext4 -d "$root" -E "offset=$((ROOT_BEGINS << 20)),root_owner=0:0" "$image" \
		$((($(stat -c %s "$image") >> 10) - (ROOT_BEGINS << 10))) || return 1
	rm -rf "$root"
}

# The program that the guest compiles, and the checksum of what must come of it: the tool, built by the same compiler.
root_program()
{
	local src=$1/src

	mkdir "$src"
	cp -r "$top/tool" "$top/uapi" "$src/"
	make -s -C "$src/tool" O=../out CC=gcc-12 CFLAGS=-O0 >"$top/build/log/root-program.log" 2>&1 || return 1
	(cd "$src" && sha256sum out/segue) >"$src/expected"
	rm -r "$src/out"
}
