#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The git history under SIGKILL: history.py random|planned|crowd|leftovers.

Whatever is killed when: what was acknowledged is there, the next command
works with nothing repaired by hand, and store, journal and git tell the same
story, each transaction once."""
import glob
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "tools"))
import crm  # noqa: E402

KILL_AT = os.path.join(os.environ["B"], "tools", "kill-at")
NOWHERE = "nowhere"
MANY = 200          # records, of which some are removed then
LONG = 1100         # transactions: more than the journal has to keep
DRAIN_TO = 6        # transactions of behind()
rnd = crm.seeded("CRM_HISTORY_SEED", 20260302)


def moment():
    """A time of day; clocks go back now and then."""
    return "2026-03-%02d %02d:%02d:%02d" % (
        rnd.randrange(1, 4), rnd.randrange(24), rnd.randrange(60),
        rnd.randrange(60))


def git(repo, *args):
    """What git prints; anything on standard error is a failure."""
    p = subprocess.run(("git", "-C", repo) + args, capture_output=True,
                       stdin=subprocess.DEVNULL)
    if p.returncode != 0 or p.stderr:
        raise crm.Failed("git %s: status %d: %s" % (
            " ".join(args), p.returncode, p.stderr.decode()))
    return p.stdout.decode()


def status(store):
    return {row["name"]: row["value"]
            for row in crm.ok(store, "crm-history", "status").rows()}


def silent(store, *args):
    r = crm.ok(store, *args)
    if r.out or r.err:
        raise crm.Failed("%s\n%s" % (r, r.out.decode(errors="replace")))


def numbers(repo):
    """The trailers, the oldest first: one each commit, one after another."""
    text = git(repo, "log", "--reverse",
               "--format=%(trailers:key=Crm-Txn,valueonly,separator=)",
               "refs/crm/drained")
    found = [int(line) if line else None for line in text.splitlines()]
    wanted = list(range(found[0], found[0] + len(found)))
    if found != wanted:
        raise crm.Failed("gaps or doubles among the commits: %s" % found)
    return found


DERIVED = "id,last,activities,next,orders,revenue,open_tickets"
PRINT = [["crm-find", "-O", "tsv", "-f", "all"], ["crm-export", "-O", "tsv"],
         ["crm-export", "-O", "jsonl"]]


def everything(store, ways=PRINT):
    """All fields of all records, what is summed up, and every export."""
    kinds = crm.ok(store, "crm-find", "-O", "tsv", "-f", "name", "kind")
    out = {(kind, " ".join(way)): crm.ok(store, *way, kind).out
           for kind in [row["name"] for row in kinds.rows()] for way in ways}
    for kind in ("contact", "org"):
        out[kind] = crm.ok(store, "crm-find", "-O", "tsv", "-f", DERIVED,
                           kind).out
    return out


def same(a, b):
    for what in a:
        if a[what] != b.get(what):
            raise crm.Failed("%s: rebuilt store differs\n%s\n%s" % (
                what, a[what].decode(), b.get(what, b"none").decode()))
    if len(a) != len(b):
        raise crm.Failed("rebuilt store has other kinds")


def rebuilt(store):
    """A store made of the history equals STORE."""
    new = store + ".rebuilt"
    crm.ok(store, "crm-history", "rebuild", new)
    same(everything(store), everything(new))
    crm.clean(new)
    shutil.rmtree(new)


def agree(store):
    """Store = journal = git; verify drains first."""
    repo = os.path.join(store, "history.git")
    silent(store, "crm-history", "verify")
    silent(store, "crm-check")
    git(repo, "fsck", "--full", "--strict", "--no-dangling")
    heads = git(repo, "rev-parse", "main", "refs/crm/drained").split()
    if heads[0] != heads[1]:
        raise crm.Failed("main does not follow")
    return numbers(repo)[-1]


def check(store, rebuild=False):
    crm.ok(store, "crm-history", "drain")
    last = agree(store)
    s = status(store)
    if [s["last"], s["written"], s["behind"]] != [str(last), str(last), "0"]:
        raise crm.Failed("last commit %d, status %r" % (last, s))
    if rebuild:
        rebuilt(store)


def age(store, seconds=11):
    """What a killed command left becomes older, so that nobody has to wait
    until it counts as stale."""
    then = time.time() - seconds
    for folder in ("refs/crm", "refs/heads", "."):
        for lock in glob.glob(os.path.join(store, "history.git", folder,
                                           "*.lock")):
            if not lock.endswith("crm.lock"):
                try:
                    os.utime(lock, (then, then))
                except FileNotFoundError:
                    pass


def children(pid):
    """The processes that PID has started, and theirs."""
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            own = [int(word) for word in f.read().split()]
    except OSError:
        return []
    return own + [p for child in own for p in children(child)]


# ---- random moments -------------------------------------------------------

class Run:
    """A command under way, to be killed."""
    took = {}       # name: how long it takes when left alone

    def __init__(self, store, name, args, input=None):
        self.name, self.hit = name, False
        self.p = subprocess.Popen(
            args, env=dict(crm.env(store), CRM_TODAY=moment(),
                           # its helper, when killed, is waited for for ever
                           ASAN_OPTIONS="detect_leaks=0"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True)
        self.begun = time.monotonic()
        try:
            self.p.stdin.write(input or b"")
            self.p.stdin.close()
        except BrokenPipeError:
            pass
        self.p.stdin = None

    def wait(self):
        """Sleeps until a random moment of it."""
        usual = self.took.get(self.name, .01)
        left = self.begun + rnd.random() * 1.2 * usual - time.monotonic()
        if left > 0:
            time.sleep(left)

    def kill(self, how):
        if how == "parent":
            self.p.kill()
        elif how == "child":
            for pid in children(self.p.pid)[-1:]:
                try:
                    if os.getpgid(pid) == self.p.pid:
                        os.kill(pid, 9)
                        self.hit = True
                except ProcessLookupError:
                    pass
        else:
            os.killpg(self.p.pid, 9)

    def end(self):
        """Its exit status, when all of its processes have ended."""
        try:
            out, error = self.p.communicate(timeout=100)
        except subprocess.TimeoutExpired:
            raise crm.Failed("%s does not come back" % self.name)
        code = self.p.returncode
        took = time.monotonic() - self.begun
        if code == -9:
            self.hit = True
            self.took[self.name] = self.took.get(self.name, .01) * 1.02
        elif not self.hit:
            old = self.took.get(self.name, took)
            self.took[self.name] = min(took, old * 1.05)
        allowed = code in (0, -9) or (
            self.hit and code == 78 and b"ended by signal 9" in error)
        if not allowed or b"Sanitizer" in error:
            raise crm.Failed("%s: status %d: %s%s" % (
                self.name, code, out.decode(), error.decode()))
        if error and not self.hit:
            raise crm.Failed("%s says: %s" % (self.name, error.decode()))
        return code


def differences(found, wanted):
    if found[1] != wanted[1]:
        return "%s is not %s" % (found[1], wanted[1])
    names = [name for name in sorted(set(found[0]) | set(wanted[0]))
             if found[0].get(name) != wanted[0].get(name)]
    return "%d differ: " % len(names) + ", ".join("%s: %r is not %r" % (
        name, found[0].get(name), wanted[0].get(name)) for name in names[:4])


class World:
    """A store, its history, and what has to be in it: a name's cells."""
    COLUMNS = ["city", "tag", "note", "colour"]     # and calls

    def __init__(self, home):
        self.store = os.path.join(home, "store")
        self.repo = os.path.join(self.store, "history.git")
        self.n = self.txn = self.kills = self.late = 0
        self.model, self.ids, self.before, self.open = {}, {}, None, None
        self.colour = "colour0"     # the field changes its name, too
        self.eager = False

    def ok(self, *args):
        return crm.ok(self.store, *args)

    def begin(self):
        self.ok("crm-add", "field", "name=contact." + self.colour)
        self.ok("crm-add", "org", "name=Everybody Ltd")
        self.txn = 2
        self.ok("crm-history", "init")
        self.write(0)

    def look(self):
        """What the store holds, and the name of its coloured field."""
        r = self.ok("crm-find", "-O", "tsv", "-f", "all", "contact")
        header = r.out.decode().split("\n")[0].split("\t")
        colour = [name for name in header if name.startswith("colour")]
        found, self.ids = {}, {}
        calls = self.ok("crm-find", "-O", "tsv", "-f", "id,activities",
                        "activities>0").rows()
        calls = {row["id"]: row["activities"] for row in calls}
        for row in r.rows():
            row["colour"] = row[colour[0]]
            row["calls"] = calls.get(row["id"], "0")
            self.ids[row["name"]] = row["id"]
            found[row["name"]] = tuple(row[c] for c in self.COLUMNS +
                                       ["calls"])
        return found, colour[0]

    # Each of these: the command, its input, the model and colour afterwards.

    def cells(self, *names):
        tag = rnd.choice(["", "a", "a,b", "vip"])
        return {name: ("city%d" % self.n, tag,
                       rnd.choice(["", "two\nlines", "tab\tand \\"]),
                       rnd.choice(["", "red"]), "0") for name in names}

    def table(self, rows, key, keys):
        names = [key] + self.COLUMNS[:-1] + [self.colour]
        return crm.tsv(names, [dict(zip(names, (keys(name),) + rows[name]))
                               for name in rows])

    def add(self):
        name = "one %d" % self.n
        new = self.cells(name)
        words = ["%s=%s" % (n, v) for n, v in
                 zip(self.COLUMNS[:-1] + [self.colour], new[name]) if v]
        return (["crm-add", "contact", "name=" + name] + words, None,
                dict(self.model, **new), self.colour)

    def batch(self):
        rows = self.cells(*("batch %d.%d" % (self.n, i)
                            for i in range(rnd.choice([2, 20, 80]))))
        return (["crm-add", "contact", "-"],
                self.table(rows, "name", lambda name: name),
                dict(self.model, **rows), self.colour)

    def edit(self):
        name = rnd.choice(sorted(self.model))
        old = self.model[name]
        new = {name: ("town%d" % self.n, old[1], "") + old[3:]}
        return (["crm-edit", self.ids[name], "city=town%d" % self.n, "note=",
                 "-m", "moved"], None, dict(self.model, **new), self.colour)

    def edits(self):
        names = rnd.sample(sorted(self.model), min(30, len(self.model)))
        rows = self.cells(*names)
        new = {name: tuple(cell or old for cell, old in
                           zip(rows[name][:-1], self.model[name])) +
               self.model[name][-1:]
               for name in names}     # an empty cell changes nothing
        return (["crm-edit", "-"], self.table(rows, "id", self.ids.get),
                dict(self.model, **new), self.colour)

    def call(self):
        name = rnd.choice(sorted(self.model))
        old = self.model[name]
        new = {name: old[:-1] + (str(int(old[-1]) + 1),)}
        return (["crm-log", "-t", "call", self.ids[name], "hello"], None,
                dict(self.model, **new), self.colour)

    def remove(self):
        many = len(self.model) > MANY
        names = rnd.sample(sorted(self.model), MANY // 2 if many else 1)
        left = {n: v for n, v in self.model.items() if n not in names}
        ids = "\n".join(["id"] + [self.ids[name] for name in names]) + "\n"
        return ["crm-rm", "-r", "-"], ids.encode(), left, self.colour

    def undo(self):
        model, colour = self.before
        return (["crm-history", "undo", str(self.txn)], None, model, colour)

    def rename(self):
        """Every record with such a field is written anew in the history."""
        colour = "colour%d" % self.n
        return (["crm-edit", "contact." + self.colour, "name=contact." +
                 colour], None, self.model, colour)

    def choose(self):
        usual = [self.add] * 4 + [self.batch] * 2
        if len(self.model) > 10:
            usual += [self.edit] * 6 + [self.edits] * 2 + [self.remove] * 2
            usual += [self.call] * 2 + [self.rename]
        if len(self.model) > MANY:
            usual = [self.remove]
        if self.before and rnd.random() < .15:
            usual = [self.undo]
        return rnd.choice(usual)

    def start_write(self):
        self.n += 1
        self.settle()
        verb = self.choose()
        args, input, model, colour = verb()
        name = verb.__name__ + (" eager" if self.eager else "")
        return Run(self.store, name, args, input), model, colour

    def end_write(self, run, model, colour):
        """All of it is there or, unless it was acknowledged, nothing."""
        code = run.end()
        old, new = (self.model, self.colour), (model, colour)
        found = self.look()
        if found != new and (code == 0 or found != old):
            raise crm.Failed("%s, status %d: %s, which was:\n%s" % (
                run.name, code, differences(found, new),
                differences(found, old)))
        self.open = (new, old)
        if found == new:
            self.made()

    def made(self):
        (self.model, self.colour), self.before = self.open
        self.open = None
        self.txn += 1

    def settle(self):
        """A writer that was killed right after its commit: readers may see
        it only when the next one has begun."""
        if not self.open:
            return
        self.ok("crm-history", "eager", "yes" if self.eager else "no")
        found = self.look()
        if found == self.open[0]:
            self.made()
        elif found != self.open[1]:
            raise crm.Failed("neither made nor not: %s" % differences(
                found, self.open[1]))
        self.open = None

    def write(self, likely=1.0):
        """Writes something; it is killed as LIKELY as that."""
        run, model, colour = self.start_write()
        self.killed(run, likely)
        self.end_write(run, model, colour)

    def killed(self, run, likely=1.0):
        if rnd.random() >= likely:
            return
        run.wait()
        run.kill(rnd.choice(["group", "group", "parent", "child"]))

    def count(self, run):
        self.kills += run.hit
        self.late += not run.hit


def kill_writer(w):
    run, model, colour = w.start_write()
    w.killed(run)
    w.end_write(run, model, colour)
    w.count(run)


def kill_drain(w):
    for _ in range(rnd.randrange(3)):
        w.write(0)
    run = Run(w.store, "drain", ["crm-history", "drain"])
    w.killed(run)
    run.end()
    w.count(run)


def kill_both(w):
    """A writer and a drain at once; one of them is killed, or both."""
    drain = Run(w.store, "drain", ["crm-history", "drain"])
    run, model, colour = w.start_write()
    first = rnd.random()
    if first < .7:
        w.killed(drain)
    if first > .3:
        w.killed(run)
    w.end_write(run, model, colour)
    drain.end()
    w.count(run)
    w.count(drain)


def kill_gc(w):
    """git repacks what a drain adds to; the drain is killed, or git is."""
    gc = subprocess.Popen(["git", "-C", w.repo, "gc", "-q", "--force"],
                          stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, start_new_session=True)
    w.write(0)
    run = Run(w.store, "drain", ["crm-history", "drain"])
    if rnd.random() < .3:
        os.killpg(gc.pid, 9)
    else:
        w.killed(run)
        w.count(run)
    error = gc.communicate()[1]
    if gc.returncode == 128 and b": File exists" in error:
        # git tells its user to do so, after a kill of git.
        for name in ("packed-refs.lock", "packed-refs.new",
                     "objects/info/commit-graph.lock"):
            if os.path.exists(os.path.join(w.repo, name)):
                os.unlink(os.path.join(w.repo, name))
    elif gc.returncode not in (0, -9):
        raise crm.Failed("git gc: %s" % error.decode())
    run.end()


def kill_verify(w):
    w.write(0)
    run = Run(w.store, "verify", ["crm-history", "verify"])
    w.killed(run)
    run.end()
    w.count(run)


def kill_rebuild(w):
    new = w.store + ".new"
    args = ["crm-history", "rebuild", new]
    run = Run(w.store, "rebuild", args)
    w.killed(run)
    run.end()
    w.count(run)
    rebuild_again(w.store, new)
    shutil.rmtree(new)


def rebuild_again(store, new):
    """After a kill: a whole store is there, or it can be made."""
    r = crm.run(store, "crm-history", "rebuild", new)
    if r.code == 65 and b"there is a store already" in r.err:
        return
    if r.code != 0 or r.err:
        raise crm.Failed(str(r))


def kill_settings(w):
    """Eager or not; whether the change was made is seen afterwards."""
    word = rnd.choice(["yes", "no"])
    run = Run(w.store, "eager", ["crm-history", "eager", word])
    w.killed(run, .3)
    run.end()
    w.count(run)
    w.eager = w.ok("crm-history", "eager").out == b"yes\n"


def kill_init(w):
    """The history is being made; in a store of its own."""
    kept, w.store = w.store, w.store + ".first"
    crm.ok(w.store, "crm-add", "contact", "-", input=crm.tsv(
        ["name"], [dict(name="first %d" % i) for i in range(30)]))
    run = Run(w.store, "init", ["crm-history", "init"])
    w.killed(run)
    run.end()
    w.count(run)
    crm.ok(w.store, "crm-add", "contact", "name=between")
    if rnd.random() < .9:
        age(w.store)
    crm.ok(w.store, "crm-history", "init")
    age(w.store)    # main is there when nobody may be at it any more
    check(w.store)
    shutil.rmtree(w.store)
    w.store = kept


KILLS = [kill_writer] * 12 + [kill_drain] * 12 + [kill_both] * 5 + [
    kill_gc, kill_verify, kill_rebuild, kill_settings, kill_settings,
    kill_init]


def random_kills():
    wanted = crm.number("CRM_HISTORY_KILLS", 500, 150, 40)
    home = tempfile.mkdtemp(prefix="crm-history-")
    w = World(home)
    w.begin()
    done = seen = 0
    kill = w.begin
    try:
        while w.kills < wanted:
            kill = rnd.choice(KILLS)
            kill(w)
            done += 1
            # Mostly nobody wants to wait until a lock is stale.
            if rnd.random() < .98:
                age(w.store)
            if rnd.random() < .3:
                w.ok("crm-history", "drain")
            if w.kills >= seen + 25:
                seen = w.kills
                age(w.store)
                check(w.store, rnd.random() < .2)
        age(w.store)
        w.settle()
        check(w.store, True)
        if status(w.store)["last"] != str(w.txn):
            raise crm.Failed("%d transactions, %r" % (w.txn,
                                                      status(w.store)))
    except crm.Failed as e:
        raise crm.Failed("round %d (%s): %s\nstore kept: %s" % (
            done, kill.__name__, e, w.store))
    shutil.rmtree(home)
    print("%d kills (%d too late), %d transactions: store = journal = git" % (
        w.kills, w.late, w.txn))


# ---- planned points -------------------------------------------------------

def at_point(store, n, one, *args):
    """Runs ARGS and kills them before call N; where it was, or None."""
    words = [KILL_AT] + (["-1"] if one else []) + [str(n)] + list(args)
    p = subprocess.run(words, env=dict(
        crm.env(store), CRM_TODAY="2026-03-02 12:34:56",
        ASAN_OPTIONS="detect_leaks=0"), capture_output=True)
    said = p.stderr.decode()
    if not said.startswith("kill-at: "):
        if p.returncode != 0 or said:
            raise crm.Failed("%s: status %d: %s" % (args, p.returncode, said))
        return None
    if not one and p.returncode != 137:
        raise crm.Failed("%s outlived its end: %s" % (args, said))
    return said.split("\n")[0]


def walk(store, name, args, after, one=False, step=1):
    """Kills ARGS at each point, each time in a fresh copy of STORE; AFTER
    tells whether all is well then. Until they come to their end."""
    home = tempfile.mkdtemp(prefix="crm-history-")
    n, where = 1, NOWHERE
    while where:
        copy = os.path.join(home, "store")
        shutil.copytree(store, copy)
        where = at_point(copy, n, one, *[a.replace("STORE", copy)
                                         for a in args])
        try:
            age(copy)
            after(copy, where is not None)
        except crm.Failed as e:
            raise crm.Failed("%s, %s: %s\nstore kept: %s" % (
                name, where, e, copy))
        shutil.rmtree(home)
        os.mkdir(home)
        n += step
    os.rmdir(home)
    print("%s: %d points" % (name, (n - 1) // step - 1))
    if n < 20:
        raise crm.Failed("%s: only %d points" % (name, n - 2))


def behind(home):
    """A store and what its history lacks: some of everything."""
    store = os.path.join(home, "store")
    crm.ok(store, "crm-add", "field", "name=contact.budget", "type=decimal")
    crm.ok(store, "crm-add", "contact", "-", input=crm.tsv(
        ["name", "budget"], [dict(name="n%d" % i, budget="%d.5" % i)
                             for i in range(120)]))
    shutil.copytree(store, store + ".bare")
    crm.ok(store, "crm-history", "init")
    shutil.copytree(store, store + ".whole")
    shutil.copytree(store, store + ".long")
    for args in (["crm-add", "contact", "name=Ada", "city=Bern"],
                 ["crm-edit", "c1", "city=Bern"], ["crm-rm", "c3"],
                 ["crm-edit", "contact.budget", "name=contact.money"]):
        crm.ok(store, *args)
    return store


def after_init(store, killed):
    crm.ok(store, "crm-add", "contact", "name=between")
    crm.ok(store, "crm-history", "init")
    agree(store)


def after_drain(store, killed):
    if rnd.random() < .2:
        check(store)
    elif agree(store) != DRAIN_TO:
        raise crm.Failed("another number than %d" % DRAIN_TO)


def after_drain_on(store, killed):
    """The next drain has something of its own to do."""
    crm.ok(store, "crm-add", "contact", "name=later")
    if agree(store) != DRAIN_TO + 1:
        raise crm.Failed("another number than %d" % (DRAIN_TO + 1))


def after_long(store, killed):
    """The journal lets go of what is drained, and of nothing else."""
    if agree(store) != LONG + 2:
        raise crm.Failed("another number than %d" % (LONG + 2))
    crm.ok(store, "crm-history", "drain")
    first = int(status(store)["first"])
    if not 1 < first <= LONG + 2 - 1000 + 1:
        raise crm.Failed("the journal begins with %d" % first)
    crm.ok(store, "crm-history", "undo", str(LONG + 2))


def after_rebuild(store, killed, wanted={}):
    new = store + "/new"
    rebuild_again(store, new)
    if not wanted:      # it is the same store each time
        wanted.update(everything(store, PRINT[:1]))
    same(wanted, everything(new, PRINT[:1]))


def after_write(store, killed):
    """Killed or not: all of it or nothing."""
    n = len(crm.ok(store, "crm-find", "-i", "city=Genf").ids())
    if n not in (0, 2) or (n == 0 and not killed):
        raise crm.Failed("%d of 2 are there" % n)
    agree(store)
    m = len(crm.ok(store, "crm-find", "-i", "city=Genf").ids())
    if m not in (n, 2):
        raise crm.Failed("%d of 2 are there, then %d" % (n, m))


def planned():
    home = tempfile.mkdtemp(prefix="crm-history-")
    step = crm.number("CRM_HISTORY_STEP", 1, 3, 7)
    store = behind(home)
    bare, whole, long = [store + end for end in (".bare", ".whole", ".long")]
    walk(bare, "init", ["crm-history", "init"], after_init, step=step)
    walk(store, "drain", ["crm-history", "drain"], after_drain_on, step=step)
    walk(store, "drain, its child", ["crm-history", "drain"], after_drain,
         one=True, step=3 * step)
    walk(whole, "rebuild", ["crm-history", "rebuild", "STORE/new"],
         after_rebuild, step=step)
    crm.ok(whole, "crm-history", "eager", "yes")
    crm.ok(long, os.path.join(os.environ["B"], "tools", "txns"), long,
           str(LONG), "100")
    walk(long, "long drain", ["crm-history", "drain"], after_long,
         step=3 * step)
    walk(whole, "eager edit", ["crm-edit", "c1", "c2", "city=Genf"],
         after_write, step=2 * step)
    crm.ok(whole, "crm-edit", "c1", "c2", "city=Genf")
    shutil.rmtree(home)


# ---- many at once ---------------------------------------------------------

def crowd():
    """Two drains and a writer at once; now and then git gc as well."""
    writes = 15 if crm.SLOW else 40
    home = tempfile.mkdtemp(prefix="crm-history-")
    for turn in range(crm.number("CRM_HISTORY_ROUNDS", 8, 3, 2)):
        store = os.path.join(home, "store%d" % turn)
        repo = os.path.join(store, "history.git")
        crm.ok(store, "crm-add", "contact", "name=first")
        crm.ok(store, "crm-history", "init")
        done, failures = threading.Event(), []

        def drain():
            while not done.is_set() and not failures:
                r = crm.run(store, "crm-history", "drain")
                if r.code != 0 or r.err:
                    failures.append(str(r))

        def gc():
            """It complains when a ref moves, and goes on."""
            while not done.wait(.05) and not failures:
                p = subprocess.run(["git", "-C", repo, "gc", "-q", "--force"],
                                   capture_output=True)
                if p.returncode != 0:
                    failures.append("git gc: %s" % p.stderr.decode())

        threads = [threading.Thread(target=drain) for _ in range(2)]
        if turn % 4 == 3:
            threads.append(threading.Thread(target=gc))
        for t in threads:
            t.start()
        try:
            for i in range(writes):
                crm.ok(store, "crm-add", "contact", "name=w%d" % i)
                crm.ok(store, "crm-edit", "c1", "note=%d" % i)
        finally:
            done.set()
            for t in threads:
                t.join()
        if failures:
            raise crm.Failed(failures[0])
        check(store, turn == 0)
        if status(store)["last"] != str(2 * writes + 1):
            raise crm.Failed("%d writes: %r" % (2 * writes, status(store)))
    shutil.rmtree(home)


# ---- what others have left ------------------------------------------------

def leftovers():
    """Files of those who were killed are no obstacle."""
    home = tempfile.mkdtemp(prefix="crm-history-")
    store = os.path.join(home, "store")
    repo = os.path.join(store, "history.git")

    def leave(name, text="", seconds=11):
        path = os.path.join(repo, name)
        with open(path, "w") as f:
            f.write(text)
        then = time.time() - seconds
        os.utime(path, (then, then))
        return path

    crm.ok(store, "crm-add", "contact", "name=Ada")
    for name in ("history.git.crm-new", "history.git.new"):
        os.mkdir(os.path.join(store, name))
        with open(os.path.join(store, name, "HEAD"), "w") as f:
            f.write("half a li")
    crm.ok(store, "crm-history", "init")
    stale = [leave("refs/crm/drained.lock"), leave("refs/crm/other.lock"),
             leave("refs/heads/main.lock"),
             leave("objects/pack/tmp_crm_aB3xYz", "PACK")]
    kept = [leave("HEAD.lock"), leave("packed-refs.lock"),
            leave("objects/pack/tmp_pack_aB3xYz", "PACK"),
            leave("objects/pack/pack-%s.keep" % ("1" * 40), "of git\n")]
    crm.ok(store, "crm-edit", "c1", "city=Bern")
    check(store)
    for path in stale:
        if os.path.exists(path):
            raise crm.Failed("%s is still there" % path)
    for path in kept:
        if not os.path.exists(path):
            raise crm.Failed("%s is gone, and was not ours" % path)
    # A lock that is young may be that of somebody alive: main waits for it.
    leave("refs/heads/main.lock", seconds=0)
    crm.ok(store, "crm-edit", "c1", "city=Chur")
    crm.ok(store, "crm-history", "drain")
    if numbers(repo)[-1] != 3:
        raise crm.Failed("a lock of main stopped the drain")
    if git(repo, "log", "-1", "--format=%B", "main").endswith("Crm-Txn: 3\n"):
        raise crm.Failed("main moved under a lock")
    age(store)
    crm.ok(store, "crm-history", "drain")
    check(store)
    # A young one of refs/crm is waited for.
    leave("refs/crm/drained.lock", seconds=0)
    crm.ok(store, "crm-edit", "c1", "city=Genf")
    crm.ok(store, "crm-history", "drain")
    check(store, True)
    shutil.rmtree(home)


crm.main({"random": random_kills, "planned": planned, "crowd": crowd,
          "leftovers": leftovers}[sys.argv[1]])
