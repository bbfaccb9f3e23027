# SPDX-License-Identifier: ISC
# jobs_ask: how a program starts, and questions to the store.

fields=ext,name,email,phone,city,value,tag

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
	# What of DuckDB's figures is node's.
	[ -z "$duckdb" ] || line peer node - - node -e 0
	go
}

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
	sql="select $fields from contacts
		where city = 'München' and value > 50000"
	line peer sqlite3 scan-peer who sqlite3 -tabs "$dir/s.db" "$sql"
	line peer mawk - who mawk -F '\t' '$8 == "München" && $13 > 50000' \
		"$dir/contacts.tsv"
	duck - who "$sql"
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
	duck 0.3 as_it_is "$rfm_duck"
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
