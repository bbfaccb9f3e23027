# SPDX-License-Identifier: ISC
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# fails STATUS TEXT CMD...: status, a piece of the message, nothing on stdout
fails() {
	local want=$1 text=$2
	shift 2
	run_split "$@"
	[ "$status" -eq "$want" ]
	[[ $errors == *"$text"* ]]
	[ -z "$output" ]
}

# plain CMD...: its output without CR
plain() {
	"$@" | tr -d '\r'
}

ada() {
	crm-add -q --create contact given=Ada family=Lovelace middle=B. \
		prefix=Dr. email=ada@x.org,b@y.org phone='+41 44 123 45 67' \
		org='Engines, Ltd; Co' dept=R tag=math,vip bday=1815-12-10 \
		note=$'line1\nline2' social=@@ada,https://x.com/ada source=web \
		gender=female street='Main 1' city=London country=UK \
		postcode=W1 url=https://ada.example lang=en ext=shop:1,x:2 \
		lifecycle=lead created=2026-01-02T03:04:05Z \
		updated=2026-02-02T03:04:05Z title=Countess role=Math >/dev/null
}

# ---- rows -----------------------------------------------------------------

@test "every stored field, tsv by default, a terminal or not" {
	ada
	run crm-export
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == "id${TAB}name${TAB}"*"${TAB}created${TAB}updated" ]]
	[[ ${lines[1]} == *'line1\nline2'* ]]
	[ "$(crm-export)" = "$(crm-find -f all)" ]
}

@test "what comes out goes in again" {
	ada
	crm-export | cut -f 2- >people.tsv
	crm-export org | cut -f 2- >orgs.tsv
	before=$(crm-export; crm-export org | cut -f 1-10)
	CRM_STORE=$PWD/other crm-add org - <orgs.tsv
	CRM_STORE=$PWD/other crm-add contact - <people.tsv
	[ "$(CRM_STORE=$PWD/other crm-export;
		CRM_STORE=$PWD/other crm-export org | cut -f 1-10)" = "$before" ]
}

@test "csv, json and jsonl, other kinds, queries, fields, order" {
	crm-add deal name='a, "b"' stage=won amount=5.50 >/dev/null
	crm-add deal name=c >/dev/null
	[ "$(crm-export -O csv -f id,name,amount deal stage=won)" = $'id,name,amount\nd1,"a, ""b""",5.50' ]
	[ "$(crm-export -O jsonl -f id,amount deal stage=won)" = '{"id":"d1","amount":5.50}' ]
	[ "$(crm-export -H -f id -s -id deals)" = $'d2\nd1' ]
	[ "$(crm-export -H -f id -l 1 deals)" = d1 ]
	[ "$(printf 'd2\nd1\n' | crm-export -H -f id -)" = $'d2\nd1' ]
	python3 -c 'import json,sys
d = json.load(sys.stdin)
assert [r["id"] for r in d] == ["d1", "d2"], d' <<<"$(crm-export -O json deal)"
	run_split crm-export -v deal
	[[ $errors == 'crm-export: '* ]]
}

@test "sensitive fields only when they are named" {
	crm-add field name=contact.debt sensitive=yes >/dev/null
	crm-add contact name=Ada debt=much >/dev/null
	[[ $(crm-export) != *much* ]]
	[[ $(crm-export -O vcard) != *much* ]]
	[ "$(crm-export -H -f debt)" = much ]
	[[ $(crm-export -f +debt | tail -n 1) == *much ]]
	[[ $(crm-export -f all) == *much* ]]
}

@test "no store, no records" {
	[ "$(crm-export -f id,name)" = "id${TAB}name" ]
	[ -z "$(crm-export -O vcard)" ]
	[ "$(plain crm-export -O ics | head -n 1)" = BEGIN:VCALENDAR ]
	[ "$(plain crm-export -O ics | tail -n 1)" = END:VCALENDAR ]
	[ ! -e "$CRM_STORE" ]
}

# ---- vCard ----------------------------------------------------------------

