# SPDX-License-Identifier: ISC
# crm-log: what was said, with whom; mail.
load ../helper

setup() {
	crm-add contact name='Ada Lovelace' email=ada@example.org
	crm-add contact name=Bob email=bob@example.org,Bob.B@Example.org
	crm-add org name='Engine Works' email=office@works.example
}

# field ID FIELD: the value
field() {
	crm-find -H -f "$2" - <<<"$1"
}

# message ID FROM TO [LINE...]: one on standard output
message() {
	printf 'From: %s\nTo: %s\nMessage-ID: <%s>\n' "$2" "$3" "$1"
	printf 'Subject: Hello\nDate: Sun, 1 Mar 2026 10:00:00 +0100\n'
	for line in "${@:4}"; do
		printf '%s\n' "$line"
	done
	printf '\nThe text.\nSecond line.\n'
}

@test "a note with a contact" {
	run crm-log ada@example.org called, wants an offer
	[ "$status" -eq 0 ]
	[ "$output" = a1 ]
	run field a1 type,status,subject,body,contact,start
	[ "$output" = "note${TAB}held${TAB}called, wants an offer${TAB}${TAB}c1${TAB}2026-03-02T12:00:00Z" ]
	run field c1 last,activities
	[ "$output" = "2026-03-02T12:00:00Z${TAB}1" ]
}

@test "type, channel, date and fields" {
	crm-log -t call -d '2026-02-01 14:30' c1 direction=out sentiment=-2 \
		duration=20 'No answer'
	run field a1 type,channel,direction,sentiment,duration,start
	[ "$output" = "call${TAB}phone${TAB}out${TAB}-2${TAB}20${TAB}2026-02-01T14:30:00Z" ]
	crm-log -t call c1 channel=video 'Saw each other'
	run field a2 channel
	[ "$output" = video ]
	crm-log -t meeting c1 'Met'
	run field a3 channel
	[ -z "$output" ]
}

@test "what lies ahead is planned" {
	crm-log -t meeting -d tomorrow c1 Lunch
	run field a1 status,start
	[ "$output" = "planned${TAB}2026-03-03" ]
	run field c1 activities
	[ "$output" = 0 ]
	crm-log -d today c1 Earlier
	crm-log -d '2026-03-02 15:00' c1 Later
	crm-log -d tomorrow c1 status=held 'As it was'
	run crm-find -H -f status -s id activity
	[ "$output" = "$(printf 'planned\nheld\nplanned\nheld')" ]
}

@test "an unknown type warns and is kept" {
	run_split crm-log -t telex c1 stop
	[ "$status" -eq 0 ]
	[[ $errors == *telex* ]]
	run field a1 type
	[ "$output" = telex ]
}

@test "subject is the first line, body the rest" {
	crm-log c1 "$(printf 'Subject here\n\nfirst\nsecond')"
	run crm-find -H -f subject,body activity
	[ "$output" = "Subject here${TAB}\\nfirst\\nsecond" ]
}

@test "a long line is cut at a word and kept whole in the body" {
	long=$(printf 'word%.0s ' $(seq 60))end
	crm-log c1 "$long"
	run crm-find -H -f subject activity
	[ "${#output}" -lt 210 ]
	[[ $output == *word… ]]
	run crm-find -H -f body activity
	[ "$output" = "$long" ]
	# Not inside a character, without any blank either.
	crm-log c1 "$(printf 'ü%.0s' $(seq 150))"
	run crm-check
	[ "$status" -eq 0 ]
}

@test "text from a file and from standard input" {
	printf 'From a file\nwith a body\n' >"$BATS_TEST_TMPDIR/text"
	crm-log -F "$BATS_TEST_TMPDIR/text" c1
	run field a1 subject,body
	[ "$output" = "From a file${TAB}with a body" ]
	echo 'By pipe' | crm-log -F - c1
	run field a2 subject
	[ "$output" = 'By pipe' ]
	crm-log c1 subject='As a field' body=@"$BATS_TEST_TMPDIR/text"
	run field a3 subject,body
	[ "$output" = "As a field${TAB}From a file\\nwith a body" ]
}

