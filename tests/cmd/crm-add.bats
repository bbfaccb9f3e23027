# SPDX-License-Identifier: ISC
load ../helper

# rows FILE LINE...: a file of crm-tsv; \t in a line is a tab
rows() {
	local file=$1
	shift
	printf '%b\n' "$@" >"$file"
}

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

# ---- one record -----------------------------------------------------------

@test "prints the id, bare, and makes the store" {
	run_split crm-add contact name=Ada
	[ "$status" -eq 0 ]
	[ "$output" = c1 ]
	[ -z "$errors" ]
	[ "$(stat -c %a "$CRM_STORE")" = 700 ]
}

@test "values are stored in one notation" {
	crm-add contact name='  Ada ' email=Ada@EXAMPLE.org bday=1815-12-10 \
		suppress=true phone='+41 44 123 45 67'
	run crm-find -H -f name,email,bday,suppress
	[ "$output" = "Ada${TAB}ada@example.org${TAB}1815-12-10${TAB}yes" ]
	run crm-find -i phone=0041441234567
	[ "$output" = c1 ]
}

@test "a contact takes its name from the parts" {
	crm-add contact given=Ada middle=B. family=Lovelace
	crm-add contact given=Ada family=Lovelace name=Countess
	run crm-find -H -f name
	[ "${lines[0]}" = 'Ada B. Lovelace' ]
	[ "${lines[1]}" = Countess ]
}

@test "+= and -= work on what is given before" {
	crm-add contact name=Ada tag=a,b tag+=c tag-=a note=one note+=two
	run crm-find -H -f tag,note
	[ "$output" = "b,c${TAB}one\\ntwo" ]
}

@test "a value from a file, from standard input, and a literal @" {
	printf 'line 1\nline 2\n' >note.txt
	crm-add contact name=Ada note=@note.txt
	printf 'said\n' | crm-add contact name=Zoe note=-
	crm-add contact name=@@home
	run crm-find -H -f name,note
	[ "${lines[0]}" = "Ada${TAB}line 1\\nline 2" ]
	[ "${lines[1]}" = "Zoe${TAB}said" ]
	[ "${lines[2]}" = "@home$TAB" ]
	fails 74 'write @@ for a text' crm-add contact note=@missing
}

@test "references: id, name, e-mail, and --create" {
	crm-add org name=Wind
	crm-add contact name=Ada org=Wind email=ada@example.org
	crm-add contact name=Zoe org=o1
	crm-add task title=Call contact=ada@example.org
	run crm-find -H -f id,org
	[ "${lines[0]}" = "c1${TAB}o1" ]
	[ "${lines[1]}" = "c2${TAB}o1" ]
	fails 65 "org: no org 'Sun'; --create makes it" \
		crm-add contact name=Eva org=Sun
	run_split crm-add --create contact name=Eva org=Sun
	[ "$status" -eq 0 ]
	[ "$output" = c3 ]
	[ "$errors" = 'crm-add: new org o2 Sun' ]
	fails 65 'contact: there is no contact c99' \
		crm-add --create task title=x contact=c99
	fails 65 'contact: o1 is the id of org' crm-add task title=x contact=o1
	crm-add -q --create activity subject=x contact=new@example.org,Ada
	run crm-find -H -f contact activity
	[ "$output" = c4,c1 ]
	run crm-find -H -f email c4
	[ "$output" = new@example.org ]
}

@test "an ambiguous reference names the candidates" {
	crm-add contact name=Ada
	crm-add contact name=Ada
	fails 65 'c1 Ada, c2 Ada' crm-add task title=x contact=Ada
}

@test "kinds and fields of one's own can be used at once" {
	crm-add kind name=machine
	crm-add field name=machine.name index=yes
	crm-add field name=machine.owner_of type=ref ref=contact
	crm-add contact name=Ada
	crm-add field name=contact.budget type=decimal
	run crm-add machine name=Press owner_of=Ada
	[ "$status" -eq 0 ]
	crm-edit c1 budget=10.50
	run crm-find -H -f name,owner_of.budget machine
	[ "$output" = "Press${TAB}10.50" ]
}

@test "created and updated may be given" {
	crm-add contact name=Ada created=2020-01-02T03:04:05Z \
		updated=2021-01-01T00:00:00Z
	run crm-find -H -f created,updated
	[ "$output" = "2020-01-02T03:04:05Z${TAB}2021-01-01T00:00:00Z" ]
}

