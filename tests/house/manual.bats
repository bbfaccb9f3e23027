# SPDX-License-Identifier: ISC
# The manual says what the commands do: every page, every option, every
# example.
load ../helper

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
}

# What a page looks like, in one long line a paragraph.
page() {
	mandoc -Tascii -O width=900 "$1" | col -bx
}

# The usage of a command, without "usage:", blanks squeezed.
usage() {
	"$1" -h | awk '
		NR == 1 { sub(/^usage:/, ""); print; next }
		/^       / { print; next }
		{ exit }' | tr -s ' \n' ' '
}

synopsis() {
	page "$1" | awk '
		/^SYNOPSIS/ { on = 1; next }
		/^[A-Z]/ { on = 0 }
		on' | tr -s ' \n' ' '
}

# The options of a command, one a line: "f fields", "- follow".
options() {
	"$1" -h | sed -n -e 's/^  -\(.\), --\([a-z-]*\).*/\1 \2/p' \
		-e 's/^      --\([a-z-]*\).*/- \1/p'
}

# described PAGE-TEXT LETTER NAME: the page has an entry for the option
described() {
	if [ "$2" != - ] &&
		grep -qE "^ +(.*, )?-$2([, ]|\$)" <<<"$1"; then
		return 0
	fi
	grep -qE "^ +(-.*, )?--$3([, =]|\$)" <<<"$1"
}

@test "every command has a page and every page of section 1 a command" {
	for file in cmd/*.c; do
		name=$(basename "$file" .c)
		[ -f "man/$name.1" ] || {
			echo "$name has no page"
			return 1
		}
	done
	for file in man/*.1; do
		name=$(basename "$file" .1)
		[ -f "cmd/$name.c" ] || {
			echo "$file has no command"
			return 1
		}
	done
}

@test "the pages that belong to no command are there" {
	for name in crm.7 crm-query.7 crm-dates.7 crm-tsv.5 crm-store.5; do
		[ -f "man/$name" ] || {
			echo "$name"
			return 1
		}
	done
}

# Two remarks of mandoc depend on the machine it runs on and are left out: the
# system's name, and which pages are installed. The next test does the latter.
@test "mandoc has nothing to say about the pages" {
	for file in man/*.[157]; do
		run bash -c 'mandoc -Tlint "$1" 2>/dev/null |
			grep -v -e "STYLE: operating system explicitly" \
				-e "STYLE: referenced manual not found"' _ "$file"
		[ -z "$output" ] || {
			echo "$output"
			return 1
		}
	done
}

@test "pages refer to pages of ours that exist" {
	run bash -c 'sed -n "s/^\.Xr \(crm[a-z-]*\) \([0-9]\).*/\1.\2/p" \
		man/*.[157] | sort -u | while read -r name; do
			[ -f "man/$name" ] || echo "$name"
		done'
	echo "$output"
	[ -z "$output" ]
}

@test "sections stand in the agreed order" {
	for file in man/*.[157]; do
		run awk 'BEGIN {
			n = split("NAME,SYNOPSIS,DESCRIPTION,ENVIRONMENT," \
				"FILES,EXIT STATUS,EXAMPLES,DIAGNOSTICS," \
				"SEE ALSO,STANDARDS,HISTORY,AUTHORS," \
				"CAVEATS,BUGS", names, ",")
			for (i = 1; i <= n; i++)
				place[names[i]] = i
		}
		/^\.Sh / {
			name = substr($0, 5)
			if (name in place && place[name] < last)
				print FILENAME ": " name
			if (name in place)
				last = place[name]
			seen[name] = 1
		}
		END {
			split("NAME,DESCRIPTION,SEE ALSO,AUTHORS", must, ",")
			for (i in must)
				if (!(must[i] in seen))
					print FILENAME ": no " must[i]
		}' "$file"
		[ -z "$output" ] || {
			echo "$output"
			return 1
		}
	done
}

@test "the synopsis of a page is the usage of its command" {
	for file in cmd/*.c; do
		name=$(basename "$file" .c)
		want=$(usage "$name")
		have=$(synopsis "man/$name.1")
		[ -n "$want" ] && [ "$have" = "$want " -o "$have" = "$want" ] || {
			printf '%s\nusage:   %s\nsynopsis:%s\n' \
				"$name" "$want" "$have"
			return 1
		}
	done
}

@test "every option that -h lists is described" {
	for file in cmd/*.c; do
		name=$(basename "$file" .c)
		text=$(page "man/$name.1")
		while read -r letter long; do
			described "$text" "$letter" "$long" || {
				echo "man/$name.1: -$letter, --$long"
				return 1
			}
		done < <(options "$name")
	done
}

@test "crm(7) describes every option there is" {
	text=$(page man/crm.7)
	for file in cmd/*.c; do
		options "$(basename "$file" .c)"
	done | sort -u >"$BATS_TEST_TMPDIR/options"
	printf '%s\n' 'h help' 'V version' 'q quiet' 'v verbose' 'S store' \
		'- today' '- color' >>"$BATS_TEST_TMPDIR/options"
	while read -r letter long; do
		described "$text" "$letter" "$long" || {
			echo "man/crm.7: -$letter, --$long"
			return 1
		}
	done <"$BATS_TEST_TMPDIR/options"
}

@test "help is at most 24 lines of 80 columns and names three examples" {
	for file in cmd/*.c; do
		name=$(basename "$file" .c)
		run "$name" -h
		[ "$status" -eq 0 ]
		[ "${#lines[@]}" -le 24 ] || {
			echo "$name: ${#lines[@]} lines"
			return 1
		}
		for line in "${lines[@]}"; do
			[ "${#line}" -le 80 ] || {
				echo "$name: $line"
				return 1
			}
		done
		[ "$(grep -cE '^  (crm|echo|[a-z]+ .*crm-)' <<<"$output")" -ge 3 ] || {
			echo "$name: no three examples"
			return 1
		}
	done
}

@test "the examples of the pages print what they say" {
	run tests/house/examples man/*.[157]
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "the examples of the README print what they say" {
	run tests/house/examples README
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "an example that prints something else is found" {
	printf '%s\n' .Sh\ EXAMPLES '.Bd -literal -offset indent' \
		'$ echo one' two .Ed >"$BATS_TEST_TMPDIR/wrong.1"
	run tests/house/examples "$BATS_TEST_TMPDIR/wrong.1"
	[ "$status" -eq 1 ]
	[[ $output == *'it prints
one'* ]]
	printf '%s\n' 'text' '' '    $ printf "%s\n" a b' '    a' '    b' \
		>"$BATS_TEST_TMPDIR/README"
	run tests/house/examples "$BATS_TEST_TMPDIR/README"
	[ "$status" -eq 0 ]
}
