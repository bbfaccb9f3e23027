# SPDX-License-Identifier: ISC
"""The oracle: what a store should hold, kept in sqlite3.

Every value of every record is a row of the table item, so that a term of a
query is an EXISTS and a path is a join. Nothing here is shared with the
program: texts are folded with unicodedata, sums are SQL."""
import functools
import re
import sqlite3
import unicodedata
from decimal import Decimal

# field: type, and for references the kind they point to ("" any).
# l = list, u = unique, x = looked up by value.
KINDS = {
    "contact": ("c", {
        "name": "text", "given": "text", "family": "text", "city": "text", "country": "text",
        "email": "email l", "phone": "phone l", "tag": "text l",
        "org": "ref org", "lifecycle": "enum", "bday": "date",
        "ext": "text l u", "note": "text", "budget": "decimal",
        "rank": "int", "asked": "bool", "seen": "time", "marks": "int l",
        "ally": "ref contact", "every": "every"}),
    "org": ("o", {
        "name": "text", "city": "text", "industry": "text", "tag": "text l",
        "ext": "text l u", "size": "int", "turnover": "decimal",
        "type": "enum"}),
    "deal": ("d", {
        "name": "text", "org": "ref org", "contact": "ref contact",
        "stage": "enum", "amount": "decimal", "currency": "text",
        "probability": "int", "close": "date"}),
    "ticket": ("k", {
        "number": "text u", "subject": "text", "contact": "ref contact",
        "org": "ref org", "status": "enum", "priority": "enum",
        "opened": "time"}),
    "order": ("r", {
        "number": "text u", "doc": "enum", "status": "enum",
        "contact": "ref contact", "org": "ref org", "issued": "date",
        "total": "decimal", "currency": "text"}),
    "item": ("i", {
        "order": "ref order", "qty": "decimal", "price": "decimal",
        "note": "text"}),
    "activity": ("a", {
        "type": "enum", "start": "time", "status": "enum", "subject": "text",
        "body": "text", "contact": "ref contact l", "org": "ref org",
        "deal": "ref deal", "sentiment": "int", "channel": "enum"}),
    "task": ("t", {
        "title": "text", "status": "enum", "priority": "enum", "due": "time",
        "contact": "ref contact", "org": "ref org", "re": "ref ",
        "every": "every", "done": "time"}),
    "link": ("l", {"from": "ref ", "rel": "enum", "to": "ref ",
                   "note": "text"}),
}
BOUNDS = {"size": (0, None), "probability": (0, 100), "sentiment": (-2, 2)}
CHOICES = {
    "contact.lifecycle": "subscriber lead mql sql opportunity customer "
                         "evangelist former other",
    "org.type": "customer prospect partner reseller supplier competitor "
                "investor press analyst integrator other",
    "deal.stage": "new qualified proposal negotiation won lost",
    "ticket.status": "new open pending resolved closed rejected duplicate",
    "ticket.priority": "urgent high normal low",
    "order.doc": "quote order invoice credit",
    "order.status": "draft sent accepted declined expired confirmed shipped "
                    "delivered returned cancelled unpaid paid",
    "activity.type": "call email meeting visit message letter fax social web "
                     "note survey",
    "activity.status": "planned held missed",
    "activity.channel": "phone email sms chat social web letter fax visit "
                        "video",
    "task.status": "todo doing waiting done cancelled",
    "task.priority": "urgent high normal low",
    "link.rel": "works-at reports-to colleague friend spouse parent child "
                "knows referred-by subsidiary-of supplies partner-of "
                "competes-for member decision-maker evaluator influencer "
                "merged-into",
}
CHOICES = {k: v.split() for k, v in CHOICES.items()}
FALLBACK = {
    "deal": {"stage": "new", "currency": "EUR"},
    "ticket": {"status": "new", "priority": "normal"},
    "order": {"doc": "order", "status": "confirmed", "currency": "EUR"},
    "item": {"qty": "1"},
    "activity": {"status": "held"},
    "task": {"status": "todo", "priority": "normal"},
}
CHANCE = {"new": "10", "qualified": "20", "proposal": "50",
          "negotiation": "80", "won": "100", "lost": "0"}
