/* SPDX-License-Identifier: ISC */
/* content_read: content lines out of blocks of bytes, unfolded. */
#include "text/content_read.h"

#include <errno.h>

#include "base/utf8.h"
#include "text/mail_priv.h"

enum {
	CONTENT_BLOCK = 64 << 10,
	PARAMS_MAX = 1000 /* no line of worth has more */
};

/* An offset and a length, because the buf they point into still grows. */
struct span {
	size_t at, n;
};

struct param_span {
	struct span name, value;
};

struct content_reader {
	struct source src;
	char *block;
	size_t start, end; /* unread bytes are [start, end) */
	bool eof;
	uint64_t line; /* physical lines taken so far */
	struct buf text;
	bool cut;     /* the line was longer than TEXT holds */
	size_t colon; /* before the value; SIZE_MAX while not seen */
	bool quoted;  /* quoted-printable */
	bool base64;
	bool old;
	struct buf words; /* names in capitals, values of parameters */
	struct param_span *spans;
	struct content_param *params;
	size_t nparams, cap;
	struct buf value, decoded; /* of quoted-printable, of a charset */
	struct buf raw;		   /* the lines recorded before the last one */
	struct buf last;	   /* the last one as it stood there */
	bool recording, raw_lost, last_lost;
};

/* ---- bytes ------------------------------------------------------------ */

static enum crm_err
block_fill(struct content_reader *r, struct diag *dg)
{
	ptrdiff_t n;

	if (r->eof)
		return CRM_OK;
	if (r->start > 0) {
		memmove(r->block, r->block + r->start, r->end - r->start);
		r->end -= r->start;
		r->start = 0;
	}
	if (r->end == CONTENT_BLOCK)
		return CRM_OK;
	do {
		errno = 0;
		n = r->src.read(
		    r->src.arg, r->block + r->end, CONTENT_BLOCK - r->end);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		r->eof = true;
		r->start = r->end;
		return diag_set(dg, CRM_IO, "%s: cannot read: %s", r->src.name,
		    strerror(errno));
	}
	r->eof = n == 0;
	r->end += (size_t)n;
	return CRM_OK;
}

/* Makes N bytes readable where the input has them. */
static enum crm_err
block_want(struct content_reader *r, size_t n, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	while (!err && !r->eof && r->end - r->start < n)
		err = block_fill(r, dg);
	return err;
}

/* The next byte, -1 at the end. */
static enum crm_err
peek(struct content_reader *r, int *c, struct diag *dg)
{
	enum crm_err err = block_want(r, 1, dg);

	*c = r->start < r->end ? (unsigned char)r->block[r->start] : -1;
	return err;
}

/* Appends to bytes that are recorded; so many that nobody has a use for them
 * are lost, and their memory is given back. */
static void
raw_add(struct buf *raw, bool *lost, struct str s)
{
	if (*lost)
		return;
	if (raw->n + s.n <= CRM_RECORD_MAX) {
		buf_add(raw, s);
		return;
	}
	*lost = true;
	buf_clear(raw);
}

static void
bytes_take(struct content_reader *r, size_t n)
{
	raw_add(&r->last, &r->last_lost, (struct str){r->block + r->start, n});
	r->start += n;
}

static void
text_add(struct content_reader *r, struct str s)
{
	if (r->text.n + s.n > CONTENT_LINE_MAX) {
		r->cut = true;
		s.n = CONTENT_LINE_MAX - r->text.n;
	}
	buf_add(&r->text, s);
}

/* Takes a line end: CR LF, LF, CR, and what comes of a CR LF written twice as
 * such, CR CR LF. */
static enum crm_err
line_end_take(struct content_reader *r, struct diag *dg)
{
	size_t n = 0;
	enum crm_err err = block_want(r, 3, dg);

	while (n < 2 && r->start + n < r->end && r->block[r->start + n] == '\r')
		n++;
	if (r->start + n < r->end && r->block[r->start + n] == '\n')
		n++;
	else if (n > 1)
		n = 1;
	r->line += n > 0;
	bytes_take(r, n);
	return err;
}

