/* SPDX-License-Identifier: ISC */
/* import_ical: components of a calendar to rows. */
#include "crm/import_ical_impl.h"

#include "base/crc.h"
#include "base/num.h"
#include "base/utf8.h"
#include "crm/log.h"

enum { SHOWN_MAX = 80 };

/* ---- cells ------------------------------------------------------------ */

static struct cell *
cell_find(const struct ical_rows *r, struct str name)
{
	for (size_t i = 0; i < r->ncells; i++)
		if (str_eq(str_of(&r->cells[i].name), name))
			return &r->cells[i];
	return NULL;
}

static struct cell *
cell_new(struct ical_rows *r)
{
	size_t cap = r->cap ? r->cap * 2 : 32;
	struct cell *more;

	if (r->ncells == r->cap) {
		more = realloc(r->cells, cap * sizeof(*more));
		if (!more)
			return NULL;
		memset(more + r->cap, 0, (cap - r->cap) * sizeof(*more));
		r->cells = more;
		r->cap = cap;
	}
	return &r->cells[r->ncells++];
}

struct buf *
entry_column(struct entry *e, struct str name)
{
	struct ical_rows *r = e->r;
	struct cell *c = cell_find(r, name);

	if (c)
		return &c->value;
	c = cell_new(r);
	if (!c) {
		/* It is going to be thrown away. */
		r->failed = true;
		return &e->text;
	}
	buf_reset(&c->name);
	buf_reset(&c->value);
	buf_add(&c->name, name);
	return &c->value;
}

struct buf *
entry_cell(struct entry *e, const char *name)
{
	return entry_column(e, str_from(name));
}

struct str
entry_get(const struct entry *e, const char *name)
{
	const struct cell *c = cell_find(e->r, str_from(name));

	return c ? str_of(&c->value) : (struct str){.p = "", .n = 0};
}

void
entry_set(struct entry *e, const char *name, struct str text)
{
	struct buf *b = entry_cell(e, name);

	buf_reset(b);
	buf_add(b, text);
}

/* ---- what goes wrong, and what is left out ---------------------------- */

enum crm_err
entry_refuse(struct entry *e, const struct ical_prop *p, const char *why)
{
	return diag_set(e->dg, CRM_DATA, "%s:%llu: %.*s: '%.*s' %s", e->r->name,
	    (unsigned long long)p->line, STR_ARG(p->name),
	    STR_ARG(str_head(
		p->value, p->value.n < SHOWN_MAX ? p->value.n : SHOWN_MAX)),
	    why);
}

void
entry_keep(struct entry *e, struct str name, struct str text)
{
	text = str_trim(text);
	if (text.n == 0)
		return;
	if (e->kept.n)
		buf_addc(&e->kept, '\n');
	utf8_lower(name, &e->kept);
	buf_addz(&e->kept, ": ");
	buf_add(&e->kept, text);
}

void
entry_leave(struct entry *e, const struct ical_prop *p)
{
	struct ical_left *t = e->r->tally;
	struct str name = p->name;
	size_t i;

	if (name.n >= sizeof(t->name))
		name.n = sizeof(t->name) - 1;
	for (i = 0; i < TALLY_MAX - 1 && t[i].count; i++)
		if (str_is(name, t[i].name))
			break;
	if (i == TALLY_MAX - 1)
		name = STR("others");
	if (t[i].count++ == 0) {
		memcpy(t[i].name, name.p, name.n);
		t[i].line = p->line;
	}
}

/* "12 VALARM (the first in line 17), 1 VJOURNAL (...)" */
static void
say_one(struct buf *text, const struct ical_left *l)
{
	buf_addf(text, "%s%llu %s (the first in line %llu)",
	    text->n ? ", " : "", (unsigned long long)l->count, l->name,
	    (unsigned long long)l->line);
}

