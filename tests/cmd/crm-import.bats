# SPDX-License-Identifier: ISC
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# file NAME LINE...: \t in a line is a tab
file() {
	local name=$1
	shift
	printf '%b\n' "$@" >"$name"
}

# says TEXT: a line of standard error
says() {
	grep -qxF -- "crm-import: $1" <<<"$errors" || {
		echo "$errors"
		return 1
	}
}

# refused STATUS TEXT CMD...: status, a piece of the message, the same store
refused() {
	local want=$1 text=$2 before after
	shift 2
	before=$(everything)
	run_split "$@"
	after=$(everything)
	echo "$status: $errors"
	[ "$status" -eq "$want" ]
	[[ $errors == *"$text"* ]]
	[ "$before" = "$after" ]
}

everything() {
	for kind in contact org deal activity task order; do
		crm-export -O jsonl $kind
	done
}

# ---- tables of ours -------------------------------------------------------

@test "a csv with columns of ours is added and counted" {
	file people.csv name,email,city 'Ada,ada@example.org,London' \
		'"Muster, Karl",karl@example.net,'
	run_split crm-import people.csv
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	says '2 added, 0 updated, 0 unchanged, 0 refused'
	run crm-find -H -f name,email,city
	[ "${lines[0]}" = "Ada${TAB}ada@example.org${TAB}London" ]
	[ "${lines[1]}" = "Muster, Karl${TAB}karl@example.net${TAB}" ]
}

@test "the same import a second time changes nothing, with keys and without" {
	file people.csv name,email,city 'Ada,ada@example.org,London' Karl,,Bern \
		'Karl,,'
	crm-import -q people.csv
	run_split crm-import people.csv
	[ "$status" -eq 0 ]
	says '0 added, 0 updated, 3 unchanged, 0 refused'
	run_split crm-import -k email people.csv
	says '0 added, 0 updated, 3 unchanged, 0 refused'
	[ "$(crm-find -i | wc -l)" -eq 3 ]
}

@test "-k updates what is there and adds the rest; an empty cell keeps or clears" {
	crm-add -q contact name=Ada email=ada@example.org city=London phone=+4144123
	file people.csv email,name,city 'ada@example.org,Ada,' \
		'karl@example.net,Karl,Bern'
	run_split crm-import -k email people.csv
	says '1 added, 0 updated, 1 unchanged, 0 refused'
	[ "$(crm-find -H -f city c1)" = London ]
	run_split crm-import -k email --empty=clear people.csv
	says '0 added, 1 updated, 1 unchanged, 0 refused'
	[ "$(crm-find -H -f city,phone c1)" = "${TAB}+4144123" ]
}

@test "keys are tried in their order" {
	crm-add -q contact name=Ada ext=shop:1
	crm-add -q contact name=Karl email=karl@example.net
	file people.csv ext,email,city 'shop:1,new@example.org,London' \
		'shop:2,karl@example.net,Bern'
	run_split crm-import -k ext,email people.csv
	says '0 added, 2 updated, 0 unchanged, 0 refused'
	run crm-find -H -f ext,email,city
	[ "${lines[0]}" = "shop:1${TAB}new@example.org${TAB}London" ]
	[ "${lines[1]}" = "shop:2${TAB}karl@example.net${TAB}Bern" ]
}

@test "a couple with one address stays two people" {
	file people.csv name,email Ada,home@example.org Karl,home@example.org
	run_split crm-import -k email people.csv
	says '2 added, 0 updated, 0 unchanged, 0 refused'
	run_split crm-import -k email people.csv
	says '0 added, 0 updated, 2 unchanged, 0 refused'
	file people.csv name,email,city KARL,home@example.org,Bern
	run_split crm-import -k email people.csv
	says '0 added, 1 updated, 0 unchanged, 0 refused'
	[ "$(crm-find -i city=Bern)" = c2 ]
}

@test "several with the key and none of the name is refused" {
	crm-add -q contact name=Ada email=home@example.org
	crm-add -q contact name=Karl email=home@example.org
	file people.csv name,email Eve,home@example.org
	refused 65 'people.csv:2: email: several records have this value: c1, c2' \
		crm-import -k email people.csv
}

@test "a key that records are not found by is a wrong call" {
	file people.csv name,city Ada,London
	refused 2 '-k: city is not looked up by value; take' \
		crm-import -k city people.csv
}

@test "a bad row stops all, and is named by line, column and value" {
	file people.csv name,email Ada,ada@example.org 'Karl,no address' \
		Eve,eve@example.org
	refused 65 "people.csv:3: email: no @ in 'no address'" crm-import people.csv
	says '1 of 3 rows refused, nothing stored; mend them, or store the others with --keep-going and the refused in --rejects FILE'
	[ ! -e "$CRM_STORE" ]
}

@test "--keep-going stores the others, and the rejects can be mended" {
	file people.csv name,email,note Ada,ada@example.org, \
		'Karl,no address,"two\nlines"'
	run_split crm-import --keep-going --rejects bad.tsv people.csv
	[ "$status" -eq 1 ]
	says '1 added, 0 updated, 0 unchanged, 1 refused'
	[ "$(sed -n 1p bad.tsv)" = "name${TAB}email${TAB}note${TAB}line${TAB}reason" ]
	[[ $(sed -n 2p bad.tsv) == "Karl${TAB}no address${TAB}two\\nlines${TAB}3${TAB}email: "* ]]
	sed -i 's/no address/karl@example.net/' bad.tsv
	run_split crm-import bad.tsv
	says '1 added, 0 updated, 0 unchanged, 0 refused'
	[ "$(crm-find -H -f note email=karl@example.net)" = 'two\nlines' ]
}

