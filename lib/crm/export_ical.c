/* SPDX-License-Identifier: ISC */
/* export_ical: which field of a task or activity is which property. */
#include "crm/export_ical.h"
#include "base/num.h"
#include "crm/day.h"
#include "crm/ical_map.h"
#include "query/ref.h"
#include "text/ical.h"

struct entry {
	struct store *store;
	const struct clock *clock;
	const struct record *record;
	struct buf *out;
};

static struct str
get(const struct entry *e, const char *name)
{
	const struct field *f = schema_field(e->record->kind, str_from(name));

	if (!f || f->slot == SLOT_NONE || f->sensitive)
		return (struct str){.p = "", .n = 0};
	return row_get(&e->record->row, f->slot);
}

/* True when the standard has a word for it, or there is none of ours. */
static bool
word_add(const struct entry *e, const char *property, const char *field,
    const struct ical_word *words)
{
	struct str value = get(e, field);
	const char *theirs = ical_theirs(words, value);

	if (theirs)
		ical_raw(e->out, property, "", str_from(theirs));
	/* Another of our words may be meant by it. */
	return value.n == 0 ||
	       (theirs && str_is(value, ical_ours(words, str_from(theirs))));
}

static bool
is_day(struct str time)
{
	return time.n == DATE_LEN;
}

/* ---- what both have --------------------------------------------------- */

/* The UID that the entry came with, "%2C" being a comma. */
static bool
uid_foreign(const struct entry *e, struct buf *uid)
{
	struct str rest = get(e, "ext"), item, prefix = STR(ICAL_EXT);

	while (rest.n && rest.p) {
		item = str_cut(&rest, ',');
		if (!str_starts(item, prefix))
			continue;
		for (size_t i = prefix.n; i < item.n; i++) {
			bool comma =
			    str_starts(str_from_pos(item, i), STR("%2C"));

			buf_addc(uid, comma ? ',' : item.p[i]);
			i += comma ? 2 : 0;
		}
		return true;
	}
	return false;
}

/* One that another program made stays what it is, so that the entry is found
 * again there. */
static void
uid_add(const struct entry *e)
{
	struct buf uid = {0}, id = {0};

	id_print(store_schema(e->store), e->record->id, &id);
	if (uid_foreign(e, &uid)) {
		ical_text(e->out, "UID", "", str_of(&uid));
		ical_raw(e->out, "X-CRM-ID", "", str_of(&id));
	} else {
		buf_addz(&id, ICAL_UID_OWN);
		ical_text(e->out, "UID", "", str_of(&id));
	}
	e->out->failed = e->out->failed || uid.failed || id.failed;
	buf_clear(&uid);
	buf_clear(&id);
}

static void
head_add(const struct entry *e)
{
	uid_add(e);
	ical_time(e->out, "DTSTAMP", get(e, "updated"));
	ical_time(e->out, "CREATED", get(e, "created"));
	ical_time(e->out, "LAST-MODIFIED", get(e, "updated"));
}

/* The names of the records that FIELD refers to. */
static enum crm_err
people_add(const struct entry *e, const char *field, struct diag *dg)
{
	struct str rest = get(e, field), all = rest;
	struct buf name = {0};
	struct id id;
	enum crm_err err = CRM_OK;

	while (!err && all.n && rest.p) {
		if (!id_parse(store_schema(e->store), str_cut(&rest, ','), &id))
			continue;
		buf_reset(&name);
		err = ref_label(e->store, id, &name, dg);
		if (!err)
			ical_text(e->out, "CONTACT", "", str_of(&name));
	}
	e->out->failed = e->out->failed || name.failed;
	buf_clear(&name);
	return err;
}

/* ---- fields without a property ----------------------------------------- */

/* Does TEXT mean ID and nothing else, as a value of F? */
static enum crm_err
ref_fits(const struct entry *e, const struct field *f, struct str text,
    struct id id, bool *fits, struct diag *dg)
{
	const struct kind *k =
	    f->ref ? schema_kind_no(store_schema(e->store), f->ref) : NULL;
	struct id found[2];
	size_t n = 0;
	enum crm_err err;

	*fits = false;
	if (text.n == 0 || str_chr(text, ',') < text.n)
		return CRM_OK;
	err = ref_lookup(e->store, k, text, found, ARRAY_LEN(found), &n, dg);
	*fits = !err && n == 1 && id_eq(found[0], id);
	return err;
}

/*
 * A record as other stores may know it too: by the first of its ext, its
 * e-mail or its name that it alone has; else by its id.
 */
static enum crm_err
ref_add(const struct entry *e, const struct field *f, struct id id,
    struct buf *to, struct diag *dg)
{
	struct record r;
	bool fits = false;
	enum crm_err err = store_get(e->store, id, &r, dg);
	const struct field *by[3];

