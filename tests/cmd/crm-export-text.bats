# SPDX-License-Identifier: ISC
# crm-export: csv for spreadsheets, letters, address lines, consent.
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

people() {
	crm-add -q --create contact name=Ada given=Ada email=ada@x.org,a@y.org \
		org='Engines, Ltd' tag=vip,math >/dev/null
	crm-add -q --create contact name=Bob email=bob@x.org >/dev/null
	crm-add -q contact name=Cyd >/dev/null
}

# ---- csv ------------------------------------------------------------------

@test "csv: a text that is a formula gets an apostrophe, by its type" {
	crm-add field name=contact.budget type=decimal >/dev/null
	crm-add contact name='=1+1' note=-x role='@@SUM(A1)' nick="'=1" \
		title="'s-Hertogenbosch" phone='+41 44 123 45 67' \
		budget=-3.50 bday=1990-01-02 suffix='=1' \
		city=＝1 street='a=b' >/dev/null
	[ "$(crm-export -H -O csv -f name,note,role,nick,title,phone,budget,bday,suffix,city,street)" = \
		"'=1+1,'-x,'@SUM(A1),''=1,'s-Hertogenbosch,+41 44 123 45 67,-3.50,1990-01-02,'=1,'＝1,a=b" ]
	[ "$(crm-export -H --raw -O csv -f name,nick)" = "=1+1,'=1" ]
	[ "$(crm-export -H -f name)" = '=1+1' ]
	[ "$(crm-export -H -O jsonl -f name)" = '{"name":"=1+1"}' ]
}

@test "csv: other delimiters, line ends, a mark in front" {
	crm-add contact name='a,b;c' note=x >/dev/null
	[ "$(crm-export -O csv --delimiter ';' -f name,note)" = $'name;note\n"a,b;c";x' ]
	[ "$(crm-export -O csv --delimiter tab -f name,note)" = $'name\tnote\n"a,b;c"\tx' ]
	[ "$(crm-export -O csv --delimiter '|' -H -f note,name)" = 'x|"a,b;c"' ]
	[ "$(crm-export -O csv --crlf --bom -f note | od -An -tx1 | tr -d ' \n')" = \
		efbbbf6e6f74650d0a780d0a ]
	for bad in '' a 1 '"' "'" ab - = ü $'\n'; do
		fails 2 '--delimiter: ' crm-export -O csv --delimiter "$bad"
	done
	fails 2 '--raw: says how csv is written; add -O csv' crm-export --raw
	fails 2 '--crlf: ' crm-export -O tsv --crlf
	fails 2 '--bom: ' crm-export -O jsonl --bom
	fails 2 '--delimiter: ' crm-export -O vcard --delimiter ';'
}

# ---- mail programs --------------------------------------------------------

