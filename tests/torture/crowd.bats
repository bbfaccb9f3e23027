# SPDX-License-Identifier: ISC
# Many processes on one store.
load ../helper

@test "eight writers and two readers: none is lost, none is refused" {
	TMPDIR=$BATS_TEST_TMPDIR python3 "$BATS_TEST_DIRNAME/crowd.py" writers
}

@test "a reader paused in a pipe does not make the store grow" {
	TMPDIR=$BATS_TEST_TMPDIR python3 "$BATS_TEST_DIRNAME/crowd.py" reader
}
