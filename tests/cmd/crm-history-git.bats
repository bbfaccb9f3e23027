# SPDX-License-Identifier: ISC
# The git history: init, drain, status, verify, rebuild, eager, and when it
# follows of itself.
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	export LOGNAME=anna
	unset USER
	H=$CRM_STORE/history.git
}

# fails STATUS TEXT CMD...: status, a piece of the message, nothing printed
fails() {
	local want=$1 text=$2
	shift 2
	run_split "$@"
	echo "$status: $errors: $output"
	[ "$status" -eq "$want" ]
	[[ $errors == *"$text"* ]]
	[ -z "$output" ]
}

# quiet CMD...: done, without a word
quiet() {
	run_split "$@"
	echo "$status: $errors: $output"
	[ "$status" -eq 0 ]
	[ -z "$output$errors" ]
}

# state NAME [OPTION...]: a value of crm-history status
state() {
	local name=$1
	shift
	crm-history status "$@" | sed -n "s/^$name$TAB//p"
}

# everything of a store, all fields of all kinds
all() {
	local k
	for k in $(crm-find -H "$@" -f name kind); do
		crm-find "$@" -O tsv -f all "$k"
		crm-export "$@" -O tsv "$k"
	done
}

git() {
	command git -C "$H" "$@"
}

# nothing is wrong with the repository, as git sees it
sound() {
	run git fsck --full --strict
	echo "$output"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

# the transactions of which there are commits, the oldest first
commits() {
	git log --reverse --format=%B main | sed -n 's/^Crm-Txn: //p' |
		tr '\n' ' '
}

people() {
	crm-add contact name=Ada city=Bern >/dev/null         # 1
	crm-add org name=Wind >/dev/null                      # 2
	crm-edit c1 city=Chur org=o1 -m 'moved on'            # 3
	LOGNAME=ben crm-add contact name=Zoe >/dev/null       # 4
	crm-rm c2                                             # 5
}

# Programs in a folder of their own, without crm-history.
without() {
	mkdir -p part
	cp "$B/bin/crm-add" "$B/bin/crm-edit" "$B/bin/crm-check" part/
}

# ---- turning it on ---------------------------------------------------------

@test "init makes the repository and its first commit; twice is once" {
	people
	quiet crm-history init
	[ "$(stat -c %a "$H")" = 700 ]
	[ "$(git rev-parse --is-bare-repository)" = true ]
	[ "$(git symbolic-ref HEAD)" = refs/heads/main ]
	[ "$(git log --format='%an %ae %aI %cI %s')" = \
		"anna anna@localhost 2026-03-02T12:00:00+00:00 2026-03-02T12:00:00+00:00 crm-history init" ]
	[ "$(commits)" = '5 ' ]
	[ "$(state git)" = on ]
	[ "$(state behind)" = 0 ]
	[ "$(state written)" = 5 ]
	before=$(git rev-parse main)
	quiet crm-history init
	[ "$(git rev-parse main)" = "$before" ]
	run_split crm-history init -v
	[ "$errors" = 'crm-history: 0 transactions written' ]
	crm-edit c1 city=Thun
	quiet crm-history init
	[ "$(commits)" = '5 6 ' ]
	sound
	quiet crm-history verify
}

@test "init where there is no store makes one" {
	run_split crm-history init -v
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $errors == "crm-history: $H made"* ]]
	[ "$(state last)" = 0 ]
	crm-add contact name=Ada >/dev/null
	quiet crm-history drain
	[ "$(commits)" = '0 1 ' ]
	quiet crm-history verify
	quiet crm-check
}

@test "init where something else is in the way leaves it alone" {
	people
	echo mine >"$H"
	fails 78 "$H" crm-history init
	[[ $errors == *'move it away'* ]]
	[ "$(cat "$H")" = mine ]
	[ "$(state git)" = off ]
	rm "$H"
	mkdir "$H"
	echo mine >"$H/note"
	fails 78 'no git repository' crm-history init
	[[ $errors == *'move it away'* ]]
	[ "$(cat "$H/note")" = mine ]
	[ "$(state git)" = off ]
	# an empty directory is nothing
	rm "$H/note"
	quiet crm-history init
	quiet crm-history verify
}

