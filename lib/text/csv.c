/* SPDX-License-Identifier: ISC */
/* csv: rows of comma-separated values out of one block of bytes, with lines
 * counted and everything checked; csv_cut does the cutting. */
#include "text/csv.h"

#include "base/utf8.h"
#include "text/block.h"
#include "text/csv_cut.h"
#include "text/recode.h"

enum { EXCERPT = 24, OPENS_MAX = 100 };

struct csv_rows {
	struct rows rows;
	struct block in;
	struct csv_cutter *cutter;
	char delim, eol;
	size_t valid;	 /* of in.p: [start, valid) is UTF-8 without NUL */
	uint64_t line;	 /* of what is read next, from 1 */
	int fault;	 /* errno of a read; what came before goes first */
	int opens;	 /* quotes that nothing closed */
	uint64_t blanks; /* empty rows still to be handed out */
	struct buf text; /* of the names */
	struct str *names;
	struct str *empty; /* cells of a row without any */
	size_t ncols;
	struct buf header; /* the raw one: later copies are skipped */
	struct buf raw;	   /* of a row that is not UTF-8, mended */
};

static const struct str bom = {.p = "\xef\xbb\xbf", .n = 3};
static const char delimiters[] = ",;\t|";

/* Sets the message with the place in front of it. */
#define CSV_FAIL(r, dg, ...)                                                   \
	csv_placed((r), (r)->line, (dg), diag_set((dg), CRM_DATA, __VA_ARGS__))

static enum crm_err
csv_placed(
    const struct csv_rows *r, uint64_t line, struct diag *dg, enum crm_err err)
{
	diag_place(dg, "%s:%llu", r->in.src.name, (unsigned long long)line);
	return err;
}

/* Fills the block up, so that a record of many reads is not cut as often. */
static enum crm_err
block_fill(struct csv_rows *r, struct diag *dg)
{
	size_t moved = r->in.start, had;
	int fault;
	enum crm_err err = block_room(&r->in, dg);

	r->valid = r->valid > moved ? r->valid - moved : 0;
	if (err)
		return err;
	had = r->in.end;
	while (r->in.end < r->in.cap && !r->in.eof && !r->fault)
		r->fault = block_read(&r->in);
	/* Rows that came before a fault are handed out before it. */
	if (!r->fault || r->in.end > had)
		return CRM_OK;
	fault = r->fault;
	r->fault = 0;
	r->in.eof = true;
	r->in.start = r->in.end; /* half a record is none */
	return block_fault(&r->in, fault, dg);
}

static size_t
bytes_count(const char *p, size_t n, char c)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += p[i] == c;
	return count;
}

/* S, or what is left of it when bytes that are not UTF-8 are replaced. */
static struct str
raw_mended(struct csv_rows *r, struct str s)
{
	size_t bad = 0;

	if (utf8_valid(s, &bad))
		return s;
	buf_reset(&r->raw);
	recode_mend(s, &r->raw);
	return str_of(&r->raw);
}

/* Takes the line at the start away; *raw is "" when it is over-long. */
static enum crm_err
line_drop(struct csv_rows *r, struct str *raw, struct diag *dg)
{
	bool whole = true;

	*raw = STR("");
	for (;;) {
		char *p = r->in.p + r->in.start;
		size_t n = r->in.end - r->in.start;
		char *eol = n ? memchr(p, r->eol, n) : NULL;
		size_t len = eol ? (size_t)(eol - p) : n;
		if (eol || r->in.eof) {
			r->in.start += eol ? len + 1 : len;
			r->line++;
			while (len > 0 && p[len - 1] == '\r')
				len--;
			if (whole && len > 0 && len <= CRM_RECORD_MAX)
				*raw = raw_mended(
				    r, (struct str){.p = p, .n = len});
			return CRM_OK;
		}
		whole = whole && n <= CRM_RECORD_MAX;
		if (!whole)
			r->in.start = r->in.end;
		enum crm_err err = block_fill(r, dg);
		if (err)
			return err;
	}
}

