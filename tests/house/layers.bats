# SPDX-License-Identifier: ISC
# The floors of the house: a file includes what lies below it, or its own
# folder. A command of many files has a folder in cmd/ that bears its name.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	sources=(lib/*/*.[ch] cmd/*.c cmd/*/*.[ch])
}

# may FOLDER INCLUDED: whether a file there may include a header from there
may() {
	case $1 in
	base) below=base ;;
	model) below="base model" ;;
	text) below="base model text" ;;
	store) below="base model store" ;;
	query) below="base model text store query" ;;
	crm) below="base model text store query crm" ;;
	history) below="base model store history" ;;
	cli | cmd) below="base model text store query crm cli" ;;
	*) below="" ;;
	esac
	case " $below " in *" $2 "*) return 0 ;; *) return 1 ;; esac
}

# included FILE...: "FILE FOLDER" for each of our headers that one includes; of
# the files of a folder of lib/ one line speaks for all with the same.
included() {
	grep -HE '^#[[:space:]]*include[[:space:]]*"[^"/]*/' "$@" |
		sed 's|:#[[:space:]]*include[[:space:]]*"\([^"/]*\)/.*| \1|' |
		awk '{ key = $1; if (key ~ "^lib/") sub("/[^/]*$", "", key)
			if (!seen[key, $2]++) print }'
}

# allowed FILE INCLUDED: may, and what a command may besides
allowed() {
	case $1 in
	lib/*)
		set -- "${1#lib/}" "$2"
		may "${1%%/*}" "$2"
		return
		;;
	esac
	may cmd "$2" && return
	case "$1 $2" in
	"cmd/crm-history/git.c history") return 0 ;;
	esac
	set -- "${1#cmd/}" "$2"
	set -- "${1%.c}" "$2"
	[ "${1%%/*}" = "$2" ]
}

@test "nothing includes upwards or across" {
	wrong=0
	included "${sources[@]}" >"$BATS_TEST_TMPDIR/included"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/included")" -gt 50 ]
	while read -r file other; do
		allowed "$file" "$other" && continue
		echo "$file includes $other/"
		wrong=1
	done <"$BATS_TEST_TMPDIR/included"
	[ "$wrong" -eq 0 ]
}

@test "the rule itself refuses what it must" {
	may cmd cli
	for pair in "store text" "text store" "base model" "crm cli" \
		"query crm" "attic base"; do
		if may $pair; then
			echo "$pair"
			return 1
		fi
	done
	allowed cmd/crm-history.c crm-history
	allowed cmd/crm-history/log.c crm-history
	allowed cmd/crm-history/git.c history
	for pair in "cmd/crm-history.c history" "cmd/crm-history/log.c history" \
		"cmd/crm-find.c crm-history" "cmd/crm.c crm-history" \
		"lib/cli/cli.c crm-history" "lib/crm/undo.c history"; do
		if allowed $pair; then
			echo "$pair"
			return 1
		fi
	done
}

@test "our headers are named by their folder" {
	run grep -nE '#[[:space:]]*include[[:space:]]*"[^/"]*"' \
		"${sources[@]}"
	echo "$output"
	[ "$status" -eq 1 ]
}

# only HEADER PATTERN: files that include HEADER all match PATTERN, some do
only() {
	run grep -lE "#[[:space:]]*include[[:space:]]*<$1>" "${sources[@]}"
	[ "$status" -eq 0 ]
	for file in "${lines[@]}"; do
		[[ $file == $2 ]] || {
			echo "$file includes $1"
			return 1
		}
	done
}

@test "lmdb.h is seen by the store only" {
	only lmdb.h 'lib/store/*'
}

@test "pcre2.h is seen by the query only" {
	only pcre2.h 'lib/query/*'
}

@test "utf8proc.h is seen by one file only" {
	only utf8proc.h lib/base/utf8.c
}

@test "getopt.h is seen by cli only" {
	only getopt.h 'lib/cli/*'
}

@test "git2.h and what belongs to it is seen by the history only" {
	only git2.h 'lib/history/*'
	only nettle/sha1.h 'lib/history/*'
	only zlib.h 'lib/history/*'
}

@test "one file of one command sees the history" {
	run bash -c 'grep -lE "#[[:space:]]*include[[:space:]]*\"history/" "$@" |
		grep -v "^lib/history/"' _ "${sources[@]}"
	[ "$output" = cmd/crm-history/git.c ]
}

@test "the library below cli reads no environment, prints nothing, never exits" {
	run grep -nE '\<(getenv|setenv|setlocale|_?exit|abort|printf|puts|putchar|perror|time|getopt_long|isatty)[[:space:]]*\(' \
		lib/base/*.c lib/model/*.c lib/text/*.c lib/store/*.c \
		lib/query/*.c lib/crm/*.c lib/history/*.c
	echo "$output"
	[ "$status" -eq 1 ]
}