static void
say(struct ical_rows *r, const char *what, struct buf *text)
{
	if (text->n) {
		buf_insert(text, 0, str_from(what));
		buf_insert(text, 0, STR(": "));
		buf_insert(text, 0, str_from(r->name));
		if (r->opt.warn && !text->failed)
			r->opt.warn(r->opt.arg, buf_z(text));
	}
	buf_reset(text);
}

static void
say_count(struct buf *text, uint64_t n)
{
	if (n)
		buf_addu(text, n);
}

/* At the end of the input. */
static void
say_all(struct ical_rows *r)
{
	const struct ical_left *l;
	struct buf text = {0};

	if (r->said)
		return;
	r->said = true;
	for (size_t i = 0; (l = ical_left(r->reader, i)); i++)
		say_one(&text, l);
	say(r, "components left out: ", &text);
	for (size_t i = 0; i < TALLY_MAX && r->tally[i].count; i++)
		say_one(&text, &r->tally[i]);
	say(r, "properties left out: ", &text);
	say_count(&text, r->repeated);
	say(r,
	    "meetings that repeat, stored with their first date and the rule "
	    "in the note: ",
	    &text);
	say_count(&text, r->moved);
	say(r,
	    "moved dates of a series, stored as records of their own: ", &text);
	if (ical_ended_early(r->reader))
		buf_addz(&text, "get the whole file if there is more");
	say(r, "END:VCALENDAR is missing; ", &text);
	buf_clear(&text);
}

/* ---- which record it is ----------------------------------------------- */

/* "t42@crm" is our own t42. */
static bool
uid_own(struct entry *e, struct str uid)
{
	size_t end = uid.n - (sizeof(ICAL_UID_OWN) - 1), n = 0;
	struct str prefix = e->kind    ? e->kind->prefix
			    : e->event ? STR("a")
				       : STR("t");
	struct id id = {0};

	if (!str_ends(uid, STR(ICAL_UID_OWN)) || !str_starts(uid, prefix))
		return false;
	uid = str_head(uid, end);
	for (n = prefix.n; n < uid.n; n++)
		if (uid.p[n] < '0' || uid.p[n] > '9')
			return false;
	if (e->r->opt.store &&
	    !id_parse(store_schema(e->r->opt.store), uid, &id))
		return false;
	if (uid.n == prefix.n)
		return false;
	e->own = true;
	e->there = e->r->opt.store && store_has(e->r->opt.store, id);
	entry_set(e, "id", uid);
	return true;
}

/* A component without UID is known by its words, so that it is the same when
 * it is read again. */
static void
uid_make(struct entry *e, struct buf *out)
{
	static const char *const names[] = {"SUMMARY", "DESCRIPTION", "DUE"};
	const struct ical_prop *p = ical_get(e->c, "DTSTART");
	uint32_t crc = 0;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct ical_prop *q = ical_get(e->c, names[i]);

		if (q)
			crc = crc32c(crc, q->value.p, q->value.n);
	}
	if (p)
		buf_add(out, str_trim(p->value));
	buf_addf(out, "-%08lx", (unsigned long)crc);
}

/* A list has no commas in its items. */
static void
ext_add(struct buf *to, struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == ',')
			buf_addz(to, "%2C");
		else
			buf_addc(to, text.p[i]);
}

static enum crm_err
ext_there(struct entry *e, struct diag *dg)
{
	const struct field *f =
	    e->kind ? schema_field(e->kind, STR("ext")) : NULL;
	struct id id;
	size_t n = 0;
	enum crm_err err;

	if (!f)
		return CRM_OK;
	err = store_find(e->r->opt.store, f, entry_get(e, "ext"), STORE_EXACT,
	    &id, 1, &n, dg);
	e->there = n > 0;
	return err;
}

