# SPDX-License-Identifier: ISC
# Commands killed at random moments.
load ../helper

@test "SIGKILL loses nothing that was acknowledged" {
	TMPDIR=$BATS_TEST_TMPDIR python3 "$BATS_TEST_DIRNAME/kill.py" random
}

@test "SIGKILL while another command waits loses nothing of that one" {
	TMPDIR=$BATS_TEST_TMPDIR python3 "$BATS_TEST_DIRNAME/kill.py" waiting
}
