/* SPDX-License-Identifier: ISC */
/* json_split: objects by their brackets, and how to go on after broken ones. */
#include "text/json_split.h"

#include <errno.h>

enum { SPLIT_BLOCK = 256 << 10 };

static const size_t GONE = (size_t)-1;

enum fault {
	FAULT_NONE,
	FAULT_STRING, /* a line feed in a string */
	FAULT_CUT,    /* a line begins a new object where none can be */
	FAULT_CLOSE,  /* the wrong bracket */
	FAULT_END     /* the input is over */
};

/* How far an object was looked at. Offsets are from block[start]. */
struct scan {
	size_t at;
	size_t quote; /* where the string in which AT is begins; when that is
			 gone, its place is kept */
	uint64_t line, column;
	size_t depth;
	uint64_t arrays; /* bit d: the bracket of depth d + 1 is '[' */
	char last;	 /* byte that is no blank; '"' for a string */
	bool string, escaped;
	bool fresh;   /* a line begins at AT */
	bool spread;  /* there was a line feed */
	bool strict;  /* JSON lines: a line with '{' in front is an object */
	bool deep;    /* too many brackets */
	bool dropped; /* too long: the bytes before START are gone */
	enum fault fault;
};

static const struct str bom = {.p = "\xef\xbb\xbf", .n = 3};

void
json_split_init(struct json_split *s, const struct source *src, size_t max)
{
	*s = (struct json_split){
	    .src = *src, .max = max, .line = 1, .column = 1};
}

void
json_split_clear(struct json_split *s)
{
	free(s->block);
	*s = (struct json_split){.ended = true};
}

void
json_split_end(struct json_split *s)
{
	s->ended = true;
}

void
json_split_walk(struct str text, uint64_t *line, uint64_t *column)
{
	const char *p = text.p;
	const char *end = p + text.n;

	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		if (!lf)
			break;
		++*line;
		*column = 1;
		p = lf + 1;
	}
	for (; p < end; p++)
		*column += ((unsigned char)*p & 0xc0) != 0x80;
}

/* ---- bytes ------------------------------------------------------------- */

static size_t
left(const struct json_split *s)
{
	return s->end - s->start;
}

static struct str
first(const struct json_split *s, size_t n)
{
	return (struct str){.p = n ? s->block + s->start : "", .n = n};
}

/* Done with N bytes. */
static void
take(struct json_split *s, size_t n)
{
	json_split_walk(first(s, n), &s->line, &s->column);
	s->start += n;
}

static enum crm_err
make_room(struct json_split *s, struct diag *dg)
{
	if (s->start > 0) {
		memmove(s->block, s->block + s->start, left(s));
		s->end -= s->start;
		s->start = 0;
	}
	if (s->end < s->cap)
		return CRM_OK;
	size_t cap = s->cap ? s->cap * 2 : SPLIT_BLOCK;
	char *p = realloc(s->block, cap);
	if (!p)
		return diag_nomem(dg);
	s->block = p;
	s->cap = cap;
	return CRM_OK;
}

/* More bytes behind the unread ones, or s->eof. */
static enum crm_err
fill(struct json_split *s, struct diag *dg)
{
	enum crm_err err = make_room(s, dg);
	ptrdiff_t n = 0;

	if (err)
		return err;
	do {
		errno = 0;
		n = s->src.read(s->src.arg, s->block + s->end, s->cap - s->end);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		s->ended = true;
		return diag_set(dg, CRM_IO, "%s: cannot read: %s", s->src.name,
		    strerror(errno));
	}
	s->eof = n == 0;
	s->end += (size_t)n;
	return CRM_OK;
}

/* N unread bytes, fewer at the end. */
static enum crm_err
have(struct json_split *s, size_t n, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	while (!err && left(s) < n && !s->eof)
		err = fill(s, dg);
	return err;
}

/* Goes on reading for a piece of which c->at bytes are known. One that is too
 * long is let go of, and only looked at to find its end. */
