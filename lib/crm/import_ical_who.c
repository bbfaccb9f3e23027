/* SPDX-License-Identifier: ISC */
/* import_ical_who: people who are invited, and the fields of our export. */
#include "crm/import_ical_impl.h"

#include "query/ref.h"

/* ---- people ----------------------------------------------------------- */

/* The address, "" when it has none. */
static struct str
address(const struct ical_prop *p)
{
	struct str a = str_trim(p->value), other;

	if (a.n > 7 && str_ieq(str_head(a, 7), STR("mailto:")))
		a = str_trim(str_from_pos(a, 7));
	else if (ical_param(p, "EMAIL", &other) && other.n)
		a = str_trim(other);
	for (size_t i = 0; i < a.n; i++)
		if (a.p[i] == ' ' || a.p[i] == ',' || a.p[i] == '\t')
			return STR("");
	return str_chr(a, '@') < a.n ? a : STR("");
}

/* A room is no contact, nor is a list of people. */
static bool
is_person(const struct ical_prop *p)
{
	struct str type;

	return !ical_param(p, "CUTYPE", &type) ||
	       str_ieq(type, STR("INDIVIDUAL")) ||
	       str_ieq(type, STR("UNKNOWN"));
}

/* Exactly one contact has the address. */
static enum crm_err
contact_known(struct entry *e, struct str mail, bool *known)
{
	struct store *s = e->r->opt.store;
	const struct kind *k =
	    s ? schema_kind_no(store_schema(s), KIND_CONTACT) : NULL;
	struct id found[2];
	size_t n = 0;
	enum crm_err err = CRM_OK;

	if (k && mail.n)
		err =
		    ref_lookup(s, k, mail, found, ARRAY_LEN(found), &n, e->dg);
	*known = n == 1 || (n == 0 && e->r->opt.create && mail.n);
	return err;
}

static void
person_keep(struct entry *e, const struct ical_prop *p, struct str mail)
{
	struct str name;

	buf_reset(&e->text);
	if (ical_param(p, "CN", &name) && !str_ieq(str_trim(name), mail))
		buf_add(&e->text, str_trim(name));
	if (mail.n && e->text.n)
		buf_addf(&e->text, " <%.*s>", STR_ARG(mail));
	else if (mail.n)
		buf_add(&e->text, mail);
	else if (e->text.n == 0)
		buf_add(&e->text, p->value);
	entry_keep(e, p->name, str_of(&e->text));
}

enum crm_err
entry_person(struct entry *e, const struct ical_prop *p)
{
	struct str mail = address(p);
	bool known = false;
	struct buf *cell;
	enum crm_err err = CRM_OK;

	if (is_person(p))
		err = contact_known(e, mail, &known);
	/* A task is about one person. */
	if (!err && known && !e->event && entry_get(e, "contact").n)
		known = false;
	if (err)
		return err;
	if (!known) {
		person_keep(e, p, mail);
		return CRM_OK;
	}
	cell = entry_cell(e, "contact");
	if (cell->n)
		buf_addc(cell, ',');
	buf_add(cell, mail);
	return CRM_OK;
}

/* ---- X-CRM-* ---------------------------------------------------------- */

static const struct field *
own_field(struct entry *e, struct str property)
{
	const struct kind *k = e->kind;

	for (size_t i = 0; k && i < k->nfields; i++) {
		const struct field *f = k->fields[i];

		buf_reset(&e->text);
		ical_property(f->name, &e->text);
		if (str_eq(str_of(&e->text), property) && f->slot != SLOT_NONE)
			return f;
	}
	return NULL;
}

/* The rules of a task are the same, whatever order their parts are in. */
static bool
same_rule(struct str a, struct str b)
{
	struct ical_rule x, y;

	if (!ical_rule_read(a, &x) || !ical_rule_read(b, &y))
		return a.n == b.n && a.n == 0;
	return str_ieq(x.freq, y.freq) && x.interval == y.interval &&
	       x.count == y.count && str_ieq(x.byday, y.byday) &&
	       str_eq(x.bymonthday, y.bymonthday) &&
	       str_eq(x.bymonth, y.bymonth) && str_eq(x.bysetpos, y.bysetpos) &&
	       str_eq(str_head(x.until, x.until.n < 8 ? x.until.n : 8),
		   str_head(y.until, y.until.n < 8 ? y.until.n : 8)) &&
	       x.others == y.others;
}