/* Takes the bytes up to and with the next line end, adding them to TEXT. */
static enum crm_err
line_take(struct content_reader *r, struct diag *dg)
{
	bool more = true;
	enum crm_err err = CRM_OK;

	while (!err && more) {
		size_t i = r->start;
		while (i < r->end && r->block[i] != '\n' && r->block[i] != '\r')
			i++;
		more = i == r->end && !r->eof;
		text_add(r, (struct str){r->block + r->start, i - r->start});
		bytes_take(r, i - r->start);
		if (more)
			err = block_fill(r, dg);
	}
	return err ? err : line_end_take(r, dg);
}

/* ---- logical lines ---------------------------------------------------- */

static size_t
colon_find(struct str s)
{
	bool quote = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			quote = !quote;
		else if (s.p[i] == ':' && !quote)
			return i;
	}
	return SIZE_MAX;
}

static bool
word_in(struct str s, struct str word)
{
	for (size_t i = 0; i + word.n <= s.n; i++)
		if (str_ieq((struct str){s.p + i, word.n}, word))
			return true;
	return false;
}

/* How a line goes on depends on its encoding: known once its colon is. */
static void
encoding_look(struct content_reader *r)
{
	struct str s = str_of(&r->text);

	if (r->colon != SIZE_MAX)
		return;
	r->colon = colon_find(s);
	if (r->colon == SIZE_MAX)
		return;
	s = str_head(s, r->colon);
	r->quoted = word_in(s, STR("QUOTED-PRINTABLE"));
	r->base64 = word_in(s, STR(";BASE64")) ||
		    word_in(s, STR("ENCODING=BASE64")) ||
		    word_in(s, STR("ENCODING=B;")) ||
		    (s.n >= 11 &&
			str_ieq(str_from_pos(s, s.n - 11), STR(";ENCODING=B")));
}

/* A soft line break of quoted-printable: '=' at the end, taken off. */
static bool
soft_break(struct content_reader *r)
{
	struct str s = str_of(&r->text);

	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	if (!r->quoted || r->cut || s.n <= r->colon + 1 || s.p[s.n - 1] != '=')
		return false;
	r->text.n = s.n - 1;
	return true;
}

/* Some old writers do not indent base64: a line of nothing but its letters,
 * up to an empty one. Looks no further than the block. */
static bool
base64_goes_on(struct content_reader *r)
{
	size_t i = r->start;

	if (!r->base64)
		return false;
	while (i < r->end && r->block[i] != '\r' && r->block[i] != '\n') {
		if (r->block[i] == ':' || r->block[i] == ';')
			return false;
		i++;
	}
	return i > r->start;
}

/* Does the line go on in the next one? Takes the blank that says so; vCard
 * 2.1 breaks lines at a blank, which belongs to the text. */
static enum crm_err
fold_take(struct content_reader *r, bool *more, struct diag *dg)
{
	int c = 0;
	enum crm_err err = peek(r, &c, dg);

	*more = false;
	if (err || c < 0)
		return err;
	if (soft_break(r)) {
		*more = true;
	} else if (c == ' ' || c == '\t') {
		if (r->old && !r->base64)
			text_add(r, STR(" "));
		bytes_take(r, 1);
		*more = true;
	} else if (r->base64) {
		err = block_want(r, 1024, dg);
		*more = base64_goes_on(r);
	}
	return err;
}

/* The last line joins those before it. */
static void
last_settle(struct content_reader *r)
{
	if (!r->recording)
		return;
	raw_add(&r->raw, &r->raw_lost, str_of(&r->last));
	if (r->last_lost && !r->raw_lost) {
		r->raw_lost = true;
		buf_clear(&r->raw);
	}
}

