# SPDX-License-Identifier: ISC
# Commands killed at random moments.
load ../helper

@test "SIGKILL loses nothing that was acknowledged" {
	TMPDIR=$BATS_TEST_TMPDIR python3 "$BATS_TEST_DIRNAME/kill.py"
}
