#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
load ../helper

@test "a day is printed as it is stored" {
	run crm-date tomorrow
	[ "$status" -eq 0 ]
	[ "$output" = 2026-03-03 ]
}

@test "the operands are one text" {
	run crm-date in 3 days
	[ "$output" = 2026-03-05 ]
	run crm-date nächsten Freitag 14:30
	[ "$output" = 2026-03-06T14:30:00Z ]
	run crm-date NÄCHSTEN FREITAG
	[ "$output" = 2026-03-06 ]
}

@test "a text that begins with a minus goes behind --" {
	run crm-date -- -90d
	[ "$status" -eq 0 ]
	[ "$output" = 2025-12-02 ]
}

@test "-v says the weekday, and the period of a query" {
	run crm-date -v +4d
	[ "$output" = "Fri 2026-03-06" ]
	run crm-date -v kw 10
	[ "$output" = "Mon 2026-03-02; in a query Mon 2026-03-02 .. Sun 2026-03-08" ]
	run crm-date -v 2026-03-06 14:30
	[ "$output" = "Fri 2026-03-06 14:30" ]
}

@test "a terminal gets the reading for people" {
	run script -qec 'crm-date +4d' /dev/null
	[ "$status" -eq 0 ]
	[[ $output == "Fri 2026-03-06"* ]]
}

@test "ranges and periods print both ends" {
	run crm-date 2026-03-01..2026-03-05
	[ "$output" = 2026-03-01..2026-03-05 ]
	run crm-date 2026
	[ "$output" = 2026-01-01..2026-12-31 ]
	run crm-date last month
	[ "$output" = 2026-02-01..2026-02-28 ]
	run crm-date 2025..
	[ "$output" = 2025-01-01.. ]
	run crm-date -v ..2025
	[ "$output" = ".. Wed 2025-12-31" ]
	run crm-date -v 2025..
	[ "$output" = "Wed 2025-01-01 .." ]
}

@test "what is printed is read again as the same" {
	for text in tomorrow 'kw 5' 'fri 14:30' 2026 'last month' 2025.. ..2025; do
		once=$(crm-date "$text")
		[ "$(crm-date "$once")" = "$once" ]
	done
	for text in tomorrow 'fri 14:30' 'last month' 2025..; do
		said=$(crm-date -v "$text")
		[ "$(crm-date "$said")" = "$(crm-date "$text")" ]
	done
}

@test "times are those of the local zone" {
	TZ=CET-1CEST,M3.5.0,M10.5.0/3 run crm-date 2026-07-01 14:30
	[ "$output" = 2026-07-01T12:30:00Z ]
	TZ=CET-1CEST,M3.5.0,M10.5.0/3 run crm-date -v 2026-07-01T12:30:00Z
	[ "$output" = "Wed 2026-07-01 14:30" ]
	TZ=CET-1CEST,M3.5.0,M10.5.0/3 run_split crm-date 2026-03-29 02:30
	[ "$status" -eq 2 ]
	[[ $errors == *"write 03:30" ]]
}

@test "--today and CRM_TODAY set the present" {
	run crm-date --today 2026-12-31 tomorrow
	[ "$output" = 2027-01-01 ]
	CRM_TODAY=2028-02-29 run crm-date +1y
	[ "$output" = 2029-02-28 ]
	CRM_TODAY='2026-03-02 09:15' run crm-date now
	[ "$output" = 2026-03-02T09:15:00Z ]
}

@test "-O gives rows" {
	run crm-date -O tsv 2026-03
	[ "${lines[0]}" = "from${TAB}to${TAB}reading" ]
	[ "${lines[1]}" = "2026-03-01${TAB}2026-03-01${TAB}Sun 2026-03-01" ]
	run crm-date -H -O tsv 2025..
	[ "$output" = "2025-01-01${TAB}${TAB}Wed 2025-01-01 .." ]
	run crm-date -O jsonl fri
	[ "$output" = '{"from":"2026-03-06","to":"2026-03-06","reading":"Fri 2026-03-06"}' ]
	run_split crm-date -O nothing fri
	[ "$status" -eq 2 ]
	[[ $errors == *nothing* ]]
}

