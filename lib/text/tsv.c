/* SPDX-License-Identifier: ISC */
/* tsv: reads crm-tsv(5) out of one block of bytes; cells are views of it. */
#include "text/tsv.h"

#include "base/escape.h"
#include "base/utf8.h"
#include "text/block.h"

enum { TSV_COLUMNS_MAX = 4096 };

struct tsv_reader {
	struct block in;
	size_t line_max;
	uint64_t line;
	bool odd;
	bool foreign; /* any name of a column will do */
	bool again;   /* the line was looked at and is to be read as a row */
	struct str raw;
	struct buf header; /* the raw header line: later copies are skipped */
	struct buf plain;  /* foreign names without escapes */
	struct str *names; /* views of header, or of plain */
	struct str *cells;
	size_t ncols;
	struct buf scratch; /* unescaped cells of one row */
};

static const struct str bom = {.p = "\xef\xbb\xbf", .n = 3};

/* Sets the message with the place in front of it. */
#define TSV_FAIL(r, dg, ...)                                                   \
	tsv_placed((r), (dg), diag_set((dg), CRM_DATA, __VA_ARGS__))

static enum crm_err
tsv_placed(const struct tsv_reader *r, struct diag *dg, enum crm_err err)
{
	diag_place(dg, "%s:%llu", r->in.src.name, (unsigned long long)r->line);
	return err;
}

static enum crm_err
block_fill(struct tsv_reader *r, struct diag *dg)
{
	int fault;
	enum crm_err err = block_room(&r->in, dg);

	if (err)
		return err;
	fault = block_read(&r->in);
	if (!fault)
		return CRM_OK;
	r->in.eof = true;
	r->in.start = r->in.end; /* half a line is no row */
	return block_fault(&r->in, fault, dg);
}

/* Throws bytes away up to the next LF: the line is too long to keep. */
static enum crm_err
line_skip(struct tsv_reader *r, struct diag *dg)
{
	for (;;) {
		char *p = r->in.p + r->in.start;
		char *lf = memchr(p, '\n', r->in.end - r->in.start);
		if (lf) {
			r->in.start += (size_t)(lf - p) + 1;
			break;
		}
		r->in.start = r->in.end;
		if (r->in.eof)
			break;
		enum crm_err err = block_fill(r, dg);
		if (err)
			return err;
	}
	r->raw = (struct str){.p = "", .n = 0};
	return TSV_FAIL(r, dg,
	    "the line is longer than %zu bytes; is a line feed missing?",
	    r->line_max);
}

/* The next line without LF and CR in r->raw; *got is false at the end. */
static enum crm_err
line_next(struct tsv_reader *r, bool *got, struct diag *dg)
{
	size_t seen = 0;
	char *lf = NULL;

	*got = true;
	r->line++;
	for (;;) {
		size_t have = r->in.end - r->in.start;
		if (have > seen)
			lf = memchr(
			    r->in.p + r->in.start + seen, '\n', have - seen);
		seen = have;
		if (lf || r->in.eof)
			break;
		/* One byte more for the CR of a line of the full length. */
		if (seen > r->line_max + 1)
			return line_skip(r, dg);
		enum crm_err err = block_fill(r, dg);
		if (err)
			return err;
	}
	char *p = r->in.p + r->in.start;
	size_t n = lf ? (size_t)(lf - p) : seen;
	r->in.start += lf ? n + 1 : n;
	*got = lf || n > 0;
	if (n > 0 && p[n - 1] == '\r')
		n--;
	r->raw = (struct str){.p = n ? p : "", .n = n};
	if (n <= r->line_max)
		return CRM_OK;
	r->raw.n = 0;
	return TSV_FAIL(r, dg,
	    "the line is longer than %zu bytes; is a line feed missing?",
	    r->line_max);
}

/* NUL and invalid UTF-8 are refused: no value of ours can hold them. */
static enum crm_err
line_check(const struct tsv_reader *r, struct diag *dg)
{
	size_t bad = 0;

	if (utf8_valid(r->raw, &bad))
		return CRM_OK;
	uint64_t at =
	    r->in.offset + (uint64_t)(r->raw.p - r->in.p) + (uint64_t)bad;
	unsigned byte = (unsigned char)r->raw.p[bad];
	if (byte == 0)
		return TSV_FAIL(r, dg,
		    "byte %llu of the line (%llu of the input) is NUL; is "
		    "this a text file?",
		    (unsigned long long)bad + 1, (unsigned long long)at + 1);
	return TSV_FAIL(r, dg,
	    "byte %llu of the line (%llu of the input) is 0x%02x, which is "
	    "not UTF-8; convert the input with iconv",
	    (unsigned long long)bad + 1, (unsigned long long)at + 1, byte);
}

