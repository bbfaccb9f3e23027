/* SPDX-License-Identifier: ISC */
/* ical_read: components of iCalendar, with the memory they need. */
#include "text/ical_read.h"

#include "text/ical_zones.h"

enum { CHUNK = 2048, PROPS_MAX = 100000, LEFT_MAX = 32 };

/* Memory that stays where it is until its component goes. */
struct chunk {
	struct chunk *next;
	size_t n, cap;
	_Alignas(max_align_t) char data[];
};

struct held {
	struct ical_component c;
	struct ical_prop *props;
	size_t cap;
	struct chunk *chunks;
	size_t bytes; /* in all */
};

struct ical_reader {
	struct content_reader *lines;
	const char *name;
	struct content_line line;
	bool again;    /* the line is still to be looked at */
	bool any;      /* there was a BEGIN */
	bool calendar; /* inside of one */
	bool ended;    /* there are no more lines */
	bool early;    /* and one is missing */
	bool flush;    /* those that wait come out */
	struct held now;
	struct held *waiting;
	size_t nwaiting, cap, at, bytes;
	struct ical_zones zones;
	struct ical_left left[LEFT_MAX];
	struct diag spare; /* for what is wrong besides */
};

/* ---- memory ----------------------------------------------------------- */

static void
held_clear(struct held *h)
{
	struct chunk *c;

	while (h->chunks) {
		c = h->chunks;
		h->chunks = c->next;
		free(c);
	}
	free(h->props);
	*h = (struct held){0};
}

/* NULL when out of memory. */
static void *
held_alloc(struct held *h, size_t n)
{
	struct chunk *c = h->chunks;
	size_t align = _Alignof(max_align_t), cap;

	n = (n + align - 1) / align * align;
	if (!c || c->cap - c->n < n) {
		cap = n > CHUNK ? n : CHUNK;
		c = malloc(sizeof(*c) + cap);
		if (!c)
			return NULL;
		*c = (struct chunk){.next = h->chunks, .cap = cap};
		h->chunks = c;
		h->bytes += sizeof(*c) + cap;
	}
	c->n += n;
	return c->data + c->n - n;
}

static bool
held_copy(struct held *h, struct str s, struct str *out)
{
	char *p = held_alloc(h, s.n + 1);

	if (!p)
		return false;
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	*out = (struct str){p, s.n};
	return true;
}

static bool
params_copy(struct held *h, const struct content_line *l, struct ical_prop *p)
{
	struct content_param *to;

	if (l->nparams == 0)
		return true;
	to = held_alloc(h, l->nparams * sizeof(*to));
	for (size_t i = 0; to && i < l->nparams; i++)
		if (!held_copy(h, l->params[i].name, &to[i].name) ||
		    !held_copy(h, l->params[i].value, &to[i].value))
			return false;
	p->params = to;
	p->nparams = l->nparams;
	return to != NULL;
}

static bool
prop_room(struct held *h)
{
	size_t cap = h->cap ? h->cap * 2 : 32;
	struct ical_prop *more;

	if (h->c.nprops < h->cap)
		return true;
	more = realloc(h->props, cap * sizeof(*more));
	if (!more)
		return false;
	h->bytes += (cap - h->cap) * sizeof(*more);
	h->props = more;
	h->cap = cap;
	return true;
}

static enum crm_err
prop_add(struct held *h, const struct content_line *l, struct diag *dg)
{
	struct ical_prop p = {.line = l->line, .base64 = l->base64 || l->cut};

	if (!prop_room(h) || !held_copy(h, l->name, &p.name) ||
	    !held_copy(h, l->value, &p.value) || !params_copy(h, l, &p))
		return diag_nomem(dg);
	h->props[h->c.nprops++] = p;
	return CRM_OK;
}

/* ---- what is passed over ---------------------------------------------- */