/* Tells the line end of the bytes there are; '\0' when they show none. */
static char
eol_of(struct str s, bool last, bool quotes)
{
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			quoted = quotes && !quoted;
		if (quoted || (s.p[i] != '\n' && s.p[i] != '\r'))
			continue;
		while (i < s.n && s.p[i] == '\r')
			i++;
		if (i == s.n)
			return last ? '\r' : '\0';
		return s.p[i] == '\n' ? '\n' : '\r';
	}
	return '\0';
}

/* Reads so far that the way lines end shows, and drops a BOM. */
static enum crm_err
open_eol(struct csv_rows *r, struct diag *dg)
{
	struct str s;

	do {
		enum crm_err err = block_fill(r, dg);
		if (err)
			return err;
		s = (struct str){.p = r->in.p, .n = r->in.end};
		r->eol = eol_of(s, r->in.eof, true);
	} while (!r->eol && !r->in.eof && s.n <= CRM_RECORD_MAX);
	/* A stray quote may have hidden it. */
	if (!r->eol)
		r->eol = eol_of(s, true, false);
	if (!r->eol)
		r->eol = '\n';
	if (str_starts(s, bom))
		r->in.start = bom.n;
	return CRM_OK;
}

/* Takes blank lines at the start away and counts them, but those at the end
 * of all: nothing comes after them. */
static enum crm_err
blanks_take(struct csv_rows *r, struct diag *dg)
{
	for (;;) {
		size_t at = r->in.start;
		while (r->eol == '\n' && at < r->in.end && r->in.p[at] == '\r')
			at++;
		if (at < r->in.end && r->in.p[at] != r->eol)
			return CRM_OK;
		if (at < r->in.end) {
			r->in.start = at + 1;
			r->blanks++;
			continue;
		}
		if (r->in.eof) {
			r->in.start = r->in.end;
			r->blanks = 0;
			return CRM_OK;
		}
		enum crm_err err = block_fill(r, dg);
		if (err)
			return err;
	}
}

/* Cuts the record at the start; CUT_MORE when it is over-long. */
static enum crm_err
record_cut(
    struct csv_rows *r, struct csv_found *f, enum csv_cut *cut, struct diag *dg)
{
	for (;;) {
		struct str in = {
		    .p = r->in.p + r->in.start, .n = r->in.end - r->in.start};
		*cut = csv_cut(r->cutter, in, r->in.eof, f);
		if (*cut == CUT_NOMEM)
			return diag_nomem(dg);
		if (*cut == CUT_ROW && f->end - in.p > CRM_RECORD_MAX)
			*cut = CUT_MORE;
		if (*cut != CUT_MORE || in.n > CRM_RECORD_MAX)
			return CRM_OK;
		enum crm_err err = block_fill(r, dg);
		if (err)
			return err;
	}
}

/* "cell 3 (note)", behind the place and before what is wrong with it. */
static void
cell_place(const struct csv_rows *r, size_t i, struct diag *dg)
{
	if (i < r->ncols && r->names[i].n > 0)
		diag_place(dg, "cell %zu (%.*s)", i + 1, STR_ARG(r->names[i]));
	else
		diag_place(dg, "cell %zu", i + 1);
}

/* A few characters from P on, for a message. */
static struct str
excerpt(const struct csv_rows *r, const char *p)
{
	size_t left = (size_t)(r->in.p + r->in.end - p);
	size_t n = left < EXCERPT ? left : EXCERPT;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\n' || p[i] == '\r')
			n = i;
	}
	while (n > 0 && n < left && ((unsigned char)p[n] & 0xc0) == 0x80)
		n--;
	return (struct str){.p = p, .n = n};
}

/* Text behind a closing quote: of a cell in one line that is the fault, of
 * one in several most often an earlier quote that nobody closed. */