@test "-- guards a text that looks like a field" {
	crm-log c1 -- outcome=unclear to me
	run field a1 subject,outcome
	[ "$output" = "outcome=unclear to me${TAB}" ]
	run_split crm-log c1 nonsense=1 text
	[ "$status" -eq 2 ]
	[[ $errors == *nonsense*"put -- before a text"* ]]
	# Behind the first word of a text nothing is a field.
	crm-log c1 so a=b it is
	run field a2 subject
	[ "$output" = 'so a=b it is' ]
}

@test "orgs, deals, tickets, orders, tasks, activities" {
	crm-add deal name=Big contact=c1 org=o1
	crm-add deal name=Small org=o1
	crm-add ticket number=T1 contact=c2
	crm-add order number=R1 contact=c1
	crm-add task title=Ring contact=c2 deal=d1
	crm-log o1 'with the firm'
	crm-log d1 'about the deal'
	crm-log d2 'about another'
	crm-log k1 'about the ticket'
	crm-log r1 'about the order'
	crm-log t1 'did it'
	crm-log a2 'an answer'
	run crm-find -H -f contact,org,deal,ticket,re -s id activity
	[ "${lines[0]}" = "${TAB}o1${TAB}${TAB}${TAB}" ]
	[ "${lines[1]}" = "c1${TAB}${TAB}d1${TAB}${TAB}" ]
	[ "${lines[2]}" = "${TAB}o1${TAB}d2${TAB}${TAB}" ]
	[ "${lines[3]}" = "c2${TAB}${TAB}${TAB}k1${TAB}" ]
	[ "${lines[4]}" = "c1${TAB}${TAB}${TAB}${TAB}" ]
	[ "${lines[5]}" = "c2${TAB}${TAB}d1${TAB}${TAB}" ]
	[ "${lines[6]}" = "c1${TAB}${TAB}d1${TAB}${TAB}a2" ]
}

@test "a record that is about nobody is refused" {
	crm-add product name=Wheel
	run_split crm-log p1 text
	[ "$status" -eq 2 ]
	[[ $errors == *"a product has nobody to log this with"* ]]
	run crm-find -H -i activity
	[ -z "$output" ]
}

@test "- logs with every record of the input" {
	run bash -c 'crm-find -i | crm-log -t letter - Invitation sent'
	[ "$status" -eq 0 ]
	[ "$output" = "$(printf 'a1\na2')" ]
	run crm-find -H -f contact,subject -s id activity
	[ "$output" = "c1${TAB}Invitation sent
c2${TAB}Invitation sent" ]
	run crm-log - nobody </dev/null
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "one bad record and nothing is logged" {
	run_split bash -c 'printf "c1\nc77\n" | crm-log - text'
	[ "$status" -eq 1 ]
	[[ $errors == *c77* ]]
	[ -z "$output" ]
	run_split crm-log c1 sentiment=much text
	[ "$status" -eq 65 ]
	[[ $errors == *sentiment:*much* ]]
	run crm-find -H -i activity
	[ -z "$output" ]
}

@test "a number that means nothing is refused, by row and by one" {
	run_split crm-log c1 sentiment=3 text
	[ "$status" -eq 65 ]
	[ "$errors" = "crm-log: sentiment: '3' is out of range; write -2 to 2" ]
	run_split crm-log c1 duration=-5 text
	[ "$status" -eq 65 ]
	[[ $errors == *"duration: '-5' is out of range; write 0 or more" ]]
	run crm-find -H -i activity
	[ -z "$output" ]
	crm-log c1 sentiment=-2 duration=0 text
	run_split crm-edit a1 sentiment-=1
	[ "$status" -eq 65 ]
	run_split bash -c 'printf "contact\tsubject\tscore\nc1\ta\t10\nc1\tb\t11\n" |
		crm-add activity -'
	[ "$status" -eq 65 ]
	[[ $errors == *"standard input:3: score: '11' is out of range; "* ]]
	run_split crm-add deal name=Big contact=c1 probability=101
	[ "$status" -eq 65 ]
	[[ $errors == *"write 0 to 100" ]]
	crm-add field name=activity.rating type=int
	crm-edit a1 rating=-500
	[ "$(crm-find -H -f sentiment,duration,rating activity)" = \
		"$(printf -- '-2\t0\t-500')" ]
}

@test "--follow adds a task about the same" {
	crm-add deal name=Big contact=c1
	run crm-log --follow fri d1 'Wants an offer'
	[ "$output" = "$(printf 'a1\nt1')" ]
	run field t1 title,due,contact,deal,re,status
	[ "$output" = "Wants an offer${TAB}2026-03-06${TAB}c1${TAB}d1${TAB}a1${TAB}todo" ]
	run_split crm-log --follow yesterday c1 late
	[ "$status" -eq 0 ]
	[[ $errors == *"Sun 2026-03-01 is past"* ]]
}

@test "a dry run changes nothing" {
	run_split crm-log -n --follow fri c1 text
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $errors == *"would log 1 activity"* ]]
	run crm-find -H -i activity
	[ -z "$output" ]
	run crm-find -H -i task
	[ -z "$output" ]
}