static enum crm_err
more(struct json_split *s, struct scan *c, struct diag *dg)
{
	if (c->at > s->max) {
		if (c->string && c->quote != GONE) {
			c->line = s->line;
			c->column = s->column;
			json_split_walk(
			    first(s, c->quote), &c->line, &c->column);
			c->quote = GONE;
		}
		take(s, c->at);
		c->at = 0;
		c->dropped = true;
	}
	return fill(s, dg);
}

/* ---- inside an object -------------------------------------------------- */

static void
scan_string(struct scan *c, const char *p, size_t n)
{
	size_t at = c->at;

	if (c->escaped && p[at] != '\n')
		at++;
	c->escaped = false;
	while (at < n && p[at] != '"' && p[at] != '\n') {
		if (p[at] != '\\') {
			at++;
		} else if (at + 1 < n) {
			at += p[at + 1] == '\n' ? 1 : 2;
		} else {
			at++;
			c->escaped = true;
		}
	}
	c->at = at;
	if (at == n)
		return;
	c->string = false;
	if (p[at] == '\n')
		c->fault = FAULT_STRING;
	else
		c->at++;
}

static bool
in_array(const struct scan *c)
{
	return c->depth && c->depth <= JSON_DEPTH_MAX &&
	       (c->arrays >> (c->depth - 1) & 1);
}

/* A '{' at the start of a line: the object before it has no end. */
static bool
cut_off(const struct scan *c)
{
	if (!c->fresh || !c->depth)
		return false;
	if (c->strict)
		return true;
	return c->last != ':' &&
	       !(in_array(c) && (c->last == '[' || c->last == ','));
}

static void
scan_open(struct scan *c, char bracket)
{
	if (bracket == '{' && cut_off(c)) {
		c->fault = FAULT_CUT;
		c->at--;
		return;
	}
	c->deep |= c->depth >= JSON_DEPTH_MAX;
	if (c->depth < JSON_DEPTH_MAX) {
		uint64_t bit = UINT64_C(1) << c->depth;
		c->arrays = bracket == '[' ? c->arrays | bit : c->arrays & ~bit;
	}
	c->depth++;
	c->last = bracket;
}

static void
scan_close(struct scan *c, char bracket)
{
	if (c->depth <= JSON_DEPTH_MAX && in_array(c) != (bracket == ']')) {
		c->fault = FAULT_CLOSE;
		c->at--;
		return;
	}
	c->depth--;
	c->last = bracket;
}

/* Looks at the N bytes at P from c->at on. True when the object is whole or
 * broken, false when more bytes are needed. */
static bool
scan_bytes(struct scan *c, const char *p, size_t n)
{
	while (c->at < n) {
		if (c->string) {
			scan_string(c, p, n);
			if (c->fault)
				return true;
			continue;
		}
		char b = p[c->at++];
		if (b == '"') {
			c->string = true;
			c->quote = c->at - 1;
			c->last = b;
		} else if (b == '{' || b == '[') {
			scan_open(c, b);
		} else if (b == '}' || b == ']') {
			scan_close(c, b);
		} else if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
			c->last = b;
		}
		c->fresh = b == '\n';
		c->spread |= c->fresh;
		if (c->fault || c->depth == 0)
			return true;
	}
	return false;
}

static enum crm_err
scan_object(struct json_split *s, struct scan *c, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	while (!err && !scan_bytes(c, s->block + s->start, left(s))) {
		if (s->eof) {
			c->fault = FAULT_END;
			break;
		}
		err = more(s, c, dg);
	}
	return err;
}

/* From c->at to the end of the line, its LF included. */
static enum crm_err
scan_line(struct json_split *s, struct scan *c, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	for (;;) {
		size_t n = left(s) - c->at;
		const char *p = s->block + s->start + c->at;
		const char *lf = n ? memchr(p, '\n', n) : NULL;

		c->at += lf ? (size_t)(lf - p) + 1 : n;
		if (lf || s->eof || err)
			return err;
		err = more(s, c, dg);
	}
}

/* ---- what is wrong ----------------------------------------------------- */

#define SPLIT_FAIL(s, line, column, dg, ...)                                   \
	split_placed((s), (line), (column), (dg),                              \
	    diag_set((dg), CRM_DATA, __VA_ARGS__))

