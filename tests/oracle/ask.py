# SPDX-License-Identifier: ISC
"""Random queries: the words for crm-find and the same question in SQL."""
from model import CHOICES, FIELDS, KINDS, PREFIX, SUMS, fold

WORDS = ["müller", "muller", "mueller", "MÜLLER", "jörg", "joerg", "bern",
         "zurich", "zuerich", "Ελ", "ελένη", "иван", "strasse", "straße",
         "ø", "sorensen", "søren", "łódź", "lodz", "an", "er", "x", "田中",
         "o'b", "50%", "a\tb", "\"quoted\"", "back\\slash", "café", "cafe"]
PATTERNS = ["^A", "er$", "[0-9]{2}", "m.ll", "^.{0,6}$", "a.*a", "^$", "x|y",
            "\\d", "[^a-z ]"]
DAYS = ["2025-12-31", "2026-02-10", "2026-03-01", "2026-03-02", "2026-03-15",
        "2026-01-31"]
NUMBERS = ["0", "-3", "7", "10.5", "100", "99.99", "1000", "0.10"]
OPS = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}


def quote(text):
    return "'" + text.replace("'", "''") + "'"


class Asker:
    def __init__(self, model, rnd):
        self.m, self.rnd, self.aliases = model, rnd, 0

    def alias(self):
        self.aliases += 1
        return "y%d" % self.aliases

    def stored(self, kind, field):
        """Some value that is there, or one that is made up."""
        got = self.m.sql("SELECT value FROM item WHERE kind=? AND field=? "
                         "LIMIT 1 OFFSET ?", kind, field,
                         self.rnd.randrange(300))
        return got[0][0] if got else None

    # ---- conditions on one value: (text behind the path, SQL over i.value)

    def cond(self, f):
        """Operator and value as words, and the SQL; (None, None) to say
        that there is any value."""
        if f.type == "ref":
            return self.equal_ref(f)
        if f.type in ("date", "time"):
            return self.time(f)
        if f.type == "every":
            v = self.rnd.choice(["1w", "30d"])
            return "=" + v, "i.value = '%s'" % v
        roll = self.rnd.random()
        if roll < .3 and f.type in ("int", "decimal", "text") or \
                f.type == "enum" and roll < .15:
            return self.order(f)
        if f.type in ("text", "email") and roll < .55:
            return self.word(f)
        if f.type in ("text", "email", "enum") and roll < .65:
            p = self.rnd.choice(PATTERNS)
            return "~" + p, "matches(%s, i.value)" % quote(p)
        return self.equal(f)

    def value(self, f):
        v = self.stored(f.kind, f.name) if self.rnd.random() < .8 else None
        if v is None or v == "":
            v = self.rnd.choice({
                "int": ["0", "3", "-2"], "decimal": NUMBERS,
                "bool": ["yes", "no"], "email": ["a@example.org"],
                "phone": ["030 23125-100", "+49 30 23125101"],
                "enum": f.choices or ["x"]}.get(f.type, WORDS))
        return v

    def equal(self, f):
        values = [self.value(f) for _ in range(self.rnd.choice([1, 1, 1, 2,
                                                                3]))]
        if any("\n" in v or "\r" in v for v in values) or \
                any(v != v.strip() for v in values):
            values = ["none"] if f.type == "text" else [self.rnd.choice(
                f.choices or ["1"])]
        words = ",".join(v.replace("\\", "\\\\").replace(",", "\\,").replace(
            "..", "\\..") for v in values)
        if f.type == "phone":
            sql = " OR ".join("same_phone(i.value, %s)" % quote(v)
                              for v in values)
        elif f.type in ("int", "decimal"):
            sql = " OR ".join("compared(%s, %s, i.value, %s) = 0" % (
                quote(f.kind), quote(f.name), quote(v)) for v in values)
        else:
            sql = "i.value IN (%s)" % ", ".join(map(quote, values))
        return "=" + words, "(" + sql + ")"

    def order(self, f):
        def cmp(op, v):
            return "compared(%s, %s, i.value, %s) %s 0" % (
                quote(f.kind), quote(f.name), quote(v), op)
        a, b = self.bound(f), self.bound(f)
        if self.rnd.random() < .4:
            if self.m.compared(f.kind, f.name, a, b) > 0:
                a, b = b, a
            cut = self.rnd.random()
            if cut < .2:
                return "=.." + b, cmp("<=", b)
            if cut < .4:
                return "=" + a + "..", cmp(">=", a)
            return "=%s..%s" % (a, b), "(%s AND %s)" % (cmp(">=", a),
                                                        cmp("<=", b))
        op = self.rnd.choice(list(OPS))
        return op + a, cmp(op, a)

    def bound(self, f):
        if f.type == "enum":
            return self.rnd.choice(f.choices)
        if f.type == "int":
            return self.rnd.choice(["0", "-2", "3", "12"])
        if f.type == "decimal":
            return self.rnd.choice(NUMBERS)
        return self.rnd.choice(["Anna", "bern", "m", "Müller", "zz", "Ελ"])

    def time(self, f):
        """Days and moments (UTC): a value counts when all of it is within."""
        a, b = sorted([self.rnd.choice(DAYS), self.rnd.choice(DAYS)])
        first, last = "i.value", "i.value"
        if f.type == "time":    # the first and last second of the value
            first = ("CASE length(i.value) WHEN 10 THEN i.value || "
                     "'T00:00:00Z' ELSE i.value END")
            last = ("CASE length(i.value) WHEN 10 THEN i.value || "
                    "'T23:59:59Z' ELSE i.value END")
            lo, hi = "T00:00:00Z", "T23:59:59Z"
        else:
            lo = hi = ""
        roll = self.rnd.randrange(7)
        if roll == 0:
            return "=" + a, "(%s >= '%s' AND %s <= '%s')" % (
                first, a + lo, last, a + hi)
        if roll == 1:
            return "=%s..%s" % (a, b), "(%s >= '%s' AND %s <= '%s')" % (
                first, a + lo, last, b + hi)
        if roll == 2:
            return "<" + a, "%s < '%s'" % (last, a + lo)
        if roll == 3:
            return "<=" + a, "%s <= '%s'" % (last, a + hi)
        if roll == 4:
            return ">" + a, "%s > '%s'" % (first, a + hi)
        if roll == 5:
            return ">=" + a, "%s >= '%s'" % (first, a + lo)
        return "=2026-02", ("(substr(i.value, 1, 7) = '2026-02')")

    def word(self, f):
        w = self.rnd.choice(WORDS)
        if self.rnd.random() < .3:
            v = self.stored(f.kind, f.name) or w
            at = self.rnd.randrange(len(v))
            w = v[at:at + 5].strip() or w
        if not fold(w).strip() or "\n" in w or "(" in w or ")" in w:
            w = "an"
        return ":" + w, "has_word(i.value, %s)" % quote(w)

    def equal_ref(self, f):
        kind = f.to or self.rnd.choice(["contact", "org", "deal"])
        nums = self.m.nums(kind) or [1]
        ids = [KINDS[kind][0] + str(self.rnd.choice(nums))
               for _ in range(self.rnd.choice([1, 2]))]
        return "=" + ",".join(ids), "i.value IN (%s)" % ", ".join(
            map(quote, ids))

    # ---- terms

    def path(self, kind, depth):
        """A path from KIND: its text, the field it ends in, and a function
        that wraps the SQL of that field's condition into the SQL over the
        record called by an alias."""
        roll = self.rnd.random()
        steps = []
        if depth and roll < .25:
            refs = [f for f in FIELDS[kind].values() if f.type == "ref"
                    and f.to]
            if refs:
                f = self.rnd.choice(refs)
                return self.step(f.name, kind, f.to, depth, forward=f)
        elif depth and roll < .45:
            if kind in ("contact", "org", "deal", "order"):
                sources = [k for k, fs in FIELDS.items() if k not in
                           FIELDS[kind] and any(
                               f.type == "ref" and f.to in (kind, "")
                               for f in fs.values())]
                steps = sources
            if steps:
                source = self.rnd.choice(steps)
                return self.step(source, kind, source, depth, forward=None)
        fields = list(FIELDS[kind].values())
        if kind in SUMS and self.rnd.random() < .3:
            fields = list(SUMS[kind].values())
        f = self.rnd.choice(fields)

        def leaf(alias, cond):
            return ("EXISTS(SELECT 1 FROM item i WHERE i.kind='%s' AND "
                    "i.num=%s.num AND i.field='%s' AND %s)" % (
                        kind, alias, f.name, cond))
        return f.name, f, leaf

    def step(self, name, kind, to, depth, forward):
        rest, f, inner = self.path(to, depth - 1)

        def wrap(alias, cond):
            other = self.alias()
            if forward:
                return ("EXISTS(SELECT 1 FROM item j JOIN rec {o} ON "
                        "{o}.kind=j.rkind AND {o}.num=j.rnum WHERE "
                        "j.kind='{k}' AND j.num={a}.num AND j.field='{f}' "
                        "AND {c})").format(o=other, k=kind, a=alias,
                                           f=forward.name,
                                           c=inner(other, cond))
            return ("EXISTS(SELECT 1 FROM item j JOIN rec {o} ON "
                    "{o}.kind=j.kind AND {o}.num=j.num WHERE j.kind='{t}' "
                    "AND j.rkind='{k}' AND j.rnum={a}.num AND {c})").format(
                        o=other, t=to, k=kind, a=alias,
                        c=inner(other, cond))
        return name + "." + rest, f, wrap

    def free(self, kind):
        """A bare word is looked for in all texts of the record."""
        w = self.rnd.choice(WORDS[:-4] + ["customer", "example.org", "gold"])
        fields = [f.name for f in FIELDS[kind].values()
                  if f.type in ("text", "email", "phone", "enum")]
        return self.rnd.choice(["", ":"]) + w, (
            "EXISTS(SELECT 1 FROM item i WHERE i.kind='%s' AND i.num=r.num "
            "AND i.field IN (%s) AND has_word(i.value, %s))" % (
                kind, ", ".join(map(quote, fields)), quote(w)))

    def term(self, kind):
        if self.rnd.random() < .12:
            return self.free(kind)
        text, f, wrap = self.path(kind, 2)
        roll = self.rnd.random()
        if roll < .08:
            return text + "=", "NOT " + wrap("r", "1")
        if roll < .14:
            return text + "!=", wrap("r", "1")
        words, cond = self.cond(f)
        if roll < .26 and words[0] == "=":
            return text + "!" + words, "NOT " + wrap("r", cond)
        return text + words, wrap("r", cond)

    def query(self, kind, depth=3):
        """A list of words and the SQL condition over rec r."""
        roll = self.rnd.random()
        if depth == 0 or roll < .4:
            word, sql = self.term(kind)
            return [word], sql
        if roll < .65:
            parts = [self.grouped(kind, depth - 1) for _ in range(2)]
            joiner = [] if self.rnd.random() < .8 else ["and"]
            return parts[0][0] + joiner + parts[1][0], "(%s AND %s)" % (
                parts[0][1], parts[1][1])
        if roll < .88:
            parts = [self.query(kind, depth - 1) for _ in range(2)]
            return parts[0][0] + ["or"] + parts[1][0], "(%s OR %s)" % (
                parts[0][1], parts[1][1])
        words, sql = self.grouped(kind, depth - 1)
        return ["not"] + words, "NOT (%s)" % sql

    def grouped(self, kind, depth):
        words, sql = self.query(kind, depth)
        if len(words) > 1:
            words = ["("] + words + [")"]
        return words, sql

    def answer(self, kind, sql):
        self.m.recount()
        return [KINDS[kind][0] + str(n) for n, in self.m.sql(
            "SELECT num FROM rec r WHERE kind=? AND (%s) ORDER BY num" % sql,
            kind)]
