# SPDX-License-Identifier: ISC
# What the programs need at run time.
load ../helper

# The shared objects a program asks for, one a line.
needed() {
	readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}

# Which of them the kind of build allows.
allowed() {
	case $1 in
	libc.so.6 | ld-linux-*) return 0 ;;
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
			allowed "$object" || {
				echo "${program##*/} needs $object"
				return 1
			}
		done
	done
}

@test "the ordinary build needs no shared object at all" {
	for program in "$B"/bin/*; do
		count=$(needed "$program" | wc -l)
		if [ -n "$SHARED$SAN" ]; then
			[ "$count" -gt 0 ]
		else
			[ "$count" -eq 0 ]
		fi
	done
}

@test "nothing of git is linked" {
	run grep -l git_libgit2 "$B"/bin/*
	echo "$output"
	[ "$status" -eq 1 ]
}
