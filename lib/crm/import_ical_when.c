/* SPDX-License-Identifier: ISC */
/* import_ical_when: start and end, due dates, repetition, status. */
#include "crm/import_ical_impl.h"

enum { DAY_SECS = 86400 };

/* ---- moments ---------------------------------------------------------- */

static const struct zone *
local_zone(const struct entry *e)
{
	return &e->r->opt.clock->zone;
}

static enum crm_err
moment_read(struct entry *e, const char *name, struct ical_moment *m)
{
	const struct ical_prop *p = ical_get(e->c, name);
	struct str zone;

	*m = (struct ical_moment){.prop = p};
	if (!p || str_trim(p->value).n == 0)
		return CRM_OK;
	if (!ical_time_read(p->value, &m->at))
		return entry_refuse(e, p,
		    "is no day and no moment; write 20260302 or "
		    "20260302T143000Z");
	m->set = true;
	if (m->at.is_day)
		return CRM_OK;
	m->zone = local_zone(e);
	if (m->at.utc)
		m->zone = NULL;
	else if (ical_param(p, "TZID", &zone) &&
		 !ical_zone_of(e->r->reader, p) && str_trim(zone).n)
		return diag_set(e->dg, CRM_DATA,
		    "%s:%llu: %.*s: nothing says what the time zone '%.*s' is; "
		    "add its VTIMEZONE",
		    e->r->name, (unsigned long long)p->line, STR_ARG(p->name),
		    STR_ARG(zone));
	else if (ical_zone_of(e->r->reader, p))
		m->zone = ical_zone_of(e->r->reader, p);
	m->utc = date_to_utc(m->zone, m->at.day, m->at.secs);
	return CRM_OK;
}

static void
moment_put(struct entry *e, const char *field, const struct ical_moment *m)
{
	struct buf *cell;

	if (!m->set)
		return;
	cell = entry_cell(e, field);
	buf_reset(cell);
	if (m->at.is_day)
		date_print(m->at.day, cell);
	else
		time_print(m->utc, cell);
}

/* The local day of it; *secs the second of that day. */
static int
moment_day(const struct entry *e, const struct ical_moment *m, int *secs)
{
	*secs = 0;
	if (m->at.is_day)
		return m->at.day;
	return date_local(local_zone(e), m->utc, secs);
}

static bool
same_moment(const struct ical_moment *a, const struct ical_moment *b)
{
	if (!a->set || !b->set || a->at.is_day != b->at.is_day)
		return false;
	return a->at.is_day ? a->at.day == b->at.day : a->utc == b->utc;
}

/* SPAN behind FROM: days on its calendar, then seconds. */
static struct ical_moment
moment_add(const struct ical_moment *from, struct ical_span span)
{
	struct ical_moment m = *from;
	int64_t day = (int64_t)m.at.day + span.days;

	if (m.at.is_day)
		day += span.secs / DAY_SECS;
	m.at.day = day < DATE_MIN   ? DATE_MIN
		   : day > DATE_MAX ? DATE_MAX
				    : (int)day;
	if (!m.at.is_day)
		m.utc = date_to_utc(m.zone, m.at.day, m.at.secs) + span.secs;
	return m;
}

static enum crm_err
span_read(struct entry *e, struct ical_span *span, const struct ical_prop **out)
{
	const struct ical_prop *p = ical_get(e->c, "DURATION");

	*out = p;
	if (!p)
		return CRM_OK;
	if (!ical_span_read(p->value, span))
		return entry_refuse(
		    e, p, "is no duration; write PT90M, PT8H or P2D");
	if (span->days < 0 || span->secs < 0)
		return entry_refuse(
		    e, p, "goes backwards; write it without the sign");
	return CRM_OK;
}

/* ---- repetition of tasks ---------------------------------------------- */

/* Does a rule that counts from the start say the same of the due date? */
static bool
start_fits(const struct ical_rule *r, const struct ical_moment *start,
    const struct ical_moment *due)
{
	struct civil a = date_civil(start->at.day), b = date_civil(due->at.day);
	bool months =
	    str_ieq(r->freq, STR("MONTHLY")) || str_ieq(r->freq, STR("YEARLY"));

	if (!start->set || start->at.day == due->at.day)
		return true;
	return !r->byday.n && !r->bymonthday.n && !r->bymonth.n &&
	       !r->bysetpos.n && !r->until.n &&
	       (!months || (a.month == b.month && a.year == b.year));
}

static bool
rule_fits(struct entry *e, struct str text, const struct ical_moment *start,
    const struct ical_moment *due, struct recur *out)
{
	struct ical_time first = due->at;
	struct ical_rule rule;

	if (!due->set || !ical_rule_read(text, &rule))
		return false;
	first.day = moment_day(e, due, &first.secs);
	/* Days of another zone are not ours. */
	if (first.day != due->at.day &&
	    (rule.byday.n || rule.bymonthday.n || rule.bymonth.n))
		return false;
	return start_fits(&rule, start, due) &&
	       ical_rule_recur(&rule, &first, local_zone(e), out);
}

