# SPDX-License-Identifier: ISC
# On a terminal: nothing that is stored or typed moves, hides or reorders
# what it shows. tests/tools/on-pty.c looks at every byte.
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

on_pty() {
	PAGER=cat CRM_PAGER=cat TERM=xterm "$B/tools/on-pty" "$@" </dev/null
}

# Every character below U+00A0 but NUL, each in a value of its own, and what
# else a terminal obeys.
nasty() {
	python3 - <<'EOT'
import sys
def esc(s):
    return (s.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
            .replace("\r", "\\r"))
chars = [chr(i) for i in range(1, 0xa0)]
chars += ["\x1b]0;title\x07", "\x1b[2J\x1b[1;31m", "\x1bP1;1|x\x1b\\",
          "\x9b31m", "\u202eabc", "\u2066x\u2069", "\u200b", "\u200f",
          "\ufeff", "\u00ad", "\x1b[6n", "\r\x1b[Khidden", "\U000e0041"]
text = "".join(esc("<%s>" % c) for c in chars)
sys.stdout.reconfigure(encoding="utf-8")
print("name\tcity\tnote\temail\ttag\ttitle\tnick")
for i, c in enumerate(chars):
    c = esc(c).replace(",", ".")
    print("\t".join(["n%sm" % c, "c%s" % c, "x%sy" % c,
                     "a%d@example.org" % i, "t%sg" % c, c + "t", c + "."]))
print("\t".join(["all", "x", text, "all@example.org", "x", text.replace("\t", " "), "y"]))
EOT
}

@test "the watcher itself sees what it has to see" {
	run on_pty printf 'a\033[31mb'
	[ "$status" -eq 99 ]
	run on_pty printf 'a\302\233b'
	[ "$status" -eq 99 ]
	run on_pty printf 'a\342\200\256b'
	[ "$status" -eq 99 ]
	run on_pty printf 'a\377b'
	[ "$status" -eq 99 ]
	run on_pty printf 'a\tb ä\n'
	[ "$status" -eq 0 ]
	run on_pty sh -c 'exit 3'
	[ "$status" -eq 3 ]
}

@test "stored controls reach no terminal: find, show, segment, followup" {
	nasty | crm-add contact - >/dev/null
	crm-find -i | crm-followup add - 2026-03-01 $'ring\001 \033[31mred' >/dev/null
	nasty | cut -f 1 | sed '1s/.*/query/' | sed '2,$s/.*/tag=&/' >/dev/null
	crm-add segment name=$'s\033[1m' query=tag=x >/dev/null
	crm-log c1 $'sub\033]0;x\007ject' >/dev/null
	export NO_COLOR=1
	on_pty crm-find >out
	on_pty crm-find -f name,city,note,tag,title,nick >out
	[ "$(wc -l <out)" -gt 170 ]
	on_pty crm-show $(crm-find -i) >out
	on_pty crm-followup >out
	on_pty crm-segment >out
	on_pty crm-find activity >out
	on_pty crm-find task >out
}

@test "the row formats show controls on a terminal and keep them in a pipe" {
	nasty | crm-add contact - >/dev/null
	export NO_COLOR=1
	for format in tsv csv json jsonl table us; do
		case $format in us) continue ;; esac
		on_pty crm-find -O $format -f name,city,note >out ||
		    { echo "$format"; return 1; }
	done
	on_pty crm-export -O vcard >out
	crm-find -O tsv -H -f note city=$'c\033[6n' | grep -q $'^x\033\[6ny$'
}

@test "colours come from us alone, and not with NO_COLOR or TERM=dumb" {
	nasty | crm-add contact - >/dev/null
	on_pty -c crm-find >out
	NO_COLOR=1 on_pty crm-find >out
	PAGER=cat CRM_PAGER=cat TERM=dumb "$B/tools/on-pty" crm-find >out
	on_pty crm-find --color=never >out
	crm-find >out
	! grep -q $'\033' out || grep -q 'n.*m' out
}

@test "error messages show what they quote" {
	crm-add contact name=A >/dev/null
	export NO_COLOR=1
	for arg in $'\033]0;x\007' $'\001\002' $'a\302\233b' $'\342\200\256x' \
	    $'\377\376' $'line\nfeed' $'car\rriage' $'\177'; do
		for c in "crm-find nofield=" "crm-find " "crm-find bday=" \
		    "crm-show " "crm-edit c1 nofield=" "crm-edit c1 bday=" \
		    "crm-add contact email=" "crm-add " "crm-rm " \
		    "crm-log " "crm-date " "crm " "crm-find -O " \
		    "crm-find -s " "crm-find -f " "crm-followup done " \
		    "crm-followup --until=" "crm-segment " "crm-export -O " \
		    "crm-find --" "crm-find -S /nowhere/"; do
			set -- $c
			last=${!#}
			if [ "${c% }" = "$c" ]; then
				set -- "${@:1:$#-1}" "$last$arg"
			else
				set -- "$@" "$arg"
			fi
			run on_pty "$@"
			[ "$status" -ne 99 ] && [ "$status" -lt 126 ] ||
			    { printf '%q ' "$@"; echo "$status $output"; return 1; }
		done
	done
}

@test "messages about a file show what they quote" {
	export NO_COLOR=1
	printf 'na\033[1mme\tcity\nA\tB\n' >a
	printf 'name\tbday\nA\t\033[1m\n' >b
	printf 'name\tcity\nA\033]0;t\007\tB\tC\n' >c
	for f in a b c; do
		run on_pty sh -c "crm-add contact - <$f"
		[ "$status" -eq 65 ] || { echo "$f: $status $output"; return 1; }
	done
}

@test "a table on a terminal is cut to its width, tsv in a pipe is not" {
	crm-add contact name=A note="$(printf '%0500d' 7)" >/dev/null
	NO_COLOR=1 on_pty crm-find -f name,note >out
	[ "$(tr -d '\r' <out | LC_ALL=C.UTF-8 wc -L)" -le 200 ]
	[ "$(crm-find -f name,note | awk 'END { print length($0) }')" -gt 500 ]
}

@test "a missing store gives a hint on a terminal only" {
	CRM_STORE=$PWD/none
	run_split crm-find
	[ -z "$errors" ]
	run on_pty crm-find
	[ "$status" -eq 0 ]
	[[ $output == *crm-add* ]]
}