@test "what is wrong is named, with a way out, and makes no store" {
	fails 2 'no kind; write crm-add contact' crm-add
	fails 2 "no kind 'contcat'; did you mean 'contact'?" \
		crm-add contcat name=x
	fails 2 'nothing to add; write FIELD=VALUE' crm-add contact
	fails 2 "'Ada' is no assignment; write FIELD=VALUE" crm-add contact Ada
	fails 2 "no field 'emial'; did you mean 'email'?" \
		crm-add contact emial=x
	fails 2 'revenue: summed up by the store' crm-add contact revenue=5
	fails 2 'id: ids are given by the store' crm-add contact id=c7
	fails 65 "email: no @ in 'foo'; write name@host" \
		crm-add contact email=foo
	fails 65 'bday: ' crm-add contact bday=31.2.2026
	fails 65 'amount: ' crm-add deal amount=1,5
	fails 2 'bday: += changes lists' crm-add contact bday+=1d
	fails 2 'note: -= changes lists' crm-add contact note-=x
	fails 65 'without a single value' crm-add contact name=
	fails 2 'takes no -r' crm-add -r contact name=x
	fails 65 'no @ in' crm-add --create contact email=x org=Wind
	[ ! -e "$CRM_STORE" ]
}

@test "an unknown word of an enumeration warns and is kept" {
	run_split crm-add contact name=Ada lifecycle=custmer
	[ "$status" -eq 0 ]
	[[ $errors == *"lifecycle: 'custmer' is new here; did you mean 'customer'?"* ]]
	run crm-find -H -f lifecycle
	[ "$output" = custmer ]
	run_split crm-add -q contact name=Ada lifecycle=custmer
	[ -z "$errors" ]
}

@test "a unique value is kept unique" {
	crm-add contact name=Ada ext=shop:1
	fails 65 'ext' crm-add contact name=Zoe ext=shop:1
	[ "$(crm-find -i | wc -l)" -eq 1 ]
}

@test "a dry run changes nothing and makes no store" {
	run_split crm-add -n contact name=Ada
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$errors" = 'crm-add: dry run: 1 added, 0 updated, 0 unchanged, 0 refused' ]
	[ ! -e "$CRM_STORE" ]
	crm-add contact name=Ada
	crm-add -q -n --create contact name=Zoe org=Sun
	[ "$(crm-find -i)" = c1 ]
	[ -z "$(crm-find -i org)" ]
	fails 65 'no @' crm-add -n contact email=foo
}

# ---- keys -----------------------------------------------------------------

@test "-k updates the record with the same key" {
	crm-add contact name=Ada email=ada@example.org tag=a
	run crm-add -k email contact email=ADA@example.org name='Ada L'
	run crm-add -k email contact email=ada@example.org tag+=b
	[ "$output" = c1 ]
	run crm-add -k email contact email=zoe@example.org name=Zoe
	[[ $output == c* ]]
	[ "$(crm-find -H -f tag c1)" = a,b ]
}

@test "-k finds any item of a list, and refuses two records" {
	crm-add contact name=Ada email=a@example.org,b@example.org
	crm-add contact name=Zoe email=z@example.org
	[ "$(crm-add -k email contact email=b@example.org city=Bern)" = c1 ]
	[ "$(crm-find -H -f email c1)" = b@example.org ]
	crm-edit c1 email=a@example.org,b@example.org
	fails 65 'several records have' \
		crm-add -k email contact email=b@example.org,z@example.org
	crm-add contact name=Eva email=z@example.org
	fails 65 "several records have 'z@example.org': c2, c3" \
		crm-add -k email contact email=z@example.org
}

@test "-k wants a field that is looked up, and a value" {
	fails 2 '-k: note is not looked up by value; take name, email' \
		crm-add -k note contact note=x
	fails 2 "-k: contact has no field 'mail'" crm-add -k mail contact name=x
	fails 2 '-k email: its value is missing' crm-add -k email contact name=x
	fails 65 'no value to recognise the record by' \
		crm-add -k email contact name=x email=
	rows in 'name' 'Ada'
	fails 65 "standard input:1: no column 'email', which -k names" \
		crm-add -k email contact - <in
	rows in 'name\temail' 'Ada\t'
	fails 65 'standard input:2: email: no value to recognise' \
		crm-add -k email contact - <in
}

# ---- batches --------------------------------------------------------------

