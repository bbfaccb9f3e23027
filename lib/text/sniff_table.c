/* SPDX-License-Identifier: ISC */
/* sniff_table: counts the cells of each record for every delimiter. */
#include "text/sniff_table.h"

enum { PREAMBLE_MAX = 20 }; /* lines */

static const char delimiters[] = ",;\t|";

static bool
is_eol(char c)
{
	return c == '\n' || c == '\r';
}

/* Behind the line end at AT. */
static size_t
eol_skip(struct str s, size_t at)
{
	bool two = s.p[at] == '\r' && at + 1 < s.n && s.p[at + 1] == '\n';

	return at + (two ? 2 : 1);
}

/* Behind the quote that closes the one at AT; s.n + 1 when none does. */
static size_t
quote_skip(struct str s, size_t at)
{
	for (at++; at < s.n; at++) {
		if (s.p[at] != '"')
			continue;
		if (at + 1 == s.n || s.p[at + 1] != '"')
			return at + 1;
		at++;
	}
	return s.n + 1;
}

/*
 * Counts the cells of the record at *AT, which moves to its line end, or to
 * the end when a quote is open there. False when the quotes are not those of a
 * table with this delimiter.
 */
static bool
record_count(struct str s, size_t *at, struct table_shape *t, size_t *n)
{
	bool begin = true; /* of a cell */
	bool good = true;
	size_t i = *at;

	*n = 1;
	while (i < s.n && !is_eol(s.p[i])) {
		char c = s.p[i];
		if (c == '"' && begin && !t->literal) {
			i = quote_skip(s, i);
			begin = false;
			bool ends = i >= s.n || s.p[i] == t->delimiter ||
				    s.p[i] == ' ' || is_eol(s.p[i]);
			good = good && ends && i <= s.n;
			t->quoted = t->quoted || good;
			continue;
		}
		*n += c == t->delimiter;
		begin = c == t->delimiter || (begin && (c == ' ' || c == '\t'));
		i++;
	}
	*at = i < s.n ? i : s.n;
	return good;
}

static struct table_shape
shape_of(struct str s, bool whole, char d, bool literal)
{
	struct table_shape t = {.delimiter = d, .literal = literal};

	for (size_t at = 0; at < s.n;) {
		size_t n = 0;
		if (is_eol(s.p[at])) {
			at = eol_skip(s, at);
			continue;
		}
		bool good = record_count(s, &at, &t, &n);
		/* The end of the last record may be missing. */
		if (!whole && at == s.n && t.records > 0)
			break;
		t.cells = t.records ? t.cells : n;
		t.records++;
		t.alike += good && n == t.cells;
		if (at < s.n)
			at = eol_skip(s, at);
	}
	return t;
}

/* With tabs quotes may be characters like others. */
static struct table_shape
shape_best(struct str s, bool whole, char d)
{
	struct table_shape t = shape_of(s, whole, d, false);

	if (d != '\t' || t.alike == t.records)
		return t;
	struct table_shape plain = shape_of(s, whole, d, true);
	return plain.alike == plain.records ? plain : t;
}

static bool
shape_fits(const struct table_shape *t)
{
	return t->cells > 1 && 2 * t->alike > t->records;
}

static bool
shape_better(const struct table_shape *a, const struct table_shape *b)
{
	bool all_a = a->alike == a->records;
	bool all_b = b->alike == b->records;

	if (all_a != all_b)
		return all_a;
	return a->cells > b->cells;
}

/* B, which is not better than A, cannot be ruled out. */
static bool
shape_rivals(const struct table_shape *a, const struct table_shape *b)
{
	bool all_a = a->alike == a->records;
	bool all_b = b->alike == b->records;

	if (all_a && !all_b)
		return b->cells > a->cells;
	return 2 * b->cells > a->cells;
}

static void
guess_from(struct str s, bool whole, char only, struct table_guess *g)
{
	const char one[] = {only, '\0'};
	struct table_shape fit[sizeof(delimiters)];
	size_t n = 0, best = 0;

	g->best = g->rival = (struct table_shape){0};
	for (const char *d = only ? one : delimiters; *d; d++) {
		fit[n] = shape_best(s, whole, *d);
		if (!shape_fits(&fit[n]))
			continue;
		if (shape_better(&fit[n], &fit[best]))
			best = n;
		n++;
	}
	for (size_t i = 0; i < n; i++) {
		if (i != best && shape_rivals(&fit[best], &fit[i]))
			g->rival = fit[i];
	}
	if (n > 0)
		g->best = fit[best];
}

/* Excel's "sep=;": the delimiter, and the line is no header. */
static bool
guess_sep(struct str s, bool whole, struct table_guess *g)
{
	if (s.n < 6 || !str_ieq(str_head(s, 4), STR("sep=")) || !is_eol(s.p[5]))
		return false;
	g->best = shape_best(str_from_pos(s, eol_skip(s, 5)), whole, s.p[4]);
	g->rival = (struct table_shape){0};
	g->skip = 1;
	return true;
}

/* A table may stand behind a few lines of text and a blank one. */
static void
guess_behind(struct str s, bool whole, char only, struct table_guess *g)
{
	uint64_t line = 0;

	for (size_t at = 0; at < s.n && line < PREAMBLE_MAX; line++) {
		bool blank = is_eol(s.p[at]);
		while (at < s.n && !is_eol(s.p[at]))
			at++;
		if (at == s.n)
			return;
		at = eol_skip(s, at);
		if (!blank || line == 0 || at == s.n || is_eol(s.p[at]))
			continue;
		guess_from(str_from_pos(s, at), whole, only, g);
		g->skip = line + 1;
		if (g->best.delimiter)
			return;
	}
}

struct table_guess
table_guess(struct str text, bool whole, char only)
{
	struct table_guess g = {0};

	if (guess_sep(text, whole, &g))
		return g;
	guess_from(text, whole, only, &g);
	if (!g.best.delimiter)
		guess_behind(text, whole, only, &g);
	if (!g.best.delimiter)
		g.skip = 0;
	return g;
}
