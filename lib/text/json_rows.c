/* SPDX-License-Identifier: ISC */
/* json_rows: objects taken apart into names and cells; the only file that sees
 * jansson. */
#include "text/json_rows.h"

#include <jansson.h>

#include "base/utf8.h"
#include "text/json_cells.h"
#include "text/json_quick.h"
#include "text/json_split.h"

enum { NEAR_MAX = 60 /* bytes of the input in a message */ };

struct json_rows {
	struct rows rows;
	struct json_split split;
	struct json_piece piece;
	struct json_cells c;
	bool judge_all;
	struct buf work; /* the object, its numbers in quotes */
	json_t *root;
	bool valid;	/* the piece is UTF-8 */
	struct buf raw; /* the piece when it is not */
};

static enum crm_err
rows_placed(const struct json_rows *r, uint64_t line, uint64_t column,
    struct diag *dg, enum crm_err err)
{
	diag_place(dg, "%s:%llu:%llu", r->split.src.name,
	    (unsigned long long)line, (unsigned long long)column);
	return err;
}

/* ---- numbers ----------------------------------------------------------- */

/*
 * jansson would make numbers of the machine out of numbers and lose digits. It
 * never sees one: they are put into quotes first, and so keep their text.
 */
struct numbers {
	struct str s;
	size_t at;
	char last; /* byte before AT that is no blank */
};

static size_t
blanks(struct str s, size_t at)
{
	while (at < s.n && memchr(" \t\r\n", s.p[at], 4))
		at++;
	return at;
}

/* The end of a number that is a value, and no name or part of a word: jansson
 * has to see those as they are, to refuse them. AT when it is none. */
static size_t
value_end(struct str s, size_t at, char before)
{
	size_t end, next;

	if (before != ':' && before != ',' && before != '[')
		return at;
	end = json_number_end(s, at);
	next = blanks(s, end);
	return next < s.n && memchr(",]}", s.p[next], 3) ? end : at;
}

static size_t
string_end(struct str s, size_t at)
{
	for (at++; at < s.n && s.p[at] != '"'; at++)
		if (s.p[at] == '\\')
			at++;
	return at < s.n ? at + 1 : s.n;
}

/* The next number; false when there is none. */
static bool
numbers_next(struct numbers *i, struct str *number)
{
	while (i->at < i->s.n) {
		char c = i->s.p[i->at];
		size_t end = i->at;

		if (c == '-' || (c >= '0' && c <= '9'))
			end = value_end(i->s, i->at, i->last);
		if (end > i->at) {
			*number =
			    (struct str){.p = i->s.p + i->at, .n = end - i->at};
			i->last = '0';
			i->at = end;
			return true;
		}
		if (c == '"')
			i->at = string_end(i->s, i->at);
		else
			i->at++;
		if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
			i->last = c;
	}
	return false;
}

static enum crm_err
numbers_quote(struct json_rows *r, struct diag *dg)
{
	struct numbers i = {.s = r->piece.raw};
	const char *from = i.s.p;
	struct str number;

	buf_reset(&r->work);
	while (numbers_next(&i, &number)) {
		buf_add(&r->work,
		    (struct str){.p = from, .n = (size_t)(number.p - from)});
		buf_addc(&r->work, '"');
		buf_add(&r->work, number);
		buf_addc(&r->work, '"');
		from = number.p + number.n;
	}
	buf_add(&r->work,
	    (struct str){.p = from, .n = (size_t)(i.s.p + i.s.n - from)});
	return r->work.failed ? diag_nomem(dg) : CRM_OK;
}

/* Where in the object the offset AT of the work is. */
static size_t
numbers_offset(const struct json_rows *r, size_t at)
{
	struct numbers i = {.s = r->piece.raw};
	struct str number;
	size_t added = 0;

	while (numbers_next(&i, &number)) {
		size_t from = (size_t)(number.p - i.s.p);
		if (at <= from + added)
			break;
		if (at <= from + added + number.n + 1)
			return from + number.n;
		added += 2;
	}
	at -= added;
	return at < i.s.n ? at : i.s.n;
}

/* ---- parsing ----------------------------------------------------------- */

/* What is wrong inside a word, for a person; NULL when words stand where they
 * make no sense. */
static const char *
reason(const json_error_t *e)
{
	static const struct {
		const char *start, *why;
	} texts[] = {
	    {"invalid Unicode",
		"half of a surrogate pair; write both halves, or the "
		"character itself"},
	    {"invalid escape", "no escape of JSON; write a backslash as \\\\"},
	    {"control character",
		"a control character; write it as \\t or \\u00XX"},
	};

	switch (json_error_code(e)) {
	case json_error_duplicate_key:
		return "this name is in the object twice; rename or drop one";
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return "\\u0000 is no text; leave it out";
	case json_error_invalid_utf8:
		return "this is not UTF-8; convert the input with iconv";
	default:
		break;
	}
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (str_starts(str_from(e->text), str_from(texts[i].start)))
			return texts[i].why;
	return NULL;
}

