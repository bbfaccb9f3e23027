# SPDX-License-Identifier: ISC
# Random operations and questions against sqlite3.
load ../helper

@test "after any operations the store equals the oracle" {
	TMPDIR=$BATS_TEST_TMPDIR python3 "$BATS_TEST_DIRNAME/oracle.py"
}
