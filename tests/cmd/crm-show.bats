# SPDX-License-Identifier: ISC
# crm-show: one record on one page, or all of it as one object.
load ../helper

setup() {
	crm-add org name='Engine Works' city=London
	crm-add contact name='Ada Lovelace' email=ada@example.org,al@x.example \
		org=o1 title='Chief Engineer' bday=1815-12-10
	crm-add contact name=Bob email=bob@example.org org=o1
}

@test "a page: heading, fields, sums" {
	crm-add order contact=c1 issued=2026-02-01 total=100 number=R1
	run crm-show ada@example.org
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = 'Ada Lovelace  contact c1' ]
	[[ $output == *'
  email        ada@example.org, al@x.example
  org          o1 Engine Works
  title        Chief Engineer
  bday         Sun 1815-12-10
'* ]]
	[[ $output == *'
  orders       1
  revenue      100.00
  first_order  Sun 2026-02-01
'* ]]
	# A sum of nothing is no news.
	[[ $output != *open_deals* ]]
	[[ $output != *$'\033'* ]]
}

@test "sections: what is open, the latest, the people" {
	crm-add deal name=Won contact=c1 stage=won
	crm-add deal name=Big contact=c1 amount=500
	crm-add ticket subject=Broken contact=c1
	crm-add ticket subject=Mended contact=c1 status=closed
	crm-followup add c1 fri 'Call back'
	crm-add consent contact=c1 purpose=newsletter channel=email
	crm-log -t call -d 2026-01-05 c1 direction=in 'Asked for a price'
	crm-log -t meeting -d 2026-05-05 c1 'Will meet'
	run crm-show c1
	[[ $output == *'
open deals
  id  name  stage  amount  currency  close
  d2  Big   new       500  EUR
'* ]]
	[[ $output == *'
open tickets
'*Broken* ]]
	[[ $output != *Mended* ]]
	[[ $output == *'
open tasks
  id  due         title      priority
  t1  2026-03-06  Call back  normal
'* ]]
	[[ $output == *'
consents
'*newsletter* ]]
	[[ $output == *'
activities
'*'Will meet'*'Asked for a price'* ]]
	run crm-show -a c1
	[[ $output == *Mended* ]]
	[[ $output == *Won* ]]
}

@test "an org shows its people and what they do" {
	crm-log c2 'with Bob'
	crm-log o1 'with the firm'
	crm-followup add c1 fri 'for Ada'
	run crm-show o1
	[ "${lines[0]}" = 'Engine Works  org o1' ]
	[[ $output == *'
people
'*'Ada Lovelace'*Bob* ]]
	[[ $output == *'with Bob'* ]]
	[[ $output == *'with the firm'* ]]
	[[ $output == *'for Ada'* ]]
}

@test "links show the other end, both ways" {
	crm-add link from=c1 rel=spouse to=c2 since=2020-01-01
	crm-add link from=o1 rel=supplies to=c1
	run crm-show c1
	[[ $output == *'links'*'is   spouse    c2     Bob'* ]]
	[[ $output == *'has  supplies  o1     Engine Works'* ]]
	run crm-show c2
	[[ $output == *'has  spouse  c1'*'Ada Lovelace'* ]]
}

@test "activities as they are now, of whatever length" {
	long=$(printf 'long %.0s' $(seq 60))
	crm-add activity contact=c1 type=call start=2026-03-01 subject=old
	crm-add activity contact=c1 type=note start=2026-03-01T09:30:00Z \
		"subject=Grüße aus $(printf 'München %.0s' $(seq 20))"
	crm-add activity contact=c1 type=email start=2026-02-01 "subject=$long"
	crm-add activity org=o1 type=visit start=2026-01-01 subject='at the org'
	crm-edit -q a1 subject=new direction=in
	run crm-show c1
	[[ $output == *'
activities
  id  start             type   direction  status  subject
  a2  2026-03-01 09:30  note              held    Grüße aus München München Mün…
  a1  2026-03-01        call   in         held    new
  a3  2026-02-01        email             held    long long long long long long…' ]]
	run crm-show o1
	[[ $output == *'
  a1  2026-03-01        call   in         held    new
'*'
  a4  2026-01-01        visit             held    at the org' ]]
	crm-check
	# Undo takes the index back, too.
	crm-history -q undo 8 >/dev/null
	run crm-show c1
	[[ $output == *'
  a1  2026-03-01        call   held    old
'* ]]
	crm-check
}

@test "the last ten activities, -l and -a" {
	for i in 01 02 03 04 05 06 07 08 09 10 11 12; do
		crm-log -d "2026-01-$i" c1 "talk $i"
	done
	run crm-show c1
	[ "$(grep -c 'talk' <<<"$output")" -eq 10 ]
	[[ $output == *'talk 12'* ]]
	[[ $output != *'talk 02'* ]]
	[[ $output == *'activities (10, there are more: -a)'* ]]
	run crm-show -l 2 c1
	[ "$(grep -c 'talk' <<<"$output")" -eq 2 ]
	run crm-show -a c1
	[ "$(grep -c 'talk' <<<"$output")" -eq 12 ]
	[[ $output != *'there are more'* ]]
	run crm-show -l 0 c1
	[[ $output != *activities$'\n'* ]]
}

@test "the last five orders, and the items of one" {
	crm-add product name=Wheel sku=W1
	for i in 1 2 3 4 5 6; do
		crm-add order contact=c1 issued="2026-01-0$i" number="N$i" total=1
	done
	crm-add item order=r6 product=p1 qty=2 price=3.50
	run crm-show c1
	[[ $output == *'orders (5, there are more: -a)'* ]]
	[[ $output == *N6* ]]
	[[ $output == *N2* ]]
	[[ $output != *N1* ]]
	run crm-show r6
	[ "${lines[0]}" = 'N6  order r6' ]
	[[ $output == *'
items
'*i1*p1*Wheel*3.50* ]]
}

@test "any kind, users' own too" {
	crm-add kind name=machine prefix=v
	crm-add field name=machine.name type=text index=yes
	crm-add field name=machine.operator type=ref ref=contact
	crm-add machine name=Press operator=c1
	run crm-show v1
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = 'Press  machine v1' ]
	[[ $output == *'operator  c1 Ada Lovelace'* ]]
	run crm-show c1
	[[ $output == *'
machine
'*v1* ]]
	crm-add task title='Only a task'
	run crm-show t1
	[ "${lines[0]}" = 'Only a task  task t1' ]
}

@test "several records, and from standard input" {
	run crm-show c1 c2
	[ "$(grep -c '^[A-Z].*contact c' <<<"$output")" -eq 2 ]
	[[ $output == *$'\n\n''Bob  contact c2'* ]]
	run bash -c 'crm-find -i | crm-show - | grep -c "contact c"'
	[ "$output" = 2 ]
	run crm-show - </dev/null
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "long text is wrapped at 80 columns, lines stay lines" {
	crm-edit c1 note="$(printf 'word%.0s ' $(seq 40))
second line $(printf 'x%.0s' $(seq 200))"
	run crm-show c1
	[ "$status" -eq 0 ]
	for line in "${lines[@]}"; do
		[ "${#line}" -le 80 ] || {
			echo "$line"
			return 1
		}
	done
	grep -q '^   *second line$' <<<"$output"
}

@test "control characters are visible" {
	crm-edit c2 note="$(printf 'a\033[31mred\007\r\342\200\256x')" \
		name="$(printf 'Bob\033]0;t')"
	crm-log c2 "$(printf 'x\033[2Jy')"
	run crm-show c2
	[ "$status" -eq 0 ]
	[[ $output != *$'\033'* && $output != *$'\007'* && $output != *$'\r'* ]]
	[[ $output != *$'\342\200\256'* ]]
	[[ $output == *'^[[31mred'* ]]
	[[ $output == *'<U+202E>'* ]]
	[[ $output == *'Bob^[]0;t  contact c2'* ]]
}

@test "times are local" {
	crm-log -d '2026-01-05 14:30' c1 talk
	TZ=CET-1 run crm-show c1
	[[ $output == *'2026-01-05 15:30'* ]]
	[[ $output == *'Mon 2026-01-05 15:30'* ]]
}

@test "-O json is one object with everything" {
	crm-add link from=c1 rel=spouse to=c2
	crm-add order contact=c1 issued=2026-01-01 number=N1 total=7
	crm-add order contact=c1 issued=2026-01-02 status=cancelled total=8
	crm-add item order=r1 qty=3
	for i in $(seq 12); do crm-log c1 "talk $i"; done
	crm-edit c1 note="$(printf 'a "b"\n\033c\\')"
	crm-show -O json c1 >"$BATS_TEST_TMPDIR/json"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/json")" -eq 1 ]
	run python3 - "$BATS_TEST_TMPDIR/json" <<-'EOF'
		import json, sys
		o = json.load(open(sys.argv[1]))
		assert list(o) == ["kind", "record", "activity", "order", "item",
		    "link"], list(o)
		assert o["kind"] == "contact"
		r = o["record"]
		assert r["id"] == "c1" and r["orders"] == 1, r
		assert r["email"] == ["ada@example.org", "al@x.example"], r
		assert r["note"] == 'a "b"\n\033c\\', r
		assert len(o["activity"]) == 12
		assert [x["id"] for x in o["order"]] == ["r1", "r2"]
		assert o["item"] == [dict(o["item"][0], id="i1", order="r1")]
		assert o["link"][0]["to"] == "c2"
	EOF
	echo "$output"
	[ "$status" -eq 0 ]
	run bash -c 'crm-show -O json c1 c2 | wc -l'
	[ "$output" -eq 2 ]
}

@test "sensitive fields are part of what is kept" {
	crm-add field name=contact.credit type=text sensitive=yes
	crm-edit c1 credit=poor
	run crm-show -O json c1
	[[ $output == *'"credit":"poor"'* ]]
	run crm-show c1
	[[ $output == *'credit '*poor* ]]
}

@test "refusals" {
	run_split crm-show
	[ "$status" -eq 2 ]
	[[ $errors == *"no record; write crm-show REF"* ]]
	run_split crm-show nobody@example.org
	[ "$status" -eq 1 ]
	[[ $errors == *nobody@example.org* ]]
	run_split crm-show c9
	[ "$status" -eq 1 ]
	[[ $errors == *c9* ]]
	run_split crm-show c1 c9
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	run_split crm-show -O csv c1
	[ "$status" -eq 2 ]
	[[ $errors == *"no format 'csv'; write text or json"* ]]
	crm-add contact name=Bob
	run_split crm-show Bob
	[ "$status" -eq 2 ]
	[[ $errors == *c2*c3* ]]
	run bash -c 'crm-show c1 >/dev/full'
	[ "$status" -eq 74 ]
	run_split crm-show -S "$BATS_TEST_TMPDIR/none" c1
	[ "$status" -eq 1 ]
	[ ! -e "$BATS_TEST_TMPDIR/none" ]
}
