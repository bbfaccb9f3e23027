/* SPDX-License-Identifier: ISC */
/* emit_json: objects as in RFC 8259, one a line or in one array. */
#include "text/emit_priv.h"

#include "model/id.h"
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

/* The items of a list of clean texts, quoted, at P. */
static char *
texts_write(char *p, struct str list)
{
	const char *from = list.p, *end = list.p + list.n, *comma;

	*p++ = '[';
	do {
		comma = memchr(from, ',', (size_t)(end - from));
		size_t n = (size_t)((comma ? comma : end) - from);

		*p++ = '"';
		memcpy(p, from, n);
		p += n;
		*p++ = '"';
		if (comma)
			*p++ = ',';
		from += n + 1;
	} while (comma);
	*p++ = ']';
	return p;
}

static char *
key_write(char *p, struct str key)
{
	memcpy(p, key.p, key.n);
	return p + key.n;
}

/* The member C of a value without dirt, in the room of emit_cells; NULL when
 * it takes more than copying. */
static inline char *
member_write(char *p, const struct emit_column *c, struct str key, struct str v)
{
	bool text = c->type != CELL_NUMBER && c->type != CELL_BOOL;

	if (c->list)
		return text ? texts_write(key_write(p, key), v) : NULL;
	if (text) {
		p = key_write(p, key);
		*p++ = '"';
		memcpy(p, v.p, v.n);
		p += v.n;
		*p++ = '"';
		return p;
	}
	if (c->type != CELL_NUMBER || !json_number(v))
		return NULL;
	p = key_write(p, key);
	memcpy(p, v.p, v.n);
	return p + v.n;
}

/* Two quotes and a comma for each byte: a list of empty items. */
enum { BYTE_ROOM = 4, MEMBER_ROOM = 8 };

static void
member_add(struct emit *e, size_t at, struct str value, bool clean)
{
	const struct emit_column *c = &e->cols[at];
	struct str key = e->filled ? c->key : str_from_pos(c->key, 1);
	char *p = NULL;

	if (clean || emit_span(value, BYTE_JSON) == value.n) {
		p = emit_room(e->to, key.n + BYTE_ROOM * value.n + MEMBER_ROOM);
		if (p)
			p = member_write(p, c, key, value);
	}
	e->filled = true;
	if (p) {
		emit_wrote(e->to, p);
		return;
	}
	buf_add(e->to, key);
	if (c->list)
		json_list(e->to, value, c->type, clean);
	else
		json_item(e->to, value, c->type, clean);
}

static void
json_cell(struct emit *e, struct str value, bool clean)
{
	if (e->at == 0)
		object_open(e);
	if (value.n > 0)
		member_add(e, e->at, value, clean);
}

static void
members_add(struct emit *e, const struct str *cells, bool clean)
{
	object_open(e);
	e->filled = false;
	for (size_t i = 0; i < e->ncols; i++)
		if (cells[i].n > 0)
			member_add(e, i, cells[i], clean);
	buf_addc(e->to, '}');
	e->filled = false;
}

static void
jsonl_cells(struct emit *e, const struct str *cells, bool clean)
{
	members_add(e, cells, clean);
	emit_eol(e);
}

/* ---- rows as they are stored ------------------------------------------ */

/* Is the member of C with V, as emit_value gives it, nothing but a copy between
 * what stands around it? An item of a list is alone in most. */
static inline bool
is_copy(const struct emit_column *c, struct str v)
{
	if (c->nclose == 1)
		return true;
	if (c->nclose == 2)
		return !emit_has(v, ',');
	return c->type == CELL_NUMBER && !c->list && json_number(v);
}

static inline char *
member_copy(char *p, const struct emit_column *c, struct str v)
{
	p = emit_copy(p, c->open);
	p = emit_copy(p, v);
	memcpy(p, c->close, sizeof(c->close));
	return p + c->nclose;
}

/* The member that takes more than copying. */
static void
member_build(struct emit *e, const struct emit_column *c, struct str v)
{
	buf_add(e->to, c->key);
	if (c->list)
		json_list(e->to, v, c->type, false);
	else
		json_item(e->to, v, c->type, false);
}

/* Room for a whole row: every key, and each byte as texts_write needs it. */
static size_t
members_room(const struct emit *e, const struct emit_plan *plan,
    const struct row *row, struct str id)
{
	return e->names.n + e->ncols * MEMBER_ROOM +
	       BYTE_ROOM * emit_most(plan, row, id);
}

/* A list without dirt at P, or another member in the buf; room for what is left
 * of the row follows. */
static char *
member_other(struct emit *e, char *p, const struct emit_column *c, struct str v,
    size_t room, bool dirty)
{
	if (!dirty && c->nclose == 2)
		return texts_write(key_write(p, c->key), v);
	emit_wrote(e->to, p);
	member_build(e, c, v);
	return emit_room(e->to, room);
}

/* The value of a step; that of an id in OWN, to be read beyond its end. */
static inline struct str
step_value(const struct emit_step *s, struct emit_source from, struct str id,
    char own[ID_TEXT_MAX + EMIT_NEAR])
{
	if (s->type == STEP_VALUE)
		return emit_value(from, s);
	if (s->type == STEP_NOTHING || id.n > ID_TEXT_MAX)
		return (struct str){own, 0};
	memcpy(own, id.p, id.n);
	return (struct str){own, id.n};
}

/* The object of a row, and the end of its line where it has one. */
static void
object_stored(struct emit *e, const struct emit_plan *plan,
    const struct row *row, struct str id)
{
	bool clean = emit_clean(e, row->flags);
	size_t room = members_room(e, plan, row, id), start = e->to->n;
	char *p = emit_room(e->to, room);
	char own[ID_TEXT_MAX + EMIT_NEAR] = "";
	struct emit_tail tail;
	struct emit_source from = emit_source(row, &tail);

	for (size_t i = 0; p && i < plan->n; i++) {
		const struct emit_step *s = &plan->steps[i];
		const struct emit_column *c = &e->cols[s->column];
		struct str v = step_value(s, from, id, own);
		bool dirty = !clean && emit_dirty(v, BYTE_JSON);

		if (v.n == 0)
			continue;
		if (!dirty && is_copy(c, v))
			p = member_copy(p, c, v);
		else
			p = member_other(e, p, c, v, room, dirty);
	}
	if (!p)
		return;
	/* Each member has a comma before it. */
	if (p == e->to->p + start)
		p++;
	e->to->p[start] = '{';
	*p++ = '}';
	if (e->ops == &emit_jsonl_ops)
		*p++ = e->o.nul ? '\0' : '\n';
	emit_wrote(e->to, p);
}

static void
json_stored(struct emit *e, const struct emit_plan *plan, const struct row *row,
    struct str id)
{
	buf_addz(e->to, e->rows ? ",\n" : "[\n");
	object_stored(e, plan, row, id);
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
    .cells = members_add,
    .stored = json_stored,
    .end = json_end,
    .clean = ROW_JSON_CLEAN,
};

const struct emit_ops emit_jsonl_ops = {
    .begin = nothing,
    .cell = json_cell,
    .row = jsonl_row,
    .cells = jsonl_cells,
    .stored = object_stored,
    .end = nothing,
    .clean = ROW_JSON_CLEAN,
    .apart = true,
};
