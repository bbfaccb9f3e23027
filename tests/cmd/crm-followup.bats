# SPDX-License-Identifier: ISC
# crm-followup: what is due; tasks added, closed, moved, cancelled, repeated.
# Today is Monday 2026-03-02, noon.
load ../helper

setup() {
	crm-add contact name='Ada Lovelace' email=ada@example.org city=Bern
	crm-add contact name=Bob city=Chur
	crm-add org name='Engine Works' industry=energy
}

field() {
	crm-find -H -f "$2" - <<<"$1"
}

# due [ARGUMENT...]: ids of what is due
due() {
	crm-followup -i "$@" | tr '\n' ' '
}

@test "nothing due: nothing printed, status 0, also without a store" {
	run crm-followup
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	run crm-followup -S "$BATS_TEST_TMPDIR/none"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ ! -e "$BATS_TEST_TMPDIR/none" ]
	crm-followup add c1 tomorrow 'not yet'
	run crm-followup
	[ -z "$output" ]
	run crm-followup -e
	[ "$status" -eq 1 ]
	run crm-followup -O json
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "a task is due to the end of its day" {
	run_split crm-followup add ada@example.org today 'Call back'
	[ "$status" -eq 0 ]
	[ "$output" = t1 ]
	[ -z "$errors" ]
	run crm-followup
	[ "${lines[0]}" = "id${TAB}due${TAB}what${TAB}contact${TAB}org${TAB}name${TAB}title${TAB}priority${TAB}overdue" ]
	[ "${lines[1]}" = "t1${TAB}2026-03-02${TAB}task${TAB}c1${TAB}${TAB}Ada Lovelace${TAB}Call back${TAB}normal${TAB}" ]
	[ "${#lines[@]}" -eq 2 ]
	crm-followup add c2 '2026-03-02 23:30' Late
	crm-followup add c2 '2026-03-03 00:00' Tomorrow
	[ "$(due)" = 't1 t2 ' ]
	[ "$(due --until tomorrow)" = 't1 t2 t3 ' ]
	[ "$(due --until '2026-03-02 23:00')" = 't1 ' ]
}

@test "a day ends where the user is" {
	crm-add task title=Early contact=c1 due=2026-03-02T23:30:00Z
	crm-add task title=Next contact=c1 due=2026-03-03T09:59:59Z
	[ "$(due)" = 't1 ' ]
	# In Zurich 23:30Z is tomorrow; in Hawaii the day ends at 10:00Z.
	[ "$(TZ=CET-1 due)" = '' ]
	[ "$(TZ=HST10 CRM_TODAY='2026-03-02 12:00' due)" = 't1 t2 ' ]
}

