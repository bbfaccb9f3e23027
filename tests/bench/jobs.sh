# SPDX-License-Identifier: ISC
# jobs: what is measured, a function each; see measure.sh for the words. dir and
# small are the folders of the data and of a tenth of it, set by run.

columns=ext,name,email,phone,street,postcode,city,country,lifecycle,tag
columns=$columns,created,value,note
fields=ext,name,email,phone,city,value,tag

# ---- answers, made comparable -----------------------------------------------

# The number and name of each contact, whatever else a line has; what a newline
# in a cell has broken off does not count.
who() {
	awk -F '\t' '$1 ~ /^old:[0-9]+$/ { print $1, $2 }'
}
first_cell() {
	grep -aoE '^(old|act):[0-9]+'
}
as_it_is() {
	cat
}
due_ours() {
	awk -F '\t' -v OFS='\t' '{ print $2, $6, $7 }'
}
due_plain() {
	awk -F '\t' -v OFS='\t' '{ print $1, $2, $3 }'
}
rfm_ours() {
	cut -f 1-7 | sed 's/^c//'
}
# How many activities a page shows.
shown() {
	grep -cE '^ *a(ct:)?[0-9]+[[:space:]]'
}
# Sqlite prints newlines and tabs as they are, so nobody's count.
flat_escaped() {
	sed 's/\\[tn]//g; s/\\\\/\\/g' | tr -d '\n\t'
}
flat() {
	tr -d '\n\t'
}
# Sqlite quotes what has a blank, too.
unquoted() {
	tr -d '"'
}
objects() {
	sed 's/^\[//; s/,$//; s/\]$//' |
		jq -r --arg columns "$columns" 'def text: if type == "array"
			then join(",") else . // "" end;
			[. as $record | $columns | split(",")[] |
			if . == "value" then $record.value | tonumber * 100 |
				round else $record[.] | text end] | @tsv'
}

# ---- start -------------------------------------------------------------------

job_start() {
	job 'start, -V' "$many"
	line ours crm-find 3 - crm-find -V
	line limit 'empty, dynamic' 1.5 - "$tool/empty"
	line limit 'empty, static' - - "$tool/empty-static"
	for command in crm-show crm-followup crm-segment crm-export; do
		line other "$command" - - "$command" -V
	done
	line peer sqlite3 0.4 - sqlite3 -version
	line peer mawk - - mawk 'BEGIN { }'
	line peer rg - - rg --version
	line peer git - - git --version
	line peer task - - task --version
	go
}

# ---- loads -------------------------------------------------------------------

