#!/usr/bin/env bats
# What the journal, and with it the git history, keeps of a command line.

load ../helper

@test "a name that looks like an id is no id" {
	crm-add kind name=boat prefix=bo
	crm-add field name=boat.length type=int
	crm-add contact name=anna2
	crm-add boat length=12
	crm-edit anna2 city=Ulm
	crm-edit c1 city=Bern
	crm-edit bo1 length=13
	crm-log anna2 met
	run crm-history log -H -f command
	[ "$status" -eq 0 ]
	[[ "$output" != *anna2* ]]
	[[ "$output" == *"crm-edit ... city="* ]]
	[[ "$output" == *"crm-edit c1 city="* ]]
	[[ "$output" == *"crm-edit bo1 length="* ]]
	[[ "$output" == *"crm-log ..."* ]]
}

@test "a record of a kind that is gone was made at some time, too" {
	crm-add kind name=boat prefix=bo
	crm-add field name=boat.length type=int
	crm-add boat length=12
	crm-rm bo1
	crm-rm x16
	run crm-history at 3 bo1
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "id${TAB}created${TAB}updated${TAB}length" ]
	run crm-history show 3 -H -f id,field
	[ "${lines[0]}" = "bo1${TAB}created" ]
}
