# SPDX-License-Identifier: ISC
# Disks without room.
load ../helper

@test "a full disk loses nothing and stops no reader" {
	TMPDIR=$BATS_TEST_TMPDIR python3 "$BATS_TEST_DIRNAME/full.py"
}