# contact_lines: what both ways of loading contacts are beside
contact_lines() {
	prepare="rm -f '$work/load.mdb' '$work/load.mdb-lock'"
	line limit 'libcsv, LMDB, 3 indexes' 1.15 - "$tool/limit" load \
		"$dir/contacts.csv" "$work/load.mdb" contacts 1 2 3
	prepare="rm -f '$work/load.mdb' '$work/load.mdb-lock'"
	line limit 'libcsv, LMDB, 5 indexes' - - "$tool/limit" load \
		"$dir/contacts.csv" "$work/load.mdb" contacts 0 1 2 3 4
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
	prepare="rm -f '$work/load.mdb' '$work/load.mdb-lock'"
	line limit 'libcsv, sorted append' 1.5 - "$tool/limit" children \
		"$dir/$2.csv" "$work/load.mdb" "$2" 1
	cat >"$work/load.sql" <<END
pragma foreign_keys=on;
create table $2($3);
.import --csv --skip 1 "$dir/$2.csv" $2
create index $2_contact on $2(contact);
END
	prepare="rm -f '$work'/load.db*; cp '$dir/base.db' '$work/load.db'; sync"
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

# ---- one more ------------------------------------------------------------------

person='Jörg Beispiel' address=jb@beispiel.example company='Beispiel GmbH'
insert="insert into contacts(name, email, org) values('$person', '$address',"

# schema: the table and its indexes for single adds
schema() {
	cat <<'END'
create table contacts(id integer primary key, name, email, org);
create index contacts_name on contacts(name);
create index contacts_email on contacts(email);
create index contacts_org on contacts(org);
END
}

# task_home FOLDER: Taskwarrior keeps its tasks there
task_home() {
	rm -rf "$1"
	mkdir "$1"
	printf 'data.location=%s\nconfirmation=off\nverbose=nothing\n' \
		"$1" >"$1/rc"
	export TASKRC="$1/rc"
}

job_add() {
	rm -rf "$work"/add*
	schema | sqlite3 "$work/add.db"
	{
		schema
		echo 'pragma journal_mode=wal;'
	} | sqlite3 "$work/addw.db" >"$work/id"
	task_home "$work/task"
	sync
	job 'one durable crm-add' "$many"
	line ours crm-add 3 - crm-add -q -S "$work/add" --create contact \
		name="$person" email="$address" org="$company"
	line limit 'LMDB, 3 indexes, dynamic' 1.3 - "$tool/limit-dynamic" add \
		"$work/add.mdb" "$person" "$address" "$company"
	line limit 'LMDB, 3 indexes, static' - - "$tool/limit" add \
		"$work/adds.mdb" "$person" "$address" "$company"
	line peer 'sqlite3, delete' 0.45 - sqlite3 "$work/add.db" \
		"$insert '$company')"
	line peer 'sqlite3, wal' 0.45 - sqlite3 "$work/addw.db" \
		"$insert '$company')"
	line peer task 0.2 - task add "$person" due:2026-03-02
	go
}

# Into copies of the full stores, since the others read these.
job_add_full() {
	rm -rf "$work"/add*
	cp -r "$dir/store" "$work/add"
	cp -r "$small/store" "$work/add10"
	cp "$dir/s.db" "$work/add.db"
	cp "$dir/s.db" "$work/addw.db"
	sqlite3 "$work/addw.db" 'pragma journal_mode=wal' >"$work/id"
	"$tool/limit" load "$dir/contacts.csv" "$work/add.mdb" contacts 1 2 3
	sync
	job 'one durable crm-add, full store' "$many"
	line ours crm-add 3 - crm-add -q -S "$work/add" --create contact \
		name="$person" email="$address" org="$company"
	line limit 'LMDB, 3 indexes, dynamic' 1.3 - "$tool/limit-dynamic" add \
		"$work/add.mdb" "$person" "$address" "$company"
	line peer 'sqlite3, delete' 0.45 - sqlite3 "$work/add.db" "$insert 1)"
	line peer 'sqlite3, wal' 0.45 - sqlite3 "$work/addw.db" "$insert 1)"
	line growth 'crm-add, a tenth' 1.2 - crm-add -q -S "$work/add10" \
		--create contact name="$person" email="$address" \
		org="$company"
	go
	rm -rf "$work"/add*
}

# eight COMMAND: shell text of 8 processes that run it 100 times each
eight() {
	printf '%s' "p=0; while [ \$p -lt 8 ]; do (i=0; while [ \$i -lt 100 ]; " \
		"do $1 || exit 1; i=\$((i+1)); done) & p=\$((p+1)); done; wait;"
}

job_crowd() {
	job '8 processes x 100 crm-add' "$some"
	prepare="rm -rf '$work/crowd'"
	line ours crm-add 3 as_it_is sh -c "$(eight "crm-add -q -S \
$work/crowd --create contact name='$person' email=$address org='$company' \
>/dev/null") crm-find -S $work/crowd -i contact | wc -l"
	prepare="rm -f '$work/crowd.mdb' '$work/crowd.mdb-lock'"
	line limit 'LMDB, 3 indexes' 1.4 as_it_is sh -c "$(eight \
"$tool/limit-dynamic add $work/crowd.mdb '$person' $address '$company'") \
$tool/limit count $work/crowd.mdb"
	schema >"$work/schema.sql"
	prepare="rm -f '$work'/crowd.db*; { cat '$work/schema.sql'; echo \
'pragma journal_mode=wal;'; } | sqlite3 '$work/crowd.db' >'$work/id'"
	needs=sqlite3
	line peer 'sqlite3, wal' 0.65 as_it_is sh -c "$(eight "sqlite3 -cmd \
'.timeout 20000' $work/crowd.db \"$insert '$company')\"") \
sqlite3 $work/crowd.db 'select count(*) from contacts'"
	task_home "$work/tasks"
	prepare="rm -f '$work'/tasks/*.data" needs=task
	line peer task - as_it_is sh -c "$(eight "task add $person") \
grep -c . '$work/tasks/pending.data'"
	go
}