static void
left_count(struct ical_reader *r, struct str name, uint64_t line)
{
	struct ical_left *l = r->left;
	size_t i;

	name = str_head(
	    name, name.n < sizeof(l->name) ? name.n : sizeof(l->name) - 1);
	for (i = 0; i < LEFT_MAX - 1 && l[i].count; i++)
		if (str_ieq(name, str_from(l[i].name)))
			break;
	if (i == LEFT_MAX - 1)
		name = STR("others");
	if (l[i].count++ == 0) {
		memcpy(l[i].name, name.p, name.n);
		l[i].line = line;
	}
}

const struct ical_left *
ical_left(const struct ical_reader *r, size_t i)
{
	return i < LEFT_MAX && r->left[i].count ? &r->left[i] : NULL;
}

bool
ical_ended_early(const struct ical_reader *r)
{
	return r->early;
}

/* ---- components ------------------------------------------------------- */

bool
ical_param(const struct ical_prop *p, const char *name, struct str *out)
{
	for (size_t i = 0; i < p->nparams; i++)
		if (str_is(p->params[i].name, name)) {
			*out = p->params[i].value;
			return true;
		}
	return false;
}

const struct ical_prop *
ical_get(const struct ical_component *c, const char *name)
{
	for (size_t i = 0; i < c->nprops; i++)
		if (str_is(c->props[i].name, name))
			return &c->props[i];
	return NULL;
}

const struct zone *
ical_zone_of(struct ical_reader *r, const struct ical_prop *p)
{
	struct str name;

	return ical_param(p, "TZID", &name) ? ical_zones_of(&r->zones, name)
					    : NULL;
}

/* Those that stand in a VCALENDAR and in nothing else. */
static bool
is_outer(struct str name)
{
	static const char *const names[] = {"VEVENT", "VTODO", "VJOURNAL",
	    "VFREEBUSY", "VTIMEZONE", "VCALENDAR"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_ieq(name, str_from(names[i])))
			return true;
	return false;
}

static enum crm_err
broken(struct ical_reader *r, uint64_t line, const char *why, struct str name,
    struct diag *dg)
{
	return diag_set(dg, CRM_DATA, "%s:%llu: %.*s %s", r->name,
	    (unsigned long long)line, STR_ARG(name), why);
}

/* A component on its way in. */
struct collect {
	struct ical_reader *r;
	struct held *h;
	bool inner;   /* what is inside is kept too: VTIMEZONE */
	unsigned sub; /* how deep inside */
	bool done;
	enum crm_err bad; /* the first thing that was wrong */
	struct diag *dg;
};

static void
collect_fail(struct collect *k, uint64_t line, const char *why)
{
	if (!k->bad)
		k->bad = broken(k->r, line, why, k->h->c.name, k->dg);
}

static enum crm_err
collect_prop(struct collect *k, const struct content_line *l)
{
	struct held *h = k->h;

	if ((k->sub && !k->inner) || k->bad)
		return CRM_OK;
	if (l->cut && !str_is(l->name, "ATTACH") &&
	    !str_starts(l->name, STR("X-"))) {
		collect_fail(
		    k, l->line, "has a value that is too long; shorten it");
		return CRM_OK;
	}
	if (h->bytes > CRM_RECORD_MAX || h->c.nprops >= PROPS_MAX) {
		collect_fail(
		    k, h->c.line, "is too long; no record can hold that much");
		return CRM_OK;
	}
	return prop_add(h, l, k->dg);
}

/* BEGIN inside of a component: one inside of it, or it was not ended. */
static enum crm_err
collect_begin(struct collect *k, const struct content_line *l)
{
	if (is_outer(l->value)) {
		collect_fail(k, k->h->c.line, "is not ended; add its END line");
		k->r->again = k->done = true;
		return CRM_OK;
	}
	if (k->inner && !k->sub++)
		return collect_prop(k, l);
	if (!k->inner && !k->sub++)
		left_count(k->r, l->value, l->line);
	return CRM_OK;
}

