# SPDX-License-Identifier: ISC
# crm-segment: saved segments, RFM and ABC tables.
load ../helper

# order CONTACT DAY TOTAL [FIELD=VALUE...]
order() {
	crm-add order contact="$1" issued="$2" total="$3" "${@:4}" >/dev/null
}

# six customers: c1 the oldest and poorest, c6 the newest and richest; c7
# never bought
six() {
	for i in 1 2 3 4 5 6 7; do
		crm-add contact name="Customer $i" city=Bern >/dev/null
	done
	crm-edit c6 city=Chur
	for i in 1 2 3 4 5 6; do
		for n in $(seq "$i"); do
			order "c$i" "2026-01-0$i" 10
		done
	done
}

# ---- saved segments --------------------------------------------------------

@test "no segments: a header" {
	run crm-segment
	[ "$status" -eq 0 ]
	[ "$output" = "id${TAB}name${TAB}kind${TAB}count${TAB}query" ]
	run crm-segment -e
	[ "$status" -eq 1 ]
}

@test "saved segments are listed with their counts" {
	six
	crm-add segment name=bern query=city=Bern
	crm-add segment name=rich 'query=revenue>=40 city=Chur'
	crm-add segment name=paid kind=order "query=status='paid' or total>5"
	crm-add segment name=everybody
	run crm-segment
	[ "${lines[1]}" = "s1${TAB}bern${TAB}contact${TAB}6${TAB}city=Bern" ]
	[ "${lines[2]}" = "s2${TAB}rich${TAB}contact${TAB}1${TAB}revenue>=40 city=Chur" ]
	[ "${lines[3]}" = "s3${TAB}paid${TAB}order${TAB}21${TAB}status='paid' or total>5" ]
	[ "${lines[4]}" = "s4${TAB}everybody${TAB}contact${TAB}7${TAB}" ]
	run crm-segment -H -f name,count -l 2
	[ "$output" = "bern${TAB}6
rich${TAB}1" ]
	run crm-segment -i
	[ "$output" = "$(printf 's1\ns2\ns3\ns4')" ]
}

@test "the members of one" {
	six
	crm-add segment name=rich 'query=revenue>=40'
	run crm-segment rich -f id,name
	[ "$output" = "id${TAB}name
c4${TAB}Customer 4
c5${TAB}Customer 5
c6${TAB}Customer 6" ]
	run crm-segment -i -s -revenue rich
	[ "$output" = "$(printf 'c6\nc5\nc4')" ]
	run crm-segment -i -l 1 rich
	[ "$output" = c4 ]
	run bash -c 'crm-segment rich | crm-find - city=Chur -i'
	[ "$output" = c6 ]
	run crm-segment s1 -i
	[ "$output" = "$(printf 'c4\nc5\nc6')" ]
	crm-add segment name=none query=city=Paris
	run crm-segment none
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	run crm-segment -e none
	[ "$status" -eq 1 ]
}

@test "a segment that is not there, or two" {
	crm-add segment name=rich 'query=revenue>=40'
	run_split crm-segment poor
	[ "$status" -eq 1 ]
	[[ $errors == *poor* ]]
	run_split crm-segment rich city=Bern
	[ "$status" -eq 2 ]
	[[ $errors == *"crm-find segment=rich"* ]]
	run_split crm-segment rich -f nonsense
	[ "$status" -eq 2 ]
	[[ $errors == *nonsense* ]]
	run_split crm-segment -f nonsense
	[ "$status" -eq 2 ]
	[[ $errors == *nonsense* ]]
}

@test "a segment that cannot be asked is not kept" {
	crm-add segment name=rich 'query=revenue>=40'
	run_split crm-add segment name=bern query=citty=Bern
	[ "$status" -eq 65 ]
	[ "$errors" = "crm-add: query: word 1 'citty=Bern': no field 'citty' of contact; did you mean 'city'" ]
	run_split crm-add segment name=both 'query=segment=rich segment=bern'
	[ "$status" -eq 65 ]
	[[ $errors == *bern* ]]
	run_split crm-add segment name=paid kind=orders query=status=paid
	[ "$status" -eq 65 ]
	[ "$errors" = "crm-add: kind 'orders': write 'order'" ]
	run_split crm-add segment name=paid kind=oder query=status=paid
	[ "$status" -eq 65 ]
	[[ $errors == *order* ]]
	run_split crm-edit rich 'query=revenue>=40 )'
	[ "$status" -eq 65 ]
	run_split crm-edit rich 'query='\''revenue'
	[ "$status" -eq 65 ]
	[ "$(crm-find -H -f name,query segment)" = "rich${TAB}revenue>=40" ]
	crm-add segment name=both 'query=segment=rich city=Bern'
	run_split bash -c 'printf "name\tquery\nx\ttag=a\ny\ttagg=b\n" |
		crm-add --keep-going segment -'
	[[ $output == *"tagg=b"* ]]
	[ "$(crm-find -H -i segment | wc -l)" -eq 3 ]
}

@test "a segment that no longer parses is told, the others are listed" {
	field=$(crm-add field name=contact.budget type=int)
	crm-add segment name=budget 'query=budget>5'
	crm-add segment name=all
	crm-rm "$field"
	run_split crm-segment
	[ "$status" -eq 65 ]
	[[ $errors == *"segment budget: "* ]]
	[[ $errors == *"correct its query with crm-edit"* ]]
	[[ $output == *"s1${TAB}budget${TAB}contact${TAB}${TAB}budget>5"* ]]
	[[ $output == *"s2${TAB}all${TAB}contact${TAB}0${TAB}"* ]]
}

# ---- RFM -------------------------------------------------------------------

@test "--rfm: quantiles of type 7 plus one, equal values together" {
	six
	run crm-segment --rfm
	[ "$output" = "id${TAB}recency${TAB}frequency${TAB}monetary${TAB}r${TAB}f${TAB}m${TAB}rfm${TAB}segment
c1${TAB}6${TAB}1${TAB}10.00${TAB}1${TAB}1${TAB}1${TAB}111${TAB}Lost
c2${TAB}5${TAB}2${TAB}20.00${TAB}2${TAB}1${TAB}1${TAB}211${TAB}About To Sleep
c3${TAB}4${TAB}3${TAB}30.00${TAB}3${TAB}2${TAB}2${TAB}322${TAB}Potential Loyalist
c4${TAB}3${TAB}4${TAB}40.00${TAB}4${TAB}3${TAB}3${TAB}433${TAB}Loyal Customers
c5${TAB}2${TAB}5${TAB}50.00${TAB}5${TAB}4${TAB}4${TAB}544${TAB}Champions
c6${TAB}1${TAB}6${TAB}60.00${TAB}5${TAB}5${TAB}5${TAB}555${TAB}Champions" ]
}

@test "--ties=split is ntile in order of value and id" {
	for i in 1 2 3 4 5 6 7; do
		crm-add contact name="C$i" >/dev/null
		order "c$i" 2026-01-01 10
	done
	run crm-segment -H --rfm --ties=split -f id,r,f,m
	[ "$output" = "c1${TAB}1${TAB}1${TAB}1
c2${TAB}1${TAB}1${TAB}1
c3${TAB}2${TAB}2${TAB}2
c4${TAB}2${TAB}2${TAB}2
c5${TAB}3${TAB}3${TAB}3
c6${TAB}4${TAB}4${TAB}4
c7${TAB}5${TAB}5${TAB}5" ]
	run crm-segment -H --rfm --ties=together -f rfm
	[ "$(sort -u <<<"$output")" = 511 ]
}

@test "what sqlite's ntile says, on many orders" {
	awk 'BEGIN { srand(7); print "name"; for (i = 1; i <= 300; i++)
		print "C" i }' | crm-add contact - >/dev/null
	awk 'BEGIN { srand(8); print "contact\tissued\ttotal"
		for (i = 1; i <= 1200; i++)
			printf "c%d\t2025-%02d-%02d\t%d.%d\n", 1 + rand() * 250,
				1 + rand() * 12, 1 + rand() * 28, rand() * 90,
				rand() * 10 }' >"$BATS_TEST_TMPDIR/orders"
	crm-add order - <"$BATS_TEST_TMPDIR/orders" >/dev/null
	sqlite3 :memory: >"$BATS_TEST_TMPDIR/want" <<-EOF
		.mode tabs
		.import $BATS_TEST_TMPDIR/orders o
		create table c as select cast(substr(contact, 2) as int) n,
		max(issued) l, count(*) f, sum(cast(round(total * 10) as int)) m
		from o group by 1;
		select 'c' || n, ntile(5) over (order by l, n),
		ntile(5) over (order by f, n), ntile(5) over (order by m, n)
		from c order by n;
	EOF
	crm-segment -H --rfm --ties split -f id,r,f,m \
		>"$BATS_TEST_TMPDIR/have"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/have")" -gt 200 ]
	diff "$BATS_TEST_TMPDIR/want" "$BATS_TEST_TMPDIR/have"
}

@test "what counts: no quotes, nothing cancelled, no other currency" {
	crm-add contact name=A
	crm-add contact name=B
	order c1 2026-01-01 10
	order c1 2026-01-02 20 doc=quote
	order c1 2026-01-03 40 status=cancelled
	order c1 2026-01-04 80 currency=CHF
	order c2 2026-01-05 5 status=returned
	run crm-segment --rfm -H -f id,frequency,monetary
	[ "$output" = "c1${TAB}2${TAB}10.00" ]
	run crm-find -H -f orders,revenue name=A
	[ "$output" = "2${TAB}10.00" ]
}

@test "--as-of: later orders do not count, days are counted from it" {
	crm-add contact name=A
	crm-add contact name=B
	order c1 2026-01-01 10
	order c1 2026-02-01 10
	order c2 2026-02-10 10
	run crm-segment --rfm -H -f id,recency,frequency
	[ "$output" = "c1${TAB}10${TAB}2
c2${TAB}1${TAB}1" ]
	run crm-segment --rfm -H --as-of 2026-01-31 -f id,recency,frequency
	[ "$output" = "c1${TAB}30${TAB}1" ]
	run crm-segment --rfm -H --as-of today -f id,recency
	[ "$output" = "c1${TAB}29
c2${TAB}20" ]
}

@test "a query, or ids, bound the customers" {
	six
	run crm-segment --rfm -H -f id,rfm city=Bern
	[ "${#lines[@]}" -eq 5 ]
	[ "${lines[4]}" = "c5${TAB}545" ]
	run bash -c 'printf "c3\nc1\nc7\nc3\n" | crm-segment --rfm -H -f id,frequency -'
	[ "$output" = "c1${TAB}1
c3${TAB}3" ]
	run crm-segment --rfm -H -i contact city=Chur
	[ "$output" = c6 ]
	run crm-segment --rfm city=Paris
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	run crm-segment --rfm -e city=Paris
	[ "$status" -eq 1 ]
}

@test "fields of the contact stand beside the figures" {
	six
	run crm-segment --rfm -H -l 1 -f name,rfm,revenue
	[ "$output" = "Customer 1${TAB}111${TAB}10.00" ]
	run_split crm-segment --rfm -f name,recensy
	[ "$status" -eq 2 ]
	[[ $errors == *recensy*"figures are id,recency,frequency"* ]]
}

@test "written back with crm-edit" {
	six
	crm-add field name=contact.segment type=text
	run bash -c 'crm-segment --rfm -f id,segment | crm-edit -'
	[ "$status" -eq 0 ]
	run crm-find -H -i segment:champions
	[ "$output" = "$(printf 'c5\nc6')" ]
}

@test "no orders, no store" {
	run crm-segment --rfm
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	run crm-segment --abc -S "$BATS_TEST_TMPDIR/none"
	[ "$status" -eq 0 ]
	[ ! -e "$BATS_TEST_TMPDIR/none" ]
}

# ---- ABC -------------------------------------------------------------------

@test "--abc: what stands before a row decides" {
	for t in 5 10 5 40 40; do
		id=$(crm-add contact name=X)
		order "$id" 2026-01-01 $t
	done
	run crm-segment --abc --ties split
	[ "$output" = "id${TAB}monetary${TAB}share${TAB}cumulative${TAB}class
c4${TAB}40.00${TAB}40.0000${TAB}40.0000${TAB}A
c5${TAB}40.00${TAB}40.0000${TAB}80.0000${TAB}A
c2${TAB}10.00${TAB}10.0000${TAB}90.0000${TAB}B
c1${TAB}5.00${TAB}5.0000${TAB}95.0000${TAB}B
c3${TAB}5.00${TAB}5.0000${TAB}100.0000${TAB}C" ]
	run crm-segment --abc -H -f class
	[ "$output" = "$(printf 'A\nA\nB\nB\nB')" ]
	run crm-segment --abc -i -l 2
	[ "$output" = "$(printf 'c4\nc5')" ]
	run crm-segment --abc -H -O csv -l 1
	[ "$output" = c4,40.00,40.0000,40.0000,A ]
}

@test "--abc without revenue" {
	crm-add contact name=X
	order c1 2026-01-01 0
	run crm-segment --abc -H
	[ "$output" = "c1${TAB}0.00${TAB}${TAB}${TAB}C" ]
}

# ---- refusals --------------------------------------------------------------

@test "options that do not go together" {
	run_split crm-segment --rfm --abc
	[ "$status" -eq 2 ]
	[[ $errors == *"two tables; ask for one"* ]]
	run_split crm-segment --ties split
	[ "$status" -eq 2 ]
	[[ $errors == *"go with --rfm or --abc"* ]]
	run_split crm-segment --as-of today rich
	[ "$status" -eq 2 ]
	run_split crm-segment --rfm --ties never
	[ "$status" -eq 2 ]
	[[ $errors == *"together|split"* ]]
	run_split crm-segment --rfm -s name
	[ "$status" -eq 2 ]
	[[ $errors == *crm-body*sort* ]]
	run_split crm-segment --rfm --as-of 31.2.2026
	[ "$status" -eq 2 ]
	[[ $errors == *31.2.2026* ]]
	run_split crm-segment --rfm org industry=x
	[ "$status" -eq 2 ]
	[[ $errors == *"'org'"*"of contacts"* ]]
	run_split bash -c 'echo c9 | crm-segment --rfm -'
	[ "$status" -eq 1 ]
	[[ $errors == *c9* ]]
	run_split crm-segment --rfm cty=Bern
	[ "$status" -eq 2 ]
	[[ $errors == *cty* ]]
}
