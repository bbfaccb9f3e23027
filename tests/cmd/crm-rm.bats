# SPDX-License-Identifier: ISC
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	crm-add org name=Wind >/dev/null
	crm-add contact name=Ada email=ada@example.org org=o1 >/dev/null
	crm-add contact name=Zoe >/dev/null
}

# fails STATUS TEXT CMD...: status, a piece of the message, nothing deleted
fails() {
	local want=$1 text=$2 before
	shift 2
	before=$(all)
	run_split "$@"
	[ "$status" -eq "$want" ]
	[[ $errors == *"$text"* ]]
	[ -z "$output" ]
	[ "$(all)" = "$before" ]
}

# every record, as ids
all() {
	local k
	for k in contact org activity task deal order item product ticket link \
		consent; do
		crm-find -i $k
	done | tr '\n' ' '
}

@test "sums come back from beyond what a number may be" {
	most=999999999999999999999999999
	for total in 12.50 $most $most $most -$most; do
		crm-add order contact=c2 total=$total issued=2026-01-05 >/dev/null
	done
	crm-check
	[ "$(crm-find -H -f revenue id=c2)" = $most.999999999 ]
	[ "$(crm-find -i "revenue>$most")" = c2 ]
	crm-rm r2 r3
	crm-check
	[ "$(crm-find -H -f revenue id=c2)" = 12.50 ]
}

@test "deletes and says nothing" {
	run_split crm-rm c2
	[ "$status" -eq 0 ]
	[ -z "$output$errors" ]
	[ "$(all)" = 'c1 o1 ' ]
	run_split crm-rm -v ada@example.org
	[ "$errors" = 'crm-rm: 1 record deleted' ]
	crm-check
}

@test "refuses while others refer to it, naming them" {
	crm-add activity subject=x contact=c1,c2 >/dev/null
	fails 65 'o1: c1 (org) refers to it; -r takes along' crm-rm o1
	fails 65 'c1: a1 (contact) refers to it' crm-rm c1
	fails 65 'c2: a1 (contact) refers to it' crm-rm c2 c1
	seq 30 | sed '1i title\tcontact
s/$/\tc2/' | crm-add task - >/dev/null
	run_split crm-rm c2
	[ "$(grep -o '(contact)' <<<"$errors" | wc -l)" -eq 10 ]
	[[ $errors == *'21 more to the given records'* ]]
}

@test "records given together may refer to each other" {
	crm-rm o1 c1
	[ "$(all)" = 'c2 ' ]
	crm-add contact name=Eva >/dev/null
	crm-add link from=c2 rel=knows to=c3 >/dev/null
	crm-add link from=c3 rel=knows to=c2 >/dev/null
	printf 'c2\nl1\nl2\nc3\n' | crm-rm -
	[ -z "$(all)" ]
	crm-check
}

@test "-r takes the dependants along and clears other references" {
	crm-add activity subject=both contact=c1,c2 >/dev/null
	crm-add activity subject=alone contact=c1 >/dev/null
	crm-add activity subject=org contact=c1 org=o1 >/dev/null
	crm-add task title=alone contact=c1 >/dev/null
	crm-add task title=about re=c1 >/dev/null
	crm-add deal name=own contact=c1 >/dev/null
	crm-add deal name=shared contact=c1 org=o1 >/dev/null
	crm-add order number=1 contact=c1 >/dev/null
	crm-add product name=Bolt >/dev/null
	crm-add item order=r1 product=p1 >/dev/null
	crm-add ticket subject=x contact=c1 >/dev/null
	crm-add link from=c1 rel=knows to=c2 >/dev/null
	crm-add consent contact=c1 purpose=news >/dev/null
	run crm-rm -n -r c1
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "id${TAB}field${TAB}value${TAB}action" ]
	[[ $output == *"i1${TAB}${TAB}${TAB}delete"* ]]
	[[ $output == *"a1${TAB}contact${TAB}c1${TAB}clear"* ]]
	[[ $output == *"d2${TAB}contact${TAB}c1${TAB}clear"* ]]
	[ "$(crm-find -i)" = $'c1\nc2' ]
	run_split crm-rm -r c1
	[ "$status" -eq 0 ]
	[ -z "$output$errors" ]
	[ "$(all)" = 'c2 o1 a1 a3 d2 p1 ' ]
	[ "$(crm-find -H -f contact,org activity)" = "c2$TAB"$'\n'"${TAB}o1" ]
	crm-check
}