static void
line_reset(struct content_reader *r)
{
	buf_reset(&r->text);
	buf_reset(&r->words);
	r->cut = r->quoted = r->base64 = false;
	r->colon = SIZE_MAX;
	r->nparams = 0;
	last_settle(r);
	buf_reset(&r->last);
	r->last_lost = false;
}

/* The next line that is not empty, unfolded, in r->text. */
static enum crm_err
logical_take(struct content_reader *r, bool *got, uint64_t *at, struct diag *dg)
{
	bool more = true;
	int c = 0;
	enum crm_err err = CRM_OK;

	do {
		line_reset(r);
		err = peek(r, &c, dg);
		*got = !err && c >= 0;
		*at = r->line + 1;
		if (*got)
			err = line_take(r, dg);
	} while (!err && *got && str_trim(str_of(&r->text)).n == 0);
	while (!err && *got && more) {
		encoding_look(r);
		err = fold_take(r, &more, dg);
		if (!err && more)
			err = line_take(r, dg);
	}
	return err;
}

/* ---- parameters ------------------------------------------------------- */

static enum crm_err
refuse(const struct content_reader *r, uint64_t at, const char *why,
    struct diag *dg)
{
	return diag_set(dg, CRM_DATA, "%s:%llu: %s", r->src.name,
	    (unsigned long long)at, why);
}

static struct span
words_capital(struct content_reader *r, struct str s)
{
	struct span span = {r->words.n, s.n};

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		buf_addc(&r->words, c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
	}
	return span;
}

/* The circumflex escapes of RFC 6868, which vCard 2.1 does not know. */
static struct span
words_value(struct content_reader *r, struct str s)
{
	struct span span = {r->words.n, 0};

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		char next = i + 1 < s.n && !r->old ? s.p[i + 1] : 0;
		if (c == '^' && (next == 'n' || next == '^' || next == '\'')) {
			c = next == 'n' ? '\n' : next == '^' ? '^' : '"';
			i++;
		}
		buf_addc(&r->words, c);
	}
	span.n = r->words.n - span.at;
	return span;
}

static bool
params_room(struct content_reader *r)
{
	struct param_span *spans;
	struct content_param *params;
	size_t cap = r->cap ? r->cap * 2 : 16;

	if (r->nparams < r->cap)
		return true;
	spans = realloc(r->spans, cap * sizeof(*spans));
	if (spans)
		r->spans = spans;
	params = realloc(r->params, cap * sizeof(*params));
	if (params)
		r->params = params;
	if (!spans || !params)
		return false;
	r->cap = cap;
	return true;
}

static bool
param_add(struct content_reader *r, struct span name, struct str value)
{
	if (!params_room(r))
		return false;
	r->spans[r->nparams].name = name;
	r->spans[r->nparams++].value = words_value(r, value);
	return true;
}

/* What a word of vCard 2.1 without a name stands for. */
static struct str
bare_name(struct str word)
{
	static const char *const encodings[] = {
	    "QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT"};
	static const char *const values[] = {
	    "INLINE", "URL", "CID", "CONTENT-ID"};

	for (size_t i = 0; i < ARRAY_LEN(encodings); i++)
		if (str_ieq(word, str_from(encodings[i])))
			return STR("ENCODING");
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		if (str_ieq(word, str_from(values[i])))
			return STR("VALUE");
	return STR("TYPE");
}

/* Takes one value, quoted or not, off the front of S. */
static struct str
param_value(struct str *s)
{
	struct str value;
	size_t n = 0;

	if (s->n && s->p[0] == '"') {
		*s = str_from_pos(*s, 1);
		value = str_head(*s, str_chr(*s, '"'));
		*s = str_from_pos(*s, value.n + 1);
		n = 0;
		while (n < s->n && s->p[n] != ',' && s->p[n] != ';')
			n++;
	} else {
		while (n < s->n && s->p[n] != ',' && s->p[n] != ';')
			n++;
		value = str_head(*s, n);
	}
	*s = str_from_pos(*s, n);
	return value;
}