/* The word of the work in or behind which jansson gave up. */
static struct str
word_at(struct str s, size_t at)
{
	static const char marks[] = "{}[]:, \t\r\n\"";
	size_t from = 0, i = 0;

	while (i < at && i < s.n) {
		from = i;
		if (s.p[i] == '"')
			i = string_end(s, i);
		else
			i++;
		if (memchr(marks, s.p[from], sizeof(marks)))
			continue;
		while (i < s.n && !memchr(marks, s.p[i], sizeof(marks)))
			i++;
	}
	return str_head(str_from_pos(s, from), at - from);
}

/* Says what jansson found and where; *syntax when it makes no sense at all. */
static enum crm_err
parse_tell(
    struct json_rows *r, const json_error_t *e, bool *syntax, struct diag *dg)
{
	struct str work = str_of(&r->work);
	struct str text = str_from(e->text);
	struct str word =
	    word_at(work, e->position > 0 ? (size_t)e->position : 0);
	struct str before = str_head(
	    r->piece.raw, numbers_offset(r, (size_t)(word.p - work.p)));
	uint64_t line = r->piece.line, column = r->piece.column;
	const char *why = reason(e);
	enum crm_err err;

	json_split_walk(before, &line, &column);
	word = str_head(word, NEAR_MAX);
	text = str_head(text, str_find(text, STR(" near ")));
	*syntax = !why;
	if (why)
		err =
		    diag_set(dg, CRM_DATA, "near %.*s: %s", STR_ARG(word), why);
	else
		err = diag_set(dg, CRM_DATA,
		    "near %.*s: this is not JSON: %.*s; correct it",
		    STR_ARG(word), STR_ARG(text));
	return rows_placed(r, line, column, dg, err);
}

static enum crm_err
parse(struct json_rows *r, bool *syntax, struct diag *dg)
{
	json_error_t e = {.line = -1};
	enum crm_err err = numbers_quote(r, dg);

	*syntax = false;
	if (err)
		return err;
	r->root = json_loadb(r->work.p, r->work.n, JSON_REJECT_DUPLICATES, &e);
	if (r->root)
		return CRM_OK;
	if (json_error_code(&e) == json_error_out_of_memory || !e.text[0])
		return diag_nomem(dg);
	return parse_tell(r, &e, syntax, dg);
}

/* ---- names and cells --------------------------------------------------- */

/* The text of a value that has no others in it. */
static struct str
scalar(const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_STRING:
		return (struct str){
		    .p = json_string_value(v), .n = json_string_length(v)};
	case JSON_TRUE:
		return STR("yes");
	case JSON_FALSE:
		return STR("no");
	default:
		return STR("");
	}
}

static bool
is_list(const json_t *v)
{
	for (size_t i = 0; i < json_array_size(v); i++) {
		const json_t *item = json_array_get(v, i);
		if (json_is_object(item) || json_is_array(item))
			return false;
	}
	return true;
}

static enum crm_err
list_add(struct json_rows *r, const json_t *v, struct diag *dg)
{
	struct buf *texts = &r->c.texts;
	size_t at = texts->n;
	struct str comma = {0};
	size_t items = 0;

	for (size_t i = 0; i < json_array_size(v); i++) {
		struct str item = scalar(json_array_get(v, i));
		if (!item.n)
			continue;
		if (items++)
			buf_addc(texts, ',');
		if (!comma.n && memchr(item.p, ',', item.n))
			comma = item;
		buf_add(texts, item);
	}
	/* Alone too: nobody here knows whether it goes to a list. */
	if (comma.n)
		return diag_set(dg, CRM_DATA,
		    "%s: the item '%.*s' has a comma, which stands between "
		    "the items of a list; replace it, or write a single value "
		    "without brackets",
		    buf_z(&r->c.path), STR_ARG(str_head(comma, 80)));
	return json_cells_add_text(&r->c, at, dg);
}

static enum crm_err value_add(
    struct json_rows *r, json_t *v, bool inner, struct diag *dg);

static enum crm_err
items_add(struct json_rows *r, const json_t *v, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	json_cells_open(&r->c);
	for (size_t i = 0; !err && i < json_array_size(v); i++) {
		size_t was = json_cells_item(&r->c, i);
		err = value_add(r, json_array_get(v, i), true, dg);
		json_cells_leave(&r->c, was);
	}
	return err;
}

