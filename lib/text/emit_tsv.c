/* SPDX-License-Identifier: ISC */
/* emit_tsv: crm-tsv(5), and the same with 0x1f for the shell's read. */
#include "text/emit_priv.h"

#include "base/escape.h"
#include "model/row.h"

/* A separator and a value that needs nothing: one memcpy. */
static void
cell_copy(struct emit *e, struct str value)
{
	char *p = buf_room(e->to, value.n + 1);
	if (!p)
		return;
	size_t n = 0;
	if (e->at > 0)
		p[n++] = e->sep;
	if (value.n > 0)
		memcpy(p + n, value.p, value.n);
	n += value.n;
	p[n] = '\0';
	e->to->n += n;
}

static void
tsv_cell(struct emit *e, struct str value, bool clean)
{
	if (clean || emit_span(value, BYTE_TSV) == value.n) {
		cell_copy(e, value);
		return;
	}
	if (e->at > 0)
		buf_addc(e->to, e->sep);
	escape_tsv(value, e->to);
}

/* The separator itself becomes what printf's %b turns back into it. */
static void
us_cell(struct emit *e, struct str value, bool clean)
{
	if (clean || emit_span(value, BYTE_TSV | BYTE_UNIT) == value.n) {
		cell_copy(e, value);
		return;
	}
	if (e->at > 0)
		buf_addc(e->to, e->sep);
	for (struct str rest = value; rest.p;) {
		struct str part = str_cut(&rest, '\x1f');
		escape_tsv(part, e->to);
		if (rest.p)
			buf_addz(e->to, "\\0037");
	}
}

static void
header(struct emit *e)
{
	if (e->o.no_header)
		return;
	for (e->at = 0; e->at < e->ncols; e->at++)
		e->ops->cell(e, e->cols[e->at].name, false);
	e->at = 0;
	emit_eol(e);
}

static void
tsv_begin(struct emit *e)
{
	e->sep = '\t';
	header(e);
}

static void
us_begin(struct emit *e)
{
	e->sep = '\x1f';
	header(e);
}

/* Most cells are short; a call takes longer than they do. */
static inline char *
short_copy(char *p, struct str v)
{
	uint64_t low, high;
	uint32_t head, tail;

	if (v.n > 16) {
		memcpy(p, v.p, v.n);
	} else if (v.n >= 8) {
		memcpy(&low, v.p, 8);
		memcpy(&high, v.p + v.n - 8, 8);
		memcpy(p, &low, 8);
		memcpy(p + v.n - 8, &high, 8);
	} else if (v.n >= 4) {
		memcpy(&head, v.p, 4);
		memcpy(&tail, v.p + v.n - 4, 4);
		memcpy(p, &head, 4);
		memcpy(p + v.n - 4, &tail, 4);
	} else if (v.n > 0) {
		p[0] = v.p[0];
		p[v.n / 2] = v.p[v.n / 2];
		p[v.n - 1] = v.p[v.n - 1];
	}
	return p + v.n;
}

/* A clean row in one go. */
static void
row_copy(struct emit *e, const struct str *cells)
{
	size_t n = e->ncols;
	char *p;

	for (size_t i = 0; i < e->ncols; i++)
		n += cells[i].n;
	p = emit_room(e->to, n + 1);
	if (!p)
		return;
	for (size_t i = 0; i < e->ncols; i++) {
		if (i > 0)
			*p++ = e->sep;
		p = short_copy(p, cells[i]);
	}
	*p++ = e->o.nul ? '\0' : '\n';
	emit_wrote(e->to, p);
}

static void
tsv_cells(struct emit *e, const struct str *cells, bool clean)
{
	if (clean) {
		row_copy(e, cells);
		return;
	}
	for (e->at = 0; e->at < e->ncols; e->at++)
		tsv_cell(e, cells[e->at], false);
	e->at = 0;
	emit_eol(e);
}

/* Of a clean row. */
static char *
steps_copy(char *p, const struct emit *e, const struct emit_plan *plan,
    struct emit_source from, struct str id)
{
	const struct emit_step *s = plan->steps, *end = s + plan->n;
	char sep = e->sep;

	for (; s < end; s++) {
		p = emit_gap(p, s->gap, sep);
		if (s->type == STEP_VALUE) {
			p = emit_copy(p, emit_value(from, s));
		} else if (s->type == STEP_ID) {
			memcpy(p, id.p, id.n);
			p += id.n;
		}
	}
	for (size_t gap = plan->rest; gap > 0; gap--)
		*p++ = sep;
	return p;
}

/* Of one where something may have to be escaped. */
static void
steps_escape(struct emit *e, const struct emit_plan *plan,
    struct emit_source from, struct str id)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct emit_step *s = &plan->steps[i];

		for (size_t gap = s->gap; gap > 0; gap--)
			buf_addc(e->to, e->sep);
		if (s->type == STEP_VALUE)
			escape_tsv(emit_value(from, s), e->to);
		else if (s->type == STEP_ID)
			buf_add(e->to, id);
	}
	for (size_t gap = plan->rest; gap > 0; gap--)
		buf_addc(e->to, e->sep);
	emit_eol(e);
}

static void
tsv_stored(struct emit *e, const struct emit_plan *plan, const struct row *row,
    struct str id)
{
	struct emit_source from;
	struct emit_tail tail;
	char *p;

	from = emit_source(row, &tail);
	if (!(row->flags & ROW_TSV_CLEAN)) {
		steps_escape(e, plan, from, id);
		return;
	}
	p = emit_room(e->to, emit_most(plan, row, id) + e->ncols + 1);
	if (!p)
		return;
	p = steps_copy(p, e, plan, from, id);
	*p++ = e->o.nul ? '\0' : '\n';
	emit_wrote(e->to, p);
}

static void
nothing(struct emit *e)
{
	(void)e;
}

const struct emit_ops emit_tsv_ops = {
    .begin = tsv_begin,
    .cell = tsv_cell,
    .cells = tsv_cells,
    .stored = tsv_stored,
    .row = emit_eol,
    .end = nothing,
    .clean = ROW_TSV_CLEAN,
    .apart = true,
};

const struct emit_ops emit_us_ops = {
    .begin = us_begin,
    .cell = us_cell,
    .row = emit_eol,
    .end = nothing,
    .clean = ROW_TSV_CLEAN | ROW_JSON_CLEAN,
    .apart = true,
};