/* One parameter off the front of S: NAME=VALUE,VALUE or a bare word. */
static bool
param_take(struct content_reader *r, struct str *s)
{
	struct span name;
	struct str word;
	size_t n = 0;
	bool ok = true;

	while (n < s->n && s->p[n] != '=' && s->p[n] != ';')
		n++;
	word = str_trim(str_head(*s, n));
	*s = str_from_pos(*s, n);
	if (s->n == 0 || s->p[0] == ';')
		return word.n == 0 ||
		       param_add(r, words_capital(r, bare_name(word)), word);
	name = words_capital(r, word);
	do {
		*s = str_from_pos(*s, 1);
		ok = param_add(r, name, param_value(s));
	} while (ok && s->n && s->p[0] == ',' && r->nparams < PARAMS_MAX);
	return ok;
}

static void
params_resolve(struct content_reader *r, struct content_line *line)
{
	struct str w = str_of(&r->words);

	for (size_t i = 0; i < r->nparams; i++) {
		const struct param_span *s = &r->spans[i];
		r->params[i].name =
		    str_head(str_from_pos(w, s->name.at), s->name.n);
		r->params[i].value =
		    str_head(str_from_pos(w, s->value.at), s->value.n);
	}
	line->params = r->params;
	line->nparams = r->nparams;
}

/* ---- a line's parts --------------------------------------------------- */

/* Everything before the colon. */
static enum crm_err
head_read(struct content_reader *r, struct content_line *line, struct diag *dg)
{
	struct str head = str_head(str_of(&r->text), r->colon);
	size_t bad, n = str_chr(head, ';'), dot;
	struct str name = str_trim(str_head(head, n));
	struct str rest = str_from_pos(head, n);
	struct span span;

	if (!utf8_valid(head, &bad))
		return refuse(r, line->line,
		    "the name of the property is no UTF-8; is this a text "
		    "file?",
		    dg);
	dot = str_chr(name, '.');
	if (dot < name.n) {
		line->group = str_head(name, dot);
		name = str_from_pos(name, dot + 1);
	}
	span = words_capital(r, name);
	while (rest.n) {
		rest = str_from_pos(rest, 1);
		if (r->nparams >= PARAMS_MAX)
			return refuse(
			    r, line->line, "more than 1000 parameters", dg);
		if (!param_take(r, &rest))
			return diag_nomem(dg);
	}
	params_resolve(r, line);
	line->name = str_head(str_from_pos(str_of(&r->words), span.at), span.n);
	if (name.n == 0)
		return refuse(r, line->line,
		    "no name before the colon; write NAME:VALUE", dg);
	return CRM_OK;
}

static enum crm_err
value_bad(const struct content_reader *r, const struct content_line *line,
    struct diag *dg)
{
	struct str set = content_get(line, "CHARSET");
	struct buf dry = {0};
	bool known = content_charset(STR(""), set, &dry);

	buf_clear(&dry);
	if (!known)
		return diag_set(dg, CRM_DATA,
		    "%s:%llu: %.*s: CHARSET=%.*s is not known; convert the "
		    "file to UTF-8 with iconv",
		    r->src.name, (unsigned long long)line->line,
		    STR_ARG(line->name), STR_ARG(set));
	return diag_set(dg, CRM_DATA,
	    "%s:%llu: %.*s: not %.*s; say which character set it is, or "
	    "convert the file to UTF-8 with iconv",
	    r->src.name, (unsigned long long)line->line, STR_ARG(line->name),
	    STR_ARG(set.n ? set : STR("UTF-8")));
}

