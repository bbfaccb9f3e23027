# SPDX-License-Identifier: ISC
# What crm-export -O sql writes is loaded by sqlite3 and by PostgreSQL as it
# is, and both hold what the store holds.
load ../helper

same=$BATS_TEST_DIRNAME/../tools/sql-same.py

# A PostgreSQL of our own: it does not run as root, and its socket wants a
# short path.
setup_file() {
	PG=$(mktemp -d /tmp/crm-pg.XXXXXX)
	PGBIN=$(find /usr/lib/postgresql -name initdb -exec dirname {} \; |
		sort -V | tail -n 1)
	as=
	if [ "$(id -u)" -eq 0 ]; then
		chown nobody "$PG"
		as="setpriv --reuid=nobody --regid=nogroup --clear-groups"
	fi
	export PG PGBIN as PGTZ=UTC
	cd "$PG" || return 1
	$as env LC_ALL=C "$PGBIN/initdb" -D "$PG/data" -U crm -A trust -E UTF8 \
		-N >"$PG/init" 2>&1
	$as env LC_ALL=C "$PGBIN/pg_ctl" -D "$PG/data" -w -s -l "$PG/log" \
		-o "-c listen_addresses= -c fsync=off -k $PG" start
}

teardown_file() {
	cd "$PG" || return 1
	$as "$PGBIN/pg_ctl" -D "$PG/data" -w -s -m immediate stop
	cd / && rm -rf "$PG"
}

# psql into the database DB
pg() {
	db=$1
	shift
	psql -X -q -At -v ON_ERROR_STOP=1 "host=$PG user=crm dbname=$db" "$@"
}

# The store as it is, into a new database of both.
load_both() {
	crm-export -O sql >"$BATS_TEST_TMPDIR/all.sql"
	rm -f "$BATS_TEST_TMPDIR/db"
	sqlite3 -bail "$BATS_TEST_TMPDIR/db" <"$BATS_TEST_TMPDIR/all.sql"
	pg postgres -c 'DROP DATABASE IF EXISTS crm' -c 'CREATE DATABASE crm'
	pg crm -f "$BATS_TEST_TMPDIR/all.sql"
}

compare_both() {
	python3 "$same" sqlite "$BATS_TEST_TMPDIR/db"
	python3 "$same" psql "host=$PG user=crm dbname=crm"
}

# both SQL: what both answer, which must be the same
both() {
	sqlite3 "$BATS_TEST_TMPDIR/db" "$1" >"$BATS_TEST_TMPDIR/one"
	pg crm -c "$1" >"$BATS_TEST_TMPDIR/two"
	diff "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two"
	cat "$BATS_TEST_TMPDIR/one"
}