static enum crm_err
entry_uid(struct entry *e)
{
	const struct ical_prop *p = ical_get(e->c, "UID");
	const struct ical_prop *moved = ical_get(e->c, "RECURRENCE-ID");
	struct buf *ext;

	buf_reset(&e->text);
	if (p)
		content_unescape(p->value, &e->text);
	if (str_trim(str_of(&e->text)).n && !moved &&
	    uid_own(e, str_trim(str_of(&e->text))))
		return CRM_OK;
	e->own = ical_get(e->c, "X-CRM-ID") && !moved;
	ext = entry_cell(e, "ext");
	buf_addz(ext, ICAL_EXT);
	if (str_trim(str_of(&e->text)).n)
		ext_add(ext, str_trim(str_of(&e->text)));
	else
		uid_make(e, ext);
	if (moved) {
		buf_addc(ext, '/');
		ext_add(ext, str_trim(moved->value));
		e->r->moved++;
	}
	return ext_there(e, e->dg);
}

/* ---- properties ------------------------------------------------------- */

static void
text_read(struct entry *e, const struct ical_prop *p, const char *field)
{
	struct buf *cell = entry_cell(e, field);

	if (cell->n == 0) {
		content_unescape(p->value, cell);
		return;
	}
	/* A second one. */
	buf_reset(&e->text);
	content_unescape(p->value, &e->text);
	entry_keep(e, p->name, str_of(&e->text));
}

static void
summary_read(struct entry *e, const struct ical_prop *p)
{
	const struct ical_prop *type;
	struct str from;

	/* Our export calls a meeting without a subject by its type. */
	if (ical_param(p, "X-CRM-FIELD", &from) && str_is(from, "TYPE")) {
		type = ical_get(e->c, "X-CRM-TYPE");
		if (type && str_eq(type->value, p->value))
			return;
	}
	text_read(e, p, e->event ? "subject" : "title");
}

/* Items with a comma, which ours cannot have, get a semicolon. */
static void
tags_read(struct entry *e, const struct ical_prop *p)
{
	struct buf *cell = entry_cell(e, "tag");
	struct str rest = p->value;

	while (rest.p) {
		struct str item = content_cut(&rest, ',');

		buf_reset(&e->text);
		content_unescape(item, &e->text);
		for (size_t i = 0; i < e->text.n; i++)
			if (e->text.p[i] == ',' || e->text.p[i] == '\n')
				e->text.p[i] = ';';
		item = str_trim(str_of(&e->text));
		if (item.n && cell->n)
			buf_addc(cell, ',');
		buf_add(cell, item);
	}
}

/* What the store takes as a web address; the rest is a line of the note. */
static void
url_read(struct entry *e, const struct ical_prop *p)
{
	struct buf *cell = entry_cell(e, "url");
	struct str url = str_trim(p->value);

	if (cell->n == 0 && (e->own || (str_chr(url, ' ') == url.n &&
					   str_find(url, STR("://")) < url.n)))
		buf_add(cell, url);
	else
		entry_keep(e, p->name, url);
}

/* A file that lies elsewhere; one inside the calendar is left out. */
static void
attach_read(struct entry *e, const struct ical_prop *p)
{
	struct str url = str_trim(p->value), value;
	bool binary = p->base64 || (ical_param(p, "VALUE", &value) &&
				       str_ieq(value, STR("BINARY")));
	struct buf *doc;

	if (binary || (url.n > 4 && str_ieq(str_head(url, 4), STR("CID:")))) {
		entry_leave(e, p);
		return;
	}
	if (url.n == 0)
		return;
	doc = entry_cell(e, "doc");
	if (doc->n)
		buf_addc(doc, ',');
	ext_add(doc, url);
}

static void
kept_read(struct entry *e, const struct ical_prop *p)
{
	buf_reset(&e->text);
	content_unescape(p->value, &e->text);
	entry_keep(e, p->name, str_of(&e->text));
}