static enum crm_err
members_add(struct json_rows *r, json_t *v, bool inner, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	if (inner)
		json_cells_open(&r->c);
	for (void *i = json_object_iter(v); !err && i;
	     i = json_object_iter_next(v, i)) {
		struct str name = str_from(json_object_iter_key(i));
		size_t was = json_cells_enter(&r->c, inner, name);
		err = value_add(r, json_object_iter_value(i), true, dg);
		json_cells_leave(&r->c, was);
	}
	return err;
}

/* INNER: the path has a name already. The depth is that of the brackets, which
 * json_split has bounded. */
static enum crm_err
value_add(struct json_rows *r, json_t *v, bool inner, struct diag *dg)
{
	if (json_is_object(v) && (json_object_size(v) || !inner))
		return members_add(r, v, inner, dg);
	if (json_is_array(v) && is_list(v))
		return list_add(r, v, dg);
	if (json_is_array(v))
		return items_add(r, v, dg);
	return json_cells_add(&r->c, scalar(v), dg);
}

static enum crm_err
flatten(struct json_rows *r, struct diag *dg)
{
	enum crm_err err;

	json_cells_reset(&r->c);
	err = value_add(r, r->root, false, dg);
	if (!err)
		err = json_cells_end(&r->c, dg);
	if (!err && !r->c.n)
		err = diag_set(dg, CRM_DATA,
		    "the object is empty; delete it, or give it names and "
		    "values");
	if (!err && !json_cells_known(&r->c))
		err = json_cells_learn(&r->c, dg);
	if (err == CRM_DATA)
		rows_placed(r, r->piece.line, r->piece.column, dg, err);
	return err;
}

/* ---- rows -------------------------------------------------------------- */

/* The piece as UTF-8 without its line end, for those who keep what is
 * refused. */
static struct str
raw_text(struct json_rows *r)
{
	struct str raw = r->piece.raw;
	size_t bad = 0;

	while (raw.n && memchr("\r\n", raw.p[raw.n - 1], 2))
		raw.n--;
	if (r->valid || utf8_valid(raw, &bad))
		return raw;
	buf_reset(&r->raw);
	for (size_t at = 0; at < raw.n;) {
		uint32_t c = utf8_next(raw, &at);
		utf8_put(c ? c : 0xfffd, &r->raw);
	}
	return r->raw.failed ? STR("") : str_of(&r->raw);
}

static enum crm_err
row_read(struct json_rows *r, bool *syntax, struct diag *dg)
{
	enum crm_err err;

	r->valid = true;
	if (!r->judge_all && json_quick(&r->c, r->piece.raw))
		return CRM_OK;
	err = parse(r, syntax, dg);
	r->valid = !err;
	return err ? err : flatten(r, dg);
}

static enum crm_err
rows_read(struct rows *rows, struct rows_row *row, bool *got, struct diag *dg)
{
	struct json_rows *r = (struct json_rows *)rows;
	bool syntax = false;
	enum crm_err err;

	json_decref(r->root);
	r->root = NULL;
	r->valid = false;
	*row = (struct rows_row){.raw = STR(""), .kind = STR("")};
	err = json_split_next(&r->split, &r->piece, got, dg);
	row->line = r->piece.line;
	if (!err && *got)
		err = row_read(r, &syntax, dg);
	/* Words that make no sense: its brackets mean nothing either. */
	if (syntax && r->split.where != JSON_OUTSIDE) {
		json_split_end(&r->split);
		*got = false;
	}
	if (err == CRM_DATA || (!err && *got))
		row->raw = raw_text(r);
	if (err || !*got)
		return err;
	row->names = r->c.names;
	row->cells = r->c.cells;
	row->n = r->c.n;
	row->shape = r->c.shapes[r->c.last].no;
	return CRM_OK;
}

static void
rows_free(struct rows *rows)
{
	struct json_rows *r = (struct json_rows *)rows;

	json_decref(r->root);
	json_split_clear(&r->split);
	json_cells_clear(&r->c);
	buf_clear(&r->work);
	buf_clear(&r->raw);
	free(r);
}

enum crm_err
json_rows_open(struct rows **out, const struct source *src,
    const struct json_options *o, struct diag *dg)
{
	static const struct rows_class json = {
	    .next = rows_read, .close = rows_free};
	struct json_rows *r = calloc(1, sizeof(*r));

	*out = NULL;
	if (!r)
		return diag_nomem(dg);
	r->rows.class = &json;
	r->judge_all = o && o->judge_all;
	json_split_init(&r->split, src,
	    o && o->object_max ? o->object_max : JSON_OBJECT_MAX);
	*out = &r->rows;
	return CRM_OK;
}
