/* SPDX-License-Identifier: ISC */
/*
 * emit_table: aligned columns for people. The first rows are held back until
 * the widths are known; what comes later keeps to them.
 */
#include "text/emit_priv.h"

#include "base/num.h"
#include "base/utf8.h"

enum {
	HOLD_ROWS = 1000,
	HOLD_BYTES = 8 << 20, /* or so much text, whichever is first */
	GAP = 2,	      /* blanks between columns */
	TEXT_MIN = 8,	      /* no text column becomes narrower */
	CHAR_BYTES = 8,	      /* kept of a long value per terminal column */
	MOMENT_WIDTH = 16,
	/* Room that is taken for more rows than FEW_ROWS; what is not written
	 * takes no memory. */
	FEW_ROWS = 16,
	HELD_FIRST = 16 * HOLD_ROWS,
	TEXT_FIRST = 32 * 1024,
	NEAR = 32 /* bytes that are copied without a look at how many */
};

static const struct str ellipsis = {.p = "…", .n = 3};

struct table_column {
	size_t content; /* the widest cell */
	size_t natural; /* the same with the header */
	size_t min;	/* what it may be shrunk to */
	size_t width;
	size_t sum;  /* of the widths of all cells */
	uint8_t gap; /* blanks in front of all */
	bool right;  /* numbers: the others stand in front, too */
	bool any;    /* some cell has a value, even if the sum is 0 */
	bool time;   /* moments are shown in local time */
	bool shown;  /* not left out for lack of room */
	bool whole;  /* ids, numbers, dates: never cut, half of one is wrong */
};

/*
 * What is known of a cell that is held back: how many bytes of the text it is,
 * and how many columns. That is one byte for most, which are short and have a
 * column a byte; else HELD_TWO and a byte for each, or HELD_LONG and a number.
 */
enum {
	HELD_TWO = 0xfe,
	HELD_LONG = 0xff,
	HELD_MOST = 1 + 2 * sizeof(uint32_t)
};

/* The next cell that was held back. */
struct cells {
	const char *text; /* NEAR bytes more may be read */
	const unsigned char *held;
};

/* The one that a time was in. */
struct month {
	char text[8];  /* "2026-03-" */
	int first;     /* day */
	unsigned days; /* from there on */
};

struct table {
	struct table_column *cols;
	struct month month;
	struct buf text; /* the held cells, one behind the other, and NEAR
			    bytes of room */
	struct buf held; /* what is known of them */
	size_t rows;	 /* held */
	struct buf cell; /* one cell, once rows are streamed; the same */
	bool streaming;
	bool left_out; /* some column is not shown for lack of room */
	size_t blanks; /* owed before the next text of this line */
	size_t most;   /* bytes of a value that are looked at */
	size_t line;   /* of a line beside its text, and NEAR twice */
};

/* A date. Times in order share their month, mostly. */
static void
render_day(struct month *m, int day, char *p)
{
	unsigned since = (unsigned)day - (unsigned)m->first;

	if (since < m->days) {
		memcpy(p, m->text, sizeof(m->text));
		num_two(p + sizeof(m->text), since + 1);
		return;
	}
	date_write(day, p);
	memcpy(m->text, p, sizeof(m->text));
	m->first = day - ((p[8] - '0') * 10 + p[9] - '0') + 1;
	m->days = 28; /* every month has them */
}

/* "2026-03-02 14:30" in local time. */
static void
render_instant(const struct emit *e, int64_t utc, struct buf *out)
{
	int secs = 0, day = date_local(e->o.zone, utc, &secs);
	int minutes = secs / 60;
	char *p = emit_room(out, MOMENT_WIDTH + NEAR);

	if (!p)
		return;
	render_day(&e->table->month, day, p);
	p[10] = ' ';
	num_two(p + 11, (unsigned)minutes / 60);
	p[13] = ':';
	num_two(p + 14, (unsigned)minutes % 60);
	emit_wrote(out, p + MOMENT_WIDTH);
}

/* The same for a text; false for a day, which has none. */
static bool
render_moment(const struct emit *e, struct str value, struct buf *out)
{
	int64_t utc = 0;

	if (value.n <= DATE_LEN || !time_parse(value, &utc))
		return false;
	render_instant(e, utc, out);
	return true;
}

/* Some byte of W is below a blank, or above '~'. */
static inline uint64_t
unprintable(uint64_t w)
{
	return ((w - EIGHT_ONES * 0x20) | w | (w + EIGHT_ONES)) & EIGHT_HIGH;
}

