# SPDX-License-Identifier: ISC
# crm-history without the git history: log, show, diff, at, undo, keep.
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	export LOGNAME=anna
	unset USER
}

# fails STATUS TEXT CMD...: status, a piece of the message, nothing printed
fails() {
	local want=$1 text=$2
	shift 2
	run_split "$@"
	echo "$status: $errors: $output"
	[ "$status" -eq "$want" ]
	[[ $errors == *"$text"* ]]
	[ -z "$output" ]
}

# rows CMD...: without the header, tabs as blanks
rows() {
	"$@" | tail -n +2 | tr '\t' ' '
}

# everything, all fields of all kinds
all() {
	local k
	for k in $(crm-find -H -f name kind); do
		crm-find -f all "$k"
	done
}

people() {
	crm-add contact name=Ada city=Bern >/dev/null           # 1
	crm-add org name=Wind >/dev/null                        # 2
	crm-edit c1 city=Chur org=o1 -m 'moved on' >/dev/null   # 3
	LOGNAME=ben crm-add contact name=Zoe >/dev/null         # 4
	crm-rm c2                                               # 5
}

@test "what stands in the journal is UTF-8" {
	crm-add contact name=Ada >/dev/null
	before=$(crm-history log -H | wc -l)
	run_split crm-edit c1 -m $'bad \xff' city=Bern
	[ "$status" -eq 2 ]
	[[ $errors == *"-m: no UTF-8 at byte 5"* ]]
	[ "$(crm-history log -H | wc -l)" -eq "$before" ]
	LOGNAME=$'ad\xe4' crm-edit c1 -m 'gut für uns' city=Bern
	[ "$(crm-history log -H -f user,reason | tail -n 1)" = \
		"ad\\\\xe4${TAB}gut für uns" ]
	crm-history log | iconv -f utf-8 -t utf-8 >/dev/null
}

@test "without a verb or with an unknown one the verbs are listed" {
	fails 2 'there are log, show, diff, at, undo, keep' crm-history
	fails 2 "unknown verb 'lgo'; there are log" crm-history lgo
	fails 2 'did you mean undo?' crm-history und
	fails 2 'diff takes no --since' crm-history diff --since mon 1..2
	fails 2 'keep takes no --dry-run' crm-history keep -n all
	fails 2 'log takes no --force' crm-history log --force
	fails 2 '--after needs an argument: TXN' crm-history log --after
}

@test "the verbs of the git history are there, or built without" {
	people
	if [ "${WITH_GIT:-1}" != 0 ]; then
		crm-history init
		[ -d "$CRM_STORE/history.git" ]
		return
	fi
	for verb in init drain status verify 'rebuild new' eager; do
		fails 78 "${verb% *}: built without the git history (WITH_GIT=0)" \
			crm-history $verb
	done
	[ ! -e "$CRM_STORE/history.git" ]
	[ ! -e new ]
	fails 2 'init takes no --force' crm-history init --force
}

@test "where there is no store nothing was done, and none is made" {
	run_split crm-history log
	[ "$status" -eq 0 ]
	[ "$output" = "txn${TAB}time${TAB}user${TAB}command${TAB}reason${TAB}id${TAB}field${TAB}old${TAB}new" ]
	fails 1 'there is no transaction 1: nothing was written yet' \
		crm-history show 1
	fails 1 'nothing was written yet' crm-history undo 1
	fails 1 'nothing was written yet' crm-history diff 0..1
	fails 1 'there is no c1' crm-history at today c1
	[ "$(crm-history keep)" = all ]
	[ ! -e "$CRM_STORE" ]
}

