# SPDX-License-Identifier: ISC
load ../helper

# crm-history init where a history is already.

@test "a history of another store is refused and left alone" {
	crm-add -q -S "$BATS_TEST_TMPDIR/a" contact name=Ada
	crm-add -q contact name=Bob
	crm-history -S "$BATS_TEST_TMPDIR/a" init
	cp -r "$BATS_TEST_TMPDIR/a/history.git" "$CRM_STORE/"
	run_split crm-history init
	[ "$status" -eq 78 ]
	[[ $output == *"c1: name: 'Bob' in the store, 'Ada' in the history"* ]]
	[[ $errors == *"the history of another store"* ]]
	run crm-history status
	[[ $output == *"git${TAB}off"* ]]
	run git -C "$CRM_STORE/history.git" fsck --full --strict
	[ "$status" -eq 0 ]
	crm-edit c1 city=Bern
	run crm-check
	[ "$status" -eq 0 ]
}

@test "a store put back from a backup that went its own way is refused" {
	crm-add -q contact name=Ada
	crm-history init
	cp -r "$CRM_STORE" "$BATS_TEST_TMPDIR/backup"
	crm-edit c1 city=Bern
	crm-history drain
	cp "$BATS_TEST_TMPDIR/backup/data.mdb" "$CRM_STORE/data.mdb"
	run_split crm-history drain
	[ "$status" -eq 78 ]
	[[ $errors == *"transactions that the store has not"* ]]
	crm-edit c1 note=other
	run_split crm-history drain
	[ "$status" -eq 78 ]
	[[ $errors == *"another than that of the store"* ]]
}

@test "a rebuilt store goes on with a clone of its history" {
	crm-add -q contact name=Ada
	crm-history init
	crm-edit c1 city=Bern
	crm-history drain
	crm-history rebuild "$BATS_TEST_TMPDIR/new"
	git clone -q --mirror "$CRM_STORE/history.git" \
		"$BATS_TEST_TMPDIR/new/history.git"
	export CRM_STORE=$BATS_TEST_TMPDIR/new
	crm-history init
	crm-edit c1 city=Ulm
	crm-history drain
	run crm-history verify
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(git -C "$CRM_STORE/history.git" log --format=%s | head -n 1)" = \
		"crm-edit c1 city=" ]
}

# meddled FILE SCRIPT: the history in ./clone, where sed was let at FILE
meddled() {
	rm -rf clone
	git clone -q "$CRM_STORE/history.git" clone
	sed -i "$2" "clone/$1"
	git -C clone -c user.name=x -c user.email=x@localhost commit -q -a \
		-m 'by hand' -m "Crm-Txn: 1"
}

@test "records that do not fit together make no store" {
	cd "$BATS_TEST_TMPDIR"
	printf 'name\text\nAda\tshop:1\nBob\tshop:2\n' | crm-add -q contact -
	crm-history init
	meddled c/00/00/c2 's/shop:2/shop:1/'
	run_split crm-history rebuild "$PWD/new" "$PWD/clone/.git"
	[ "$status" -eq 78 ]
	[[ $output == *"c2: 'shop:1' of ext is not unique"* ]]
	[ ! -e new ] && [ ! -e new.new ]
	meddled c/00/00/c2 '$a org\to7'
	run_split crm-history rebuild "$PWD/new" "$PWD/clone/.git"
	[ "$status" -eq 78 ]
	[[ $output == *"c2: org names o7, which is not there"* ]]
	[ ! -e new ]
	meddled c/00/00/c2 '$a shoe\t38'
	run_split crm-history rebuild "$PWD/new" "$PWD/clone/.git"
	[ "$status" -eq 78 ]
	[[ $errors == *"c/00/00/c2: line 4: shoe: no field of this kind"* ]]
	[ ! -e new ]
}