	if (err)
		return err;
	by[0] = schema_field(r.kind, STR("ext"));
	by[1] = schema_field(r.kind, STR("email"));
	by[2] = ref_label_field(r.kind);
	for (size_t i = 0; !err && !fits && i < ARRAY_LEN(by); i++) {
		struct str value = {0};

		if (by[i] && by[i]->slot != SLOT_NONE && !by[i]->sensitive)
			value = row_get(&r.row, by[i]->slot);
		if (by[i] && by[i]->list)
			value = str_head(value, str_chr(value, ','));
		err = ref_fits(e, f, value, id, &fits, dg);
		if (fits)
			buf_add(to, value);
	}
	if (!err && !fits)
		id_print(store_schema(e->store), id, to);
	return err;
}

static enum crm_err
refs_print(const struct entry *e, const struct field *f, struct str ids,
    struct buf *to, struct diag *dg)
{
	struct str rest = ids, item;
	struct id id;
	enum crm_err err = CRM_OK;

	while (!err && rest.p) {
		item = str_cut(&rest, ',');
		if (!id_parse(store_schema(e->store), item, &id))
			continue;
		if (to->n)
			buf_addc(to, ',');
		err = ref_add(e, f, id, to, dg);
	}
	return err;
}

/* A field with a property, which says all of it unless the caller names the
 * field in EXTRA. */
static bool
has_property(const struct entry *e, const struct field *f, const char *extra)
{
	static const char *const both[] = {"created", "updated", "tag", "url"};
	static const char *const task[] = {
	    "title", "note", "status", "priority", "start", "due", "done"};
	static const char *const event[] = {
	    "subject", "body", "start", "end", "duration", "status"};
	bool is_task = e->record->kind->no == KIND_TASK, has = false;

	for (size_t i = 0; i < ARRAY_LEN(both); i++)
		has = has || str_is(f->name, both[i]);
	for (size_t i = 0; is_task && i < ARRAY_LEN(task); i++)
		has = has || str_is(f->name, task[i]);
	for (size_t i = 0; !is_task && i < ARRAY_LEN(event); i++)
		has = has || str_is(f->name, event[i]);
	for (struct str rest = str_from(extra), name; rest.p && has;) {
		name = str_cut(&rest, ' ');
		has = !str_eq(f->name, name);
	}
	return has;
}

/* The ext that is the UID already and nothing besides. */
static bool
ext_is_uid(const struct field *f, struct str value)
{
	return str_is(f->name, "ext") && str_starts(value, STR(ICAL_EXT)) &&
	       str_chr(value, ',') == value.n;
}

static enum crm_err
own_add(const struct entry *e, const struct field *f, struct diag *dg)
{
	struct str value = get(e, "");
	struct buf name = {0}, refs = {0};
	enum crm_err err = CRM_OK;

	if (f->slot != SLOT_NONE && !f->sensitive)
		value = row_get(&e->record->row, f->slot);
	if (value.n == 0 || ext_is_uid(f, value))
		return CRM_OK;
	if (f->type == TYPE_REF) {
		err = refs_print(e, f, value, &refs, dg);
		value = str_of(&refs);
	}
	ical_property(f->name, &name);
	if (err || name.failed || refs.failed)
		err = err ? err : diag_nomem(dg);
	else if (f->list)
		ical_list(e->out, buf_z(&name), "", value);
	else
		ical_text(e->out, buf_z(&name), "", value);
	buf_clear(&name);
	buf_clear(&refs);
	return err;
}

/* ---- what both have at the end ------------------------------------------ */

/* EXTRA: fields whose property does not say all. */
static enum crm_err
tail_add(const struct entry *e, const char *extra, struct diag *dg)
{
	const struct kind *k = e->record->kind;
	enum crm_err err = people_add(e, "contact", dg);

	if (!err && get(e, "contact").n == 0)
		err = people_add(e, "org", dg);
	ical_list(e->out, "CATEGORIES", "", get(e, "tag"));
	ical_raw(e->out, "URL", "", get(e, "url"));
	for (size_t i = 0; !err && i < k->nfields; i++)
		if (!has_property(e, k->fields[i], extra))
			err = own_add(e, k->fields[i], dg);
	return err;
}

/* ---- tasks ------------------------------------------------------------ */

/* A moment as the local clock shows it, or a day. */
static void
local_time(const struct entry *e, const char *name, struct str time)
{
	struct buf text = {0};
	struct when w;
	struct civil c;
	int day, secs;

	if (!day_read(time, &e->clock->zone, &w) || !w.has_time) {
		ical_time(e->out, name, time);
		return;
	}
	day = date_local(&e->clock->zone, w.utc, &secs);
	c = date_civil(day);
	buf_addf(&text, "%04d%02d%02dT%02d%02d%02d", c.year, c.month, c.day,
	    secs / 3600, secs / 60 % 60, secs % 60);
	ical_raw(e->out, name, "", str_of(&text));
	e->out->failed = e->out->failed || text.failed;
	buf_clear(&text);
}

/*
 * DTSTART and DUE. The rule of a series counts from DTSTART, so that is the
 * due date then. Else a start is written only when it is before the due date
 * and of the same sort: both days or both moments. False when that is not all
 * of the start.
 */