@test "-r of an org leaves its people, of a product the items" {
	crm-add order number=1 contact=c1 org=o1 >/dev/null
	crm-add product name=Bolt >/dev/null
	crm-add item order=r1 product=p1 >/dev/null
	crm-rm -r o1 p1
	[ "$(all)" = 'c1 c2 r1 i1 ' ]
	[ -z "$(crm-find -H -f org c1)" ]
	crm-check
}

@test "-r goes on through what went along" {
	crm-add deal name=D contact=c1 >/dev/null
	crm-add activity subject=x deal=d1 >/dev/null
	crm-add activity subject=y re=a1 contact=c2 >/dev/null
	crm-rm -r c1
	[ "$(all)" = 'c2 o1 a2 ' ]
	[ -z "$(crm-find -H -f re activity)" ]
	crm-check
}

@test "-r through circles" {
	crm-add activity subject=x contact=c1 >/dev/null
	crm-add activity subject=y contact=c1 re=a1 >/dev/null
	crm-edit a1 re=a2
	crm-rm -r c1
	[ "$(all)" = 'c2 o1 ' ]
	crm-check
}

@test "sums follow" {
	crm-add order number=1 contact=c1 total=10 issued=2026-01-01 >/dev/null
	crm-add order number=2 contact=c1 total=5 issued=2026-01-02 >/dev/null
	crm-rm r1
	[ "$(crm-find -H -f revenue,orders c1)" = "5.00${TAB}1" ]
	[ "$(crm-find -H -f revenue,orders org)" = "5.00${TAB}1" ]
	crm-check
}

@test "many at once" {
	seq 3000 | sed '1i name' | crm-add contact - >/dev/null
	crm-find -i 'name~^[0-9]+$' | crm-rm -
	[ "$(all)" = 'c1 c2 o1 ' ]
	crm-check
}

@test "ids are not used again" {
	crm-rm c2
	[ "$(crm-add contact name=New)" = c3 ]
}

@test "what is wrong deletes nothing" {
	fails 2 'no record; write crm-rm REF' crm-rm
	fails 1 'there is no contact c99' crm-rm c2 c99
	fails 1 'nobody' crm-rm nobody
	crm-add contact name=Zoe >/dev/null
	fails 2 'c2 Zoe, c3 Zoe' crm-rm Zoe
	printf 'name\ncity\n' >in
	fails 65 'no column id' crm-rm - <in
	fails 2 'takes no' crm-rm --keep-going c1
}

@test "no input, nothing to do" {
	run_split crm-rm - </dev/null
	[ "$status" -eq 0 ]
	[ -z "$output$errors" ]
	[ "$(all)" = 'c1 c2 o1 ' ]
}

@test "a user's fields: the reference is cleared, lists lose an item" {
	crm-add field name=contact.mentors type=ref ref=contact list=yes >/dev/null
	crm-add contact name=Eva mentors=c1,c2 >/dev/null
	fails 65 'c2: c3 (mentors) refers to it' crm-rm c2
	crm-rm -r c2
	[ "$(crm-find -H -f mentors c3)" = c1 ]
	crm-check
}

@test "standard output that is full or closed" {
	run_split sh -c 'crm-rm -n c2 >/dev/full'
	[ "$status" -eq 74 ]
	run_split sh -c 'crm-rm c2 >&-'
	[ "$(all)" = 'c1 o1 ' ]
}
