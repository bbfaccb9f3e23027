# SPDX-License-Identifier: ISC
# jobs_load: what fills a store, a function each; see measure.sh for the words.
# dir and small are the folders of the data and of a tenth of it, set by run.

# no_limit: shell text that removes what the limit makes
no_limit="rm -f '$work/load.mdb' '$work/load.mdb-lock'"

# contact_lines: what both ways of loading contacts are beside
contact_lines() {
	prepare=$no_limit
	line limit 'libcsv, LMDB, 3 indexes' 1.15 - "$tool/limit" load \
		"$dir/contacts.csv" "$work/load.mdb" contacts 1 2 3
	cat >"$work/load.sql" <<END
create table contacts(ext text primary key, name, org, email, phone, street,
	postcode, city, country, lifecycle, tag, created, value real, note);
.import --csv --skip 1 "$dir/contacts.csv" contacts
create index contacts_email on contacts(email);
create index contacts_org on contacts(org);
create index contacts_name on contacts(name);
END
	prepare="rm -f '$work'/load.db*" input=$work/load.sql
	line peer sqlite3 0.75 - sqlite3 "$work/load.db"
}

# same_lines: those who do what we do by default: five indexes, and a record
# for each org
same_lines() {
	prepare=$no_limit
	line limit 'libcsv, LMDB, 5 indexes' - - "$tool/limit" load \
		"$dir/contacts.csv" "$work/load.mdb" contacts 0 1 2 3 4
	cat >"$work/orgs.sql" <<END
pragma foreign_keys=on;
create table orgs(id integer primary key, name text unique);
create table contacts(id integer primary key, ext text unique, name,
	org integer references orgs(id), email, phone, street, postcode, city,
	country, lifecycle, tag, created, value real, note);
create temp table rows(ext, name, org, email, phone, street, postcode, city,
	country, lifecycle, tag, created, value, note);
.import --csv --skip 1 --schema temp "$dir/contacts.csv" rows
begin;
insert into orgs(name) select distinct org from rows;
insert into contacts select null, ext, rows.name, orgs.id, email, phone,
	street, postcode, city, country, lifecycle, tag, created, value, note
	from rows join orgs on orgs.name = rows.org order by rows.rowid;
create index contacts_email on contacts(email);
create index contacts_phone on contacts(phone);
create index contacts_org on contacts(org);
create index contacts_name on contacts(name);
commit;
END
	prepare="rm -f '$work'/load.db*" input=$work/orgs.sql
	line peer 'sqlite3, orgs as a table' - - sqlite3 "$work/load.db"
	# The same with an index of words, which ours has: neither places nor
	# lengths in it.
	{
		sed '$d' "$work/orgs.sql"
		cat <<END
create virtual table words using fts5(ext, name, email, street, postcode, city,
	country, note, content=contacts, content_rowid=id, detail=none,
	columnsize=0);
insert into words(rowid, ext, name, email, street, postcode, city, country,
	note) select id, ext, name, email, street, postcode, city, country, note
	from contacts;
create virtual table orgwords using fts5(name, content=orgs, content_rowid=id,
	detail=none, columnsize=0);
insert into orgwords(rowid, name) select id, name from orgs;
commit;
END
	} >"$work/words.sql"
	prepare="rm -f '$work'/load.db*" input=$work/words.sql
	line peer 'sqlite3, orgs and words' - - sqlite3 "$work/load.db"
}

# new_store FOLDER: shell text that makes it, with the field that is ours
new_store() {
	printf '%s' "rm -rf '$1'; crm-add -q -S '$1' field " \
		"name=contact.value type=decimal >'$work/id'"
}

job_load_contacts() {
	job 'load contacts, crm-add' "$long"
	prepare=$(new_store "$work/load") input=$dir/contacts.tsv
	line ours crm-add 300 - crm-add -q -S "$work/load" --create contact -
	contact_lines
	same_lines
	prepare=$(new_store "$work/load10") input=$small/contacts.tsv
	line growth 'crm-add, a tenth' 11 - \
		crm-add -q -S "$work/load10" --create contact -
	cut -f 1,2,4- "$dir/contacts.tsv" >"$work/alone.tsv"
	prepare=$(new_store "$work/load10") input=$work/alone.tsv
	line other 'crm-add, without orgs' - - \
		crm-add -q -S "$work/load10" contact -
	go
}

job_import_contacts() {
	cat >"$work/profile" <<'END'
profile bench
kind contact
key ext
columns
ext	ext
name	name
org	org.name
email	email
phone	phone
street	street
postcode	postcode
city	city
country	country
lifecycle	lifecycle
tag	tag
created	created
value	value
note	note
END
	job 'load contacts, crm-import' "$long"
	prepare=$(new_store "$work/load")
	line ours crm-import 300 - crm-import -q -S "$work/load" \
		--map "$work/profile" "$dir/contacts.csv"
	contact_lines
	go
}

# children KIND FILE COLUMN SQL-COLUMNS: a load of what refers to contacts
children() {
	job "load $2" "$long"
	prepare="rm -rf '$work/load'; cp -r '$dir/base' '$work/load'; sync"
	input=$dir/$2.tsv
	line ours "crm-add $1" 300 - crm-add -q -S "$work/load" "$1" -
	prepare=$no_limit
	line limit 'libcsv, sorted append' 1.5 - "$tool/limit" children \
		"$dir/$2.csv" "$work/load.mdb" "$2" 1
	cat >"$work/load.sql" <<END
pragma foreign_keys=on;
create table $2($3);
.import --csv --skip 1 "$dir/$2.csv" $2
create index $2_contact on $2(contact);
END
	prepare="rm -f '$work'/load.db*; cp '$dir/base.db' '$work/load.db'
sync"
	input=$work/load.sql
	line peer sqlite3 1 - sqlite3 "$work/load.db"
	go
}
job_load_orders() {
	children order orders 'ext text primary key,
		contact text references contacts(ext), issued, total real'
}
job_load_activities() {
	children activity activities 'ext text primary key,
		contact text references contacts(ext), start, type, channel,
		direction, sentiment, subject, body'
}

# ---- size

# The stores of contacts alone, with and without their journal.
job_size() {
	title='size of the store, contacts'
	size_line "$title" csv contacts.csv - "$dir/contacts.csv"
	size_line "$title" ours 'with journal' - "$dir/base/data.mdb"
	rm -rf "$work/size" "$work/size.mdb"
	crm-add -q -S "$work/size" field name=contact.value type=decimal \
		>"$work/id"
	crm-history -q -S "$work/size" keep -y none >"$work/id"
	crm-add -q -S "$work/size" --create contact - <"$dir/contacts.tsv" \
		>"$work/id"
	size_line "$title" ours 'without journal' - "$work/size/data.mdb"
	"$tool/limit" plain "$dir/contacts.csv" "$work/size.mdb" contacts 1 2 3
	size_line "$title" limit 'LMDB, 3 indexes' 1.1 "$work/size.mdb"
	! have sqlite3 ||
		size_line "$title" peer sqlite3 1.2 "$dir/base.db"
	rm -rf "$work/size" "$work"/size.mdb*
}
