# SPDX-License-Identifier: ISC
# What crm-import does with files that are broken or hostile.
load ../helper

check() {
	TMPDIR=$BATS_TEST_TMPDIR python3 "$BATS_TEST_DIRNAME/import.py" "$1"
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

@test "a full disk leaves the store as before" {
	check full
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
