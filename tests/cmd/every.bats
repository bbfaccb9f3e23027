# SPDX-License-Identifier: ISC
# What every command does the same way, asked of every command there is.
load ../helper

# each CHECK ARGUMENT...: CHECK NAME ARGUMENT... for every command
each() {
	for program in "$B"/bin/*; do
		"$1" "${program##*/}" "${@:2}" || {
			echo "${program##*/}: status $status: $output"
			return 1
		}
	done
}

# Those that open a store whatever they are given.
readers() {
	for name in crm-find crm-check crm-followup crm-segment crm-export; do
		"$1" "$name" "${@:2}" || {
			echo "$name: status $status: $output"
			return 1
		}
	done
}

help_ok() {
	run_split "$1" "$2"
	[ "$status" -eq 0 ] && [[ $output == "usage: $1"* ]] &&
		[ -z "$errors" ]
}

@test "-h and --help print the usage on standard output" {
	each help_ok -h
	each help_ok --help
}

@test "-h needs no store, no HOME, no environment" {
	bare() {
		run env -i "$B/bin/$1" -h
		[ "$status" -eq 0 ]
	}
	each bare
}

@test "-V prints name and version" {
	version() {
		run "$1" -V
		[ "$status" -eq 0 ] && [[ $output =~ ^"$1 "[0-9.]+$ ]]
	}
	each version
}

@test "help that cannot be written is 74" {
	full() {
		run bash -c '"$1" -h >/dev/full' _ "$1"
		[ "$status" -eq 74 ] &&
			[ "$output" = "$1: standard output: No space left on device" ]
	}
	closed() {
		run bash -c '"$1" -V >&-' _ "$1"
		[ "$status" -eq 74 ] && [[ $output == "$1: standard output: "* ]]
	}
	each full
	each closed
}

@test "an unknown option is one line, status 2, and says where to look" {
	unknown() {
		run_split "$1" "$2"
		[ "$status" -eq 2 ] && [ -z "$output" ] &&
			[[ $errors == "$1: unknown option $2"*"see $1 -h" ]] &&
			[ "$(wc -l <<<"$errors")" -eq 1 ]
	}
	each unknown --nonsense
	each unknown -Z
}

@test "a date where an option was read says what to do" {
	run_split crm-find -90d
	[ "$status" -eq 2 ]
	[[ $errors == *"put -- before -90d"* ]]
}

@test "-q -v and -S mean the same in all that open a store" {
	common() {
		run "$1" -q -v -S "$BATS_TEST_TMPDIR/none" --today 2026-01-01 \
			--color never
		[ "$status" -eq 0 ]
	}
	readers common
	[ ! -e "$BATS_TEST_TMPDIR/none" ]
}

@test "a bad --today or CRM_TODAY is named" {
	option() {
		run_split "$1" --today 2026-02-30
		[ "$status" -eq 2 ] && [[ $errors == "$1: --today: "* ]]
	}
	variable() {
		CRM_TODAY=gestren run_split "$1"
		[ "$status" -eq 2 ] && [[ $errors == "$1: CRM_TODAY: "*gestren* ]]
	}
	readers option
	readers variable
	CRM_TODAY= run crm-find contact
	[ "$status" -eq 0 ]
}

@test "nowhere to put a store" {
	nowhere() {
		run_split env -i "$B/bin/$1"
		[ "$status" -eq 2 ] && [[ $errors == *CRM_STORE*-S* ]]
	}
	readers nowhere
	run_split env -i "$B/bin/crm-add" contact name=Ada
	[ "$status" -eq 2 ]
	[[ $errors == *CRM_STORE*-S* ]]
	run env -i HOME="$HOME" "$B/bin/crm-add" contact name=Ada
	[ "$status" -eq 0 ]
	[ -d "$HOME/.local/share/crm" ]
}

@test "empty and relative XDG values count as unset" {
	unset CRM_STORE
	XDG_DATA_HOME='' crm-add contact name=Ada
	XDG_DATA_HOME=data run crm-find -H -f name contact
	[ "$output" = Ada ]
	[ ! -e data ]
	XDG_DATA_HOME=$BATS_TEST_TMPDIR/xdg crm-add contact name=Zoe
	[ -d "$BATS_TEST_TMPDIR/xdg/crm" ]
}

@test "a relative store is below the working directory" {
	cd "$BATS_TEST_TMPDIR"
	CRM_STORE=here crm-add contact name=Ada
	[ -d "$BATS_TEST_TMPDIR/here" ]
	run crm-find -S here -H -f name contact
	[ "$output" = Ada ]
}

