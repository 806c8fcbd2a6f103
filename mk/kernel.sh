#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mk/kernel.sh SERIES: fetch Debian's kernel of that series (6.1, 6.12) with its modules, headers and
# source, and unpack them under build/kernel/SERIES without installing anything.
#
# build/kernel/SERIES/env, written last, says where everything is (a shell sources it):
#	KVER	name of the kernel, as uname -r prints it
#	KDIR	kernel build directory, for make -C
#	VMLINUZ	the kernel image
#	MODDIR	lib/modules/KVER of the stock modules
#	SRC	the parts of the source that the tests need: drivers of the classes and scripts
#	TARBALL	the whole source
#	VERSION	version of the Debian packages
#
# The packages come from the machine's own Debian archive: its apt sources are copied into a private apt
# configuration in which only the suites are replaced, so the machine's apt stays as it is.

set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/.." && pwd)
apt_dir=$top/build/apt

die()
{
	echo "kernel: $*" >&2
	exit 1
}

[ $# = 1 ] || die "usage: mk/kernel.sh 6.1|6.12"
series=$1
dir=$top/build/kernel/$series
root=$dir/root

case $series in
6.1 | 6.12) ;;
debug) exec "$top/test/debug/build.sh" ;;
*) die "no kernel series '$series'; known are 6.1 and 6.12" ;;
esac

# The last of the source's parts says whether an earlier run unpacked fewer of them.
ready()
{
	[ -s "$dir/env" ] || return 1
	# shellcheck source=/dev/null
	. "$dir/env"
	[ -d "$SRC/sound" ]
}

# unpack_source TARBALL FOLDER
unpack_source()
{
	mkdir -p "$2"
	set -- "$1" "$2" "linux-source-$series"
	tar -C "$2" --strip-components=1 --wildcards --exclude='*/testing/*' -xJf "$1" \
		"$3/drivers/net" "$3/drivers/block" "$3/drivers/nvme" "$3/drivers/ata" "$3/drivers/scsi" \
		"$3/sound" "$3/scripts" "$3/MAINTAINERS" "$3/COPYING" "$3/CREDITS"
}

! ready || exit 0
mkdir -p "$dir" "$apt_dir"
exec 9>"$apt_dir/lock"
flock 9
! ready || exit 0
if [ -s "$dir/env" ]; then
	# shellcheck disable=SC2153 # ready() read it
	unpack_source "$TARBALL" "$SRC"
	exit 0
fi

# The machine's Debian archive entries of either format, as lines "URI KEYRING", one of them for the
# main archive and one for the security archive.
archive_entries()
{
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -r "$file" ] || continue
		sed -n 's/^deb \(\[[^]]*signed-by=\([^] ]*\)[^]]*\] *\|\[[^]]*\] *\|\)\([^ ]*\) .*/\3 \2/p' "$file"
	done
	for file in /etc/apt/sources.list.d/*.sources; do
		[ -r "$file" ] || continue
		awk '
			function flush() { if (uri) print uri, key; uri = key = "" }
			/^URIs:/ { uri = $2 }
			/^Signed-By:/ { key = $2 }
			/^[ \t]*$/ { flush() }
			END { flush() }' "$file"
	done
}

write_sources()
{
	archive_entries | awk '
		function entry(uri, key, suites) {
			print "Types: deb\nURIs: " uri "\nSuites: " suites "\nComponents: main"
			print "Architectures: amd64"
			if (key) print "Signed-By: " key
			print ""
		}
		{ sub("/*$", "", $1) }
		$1 ~ /\/debian$/ && !main { main = 1; entry($1, $2, "bookworm bookworm-updates bookworm-backports") }
		$1 ~ /\/debian-security$/ && !security { security = 1; entry($1, $2, "bookworm-security") }
	' >"$apt_dir/debian.sources"
	[ -s "$apt_dir/debian.sources" ] ||
		die "no Debian archive among the apt sources of this machine; add one (URI ending in /debian)"
}

private_apt()
{
	command=$1
	shift
	"$command" -q -o "Dir::Etc::sourcelist=$apt_dir/debian.sources" \
		-o "Dir::Etc::sourceparts=$apt_dir/none" -o "Dir::Etc::preferencesparts=$apt_dir/none" \
		-o "Dir::State::lists=$apt_dir/lists" -o "Dir::Cache=$apt_dir/cache" \
		-o "Debug::NoLocking=true" -o "APT::Sandbox::User=$(id -un)" "$@"
}

# One field of a package's record, and the packages a field names, without versions and alternatives.
depends()
{
	private_apt apt-cache show "$1=$version" | sed -n 's/^Depends: //p' | head -n 1 |
		tr ',' '\n' | sed 's/^ *//; s/[ (|].*//'
}

echo "kernel: fetching Debian's kernel $series"
mkdir -p "$apt_dir/none" "$apt_dir/lists/partial" "$apt_dir/cache/archives/partial"
write_sources
private_apt apt-get update >"$apt_dir/update.log" 2>&1 ||
	die "apt-get update failed; see $apt_dir/update.log"

version=$(private_apt apt-cache madison linux-image-amd64 | awk -F ' *[|] *' '{ print $2 }' |
	grep "^$series\." | head -n 1) || true
[ -n "$version" ] || die "the archive has no linux-image-amd64 of series $series"
image=$(depends linux-image-amd64 | grep '^linux-image-')
kver=${image#linux-image-}
headers=linux-headers-$kver

rm -rf "$root" "$dir/deb"
mkdir -p "$root" "$dir/deb"
packages="$image $headers linux-source-$series $(depends "$headers" |
	grep -E '^linux-(headers|kbuild|compiler)-')"
requests=
for package in $packages; do
	requests="$requests $package=$version"
done
# shellcheck disable=SC2086 # a list of words is meant
(cd "$dir/deb" && private_apt apt-get download $requests >"$dir/download.log" 2>&1) ||
	die "download failed; see $dir/download.log"
for deb in "$dir"/deb/*.deb; do
	dpkg-deb -x "$deb" "$root"
done
rm -rf "$dir/deb"

# The headers name their other half by absolute path.
kdir=$root/usr/src/$headers
sed -i "s|^include /usr/src/|include $root/usr/src/|" "$kdir/Makefile"
for link in "$kdir"/* "$root/usr/src/${headers%-amd64}-common"/*; do
	[ -L "$link" ] || continue
	case $(readlink "$link") in
	/*) ln -sfn "$root$(readlink "$link")" "$link" ;;
	esac
	[ -e "$link" ] || die "$link points to nothing"
done

moddir=$root/lib/modules/$kver
[ -d "$moddir" ] || moddir=$root/usr/lib/modules/$kver
[ -d "$moddir/kernel" ] || die "the package $image holds no modules for $kver"
depmod -b "${moddir%/lib/modules/*}" -F "$root/boot/System.map-$kver" "$kver" 2>/dev/null ||
	depmod -b "${moddir%/lib/modules/*}" "$kver"

tarball=$root/usr/src/linux-source-$series.tar.xz
src=$dir/src
rm -rf "$src"
unpack_source "$tarball" "$src"

cat >"$dir/env.new" <<END
KVER=$kver
KDIR=$kdir
VMLINUZ=$root/boot/vmlinuz-$kver
MODDIR=$moddir
SRC=$src
TARBALL=$tarball
VERSION=$version
END
mv "$dir/env.new" "$dir/env"
echo "kernel: $series is $kver ($version)"