@test "overdue days, sorted by due, priority, id" {
	crm-add task title=old contact=c1 due=2026-02-20
	crm-add task title=low contact=c1 due=2026-02-25 priority=low
	crm-add task title=urgent contact=c1 due=2026-02-25 priority=urgent
	crm-add task title=normal contact=c1 due=2026-02-25
	crm-add task title=normal2 contact=c1 due=2026-02-25
	run crm-followup -H -f id,overdue
	[ "$output" = "t1${TAB}10
t3${TAB}5
t4${TAB}5
t5${TAB}5
t2${TAB}5" ]
	run crm-followup -i -l 2
	[ "$output" = "$(printf 't1\nt3')" ]
}

@test "closed tasks and those without a date are not due; -a shows the latter" {
	crm-add task title=someday contact=c1
	crm-add task title=done contact=c1 due=2026-02-01 status=done
	crm-add task title=later contact=c1 due=2027-01-01
	crm-add task title=closed contact=c1 status=cancelled
	[ "$(due)" = '' ]
	[ "$(due -a)" = 't3 t1 ' ]
}

@test "a cadence runs out" {
	crm-edit c1 every=30d
	[ "$(due)" = '' ]
	[ "$(CRM_TODAY=2026-04-01 due)" = 'c1 ' ]
	crm-log -d 2026-01-01 c1 talked
	crm-edit o1 every=2w
	crm-log -d 2026-02-01 o1 met
	run crm-followup -H
	[ "${lines[0]}" = "c1${TAB}2026-01-31${TAB}cadence${TAB}c1${TAB}${TAB}Ada Lovelace${TAB}every 30d${TAB}${TAB}30" ]
	[ "${lines[1]}" = "o1${TAB}2026-02-15${TAB}cadence${TAB}${TAB}o1${TAB}Engine Works${TAB}every 2w${TAB}${TAB}15" ]
	crm-log c1 'talked again'
	[ "$(due)" = 'o1 ' ]
	# Only what was held counts.
	crm-log -d '2026-03-02 18:00' o1 'shall meet'
	[ "$(due)" = 'o1 ' ]
}

@test "suppress ends the cadence, not the tasks" {
	crm-edit c1 every=30d suppress=yes
	crm-add task title=invoice contact=c1 due=2026-03-01
	[ "$(CRM_TODAY=2026-06-01 due)" = 't1 ' ]
}

@test "a query filters by the contact, an org or the task" {
	crm-edit c1 org=o1
	crm-add task title=a contact=c1 due=2026-03-01 owner=me
	crm-add task title=b contact=c2 due=2026-03-01
	crm-add task title=c org=o1 due=2026-03-01
	crm-add task title=d due=2026-03-01
	[ "$(due)" = 't1 t2 t3 t4 ' ]
	[ "$(due city=Bern)" = 't1 ' ]
	[ "$(due contact city=Chur)" = 't2 ' ]
	[ "$(due org industry=energy)" = 't1 t3 ' ]
	[ "$(due task owner=me)" = 't1 ' ]
	crm-edit c2 every=1d
	crm-log -d 2026-02-01 c2 hello
	[ "$(due task)" = 't1 t2 t3 t4 ' ]
	[ "$(due city=Chur)" = 'c2 t2 ' ]
	run_split crm-followup deal amount=3
	[ "$status" -eq 2 ]
	[[ $errors == *"'deal'"*"a contact, an org or a task"* ]]
	run_split crm-followup citty=Bern
	[ "$status" -eq 2 ]
	[[ $errors == *citty* ]]
}

@test "- keeps what concerns the records of the input" {
	crm-add task title=a contact=c1 due=2026-03-01
	crm-add task title=b contact=c2 due=2026-03-01
	crm-add task title=c org=o1 due=2026-03-01
	run bash -c 'printf "o1\nc2\n" | crm-followup -i -'
	[ "$output" = "$(printf 't2\nt3')" ]
	run bash -c 'crm-followup -i - </dev/null'
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "columns by name and by path" {
	crm-add contact name=Zoe phone='+41 31 123 45 67'
	crm-add task title=Ring contact=c3 due=2026-03-01 owner=me
	run crm-followup -H -f title,contact.phone,task.owner,org.name
	[ "$output" = "Ring${TAB}+41 31 123 45 67${TAB}me${TAB}" ]
	run_split crm-followup -f id,titel
	[ "$status" -eq 2 ]
	[[ $errors == *"no such column 'titel'"* ]]
	run crm-followup -O jsonl -f id,overdue
	[ "$output" = '{"id":"t1","overdue":1}' ]
}

# ---- add -------------------------------------------------------------------

@test "add: fields, text, many records" {
	run crm-followup add c1 +2d priority=high owner=me send the offer
	[ "$output" = t1 ]
	run field t1 title,due,priority,owner,contact,status
	[ "$output" = "send the offer${TAB}2026-03-04${TAB}high${TAB}me${TAB}c1${TAB}todo" ]
	run bash -c 'crm-find -i | crm-followup add - fri call'
	[ "$output" = "$(printf 't2\nt3')" ]
	crm-add deal name=Big contact=c2
	crm-followup add d1 fri ask
	run field t4 deal,contact
	[ "$output" = "d1${TAB}c2" ]
	crm-followup add c1 fri -- a=b
	run field t5 title
	[ "$output" = a=b ]
}

@test "add: a past date warns" {
	run_split crm-followup add c1 yesterday late
	[ "$status" -eq 0 ]
	[ "$output" = t1 ]
	[[ $errors == *"due Sun 2026-03-01 is past"* ]]
	run_split crm-followup -q add c1 yesterday late
	[ -z "$errors" ]
}

@test "add: refusals change nothing" {
	run_split crm-followup add c1 fri
	[ "$status" -eq 2 ]
	[[ $errors == *"write crm-followup add REF WHEN TEXT"* ]]
	run_split crm-followup add c1 soon call
	[ "$status" -eq 2 ]
	[[ $errors == *soon* ]]
	run_split crm-followup add c9 fri call
	[ "$status" -eq 1 ]
	[[ $errors == *c9* ]]
	run_split crm-followup add c1 fri nonsense=1 call
	[ "$status" -eq 2 ]
	[[ $errors == *nonsense*"put -- before a text"* ]]
	run_split crm-followup add c1 fri owner=me
	[ "$status" -eq 2 ]
	[[ $errors == *"no text"* ]]
	run_split crm-followup add --every 2w --after 3d c1 fri call
	[ "$status" -eq 2 ]
	[[ $errors == *"take one"* ]]
	run_split crm-followup add --every 2x c1 fri call
	[ "$status" -eq 2 ]
	[[ $errors == *2x* ]]
	run_split crm-followup -a add c1 fri call
	[ "$status" -eq 2 ]
	[[ $errors == *"not with add"* ]]
	run_split crm-followup -n add c1 fri call
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $errors == *"would add 1 task"* ]]
	run crm-find -H -i task
	[ -z "$output" ]
}