static void
after_say(const struct csv_rows *r, const struct csv_found *f, struct diag *dg)
{
	struct str near = excerpt(r, f->at);
	size_t span = (size_t)(f->at - f->quote);
	size_t lines = bytes_count(f->quote, span, r->eol);

	if (lines == 0)
		diag_set(dg, CRM_DATA, "'%.*s' stands after the closing quote",
		    STR_ARG(near));
	else
		diag_set(dg, CRM_DATA,
		    "the quote that opens it is not closed: %zu line%s on, "
		    "'%.*s' stands after a quote",
		    lines, lines == 1 ? "" : "s", STR_ARG(near));
	diag_more(dg,
	    "; double the quotes inside a cell%s, or read them as "
	    "they are with --lenient",
	    lines ? " and close it" : "");
}

static void
open_say(const struct csv_rows *r, struct diag *dg)
{
	diag_set(dg, CRM_DATA, "the quote that opens it is never closed");
	if (r->in.end - r->in.start > CRM_FIELD_MAX)
		diag_set(dg, CRM_DATA,
		    "the quote that opens it is not closed within %d bytes, "
		    "the most a value may have",
		    (int)CRM_FIELD_MAX);
	diag_more(dg, "; close it, or double it and put quotes around the "
		      "cell");
}

static void
stray_say(const struct csv_rows *r, const struct csv_found *f, struct diag *dg)
{
	diag_set(dg, CRM_DATA,
	    "a quote stands inside a cell that does not begin with one: "
	    "'%.*s'; put quotes around the cell and double those inside, or "
	    "read them as they are with --lenient",
	    STR_ARG(excerpt(r, f->quote)));
}

/* The message for a fault of the record at the start. */
static void
fault_say(const struct csv_rows *r, enum csv_cut cut, const struct csv_found *f,
    struct diag *dg)
{
	const char *from = r->in.p + r->in.start;
	const char *where = f->quote;

	if (cut == CUT_STRAY) {
		stray_say(r, f, dg);
	} else if (cut == CUT_AFTER) {
		after_say(r, f, dg);
	} else if (cut == CUT_OPEN) {
		open_say(r, dg);
	} else if (cut == CUT_BREAK) {
		where = f->at;
		diag_set(dg, CRM_DATA,
		    "%s in the middle of a line; put quotes around the cell",
		    r->eol == '\n' ? "a carriage return" : "a line feed");
	} else {
		where = from;
		diag_set(dg, CRM_DATA,
		    "the record is longer than %d bytes; is a line feed or a "
		    "quote missing?",
		    (int)CRM_RECORD_MAX);
	}
	if (where == f->quote)
		cell_place(r, f->n, dg);
	/* Earlier cells of the record may be of several lines. */
	size_t before = bytes_count(from, (size_t)(where - from), r->eol);
	csv_placed(r, r->line + before, dg, CRM_DATA);
}

/* A record that was cut, from in.p[FROM] to the start: NUL and what is not
 * UTF-8 are refused, no value of ours can hold them. */
static enum crm_err
record_valid(struct csv_rows *r, size_t from, struct diag *dg)
{
	size_t at = r->valid > from ? r->valid : from;
	struct str rest = {.p = r->in.p + at, .n = r->in.end - at};
	size_t bad = 0;

	/* Checked a block at a time. */
	if (r->in.start <= at)
		return CRM_OK;
	if (utf8_valid(rest, &bad))
		bad = rest.n;
	r->valid = at + bad;
	if (r->in.start <= r->valid)
		return CRM_OK;
	const char *p = r->in.p + from;
	const char *q = r->in.p + r->valid;
	uint64_t input = r->in.offset + r->valid + 1;
	size_t lines = bytes_count(p, (size_t)(q - p), r->eol);
	const char *begin = q;
	while (begin > p && begin[-1] != r->eol)
		begin--;
	r->valid = r->in.start;
	diag_set(dg, CRM_DATA, "byte %zu of the line (%llu of the input) is ",
	    (size_t)(q - begin) + 1, (unsigned long long)input);
	if (*q == '\0')
		diag_more(dg, "NUL; is this UTF-16 (--encoding utf-16), or no "
			      "text at all?");
	else
		diag_more(dg,
		    "0x%02x, which is not UTF-8; name the encoding, "
		    "perhaps --encoding %s",
		    (unsigned char)*q,
		    (unsigned char)*q >= 0xfe && input <= 2 ? "utf-16"
							    : "windows-1252");
	return csv_placed(r, r->line + lines, dg, CRM_DATA);
}