@test "log has a row for each field that differs" {
	people
	run crm-history log
	[ "${lines[0]}" = "txn${TAB}time${TAB}user${TAB}command${TAB}reason${TAB}id${TAB}field${TAB}old${TAB}new" ]
	[ "${lines[1]}" = "1${TAB}2026-03-02T12:00:00Z${TAB}anna${TAB}crm-add contact name= city=${TAB}${TAB}c1${TAB}created${TAB}${TAB}2026-03-02T12:00:00Z" ]
	[ "$(rows crm-history log -f txn,user,reason,id,field,old,new)" = "\
1 anna  c1 created  2026-03-02T12:00:00Z
1 anna  c1 name  Ada
1 anna  c1 city  Bern
2 anna  o1 created  2026-03-02T12:00:00Z
2 anna  o1 name  Wind
3 anna moved on c1 org  o1
3 anna moved on c1 city Bern Chur
4 ben  c2 created  2026-03-02T12:00:00Z
4 ben  c2 name  Zoe
5 anna  c2 created 2026-03-02T12:00:00Z 
5 anna  c2 name Zoe " ]
	[ "$(crm-history log -H -f command | uniq)" = "\
crm-add contact name= city=
crm-add org name=
crm-edit c1 city= org=
crm-add contact name=
crm-rm c2" ]
}

@test "the time of the last change is a row only when it is all" {
	crm-add contact name=Ada >/dev/null
	CRM_TODAY=2026-03-03 crm-edit c1 name=Eva
	[ "$(rows crm-history log --after 1 -f field,new)" = 'name Eva' ]
	crm-add field name=contact.budget >/dev/null
	[ "$(rows crm-history log --after 2 -f id,field,new | tail -n 3 | cut -d ' ' -f 2-)" = "\
name contact.budget
type text
slot $(crm-find -H -f slot field name=contact.budget)" ]
}

@test "records that are asked for, deleted ones too" {
	people
	[ "$(rows crm-history log c1 -f txn,field | uniq)" = "\
1 created
1 name
1 city
3 org
3 city" ]
	[ "$(rows crm-history log -f txn,id Ada | uniq)" = "1 c1
3 c1" ]
	[ "$(rows crm-history log -f txn,id c2 | uniq)" = "4 c2
5 c2" ]
	[ "$(rows crm-history log -f txn,id c2 c1 | uniq)" = "1 c1
3 c1
4 c2
5 c2" ]
	[ "$(rows crm-history log -f txn,id city=Chur | uniq)" = "1 c1
3 c1" ]
	[ "$(rows crm-history log -f txn,id org | uniq)" = '2 o1' ]
	[ "$(rows crm-history log -f txn,id org name=Wind | uniq)" = '2 o1' ]
	[ "$(printf 'o1\nc1\n' | rows crm-history log -f txn,id - | uniq)" = "\
1 c1
2 o1
3 c1" ]
	[ -z "$(rows crm-history log city=Bern)" ]
	fails 1 'there is no c9, nor does the journal know of one' \
		crm-history log c9
	fails 1 "no record 'nobody'" crm-history log nobody
	fails 2 "cityy" crm-history log cityy=Bern
}

@test "by whom, since when, which columns" {
	crm-add contact name=Ada >/dev/null
	CRM_TODAY=2026-03-05 LOGNAME=ben crm-edit c1 city=Bern
	CRM_TODAY='2026-03-06 18:00' crm-edit c1 city=Chur
	[ "$(rows crm-history log -f txn --by ben)" = 2 ]
	[ -z "$(rows crm-history log --by be)" ]
	[ "$(rows crm-history log -f txn --since 2026-03-05)" = '2
3' ]
	[ "$(rows crm-history log -f txn --since '2026-03-06 18:00')" = 3 ]
	[ -z "$(rows crm-history log --since '2026-03-06 18:01')" ]
	[ "$(rows crm-history log -f txn --since 2026-03-05 --by anna c1)" = 3 ]
	[ "$(crm-history log -H -f new,id --after 2)" = "Chur${TAB}c1" ]
	fails 2 "there is no column 'nwe'; the columns are txn,time" \
		crm-history log -f nwe
	fails 2 'nearest is new' crm-history log -f nwe
	fails 2 'stands there twice' crm-history log -f new,new
	fails 2 "unknown word 'foo'" crm-history log --since foo
	fails 2 "'x' is no number of a transaction" crm-history log --after x
}

@test "formats, and what control characters become" {
	printf 'name\tnote\nAda\ta\\tb\\nc\\\\d\n' | crm-add contact - >/dev/null
	[ "$(crm-history log -H -f field,new | sed -n 2p)" = \
		"note$TAB"'a\tb\nc\\d' ]
	[ "$(crm-history log -O jsonl -f txn,field,new c1 | sed -n 2p)" = \
		'{"txn":1,"field":"note","new":"a\tb\nc\\d"}' ]
	[ "$(crm-history log -O csv -f field,new | sed -n 3p)" = \
		'note,"a	b' ]
	crm-edit c1 "note=$(printf 'x\033[31m')"
	run crm-history log -O table -f new --after 1
	[ "${lines[1]}" = 'x^[[31m' ]
	fails 2 "unknown format 'xml'" crm-history log -O xml
}

@test "slices of the feed are the feed" {
	people
	seq 100 | sed '1i name
s/^/P/' | crm-add contact - >/dev/null
	crm-edit c1 nick=x
	crm-history log >whole
	for n in 1 2 3 7 101 1000; do
		crm-history log -l 1 | head -n 1 >slices
		seen=0
		while crm-history log --after "$seen" -l $n -H >slice &&
			[ -s slice ]; do
			# never cut within a transaction
			[ "$(wc -l <slice)" -ge $n ] ||
				[ "$(tail -n 1 slice | cut -f 1)" -eq 7 ]
			seen=$(tail -n 1 slice | cut -f 1)
			cat slice >>slices
		done
		cmp whole slices
	done
	[ "$(crm-history log -H -l 0)" = '' ]
	[ "$(crm-history log -H --after 7)" = '' ]
	[ "$(crm-history log -H --after 4000)" = '' ]
}

@test "show prints the rows of one transaction" {
	people
	crm-history log | sed -e '2,6d' | head -n 3 >want
	crm-history show 3 | cmp want
	[ "$(crm-history show 3 -H -f id,new)" = "c1${TAB}o1
c1${TAB}Chur" ]
	fails 1 'there is no transaction 6; the last one is 5' crm-history show 6
	fails 2 'numbered from 1' crm-history show 0
	fails 2 'too few operands; write crm-history show TXN' crm-history show
	fails 2 'too many operands' crm-history show 1 2
	fails 2 "'3x' is no number" crm-history show 3x
}

@test "show and at on a terminal are for people" {
	people
	run "$B/tools/on-pty" crm-history show 3
	[ "${output//$'\r'/}" = "transaction 3
user     anna
time     Mon 2026-03-02 12:00
command  crm-edit c1 city= org=
reason   moved on

c1 changed
    org: o1
    city: Bern -> Chur" ]
	run "$B/tools/on-pty" crm-history show 5
	[[ ${output//$'\r'/} == *"
c2 deleted
    created: 2026-03-02T12:00:00Z ->
    name: Zoe ->" ]]
	run "$B/tools/on-pty" crm-history at 1 c1
	[ "${output//$'\r'/}" = "id       c1
name     Ada
city     Bern
created  Mon 2026-03-02 12:00
updated  Mon 2026-03-02 12:00" ]
	NO_COLOR=1 run "$B/tools/on-pty" crm-history log c1 --after 2 -f time,new
	[[ ${output//$'\r'/} == *"2026-03-02 12:00  Chur" ]]
}

@test "diff is what differs in the end" {
	people
	[ "$(crm-history diff 0..5)" = "$(
		printf 'id\tfield\told\tnew\n'
		printf 'c1\tcreated\t\t2026-03-02T12:00:00Z\n'
		printf 'c1\tname\t\tAda\nc1\torg\t\to1\nc1\tcity\t\tChur\n'
		printf 'o1\tcreated\t\t2026-03-02T12:00:00Z\no1\tname\t\tWind'
	)" ]
	[ "$(crm-history diff -H 1..3 -f id,field)" = "\
c1${TAB}org
c1${TAB}city
o1${TAB}created
o1${TAB}name" ]
	[ -z "$(crm-history diff -H 3..5)" ]
	[ "$(crm-history diff -H -f id,field 4..)" = "c2${TAB}created
c2${TAB}name" ]
	[ -z "$(crm-history diff -H 5..5)" ]
	crm-edit c1 city=Bern
	crm-edit c1 city=Chur
	[ -z "$(crm-history diff -H 5..7)" ]
	fails 2 '5..3 runs backwards; write 3..5' crm-history diff 5..3
	fails 2 "'3' is no range of transactions; write A..B" crm-history diff 3
	fails 2 "'' is no number" crm-history diff ..3
	fails 1 'the last one is 7' crm-history diff 3..8
	fails 2 "there is no column 'txn'" crm-history diff -f txn 1..2
}

@test "at prints a record as it was" {
	people
	[ "$(crm-history at 2 c1 -f id,org,city)" = "id${TAB}org${TAB}city
c1${TAB}${TAB}Bern" ]
	[ "$(crm-history at 3 Ada)" = "$(
		printf 'id\tname\torg\tcity\tcreated\tupdated\n'
		printf 'c1\tAda\to1\tChur\t2026-03-02T12:00:00Z\t2026-03-02T12:00:00Z'
	)" ]
	[ "$(crm-history at 4 c2 -H -f name)" = Zoe ]
	[ "$(crm-history at 4 c2 -O json -f id,name)" = '[
{"id":"c2","name":"Zoe"}
]' ]
	fails 1 'there was no c2 after transaction 5' crm-history at 5 c2
	fails 1 'there was no c2 after transaction 3' crm-history at 3 c2
	fails 1 'there was no c1 at 2026-03-01' crm-history at 2026-03-01 c1
	fails 1 'nor does the journal know of one' crm-history at 3 c7
	fails 1 "no record 'nobody'" crm-history at 3 nobody
	fails 1 'there is no transaction 6; the last one is 5' crm-history at 6 c1
	fails 2 'write crm-history at WHEN REF' crm-history at c1
	fails 2 "date 'foo'" crm-history at foo c1
	fails 2 "-f: contact has no field 'cityy'; did you mean 'city'?" crm-history at 3 c1 -f cityy
	fails 2 'summed up from other records' crm-history at 3 c1 -f revenue
}

@test "at a day means its end, in the zone of the clock" {
	crm-add contact name=Ada >/dev/null
	CRM_TODAY='2026-03-05 23:30' crm-edit c1 city=Bern
	CRM_TODAY='2026-03-06 12:00' crm-edit c1 city=Chur
	city() { crm-history at "$1" c1 -H -f city; }
	[ -z "$(city 2026-03-04)" ]
	[ "$(city 2026-03-05)" = Bern ]
	[ -z "$(city '2026-03-05 23:29')" ]
	[ "$(city '2026-03-05 23:30')" = Bern ]
	[ "$(city 2026-03-06)" = Chur ]
	[ "$(city 2036-01-01)" = Chur ]
	[ "$(TZ=UTC-1 city 2026-03-05)" = '' ]
	[ "$(TZ=UTC-1 city 2026-03-06)" = Chur ]
}

@test "undo takes back what was made, changed and deleted" {
	people
	all >after
	crm-history undo 5
	[ "$(crm-find -H -f id,name name=Zoe)" = "c2${TAB}Zoe" ]
	crm-history undo 4
	crm-history undo 3
	[ "$(crm-find -H -f city,org name=Ada)" = "Bern${TAB}" ]
	crm-history undo -q 1..2
	[ -z "$(crm-find -i contact)$(crm-find -i org)" ]
	[ "$(crm-history log -H -f command --after 5 | uniq)" = "\
crm-history undo 5
crm-history undo 4
crm-history undo 3
crm-history undo 1..2" ]
	crm-check
	# and back again
	crm-history undo 6..9 -m 'never mind'
	all | cmp after
	[ "$(crm-history log -H -f command,reason --after 9 | uniq)" = \
		"crm-history undo 6..9${TAB}never mind" ]
	crm-history undo 10..
	[ -z "$(crm-find -i contact)$(crm-find -i org)" ]
	crm-check
}

@test "undo -n says what it would do and does nothing" {
	people
	all >before
	[ "$(rows crm-history undo -n 3)" = "c1 org o1 
c1 city Chur Bern" ]
	[ "$(rows crm-history undo -n 4..5)" = "\
c2 created  2026-03-02T12:00:00Z
c2 name  Zoe
c2 created 2026-03-02T12:00:00Z 
c2 name Zoe " ]
	[ "$(crm-history undo -n -H -O jsonl 3 | head -n 1)" = \
		'{"id":"c1","field":"org","old":"o1"}' ]
	all | cmp before
	crm-edit c1 city=Zug
	fails 65 'c1: city: changed again by transaction 6' crm-history undo -n 3
	[ "$(rows crm-history undo -n --force 3)" = "c1 org o1 
c1 city Zug Bern" ]
	[ -z "$(crm-history log --after 6 -H)" ]
}

@test "undo -n of much waits in the folder TMPDIR" {
	seq 6000 | sed "s/.*/Name of the person &\t&/; 1iname\tnote" |
		crm-add -q contact - >ids
	crm-history undo -n 1 >want
	[ "$(stat -c %s want)" -gt 300000 ]
	mkdir -p tmp
	TMPDIR=$PWD/tmp crm-history undo -n 1 | cmp - want
	[ -z "$(ls tmp)" ]
	TMPDIR=$PWD/tmp/nowhere fails 74 \
		"$PWD/tmp/nowhere: no temporary file for what would be done: No such file or directory; set TMPDIR" \
		crm-history undo -n 1
	[ "$(crm-find -i | wc -l)" -eq 6000 ]
}

@test "undo refuses what was built upon, naming it" {
	people
	crm-edit c1 city=Zug
	all >before
	fails 65 'c1: city: changed again by transaction 6 (anna, crm-edit c1 city=, 2026-03-02T12:00:00Z)' \
		crm-history undo 3
	[[ $errors == *'nothing was undone: undo transaction 6 first, or use --force' ]]
	fails 65 'c2: deleted by transaction 5 (anna, crm-rm c2' \
		crm-history undo 4
	fails 65 'o1: c1 refers to it (org)' crm-history undo 2
	fails 65 'o1: c1 refers to it (org)' crm-history undo 2 --force
	all | cmp before
	# what it says helps
	crm-history undo 6
	crm-history undo 3
	fails 65 'nothing was undone: transaction 8 did it already' \
		crm-history undo 3
	crm-history undo 2
	fails 2 '3..2 runs backwards; write 2..3' crm-history undo 3..2
	fails 2 'numbered from 1' crm-history undo 0
	fails 1 'there is no transaction 99; the last one is 9' \
		crm-history undo 99
	fails 1 'the last one is 9' crm-history undo 2..99
	fails 2 'write crm-history undo TXN' crm-history undo
	crm-check
}

@test "undo --force" {
	people
	crm-edit c1 city=Zug
	run_split crm-history undo --force 4
	[ "$status" -eq 0 ]
	[[ $errors == 'crm-history: c2: deleted by transaction 5 '*'; left as it is' ]]
	[ -z "$(crm-history log --after 6 -H)" ] # nothing was done
	run_split crm-history undo --force -v 3
	[ "$errors" = 'crm-history: 1 change taken back' ]
	[ "$(crm-find -H -f city,org name=Ada)" = "Bern${TAB}" ]
}

@test "of many conflicts twenty are told" {
	seq 50 | sed '1i name
s/^/P/' | crm-add contact - >/dev/null
	crm-find -i | crm-edit - city=Bern
	crm-find -i | crm-edit - city=Chur
	run_split crm-history undo 2
	[ "$status" -eq 65 ]
	[ "$(grep -c 'changed again' <<<"$errors")" -eq 20 ]
	[[ $errors == *'and 30 more'* ]]
}

@test "a batch that updates by key, a recursive deletion, a log, tasks" {
	all >0 || :
	crm-add org name=Wind >/dev/null
	crm-add contact name=Ada email=ada@example.org org=o1 >/dev/null
	all >2
	printf 'email\tname\tcity\n%s\tAda\tBern\n%s\tZoe\tChur\n' \
		ada@example.org zoe@example.org |
		crm-add -k email contact - >/dev/null
	all >3
	crm-log -t call --follow fri zoe@example.org 'wants an offer' >/dev/null
	all >4
	crm-followup add --every 1w c1 today Call >/dev/null
	all >5
	crm-followup done t2 >/dev/null
	all >6
	crm-add deal name=D contact=c1 amount=5 >/dev/null
	crm-edit d1 stage=won
	crm-rm -r c1
	crm-rm -r o1
	[ "$(crm-history log -H -f txn | tail -n 1)" -eq 10 ]
	crm-history undo 7..10
	all | cmp 6
	for n in 6 5 4 3; do
		crm-history undo $n
		all | cmp $((n - 1))
	done
	crm-check
}

@test "a field with its values, and a kind with its fields" {
	crm-add contact name=Ada >/dev/null                         # 1
	all >1
	crm-add field name=contact.budget type=int >/dev/null       # 2
	crm-edit c1 budget=5                                        # 3
	all >3
	fails 65 'stays as long as records have a value in it' \
		crm-history undo 2
	crm-edit c1 budget=                                         # 4
	crm-rm contact.budget                                       # 5
	[ "$(crm-history log -H -f txn,old,new c1 --after 1)" = "3${TAB}${TAB}5
4${TAB}5${TAB}" ]
	[ "$(crm-history log -H -f field c1 --after 3)" = budget ]
	[ "$(crm-history at 3 c1 -H -f id,budget)" = "c1${TAB}5" ]
	crm-add field name=contact.limit type=int >/dev/null        # 6
	crm-edit c1 limit=9                                         # 7
	fails 65 'there is no field budget now: transaction 5 deleted it' \
		crm-history undo 4
	crm-history undo 6..7
	crm-history undo 4..5
	all | cmp 3
	crm-history undo 2..3
	all | cmp 1
	crm-add kind name=machine prefix=ma >/dev/null              # 11
	crm-add field name=machine.serial >/dev/null
	crm-add machine serial=A >/dev/null                         # 13
	all >13
	crm-rm ma1
	crm-rm machine                                              # 15
	[ "$(crm-history log ma1 -H -f txn,id,field,old,new | tail -n 1)" = \
		"14${TAB}ma1${TAB}serial${TAB}A${TAB}" ]
	[ "$(crm-history at 13 ma1 -H -f id,serial)" = "ma1${TAB}A" ]
	fails 65 'ma1: its kind is gone' crm-history undo 14
	crm-history undo 14..15
	all | cmp 13
	crm-history undo 16
	[ -z "$(crm-find -H -i kind name=machine)" ]
	crm-check
}

@test "a deletion and a load in bulk" {
	seq 3000 | sed '1i name
s/^/P/' | crm-add contact - >/dev/null
	all >1
	crm-find -i | crm-edit - city=Bern
	crm-find -i | crm-rm -
	[ "$(crm-history log -H | wc -l)" -eq $((3000 * (2 + 1 + 3))) ]
	crm-history undo 2..3
	all | cmp 1
	crm-edit c7 city=Thun
	fails 65 'c7: city: changed again by transaction 5' crm-history undo 1
	crm-history undo 5
	crm-history undo -n 1 | wc -l | grep -x 6001
	crm-history undo 1
	[ -z "$(crm-find -i)" ]
	crm-check
	crm-history undo 7
	all | cmp 1
	crm-check
}

@test "a slow reader holds no snapshot" {
	seq 30000 | sed '1i name
s/^/P/' | crm-add contact - >/dev/null
	mkfifo pipe
	crm-history log >pipe &
	exec 5<pipe
	head -n 5 <&5 >/dev/null
	crm-add contact name=Late >/dev/null
	crm-history undo 2
	cat <&5 >rest
	exec 5<&-
	wait
	tail -n 1 rest | grep -q P30000
}

@test "how much is kept" {
	[ "$(crm-history keep)" = all ]
	crm-add contact name=Ada >/dev/null
	crm-edit c1 city=Bern
	crm-history keep 1000
	[ "$(crm-history keep)" = 1000 ]
	[ "$(crm-history keep -v 2>&1 | head -n 1)" = \
		'crm-history: transactions 1 to 2 are kept' ]
	fails 2 'this forgets 2 transactions for good; there is no terminal' \
		crm-history keep none
	crm-history keep -y none
	[ "$(crm-history keep)" = none ]
	[ -z "$(crm-history log -H)" ]
	fails 1 'the journal is switched off; crm-history keep all' \
		crm-history undo 2
	fails 1 'what followed transaction 1 is not kept; the journal is switched off' \
		crm-history log --after 1
	crm-edit c1 city=Chur
	[ -z "$(crm-history log -H)" ]
	crm-history keep all
	crm-edit c1 city=Zug
	[ "$(crm-history log -H -f txn,old,new)" = "3${TAB}Chur${TAB}Zug" ]
	fails 1 'what followed transaction 1 is not kept; the journal begins with transaction 3' \
		crm-history log --after 1
	fails 1 'it has 3 to 3' crm-history undo 2
	fails 1 'the journal begins with transaction 3' crm-history at 1 c1
	[ "$(crm-history at 2 c1 -H -f city)" = Chur ]
	fails 2 'a number of transactions, 1000 or more' crm-history keep 999
	fails 2 'write all, none or' crm-history keep some
	fails 2 'too many operands' crm-history keep all 3
}

@test "what is older than is kept goes" {
	crm-add contact name=Ada >/dev/null
	"$B/tools/txns" "$CRM_STORE" 1100 1
	fails 2 'this forgets 101 transactions for good' crm-history keep 1000
	crm-history keep -y 1000
	[ "$(crm-history log -H -f txn | head -n 1)" -eq 102 ]
	fails 1 'not kept; the journal begins with transaction 102' \
		crm-history log --after 100
	[ "$(crm-history log -H -f txn --after 101 | head -n 1)" -eq 102 ]
	fails 1 '(2026-03-02T12:01:40Z)' crm-history at 50 c1
	crm-edit c1 nick=x
	[ "$(crm-history log -H -f txn | head -n 1)" -eq 103 ]
	crm-check
}
