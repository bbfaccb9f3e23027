/* SPDX-License-Identifier: ISC */
/* crm-date: prints how a date text is read, and the dates of a repetition. */
#include "cli/cli.h"

#include "base/recur.h"

enum { SERIES_DEFAULT = 10, SERIES_MAX = 100000 };

static const char *const takes[] = {
    "no-header", "format", "output", "limit", "every", "after", NULL};

static const struct command command = {
    .name = "crm-date",
    .synopsis =
	"crm-date [-Hv] [-O FORMAT] [-o FILE] TEXT...\n"
	"crm-date [-v] [-O FORMAT] [-l N] --every RULE|--after INTERVAL "
	"[TEXT...]",
    .examples = "crm-date 'next fri'\n"
		"crm-date -v nächsten Freitag 14:30\n"
		"crm-date --every 'm on last fri' -l 3 2026-01-31",
    .takes = takes,
};

/* Where readings go: lines, or rows when a format was asked for. */
struct printer {
	struct cli *c;
	struct emit *rows; /* NULL: lines */
	bool spoken;	   /* lines for people */
};

/* An end of a range that is not open. */
static bool
end_shown(const struct when *w)
{
	return w->has_time || (w->day != DATE_MIN && w->day != DATE_MAX);
}

static void
end_add(
    const struct printer *p, const struct when *w, bool spoken, struct buf *to)
{
	if (!end_shown(w))
		return;
	if (spoken)
		when_say(w, &p->c->clock.zone, to);
	else
		when_print(w, to);
}

static bool
when_same(const struct when *a, const struct when *b)
{
	return a->day == b->day && a->has_time == b->has_time &&
	       a->utc == b->utc;
}

/* A day or moment is a range of itself. */
static void
range_add(const struct printer *p, const struct when *lo, const struct when *hi,
    bool spoken, struct buf *to)
{
	if (when_same(lo, hi)) {
		if (spoken)
			when_say(lo, &p->c->clock.zone, to);
		else
			when_print(lo, to);
		return;
	}
	end_add(p, lo, spoken, to);
	buf_addz(to, spoken && end_shown(lo) ? " .." : "..");
	buf_addz(to, spoken && end_shown(hi) ? " " : "");
	end_add(p, hi, spoken, to);
}

static enum crm_err
row_print(const struct printer *p, const struct when *lo, const struct when *hi)
{
	struct buf cell = {0};
	bool open = !when_same(lo, hi);
	const struct when *ends[] = {lo, hi};
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		buf_reset(&cell);
		if (open)
			end_add(p, ends[i], false, &cell);
		else
			when_print(ends[i], &cell);
		emit_cell(p->rows, str_of(&cell), false);
	}
	buf_reset(&cell);
	range_add(p, lo, hi, true, &cell);
	emit_cell(p->rows, str_of(&cell), false);
	emit_row(p->rows);
	bool failed = cell.failed;
	buf_clear(&cell);
	return failed ? diag_nomem(&p->c->diag) : CRM_OK;
}

/* QUERY, which may be NULL, is what the text means in a query. */
static enum crm_err
reading_print(const struct printer *p, const struct when range[2],
    const struct when *query)
{
	struct buf *to = &p->c->out.buf;
	if (p->rows) {
		enum crm_err err = row_print(p, &range[0], &range[1]);
		return err ? err : out_drain(&p->c->out, &p->c->diag);
	}
	range_add(p, &range[0], &range[1], p->spoken, to);
	if (p->spoken && query && !when_same(&query[0], &query[1])) {
		buf_addz(to, "; in a query ");
		range_add(p, &query[0], &query[1], true, to);
	}
	buf_addc(to, '\n');
	return out_drain(&p->c->out, &p->c->diag);
}

/* A day where the text is one, else the period that a query reads. What both
 * refuse is told as the day's refusal, unless it is a range. */
static enum crm_err
text_print(const struct printer *p, struct str text)
{
	struct when day[2];
	struct when query[2];
	struct diag ranged = {0};
	struct cli *c = p->c;
	bool range = str_find(text, STR("..")) < text.n;
	enum crm_err as_day = when_parse(text, &c->clock, &day[0], &c->diag);
	enum crm_err as_range = when_range(
	    text, &c->clock, &query[0], &query[1], range ? &c->diag : &ranged);
	diag_clear(&ranged);
	day[1] = day[0];
	if (as_day == CRM_OK)
		return reading_print(p, day, as_range ? NULL : query);
	if (as_range != CRM_OK)
		return range ? as_range : as_day;
	return reading_print(p, query, NULL);
}

