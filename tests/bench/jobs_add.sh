# SPDX-License-Identifier: ISC
# jobs_add: one record more, and many who add at once.

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
	printf '%s' "p=0; while [ \$p -lt 8 ]; do " \
		"(i=0; while [ \$i -lt 100 ]; " \
		"do $1 || exit 1; i=\$((i+1)); done) & p=\$((p+1)); done; wait;"
}

job_crowd() {
	job '8 processes x 100 crm-add' "$some"
	prepare="rm -rf '$work/crowd'"
	line ours crm-add 3 as_it_is sh -c "$(eight "crm-add -q -S \
'$work/crowd' --create contact name='$person' email=$address org='$company' \
>/dev/null") crm-find -S '$work/crowd' -i contact | wc -l"
	prepare="rm -f '$work/crowd.mdb' '$work/crowd.mdb-lock'"
	line limit 'LMDB, 3 indexes' 1.4 as_it_is sh -c "$(eight \
"'$tool/limit-dynamic' add '$work/crowd.mdb' '$person' $address '$company'") \
'$tool/limit' count '$work/crowd.mdb'"
	schema >"$work/schema.sql"
	prepare="rm -f '$work'/crowd.db*; { cat '$work/schema.sql'; echo \
'pragma journal_mode=wal;'; } | sqlite3 '$work/crowd.db' >'$work/id'"
	needs=sqlite3
	line peer 'sqlite3, wal' 0.65 as_it_is sh -c "$(eight "sqlite3 -cmd \
'.timeout 20000' '$work/crowd.db' \"$insert '$company')\"") \
sqlite3 '$work/crowd.db' 'select count(*) from contacts'"
	go
}