@test "rows are added in order, ids one a line" {
	rows in 'name\temail\ttag' 'Ada\ta@example.org\tx,y' 'Zoe\t\t'
	run crm-add contact - <in
	[ "$status" -eq 0 ]
	[ "$output" = $'c1\nc2' ]
	[ "$(crm-find -H -f name,tag)" = "Ada${TAB}x,y"$'\n'"Zoe$TAB" ]
}

@test "all rows or none: each bad one is reported" {
	rows in 'name\temail' 'Ada\ta@example.org' 'B\tbb' 'C\tc@c.c\td' \
		'' 'D\td@d@d'
	run_split crm-add contact - <in
	[ "$status" -eq 65 ]
	[ -z "$output" ]
	[[ $errors == *"crm-add: standard input:3: email: no @ in 'bb'; write name@host"* ]]
	[[ $errors == *"standard input:4: expected 2 cells, found 3"* ]]
	[[ $errors == *"standard input:5: blank line"* ]]
	[[ $errors == *"standard input:6: email: "* ]]
	[[ $errors == *"4 of 5 rows refused, nothing stored"* ]]
	[ -z "$(crm-find -i)" ]
}

@test "twenty bad rows are shown, the others counted" {
	{
		echo email
		yes bad | head -n 50
	} >in
	run_split crm-add contact - <in
	[ "$status" -eq 65 ]
	[ "$(grep -c 'no @ in' <<<"$errors")" -eq 20 ]
	[[ $errors == *"and 30 more rows refused"* ]]
	[[ $errors == *"50 of 50 rows refused"* ]]
}

@test "--keep-going stores the good rows and prints the others to be mended" {
	rows in 'name\temail' 'Ada\ta@example.org' 'B\tbb' 'C\tc\\\\td@c.c\tx' \
		'D' 'E\te@example.org'
	run_split crm-add --keep-going contact - <in
	[ "$status" -eq 1 ]
	[ "$(crm-find -H -f name)" = $'Ada\nE' ]
	[ "${lines[0]}" = "name${TAB}email${TAB}reason" ]
	[[ ${lines[1]} == "B${TAB}bb${TAB}email: no @ in 'bb'"* ]]
	[[ ${lines[2]} == "C${TAB}c\\\\td@c.c\\tx${TAB}expected 2 cells, found 3"* ]]
	[[ ${lines[3]} == "D${TAB}${TAB}expected 2 cells, found 1"* ]]
	[[ $errors == *'2 added, 0 updated, 0 unchanged, 3 refused'* ]]
	printf '%s\n' "${lines[0]}" "${lines[1]//bb/b@example.org}" >again
	run crm-add contact - <again
	[ "$status" -eq 0 ]
	[ "$(crm-find -H -f name email=b@example.org)" = B ]
}

@test "--keep-going -o takes the rejects, the ids are printed" {
	rows in 'name\temail' 'Ada\ta@example.org' 'B\tbb'
	run_split crm-add --keep-going -o rejects contact - <in
	[ "$status" -eq 1 ]
	[ "$output" = c1 ]
	[ "$(cut -f 1 rejects)" = $'name\nB' ]
	rows in 'name' 'Zoe'
	run_split crm-add --keep-going -o rejects contact - <in
	[ "$status" -eq 0 ]
	[ "$(cat rejects)" = "name${TAB}reason" ]
	fails 2 '--keep-going is for rows' crm-add --keep-going contact name=x
}

@test "a field that is called as the column of refused rows is one" {
	crm-add -q field name=contact.reason type=text
	rows in 'name\treason\temail' 'Ada\told\tbad'
	run_split crm-add --keep-going -o rejects contact - <in
	[ "$(head -n 1 rejects)" = \
		"name${TAB}reason${TAB}email${TAB}import-reason" ]
	run_split crm-add --keep-going -o again contact - <rejects
	cmp rejects again
	sed -i 's/bad/ada@example.org/' again
	[ "$(crm-add contact - <again)" = c1 ]
	[ "$(crm-find -H -f name,reason)" = "Ada${TAB}old" ]
}

@test "a header that does not fit is refused at once" {
	rows in 'name\tcitty' 'Ada\tBern'
	fails 65 "standard input:1: contact has no field 'citty'; did you mean 'city'?" \
		crm-add contact - <in
	rows in 'name\tname' 'Ada\tBern'
	fails 65 "standard input:1: column 'name' is there twice" crm-add contact - <in
	rows in 'name\trevenue' 'Ada\t5'
	fails 65 'revenue: summed up by the store' crm-add contact - <in
}