/* Cuts the raw line into at most MAX cells; the number there really are. */
static size_t
line_split(struct str raw, struct str *cells, size_t max)
{
	const char *p = raw.p;
	const char *end = raw.p + raw.n;
	size_t n = 0;

	for (;;) {
		const char *tab = memchr(p, '\t', (size_t)(end - p));
		const char *stop = tab ? tab : end;
		if (n < max)
			cells[n] =
			    (struct str){.p = p, .n = (size_t)(stop - p)};
		n++;
		if (!tab)
			return n;
		p = tab + 1;
	}
}

static bool
name_valid(struct str s)
{
	if (s.n == 0 || s.p[0] < 'a' || s.p[0] > 'z')
		return false;
	for (size_t i = 1; i < s.n; i++) {
		char c = s.p[i];
		bool ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			  c == '_' || c == '.' || c == '-';
		if (!ok)
			return false;
	}
	return true;
}

/* Letters and digits, c42, perhaps with a tag, c42-b7: how ids look. */
static bool
id_like(struct str s)
{
	size_t i = 0;
	while (i < s.n && s.p[i] >= 'a' && s.p[i] <= 'z')
		i++;
	size_t digits = i;
	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	bool tag = s.n == i + 3 && s.p[i] == '-';
	return digits > 0 && i > digits && (i == s.n || tag);
}

/* A name that cannot be one; offers what may have been meant. */
static enum crm_err
name_refuse(struct str name, size_t column, struct diag *dg)
{
	enum { OFFER_MAX = 64 };
	char low[OFFER_MAX];
	size_t n = name.n < OFFER_MAX ? name.n : 0;

	if (name.n == 0)
		return diag_set(dg, CRM_DATA, "column %zu has no name", column);
	for (size_t i = 0; i < n; i++) {
		char c = name.p[i];
		low[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A')
				: c == ' '	     ? '_'
						     : c);
	}
	diag_set(dg, CRM_DATA, "column %zu: '%.*s' is no column name", column,
	    str_int(name.n < OFFER_MAX ? name.n : OFFER_MAX), name.p);
	if (name_valid((struct str){.p = low, .n = n}))
		diag_more(dg, "; write '%.*s'", (int)n, low);
	return CRM_DATA;
}

static bool
header_name_valid(const struct tsv_reader *r, struct str name)
{
	return r->foreign ? name.n > 0 : name_valid(name);
}

static enum crm_err
names_check(const struct tsv_reader *r, struct diag *dg)
{
	for (size_t i = 0; i < r->ncols; i++) {
		if (!header_name_valid(r, r->names[i]))
			return name_refuse(r->names[i], i + 1, dg);
		for (size_t j = 0; j < i; j++) {
			if (str_eq(r->names[i], r->names[j]))
				return diag_set(dg, CRM_DATA,
				    "column '%.*s' is there twice (%zu and "
				    "%zu); drop or rename one",
				    STR_ARG(r->names[i]), j + 1, i + 1);
		}
	}
	return CRM_OK;
}

/* Undoes escapes in the names of another program. */
static enum crm_err
names_unescape(struct tsv_reader *r, struct diag *dg)
{
	bool odd = false;

	if (!buf_room(&r->plain, r->header.n + 1))
		return diag_nomem(dg);
	for (size_t i = 0; i < r->ncols; i++) {
		size_t at = r->plain.n;
		unescape_tsv(r->names[i], &r->plain, &odd);
		r->names[i] =
		    (struct str){.p = r->plain.p + at, .n = r->plain.n - at};
	}
	return r->plain.failed ? diag_nomem(dg) : CRM_OK;
}

/* Fills header, names and cells from a tab-separated line of names. */
static enum crm_err
names_set(struct tsv_reader *r, struct str line, struct diag *dg)
{
	buf_reset(&r->header);
	buf_add(&r->header, line);
	if (r->header.failed)
		return diag_nomem(dg);
	struct str own = {.p = buf_z(&r->header), .n = line.n};
	size_t n = line_split(own, NULL, 0);
	if (n > TSV_COLUMNS_MAX)
		return diag_set(dg, CRM_DATA, "%zu columns are more than %d", n,
		    (int)TSV_COLUMNS_MAX);
	r->names = calloc(n, sizeof(*r->names));
	r->cells = calloc(n, sizeof(*r->cells));
	if (!r->names || !r->cells)
		return diag_nomem(dg);
	r->ncols = line_split(own, r->names, n);
	return r->foreign ? names_unescape(r, dg) : CRM_OK;
}

