/* SPDX-License-Identifier: ISC */
/* emit_csv: comma-separated values as in RFC 4180, lines ended by LF. */
#include "text/emit_priv.h"

#include "model/row.h"

static void
csv_quoted(struct buf *to, struct str value)
{
	buf_addc(to, '"');
	for (struct str rest = value; rest.p;) {
		buf_add(to, str_cut(&rest, '"'));
		if (rest.p)
			buf_addz(to, "\"\"");
	}
	buf_addc(to, '"');
}

static void
csv_cell(struct emit *e, struct str value, bool clean)
{
	if (e->at > 0)
		buf_addc(e->to, ',');
	/* A row that is one empty cell would be a blank line, which readers
	 * skip. */
	if (value.n == 0 && e->ncols == 1)
		buf_addz(e->to, "\"\"");
	else if (clean || emit_span(value, BYTE_CSV) == value.n)
		buf_add(e->to, value);
	else
		csv_quoted(e->to, value);
}

static void
csv_begin(struct emit *e)
{
	if (e->o.no_header)
		return;
	for (e->at = 0; e->at < e->ncols; e->at++)
		csv_cell(e, e->cols[e->at].name, false);
	e->at = 0;
	emit_eol(e);
}

static void
nothing(struct emit *e)
{
	(void)e;
}

const struct emit_ops emit_csv_ops = {
    .begin = csv_begin,
    .cell = csv_cell,
    .row = emit_eol,
    .end = nothing,
    .clean = ROW_CSV_CLEAN,
};