@test "ids are for crm-edit, unless the cells are empty" {
	rows in 'id\tname' 'c7\tAda'
	fails 65 "id: 'c7' given, but ids of new records come from the store" \
		crm-add contact - <in
	rows in 'id\tname' '\tAda'
	[ "$(crm-add contact - <in)" = c1 ]
}

@test "upsert: absent and empty keep, --empty=clear clears" {
	crm-add contact name=Ada email=a@example.org city=Bern note=x
	rows in 'email\tcity\tname' 'a@example.org\t\tAda L' \
		'z@example.org\tChur\tZoe'
	run crm-add -k email contact - <in
	[ "$output" = $'c1\nc2' ]
	[ "$(crm-find -H -f name,city,note c1)" = "Ada L${TAB}Bern${TAB}x" ]
	run crm-add -k email --empty clear contact - <in
	[ "$output" = $'c1\nc2' ]
	[ "$(crm-find -H -f name,city,note c1)" = "Ada L${TAB}${TAB}x" ]
	run_split crm-add -v -k email contact - <in
	[[ $errors == *'0 added, 0 updated, 2 unchanged, 0 refused'* ]]
}

@test "the same key twice in one batch is one record" {
	rows in 'ext\tname' 'x:1\tAda' 'x:2\tZoe' 'x:1\tAda L'
	run crm-add -k ext contact - <in
	[ "$output" = $'c1\nc2\nc1' ]
	[ "$(crm-find -H -f name)" = $'Ada L\nZoe' ]
	rows in 'ext\tname' 'x:3\tA' 'x:3\tB'
	fails 65 'standard input:3: ' crm-add contact - <in
	[ "$(crm-find -i | wc -l)" -eq 2 ]
}

@test "operands beside - hold for every row, cells take precedence" {
	rows in 'name\tsource' 'Ada\tweb' 'Zoe\t'
	crm-add contact - source=import tag=new <in
	[ "$(crm-find -H -f source,tag)" = "web${TAB}new"$'\n'"import${TAB}new" ]
}

@test "--create in a batch makes each record once" {
	rows in 'name\torg' 'Ada\tWind' 'Zoe\tSun' 'Eva\tWind'
	run_split crm-add --create contact - <in
	[ "$status" -eq 0 ]
	[ "$output" = $'c1\nc2\nc3' ]
	[ "$(grep -c 'new org' <<<"$errors")" -eq 2 ]
	[ "$(crm-find -H -f org.name)" = $'Wind\nSun\nWind' ]
}

@test "rows without a header" {
	printf 'Ada\tBern\n' | crm-add --columns name,city contact -
	[ "$(crm-find -H -f name,city)" = "Ada${TAB}Bern" ]
}

@test "CRLF, BOM, escapes and a second header are read" {
	printf '\357\273\277name\tnote\r\nAda\ta\\tb\\nc\\\\d\r\nname\tnote\r\n' |
		crm-add contact -
	[ "$(crm-find -H -f name,note)" = "Ada${TAB}a\\tb\\nc\\\\d" ]
}

@test "NUL and bad UTF-8 are refused with their line" {
	printf 'name\nA\0da\n' >in
	fails 65 'standard input:2: ' crm-add contact - <in
	printf 'name\nA\377da\n' >in
	fails 65 'standard input:2: ' crm-add contact - <in
	fails 1 '1 refused' sh -c 'crm-add --keep-going contact - <in >out'
	[[ $(cut -f 1 out) == *$'\n''A\\xffda' ]]
}

@test "no input at all adds nothing" {
	run_split crm-add contact - </dev/null
	[ "$status" -eq 0 ]
	[ -z "$output$errors" ]
	printf 'name\n' >in
	run_split crm-add contact - <in
	[ "$status" -eq 0 ]
	[ -z "$output$errors" ]
}

@test "a batch of kinds and fields" {
	rows in 'name' 'machine' 'region'
	crm-add kind - <in
	rows in 'name\ttype' 'machine.name\ttext' 'region.area\tint'
	crm-add field - <in
	[ "$(crm-add region area=5)" = "$(crm-find -i region)" ]
}

# ---- output ---------------------------------------------------------------

@test "what is stored stays so when the ids cannot be printed" {
	run_split sh -c 'crm-add contact name=Ada >/dev/full'
	[ "$status" -eq 74 ]
	[[ $errors == *'standard output'* ]]
	[ "$(crm-find -i)" = c1 ]
	run_split sh -c 'crm-add contact name=Zoe >&-'
	[ "$status" -eq 74 ]
	crm-check
}

