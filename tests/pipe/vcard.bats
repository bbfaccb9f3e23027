# SPDX-License-Identifier: ISC
# Cards out and in, and with the programs that people have: khard and abook.
load ../helper

setup() {
	data=$BATS_TEST_DIRNAME/../data
	cd "$BATS_TEST_TMPDIR"
}

people() {
	crm-add -q --create contact given=Ada family=Lovelace prefix=Dr. \
		email=ada@x.org,b@y.org phone='+41 44 123 45 67,079 1' \
		org='Engines, Ltd; Co' dept=R tag=math,vip bday=1815-12-10 \
		anniv=1835-07-08 note=$'line1\nline2; x, y\\z' \
		social=@@ada,https://x.com/ada source=web gender=female \
		street=$'Main 1\nback' city=London postcode=W1 country=UK \
		url=https://ada.example lang=en ext=shop:1,vcard:u-1 \
		lifecycle=lead created=2026-01-02T03:04:05Z \
		updated=2026-02-02T03:04:05Z title=Countess role=Math \
		nick=Countess >/dev/null
	crm-add -q contact name='Jörg Müller' email=j@x.org \
		phone=+41791234567 >/dev/null
	crm-add -q contact email=only@x.org >/dev/null
	crm-add -q org name='Wind AG' city=Zürich domain=wind.example \
		size=12 >/dev/null
}

# fields KIND: what a store holds, but for ids and the mark of the import
fields() {
	crm-export -O tsv "$1" | sed 's/,*crm:[co][0-9]*//' |
		cut -f 2- | sort
}

@test "out and in again: every field, both versions, and once more" {
	people
	for version in vcard vcard3; do
		before=$(fields contact | sed "s/${TAB}o[0-9]*${TAB}/${TAB}o${TAB}/")
		export other=$PWD/$version
		crm-export -O $version contact |
			CRM_STORE=$other crm-import -q -
		crm-export -O $version org | CRM_STORE=$other crm-import -q -
		after=$(CRM_STORE=$other fields contact |
			sed "s/${TAB}o[0-9]*${TAB}/${TAB}o${TAB}/")
		[ "$after" = "$before" ]
		[ "$(CRM_STORE=$other crm-find -H -f name,city,domain,size org name:wind)" = "Wind AG${TAB}Zürich${TAB}wind.example${TAB}12" ]
		[ "$(CRM_STORE=$other crm-find -H -f org.name contact given=Ada)" = 'Engines, Ltd; Co' ]
		[ "$(crm-export -O $version contact |
			CRM_STORE=$other crm-import - 2>&1 >/dev/null |
			tail -n 1)" = 'crm-import: 0 added, 0 updated, 3 unchanged, 0 refused' ]
	done
}

@test "every card of the corpus, twice" {
	run_split crm-import "$data"/vcard/*.vcf
	[ "$status" -eq 0 ]
	[[ $errors == *'11 added, 0 updated, 0 unchanged, 0 refused'* ]]
	[[ $errors == *'fullcontact.vcf: left out: PHOTO 3'* ]]
	[ "$(crm-find -H -f name,email,org.name contact name:frank)" = "Frank Example${TAB}frank@example.org${TAB}Lotus Development Corporation" ]
	[ "$(crm-find -H -f bday,anniv contact name:greg)" = "1960-09-10${TAB}1970-06-02" ]
	run_split crm-import "$data"/vcard/*.vcf
	[[ $errors == *'0 added, 0 updated, 11 unchanged, 0 refused'* ]]
}

@test "a bad card is refused with its line, the others come in" {
	printf 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nBEGIN:VCARD\r\nFN:B\r\nNOTE;QUOTED-PRINTABLE:=FF\r\nEND:VCARD\r\nBEGIN:VCARD\r\nFN:C\r\nEND:VCARD\r\n' >x.vcf
	run_split crm-import --keep-going --rejects bad.tsv x.vcf
	[ "$status" -eq 1 ]
	[[ $errors == *'x.vcf:1: the card has no END:VCARD before the next one begins in line 4'* ]]
	[[ $errors == *'x.vcf:4: line 6: NOTE: not UTF-8; '* ]]
	[ "$(crm-find -H -f name contact)" = C ]
	[ -s bad.tsv ]
}

# cards VERSION: one file each in vdir/
cards() {
	rm -rf vdir
	mkdir vdir
	crm-export -O "$1" contact |
		awk -v RS='END:VCARD\r\n' '{ printf "%sEND:VCARD\r\n", $0 > ("vdir/" NR ".vcf") }'
	[ "$(ls vdir | wc -l)" -eq 3 ]
}

khard_conf() {
	cat >khard.conf <<-EOF
		[addressbooks]
		[[me]]
		path = $PWD/vdir
		[general]
		default_action = list
		editor = true
	EOF
}

@test "khard reads our cards" {
	people
	khard_conf
	export LC_ALL=C.UTF-8
	for version in vcard vcard3; do
		cards $version
		[ "$(khard -c khard.conf email -p | tail -n +2 | cut -f 1,2 | sort)" = "ada@x.org${TAB}Ada Lovelace
b@y.org${TAB}Ada Lovelace
j@x.org${TAB}Jörg Müller
only@x.org${TAB}only@x.org" ] || {
			khard -c khard.conf email -p >&2
			false
		}
		[ "$(khard -c khard.conf phone -p | cut -f 1,2 | sort)" = "+41 44 123 45 67${TAB}Ada Lovelace
+41791234567${TAB}Jörg Müller
079 1${TAB}Ada Lovelace" ] || {
			khard -c khard.conf phone -p >&2
			false
		}
		khard -c khard.conf postaddress -p |
			grep -F "'street': ['Main 1\\nback'" ||
			khard -c khard.conf postaddress -p |
			grep -F "'street': 'Main 1\\nback'"
		khard -c khard.conf postaddress -p | grep -F "'city': 'London'"
		[ "$(khard -c khard.conf ls -p -F nicknames,birthday,organisations,notes | grep Countess)" = "['Countess']${TAB}1815-12-10 00:00:00${TAB}[['Engines, Ltd; Co', 'R']]${TAB}['line1\\nline2; x, y\\\\z']" ] || {
			khard -c khard.conf ls -p -F nicknames,birthday,organisations,notes >&2
			false
		}
	done
}

@test "abook reads our cards, and we its" {
	people
	for version in vcard vcard3; do # the last one is kept
		crm-export -O $version contact |
			abook --convert --informat vcard --outformat abook >book
		grep -x 'name=Ada Lovelace' book
		grep -x 'name=Jörg Müller' book
		grep -x 'email=ada@x.org,b@y.org' book
		grep -x 'email=only@x.org' book
		# Of several in version 4 it takes the last one.
		[ $version = vcard ] || grep -x 'phone=+41 44 123 45 67' book
		grep -x 'phone=+41791234567' book
		grep -x 'city=London' book
		grep -x 'zip=W1' book
		grep -x 'nick=Countess' book
	done
	abook --convert --infile book --outformat vcard --outfile abook.vcf
	CRM_STORE=$PWD/other crm-import -q abook.vcf
	[ "$(CRM_STORE=$PWD/other crm-find -H -f email,phone,city contact city=London)" = "ada@x.org,b@y.org${TAB}+41 44 123 45 67${TAB}London" ]
}
