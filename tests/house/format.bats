# SPDX-License-Identifier: ISC
# How the sources look.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
}

@test "clang-format has nothing to change" {
	run bash -c 'find cmd lib tests -name "*.[ch]" -print0 |
		xargs -0 -n 20 -P 2 clang-format --dry-run 2>&1 |
		sed -n "s/:[0-9]*:[0-9]*: warning: .*//p" | sort -u'
	echo "clang-format -i $output"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "clang-format finds what it should" {
	printf 'int  main( void ){return 0;}\n' >"$BATS_TEST_TMPDIR/x.c"
	cp .clang-format "$BATS_TEST_TMPDIR"
	run clang-format --dry-run "$BATS_TEST_TMPDIR/x.c"
	[[ $output == *"x.c:1:"*"warning: "* ]]
}

@test "the top level holds what was agreed and nothing else" {
	for entry in *; do
		case $entry in
		cmd | lib | man | tests | scripts) [ -d "$entry" ] ;;
		Makefile | README | LICENSE) [ -f "$entry" ] ;;
		build) ;;
		*)
			echo "$entry"
			return 1
			;;
		esac
	done
}

@test "no function is longer than 60 lines" {
	run bash -c 'find cmd lib -name "*.c" -print0 | xargs -0 ctags -x \
		--c-kinds=f --_xformat="%F:%n %N %{end}" |
		awk "{ split(\$1, at, \":\"); n++
			if (\$3 - at[2] + 1 > 60) { print; bad = 1 } }
			END { exit bad || n == 0 }"'
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "no line of a source is longer than 80 columns" {
	run bash -c 'for file in cmd/*.c cmd/*/*.[ch] lib/*/*.[ch]; do
		expand -t 8 "$file" | LC_ALL=C awk -v f="$file" "
			{ gsub(/[\200-\277]/, \"\") }
			length(\$0) > 80 { print f \":\" NR }"
	done'
	echo "$output"
	[ -z "$output" ]
}

@test "no unfinished work is left" {
	run grep -rnwE --exclude-dir=data 'TO[D]O|FIX[M]E|X[X]X|HA[C]K|WI[P]' \
		cmd lib man tests scripts Makefile README
	echo "$output"
	[ "$status" -eq 1 ]
}

@test "every source says its licence and what it is" {
	for file in cmd/*.c cmd/*/*.[ch] lib/*/*.[ch] tests/*/*.[ch]; do
		head -n 1 "$file" | grep -qF 'SPDX-License-Identifier: ISC' &&
			sed -n 2p "$file" | grep -q '^/\*' || {
			echo "$file"
			return 1
		}
	done
}