# ---- questions -----------------------------------------------------------------

# lookup WORD QUERY COLUMN VALUE SQL
lookup() {
	job "crm-find by $1" "$many"
	line ours crm-find 3 who crm-find -H -S "$dir/store" -f "$fields" "$2"
	line limit static 1.3 who "$tool/limit" get "$dir/limit.mdb" "$3" "$4"
	line limit dynamic - who "$tool/limit-dynamic" get "$dir/limit.mdb" \
		"$3" "$4"
	line peer sqlite3 0.6 who sqlite3 -tabs "$dir/s.db" \
		"select $fields from contacts where $5"
	[ "$1" = id ] ||
		line peer rg - who rg -F --no-line-number "$4" \
			"$dir/contacts.tsv"
	line growth 'crm-find, a tenth' 1.2 - \
		crm-find -H -S "$small/store" -f "$fields" "$2"
	go
}

# cell NUMBER COLUMN: of that contact
cell() {
	sed "$(($1 + 1))q;d" "$dir/contacts.tsv" | cut -f "$2"
}

job_find() {
	no=$((n / 4 * 3))
	his=$(cell "$no" 2)
	mail=$(cell "$no" 4)
	phone=$(cell "$no" 5)
	lookup e-mail "email=$mail" 3 "$mail" "email = '$mail'"
	lookup phone "phone=$phone" 4 "$phone" "phone = '$phone'"
	lookup id "id=c$no" id "$no" "id = $no"
	lookup name "name=$his" 1 "$his" "name = '$his'"
}

job_scan() {
	job 'filter scan' "$some"
	line ours crm-find 4 who crm-find -H -S "$dir/store" -f "$fields" \
		city=München 'value>50000'
	line limit 'LMDB, one thread' scan who "$tool/limit" scan \
		"$dir/limit.mdb" 7 München 12 50000
	line limit 'LMDB, two threads' - who "$tool/limit" scan \
		"$dir/limit.mdb" 7 München 12 50000 2
	line peer sqlite3 scan-peer who sqlite3 -tabs "$dir/s.db" \
		"select $fields from contacts where city = 'München' and value > 50000"
	line peer mawk - who mawk -F '\t' '$8 == "München" && $13 > 50000' \
		"$dir/contacts.tsv"
	[ -z "$duckdb" ] || line peer DuckDB - who node "$here/duck.js" \
		"$dir/d.db" "copy (select ext, name, email, phone, city, value, tag from contacts where city = 'München' and value > 50000) to '/dev/stdout' (delimiter '$tab', header false)"
	line growth 'crm-find, a tenth' 11 - crm-find -H -S "$small/store" \
		-f "$fields" city=München 'value>50000'
	go
}

job_name() {
	job 'name search, any case and accent' "$some"
	line ours crm-find 4 who crm-find -H -S "$dir/store" -f "$fields" \
		'name:jörg mü'
	line limit 'folded names in LMDB' 1.3 who "$tool/limit" name \
		"$dir/limit.mdb" 1 'jörg mü'
	line peer 'rg -i' 0.6 who rg -i --no-line-number 'jörg mü' \
		"$dir/contacts.tsv"
	line peer 'sqlite3 like, not right' - - sqlite3 -tabs "$dir/s.db" \
		"select $fields from contacts where name like '%jörg mü%'"
	go
}

