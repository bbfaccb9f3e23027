# SPDX-License-Identifier: ISC
# Whole pipelines: the commands with one another and with the tools around.
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	crm-add org - >/dev/null <<-'EOT'
	ext	name	industry	city
	o:1	Café Müller GmbH	gastronomy	Zürich
	o:2	Sun & Söhne AG	energy	Bern
	EOT
	crm-add contact - >/dev/null <<-'EOT'
	ext	name	email	phone	city	org	tag	note
	c:1	Jörg Müller	joerg@mueller.example	+49 30 23125-001	Zürich	o:1	vip,gold	two\nlines
	c:2	Anna Öztürk	anna@example.org,a.o@sun.example	030/23125002	Bern	o:2	gold	tab\there
	c:3	Zoë Smith	zoe@example.com	020 7946 0003	London			"quoted", with comma
	c:4	Ελένη Παπα	eleni@example.net		Αθήνα		vip	back\\slash
	c:5	No City	no@example.org					
	EOT
	crm-add order - >/dev/null <<-'EOT'
	number	contact	issued	total
	A-1	c:1	2026-01-10	100.00
	A-2	c:1	2026-02-10	250.50
	A-3	c:2	2025-06-01	75.00
	A-4	c:3	2025-12-24	19.90
	EOT
}