@test "a dry run says what would be and stores nothing, not even a store" {
	file people.csv name,email Ada,ada@example.org
	run_split crm-import -n people.csv
	[ "$status" -eq 0 ]
	says 'dry run: 1 added, 0 updated, 0 unchanged, 0 refused'
	[ ! -e "$CRM_STORE" ] && [ ! -e "$CRM_STORE.new" ]
	crm-add -q contact name=Ada email=ada@example.org city=Bern
	file people.csv email,city ada@example.org,Zug
	before=$(everything)
	run_split crm-import -nv -k email people.csv
	[ "$output" = "what${TAB}id${TAB}field${TAB}before${TAB}after
updated${TAB}c1${TAB}city${TAB}Bern${TAB}Zug" ]
	says 'dry run: 0 added, 1 updated, 0 unchanged, 0 refused'
	[ "$before" = "$(everything)" ]
}

@test "an import is one transaction that undo takes back whole" {
	crm-add -q contact name=Ada email=ada@example.org
	before=$(everything)
	file people.csv email,name,org.name ada@example.org,Ada,Engines \
		karl@example.net,Karl,Engines
	crm-import -q -k email -m 'from the shop' people.csv
	[ "$(crm-history log -H -f txn | sort -u | wc -l)" -eq 2 ]
	crm-history undo -q 2 >/dev/null
	[ "$before" = "$(everything)" ]
}

@test "unknown columns are named, with the nearest field" {
	file people.csv name,emial Ada,ada@example.org
	refused 65 "people.csv: column 2, 'emial', is no field of contact; did you mean email?" \
		crm-import people.csv
}

@test "a kind is given in front of the files, and the ways to write it wrong" {
	file orgs.csv name,domain Engines,engines.example
	crm-import -q org orgs.csv
	[ "$(crm-find org -H -f name)" = Engines ]
	refused 2 'no file; write crm-import FILE' crm-import
	refused 74 'nowhere.csv: No such file' crm-import nowhere.csv
	refused 2 "unknown format 'xls'" crm-import -O xls orgs.csv
	refused 2 "unknown profile 'gogle'; did you mean google?" \
		crm-import --profile gogle orgs.csv
	refused 65 'a directory' crm-import .
}

# ---- references -----------------------------------------------------------

@test "a company column finds the org or makes it, once" {
	crm-add -q org name=Engines
	file people.csv name,org.name Ada,engines Karl,Looms Eve,Looms
	run_split crm-import people.csv
	says '3 added, 0 updated, 0 unchanged, 0 refused, 1 made because rows name them'
	says 'new org o2 Looms'
	run crm-find -H -f name,org.name
	[ "${lines[0]}" = "Ada${TAB}Engines" ]
	[ "${lines[2]}" = "Eve${TAB}Looms" ]
}

@test "what rows refer to may come later, also in another file" {
	file deals.tsv 'ext\tname\tcontact\tamount' \
		'x:d1\tBig\tx:c1\t10' 'x:d2\tSmall\tx:c2\t5'
	file people.tsv 'ext\tname\torg.ext' 'x:c1\tAda\tx:o1' 'x:c2\tKarl\t'
	file orgs.tsv 'ext\tname' 'x:o1\tEngines'
	run_split crm-import deal deals.tsv
	[ "$status" -eq 65 ]
	[[ $errors == *"deals.tsv:2: contact: no contact 'x:c1'; import the file that has it in the same run, or before"* ]]
	run_split crm-import -q contact people.tsv
	[ "$status" -eq 65 ]
	[ ! -e "$CRM_STORE" ]
	crm-import -q org orgs.tsv
	crm-import -q contact people.tsv
	crm-import -q deal deals.tsv
	[ "$(crm-find deal -H -f name,contact.name,contact.org.name amount=10)" = \
		"Big${TAB}Ada${TAB}Engines" ]
}

@test "an ext is given to the org that only had a name, and parts two of one name" {
	crm-add -q org name=Engines
	file people.csv name,org.name,org.ext Ada,Engines,x:1 Karl,Engines,x:2 \
		Eve,Engines,x:1
	crm-import -q people.csv
	run crm-find -H -f org,org.ext
	[ "${lines[0]}" = "o1${TAB}x:1" ]
	[ "${lines[1]}" = "o2${TAB}x:2" ]
	[ "${lines[2]}" = "o1${TAB}x:1" ]
}

@test "an org that a refused row would have made is not left behind" {
	file people.csv name,ext,org.name Ada,x:1,Engines 'Karl,x:2,Looms' \
		'Eve,"x:3,x:1",Wheels'
	run_split crm-import --keep-going -k name people.csv
	echo "$errors"
	[ "$status" -eq 1 ]
	[ "$(crm-find org -H -f name | tr '\n' ' ')" = 'Engines Looms ' ]
}

# ---- our own export -------------------------------------------------------

@test "ids of ours are given again, and never change somebody else" {
	crm-add -q contact name=Ada email=ada@example.org
	crm-add -q contact name=Karl
	crm-rm -q c1
	crm-export -O csv -o c.csv contact
	run_split crm-import -S "$BATS_TEST_TMPDIR/other" c.csv
	says '1 added, 0 updated, 0 unchanged, 0 refused'
	[ "$(crm-export -S other -O csv contact)" = "$(cat c.csv)" ]
	run_split crm-import -S "$BATS_TEST_TMPDIR/other" c.csv
	says '0 added, 0 updated, 1 unchanged, 0 refused'
	crm-edit -S "$BATS_TEST_TMPDIR/other" c2 name=Else
	run_split crm-import -S "$BATS_TEST_TMPDIR/other" c.csv
	[ "$status" -eq 65 ]
	[[ $errors == *'c.csv:2: name: c2 is here with another name; to change it import with -k id'* ]]
	crm-import -q -S "$BATS_TEST_TMPDIR/other" -k id c.csv
	[ "$(crm-find -S other -H -f name c2)" = Karl ]
	run_split crm-import -S "$BATS_TEST_TMPDIR/other" -k email,name c.csv
	says '0 added, 0 updated, 1 unchanged, 0 refused'
}

@test "csv, tsv and json lines there and back are the same, hostile texts too" {
	crm-add -q --create contact name='=cmd()' email=a@example.org org=Engines \
		note="$(printf 'line 1\nline "2"\ttab \\ back\n')" phone=+41441234567 \
		tag=a,b
	crm-add -q contact name="'=quoted" note="''=x" nick='  x'
	crm-add -q org name='@@home, "the best"; = 1'
	for format in csv tsv jsonl json; do
		for kind in contact org; do
			crm-export -O $format -f all -o $kind.$format $kind
		done
		store=$BATS_TEST_TMPDIR/$format
		crm-import -q -S "$store" org org.$format
		crm-import -q -S "$store" contact contact.$format
		for kind in contact org; do
			diff $kind.$format <(crm-export -S "$store" -f all \
				-O $format $kind)
		done
	done
}

# ---- other formats --------------------------------------------------------

@test "what a file is is found out, and said with -v" {
	printf 'name;city\nM\xfcller;Z\xfcrich\n' >german.csv
	run_split crm-import -v german.csv
	echo "$errors"
	[[ $errors == *"separated by ';'"* ]]
	[[ $errors == *windows-1252* ]]
	[ "$(crm-find -H -f name,city)" = "Müller${TAB}Zürich" ]
	printf 'name\tcity\nAda\tBern\n' | iconv -t UTF-16 >wide.txt
	crm-import -q wide.txt
	[ "$(crm-find -H -f city name=Ada)" = Bern ]
	printf '{"name": "Eve", "tag": ["x", "y"]}\n' >eve.jsonl
	crm-import -q eve.jsonl
	[ "$(crm-find -H -f tag name=Eve)" = x,y ]
	printf '%s\n' '[{"name": "Zoe"},' '{"name": "Yan", "city": "Ulm"}]' >two.json
	crm-import -q - <two.json
	[ "$(crm-find -H -f city name=Yan)" = Ulm ]
}

@test "a vCard and a calendar" {
	printf '%s\r\n' BEGIN:VCARD VERSION:3.0 'N:Lovelace;Ada;;;' 'FN:Ada Lovelace' \
		EMAIL:ada@example.org ORG:Engines UID:77 END:VCARD >ada.vcf
	run_split crm-import ada.vcf
	echo "$errors"
	[ "$(crm-find -H -f name,email,org.name,ext)" = \
		"Ada Lovelace${TAB}ada@example.org${TAB}Engines${TAB}vcard:77" ]
	run_split crm-import ada.vcf
	says '0 added, 0 updated, 1 unchanged, 0 refused'
	printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 BEGIN:VTODO UID:5 \
		SUMMARY:Call DUE:20260310T090000Z END:VTODO END:VCALENDAR >plan.ics
	run_split crm-import plan.ics
	echo "$errors"
	[ "$(crm-find task -H -f title,due)" = "Call${TAB}2026-03-10T09:00:00Z" ]
}

# message FROM TO ID SUBJECT
message() {
	printf '%s\n' "From: $1" "To: $2" 'Date: Mon, 2 Mar 2026 10:00:00 +0000' \
		"Message-ID: <$3@example>" "Subject: $4" '' 'Text.' ''
}

@test "mail with people who are known: mbox, Maildir, a single message" {
	crm-add -q contact name=Ada email=ada@example.org
	{
		echo 'From ada@example.org Mon Mar  2 10:00:00 2026'
		message ada@example.org me@example.net 1 Offer
		echo 'From x@example.org Mon Mar  2 10:00:00 2026'
		message x@example.org me@example.net 2 Spam
	} >box
	run_split crm-import box
	echo "$errors"
	says '1 added, 0 updated, 0 unchanged, 0 refused, 1 mail left out: nobody in it is known'
	[ "$(crm-find activity -H -f subject,contact.name,direction)" = \
		"Offer${TAB}Ada${TAB}in" ]
	mkdir -p Maildir/cur Maildir/new Maildir/tmp
	message ada@example.org me@example.net 1 Offer >Maildir/cur/1:2,S
	message me@example.net Ada@example.org 3 Answer >Maildir/new/2
	message ada@example.org me@example.net 4 Thrown >Maildir/cur/3:2,ST
	message ada@example.org me@example.net 5 Last >one.eml
	run_split crm-import Maildir one.eml
	echo "$errors"
	says '2 added, 0 updated, 1 unchanged, 0 refused'
	run_split crm-import Maildir one.eml box
	says '0 added, 0 updated, 4 unchanged, 0 refused, 1 mail left out: nobody in it is known'
	refused 2 'mail becomes activities' crm-import deal box
}

@test "--suggest prints a profile that reads the file" {
	file leute.csv 'Nachname;Vorname;E-Mail' 'Muster;Anna;anna@example.net'
	crm-import --suggest leute.csv >leute.profile
	run_split crm-import --map leute.profile leute.csv
	echo "$errors"
	says '1 added, 0 updated, 0 unchanged, 0 refused'
	[ "$(crm-find -H -f given,family,email)" = \
		"Anna${TAB}Muster${TAB}anna@example.net" ]
	[ ! -e "$CRM_STORE.new" ]
}

# ---- broken input ---------------------------------------------------------

@test "an unbalanced quote far down is named with its line" {
	{
		echo name,city
		seq 1 50000 | sed 's/.*/P&,Bern/'
		echo '"open,Bern'
		seq 1 50000 | sed 's/.*/Q&,Bern/'
	} >people.csv
	refused 65 'people.csv:50002: ' crm-import people.csv
	[[ $errors == *quote* ]]
}

@test "bad text, a wrong delimiter, short rows, a header twice, lines before it" {
	printf 'name,city\nM\xfcller,Bern\n' >bad.csv
	refused 65 'bad.csv:2: ' crm-import --encoding utf-8 bad.csv
	file wrong.csv 'name;city' 'Ada;Bern'
	refused 65 'wrong.csv' crm-import --delimiter , wrong.csv
	file short.csv name,city Ada,Bern Karl
	refused 65 'short.csv:3: ' crm-import short.csv
	file twice.csv name,city Ada,Bern name,city Karl,Ulm
	run_split crm-import twice.csv
	says '2 added, 0 updated, 0 unchanged, 0 refused'
	file preamble.csv 'Notes:' '"When exporting, some are missing."' '' \
		'First Name,Last Name,URL,Email Address,Company,Position,Connected On' \
		'Eve,Muster,https://l.example/eve,,Looms,Boss,15 Jan 2024'
	run_split crm-import preamble.csv
	echo "$errors"
	says '1 added, 0 updated, 0 unchanged, 0 refused, 1 made because rows name them'
	: >empty.csv
	run_split crm-import empty.csv
	echo "$status $errors"
	[ "$status" -eq 0 ] || [[ $errors == *empty.csv* ]]
}

@test "a killed import leaves the store as it was" {
	crm-add -q contact name=Ada
	before=$(everything)
	{
		echo name,city
		seq 1 400000 | sed 's/.*/P&,Bern/'
	} >people.csv
	crm-import -q people.csv &
	sleep 0.2
	# The shell has its jobs ignore an interrupt.
	kill -TERM $!
	wait $! || [ $? -eq 143 ]
	after=$(everything)
	[ "$before" = "$after" ] || [ "$(crm-find -i | wc -l)" -eq 400001 ]
	crm-check
}

@test "output that cannot be written is an error" {
	file people.csv name Ada
	run_split sh -c 'crm-import -v people.csv >/dev/full'
	[ "$status" -eq 74 ]
}

# ---- programs of others ---------------------------------------------------

@test "samples of every program are recognised, and a second time change nothing" {
	data=$BATS_TEST_DIRNAME/../data/profiles
	set -- "$data"/*.csv
	[ $# -ge 19 ]
	run_split crm-import -v "$@"
	echo "$errors"
	[ "$status" -eq 0 ]
	for file; do
		name=$(basename "$file" .csv)
		grep -qF "$name.csv: profile $name:" <<<"$errors"
	done
	before=$(everything)
	run_split crm-import "$@"
	echo "$errors"
	[ "$status" -eq 0 ]
	[[ $errors == *' 0 added, 0 updated, '* ]]
	[ "$before" = "$(everything)" ]
	crm-check
}

@test "a built-in profile can be printed and used as one's own" {
	crm-import --suggest --profile linkedin >mine.profile
	grep -q '^profile' mine.profile
	run_split crm-import --map mine.profile \
		"$BATS_TEST_DIRNAME"/../data/profiles/linkedin.csv
	[ "$status" -eq 0 ]
	[[ $errors == *added* ]]
}

@test "a profile adds to a note of ours, once" {
	crm-add -q contact name='Ada Lovelace' email=ada@engines.example note=ours
	file h.csv 'Record ID,First Name,Last Name,Email,Fax Number' \
		'51,Ada,Lovelace,ada@engines.example,+44 1'
	crm-import -q h.csv
	crm-import -q h.csv
	[ "$(crm-find -H -f note,ext c1)" = "ours\\nFax Number: +44 1${TAB}hubspot:51" ]
}

# ---- who is who -----------------------------------------------------------

@test "people and deals of one name are parted by what they refer to" {
	file a.csv name,org.name 'Karl,Engines'
	file b.csv name,org.name 'Karl,Looms'
	crm-import -q a.csv
	run_split crm-import b.csv
	says '1 added, 0 updated, 0 unchanged, 0 refused, 1 made because rows name them'
	run_split crm-import b.csv a.csv
	says '0 added, 0 updated, 2 unchanged, 0 refused'
	crm-add -q contact name=Ada email=ada@example.org
	crm-add -q contact name=Eve email=eve@example.org
	file c.csv name,contact 'Renewal,ada@example.org'
	file d.csv name,contact 'Renewal,eve@example.org'
	crm-import -q deal c.csv
	crm-import -q deal d.csv
	run_split crm-import deal d.csv c.csv
	says '0 added, 0 updated, 2 unchanged, 0 refused'
	[ "$(crm-find deal -H -f contact.name d1)" = Ada ]
}

@test "an org that people named becomes the one of the companies file, once" {
	file people.csv 'Record ID,First Name,Last Name,Email,Company Name' \
		'51,Ada,Lovelace,ada@engines.example,Engines Ltd'
	file orgs.csv 'Record ID,Company name,Company Domain Name' \
		'7001,Engines Ltd,engines.example' '7002,Engines Ltd,other.example'
	crm-import -q people.csv
	run_split crm-import orgs.csv
	says '1 added, 1 updated, 0 unchanged, 0 refused'
	[ "$(crm-find -H -f org.ext c1)" = hubspot:7001 ]
	run_split crm-import orgs.csv
	says '0 added, 0 updated, 2 unchanged, 0 refused'
	run_split crm-import -S "$BATS_TEST_TMPDIR/other" people.csv orgs.csv
	says '2 added, 1 updated, 0 unchanged, 0 refused, 1 made because rows name them'
	[ "$(crm-find -S other org -i | wc -l)" -eq 2 ]
	file ours.csv name,city Sparkasse,Bern Sparkasse,Zug
	crm-import -q org ours.csv
	[ "$(crm-find org -i name=Sparkasse | wc -l)" -eq 2 ]
}

@test "a profile's e-mail never makes one of a couple the other" {
	crm-add -q contact name='Ada Lovelace' email=home@example.org
	file google.csv 'First Name,Middle Name,Last Name,Organization Name,Labels,E-mail 1 - Label,E-mail 1 - Value' \
		'Karl,,Lovelace,,,*,home@example.org' \
		'Ada,,King,,,*,home@example.org'
	run_split crm-import google.csv
	says '1 added, 1 updated, 0 unchanged, 0 refused'
	[ "$(crm-find -H -f id,given)" = "c1${TAB}Ada
c2${TAB}Karl" ]
}

@test "two records of another system that look alike stay two" {
	file people.csv ext,name,email sf:1,Ada,info@example.org \
		sf:2,Ada,info@example.org
	run_split crm-import -k ext,email people.csv
	says '2 added, 0 updated, 0 unchanged, 0 refused'
	run_split crm-import -k ext,email people.csv
	says '0 added, 0 updated, 2 unchanged, 0 refused'
	run_split crm-import -k email people.csv
	says '0 added, 0 updated, 2 unchanged, 0 refused'
}

@test "a hundred with one name, or one phone, are a hundred the second time" {
	{
		echo name,city
		seq 100 | sed 's/.*/Karl,City &/'
	} >names.csv
	crm-import -q names.csv
	run_split crm-import names.csv
	says '0 added, 0 updated, 100 unchanged, 0 refused'
	{
		echo name,phone
		seq 100 | sed 's/.*/P&,+41441234567/'
	} >phones.csv
	crm-import -q -k phone phones.csv
	run_split crm-import -k phone phones.csv
	says '0 added, 0 updated, 100 unchanged, 0 refused'
}

