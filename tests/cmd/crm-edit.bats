# SPDX-License-Identifier: ISC
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	crm-add contact name=Ada email=ada@example.org tag=a,b city=Bern >/dev/null
	crm-add contact name=Zoe city=Bern >/dev/null
}

# fails STATUS TEXT CMD...: status, a piece of the message, nothing on stdout,
# and the records as they were
fails() {
	local want=$1 text=$2 before
	shift 2
	before=$(crm-find -f all)
	run_split "$@"
	[ "$status" -eq "$want" ]
	[[ $errors == *"$text"* ]]
	[ -z "$output" ]
	[ "$(crm-find -f all)" = "$before" ]
}

# editor SCRIPT: VISUAL is a shell script with the file as $1
editor() {
	printf '#!/bin/sh\n%s\n' "$1" >ed
	chmod +x ed
	export VISUAL=$PWD/ed
}

on_pty() {
	run timeout 60 "$B/tools/on-pty" "$@" </dev/null
	output=${output//$'\r'/}
}

# ---- assignments ----------------------------------------------------------

@test "sets, clears, adds and removes, and says nothing" {
	run_split crm-edit ada@example.org city=Chur tag+=c,a tag-=b email= \
		note=one
	[ "$status" -eq 0 ]
	[ -z "$output$errors" ]
	[ "$(crm-find -H -f city,tag,email,note c1)" = "Chur${TAB}a,c${TAB}${TAB}one" ]
	crm-edit c1 note+=two
	[ "$(crm-find -H -f note c1)" = 'one\ntwo' ]
}

@test "numbers are added up exactly" {
	crm-add deal name=D amount=0.10 >/dev/null
	crm-edit d1 amount+=0.2
	[ "$(crm-find -H -f amount deal)" = 0.30 ]
	crm-edit d1 amount-=1 probability+=5
	[ "$(crm-find -H -f amount,probability deal)" = "-0.70${TAB}15" ]
	crm-add deal name=E >/dev/null
	crm-edit d2 amount+=2
	# No sum is cut off at what fits.
	most=999999999999999999999999999
	crm-edit d2 amount=$most amount+=0.5
	fails 65 'too long' crm-edit d2 amount+=1
	[ "$(crm-find -H -f amount deal id=d2)" = "$most.5" ]
	crm-edit d2 amount=2
	[ "$(crm-find -H -f amount deal name=E)" = 2 ]
}

@test "several records, ids on standard input, refs and assignments mixed" {
	crm-edit c1 owner=eva Zoe
	[ "$(crm-find -H -f owner)" = $'eva\neva' ]
	crm-find -i city=Bern | crm-edit - owner=tom
	[ "$(crm-find -H -f owner)" = $'tom\ntom' ]
	crm-find city=Bern | crm-edit - owner=
	[ "$(crm-find -i owner= | wc -l)" -eq 2 ]
	crm-add org name=Wind >/dev/null
	crm-edit c1 o1 tag=x
	[ "$(crm-find -i tag=x; crm-find -i org tag=x)" = $'c1\no1' ]
}

@test "nothing to do is no change" {
	before=$(crm-find -H -f updated c1)
	CRM_TODAY=2026-03-05 crm-edit c1 name=Ada tag-=z tag+=a
	[ "$(crm-find -H -f updated c1)" = "$before" ]
	run_split crm-edit -v c1 name=Ada
	[[ $errors == *'0 updated, 1 unchanged'* ]]
	CRM_TODAY=2026-03-05 crm-edit c1 name=Eva
	[[ $(crm-find -H -f updated c1) == 2026-03-05* ]]
}

@test "no input, no change" {
	run_split crm-edit - city=x </dev/null
	[ "$status" -eq 0 ]
	[ -z "$output$errors" ]
}

@test "a name made of its parts follows them" {
	crm-add contact given=Eva family=Sun >/dev/null
	crm-edit c3 family=Moon
	[ "$(crm-find -H -f name c3)" = 'Eva Moon' ]
	crm-edit c3 name=Doc
	crm-edit c3 family=Star
	[ "$(crm-find -H -f name c3)" = Doc ]
}

@test "-n prints what would change" {
	run crm-edit -n c1 c2 city=Chur tag-=a
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "id${TAB}field${TAB}old${TAB}new" ]
	[ "${#lines[@]}" -eq 4 ]
	[[ $output == *"c1${TAB}tag${TAB}a,b${TAB}b"* ]]
	[[ $output == *"c2${TAB}city${TAB}Bern${TAB}Chur"* ]]
	[ "$(crm-find -i city=Bern)" = $'c1\nc2' ]
	run crm-edit -n -O jsonl c2 city=
	[ "$output" = '{"id":"c2","field":"city","old":"Bern"}' ]
}

