#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A full disk: writers answer 75, nothing is lost, readers go on.

On a small tmpfs where one may be mounted; else under a limit of file size,
which fails writes in the same places, but is no full disk: also with 74."""
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "tools"))
import crm  # noqa: E402

home = tempfile.mkdtemp(prefix="crm-full-")


class Tmpfs:
    """A file system of KIB."""

    def __init__(self, kib):
        self.path = os.path.join(home, "fs")
        os.makedirs(self.path, exist_ok=True)
        p = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dk" % kib,
                            "crm", self.path], stderr=subprocess.DEVNULL)
        self.mounted = p.returncode == 0
        self.kib = kib

    def limits(self):
        """What a command runs under."""
        if self.mounted:
            return {}

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.kib * 1024,) * 2)
        return {"preexec_fn": limit, "restore_signals": False}

    def codes(self):
        """What a writer without room answers."""
        return (75,) if self.mounted else (74, 75)

    def close(self):
        if self.mounted:
            subprocess.run(["umount", self.path], check=True)
        shutil.rmtree(self.path, ignore_errors=True)


def fill(fs, store):
    """Adds until it does not go on; the names that were acknowledged."""
    kept = []
    for i in range(4000):
        rows = [dict(name="n%d-%d" % (i, j), note="y" * 300)
                for j in range(40 if i % 2 else 12)]
        r = crm.run(store, "crm-add", "contact", "-",
                    input=crm.tsv(["name", "note"], rows), **fs.limits())
        if r.code in fs.codes():
            if not r.err:
                raise crm.Failed("no message for the full disk")
            return kept
        if r.code:
            raise crm.Failed("adding to a full disk: %s" % r)
        kept += [row["name"] for row in rows]
    raise crm.Failed("the disk never was full")


def names(fs, store):
    r = crm.run(store, "crm-find", "-O", "tsv", "-f", "id,name", **fs.limits())
    if r.code:
        raise crm.Failed("reading on a full disk: %s" % r)
    return [row["name"] for row in r.rows()]


def full(kib):
    fs = Tmpfs(kib)
    try:
        store = os.path.join(fs.path, "store")
        kept = fill(fs, store)
        if os.path.exists(store) or kept:
            if sorted(names(fs, store)) != sorted(kept):
                raise crm.Failed("%d KiB: %d acknowledged, %d there" % (
                    kib, len(kept), len(names(fs, store))))
            crm.clean(store)
        for args in (["crm-edit", "c1", "note=z"], ["crm-rm", "c1"],
                     ["crm-log", "c1", "hello"]):
            r = crm.run(store, *args, **fs.limits())
            if r.code not in (0, 1) + fs.codes():
                raise crm.Failed("%d KiB: %s" % (kib, r))
        crm.clean(store)
        if fs.mounted:
            subprocess.run(["mount", "-o", "remount,size=%dk" % (kib + 4096),
                            fs.path], check=True)
            crm.ok(store, "crm-add", "contact", "name=room again")
            crm.clean(store)
        return len(kept)
    finally:
        fs.close()


def main():
    steps = crm.number("CRM_FULL", 24, 12, 3)
    kept = [full(16 + 1500 * i // steps) for i in range(steps)]
    if not any(kept):
        raise crm.Failed("nothing was ever stored")
    print("%d sizes, up to %d records" % (steps, max(kept)))
    shutil.rmtree(home)


crm.main(main)
