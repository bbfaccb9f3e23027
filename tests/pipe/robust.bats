# SPDX-License-Identifier: ISC
# What surrounds a command is not as it should be.
load ../helper

# Sample data, and every command with arguments that make it print.
setup() {
	cd "$BATS_TEST_TMPDIR" || return
	crm-add org name=Sun ext=o:1 >/dev/null
	crm-add contact name=Ann email=ann@example.org org=o:1 tag=vip >/dev/null
	crm-add order number=A-1 contact=c1 total=10.00 issued=2026-01-05 >/dev/null
	crm-add task title=Call due=2026-03-01 contact=c1 >/dev/null
	crm-add segment name=vips query=tag=vip >/dev/null
	crm-log c1 'Hello there' >/dev/null
}

printing() {
	cat <<-'EOT'
	crm-find
	crm-find -O json
	crm-find -O csv order
	crm-find -i
	crm-show c1
	crm-segment
	crm-segment vips
	crm-segment --rfm
	crm-segment --abc
	crm-followup
	crm-export
	crm-export -O csv
	crm-export -O jsonl
	crm-export -O vcard
	crm-export -O ics
	crm-date tomorrow
	crm
	crm find
	crm-body cat
	crm-add contact name=Eve
	crm-log c1 Again
	crm-followup add c1 +1d More
	EOT
}

each_command() {
	for c in "$B"/bin/*; do echo "${c##*/}"; done
}

@test "every command says 74 when standard output is full" {
	while read -r line; do
		status=0
		printf 'id\tname\nc1\tAnn\n' | sh -c "$line" >/dev/full 2>err || status=$?
		[ "$status" -eq 74 ] || { echo "$line: $status"; cat err; return 1; }
		[ -s err ]
	done < <(printing)
}

@test "help and version say 74 when standard output is full" {
	for c in $(each_command); do
		for o in -h -V; do
			status=0
			"$c" $o >/dev/full 2>err || status=$?
			[ "$status" -eq 74 ] || { echo "$c $o: $status"; return 1; }
		done
	done
}

@test "a limit on the size of files is told: 75, and nothing changes" {
	# Mail systems set one for the commands that they run.
	size=$(($(stat -c %s "$CRM_STORE/data.mdb") / 1024))
	for limit in 0 1 $((size - 1)) $size; do
		run bash -c "ulimit -f $limit; seq 9999 |
			sed '1i name' | crm-add contact -"
		echo "$limit: $status $output"
		[ "$status" -eq 75 ]
		[[ $output == *'ulimit -f'* ]]
		run bash -c "ulimit -f $limit
			crm-add -S $PWD/small contact name=Eve"
		[ "$limit" -ge 100 ] || [ "$status" -eq 75 ]
		[ "$(crm-find -H -f name)" = Ann ]
	done
	[ -z "$(ls -d ./*.new)" ]
	crm-check
	# What an editor writes has its own way to say so.
	printf '#!/bin/sh\nhead -c 9999 /dev/zero >big\necho status $?\n' >ed
	chmod +x ed
	export VISUAL=$PWD/ed
	run bash -c 'ulimit -f 1; timeout 60 "$B/tools/on-pty" crm-edit c1'
	echo "$output"
	[[ $output == *'status 153'* ]]
}

@test "a message can be read, whatever it is about" {
	long=$(head -c 100000 /dev/zero | tr '\0' x)
	while read -r line; do
		run sh -c "$line" sh "$long"
		echo "${line:0:80}: $status, ${#output} bytes"
		[ "$status" -ne 126 ]
		[ "${#output}" -gt 2000 ]
		[ "${#output}" -lt 6000 ]
		[[ $output == crm*": "* ]]
	done <<-'EOT'
	crm-find "$1=x"
	crm-find "name~("$1
	crm-find -f "$1"
	crm-add "$1" name=Eve
	crm-add contact org="$1"
	crm-add -n contact lifecycle="$1"
	crm-show "$1"
	crm-import "$1"
	crm-find -S "$1"
	crm "$1"
	EOT
	# What is to be done stands at its end.
	run crm-add contact "org=$long"
	[[ $output == 'crm-add: org: no org '* ]]
	[[ $output == *'--create makes it' ]]
}