/* The option --columns: names separated by commas stand in for the header. */
static enum crm_err
open_columns(struct tsv_reader *r, struct str list, struct diag *dg)
{
	struct buf line = {0};
	enum crm_err err = CRM_OK;

	for (struct str rest = list; rest.p;) {
		struct str name = str_cut(&rest, ',');
		buf_add(&line, name);
		if (rest.p)
			buf_addc(&line, '\t');
	}
	if (line.failed) {
		err = diag_nomem(dg);
		goto out;
	}
	err = names_set(r, str_of(&line), dg);
	if (!err)
		err = names_check(r, dg);
	if (err == CRM_DATA) {
		dg->code = err = CRM_USAGE;
		diag_place(dg, "columns");
	}
out:
	buf_clear(&line);
	return err;
}

/* One word that is an id, or at least cannot be a column name. */
static bool
bare_word(struct str line)
{
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '\t' || line.p[i] == ' ')
			return false;
	}
	return line.n > 0 && (id_like(line) || !name_valid(line));
}

/* Line 1 does not look like names: most often the data was sorted with its
 * header and that went elsewhere. */
static enum crm_err
header_refuse(const struct tsv_reader *r, struct diag *dg)
{
	static const char *const sorted = "; was it sorted? use crm-body";

	for (size_t i = 0; i < r->ncols; i++) {
		if (header_name_valid(r, r->names[i]))
			continue;
		if (r->ncols > 1 && id_like(r->names[0]))
			diag_set(dg, CRM_DATA, "this line is no header");
		else
			name_refuse(r->names[i], i + 1, dg);
		diag_more(dg, "%s", sorted);
		break;
	}
	return tsv_placed(r, dg, CRM_DATA);
}

static enum crm_err
open_header(struct tsv_reader *r, bool bare_ids, struct diag *dg)
{
	bool got = false;
	enum crm_err err = line_next(r, &got, dg);
	if (err || !got)
		return err;
	if (str_starts(r->raw, bom)) {
		r->raw.p += bom.n;
		r->raw.n -= bom.n;
		got = r->raw.n > 0 || !r->in.eof || r->in.start < r->in.end;
	}
	if (!got)
		return CRM_OK;
	err = line_check(r, dg);
	if (err)
		return err;
	if (bare_ids && bare_word(r->raw)) {
		r->again = true;
		return names_set(r, STR("id"), dg);
	}
	if (r->raw.n == 0)
		return TSV_FAIL(r, dg, "blank line; a header is expected");
	err = names_set(r, r->raw, dg);
	if (err == CRM_DATA)
		return tsv_placed(r, dg, err);
	if (!err)
		err = names_check(r, dg);
	if (err == CRM_DATA && r->foreign)
		return tsv_placed(r, dg, err);
	return err == CRM_DATA ? header_refuse(r, dg) : err;
}

/* Headerless input may start with a BOM too. */
static enum crm_err
skip_bom(struct tsv_reader *r, struct diag *dg)
{
	while (r->in.end - r->in.start < bom.n && !r->in.eof) {
		enum crm_err err = block_fill(r, dg);
		if (err)
			return err;
	}
	struct str s = {
	    .p = r->in.p + r->in.start, .n = r->in.end - r->in.start};
	if (str_starts(s, bom))
		r->in.start += bom.n;
	return CRM_OK;
}

enum crm_err
tsv_open(struct tsv_reader **out, const struct source *src,
    const struct tsv_options *o, struct diag *dg)
{
	static const struct tsv_options none = {0};
	const struct tsv_options *opt = o ? o : &none;

	*out = NULL;
	struct tsv_reader *r = calloc(1, sizeof(*r));
	if (!r)
		return diag_nomem(dg);
	r->in.src = *src;
	r->foreign = opt->foreign;
	r->line_max = opt->line_max ? opt->line_max : CRM_RECORD_MAX;
	r->raw = (struct str){.p = "", .n = 0};
	enum crm_err err = CRM_OK;
	if (opt->columns.n > 0) {
		err = open_columns(r, opt->columns, dg);
		if (!err)
			err = skip_bom(r, dg);
	} else {
		err = open_header(r, opt->bare_ids, dg);
	}
	if (err) {
		tsv_close(r);
		return err;
	}
	*out = r;
	return CRM_OK;
}

size_t
tsv_columns(const struct tsv_reader *r, const struct str **names)
{
	*names = r->names;
	return r->ncols;
}

