/* SPDX-License-Identifier: ISC */
/* emit_csv: comma-separated values as in RFC 4180, lines ended by LF where
 * nothing else is asked for, formulas guarded. */
#include "text/emit_priv.h"

#include "model/row.h"
#include "text/csv_guard.h"

/* Is C the first byte of what csv_guard_needed may say yes to? Controls,
 * blank, apostrophe, signs, and those of a few characters beyond ASCII. */
static bool
may_need_guard(char c)
{
	static const bool may[256] = {
	    [' '] = true,
	    ['\''] = true,
	    ['+'] = true,
	    ['-'] = true,
	    ['='] = true,
	    ['@'] = true,
	    [0x7f] = true,
	    [0xc2] = true,
	    [0xe1] = true,
	    [0xe2] = true,
	    [0xe3] = true,
	    [0xef] = true,
	};
	unsigned char u = (unsigned char)c;

	return u < ' ' || may[u];
}

static bool
needs_guard(const struct emit *e, size_t at, struct str value)
{
	if (e->o.raw || !may_need_guard(value.p[0]))
		return false;
	return e->cols[at].plain ? csv_guard_needed_plain(value)
				 : csv_guard_needed(value);
}

/* The offset of the first byte that needs quotes; value.n when none does. */
static size_t
quotes_at(const struct emit *e, struct str value)
{
	size_t at = emit_span(value, BYTE_CSV);
	size_t sep;

	if (e->sep == ',')
		return at;
	/* A comma needs none here, but for readers that guess it does. */
	sep = str_chr(value, e->sep);
	return at < sep ? at : sep;
}

/* VALUE at P, quoted where it must be; room is for all bytes twice and two. */
static char *
value_write(char *p, const struct emit *e, struct str value, bool guard)
{
	size_t at = quotes_at(e, value);
	bool quoted = at < value.n;

	if (quoted)
		*p++ = '"';
	if (guard)
		*p++ = '\'';
	if (value.n > 0)
		memcpy(p, value.p, at);
	p += at;
	for (; at < value.n; at++) {
		if (value.p[at] == '"')
			*p++ = '"';
		*p++ = value.p[at];
	}
	if (quoted)
		*p++ = '"';
	return p;
}

enum { CELL_ROOM = 4 }; /* separator, quotes, apostrophe */

/* The separator and the cell of column AT. */
static inline char *
cell_write(
    char *p, const struct emit *e, size_t at, struct str value, bool clean)
{
	bool guard;

	if (at > 0)
		*p++ = e->sep;
	if (value.n == 0)
		return p;
	guard = needs_guard(e, at, value);
	if (!clean)
		return value_write(p, e, value, guard);
	if (guard)
		*p++ = '\'';
	memcpy(p, value.p, value.n);
	return p + value.n;
}

static void
csv_cell(struct emit *e, struct str value, bool clean)
{
	char *p = buf_room(e->to, 2 * value.n + CELL_ROOM);

	if (!p)
		return;
	p = cell_write(p, e, e->at, value, clean);
	/* A row that is one empty cell would be a blank line, which readers
	 * skip. */
	if (value.n == 0 && e->ncols == 1) {
		*p++ = '"';
		*p++ = '"';
	}
	emit_wrote(e->to, p);
}

static void
csv_row(struct emit *e)
{
	if (e->o.crlf)
		buf_addc(e->to, '\r');
	emit_eol(e);
}

static void
csv_cells(struct emit *e, const struct str *cells, bool clean)
{
	size_t room = 0;
	char *p;

	if (e->ncols == 1) {
		csv_cell(e, cells[0], clean);
		csv_row(e);
		return;
	}
	for (size_t i = 0; i < e->ncols; i++)
		room += cells[i].n;
	p = emit_room(e->to, 2 * room + e->ncols * CELL_ROOM + 2);
	if (!p)
		return;
	for (size_t i = 0; i < e->ncols; i++)
		p = cell_write(p, e, i, cells[i], clean);
	if (e->o.crlf)
		*p++ = '\r';
	*p++ = e->o.nul ? '\0' : '\n';
	emit_wrote(e->to, p);
}

/* Nothing but what csv_guard_needed_plain passes over, or most of that: what
 * stands between + and :, and blanks. */
static inline bool
is_phone(struct str v)
{
#ifdef __SSE2__
	__m128i w = _mm_loadu_si128((const void *)v.p);
	__m128i in = emit_below(_mm_sub_epi8(w, _mm_set1_epi8('+')), ':' - '+');
	unsigned marks =
	    (unsigned)_mm_movemask_epi8(_mm_or_si128(in, emit_like(w, ' ')));
	unsigned all = (1U << v.n % 32) - 1;

	return v.n <= 16 && (marks & all) == all;
#else
	(void)v;
	return false;
#endif
}

/* The value of a step; DIRTY: it may need quotes. */
static inline char *
step_write(
    char *p, const struct emit *e, size_t at, struct str value, bool dirty)
{
	bool guard;

	if (value.n == 0)
		return p;
	guard = may_need_guard(value.p[0]) &&
		!(e->cols[at].plain && is_phone(value)) &&
		needs_guard(e, at, value);
	if (guard || (dirty && (e->sep != ',' || emit_dirty(value, BYTE_CSV))))
		return value_write(p, e, value, guard);
	return emit_copy(p, value);
}

static char *
steps_write(char *p, const struct emit *e, const struct emit_plan *plan,
    struct emit_source from, struct str id, bool dirty)
{
	const struct emit_step *s = plan->steps, *end = s + plan->n;
	char sep = e->sep;

	for (; s < end; s++) {
		p = emit_gap(p, s->gap, sep);
		if (s->type == STEP_VALUE)
			p = step_write(
			    p, e, s->column, emit_value(from, s), dirty);
		else if (s->type == STEP_ID)
			p = value_write(p, e, id, false);
	}
	for (size_t gap = plan->rest; gap > 0; gap--)
		*p++ = sep;
	return p;
}

static void
csv_stored(struct emit *e, const struct emit_plan *plan, const struct row *row,
    struct str id)
{
	size_t room = 2 * emit_most(plan, row, id) + e->ncols * CELL_ROOM + 2;
	char *p = emit_room(e->to, room), *start = p;
	struct emit_source from;
	struct emit_tail tail;

	if (!p)
		return;
	from = emit_source(row, &tail);
	p = steps_write(p, e, plan, from, id, !emit_clean(e, row->flags));
	if (p == start && e->ncols == 1) {
		*p++ = '"';
		*p++ = '"';
	}
	if (e->o.crlf)
		*p++ = '\r';
	*p++ = e->o.nul ? '\0' : '\n';
	emit_wrote(e->to, p);
}

static void
csv_begin(struct emit *e)
{
	e->sep = e->o.delimiter ? e->o.delimiter : ',';
	if (e->o.bom)
		buf_addz(e->to, "\xef\xbb\xbf");
	if (e->o.no_header)
		return;
	for (e->at = 0; e->at < e->ncols; e->at++)
		csv_cell(e, e->cols[e->at].name, false);
	e->at = 0;
	csv_row(e);
}

static void
nothing(struct emit *e)
{
	(void)e;
}

const struct emit_ops emit_csv_ops = {
    .begin = csv_begin,
    .cell = csv_cell,
    .row = csv_row,
    .cells = csv_cells,
    .stored = csv_stored,
    .end = nothing,
    .clean = ROW_CSV_CLEAN,
    .apart = true,
};
