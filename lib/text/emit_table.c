/* SPDX-License-Identifier: ISC */
/*
 * emit_table: aligned columns for people. The first rows are held back until
 * the widths are known; what comes later keeps to them.
 */
#include "text/emit_priv.h"

#include "base/utf8.h"

enum {
	HOLD_ROWS = 1000,
	HOLD_BYTES = 8 << 20, /* or so much text, whichever is first */
	GAP = 2,	      /* blanks between columns */
	TEXT_MIN = 8,	      /* no text column becomes narrower */
	CHAR_BYTES = 8,	      /* kept of a long value per terminal column */
	MOMENT_WIDTH = 16
};

static const struct str ellipsis = {.p = "…", .n = 3};

struct table_column {
	size_t content; /* the widest cell */
	size_t natural; /* the same with the header */
	size_t min;	/* what it may be shrunk to */
	size_t width;
	bool any;   /* some cell has a value */
	bool shown; /* not left out for lack of room */
	bool whole; /* ids, numbers, dates: never cut, half of one is wrong */
};

/* A cell that is held back. */
struct held {
	uint32_t end; /* in the text */
	uint32_t width;
};

struct table {
	struct table_column *cols;
	struct buf text; /* the held cells, one behind the other */
	struct held *held;
	size_t nheld, cap;
	struct buf cell; /* one cell, once rows are streamed */
	bool streaming;
	bool left_out; /* some column is not shown for lack of room */
	size_t blanks; /* owed before the next text of this line */
};

/* "2026-03-02 14:30" in local time; false for a day, which has none. */
static bool
render_moment(const struct emit *e, struct str value, struct buf *out)
{
	int64_t utc = 0;
	int secs = 0;

	if (value.n <= DATE_LEN || !time_parse(value, &utc))
		return false;
	char text[MOMENT_WIDTH + 1] = "0000-00-00 00:00";
	int minutes;
	date_write(date_local(e->o.zone, utc, &secs), text);
	minutes = secs / 60;
	text[11] = (char)('0' + minutes / 600);
	text[12] = (char)('0' + minutes / 60 % 10);
	text[14] = (char)('0' + minutes % 60 / 10);
	text[15] = (char)('0' + minutes % 10);
	buf_add(out, (struct str){text, sizeof text - 1});
	return true;
}

/* Appends what a person sees of VALUE; returns how wide that is. No more than
 * could be shown is kept of a long one, so that held rows are bounded. */
static size_t
render(const struct emit *e, enum cell_type type, struct str value,
    struct buf *out)
{
	size_t most = (e->o.width + 1) * CHAR_BYTES, from = out->n;

	if (type == CELL_TIME && render_moment(e, value, out))
		return MOMENT_WIDTH;
	if (e->o.width == 0 || value.n <= most) {
		if (utf8_plain(value)) {
			buf_add(out, value);
			return value.n;
		}
		utf8_visible(value, out);
	} else {
		while (
		    most > 0 && ((unsigned char)value.p[most] & 0xc0) == 0x80)
			most--;
		utf8_visible(str_head(value, most), out);
		buf_add(out, ellipsis);
	}
	return utf8_width(str_from_pos(str_of(out), from));
}

/* Appends as much of TEXT as fits before an ellipsis in WIDTH columns. */
static size_t
cut(struct str text, size_t width, struct buf *out)
{
	size_t used = 0;
	size_t at = 0;

	/* An ellipsis behind these fits. */
	while (at < text.n && at + 1 < width && text.p[at] >= 0x20 &&
	       text.p[at] < 0x7f)
		at++;
	used = at;
	while (at < text.n) {
		size_t next = at;
		int w = utf8_char_width(utf8_next(text, &next));
		if (w > 0 && used + (size_t)w + 1 > width)
			break;
		used += w > 0 ? (size_t)w : 0;
		at = next;
	}
	buf_add(out, str_head(text, at));
	buf_add(out, ellipsis);
	return used + 1;
}

static void
pay_blanks(struct emit *e)
{
	size_t n = e->table->blanks;
	char *p = buf_room(e->to, n);

	e->table->blanks = 0;
	if (!p)
		return;
	memset(p, ' ', n);
	p[n] = '\0';
	e->to->n += n;
}