static void
rule_warn(struct entry *e, const struct ical_prop *p)
{
	struct buf text = {0};

	buf_addf(&text,
	    "%s:%llu: no repetition of ours has exactly the dates of '%.*s'; "
	    "it stands in the note",
	    e->r->name, (unsigned long long)p->line, STR_ARG(p->value));
	if (e->r->opt.warn && !text.failed)
		e->r->opt.warn(e->r->opt.arg, buf_z(&text));
	buf_clear(&text);
}

static void
rules_read(struct entry *e, const struct ical_moment *start,
    const struct ical_moment *due)
{
	struct buf *every = entry_cell(e, "every");
	bool own = entry_every(e, every);
	struct recur r;

	for (size_t i = 0; i < e->c->nprops; i++) {
		const struct ical_prop *p = &e->c->props[i];

		if (!str_is(p->name, "RRULE") || own)
			continue;
		if (every->n == 0 && rule_fits(e, p->value, start, due, &r)) {
			recur_print(&r, every);
			continue;
		}
		entry_keep(e, p->name, p->value);
		rule_warn(e, p);
	}
}

/* ---- both kinds ------------------------------------------------------- */

static enum crm_err
task_times(struct entry *e)
{
	struct ical_moment start, due, done;
	const struct ical_prop *p;
	struct ical_span span;
	enum crm_err err = moment_read(e, "DTSTART", &start);

	if (!err)
		err = moment_read(e, "DUE", &due);
	if (!err)
		err = moment_read(e, "COMPLETED", &done);
	if (!err)
		err = span_read(e, &span, &p);
	if (err)
		return err;
	if (p && start.set && !due.set)
		due = moment_add(&start, span);
	moment_put(e, "due", &due);
	rules_read(e, &start, &due);
	/* The due date again: the rule of a series starts there. */
	if (!same_moment(&start, &due))
		moment_put(e, "start", &start);
	moment_put(e, "done", &done);
	return CRM_OK;
}

/* DTEND of whole days is the day after the last. */
static enum crm_err
end_read(struct entry *e, const struct ical_moment *start)
{
	struct ical_moment end;
	enum crm_err err = moment_read(e, "DTEND", &end);

	if (err || !end.set)
		return err;
	if (start->set && start->at.is_day == end.at.is_day &&
	    (end.at.is_day ? end.at.day < start->at.day : end.utc < start->utc))
		return entry_refuse(
		    e, end.prop, "is before DTSTART; correct one of them");
	if (same_moment(start, &end) && !end.at.is_day)
		return CRM_OK;
	if (end.at.is_day && end.at.day > DATE_MIN &&
	    (!start->set || (start->at.is_day && end.at.day > start->at.day)))
		end.at.day--;
	moment_put(e, "end", &end);
	e->ends = end.at.is_day ? date_to_utc(local_zone(e), end.at.day + 1, 0)
				: end.utc;
	return CRM_OK;
}

/* Minutes where it is made of them, else the end that it gives. */
static void
duration_set(
    struct entry *e, const struct ical_moment *start, struct ical_span span)
{
	struct ical_moment end = moment_add(start, span);

	e->ends = start->at.is_day ? date_to_utc(local_zone(e), end.at.day, 0)
				   : end.utc;
	if (start->at.is_day) {
		if (end.at.day > start->at.day)
			end.at.day--;
		moment_put(e, "end", &end);
	} else if (span.days == 0 && span.secs % 60 == 0) {
		if (span.secs)
			buf_addf(entry_cell(e, "duration"), "%lld",
			    (long long)(span.secs / 60));
	} else {
		moment_put(e, "end", &end);
	}
}

static enum crm_err
event_times(struct entry *e)
{
	struct ical_moment start;
	const struct ical_prop *p;
	struct ical_span span;
	enum crm_err err = moment_read(e, "DTSTART", &start);

	if (err)
		return err;
	moment_put(e, "start", &start);
	e->dated = start.set;
	if (start.set)
		e->ends = start.at.is_day
			      ? date_to_utc(local_zone(e), start.at.day + 1, 0)
			      : start.utc;
	err = end_read(e, &start);
	if (!err)
		err = span_read(e, &span, &p);
	if (!err && p && start.set && entry_get(e, "end").n == 0)
		duration_set(e, &start, span);
	p = ical_get(e->c, "RRULE");
	e->r->repeated += p || ical_get(e->c, "RDATE");
	for (size_t i = 0; p && i < e->c->nprops; i++)
		if (str_is(e->c->props[i].name, "RRULE"))
			entry_keep(e, p->name, e->c->props[i].value);
	return err;
}

