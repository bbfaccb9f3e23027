# SPDX-License-Identifier: ISC
# Histories that a disk or a person has damaged: a message and a status, no
# hang, and the store itself as well as ever.
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	repo=$CRM_STORE/history.git
	crm-add contact name=Ada city=Bern >/dev/null
	crm-add contact name=Zoe >/dev/null
	crm-history init
	crm-edit c1 city=Chur
	crm-history drain
	crm-edit c1 city=Genf
}

teardown() {
	[ -z "${place-}" ] || rm -rf "$place"
}

# writable: the store takes records and finds itself in order
writable() {
	crm-edit c2 note="$RANDOM$RANDOM"
	run_split crm-check
	echo "crm-check: $status: $output $errors"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

# fails STATUS TEXT VERB...: each VERB, a word of crm-history
fails() {
	local want=$1 text=$2 verb
	shift 2
	for verb in "$@"; do
		[ "$verb" != rebuild ] || verb="rebuild $BATS_TEST_TMPDIR/new"
		# shellcheck disable=SC2086 # two words
		run_split timeout -k 5 50 crm-history $verb
		echo "$verb: $status: $errors: $output"
		[ "$status" -eq "$want" ]
		[[ $errors == *"$text"* ]]
		[ ! -e new ]
	done
	writable
}

# works: all verbs do, and the history is that of the store
works() {
	local verb
	for verb in drain verify status; do
		run_split crm-history "$verb"
		echo "$verb: $status: $errors: $output"
		[ "$status" -eq 0 ]
		[ -z "$errors" ]
	done
	crm-history rebuild new
	cmp <(crm-find -f all) <(crm-find -S new -f all)
	rm -r new
	writable
}

# loose: no packs any more, a file an object
loose() {
	local pack
	for pack in "$repo"/objects/pack/*.pack; do
		mv "$pack" one.pack
		rm -f "${pack%.pack}".*
		git -C "$repo" unpack-objects -q <one.pack
	done
}

# object NAME: its file
object() {
	local id
	id=$(git -C "$repo" rev-parse "$1")
	echo "$repo/objects/${id:0:2}/${id:2}"
}

# cut FILE: to half its length
cut_half() {
	chmod u+w "$1"
	truncate -s $(($(stat -c %s "$1") / 2)) "$1"
}

@test "a truncated commit, on which libgit2 may loop for ever" {
	export CRM_HISTORY_DEADLINE=1
	loose
	cut_half "$(object main)"
	# Each time costs two seconds of a processor.
	# shellcheck disable=SC2086 # two words
	fails 78 'fsck --full tells' ${CHECK_ALL:+status} rebuild
	# libgit2 1.5.1 loops, later ones see it.
	[[ $errors == *'did not come back for 1 seconds'* ||
		$errors == *'cannot read commit'* ]]
}

@test "a truncated directory or record" {
	export CRM_HISTORY_DEADLINE=1
	loose
	cp -r "$CRM_STORE" whole
	cut_half "$(object main:c)"
	fails 78 'fsck --full tells' drain
	[ -n "${CHECK_ALL-}" ] || return 0
	rm -r "$CRM_STORE"
	cp -r whole "$CRM_STORE"
	cut_half "$(object main:c/00/00/c2)"
	fails 78 'fsck --full tells' verify
	crm-history status >/dev/null
}

@test "an eager command writes what it has to, and warns" {
	export CRM_HISTORY_DEADLINE=1
	crm-history eager yes
	crm-history drain
	loose
	cut_half "$(object main)"
	run_split timeout -k 5 50 crm-add contact name=Ben
	echo "$status: $errors: $output"
	[ "$status" -eq 0 ]
	[ "$output" = c3 ]
	[[ $errors == *'behind; what was written is in the store'* ]]
	[ "$(crm-find -H -f name name=Ben)" = Ben ]
}

@test "the deadline is a number of seconds" {
	for value in 0 x -1 1.5 100000 99999999999999999999; do
		CRM_HISTORY_DEADLINE=$value run_split crm-history drain
		[ "$status" -eq 2 ]
		[[ $errors == *"CRM_HISTORY_DEADLINE '$value': write seconds"* ]]
	done
	CRM_HISTORY_DEADLINE= crm-history drain
	CRM_HISTORY_DEADLINE=86400 crm-history verify
}

@test "an object that is missing, or is another" {
	loose
	cp -r "$CRM_STORE" whole
	rm -f "$(object main)"
	fails 78 'cannot read commit' drain verify status rebuild
	rm -r "$CRM_STORE"
	cp -r whole "$CRM_STORE"
	cp -f "$(object main:c/00/00/c1)" "$(object main:c/00/00/c2)"
	fails 78 'fsck --full tells' verify rebuild
	rm -r "$CRM_STORE"
	cp -r whole "$CRM_STORE"
	cp -f "$(object main:c)" "$(object main)"
	fails 78 'fsck --full tells' drain verify status rebuild
}

@test "bits of packs turned over are found, or do no harm" {
	crm-history drain
	git -C "$repo" gc -q
	crm-find -f all >want
	cat >turn.py <<'END'
import random, sys
pack, seed = sys.argv[1:]
rnd = random.Random(int(seed))
with open(pack, "rb") as f:
    data = bytearray(f.read())
at = rnd.randrange(len(data))
data[at] ^= 1 << rnd.randrange(8)
with open(pack, "wb") as f:
    f.write(data)
END
	found=0 rounds=${CRM_FLIPS:-$((${#CHECK_ALL} ? 30 : 8))}
	[ -z "$SAN" ] || rounds=8
	for seed in $(seq "$rounds"); do
		rm -rf bad.git new
		cp -r "$repo" bad.git
		# Indexes too: what is proved by its name does without one.
		kind=pack
		[ $((seed % 3)) -ne 0 ] || kind=idx
		file=$(ls bad.git/objects/pack/*.$kind)
		chmod u+w "$file"
		python3 turn.py "$file" "$seed"
		run_split env CRM_HISTORY_DEADLINE=1 timeout -k 5 50 \
			crm-history rebuild new bad.git
		echo "$seed: $status $errors"
		case $status in
		0) cmp want <(crm-find -S new -f all) ;;
		78) found=$((found + 1)) ;;
		*) false ;;
		esac
	done
	echo "found: $found"
	[ "$found" -ge $((rounds / 2)) ]
	rm -rf new
	works
}

@test "a pack that is missing, has no index, or is cut" {
	cp -r "$CRM_STORE" whole
	rm -f "$repo"/objects/pack/*.pack
	fails 78 'cannot read commit' drain verify status rebuild
	for kind in idx pack; do
		rm -r "$CRM_STORE"
		cp -r whole "$CRM_STORE"
		for file in "$repo"/objects/pack/*."$kind"; do
			cut_half "$file"
		done
		fails 78 'fsck --full tells' drain verify rebuild
	done
	rm -r "$CRM_STORE"
	cp -r whole "$CRM_STORE"
	rm -f "$repo"/objects/pack/*.idx
	fails 78 'cannot read commit' drain verify status rebuild
}

@test "refs that point to nothing, or are none" {
	cp -r "$CRM_STORE" whole
	for text in 1234567890123456789012345678901234567890 garbage ''; do
		for ref in refs/crm/drained refs/heads/main; do
			rm -r "$CRM_STORE"
			cp -r whole "$CRM_STORE"
			echo "$text" >"$repo/$ref"
			fails 78 'fsck --full tells' drain verify
		done
	done
	# One of the two is enough; without both the history begins anew.
	for ref in refs/crm/drained refs/heads/main; do
		rm -r "$CRM_STORE"
		cp -r whole "$CRM_STORE"
		rm "$repo/$ref"
		works
	done
	rm "$repo/refs/crm/drained" "$repo/refs/heads/main"
	fails 78 'the history is empty; crm-history init makes it' drain verify
	crm-history init
	works
}

@test "no repository, or another thing in its place" {
	mv "$repo" away
	fails 78 'the git history is gone; put it back' drain verify status
	: >"$repo"
	fails 78 'no directory; move it away' drain verify status init
	rm "$repo"
	mkdir "$repo"
	fails 78 'no git repository' drain verify status
	: >"$repo/file"
	fails 78 'it is not empty: move it away' init
	rm -r "$repo"
	cp -r away "$repo"
	rm "$repo/HEAD"
	fails 78 'no git repository' drain verify status
	rm -r "$repo"
	mv away "$repo"
	works
	rm -r "$repo"
	crm-history init
	works
}

@test "a config that cannot be read, and one that is not there" {
	printf '[core\n garbage' >"$repo/config"
	fails 78 'failed to parse config file' drain verify status
	printf '[core]\n\trepositoryformatversion = 7\n' >"$repo/config"
	fails 78 'unsupported repository version' drain verify status
	: >"$repo/config"
	works
	rm "$repo/config"
	works
}

@test "the configuration of the user does not matter" {
	printf '[garbage' >"$HOME/.gitconfig"
	works
	printf '[core]\n\tfsyncMethod = nonsense\n[gc]\n\tauto = x\n' \
		>"$HOME/.gitconfig"
	works
	rm "$HOME/.gitconfig"
	mkdir "$HOME/.gitconfig"
	works
	(
		unset HOME
		works
	)
}

@test "what the environment says to git does not matter" {
	(
		export GIT_DIR=/nonsense GIT_WORK_TREE=/nonsense
		export GIT_OBJECT_DIRECTORY=/nonsense GIT_INDEX_FILE=/nonsense
		export GIT_ALTERNATE_OBJECT_DIRECTORIES=/nonsense
		export GIT_CONFIG_GLOBAL=/nonsense GIT_CONFIG_COUNT=x
		export GIT_NAMESPACE=nonsense GIT_AUTHOR_DATE=nonsense
		works
	)
	env -i PATH="$PATH" CRM_STORE="$CRM_STORE" CRM_TODAY=2026-03-02 \
		crm-history verify
	echo /nonsense >"$repo/objects/info/alternates"
	works
}

# Root may write anywhere, so this runs as nobody.
@test "a repository that may not be written, or not be read" {
	place=$(mktemp -d /tmp/crm-perm.XXXXXX)
	mkdir "$place/bin"
	cp "$B"/bin/crm-* "$place/bin/"
	cp -r "$CRM_STORE" "$place/s"
	chmod -R a+rX "$place"
	user=
	if [ "$(id -u)" = 0 ]; then
		chown -R 65534 "$place/s"
		user='setpriv --reuid=65534 --regid=65534 --clear-groups'
	fi
	CRM_STORE=$place/s repo=$place/s/history.git
	crm() {
		# shellcheck disable=SC2086 # several words
		run_split $user "$place/bin/crm-$1" "${@:2}"
		echo "crm-$*: $status: $errors: $output"
	}
	chmod -R a-w "$repo"
	crm history drain
	[ "$status" -eq 77 ]
	[[ $errors == *"$repo"*'Permission denied'* ]]
	crm history status
	[ "$status" -eq 0 ]
	crm add contact name=Ben
	[ "$status" -eq 0 ]
	[ "$output" = c3 ]
	chmod 000 "$repo"
	crm history drain
	[ "$status" -eq 77 ]
	crm find -H -f name name=Ben
	[ "$output" = Ben ]
	chmod -R u+rwX "$repo"
	crm history verify
	[ "$status" -eq 0 ]
	[ -z "$errors$output" ]
}
