# SPDX-License-Identifier: ISC
# crm-export -a and crm-import: a whole store goes out and comes back.
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

fill() {
	crm-add -q kind name=machine
	crm-add -q field name=machine.owner2 type=ref ref=contact
	crm-add -q field name=contact.secret sensitive=yes
	crm-add -q field name=contact.gone
	crm-rm -q f343
	crm-add -q org name='Meier & Söhne'
	crm-add -q contact name=Ada org=o1 secret='a	b\c' \
		email=ada@example.org,al@example.com
	crm-add -q contact name=Ben
	crm-add -q machine note='line
two' owner2=c1
	crm-rm -q c2
}

# The store at $1 is that of now, in everything that can be asked for.
same() {
	for kind in $(crm-find -H -f name kind); do
		crm-find -f all "$kind" >one
		crm-find -S "$1" -f all "$kind" >two
		diff one two
	done
	crm-export -a >one
	crm-export -S "$1" -a >two
	cmp one two
	crm-check -S "$1"
}

@test "JSON lines make the same store" {
	fill
	crm-export -a >all.jsonl
	[ "$(head -c 16 all.jsonl)" = '{"crm":"archive"' ]
	[ "$(tail -n 1 all.jsonl | cut -c 1-12)" = '{"crm":"end"' ]
	crm-import -q -S "$PWD/new" all.jsonl
	same "$PWD/new"
	crm-export -a | crm-import -q -S "$PWD/piped" -
	same "$PWD/piped"
	crm-export -a >all.jsonl
	crm-export -a -o named.jsonl
	cmp all.jsonl named.jsonl
	crm-export -a -O tsv -o folder.jsonl
	[ -f folder.jsonl/MANIFEST ]
}

@test "a directory makes the same store" {
	fill
	crm-export -a -o dir
	[ "$(head -n 1 dir/contact.tsv | cut -f 1,2)" = "id${TAB}name" ]
	grep -q "^next${TAB}3\$" dir/MANIFEST
	crm-import -q -S "$PWD/new" dir
	same "$PWD/new"
}

@test "what was given is not given again" {
	fill
	crm-export -a | crm-import -q -S "$PWD/new" -
	export CRM_STORE=$PWD/new
	[ "$(crm-add contact name=Cid)" = c3 ]
	[ "$(crm-add field name=contact.budget)" = f344 ]
	# The slot of the field that was deleted is not used again either.
	deleted=$(crm-find -H -f slot field name=contact.secret)
	[ "$(crm-find -H -f slot field name=contact.budget)" -eq \
		$((deleted + 2)) ]
}

@test "what is in it reads as what it is" {
	fill
	crm-export -a >all.jsonl
	jq -e -s '.[0].version == 1 and (map(select(.id == "c1"))[0] |
		.secret == "a\tb\\c" and
		.email == ["ada@example.org", "al@example.com"])' all.jsonl
	crm-export -a -o dir
	mlr --icsv --ifs tab --ojson cat dir/org.tsv | grep -q 'Meier & Söhne'
}

@test "a store that is there stays as it is" {
	fill
	crm-export -a >all.jsonl
	run_split crm-import all.jsonl
	[ "$status" -eq 65 ]
	[[ $errors == *'there is a store already'*-S* ]]
	crm-export -a | cmp - all.jsonl
}

@test "a cut or changed one makes no store" {
	fill
	crm-export -a >all.jsonl
	sed '$d' all.jsonl >cut.jsonl
	run_split crm-import -S "$PWD/new" cut.jsonl
	[ "$status" -eq 65 ]
	[[ $errors == *'cut short'* ]]
	sed 's/Ada/Eva/' all.jsonl >changed.jsonl
	run_split crm-import -S "$PWD/new" changed.jsonl
	[ "$status" -eq 65 ]
	[[ $errors == *checksum* ]]
	crm-export -a -o dir
	rm dir/org.tsv
	run_split crm-import -S "$PWD/new" dir
	[ "$status" -eq 65 ]
	[[ $errors == *dir/org.tsv* ]]
	[ ! -e new ]
	[ -z "$(ls -d new.* 2>/dev/null)" ]
}

@test "a directory that is there is not written over" {
	fill
	mkdir dir empty
	touch dir/mine
	run_split crm-export -a -o dir
	[ "$status" -eq 65 ]
	[[ $errors == *dir*'there already'* ]]
	[ "$(ls)" = "$(printf '%s\n' dir empty err home store)" ]
	crm-export -a -o empty
	[ -f empty/MANIFEST ]
}

@test "a dry run makes nothing" {
	fill
	crm-export -a >all.jsonl
	crm-import -q -n -S "$PWD/new" all.jsonl
	[ ! -e new ]
	sed 's/Ada/Eva/' all.jsonl >changed.jsonl
	run crm-import -q -n -S "$PWD/new" changed.jsonl
	[ "$status" -eq 65 ]
}

@test "a full disk leaves no archive" {
	fill
	run_split bash -c 'crm-export -a >/dev/full'
	[ "$status" -eq 74 ]
}

@test "there is no archive of no store" {
	run_split crm-export -a
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $errors == *'no store'* ]]
}

@test "random stores by the commands" {
	for seed in $(seq 1001 1012); do
		rm -rf "$CRM_STORE" new new2 dir
		"$B/tools/random-store" "$CRM_STORE" "$seed"
		crm-export -a >one
		crm-import -q -S "$PWD/new" one
		crm-export -S "$PWD/new" -a -o dir
		crm-import -q -S "$PWD/new2" dir
		crm-export -S "$PWD/new2" -a | cmp one -
		crm-check -S "$PWD/new2"
	done
}