@test "a note keeps its paragraphs, and comes once to people without a key" {
	file google.csv 'First Name,Last Name,Organization Name,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value' \
		'Karl,Muster,,"one\n\ntwo\ntwo\n\nthree",,,'
	crm-import -q google.csv
	[ "$(crm-find -H -f note)" = 'one\n\ntwo\ntwo\n\nthree' ]
	run_split crm-import google.csv
	says '0 added, 0 updated, 1 unchanged, 0 refused'
	head=$(head -n 1 google.csv)
	file ada.csv "$head" 'Ada,King,,"one\n\ntwo",,*,ada@example.org'
	crm-import -q ada.csv
	file ada.csv "$head" \
		'Ada,King,,"one\n\ntwo\n\nthree\n\nfour",,*,ada@example.org'
	crm-import -q ada.csv
	crm-import -q ada.csv
	[ "$(crm-find -H -f note email=ada@example.org)" = \
		'one\n\ntwo\nthree\n\nfour' ]
}

@test "a number far away takes no memory" {
	file far.csv id,name c200000000000000,Karl
	# A sanitizer takes more by itself.
	run_split bash -c '[ "$SAN" ] || ulimit -v 4000000; crm-import far.csv'
	echo "$errors"
	says '1 added, 0 updated, 0 unchanged, 0 refused'
}