static enum crm_err
collect_end(struct collect *k, const struct content_line *l)
{
	if (str_ieq(l->value, k->h->c.name)) {
		k->done = true;
		return CRM_OK;
	}
	if (str_ieq(l->value, STR("VCALENDAR"))) {
		collect_fail(k, k->h->c.line, "is not ended; add its END line");
		k->r->again = k->done = true;
		return CRM_OK;
	}
	if (k->sub)
		k->sub--;
	return k->inner && !k->sub ? collect_prop(k, l) : CRM_OK;
}

static enum crm_err
collect_line(struct collect *k)
{
	struct ical_reader *r = k->r;
	bool got = false;
	enum crm_err err;

	err =
	    content_next(r->lines, &r->line, &got, k->bad ? &r->spare : k->dg);
	if (err && err != CRM_DATA)
		return err;
	if (!got) {
		collect_fail(k, k->h->c.line,
		    "is cut off by the end of the input; get the whole file");
		r->ended = r->flush = k->done = true;
		return CRM_OK;
	}
	/* Inside of an alarm nothing matters. */
	if (err && (k->inner || !k->sub)) {
		k->bad = k->bad ? k->bad : err;
		return CRM_OK;
	}
	if (err)
		return CRM_OK;
	if (str_is(r->line.name, "BEGIN"))
		return collect_begin(k, &r->line);
	if (str_is(r->line.name, "END"))
		return collect_end(k, &r->line);
	return collect_prop(k, &r->line);
}

/* From the BEGIN line that came last to its END. CRM_DATA: it is broken. */
static enum crm_err
component_read(struct ical_reader *r, struct diag *dg)
{
	struct held *h = &r->now;
	struct collect k = {.r = r, .h = h, .dg = dg};
	struct str raw;
	enum crm_err err = CRM_OK;

	held_clear(h);
	h->c.line = r->line.line;
	if (!held_copy(h, r->line.value, &h->c.name))
		return diag_nomem(dg);
	k.inner = str_ieq(h->c.name, STR("VTIMEZONE"));
	content_record(r->lines);
	while (!err && !k.done)
		err = collect_line(&k);
	if (err)
		return err;
	raw = r->again ? content_recorded_before(r->lines)
		       : content_recorded(r->lines);
	if (!held_copy(h, raw, &h->c.raw))
		return diag_nomem(dg);
	h->c.props = h->props;
	return k.bad;
}

/* ---- waiting for a zone ----------------------------------------------- */

static bool
zones_there(struct ical_reader *r)
{
	const struct held *h = &r->now;
	struct str name;

	for (size_t i = 0; i < h->c.nprops; i++)
		if (ical_param(&h->props[i], "TZID", &name) &&
		    !ical_zones_own(&r->zones, name))
			return false;
	return true;
}

/* True when it waits now. */
static bool
component_defer(struct ical_reader *r)
{
	size_t cap = r->cap ? r->cap * 2 : 16;
	struct held *more;

	if (!r->calendar || zones_there(r) ||
	    r->bytes + r->now.bytes > CRM_RECORD_MAX)
		return false;
	if (r->nwaiting == r->cap) {
		more = realloc(r->waiting, cap * sizeof(*more));
		if (!more)
			return false;
		r->waiting = more;
		r->cap = cap;
	}
	r->waiting[r->nwaiting++] = r->now;
	r->bytes += r->now.bytes;
	r->now = (struct held){0};
	return true;
}

/* The next of those that waited; false when there is none. */
static bool
component_wake(struct ical_reader *r)
{
	if (r->at < r->nwaiting) {
		held_clear(&r->now);
		r->now = r->waiting[r->at];
		r->waiting[r->at++] = (struct held){0};
		return true;
	}
	r->nwaiting = r->at = r->bytes = 0;
	r->flush = false;
	return false;
}

/* ---- the stream ------------------------------------------------------- */

/* Passes over a component that is none of ours. */
static enum crm_err
component_skip(struct ical_reader *r, struct diag *dg)
{
	enum crm_err err;
	bool ended;

	left_count(r, r->line.value, r->line.line);
	err = component_read(r, &r->spare);
	ended = r->ended;
	/* What is wrong in there is nobody's loss, but for the rest. */
	if (err == CRM_DATA && !ended)
		err = CRM_OK;
	if (err)
		return diag_set(dg, err, "%s", diag_text(&r->spare));
	return CRM_OK;
}

