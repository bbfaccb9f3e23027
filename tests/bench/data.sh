# SPDX-License-Identifier: ISC
# data: what run measures with: generated files, and the stores that are made of
# them before the clock starts. Each part is made once for a build.

# once STAMP KEY COMMAND...: runs COMMAND, unless STAMP says it was done for KEY
once() {
	stamp=$1 key=$2
	shift 2
	[ "$(cat "$stamp" 2>/dev/null)" != "$key" ] || return 0
	rm -f "$stamp"
	say "making $stamp"
	"$@"
	printf '%s\n' "$key" >"$stamp"
}

# key FILE...: one word for what is in the files
key() {
	cat "$@" | cksum | tr ' ' -
}

generated() {
	"$tool/generate" "$1" "$dir"
}

# The store with contacts alone, for loading the rest; then with all of it.
made_base() {
	rm -rf "$dir/base"
	crm-add -q -S "$dir/base" field name=contact.value type=decimal \
		>/dev/null
	crm-add -q -S "$dir/base" --create contact - <"$dir/contacts.tsv" \
		>/dev/null
}

made_store() {
	rm -rf "$dir/store"
	cp -r "$dir/base" "$dir/store"
	crm-add -q -S "$dir/store" field name=org.sector type=text index=yes \
		>/dev/null
	crm-import -q -S "$dir/store" -k name org "$dir/orgs.csv"
	for part in activity:activities order:orders task:tasks deal:deals; do
		crm-add -q -S "$dir/store" "${part%:*}" - \
			<"$dir/${part#*:}.tsv" >/dev/null
	done
}

made_limit() {
	rm -f "$dir/limit.mdb" "$dir/limit.mdb-lock"
	"$tool/limit" load "$dir/contacts.csv" "$dir/limit.mdb" contacts \
		0 1 2 3 4
	"$tool/limit" children "$dir/activities.csv" "$dir/limit.mdb" \
		activities 1
	"$tool/limit" children "$dir/orders.csv" "$dir/limit.mdb" orders 1
	"$tool/limit" tasks "$dir/tasks.csv" "$dir/limit.mdb" 3 4
}

# Whole numbers as keys and an index on whatever is asked for, those that
# answer alone (orders_contact) among them.
made_sqlite() {
	rm -f "$dir/s.db"
	for part in contacts orgs activities orders tasks deals; do
		printf '.import --csv "%s/%s.csv" in_%s\n' "$dir" "$part" \
			"$part"
	done >"$work/import.sql"
	sqlite3 "$dir/s.db" <<END
pragma journal_mode=off;
pragma synchronous=off;
.read $work/import.sql
.read $here/sqlite.sql
END
	sqlite3 "$dir/base.db" >/dev/null <<END
pragma journal_mode=off;
pragma synchronous=off;
drop table if exists contacts;
create table contacts(ext text primary key, name, org, email, phone, street,
	postcode, city, country, lifecycle, tag, created, value real, note);
.import --csv --skip 1 "$dir/contacts.csv" contacts
create index contacts_email on contacts(email);
create index contacts_org on contacts(org);
create index contacts_name on contacts(name);
END
}

made_duck() {
	rm -f "$dir/d.db"
	node "$here/duck.js" "$dir/d.db" \
		"create table contacts as
			select * replace (value::double as value)
			from read_csv('$dir/contacts.csv', all_varchar=true)" \
		"create table orders as
			select split_part(contact, ':', 2)::bigint as contact,
			issued::date as issued,
			(total::decimal(18, 2) * 100)::bigint as cents
			from read_csv('$dir/orders.csv', all_varchar=true)"
}

# data N [full]: sets dir, and makes what is missing there: ours, and with
# "full" what it is compared with
data() {
	dir=$top/$1
	mkdir -p "$dir"
	once "$dir/generated.done" "$(key "$tool/generate")" generated "$1"
	ours=$(key "$dir/generated.done" "$here/data.sh" "$B/bin/crm-add" \
		"$B/bin/crm-import")
	once "$dir/base.done" "$ours" made_base
	once "$dir/store.done" "$ours" made_store
	[ $# = 2 ] || return 0
	once "$dir/limit.done" "$(key "$dir/generated.done" "$tool/limit")" \
		made_limit
	sql=$(key "$dir/generated.done" "$here/sqlite.sql" "$here/data.sh")
	once "$dir/sqlite.done" "$sql" made_sqlite
	[ -z "$duckdb" ] || once "$dir/duck.done" "$sql" made_duck
}