@test "crm-find | crm-edit -: what was found is changed, and only that" {
	crm-find tag=gold | crm-edit - tag+=spring city=Basel
	run crm-find -O tsv -f name,tag city=Basel
	[ "$status" -eq 0 ]
	[ "${lines[1]}" = "Jörg Müller${TAB}vip,gold,spring" ]
	[ "${lines[2]}" = "Anna Öztürk${TAB}gold,spring" ]
	[ ${#lines[@]} -eq 3 ]
	crm-check
}

@test "crm-find -i | xargs, and ids one a line on -" {
	crm-find -i tag=vip | crm-edit - lifecycle=customer
	[ "$(crm-find -i lifecycle=customer | wc -l)" -eq 2 ]
	crm-find -i tag=vip | xargs -I{} crm-edit {} title=Chef
	[ "$(crm-find -i title=Chef)" = "$(crm-find -i tag=vip)" ]
}

@test "what crm-find prints, crm-edit - reads back without a change" {
	crm-find -O tsv -f id,name,email,phone,city,tag,note >before
	crm-edit - <before
	crm-find -O tsv -f id,name,email,phone,city,tag,note | cmp before -
	crm-check
}

@test "crm-segment --rfm | crm-body sort" {
	crm-segment --rfm >rfm.tsv
	crm-segment --rfm | crm-body sort -r >sorted.tsv
	[ "$(head -n 1 rfm.tsv)" = "$(head -n 1 sorted.tsv)" ]
	[ "$(sed 1d rfm.tsv | sort -r)" = "$(sed 1d sorted.tsv)" ]
	[ "$(sed 1d sorted.tsv | wc -l)" -eq 3 ]
}

@test "crm-segment --rfm | crm-edit -: the score comes back as a tag" {
	crm-segment --rfm | mlr --tsv filter '$m == 5' then cut -f id |
	    crm-edit - tag+=big
	[ "$(crm-find -f name -H tag=big)" = "$(crm-find -f name -H -s -revenue -l 1)" ]
}

@test "crm-find -O csv | mlr" {
	[ "$(crm-find -O csv -f name,note | mlr --icsv --ojsonl head -n 1 then cut -f note)" = '{"note": "two\nlines"}' ]
	[ "$(crm-find -O csv -f note name=Zoë\ Smith | mlr --icsv --onidx cat)" = '"quoted", with comma' ]
}

@test "miller reads and writes the same four escapes" {
	crm-find -O tsv -f id,name,note >a
	mlr --tsv cat a | cmp a -
}

@test "jq over json lines" {
	[ "$(crm-find -O jsonl -f name,tag | jq -r 'select(.tag // [] | index("vip")) | .name' | head -n 1)" = "Jörg Müller" ]
	crm-find -O jsonl -f id,name,email,note | jq -r '[.id, .name] | @tsv' >a
	crm-find -O tsv -H -f id,name | cmp a -
	[ "$(crm-find -O json | jq length)" -eq 5 ]
	[ "$(crm-find -O jsonl name=No\ City | jq 'has("city")')" = false ]
}

@test "cut, sort, join, awk, comm" {
	[ "$(crm-find -O tsv -f id,city | cut -f 2 | sed -n 2p)" = Zürich ]
	crm-find -O tsv -f id,name | crm-body sort >names
	crm-find -O tsv -f id,revenue | crm-body sort >money
	join --header -t "$TAB" names money >both
	[ "$(head -n 1 both)" = "id${TAB}name${TAB}revenue" ]
	[ "$(wc -l <both)" -eq 6 ]
	[ "$(crm-find -O tsv -f id,revenue | awk -F'\t' 'NR > 1 { s += $2 } END { print s }')" = 445.4 ]
	comm -12 <(crm-find -i tag=vip | sort) <(crm-find -i tag=gold | sort) >inner
	[ "$(cat inner)" = "$(crm-find -i tag=vip tag=gold)" ]
}

@test "tee keeps a copy on the way to the edit" {
	crm-find tag=vip | tee kept | crm-edit - status=working
	[ "$(sed 1d kept | wc -l)" -eq 2 ]
	[ "$(crm-find -i status=working | wc -l)" -eq 2 ]
}

@test "head ends a long list quietly" {
	for i in $(seq 3000); do echo "Person $i"; done |
	    awk 'BEGIN { print "name\tnote" } { print $0 "\t" sprintf("%0200d", 0) }' |
	    crm-add contact - >/dev/null
	crm-find -O tsv -f id,name,note 2>err | head -n 3 >out
	[ "${PIPESTATUS[1]}" -eq 0 ]
	[ "$(wc -l <out)" -eq 3 ]
	[ ! -s err ]
	crm-export -O jsonl 2>err | head -n 1 | jq -e .id >/dev/null
	[ ! -s err ]
}

@test "two files with their headers, one after the other" {
	printf 'name\tcity\nA One\tBern\n' >a.tsv
	printf 'name\tcity\nB Two\tBern\n' >b.tsv
	[ "$(cat a.tsv b.tsv | crm-add contact - | wc -l)" -eq 2 ]
	[ "$(crm-find -i name=name | wc -l)" -eq 0 ]
}

@test "a file with a byte order mark and CRLF, as spreadsheets write it" {
	printf '\357\273\277name\tcity\r\nMarie\tGenève\r\n' | crm-add contact -
	[ "$(crm-find -H -f name,city name=Marie)" = "Marie${TAB}Genève" ]
}

@test "shell loops: -O us, and -0 with xargs" {
	n=0
	while IFS=$(printf '\037') read -r id name city email; do
		[ -n "$id" ] && n=$((n + 1))
		[ "$name" != "No City" ] || { [ -z "$city" ] && [ "$email" = no@example.org ]; }
	done < <(crm-find -O us -H -f id,name,city,email)
	[ "$n" -eq 5 ]
	[ "$(crm-find -0 -H -f name | xargs -0 -n 1 echo | wc -l)" -ge 5 ]
	[ "$(crm-find -0 -i | tr -cd '\0' | wc -c)" -eq 5 ]
}

@test "python reads crm-tsv as the manual says" {
	crm-find -O tsv -f id,name,note | python3 -c '
import csv, sys
rows = list(csv.DictReader(sys.stdin, delimiter="\t", quoting=csv.QUOTE_NONE))
assert len(rows) == 5 and rows[0]["name"] == "Jörg Müller", rows
'
}

@test "sqlite3 reads crm-tsv" {
	crm-find -O tsv -f id,name,city,revenue >people.tsv
	[ "$(sqlite3 :memory: '.mode ascii' '.separator "\t" "\n"' '.import people.tsv p' 'select count(*), sum(revenue) from p')" = "5${TAB}445.4" ]
}

@test "followups for all that were found, then closed through a pipe" {
	crm-find -i tag=vip | crm-followup add - +0d Call about the offer
	[ "$(crm-followup -O tsv -f title -H | grep -c 'Call about')" -eq 2 ]
	crm-followup -O tsv | crm-followup done -
	[ -z "$(crm-followup)" ]
	crm-check
}

@test "logging a call with everybody in a segment" {
	crm-add segment name=golden query='tag=gold' >/dev/null
	crm-segment golden | crm-log -t call - Spring greetings
	[ "$(crm-find -i last=today | wc -l)" -eq 2 ]
	[ "$(crm-find -H -f activities tag=gold | sort -u)" = 1 ]
}

@test "export, load into another store, export again: the same" {
	for kind in org contact order; do
		crm-export -O tsv "$kind" | mlr --tsv cut -x -f id,created,updated >$kind.tsv
	done
	crm-find -O tsv -f name,email,phone,tag,note >a
	CRM_STORE=$PWD/other
	crm-find -O tsv | sed 1d | cmp - /dev/null
	crm-export -O tsv contact >/dev/null
	crm-add contact - >/dev/null <a
	crm-find -O tsv -f name,email,phone,tag,note | cmp a -
}

@test "vCards are whole for every contact" {
	crm-export -O vcard >all.vcf
	[ "$(grep -c '^BEGIN:VCARD' all.vcf)" -eq 5 ]
	[ "$(grep -c '^END:VCARD' all.vcf)" -eq 5 ]
	[ "$(grep -c $'\r$' all.vcf)" -eq "$(wc -l <all.vcf)" ]
}

@test "through mlr and jq into another store: nothing changes" {
	through() {
		case $1 in
		tsv | csv) mlr --"$1" cat ;;
		json) jq . ;;
		jsonl) jq -c . ;;
		esac
	}
	for format in tsv csv json jsonl; do
		for kind in org contact deal; do
			crm-export -f all -O $format $kind | through $format >$kind.$format
		done
		store=$BATS_TEST_TMPDIR/of-$format
		crm-import -q -S "$store" org org.$format
		crm-import -q -S "$store" contact contact.$format
		crm-import -q -S "$store" deal deal.$format
		for kind in org contact deal; do
			cmp <(crm-export -f all $kind) \
				<(crm-export -S "$store" -f all $kind)
		done
	done
}