static enum crm_err
split_placed(const struct json_split *s, uint64_t line, uint64_t column,
    struct diag *dg, enum crm_err err)
{
	diag_place(dg, "%s:%llu:%llu", s->src.name, (unsigned long long)line,
	    (unsigned long long)column);
	return err;
}

static enum crm_err
fault_tell(const struct json_split *s, const struct scan *c,
    const struct json_piece *piece, struct diag *dg)
{
	bool string = c->fault == FAULT_STRING;
	bool gone = string && c->quote == GONE;
	uint64_t line = gone ? c->line : s->line;
	uint64_t column = gone ? c->column : s->column;

	if (!gone)
		json_split_walk(
		    first(s, string ? c->quote : c->at), &line, &column);
	switch (c->fault) {
	case FAULT_STRING:
		return SPLIT_FAIL(s, line, column, dg,
		    "the text that begins here does not end on its line; "
		    "close it with '\"', write a line end in it as \\n");
	case FAULT_CLOSE:
		return SPLIT_FAIL(s, line, column, dg,
		    "'%c' closes what '%c' opened; is a bracket missing?",
		    s->block[s->start + c->at], in_array(c) ? '[' : '{');
	case FAULT_CUT:
		return SPLIT_FAIL(s, piece->line, piece->column, dg,
		    "the object that begins here is not closed before line "
		    "%llu begins another; add the missing end",
		    (unsigned long long)line);
	default:
		return SPLIT_FAIL(s, piece->line, piece->column, dg,
		    "the object that begins here is not closed at the end of "
		    "the input; is the file cut off? fetch it again");
	}
}

/* Skips the line of what is broken. An array has no place to go on. */
static enum crm_err
leave(struct json_split *s, struct scan *c, struct json_piece *piece, bool *got,
    struct diag *dg)
{
	bool line = c->fault != FAULT_CUT && c->fault != FAULT_END;

	if (s->where != JSON_OUTSIDE) {
		s->ended = true;
	} else if (line) {
		enum crm_err err = scan_line(s, c, dg);
		if (err)
			return err;
		s->lost = s->form != JSON_LINE;
	}
	*got = !s->ended;
	s->used = c->at;
	piece->raw = first(s, c->dropped || c->at > s->max ? 0 : c->at);
	return CRM_DATA;
}

/* A byte where an object should begin. */
static enum crm_err
stray(const struct json_split *s, struct diag *dg)
{
	char b = s->block[s->start];
	const char *want = s->where == JSON_NEXT    ? "',' or ']'"
			   : s->where == JSON_FIRST ? "an object or ']'"
						    : "an object '{'";

	if (b == '\0' || (unsigned char)b >= 0xfe)
		return SPLIT_FAIL(s, s->line, s->column, dg,
		    "byte 0x%02x where %s is expected; if this is UTF-16, "
		    "convert it to UTF-8 with iconv",
		    (unsigned)(unsigned char)b, want);
	return SPLIT_FAIL(s, s->line, s->column, dg,
	    "'%c' where %s is expected; write each record as "
	    "{\"name\": \"value\"}",
	    b, want);
}

/* ---- between objects --------------------------------------------------- */

/* Passes over lines up to one that begins with '{'. */
static enum crm_err
find_start(struct json_split *s, struct diag *dg)
{
	enum crm_err err = have(s, 1, dg);

	while (!err && left(s) && s->block[s->start] != '{') {
		struct scan c = {0};
		err = scan_line(s, &c, dg);
		take(s, c.at);
		if (!err)
			err = have(s, 1, dg);
	}
	return err;
}

static enum crm_err
skip_blanks(struct json_split *s, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	for (;;) {
		size_t n = 0;
		while (
		    n < left(s) && memchr(" \t\r\n", s->block[s->start + n], 4))
			n++;
		take(s, n);
		if (left(s) || s->eof || err)
			return err;
		err = fill(s, dg);
	}
}

/* The mark that some programs put before a file, or before each of many. */
static enum crm_err
skip_bom(struct json_split *s, bool *skipped, struct diag *dg)
{
	enum crm_err err = have(s, 1, dg);

	*skipped = false;
	if (err || !left(s) || s->column != 1 || s->block[s->start] != bom.p[0])
		return err;
	err = have(s, bom.n, dg);
	if (!err && str_starts(first(s, left(s)), bom)) {
		*skipped = true;
		s->start += bom.n;
	}
	return err;
}