/* Copies the N bytes at S to P, fewer than eight of them; the same. */
static inline uint64_t
few_copy(char *p, const char *s, size_t n)
{
	uint32_t head, tail;
	uint64_t w = EIGHT_ONES * ' ' & ~UINT64_C(0xffffff);

	if (n >= 4) {
		memcpy(&head, s, 4);
		memcpy(&tail, s + n - 4, 4);
		memcpy(p, &head, 4);
		memcpy(p + n - 4, &tail, 4);
		return unprintable((uint64_t)head << 32 | tail);
	}
	if (n == 0)
		return 0;
	p[0] = s[0];
	p[n / 2] = s[n / 2];
	p[n - 1] = s[n - 1];
	return unprintable(w | (unsigned char)p[0] |
			   (uint32_t)(unsigned char)p[n / 2] << 8 |
			   (uint32_t)(unsigned char)p[n - 1] << 16);
}

/* The same for eight and more; the last eight are copied as such. */
static inline uint64_t
many_copy(char *p, const char *s, size_t n)
{
	uint64_t w, bad = 0;

	for (size_t at = 0; at < n - 8; at += 8) {
		w = eight_load(s + at);
		memcpy(p + at, &w, 8);
		bad |= unprintable(w);
	}
	w = eight_load(s + n - 8);
	memcpy(p + n - 8, &w, 8);
	return bad | unprintable(w);
}

/* Appends VALUE if a person sees it as it is, one column a byte. */
static inline bool
render_plain(struct str value, struct buf *out)
{
	char *p = emit_room(out, value.n + NEAR);
	uint64_t bad;

	if (!p)
		return false;
	bad = value.n < 8 ? few_copy(p, value.p, value.n)
			  : many_copy(p, value.p, value.n);
	emit_wrote(out, bad ? p : p + value.n);
	return bad == 0;
}

/* The same for one with letters of Latin languages; *WIDTH is how wide. */
static bool
render_latin(struct str value, struct buf *out, size_t *width)
{
	if (!utf8_latin_width(value, width))
		return false;
	buf_add(out, value);
	return true;
}

/* Appends what a person sees of VALUE; returns how wide that is. No more than
 * could be shown is kept of a long one, so that held rows are bounded. */