# What a record is about: it goes with the last of these, or with any one.
ABOUT = {"activity": ("contact", "org", "deal"),
         "task": ("contact", "org", "re"), "deal": ("contact", "org"),
         "order": ("contact", "org"), "ticket": ("contact", "org")}
ENDS = {"item": ("order",), "link": ("from", "to")}
NEEDED = {"activity": ("subject", "body"), "task": ("title",)}
DERIVED = {"last": "time", "next": "time", "activities": "int",
           "orders": "int", "revenue": "decimal", "first_order": "date",
           "last_order": "date", "open_deals": "int", "pipeline": "decimal",
           "open_tickets": "int"}
PREFIX = {v[0]: k for k, v in KINDS.items()}


class Refused(Exception):
    """The program has to refuse this."""


class Field:
    def __init__(self, kind, name, spec):
        words = spec.split(" ")
        self.kind, self.name, self.type = kind, name, words[0]
        self.to = words[1] if self.type == "ref" else None
        self.list = "l" in words[1:]
        self.unique = "u" in words[1:]
        self.derived = name in DERIVED and kind in ("contact", "org")
        self.choices = CHOICES.get(kind + "." + name)


FIELDS = {k: {n: Field(k, n, s) for n, s in v[1].items()}
          for k, v in KINDS.items()}
SUMS = {k: {n: Field(k, n, s) for n, s in DERIVED.items()}
        for k in ("contact", "org")}

# ---- text ------------------------------------------------------------------

SPELT = {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i",
         "þ": "th", "ð": "d", "ħ": "h", "ß": "ss"}
UMLAUT = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa",
          "Ä": "ae", "Ö": "oe", "Ü": "ue", "Ø": "oe", "Å": "aa"}


@functools.lru_cache(maxsize=None)
def fold(text):
    text = unicodedata.normalize("NFKD", text).casefold()
    text = unicodedata.normalize("NFKD", text)
    text = "".join(c for c in text if not unicodedata.combining(c)
                   and unicodedata.category(c) != "Mn")
    return "".join(SPELT.get(c, c) for c in text)


@functools.lru_cache(maxsize=None)
def forms(text):
    """The folded forms: ü as u and as ue."""
    text = unicodedata.normalize("NFC", text)
    return {fold(text), fold("".join(UMLAUT.get(c, c) for c in text))}


def contains(text, word):
    return any(w in t for t in forms(text) for w in forms(word))


def phone_digits(text):
    """The digits that count: no +, 00, (0), zeros before the number."""
    text = text.replace("(0)", "")
    return "".join(c for c in text if c.isdigit()).lstrip("0")


def phone_same(a, b):
    a, b = sorted((phone_digits(a), phone_digits(b)), key=len)
    return a == b or (len(a) >= 6 and b.endswith(a))


def is_in(f, value, values):
    """Whether a list has the item: one phone has many notations."""
    if f.type == "phone":
        return any(phone_same(value, v) for v in values)
    return value in values


def full_name(row):
    return " ".join(row[f] for f in ("given", "family") if row[f])


def order_key(f, value):
    """Values of a field compare like these."""
    if f.type in ("int", "decimal"):
        return (Decimal(value),)
    if f.type == "enum":
        known = f.choices or []
        return (known.index(value) if value in known else len(known),)
    return (fold(value).encode(), value.encode())


# ---- the store -------------------------------------------------------------