/*
 * The next record: its cells in *f, its bytes in *raw, its line in *line.
 * CRM_DATA: it is taken away.
 */
static enum crm_err
record_next(
    struct csv_rows *r, struct csv_found *f, struct str *raw, struct diag *dg)
{
	enum csv_cut cut = CUT_ROW;
	enum crm_err err = record_cut(r, f, &cut, dg);

	if (err)
		return err;
	if (cut) {
		r->opens += cut == CUT_OPEN;
		fault_say(r, cut, f, dg);
		if (r->opens == OPENS_MAX)
			diag_more(dg,
			    "; reading ends here, at the %dth such "
			    "quote",
			    (int)OPENS_MAX);
		err = line_drop(r, raw, dg);
		return err ? err : CRM_DATA;
	}
	size_t from = r->in.start;
	const char *p = r->in.p + from;
	size_t n = (size_t)(f->end - p);
	*raw = (struct str){.p = p, .n = n};
	r->in.start = (size_t)(f->next - r->in.p);
	err = record_valid(r, from, dg);
	if (err)
		*raw = raw_mended(r, *raw);
	r->line += 1 + (f->lines ? bytes_count(p, n, r->eol) : 0);
	return err;
}

/* Another delimiter with which RAW would have WANT cells; 0 for none. */
static char
delimiter_guess(const struct csv_rows *r, struct str raw, size_t want)
{
	for (const char *d = delimiters; *d; d++) {
		if (*d == r->delim)
			continue;
		size_t n = 1 + bytes_count(raw.p, raw.n, *d);
		if (want > 1 ? n == want : n > 1)
			return *d;
	}
	return '\0';
}

static void
delimiter_offer(char d, struct diag *dg)
{
	diag_more(dg, "; is the delimiter '%c'? use --delimiter '%c'", d, d);
}

static enum crm_err
cells_check(const struct csv_rows *r, const struct csv_found *f, struct str raw,
    struct diag *dg)
{
	if (f->n != r->ncols) {
		diag_set(dg, CRM_DATA, "%zu cell%s, the header has %zu", f->n,
		    f->n == 1 ? "" : "s", r->ncols);
		char d = delimiter_guess(r, raw, r->ncols);
		if (d && r->ncols > 1)
			delimiter_offer(d, dg);
		else if (f->n < r->ncols)
			diag_more(dg, "; an empty cell stands for no value, a "
				      "cell of several lines needs quotes");
		else
			diag_more(dg, "; a cell with '%c' in it needs quotes",
			    r->delim);
		return CRM_DATA;
	}
	for (size_t i = 0; raw.n > CRM_FIELD_MAX && i < f->n; i++) {
		if (f->cells[i].n <= CRM_FIELD_MAX)
			continue;
		diag_set(dg, CRM_DATA,
		    "%zu bytes are more than %d; shorten the value",
		    f->cells[i].n, (int)CRM_FIELD_MAX);
		cell_place(r, i, dg);
		return CRM_DATA;
	}
	return CRM_OK;
}

/* Blank lines were taken: each is an empty row when there is one column. */
static enum crm_err
blank_next(struct csv_rows *r, struct diag *dg)
{
	uint64_t n = r->ncols == 1 ? 1 : r->blanks;

	if (r->ncols > 1) {
		diag_set(dg, CRM_DATA, "%s; delete %s",
		    n == 1 ? "blank line" : "blank lines",
		    n == 1 ? "it" : "them");
		csv_placed(r, r->line, dg, CRM_DATA);
	}
	r->line += n;
	r->blanks -= n;
	return r->ncols > 1 ? CRM_DATA : CRM_OK;
}