@test "of a foreign repository no commit is touched" {
	people
	command git init -q -b main work
	command git -C work -c user.name=x -c user.email=x commit -q \
		--allow-empty -m mine
	command git clone -q --bare work "$H"
	theirs=$(git rev-parse main)
	run_split crm-history init
	[ "$(git rev-parse main)" = "$theirs" ]
	git cat-file -e "$theirs"
	sound
}

@test "main that goes its own way is left, and said" {
	people
	crm-history init
	tree=$(git rev-parse 'main^{tree}')
	mine=$(GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x GIT_COMMITTER_NAME=x \
		GIT_COMMITTER_EMAIL=x git commit-tree -p main -m mine "$tree")
	git update-ref refs/heads/main "$mine"
	crm-edit c1 city=Thun
	quiet crm-history drain
	[ "$(git rev-parse main)" = "$mine" ]
	[ "$(git log -1 --format=%s refs/crm/drained)" = 'crm-edit c1 city=' ]
	run_split crm-history status
	[ "$status" -eq 0 ]
	[[ $errors == *'main has commits that are not of the store; refs/crm/drained goes on without them' ]]
	quiet crm-history -q verify
	# until it is put back
	git update-ref refs/heads/main refs/crm/drained
	crm-edit c1 city=Bern
	quiet crm-history drain
	[ "$(commits)" = '5 6 7 ' ]
	run_split crm-history status
	[ -z "$errors" ]
}

# ---- what is refused -------------------------------------------------------

