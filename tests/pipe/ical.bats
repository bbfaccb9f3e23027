#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Calendars there and back: with todoman and khal, and with ourselves.
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	export TZ=Europe/Zurich LC_ALL=C.UTF-8
}

# A store with tasks and meetings of all sorts.
fill() {
	crm-add contact name='Ada L' email=ada@x.example >/dev/null
	crm-add contact name='Bob, Jr' >/dev/null
	crm-add org name=Engines ext=shop:7 >/dev/null
	crm-add field name=task.shoe_size >/dev/null
	crm-add deal name=Big contact=c1 >/dev/null
	crm-add task title='Call, then; write' contact=c1 due=2026-03-31 \
		start=2026-03-01 priority=urgent tag=a,b note=$'x\ny' \
		status=doing url=https://x.example lang=de owner=me \
		source=web ext=zz:1 shoe_size='4,2' deal=d1 re=o1 >/dev/null
	crm-add task title=m1 due=2026-01-31 every=1m status=waiting >/dev/null
	crm-add task title=m2 due='2026-03-05 00:30' priority=low \
		every='1w on th until 2026-12-31' \
		start='2026-03-01 10:00' >/dev/null
	crm-add task title=m3 due=2026-03-05 every='after 6w' \
		start='2026-03-01 10:00' done=2026-03-01 status=done >/dev/null
	crm-add task title=m4 due='2026-03-05 10:00' start=2026-03-05 \
		contact=c2 org=o1 priority=high >/dev/null
	crm-followup add --every 2w c1 +3d 'follow me' >/dev/null
	crm-add activity type=meeting status=planned subject=Plan \
		start='2026-03-05T10:00:00Z' duration=90 body=$'a\nb' \
		contact=c1,c2 note=nn >/dev/null
	crm-add activity type=visit status=held start=2026-03-06 \
		subject='Tour; Bern' end=2026-03-07 duration=5 >/dev/null
	crm-add activity type=call start=2026-01-01 body=Old \
		end='2026-01-01 13:00' sentiment=-2 msgid='a@b' >/dev/null
	crm-add activity subject=q start='2026-01-01 12:00' end=2026-01-01 \
		status=missed ext=ical:f-oo%2Cbar,w:2 >/dev/null
	crm-add activity subject=q2 start='2026-01-01 12:00' \
		end='2026-01-01 12:00' duration=30 status=held >/dev/null
}

# calendar FILE: everything as one calendar
calendar() {
	crm-export -O ics task >"$1"
	crm-export -O ics activity >>"$1"
}

# tables PREFIX: tasks and activities as they are stored
tables() {
	crm-export -O tsv task >"$1.task"
	crm-export -O tsv activity >"$1.activity"
}

# ---- with ourselves -------------------------------------------------------

@test "export and import into a fresh store: the same fields" {
	fill
	calendar all.ics
	tables old
	for kind in contact org deal; do
		crm-export -O tsv $kind >$kind.tsv
	done
	[ "$(wc -l <old.task)" -eq 7 ]
	[ "$(wc -l <old.activity)" -eq 6 ]
	export CRM_STORE=$BATS_TEST_TMPDIR/fresh
	crm-add field name=task.shoe_size >/dev/null
	for kind in contact org deal; do
		crm-import -q $kind $kind.tsv
	done
	crm-import -q all.ics
	tables new
	cut -f2- old.activity | cmp - <(cut -f2- new.activity)
	cmp old.task new.task
	calendar again.ics
	cmp all.ics again.ics
}

@test "the same again changes nothing" {
	fill
	calendar all.ics
	tables old
	crm-import -q all.ics
	tables new
	cmp old.task new.task
	cmp old.activity new.activity
}

@test "others keep the numbers of their records: nobody else's person" {
	fill
	calendar all.ics
	export CRM_STORE=$BATS_TEST_TMPDIR/fresh
	run_split crm-import all.ics
	[ "$status" -eq 65 ]
	[[ $errors == *"contact: no contact"* || $errors == *"'ada@x.example'"* ]]
	[ "$(crm-find task -H | wc -l)" -eq 0 ]
}

# ---- todoman --------------------------------------------------------------

todo() {
	todoman -c todo.py "$@"
}

