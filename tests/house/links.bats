# SPDX-License-Identifier: ISC
# What the programs need at run time.
load ../helper

# The shared objects a program asks for, one a line.
needed() {
	readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}

# allowed PROGRAM OBJECT: may it, in this kind of build?
allowed() {
	case $2 in
	libc.so.6 | ld-linux-*) return 0 ;;
	libgit2.so.1.5 | libz.so.1) [ "$1" = crm-history ] ;;
	libcsv.so.3 | libjansson.so.4)
		[ "$1" = crm-import ] && [ -n "$SHARED$SAN" ] ;;
	libnettle.so.8) [ "$1" = crm-history ] && [ -n "$SHARED$SAN" ] ;;
	liblmdb.so.0 | libutf8proc.so.2 | libpcre2-8.so.0 | libpthread.so.0)
		[ -n "$SHARED$SAN" ] ;;
	libasan.so.* | libubsan.so.* | libgcc_s.so.1 | libm.so.6 | \
		libdl.so.2 | librt.so.1 | libresolv.so.2)
		[ -n "$SAN" ] ;;
	*) return 1 ;;
	esac
}

@test "every command is built" {
	for file in "$BATS_TEST_DIRNAME"/../../cmd/*.c; do
		[ -x "$B/bin/$(basename "$file" .c)" ]
	done
}

@test "no command links more than it may" {
	for program in "$B"/bin/*; do
		for object in $(needed "$program"); do
			allowed "${program##*/}" "$object" || {
				echo "${program##*/} needs $object"
				return 1
			}
		done
	done
}

# crm-history needs libgit2, which is not to be had otherwise, and crm-import
# the libc of the system: iconv reads its tables at run time.
@test "the ordinary build needs no shared object at all" {
	for program in "$B"/bin/*; do
		count=$(needed "$program" | wc -l)
		git=0
		[ "${program##*/}" != crm-history ] || git=${WITH_GIT:-1}
		if [ -n "$SHARED$SAN" ] || [ "$git" != 0 ]; then
			[ "$count" -gt 0 ]
		elif [ "${program##*/}" = crm-import ]; then
			[ "$(needed "$program")" = libc.so.6 ]
		else
			[ "$count" -eq 0 ]
		fi
	done
}

@test "crm-history has libgit2, and nobody else has anything of git" {
	run grep -l git_libgit2 "$B"/bin/*
	echo "$output"
	if [ "${WITH_GIT:-1}" = 0 ]; then
		[ "$status" -eq 1 ]
	else
		[ "$output" = "$B/bin/crm-history" ]
		needed "$output" | grep -x 'libgit2\.so\.1\.5'
	fi
}

@test "the rule itself refuses what it must" {
	SAN='' SHARED=''
	allowed crm-history libgit2.so.1.5
	allowed crm-import libc.so.6
	for pair in "crm-find libgit2.so.1.5" "crm-find libz.so.1" \
		"crm-history libssh2.so.1" "crm-history liblmdb.so.0" \
		"crm-import libcsv.so.3" "crm-export libjansson.so.4"; do
		if allowed $pair; then
			echo "$pair"
			return 1
		fi
	done
}

# The C library's way would be through /proc; see lib/cli/cli.c.
@test "no command asks at its start where it lies" {
	for program in "$B"/bin/*; do
		if [ -z "$(needed "$program")" ]; then
			nm "$program" | grep -q ' W _dl_get_origin$'
		fi
	done
}