@test "-o writes a file" {
	crm-date -o "$BATS_TEST_TMPDIR/date" fri
	[ "$(cat "$BATS_TEST_TMPDIR/date")" = 2026-03-06 ]
}

@test "--every lists the dates of a series without drift" {
	run crm-date --every m -l 4 2026-01-31
	[ "$status" -eq 0 ]
	[ "${lines[*]}" = "2026-01-31 2026-02-28 2026-03-31 2026-04-30" ]
	run crm-date --every 'w on mo,th' -l 3 2026-03-03
	[ "${lines[*]}" = "2026-03-05 2026-03-09 2026-03-12" ]
	run crm-date --every 'm on last fri x2'
	[ "${lines[*]}" = "2026-03-27 2026-04-24" ]
	run crm-date --every d
	[ "${#lines[@]}" -eq 10 ]
	[ "${lines[0]}" = 2026-03-02 ]
	run crm-date --every d -l 0
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "--after counts from completion" {
	run crm-date --after 6w -l 2 2026-03-02
	[ "${lines[*]}" = "2026-03-02 2026-04-13" ]
}

@test "-v tells the rule and its RRULE" {
	run_split crm-date -v --every 'm on 30' -l 1
	[ "$output" = "Mon 2026-03-30" ]
	[[ $errors == *"1m on 30; RRULE FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1"* ]]
	run_split crm-date -v --after 6w -l 1
	[[ $errors == *"after 6w; RRULE cannot say it"* ]]
}

@test "what can be read two ways is refused with both" {
	run_split crm-date 12/1/2026
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[[ $errors == "crm-date: date '12/1/2026': "* ]]
	[[ $errors == *"write 2026-01-12 or 2026-12-01" ]]
}

@test "refusals" {
	while IFS='|' read -r text want; do
		run_split crm-date "$text"
		[ "$status" -eq 2 ]
		[ -z "$output" ]
		[[ $errors == *"$want"* ]]
	done <<-'END'
		fryday|did you mean 'friday'?
		15|write 15. or 15d
		2026-02-30|February 2026 has 28 days
		5.1.27|the year has two digits
		3h|hours are not counted
		2026-05-01..2026-04-01|after its end
		12/1/2026..|write 2026-01-12 or 2026-12-01
		+9999y|years are 1 to 9999
		|no date
	END
}

@test "wrong calls" {
	run_split crm-date
	[ "$status" -eq 2 ]
	[[ $errors == *"no date text"* ]]
	run_split crm-date -l 3 fri
	[ "$status" -eq 2 ]
	[[ $errors == *"-l goes with --every or --after"* ]]
	run_split crm-date --every w --after w
	[ "$status" -eq 2 ]
	run_split crm-date --every 'w on 15'
	[ "$status" -eq 2 ]
	[[ $errors == *"does not go with w"* ]]
	run_split crm-date --every w 2026-13-01
	[ "$status" -eq 2 ]
	run_split crm-date --every w -l 999999999
	[ "$status" -eq 2 ]
	run_split crm-date --today fryday tomorrow
	[ "$status" -eq 2 ]
	[[ $errors == *"did you mean 'friday'?"* ]]
}

@test "control characters do not reach the terminal" {
	run_split crm-date $'\033[31mfri'
	[ "$status" -eq 2 ]
	[[ $errors != *$'\033'* ]]
}

@test "no store is made" {
	crm-date fri
	[ ! -e "$CRM_STORE" ]
}

@test "a full disk is told" {
	run bash -c 'crm-date --every d -l 100000 2026-01-01 >/dev/full'
	[ "$status" -eq 74 ]
	run bash -c 'crm-date fri >/dev/full'
	[ "$status" -eq 74 ]
}

@test "a closed pipe ends it quietly" {
	run bash -c 'crm-date --every d -l 100000 2026-01-01 | head -n 1'
	[ "$status" -eq 0 ]
	[ "$output" = 2026-01-01 ]
}

@test "-h and -V" {
	run crm-date -h
	[ "$status" -eq 0 ]
	[[ $output == "usage: crm-date"* ]]
	run crm-date -V
	[ "$status" -eq 0 ]
}
