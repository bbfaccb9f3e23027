#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Random operations through the real commands and on sqlite3, random
questions to both: no difference is allowed. CRM_ORACLE_OPS says how many
operations, CRM_ORACLE_SEED repeats a run."""
import os
import shutil
import sys
import tempfile
from datetime import date, timedelta

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "tools"))
sys.path.insert(0, os.path.dirname(__file__))
import crm  # noqa: E402
from ask import Asker  # noqa: E402
from model import (BOUNDS, CHOICES, DERIVED, FIELDS, KINDS,  # noqa: E402
                   PREFIX, Model, Refused, order_key)

CUSTOM = [("contact.budget", "decimal", "no"), ("contact.rank", "int", "no"),
          ("contact.asked", "bool", "no"), ("contact.seen", "time", "no"),
          ("contact.marks", "int", "yes")]
FIRST = ["Anna", "Jörg", "JÖRG", "Zoë", "Søren", "Ελένη", "Иван", "美咲",
         "Łukasz", "O'Brien", "An-Na", "Ümit", "Jo\u0308rg"]
LAST = ["Müller", "Mueller", "MÜLLER", "Straße", "Strasse", "Öztürk", "田中",
        "Παπαδόπουλος", "Łódź", "Café", "X Æ", "Ćirić", "50%"]
CITY = ["Bern", "Zürich", "ZÜRICH", "Genève", "Köln", "Łódź", "Αθήνα", ""]
TAGS = ["vip", "gold", "a", "b", "lead", "süß", "x y", "'quoted'"]
NOTES = ["two\nlines", "a\tb", "back\\slash \\n", "\"quoted\"", "\\N!",
         "comma, and; more", "=1+1", "café\r\n", " . ", "ends with \\"]


class Oracle:
    def __init__(self):
        self.rnd = crm.seeded("CRM_ORACLE_SEED")
        self.home = tempfile.mkdtemp(prefix="crm-oracle-")
        self.store = os.path.join(self.home, "store")
        self.m = Model()
        self.ask = Asker(self.m, self.rnd)
        self.done = self.asked = 0
        self.serial = 0
        self.log = []
        crm.ok(self.store, "crm-add", "field", "-", input=crm.tsv(
            ["name", "type", "list"], [dict(zip(("name", "type", "list"), c))
                                       for c in CUSTOM]))
        crm.ok(self.store, "crm-add", "field", "name=contact.ally",
               "type=ref", "ref=contact")

    # ---- making up values

    def chance(self, p):
        return self.rnd.random() < p

    def pick(self, seq):
        return self.rnd.choice(seq)

    def day(self):
        return (date(2026, 3, 2) + timedelta(
            days=self.rnd.randint(-500, 60))).isoformat()

    def value(self, f):
        """A value for a field in its canonical spelling (but for NFC)."""
        if f.list and f.type != "ref" and not f.unique:
            n = self.pick([1, 1, 2, 3])
            return ",".join(dict.fromkeys(self.single(f) for _ in range(n)))
        return self.single(f)

    def single(self, f):
        t = f.type
        if f.unique:
            self.serial += 1
            return "%s:%d" % (f.name[:2], self.serial)
        if t == "int":
            least, most = BOUNDS.get(f.name, (-20, 20))
            return str(self.rnd.randint(least, most or 40))
        if t == "decimal":
            return self.pick(["%d", "%d.5", "%d.25", "%d.125"]) % \
                self.rnd.randint(-5, 900)
        if t == "bool":
            return self.pick(["yes", "no"])
        if t == "date":
            return self.day()
        if t == "time":
            return self.day() + self.pick(["", "T%02d:%02d:00Z" % (
                self.rnd.randrange(24), self.rnd.randrange(60))])
        if t == "enum":
            return self.pick(f.choices)
        if t == "email":
            return "%s%d@example.%s" % (self.pick(["ann", "bob", "z.e"]),
                                        self.rnd.randrange(90),
                                        self.pick(["org", "com"]))
        if t == "phone":
            n = self.rnd.randrange(120)
            return self.pick(["030 23125-%03d", "+49 30 23125%03d",
                              "0049 30 23125%03d"]) % n
        if t == "ref":
            return self.ref(f)
        if f.name == "city":
            return self.pick(CITY[:-1])
        if f.name == "tag":
            return self.pick(TAGS)
        if f.name == "currency":
            return self.pick(["EUR", "EUR", "EUR", "CHF"])
        if f.type == "every":
            return self.pick(["1w", "30d"]) if f.kind == "contact" else ""
        if f.name in ("note", "body"):
            return self.pick(NOTES)
        return "%s %s%s" % (self.pick(FIRST), self.pick(LAST), self.pick(
            ["", "", " %d" % self.rnd.randrange(300)]))

    def ref(self, f):
        kinds = [f.to] if f.to else ["contact", "org", "deal", "order"]
        kinds = [k for k in kinds if self.m.nums(k)]
        if not kinds:
            return ""
        kind = self.pick(kinds)
        nums = self.m.nums(kind)
        n = self.pick(nums[-200:])
        if f.to in ("contact", "org") and self.chance(.4):
            ext = self.m.items(kind, n, "ext")
            if ext:
                return ext[0]
        ids = KINDS[kind][0] + str(n)
        if f.list and self.chance(.25):
            other = KINDS[kind][0] + str(self.pick(nums))
            if other != ids:
                ids += "," + other
        return ids

    def record(self, kind):
        row = {}
        for name, f in FIELDS[kind].items():
            must = name in ("subject", "title", "name", "from", "to", "order",
                            "issued")
            if must or self.chance(.45):
                row[name] = self.value(f)
        if kind == "item" and not row.get("order"):
            row["note"] = "alone"
        return row

    # ---- operations

    def run(self, *args, input=None):
        self.log.append((args, input))
        if self.chance(.1):     # a dry run says the same and does nothing
            dry = crm.run(self.store, args[0], "-n", *args[1:], input=input)
            r = crm.run(self.store, *args, input=input)
            if dry.code != r.code:
                raise crm.Failed("dry: %s\nwet: %s" % (dry, r))
            return r
        return crm.run(self.store, *args, input=input)

    def expect(self, r, code):
        if r.code != code:
            raise crm.Failed("status should be %d: %s" % (code, r))

    def attempt(self, change):
        """Applies CHANGE to the model; False and nothing changed when it has
        to be refused."""
        self.m.db.execute("SAVEPOINT s")
        try:
            change()
        except Refused:
            self.m.db.execute("ROLLBACK TO s")
            self.m.db.execute("RELEASE s")
            return False
        self.m.db.execute("RELEASE s")
        return True

    def spoil(self, kind, row):
        """A row that has to be refused."""
        how = self.rnd.randrange(4)
        dates = [f for f in FIELDS[kind].values() if f.type == "date"]
        refs = [f for f in FIELDS[kind].values() if f.type == "ref" and f.to]
        if how == 0 and dates:
            row[self.pick(dates).name] = "2026-02-30"
        elif how == 1 and refs:
            row[self.pick(refs).name] = "nobody:0"
        elif how == 2 and kind in ("contact", "org"):
            taken = self.m.sql("SELECT value FROM item WHERE kind=? AND "
                               "field='ext' LIMIT 1", kind)
            if not taken:
                return False
            row["ext"] = taken[0][0]
        elif how == 3 and "sentiment" in FIELDS[kind]:
            row["sentiment"] = "happy"
        else:
            return False
        return True

    def add(self):
        kind = self.pick(["contact"] * 5 + ["activity"] * 4 + ["order"] * 4 +
                         ["task"] * 3 + ["org", "deal", "deal", "ticket",
                                         "item", "link"])
        if kind == "link" and not self.m.nums("contact"):
            return
        rows = [self.record(kind) for _ in range(self.rnd.randint(1, 60))]
        bad = set()
        if self.chance(.25):
            for i in self.rnd.sample(range(len(rows)), min(2, len(rows))):
                if self.spoil(kind, rows[i]):
                    bad.add(i)
        going = bool(bad) and self.chance(.5)
        names = [n for n in FIELDS[kind] if any(r.get(n) for r in rows)]
        self.rnd.shuffle(names)
        args = ["crm-add"] + (["--keep-going"] if going else []) + [kind, "-"]
        r = self.run(*args, input=crm.tsv(names, rows))
        self.done += len(rows)
        if bad and not going:
            return self.expect(r, 65)
        self.expect(r, 1 if bad else 0)
        ids = self.rejected(kind, r, len(bad)) if going else r.ids()
        good = [row for i, row in enumerate(rows) if i not in bad]
        if len(ids) != len(good):
            raise crm.Failed("%d ids for %d rows: %s\n%s" % (
                len(ids), len(good), r, r.out.decode()))
        for row, i in zip(good, ids):
            if not self.attempt(lambda: self.m.create(kind, row, int(i[1:]))):
                raise crm.Failed("took a row that is wrong: %r" % row)

    def rejected(self, kind, r, bad):
        """With --keep-going the output is the rejects; the ids of the rows
        that were stored, in order."""
        back = r.rows()
        if len(back) != bad or any(not row["reason"] for row in back):
            raise crm.Failed("%d rejects, should be %d: %s" % (
                len(back), bad, r))
        known = set(self.m.nums(kind))
        found = crm.ok(self.store, "crm-find", "-i", kind).ids()
        return sorted((i for i in found if int(i[1:]) not in known),
                      key=lambda i: int(i[1:]))

    def upsert(self):
        kind = self.pick(["contact", "org"])
        rows, seen = [], set()
        for _ in range(self.rnd.randint(1, 30)):
            row = self.record(kind)
            known = self.m.sql("SELECT value FROM item WHERE kind=? AND "
                               "field='ext' LIMIT 1 OFFSET ?", kind,
                               self.rnd.randrange(60))
            if known and self.chance(.7):
                row["ext"] = known[0][0]
            elif not row.get("ext"):
                row["ext"] = self.single(FIELDS[kind]["ext"])
            if row["ext"] not in seen:
                seen.add(row["ext"])
                rows.append(row)
        names = ["ext"] + [n for n in FIELDS[kind] if n != "ext" and any(
            r.get(n) for r in rows)]
        r = self.run("crm-add", "-k", "ext", kind, "-",
                     input=crm.tsv(names, rows))
        self.done += len(rows)
        self.expect(r, 0)
        ids = r.ids()
        for row, i in zip(rows, ids):
            found = self.m.find_unique(kind, "ext", row["ext"])
            num = int(i[1:])
            if found and found != [num]:
                raise crm.Failed("-k ext updated %s, not %r" % (i, found))
            if found:
                self.m.update(kind, num, [(k, "=", v) for k, v in row.items()
                                          if v != ""])
            else:
                self.m.create(kind, row, num)
        if len(ids) != len(rows):
            raise crm.Failed("%d ids for %d rows" % (len(ids), len(rows)))

    def some(self, kind, most=25):
        nums = self.m.nums(kind)
        return self.rnd.sample(nums, min(len(nums), self.rnd.randint(1, most)))

    def edit_rows(self):
        kind = self.pick(list(KINDS))
        nums = self.some(kind)
        fields = self.rnd.sample(sorted(FIELDS[kind]), 3)
        if kind == "task":
            fields = [f for f in fields if f != "every"] or ["title"]
        rows = []
        for n in nums:
            row = {"id": KINDS[kind][0] + str(n)}
            for name in fields:
                if self.chance(.8):
                    row[name] = self.value(FIELDS[kind][name])
            rows.append(row)
        r = self.run("crm-edit", "-", input=crm.tsv(["id"] + fields, rows))
        self.done += len(rows)

        def change():
            for n, row in zip(nums, rows):
                self.m.update(kind, n, [(k, "=", v) for k, v in row.items()
                                        if k != "id" and v != ""])
        self.expect(r, 0 if self.attempt(change) else 65)

    def edit_assign(self):
        kind = self.pick(["contact"] * 4 + ["org", "order", "deal",
                                            "activity", "task", "ticket"])
        nums = self.some(kind)
        if not nums:
            return
        changes = []
        for name in self.rnd.sample(sorted(FIELDS[kind]), 2):
            f = FIELDS[kind][name]
            if f.unique or name == "every":
                continue
            op = "="
            if f.list or f.type in ("int", "decimal"):
                op = self.pick(["=", "+=", "-="])
            elif f.type == "text" and self.chance(.2):
                op = "+="
            text = self.value(f)
            if op == "=" and self.chance(.2):
                text = ""
            if text == "" and op != "=":
                continue
            if text[:1] in ("@", "-") and (text == "-" or text[0] == "@"):
                continue
            changes.append((name, op, text))
        if not changes:
            return
        ids = [KINDS[kind][0] + str(n) for n in nums]
        words = [n + op + v for n, op, v in changes]
        if self.chance(.5):
            r = self.run("crm-edit", "-", *words,
                         input=("\n".join(["id"] + ids) + "\n").encode())
        else:
            r = self.run("crm-edit", *ids, *words)
        self.done += len(nums)

        def change():
            for n in nums:
                self.m.update(kind, n, changes)
        if self.attempt(change):
            self.expect(r, 0)
        elif r.code not in (2, 65):
            raise crm.Failed("should be refused: %s" % r)

    def remove(self):
        kind = self.pick(list(KINDS))
        nums = self.some(kind, 4)
        if not nums:
            return
        ids = [(kind, n) for n in nums]
        recursive = self.chance(.6)
        text = ["%s%d" % (KINDS[k][0], n) for k, n in ids]
        args = ["crm-rm"] + (["-r"] if recursive else [])
        if self.chance(.5):
            r = self.run(*args, *text)
        else:
            r = self.run(*args, "-", input=("\n".join(["id"] + text) +
                                            "\n").encode())
        self.done += len(nums)
        done = self.attempt(lambda: self.m.remove(ids, recursive))
        self.expect(r, 0 if done else 65)

    def talk(self):
        """crm-log with several people."""
        nums = self.some("contact", 8)
        if not nums:
            return
        text = "%s %s" % (self.pick(["Called", "Mailed", "Met"]),
                          self.pick(LAST[:6]))
        when = self.day()
        r = self.run("crm-log", "-t", "call", "-d", when, "-",
                     "sentiment=1", "--", text,
                     input=("\n".join(["id"] + ["c%d" % n for n in nums]) +
                            "\n").encode())
        self.done += len(nums)
        self.expect(r, 0)
        ids = r.ids()
        if len(ids) != len(nums):
            raise crm.Failed("%d ids for %d people: %s" % (
                len(ids), len(nums), r))
        for n, i in zip(nums, ids):
            self.m.create("activity", {
                "type": "call", "start": when, "subject": text,
                "contact": "c%d" % n, "sentiment": "1", "channel": "phone",
                "status": "planned" if when > "2026-03-02" else "held",
                "org": self.logged_org(int(i[1:]))}, int(i[1:]))

    def logged_org(self, num):
        """Whether crm-log notes the contact's org as well is its business;
        the sums are the same either way."""
        got = crm.ok(self.store, "crm-find", "-O", "tsv", "-f", "id,org",
                     "activity", "a%d" % num).rows()
        return got[0]["org"] if got else ""

    def close(self):
        """crm-followup done; a task with a repetition gets a successor."""
        every = {"1w": 7, "30d": 30}
        repeating = self.chance(.4)
        if repeating:
            due = date(2026, 3, 2) - timedelta(days=self.rnd.randint(0, 90))
            rule = self.pick(list(every))
            row = {"title": "again", "due": due.isoformat(), "every": rule,
                   "contact": self.ref(FIELDS["task"]["contact"])}
            if not row["contact"]:
                return
            r = self.run("crm-add", "task", *["%s=%s" % x
                                              for x in row.items()])
            self.expect(r, 0)
            nums = [int(r.ids()[0][1:])]
            self.m.create("task", row, nums[0])
        else:
            nums = [n for n in self.some("task", 8) if not self.m.items(
                "task", n, "every")]
        if not nums:
            return
        r = self.run("crm-followup", "done", *["t%d" % n for n in nums])
        self.done += len(nums)
        self.expect(r, 0)
        for n in nums:
            if self.m.get("task", n, "status") not in ("done", "cancelled"):
                self.m.update("task", n, [("status", "=", "done"),
                                          ("done", "=", self.done_at(n))])
        if repeating:
            step = timedelta(days=every[rule])
            due += step
            while due <= date(2026, 3, 2):
                due += step
            row = self.m.row("task", nums[0])
            new = {k: row[k] for k in ("title", "every", "contact",
                                       "priority")}
            self.m.create("task", dict(new, due=due.isoformat()))

    def done_at(self, n):
        """The clock's reading is not ours to know, only that it is today."""
        got = crm.ok(self.store, "crm-find", "-O", "tsv", "-f", "id,done",
                     "task", "t%d" % n).rows()[0]["done"]
        if not got.startswith("2026-03-02T"):
            raise crm.Failed("t%d done at %r" % (n, got))
        return got

    def index(self):
        """Whether a field is indexed changes nothing but the speed."""
        kind = self.pick(list(KINDS))
        f = self.pick([f for f in FIELDS[kind].values() if f.type not in
                       ("ref", "email", "phone") and not f.unique and
                       f.name != "name"])
        r = self.run("crm-edit", kind + "." + f.name,
                     "index=" + self.pick(["yes", "no"]))
        self.expect(r, 0)
        self.done += 1

    # ---- comparing

    def compare(self):
        for kind in KINDS:
            fields = list(FIELDS[kind])
            sums = list(DERIVED) if kind in ("contact", "org") else []
            r = crm.ok(self.store, "crm-find", "-O", "tsv", "-f",
                       ",".join(["id"] + fields + sums), kind)
            got = {row.pop("id"): row for row in r.rows()}
            want = {}
            for n in self.m.nums(kind):
                row = self.m.row(kind, n)
                if sums:
                    row.update(self.m.sums(kind, n))
                want[KINDS[kind][0] + str(n)] = row
            self.differ(kind, got, want)
        crm.clean(self.store)

    def differ(self, kind, got, want):
        if got == want:
            return
        lines = []
        for i in sorted(set(got) | set(want), key=lambda x: int(x[1:])):
            a, b = got.get(i), want.get(i)
            if a == b:
                continue
            if a is None or b is None:
                lines.append("%s: %s" % (i, "missing" if a is None else
                                         "should not be there"))
                continue
            lines += ["%s %s: is %r, should be %r" % (i, k, a[k], b[k])
                      for k in b if a[k] != b[k]]
        raise crm.Failed("%s differs:\n%s" % (kind, "\n".join(lines[:12])))

    def lists(self):
        """The lists that are made otherwise than by a query."""
        r = crm.ok(self.store, "crm-followup", "-O", "tsv", "-f",
                   "id,due,what")
        got = sorted((x["id"], x["due"][:10], x["what"]) for x in r.rows())
        self.same("crm-followup", got, self.m.due("2026-03-02"))
        r = crm.ok(self.store, "crm-segment", "--rfm", "--ties=split", "-O",
                   "tsv", "-f", "id,recency,frequency,monetary,r,f,m")
        got = [(x["id"], int(x["recency"]), int(x["frequency"]),
                "%.3f" % float(x["monetary"]), int(x["r"]), int(x["f"]),
                int(x["m"])) for x in r.rows()]
        self.same("crm-segment --rfm", got, self.m.rfm())
        for _ in range(12):
            self.sorted_list()

    def same(self, what, got, want):
        if got != want:
            lost = [x for x in want if x not in got][:5]
            extra = [x for x in got if x not in want][:5]
            raise crm.Failed("%s: %d lines, should be %d; missing %r, "
                             "wrong %r" % (what, len(got), len(want), lost,
                                           extra))

    def sorted_list(self):
        kind = self.pick(list(KINDS))
        f = self.pick([f for f in FIELDS[kind].values() if not f.list and
                       f.type in ("text", "int", "decimal", "date", "enum")])
        down = self.chance(.4)
        args = ["-f", "id," + f.name, "-s", ("-" if down else "") + f.name]
        rows = crm.ok(self.store, "crm-find", "-O", "tsv", *args,
                      kind).rows()
        values = [row[f.name] for row in rows if row[f.name] != ""]
        if values != sorted(values, key=lambda v: order_key(f, v),
                            reverse=down):
            raise crm.Failed("%s is not sorted" % args)
        if any(row[f.name] != "" for row in rows[len(values):]):
            raise crm.Failed("%s: empty ones are not last" % args)
        n = self.rnd.randint(0, len(rows) + 2)
        some = crm.ok(self.store, "crm-find", "-O", "tsv", "-l", str(n),
                      *args, kind).rows()
        if some != rows[:n]:
            raise crm.Failed("%s -l %d: not the first of all" % (args, n))

    def questions(self, n):
        for _ in range(n):
            kind = self.pick(["contact"] * 4 + list(KINDS))
            words, sql = self.ask.query(kind)
            r = crm.run(self.store, "crm-find", "-i", kind, *words)
            self.asked += 1
            want = self.ask.answer(kind, sql)
            if r.code != 0:
                raise crm.Failed("%r: %s" % (words, r))
            got = sorted(r.ids(), key=lambda x: int(x[1:]))
            if got != want:
                extra = [i for i in got if i not in want][:5]
                lost = [i for i in want if i not in got][:5]
                raise crm.Failed("crm-find %s %r:\n%d found, %d right; "
                                 "wrong %r, missing %r\n%s" % (
                                     kind, words, len(got), len(want), extra,
                                     lost, sql))

    # ---- the whole

    def go(self, operations, questions):
        steps = ([self.add] * 10 + [self.upsert] * 2 + [self.edit_rows] * 4 +
                 [self.edit_assign] * 5 + [self.remove] * 4 +
                 [self.talk] * 2 + [self.close] * 2 + [self.index] * 2)
        mark = operations // 8
        while self.done < operations:
            self.pick(steps)()
            if self.done >= mark:
                mark += operations // 8
                self.compare()
                self.lists()
                self.questions(questions // 8)
        self.compare()
        print("%d operations, %d questions, no difference" % (self.done,
                                                              self.asked))
        shutil.rmtree(self.home)


def main():
    o = Oracle()
    try:
        o.go(crm.number("CRM_ORACLE_OPS", 5000, 2000, 1000),
             crm.number("CRM_ORACLE_ASKS", 400, 200, 80))
    except (crm.Failed, Refused) as e:
        with open(os.path.join(o.home, "log"), "w") as f:
            for args, data in o.log:
                f.write(repr((args, data)) + "\n")
        last = o.log[-1] if o.log else None
        raise crm.Failed("%s\nlast command: %.2000r\nstore and log kept: %s"
                         % (e, last, o.home))


crm.main(main)