@test "while it is off: what needs it says so, and makes nothing" {
	for verb in drain verify 'eager yes' 'eager no'; do
		fails 78 'the git history is off; crm-history init turns it on' \
			crm-history $verb
	done
	[ "$(crm-history eager)" = no ]
	[ "$(crm-history status)" = "name${TAB}value
journal${TAB}on
first${TAB}0
last${TAB}0
git${TAB}off" ]
	[ ! -e "$CRM_STORE" ]
	people
	for verb in drain verify 'eager yes'; do
		fails 78 'crm-history init turns it on' crm-history $verb
	done
	[ "$(state last)" = 5 ]
	[ ! -e "$H" ]
}

@test "wrong operands and options, and words that nearly are verbs" {
	people
	for verb in init drain status verify; do
		fails 2 "too many operands; write crm-history $verb" \
			crm-history $verb x
	done
	fails 2 'too few operands; write crm-history rebuild DIR [REPOSITORY]' \
		crm-history rebuild
	fails 2 'too many operands' crm-history rebuild a b c
	fails 2 'an empty name; write crm-history rebuild DIR' \
		crm-history rebuild ''
	fails 2 'an empty name' crm-history rebuild new ''
	fails 2 'too many operands; write crm-history eager' \
		crm-history eager yes no
	fails 2 "eager 'maybe': write yes or no" crm-history eager maybe
	fails 2 'init takes no --dry-run' crm-history init -n
	fails 2 'drain takes no --reason' crm-history drain -m x
	fails 2 'status takes no --format' crm-history status -O json
	fails 2 'did you mean init?' crm-history inti
	fails 2 'did you mean drain?' crm-history drian
	fails 2 'did you mean rebuild?' crm-history rebuidl
	fails 2 'CRM_HISTORY_DEADLINE' env CRM_HISTORY_DEADLINE=soon \
		crm-history init
	[ ! -e "$H" ]
}

@test "a history that is gone is said, and begun anew" {
	people
	crm-history init
	crm-edit c1 city=Thun
	rm -rf "$H"
	for verb in drain verify; do
		fails 78 "$H: the git history is gone; put it back, or crm-history init begins a new one" \
			crm-history $verb
	done
	run_split crm-history status
	[ "$status" -eq 78 ]
	# writing goes on
	run_split crm-edit c1 city=Bern
	[ "$status" -eq 0 ]
	[ -z "$errors" ]
	run_split crm-history log c1 -H -f new --after 6
	[ "$status" -eq 0 ]
	[ "$output" = Bern ]
	[[ $errors == *'what was written is in the store' ]]
	quiet crm-history init
	[ "$(commits)" = '7 ' ]
	quiet crm-history verify
}

@test "a history that knows more than the store is not written into" {
	people
	crm-history init
	mkdir -m 700 old
	cp -p "$CRM_STORE/data.mdb" old/
	crm-edit c1 city=Thun
	crm-history drain
	cp -p old/data.mdb "$CRM_STORE/"
	before=$(git rev-parse main)
	fails 78 "$H: " crm-history drain
	[[ $errors == *'to go on from the history: crm-history rebuild; to go on from the store '*'move the history away and run crm-history init' ]]
	run_split crm-history verify
	[ "$status" -eq 78 ]
	[ "$(git rev-parse main)" = "$before" ]
	# both ways out
	quiet crm-history rebuild new
	[ "$(crm-find -S new -H -f city name=Ada)" = Thun ]
	mv "$H" away
	quiet crm-history init
	quiet crm-history verify
	[ "$(crm-find -H -f city name=Ada)" = Chur ]
}

@test "damage is an error that names the history" {
	people
	crm-history init
	pack=$(echo "$H"/objects/pack/*.pack)
	chmod u+w "$pack"
	dd if=/dev/zero of="$pack" bs=1 seek=100 count=4000 conv=notrunc \
		2>/dev/null
	run_split crm-history verify
	[ "$status" -eq 78 ]
	[[ $errors == *"$H"* ]]
	[ -z "$(crm-check)" ]
}

# ---- writing ---------------------------------------------------------------

@test "one commit a transaction, with its author, date, reason and number" {
	crm-history init
	people
	CRM_TODAY='2026-03-05 08:30' TZ=UTC-1 crm-edit c1 nick=A
	run_split crm-history drain -v
	[ "$errors" = 'crm-history: 6 transactions written' ]
	[ "$(commits)" = '0 1 2 3 4 5 6 ' ]
	[ "$(git log --reverse --format='%an|%aI|%s' main | tail -n 6)" = "\
anna|2026-03-02T12:00:00+00:00|crm-add contact name= city=
anna|2026-03-02T12:00:00+00:00|crm-add org name=
anna|2026-03-02T12:00:00+00:00|crm-edit c1 city= org=
ben|2026-03-02T12:00:00+00:00|crm-add contact name=
anna|2026-03-02T12:00:00+00:00|crm-rm c2
anna|2026-03-05T07:30:00+00:00|crm-edit c1 nick=" ]
	[ "$(git log -1 --format=%B main~3)" = "\
crm-edit c1 city= org=

moved on

Crm-Txn: 3" ]
	[ "$(git show --format= --name-status main~2)" = "A${TAB}c/00/00/c2" ]
	[ "$(git show --format= --name-status main~1)" = "D${TAB}c/00/00/c2" ]
	[ "$(git show main:c/00/00/c1)" = "\
created${TAB}2026-03-02T12:00:00Z
name${TAB}Ada
nick${TAB}A
org${TAB}o1
city${TAB}Chur" ]
	sound
}

@test "a list is a line an item, and odd characters are escaped" {
	crm-history init
	crm-add contact name=Ada tag=lead,vip email=a@x.example,b@x.example \
		"note=$(printf 'one\ttwo\nthree\\')" >/dev/null
	crm-history drain
	[ "$(git show main:c/00/00/c1)" = "\
created${TAB}2026-03-02T12:00:00Z
tag${TAB}lead
tag${TAB}vip
note${TAB}"'one\ttwo\nthree\\'"
name${TAB}Ada
email${TAB}a@x.example
email${TAB}b@x.example" ]
	# one tag more is one line more
	crm-edit c1 tag+=news
	crm-history drain
	[ "$(git show --format= -U0 main | grep '^[-+][a-z]')" = "+tag${TAB}news" ]
}

@test "the path follows from the id" {
	crm-history init
	seq 10050 | sed '1i name
s/^/P/' | crm-add contact - >/dev/null
	crm-history drain
	[ "$(git ls-tree -r --name-only main c/01)" = \
		"$(for i in $(seq 10000 10050); do echo "c/01/00/c$i"; done)" ]
	git cat-file -e main:c/00/12/c1234
	git cat-file -e main:c/00/00/c99
	git cat-file -e main:c/00/01/c100
	quiet crm-history verify
}

@test "no value of a record is in any message" {
	secret=Geheimnis4711
	crm-add field name=contact.code >/dev/null
	crm-history init
	crm-add contact name=$secret code=$secret "note=x $secret" >/dev/null
	crm-add -q --create contact name=Ada org=$secret >/dev/null
	crm-edit c2 nick=$secret tag+=$secret
	crm-edit "$secret" city=$secret 2>/dev/null || crm-edit c1 city=$secret
	crm-log -t call c1 "$secret called" --follow fri >/dev/null
	crm-log c2 "subject=$secret" >/dev/null
	crm-followup add c2 today "$secret" >/dev/null
	printf 'name\temail\n%s\t%s@x.example\n' $secret $secret |
		crm-add -k email contact - >/dev/null
	printf 'id\tname\nc2\t%s\n' $secret | crm-edit - lang=de
	crm-rm -r c2
	crm-history undo 11
	crm-history undo 5..10
	crm-history drain
	[ "$(state behind)" = 0 ]
	git log -p --all | grep -q $secret
	run git log --all --format='%an%ae%cn%ce%B%N'
	[ "${#lines[@]}" -gt 20 ]
	[[ $output != *"$secret"* ]]
	# but a reason is what was said
	crm-edit c1 city=Bern -m "because of $secret"
	crm-history drain
	[ "$(git log --format=%B | grep -c $secret)" -eq 1 ]
}

@test "transactions that were made while drains and writers compete" {
	crm-history init
	for w in 1 2; do
		for i in $(seq 20); do
			LOGNAME=w$w crm-add contact name=P$w.$i
		done >/dev/null &
	done
	for w in 1 2; do
		for i in $(seq 8); do crm-history drain; done &
	done
	wait
	crm-history drain
	[ "$(commits)" = "$(seq 0 40 | tr '\n' ' ')" ]
	quiet crm-history verify
	sound
}

@test "-q and -v" {
	people
	quiet crm-history -q init
	run_split crm-history verify -v
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $errors =~ ^'crm-history: '[0-9]+' records compared'$ ]]
	run_split crm-history rebuild -v new
	[ -z "$output" ]
	[[ $errors =~ ^'crm-history: '[0-9]+' records'$ ]]
	git update-ref refs/heads/main "$(GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x \
		GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x \
		git commit-tree -p main -m x 'main^{tree}')"
	run_split crm-history -q status
	[ "$status" -eq 0 ]
	[ -z "$errors" ]
}

@test "verify names what differs" {
	people
	crm-history init
	# another history of as many transactions
	cp -rp "$CRM_STORE" other
	crm-edit -S other c1 city=Thun
	crm-history -S other drain
	crm-edit c1 city=Genf
	rm -rf "$H"
	cp -rp other/history.git "$H"
	run_split crm-history verify
	[ "$status" -eq 1 ]
	[ "$output" = "c1: city: 'Genf' in the store, 'Thun' in the history" ]
	[ "$errors" = 'crm-history: the store and its history differ in 1 place' ]
}

# ---- when it follows -------------------------------------------------------

@test "lazy: a write waits, log, show, diff, at, undo and crm-check drain" {
	people
	crm-history init
	n=5
	for verb in 'crm-history log' 'crm-history show 1' \
		'crm-history diff 1..2' 'crm-history at 1 c1' \
		'crm-history undo -n 3' crm-check; do
		crm-edit c1 nick=n$n
		n=$((n + 1))
		[ "$(state behind)" = 1 ]
		run_split $verb
		[ "$status" -eq 0 ]
		[ -z "$errors" ]
		[ "$(state behind)" = 0 ] || {
			echo "$verb"
			return 1
		}
		[ "$(state written)" = $n ]
	done
	crm-edit c1 nick=x
	crm-history undo $((n + 1))
	[ "$(state behind)" = 0 ]
	[ "$(state written)" = $((n + 2)) ]
	# what was refused does not count as one of them
	crm-edit c1 nick=y
	run crm-history show 4711
	[ "$status" -eq 1 ]
	for verb in 'crm-find' 'crm-show c1' 'crm-history keep' \
		'crm-history status'; do
		$verb >/dev/null
		[ "$(state behind)" = 1 ]
	done
	quiet crm-history verify
}

@test "while the history is off nothing follows" {
	people
	quiet crm-check
	crm-history log >/dev/null
	crm-history undo 5
	[ ! -e "$H" ]
	[ "$(state git)" = off ]
}

@test "eager: what was written is in git when the command ends" {
	crm-add contact name=Ada >/dev/null
	crm-history init
	[ "$(crm-history eager)" = no ]
	quiet crm-history eager yes
	[ "$(crm-history eager)" = yes ]
	[ "$(state eager)" = yes ]
	crm-add contact name=Zoe >/dev/null
	[ "$(git log -1 --format=%s)" = 'crm-add contact name=' ]
	[ "$(git show main:c/00/00/c2 | sed -n 2p)" = "name${TAB}Zoe" ]
	[ "$(state behind)" = 0 ]
	crm-edit c1 city=Bern
	crm-log c1 hello >/dev/null
	crm-rm -r c2
	[ "$(commits)" = '1 2 3 4 5 ' ]
	quiet crm-history eager no
	crm-edit c1 city=Chur
	[ "$(state behind)" = 1 ]
}

@test "a write that leaves more than 1000 waiting drains" {
	seq 5 | sed '1i name
s/^/P/' | crm-add contact - >/dev/null
	crm-history init
	"$B/tools/txns" "$CRM_STORE" 999 5
	crm-edit c1 nick=A
	[ "$(state behind)" = 1000 ]
	run_split crm-edit c1 nick=B
	[ "$status" -eq 0 ]
	[ -z "$output$errors" ]
	[ "$(state behind)" = 0 ]
	[ "$(state written)" = 1002 ]
	[ "$(git rev-list --count main)" -eq 1002 ]
	quiet crm-history verify
}

@test "without the program crm-history the write is done, with a warning" {
	people
	crm-history init
	crm-history eager yes
	without
	run_split part/crm-edit c1 city=Thun
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $errors == "crm-edit: the git history is 1 transaction behind: $PWD/part/crm-history: No such file or directory; what was written is in the store" ]]
	[ "$(crm-find -H -f city name=Ada)" = Thun ]
	quiet part/crm-edit -q c1 city=Bern
	run_split part/crm-check
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $errors == *'the git history is 2 transactions behind'* ]]
	# the next one that can makes up for it
	crm-add contact name=Eva >/dev/null
	[ "$(state behind)" = 0 ]
	[ "$(commits)" = '5 6 7 8 ' ]
}

@test "a drain that fails does not undo the write" {
	people
	crm-history init
	crm-history eager yes
	mv "$H" away
	run_split crm-edit c1 city=Thun
	[ "$status" -eq 0 ]
	[[ $errors == *'crm-edit: the git history is 1 transaction behind; what was written is in the store' ]]
	[ "$(crm-find -H -f city name=Ada)" = Thun ]
	mv away "$H"
	crm-edit c1 city=Bern
	[ "$(commits)" = '5 6 7 ' ]
}

# ---- how much the journal keeps --------------------------------------------

@test "with a git history the journal keeps 1000, and what is not drained" {
	seq 5 | sed '1i name
s/^/P/' | crm-add contact - >/dev/null
	[ "$(crm-history keep)" = all ]
	crm-history init
	[ "$(crm-history keep)" = 1000 ]
	"$B/tools/txns" "$CRM_STORE" 1500 5
	[ "$(state first)" = 2 ] # they wait to be drained
	crm-history drain
	crm-edit c1 nick=A
	crm-history drain
	"$B/tools/txns" "$CRM_STORE" 30 5
	[ "$(state first)" -gt 400 ]
	[ "$(state first)" -le 533 ]
	[ "$(crm-history log -H -f txn | head -n 1)" = "$(state first)" ]
	fails 65 'the git history is written from the journal; it cannot be switched off' \
		crm-history keep -y none
	crm-history keep all
	[ "$(crm-history keep)" = all ]
	first=$(state first)
	"$B/tools/txns" "$CRM_STORE" 600 5
	crm-history drain
	crm-edit c1 nick=B
	[ "$(state first)" = "$first" ]
	crm-history keep -y 1200
	[ "$(crm-history keep)" = 1200 ]
	[ "$(state first)" = $(($(state last) - 1199)) ]
	quiet crm-history verify
	quiet crm-check
}

@test "a store that kept few, or none, has a history from then on" {
	seq 5 | sed '1i name
s/^/P/' | crm-add contact - >/dev/null
	"$B/tools/txns" "$CRM_STORE" 1200 5
	crm-history keep -y 1000
	crm-history init
	[ "$(commits)" = '1201 ' ]
	crm-edit c1 nick=A
	quiet crm-history verify
	[ "$(crm-history keep)" = 1000 ]
	crm-add -S other contact name=Ada >/dev/null
	crm-history -S other keep -y none
	crm-history -S other init
	[ "$(crm-history -S other keep)" = 1000 ]
	crm-edit -S other c1 city=Bern
	quiet crm-history -S other verify
}

# ---- rebuild ---------------------------------------------------------------

# a bit of everything
world() {
	crm-history init
	crm-add kind name=machine prefix=ma >/dev/null
	crm-add field name=machine.serial unique=yes >/dev/null
	crm-add field name=machine.keeper type=ref ref=org >/dev/null
	crm-add field name=contact.budget type=decimal >/dev/null
	crm-add machine serial=A-1 >/dev/null
	crm-add -q --create contact name=Ada email=a@x.example,b@x.example \
		org=Wind budget=12.50 "note=$(printf 'a\tb\nc\\')" >/dev/null
	seq 300 | sed '1i name	city
s/.*/Pé&	Bern/' | crm-add contact - >/dev/null
	crm-add order contact=c1 doc=order issued=2026-01-10 total=100 >/dev/null
	crm-log -t call c1 'hello' --follow fri >/dev/null
	crm-edit c7 c8 city=Chur -m why
	crm-rm c300 c9
	crm-rm ma1
	crm-add machine serial=A-2 >/dev/null
	crm-edit contact.budget name=contact.limit 2>/dev/null || :
	crm-history undo 11
	CRM_TODAY=2026-04-01 crm-edit c3 nick=late
}

@test "a rebuilt store is the same, to the byte, in every export" {
	world
	quiet crm-history drain
	quiet crm-history verify
	all >want
	[ "$(wc -l <want)" -gt 1300 ]
	quiet crm-history rebuild new
	all -S new | cmp want
	for format in csv json jsonl vcard; do
		crm-export -O $format >a
		crm-export -S new -O $format >b
		cmp a b
	done
	quiet crm-check -S new
	# ids go on where they were: those of the deleted are not given again
	[ "$(crm-add -S new contact name=N)" = "$(crm-add contact name=N)" ]
	[ "$(crm-add -S new machine serial=Z)" = "$(crm-add machine serial=Z)" ]
}

@test "rebuild with fields of one's own on kinds and fields" {
	crm-add -q field name=field.team type=text
	crm-add -q field name=kind.team type=text
	crm-add -q field name=contact.floor type=int team=blue
	crm-add -q kind name=machine team=red
	crm-add -q contact name=Ada floor=3
	quiet crm-history init
	quiet crm-history rebuild new
	[ "$(crm-find -S new -H field -f name,team team=blue)" = \
		"contact.floor${TAB}blue" ]
	for kind in kind field contact; do
		diff <(crm-export -f all $kind) <(crm-export -S new -f all $kind)
	done
}

@test "rebuild from a clone, by any way" {
	world
	crm-history drain
	all >want
	command git clone -q "$H" work
	command git clone -q --mirror "$H" mirror.git
	command git clone -q --bare "file://$H" bare.git
	i=0
	for from in work/.git mirror.git "$PWD/bare.git"; do
		i=$((i + 1))
		quiet crm-history rebuild new$i "$from"
		all -S new$i | cmp want
	done
	# the store that is set does not matter
	CRM_STORE=$PWD/none quiet crm-history rebuild new4 mirror.git
	all -S new4 | cmp want
	[ ! -e none ]
	# after git has packed it anew
	git gc -q
	quiet crm-history rebuild new5
	all -S new5 | cmp want
}

@test "rebuild, then go on with the same history" {
	world
	crm-history drain
	crm-history rebuild new
	[ "$(state git -S new)" = off ]
	[ "$(state last -S new)" = "$(state last)" ]
	command git clone -q --mirror "$H" new/history.git
	quiet crm-history -S new init
	old=$(git rev-parse main)
	crm-edit -S new c1 city=Zug
	quiet crm-history -S new drain
	H=$PWD/new/history.git
	[ "$(git rev-parse main~1)" = "$old" ]
	[ "$(git show main:c/00/00/c1 | grep ^city)" = "city${TAB}Zug" ]
	quiet crm-history -S new verify
	sound
}

@test "what rebuild refuses" {
	people
	crm-history init
	all >want
	fails 65 'there is a store already; name a new place' \
		crm-history rebuild "$CRM_STORE"
	all | cmp want
	mkdir full
	echo mine >full/note
	fails 78 'not a crm store' crm-history rebuild full
	[ "$(ls -A full)" = note ]
	echo mine >file
	run_split crm-history rebuild file
	[ "$status" -ne 0 ]
	[ "$(cat file)" = mine ]
	fails 1 "$PWD/nowhere: no history here" crm-history rebuild new nowhere
	fails 78 'no git repository' crm-history rebuild new full
	command git init -q --bare empty.git
	fails 1 'there is no commit in it that a store can be made of' \
		crm-history rebuild new empty.git
	command git init -q -b main work
	command git -C work -c user.name=x -c user.email=x commit -q \
		--allow-empty -m mine
	fails 1 'there is no commit in it that a store can be made of' \
		crm-history rebuild new work/.git
	CRM_STORE=$PWD/off fails 1 'no history here' crm-history rebuild new
	[ ! -e new ]
	# an empty directory is a place
	mkdir new
	quiet crm-history rebuild new
	all -S new | cmp want
}

@test "a history that somebody else has written into is not believed" {
	people
	crm-history init
	blob=$(printf 'name\tEve\nnosuch\tfield\n' | git hash-object -w --stdin)
	export GIT_INDEX_FILE=$PWD/index
	git read-tree main
	git update-index --add --cacheinfo "100644,$blob,c/00/00/c1"
	tree=$(git write-tree)
	commit=$(printf 'x\n\nCrm-Txn: 5\n' | GIT_AUTHOR_NAME=x \
		GIT_AUTHOR_EMAIL=x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x \
		git commit-tree -p main "$tree")
	unset GIT_INDEX_FILE
	git update-ref refs/heads/main "$commit"
	git update-ref refs/crm/drained "$commit"
	run_split crm-history rebuild new
	echo "$status $output $errors"
	[ "$status" -eq 78 ]
	[[ $output$errors == *c/00/00/c1*nosuch* ]]
	[ ! -e new ]
}

# ---- apart from the user's git ---------------------------------------------

@test "the user's git configuration and environment change nothing" {
	people
	printf '[core\nbroken = \n' >"$HOME/.gitconfig"
	mkdir -p "$HOME/.config/git" other.git
	printf '[[[\n' >"$HOME/.config/git/config"
	export GIT_DIR=$PWD/other.git GIT_WORK_TREE=/nowhere \
		GIT_INDEX_FILE=/nowhere GIT_OBJECT_DIRECTORY=/nowhere \
		GIT_CONFIG_GLOBAL=$HOME/.gitconfig GIT_CONFIG_SYSTEM=/etc/passwd \
		GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.bare \
		GIT_CONFIG_VALUE_0=false GIT_CEILING_DIRECTORIES=/ \
		GIT_AUTHOR_NAME=wrong GIT_AUTHOR_DATE='1999-01-01 00:00' \
		GIT_NAMESPACE=other XDG_CONFIG_HOME=$HOME/.config
	quiet crm-history init
	crm-edit c1 city=Thun
	quiet crm-history drain
	quiet crm-history verify
	quiet crm-history rebuild new
	[ "$(crm-find -S new -H -f city name=Ada)" = Thun ]
	[ -z "$(ls -A other.git)" ]
	unset ${!GIT_@} XDG_CONFIG_HOME
	rm -r "$HOME/.gitconfig" "$HOME/.config"
	[ "$(git log -1 --format='%an %aI')" = \
		'anna 2026-03-02T12:00:00+00:00' ]
	[ "$(commits)" = '5 6 ' ]
}

@test "git's own commands work on it, and what they did is no harm" {
	people
	crm-history init
	for i in 1 2 3; do
		crm-edit c1 nick=n$i
		crm-history drain
	done
	[ "$(git log --format=%s -- c/00/00/c1 | wc -l)" -eq 4 ]
	[ "$(git blame -s main -- c/00/00/c1 | grep -c nick)" -eq 1 ]
	git log -p -- c/00/00/c1 | grep -q "^-nick${TAB}n1"
	packs=$(state packs)
	[ "$packs" -ge 4 ]
	git gc -q --prune=now
	git pack-refs --all
	git commit-graph write --changed-paths 2>/dev/null
	[ "$(state packs)" = 1 ]
	crm-edit c1 nick=n4
	quiet crm-history drain
	[ "$(commits)" = '5 6 7 8 9 ' ]
	quiet crm-history verify
	sound
}

@test "a dead lock of git's or ours does not block" {
	people
	crm-history init
	crm-edit c1 nick=A
	: >"$H/refs/crm/drained.lock"
	: >"$H/refs/heads/main.lock"
	touch -d '1 minute ago' "$H/refs/heads/main.lock"
	quiet crm-history drain
	[ "$(commits)" = '5 6 ' ]
	[ ! -e "$H/refs/heads/main.lock" ]
}

# room REPOSITORY: bytes of its packs
room() {
	cat "$1"/objects/pack/*.pack | wc -c
}

# small: git gc leaves at most a tenth more than it does of the same content
# that git fast-import wrote
small() {
	rm -rf other.git
	git fast-export --all >stream
	command git init -q --bare other.git
	command git -C other.git fast-import --quiet <stream
	git gc -q --prune=now
	command git -C other.git gc -q --prune=now
	[ "$(($(room "$H") * 10))" -le "$(($(room other.git) * 11))" ] || {
		echo "$(room "$H") bytes for $(room other.git)"
		false
	}
}

@test "git gc leaves no more than of what fast-import wrote" {
	awk 'BEGIN { print "name\temail\tcity\ttag"
		for (i = 1; i <= 3000; i++)
			printf "Name%d Family%d\tn%d@x%d.example\tCity%d\tt%d\n",
				i * 7 % 400, i * 31 % 3000, i, i * 17 % 900,
				i * 13 % 800, i % 20
	}' | crm-add contact - >/dev/null
	awk 'BEGIN { print "contact\ttype\tsubject\tbody"
		for (i = 1; i <= 1000; i++) {
			printf "c%d\tnote\tAbout %d\t", i * 7 % 3000 + 1, i
			for (j = i % 60; j >= 0; j--)
				printf "word%d ", i * j % 977
			print ""
		}
	}' | crm-add activity - >/dev/null
	crm-history init
	small
	# one record a commit, of two kinds in turn
	for i in $(seq 1 100); do
		crm-edit c$((i * 7)) city=Town$i
		crm-log c$((i * 7)) "called for the time $i" >/dev/null
	done
	quiet crm-history drain
	small
	quiet crm-history rebuild new
	all >want
	all -S new | cmp want
}

@test "no certificate is read: where libgit2 wants them, it asks the program" {
	crm-add contact name=Ada >/dev/null
	crm-history init
	LD_DEBUG=bindings LD_DEBUG_OUTPUT=$PWD/bound crm-history verify
	cat bound.* | grep -F 'libgit2.so' >/dev/null
	cat bound.* | grep -F "\`mbedtls_x509_crt_parse_file'" >asked ||
	    ! ldd "$(command -v crm-history)" | grep -F libmbedtls
	cat asked
	! grep -v -F ' to crm-history ' asked
}