@test "--create, and references" {
	fails 65 "org: no org 'Wind'; --create makes it" crm-edit c1 org=Wind
	run_split crm-edit --create c1 c2 org=Wind
	[ "$status" -eq 0 ]
	[ "$errors" = 'crm-edit: new org o1 Wind' ]
	[ "$(crm-find -H -f org)" = $'o1\no1' ]
}

@test "what is wrong changes nothing" {
	fails 2 'no record; write crm-edit REF' crm-edit
	fails 2 'no record to change' crm-edit city=x
	fails 1 'c99' crm-edit c99 city=x
	fails 1 'nobody' crm-edit nobody city=x
	fails 2 "no field 'citty'; did you mean 'city'?" crm-edit c1 citty=x
	fails 2 'revenue: summed up' crm-edit c1 revenue=1
	fails 2 'updated: kept by the store' crm-edit c1 updated=2026-01-01
	fails 2 'created: kept by the store' crm-edit c1 created=2026-01-01
	fails 65 'no @ in' crm-edit c1 email=foo
	fails 65 'c1: email: no @ in' crm-edit c1 c2 email=foo
	fails 2 'bday: += changes lists' crm-edit c1 bday+=1
	fails 74 'missing' crm-edit c1 note=@missing
	crm-add contact name=Zoe >/dev/null
	fails 2 'c2 Zoe, c3 Zoe' crm-edit Zoe city=x
}

@test "all or none: a unique value that is taken" {
	crm-edit c1 ext=x:1
	fails 65 'c2: ' crm-edit c2 ext=x:1 city=Chur c1
}

# ---- columns --------------------------------------------------------------

@test "columns are written back" {
	crm-find -f id,city,tag | sed 's/Bern/Berne/; s/a,b/b,a/' | crm-edit -
	[ "$(crm-find -H -f city,tag)" = "Berne${TAB}b,a"$'\n'"Berne$TAB" ]
}

@test "all of crm-find can be given back; what the store keeps is left alone" {
	before=$(crm-find -f all)
	run_split sh -c 'crm-find -f +revenue,created | crm-edit -v -'
	[ "$status" -eq 0 ]
	[[ $errors == *'column revenue is kept by the store'* ]]
	[[ $errors == *'0 updated, 2 unchanged'* ]]
	[ "$(crm-find -f all)" = "$before" ]
}

@test "empty cells keep, --empty=clear clears" {
	printf 'id\tcity\ttag\nc1\t\tx\n' >in
	crm-edit - <in
	[ "$(crm-find -H -f city,tag c1)" = "Bern${TAB}x" ]
	crm-edit --empty=clear - <in
	[ "$(crm-find -H -f city,tag c1)" = "${TAB}x" ]
}

@test "columns of several kinds, headerless columns, -n" {
	crm-add org name=Wind >/dev/null
	printf 'id\ttag\nc1\tx\no1\ty\n' | crm-edit -
	[ "$(crm-find -H -f tag c1; crm-find -H -f tag org)" = $'x\ny' ]
	printf 'c2\tq\n' | crm-edit --columns id,tag -
	[ "$(crm-find -H -f tag c2)" = q ]
	run sh -c 'printf "id\ttag\nc2\tr\n" | crm-edit -n -'
	[ "${lines[1]}" = "c2${TAB}tag${TAB}q${TAB}r" ]
	[ "$(crm-find -H -f tag c2)" = q ]
}

@test "bad rows: each is reported and nothing stored" {
	printf 'id\temail\nc1\tnew@example.org\nc9\tx@example.org\nc2\tbad\n\tx\n' >in
	fails 65 "standard input:3: there is no c9" crm-edit - <in
	run_split crm-edit - <in
	[[ $errors == *"standard input:4: email: no @ in 'bad'"* ]]
	[[ $errors == *'standard input:5: id: empty'* ]]
	[[ $errors == *'3 of 4 rows refused, nothing stored'* ]]
	run_split crm-edit --keep-going - <in
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "id${TAB}email${TAB}reason" ]
	[ "${#lines[@]}" -eq 4 ]
	[ "$(crm-find -H -f email c1)" = new@example.org ]
}