/* Prints one cell of a line, WIDTH columns wide. Blanks behind it are owed,
 * not printed, so that no line ends with some. */
static void
print_cell(
    struct emit *e, size_t i, struct str text, size_t width, bool may_cut)
{
	const struct table_column *c = &e->table->cols[i];
	bool right = e->cols[i].type == CELL_NUMBER && !e->cols[i].list;

	if (!c->shown)
		return;
	size_t pad = width < c->width ? c->width - width : 0;
	size_t blanks =
	    e->table->blanks + (i > 0 ? GAP : 0) + (right ? pad : 0);
	bool whole = width <= c->width || !may_cut;
	size_t n = whole ? text.n : 0;
	char *p;

	e->table->blanks = blanks;
	if (text.n > 0) {
		e->table->blanks = 0;
		p = emit_room(e->to, blanks + n);
		if (!p)
			return;
		memset(p, ' ', blanks);
		memcpy(p + blanks, text.p, n);
		emit_wrote(e->to, p + blanks + n);
	}
	if (!whole) {
		width = cut(text, c->width, e->to);
		pad = width < c->width ? c->width - width : 0;
	}
	e->table->blanks += right ? 0 : pad;
}

static void
print_eol(struct emit *e)
{
	e->table->blanks = e->o.indent;
	emit_eol(e);
}

static void
print_header(struct emit *e)
{
	if (e->o.no_header)
		return;
	if (e->o.colour) {
		pay_blanks(e);
		buf_addz(e->to, "\033[1m");
	}
	for (size_t i = 0; i < e->ncols; i++)
		print_cell(
		    e, i, e->cols[i].name, utf8_width(e->cols[i].name), true);
	if (e->table->left_out) {
		e->table->blanks += GAP;
		pay_blanks(e);
		buf_add(e->to, ellipsis);
	}
	if (e->o.colour)
		buf_addz(e->to, "\033[0m");
	print_eol(e);
}

/* The columns a line takes when every column is cut to LIMIT, but not below
 * its minimum. */
static size_t
line_width(const struct emit *e, size_t limit)
{
	size_t sum = 0;
	for (size_t i = 0; i < e->ncols; i++) {
		const struct table_column *c = &e->table->cols[i];
		size_t w = c->natural < limit ? c->natural : limit;
		if (c->shown)
			sum += (i > 0 ? GAP : 0) + (w < c->min ? c->min : w);
	}
	return sum;
}

/* The widest columns give first, all down to the same width. */
static void
fit_widths(struct emit *e, size_t room)
{
	size_t limit = 0;
	for (size_t i = 0; i < e->ncols; i++) {
		if (e->table->cols[i].natural > limit)
			limit = e->table->cols[i].natural;
	}
	while (limit > 1 && line_width(e, limit) > room)
		limit--;
	size_t used = line_width(e, limit);
	size_t left = room > used ? room - used : 0;
	for (size_t i = 0; i < e->ncols; i++) {
		struct table_column *c = &e->table->cols[i];
		c->width = c->natural < limit ? c->natural : limit;
		if (c->width < c->min)
			c->width = c->min;
		if (c->shown && left > 0 && c->width < c->natural) {
			c->width++;
			left--;
		}
	}
}

/* What one column needs and may lose. */
static void
measure(struct emit *e, size_t i)
{
	enum { WHOLE_MIN = 4 };
	const struct emit_column *col = &e->cols[i];
	struct table_column *c = &e->table->cols[i];
	size_t header = e->o.no_header ? 0 : utf8_width(col->name);

	c->shown = true;
	c->natural = c->content > header ? c->content : header;
	c->min = TEXT_MIN;
	if (c->whole)
		c->min = c->content > WHOLE_MIN ? c->content : WHOLE_MIN;
	if (c->min > c->natural)
		c->min = c->natural;
}

/*
 * Too wide for the terminal: columns without any value go first, but only
 * when every row was seen (COMPLETE); then text is shrunk; then columns are
 * left out from the right. The first column stays.
 */
