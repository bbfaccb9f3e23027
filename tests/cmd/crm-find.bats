# SPDX-License-Identifier: ISC
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

people() {
	crm-add org name=Wind industry=energy >/dev/null
	crm-add contact name='Jörg Müller' city=Bern org=o1 \
		email=j@wind.example,jm@wind.example tag=vip,b >/dev/null
	crm-add contact name='Ada Lovelace' city=Bern >/dev/null
	crm-add contact name='zoe zahn' city=Chur tag=vip \
		note=$'a\tb\nc' >/dev/null
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

# ---- what is found --------------------------------------------------------

@test "a store that is not there has nothing, and stays so" {
	run_split crm-find
	[ "$status" -eq 0 ]
	[ "$output" = "$(printf 'id\tname\torg\temail\tphone\tcity\ttag\tlast\tnext')" ]
	[ -z "$errors" ]
	[ ! -e "$CRM_STORE" ]
	run_split crm-find -e -i
	[ "$status" -eq 1 ]
	[ -z "$output$errors" ]
}

@test "contacts when no kind is named; plurals and prefixes are kinds" {
	people
	[ "$(crm-find -i)" = $'c1\nc2\nc3' ]
	[ "$(crm-find -i contacts city=Bern)" = $'c1\nc2' ]
	[ "$(crm-find -i org)" = o1 ]
	[ "$(crm-find -H -f name org industry=energy)" = Wind ]
}

@test "queries: words, paths, or" {
	people
	[ "$(crm-find -i mueller)" = c1 ]
	[ "$(crm-find -i org.industry=energy)" = c1 ]
	[ "$(crm-find -i city=Chur or name:ada)" = $'c2\nc3' ]
	[ "$(crm-find -i c2)" = c2 ]
}

@test "-e tells whether anything matched" {
	people
	crm-find -e city=Bern >/dev/null
	run_split crm-find -e -i city=Basel
	[ "$status" -eq 1 ]
	[ -z "$output$errors" ]
	run crm-find -i city=Basel
	[ "$status" -eq 0 ]
}

@test "-v says how" {
	people
	run_split crm-find -v -i email=j@wind.example
	[[ $errors == crm-find:*email* ]]
	[ "$output" = c1 ]
}

@test "a query that cannot be read" {
	people
	fails 2 "did you mean 'city'" crm-find citty=Bern
	fails 2 '' crm-find '(' city=Bern
	fails 2 '' crm-find 'created>rubbish'
}

# ---- columns --------------------------------------------------------------

@test "fields, paths, the id where it is named" {
	people
	run crm-find -f name,org.name,id city=Bern
	[ "${lines[0]}" = "name${TAB}org.name${TAB}id" ]
	[ "${lines[1]}" = "Jörg Müller${TAB}Wind${TAB}c1" ]
	[ "${lines[2]}" = "Ada Lovelace${TAB}${TAB}c2" ]
}

@test "-f all is every stored field, + adds to what is shown" {
	people
	all=$(crm-find -f all | head -n 1)
	[[ $all == "id${TAB}name${TAB}"* ]]
	[[ $all == *"${TAB}note${TAB}"* ]]
	[[ $all != *revenue* ]]
	run crm-find -f +revenue,org.name -l 1
	[ "${lines[0]}" = "$(printf 'id\tname\torg\temail\tphone\tcity\ttag\tlast\tnext\trevenue\torg.name')" ]
	[[ ${lines[1]} == *"${TAB}0.00${TAB}Wind" ]]
}

@test "columns that do not exist" {
	people
	fails 2 "-f: contact has no field 'nmae'; did you mean 'name'?" \
		crm-find -f nmae
	fails 2 "-f: 'name' stands there twice" crm-find -f name,city,name
	fails 2 '-f' crm-find -f org.nmae
	fails 2 '-f' crm-find -f ''
	fails 2 '-f' crm-find -f name,,city
}

@test "escapes, headers, NUL" {
	people
	[ "$(crm-find -H -f note c3)" = 'a\tb\nc' ]
	[ "$(crm-find -H -0 -f name | tr '\0' '|')" = 'Jörg Müller|Ada Lovelace|zoe zahn|' ]
	[ "$(crm-find -i -0 | tr '\0' '|')" = 'c1|c2|c3|' ]
}

@test "other formats" {
	people
	[ "$(crm-find -O csv -f id,tag,note c3)" = $'id,tag,note\nc3,vip,"a\tb\nc"' ]
	[ "$(crm-find -O jsonl -f id,tag,note,city c3)" = '{"id":"c3","tag":["vip"],"note":"a\tb\nc","city":"Chur"}' ]
	[ "$(crm-find -O json -i -f id city=Basel)" = '' ]
	python3 -c 'import json,sys
d = json.load(sys.stdin)
assert [r["id"] for r in d] == ["c1", "c2", "c3"], d
assert d[0]["email"] == ["j@wind.example", "jm@wind.example"], d' \
		<<<"$(crm-find -O json)"
	[ "$(crm-find -O json city=Basel | tr -d '\n')" = '[]' ]
	[[ $(crm-find -O table -f id,name | head -n 1) == 'id '*name* ]]
	[ "$(crm-find -H -O us -f id,city c3 | tr '\037' '|')" = 'c3|Chur' ]
	fails 2 'xml' crm-find -O xml
}

@test "-x: one row for each item" {
	people
	run crm-find -H -f id,email -x email
	[ "${lines[0]}" = "c1${TAB}j@wind.example" ]
	[ "${lines[1]}" = "c1${TAB}jm@wind.example" ]
	[ "${lines[2]}" = "c2$TAB" ]
	[ "${#lines[@]}" -eq 4 ]
	fails 2 "-x: 'name' is no list" crm-find -x name
	fails 2 "-x: 'social' is not among the columns; add -f +social" \
		crm-find -x social
	run crm-find -O jsonl -f id,tag -x tag c1
	[ "${lines[1]}" = '{"id":"c1","tag":"b"}' ]
	run crm-find -H -x contact.tag -f id,contact.tag org
	[ "${#lines[@]}" -eq 2 ]
}

# ---- order ----------------------------------------------------------------

@test "-s by the order of the type, up and down, equal ones by id" {
	printf '%s\n' name,tag,ext b,x,1 B,y,2 a,z,3 ä,x,4 10,x,5 9,,6 |
		tr , '\t' | crm-add contact - >/dev/null
	[ "$(crm-find -H -s name -f ext | tr '\n' ' ')" = '5 6 3 4 2 1 ' ]
	[ "$(crm-find -H -s tag -f ext | tr '\n' ' ')" = '1 4 5 2 3 6 ' ]
	[ "$(crm-find -H -s -tag -f ext | tr '\n' ' ')" = '3 2 1 4 5 6 ' ]
	[ "$(crm-find -H -s -tag,-id -f ext | tr '\n' ' ')" = '3 2 5 4 1 6 ' ]
	[ "$(crm-find -H -s -id -f ext | tr '\n' ' ')" = '6 5 4 3 2 1 ' ]
}

@test "-s: numbers, stages, dates, sums and paths; no value comes last" {
	crm-add contact name=A >/dev/null
	crm-add contact name=B >/dev/null
	crm-add contact name=C >/dev/null
	crm-add order number=1 contact=c1 total=9 issued=2026-01-01 >/dev/null
	crm-add order number=2 contact=c2 total=10.5 issued=2026-02-01 >/dev/null
	[ "$(crm-find -H -s -revenue -f name | tr '\n' ' ')" = 'B A C ' ]
	[ "$(crm-find -H -s last_order -f name | tr '\n' ' ')" = 'A B C ' ]
	[ "$(crm-find -H -s -last_order -f name | tr '\n' ' ')" = 'B A C ' ]
	[ "$(crm-find -H -s -contact.name -f number order | tr '\n' ' ')" = '2 1 ' ]
	crm-add deal name=w stage=won amount=2 >/dev/null
	crm-add deal name=n stage=new amount=-3 >/dev/null
	crm-add deal name=q stage=qualified amount=-20 >/dev/null
	[ "$(crm-find -H -s stage -f name deal | tr '\n' ' ')" = 'n q w ' ]
	[ "$(crm-find -H -s amount -f name deal | tr '\n' ' ')" = 'q n w ' ]
	fails 2 "-s: " crm-find -s nmae
	fails 2 '-s: a field name is missing' crm-find -s ''
	fails 2 '-s: a field name is missing' crm-find -s name,-
}

@test "-s on texts that begin alike for a long way" {
	long=$(printf 'x%.0s' $(seq 400))
	printf 'name\n%sb\n%sa\n%s\n' "$long" "$long" "$long" |
		crm-add contact - >/dev/null
	[ "$(crm-find -i -s name | tr '\n' ' ')" = 'c3 c2 c1 ' ]
}

@test "-l limits, with and without -s" {
	seq 1000 | sed '1i name' | crm-add contact - >/dev/null
	[ "$(crm-find -i -l 2)" = $'c1\nc2' ]
	[ "$(crm-find -i -l 2 -s -id)" = $'c1000\nc999' ]
	[ -z "$(crm-find -i -l 0)" ]
	run crm-find -e -i -l 0
	[ "$status" -eq 1 ]
	fails 2 'no number' crm-find -l x
}

# ---- ids on standard input ------------------------------------------------

@test "- prints those records in that order, each once" {
	people
	[ "$(printf 'c3\nc1\nc3\n' | crm-find -i -)" = $'c3\nc1' ]
	[ "$(crm-find -s -id | crm-find -i -)" = $'c3\nc2\nc1' ]
	[ "$(crm-find -i | crm-find -i - tag=vip)" = $'c1\nc3' ]
	[ "$(crm-find -i | crm-find -i -s name -)" = $'c2\nc1\nc3' ]
	[ "$(crm-find -i org | crm-find -H -f name -)" = Wind ]
	run_split crm-find -i - </dev/null
	[ "$status" -eq 0 ]
	[ -z "$output$errors" ]
}

@test "- refuses another kind, and ids that are not there" {
	people
	run_split sh -c 'printf "c1\no1\n" | crm-find -i -'
	[ "$status" -eq 65 ]
	[[ $errors == *'o1 is no contact'* ]]
	run_split sh -c 'printf "c1\n" | crm-find org -'
	[ "$status" -eq 1 ]
	run_split sh -c 'printf "c1\nc99\n" | crm-find -'
	[ "$status" -eq 1 ]
	[[ $errors == *c99* ]]
	run_split sh -c 'printf "name\tcity\nx\ty\n" | crm-find -'
	[ "$status" -eq 65 ]
	[[ $errors == *'no column id'* ]]
}

# ---- output ---------------------------------------------------------------

@test "a full disk and a closed descriptor are errors" {
	people
	run_split sh -c 'crm-find >/dev/full'
	[ "$status" -eq 74 ]
	[[ $errors == *'standard output'* ]]
	run_split sh -c 'crm-find >&-'
	[ "$status" -eq 74 ]
	run_split crm-find -o /dev/full
	[ "$status" -eq 74 ]
}

@test "-o appears when it is complete, and not after an error" {
	people
	crm-find -i -o out
	[ "$(cat out)" = $'c1\nc2\nc3' ]
	run crm-find -i -o out citty=x
	[ "$status" -eq 2 ]
	[ "$(cat out)" = $'c1\nc2\nc3' ]
	[ -z "$(ls | grep part)" ]
	fails 74 'nowhere' crm-find -o nowhere/x
	fails 2 '-o: an empty name' crm-find -o ''
}

@test "a reader that has enough ends it quietly" {
	seq 20000 | sed '1i name' | crm-add contact - >/dev/null
	run_split bash -c 'set -o pipefail; crm-find | head -n 1'
	[ "$status" -eq 141 ]
	[ -z "$errors" ]
}

@test "a reader that has enough ends the walk of a path, too" {
	{
		printf 'name\tindustry\n'
		seq 40 | awk '{
			print "Org" $1 "\t" ($1 <= 4 ? "energy" : "food")
		}'
	} | crm-add org - >/dev/null
	{
		printf 'name\torg\tcity\tnote\n'
		seq 20000 | awk '{
			printf "P%d\to%d\t%s\t%0300d\n", $1, 1 + $1 % 40,
			    $1 % 5 < 2 ? "Bern" : "Basel", $1
		}'
	} | crm-add contact - >/dev/null
	# The first and the last by one thread, that of Bern by two.
	for ask in 'org.industry=energy' 'org.industry=energy city=Bern' \
		'org.industry=food'; do
		run_split timeout 30 bash -c "set -o pipefail
			crm-find -f id,name,note $ask | head -n 1"
		echo "$ask: $status $errors"
		[ "$status" -eq 141 ]
		[ "${lines[0]}" = "id${TAB}name${TAB}note" ]
		[ -z "$errors" ]
	done
	crm-check
}

@test "a slow reader does not stop writers, and sees whole rows" {
	seq 20000 | sed '1i name' | crm-add contact - >/dev/null
	crm-find -f id,name,city | {
		read -r header
		[ "$header" = "id${TAB}name${TAB}city" ]
		crm-find -i | crm-edit - city=Bern
		awk -F '\t' 'NF != 3 { exit 1 } END { exit NR != 20000 }'
	}
	crm-check
}

@test "help" {
	run crm-find -h
	[ "$status" -eq 0 ]
	[[ $output == 'usage: crm-find '* ]]
}