todo_setup() {
	mkdir -p lists/crm
	cat >todo.py <<-EOF
		path = "$PWD/lists/*"
		date_format = "%Y-%m-%d"
		time_format = "%H:%M"
		default_list = "crm"
		cache_path = "$PWD/cache.sqlite3"
	EOF
}

# todo_fill: one file a task, as todoman wants it
todo_fill() {
	local id
	for id in $(crm-find -i task); do
		echo "$id" | crm-export -O ics - >"lists/crm/$id.ics"
	done
}

@test "todoman reads our tasks" {
	fill
	todo_setup
	todo_fill
	todo --porcelain list --status ANY | jq -r 'sort_by(.summary) | .[] |
		[.summary, .priority, (.due | todate), .completed] | @tsv' >out
	printf '%s\t%s\t%s\t%s\n' \
		'Call, then; write' 1 2026-03-30T22:00:00Z false \
		'follow me' 5 2026-03-04T23:00:00Z false \
		m1 5 2026-01-30T23:00:00Z false \
		m2 9 2026-03-04T23:30:00Z false \
		m3 5 2026-03-04T23:00:00Z true \
		m4 3 2026-03-05T09:00:00Z false >want
	diff want out
	[ "$(todo --porcelain list --status ANY | jq -r '.[] | select(.priority == 1).description')" = $'x\ny' ]
}

