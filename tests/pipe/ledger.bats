# SPDX-License-Identifier: ISC
# What crm-export -O ledger writes is read by hledger and by ledger, who agree,
# and it adds up to what the store says.
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# It reads in the encoding of the locale.
hledger() {
	LC_ALL=C.UTF-8 command hledger "$@"
}

# What hledger makes of the journal, without its padding.
balance() {
	hledger -f out.journal balance --flat -N "$@" | sed 's/^ *//'
}

# ledger makes the same sums of the journal as hledger does.
agree() {
	hledger -f out.journal print -O csv >hledger.csv
	command ledger -f out.journal --args-only register --format \
		'%(account)\t%(quantity(amount))\t%(commodity(amount))\n' >ledger.tsv
	python3 - <<'END'
import collections, csv
from decimal import Decimal
ours, theirs = collections.Counter(), collections.Counter()
for row in csv.DictReader(open("hledger.csv", encoding="utf-8")):
    ours[row["account"], row["commodity"]] += Decimal(row["amount"])
for line in open("ledger.tsv", encoding="utf-8"):
    account, amount, commodity = line.rstrip("\n").split("\t")
    theirs[account, commodity.strip('"')] += Decimal(amount)
assert ours and ours == theirs, (ours - theirs, theirs - ours)
END
}

shop() {
	crm-add -q org name='Meier AG'
	crm-add -q contact name='Anna Berg'
	crm-add -q product name=Widget sku=W1 price=12.50
}