@test "every command survives closed standard streams" {
	while read -r line; do
		for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
			status=0
			sh -c "$line $closed" <<<'x' >/dev/null 2>&1 || status=$?
			[ "$status" -lt 126 ] || { echo "$line $closed: $status"; return 1; }
		done
	done < <(printing)
	crm-check
	[ "$(head -c 4 "$CRM_STORE/data.mdb" | od -An -tx1 | tr -d ' ')" = 00000000 ]
}

@test "nothing is written to a store through a closed descriptor" {
	for line in 'crm-add contact name=Closed' "crm-log c1 'closed too'"; do
		status=0
		sh -c "$line" 1>&- 2>&- <&- || status=$?
		[ "$status" -eq 74 ] || { echo "$line: $status"; return 1; }
	done
	crm-check
	crm-find -O tsv >/dev/null
}

@test "every command says 74 when standard input cannot be read" {
	for line in 'crm-add contact -' 'crm-edit - tag+=x' 'crm-rm -' \
	    'crm-log - text' 'crm-followup done -' 'crm-find -' 'crm-export -'; do
		status=0
		sh -c "$line" <"$HOME" >/dev/null 2>err || status=$?
		[ "$status" -eq 74 ] || { echo "$line: $status"; cat err; return 1; }
	done
}

@test "an empty environment: -S says where, without it the message names CRM_STORE" {
	env -i "$B/bin/crm-find" -S "$CRM_STORE" -O tsv >out
	[ "$(wc -l <out)" -eq 2 ]
	env -i "$B/bin/crm-add" -S "$CRM_STORE" contact name=Cron
	env -i "$B/bin/crm-followup" -S "$CRM_STORE" >/dev/null
	status=0
	env -i "$B/bin/crm-find" >out 2>err || status=$?
	[ "$status" -ne 0 ] && [ "$status" -lt 126 ]
	grep -q CRM_STORE err
}

@test "empty and relative XDG values count as unset" {
	env -u CRM_STORE XDG_DATA_HOME= "$B/bin/crm-add" contact name=A >/dev/null
	[ -f "$HOME/.local/share/crm/data.mdb" ]
	env -u CRM_STORE XDG_DATA_HOME=rel/ative "$B/bin/crm-find" -H -f name >out
	[ "$(cat out)" = A ]
	[ ! -e rel ]
}

@test "a missing store reads as empty and is not made by reading" {
	CRM_STORE=$PWD/none
	while read -r line; do
		case $line in *add*|*log*|*show*|*vips*|*'-body'*) continue ;; esac
		sh -c "$line" >/dev/null
	done < <(printing)
	crm-check
	[ ! -e none ]
}

