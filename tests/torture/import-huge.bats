# SPDX-License-Identifier: ISC
# What crm-import does with files that are huge, and when it is stopped in the
# middle.
load ../helper

check() {
	TMPDIR=$BATS_TEST_TMPDIR python3 "$BATS_TEST_DIRNAME/import.py" "$1"
}

@test "a value of 100 MB is named by its line, in bounded memory" {
	check big_value
}

@test "50,000 columns are read, or refused with a reason" {
	check columns
}

@test "a quote that is open at row 200,000 is named, in bounded memory" {
	check open_quote
}

@test "a csv of 140 MB takes no more memory than one of half its size" {
	check memory
}

@test "an interrupt or a kill in the middle leaves the store as before" {
	check stopped
}

@test "progress is shown on a terminal only, and wiped" {
	check progress
}
