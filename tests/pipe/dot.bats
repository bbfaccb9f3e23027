# SPDX-License-Identifier: ISC
# What crm-export -O dot writes is drawn by graphviz: every node with its name,
# every edge with its field.
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# The graph as graphviz read it: nodes and edges, one a line.
graph() {
	dot -Tdot_json out.dot | python3 -c '
import json, sys
g = json.load(sys.stdin)
nodes = g.get("objects", [])
for n in nodes:
    print(n["name"], n["label"])
for e in g.get("edges", []):
    print(nodes[e["tail"]]["name"], "->", nodes[e["head"]]["name"], e["label"])
' | sort
}

svg() {
	dot -Tsvg out.dot >out.svg 2>err
	[ ! -s err ]
	python3 -c 'import sys, xml.dom.minidom
xml.dom.minidom.parse(sys.argv[1])' out.svg
}

@test "who belongs to whom" {
	crm-add -q org name='Meier & Co'
	crm-add -q contact name='Anna "A" Berg' org=o1
	crm-add -q contact name=Ben
	crm-add -q link from=c1 rel=knows to=c2
	crm-add -q activity subject='first \n call' contact=c1,c2
	crm-export -O dot >out.dot
	graph >have
	cat >want <<'END'
a1 -> c1 contact
a1 -> c2 contact
a1 first \\n call\na1
c1 -> c2 knows
c1 -> o1 org
c1 Anna "A" Berg\nc1
c2 Ben\nc2
o1 Meier &amp; Co\no1
END
	diff want have
	svg
	grep -q '>Meier &amp;amp; Co<\|>Meier &amp; Co<' out.svg
	grep -q '>Anna &quot;A&quot; Berg<' out.svg
	grep -q '>first \\n call<' out.svg
}

@test "records of a query, and what they refer to" {
	crm-add -q org name=X
	crm-add -q org name=Y
	crm-add -q contact name=A org=o1 city=Bern
	crm-add -q contact name=B org=o2 city=Thun
	crm-export -O dot contact city=Bern >out.dot
	[ "$(graph)" = 'c1 -> o1 org
c1 A\nc1
o1 X\no1' ]
	crm-add -q link from=c2 rel=friend to=o1
	crm-export -O dot link >out.dot
	[ "$(graph)" = 'c2 -> o1 friend
c2 B\nc2
o1 X\no1' ]
}

@test "a reference in a sensitive field stays at home" {
	crm-add -q field name=contact.lover type=ref sensitive=yes
	crm-add -q contact name=A
	crm-add -q contact name=B lover=c1
	crm-export -O dot contact >out.dot
	[ "$(graph)" = 'c1 A\nc1
c2 B\nc2' ]
}

@test "an empty store is an empty graph" {
	crm-export -O dot >out.dot
	svg
	[ -z "$(graph)" ]
}

@test "random stores are drawn" {
	for seed in $(seq 1 "$((${#SAN} ? 3 : 12))"); do
		rm -rf "$CRM_STORE"
		"$B/tools/random-store" "$CRM_STORE" "$seed"
		crm-export -O dot contact >out.dot
		svg
		crm-export -O dot >out.dot
		dot -Tcanon out.dot >canon 2>err
		[ ! -s err ]
		for kind in contact org deal ticket; do
			crm-find -i "$kind"
		done | sort >want
		sed -n 's/^\t\([a-z]*[0-9]*\)\t *\[label=.*/\1/p; s/^\t\([a-z]*[0-9]*\) \[label=.*/\1/p' \
			canon | sort -u >have
		[ -z "$(comm -23 want have)" ]
	done
}
