/* SPDX-License-Identifier: ISC */
/* csv_cut: one record cut into cells; the only file that sees libcsv. */
#include "text/csv_cut.h"

#include <csv.h>

enum {
	ENTRY_STEP = 16 << 10, /* libcsv's buffer grows by this much */
	/* All of a value doubled quotes, and its own two. */
	QUOTED_MAX = 2 * CRM_FIELD_MAX + 2,
};

struct csv_cutter {
	struct csv_parser parser;
	char delim, eol;
	bool lenient;
	struct str *cells;
	size_t n;
	struct buf scratch; /* what libcsv handed out */
};

/* Where a record is being cut. */
struct cutting {
	const char *p, *end; /* not cut yet; of all bytes */
	const char *eol;     /* of the line that p is in, or END */
	const char *lim;     /* what of the line is not line end */
	const char *quote;   /* the next one before lim, or NULL */
	bool last;
};

static void
parser_init(struct csv_cutter *c)
{
	unsigned char strict = CSV_STRICT | CSV_STRICT_FINI;

	/* Without options it never fails. */
	(void)csv_init(&c->parser, c->lenient ? 0 : strict);
	csv_set_delim(&c->parser, (unsigned char)c->delim);
	csv_set_blk_size(&c->parser, ENTRY_STEP);
}

/* After a fault libcsv is in the middle of a cell. */
static enum csv_cut
parser_drop(struct csv_cutter *c, enum csv_cut why)
{
	csv_free(&c->parser);
	parser_init(c);
	return why;
}

struct csv_cutter *
csv_cutter_new(char delimiter, char eol, bool lenient)
{
	struct csv_cutter *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->delim = delimiter;
	c->eol = eol;
	c->lenient = lenient;
	parser_init(c);
	c->cells = calloc(CSV_COLUMNS_MAX, sizeof(*c->cells));
	if (!c->cells) {
		csv_cutter_free(c);
		return NULL;
	}
	return c;
}

void
csv_cutter_free(struct csv_cutter *c)
{
	if (!c)
		return;
	csv_free(&c->parser);
	buf_clear(&c->scratch);
	free(c->cells);
	free(c);
}

static inline void
cell_put(struct csv_cutter *c, const char *p, size_t n)
{
	if (c->n < CSV_COLUMNS_MAX)
		c->cells[c->n] = (struct str){.p = p, .n = n};
	c->n++;
}

/* libcsv's buffer is used again for the next cell; scratch has room for all
 * that the bytes of the record can become. */
static void
cell_take(void *text, size_t n, void *arg)
{
	struct csv_cutter *c = arg;
	char *to = c->scratch.p + c->scratch.n;

	if (c->scratch.cap - c->scratch.n <= n) {
		c->scratch.failed = true;
		n = 0;
	}
	if (n > 0)
		memcpy(to, text, n);
	c->scratch.n += n;
	cell_put(c, to, n);
}

static enum csv_cut
feed(struct csv_cutter *c, const char *p, size_t n)
{
	if (csv_parse(&c->parser, p, n, cell_take, NULL, c) == n)
		return CUT_ROW;
	return csv_error(&c->parser) == CSV_EPARSE ? CUT_AFTER : CUT_NOMEM;
}

/* Finds the end of the line that k->p is in; false when it is not there. */
static bool
line_find(const struct csv_cutter *c, struct cutting *k)
{
	size_t left = (size_t)(k->end - k->p);

	k->eol = left ? memchr(k->p, c->eol, left) : NULL;
	if (!k->eol && !k->last)
		return false;
	if (!k->eol)
		k->eol = k->end;
	k->lim = k->eol;
	while (c->eol == '\n' && k->lim > k->p && k->lim[-1] == '\r')
		k->lim--;
	k->quote = memchr(k->p, '"', (size_t)(k->lim - k->p));
	return true;
}

/*
 * The quote from P on that may end the cell: the first that is not doubled.
 * NULL when there is none, or when what follows it is not there yet.
 */
static const char *
quote_end(const char *p, const struct cutting *k)
{
	while (p < k->end) {
		const char *q = memchr(p, '"', (size_t)(k->end - p));
		if (!q || (q + 1 == k->end && !k->last))
			return NULL;
		if (q + 1 == k->end || q[1] != '"')
			return q;
		p = q + 2;
	}
	return NULL;
}

/*
 * Feeds what stands behind a quote that may end the cell, from *P on, until it
 * does, so that there are WANT cells, or is seen not to. libcsv decides; blanks
 * may come before the delimiter.
 */
static enum csv_cut
quote_follow(
    struct csv_cutter *c, const char **p, size_t want, const struct cutting *k)
{
	while (*p < k->end) {
		char ch = **p;
		enum csv_cut cut = feed(c, *p, 1);
		if (cut || c->n == want)
			return cut;
		++*p;
		/* In lenient mode the cell goes on. */
		if (ch != ' ' && ch != '\t' && ch != '"')
			return CUT_ROW;
	}
	if (!k->last)
		return CUT_MORE;
	if (csv_fini(&c->parser, cell_take, NULL, c) == 0 && c->n == want)
		return CUT_ROW;
	return CUT_OPEN;
}

/* No quote ends the cell that OPEN opens; what comes before is fed from FED
 * on, so that the cells before it count. */
