# SPDX-License-Identifier: ISC
# The manual says what the commands do: every page, every option. Its examples
# are run by examples.bats.
load ../helper

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
}

# What a page looks like, in one long line a paragraph.
page() {
	mandoc -Tascii -O width=900 "$1" | col -bx
}

# Blanks squeezed; mdoc puts some around "|" and before "...".
squeeze() {
	tr -s ' \n' ' ' | sed -e 's/ *| */|/g' -e 's/ \.\.\./.../g'
}

# The usage of a command, without "usage:".
usage() {
	"$1" -h | awk '
		NR == 1 { sub(/^usage:/, ""); print; next }
		/^       / { print; next }
		{ exit }' | squeeze
}

synopsis() {
	page "$1" | awk '
		/^SYNOPSIS/ { on = 1; next }
		/^[A-Z]/ { on = 0 }
		on' | squeeze
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

# all CHECK FILE...: CHECK prints what is wrong with FILE, or nothing
all() {
	for file in "${@:2}"; do
		"$1" "$file" || :
	done >"$BATS_TEST_TMPDIR/wrong" 2>&1
	cat "$BATS_TEST_TMPDIR/wrong"
	[ ! -s "$BATS_TEST_TMPDIR/wrong" ]
}

@test "every command has a page and every page of section 1 a command" {
	page_there() {
		[ -f "man/$(basename "$1" .c).1" ] || echo "$1 has no page"
	}
	command_there() {
		[ -f "cmd/$(basename "$1" .1).c" ] || echo "$1 has no command"
	}
	all page_there cmd/*.c
	all command_there man/*.1
}

@test "the pages that belong to no command are there" {
	there() {
		[ -f "$1" ] || echo "no $1"
	}
	all there man/crm.7 man/crm-query.7 man/crm-dates.7 man/crm-tsv.5 \
		man/crm-store.5 man/crm-speed.7
}

# Two remarks of mandoc depend on the machine it runs on and are left out: the
# system's name, and which pages are installed. The next test does the latter.
@test "mandoc has nothing to say about the pages" {
	lint() {
		mandoc -Tlint "$1" 2>/dev/null |
			grep -v -e "STYLE: operating system explicitly" \
				-e "STYLE: referenced manual not found"
	}
	all lint man/*.[157]
}

@test "pages refer to pages of ours that exist" {
	refer() {
		sed -n 's/^\.Xr \(crm[a-z-]*\) \([0-9]\).*/\1.\2/p' "$1" |
			while read -r name; do
				[ -f "man/$name" ] || echo "$1: no $name"
			done
	}
	all refer man/*.[157]
}

@test "sections stand in the agreed order" {
	order() {
		awk 'BEGIN {
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
				print FILENAME ": too late: " name
			if (name in place)
				last = place[name]
			seen[name] = 1
		}
		END {
			split("NAME,DESCRIPTION,SEE ALSO,AUTHORS", must, ",")
			for (i in must)
				if (!(must[i] in seen))
					print FILENAME ": no " must[i]
		}' "$1"
	}
	all order man/*.[157]
}

@test "the synopsis of a page is the usage of its command" {
	same() {
		name=$(basename "$1" .c)
		want=$(usage "$name")
		have=$(synopsis "man/$name.1")
		[ -n "$want" ] && [ "${want% }" = "${have% }" ] || printf \
			'%s\nusage:   %s\nsynopsis:%s\n' "$name" "$want" "$have"
	}
	all same cmd/*.c
}

@test "every option that -h lists is described" {
	listed() {
		name=$(basename "$1" .c)
		text=$(page "man/$name.1")
		options "$name" | while read -r letter long; do
			described "$text" "$letter" "$long" ||
				echo "man/$name.1: no --$long"
		done
	}
	all listed cmd/*.c
}

@test "crm(7) describes every option there is" {
	everywhere() {
		text=$(page man/crm.7)
		{
			for file in cmd/*.c; do
				options "$(basename "$file" .c)"
			done
			printf '%s\n' 'h help' 'V version' 'q quiet' \
				'v verbose' 'S store' '- today' '- color'
		} | sort -u | while read -r letter long; do
			described "$text" "$letter" "$long" ||
				echo "man/crm.7: no --$long"
		done
	}
	all everywhere man/crm.7
}

@test "help is at most 24 lines of 80 columns and names three examples" {
	short() {
		"$(basename "$1" .c)" -h | awk -v name="$1" '
			length($0) > 80 { print name ": too long: " $0 }
			/^  [^ -]/ { examples++ }
			END {
				if (NR > 24)
					print name ": " NR " lines"
				if (examples < 3)
					print name ": no three examples"
			}'
	}
	all short cmd/*.c
}