static void
layout(struct emit *e, bool complete)
{
	struct table *t = e->table;
	size_t room = e->o.width ? e->o.width : SIZE_MAX;

	for (size_t i = 0; i < e->ncols; i++)
		measure(e, i);
	for (size_t i = 1; i < e->ncols && complete; i++) {
		if (line_width(e, SIZE_MAX) > room)
			t->cols[i].shown = t->cols[i].any;
	}
	for (size_t i = e->ncols; i > 1 && line_width(e, 0) > room; i--) {
		if (!t->cols[i - 1].shown)
			continue;
		t->cols[i - 1].shown = false;
		room -= t->left_out || room < GAP + 1 ? 0 : GAP + 1;
		t->left_out = true;
	}
	fit_widths(e, room);
}

/* Prints the header and the rows held back; later rows are streamed. */
static void
release(struct emit *e, bool complete)
{
	struct table *t = e->table;
	size_t from = 0;

	t->streaming = true;
	layout(e, complete);
	print_header(e);
	for (size_t i = 0, col = 0; i < t->nheld; i++) {
		struct str text = {t->text.p + from, t->held[i].end - from};
		print_cell(e, col, text, t->held[i].width, !t->cols[col].whole);
		from = t->held[i].end;
		if (++col < e->ncols)
			continue;
		print_eol(e);
		col = 0;
	}
	buf_clear(&t->text);
	free(t->held);
	t->held = NULL;
	t->nheld = t->cap = 0;
}

static bool
held_room(struct table *t)
{
	if (t->nheld < t->cap)
		return true;
	size_t cap = t->cap ? t->cap * 2 : 128;
	struct held *p = realloc(t->held, cap * sizeof(*p));
	if (!p)
		return false;
	t->held = p;
	t->cap = cap;
	return true;
}

static void
hold_cell(struct emit *e, struct str value)
{
	struct table *t = e->table;
	struct table_column *c = &t->cols[e->at];

	if (!held_room(t)) {
		e->failed = true;
		return;
	}
	size_t width = render(e, e->cols[e->at].type, value, &t->text);
	t->held[t->nheld++] =
	    (struct held){.end = (uint32_t)t->text.n, .width = (uint32_t)width};
	c->any |= value.n > 0;
	if (width > c->content)
		c->content = width;
}

static void
table_cell(struct emit *e, struct str value, bool clean)
{
	struct table *t = e->table;

	(void)clean;
	if (e->failed)
		return;
	if (!t->streaming) {
		hold_cell(e, value);
		return;
	}
	buf_reset(&t->cell);
	size_t width = render(e, e->cols[e->at].type, value, &t->cell);
	print_cell(e, e->at, str_of(&t->cell), width, !t->cols[e->at].whole);
}

static void
table_row(struct emit *e)
{
	struct table *t = e->table;

	if (e->failed)
		return;
	if (t->streaming)
		print_eol(e);
	else if (e->rows + 1 >= HOLD_ROWS || t->text.n >= HOLD_BYTES)
		release(e, false);
}

static void
table_begin(struct emit *e)
{
	e->table = calloc(1, sizeof(*e->table));
	if (e->table)
		e->table->cols =
		    calloc(e->ncols ? e->ncols : 1, sizeof(*e->table->cols));
	if (!e->table || !e->table->cols) {
		e->failed = true;
		return;
	}
	e->table->blanks = e->o.indent;
	for (size_t i = 0; i < e->ncols; i++) {
		const struct emit_column *c = &e->cols[i];
		e->table->cols[i].whole =
		    str_is(c->name, "id") || (c->type != CELL_TEXT && !c->list);
	}
}

/* No rows, no table: a lone header tells a person nothing. */
static void
table_end(struct emit *e)
{
	if (e->failed)
		return;
	if (!e->table->streaming && e->rows > 0 && e->ncols > 0)
		release(e, true);
	e->failed |= e->table->text.failed || e->table->cell.failed;
}

static void
table_clear(struct emit *e)
{
	if (!e->table)
		return;
	buf_clear(&e->table->text);
	buf_clear(&e->table->cell);
	free(e->table->held);
	free(e->table->cols);
	free(e->table);
}

const struct emit_ops emit_table_ops = {
    .begin = table_begin,
    .cell = table_cell,
    .row = table_row,
    .end = table_end,
    .clear = table_clear,
};