/* Undoes escapes. Nothing in scratch moves: it has room for the whole line. */
static enum crm_err
cells_unescape(struct tsv_reader *r, struct diag *dg)
{
	buf_reset(&r->scratch);
	if (!buf_room(&r->scratch, r->raw.n + 1))
		return diag_nomem(dg);
	for (size_t i = 0; i < r->ncols; i++) {
		struct str *c = &r->cells[i];
		if (!memchr(c->p, '\\', c->n))
			continue;
		if (str_is(*c, "\\N")) {
			c->n = 0;
			continue;
		}
		size_t at = r->scratch.n;
		unescape_tsv(*c, &r->scratch, &r->odd);
		*c = (struct str){
		    .p = r->scratch.p + at, .n = r->scratch.n - at};
	}
	return r->scratch.failed ? diag_nomem(dg) : CRM_OK;
}

static enum crm_err
cells_check(const struct tsv_reader *r, struct diag *dg)
{
	for (size_t i = 0; i < r->ncols; i++) {
		if (r->cells[i].n > CRM_FIELD_MAX)
			return TSV_FAIL(r, dg,
			    "%.*s: %zu bytes are more than %d; shorten the "
			    "value",
			    STR_ARG(r->names[i]), r->cells[i].n,
			    (int)CRM_FIELD_MAX);
	}
	return CRM_OK;
}

static enum crm_err
row_parse(struct tsv_reader *r, struct diag *dg)
{
	enum crm_err err = line_check(r, dg);
	if (err)
		return err;
	if (r->raw.n == 0)
		return TSV_FAIL(r, dg, "blank line; delete it");
	size_t n = line_split(r->raw, r->cells, r->ncols);
	if (n != r->ncols)
		return TSV_FAIL(r, dg, "expected %zu cell%s, found %zu; %s",
		    r->ncols, r->ncols == 1 ? "" : "s", n,
		    n < r->ncols ? "leave a cell empty for no value"
				 : "write a tab in a value as \\t");
	if (memchr(r->raw.p, '\\', r->raw.n)) {
		err = cells_unescape(r, dg);
		if (err)
			return err;
	}
	return r->raw.n > CRM_FIELD_MAX ? cells_check(r, dg) : CRM_OK;
}

/* A copy of the header, as in the middle of "cat a.tsv b.tsv". */
static bool
header_again(const struct tsv_reader *r)
{
	struct str s = r->raw;
	if (s.n == r->header.n + bom.n && str_starts(s, bom))
		s = str_from_pos(s, bom.n);
	return s.n == r->header.n && str_eq(s, str_of(&r->header));
}

/* The row of the line that was read last, unless it is a header again. */
static enum crm_err
row_take(struct tsv_reader *r, bool *got, struct diag *dg)
{
	enum crm_err err;

	if (!r->again && header_again(r))
		return CRM_OK;
	r->again = false;
	err = row_parse(r, dg);
	*got = err == CRM_OK;
	return err;
}

enum crm_err
tsv_next(
    struct tsv_reader *r, const struct str **cells, bool *got, struct diag *dg)
{
	bool have = r->ncols > 0;
	enum crm_err err = CRM_OK;

	*got = false;
	*cells = r->cells;
	while (!err && have && !*got) {
		if (!r->again)
			err = line_next(r, &have, dg);
		if (!err && have)
			err = row_take(r, got, dg);
	}
	return err;
}

/* ---- ahead ------------------------------------------------------------ */

bool
tsv_hungry(const struct tsv_reader *r)
{
	size_t have = r->in.end - r->in.start;

	return !r->in.eof && !r->again && r->ncols > 0 &&
	       (have == 0 || !memchr(r->in.p + r->in.start, '\n', have));
}

enum crm_err
tsv_held(
    struct tsv_reader *r, const struct str **cells, bool *got, struct diag *dg)
{
	bool have = r->ncols > 0;
	enum crm_err err = CRM_OK;

	*got = false;
	*cells = r->cells;
	while (!err && have && !*got && !tsv_hungry(r)) {
		if (!r->again)
			err = line_next(r, &have, dg);
		if (!err && have)
			err = row_take(r, got, dg);
	}
	return err;
}

enum crm_err
tsv_feed(struct tsv_reader *r, struct diag *dg)
{
	return block_fill(r, dg);
}

bool
tsv_waits(const struct tsv_reader *r)
{
	return r->in.src.ready && !r->in.src.ready(r->in.src.arg);
}

/* ---- the rest --------------------------------------------------------- */

uint64_t
tsv_line(const struct tsv_reader *r)
{
	return r->line;
}

struct str
tsv_raw(const struct tsv_reader *r)
{
	return r->raw;
}

bool
tsv_odd(const struct tsv_reader *r)
{
	return r->odd;
}

void
tsv_close(struct tsv_reader *r)
{
	if (!r)
		return;
	buf_clear(&r->header);
	buf_clear(&r->plain);
	buf_clear(&r->scratch);
	free(r->names);
	free(r->cells);
	free(r->in.p);
	free(r);
}
