# SPDX-License-Identifier: ISC
# How the sources look.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
}

@test "clang-format has nothing to change" {
	changed=
	for file in $(find cmd lib tests -name '*.[ch]'); do
		clang-format "$file" | cmp -s - "$file" ||
			changed="$changed $file"
	done
	echo "clang-format -i$changed"
	[ -z "$changed" ]
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
	for file in cmd/*.c lib/*/*.[ch]; do
		run bash -c 'expand -t 8 "$1" | LC_ALL=C.UTF-8 grep -nE "^.{81}"' \
			_ "$file"
		[ "$status" -eq 1 ] || {
			echo "$file:$output"
			return 1
		}
	done
}

@test "no unfinished work is left" {
	run grep -rnwE 'TO[D]O|FIX[M]E|X[X]X|HA[C]K|WI[P]' \
		cmd lib man tests scripts Makefile README
	echo "$output"
	[ "$status" -eq 1 ]
}

@test "every source says its licence and what it is" {
	for file in cmd/*.c lib/*/*.[ch] tests/*/*.c; do
		head -n 1 "$file" | grep -qF 'SPDX-License-Identifier: ISC' &&
			sed -n 2p "$file" | grep -q '^/\*' || {
			echo "$file"
			return 1
		}
	done
}