/* Takes a byte that stands between objects; false when it may not. */
static bool
step(struct json_split *s, char b)
{
	enum json_where w = s->where;

	if (w == JSON_OUTSIDE && b == '[')
		s->where = JSON_FIRST;
	else if (w == JSON_NEXT && b == ',')
		s->where = JSON_ITEM;
	else if ((w == JSON_FIRST || w == JSON_NEXT) && b == ']')
		s->where = JSON_OUTSIDE;
	else
		return false;
	take(s, 1);
	return true;
}

/* Up to the '{' of the next object; *found is false at the end and at what
 * should not be there. */
static enum crm_err
find_object(struct json_split *s, bool *found, struct diag *dg)
{
	enum crm_err err = CRM_OK;
	bool mark = false;

	*found = false;
	while (!err) {
		err = skip_blanks(s, dg);
		if (!err && s->where == JSON_OUTSIDE)
			err = skip_bom(s, &mark, dg);
		if (!err && mark)
			continue;
		if (err || !left(s))
			break;
		char b = s->block[s->start];
		*found = b == '{' && s->where != JSON_NEXT;
		if (*found || !step(s, b))
			break;
	}
	return err;
}

/* Nothing is left, or something that is no object. */
static enum crm_err
no_object(
    struct json_split *s, struct json_piece *piece, bool *got, struct diag *dg)
{
	piece->line = s->line;
	piece->column = s->column;
	if (left(s)) {
		struct scan c = {0};
		stray(s, dg);
		return leave(s, &c, piece, got, dg);
	}
	s->ended = true;
	if (s->where == JSON_OUTSIDE)
		return CRM_OK;
	return SPLIT_FAIL(s, s->line, s->column, dg,
	    "the array is not closed at the end of the input; is the file cut "
	    "off? fetch it again");
}

static enum crm_err
whole(struct json_split *s, const struct scan *c, struct json_piece *piece,
    struct diag *dg)
{
	bool array = s->where != JSON_OUTSIDE;
	bool big = c->dropped || c->at > s->max;

	s->used = c->at;
	piece->raw = first(s, big ? 0 : c->at);
	s->where = array ? JSON_NEXT : JSON_OUTSIDE;
	if (!array)
		s->form = c->spread ? JSON_SPREAD : JSON_LINE;
	if (big)
		return SPLIT_FAIL(s, piece->line, piece->column, dg,
		    "the object that begins here is longer than %zu bytes; is "
		    "a bracket or '\"' missing?",
		    s->max);
	if (c->deep)
		return SPLIT_FAIL(s, piece->line, piece->column, dg,
		    "the object that begins here has more than %d brackets "
		    "inside each other; leave the inner ones out",
		    (int)JSON_DEPTH_MAX);
	return CRM_OK;
}

enum crm_err
json_split_next(
    struct json_split *s, struct json_piece *piece, bool *got, struct diag *dg)
{
	struct scan c = {0};
	enum crm_err err = CRM_OK;
	bool found = false;

	*got = false;
	*piece = (struct json_piece){.raw = STR("")};
	/* With the line end behind it no column has to be counted. */
	while (s->used && s->used < left(s) &&
	       memchr("\r\n", s->block[s->start + s->used], 2))
		s->used++;
	take(s, s->used);
	s->used = 0;
	if (s->ended)
		return CRM_OK;
	if (s->lost)
		err = find_start(s, dg);
	s->lost = false;
	if (!err)
		err = find_object(s, &found, dg);
	if (err)
		return err;
	if (!found)
		return no_object(s, piece, got, dg);
	piece->line = s->line;
	piece->column = s->column;
	c.strict = s->form == JSON_LINE && s->where == JSON_OUTSIDE;
	err = scan_object(s, &c, dg);
	if (err)
		return err;
	if (c.fault) {
		fault_tell(s, &c, piece, dg);
		return leave(s, &c, piece, got, dg);
	}
	*got = true;
	return whole(s, &c, piece, dg);
}
