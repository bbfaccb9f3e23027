#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""sql-same sqlite FILE | sql-same psql CONNECTION: does the database hold
what crm-export -O jsonl says of the store, value by value?"""
import json
import sqlite3
import subprocess
import sys
from decimal import Decimal


class Number(str):
    """A number as it stands in the text."""


def lines(args):
    out = subprocess.run(args, check=True, stdout=subprocess.PIPE).stdout
    return [line for line in out.decode().split("\n") if line]


def records(text):
    return [json.loads(line, parse_int=Number, parse_float=Number)
            for line in text]


def crm_rows(kind):
    return records(lines(["crm-export", "-O", "jsonl", kind]))


def sqlite_rows(db, table):
    db.row_factory = sqlite3.Row
    rows = db.execute('SELECT * FROM "%s" ORDER BY rowid' % table)
    return [{k: row[k] for k in row.keys()} for row in rows]


def psql_tables(where):
    """All tables at once: psql takes its time to come up."""
    psql = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", where, "-c"]
    names = lines(psql + ["SELECT table_name FROM information_schema.tables"
                          " WHERE table_schema = 'public'"])
    ask = [word for name in names for word in (
        "-c", "SELECT '> %s'" % name,
        "-c", 'SELECT row_to_json(t) FROM "%s" t' % name)]
    tables = {}
    for line in lines(psql[:-1] + ask):
        if line.startswith("> "):
            rows = tables[line[2:]] = []
        else:
            rows += records([line])
    return tables


def number_same(want, have, exact):
    if isinstance(have, str) and not isinstance(have, Number):
        return False
    if exact:
        return Decimal(want) == Decimal(str(have))
    return float(want) == float(have)


def moment_same(want, have):
    if want == have:
        return True
    if len(want) == 10 and want[4] == "-":
        want += "T00:00:00Z"
    return have.endswith("+00:00") and have[:-6] + "Z" == want


def same(want, have, exact):
    if want is None or have is None:
        return want is None and have is None
    if isinstance(want, list):
        words = [("yes" if w is True else "no" if w is False else str(w))
                 for w in want]
        return ",".join(words) == have
    if isinstance(want, bool):
        return bool(have) == want and have in (0, 1, True, False)
    if isinstance(want, Number):
        return number_same(want, have, exact)
    return want == have or (isinstance(have, str) and moment_same(want, have))


def check_items(kind, row, items_of, exact):
    """The tables of the lists: a row an item, in order."""
    bad = 0
    for name, want in row.items():
        if not isinstance(want, list):
            continue
        have = sorted(items_of("%s_%s" % (kind, name)).get(row["id"], []),
                      key=lambda r: int(r["position"]))
        if len(have) != len(want) or not all(
                same(w, h["value"], exact) for w, h in zip(want, have)):
            print("%s.%s of %s: %r is not %r" % (
                kind, name, row["id"], have, want))
            bad += 1
    return bad


def check(kind, rows_of, items_of, exact):
    want, have = crm_rows(kind), rows_of(kind)
    by_id = {row["id"]: row for row in have}
    bad = 0
    if len(want) != len(have):
        print("%s: %d rows, not %d" % (kind, len(have), len(want)))
        bad += 1
    for row in want:
        other = by_id.get(row["id"], {})
        for name in set(row) | set(other):
            if not same(row.get(name), other.get(name), exact):
                print("%s.%s of %s: %r is not %r" % (
                    kind, name, row["id"], other.get(name), row.get(name)))
                bad += 1
        bad += check_items(kind, row, items_of, exact)
    return bad, len(want)


def main():
    kinds = lines(["crm-find", "-H", "-f", "name", "kind"])
    what, where = sys.argv[1:]
    if what == "sqlite":
        db = sqlite3.connect(where)
        ask = lambda table: sqlite_rows(db, table)
    else:
        ask = psql_tables(where).__getitem__
    kept = {}

    def rows_of(table):
        if table not in kept:
            kept[table] = ask(table)
        return kept[table]

    def items_of(table):
        if ("items", table) not in kept:
            items = kept["items", table] = {}
            for row in rows_of(table):
                items.setdefault(row["id"], []).append(row)
        return kept["items", table]

    results = [check(kind, rows_of, items_of, what != "sqlite")
               for kind in kinds]
    print("%d records" % sum(n for _, n in results))
    sys.exit(1 if sum(bad for bad, _ in results) else 0)


main()