@test "a header that does not fit" {
	printf 'name\tcity\nAda\tx\n' >in
	fails 65 "standard input:1: no column 'id'" crm-edit - <in
	printf 'id\tcitty\nc1\tx\n' >in
	fails 65 "did you mean 'city'?" crm-edit - <in
	printf 'c1\nc2\n' >in
	fails 2 'the input has ids only; write FIELD=VALUE' crm-edit - <in
}

# ---- the editor -----------------------------------------------------------

@test "no terminal, no editor" {
	fails 2 'there is no terminal' crm-edit c1
}

@test "only what was changed in the text is written" {
	editor 'sed -i "s/^city: Bern/city: Chur/; s/^tag:.*/tag:/" "$1"
	crm-edit c1 nick=meanwhile'
	on_pty crm-edit c1
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(crm-find -H -f name,city,tag,nick c1)" = "Ada${TAB}Chur${TAB}${TAB}meanwhile" ]
}

@test "the text shows ids, labels, long values and empty fields" {
	crm-add org name=Wind >/dev/null
	crm-edit c1 org=o1 note="one
	two"
	editor 'cp "$1" seen'
	on_pty crm-edit c1 c2
	[ "$status" -eq 0 ]
	grep -qx 'id: c1' seen
	grep -qx 'id: c2' seen
	grep -qx 'org: o1' seen
	grep -qx '# o1 Wind' seen
	grep -qx 'note: one' seen
	grep -qx "${TAB}${TAB}two" seen
	grep -q '^# empty:.* middle' seen
	! grep -q '^updated' seen
}

@test "lines of a value, several records" {
	editor 'cat >>"$1" <<E
id: c1
note: a
	b

id: c2
city: Chur
E'
	on_pty crm-edit c1 c2
	[ "$status" -eq 0 ]
	[ "$(crm-find -H -f note c1)" = 'a\nb' ]
	[ "$(crm-find -H -f city c2)" = Chur ]
}

@test "after a mistake the text is opened again with the reason" {
	editor 'if grep -q "^email: bad" "$1"; then
	cp "$1" again; sed -i "s/^email: bad/email: good@example.org/" "$1"
else sed -i "s/^email:.*/email: bad/" "$1"; fi'
	on_pty crm-edit c1
	[ "$status" -eq 0 ]
	[[ $(head -n 1 again) == "# line "*": email: no @ in 'bad'"* ]]
	[ "$(crm-find -H -f email c1)" = good@example.org ]
}

@test "leaving a wrong text as it is gives up" {
	editor 'sed -i "s/^email:.*/email: bad/; s/Bern/Chur/" "$1"'
	on_pty crm-edit c1
	[ "$status" -eq 65 ]
	[[ $output == *"email: no @ in 'bad'"* ]]
	[ "$(crm-find -H -f city c1)" = Bern ]
	editor 'echo nonsense >>"$1"; [ $(grep -c nonsense "$1") -lt 3 ] ||
		sed -i /nonsense/d "$1"'
	on_pty crm-edit c1
	[ "$status" -eq 0 ]
	editor 'sed -i "s/^id: c1/id: c2/" "$1"'
	on_pty crm-edit c1
	[ "$status" -eq 65 ]
	[[ $output == *"'c2' was not among the records"* ]]
}

@test "-n shows what the editor would change" {
	editor 'sed -i "s/Bern/Chur/" "$1"'
	on_pty crm-edit -n -O tsv c1
	[[ $output == *"c1${TAB}city${TAB}Bern${TAB}Chur"* ]]
	[ "$(crm-find -H -f city c1)" = Bern ]
}

@test "an editor that fails" {
	editor 'exit 3'
	on_pty crm-edit c1
	[ "$status" -eq 2 ]
	[[ $output == *'status 3'* ]]
}

# ---- output ---------------------------------------------------------------

@test "a full disk on standard output" {
	run_split sh -c 'crm-edit -n c1 city=x >/dev/full'
	[ "$status" -eq 74 ]
	run_split sh -c 'crm-edit c1 city=Chur >&-'
	[ "$(crm-find -H -f city c1)" = Chur ]
}