@test "mutt and aerc: a line an address" {
	people
	[ "$(crm-export -O mutt)" = "addresses found
ada@x.org${TAB}Ada${TAB}Engines, Ltd
a@y.org${TAB}Ada${TAB}Engines, Ltd
bob@x.org${TAB}Bob${TAB}" ]
	[ "$(crm-export -O aerc contact bob)" = "bob@x.org${TAB}Bob${TAB}" ]
	run_split crm-export -O mutt -- contact zoe
	[ "$status" -eq 1 ]
	[ "$output" = 'no address found' ]
	[ -z "$errors" ]
	run_split crm-export -O mutt contact cyd
	[ "$status" -eq 1 ]
	run_split crm-export -O aerc contact zoe
	[ "$status" -eq 0 ]
	[ -z "$output$errors" ]
	fails 2 'deal has no e-mail addresses; take contact or org' \
		crm-export -O mutt deal
	crm-edit -q c2 name=$'B\tob\nX' nick=x
	[ "$(crm-export -O aerc contact bob@x.org)" = "bob@x.org${TAB}B ob X${TAB}" ]
}

# ---- letters --------------------------------------------------------------

@test "a template is filled in for each record" {
	people
	cat >letter <<-'EOF'
		{{today}}
		{{#org}}
		{{org.name}}
		{{/org}}
		Dear {{given}}{{^given}}{{name}}{{/given}}, {{"{{"}}{{tag}}}}
	EOF
	[ "$(crm-export --template letter)" = '2026-03-02
Engines, Ltd
Dear Ada, {{vip, math}}
2026-03-02
Dear Bob, {{}}
2026-03-02
Dear Cyd, {{}}' ]
	[ "$(printf '{{name}};' | crm-export --template - -s -name -l 2)" = 'Cyd;Bob;' ]
	printf '\xef\xbb\xbf{{name}}' >marked
	[ "$(crm-export --template marked name=Ada)" = Ada ]
	[ "$(printf '{{contact.name}}\n' | crm-export --template - deal)" = '' ]
	crm-export --template letter -o out name=Bob
	[ "$(wc -l <out)" -eq 2 ]
}

@test "a template that is wrong says where" {
	people
	printf 'x\n {{nmae}}' >letter
	fails 65 "letter:2:2: no field 'nmae' of contact; did you mean 'name'" \
		crm-export --template letter
	printf '{{#name}}' >letter
	fails 65 "letter:1:1: 'name' is not closed" crm-export --template letter
	fails 65 "letter:1:1: " crm-export --template letter -o 'x/{{id}}'
	[ ! -e x ]
	fails 74 'none: ' crm-export --template none
	fails 2 '-O: a template' crm-export --template letter -O csv
	fails 2 '-f: a template' crm-export --template letter -f name
	printf '\xff' >letter
	fails 65 'letter: byte 1 is no UTF-8' crm-export --template letter
}

@test "a file each: folders made, names safe, nothing by halves" {
	people
	echo 'Dear {{name}}' >letter
	crm-edit -q c2 name=../../../tmp/x
	crm-edit -q c3 name=$'.hid\nden'
	run_split crm-export --template letter -o 'a/b/{{id}}-{{name}}.txt'
	[ "$status" -eq 0 ]
	[ -z "$output$errors" ]
	[ "$(cd a/b && ls | tr '\n' ' ')" = 'c1-Ada.txt c2-___.._.._tmp_x.txt c3-_hid_den.txt ' ]
	[ "$(cat a/b/c1-Ada.txt)" = 'Dear Ada' ]
	[ "$(ls -A a/b | wc -l)" -eq 3 ]
	# again, over what is there; its rights stay
	chmod 600 a/b/c1-Ada.txt
	echo 'Hello {{name}}' >letter
	crm-export --template letter -o 'a/b/{{id}}-{{name}}.txt'
	[ "$(cat a/b/c1-Ada.txt)" = 'Hello Ada' ]
	[ "$(stat -c %a a/b/c1-Ada.txt)" = 600 ]
	# two of one name
	crm-edit -q c2 name=Ada
	fails 2 '-o: d/Ada would be the file of both c1 and c2; add {{id}}' \
		crm-export --template letter -o 'd/{{name}}'
	[ ! -e d ]
	echo old >Ada
	fails 2 'both c1 and c2' crm-export --template letter -o '{{name}}'
	[ "$(cat Ada)" = old ]
	[ -z "$(ls -A | grep part)" ]
}

@test "a file each: what cannot be a file" {
	people
	echo 'Dear {{name}}' >letter
	mkdir c1
	fails 2 "'c1' is no plain file" crm-export --template letter -o '{{id}}'
	fails 2 "'c1/' is no plain file" crm-export --template letter -o '{{id}}/'
	fails 2 '-o:1:1: ' crm-export --template letter -o '{{idd}}'
	touch file
	fails 74 'file' crm-export --template letter -o 'file/{{id}}'
	crm-edit -q c1 name="$(printf 'x%.0s' $(seq 300))"
	fails 74 'File name too long' crm-export --template letter -o '{{name}}'
	ln -s /etc/passwd c2
	fails 2 "'c2' is no plain file" crm-export --template letter -o '{{id}}' id=c2
	[ -z "$(ls -A | grep part)" ]
	# tags in -o mean nothing without a template
	crm-export -o '{{id}}.tsv'
	[ -s '{{id}}.tsv' ]
}

# ---- consent --------------------------------------------------------------

# consent CONTACT STATE CAPTURED [FIELD=VALUE]...
consent() {
	local who=$1 state=$2 when=$3
	shift 3
	crm-add -q consent contact="$who" purpose=news state="$state" \
		captured="$when" "$@" >/dev/null
}

# who: the names that may have news
who() {
	crm-export -q -H --for news -f name | tr '\n' ' '
}

@test "--for: the last word counts" {
	people
	[ -z "$(who)" ]
	consent c1 given 2026-01-01
	consent c2 pending 2026-01-01
	[ "$(who)" = 'Ada ' ]
	run_split crm-export --for news -H -f name
	[ "$errors" = "crm-export: 2 left out without consent to 'news'" ]
	[ "$status" -eq 0 ]
	consent c2 given 2026-01-02
	[ "$(who)" = 'Ada Bob ' ]
	consent c1 withdrawn 2026-02-01
	[ "$(who)" = 'Bob ' ]
	consent c1 given 2026-02-02
	[ "$(who)" = 'Ada Bob ' ]
	# an older refusal that is entered later
	consent c1 objected 2025-01-01
	[ "$(who)" = 'Ada Bob ' ]
	# pending is no word at all
	consent c1 pending 2026-02-20
	[ "$(who)" = 'Ada Bob ' ]
	# another purpose
	crm-add -q consent contact=c1 purpose=calls state=withdrawn \
		captured=2026-02-25 >/dev/null
	[ "$(who)" = 'Ada Bob ' ]
	consent c2 expired 2026-02-25
	[ "$(who)" = 'Ada ' ]
}

@test "--for: of one day the refusal, of two moments the later" {
	people
	consent c1 given 2026-02-01
	consent c1 withdrawn 2026-02-01T08:00:00Z
	consent c2 withdrawn 2026-02-01T08:00:00Z
	consent c2 given 2026-02-01T09:00:00Z
	consent c3 withdrawn 2026-02-01
	consent c3 given 2026-02-01T09:00:00Z
	[ "$(who)" = 'Bob ' ]
}

@test "--for: expiry and suppress" {
	people
	consent c1 given 2026-01-01 expires=2026-03-02
	consent c2 given 2026-01-01 expires=2026-03-01
	consent c3 given 2026-01-01
	[ "$(who)" = 'Ada Cyd ' ]
	crm-edit -q c3 suppress=yes
	[ "$(who)" = 'Ada ' ]
	[ -z "$(CRM_TODAY=2026-03-03 who)" ]
}

@test "--for: every format, and kinds that refer to people" {
	people
	consent c1 given 2026-01-01
	crm-add deal name=one contact=c1 >/dev/null
	crm-add deal name=two contact=c2 >/dev/null
	crm-add deal name=three >/dev/null
	crm-add activity subject=all contact=c1,c2 >/dev/null
	crm-add activity subject=ada contact=c1 >/dev/null
	[ "$(crm-export -q -H --for news -f name deal)" = $'one\nthree' ]
	[ "$(crm-export -q -H --for news -f subject activity)" = ada ]
	[ "$(crm-export -q --for news -O vcard | grep -c '^FN')" -eq 1 ]
	[ "$(crm-export -q --for news -O vcard3 | grep -c '^FN')" -eq 1 ]
	[ "$(crm-export -q --for news -O csv -H -f name)" = Ada ]
	[ "$(crm-export -q --for news -O json -f name)" = $'[\n{"name":"Ada"}\n]' ]
	[ "$(crm-export -q --for news -O aerc | wc -l)" -eq 2 ]
	[ "$(printf '{{name}}\n' | crm-export -q --for news --template -)" = Ada ]
	printf 'c2\nc1\n' >ids
	[ "$(crm-export -q --for news -H -f name - <ids)" = Ada ]
	# the limit counts who is left
	[ "$(crm-export -q --for news -H -f name -l 1 -s -name)" = Ada ]
	fails 2 '--for: product has nothing to do with people' \
		crm-export --for news product
	fails 2 '--for: a purpose is missing' crm-export --for ''
	run_split crm-export --for nwes -H -f name
	[[ $errors == *"no consent is for 'nwes'; did you mean 'news'"* ]]
	[ -z "$output" ]
}

# ---- the whole store ------------------------------------------------------

@test "-a: what has no place in it" {
	people
	fails 2 '-a: the whole store is what it is; leave out -f' crm-export -a -f id
	fails 2 'leave out --for' crm-export -a --for news
	fails 2 "leave out 'contact'" crm-export -a contact
	fails 2 "-O: the whole store as 'csv'; take jsonl or tsv" crm-export -a -O csv
	fails 2 '-a: tsv is a file for each kind; add -o DIR' crm-export -a -O tsv
	crm-export -a >all
	crm-export -a -O jsonl -o file
	cmp all file
	crm-export -a -o dir
	[ "$(crm-export -f id,name)" = "$(cut -f 1,2 dir/contact.tsv)" ]
	run_split sh -c 'crm-export -a >/dev/full'
	[ "$status" -eq 74 ]
}
