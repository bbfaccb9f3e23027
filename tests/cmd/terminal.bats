# SPDX-License-Identifier: ISC
# What a terminal changes, tried on a pseudo-terminal of 200 columns and 50
# lines.
load ../helper

setup() {
	PTY=$B/tools/on-pty
	export TERM=xterm
	unset CRM_PAGER PAGER LESS
}

# people N: as many contacts
people() {
	seq "$1" | sed 's/^/Person /; 1i name' | crm-add contact - >/dev/null
}

# on_pty [-c] COMMAND...: what it shows, without CR
on_pty() {
	run timeout 60 "$PTY" "$@" </dev/null
	output=${output//$'\r'/}
}

@test "a table on a terminal, crm-tsv in a pipe, -O decides" {
	people 1
	on_pty crm-find --color never -f id,name contact
	[ "$status" -eq 0 ]
	[[ $output =~ ^'id  name' ]]
	on_pty crm-find -O tsv -f id,name contact
	[ "$output" = "id${TAB}name
c1${TAB}Person 1" ]
	on_pty sh -c 'crm-find -f id,name contact | cat'
	[ "$output" = "id${TAB}name
c1${TAB}Person 1" ]
}

@test "a table is as wide as the terminal and no wider" {
	crm-add contact name="$(head -c 300 /dev/zero | tr '\0' x)"
	on_pty sh -c 'stty cols 40; crm-find --color never contact'
	[ "$status" -eq 0 ]
	[[ $output == *xxxxxxxx* ]]
	LC_ALL=C.UTF-8
	while read -r line; do
		[ "${#line}" -le 40 ]
	done <<<"$output"
}

@test "colour on a terminal only, and not with NO_COLOR, dumb, never" {
	people 1
	on_pty -c crm-find contact
	[[ $output == *$'\033['* ]]
	NO_COLOR=1 on_pty -c crm-find contact
	[[ $output != *$'\033'* ]]
	TERM=dumb on_pty -c crm-find contact
	[[ $output != *$'\033'* ]]
	on_pty -c crm-find --color never contact
	[[ $output != *$'\033'* ]]
	run crm-find -O table contact
	[[ $output != *$'\033'* ]]
	run crm-find -O table --color always contact
	[[ $output == *$'\033['* ]]
}

@test "more than a screen goes through the pager" {
	people 60
	CRM_PAGER='sed s/^/>/' on_pty crm-find --color never -f id contact
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 61 ]
	[[ ${lines[60]} == ">c60"* ]]
	PAGER='sed s/^/>/' on_pty crm-find --color never -f id contact
	[[ ${lines[60]} == ">c60"* ]]
	CRM_PAGER='sed s/^/+/' PAGER='sed s/^/>/' \
		on_pty crm-find --color never -f id contact
	[[ ${lines[60]} == "+c60"* ]]
}

@test "a screenful does not, and nothing does in a pipe or a file" {
	people 60
	export CRM_PAGER='sed s/^/>/'
	on_pty crm-find -l 40 --color never -f id contact
	[[ $output != *'>'* ]]
	run crm-find contact
	[[ $output != *'>'* ]]
	on_pty crm-find -o "$BATS_TEST_TMPDIR/file" contact
	run cat "$BATS_TEST_TMPDIR/file"
	[ "${#lines[@]}" -eq 61 ]
	[[ $output != *'>'* ]]
}

@test "no pager, cat, or one that does not exist: plain output" {
	people 60
	for pager in '' ' ' cat /nowhere/at/all; do
		CRM_PAGER=$pager on_pty crm-find --color never -f id contact
		[ "$status" -eq 0 ]
		[ "${#lines[@]}" -eq 61 ]
	done
}

@test "a pager that ends early ends the command quietly" {
	people 60000
	CRM_PAGER='head -n 1' on_pty crm-find --color never -f id contact
	[ "${#lines[@]}" -eq 1 ]
	[[ ${lines[0]} == id* ]]
}

@test "no shell sees the name of a pager or an editor" {
	people 60
	CRM_PAGER="touch $BATS_TEST_TMPDIR/a;exit" on_pty crm-find contact
	[ -e "$BATS_TEST_TMPDIR/a;exit" ]
	[ ! -e "$BATS_TEST_TMPDIR/a" ]
	EDITOR="touch $BATS_TEST_TMPDIR/b;exit" on_pty crm-edit c1
	[ -e "$BATS_TEST_TMPDIR/b;exit" ]
}

@test "an editor changes a record" {
	people 1
	EDITOR='sed -i s/Person/Mensch/' on_pty crm-edit c1
	[ "$status" -eq 0 ]
	run crm-find -H -f name contact
	[ "$output" = "Mensch 1" ]
	VISUAL='sed -i s/Mensch/Homo/' EDITOR=false on_pty crm-edit c1
	[ "$status" -eq 0 ]
	run crm-find -H -f name contact
	[ "$output" = "Homo 1" ]
}

@test "the editor's file is private and gone afterwards" {
	people 1
	mkdir "$BATS_TEST_TMPDIR/tmp"
	cat >"$BATS_TEST_TMPDIR/editor" <<-'EOF'
		#!/bin/sh
		stat -c '%a %n' "$1" "${1%/*}" >"$SEEN"
	EOF
	chmod +x "$BATS_TEST_TMPDIR/editor"
	umask 000
	SEEN=$BATS_TEST_TMPDIR/seen TMPDIR=$BATS_TEST_TMPDIR/tmp \
		EDITOR=$BATS_TEST_TMPDIR/editor on_pty crm-edit c1
	run cat "$BATS_TEST_TMPDIR/seen"
	[[ ${lines[0]} == "600 $BATS_TEST_TMPDIR/tmp/"* ]]
	[[ ${lines[1]} == "700 $BATS_TEST_TMPDIR/tmp/"* ]]
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ]
}

@test "an editor that fails leaves the store as it was" {
	people 1
	EDITOR=false on_pty crm-edit c1
	[ "$status" -eq 2 ]
	[[ $output == *"editor 'false' ended with status 1"* ]]
	EDITOR=/nowhere/at/all on_pty crm-edit c1
	[ "$status" -eq 2 ]
	[[ $output == *"set EDITOR"* ]]
	run crm-find -H -f name contact
	[ "$output" = "Person 1" ]
}

@test "what was written is kept when the editor fails after it" {
	people 1
	mkdir "$BATS_TEST_TMPDIR/tmp"
	cat >"$BATS_TEST_TMPDIR/editor" <<-'EOF'
		#!/bin/sh
		echo precious >>"$1"
		exit 3
	EOF
	chmod +x "$BATS_TEST_TMPDIR/editor"
	TMPDIR=$BATS_TEST_TMPDIR/tmp EDITOR=$BATS_TEST_TMPDIR/editor \
		on_pty crm-edit c1
	[ "$status" -eq 2 ]
	[[ $output == *"the text is kept in $BATS_TEST_TMPDIR/tmp/"* ]]
	grep -rq precious "$BATS_TEST_TMPDIR/tmp"
}

@test "without a terminal there is no editor" {
	people 1
	EDITOR=true run_split crm-edit c1 </dev/null
	[ "$status" -eq 2 ]
	[[ $errors == *"no terminal"* ]]
}
