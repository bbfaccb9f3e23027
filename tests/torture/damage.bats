# SPDX-License-Identifier: ISC
# Stores that a disk or a person has damaged.
load ../helper

@test "a damaged store is an error, never a wrong answer" {
	TMPDIR=$BATS_TEST_TMPDIR python3 "$BATS_TEST_DIRNAME/damage.py"
}