static enum crm_err
begin_line(struct ical_reader *r, bool *show, struct diag *dg)
{
	struct str what = r->line.value;
	enum crm_err err = CRM_OK;

	r->any = true;
	if (str_ieq(what, STR("VCALENDAR"))) {
		ical_zones_clear(&r->zones);
		r->calendar = true;
	} else if (str_ieq(what, STR("VTIMEZONE"))) {
		err = component_read(r, dg);
		if (!err)
			ical_zones_define(&r->zones, &r->now.c);
		*show = err == CRM_DATA;
	} else if (str_ieq(what, STR("VEVENT")) ||
		   str_ieq(what, STR("VTODO"))) {
		err = component_read(r, dg);
		*show = err || !component_defer(r);
	} else {
		err = component_skip(r, dg);
		*show = err == CRM_DATA;
	}
	return err;
}

/* Looks at one line outside of components. *SHOW: r->now is to be shown. */
static enum crm_err
outer_line(struct ical_reader *r, bool *show, struct diag *dg)
{
	bool got = true;
	enum crm_err err = CRM_OK;

	if (!r->again)
		err = content_next(r->lines, &r->line, &got, dg);
	r->again = false;
	if (!got) {
		r->ended = r->flush = true;
		r->early = r->calendar;
		return err;
	}
	if (!err && str_is(r->line.name, "BEGIN")) {
		bool wait =
		    r->nwaiting && content_is(&r->line, "BEGIN", "VCALENDAR");

		/* Those of a calendar without END have its zones. */
		r->flush = r->again = wait;
		return wait ? CRM_OK : begin_line(r, show, dg);
	}
	if (!err && content_is(&r->line, "END", "VCALENDAR")) {
		r->calendar = false;
		r->flush = true;
	}
	return err;
}

static enum crm_err
no_calendar(struct ical_reader *r, struct diag *dg)
{
	return diag_set(dg, CRM_DATA,
	    "%s:%llu: no calendar: it does not start with "
	    "BEGIN:VCALENDAR",
	    r->name, (unsigned long long)(r->line.line ? r->line.line : 1));
}

enum crm_err
ical_next(
    struct ical_reader *r, struct ical_component *c, bool *got, struct diag *dg)
{
	bool show = false;
	enum crm_err err = CRM_OK;

	*c = (struct ical_component){0};
	*got = true;
	while (!err && !show) {
		if (r->flush) {
			show = component_wake(r);
			continue;
		}
		if (r->ended) {
			*got = false;
			return CRM_OK;
		}
		err = outer_line(r, &show, dg);
		if (!r->any && (err == CRM_DATA || !err)) {
			*got = false;
			c->line = r->line.line;
			return no_calendar(r, dg);
		}
		if (err && !show) {
			c->line = r->line.line;
			return err;
		}
	}
	*c = r->now.c;
	if (err)
		c->nprops = 0;
	return err;
}

enum crm_err
ical_open_reader(struct ical_reader **out, const struct source *src,
    ical_zone_find *find, void *arg, struct diag *dg)
{
	struct ical_reader *r = calloc(1, sizeof(*r));
	enum crm_err err;

	*out = NULL;
	if (!r)
		return diag_nomem(dg);
	r->name = src->name;
	r->zones = (struct ical_zones){.find = find, .arg = arg};
	err = content_open(&r->lines, src, dg);
	if (err)
		ical_close_reader(r);
	else
		*out = r;
	return err;
}

void
ical_close_reader(struct ical_reader *r)
{
	if (!r)
		return;
	content_close(r->lines);
	held_clear(&r->now);
	for (size_t i = r->at; i < r->nwaiting; i++)
		held_clear(&r->waiting[i]);
	free(r->waiting);
	ical_zones_clear(&r->zones);
	diag_clear(&r->spare);
	free(r);
}
