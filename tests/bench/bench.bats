# SPDX-License-Identifier: ISC
# The benchmark itself: that it says the truth, not how fast anything is.
load ../helper

# A tracer and a finder of leaks cannot both have a process.
export ASAN_OPTIONS=detect_leaks=0

setup() {
	here=$BATS_TEST_DIRNAME tool=$B/bench
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "the same number of contacts gives the same files" {
	mkdir a b
	"$tool/generate" 1000 a
	"$tool/generate" 1000 b
	diff -r a b
	[ "$(wc -l <a/contacts.tsv)" -eq 1001 ]
	[ "$(cut -f 1 a/contacts.tsv | sort -u | wc -l)" -eq 1001 ]
	[ "$(wc -l <a/activities.tsv)" -eq 3001 ]
	[ "$(wc -l <a/orders.tsv)" -eq 2001 ]
	[ "$(cut -f 2 a/activities.tsv | grep -cx old:500)" -eq 1000 ]
	[ "$(grep -c Wünschelrute a/activities.tsv)" -eq 10 ]
	grep -q '\\n' a/contacts.tsv
	grep -qE '"[^"]*, ' a/contacts.csv
	run "$tool/generate" 10 a
	[ "$status" -eq 2 ]
}

@test "all programs run in each round, in turn" {
	printf '%s\n' 'line a' 'arg sh' 'arg -c' 'arg echo a >>log' \
		'line b' 'prepare echo p >>log' 'arg sh' 'arg -c' \
		'arg echo b >>log; echo out' >spec
	"$tool/timer" 2 . <spec >raw
	[ "$(tr -d '\n' <log)" = apbapbapb ]
	[ "$(cat b.out)" = out ]
	[ "$(grep -c '^run' raw)" -eq 4 ]
	[ "$(grep -c '^memory' raw)" -eq 2 ]
}

@test "private memory is seen, in children too" {
	eat='awk "BEGIN { for (s = 1; length(s) < 3e7;) s = s s; print s }"'
	printf '%s\n' 'line eater' 'arg sh' 'arg -c' "arg $eat; true" \
		'line other' 'arg true' >spec
	"$tool/timer" 1 . <spec >raw
	[ "$(wc -c <eater.out)" -gt 30000000 ]
	awk '$2 == "eater" && $1 == "memory" { a = $3 }
		$2 == "other" && $1 == "memory" { b = $3 }
		END { exit !(a > 28000 && b < 8000) }' raw
}

@test "a program that fails ends the run" {
	printf 'line bad\narg false\n' >spec
	run "$tool/timer" 1 . <spec
	[ "$status" -eq 1 ]
	[[ $output == *"bad: status 1"* ]]
	printf 'line bad\narg /nonexistent/x\n' >spec
	run "$tool/timer" 1 . <spec
	[ "$status" -eq 1 ]
}

# compare TEXT: a job whose peer answers TEXT
compare() {
	cat >job.sh <<END
set -eu
tool=$tool work=$PWD tab='$(printf '\t')'
say() { echo "\$@" >&2; }
have() { command -v "\$1" >/dev/null; }
same() { cat; }
. $here/measure.sh
job test 1
line ours us 9 same printf '2\n1\n'
line peer them 9 same printf '$1'
go
END
	sh job.sh
}

@test "another answer than ours fails, the order of rows does not" {
	compare '1\n2\n'
	run compare '1\n3\n'
	[ "$status" -eq 1 ]
	[[ $output == *"them answers otherwise than us"* ]]
	[[ $output == *"> 3"* ]]
}

@test "the report takes the median of the ratios of each round" {
	{
		printf 'job\tj\t3\nline\tours\tus\t1\nline\tpeer\tit\t0.5\n'
		printf 'memory\tus\t2048\t4096\t1\nmemory\tit\t10\t20\t1\n'
		printf 'run\tus\t%s\t%s\t%s\n' 1 1 2 2 2 4 3 3 2
		printf 'run\tit\t%s\t%s\t%s\n' 1 4 4 2 2 4 3 6 4
		printf 'foreign\t0.01\n'
	} >results
	awk -v size=1m -v json=json -f "$here/report.awk" results >table
	grep -E '^ours +us +2000.00 +2000.00 +2.0 .*MiB 1 MISSED' table
	grep -E '^peer +it +4000.00 .* 0.500 +0.500 +wall 0.5 met' table
	[ "$(jq -r '.lines[1] | "\(.ratio_wall) \(.met)"' json)" = '0.5 true' ]
	sed 's/0.01/1.2/; s/\t0.5$/\t0.4/' results >noisy
	awk -v size=1m -v json=json -f "$here/report.awk" noisy >table
	grep -E '^peer +it .*cpu 0.4 MISSED' table
}

@test "everybody answers as we do" {
	BENCH_DIR=$PWD/bench RESULTS=$PWD/results ROUNDS=1 \
		JOBS='find scan name word due segment show path export' \
		"$here/run" 10k >table
	[ "$(grep -c '^ours' table)" -ge 19 ]
	[ "$(grep -c '^peer.*sqlite3' table)" -ge 14 ]
	[ "$(jq -r .size results)" = 10k ]
	[ "$(ls bench)" = "$(printf '1000\n10000')" ]
}

@test "growth loads two stores and asks both" {
	BENCH_DIR=$PWD/bench RESULTS=$PWD/results ROUNDS=1 \
		"$here/growth" 10000 >table
	[ "$(grep -c '^ours' table)" -eq 11 ]
	[ "$(grep -c '^growth' table)" -eq 11 ]
	[ "$(jq -r .size results)" = 10000 ]
	[ "$(crm-find -S bench/grown-1000/store -i task | wc -l)" -eq 300 ]
	for bad in 10m 9999 -1 ''; do
		run "$here/growth" "$bad"
		[ "$status" -eq 2 ]
		[[ $output == "growth: '$bad' contacts; write a number"* ]]
	done
}