static enum csv_cut
quote_open(struct csv_cutter *c, const char *fed, const char *open,
    const struct cutting *k)
{
	if (!k->last && k->end - open <= QUOTED_MAX)
		return CUT_MORE;
	if (open > fed && feed(c, fed, (size_t)(open - fed)) == CUT_NOMEM)
		return CUT_NOMEM;
	return CUT_OPEN;
}

/* The quoted cell at k->p, which moves behind it, and behind further ones that
 * come directly after it: libcsv is not called for each. */
static enum csv_cut
cells_quoted(struct csv_cutter *c, struct cutting *k, struct csv_found *f)
{
	const char *fed = k->p;
	const char *p = k->p + 1;
	size_t want = c->n + 1;
	enum csv_cut cut = CUT_ROW;

	f->quote = f->at = k->p;
	while (!cut && c->n < want) {
		const char *q = quote_end(p, k);
		if (!q) {
			f->at = f->quote;
			cut = quote_open(c, fed, f->quote, k);
			break;
		}
		if (k->end - q > 2 && q[1] == c->delim && q[2] == '"') {
			f->quote = q + 2;
			p = q + 3;
			want++;
			continue;
		}
		cut = feed(c, fed, (size_t)(q + 1 - fed));
		fed = q + 1;
		if (!cut)
			cut = quote_follow(c, &fed, want, k);
		f->at = p = fed;
	}
	k->p = fed;
	return cut ? parser_drop(c, cut) : CUT_ROW;
}

/* Where the quoted text begins if the cell at P is one: blanks may come
 * before, as they may for libcsv. */
static const char *
quoted_start(const struct csv_cutter *c, const struct cutting *k)
{
	const char *p = k->p;

	if (!k->quote)
		return NULL;
	while (p < k->quote && (*p == ' ' || *p == '\t') && *p != c->delim)
		p++;
	return p == k->quote ? p : NULL;
}

/* Half a line end between P and LIM. */
static enum csv_cut
line_check(const struct csv_cutter *c, const char *p, const char *lim,
    struct csv_found *f)
{
	if (c->lenient || p == lim)
		return CUT_ROW;
	f->at = memchr(p, c->eol == '\n' ? '\r' : '\n', (size_t)(lim - p));
	return f->at ? CUT_BREAK : CUT_ROW;
}

/* A cell without quotes; k->p moves to the delimiter or line end behind. */
static enum csv_cut
cell_plain(struct csv_cutter *c, struct cutting *k, struct csv_found *f)
{
	const char *p = k->p;
	const char *stop = memchr(p, c->delim, (size_t)(k->lim - p));

	if (!stop)
		stop = k->lim;
	if (k->quote && k->quote < stop) {
		if (!c->lenient) {
			f->quote = f->at = k->quote;
			return CUT_STRAY;
		}
		k->quote = memchr(stop, '"', (size_t)(k->lim - stop));
	}
	enum csv_cut cut = line_check(c, p, stop, f);
	if (cut)
		return cut;
	cell_put(c, p, (size_t)(stop - p));
	k->p = stop;
	return CUT_ROW;
}

/* A line, or the rest of one, that has no quotes at all: most are so. */
static enum csv_cut
cells_plain(struct csv_cutter *c, struct cutting *k, struct csv_found *f)
{
	const char *p = k->p;

	for (;;) {
		const char *stop = memchr(p, c->delim, (size_t)(k->lim - p));
		if (!stop)
			break;
		cell_put(c, p, (size_t)(stop - p));
		p = stop + 1;
	}
	cell_put(c, p, (size_t)(k->lim - p));
	p = k->p;
	k->p = k->lim;
	return line_check(c, p, k->lim, f);
}

/* The next cell; *k may be in another line then. */
static enum csv_cut
cell_next(struct csv_cutter *c, struct cutting *k, struct csv_found *f)
{
	const char *quoted = quoted_start(c, k);

	if (!quoted)
		return cell_plain(c, k, f);
	k->p = quoted;
	enum csv_cut cut = cells_quoted(c, k, f);
	if (cut)
		return cut;
	if (k->p <= k->lim) {
		k->quote = memchr(k->p, '"', (size_t)(k->lim - k->p));
		return CUT_ROW;
	}
	f->lines = true;
	return line_find(c, k) ? CUT_ROW : CUT_MORE;
}

static enum csv_cut
cells_cut(struct csv_cutter *c, struct cutting *k, struct csv_found *f)
{
	for (;;) {
		enum csv_cut cut =
		    k->quote ? cell_next(c, k, f) : cells_plain(c, k, f);
		if (cut)
			return cut;
		if (k->p == k->lim)
			return CUT_ROW;
		if (*k->p != c->delim) {
			f->at = k->p;
			return CUT_BREAK;
		}
		k->p++;
	}
}

enum csv_cut
csv_cut(struct csv_cutter *c, struct str in, bool last, struct csv_found *f)
{
	struct cutting k = {.p = in.p, .end = in.p + in.n, .last = last};

	*f = (struct csv_found){.cells = c->cells};
	c->n = 0;
	buf_reset(&c->scratch);
	if (!line_find(c, &k))
		return CUT_MORE;
	/* Cells in scratch must not move. */
	if (k.quote && !buf_room(&c->scratch, in.n))
		return CUT_NOMEM;
	enum csv_cut cut = cells_cut(c, &k, f);
	f->n = c->n;
	f->end = k.lim;
	f->next = k.eol < k.end ? k.eol + 1 : k.end;
	return c->scratch.failed ? CUT_NOMEM : cut;
}