/* When it was made is the program's business; nonsense there is common and
 * harms nobody. */
static void
stamps_read(struct entry *e)
{
	static const struct {
		const char *name, *field;
	} stamps[] = {{"CREATED", "created"}, {"LAST-MODIFIED", "updated"}};
	const struct ical_prop *p;
	struct ical_time t;

	for (size_t i = 0; i < (e->own ? 2 : 1); i++) {
		p = ical_get(e->c, stamps[i].name);
		if (!p || e->there)
			continue;
		if (!ical_time_read(p->value, &t) || (!t.utc && !t.is_day)) {
			entry_leave(e, p);
			continue;
		}
		time_print(date_to_utc(NULL, t.day, t.secs),
		    entry_cell(e, stamps[i].field));
	}
}

enum crm_err
entry_times(struct entry *e)
{
	enum crm_err err = e->event ? event_times(e) : task_times(e);

	if (!err)
		stamps_read(e);
	return err;
}

/* ---- status ----------------------------------------------------------- */

static void
task_status(struct entry *e)
{
	const struct ical_prop *p = ical_get(e->c, "STATUS");
	const struct ical_prop *part = ical_get(e->c, "PERCENT-COMPLETE");
	const char *word = NULL;

	if (p)
		word = ical_ours(ical_task_status, str_trim(p->value));
	if (p && !word)
		entry_keep(e, p->name, p->value);
	if (!p && (entry_get(e, "done").n ||
		      (part && str_is(str_trim(part->value), "100"))))
		word = "done";
	if (word)
		entry_set(e, "status", str_from(word));
}

/* 1 is urgent, up to 4 is high, 5 is normal, the rest is low; 0 is nothing. */
static void
priority_read(struct entry *e)
{
	const struct ical_prop *p = ical_get(e->c, "PRIORITY");
	static const char *const words[] = {"urgent", "high", "high", "high",
	    "normal", "low", "low", "low", "low"};
	struct str n = p ? str_trim(p->value) : STR("0");

	if (n.n != 1 || n.p[0] < '0' || n.p[0] > '9') {
		entry_keep(e, STR("PRIORITY"), n);
		return;
	}
	if (n.p[0] > '0')
		entry_set(e, "priority", str_from(words[n.p[0] - '1']));
}

/* Who says a meeting is on says nothing about whether it took place. */
static void
event_status(struct entry *e)
{
	const struct ical_prop *p = ical_get(e->c, "STATUS");
	struct str text = p ? str_trim(p->value) : STR("CONFIRMED");
	const char *word = ical_ours(ical_event_status, text);
	bool over = e->dated && e->ends <= clock_now(e->r->opt.clock);

	if (!word)
		entry_keep(e, p->name, text);
	if (!word || str_is(str_from(word), "held")) {
		if (e->own && p)
			entry_set(e, "status", STR("held"));
		else if (!e->there && !e->own)
			entry_set(
			    e, "status", over ? STR("held") : STR("planned"));
		return;
	}
	entry_set(e, "status", str_from(word));
}

/* ---- what sort of meeting --------------------------------------------- */

static bool
says(struct str text, const char *const *words, size_t n)
{
	struct buf low = {0};
	bool yes = false;

	for (size_t i = 0; i < text.n && i < 512; i++)
		buf_addc(&low, text.p[i] >= 'A' && text.p[i] <= 'Z'
				   ? (char)(text.p[i] + 32)
				   : text.p[i]);
	for (size_t i = 0; i < n; i++)
		yes = yes || str_find(str_of(&low), str_from(words[i])) < low.n;
	buf_clear(&low);
	return yes;
}

/* By where it is. */
static void
type_guess(struct entry *e)
{
	static const char *const video[] = {"zoom.us", "meet.google.",
	    "teams.microsoft.", "teams.live.", "microsoft teams", "webex",
	    "jit.si", "whereby.com", "gotomeet", "bigbluebutton", "skype"};
	static const char *const phone[] = {"tel:", "phone", "telefon"};
	const struct ical_prop *p = ical_get(e->c, "LOCATION");

	entry_set(e, "type", STR("meeting"));
	if (!p || str_trim(p->value).n == 0)
		return;
	if (says(p->value, video, ARRAY_LEN(video))) {
		entry_set(e, "channel", STR("video"));
	} else if (says(p->value, phone, ARRAY_LEN(phone))) {
		entry_set(e, "type", STR("call"));
		entry_set(e, "channel", STR("phone"));
	} else if (str_find(p->value, STR("://")) == p->value.n) {
		entry_set(e, "channel", STR("visit"));
	}
}

void
entry_status(struct entry *e)
{
	if (!e->event) {
		task_status(e);
		priority_read(e);
		return;
	}
	event_status(e);
	if (!e->own && !e->there)
		type_guess(e);
}