static bool
task_times(const struct entry *e, struct str due, bool series, bool local)
{
	struct str start = get(e, "start"), all = start;

	if (series && local) {
		local_time(e, "DTSTART", due);
		local_time(e, "DUE", due);
		return start.n == 0;
	}
	if (series)
		start = due;
	else if (start.n && due.n && is_day(due))
		start = str_head(start, DATE_LEN);
	if (start.n && due.n && !series &&
	    (is_day(start) != is_day(due) || str_cmp(start, due) >= 0))
		start.n = 0;
	ical_time(e->out, "DTSTART", start);
	ical_time(e->out, "DUE", due);
	return all.n == 0 || (!series && str_eq(start, all));
}

static enum crm_err
task_add(const struct entry *e, struct diag *dg)
{
	struct str due = get(e, "due"), done = get(e, "done");
	struct buf rule = {0}, extra = {0};
	bool local;
	enum crm_err err;

	ical_series(
	    get(e, "every"), get(e, "anchor"), due, e->clock, &rule, &local);
	ical_open(e->out, "VTODO");
	head_add(e);
	ical_text(e->out, "SUMMARY", "", get(e, "title"));
	ical_text(e->out, "DESCRIPTION", "", get(e, "note"));
	if (!task_times(e, due, rule.n > 0, local))
		buf_addz(&extra, "start ");
	ical_raw(e->out, "RRULE", "", str_of(&rule));
	if (!word_add(e, "STATUS", "status", ical_task_status))
		buf_addz(&extra, "status ");
	ical_time(e->out, "COMPLETED", done);
	if (is_day(done))
		buf_addz(&extra, "done ");
	if (!word_add(e, "PRIORITY", "priority", ical_task_priority))
		buf_addz(&extra, "priority ");
	err = tail_add(e, buf_z(&extra), dg);
	ical_close(e->out, "VTODO");
	e->out->failed = e->out->failed || rule.failed || extra.failed;
	buf_clear(&rule);
	buf_clear(&extra);
	return err;
}

/* ---- activities ------------------------------------------------------- */

/* Names in EXTRA what DTSTART, DTEND and DURATION do not say. */
static void
event_times(const struct entry *e, struct buf *extra)
{
	struct str start = get(e, "start"), end = get(e, "end"), all = end;
	struct str duration = get(e, "duration");
	uint64_t minutes = 0;
	bool said = end.n == 0, lasts = duration.n == 0;

	ical_time(e->out, "DTSTART", start);
	if (end.n && is_day(start))
		end = str_head(end, DATE_LEN);
	/* An end that is not after the start says nothing. */
	if (end.n && is_day(start) && str_cmp(end, start) >= 0) {
		ical_day_after(e->out, "DTEND", end);
		said = str_eq(end, all);
	} else if (end.n && !is_day(end) && str_cmp(end, start) > 0) {
		ical_time(e->out, "DTEND", end);
		said = !is_day(start);
	} else if (!is_day(start) && num_u64(duration, &minutes)) {
		ical_minutes(e->out, "DURATION", minutes);
		lasts = minutes > 0;
	}
	if (!said)
		buf_addz(extra, "end ");
	if (!lasts)
		buf_addz(extra, "duration ");
}

/* A meeting without a subject is called by its type, and says so. */
static void
summary_add(const struct entry *e)
{
	struct str subject = get(e, "subject");

	if (subject.n)
		ical_text(e->out, "SUMMARY", "", subject);
	else
		ical_text(
		    e->out, "SUMMARY", ";X-CRM-FIELD=TYPE", get(e, "type"));
}

static enum crm_err
event_add(const struct entry *e, struct diag *dg)
{
	struct buf extra = {0};
	enum crm_err err;

	ical_open(e->out, "VEVENT");
	head_add(e);
	event_times(e, &extra);
	summary_add(e);
	ical_text(e->out, "DESCRIPTION", "", get(e, "body"));
	if (!word_add(e, "STATUS", "status", ical_event_status))
		buf_addz(&extra, "status ");
	err = tail_add(e, buf_z(&extra), dg);
	ical_close(e->out, "VEVENT");
	e->out->failed = e->out->failed || extra.failed;
	buf_clear(&extra);
	return err;
}

/* ---- both ------------------------------------------------------------- */

void
calendar_begin(struct buf *out)
{
	ical_begin(out, "-//crm//crm " CRM_VERSION "//EN");
}

void
calendar_end(struct buf *out)
{
	ical_end(out);
}

enum crm_err
calendar_add(struct store *s, const struct clock *clock, const struct record *r,
    struct buf *out, bool *skipped, struct diag *dg)
{
	struct entry e = {.store = s, .clock = clock, .record = r, .out = out};
	enum crm_err err;

	if (r->kind->no == KIND_TASK)
		err = task_add(&e, dg);
	else if (r->kind->no != KIND_ACTIVITY)
		return diag_set(dg, CRM_USAGE,
		    "ics is for task and activity; take tsv, csv or jsonl "
		    "for %.*s",
		    STR_ARG(r->kind->name));
	else if (get(&e, "start").n == 0) {
		*skipped = true;
		return CRM_OK;
	} else
		err = event_add(&e, dg);
	return !err && out->failed ? diag_nomem(dg) : err;
}