bool
entry_every(struct entry *e, struct buf *every)
{
	const struct ical_prop *p = ical_get(e->c, "X-CRM-EVERY");
	const struct ical_prop *rule = ical_get(e->c, "RRULE");
	const struct ical_prop *anchor = ical_get(e->c, "X-CRM-ANCHOR");
	struct buf own = {0};
	bool local, holds;

	if (!p)
		return false;
	content_unescape(p->value, every);
	ical_series(str_of(every), anchor ? anchor->value : STR(""),
	    entry_get(e, "due"), e->r->opt.clock, &own, &local);
	holds = same_rule(str_of(&own), rule ? rule->value : STR(""));
	e->r->failed = e->r->failed || own.failed;
	buf_clear(&own);
	if (!holds)
		buf_reset(every);
	return holds;
}

/* The word holds as long as the standard's beside it is the one for it. */
static bool
word_holds(const struct entry *e, const char *property,
    const struct ical_word *words, struct str word)
{
	const struct ical_prop *p = ical_get(e->c, property);
	const char *theirs = ical_theirs(words, word);

	if (!p || str_is(p->value, "0"))
		return !theirs;
	return theirs && str_ieq(str_trim(p->value), str_from(theirs));
}

/* A moment, where the standard had room for its day only. */
static bool
day_holds(const struct entry *e, const char *field, struct str time)
{
	struct str there = entry_get(e, field);

	return there.n == 0 || (there.n == DATE_LEN && str_starts(time, there));
}

/* A day of which the standard could only say its midnight. */
static bool
midnight_holds(const struct entry *e, struct str day)
{
	struct str there = entry_get(e, "done");

	return there.n == TIME_LEN && str_starts(there, day) &&
	       str_is(str_from_pos(there, day.n), "T00:00:00Z");
}

/* Whether nobody has changed what the standard says nearly the same by. */
static bool
own_holds(struct entry *e, const struct field *f, struct str value)
{
	const struct ical_word *status =
	    e->event ? ical_event_status : ical_task_status;

	if (str_is(f->name, "status"))
		return word_holds(e, "STATUS", status, value);
	if (str_is(f->name, "priority"))
		return word_holds(e, "PRIORITY", ical_task_priority, value);
	if (str_is(f->name, e->event ? "end" : "start"))
		return day_holds(e, e->event ? "end" : "start", value);
	if (str_is(f->name, "duration"))
		return entry_get(e, "duration").n == 0;
	if (str_is(f->name, "done"))
		return midnight_holds(e, value);
	return true;
}

/* The list that ext was when it was exported; the UID is one of it. */
static void
ext_set(struct entry *e, struct str list)
{
	struct buf *ext = entry_cell(e, "ext");
	struct str rest = list;

	while (ext->n && rest.p)
		if (str_eq(str_cut(&rest, ','), str_of(ext)))
			buf_reset(ext);
	if (ext->n)
		buf_addc(ext, ',');
	buf_add(ext, list);
}

static void
field_set(struct entry *e, const struct field *f, struct str value)
{
	struct buf *cell;

	if (str_is(f->name, "ext")) {
		ext_set(e, value);
		return;
	}
	cell = entry_column(e, f->name);
	buf_reset(cell);
	buf_add(cell, value);
}

void
entry_own(struct entry *e, const struct ical_prop *p)
{
	const struct field *f;
	struct buf value = {0};

	if (str_is(p->name, "X-CRM-ID") ||
	    (str_is(p->name, "X-CRM-EVERY") && !e->event))
		return;
	f = own_field(e, p->name);
	if (!f) {
		entry_leave(e, p);
		return;
	}
	content_unescape(p->value, &value);
	if (!(f->automatic && e->there) && value.n &&
	    own_holds(e, f, str_of(&value)))
		field_set(e, f, str_of(&value));
	e->r->failed = e->r->failed || value.failed;
	buf_clear(&value);
}
