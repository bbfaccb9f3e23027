# SPDX-License-Identifier: ISC
# The demo data, and what is shown with it.
load ../helper

ROOT=$BATS_TEST_DIRNAME/../..
setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

@test "the demo data is what its script writes" {
	"$ROOT/scripts/demo-data" "$PWD/again"
	diff -r "$ROOT/tests/data/demo" again
	cat again/*.tsv | iconv -f UTF-8 -t UTF-8 >/dev/null
}

@test "the demo data loads whole, and the store is sound" {
	"$ROOT/scripts/demo-load" 2>err
	[ ! -s err ] || { cat err; return 1; }
	for f in "$ROOT"/tests/data/demo/*.tsv; do
		kind=${f##*/}
		kind=${kind%.tsv}
		[ "$(crm-find -i "$kind" | wc -l)" -eq "$(sed 1d "$f" | wc -l)" ] ||
		    { echo "$kind"; return 1; }
	done
	crm-check
	[ "$(crm-find -i contact | wc -l)" -ge 2000 ]
}

@test "what was loaded comes out as it went in" {
	"$ROOT/scripts/demo-load"
	for kind in product org contact; do
		fields=$(head -n 1 "$ROOT/tests/data/demo/$kind.tsv" | tr '\t' , |
		    sed 's/,org,/,/')
		crm-find -O tsv -f "$fields" "$kind" >out
		mlr --tsv cut -o -f "$fields" "$ROOT/tests/data/demo/$kind.tsv" |
		    diff - out
	done
}

@test "the demo shows what it should, and leaves nothing behind" {
	mkdir tmp
	run_split env BIN="$B/bin" TMPDIR="$PWD/tmp" "$ROOT/scripts/demo"
	echo "$errors$output"
	[ "$status" -eq 0 ]
	[ -z "$errors" ]
	[ -z "$(ls -A tmp)" ]
	[ ! -e "$CRM_STORE" ]
	[ "$(tail -n 1 <<<"$output")" = sound ]
	[[ $output == *'moved in March'*Bremen*'Greta Sommer'*Düsseldorf* ]]
	[[ $output == *'    crm-history undo '* ]]
}
