# SPDX-License-Identifier: ISC
"""What the long tests share: running commands and reading their text."""
import os
import random
import subprocess
import sys

# Sanitizers: the same tests, fewer rounds. CHECK_ALL: without them, as many
# rounds as ever have found something.
SLOW = bool(os.environ.get("SAN"))
ALL = bool(os.environ.get("CHECK_ALL")) and not SLOW


class Failed(Exception):
    """A promise that was not kept."""


def suited(every, usual, slow):
    """What suits the check: EVERY with CHECK_ALL, SLOW with sanitizers."""
    return every if ALL else slow if SLOW else usual


def number(name, every, usual, slow):
    """How many rounds: the variable NAME, or what suits the check."""
    return int(os.environ.get(name) or suited(every, usual, slow))


def seeded(name, usual=None):
    """A generator whose seed is printed and can be given again in NAME."""
    seed = int(os.environ.get(name) or usual or
               random.SystemRandom().randrange(2**31))
    print("seed: %s=%d" % (name, seed), flush=True)
    return random.Random(seed)


def env(store, **more):
    e = dict(os.environ, CRM_STORE=store, LC_ALL="C", TZ="UTC",
             CRM_TODAY="2026-03-02")
    e.update(more)
    return e


def start(store, *args, stdin=None, stdout=subprocess.PIPE, **more):
    return subprocess.Popen(args, env=env(store), stdout=stdout,
                            stderr=subprocess.PIPE, stdin=stdin or
                            subprocess.DEVNULL, **more)


class Result:
    def __init__(self, args, code, out, err):
        self.args, self.code, self.out, self.err = args, code, out, err

    def __str__(self):
        return "%s: status %d: %s" % (" ".join(map(str, self.args)), self.code,
                                      self.err.decode(errors="replace"))

    def rows(self):
        """The crm-tsv on standard output as dictionaries."""
        return list(rows(self.out))

    def ids(self):
        return self.out.decode().split()


def run(store, *args, input=None, **more):
    """Runs a command; anything but an exit (a signal) is a failure."""
    p = subprocess.run(args, env=env(store), capture_output=True,
                       input=input if input is not None else b"", **more)
    r = Result(args, p.returncode, p.stdout, p.stderr)
    if p.returncode < 0 or p.returncode >= 128 or b"Sanitizer" in p.stderr:
        raise Failed(str(r))
    return r


def ok(store, *args, input=None, **more):
    """The same for a command that has to succeed."""
    r = run(store, *args, input=input, **more)
    if r.code != 0:
        raise Failed(str(r))
    return r


def unescape(cell):
    if "\\" not in cell:
        return cell
    out, i = [], 0
    pairs = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}
    while i < len(cell):
        if cell[i] == "\\" and i + 1 < len(cell) and cell[i + 1] in pairs:
            out.append(pairs[cell[i + 1]])
            i += 2
        else:
            out.append(cell[i])
            i += 1
    return "".join(out)


def escape(value):
    for char, pair in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"),
                       ("\r", "\\r")):
        value = value.replace(char, pair)
    return value


def rows(data):
    lines = data.decode().split("\n")
    if lines.pop() != "":
        raise Failed("output does not end with a line feed: %r" % data[-80:])
    if not lines:
        return
    names = lines[0].split("\t")
    for line in lines[1:]:
        cells = line.split("\t")
        if len(cells) != len(names):
            raise Failed("ragged row: %r" % line)
        yield dict(zip(names, map(unescape, cells)))


def tsv(names, table):
    """Rows (dictionaries) as crm-tsv bytes."""
    lines = ["\t".join(names)]
    lines += ["\t".join(escape(row.get(n, "")) for n in names)
              for row in table]
    return ("\n".join(lines) + "\n").encode()


def clean(store):
    """crm-check has nothing to say."""
    r = run(store, "crm-check")
    if r.code != 0 or r.out or r.err:
        raise Failed("crm-check: status %d\n%s%s" % (
            r.code, r.out.decode(errors="replace"),
            r.err.decode(errors="replace")))


def main(body):
    """Runs BODY; a broken promise is printed and fails the test."""
    try:
        body()
    except Failed as e:
        print("FAILED: %s" % e)
        sys.exit(1)