/* Those that are read elsewhere, or say nothing that a record keeps. */
static bool
is_settled(const struct entry *e, const struct ical_prop *p)
{
	static const char *const names[] = {"UID", "DTSTAMP", "CREATED",
	    "LAST-MODIFIED", "SEQUENCE", "TRANSP", "DTSTART", "DTEND", "DUE",
	    "DURATION", "COMPLETED", "RRULE", "STATUS", "PRIORITY",
	    "RECURRENCE-ID", "REQUEST-STATUS"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_is(p->name, names[i]))
			return true;
	if (str_is(p->name, "CLASS"))
		return str_ieq(p->value, STR("PUBLIC"));
	if (str_is(p->name, "PERCENT-COMPLETE"))
		return str_is(p->value, "0") || str_is(p->value, "100");
	/* Our export writes the names of those it refers to there. */
	if (str_is(p->name, "CONTACT"))
		return e->own || ical_get(e->c, "X-CRM-CONTACT") ||
		       ical_get(e->c, "X-CRM-ORG");
	return false;
}

static enum crm_err
prop_read(struct entry *e, const struct ical_prop *p)
{
	if (is_settled(e, p) || str_starts(p->name, STR("X-CRM-")))
		return CRM_OK;
	if (str_is(p->name, "ATTENDEE") || str_is(p->name, "ORGANIZER"))
		return entry_person(e, p);
	if (str_is(p->name, "SUMMARY"))
		summary_read(e, p);
	else if (str_is(p->name, "DESCRIPTION"))
		text_read(e, p, e->event ? "body" : "note");
	else if (str_is(p->name, "CATEGORIES"))
		tags_read(e, p);
	else if (str_is(p->name, "URL"))
		url_read(e, p);
	else if (str_is(p->name, "ATTACH"))
		attach_read(e, p);
	else if (str_starts(p->name, STR("X-")))
		entry_leave(e, p);
	else
		kept_read(e, p);
	return CRM_OK;
}

/* ---- rows ------------------------------------------------------------- */

/* Every row of a kind has these, empty or not: what a calendar could say and
 * does not. */
static void
cells_start(struct entry *e)
{
	static const char *const task[] = {"title", "note", "priority", "start",
	    "due", "done", "every", "tag", "url"};
	static const char *const event[] = {
	    "subject", "body", "start", "end", "duration", "tag", "url"};

	e->r->ncells = 0;
	for (size_t i = 0; !e->event && i < ARRAY_LEN(task); i++)
		(void)entry_cell(e, task[i]);
	for (size_t i = 0; e->event && i < ARRAY_LEN(event); i++)
		(void)entry_cell(e, event[i]);
}

/* A record has to have a title, or a subject. */
static void
title_make(struct entry *e)
{
	const char *field = e->event ? "subject" : "title";
	struct str text = entry_get(e, e->event ? "body" : "note");
	struct str body;

	if (str_trim(entry_get(e, field)).n || (e->own && str_trim(text).n) ||
	    e->there)
		return;
	if (str_trim(text).n == 0)
		text = str_of(&e->kept);
	buf_reset(&e->text);
	log_split(text, &e->text, &body);
	entry_set(e, field, e->text.n ? str_of(&e->text) : STR("untitled"));
}

static void
note_make(struct entry *e)
{
	struct buf *note;

	/* What somebody wrote to a meeting since is not thrown away. */
	if (e->kept.n == 0 || (e->event && e->there && !e->own))
		return;
	note = entry_cell(e, "note");
	if (note->n)
		buf_addc(note, '\n');
	buf_add(note, str_of(&e->kept));
}

static enum crm_err
entry_read(struct entry *e)
{
	const struct ical_component *c = e->c;
	enum crm_err err;

	cells_start(e);
	err = entry_uid(e);
	for (size_t i = 0; !err && i < c->nprops; i++)
		err = prop_read(e, &c->props[i]);
	if (!err)
		err = entry_times(e);
	if (err)
		return err;
	entry_status(e);
	for (size_t i = 0; i < c->nprops; i++)
		if (str_starts(c->props[i].name, STR("X-CRM-")))
			entry_own(e, &c->props[i]);
	title_make(e);
	note_make(e);
	return CRM_OK;
}

