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