@test "refusals name place and way out" {
	run_split crm-log
	[ "$status" -eq 2 ]
	[[ $errors == *"no record; write crm-log REF TEXT"* ]]
	run_split crm-log c1
	[ "$status" -eq 2 ]
	[[ $errors == *"no text; write crm-log REF TEXT, or -F FILE"* ]]
	run_split crm-log c1 - <<<'said so'
	[ "$status" -eq 2 ]
	[[ $errors == *"write -F - for the text on standard input"* ]]
	[ -z "$(crm-find -i activity)" ]
	crm-log -n c1 -- - >/dev/null
	run_split crm-log c1 '   '
	[ "$status" -eq 2 ]
	[[ $errors == *"text: there is none"* ]]
	run_split crm-log -F x c1 text
	[ "$status" -eq 2 ]
	[[ $errors == *"text both as operand 'text' and with -F"* ]]
	run_split crm-log -F - -
	[ "$status" -eq 2 ]
	[[ $errors == *"cannot both come from standard input"* ]]
	run_split crm-log -F "$BATS_TEST_TMPDIR/none" c1
	[ "$status" -eq 74 ]
	[[ $errors == *none*"No such file"* ]]
	run_split crm-log -d 12/1/2026 c1 text
	[ "$status" -eq 2 ]
	[[ $errors == *12/1/2026* ]]
	run_split crm-log --follow someday c1 text
	[ "$status" -eq 2 ]
	[[ $errors == *someday* ]]
	run_split crm-log nobody@example.org text
	[ "$status" -eq 1 ]
	[[ $errors == *nobody@example.org* ]]
	run_split crm-log c1 id=a9 text
	[ "$status" -eq 2 ]
	[[ $errors == *id* ]]
	run crm-find -H -i activity
	[ -z "$output" ]
}

# ---- mail ------------------------------------------------------------------

@test "a message from a contact" {
	run bash -c '"$@" | crm-log --mail' _ printf \
		'%s\n' 'From: Ada <ADA@Example.ORG>' 'To: me@home.example' \
		'Cc: =?utf-8?q?B=C3=B6b?= <bob@example.org>' \
		'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=' \
		'Date: Sun, 1 Mar 2026 10:00:00 +0100' 'Message-ID: <m1@x>' \
		'' 'The text.' 'Second line.'
	[ "$status" -eq 0 ]
	[ "$output" = a1 ]
	run field a1 type,channel,direction,status,contact,subject,start,msgid,tag
	[ "$output" = "email${TAB}email${TAB}in${TAB}held${TAB}c1,c2${TAB}Grüße${TAB}2026-03-01T09:00:00Z${TAB}m1@x${TAB}" ]
	run field a1 body
	[ "$output" = 'The text.\nSecond line.' ]
}

@test "a message to a contact goes out" {
	message m1@x me@home.example bob@example.org | crm-log --mail
	run field a1 direction,contact
	[ "$output" = "out${TAB}c2" ]
}

