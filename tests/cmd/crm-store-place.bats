#!/usr/bin/env bats
# Places of a store that are written in other ways.

load ../helper

@test "slashes at the end of the place are no other place" {
	crm-add -S "$BATS_TEST_TMPDIR/a//" contact name=Ada
	mkdir "$BATS_TEST_TMPDIR/b"
	crm-add -S "$BATS_TEST_TMPDIR/b/" contact name=Bob
	[ "$(crm-find -S "$BATS_TEST_TMPDIR/a" -H -f name)" = Ada ]
	[ "$(crm-find -S "$BATS_TEST_TMPDIR/b/" -H -f name)" = Bob ]
	[ ! -e "$BATS_TEST_TMPDIR/b.new" ]
}

@test "a link to an empty directory stays one" {
	mkdir "$BATS_TEST_TMPDIR/disk"
	ln -s disk "$BATS_TEST_TMPDIR/link"
	crm-add -S "$BATS_TEST_TMPDIR/link" contact name=Ada
	[ -L "$BATS_TEST_TMPDIR/link" ]
	[ "$(crm-find -S "$BATS_TEST_TMPDIR/disk" -H -f name)" = Ada ]
	[ "$(crm-find -S "$BATS_TEST_TMPDIR/link" -H -f name)" = Ada ]
}

@test "a store that is called .new is not taken for an unfinished one" {
	crm-add -S "$BATS_TEST_TMPDIR/a.new" contact name=Ada
	# killed between the rename and the removal of the mark
	touch "$BATS_TEST_TMPDIR/a.new/unfinished"
	crm-add -S "$BATS_TEST_TMPDIR/a.new" contact name=Bob
	run crm-add -S "$BATS_TEST_TMPDIR/a" contact name=Eve
	[ "$status" -eq 78 ]
	[ "$(crm-find -S "$BATS_TEST_TMPDIR/a.new" -H -f name)" = $'Ada\nBob' ]
}
