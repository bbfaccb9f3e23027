# SPDX-License-Identifier: ISC
load ../helper

@test "the header stays, the rest goes through the command" {
	run bash -c 'printf "n\n3\n1\n2\n" | crm-body sort'
	[ "$status" -eq 0 ]
	[ "$output" = "$(printf 'n\n1\n2\n3')" ]
}

@test "options behind the command are the command's" {
	run bash -c 'printf "h\n1 b\n2 a\n" | crm-body sort -k2 -r'
	[ "$status" -eq 0 ]
	[ "$output" = "$(printf 'h\n1 b\n2 a')" ]
	run bash -c 'printf "h\nx\n" | crm-body cat -- -'
	[ "$output" = "$(printf 'h\nx')" ]
}

@test "nothing behind the header is read from a pipe" {
	run bash -c 'printf "h\na\nb\n" | { crm-body true; cat; }'
	[ "$output" = "$(printf 'h\na\nb')" ]
}

@test "from a file the command starts behind the header" {
	printf 'h\n' >"$BATS_TEST_TMPDIR/f"
	seq 3000 >>"$BATS_TEST_TMPDIR/f"
	crm-body tail -n +1 <"$BATS_TEST_TMPDIR/f" >"$BATS_TEST_TMPDIR/g"
	cmp "$BATS_TEST_TMPDIR/f" "$BATS_TEST_TMPDIR/g"
	run bash -c '{ crm-body true; cat; } <"$1"' _ "$BATS_TEST_TMPDIR/f"
	[ "${#lines[@]}" -eq 3001 ]
	[ "${lines[1]}" = 1 ]
}

@test "a header longer than a block" {
	head -c 10000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/f"
	printf '\n2\n1\n' >>"$BATS_TEST_TMPDIR/f"
	run crm-body sort <"$BATS_TEST_TMPDIR/f"
	[ "${#lines[0]}" -eq 10000 ]
	[ "${lines[1]}" = 1 ]
	run bash -c 'cat "$1" | crm-body sort' _ "$BATS_TEST_TMPDIR/f"
	[ "${#lines[0]}" -eq 10000 ]
	[ "${lines[2]}" = 2 ]
}

@test "a header without a line feed gets one" {
	run bash -c 'printf h | crm-body cat | od -An -c | tr -d " "'
	[ "$output" = 'h\n' ]
}

@test "without input the command runs on nothing" {
	run crm-body wc -l </dev/null
	[ "$status" -eq 0 ]
	[ "${output// /}" = 0 ]
}

@test "bytes are copied as they are" {
	run bash -c 'printf "\000\377\tx\r\n1\n" | crm-body cat | od -An -tx1 | tr -d " "'
	[ "$output" = 00ff09780d0a310a ]
}

@test "an endless first line is refused" {
	run_split bash -c 'head -c 20000000 /dev/zero | crm-body cat | wc -c'
	[ "${output// /}" = 0 ]
	[[ $errors == "crm-body: standard input:1: more than "* ]]
	head -c 20000000 /dev/zero >"$BATS_TEST_TMPDIR/f"
	run crm-body cat <"$BATS_TEST_TMPDIR/f"
	[ "$status" -eq 65 ]
}

@test "the status is that of the command" {
	run bash -c 'echo h | crm-body sh -c "exit 7"'
	[ "$status" -eq 7 ]
	[ "$output" = h ]
}

@test "a command that does not exist is 127" {
	run bash -c 'crm-body srot </dev/null; echo $?'
	[ "$output" = "crm-body: srot: no such command
127" ]
}

@test "a command that may not be run is 126" {
	touch "$BATS_TEST_TMPDIR/plain"
	run_split crm-body "$BATS_TEST_TMPDIR/plain" </dev/null
	[ "$status" -eq 126 ]
	[[ $errors == *"Permission denied" ]]
}

@test "no command at all is a wrong call" {
	run_split crm-body </dev/null
	[ "$status" -eq 2 ]
	[ "$errors" = "crm-body: no command; see crm-body -h" ]
	run crm-body -q sort </dev/null
	[ "$status" -eq 2 ]
}

@test "a full disk is told before the command runs" {
	run_split bash -c 'echo h | crm-body touch "$1/ran" >/dev/full' _ \
		"$BATS_TEST_TMPDIR"
	[ "$status" -eq 74 ]
	[ "$errors" = "crm-body: standard output: No space left on device" ]
	[ ! -e "$BATS_TEST_TMPDIR/ran" ]
}

@test "closed descriptors" {
	run_split bash -c 'echo h | crm-body cat >&-'
	[ "$status" -eq 74 ]
	[[ $errors == "crm-body: standard output: "* ]]
	run_split bash -c 'crm-body cat <&-'
	[ "$status" -eq 74 ]
	[[ $errors == "crm-body: standard input: "* ]]
}

@test "a reader that ends early ends it quietly" {
	run_split bash -c 'yes | crm-body cat | head -n 2'
	[ "$status" -eq 0 ]
	[ "$output" = "$(printf 'y\ny')" ]
	[ -z "$errors" ]
}

@test "a bad CRM_TODAY is none of its business" {
	CRM_TODAY=nonsense run crm-body cat </dev/null
	[ "$status" -eq 0 ]
}