@test "what todoman changes comes back, and the rest stays" {
	fill
	todo_setup
	todo_fill
	tables old
	id=$(todo --porcelain list --status ANY | jq '.[] | select(.summary == "Call, then; write").id')
	todo edit --due '2026-04-02' --priority low "$id" >/dev/null
	todo done "$id" >/dev/null
	# Without the key it is a question of whose t1 that is.
	run_split crm-import lists/crm/t1.ics
	[ "$status" -eq 65 ]
	[[ $errors == *'-k id'* ]]
	crm-import -q -k id lists/crm/*.ics
	[ "$(crm-find -H task -f title,status,priority,due,contact,lang,shoe_size id=t1)" = \
		"Call, then; write${TAB}done${TAB}low${TAB}2026-04-02${TAB}c1${TAB}de${TAB}4,2" ]
	[ -n "$(crm-find -H task -f done id=t1)" ]
	tables new
	cmp <(grep -v ^t1 old.task) <(grep -v ^t1 new.task)
}

@test "tasks that todoman made" {
	todo_setup
	todo new -l crm -d '2026-03-09 10:00' --priority high 'Buy, new; thing' >/dev/null
	todo new -l crm -d 2026-03-10 plain >/dev/null
	for i in 1 2; do
		crm-import -q lists/crm/*.ics
		[ "$(crm-find -H task -f due,title,priority,status -s due)" = \
			"2026-03-09T09:00:00Z${TAB}Buy, new; thing${TAB}high${TAB}todo
2026-03-10${TAB}plain${TAB}normal${TAB}todo" ]
	done
}

# ---- khal -----------------------------------------------------------------

khal_setup() {
	mkdir -p khal
	cat >khal.conf <<-EOF
		[calendars]
		[[crm]]
		path = $PWD/khal
		[locale]
		timeformat = %H:%M
		dateformat = %Y-%m-%d
		longdateformat = %Y-%m-%d
		datetimeformat = %Y-%m-%d %H:%M
		longdatetimeformat = %Y-%m-%d %H:%M
		local_timezone = Europe/Zurich
		default_timezone = Europe/Zurich
		[sqlite]
		path = $PWD/khal.db
		[default]
		default_calendar = crm
	EOF
}

@test "khal reads our meetings" {
	fill
	khal_setup
	crm-export -q -O ics activity >all.ics
	khal -c khal.conf import --batch all.ics
	khal -c khal.conf list --day-format '' --once \
		--format '{uid}|{title}|{start}|{end}|{status}|{all-day}' \
		2026-01-01 2026-04-01 | grep . | sort >out
	cat >want <<-'EOF'
		a1@crm|Plan|2026-03-05 11:00|2026-03-05 12:30|TENTATIVE |False
		a2@crm|Tour; Bern|2026-03-06|2026-03-07|CONFIRMED |True
		a3@crm|call|2026-01-01|2026-01-01|CONFIRMED |True
		a5@crm|q2|2026-01-01 12:00|2026-01-01 12:30|CONFIRMED |False
		f-oo,bar|q|2026-01-01 12:00|2026-01-01 13:00|CANCELLED |False
	EOF
	diff want out
	[ "$(khal -c khal.conf list --day-format '' --format '{description}' 2026-03-05 1d | grep .)" = $'a\nb' ]
}

@test "meetings that khal made" {
	khal_setup
	khal -c khal.conf new -a crm -l 'https://zoom.us/j/1' 2026-03-09 10:00 11:30 'Call Ada; soon' :: 'some text'
	khal -c khal.conf new -a crm -g 'x,y' 2026-03-10 2026-03-12 Fair
	khal -c khal.conf new -a crm -r weekly 2026-03-11 08:00 08:30 Standup
	for i in 1 2; do
		run_split crm-import khal/*.ics
		[ "$status" -eq 0 ]
		[[ $errors == *'meetings that repeat, stored with their first date and the rule in the note: 1'* ]]
		crm-find -H activity -f start,end,subject,body,type,channel,tag,status -s start >out
		printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' \
			2026-03-09T09:00:00Z 2026-03-09T10:30:00Z 'Call Ada; soon' 'some text' meeting video '' planned \
			2026-03-10 2026-03-12 Fair '' meeting '' x,y planned \
			2026-03-11T07:00:00Z 2026-03-11T07:30:00Z Standup '' meeting '' '' planned >want
		diff want out
	done
	crm-find -H activity -f note subject=Standup | grep -q 'FREQ=WEEKLY'
}

# ---- what others write ----------------------------------------------------

@test "a calendar of a whole office, and people who are known" {
	crm-add contact name=Sam email=sam@company.example >/dev/null
	crm-import "$BATS_TEST_DIRNAME"/../data/ical/blankTzid.ics 2>err
	grep -q 'properties left out: 1 ATTACH' err
	[ "$(crm-find -H activity -f start,contact)" = \
		"2015-08-26T09:00:00Z${TAB}" ]
	crm-import -q "$BATS_TEST_DIRNAME"/../data/ical/guests.ics
	[ "$(crm-find -H activity -f contact,note ext=ical:guests@x.example)" = \
		"c1${TAB}organizer: Boss <boss@company.example>\\nattendee: Eve <eve@x.example>\\nlocation: Room 4" ]
}

@test "all samples are read or refused, and again change nothing" {
	for f in "$BATS_TEST_DIRNAME"/../data/ical/*.ics; do
		crm-import --keep-going "$f" >>out 2>&1 || [ $? -eq 1 ]
	done
	crm-find activity >one
	[ "$(wc -l <one)" -gt 15 ]
	for f in "$BATS_TEST_DIRNAME"/../data/ical/*.ics; do
		crm-import --keep-going "$f" >>out 2>&1 || [ $? -eq 1 ]
	done
	crm-find activity | cmp - one
}

@test "broken calendars: line, value, way out, and the others go on" {
	cat >x.ics <<-'EOF'
		BEGIN:VCALENDAR
		BEGIN:VTODO
		SUMMARY:a
		DUE:2006717T080000Z
		END:VTODO
		BEGIN:VTODO
		SUMMARY:b
		BEGIN:VTODO
		SUMMARY:c
		END:VTODO
		BEGIN:VTODO
		SUMMARY:d
	EOF
	run_split crm-import --keep-going x.ics
	[ "$status" -eq 1 ]
	[[ $errors == *"x.ics:4: DUE: '2006717T080000Z' is no day and no moment; write 20260302 or 20260302T143000Z"* ]]
	[[ $errors == *'x.ics:6: VTODO is not ended; add its END line'* ]]
	[[ $errors == *'x.ics:11: VTODO is cut off by the end of the input; get the whole file'* ]]
	[ "$(crm-find -H task -f title)" = c ]
	printf 'hello: world\n' >y.ics
	fails=0
	crm-import -O ics y.ics 2>err || fails=$?
	[ "$fails" -eq 65 ]
	grep -q 'no calendar: it does not start with BEGIN:VCALENDAR' err
}
