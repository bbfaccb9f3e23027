# SPDX-License-Identifier: ISC
load ../helper

@test "silent about a store that is not there, and it does not make one" {
	run_split crm-check
	[ "$status" -eq 0 ]
	[ -z "$output$errors" ]
	[ ! -e "$CRM_STORE" ]
}

@test "silent about a sound store" {
	crm-add org name=Wind
	printf 'name\temail\torg\nAda\tada@example.org\tWind\nZoe\t\t\n' |
		crm-add contact -
	crm-log ada@example.org 'called about the offer'
	run_split crm-check
	[ "$status" -eq 0 ]
	[ -z "$output$errors" ]
}

@test "-v says which store is read" {
	run_split crm-check -v
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$errors" = "crm-check: $CRM_STORE: nothing there yet" ]
	crm-add contact name=Ada
	run_split crm-check -v
	[ "$errors" = "crm-check: $CRM_STORE" ]
}

@test "it takes no operands" {
	run_split crm-check all
	[ "$status" -eq 2 ]
	[[ $errors == "crm-check: operand 'all': "* ]]
}

# flip FILE TEXT: turns a bit of the first byte of every TEXT in FILE
flip() {
	python3 - "$1" "$2" <<-'EOF'
		import sys
		name, text = sys.argv[1], sys.argv[2].encode()
		data = bytearray(open(name, "rb").read())
		at = data.find(text)
		assert at >= 0
		while at >= 0:
		    data[at] ^= 1
		    at = data.find(text, at + 1)
		open(name, "wb").write(data)
	EOF
}

@test "a flipped bit in a record is a fault, one a line, and 78" {
	crm-add contact name=Quetzalcoatl city=Bern
	crm-add contact name=Zoe
	flip "$CRM_STORE/data.mdb" Quetzalcoatl
	run_split crm-check
	[ "$status" -eq 78 ]
	[ "${#lines[@]}" -ge 1 ]
	[[ $output == *c1* ]]
	[[ $errors == "crm-check: $CRM_STORE: "*"restore the store from a copy" ]]
	run_split crm-check -q
	[ "$status" -eq 78 ]
	[ -z "$output" ]
	[ "$(wc -l <<<"$errors")" -eq 1 ]
}

@test "a flipped bit in the index of words is a fault" {
	printf 'name\tcity\nAda\tQuetzalcoatl\nZoe\tBern\n' |
		crm-add contact -
	run_split crm-check
	[ "$status" -eq 0 ]
	flip "$CRM_STORE/data.mdb" quetzalcoatl
	run_split crm-check
	[ "$status" -eq 78 ]
	[[ $output == *"contact: the index of words is damaged at "* ]]
	[[ $output == *"c1: its word 'quetzalcoatl' is missing"* ]]
}

@test "a file that is no store" {
	mkdir "$CRM_STORE"
	head -c 100000 /dev/urandom >"$CRM_STORE/data.mdb"
	run_split crm-check
	[ "$status" -eq 78 ]
	[ -z "$output" ]
	[[ $errors == "crm-check: "*"$CRM_STORE"* ]]
}

@test "a truncated file never crashes it" {
	seq 3000 | sed 's/.*/Person & of a long enough name to fill pages/' |
		sed '1i name' | crm-add -q contact - >/dev/null
	cp "$CRM_STORE/data.mdb" "$BATS_TEST_TMPDIR/whole"
	size=$(stat -c %s "$BATS_TEST_TMPDIR/whole")
	for part in 1 100 4096 9000 $((size / 4)) $((size / 2)) \
		$((size - 4096)); do
		head -c "$part" "$BATS_TEST_TMPDIR/whole" >"$CRM_STORE/data.mdb"
		run_split crm-check
		[ "$status" -eq 78 ] || {
			echo "$part of $size bytes: $status: $errors"
			return 1
		}
		[ -n "$errors" ]
	done
}

@test "faults that cannot be printed are 74 or 78, never 0" {
	crm-add contact name=Quetzalcoatl
	flip "$CRM_STORE/data.mdb" Quetzalcoatl
	run bash -c 'crm-check >/dev/full'
	[ "$status" -eq 74 ] || [ "$status" -eq 78 ]
}

@test "-S names another store" {
	crm-add -S "$BATS_TEST_TMPDIR/other" contact name=Ada
	[ ! -e "$CRM_STORE" ]
	run_split crm-check -v -S "$BATS_TEST_TMPDIR/other"
	[ "$status" -eq 0 ]
	[ "$errors" = "crm-check: $BATS_TEST_TMPDIR/other" ]
}