# words WHAT KIND FIELDS FILTER FILE WORD FEW: who has a word, and one that is
# there as often at every size: that grows with the hits, not with the store
words() {
	job "free word, $1" "$some"
	line ours crm-find 8 "$4" crm-find -H -S "$dir/store" -f "$3" "$2" "$6"
	line peer 'rg -i' 0.2 "$4" rg -i --no-line-number "$6" "$5"
	go
	job "free word with few hits, $1" "$some"
	line ours crm-find 8 "$4" crm-find -H -S "$dir/store" -f "$3" "$2" "$7"
	line peer 'rg -i' - "$4" rg -i --no-line-number "$7" "$5"
	line growth 'crm-find, a tenth' 1.2 - crm-find -H -S "$small/store" \
		-f "$3" "$2" "$7"
	go
}
job_word() {
	words contacts contact ext,name who "$dir/contacts.tsv" wendeltreppe \
		querfeldein
	words activities activity ext,start,subject,body first_cell \
		"$dir/activities.tsv" treppenlift wünschelrute
}

due_sql="select t.due, c.name, t.title, 't' || t.id, 'task', 'c' || c.id,
	t.priority, cast(julianday('2026-03-02') - julianday(t.due) as integer)
	from tasks t join contacts c on c.id = t.contact
	where t.status = 'todo' and t.due <= '2026-03-02'
	order by t.due, case t.priority when 'urgent' then 0 when 'high' then 1
	when 'normal' then 2 else 3 end, t.id"

job_due() {
	job 'due today' "$some"
	line ours crm-followup 8 due_ours crm-followup -H -S "$dir/store"
	line limit 'due index, task, contact' 1 due_plain "$tool/limit" due \
		"$dir/limit.mdb" 2026-03-02
	line peer sqlite3 0.75 due_plain sqlite3 -tabs "$dir/s.db" "$due_sql"
	line peer mawk - - mawk -F '\t' \
		'$5 == "todo" && $4 <= "2026-03-02"' "$dir/tasks.tsv"
	go
	# Twenty at every size.
	job 'due long ago' "$many"
	line ours crm-followup 8 - crm-followup -H -S "$dir/store" \
		--until 2025-02-01
	line growth 'crm-followup, a tenth' 1.2 - \
		crm-followup -H -S "$small/store" --until 2025-02-01
	go
}

rfm_sql="with o as (select contact, count(*) n, max(issued) last,
	sum(cents) cents from orders group by contact),
	t as (select max(last) today from o)
	select contact, cast(julianday(today) - julianday(last) + 1 as integer),
	n, printf('%d.%02d', cents / 100, cents % 100),
	ntile(5) over (order by last, contact),
	ntile(5) over (order by n, contact),
	ntile(5) over (order by cents, contact) from o, t order by contact"
rfm_duck="with o as (select contact, count(*) n, max(issued) as last_day,
	sum(cents)::bigint cents from orders group by contact),
	t as (select max(last_day) today from o)
	select contact, today - last_day + 1, n, (cents / 100)::decimal(18, 2),
	ntile(5) over (order by last_day, contact),
	ntile(5) over (order by n, contact),
	ntile(5) over (order by cents, contact) from o, t order by contact"

job_segment() {
	job 'segment --rfm' "$some"
	line ours crm-segment 64 rfm_ours crm-segment -H -S "$dir/store" --rfm \
		--ties split
	line limit 'orders by contact' 1.5 as_it_is "$tool/limit" rfm \
		"$dir/limit.mdb"
	line peer sqlite3 - as_it_is sqlite3 -tabs "$dir/s.db" \
		"$rfm_sql"
	[ -z "$duckdb" ] || line peer DuckDB 0.3 as_it_is node \
		"$here/duck.js" "$dir/d.db" "copy ($rfm_duck) to '/dev/stdout' (delimiter '$tab', header false)"
	go
}