# ---- done, snooze, drop ----------------------------------------------------

@test "done closes" {
	crm-followup add c1 today call
	run_split crm-followup done t1
	[ "$status" -eq 0 ]
	[ -z "$output$errors" ]
	run field t1 status,done
	[ "$output" = "done${TAB}2026-03-02T12:00:00Z" ]
	[ "$(due)" = '' ]
	run_split crm-followup done t1
	[ "$status" -eq 0 ]
	[[ $errors == *"t1: closed before"* ]]
}

@test "done repeats without drift and without piling up" {
	run_split crm-followup add --every 1m c1 2025-10-31 report
	[ "$output" = t1 ]
	run field t1 every,anchor,serial
	[ "$output" = "1m${TAB}2025-10-31${TAB}1" ]
	run crm-followup done t1
	[ "$output" = t2 ]
	run field t2 title,contact,due,status,anchor,serial
	[ "$output" = "report${TAB}c1${TAB}2026-03-31${TAB}todo${TAB}2025-10-31${TAB}2" ]
	CRM_TODAY=2026-03-31 crm-followup done t2
	run field t3 due
	[ "$output" = 2026-04-30 ]
	CRM_TODAY=2026-04-30 crm-followup done t3
	run field t4 due
	[ "$output" = 2026-05-31 ]
	run crm-find -H -i task status=todo
	[ "$output" = t4 ]
}

@test "done early goes to the next date, not to the same again" {
	crm-followup add --every 1w c1 2026-03-06 weekly
	crm-followup done t1
	run field t2 due
	[ "$output" = 2026-03-13 ]
}

@test "--after counts from completion" {
	crm-followup -q add --after 6w c1 2026-02-01 check
	run field t1 every
	[ "$output" = 'after 6w' ]
	crm-followup done t1
	run field t2 due
	[ "$output" = 2026-04-13 ]
}

