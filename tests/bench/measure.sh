# SPDX-License-Identifier: ISC
# measure: how a job is described, run and compared.
#
#	job 'find by e-mail' 31		what it is called, and its rounds
#	line ours NAME MIB FILTER PROGRAM ARGUMENT...
#	line limit NAME RATIO FILTER PROGRAM ARGUMENT...
#	go
#
# A line is ours (with the private memory that it should not exceed), a limit,
# a peer, or growth (ours with a tenth of the data); RATIO is the most that
# ours / it should be, '-' when nothing is asked. FILTER is a function that
# makes the output comparable with that of ours, or '-'. A line whose program is
# missing is left out, with a word about it.

# as_installed: from here on the programs are copies of those in B, made as
# install makes them, in a folder $installed that is to be removed. A linker
# writes its output in small pieces; of a program that the page cache keeps in
# such ones, a start takes an eighth longer.
as_installed() {
	installed=$(mktemp -d "$B/installed.XXXXXX")
	mkdir "$installed/bin" "$installed/bench"
	install -m 755 "$B"/bin/* "$installed/bin"
	install -m 755 "$B"/bench/* "$installed/bench"
	PATH=$installed/bin:$PATH tool=$installed/bench
}

job() {
	title=$1 rounds=${ROUNDS:-$2}
	rm -rf "$work/out"
	mkdir "$work/out"
	: >"$work/spec"
	: >"$work/answers"
	prepare='' input='' needs=''
	printf 'job\t%s\t%s\n' "$title" "$rounds" >>"$work/results"
}

line() {
	role=$1 name=$2 target=$3 filter=$4
	shift 4
	if ! have "${needs:-$1}"; then
		say "no ${needs:-$1} here: $name is left out"
		prepare='' input='' needs=''
		return
	fi
	{
		printf 'line %s\n' "$name"
		[ -z "$prepare" ] ||
			printf 'prepare %s\n' "$(echo "$prepare" | tr '\n' ';')"
		[ -z "$input" ] || printf 'input %s\n' "$input"
		for word; do
			printf 'arg %s\n' "$(printf %s "$word" | tr '\n' ' ')"
		done
	} >>"$work/spec"
	printf 'line\t%s\t%s\t%s\n' "$role" "$name" "$target" >>"$work/results"
	[ "$filter" = - ] ||
		printf '%s\t%s\n' "$name" "$filter" >>"$work/answers"
	prepare='' input='' needs=''
}

# duck RATIO FILTER SELECT [FORMAT]: a peer line by DuckDB, where there is one
duck() {
	[ -n "$duckdb" ] || return 0
	line peer DuckDB "$1" "$2" node "$here/duck.js" "$dir/d.db" "copy \
($3) to '/dev/stdout' (${4:-delimiter '$tab', header false})"
}

# go: measures the job's lines and compares their answers
go() {
	"$tool/timer" "$rounds" "$work/out" <"$work/spec" >>"$work/results" || {
		say "$title: stopped"
		exit 1
	}
	first=
	while IFS=$tab read -r name filter; do
		"$filter" <"$work/out/$name.out" | sort >"$work/answer"
		sum=$(cksum <"$work/answer")
		if [ -z "$first" ]; then
			first=$sum expected=$name
			mv "$work/answer" "$work/expected"
			[ -s "$work/expected" ] || {
				say "$title: $name answers nothing"
				exit 1
			}
		elif [ "$sum" != "$first" ]; then
			say "$title: $name answers otherwise than $expected:"
			diff "$work/expected" "$work/answer" | head -n 10 >&2
			exit 1
		fi
	done <"$work/answers"
}

# size_line TITLE ROLE NAME RATIO FILE: how many bytes a file has
size_line() {
	printf 'size\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" \
		"$(wc -c <"$5")" >>"$work/results"
}

# report START: the table, and a line for the results file
report() {
	commit=$(git -C "$here" rev-parse --short HEAD 2>/dev/null) || commit=
	cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
	disk=$(df -T "$top" | awk 'NR == 2 { print $2 }')
	awk -v size="$size" -v commit="$commit" -v cpu="$cpu" -v disk="$disk" \
	    -v processors="$(nproc)" -v kernel="$(uname -r)" \
	    -v date="$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
	    -v seconds="$(($(date +%s) - $1))" -v json="$work/json" \
	    -f "$here/report.awk" "$work/results"
	cat "$work/json" >>"${RESULTS:-$here/results.jsonl}"
}