static enum crm_err
row_next(struct csv_rows *r, struct rows_row *row, bool *got, struct diag *dg)
{
	struct csv_found f = {0};
	enum crm_err err = r->blanks ? CRM_OK : blanks_take(r, dg);

	*got = !err && (r->blanks > 0 || r->in.start < r->in.end);
	if (!*got)
		return err;
	row->line = r->line;
	row->raw = STR("");
	row->cells = r->empty;
	if (r->blanks)
		return blank_next(r, dg);
	err = record_next(r, &f, &row->raw, dg);
	if (!err) {
		err = cells_check(r, &f, row->raw, dg);
		if (err)
			csv_placed(r, row->line, dg, err);
	}
	if (!err)
		row->cells = f.cells;
	/* Looking for the end of a cell again and again would take for ever. */
	*got = (!err || err == CRM_DATA) && r->opens < OPENS_MAX;
	return err;
}

/* A copy of the header, as in the middle of "cat a.csv b.csv". */
static bool
header_again(const struct csv_rows *r, struct str raw)
{
	if (raw.n == r->header.n + bom.n && str_starts(raw, bom))
		raw = str_from_pos(raw, bom.n);
	return raw.n > 0 && raw.n == r->header.n &&
	       memcmp(raw.p, r->header.p, raw.n) == 0;
}

static enum crm_err
csv_next(struct rows *rows, struct rows_row *row, bool *got, struct diag *dg)
{
	struct csv_rows *r = (struct csv_rows *)rows;
	enum crm_err err = CRM_OK;

	*got = false;
	*row = (struct rows_row){
	    .names = r->names,
	    .cells = r->empty,
	    .n = r->ncols,
	    .line = r->line,
	    .raw = STR(""),
	    .kind = STR(""),
	};
	if (r->ncols == 0 || r->opens == OPENS_MAX)
		return CRM_OK;
	/* A copy of the header is passed over. */
	do {
		err = row_next(r, row, got, dg);
	} while (!err && *got && header_again(r, row->raw));
	return err;
}

static void
csv_close(struct rows *rows)
{
	struct csv_rows *r = (struct csv_rows *)rows;

	csv_cutter_free(r->cutter);
	buf_clear(&r->text);
	buf_clear(&r->header);
	buf_clear(&r->raw);
	free(r->names);
	free(r->empty);
	free(r->in.p);
	free(r);
}

/* Copies the names, without their outer blanks. */
static enum crm_err
names_set(
    struct csv_rows *r, const struct str *names, size_t n, struct diag *dg)
{
	if (n > CSV_COLUMNS_MAX)
		return diag_set(dg, CRM_DATA,
		    "%zu columns are more than %d; cut those away that are "
		    "not needed",
		    n, (int)CSV_COLUMNS_MAX);
	r->names = calloc(n, sizeof(*r->names));
	r->empty = calloc(n, sizeof(*r->empty));
	if (!r->names || !r->empty)
		return diag_nomem(dg);
	r->ncols = n;
	for (size_t i = 0; i < n; i++) {
		r->names[i] = str_trim(names[i]);
		buf_add(&r->text, r->names[i]);
		r->empty[i] = STR("");
	}
	if (r->text.failed)
		return diag_nomem(dg);
	const char *p = buf_z(&r->text);
	for (size_t i = 0; i < n; i++) {
		r->names[i].p = p;
		p += r->names[i].n;
	}
	return CRM_OK;
}

static enum crm_err
names_check(const struct csv_rows *r, struct diag *dg)
{
	if (r->text.n == 0)
		return diag_set(dg, CRM_DATA,
		    "no column has a name; name them with --columns a,b,c");
	for (size_t i = 0; i < r->ncols; i++) {
		for (size_t j = 0; j < i && r->names[i].n > 0; j++) {
			if (str_eq(r->names[i], r->names[j]))
				return diag_set(dg, CRM_DATA,
				    "column '%.*s' is there twice (%zu and "
				    "%zu); drop or rename one",
				    STR_ARG(r->names[i]), j + 1, i + 1);
		}
	}
	return CRM_OK;
}