static enum crm_err
value_read(struct content_reader *r, struct content_line *line, struct diag *dg)
{
	struct str value = str_from_pos(str_of(&r->text), r->colon + 1);
	struct str set = content_get(line, "CHARSET");
	size_t bad;

	line->base64 = r->base64;
	line->cut = r->cut;
	if (r->cut)
		return CRM_OK;
	if (r->quoted) {
		buf_reset(&r->value);
		mail_quoted(value, false, &r->value);
		value = str_of(&r->value);
	}
	/* What is UTF-8 all the same was made so on its way here. */
	if (set.n == 0 || r->base64 || !r->quoted) {
		if (utf8_valid(value, &bad)) {
			line->value = value;
			return CRM_OK;
		}
		if (set.n == 0 || r->base64)
			return value_bad(r, line, dg);
	}
	buf_reset(&r->decoded);
	if (!content_charset(value, set, &r->decoded))
		return value_bad(r, line, dg);
	line->value = str_of(&r->decoded);
	return CRM_OK;
}

/* VERSION says how the lines that follow are folded. */
static void
version_note(struct content_reader *r, struct content_line *line)
{
	if (str_is(line->name, "VERSION"))
		r->old = content_is(line, "VERSION", "2.1") ||
			 content_is(line, "VERSION", "1.0");
	line->old = r->old;
}

enum crm_err
content_next(struct content_reader *r, struct content_line *line, bool *got,
    struct diag *dg)
{
	static const struct str none = {.p = "", .n = 0};
	uint64_t at = 0;
	enum crm_err err = logical_take(r, got, &at, dg);

	*line = (struct content_line){
	    .group = none, .name = none, .value = none, .line = at};
	if (err || !*got)
		return err;
	if (r->colon == SIZE_MAX)
		return refuse(r, at,
		    str_chr(str_of(&r->text), '"') < r->text.n
			? "a quote is not closed, or no colon; write "
			  "NAME:VALUE"
			: "no colon; write NAME:VALUE, or a blank in front "
			  "of a line that goes on",
		    dg);
	err = head_read(r, line, dg);
	if (!err)
		err = value_read(r, line, dg);
	version_note(r, line);
	if (r->text.failed || r->words.failed || r->value.failed ||
	    r->decoded.failed || r->last.failed || r->raw.failed)
		return diag_nomem(dg);
	return err;
}

/* ---- raw bytes -------------------------------------------------------- */

void
content_record(struct content_reader *r)
{
	buf_reset(&r->raw);
	r->recording = true;
	r->raw_lost = false;
}

/* Bytes that are no UTF-8 are shown as windows-1252. */
static struct str
raw_text(struct content_reader *r)
{
	struct str s = str_of(&r->raw);
	size_t bad;

	r->recording = false;
	while (s.n > 0 && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
		s.n--;
	if (utf8_valid(s, &bad))
		return s;
	buf_reset(&r->decoded);
	mail_charset(STR("windows-1252"), s, &r->decoded);
	return str_of(&r->decoded);
}

struct str
content_recorded_before(struct content_reader *r)
{
	return raw_text(r);
}

struct str
content_recorded(struct content_reader *r)
{
	last_settle(r);
	return raw_text(r);
}

/* ---- life ------------------------------------------------------------- */

enum crm_err
content_open(
    struct content_reader **out, const struct source *src, struct diag *dg)
{
	struct content_reader *r = calloc(1, sizeof(*r));
	enum crm_err err;

	*out = NULL;
	if (!r)
		return diag_nomem(dg);
	r->src = *src;
	r->block = malloc(CONTENT_BLOCK);
	if (!r->block) {
		content_close(r);
		return diag_nomem(dg);
	}
	err = block_want(r, 3, dg);
	if (err) {
		content_close(r);
		return err;
	}
	if (r->end >= 3 && memcmp(r->block, "\xef\xbb\xbf", 3) == 0)
		r->start = 3;
	*out = r;
	return CRM_OK;
}

void
content_close(struct content_reader *r)
{
	if (!r)
		return;
	free(r->block);
	free(r->spans);
	free(r->params);
	buf_clear(&r->text);
	buf_clear(&r->words);
	buf_clear(&r->value);
	buf_clear(&r->decoded);
	buf_clear(&r->raw);
	buf_clear(&r->last);
	free(r);
}
