#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""SIGKILL through the real commands: kill.py random|waiting. What was
acknowledged (exit 0, or an id printed) is there; nothing half is there;
crm-check is silent after every kill; nothing is ever repaired by hand."""
import os
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "tools"))
import crm  # noqa: E402

BATCH = 150
rnd = crm.seeded("CRM_KILL_SEED")


class Round:
    """One command that may be killed and what has to hold afterwards."""

    def __init__(self, home):
        self.home = home
        self.store = os.path.join(home, "store")
        self.n = 0
        self.took = {}      # name: how long it takes when left alone
        self.done = 0       # commands that ended before the signal

    def go(self, name, args, input=None):
        """Runs and kills ARGS; True when it was acknowledged."""
        p = crm.start(self.store, *args, stdin=crm.subprocess.PIPE)
        if input:
            try:
                p.stdin.write(input)
            except BrokenPipeError:
                pass
        p.stdin.close()
        begun = time.monotonic()
        time.sleep(rnd.random() * 1.3 * self.took.get(name, .004))
        p.kill()
        out = p.stdout.read()
        error = p.stderr.read()
        p.stdout.close()
        p.stderr.close()
        code = p.wait()
        if code not in (0, -9):
            raise crm.Failed("%s: status %d: %s" % (name, code, error))
        self.done += code == 0
        if code == 0:       # slower next time, so that kills hit the middle
            t = time.monotonic() - begun
            self.took[name] = min(self.took.get(name, t), t) + 1e-5
        else:
            self.took[name] = self.took.get(name, .004) * 1.02
        return code == 0 or out.endswith(b"\n")

    def find(self, *args):
        return crm.ok(self.store, "crm-find", "-O", "tsv", *args).rows()

    def expect(self, name, acknowledged, n, whole):
        if n not in (0, whole):
            raise crm.Failed("%s: %d of %d are there" % (name, n, whole))
        if acknowledged and n != whole:
            raise crm.Failed("%s: acknowledged, but not there" % name)


def kill_add(r):
    mark = "add%d" % r.n
    done = r.go("add", ["crm-add", "contact", "name=" + mark, "city=Bern",
                        "email=%s@example.org" % mark, "tag=a,b"])
    found = r.find("-f", "id,name,city,email,tag", "name=" + mark)
    r.expect("add", done, len(found), 1)
    for row in found:
        if [row["city"], row["email"], row["tag"]] != [
                "Bern", mark + "@example.org", "a,b"]:
            raise crm.Failed("add: half a record: %r" % row)


def kill_batch(r):
    mark = "batch%d" % r.n
    rows = [dict(name="%s no %d" % (mark, i), tag=mark,
                 phone="030 23125-%03d" % i) for i in range(BATCH)]
    done = r.go("batch", ["crm-add", "contact", "-"],
                crm.tsv(["name", "tag", "phone"], rows))
    r.expect("batch", done, len(r.find("-f", "id", "tag=" + mark)), BATCH)


def kill_edit(r):
    mark = "edit%d" % r.n
    ids = [row["id"] for row in r.find("-f", "id", "tag=base")]
    done = r.go("edit", ["crm-edit", "-", "note=" + mark, "tag+=" + mark],
                ("\n".join(["id"] + ids) + "\n").encode())
    n = len(r.find("-f", "id", "note=" + mark))
    r.expect("edit", done, n, len(ids))
    if n != len(r.find("-f", "id", "tag=" + mark)):
        raise crm.Failed("edit: one field without the other")


def kill_log(r):
    mark = "log%d" % r.n
    before = r.find("-f", "id,activities,last", "ext=base:0")[0]
    done = r.go("log", ["crm-log", "-t", "call", before["id"], mark])
    n = len(r.find("-f", "id", "activity", "subject=" + mark))
    r.expect("log", done, n, 1)
    after = r.find("-f", "id,activities,last", "ext=base:0")[0]
    if int(after["activities"]) != int(before["activities"]) + n:
        raise crm.Failed("log: activities %s after %s" % (after, before))


def kill_remove(r):
    org = crm.ok(r.store, "crm-add", "org", "name=gone%d" % r.n).ids()[0]
    mark = "gone%d" % r.n
    crm.ok(r.store, "crm-add", "contact", "-", input=crm.tsv(
        ["name", "org", "tag"], [dict(name="%s %d" % (mark, i), org=org,
                                      tag=mark) for i in range(20)]))
    done = r.go("rm", ["crm-rm", "-r", org])
    n = len(r.find("-f", "id", "org", "name=" + mark))
    left = len(r.find("-f", "id", "org=" + org)) if n else \
        len(r.find("-f", "id", "tag=" + mark, "org!="))
    r.expect("rm -r", done, 1 - n, 1)
    if left not in (0, 20) or (n == 1 and left != 20) or (n == 0 and left):
        raise crm.Failed("rm -r: %d org, %d of 20 referring" % (n, left))


def kill_followup(r):
    mark = "task%d" % r.n
    t = crm.ok(r.store, "crm-add", "task", "title=" + mark, "due=2026-03-01",
               "every=1w", "re=base:0").ids()[0]
    done = r.go("followup", ["crm-followup", "done", t])
    tasks = r.find("-f", "id,status,due", "task", "title=" + mark)
    open_ones = [x["due"] for x in tasks if x["status"] == "todo"]
    if len(open_ones) != 1:
        raise crm.Failed("followup done: open tasks %r" % tasks)
    r.expect("followup done", done, len(tasks) - 1, 1)


def kill_creation(r):
    """The store itself is being made while the command dies."""
    kept, r.store = r.store, os.path.join(r.home, "new%d" % r.n)
    done = r.go("create", ["crm-add", "contact", "name=first", "city=Bern"])
    r.expect("create", done, len(r.find("-f", "id", "name=first")), 1)
    crm.ok(r.store, "crm-add", "contact", "name=second")
    crm.clean(r.store)
    shutil.rmtree(r.store)
    r.store = kept


KILLS = [kill_add, kill_batch, kill_edit, kill_log, kill_remove,
         kill_followup, kill_creation]


def base(r):
    crm.ok(r.store, "crm-add", "contact", "-", input=crm.tsv(
        ["name", "ext", "tag"], [dict(name="base %d" % i, ext="base:%d" % i,
                                      tag="base") for i in range(40)]))


def waiting():
    """A command is killed at each of its calls while another one waits for
    it: what that one says is done is done."""
    home = tempfile.mkdtemp(prefix="crm-kill-")
    tool = os.path.join(os.environ["B"], "tools", "kill-at")
    still = "600" if crm.SLOW else "60"
    os.environ["ASAN_OPTIONS"] = "detect_leaks=0"   # not below a tracer
    for first in range(2):      # LMDB has two heads, which take turns
        store = os.path.join(home, "store%d" % first)
        crm.ok(store, "crm-add", "contact", "name=Ada")
        for i in range(first):
            crm.ok(store, "crm-edit", "c1", "note=%d" % i)
        n, where = 0, b"nowhere"
        while where:
            n += 1
            crm.ok(store, "crm-edit", "c1", "city=before%d" % n)
            p = crm.start(store, tool, "-w", still, str(n), "crm-edit", "c1",
                          "note=killed%d" % n)
            where = p.stderr.readline()     # it stands still now, or is done
            crm.ok(store, "crm-edit", "c1", "street=after%d" % n)
            p.communicate()
            row = crm.ok(store, "crm-find", "-O", "tsv", "-f", "city,street",
                         "contact").rows()
            if row != [dict(city="before%d" % n, street="after%d" % n)]:
                raise crm.Failed("%s: lost: %r\nstore kept: %s" % (
                    where, row, store))
            crm.clean(store)
        if n < 8:
            raise crm.Failed("only %d points" % n)
    shutil.rmtree(home)


def main():
    kills = crm.number("CRM_KILLS", 200, 100, 42)
    home = tempfile.mkdtemp(prefix="crm-kill-")
    r = Round(home)
    base(r)
    for r.n in range(kills):
        kill = KILLS[r.n % len(KILLS)]
        try:
            kill(r)
            crm.clean(r.store)
        except crm.Failed as e:
            raise crm.Failed("kill %d (%s): %s\nstore kept: %s" % (
                r.n, kill.__name__, e, r.store))
    shutil.rmtree(home)
    print("%d kills (%d too late), nothing lost, nothing half" % (
        kills, r.done))


crm.main({"random": main, "waiting": waiting}[sys.argv[1]])
