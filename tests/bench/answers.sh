# SPDX-License-Identifier: ISC
# answers: filters that make what others print comparable with what we print.
# Rows are sorted afterwards.

# The number and name of each contact, whatever else a line has; what a newline
# in a cell has broken off does not count.
who() {
	awk -F '\t' '$1 ~ /^old:[0-9]+$/ { print $1, $2 }'
}
first_cell() {
	grep -aoE '^(old|act):[0-9]+'
}
as_it_is() {
	cat
}
due_ours() {
	awk -F '\t' -v OFS='\t' '{ print $2, $6, $7 }'
}
due_plain() {
	awk -F '\t' -v OFS='\t' '{ print $1, $2, $3 }'
}
rfm_ours() {
	cut -f 1-7 | sed 's/^c//'
}
# How many activities a page shows.
shown() {
	grep -cE '^ *a(ct:)?[0-9]+[[:space:]]'
}
# Sqlite prints newlines and tabs as they are, so nobody's count.
flat_escaped() {
	sed 's/\\[tn]//g; s/\\\\/\\/g' | tr -d '\n\t'
}
flat() {
	tr -d '\n\t'
}
# Sqlite quotes what has a blank, too.
unquoted() {
	tr -d '"'
}
objects() {
	sed 's/^\[//; s/,$//; s/\]$//' |
		jq -r --arg columns "$columns" 'def text: if type == "array"
			then join(",") else . // "" end;
			[. as $record | $columns | split(",")[] |
			if . == "value" then $record.value | tonumber * 100 |
				round else $record[.] | text end] | @tsv'
}
