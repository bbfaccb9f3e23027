# SPDX-License-Identifier: ISC
# The examples of the manual do what it says.
load ../helper

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
}

@test "the examples of the pages print what they say" {
	run tests/house/examples man/*.[157]
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "the examples of the README print what they say" {
	run tests/house/examples README
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "an example that prints something else is found" {
	printf '%s\n' .Sh\ EXAMPLES '.Bd -literal -offset indent' \
		'$ echo one' two .Ed >"$BATS_TEST_TMPDIR/wrong.1"
	run tests/house/examples "$BATS_TEST_TMPDIR/wrong.1"
	[ "$status" -eq 1 ]
	[[ $output == *'it prints
one'* ]]
	printf '%s\n' 'text' '' '    $ printf "%s\n" a b' '    a' '    b' \
		>"$BATS_TEST_TMPDIR/README"
	run tests/house/examples "$BATS_TEST_TMPDIR/README"
	[ "$status" -eq 0 ]
}