@test "a refused first batch leaves no store" {
	rows bad.tsv 'name\temail' 'Ada\tada@example.org' 'Bob\tnobody'
	run_split crm-add contact - <bad.tsv
	[ "$status" -eq 65 ]
	[ ! -e "$CRM_STORE" ]
	[ ! -e "$CRM_STORE.new" ]
	run crm-add -n contact name=Ada
	[ ! -e "$CRM_STORE" ]
}

@test "what a kill left of a first write is taken away by the next" {
	mkdir -m 700 "$CRM_STORE.new"
	echo half >"$CRM_STORE.new/data.mdb"
	: >"$CRM_STORE.new/unfinished"
	crm-add contact name=Ada
	[ ! -e "$CRM_STORE.new" ]
	[ ! -e "$CRM_STORE/unfinished" ]
	[ "$(crm-find -i contact)" = c1 ]
}

@test "a place for a new store that another store has taken" {
	crm-add -S "$CRM_STORE.new" contact name=Other
	fails 78 "$CRM_STORE.new: in the way" crm-add contact name=Ada
	[ "$(crm-find -S "$CRM_STORE.new" -i contact)" = c1 ]
	[ ! -e "$CRM_STORE" ]
}

@test "first writes at the same time all arrive in one store" {
	for i in 1 2 3 4 5 6 7 8; do
		crm-add contact name=n$i >>ids &
	done
	wait
	[ "$(sort -V ids)" = "$(printf 'c%d\n' 1 2 3 4 5 6 7 8)" ]
	[ "$(crm-find -i contact | wc -l)" -eq 8 ]
	[ ! -e "$CRM_STORE.new" ]
}

@test "a store that may not be made" {
	CRM_STORE=/proc/nowhere/store
	fails 74 '/proc/nowhere' crm-add contact name=Ada
}

@test "help and version" {
	run crm-add -h
	[ "$status" -eq 0 ]
	[[ $output == 'usage: crm-add '* ]]
	[ "${#lines[@]}" -le 24 ]
	run crm-add -V
	[[ $output == 'crm-add '* ]]
}

@test "-k tells many apart that differ in case alone, within one batch" {
	for word in {a,A}{b,B}{c,C}{d,D}{e,E}; do
		echo "$word"
	done >words
	{
		printf 'name\tcity\n'
		sed "s/\$/${TAB}/" words
		sed "s/\(.*\)/\1${TAB}to \1/" words
	} >rows.tsv
	crm-add -q -k name contact - <rows.tsv >/dev/null
	[ "$(crm-find -H -f name,city | sort)" = \
		"$(sed "s/\(.*\)/\1${TAB}to \1/" words | sort)" ]
}

# LMDB is told of fewer tables than that, where fewer will do.
@test "a store has more tables than a small command is prepared for" {
	crm-add -q contact name=Ada
	seq 150 | sed 's/.*/contact.x&/; 1i name' | crm-add -q field - >/dev/null
	crm-find -i field 'name~^contact.x' | sed 's/$/\tyes/; 1i id\tindex' |
		crm-edit -q -
	[ "$(crm-add contact name=Ben $(seq -f x%g=v 150))" = c2 ]
	[ "$(crm-find -i contact x1=v x150=v)" = c2 ]
	[ "$(crm-add contact name=Eva x150=w)" = c3 ]
	[ "$(crm-find -i contact x150=w)" = c3 ]
	crm-check
}

# comes TEXT FILE: waits for it, not for ever
comes() {
	for _ in $(seq 600); do
		grep -q "$1" "$2" && return
		sleep 0.05
	done
	return 1
}

@test "what is wrong with a row is told before more rows come" {
	mkfifo pipe
	crm-add contact - <pipe >out 2>err &
	exec 5>pipe
	{
		printf 'name\temail\n'
		seq 700 | sed "s/.*/N&${TAB}n&@x.org/"
		printf 'A\tnone\nhalf'
	} >&5
	comes ':702: email: ' err
	printf '\ta line\nB\tnot yet' >&5
	comes ':703: email: ' err
	exec 5>&-
	wait $! || [ $? -eq 65 ]
	grep -q ':704: email: ' err
	grep -q '3 of 703 rows refused' err
	[ ! -s out ]
}