static size_t
render(const struct emit *e, bool time, struct str value, struct buf *out)
{
	size_t most = e->table->most, from = out->n, width;

	if (time && render_moment(e, value, out))
		return MOMENT_WIDTH;
	if (value.n <= most) {
		if (render_plain(value, out))
			return value.n;
		if (render_latin(value, out, &width))
			return width;
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

/* How much of TEXT, COLUMNS wide, fits before an ellipsis in *WIDTH columns;
 * then what both take. */
static size_t
cut(struct str text, size_t columns, size_t *width)
{
	size_t used = 0, at = 0, most = *width > 0 ? *width : 1;

	if (columns == text.n) { /* ASCII, and longer */
		*width = most;
		return most - 1;
	}
	while (at < text.n && at + 1 < most && text.p[at] >= 0x20 &&
	       text.p[at] < 0x7f)
		at++;
	used = at;
	while (at < text.n) {
		size_t next = at;
		int w = utf8_char_width(utf8_next(text, &next));
		if (w > 0 && used + (size_t)w + 1 > most)
			break;
		used += w > 0 ? (size_t)w : 0;
		at = next;
	}
	*width = used + 1;
	return at;
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

/* Both write up to NEAR bytes more. */
static inline char *
blanks_put(char *p, size_t n)
{
	static const char blanks[] = "                ";

	memcpy(p, blanks, sizeof(blanks) - 1);
	if (n > sizeof(blanks) - 1)
		memset(p, ' ', n);
	return p + n;
}

/* What is held lies behind, but maybe not far: see lines_room. */
static inline char *
text_put(char *p, struct str text)
{
	memcpy(p, text.p, NEAR);
	if (text.n > NEAR)
		memmove(p + NEAR, text.p + NEAR, text.n - NEAR);
	return p + text.n;
}

static inline unsigned char *
held_put(unsigned char *p, size_t n, size_t width)
{
	uint32_t both[2] = {(uint32_t)n, (uint32_t)width};

	if (n == width && n < HELD_TWO) {
		*p = (unsigned char)n;
		return p + 1;
	}
	if (n <= UINT8_MAX && width <= UINT8_MAX) {
		p[0] = HELD_TWO;
		p[1] = (unsigned char)n;
		p[2] = (unsigned char)width;
		return p + 3;
	}
	*p = HELD_LONG;
	memcpy(p + 1, both, sizeof(both));
	return p + HELD_MOST;
}

/* Takes the next one; returns its text. */
static inline struct str
held_get(struct cells *from, size_t *width)
{
	struct str s = {from->text, *from->held++};
	uint32_t both[2];

	*width = s.n;
	if (s.n == HELD_TWO) {
		s.n = *from->held++;
		*width = *from->held++;
	} else if (s.n == HELD_LONG) {
		memcpy(both, from->held, sizeof(both));
		from->held += sizeof(both);
		s.n = both[0];
		*width = both[1];
	}
	from->text += s.n;
	return s;
}

/* Writes what there is room for of a text that is COLUMNS wide. */
static char *
cut_put(char *p, const struct table_column *c, struct str text, size_t columns,
    size_t *owed)
{
	size_t width = c->width, pad;

	text.n = cut(text, columns, &width);
	pad = width < c->width ? c->width - width : 0;
	p = text_put(blanks_put(p, c->right ? pad : 0), text);
	memcpy(p, ellipsis.p, ellipsis.n);
	*owed = c->right ? 0 : pad;
	return p + ellipsis.n;
}

/*
 * Writes the cells of columns C to END of a line to P, where there is room for
 * the line. Blanks behind a cell are owed, not written, so that no line ends
 * with some. HEADER: all may be cut.
 */
static inline char *
cells_put(char *p, const struct table_column *c, const struct table_column *end,
    struct cells *cells, bool header, size_t *owed)
{
	struct cells from = *cells; /* which no text written to P can be */
	size_t blanks = *owed;

	for (; c < end; c++) {
		size_t width, pad, before;
		struct str s = held_get(&from, &width);

		if (!c->shown)
			continue;
		if (width > c->width && (header || !c->whole)) {
			p = blanks_put(p, blanks + c->gap);
			p = cut_put(p, c, s, width, &blanks);
			continue;
		}
		pad = width < c->width ? c->width - width : 0;
		before = c->right ? pad : 0;
		blanks += c->gap + before;
		if (s.n > 0) {
			p = text_put(blanks_put(p, blanks), s);
			blanks = 0;
		}
		blanks += pad - before;
	}
	*owed = blanks;
	*cells = from;
	return p;
}

/* Prints a cell of a line. */
static void
print_cell(struct emit *e, size_t i, struct str text, size_t width, bool header)
{
	struct table *t = e->table;
	unsigned char held[HELD_MOST];
	struct cells from = {text.p, held};
	const struct table_column *c = &t->cols[i];
	char *p = emit_room(e->to, t->blanks + t->line + text.n);

	held_put(held, text.n, width);
	if (p)
		emit_wrote(
		    e->to, cells_put(p, c, c + 1, &from, header, &t->blanks));
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
	for (size_t i = 0; i < e->ncols; i++) {
		struct str name = e->cols[i].name;

		buf_reset(&e->table->cell);
		buf_add(&e->table->cell, name);
		if (buf_room(&e->table->cell, NEAR))
			print_cell(e, i, str_of(&e->table->cell),
			    utf8_width(name), true);
	}
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
			t->cols[i].shown = t->cols[i].any || t->cols[i].sum;
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

/* How many bytes the header and the held lines take at most; what is counted of
 * a cell is no less than its text. A row more, in case that one has begun. */
static size_t
lines_most(const struct emit *e)
{
	enum { COLOURS = 16 };
	const struct table *t = e->table;
	size_t rows = t->rows + 1, n = e->ncols;
	size_t sum = t->text.n + rows * (e->o.indent + 1) + t->line + COLOURS;

	while (n > 0 && !t->cols[n - 1].shown)
		n--;
	for (size_t i = 0; i < n; i++) {
		const struct table_column *c = &t->cols[i];
		bool cut = c->width < c->content;

		if (!c->shown)
			continue;
		sum += rows * (c->gap + (cut ? ellipsis.n : 0));
		sum += e->cols[i].name.n;
		if (i + 1 < n || c->right) /* blanks */
			sum += rows * c->width - (cut ? 0 : c->sum);
	}
	return sum;
}

/*
 * Makes room for the lines, and tells FROM which cells they are made. Each page
 * of memory that is touched costs as much as a hundred cells, so a long text is
 * not copied to others: it is moved to the end of what the lines can take, and
 * becomes the output. Nothing is written over before it was read, since the
 * lines that are left take no less than their text.
 */
static bool
lines_room(struct emit *e, struct cells *from)
{
	enum { APART = 4 * NEAR, MORE = 4096 /* for what follows */ };
	struct table *t = e->table;
	struct buf *text = &t->text, to = *e->to;
	size_t n = text->n, all = to.n + lines_most(e) + APART;

	*from = (struct cells){text->p, (const void *)t->held.p};
	if (to.failed || to.n > n)
		return buf_room(e->to, all - to.n) != NULL;
	if (!buf_exact(text, all - n + MORE))
		return false;
	memmove(text->p + all - n, text->p, n + NEAR);
	if (to.n > 0)
		memcpy(text->p, to.p, to.n);
	from->text = text->p + all - n;
	*e->to = *text;
	e->to->n = to.n;
	*text = to;
	return true;
}

/* Prints the header and the rows held back; later rows are streamed. */
static void
release(struct emit *e, bool complete)
{
	struct table *t = e->table;
	struct cells from;
	size_t blanks;
	char *p;

	t->streaming = true;
	layout(e, complete);
	t->line = e->o.indent + 2 * NEAR + 2;
	for (size_t i = 0; i < e->ncols; i++)
		t->line += t->cols[i].gap + t->cols[i].width + ellipsis.n;
	e->failed = !lines_room(e, &from);
	if (e->failed)
		return;
	print_header(e);
	p = e->to->p + e->to->n;
	for (size_t i = 0; i < t->rows; i++) {
		blanks = e->o.indent;
		p = cells_put(
		    p, t->cols, t->cols + e->ncols, &from, false, &blanks);
		*p++ = e->o.nul ? '\0' : '\n';
	}
	emit_wrote(e->to, p);
	buf_clear(&t->text);
	buf_clear(&t->held);
}

/* Where the present cell is made. */
static struct buf *
cell_room(struct table *t)
{
	if (!t->streaming)
		return &t->text;
	buf_reset(&t->cell);
	return &t->cell;
}

/* The present cell has been made behind the others, of N bytes and WIDTH
 * columns. There is room for what is known of it, see row_room. */
static inline void
cell_hold(struct table *t, struct table_column *c, size_t n, size_t width)
{
	unsigned char *p = (unsigned char *)t->held.p + t->held.n;

	t->held.n += (size_t)(held_put(p, n, width) - p);
	c->sum += width;
	if (width > c->content)
		c->content = width;
}

/* Room for what will be known of the cells of a row. Where there are many, the
 * text gets much at once, after all else: who stands last in memory can grow
 * where he is, and nobody comes behind him while rows are made. */
static void
row_room(struct emit *e)
{
	struct table *t = e->table;

	if (t->rows == FEW_ROWS && buf_room(&t->held, HELD_FIRST))
		(void)buf_room(&t->text, TEXT_FIRST);
	if (!emit_room(&t->held, e->ncols * HELD_MOST))
		e->failed = true;
}

/* The same, wherever it is; those of TEXT from FROM on. */
static void
cell_made(struct emit *e, struct buf *text, size_t from, size_t width, bool any)
{
	struct table *t = e->table;

	if (!buf_room(text, NEAR))
		return;
	if (t->streaming) {
		print_cell(e, e->at, str_of(text), width, false);
		return;
	}
	cell_hold(t, &t->cols[e->at], text->n - from, width);
	t->cols[e->at].any |= any;
}

static void
table_cell(struct emit *e, struct str value, bool clean)
{
	struct table *t = e->table;
	struct table_column *c = &t->cols[e->at];
	size_t width, from;
	struct buf *text;

	(void)clean;
	if (e->failed)
		return;
	if (!t->streaming && !c->time && value.n <= t->most &&
	    render_plain(value, &t->text)) {
		cell_hold(t, c, value.n, value.n);
		return;
	}
	text = cell_room(t);
	from = text->n;
	width = render(e, c->time, value, text);
	cell_made(e, text, from, width, value.n > 0);
}

static void
table_instant(struct emit *e, int64_t utc)
{
	struct table *t = e->table;
	struct buf *text = cell_room(t);

	if (e->failed)
		return;
	render_instant(e, utc, text);
	if (t->streaming)
		print_cell(e, e->at, str_of(text), MOMENT_WIDTH, false);
	else if (!text->failed)
		cell_hold(t, &t->cols[e->at], MOMENT_WIDTH, MOMENT_WIDTH);
}

static void
table_row(struct emit *e)
{
	struct table *t = e->table;

	if (e->failed)
		return;
	if (t->streaming)
		print_eol(e);
	else if (++t->rows >= HOLD_ROWS || t->text.n >= HOLD_BYTES)
		release(e, false);
	else
		row_room(e);
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
	row_room(e);
	e->table->blanks = e->o.indent;
	e->table->most = e->o.width ? (e->o.width + 1) * CHAR_BYTES : SIZE_MAX;
	for (size_t i = 0; i < e->ncols; i++) {
		const struct emit_column *c = &e->cols[i];
		e->table->cols[i].gap = i > 0 ? GAP : 0;
		e->table->cols[i].time = c->type == CELL_TIME;
		e->table->cols[i].right = c->type == CELL_NUMBER && !c->list;
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
	e->failed |= e->table->text.failed || e->table->cell.failed;
	if (!e->failed && !e->table->streaming && e->rows > 0 && e->ncols > 0)
		release(e, true);
}

static void
table_clear(struct emit *e)
{
	if (!e->table)
		return;
	buf_clear(&e->table->text);
	buf_clear(&e->table->cell);
	buf_clear(&e->table->held);
	free(e->table->cols);
	free(e->table);
}

const struct emit_ops emit_table_ops = {
    .begin = table_begin,
    .cell = table_cell,
    .instant = table_instant,
    .row = table_row,
    .end = table_end,
    .clear = table_clear,
};