@test "the same message is logged once" {
	message m1@x ada@example.org me@home.example >"$BATS_TEST_TMPDIR/m"
	run crm-log --mail <"$BATS_TEST_TMPDIR/m"
	[ "$output" = a1 ]
	before=$(crm-find -f all activity)
	run_split crm-log -v --mail <"$BATS_TEST_TMPDIR/m"
	[ "$status" -eq 0 ]
	[ "$output" = a1 ]
	[[ $errors == *"logged before"* ]]
	[ "$(crm-find -f all activity)" = "$before" ]
}

@test "an answer points to what it answers" {
	message m1@x ada@example.org me@home.example | crm-log --mail
	message m2@x me@home.example ada@example.org 'In-Reply-To: <m1@x>' |
		crm-log --mail
	message m3@x ada@example.org me@home.example \
		'In-Reply-To: <lost@x>' 'References: <m1@x> <m2@x> <gone@x>' |
		crm-log --mail
	message m4@x ada@example.org me@home.example 'In-Reply-To: <lost@x>' |
		crm-log --mail
	run crm-find -H -f re -s id activity
	[ "${lines[0]}" = a1 ]
	[ "${lines[1]}" = a2 ]
	run field a4 re
	[ -z "$output" ]
}

@test "nobody known goes to the inbox" {
	run bash -c '"$@" | crm-log --mail' _ printf '%s\n' \
		'From: stranger@far.example' 'To: me@home.example' '' hi
	[ "$status" -eq 0 ]
	[ "$output" = a1 ]
	run field a1 contact,org,direction,tag,subject
	[ "$output" = "${TAB}${TAB}in${TAB}inbox${TAB}(no subject)" ]
}

@test "an org is known by its address when no person is" {
	message m1@x office@works.example me@home.example | crm-log --mail
	message m2@x office@works.example ada@example.org | crm-log --mail
	run crm-find -H -f contact,org,direction -s id activity
	[ "${lines[0]}" = "${TAB}o1${TAB}in" ]
	[ "${lines[1]}" = "c1${TAB}${TAB}out" ]
}

@test "everybody who shares an address is meant" {
	crm-add contact name=Twin email=ada@example.org
	message m1@x ada@example.org me@home.example | crm-log --mail
	run field a1 contact
	[ "$output" = c1,c3 ]
}

@test "fields given win over the message" {
	message m1@x ada@example.org bob@example.org |
		crm-log --mail direction=out tag+=sent
	run field a1 direction,tag
	[ "$output" = "out${TAB}sent" ]
}

@test "a date from the future is not believed" {
	printf '%s\n' 'From: ada@example.org' \
		'Date: Mon, 2 Mar 2054 10:00:00 +0100' '' hi | crm-log --mail
	run field a1 start,status
	[ "$output" = "2026-03-02T12:00:00Z${TAB}held" ]
}

@test "what is no message is refused" {
	for text in '' 'no header here' $'\n\n'; do
		run_split crm-log --mail <<<"$text"
		[ "$status" -eq 65 ]
		[[ $errors == *"no mail message"* ]]
	done
	run_split bash -c 'crm-log --mail <&-'
	[ "$status" -eq 74 ]
	run_split crm-log --mail -t call <<<'From: a@b'
	[ "$status" -eq 2 ]
	[[ $errors == *"--mail takes everything from the message"* ]]
	run_split crm-log --mail c1 <<<'From: a@b'
	[ "$status" -eq 2 ]
	[[ $errors == *"only FIELD=VALUE operands"* ]]
	run crm-find -H -i activity
	[ -z "$output" ]
}

@test "bytes that are no text do no harm" {
	{
		printf 'From: ada@example.org\nSubject: \xff\xfe\0x\n\n'
		head -c 3000000 /dev/zero | tr '\0' '\377'
	} | crm-log --mail
	run crm-check
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	run crm-show a1
	[ "$status" -eq 0 ]
}

@test "a dry run of a message changes nothing" {
	run_split bash -c 'printf "From: a@b.example\n\nhi\n" | crm-log -n --mail'
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $errors == *"would log 1 activity"* ]]
	run crm-find -H -i activity
	[ -z "$output" ]
}
