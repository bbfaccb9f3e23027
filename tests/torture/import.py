#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""crm-import with files that are huge, broken or hostile: `import.py NAME`
runs one test. Whatever comes, it answers 0, 1 or 65 with a reason, the store
is as before or whole, and memory does not grow with the file."""
import glob
import json
import os
import pty
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "tools"))
import crm  # noqa: E402
from crm import Failed  # noqa: E402

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")
GOOD = (0, 1, 65)
# Stores in memory where that can be had: what is tested is not the disk.
home = tempfile.mkdtemp(
    prefix="crm-import-",
    dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)


def place(name):
    return os.path.join(home, name)


def write(name, data):
    with open(place(name), "wb") as f:
        f.write(data)
    return place(name)


def expect(what, yes):
    if not yes:
        raise Failed(what)


def dump(store):
    """Everything that is in a store."""
    return crm.ok(store, "crm-export", "--all").out


# ---- memory ---------------------------------------------------------------


def anonymous(pid):
    """Private memory of a process now, in KiB."""
    try:
        with open("/proc/%d/status" % pid) as f:
            found = re.search(r"RssAnon:\s*(\d+)", f.read())
            return int(found.group(1)) if found else 0
    except OSError:
        return 0


class Fed:
    """A command that is fed from an iterator of bytes, and watched."""

    def __init__(self, store, args, chunks):
        self.args, self.peak, self.fed = args, 0, 0
        self.p = crm.start(store, *args, stdin=subprocess.PIPE)
        self.feeder = threading.Thread(target=self.feed, args=(chunks,))
        self.feeder.start()

    def feed(self, chunks):
        try:
            for chunk in chunks:
                self.p.stdin.write(chunk)
                self.fed += len(chunk)
            self.p.stdin.close()
        except (BrokenPipeError, OSError):
            pass

    def watch(self):
        while self.p.poll() is None:
            self.peak = max(self.peak, anonymous(self.p.pid))
            time.sleep(0.003)
        self.feeder.join()
        out, err = self.p.stdout.read(), self.p.stderr.read()
        self.p.stdout.close()
        self.p.stderr.close()
        r = crm.Result(self.args, self.p.returncode, out, err)
        if r.code < 0 or b"Sanitizer" in err:
            raise Failed(str(r))
        return r


def fed(store, args, chunks):
    f = Fed(store, args, chunks)
    return f.watch(), f.peak


def repeat(row, times, chunk=4096):
    """ROW, with its number in it, TIMES over."""
    for at in range(0, times, chunk):
        yield b"".join(row % i for i in range(at, min(at + chunk, times)))


# ---- too much of it -------------------------------------------------------


def of(before, filler, times, after):
    yield before
    for _ in range(times):
        yield filler
    yield after


def big_value():
    n = 100 if not crm.SLOW else 20
    mega = b"x" * (1 << 20)
    files = {
        "csv": (b"name,note\nAda,", b"\nKarl,\n"),
        "quoted": (b'name,note\nAda,"', b'"\nKarl,\n'),
        "tsv": (b"name\tnote\nAda\t", b"\nKarl\t\n"),
        "jsonl": (b'{"name":"Ada","note":"', b'"}\n{"name":"Karl"}\n'),
        "json": (b'[{"name":"Ada","note":"', b'"},\n{"name":"Karl"}]\n'),
        "vcf": (b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nNOTE:",
                b"\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nFN:Karl\r\n"
                b"END:VCARD\r\n"),
        "ics": (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:1\r\n"
                b"SUMMARY:",
                b"\r\nEND:VTODO\r\nBEGIN:VTODO\r\nUID:2\r\nSUMMARY:Karl\r\n"
                b"END:VTODO\r\nEND:VCALENDAR\r\n"),
    }
    for name, (before, after) in files.items():
        store = place(name)
        r, peak = fed(store, ["crm-import", "--keep-going", "-"],
                      of(before, mega, n, after))
        print("%s: status %d, %d KiB: %s" % (
            name, r.code, peak, r.err.decode()[:300]))
        expect("%s: %s" % (name, r), r.code in (1, 65) and r.err)
        expect("%s: no place" % r, re.search(rb"standard input:\d+", r.err))
        if not crm.SLOW:
            expect("%s: %d KiB" % (name, peak), peak < 100 << 10)
        if r.code == 1:
            kind = "task" if name == "ics" else "contact"
            rows = crm.ok(store, "crm-find", kind, "-i").out.split()
            expect("%s: %s" % (name, rows), len(rows) == 1)
            crm.clean(store)


def columns():
    # More than a file may have, and as many.
    some_columns(crm.suited(100000, 50000, 20000))
    some_columns(4096)


def some_columns(n):
    cells = b",".join(b"%d" % i for i in range(n))
    files = {
        "names": b",".join(b"column %d" % i for i in range(n)),
        "same": b"name," + b",".join(b"x" for i in range(n - 1)),
        "fields": b"name," + b",".join(b"f%d" % i for i in range(n - 1)),
        "empty": b"," * (n - 1),
        "numbered": b"First Name,Last Name,Labels,"
        b"Organization Name," + b",".join(
            b"E-mail %d - Value" % i for i in range(1, n - 3)),
        "old": b"Name,Given Name,Family Name,Group Membership," + b",".join(
            b"Phone %d - Value" % i for i in range(1, n - 3)),
    }
    for name, header in files.items():
        path = write(name + ".csv", header + b"\n" + cells + b"\n")
        for args in ([], ["--profile", "google"], ["--suggest"]):
            r = crm.run(place("none"), "crm-import", "--keep-going", *args,
                        path, timeout=60)
            print("%s %s: status %d: %s" % (
                name, args, r.code, r.err.decode()[:200].rstrip()))
            expect(str(r)[:400], r.code in GOOD and (r.code == 0 or r.err))
            expect("%s: a message of %d bytes" % (name, len(r.err)),
                   len(r.err) < 8192)
            if args == ["--suggest"] or r.code == 65:
                expect("a store", not os.path.exists(place("none")))
            shutil.rmtree(place("none"), ignore_errors=True)
    for name, text in (
            ("tsv", files["fields"].replace(b",", b"\t") + b"\n"),
            ("jsonl", b"{" + b",".join(
                b'"n%d":1' % i for i in range(n)) + b"}\n")):
        r = crm.run(place("none"), "crm-import", "-",
                    input=text, timeout=60)
        expect(str(r)[:400], r.code == 65 and r.err)
        expect("a store", not os.path.exists(place("none")))


def open_quote():
    def text(n):
        yield b"name,city\n"
        yield from repeat(b"P%d,Bern\n", n)
        yield b'"open,Bern\n'
        yield from repeat(b"Q%d,Bern\n", 200000)
    n = crm.suited(500000, 200000, 50000)
    r, peak = fed(place("s"), ["crm-import", "-"], text(n))
    print("status %d, %d KiB: %s" % (r.code, peak, r.err.decode()[:500]))
    expect(str(r), r.code == 65)
    expect(str(r), b"standard input:%d:" % (n + 2) in r.err)
    expect(str(r), b"quote" in r.err)
    expect("a store", not os.path.exists(place("s")))
    if not crm.SLOW:
        expect("%d KiB" % peak, peak < 160 << 10)
    # Nothing behind it is lost without a word.
    n = 5000
    r, peak = fed(place("s"), ["crm-import", "--keep-going", "--rejects",
                               place("bad.tsv"), "-"], text(n))
    expect(str(r), r.code == 1)
    expect(str(r), b"%d added, 0 updated, 0 unchanged, 1 refused" % (
        n + 200000) in r.err)
    with open(place("bad.tsv"), "rb") as f:
        expect("no line of it", b"\t%d\t" % (n + 2) in f.read())


def memory():
    """Up to half a million rows its buffers fill, those of the second thread
    last; then it has all that it takes, but for the hashes of key values: 8
    bytes each, 64 MiB at most."""
    row = b"P%d,p%d@example.org,Bern,c:%d,\"" + b"z" * 440 + b"\"\n"

    def text(n):
        yield b"name,email,city,ext,note\n"
        for at in range(0, n, 2000):
            yield b"".join(row % (i, i, i) for i in range(at, at + 2000))
    peaks = []
    half = crm.suited(300000, 150000, 30000)
    for n in (half, 2 * half):
        r, peak = fed(place("s%d" % n), ["crm-import", "-"], text(n))
        expect(str(r), r.code == 0)
        peaks.append(peak)
        shutil.rmtree(place("s%d" % n))
    print("private memory: %d and %d KiB" % tuple(peaks))
    if not crm.SLOW:
        expect("%d KiB became %d" % tuple(peaks), peaks[1] < peaks[0] * 1.4)
        expect("%d KiB" % peaks[1], peaks[1] < 128 << 10)


# ---- broken ---------------------------------------------------------------


def samples_small():
    """A small file of each format, with what may go wrong in it."""
    store = place("sample")
    crm.ok(store, "crm-import", "-q", "-", input=(
        b"name,email,city,tag,note,org.name,phone\n"
        b"Ada L\xc3\xb6velace,ada@example.org,London,\"a,b\","
        b"\"two\nlines \"\"quoted\"\"\",Engines,+41 44 123\n"
        b"'=Karl,karl@example.net,Z\xc3\xbcrich,,=1+1,Looms,\n"))
    crm.ok(store, "crm-add", "task", "title=Call", "contact=c1",
           "due=2026-03-10T09:00:00Z", "every=2w")
    files = {
        "csv": crm.ok(store, "crm-export", "-O", "csv", "contact").out,
        "tsv": crm.ok(store, "crm-export", "contact").out,
        "jsonl": crm.ok(store, "crm-export", "-O", "jsonl", "contact").out,
        "json": crm.ok(store, "crm-export", "-O", "json", "contact").out,
        "vcf": crm.ok(store, "crm-export", "-O", "vcard", "contact").out,
        "ics": crm.ok(store, "crm-export", "-O", "ics").out,
        "archive": dump(store),
    }
    shutil.rmtree(store)
    return files


class Tries:
    """Runs over damaged files; each has a store of its own."""

    def __init__(self):
        self.codes, self.n = {}, 0

    def one(self, name, data):
        store = place("try")
        self.n += 1
        args = ["--keep-going"] if name != "archive" else []
        r = crm.run(store, "crm-import", *args, "-", input=data, timeout=30)
        self.codes.setdefault(name, {}).setdefault(r.code, 0)
        self.codes[name][r.code] += 1
        if r.code not in GOOD or (r.code and not r.err):
            write("failed." + name, data)
            keep = os.path.join(tempfile.gettempdir(), "failed." + name)
            shutil.copy(place("failed." + name), keep)
            raise Failed("%s: %s" % (keep, r))
        if r.code == 65:
            expect("%s: half a store: %s" % (name, r),
                   os.listdir(home).count("try") == 0)
        elif os.path.exists(store) and self.n % 8 == 0:
            crm.clean(store)
        left = [f for f in os.listdir(home) if f.startswith("try")]
        expect("%s: left behind: %s" % (name, left), left in ([], ["try"]))
        shutil.rmtree(store, ignore_errors=True)

    def done(self):
        for name, codes in self.codes.items():
            print("%s: %s" % (name, codes))


def truncated():
    tries = Tries()
    step = crm.suited(7, 17, 41)
    for name, data in samples_small().items():
        # The schema makes most of an archive: its end is what counts.
        start = max(0, len(data) - 1500) if name == "archive" else 0
        for at in range(start, len(data), step):
            tries.one(name, data[:at])
        if name == "archive":
            expect("part of an archive imports",
                   set(tries.codes[name]) == {65})
        tries.one(name, data)
        expect("%s: the whole file: %s" % (name, tries.codes[name]),
               tries.codes[name].get(0, 0) > 0)
    tries.done()


def damage(rng, data):
    data = bytearray(data)
    odd = [0, 9, 10, 13, 34, 39, 44, 58, 59, 61, 92, 123, 125, 91, 93, 0x80,
           0xff, 0xc3, 0xe2, 0xf0]
    for _ in range(rng.choice((1, 1, 2, 8))):
        at, what = rng.randrange(len(data)), rng.randrange(5)
        if what == 0:
            data[at] = rng.randrange(256)
        elif what == 1:
            data[at] = rng.choice(odd)
        elif what == 2:
            data[at:at] = bytes([rng.choice(odd)]) * rng.choice((1, 2, 300))
        elif what == 3:
            del data[at:at + rng.choice((1, 5, 50))]
        else:
            to = rng.randrange(len(data))
            data[to:to] = data[at:at + 80]
        if not data:
            data = bytearray(b"x")
    return bytes(data)


def mutated():
    rng = random.Random(crm.number("CRM_IMPORT_SEED", 4, 4, 4))
    tries = Tries()
    for name, data in samples_small().items():
        for _ in range(crm.number("CRM_IMPORT_ROUNDS", 60, 30, 10)):
            tries.one(name, damage(rng, data))
    tries.done()


def refused(name, data, say, *args):
    r = crm.run(place("s"), "crm-import", *args, "-", input=data)
    print("%s: status %d: %s" % (name, r.code, r.err.decode().rstrip()))
    expect("%s: %s" % (name, r), r.code == 65 and re.search(say, r.err))
    expect("a store", not os.path.exists(place("s")))


def taken(name, data, rows, *args):
    r = crm.run(place("s"), "crm-import", *args, "-", input=data)
    print("%s: status %d: %s" % (name, r.code, r.err.decode().rstrip()))
    expect("%s: %s" % (name, r), r.code == 0)
    got = crm.ok(place("s"), "crm-find", "-H", "-f", "name,city",
                 "-O", "tsv", "-s", "id").out.decode()
    expect("%s: %r" % (name, got), got == rows)
    shutil.rmtree(place("s"))


def encodings():
    text = "name,city\nAnna Müller,Zürich\nKarl Žižka,Łódź\n"
    west = "name,city\nAnna Müller,Zürich\nKarl,“Bern” – €\n"
    two = "Anna Müller\tZürich\nKarl Žižka\tŁódź\n"
    taken("utf-8 with a mark", text.encode("utf-8-sig"), two)
    for wide in ("utf-16", "utf-16-le", "utf-16-be"):
        data = text.encode(wide)
        if wide != "utf-16":
            data = "\ufeff".encode(wide) + data
        taken(wide, data, two)
        refused(wide + ", an odd byte", data + b"\0",
                rb":4: .*middle of a character")
        refused(wide + ", half a pair",
                data + (b"\xd8\x00" if wide == "utf-16-be" else b"\x00\xd8"),
                rb":4: ")
    taken("windows-1252", west.encode("cp1252"),
          "Anna Müller\tZürich\nKarl\t“Bern” – €\n")
    late = (b"name,city\n" + b"P,Bern\n" * 20000 + "Q,Zürich\n".encode("cp1252")
            + b"R,Bern\n" * 10)
    refused("one byte late in the file", late, rb":20002: .*")
    refused("told as utf-8", west.encode("cp1252"), rb":2: ", "--encoding",
            "utf-8")
    refused("bytes of nothing", b"name,city\n\x81\x8d\x90,x\n\0\0\0,x\n",
            rb"\S")
    refused("a NUL", b"name,city\nAda,Be\0rn\n", rb"byte 17 is NUL")
    refused("a NUL late in the file",
            b"name,city\n" + b"P,Bern\n" * 20000 + b"Q,Be\0rn\n", rb":20002: ")
    taken("a header twice", b"name,city\nAda,Bern\nname,city\nKarl,Ulm\n",
          "Ada\tBern\nKarl\tUlm\n")
    taken("a header twice, lines ending otherwise",
          b"name,city\r\nAda,Bern\r\nname,city\r\nKarl,Ulm\r\n",
          "Ada\tBern\nKarl\tUlm\n")
    taken("lines before the header",
          b"Notes:\n\"Some are missing, sorry.\"\n\n"
          b"First Name,Last Name,URL,Email Address,Company,Position,"
          b"Connected On\nAda,Muster,,a@example.org,,Boss,15 Jan 2024\n",
          "Ada Muster\t\n")
    refused("a wrong delimiter", b"name;city\nAda;Bern\n", rb"\S",
            "--delimiter", ",")
    refused("nothing of ours", bytes(range(256)) * 20, rb"\S")
    for name, data in (("gzip", b"\x1f\x8b\x08\0" + bytes(100)),
                       ("a spreadsheet", b"PK\x03\x04" + bytes(100)),
                       ("a page", b"<!DOCTYPE html>\n<html><body>no")):
        refused(name, data, rb"\S")


# ---- stopped --------------------------------------------------------------


def base(store):
    """A store that is not empty, and all that is in it."""
    crm.ok(store, "crm-import", "-q", "-",
           input=b"name,email,org.name\nAda,ada@example.org,Engines\n")
    return dump(store)


def untouched(store, before, what):
    crm.clean(store)
    expect("%s: the store is another" % what, dump(store) == before)


class Gate:
    """Rows of so many bytes, and then nothing until it may end."""

    def __init__(self, most):
        self.most = most
        self.go_on = threading.Event()

    def __iter__(self):
        yield b"name,email,city\n"
        sent = 0
        for chunk in repeat(b"P%d,,Bern\n", 1 << 40):
            sent += len(chunk)
            yield chunk
            if sent > self.most:
                self.go_on.wait()
                return


def stop_waiting(store, sig, most):
    """Stops an import that waits for more."""
    gate = Gate(most)
    f = Fed(store, ["crm-import", "-k", "email,name", "-"], gate)
    while f.fed <= most and f.p.poll() is None:
        time.sleep(0.002)
    time.sleep(0.02)
    expect("it ended by itself: %s" % f.p.poll(), f.p.poll() is None)
    f.p.send_signal(sig)
    code = f.p.wait()
    gate.go_on.set()
    f.feeder.join()
    err = f.p.stderr.read()
    f.p.stdout.close()
    f.p.stderr.close()
    expect("%s: status %d: %s" % (sig, code, err),
           code in (-sig, 128 + sig) and b"Sanitizer" not in err)


def stop_anywhere(store, path, after):
    """Kills one after some seconds; true when it was still at work."""
    p = crm.start(store, "crm-import", path)
    time.sleep(after)
    p.kill()
    out, err = p.communicate()
    expect("status %d: %s" % (p.returncode, err),
           p.returncode in (0, -signal.SIGKILL))
    return p.returncode != 0


def stopped():
    store = place("s")
    before = base(store)
    around = sorted(os.listdir(home)), sorted(os.listdir(store))
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGHUP):
        for most in (0, 3 << 20):
            stop_waiting(store, sig, most)
            untouched(store, before, "%s after %d bytes" % (sig, most))
            expect("left behind: %s" % os.listdir(store), around == (
                sorted(os.listdir(home)), sorted(os.listdir(store))))
    # The next one finds nothing in its way; neither where no store was yet.
    crm.ok(store, "crm-import", "-", input=b"name\nKarl\n")
    for sig in (signal.SIGINT, signal.SIGKILL):
        stop_waiting(place("new"), sig, 1 << 20)
        expect("a store", not os.path.exists(place("new")) or
               crm.ok(place("new"), "crm-find", "-i").out == b"")
        crm.ok(place("new"), "crm-import", "-", input=b"name\nKarl\n")
        crm.clean(place("new"))
        shutil.rmtree(place("new"))
    # Anywhere, also while it commits.
    n = crm.suited(60000, 30000, 6000)
    path = write("rows.csv", b"name,city\n" + b"".join(
        repeat(b"P%d,Bern\n", n)))
    began, at = time.time(), []
    crm.ok(place("whole"), "crm-import", path)
    took = time.time() - began
    kills = crm.number("CRM_IMPORT_KILLS", 8, 4, 4)
    for i in range(kills):
        shutil.rmtree(store)
        before = base(store)
        at.append(stop_anywhere(store, path, took * (i + 0.5) / kills))
        crm.clean(store)
        if crm.ok(store, "crm-find", "-i").out.count(b"\n") != n + 1:
            expect("half of it", dump(store) == before)
    print("%d of %d were stopped" % (sum(at), len(at)))
    expect("none was stopped", any(at))


class Disk:
    """A file system of KIB where one may be mounted; else files may only get
    as large as that."""

    def __init__(self, kib):
        self.path = place("disk%d" % kib)
        os.makedirs(self.path)
        self.kib = kib
        self.mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=%dk" % kib, "crm",
             self.path], stderr=subprocess.DEVNULL).returncode == 0

    def limits(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.kib * 1024,) * 2)
        if self.mounted:
            return {}
        return {"preexec_fn": limit, "restore_signals": False}

    def close(self):
        if self.mounted:
            subprocess.run(["umount", self.path], check=True)
        shutil.rmtree(self.path, ignore_errors=True)


def full():
    rows = b"name,note\n" + b"".join(repeat(b"P%d," + b"x" * 400 + b"\n",
                                            20000))
    deals = b"ext,name,contact\n" + b"".join(
        b"x:%d,D%d,x:c%d\n" % (i, i, i) for i in range(20000))
    path, waits = write("rows.csv", rows), write("deals.csv", deals)
    for kib in (1024, 4000, 9000):
        disk = Disk(kib)
        try:
            store = os.path.join(disk.path, "s")
            before = base(store)
            for args in (["crm-import", path], ["crm-import", "-n", path],
                         ["crm-import", "deal", waits]):
                r = crm.run(store, *args, **disk.limits())
                print("%d KiB: %s" % (kib, str(r)[:300]))
                # What is not written needs no room.
                expect(str(r), r.err and r.code in (
                    (0, 74, 75) if "-n" in args else (65, 74, 75)))
                untouched(store, before, "%d KiB" % kib)
            old = os.environ["TMPDIR"]
            os.environ["TMPDIR"] = disk.path
            r = crm.run(store, "crm-import", "deal", waits, **disk.limits())
            os.environ["TMPDIR"] = old
            print("%d KiB: %s" % (kib, str(r)[:300]))
            expect(str(r), r.code in (65, 74, 75) and r.err)
            untouched(store, before, "%d KiB" % kib)
        finally:
            disk.close()


# ---- said -----------------------------------------------------------------


def screen(text):
    """What a terminal shows in the end, line by line."""
    lines, line, at = [], [], 0
    for c in text:
        if c == "\n":
            lines.append("".join(line).rstrip())
            line, at = [], 0
        elif c == "\r":
            at = 0
        else:
            line[at:at + 1] = [c]
            at += 1
    return lines + ["".join(line).rstrip()]


def slow_rows():
    yield b"name,city\n"
    for at in range(12):
        yield b"".join(repeat(b"P%d,Bern\n", 4096))
        time.sleep(0.12)
    yield b"Last,Bern\n"


def progress():
    other = Fed(place("t"), ["crm-import", "-"], slow_rows())
    master, slave = pty.openpty()
    env = crm.env(place("s"))
    p = subprocess.Popen(["crm-import", "-"], env=env, stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=slave)
    os.close(slave)
    shown = []

    def read():
        try:
            while True:
                data = os.read(master, 65536)
                if not data:
                    return
                shown.append(data)
        except OSError:
            pass
    reader = threading.Thread(target=read)
    reader.start()
    for chunk in slow_rows():
        p.stdin.write(chunk)
        p.stdin.flush()
    p.stdin.close()
    expect("status %d" % p.wait(), p.returncode == 0)
    reader.join()
    os.close(master)
    p.stdout.close()
    text = b"".join(shown).decode().replace("\r\n", "\n")
    print(repr(text))
    expect("no rows are shown", re.search(r"\d+ rows, \d+ a second", text))
    lines = screen(text)
    expect("%s is left" % lines, lines == [
        "crm-import: 49153 added, 0 updated, 0 unchanged, 0 refused", ""])
    r = other.watch()
    expect(str(r), r.code == 0 and r.err ==
           b"crm-import: 49153 added, 0 updated, 0 unchanged, 0 refused\n")


def nowhere():
    deals = write("deals.csv", b"ext,name,contact\nx:d1,Big,x:c1\n")
    for tmp in (place("missing"), "/proc/self"):
        e = dict(os.environ, TMPDIR=tmp, CRM_STORE=place("s"))
        p = subprocess.run(["crm-import", "deal", deals], env=e,
                           capture_output=True)
        print(p.stderr)
        expect("status %d: %s" % (p.returncode, p.stderr),
               p.returncode in (74, 75, 77) and tmp.encode() in p.stderr and
               b"set TMPDIR" in p.stderr)
        expect("a store", not os.path.exists(place("s")))


# ---- together -------------------------------------------------------------


def rings():
    store = place("s")
    crm.ok(store, "crm-add", "field", "name=contact.boss", "type=ref",
           "ref=contact")
    # Two that name each other, one that names itself, a long chain from the
    # wrong end.
    ring = [("x:1", "Ada", "x:2"), ("x:2", "Karl", "x:1"),
            ("x:3", "Eve", "x:3")]
    ring += [("y:%d" % i, "Y%d" % i, "y:%d" % (i + 1)) for i in range(2000)]
    ring += [("y:2000", "Y2000", "x:1")]
    # What names nothing, and who names that.
    lost = [("z:1", "Lost", "z:0"), ("z:2", "Two", "z:1"), ("z:3", "3", "z:2"),
            ("z:4", "4", "z:5"), ("z:5", "5", "z:4,z:0")]

    def text(rows):
        return ("ext,name,boss\n" + "".join(
            '%s,%s,"%s"\n' % r for r in rows)).encode()
    before = dump(store)
    r = crm.run(store, "crm-import", "-", input=text(ring + lost))
    print(r)
    expect(str(r), r.code == 65 and b"z:0" in r.err)
    expect("another store", dump(store) == before)
    r = crm.run(store, "crm-import", "--keep-going", "--rejects",
                place("bad.tsv"), "-", input=text(lost[:3] + ring + lost[3:]))
    print(r)
    expect(str(r), r.code == 1 and
           b"2004 added, 0 updated, 0 unchanged, 5 refused" in r.err)
    crm.clean(store)
    got = {row["ext"]: row["boss.ext"] for row in crm.ok(
        store, "crm-find", "-O", "tsv", "-f", "ext,boss.ext").rows()}
    expect("%d other bosses" % len(got),
           got == {ext: boss for ext, _, boss in ring})
    with open(place("bad.tsv"), "rb") as f:
        bad = {row["ext"] for row in crm.rows(f.read())}
    expect("rejects: %s" % bad, bad == {"z:%d" % i for i in range(1, 6)})
    r = crm.run(store, "crm-import", "-", input=text(ring))
    expect(str(r), r.code == 0 and
           b"0 added, 0 updated, 2004 unchanged" in r.err)
    # A long chain that ends in nothing, from either end.
    chain = [("w:%d" % i, "W%d" % i, "w:%d" % (i + 1)) for i in range(3000)]
    for rows in (chain, chain[::-1]):
        r = crm.run(store, "crm-import", "-n", "--keep-going", "-",
                    input=text(rows + [("v:1", "V", "v:2"),
                                       ("v:2", "V2", "v:1")]), timeout=60)
        expect(str(r), r.code == 1 and
               b"2 added, 0 updated, 0 unchanged, 3000 refused" in r.err)
    # Answers that name each other, by our own ids.
    other = place("t")
    crm.ok(other, "crm-import", "activity", "-", input=(
        b"id,subject,re,created,updated\n"
        b"a1,One,a2,2020-01-01,2021-01-01\na2,Two,a1,,\n"
        b"a3,Three,a3,,\n"))
    got = crm.ok(other, "crm-find", "activity", "-H", "-O", "tsv", "-f",
                 "id,re,updated", "-s", "id").out
    print(got)
    expect(str(got), got.startswith(b"a1\ta2\t2021-01-01\na2\ta1\t") and
           b"a3\ta3\t" in got)
    crm.clean(other)
    # All of it is one step back.
    crm.ok(store, "crm-history", "undo", "-q", "2")
    expect("undone", crm.ok(store, "crm-find", "-i").out == b"")
    crm.clean(store)


# ---- samples --------------------------------------------------------------


def samples():
    files = sorted(sum((glob.glob(os.path.join(DATA, name, "*"))
                        for name in ("csv-spectrum", "vcard", "ical",
                                     "profiles", "blns")), []))
    count = {}
    for path in files:
        name = os.path.basename(path)
        for args in ([], ["--keep-going"]):
            store = place("s")
            r = crm.run(store, "crm-import", *args, path, timeout=30)
            expect("%s: %s" % (name, r), r.code in GOOD)
            expect("%s: no reason" % r, r.code == 0 or r.err)
            expect("%s: half a store" % r,
                   r.code != 65 or not os.path.exists(store))
            if os.path.exists(store):
                crm.clean(store)
            shutil.rmtree(store, ignore_errors=True)
        count.setdefault(os.path.splitext(name)[1], []).append(r.code)
        # Those of one program often name records in its other files.
        if re.search(r"/(vcard/.*\.vcf|ical/.*\.ics)$", path):
            expect("%s: %s" % (name, r), r.code == 0)
        elif re.search(r"/profiles/.*\.csv$", path):
            expect("%s: %s" % (name, r), r.code in (0, 1))
        elif r.code:
            print("%s: %s" % (name, r.err.decode().splitlines()[0]))
    print(count)
    expect("%d files" % len(files), len(files) > 90)


def naughty():
    with open(os.path.join(DATA, "blns", "blns.txt"), "rb") as f:
        lines = f.read().decode().split("\n")
    lines = [s for s in lines if s.strip(" \t") and not s.startswith("#")]
    expect("%d lines" % len(lines), len(lines) > 500)
    store = place("s")
    crm.ok(place("fields"), "crm-add", "contact", "name=Ada")
    fields = [row["name"].split(".")[1] for row in crm.ok(
        place("fields"), "crm-find", "field", "name:contact", "-O", "tsv",
        "-f", "name,type,unique,derived").rows()
        if row["name"].startswith("contact.") and row["type"] == "text"
        and not row["unique"]]
    expect(str(fields), len(fields) > 15)
    text = "".join(json.dumps(dict(
        {name: line for name in fields}, ext="blns:%d" % i)) + "\n"
                   for i, line in enumerate(lines))
    r = crm.run(store, "crm-import", "-", input=text.encode())
    print(r)
    expect(str(r), r.code == 0)
    kept = crm.ok(store, "crm-find", "-O", "jsonl", "-f", "name,note",
                  "-s", "id").out.decode().split("\n")[:-1]
    expect("%d of %d" % (len(kept), len(lines)), len(kept) == len(lines))
    for line, row in zip(lines, map(json.loads, kept)):
        want = unicodedata.normalize("NFC", line).strip(" \t")
        expect("%s: %s" % (ascii(line), row),
               row.get("name") == want == row.get("note"))
    whole = dump(store)
    # What a card can hold of them: crm_vcard_round.
    for form in ("csv", "tsv", "jsonl", "json"):
        out = crm.ok(store, "crm-export", "-O", form, "-f", "all").out
        copy = place("copy-" + form)
        r = crm.run(copy, "crm-import", "-", input=out)
        expect("%s: %s" % (form, r), r.code == 0)
        expect("%s is another" % form, out == crm.ok(
            copy, "crm-export", "-O", form, "-f", "all").out)
        expect("%s: another store" % form, crm.ok(
            copy, "crm-export", "-f", "all").out == crm.ok(
                store, "crm-export", "-f", "all").out)
    copy = place("copy-all")
    crm.ok(copy, "crm-import", "-", input=whole)
    expect("--all is another", dump(copy) == whole)
    crm.ok(store, "crm-export", "--all", "-o", place("dir"))
    crm.ok(place("copy-dir"), "crm-import", place("dir"))
    expect("--all -o is another", dump(place("copy-dir")) == whole)


def main():
    # LMDB keeps the list of pages that a transaction wrote ahead.
    os.environ["LSAN_OPTIONS"] = "print_suppressions=0:suppressions=" + write(
        "leaks", b"leak:mdb_midl_alloc\n")
    try:
        globals()[sys.argv[1]]()
    finally:
        shutil.rmtree(home, ignore_errors=True)


crm.main(main)