@test "modes are 0700 and 0600 whatever the umask" {
	for mask in 000 022 077 777; do
		(umask $mask && CRM_STORE=$PWD/m$mask crm-add contact name=A >/dev/null)
		[ "$(stat -c %a "m$mask")" = 700 ]
		for f in "m$mask"/*; do
			[ "$(stat -c %a "$f")" = 600 ] || { stat -c '%a %n' "$f"; return 1; }
		done
		CRM_STORE=$PWD/m$mask crm-find -O tsv >/dev/null
	done
}

@test "links in place of the store's files are refused and not followed" {
	echo precious >victim
	for name in data.mdb lock.mdb; do
		rm -rf s && cp -r "$CRM_STORE" s
		rm -f "s/$name" && ln -s "$PWD/victim" "s/$name"
		for line in 'crm-find' 'crm-add contact name=X' 'crm-check'; do
			status=0
			CRM_STORE=$PWD/s sh -c "$line" >out 2>err || status=$?
			[ "$status" -eq 77 ] || [ "$status" -eq 78 ] ||
			    { echo "$name: $line: $status"; cat err; return 1; }
		done
		[ "$(cat victim)" = precious ]
	done
}

@test "foreign files in place of the store are refused and left alone" {
	head -c 8192 /dev/zero >zero
	head -c 100000 /dev/urandom >random
	: >empty
	yes 'just some text' | head -n 2000 >text
	python3 -c 'import sqlite3
db = sqlite3.connect("sqlite")
db.execute("create table contact(name)")
db.commit()'
	head -c 3000 "$CRM_STORE/data.mdb" >short
	for f in zero random empty text sqlite short; do
		rm -rf s && mkdir -m 700 s && cp "$f" s/data.mdb
		for line in 'crm-find' 'crm-add contact name=X' 'crm-check' \
		    'crm-show c1' 'crm-followup'; do
			status=0
			CRM_STORE=$PWD/s sh -c "$line" >out 2>err || status=$?
			[ "$status" -eq 78 ] || { echo "$f: $line: $status"; cat err; return 1; }
			[ -s err ] && [ ! -s out ]
		done
		cmp "$f" s/data.mdb
	done
}

@test "a file, or a folder of something else, in place of the store" {
	echo text >file
	mkdir -m 700 other && echo note >other/todo.txt
	for p in file other/todo.txt file/below; do
		status=0
		CRM_STORE=$PWD/$p crm-add contact name=X >out 2>err || status=$?
		[ "$status" -ge 74 ] && [ "$status" -le 78 ] ||
		    { echo "$p: $status"; cat err; return 1; }
		[ ! -s out ]
	done
	[ "$(cat file)" = text ]
	[ "$(ls other)" = todo.txt ]
}

# Root may write anywhere, so these run as nobody.
as_nobody() {
	if [ "$(id -u)" = 0 ]; then
		chmod 755 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.." 2>/dev/null
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}

@test "a store that may not be read or written is 77" {
	mkdir bin && cp "$B"/bin/crm-* bin/
	store=$(mktemp -d /tmp/crm-perm.XXXXXX)
	chmod 755 "$store"
	mkdir "$store/bin" && cp "$B"/bin/crm-* "$store/bin/"
	chmod -R a+rX "$store/bin"
	if [ "$(id -u)" = 0 ]; then chown 65534 "$store"; fi
	as_nobody "$store/bin/crm-add" -S "$store/s" contact name=A >/dev/null
	chmod 500 "$store/s"
	chmod 400 "$store/s"/*
	status=0
	as_nobody "$store/bin/crm-add" -S "$store/s" contact name=B 2>err || status=$?
	chmod 700 "$store/s"
	[ "$status" -eq 77 ] || { echo "read-only: $status"; cat err; rm -rf "$store"; return 1; }
	chmod 000 "$store/s"
	status=0
	as_nobody "$store/bin/crm-find" -S "$store/s" 2>err || status=$?
	rm -rf "$store"
	[ "$status" -eq 77 ] || { echo "unreadable: $status"; cat err; return 1; }
	grep -q "$store" err
}

@test "names of commands and options that do not exist" {
	for c in $(each_command); do
		[ "$c" != crm-body ] || continue
		run_split "$c" --no-such-option
		[ "$status" -eq 2 ] || { echo "$c: $status"; return 1; }
		[[ $errors == *"$c"* ]]
		[ -z "$output" ]
	done
	run_split crm fnid
	[ "$status" -eq 2 ]
	[[ $errors == *find* ]]
}

@test "help is short, on standard output, status 0" {
	for c in $(each_command); do
		run_split "$c" -h
		[ "$status" -eq 0 ]
		[ -z "$errors" ]
		[ "${#lines[@]}" -le 24 ] || { echo "$c: ${#lines[@]} lines"; return 1; }
	done
}