@test "vCard: every field is in it" {
	ada
	[ "$(plain crm-export -O vcard)" = 'BEGIN:VCARD
VERSION:4.0
KIND:individual
FN:Ada B. Lovelace
N:Lovelace;Ada;B.;Dr.;
EMAIL;PREF=1:ada@x.org
EMAIL:b@y.org
TEL:+41 44 123 45 67
ADR:;;Main 1;London;;W1;UK
ORG:Engines\, Ltd\; Co;R
TITLE:Countess
ROLE:Math
BDAY:18151210
GENDER:F
LANG:en
URL:https://ada.example
SOCIALPROFILE;VALUE=text:@ada
SOCIALPROFILE:https://x.com/ada
CATEGORIES:math,vip
NOTE:line1\nline2
X-CRM-LIFECYCLE:lead
X-CRM-SOURCE:web
X-CRM-EXT:shop:1,x:2
UID:urn:crm:c1
CREATED:20260102T030405Z
REV:20260202T030405Z
END:VCARD' ]
	[ "$(crm-export -O vcard | grep -vc $'\r$')" -eq 0 ]
}

@test "vCard: FN is there whatever is missing" {
	crm-add contact email=only@example.org >/dev/null
	crm-add contact city=Bern >/dev/null
	crm-add contact nick=Bob >/dev/null
	crm-add org name=Wind >/dev/null
	[ "$(plain crm-export -O vcard | grep ^FN)" = $'FN:only@example.org\nFN:c2\nFN:Bob' ]
	[ "$(plain crm-export -O vcf org | grep -E '^(FN|KIND|ORG)')" = $'KIND:org\nFN:Wind\nORG:Wind' ]
}

@test "vCard: fields of one's own, long lines, no injection" {
	crm-add field name=contact.shoe_size >/dev/null
	crm-add contact name=$'a\nEND:VCARD' shoe_size=42 \
		note="$(printf 'ü%.0s' $(seq 100))" >/dev/null
	plain crm-export -O vcard >out
	grep -qx 'X-CRM-SHOE-SIZE:42' out
	[ "$(grep -c '^END:VCARD' out)" -eq 1 ]
	[ "$(awk '{ if (length($0) > n) n = length($0) } END { print n }' out)" -le 75 ]
	[ "$(sed -n '/^NOTE/,/^[A-Z]*:/p' out | grep '^ ' | wc -l)" -ge 2 ]
	fails 2 'vcard is for contact and org' crm-export -O vcard deal
}

# ---- iCalendar ------------------------------------------------------------

@test "ics: tasks, all of their fields" {
	crm-add contact name='Ada L' >/dev/null
	crm-add task title='Call, then write' contact=c1 due=2026-03-31 \
		start=2026-03-01 priority=urgent tag=a,b note=x \
		created=2026-01-01T00:00:00Z updated=2026-01-02T00:00:00Z \
		status=doing url=https://x.example >/dev/null
	[ "$(plain crm-export -O ics task | sed -n '/VTODO/,/VTODO/p')" = 'BEGIN:VTODO
UID:t1@crm
DTSTAMP:20260102T000000Z
CREATED:20260101T000000Z
LAST-MODIFIED:20260102T000000Z
SUMMARY:Call\, then write
DESCRIPTION:x
DTSTART;VALUE=DATE:20260301
DUE;VALUE=DATE:20260331
STATUS:IN-PROCESS
PRIORITY:1
CONTACT:Ada L
CATEGORIES:a,b
URL:https://x.example
X-CRM-CONTACT:Ada L
END:VTODO' ]
}

# due FIELD=VALUE...: what stands about times in the component of a task
due() {
	local id
	id=$(crm-add task title=x "$@")
	plain crm-export -O ics task "$id" |
		grep -E '^(DTSTART|DUE|RRULE|COMPLETED|STATUS)' | tr '\n' ' '
}

@test "ics: days and moments are not mixed, repetition has a rule" {
	[ "$(due)" = 'STATUS:NEEDS-ACTION ' ]
	[ "$(due due=2026-03-05T10:00:00Z start=2026-03-01)" = 'DUE:20260305T100000Z STATUS:NEEDS-ACTION ' ]
	[ "$(due due=2026-03-05 start=2026-03-01T10:00:00Z)" = 'DTSTART;VALUE=DATE:20260301 DUE;VALUE=DATE:20260305 STATUS:NEEDS-ACTION ' ]
	[ "$(due due=2026-03-05 start=2026-03-05)" = 'DUE;VALUE=DATE:20260305 STATUS:NEEDS-ACTION ' ]
	[ "$(due due=2026-01-31 every=1m)" = 'DTSTART;VALUE=DATE:20260131 DUE;VALUE=DATE:20260131 RRULE:FREQ=MONTHLY;BYMONTHDAY=-1 STATUS:NEEDS-ACTION ' ]
	[ "$(due due=2026-03-02 every='2w on mo,th' start=2026-02-01)" = 'DTSTART;VALUE=DATE:20260302 DUE;VALUE=DATE:20260302 RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH STATUS:NEEDS-ACTION ' ]
	[ "$(due due=2026-03-02 every='after 6w')" = 'DUE;VALUE=DATE:20260302 STATUS:NEEDS-ACTION ' ]
	[ "$(due due=2026-03-02 status=done done=2026-03-01)" = 'DUE;VALUE=DATE:20260302 STATUS:COMPLETED COMPLETED:20260301T000000Z ' ]
}

@test "ics: planned activities; others when the kind is named" {
	crm-add activity type=meeting status=planned subject=Plan \
		start='2026-03-05T10:00:00Z' duration=90 body=$'a\nb' >/dev/null
	crm-add activity type=visit status=planned start=2026-03-06 \
		subject=Tour end=2026-03-07 >/dev/null
	crm-add activity type=call start=2026-01-01 subject=Old >/dev/null
	crm-add activity type=call status=planned subject=Never >/dev/null
	crm-add task title=Do due=2026-03-05 >/dev/null
	run_split crm-export -O ics
	[ "$status" -eq 0 ]
	[ "$errors" = 'crm-export: 1 activity without a start left out' ]
	[ "$(grep -c BEGIN:VEVENT <<<"$output")" -eq 2 ]
	[ "$(grep -c BEGIN:VTODO <<<"$output")" -eq 1 ]
	[[ $output == *'DURATION:PT90M'* ]]
	[[ $output == *'SUMMARY:Tour'* ]]
	[[ $output == *'DTEND;VALUE=DATE:20260308'* ]]
	[[ $output == *'DESCRIPTION:a\nb'* ]]
	[ "$(crm-export -q -O ics activity | grep -c BEGIN:VEVENT)" -eq 3 ]
	[ "$(crm-export -O ics activity status=held | grep -c STATUS:CONFIRMED)" -eq 1 ]
	[ "$(printf 'a1\nt1\na3\n' | crm-export -O ics - | grep -c 'BEGIN:V[ET]')" -eq 3 ]
	fails 2 'ics is for task and activity' crm-export -O ics contact
	crm-add contact name=x >/dev/null
	run_split sh -c 'echo c1 | crm-export -O ics -'
	[ "$status" -eq 65 ]
	[[ $errors == *'c1 is no task'* ]]
}

@test "ics: a query for both kinds stays within the planned" {
	crm-add activity subject=x status=planned start=2026-03-05 tag=x >/dev/null
	crm-add activity subject=y status=held start=2026-03-05 tag=y >/dev/null
	crm-add task title=t tag=y >/dev/null
	[ "$(crm-export -O ics tag=x or tag=y | grep -c BEGIN:VEVENT)" -eq 1 ]
	[ "$(crm-export -O ics tag=x or tag=y | grep -c BEGIN:VTODO)" -eq 1 ]
}

# ---- refusals and output --------------------------------------------------

@test "wrong calls" {
	fails 2 "-O: unknown format 'xml'; take tsv, csv, json, jsonl, " \
		crm-export -O xml
	fails 2 '-f: ics has its own properties' crm-export -O ics -f id
	fails 2 '-f: vcard has its own properties' crm-export -O vcard -f id
	fails 2 "did you mean 'name'" crm-export -f nmae
	fails 2 "did you mean 'city'" crm-export citty=x
	fails 2 "did you mean 'city'" crm-export -O vcard citty=x
	fails 1 'c9' sh -c 'echo c9 | crm-export -'
}

@test "a full disk: the old file is still there" {
	crm-add contact name=Ada >/dev/null
	echo old >out
	crm-export -O vcard -o out
	grep -q 'FN:Ada' out
	[ "$(stat -c %a out)" = "$(printf %o $((0666 & ~$(umask))))" ]
	run_split crm-export -O vcard -o out citty=x
	[ "$status" -eq 2 ]
	grep -q 'FN:Ada' out
	[ -z "$(ls | grep part)" ]
	for format in tsv json vcard ics; do
		run_split crm-export -O $format -o /dev/full
		[ "$status" -eq 74 ]
		run_split sh -c "crm-export -O $format >/dev/full"
		[ "$status" -eq 74 ]
		run_split sh -c "crm-export -O $format >&-"
		[ "$status" -eq 74 ]
	done
	fails 74 'nowhere' crm-export -o nowhere/x
	fails 74 "Is a directory" crm-export -o .
}

@test "help" {
	run crm-export -h
	[ "$status" -eq 0 ]
	[[ $output == 'usage: crm-export '* ]]
	[ "${#lines[@]}" -le 24 ]
}
