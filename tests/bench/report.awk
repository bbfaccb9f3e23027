# SPDX-License-Identifier: ISC
# report: the table of a run, and a line of JSON in the file json. Reads what
# measure.sh and timer wrote:
#	job TITLE ROUNDS	line ROLE NAME TARGET	run NAME ROUND WALL CPU
#	memory NAME ANON PEAK THREADS	foreign CORES
#	size TITLE ROLE NAME TARGET BYTES
# A ratio is the median of the ratios of each round, ours to the other. Wall
# decides, but CPU where others kept the machine busy by more than NOISY cores.
BEGIN {
	FS = "\t"
	NOISY = 0.15
	printf "crm %s, %s contacts, %s, %d processors: %s, Linux %s, %s\n", \
	    commit, size, date, processors, cpu, kernel, disk
	print "Medians; ms but for size (bytes); private memory (RssAnon) in" \
	    " MiB, read when a process\nexits and every half millisecond" \
	    " before, in a round of its own. 'ours/it' is the median\nof the" \
	    " ratios of each round; a target is what it should not exceed," \
	    " by wall, or by CPU\nwhere others were busy. Warm cache." \
	    (size == "1m" || size + 0 >= 1000000 ? "" : \
	    " The targets are meant for 1m.") "\n"
	printf "%-7s %-26s %10s %10s %8s %8s %8s  %s\n", "", "", "wall", \
	    "cpu", "MiB", "ours/it", "cpu", "target"
}

# Of v[1] to v[n], which are put in order.
function median(v, n,    i, j, x) {
	for (i = 2; i <= n; i++) {
		x = v[i]
		for (j = i - 1; j > 0 && v[j] > x; j--)
			v[j + 1] = v[j]
		v[j + 1] = x
	}
	if (n == 0)
		return 0
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}

function of(table, name,    v, i) {
	for (i = 1; i <= rounds; i++)
		v[i] = table[name, i]
	return median(v, rounds)
}

function ratio(table, a, b,    v, i) {
	for (i = 1; i <= rounds; i++)
		v[i] = table[b, i] > 0 ? table[a, i] / table[b, i] : 0
	return median(v, rounds)
}

function verdict(value, target, what) {
	judged++
	if (value <= target) {
		met++
		return "met"
	}
	missed = missed sprintf("  %-34s %-30s %.3f, target %s\n", title, \
	    what, value, target)
	return "MISSED"
}

# More threads than one have to be worth it.
function target_of(name,    threads) {
	threads = memory[ours, "threads"]
	if (targets[name] == "scan")
		return threads > 1 && !noisy ? 0.8 : 1.3
	if (targets[name] == "scan-peer")
		return threads > 1 && !noisy ? 0.5 : 0.75
	return targets[name]
}

function member(key, value) {
	return sprintf("\"%s\":%s", key, value)
}

function json_line(name, role, wall, cpu, rwall, rcpu, target, said,    s) {
	s = "{" member("job", "\"" title "\"") "," \
	    member("role", "\"" role "\"") "," \
	    member("name", "\"" name "\"") "," \
	    member("rounds", rounds) "," \
	    member("wall", sprintf("%.6f", wall)) "," \
	    member("cpu", sprintf("%.6f", cpu)) "," \
	    member("anon_kib", memory[name, "anon"] + 0) "," \
	    member("peak_kib", memory[name, "peak"] + 0) "," \
	    member("foreign", foreign)
	if (name != ours)
		s = s "," member("ratio_wall", sprintf("%.4f", rwall)) "," \
		    member("ratio_cpu", sprintf("%.4f", rcpu))
	if (target != "-")
		s = s "," member("target", target) "," \
		    member("met", said == "met" ? "true" : "false")
	lines = lines (lines == "" ? "" : ",") s "}"
}

function print_line(i,    name, wall, cpu, rwall, rcpu, target, said, value) {
	name = names[i]
	target = target_of(name)
	wall = of(walls, name)
	cpu = of(cpus, name)
	rwall = ratio(walls, ours, name)
	rcpu = ratio(cpus, ours, name)
	value = name == ours ? memory[name, "anon"] / 1024 : \
	    noisy ? rcpu : rwall
	if (target != "-")
		said = verdict(value, target, (name == ours ? "memory of " : \
		    "/ ") name)
	printf "%-7s %-26s %10.2f %10.2f %8.1f", roles[i], name, wall * 1000, \
	    cpu * 1000, memory[name, "anon"] / 1024
	if (name == ours)
		printf " %8s %8s", "", ""
	else
		printf " %8.3f %8.3f", rwall, rcpu
	if (target == "-")
		print ""
	else
		printf "  %s %s %s\n", name == ours ? "MiB" : \
		    noisy ? "cpu" : "wall", target, said
	json_line(name, roles[i], wall, cpu, rwall, rcpu, target, said)
}

function finish(    i) {
	if (count == 0)
		return
	noisy = foreign > NOISY
	printf "\n%s (%d rounds, others used %.2f cores)\n", title, rounds, \
	    foreign
	for (i = 1; i <= count; i++)
		print_line(i)
	count = 0
}

function size_row(    per, target, said, value) {
	if ($3 == "csv") {
		csv = $6
		printf "\n%s (bytes, and bytes for each of csv; ours/it" \
		    " with and without journal)\n", $2
	}
	title = $2
	per = $6 / csv
	if ($3 == "ours")
		with[++stores] = $6
	printf "%-7s %-26s %21d %8.2f", $3, $4, $6, per
	if ($5 == "-") {
		print ""
	} else {
		value = with[1] / $6
		said = verdict(value, $5, "/ " $4)
		printf " %8.3f %8.3f  bytes %s %s\n", value, with[2] / $6, \
		    $5, said
	}
	lines = lines (lines == "" ? "" : ",") "{" \
	    member("job", "\"" title "\"") "," \
	    member("role", "\"" $3 "\"") "," member("name", "\"" $4 "\"") \
	    "," member("bytes", $6) \
	    ($5 == "-" ? "" : "," member("ratio", sprintf("%.4f", value)) \
	    "," member("target", $5) "," \
	    member("met", said == "met" ? "true" : "false")) "}"
}

$1 == "job" {
	finish()
	title = $2
	rounds = $3
	ours = ""
}
$1 == "line" {
	names[++count] = $3
	roles[count] = $2
	targets[$3] = $4
	if (ours == "")
		ours = $3
}
$1 == "memory" {
	memory[$2, "anon"] = $3
	memory[$2, "peak"] = $4
	memory[$2, "threads"] = $5
}
$1 == "run" {
	walls[$2, $3] = $4
	cpus[$2, $3] = $5
}
$1 == "foreign" { foreign = $2 }
$1 == "size" {
	finish()
	size_row()
}

END {
	finish()
	printf "\n%d of %d targets met, in %d s", met, judged, seconds
	print missed == "" ? "" : "; missed:\n" missed
	print "{" member("date", "\"" date "\"") "," \
	    member("commit", "\"" commit "\"") "," \
	    member("size", "\"" size "\"") "," \
	    member("cpu", "\"" cpu "\"") "," \
	    member("processors", processors + 0) "," \
	    member("disk", "\"" disk "\"") "," \
	    member("met", met + 0) "," member("judged", judged + 0) "," \
	    member("seconds", seconds + 0) "," \
	    "\"lines\":[" lines "]}" >json
}
