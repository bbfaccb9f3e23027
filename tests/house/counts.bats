# SPDX-License-Identifier: ISC
# How many instructions commands take: steady where time is not. A change that
# makes one of them 5 % slower is found here; one that makes it faster, too, so
# that the figures stay true. count-again renews them.
load ../helper

# compare COUNTS NEW: what is away from the figures, or nothing
compare() {
	awk -F '\t' '
	NR == FNR { old[$1] = $2; n++; next }
	{
		m++
		if (!($1 in old) || $2 < .95 * old[$1] || $2 > 1.05 * old[$1])
			printf "%s: %d, not %d (%+.1f %%)\n", $1, $2, old[$1],
			    old[$1] ? 100 * $2 / old[$1] - 100 : 0
	}
	END {
		if (n != m || n < 4)
			print n + 0 " figures, " m + 0 " counts"
	}' "$1" "$2"
}

@test "no command takes more instructions than it did, or fewer" {
	"$BATS_TEST_DIRNAME/count-again" >"$BATS_TEST_TMPDIR/new"
	cat "$BATS_TEST_TMPDIR/new"
	run compare "$BATS_TEST_DIRNAME/counts" "$BATS_TEST_TMPDIR/new"
	echo "$output"
	echo "if that is right: tests/house/count-again -o tests/house/counts"
	[ -z "$output" ]
}

@test "more and fewer are found" {
	cd "$BATS_TEST_TMPDIR"
	printf '%s\t%d\n' a 1000 b 1000 c 1000 d 1000 >old
	printf '%s\t%d\n' a 1049 b 951 c 1000 d 1000 >good
	[ -z "$(compare old good)" ]
	printf '%s\t%d\n' a 1051 b 949 c 0 d 1000 >bad
	[ "$(compare old bad)" = 'a: 1051, not 1000 (+5.1 %)
b: 949, not 1000 (-5.1 %)
c: 0, not 1000 (-100.0 %)' ]
	head -n 3 old >few
	[ "$(compare old few)" = '4 figures, 3 counts' ]
	[ "$(compare few old)" = 'd: 1000, not 0 (+0.0 %)
3 figures, 4 counts' ]
	: >none
	[ "$(compare old none)" = '4 figures, 0 counts' ]
}