/* Names given instead of a header; a header that is there all the same is
 * told by them. */
static enum crm_err
open_columns(struct csv_rows *r, struct str list, struct diag *dg)
{
	size_t n = bytes_count(list.p, list.n, ',') + 1;
	struct str *names = calloc(n, sizeof(*names));
	size_t i = 0;

	if (!names)
		return diag_nomem(dg);
	for (struct str rest = list; rest.p;) {
		names[i] = str_cut(&rest, ',');
		buf_add(&r->header, names[i++]);
		if (rest.p)
			buf_addc(&r->header, r->delim);
	}
	enum crm_err err = names_set(r, names, n, dg);
	free(names);
	if (!err)
		err = r->header.failed ? diag_nomem(dg) : names_check(r, dg);
	if (err == CRM_DATA) {
		dg->code = err = CRM_USAGE;
		diag_place(dg, "columns");
	}
	return err;
}

static enum crm_err
open_header(struct csv_rows *r, struct diag *dg)
{
	struct csv_found f = {0};
	struct str raw = STR("");
	enum crm_err err = blanks_take(r, dg);

	r->line += r->blanks;
	r->blanks = 0;
	if (err || r->in.start == r->in.end)
		return err;
	uint64_t line = r->line;
	err = record_next(r, &f, &raw, dg);
	if (err)
		return err;
	buf_add(&r->header, raw);
	err = names_set(r, f.cells, f.n, dg);
	if (!err)
		err = r->header.failed ? diag_nomem(dg) : names_check(r, dg);
	char d = f.n == 1 && !memchr(raw.p, '"', raw.n)
		     ? delimiter_guess(r, raw, 1)
		     : '\0';
	if (!err && d) {
		err = diag_set(dg, CRM_DATA, "the header is one column, '%.*s'",
		    STR_ARG(str_head(raw, 2 * EXCERPT)));
		delimiter_offer(d, dg);
	}
	return err == CRM_DATA ? csv_placed(r, line, dg, err) : err;
}

static enum crm_err
open_all(struct csv_rows *r, const struct csv_options *o, struct diag *dg)
{
	struct str raw;
	enum crm_err err = open_eol(r, dg);

	if (err)
		return err;
	r->cutter = csv_cutter_new(r->delim, r->eol, o->lenient);
	if (!r->cutter)
		return diag_nomem(dg);
	for (uint64_t i = 0; !err && i < o->skip; i++) {
		if (r->in.start == r->in.end && r->in.eof)
			break;
		err = line_drop(r, &raw, dg);
	}
	if (err)
		return err;
	return o->columns.n ? open_columns(r, o->columns, dg)
			    : open_header(r, dg);
}

enum crm_err
csv_rows_open(struct rows **out, const struct source *src,
    const struct csv_options *o, struct diag *dg)
{
	static const struct rows_class class = {
	    .next = csv_next, .close = csv_close};
	static const struct csv_options none = {0};
	const struct csv_options *opt = o ? o : &none;
	char d = opt->delimiter ? opt->delimiter : ',';

	*out = NULL;
	if (d == '"' || d == '\n' || d == '\r' || (unsigned char)d > 0x7f)
		return diag_set(dg, CRM_USAGE,
		    "delimiter: it cannot be a quote, a line end or a "
		    "character beyond ASCII; use ',' ';' '|' or a tab");
	struct csv_rows *r = calloc(1, sizeof(*r));
	if (!r)
		return diag_nomem(dg);
	r->rows.class = &class;
	r->in.src = *src;
	r->delim = d;
	r->line = 1;
	enum crm_err err = open_all(r, opt, dg);
	if (err)
		csv_close(&r->rows);
	else
		*out = &r->rows;
	return err;
}

const struct str *
csv_rows_names(const struct rows *r, size_t *n)
{
	const struct csv_rows *c = (const struct csv_rows *)r;

	*n = c->ncols;
	return c->names;
}