@test "customers, orders and lists are queried in both" {
	crm-add -q org name="Meier's" city=Bern
	crm-add -q contact name='Anna "A" Meier' org=o1 \
		email=anna@example.org,am@example.com tag=vip
	crm-add -q contact name=Ben tag=vip,new bday=1980-05-17
	crm-add -q order contact=c1 total=12.50 issued=2026-03-01
	crm-add -q order contact=c1 total=7.25 issued=2026-03-02
	load_both
	compare_both
	[ "$(both 'SELECT c."name", sum(r."total") FROM "order" r
		JOIN contact c ON c.id = r.contact GROUP BY c."name"')" = \
		'Anna "A" Meier|19.75' ]
	[ "$(both "SELECT id, value FROM contact_email ORDER BY position")" = \
		'c1|anna@example.org
c1|am@example.com' ]
	[ "$(both "SELECT count(*) FROM contact_tag WHERE value = 'vip'")" = 2 ]
	[ "$(both "SELECT name FROM contact WHERE bday < '1990-01-01'")" = Ben ]
	[ "$(both "SELECT name FROM org")" = "Meier's" ]
	[ "$(both "SELECT count(*) FROM task")" = 0 ]
}

@test "a value that differs would be found" {
	crm-add -q contact name=A tag=x,y
	load_both
	sqlite3 "$BATS_TEST_TMPDIR/db" "UPDATE contact_tag SET value = 'z'
		WHERE position = 2"
	pg crm -c "UPDATE contact SET name = 'B'"
	run python3 "$same" sqlite "$BATS_TEST_TMPDIR/db"
	[ "$status" -eq 1 ]
	run python3 "$same" psql "host=$PG user=crm dbname=crm"
	[ "$status" -eq 1 ]
}

@test "types are those of the fields" {
	crm-add -q field name=contact.member type=bool
	crm-add -q field name=contact.budget type=decimal
	crm-add -q contact name=A member=yes budget=1000000000000.123456789 \
		sympathy=5
	crm-add -q contact name=B member=no
	load_both
	[ "$(both "SELECT name FROM contact WHERE member")" = A ]
	[ "$(both "SELECT name FROM contact WHERE NOT member")" = B ]
	[ "$(both "SELECT sympathy + 1 FROM contact WHERE name = 'A'")" = 6 ]
	[ "$(pg crm -c 'SELECT budget + 1 FROM contact WHERE member')" = \
		1000000000001.123456789 ]
	[ "$(pg crm -c "SELECT data_type FROM information_schema.columns
		WHERE table_name = 'contact' AND column_name IN
		('bday', 'created') ORDER BY 1")" = 'date
timestamp with time zone' ]
}

@test "sensitive fields stay at home" {
	crm-add -q field name=contact.secret sensitive=yes
	crm-add -q contact name=A secret=hushhush
	load_both
	run grep -c hushhush "$BATS_TEST_TMPDIR/all.sql"
	[ "$output" = 0 ]
}

@test "names that a database has itself, or that two tables would have" {
	crm-add -q kind name=pg_class
	crm-add -q kind name=sqlite_master
	crm-add -q kind name=contact_email
	crm-add -q kind name=select
	crm-add -q field name=select.ctid
	crm-add -q field name=select.xmin type=int list=yes
	crm-add -q field name=select.from
	long=$(printf 'l%.0s' $(seq 1 47))
	crm-add -q kind name="$long" prefix=lo
	crm-add -q field name="$long.${long}a" list=yes
	crm-add -q field name="$long.${long}b" list=yes
	crm-add -q pg_class note=one
	crm-add -q sqlite_master note=two
	crm-add -q contact_email note=three
	crm-add -q contact name=A email=a@example.org
	crm-add -q select ctid=x xmin=1,2 from=y
	crm-add -q "$long" "${long}a=1,2" "${long}b=3"
	load_both
	[ "$(both 'SELECT note FROM "_pg_class"')" = one ]
	[ "$(both 'SELECT note FROM "_sqlite_master"')" = two ]
	[ "$(both 'SELECT note FROM contact_email')" = three ]
	[ "$(both 'SELECT value FROM "contact.email"')" = a@example.org ]
	[ "$(both 'SELECT "ctid_", "from" FROM "select"')" = 'x|y' ]
	[ "$(both 'SELECT sum(value) FROM "select_xmin"')" = 3 ]
}

@test "one kind, a query, an empty store" {
	crm-add -q contact name=A city=Bern
	crm-add -q contact name=B city=Thun
	crm-export -O sql contact city=Bern >"$BATS_TEST_TMPDIR/some.sql"
	sqlite3 -bail "$BATS_TEST_TMPDIR/some" <"$BATS_TEST_TMPDIR/some.sql"
	[ "$(sqlite3 "$BATS_TEST_TMPDIR/some" 'SELECT name FROM contact')" = A ]
	run sqlite3 "$BATS_TEST_TMPDIR/some" 'SELECT * FROM org'
	[ "$status" -ne 0 ]
	CRM_STORE=$BATS_TEST_TMPDIR/none
	load_both
	[ "$(both 'SELECT count(*) FROM contact')" = 0 ]
}

@test "texts that would break out of a statement" {
	crm-add -q contact name="'); DROP TABLE contact; --" \
		nick="\\'; SELECT 1; --" note='a
.quit
go
/
\q
:name $1 $$ end'
	load_both
	compare_both
	[ "$(both "SELECT nick FROM contact")" = "\\'; SELECT 1; --" ]
}

@test "more rows than one statement takes" {
	seq 1 1700 | sed 's/.*/name&\tred&,blue/; 1i name\ttag' |
		sed 's/\\t/\t/' >"$BATS_TEST_TMPDIR/in"
	crm-add -q contact - <"$BATS_TEST_TMPDIR/in"
	load_both
	[ "$(both 'SELECT count(*) FROM contact')" = 1700 ]
	[ "$(both 'SELECT count(*) FROM contact_tag')" = 3400 ]
	compare_both
}

@test "random stores, value by value, in PostgreSQL" {
	for seed in 101 102 103; do
		rm -rf "$CRM_STORE"
		"$B/tools/random-store" "$CRM_STORE" "$seed"
		load_both
		compare_both
	done
}
