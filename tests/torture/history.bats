# SPDX-License-Identifier: ISC
# The git history: killed, crowded, littered.
load ../helper

@test "SIGKILL at random moments: store = journal = git" {
	TMPDIR=$BATS_TEST_TMPDIR python3 "$BATS_TEST_DIRNAME/history.py" random
}

@test "SIGKILL at calls that change something: store = journal = git" {
	TMPDIR=$BATS_TEST_TMPDIR python3 "$BATS_TEST_DIRNAME/history.py" planned
}

@test "two drains and a writer at once: no gap, no double" {
	TMPDIR=$BATS_TEST_TMPDIR python3 "$BATS_TEST_DIRNAME/history.py" crowd
}

@test "what was left by those who were killed is no obstacle" {
	TMPDIR=$BATS_TEST_TMPDIR python3 "$BATS_TEST_DIRNAME/history.py" leftovers
}
