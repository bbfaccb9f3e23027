/* SPDX-License-Identifier: ISC */
/* emit_json: objects as in RFC 8259, one a line or in one array. */
#include "text/emit_priv.h"

#include "model/row.h"

static void
escape_byte(struct buf *to, char c)
{
	static const char from[] = "\"\\\n\r\t\b\f";
	static const char letter[] = "\"\\nrtbf";

	const char *hit = memchr(from, c, sizeof(from) - 1);
	if (hit)
		buf_addf(to, "\\%c", letter[hit - from]);
	else
		buf_addf(to, "\\u%04x", (unsigned char)c);
}

static void
json_string(struct buf *to, struct str s, bool clean)
{
	buf_addc(to, '"');
	while (!clean && s.n > 0) {
		size_t n = emit_span(s, BYTE_JSON);
		buf_add(to, str_head(s, n));
		if (n < s.n)
			escape_byte(to, s.p[n++]);
		s = str_from_pos(s, n);
	}
	if (clean)
		buf_add(to, s);
	buf_addc(to, '"');
}

static size_t
digits(struct str s, size_t at)
{
	while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
		at++;
	return at;
}

/* The stored text is a number of JSON too: 0, -12, 3.50; not 007 or 1. */
static bool
json_number(struct str s)
{
	size_t at = s.n > 0 && s.p[0] == '-' ? 1 : 0;
	size_t end = digits(s, at);
	if (end == at || (s.p[at] == '0' && end > at + 1))
		return false;
	if (end == s.n)
		return true;
	return s.p[end] == '.' && end + 1 < s.n && digits(s, end + 1) == s.n;
}

/* A text that is not what its column promises stays a string. */
static void
json_item(struct buf *to, struct str s, enum cell_type type, bool clean)
{
	if (type == CELL_NUMBER && json_number(s))
		buf_add(to, s);
	else if (type == CELL_BOOL && str_is(s, "yes"))
		buf_addz(to, "true");
	else if (type == CELL_BOOL && str_is(s, "no"))
		buf_addz(to, "false");
	else
		json_string(to, s, clean);
}

static void
json_list(struct buf *to, struct str s, enum cell_type type, bool clean)
{
	buf_addc(to, '[');
	for (struct str rest = s; rest.p;) {
		json_item(to, str_cut(&rest, ','), type, clean);
		if (rest.p)
			buf_addc(to, ',');
	}
	buf_addc(to, ']');
}

static void
object_open(struct emit *e)
{
	if (e->ops == &emit_json_ops)
		buf_addz(e->to, e->rows ? ",\n" : "[\n");
	buf_addc(e->to, '{');
}

/* A key and a string that needs nothing: most cells are this. */
static void
member_copy(struct buf *to, struct str key, struct str value)
{
	char *p = buf_room(to, key.n + value.n + 2);
	if (!p)
		return;
	memcpy(p, key.p, key.n);
	p += key.n;
	*p++ = '"';
	memcpy(p, value.p, value.n);
	p += value.n;
	*p++ = '"';
	*p = '\0';
	to->n += key.n + value.n + 2;
}

static void
json_cell(struct emit *e, struct str value, bool clean)
{
	const struct emit_column *c = &e->cols[e->at];
	/* The first member of an object has no comma in front. */
	struct str key = e->filled ? c->key : str_from_pos(c->key, 1);

	if (e->at == 0)
		object_open(e);
	if (value.n == 0)
		return;
	e->filled = true;
	clean = clean || emit_span(value, BYTE_JSON) == value.n;
	bool string =
	    !c->list && c->type != CELL_NUMBER && c->type != CELL_BOOL;
	if (string && clean) {
		member_copy(e->to, key, value);
		return;
	}
	buf_add(e->to, key);
	if (c->list)
		json_list(e->to, value, c->type, clean);
	else
		json_item(e->to, value, c->type, clean);
}

static void
nothing(struct emit *e)
{
	(void)e;
}

static void
json_row(struct emit *e)
{
	if (e->ncols == 0)
		object_open(e);
	buf_addc(e->to, '}');
}

static void
jsonl_row(struct emit *e)
{
	json_row(e);
	emit_eol(e);
}

static void
json_end(struct emit *e)
{
	buf_addz(e->to, e->rows ? "\n]\n" : "[]\n");
}

const struct emit_ops emit_json_ops = {
    .begin = nothing,
    .cell = json_cell,
    .row = json_row,
    .end = json_end,
    .clean = ROW_JSON_CLEAN,
};

const struct emit_ops emit_jsonl_ops = {
    .begin = nothing,
    .cell = json_cell,
    .row = jsonl_row,
    .end = nothing,
    .clean = ROW_JSON_CLEAN,
};
