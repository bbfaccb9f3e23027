# SPDX-License-Identifier: ISC
load ../helper

@test "alone it lists every command, one a line" {
	run crm
	[ "$status" -eq 0 ]
	for program in "$B"/bin/crm-*; do
		name=${program##*/crm-}
		grep -qE "^$name +[a-z]" <<<"$output" || {
			echo "$name is not listed"
			return 1
		}
	done
	while read -r name _; do
		[ "$name" = help ] || [ -x "$B/bin/crm-$name" ] || {
			echo "$name does not exist"
			return 1
		}
	done <<<"$output"
	[ "$(crm help)" = "$output" ]
}

@test "crm X is crm-X with the same arguments and status" {
	run bash -c 'printf "h\n2\n1\n" | crm body sort'
	[ "$output" = "$(printf 'h\n1\n2')" ]
	run bash -c 'echo h | crm body sh -c "exit 9"'
	[ "$status" -eq 9 ]
	run crm crm-body -V
	[[ $output == "crm-body "* ]]
}

@test "messages name the command, not the dispatcher" {
	run crm body --nonsense
	[ "$status" -eq 2 ]
	[[ $output == "crm-body: unknown option --nonsense"* ]]
}

@test "commands are found beside it, without a PATH" {
	run env -i "$B/bin/crm" body /bin/true </dev/null
	[ "$status" -eq 0 ]
}

@test "a symbolic link to it finds them too" {
	ln -s "$B/bin/crm" "$BATS_TEST_TMPDIR/kunden"
	run env PATH=/usr/bin:/bin "$BATS_TEST_TMPDIR/kunden" body -V
	[ "$status" -eq 0 ]
}

@test "a command of one's own in PATH" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\necho "happy $1"\n' >"$BATS_TEST_TMPDIR/bin/crm-birthday"
	chmod +x "$BATS_TEST_TMPDIR/bin/crm-birthday"
	PATH=$PATH:$BATS_TEST_TMPDIR/bin run crm birthday ada
	[ "$status" -eq 0 ]
	[ "$output" = "happy ada" ]
}

@test "an unknown command names the nearest" {
	run_split crm fnd
	[ "$status" -eq 2 ]
	[ "$errors" = \
		"crm: unknown command 'fnd'; nearest is find; crm alone lists them" ]
	run_split crm zzzzzzzzzz
	[ "$status" -eq 2 ]
	[ "$errors" = \
		"crm: unknown command 'zzzzzzzzzz'; crm alone lists them" ]
}

@test "no way out of the folder" {
	for name in ../bin/crm-body '' / . ..; do
		run crm "$name"
		[ "$status" -eq 2 ]
	done
}

@test "control bytes in a name are shown" {
	run_split crm "$(printf 'a\033[31m')"
	[ "$status" -eq 2 ]
	[[ $errors != *$'\033'* ]]
}

@test "help X runs man crm-X" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\necho "page of $*"\n' >"$BATS_TEST_TMPDIR/bin/man"
	chmod +x "$BATS_TEST_TMPDIR/bin/man"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	run crm help find
	[ "$status" -eq 0 ]
	[ "$output" = "page of crm-find" ]
	[ "$(crm help crm-find)" = "page of crm-find" ]
	[ "$(crm help crm)" = "page of crm" ]
	[ "$(crm help help)" = "page of crm" ]
	[ "$(crm help query)" = "page of crm-query" ]
}

@test "without man, help X is what X says to -h" {
	run env PATH=/nowhere "$B/bin/crm" help body
	[ "$status" -eq 0 ]
	[ "$output" = "$(crm-body -h)" ]
	run env PATH=/nowhere "$B/bin/crm" help crm
	[ "$status" -eq 0 ]
	[ "$output" = "$(crm -h)" ]
	run env PATH=/nowhere "$B/bin/crm" help nonsense
	[ "$status" -eq 2 ]
}

@test "without the page, help X is what X says to -h" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\nexit 16\n' >"$BATS_TEST_TMPDIR/bin/man"
	chmod +x "$BATS_TEST_TMPDIR/bin/man"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run crm help body
	[ "$status" -eq 0 ]
	[ "$output" = "$(crm-body -h)" ]
}

@test "a list that cannot be written is 74" {
	run_split bash -c 'crm >/dev/full'
	[ "$status" -eq 74 ]
	[ "$errors" = "crm: standard output: No space left on device" ]
	run bash -c 'crm >&-'
	[ "$status" -eq 74 ]
}