# pages COUNT ARGUMENT...: the page of the one with a thousand activities
pages() {
	count=$1
	shift
	line ours crm-show 4 shown crm-show -S "$dir/store" "$@" "c$((n / 2))"
	line limit 'one lookup, the rows' 2 shown "$tool/limit" show \
		"$dir/limit.mdb" "$((n / 2))" "$count"
	line peer sqlite3 - shown sqlite3 -tabs "$dir/s.db" "select * from \
contacts where id = $((n / 2)); select ext, start, type, direction, subject \
from activities where contact = $((n / 2)) order by start desc limit $count"
	go
}
job_show() {
	job 'crm-show, 10 of 1,000 activities' "$many"
	pages 10
	job 'crm-show, 1,000 activities' "$many"
	pages 1000 -l 1000
}

# path ROLE NAME TARGET FILTER STORE CONDITION: people with an open deal over
# 1000 in an industry
path() {
	line "$1" "$2" "$3" "$4" crm-find -H -S "$5" -f ext contact "$6" \
		'deal.amount>1000' deal.stage=new,qualified,proposal,negotiation
}

# The field sector says the same as industry, and was added with an index, as
# sqlite3 has one.
job_path() {
	for trade in energy amber; do
		job "query over a path, $trade" "$some"
		path ours crm-find 8 as_it_is "$dir/store" "org.sector=$trade"
		path other 'crm-find, no index' - as_it_is "$dir/store" \
			"org.industry=$trade"
		line peer sqlite3 0.5 as_it_is sqlite3 "$dir/s.db" "select \
distinct c.ext from deals d join contacts c on c.id = d.contact join orgs o on \
o.id = c.org where o.industry = '$trade' and d.amount > 1000 and d.stage in \
('new', 'qualified', 'proposal', 'negotiation')"
		# Of amber there is as much at every size.
		[ "$trade" = energy ] || path growth 'crm-find, a tenth' 1.2 - \
			"$small/store" "org.sector=$trade"
		go
	done
}

# ---- exports -------------------------------------------------------------------

# export_lines FORMAT FILTER OPTION: ours and the limit
export_lines() {
	line ours crm-export 4 "$2" crm-export "$3" -S "$dir/store" -O "$1" \
		-f "$columns" contact
	line limit "LMDB, $1" 1.3 "$2" "$tool/limit" export \
		"$dir/limit.mdb" "$1" 0:ext 1:name 3:email 4:phone 5:street \
		6:postcode 7:city 8:country 9:lifecycle 10:tag 11:created \
		12:value 13:note
}
export_duck() {
	[ -z "$duckdb" ] || line peer DuckDB 0.7 "$2" node "$here/duck.js" \
		"$dir/d.db" "copy (select $columns from contacts) to '/dev/stdout' ($1)"
}
job_export() {
	job 'export tsv' "$some"
	export_lines tsv flat_escaped -H
	line peer sqlite3 0.35 flat sqlite3 -tabs "$dir/s.db" \
		"select $columns from contacts"
	line growth 'crm-export, a tenth' 11 - crm-export -H \
		-S "$small/store" -O tsv -f "$columns" contact
	go
	job 'export csv' "$some"
	export_lines csv unquoted -H
	line peer sqlite3 0.35 unquoted sqlite3 -csv "$dir/s.db" \
		"select $columns from contacts"
	export_duck 'format csv, header false' unquoted
	go
	job 'export json lines' "$some"
	export_lines jsonl objects -q
	line peer sqlite3 0.35 objects sqlite3 -json "$dir/s.db" \
		"select $columns from contacts"
	export_duck 'format json' objects
	go
}

# ---- size ----------------------------------------------------------------------

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
