#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Many at once: crowd.py writers|reader.

writers: eight writers add while readers read; none is lost, none refused.
reader: a reader is paused in a pipe while others write; the store does not
grow over twice its live size, and the reader still sees every record."""
import os
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "tools"))
import crm  # noqa: E402

store = os.path.join(tempfile.mkdtemp(prefix="crm-crowd-"), "store")


def writers():
    each = crm.number("CRM_ADDS", 50, 25, 12)
    crm.ok(store, "crm-add", "org", "name=Everybody Ltd", "ext=all")
    failures, done = [], threading.Event()

    def write(w):
        for i in range(each):
            r = crm.run(store, "crm-add", "contact", "name=w%d-%d" % (w, i),
                        "email=w%d.%d@example.org" % (w, i), "org=all")
            if r.code != 0:
                failures.append(str(r))

    def read():
        seen = 0
        while not done.is_set():
            r = crm.run(store, "crm-find", "-O", "tsv", "-f", "id,name,org")
            n = len(r.rows())
            if r.code != 0 or n < seen:
                failures.append("reader saw %d after %d: %s" % (n, seen, r))
            seen = n

    threads = [threading.Thread(target=write, args=(w,)) for w in range(8)]
    readers = [threading.Thread(target=read) for _ in range(2)]
    for t in threads + readers:
        t.start()
    for t in threads:
        t.join()
    done.set()
    for t in readers:
        t.join()
    if failures:
        raise crm.Failed("%d refused, first: %s" % (len(failures),
                                                    failures[0]))
    names = {r["name"] for r in crm.ok(store, "crm-find", "-O", "tsv").rows()}
    if len(names) != 8 * each:
        raise crm.Failed("%d of %d contacts are there" % (len(names),
                                                          8 * each))
    crm.clean(store)


def size():
    return os.stat(os.path.join(store, "data.mdb")).st_blocks * 512


def reader():
    people = [dict(name="Person %d" % i, note="x" * 180) for i in range(8000)]
    crm.ok(store, "crm-add", "contact", "-", input=crm.tsv(
        ["name", "note"], people))
    live = size()
    p = crm.start(store, "crm-find", "-O", "tsv", "-f", "id,name,note")
    first = p.stdout.read(100)      # the pipe fills up behind this
    for i in range(crm.number("CRM_COMMITS", 2000, 800, 300)):
        crm.ok(store, "crm-edit", "c%d" % (1 + i % 40), "city=Bern %d" % i)
    grown = size()
    out = first + p.stdout.read()
    p.stdout.close()
    if p.wait() != 0 or len(list(crm.rows(out))) != 8000:
        raise crm.Failed("the paused reader: status %d, %d lines" % (
            p.returncode, out.count(b"\n")))
    if grown > 2 * live:
        raise crm.Failed("%d bytes before, %d after" % (live, grown))
    crm.clean(store)


crm.main({"writers": writers, "reader": reader}[sys.argv[1]])
subprocess.run(["rm", "-r", os.path.dirname(store)], check=True)