class Model:
    def __init__(self):
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.executescript("""
            CREATE TABLE rec(kind TEXT, num INTEGER, PRIMARY KEY(kind, num));
            CREATE TABLE item(kind TEXT, num INTEGER, field TEXT, pos INTEGER,
                value TEXT, rkind TEXT, rnum INTEGER);
            CREATE INDEX item1 ON item(kind, num, field, pos);
            CREATE INDEX item2 ON item(rkind, rnum, kind, field);
            CREATE INDEX item3 ON item(kind, field, value);
        """)
        self.db.create_function("has_word", 2, contains, deterministic=True)
        self.db.create_function("same_phone", 2, phone_same,
                                deterministic=True)
        self.db.create_function("matches", 2, lambda p, t: bool(
            re.search(p, t, re.I)), deterministic=True)
        self.db.create_function("compared", 4, self.compared,
                                deterministic=True)
        self.db.create_aggregate("exact_sum", 1, ExactSum)
        self.last = {k: 0 for k in KINDS}
        self.stale = True

    @staticmethod
    def compared(kind, field, a, b):
        """-1, 0, 1 in the order of the field's type."""
        f = FIELDS[kind].get(field) or SUMS[kind][field]
        x, y = order_key(f, a), order_key(f, b)
        return (x > y) - (x < y)

    def sql(self, text, *args):
        return self.db.execute(text, args).fetchall()

    # ---- reading

    def exists(self, kind, num):
        return bool(self.sql("SELECT 1 FROM rec WHERE kind=? AND num=?",
                             kind, num))

    def nums(self, kind):
        return [n for n, in self.sql(
            "SELECT num FROM rec WHERE kind=? ORDER BY num", kind)]

    def items(self, kind, num, field):
        return [v for v, in self.sql(
            "SELECT value FROM item WHERE kind=? AND num=? AND field=? "
            "ORDER BY pos", kind, num, field)]

    def get(self, kind, num, field):
        return ",".join(self.items(kind, num, field))

    def row(self, kind, num):
        return {f: self.get(kind, num, f) for f in FIELDS[kind]}

    def find_unique(self, kind, field, value):
        return [n for n, in self.sql(
            "SELECT num FROM item WHERE kind=? AND field=? AND value=?",
            kind, field, value)]

    # ---- writing

    def resolve(self, f, text):
        """The id that a reference's text means: an id or an ext."""
        kind = PREFIX.get(text[:1])
        if kind and text[1:].isdigit() and text[1] != "0":
            if f.to and kind != f.to:
                raise Refused("%s is no %s" % (text, f.to))
            if not self.exists(kind, int(text[1:])):
                raise Refused("no %s" % text)
            return text
        found = self.find_unique(f.to, "ext", text) if f.to in (
            "contact", "org") else []
        if len(found) != 1:
            raise Refused("%r means nothing" % text)
        return KINDS[f.to][0] + str(found[0])

    def normal(self, f, text):
        """The items of a canonical value."""
        text = unicodedata.normalize("NFC", text)
        if not f.list:
            parts = [text]
        else:
            parts = text.split(",")
        out = []
        for p in parts:
            p = self.normal_item(f, p)
            if p != "" and p not in out:
                out.append(p)
        return out

    def normal_item(self, f, p):
        p = p.strip(" \t")
        if f.type == "text":
            while "\r\n" in p:
                p = p.replace("\r\n", "\n")
        if p == "":
            return p
        if f.type == "ref":
            return self.resolve(f, p)
        if f.type == "date" and not re.fullmatch(r"\d{4}-\d\d-\d\d", p):
            raise Refused("bad date")
        if f.type == "int" and not re.fullmatch(r"-?\d+", p):
            raise Refused("bad int")
        if f.type == "decimal" and not re.fullmatch(r"-?\d+(\.\d+)?", p):
            raise Refused("bad decimal")
        if f.type == "email" and "@" not in p:
            raise Refused("bad e-mail")
        return p

    def put(self, kind, num, field, values):
        self.db.execute("DELETE FROM item WHERE kind=? AND num=? AND field=?",
                        (kind, num, field))
        f = FIELDS[kind][field]
        least, most = BOUNDS.get(field, (None, None))
        for pos, v in enumerate(values):
            if (least is not None and int(v) < least) or \
                    (most is not None and int(v) > most):
                raise Refused("%s %s is out of range" % (field, v))
            rk, rn = (PREFIX[v[0]], int(v[1:])) if f.type == "ref" else \
                (None, None)
            if f.unique and self.sql(
                    "SELECT 1 FROM item WHERE kind=? AND field=? AND value=? "
                    "AND num<>?", kind, field, v, num):
                raise Refused("%s %r is taken" % (field, v))
            self.db.execute("INSERT INTO item VALUES(?,?,?,?,?,?,?)",
                            (kind, num, field, pos, v, rk, rn))

    def create(self, kind, values, num=None):
        """VALUES: field: text. The new number, issued by the program or
        counted here."""
        self.stale = True
        values = {k: v for k, v in values.items() if v != ""}
        num = num or self.last[kind] + 1
        self.db.execute("INSERT INTO rec VALUES(?,?)", (kind, num))
        for field, text in values.items():
            self.put(kind, num, field,
                     self.normal(FIELDS[kind][field], text))
        if kind == "contact" and "name" not in values:
            row = self.row(kind, num)
            if full_name(row):
                self.put(kind, num, "name", [full_name(row)])
        for field, text in FALLBACK.get(kind, {}).items():
            if not self.items(kind, num, field):
                self.put(kind, num, field, [text])
        if kind == "deal" and not self.items(kind, num, "probability"):
            chance = CHANCE.get(self.get(kind, num, "stage"))
            if chance:
                self.put(kind, num, "probability", [chance])
        self.needed(kind, num)
        self.last[kind] = num
        return num

    def needed(self, kind, num):
        """A record says something: more than its kind's fallbacks do."""
        usual = FALLBACK.get(kind, {})
        if all(usual.get(f) == v for f, v in self.sql(
                "SELECT field, value FROM item WHERE kind=? AND num=? AND "
                "field NOT IN (%s)" % ", ".join("'%s'" % d for d in DERIVED),
                kind, num)):
            raise Refused("nothing in it")
        if kind in NEEDED and not any(self.items(kind, num, f)
                                      for f in NEEDED[kind]):
            raise Refused("a %s that says nothing" % kind)
        for f in ENDS.get(kind, ()):
            if kind == "link" and not self.items(kind, num, f):
                raise Refused("a link without an end")

    def update(self, kind, num, changes):
        """CHANGES: (field, op, text); op is =, += or -=."""
        self.stale = True
        before = self.row(kind, num)
        for field, op, text in changes:
            f = FIELDS[kind][field]
            now = self.items(kind, num, field)
            new = self.normal(f, text) if text != "" else []
            if op == "+=" or op == "-=":
                if text == "":
                    continue
                new = self.changed(f, op, now, new)
            self.put(kind, num, field, new)
        if kind == "contact":
            self.rename(num, before, {c[0] for c in changes})
        if kind == "deal" and before["probability"] == CHANCE.get(
                before["stage"], "") == self.get(kind, num, "probability"):
            # nobody set it by hand, so it follows the stage
            chance = CHANCE.get(self.get(kind, num, "stage"))
            self.put(kind, num, "probability", [chance] if chance else [])
        if kind == "deal":
            self.weigh(num, before)
        self.needed(kind, num)

    def weigh(self, num, before):
        """A probability that nobody set follows the stage."""
        usual = CHANCE.get(before["stage"], "")
        after = self.row("deal", num)
        if before["probability"] == usual == after["probability"]:
            now = CHANCE.get(after["stage"], "")
            self.put("deal", num, "probability", [now] if now else [])

    def rename(self, num, before, given):
        """A full name follows its parts unless somebody gave another."""
        if "name" in given or not given & {"given", "family"}:
            return
        after = full_name(self.row("contact", num))
        if before["name"] in ("", full_name(before)) and after:
            self.put("contact", num, "name", [after])

    def changed(self, f, op, now, by):
        if f.list:
            if op == "+=":
                return now + [v for v in by if not is_in(f, v, now)]
            return [v for v in now if not is_in(f, v, by)]
        if f.type in ("int", "decimal"):
            a = Decimal(now[0]) if now else Decimal(0)
            a = a + Decimal(by[0]) if op == "+=" else a - Decimal(by[0])
            return [format(a, "f")]    # 0.10 and 0.2 make 0.30
        if f.type == "text" and op == "+=":
            return ["\n".join(now + by)]
        raise Refused("%s does not go with %s" % (op, f.name))

    def referring(self, kind, num):
        return self.sql("SELECT DISTINCT kind, num, field FROM item WHERE "
                        "rkind=? AND rnum=?", kind, num)

    def remove(self, ids, recursive):
        """Deletes; with RECURSIVE what depends on them as well."""
        self.stale = True
        gone = list(dict.fromkeys(ids))
        i = 0
        while i < len(gone):
            for k, n, f in self.referring(*gone[i]):
                if (k, n) in gone:
                    continue
                if not recursive:
                    raise Refused("%s%d refers" % (k, n))
                if self.depends(k, n, f, gone):
                    gone.append((k, n))
            i += 1
        for k, n in gone:
            for rk, rn, f in self.referring(k, n):
                prefix = KINDS[k][0] + str(n)
                if (rk, rn) not in gone:
                    self.put(rk, rn, f, [v for v in self.items(rk, rn, f)
                                         if v != prefix])
        for k, n in gone:
            self.db.execute("DELETE FROM rec WHERE kind=? AND num=?", (k, n))
            self.db.execute("DELETE FROM item WHERE kind=? AND num=?", (k, n))
        return gone

    def depends(self, kind, num, field, gone):
        def stays(f):
            return any((PREFIX[v[0]], int(v[1:])) not in gone
                       for v in self.items(kind, num, f))
        if kind in ENDS:
            return field in ENDS[kind]
        if field not in ABOUT.get(kind, ()):
            return False
        return not any(stays(f) for f in ABOUT[kind])

    # ---- sums

    def recount(self):
        """The derived fields of all contacts and orgs as a table, in SQL. A
        record counts for its contacts, its org and its contacts' orgs."""
        if not self.stale:
            return
        self.stale = False
        self.db.executescript("""
            DROP TABLE IF EXISTS owner; DROP TABLE IF EXISTS sums;
            DELETE FROM item WHERE field IN ('last', 'next', 'activities',
                'orders', 'revenue', 'first_order', 'last_order',
                'open_deals', 'pipeline', 'open_tickets');
            CREATE TEMP TABLE owner AS
              SELECT DISTINCT * FROM (
                SELECT kind, num, rkind AS okind, rnum AS onum FROM item
                  WHERE field IN ('contact', 'org') AND kind IN ('activity',
                    'task', 'deal', 'order', 'ticket')
                UNION ALL
                SELECT i.kind, i.num, c.rkind, c.rnum FROM item i
                  JOIN item c ON c.kind = 'contact' AND c.field = 'org'
                    AND c.num = i.rnum
                  WHERE i.field = 'contact' AND i.kind IN ('activity',
                    'task', 'deal', 'order', 'ticket'));
            CREATE INDEX temp.owner1 ON owner(okind, onum, kind);
        """)
        value = ("(SELECT value FROM item v WHERE v.kind = o.kind AND "
                 "v.num = o.num AND v.field = '%s')")
        def is_in(field, *words):
            return "coalesce(%s, '') IN (%s)" % (
                value % field, ", ".join("'%s'" % w for w in words))
        held = "o.kind = 'activity' AND NOT " + is_in(
            "status", "planned", "missed")
        task = "o.kind = 'task' AND NOT " + is_in("status", "done",
                                                  "cancelled")
        order = "o.kind = 'order' AND %s AND NOT %s" % (
            is_in("doc", "order"), is_in("status", "returned", "cancelled"))
        deal = "o.kind = 'deal' AND NOT " + is_in("stage", "won", "lost")
        ticket = "o.kind = 'ticket' AND NOT " + is_in(
            "status", "resolved", "closed", "rejected", "duplicate")
        ours = " AND " + is_in("currency", "EUR", "")
        for name, what, cond in [
                ("last", "max(%s)" % (value % "start"), held),
                ("next", "min(%s)" % (value % "due"), task),
                ("activities", "count(*)", held), ("orders", "count(*)", order),
                ("revenue", "exact_sum(%s)" % (value % "total"), order + ours),
                ("first_order", "min(%s)" % (value % "issued"), order),
                ("last_order", "max(%s)" % (value % "issued"), order),
                ("open_deals", "count(*)", deal),
                ("pipeline", "exact_sum(%s)" % (value % "amount"),
                 deal + ours),
                ("open_tickets", "count(*)", ticket)]:
            nothing = {"revenue": "0.00", "pipeline": "0.00", "last": None,
                       "next": None, "first_order": None,
                       "last_order": None}.get(name, "0")
            self.db.execute(
                "INSERT INTO item SELECT r.kind, r.num, ?, 0, v, NULL, NULL "
                "FROM (SELECT r.kind, r.num, coalesce((SELECT %s FROM owner "
                "o WHERE o.okind = r.kind AND o.onum = r.num AND %s), ?) AS v "
                "FROM rec r WHERE r.kind IN ('contact', 'org')) r "
                "WHERE v IS NOT NULL" % (what, cond), (name, nothing))

    def due(self, today):
        """What crm-followup lists: (id, day, what)."""
        self.recount()
        tasks = self.sql("""
            SELECT 't' || d.num, substr(d.value, 1, 10), 'task' FROM item d
            WHERE d.kind = 'task' AND d.field = 'due'
              AND substr(d.value, 1, 10) <= ?
              AND NOT EXISTS (SELECT 1 FROM item s WHERE s.kind = 'task' AND
                s.num = d.num AND s.field = 'status' AND
                s.value IN ('done', 'cancelled'))""", today)
        cadences = self.sql("""
            SELECT 'c' || e.num, date(substr(coalesce(l.value, ?1), 1, 10),
                CASE e.value WHEN '1w' THEN '+7 days' ELSE '+30 days' END)
              AS day, 'cadence' FROM item e
            LEFT JOIN item l ON l.kind = 'contact' AND l.num = e.num AND
              l.field = 'last'
            WHERE e.kind = 'contact' AND e.field = 'every' AND day <= ?1""",
                            today)
        return sorted(tasks + cadences)

    def rfm(self):
        """Contact: recency, frequency, money, and the scores of ntile."""
        value = ("(SELECT value FROM item v WHERE v.kind = 'order' AND "
                 "v.num = o.num AND v.field = '%s')")
        return self.sql("""
            WITH dated AS (
              SELECT o.rnum AS num, %s AS day,
                CASE WHEN coalesce(%s, 'EUR') = 'EUR'
                  THEN CAST(coalesce(%s, '0') AS REAL) ELSE 0 END AS money
              FROM item o WHERE o.kind = 'order' AND o.field = 'contact'
                AND coalesce(%s, '') = 'order'
                AND coalesce(%s, '') NOT IN ('returned', 'cancelled')),
            sums AS (
              SELECT num, (SELECT julianday(max(day)) + 1 FROM dated) -
                  julianday(max(day)) AS recency, count(*) AS frequency,
                sum(money) AS money
              FROM dated WHERE day IS NOT NULL GROUP BY num)
            SELECT 'c' || num, CAST(recency AS INTEGER), frequency,
              printf('%%.3f', money),
              ntile(5) OVER (ORDER BY recency DESC, num),
              ntile(5) OVER (ORDER BY frequency, num),
              ntile(5) OVER (ORDER BY money, num)
            FROM sums ORDER BY num""" % tuple(value % f for f in (
                "issued", "currency", "total", "doc", "status")))

    def sums(self, kind, num):
        self.recount()
        return {f: self.get(kind, num, f) for f in DERIVED}


class ExactSum:
    """A sum of decimal texts with at least two places."""

    def __init__(self):
        self.sum = None

    def step(self, value):
        if value is not None:
            self.sum = (self.sum or Decimal(0)) + Decimal(value)

    def finalize(self):
        if self.sum is None:
            return None
        text = format(self.sum.normalize(), "f") if self.sum else "0"
        whole, _, rest = text.partition(".")
        return whole + "." + rest.ljust(2, "0")
