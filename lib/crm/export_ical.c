/* SPDX-License-Identifier: ISC */
/* export_ical: which field of a task or activity is which property. */
#include "crm/export_ical.h"
#include "base/num.h"
#include "base/recur.h"
#include "query/ref.h"
#include "text/ical.h"

struct entry {
	struct store *store;
	const struct clock *clock;
	const struct record *record;
	struct buf *out;
};

/* A word of ours and the one of the standard. */
struct word {
	const char *ours, *theirs;
};

static const struct word task_status[] = {{"todo", "NEEDS-ACTION"},
    {"waiting", "NEEDS-ACTION"}, {"doing", "IN-PROCESS"}, {"done", "COMPLETED"},
    {"cancelled", "CANCELLED"}};
static const struct word task_priority[] = {
    {"urgent", "1"}, {"high", "3"}, {"normal", "5"}, {"low", "9"}};
static const struct word event_status[] = {
    {"planned", "TENTATIVE"}, {"held", "CONFIRMED"}, {"missed", "CANCELLED"}};

static struct str
get(const struct entry *e, const char *name)
{
	const struct field *f = schema_field(e->record->kind, str_from(name));

	if (!f || f->slot == SLOT_NONE || f->sensitive)
		return (struct str){.p = "", .n = 0};
	return row_get(&e->record->row, f->slot);
}

static void
word_add(const struct entry *e, const char *property, const char *field,
    const struct word *words, size_t n)
{
	struct str value = get(e, field);
	size_t i;

	for (i = 0; i < n; i++)
		if (str_is(value, words[i].ours))
			ical_raw(
			    e->out, property, "", str_from(words[i].theirs));
}

static bool
is_day(struct str time)
{
	return time.n == DATE_LEN;
}

/* ---- what both have --------------------------------------------------- */

static void
uid_add(const struct entry *e)
{
	struct buf uid = {0};

	id_print(store_schema(e->store), e->record->id, &uid);
	buf_addz(&uid, "@crm");
	ical_text(e->out, "UID", "", str_of(&uid));
	e->out->failed = e->out->failed || uid.failed;
	buf_clear(&uid);
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

static enum crm_err
tail_add(const struct entry *e, struct diag *dg)
{
	enum crm_err err = people_add(e, "contact", dg);

	if (!err && get(e, "contact").n == 0)
		err = people_add(e, "org", dg);
	ical_list(e->out, "CATEGORIES", "", get(e, "tag"));
	ical_raw(e->out, "URL", "", get(e, "url"));
	return err;
}

/* ---- tasks ------------------------------------------------------------ */

/* The RRULE of the task into RULE; nothing when it has none. */
static enum crm_err
rule_read(
    const struct entry *e, struct str due, struct buf *rule, struct diag *dg)
{
	struct str every = get(e, "every"), anchor = get(e, "anchor");
	struct recur r;
	int day;
	enum crm_err err;

	if (every.n == 0 || due.n < DATE_LEN)
		return CRM_OK;
	err = recur_parse(every, e->clock, &r, dg);
	if (err) {
		/* Any text may stand there; a calendar can do without. */
		diag_clear(dg);
		return CRM_OK;
	}
	if (!date_parse(anchor, &day) &&
	    !date_parse(str_head(due, DATE_LEN), &day))
		return CRM_OK;
	(void)recur_rrule(&r, day, rule);
	return CRM_OK;
}

/*
 * DTSTART and DUE. The rule of a series counts from DTSTART, so that is the
 * due date then. Else a start is written only when it is before the due date
 * and of the same sort: both days or both moments.
 */
static void
task_times(const struct entry *e, struct str due, bool series)
{
	struct str start = get(e, "start");

	if (series)
		start = due;
	else if (start.n && due.n && is_day(due))
		start = str_head(start, DATE_LEN);
	if (start.n && due.n && !series &&
	    (is_day(start) != is_day(due) || str_cmp(start, due) >= 0))
		start.n = 0;
	ical_time(e->out, "DTSTART", start);
	ical_time(e->out, "DUE", due);
}

static enum crm_err
task_add(const struct entry *e, struct diag *dg)
{
	struct str due = get(e, "due");
	struct buf rule = {0};
	enum crm_err err = rule_read(e, due, &rule, dg);

	if (err)
		return err;
	ical_open(e->out, "VTODO");
	head_add(e);
	ical_text(e->out, "SUMMARY", "", get(e, "title"));
	ical_text(e->out, "DESCRIPTION", "", get(e, "note"));
	task_times(e, due, rule.n > 0);
	ical_raw(e->out, "RRULE", "", str_of(&rule));
	word_add(e, "STATUS", "status", task_status, ARRAY_LEN(task_status));
	ical_time(e->out, "COMPLETED", get(e, "done"));
	word_add(
	    e, "PRIORITY", "priority", task_priority, ARRAY_LEN(task_priority));
	err = tail_add(e, dg);
	ical_close(e->out, "VTODO");
	e->out->failed = e->out->failed || rule.failed;
	buf_clear(&rule);
	return err;
}

/* ---- activities ------------------------------------------------------- */

static void
event_times(const struct entry *e)
{
	struct str start = get(e, "start"), end = get(e, "end");
	uint64_t minutes = 0;

	ical_time(e->out, "DTSTART", start);
	if (end.n && is_day(start))
		end = str_head(end, DATE_LEN);
	/* An end that is not after the start says nothing. */
	if (end.n && is_day(start) && str_cmp(end, start) >= 0)
		ical_day_after(e->out, "DTEND", end);
	else if (end.n && !is_day(end) && str_cmp(end, start) > 0)
		ical_time(e->out, "DTEND", end);
	else if (!is_day(start) && num_u64(get(e, "duration"), &minutes))
		ical_minutes(e->out, "DURATION", minutes);
}

static enum crm_err
event_add(const struct entry *e, struct diag *dg)
{
	struct str summary = get(e, "subject");
	enum crm_err err;

	if (summary.n == 0)
		summary = get(e, "type");
	ical_open(e->out, "VEVENT");
	head_add(e);
	event_times(e);
	ical_text(e->out, "SUMMARY", "", summary);
	ical_text(e->out, "DESCRIPTION", "", get(e, "body"));
	word_add(e, "STATUS", "status", event_status, ARRAY_LEN(event_status));
	err = tail_add(e, dg);
	ical_close(e->out, "VEVENT");
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