@test "an empty id is not what a bad key is about" {
	file people.csv id,name,email ',Karl,bad'
	run_split crm-import -k email people.csv
	says "people.csv:2: email: no @ in 'bad'; write name@host"
}

# ---- refused rows ---------------------------------------------------------

@test "refused rows of other columns are in a file of their own" {
	file a.csv name,email 'Karl,bad'
	file b.csv city,name,email 'Bern,Eve,bad' 'Ulm,Ada'
	run_split crm-import --keep-going --rejects bad.tsv a.csv b.csv
	[ "$status" -eq 1 ]
	says 'refused rows of other columns are in bad.tsv.2'
	[ "$(cat bad.tsv)" = "name${TAB}email${TAB}line${TAB}reason
Karl${TAB}bad${TAB}2${TAB}email: no @ in 'bad'; write name@host" ]
	[[ $(cat bad.tsv.3) == "text${TAB}line${TAB}reason
Ulm,Ada${TAB}3${TAB}b.csv: 2 cells, the header has 3"* ]]
	sed -i "s/${TAB}bad/${TAB}n@example.org/" bad.tsv bad.tsv.2
	run_split crm-import bad.tsv bad.tsv.2
	says '2 added, 0 updated, 0 unchanged, 0 refused'
	file c.jsonl '{"name":"A","email":"bad"}' '{"name":"B","tag":["a,b","c"]}'
	run_split crm-import --keep-going --rejects bad.tsv c.jsonl
	[ "$(sed -n 2p bad.tsv)" = "A${TAB}bad${TAB}1${TAB}email: no @ in 'bad'; write name@host" ]
	[[ $errors == *"c.jsonl:2: tag: the item 'a,b' has a comma"* ]]
}

@test "a file that is named twice is a wrong call" {
	file a.csv name Karl
	refused 2 './a.csv is there twice; name it once' crm-import a.csv ./a.csv
}

@test "columns that the profile does not know are named" {
	file people.csv 'Record ID,First Name,Last Name,Email,Shoe Size' \
		'51,Ada,Lovelace,ada@example.org,38'
	run_split crm-import people.csv
	[ "$status" -eq 0 ]
	says "people.csv: columns left out, the profile has no line for them: 'Shoe Size'"
}

@test "what a refused row would have made is not there, not counted, not told" {
	file deals.csv name,org,contact Big,Looms,c99 Small,Engines,Karl \
		Next,Looms,Karl
	run_split crm-import --create --keep-going deal deals.csv
	echo "$errors"
	[ "$status" -eq 1 ]
	says '2 added, 0 updated, 0 unchanged, 1 refused, 3 made because rows name them'
	[ "$(grep -c 'new org' <<<"$errors")" -eq 2 ]
	[ "$(crm-find deal -H -f org.name,contact.name name=Next)" = "Looms${TAB}Karl" ]
	[ "$(crm-find org -i | wc -l)" -eq 2 ]
	file people.csv ext,name,org.name 'x:1,Ada,Wheels' '"x:1,x:2",Eve,Springs'
	run_split crm-import --keep-going -k name people.csv
	[[ $errors != *Springs* ]]
}

@test "an org without name and ext is not made, again and again" {
	file people.csv name,org.domain Karl,looms.example
	refused 65 'people.csv:2: org.domain: the org has neither name nor ext' \
		crm-import people.csv
}

@test "three companies of one name and three ids" {
	file people.csv name,org.name,org.ext Ada,Engines,x:1 Karl,Engines,x:2 \
		Eve,Engines,x:3 Zoe,Engines,x:4 Max,Engines,x:5 Tom,Engines,x:6
	run_split crm-import people.csv
	says '6 added, 0 updated, 0 unchanged, 0 refused, 6 made because rows name them'
}

@test "rows that wait are refused for what they wait for, and alone" {
	crm-add -q contact name=Ada ext=x:1
	file links.csv from,rel,to x:1,knows,x:9
	refused 65 "links.csv:2: to: no record 'x:9'" crm-import link links.csv
	crm-add -q org name=Dup
	crm-add -q org name=Dup ext=q:1
	file calls.csv ext,subject,start,re,org.name z:1,Hi,2026-01-01,z:2,Dup \
		z:2,Hu,2026-01-01,z:1, z:3,He,2026-01-01,z:4, z:4,Ho,2026-01-01,z:3,
	run_split crm-import --keep-going activity calls.csv
	echo "$errors"
	[ "$status" -eq 1 ]
	says '2 added, 0 updated, 0 unchanged, 2 refused'
	[[ $errors == *"calls.csv:2: org.name: several orgs are called 'Dup': o1, o2"* ]]
}

@test "a refused row takes the ext back that it gave to an org" {
	crm-add -q org name=Engines
	crm-add -q contact name=Ada email=a@x.example ext=x:1
	crm-add -q contact name=Karl ext=x:2
	before=$(everything)
	file people.csv email,city,ext,org.name,org.ext \
		'a@x.example,Bern,x:2,Engines,y:1'
	run_split crm-import --keep-going -k email people.csv
	echo "$errors"
	[ "$status" -eq 1 ]
	[ "$(crm-find org -H -f ext)" = '' ]
}

@test "what -v prints is what happened" {
	crm-add -q contact name=Ada ext=x:1 city=Bern
	crm-add -q contact name=Karl ext=x:2 city=Ulm
	file people.csv id,ext,city c1,x:2,Zug c2,,Bonn
	run_split crm-import -v --keep-going -k id people.csv
	echo "$output $errors"
	[ "$status" -eq 1 ]
	[ "$output" = "what${TAB}id${TAB}field${TAB}before${TAB}after
updated${TAB}c2${TAB}city${TAB}Ulm${TAB}Bonn" ]
	file people.csv id,ext,city c2,,Jena c1,x:2,Zug
	run_split crm-import -v -k id people.csv
	[ "$status" -eq 65 ]
	[ -z "$output" ]
	run_split crm-import -nv -k id people.csv
	[ "$output" = "what${TAB}id${TAB}field${TAB}before${TAB}after
updated${TAB}c2${TAB}city${TAB}Bonn${TAB}Jena" ]
}

@test "an error that ends the import hides no count of refused rows" {
	seq 1 30 | sed 1iemail >people.csv
	refused 74 'and 10 more rows refused' crm-import people.csv nowhere.csv
	[[ $errors == *'nowhere.csv: No such file'* ]]
	[ "$(grep -c 'more rows' <<<"$errors")" -eq 1 ]
	refused 65 'and 10 more rows refused' crm-import -n people.csv
	[ "$(grep -c 'more rows' <<<"$errors")" -eq 1 ]
	says 'dry run: 0 added, 0 updated, 0 unchanged, 30 refused'
}

@test "an item with a comma is refused, alone too" {
	file c.jsonl '{"name":"A","tag":["a,b"]}' '{"name":"B","tag":["c"]}'
	refused 65 "c.jsonl:1: tag: the item 'a,b' has a comma" crm-import c.jsonl
	file c.jsonl '{"name":"B","tag":["c"]}' '{"name":"A","tag":["a,b"]}'
	refused 65 "c.jsonl:2: tag: the item 'a,b' has a comma" crm-import c.jsonl
	file c.json '[{"name":"A","tag":["x\\u002cy"]}]'
	refused 65 "c.json:1: tag: the item 'x,y' has a comma" crm-import c.json
}

@test "refused cards, entries and objects are imported again as they stand" {
	crm-add -q field name=org.parent type=ref ref=org
	printf '%s\r\n' BEGIN:VCARD VERSION:3.0 KIND:org FN:Looms \
		X-CRM-PARENT:x:9 END:VCARD \
		BEGIN:VCARD VERSION:3.0 FN:Ada BDAY:1815-12-10 END:VCARD >a.vcf
	printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 BEGIN:VTODO UID:5 \
		SUMMARY:Call X-CRM-CONTACT:x:8 END:VTODO BEGIN:VTODO UID:6 \
		SUMMARY:Write DUE:soon END:VTODO END:VCALENDAR >b.ics
	file c.jsonl '{"name":"Karl","tag":["a,b"]}'
	run_split crm-import --keep-going --rejects bad.tsv a.vcf b.ics c.jsonl
	echo "$errors"
	cat bad.tsv
	[ "$status" -eq 1 ]
	says '1 added, 0 updated, 0 unchanged, 4 refused'
	[ "$(head -n 1 bad.tsv)" = "text${TAB}line${TAB}reason" ]
	[ "$(cut -f 1 bad.tsv | cut -c 1-11 | sort | tr '\n' ' ')" = \
		'BEGIN:VCARD BEGIN:VTODO BEGIN:VTODO text {"name":"Ka ' ]
	[ ! -e bad.tsv.2 ]
	run_split crm-import bad.tsv
	[ "$status" -eq 65 ]
	says "bad.tsv:2: DUE: 'soon' is no day and no moment; write 20260302 or 20260302T143000Z"
	sed -i 's/DUE:soon/DUE:20260401/; s/a,b/a/' bad.tsv
	crm-add -q contact name=Eve ext=x:8
	run_split crm-import --keep-going --rejects bad.tsv bad.tsv
	echo "$errors"
	says '3 added, 0 updated, 0 unchanged, 1 refused'
	[ "$(crm-find task -H -f title,due,contact.name -s title)" = \
		"Call${TAB}${TAB}Eve
Write${TAB}2026-04-01${TAB}" ]
	[ "$(crm-find -H -f tag name=Karl)" = a ]
	crm-add -q org name=Mills ext=x:9
	run_split crm-import --keep-going --rejects bad.tsv bad.tsv
	says '1 added, 0 updated, 0 unchanged, 0 refused'
	[ "$(crm-find org -H -f parent.name name=Looms)" = Mills ]
	[ ! -e bad.tsv ]
}

@test "refused texts that are nothing of themselves stay refused" {
	file short.csv name,city Ada
	file box "From a@example.org Mon Mar  2 10:00:00 2026" 'X'
	run_split crm-import --keep-going --rejects bad.tsv short.csv
	[ "$(tail -n +2 bad.tsv | cut -f 1)" = Ada ]
	run_split crm-import --keep-going --rejects bad.tsv bad.tsv
	echo "$errors"
	[ "$status" -eq 1 ]
	[[ $errors == *'bad.tsv:2: no card, no entry of a calendar and no object; put a line of a table back'* ]]
	[ "$(tail -n +2 bad.tsv | cut -f 1)" = Ada ]
	printf 'text\tline\treason\n' >none.tsv
	run_split crm-import none.tsv
	says '0 added, 0 updated, 0 unchanged, 0 refused'
	printf 'text\tline\treason\nonly one\n{"name":"Zoe"}\t1\t\n' >odd.tsv
	run_split crm-import --keep-going odd.tsv
	echo "$errors"
	says '1 added, 0 updated, 0 unchanged, 1 refused'
}

@test "no rows of an earlier run are left where the refused go" {
	file a.csv name,email Karl,bad
	file b.csv city,name,email Bern,Eve,bad
	file good.csv name,email Ada,ada@example.org
	crm-import -q --keep-going --rejects bad.tsv a.csv b.csv || :
	[ -e bad.tsv ] && [ -e bad.tsv.2 ]
	run_split crm-import --keep-going --rejects bad.tsv a.csv
	[ "$status" -eq 1 ]
	[ -e bad.tsv ] && [ ! -e bad.tsv.2 ]
	# What did not come to its end says nothing of the rows.
	run_split crm-import --rejects bad.tsv good.csv nowhere.csv
	[ "$status" -eq 74 ]
	[ "$(wc -l <bad.tsv)" -eq 2 ]
	run_split crm-import --rejects bad.tsv good.csv
	[ "$status" -eq 0 ]
	[ ! -e bad.tsv ]
	# What we have not written is not ours to delete.
	for text in 'name,email' '' 'line\treason\n' 'x\tline\treason'; do
		printf "$text" >mine
		cp mine was
		crm-import -q --rejects mine good.csv
		cmp mine was
	done
	crm-import -q --rejects /dev/null good.csv
	[ -c /dev/null ]
}

@test "what is imported is not lost as a file of refused rows" {
	file bad.tsv "name\temail\tline\treason" "Ada\tada@example.org\t2\tx" \
		"Karl\tbad\t3\tx"
	cp bad.tsv was.tsv
	refused 2 '--rejects: ./bad.tsv is what is imported, and its good rows would be lost' \
		crm-import --rejects ./bad.tsv bad.tsv
	refused 2 '--rejects: ./bad.tsv' \
		crm-import -n --keep-going --rejects ./bad.tsv bad.tsv
	cmp bad.tsv was.tsv
	run_split crm-import --keep-going --rejects bad.tsv bad.tsv
	says '1 added, 0 updated, 0 unchanged, 1 refused'
	[ "$(tail -n +2 bad.tsv | cut -f 1)" = Karl ]
}

@test "a field that is called as a column of refused rows is one" {
	crm-add -q kind name=machine
	crm-add -q field name=machine.name type=text
	crm-add -q field name=machine.reason type=text
	crm-add -q field name=machine.line type=int
	file m.csv name,line,reason Lathe,7,old
	crm-import -q machine m.csv
	[ "$(crm-find machine -H -f name,line,reason)" = "Lathe${TAB}7${TAB}old" ]
}

@test "what is refused twice, or has columns of those names, can be imported" {
	file people.csv name,email Ada,ada@example.org Karl,bad
	run_split crm-import --keep-going --rejects bad.tsv people.csv
	run_split crm-import --keep-going --rejects worse.tsv bad.tsv
	[ "$(head -n 1 worse.tsv)" = "name${TAB}email${TAB}line${TAB}reason" ]
	[[ $(tail -n +2 worse.tsv) == "Karl${TAB}bad${TAB}2${TAB}email: "* ]]
	sed -i 's/\tbad\t/\tkarl@example.org\t/' worse.tsv
	run_split crm-import worse.tsv
	says '1 added, 0 updated, 0 unchanged, 0 refused'
	crm-add -q kind name=machine
	crm-add -q field name=machine.name type=text
	crm-add -q field name=machine.reason type=text
	crm-add -q field name=machine.line type=int
	file m.csv name,line,reason Lathe,x,old
	run_split crm-import --keep-going --rejects bad.tsv machine m.csv
	for try in 1 2; do
		[ "$(head -n 1 bad.tsv)" = \
			"name${TAB}line${TAB}reason${TAB}import-line${TAB}import-reason" ]
		run_split crm-import --keep-going --rejects bad.tsv machine bad.tsv
		says '0 added, 0 updated, 0 unchanged, 1 refused'
	done
	sed -i 's/\tx\t/\t7\t/' bad.tsv
	run_split crm-import --keep-going --rejects bad.tsv machine bad.tsv
	says '1 added, 0 updated, 0 unchanged, 0 refused'
	[ ! -e bad.tsv ]
	[ "$(crm-find machine -H -f name,line,reason)" = "Lathe${TAB}7${TAB}old" ]
	# in the middle, and no field
	printf 'name\treason\temail\nKarl\told\tbad\n' >middle.tsv
	run_split crm-import --keep-going --rejects bad.tsv middle.tsv
	[ "$(head -n 1 bad.tsv)" = \
		"name${TAB}reason${TAB}email${TAB}import-line${TAB}import-reason" ]
	refused 65 "bad.tsv:2: email: no @ in 'bad'" crm-import bad.tsv
}

# twice KIND FILE N: N rows are added, and the second time all are there
twice() {
	run_split crm-import "$1" "$2"
	echo "$errors"
	says "$3 added, 0 updated, 0 unchanged, 0 refused"
	run_split crm-import "$1" "$2"
	echo "$errors"
	says "0 added, 0 updated, $3 unchanged, 0 refused"
}

@test "what has neither key nor name is found again where it hangs" {
	crm-add -q contact name=Ada email=ada@example.org
	crm-add -q contact name=Karl ext=x:2
	crm-add -q org name=Engines ext=x:7
	crm-add -q product name=Widget sku=W1
	crm-add -q order number=R-1 contact=c1
	crm-add -q order number=R-2 contact=c2
	file links.csv from,rel,to,since c1,knows,c2,2020-01-01 \
		c1,friend,c2, x:2,works-at,x:7, c1,knows,c2,2021-01-01
	twice link links.csv 4
	file items.csv order,product,qty,price R-1,W1,2,10 R-1,W1,2,10 R-2,W1,1,9.50
	twice item items.csv 3
	file calls.csv contact,type,start,subject \
		ada@example.org,call,2026-03-01T10:00:00Z,Offer \
		ada@example.org,call,2026-03-01T10:00:00Z,Price \
		ada@example.org,visit,2026-03-01,Offer
	twice activity calls.csv 3
	file tasks.csv contact,title,due Karl,Write,2026-04-01 Karl,Call,2026-04-01
	twice task tasks.csv 2
	crm-followup done -q t1
	run_split crm-import task tasks.csv
	says '0 added, 0 updated, 2 unchanged, 0 refused'
	file tickets.csv org.name,subject,opened Engines,Broken,2026-02-01
	twice ticket tickets.csv 1
	file ok.csv contact,purpose,channel,captured \
		x:2,newsletter,email,2026-01-01T10:00:00Z \
		x:2,newsletter,phone,2026-01-01T10:00:00Z
	twice consent ok.csv 2
	crm-check
}

@test "an old list does not give consent that was taken back since" {
	crm-add -q contact name=Ada email=ada@example.org
	crm-add -q contact name=Karl
	file old.csv contact,purpose,state ada@example.org,newsletter,given
	twice consent old.csv 1
	crm-edit -q n1 state=withdrawn
	refused 65 'old.csv:2: purpose: consent to it is there and holds no longer (n1); say in captured when it was given again' \
		crm-import consent old.csv -v
	file more.csv contact,purpose,state Karl,newsletter, \
		ada@example.org,newsletter,given ada@example.org,offers,given
	refused 65 'more.csv:3: purpose: ' crm-import -n consent more.csv
	run_split crm-import --keep-going consent more.csv
	says '2 added, 0 updated, 0 unchanged, 1 refused'
	[ "$(crm-export --for newsletter -O tsv -f name contact | tail -n +2)" = Karl ]
	# Said with its day it is something new; then the old list is there.
	file new.csv contact,purpose,state,captured \
		ada@example.org,newsletter,given,2026-03-02T12:00:00Z
	twice consent new.csv 1
	run_split crm-import consent old.csv
	says '0 added, 0 updated, 1 unchanged, 0 refused'
	# A refusal may be said twice, too.
	file no.csv contact,purpose,state Karl,newsletter,objected
	twice consent no.csv 1
	file karl.csv contact,purpose Karl,newsletter
	run_split crm-import consent karl.csv
	says '0 added, 0 updated, 1 unchanged, 0 refused'
	[ "$(crm-find consent -i | wc -l)" -eq 5 ]
	crm-check
}

@test "two things that may be two stay two" {
	crm-add -q contact name=Ada
	crm-add -q contact name=Karl
	crm-add -q order number=R-1 contact=c1
	# Nothing says when: it may be another one.
	file calls.csv contact,type,subject c1,call,Hello
	crm-import -q activity calls.csv
	crm-import -q activity calls.csv
	[ "$(crm-find activity -i | wc -l)" -eq 2 ]
	file tasks.csv contact,title c1,Call
	crm-import -q task tasks.csv
	crm-import -q task tasks.csv
	[ "$(crm-find task -i | wc -l)" -eq 2 ]
	file orders.csv contact,issued,total c1,2026-03-01,5
	crm-import -q order orders.csv
	crm-import -q order orders.csv
	[ "$(crm-find order -i | wc -l)" -eq 3 ]
	# The other one has more to it than the row says.
	crm-add -q link from=c1 rel=knows to=c2
	file links.csv from,to c1,c2
	crm-import -q link links.csv
	[ "$(crm-find link -i | wc -l)" -eq 2 ]
	crm-add -q item order=r1 price=5 qty=1 note='by hand'
	file items.csv order,price,qty R-1,5,1
	crm-import -q item items.csv
	crm-import -q item items.csv
	[ "$(crm-find item -i | wc -l)" -eq 2 ]
	# Another one of the same moment, and of the same subject.
	file calls.csv contact,start,subject c1,2026-03-01,A c1,2026-03-01,B \
		c2,2026-03-01,A
	crm-import -q activity calls.csv
	file calls.csv contact,start,subject c1,2026-03-02,A c2,2026-03-01,B \
		nobody,2026-03-01,A
	run_split crm-import --keep-going activity calls.csv
	echo "$errors"
	says '2 added, 0 updated, 0 unchanged, 1 refused'
}

@test "a thousand calls with one person are found again" {
	crm-add -q contact name=Ada
	seq 1000 | awk '{
		if (NR == 1) print "contact,start,subject"
		printf "Ada,2026-01-%02dT10:%02d:00Z,Call %d\n", $1 % 28 + 1, $1 % 60, $1
	}' >calls.csv
	twice activity calls.csv 1000
}

@test "rows of one file name their org by other fields each" {
	file a.jsonl '{"name":"A","org.name":"Acme","org.ext":"h:1"}' \
		'{"name":"B","org.ext":"h:1"}' '{"name":"C","org.name":"Beta"}' \
		'{"email":"d@x.example","name":"D","org.ext":"h:1"}' \
		'{"name":"E","org.name":"ACME"}'
	crm-import -q contact a.jsonl
	[ "$(crm-find contact -H -f name,org.name | tr "\t\n" ' ;')" = \
		'A Acme;B Acme;C Beta;D Acme;E Acme;' ]
}

@test "a thousand people of one address, and of one name" {
	seq 1000 | sed 's/.*/Person &,info@example.org/; 1iname,email' >a.csv
	run_split crm-import -k email a.csv
	echo "$errors"
	says '1000 added, 0 updated, 0 unchanged, 0 refused'
	run_split crm-import -k email a.csv
	says '0 added, 0 updated, 1000 unchanged, 0 refused'
	file b.csv name,email,city 'PERSON 999,info@example.org,Bern'
	run_split crm-import -k email b.csv
	says '0 added, 1 updated, 0 unchanged, 0 refused'
	# It may be any of them, with a new name.
	file b.csv name,email 'Else,info@example.org'
	refused 65 'b.csv:2: email: several records have this value: c1, c2, c3, c4 ...' \
		crm-import -k email b.csv
	file b.csv city,email 'Bern,info@example.org'
	refused 65 'b.csv:2: email: several records have this value' \
		crm-import -k email b.csv
	seq 1000 | sed 's/.*/Karl,karl&@example.net/; 1iname,email' >k.csv
	crm-import -q k.csv
	run_split crm-import k.csv
	echo "$errors"
	says '0 added, 0 updated, 1000 unchanged, 0 refused'
	seq 300 | sed 's/.*/Eve,City &/; 1iname,city' >e.csv
	run_split crm-import e.csv
	[ "$(wc -l <<<"$errors")" -eq 1 ]
	run_split crm-import e.csv
	echo "$errors"
	says "e.csv: 256 records and more are called 'Eve': a row that has nothing else to find it by is added, were it there or not"
	says '44 added, 0 updated, 256 unchanged, 0 refused'
}

@test "--empty=clear keeps what was cleared empty in a new record" {
	crm-add -q contact name=Ada
	crm-add -q task title=Call contact=c1
	crm-add -q task title=Write priority=high
	crm-edit -q t1 priority= status=
	crm-export -O tsv -f all -o t.tsv task
	crm-export -O tsv -o c.tsv contact
	for empty in keep clear; do
		store=$BATS_TEST_TMPDIR/$empty
		crm-import -q -S "$store" contact c.tsv
		crm-import -q -S "$store" --empty=$empty task t.tsv
		crm-check -S "$store"
		crm-find -S "$store" task -H -f title,priority,status >$empty.tsv
		[ "$(crm-history log -S "$store" -H -f txn | sort -u | wc -l)" -eq 2 ]
	done
	[ "$(cat keep.tsv)" = "Call${TAB}normal${TAB}todo
Write${TAB}high${TAB}todo" ]
	[ "$(cat clear.tsv)" = "Call${TAB}${TAB}
Write${TAB}high${TAB}todo" ]
	diff t.tsv <(crm-export -S "$BATS_TEST_TMPDIR/clear" -O tsv -f all task)
	run_split crm-import -S "$BATS_TEST_TMPDIR/clear" --empty=clear task t.tsv
	says '0 added, 0 updated, 2 unchanged, 0 refused'
	run_split crm-import -n -S "$BATS_TEST_TMPDIR/none" --empty=clear contact c.tsv
	says 'dry run: 1 added, 0 updated, 0 unchanged, 0 refused'
	# Two that refer to one another.
	file r.csv ext,title,status,re x:1,A,,x:2 x:2,B,,x:1
	crm-import -q -S "$BATS_TEST_TMPDIR/ring" --empty=clear task r.csv
	[ "$(crm-find -S ring task -H -f title,status,re)" = "A${TAB}${TAB}t2
B${TAB}${TAB}t1" ]
	crm-check -S ring
	crm-history undo -q -S "$BATS_TEST_TMPDIR/clear" 2 >undone
	[ -z "$(crm-find -S "$BATS_TEST_TMPDIR/clear" task -i)" ]
}
