# SPDX-License-Identifier: ISC
# What crm-import does with files that are huge, broken or hostile, and when it
# is stopped in the middle.
load ../helper

check() {
	TMPDIR=$BATS_TEST_TMPDIR python3 "$BATS_TEST_DIRNAME/import.py" "$1"
}

@test "a value of 100 MB is named by its line, in bounded memory" {
	check big_value
}

@test "100,000 columns are read, or refused with a reason" {
	check columns
}

@test "a quote that is open at row 500,000 is named, in bounded memory" {
	check open_quote
}

@test "a csv of 300 MB takes no more memory than one of half its size" {
	check memory
}

@test "a file that ends anywhere imports or is refused, whole" {
	check truncated
}

@test "a file with bytes gone wrong imports or is refused, whole" {
	check mutated
}

@test "wrong encodings, a header twice and lines before it" {
	check encodings
}

@test "an interrupt or a kill in the middle leaves the store as before" {
	check stopped
}

@test "a full disk leaves the store as before" {
	check full
}

@test "progress is shown on a terminal only, and wiped" {
	check progress
}

@test "rows that cannot wait anywhere say so" {
	check nowhere
}

@test "rows that refer to one another come in together, or none of them" {
	check rings
}

@test "every sample file imports or is refused with a reason" {
	check samples
}

@test "naughty strings in every text field come back by every format" {
	check naughty
}