@test "an order with its items, another without" {
	shop
	crm-add -q order number=R-1 org=o1 contact=c1 issued=2026-03-01 \
		total=27.03 status=paid doc=invoice
	crm-add -q item order=r1 product=p1 qty=2 price=12.50 tax=8.1
	crm-add -q order contact=c1 issued=2026-03-02 total=5
	crm-export -O ledger >out.journal
	cat >want <<'END'

2026-03-01 * (R-1) Meier AG
    ; id: r1, doc: invoice, status: paid
    assets:receivable:Meier AG  27.03 EUR
    income:sales  -25.00 EUR  ; 2 Widget
    liabilities:tax  -2.03 EUR

2026-03-02 (r2) Anna Berg
    ; id: r2, doc: order, status: confirmed
    assets:receivable:Anna Berg  5.00 EUR
    income:sales  -5.00 EUR
END
	diff want out.journal
	hledger -f out.journal check
	agree
	[ "$(balance)" = '5.00 EUR  assets:receivable:Anna Berg
27.03 EUR  assets:receivable:Meier AG
-30.00 EUR  income:sales
-2.03 EUR  liabilities:tax' ]
	[ "$(balance --cleared assets)" = '27.03 EUR  assets:receivable:Meier AG' ]
}

@test "items without a total, with a discount, with another total" {
	shop
	crm-add -q order contact=c1 issued=2026-03-01
	crm-add -q item order=r1 product=p1 qty=3 price=9.99 discount=10
	crm-add -q order contact=c1 issued=2026-03-02 total=30
	crm-add -q item order=r2 product=p1 qty=2 price=12.50
	crm-add -q order contact=c1 issued=2026-03-03 total=108.10
	crm-add -q item order=r3 qty=1 price=108.10 tax=8.1
	crm-export -O ledger >out.journal
	hledger -f out.journal check
	agree
	[ "$(balance -b 2026-03-01 -e 2026-03-02)" = \
		'26.97 EUR  assets:receivable:Anna Berg
-26.97 EUR  income:sales' ]
	grep -q '^    income:sales  -5.00 EUR  ; not in the items$' out.journal
	[ "$(balance -b 2026-03-02 -e 2026-03-03 income)" = \
		'-30.00 EUR  income:sales' ]
	# The price had the tax in it.
	[ "$(balance -b 2026-03-03 income liabilities)" = \
		'-108.10 EUR  income:sales' ]
}

@test "what is left out is counted" {
	shop
	crm-add -q order contact=c1 total=1 doc=quote
	crm-add -q order contact=c1 total=2 doc=quote
	crm-add -q order contact=c1 total=4 status=cancelled
	crm-add -q order contact=c1 total=8 status=returned
	crm-add -q order contact=c1 number=X
	crm-add -q order contact=c1 total=16 issued=2026-03-02
	run_split crm-export -O ledger
	[ "$status" -eq 0 ]
	[ "$errors" = "crm-export: left out: 2 quotes, 2 cancelled or returned, \
1 without an amount" ]
	echo "$output" >out.journal
	[ "$(balance assets)" = '16.00 EUR  assets:receivable:Anna Berg' ]
}

@test "currencies, and a credit note" {
	shop
	crm-add -q order contact=c1 total=100 currency=CHF issued=2026-03-01
	crm-add -q order contact=c1 total=0.125 currency='x "2" ;' \
		issued=2026-03-01
	crm-add -q order contact=c1 total=7 currency='\' issued=2026-03-01
	crm-add -q order contact=c1 total=30 currency=CHF doc=credit \
		issued=2026-03-02
	crm-add -q order contact=c1 total=-5 currency=CHF doc=credit \
		issued=2026-03-03
	crm-export -O ledger >out.journal
	hledger -f out.journal check
	agree
	[ "$(balance assets cur:CHF)" = \
		'65.00 CHF  assets:receivable:Anna Berg' ]
	[ "$(balance assets cur:x.*)" = \
		'0.125 "x _2_ _"  assets:receivable:Anna Berg' ]
	[ "$(balance assets cur:_)" = '7.00 _  assets:receivable:Anna Berg' ]
}

@test "names that a journal would read otherwise" {
	for name in '* paid' '! x' '(code) y' 'a:b  c' 'a ; b' 'c | d' \
		'[virtual]' '= z' '"q"' '@@ 3' "tab	tab" '12.00 EUR'; do
		crm-add -q contact name="$name"
	done
	n=$(crm-find -i contact | wc -l)
	for i in $(seq 1 "$n"); do
		crm-add -q order contact="c$i" total=1 issued=2026-03-01 \
			number="N)($i;"
	done
	crm-add -q product name='[2026-99-99] date:1999-01-01, x ; y' sku=P
	crm-add -q item order=r1 product=p1 qty=1 price=1
	crm-export -O ledger >out.journal
	hledger -f out.journal check
	agree
	[ "$(hledger -f out.journal print | grep -c '^2026-03-01 (N__')" = "$n" ]
	[ "$(hledger -f out.journal stats | awk '/^Transactions  / { print $3 }')" \
		= "$n" ]
	[ "$(hledger -f out.journal accounts assets | wc -l)" = "$n" ]
	[ "$(hledger -f out.journal accounts | grep -c '^assets:receivable:')" = \
		"$n" ]
}

@test "orders only, and those that are asked for" {
	shop
	crm-add -q order contact=c1 total=1 issued=2026-03-01
	crm-add -q order contact=c1 total=2 issued=2026-03-02 doc=invoice
	crm-export -O ledger order doc=invoice >out.journal
	[ "$(balance assets)" = '2.00 EUR  assets:receivable:Anna Berg' ]
	run crm-export -O ledger contact
	[ "$status" -eq 2 ]
	CRM_STORE=$PWD/none
	run crm-export -O ledger
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

# Every order of a random store has the total that the store says.
@test "random stores" {
	for seed in $(seq 1 "$((${#CHECK_ALL} ? 25 : 6))"); do
		rm -rf "$CRM_STORE"
		"$B/tools/random-store" "$CRM_STORE" "$seed"
		crm-export -q -O ledger >out.journal
		[ -s out.journal ] || continue
		hledger -f out.journal check
		hledger -f out.journal balance -N --pivot id -O csv \
			assets:receivable >by-id
		crm-find -O jsonl -f id,doc,status,total order >orders
		python3 - <<'END'
import csv, json
from decimal import Decimal
have = {}
for row in csv.DictReader(open("by-id", encoding="utf-8")):
    have[row["account"]] = Decimal(row["balance"].split()[0])
for line in open("orders", encoding="utf-8"):
    r = json.loads(line, parse_float=Decimal, parse_int=Decimal)
    left = r.get("doc") == "quote" or \
        r.get("status") in ("cancelled", "returned")
    if left:
        assert r["id"] not in have, r
    elif r.get("total"):
        want = r["total"]
        if r.get("doc") == "credit" and want > 0:
            want = -want
        assert have[r["id"]] == want, (r, have[r["id"]])
END
		# ledger knows no year before 1400.
		awk -v RS= -v ORS='\n\n' 'substr($1, 1, 4) >= 1400' \
			out.journal >late.journal
		[ -s late.journal ] || continue
		mv late.journal out.journal
		agree
	done
}
