# SPDX-License-Identifier: ISC
# What crm-export -O sql writes is loaded by sqlite3 as it is. More is in
# sql.bats, with PostgreSQL.
load ../helper

same=$BATS_TEST_DIRNAME/../tools/sql-same.py

@test "random stores, value by value, in sqlite3" {
	for seed in $(seq 1 "$((${#SAN} ? 3 : 12))"); do
		rm -rf "$CRM_STORE"
		"$B/tools/random-store" "$CRM_STORE" "$seed"
		rm -f "$BATS_TEST_TMPDIR/db"
		crm-export -O sql >"$BATS_TEST_TMPDIR/all.sql"
		sqlite3 -bail "$BATS_TEST_TMPDIR/db" \
			<"$BATS_TEST_TMPDIR/all.sql"
		python3 "$same" sqlite "$BATS_TEST_TMPDIR/db"
	done
}