@test "output that cannot be written is 74" {
	seq 10 | sed 's/^/Person /; 1i name' | crm-add contact - >/dev/null
	for how in '>/dev/full' '>&-'; do
		run bash -c "crm-find contact $how"
		[ "$status" -eq 74 ]
		[[ $output == "crm-find: standard output: "* ]]
		run bash -c "crm-export -O jsonl contact $how"
		[ "$status" -eq 74 ]
	done
	run crm-find -o /dev/full contact
	[ "$status" -eq 2 ] || [ "$status" -eq 74 ]
	run crm-export -o /dev/full contact
	[ "$status" -eq 74 ]
}

@test "a closed standard input is an error only where it is read" {
	crm-add contact name=Ada
	run bash -c 'crm-find -H -f name contact <&-'
	[ "$status" -eq 0 ]
	[ "$output" = Ada ]
	run_split bash -c 'crm-add contact - <&-'
	[ "$status" -eq 74 ]
	[[ $errors == "crm-add: standard input: "* ]]
}

@test "the store never lands on a closed descriptor" {
	run bash -c 'crm-add contact name=Ada <&- >&- 2>&-'
	run crm-check
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "a reader that goes away ends a command without a word" {
	seq 20000 | sed 's/^/Person /; 1i name' | crm-add contact - >/dev/null
	run_split bash -c 'crm-find contact | head -n 1'
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	[ -z "$errors" ]
	run bash -c 'set -o pipefail; crm-find contact | head -n 1 >/dev/null'
	[ "$status" -eq 141 ]
	# Also where someone above us ignores the signal.
	run_split bash -c 'trap "" PIPE; crm-find contact | head -n 1'
	[ -z "$errors" ]
}

@test "POSIXLY_CORRECT ends the options at the first operand" {
	crm-add contact name=Ada
	run crm-find contact -H -f name
	[ "$output" = Ada ]
	POSIXLY_CORRECT=1 run crm-find contact -H
	[ "$output" != Ada ]
}

@test "control bytes of an argument never reach a terminal raw" {
	raw=$(printf 'a\033[31mb\007')
	for call in "crm-find $raw=1" "crm-find --$raw" "crm-show $raw" \
		"crm-rm $raw" "crm-add $raw" "crm-date $raw" "crm-find -O $raw" \
		"crm-find -f $raw" "crm-find -l $raw" "crm-find --today $raw"; do
		run $call
		[[ $output != *$'\033'* && $output != *$'\007'* ]] || {
			echo "$call"
			return 1
		}
	done
}

# ---- references ------------------------------------------------------------

@test "ids on standard input: bare, crm-tsv, none" {
	for name in Ada Bob Cyd; do crm-add contact name=$name; done
	printf 'c1\nc3\n' | crm-edit - tag=a
	run crm-find -H -i tag=a
	[ "$output" = "$(printf 'c1\nc3')" ]
	printf 'name\tid\nX\tc2\n' | crm-edit - tag=b
	run crm-find -H -i tag=b
	[ "$output" = c2 ]
	run_split crm-edit - tag=c </dev/null
	[ "$status" -eq 0 ]
	[ -z "$output$errors" ]
	run_split bash -c 'printf "id\n" | crm-edit - tag=c'
	[ "$status" -eq 0 ]
}

@test "an id that does not exist is named with its line" {
	crm-add contact name=Ada
	run_split bash -c 'printf "c1\nc7\nc8\n" | crm-edit - tag=a'
	[ "$status" -eq 1 ]
	[[ $errors == "crm-edit: standard input:"[23]": "*c7* ]]
	[[ $errors == *c8* ]]
	run crm-find -H -i tag=a
	[ -z "$output" ]
	run_split crm-edit c7 tag=a
	[ "$status" -eq 1 ]
	[[ $errors == *c7* ]]
}

@test "input without ids says so" {
	crm-add contact name=Ada
	run_split bash -c 'printf "name\tcity\nAda\tBern\n" | crm-edit - tag=a'
	[ "$status" -eq 65 ]
	[[ $errors == *"no column id"* ]]
	run_split bash -c 'printf "id\tname\n\tAda\n" | crm-edit - tag=a'
	[ "$status" -eq 65 ]
	[[ $errors == *"standard input:2: id: empty"* ]]
}

@test "a record named twice is one record" {
	crm-add contact name=Ada
	run_split crm-rm c1 c1 Ada
	[ "$status" -eq 0 ]
	run crm-find -H -i contact
	[ -z "$output" ]
}