static void
rule_tell(const struct printer *p, const struct recur *r, int anchor)
{
	struct buf text = {0};
	recur_print(r, &text);
	buf_addz(&text, "; RRULE ");
	if (!recur_rrule(r, anchor, &text))
		buf_addz(&text, "cannot say it");
	cli_verbose(p->c, "repetition %s", buf_z(&text));
	buf_clear(&text);
}

/* Each item is taken to be closed on its day: the dates without a miss. */
static enum crm_err
series_print(const struct printer *p, const struct recur *r, int anchor)
{
	struct cli *c = p->c;
	int day = anchor;
	uint64_t limit =
	    c->opt.limit == UINT64_MAX ? SERIES_DEFAULT : c->opt.limit;
	bool more = r->after || recur_next(r, anchor, anchor - 1, anchor,
				    anchor - 1, 0, &day);
	for (int i = 1; more && (uint64_t)i <= limit; i++) {
		struct when w[2] = {{.day = day}, {.day = day}};
		enum crm_err err = reading_print(p, w, NULL);
		if (err)
			return err;
		more = recur_next(r, anchor, day, day, day, i, &day);
	}
	return CRM_OK;
}

static enum crm_err
repetition_print(const struct printer *p, struct str text)
{
	struct recur r;
	struct buf rule = {0};
	struct cli *c = p->c;
	struct when anchor = {.day = when_today(&c->clock)};
	if (c->opt.every && c->opt.after)
		return diag_set(&c->diag, CRM_USAGE,
		    "--every and --after exclude each other");
	if (c->opt.limit != UINT64_MAX && c->opt.limit > SERIES_MAX)
		return diag_set(&c->diag, CRM_USAGE, "-l is at most %d here",
		    (int)SERIES_MAX);
	enum crm_err err = CRM_OK;
	if (text.n > 0)
		err = when_parse(text, &c->clock, &anchor, &c->diag);
	if (err)
		return err;
	buf_addf(&rule, "%s%s", c->opt.every ? "" : "after ",
	    c->opt.every ? c->opt.every : c->opt.after);
	err = rule.failed ? diag_nomem(&c->diag)
			  : recur_parse(str_of(&rule), &c->clock, &r, &c->diag);
	buf_clear(&rule);
	if (err)
		return err;
	rule_tell(p, &r, anchor.day);
	return series_print(p, &r, anchor.day);
}

static enum crm_err
rows_begin(struct printer *p)
{
	static const struct column columns[] = {
	    {.name = {"from", 4}},
	    {.name = {"to", 2}},
	    {.name = {"reading", 7}},
	};
	if (!p->c->opt.format)
		return CRM_OK;
	enum crm_err err = cli_emit(p->c, FORMAT_TSV, &p->rows);
	if (err)
		return err;
	return emit_begin(p->rows, columns, ARRAY_LEN(columns), &p->c->diag);
}

static enum crm_err
run(struct cli *c)
{
	struct buf text = {0};
	bool repeat = c->opt.every || c->opt.after;
	struct printer p = {.c = c, .spoken = c->tty_out || c->opt.verbose};
	if (c->nwords == 0 && !repeat)
		return diag_set(
		    &c->diag, CRM_USAGE, "no date text; see crm-date -h");
	if (!repeat && c->opt.limit != UINT64_MAX)
		return diag_set(
		    &c->diag, CRM_USAGE, "-l goes with --every or --after");
	for (size_t i = 0; i < c->nwords; i++) {
		if (i > 0)
			buf_addc(&text, ' ');
		buf_add(&text, c->words[i]);
	}
	enum crm_err err = text.failed ? diag_nomem(&c->diag) : rows_begin(&p);
	if (!err)
		err = repeat ? repetition_print(&p, str_of(&text))
			     : text_print(&p, str_of(&text));
	if (!err && p.rows)
		err = emit_end(p.rows, &c->diag);
	emit_free(p.rows);
	buf_clear(&text);
	return err;
}

int
main(int argc, char **argv)
{
	struct cli c;
	int status = cli_start(&c, &command, argc, argv);
	if (status >= 0)
		return status;
	enum crm_err err = run(&c);
	return cli_end(&c, err);
}