/* The views of the row. */
static enum crm_err
row_show(struct ical_rows *r, struct rows_row *row, struct diag *dg)
{
	struct buf names = {0};
	bool failed = r->failed;

	if (r->room < r->cap) {
		free(r->names);
		free(r->values);
		r->names = calloc(r->cap, sizeof(*r->names));
		r->values = calloc(r->cap, sizeof(*r->values));
		r->room = r->names && r->values ? r->cap : 0;
	}
	if (r->room == 0)
		return diag_nomem(dg);
	for (size_t i = 0; i < r->ncells; i++) {
		r->names[i] = str_of(&r->cells[i].name);
		r->values[i] = str_of(&r->cells[i].value);
		buf_add(&names, r->names[i]);
		buf_addc(&names, ',');
		failed = failed || r->cells[i].name.failed ||
			 r->cells[i].value.failed;
	}
	if (!str_eq(str_of(&names), str_of(&r->shape_names)))
		r->shape++;
	buf_clear(&r->shape_names);
	r->shape_names = names;
	row->names = r->names;
	row->cells = r->values;
	row->n = r->ncells;
	row->shape = r->shape;
	return failed || names.failed ? diag_nomem(dg) : CRM_OK;
}

static enum crm_err
component_row(struct ical_rows *r, const struct ical_component *c,
    struct rows_row *row, struct diag *dg)
{
	struct entry e = {.r = r, .c = c, .dg = dg};
	enum crm_err err;

	e.event = str_ieq(c->name, STR("VEVENT"));
	row->kind = e.event ? STR("activity") : STR("task");
	if (r->opt.store)
		e.kind = schema_kind(store_schema(r->opt.store), row->kind);
	err = entry_read(&e);
	if (!err && (e.kept.failed || e.text.failed))
		err = diag_nomem(dg);
	if (!err)
		err = row_show(r, row, dg);
	buf_clear(&e.kept);
	buf_clear(&e.text);
	return err;
}

/* The line that the message names: nearer than that of the component. */
static void
line_find(const struct ical_rows *r, const struct diag *dg, uint64_t *line)
{
	struct str text = str_of(&dg->text), name = str_from(r->name), n;
	uint64_t at;

	if (!str_starts(text, name) || text.n <= name.n)
		return;
	text = str_from_pos(text, name.n + 1);
	n = str_cut(&text, ':');
	if (num_u64(n, &at))
		*line = at;
}

static enum crm_err
ical_rows_next(
    struct rows *rows, struct rows_row *row, bool *got, struct diag *dg)
{
	struct ical_rows *r = (struct ical_rows *)rows;
	struct ical_component c;
	enum crm_err err;

	*row = (struct rows_row){0};
	err = ical_next(r->reader, &c, got, dg);
	row->line = c.line;
	row->raw = c.raw;
	if (!*got && !err)
		say_all(r);
	if (!err && *got)
		err = component_row(r, &c, row, dg);
	if (err == CRM_DATA)
		line_find(r, dg, &row->line);
	return err;
}

static void
ical_rows_close(struct rows *rows)
{
	struct ical_rows *r = (struct ical_rows *)rows;

	for (size_t i = 0; i < r->cap; i++) {
		buf_clear(&r->cells[i].name);
		buf_clear(&r->cells[i].value);
	}
	free(r->cells);
	free(r->names);
	free(r->values);
	buf_clear(&r->shape_names);
	ical_close_reader(r->reader);
	free(r);
}

static const struct rows_class ical_rows_class = {
    ical_rows_next, ical_rows_close};

enum crm_err
ical_rows_open(struct rows **out, const struct source *src,
    const struct ical_options *o, struct diag *dg)
{
	struct ical_rows *r = calloc(1, sizeof(*r));
	enum crm_err err;

	*out = NULL;
	if (!r)
		return diag_nomem(dg);
	r->rows.class = &ical_rows_class;
	r->opt = *o;
	r->name = src->name;
	err = ical_open_reader(&r->reader, src, o->zone, o->arg, dg);
	if (err)
		ical_rows_close(&r->rows);
	else
		*out = &r->rows;
	return err;
}