@test "a series ends" {
	crm-followup -q add --every '1w x2' c1 2026-02-23 twice
	run crm-followup done t1
	[ "$output" = t2 ]
	run crm-followup done t2
	[ -z "$output" ]
	crm-followup -q add --every '1w until 2026-03-05' c1 2026-02-26 short
	run crm-followup done t3
	[ "$output" = t4 ]
	run_split crm-followup done t4
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "time of day, start and fields go along; keys do not" {
	crm-followup -q add --every 1w c1 '2026-02-25 14:30' start=2026-02-24 \
		priority=high tag=x ext=cal:1 weekly
	crm-followup done t1
	run field t2 due,start,priority,tag,ext
	[ "$output" = "2026-03-04T14:30:00Z${TAB}2026-03-03${TAB}high${TAB}x${TAB}" ]
}

@test "the clock on the wall stays when summer time comes" {
	export TZ=CET-1CEST,M3.5.0,M10.5.0/3
	crm-followup -q add --every 1m c1 '2026-03-20 09:00' monthly
	CRM_TODAY=2026-03-20 crm-followup done t1
	run field t1 due
	[ "$output" = 2026-03-20T08:00:00Z ]
	run field t2 due
	[ "$output" = 2026-04-20T07:00:00Z ]
}

@test "a rule that cannot be read never gets in" {
	run_split crm-followup add c1 today every=sometimes odd
	[ "$status" -eq 65 ]
	[[ $errors == *every:*sometimes* ]]
	run_split crm-followup add --every 'on mo' c1 today odd
	[ "$status" -eq 2 ]
	run crm-find -H -i task
	[ -z "$output" ]
}

@test "snooze moves the date and not the series" {
	crm-add task title=monthly contact=c1 due=2026-02-28 every=1m
	run_split crm-followup snooze +1w t1
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	run field t1 due,anchor
	[ "$output" = "2026-03-09${TAB}2026-02-28" ]
	CRM_TODAY=2026-03-09 crm-followup done t1
	run field t2 due
	[ "$output" = 2026-03-28 ]
	run_split crm-followup snooze yesterday t2
	[ "$status" -eq 0 ]
	[[ $errors == *"is past"* ]]
	run_split crm-followup snooze fri t1
	[ "$status" -eq 65 ]
	[[ $errors == *"t1: the task is closed"* ]]
}

@test "drop cancels and ends the series" {
	crm-followup -q add --every 1w c1 2026-02-23 weekly
	run crm-followup drop t1
	[ -z "$output" ]
	run field t1 status,done
	[ "$output" = "cancelled${TAB}" ]
	run crm-find -H -i task
	[ "$output" = t1 ]
	run_split crm-followup drop t1
	[ "$status" -eq 0 ]
	[[ $errors == *"closed before"* ]]
}

@test "a whole list from a pipe, in one go" {
	for i in 1 2 3; do crm-followup add c1 today "call $i"; done
	run bash -c 'crm-followup task | crm-followup snooze tomorrow -'
	[ "$status" -eq 0 ]
	[ "$(due)" = '' ]
	run bash -c 'crm-find -i task | crm-followup done -'
	[ "$status" -eq 0 ]
	run crm-find -H -i task status=todo
	[ -z "$output" ]
}

@test "what is no task gets a hint, and nothing changes" {
	crm-followup add c1 today call
	run_split crm-followup done t1 c1
	[ "$status" -eq 2 ]
	[[ $errors == *"c1 is a contact, not a task"*"crm-log c1 TEXT"* ]]
	run_split crm-followup snooze fri t1 o1
	[ "$status" -eq 2 ]
	[[ $errors == *"o1 is an org, not a task"* ]]
	crm-add deal name=Big
	run_split crm-followup drop d1
	[ "$status" -eq 2 ]
	[[ $errors == *"d1 is a deal, not a task"* ]]
	run_split crm-followup done t1 t7
	[ "$status" -eq 1 ]
	[[ $errors == *t7* ]]
	run field t1 status,due
	[ "$output" = "todo${TAB}2026-03-02" ]
}

@test "a misspelt verb is no question" {
	crm-add contact name=Ada city=Bern >/dev/null
	crm-followup add c1 fri Call >/dev/null
	while read -r words; do
		run_split crm-followup $words
		echo "$words: $errors"
		[ "$status" -eq 2 ]
		[[ $errors == "crm-followup: unknown verb '${words%% *}'; there are add, done, drop, snooze"* ]]
		[ -z "$output" ]
	done <<-'EOT'
	dnoe t1
	close t1
	ad c1 fri x
	snoze fri t1
	list t1
	EOT
	[[ $errors != *'did you mean'* ]]
	# These are questions.
	for words in ada 'ada bern' 'not t1' 'task t1' ':done t1' 'c1 or t1' \
		'city=Bern t1' 'bern c1' 'ada or c1'; do
		run_split crm-followup $words
		echo "$words: $errors"
		[ "$status" -eq 0 ]
		[ -z "$errors" ]
	done
}

@test "verbs without records say what to write" {
	for verb in done drop 'snooze fri'; do
		run_split crm-followup $verb
		[ "$status" -eq 2 ]
		[[ $errors == *"no task; write crm-followup ${verb%% *}"* ]]
	done
	run_split crm-followup -n done t1
	[ "$status" -eq 1 ]
	crm-followup add c1 today call
	run_split crm-followup -n done t1
	[ "$status" -eq 0 ]
	[[ $errors == *"would close 1 task"* ]]
	[ "$(due)" = 't1 ' ]
}

@test "options that do not go together" {
	run_split crm-followup -a --until fri
	[ "$status" -eq 2 ]
	[[ $errors == *"leave out --until"* ]]
	run_split crm-followup --every 2w
	[ "$status" -eq 2 ]
	[[ $errors == *"go with crm-followup add"* ]]
	run_split crm-followup --every 2w done t1
	[ "$status" -eq 2 ]
	[[ $errors == *"go with crm-followup add"* ]]
	run_split crm-followup --until 2026-02-30
	[ "$status" -eq 2 ]
	[[ $errors == *2026-02-30* ]]
}
