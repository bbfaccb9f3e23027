/* SPDX-License-Identifier: ISC */
/* json_rows: objects taken apart into names and cells; the only file that sees
 * jansson. */
#include "text/json_rows.h"

#include <jansson.h>

#include "base/utf8.h"
#include "text/json_split.h"

enum {
	SHAPES_MAX = 32,
	LEAVES_FIRST = 64,
	NEAR_MAX = 60 /* bytes of the input in a message */
};

/* A cell under way. Buffers still move, so that their parts are offsets. */
struct leaf {
	size_t name, nname; /* in names */
	const char *p;	    /* NULL: the cell is in lists, from AT on */
	size_t at, n;
};

/* Names as an earlier row had them, each with a NUL behind it. */
struct shape {
	struct buf names;
	uint64_t hash, no;
};

struct json_rows {
	struct rows rows;
	struct json_split split;
	struct json_piece piece;
	struct buf work; /* the object, its numbers in quotes */
	json_t *root;
	struct buf path, names, lists;
	struct leaf *leaves;
	struct str *row_names, *row_cells;
	size_t n, cap;
	struct shape shapes[SHAPES_MAX];
	size_t last, spare; /* shapes: of the last row, to be replaced next */
	uint64_t seen;	    /* shapes so far */
	struct buf raw;	    /* of a row that is not UTF-8 */
};

#define ROWS_FAIL(r, dg, ...)                                                  \
	rows_placed((r), (r)->piece.line, (r)->piece.column, (dg),             \
	    diag_set((dg), CRM_DATA, __VA_ARGS__))

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
digits(struct str s, size_t at)
{
	while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
		at++;
	return at;
}

static size_t
blanks(struct str s, size_t at)
{
	while (at < s.n && memchr(" \t\r\n", s.p[at], 4))
		at++;
	return at;
}

/* The end of the number at AT; AT when it is none as JSON has them. */
static size_t
number_end(struct str s, size_t at)
{
	size_t from = at + (s.p[at] == '-');
	size_t end = digits(s, from);
	size_t more;

	if (end == from || (s.p[from] == '0' && end > from + 1))
		return at;
	if (end < s.n && s.p[end] == '.') {
		more = digits(s, end + 1);
		if (more == end + 1)
			return at;
		end = more;
	}
	if (end < s.n && (s.p[end] == 'e' || s.p[end] == 'E')) {
		from = end + 1;
		if (from < s.n && (s.p[from] == '+' || s.p[from] == '-'))
			from++;
		more = digits(s, from);
		if (more == from)
			return at;
		end = more;
	}
	return end;
}

/* The same for one that is a value, and no name or part of a word: jansson
 * has to see those as they are, to refuse them. */
static size_t
value_end(struct str s, size_t at, char before)
{
	size_t end, next;

	if (before != ':' && before != ',' && before != '[')
		return at;
	end = number_end(s, at);
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

static enum crm_err
leaves_grow(struct json_rows *r, struct diag *dg)
{
	size_t cap = r->cap ? r->cap * 2 : LEAVES_FIRST;
	struct leaf *leaves;
	struct str *names, *cells;

	if (r->n < r->cap)
		return CRM_OK;
	leaves = realloc(r->leaves, cap * sizeof(*leaves));
	if (leaves)
		r->leaves = leaves;
	names = realloc(r->row_names, cap * sizeof(*names));
	if (names)
		r->row_names = names;
	cells = realloc(r->row_cells, cap * sizeof(*cells));
	if (cells)
		r->row_cells = cells;
	if (!leaves || !names || !cells)
		return diag_nomem(dg);
	r->cap = cap;
	return CRM_OK;
}

/* A cell called as the path says. TEXT lives as long as the row; a NULL one is
 * what r->lists has from AT on. */
static enum crm_err
leaf_add(struct json_rows *r, struct str text, size_t at, struct diag *dg)
{
	size_t n = text.p ? text.n : r->lists.n - at;
	enum crm_err err;

	if (r->path.n > JSON_NAME_MAX)
		return ROWS_FAIL(r, dg,
		    "a name of %zu bytes, '%.32s...', is longer than %d; use "
		    "a shorter one",
		    r->path.n, buf_z(&r->path), (int)JSON_NAME_MAX);
	if (n > CRM_FIELD_MAX)
		return ROWS_FAIL(r, dg,
		    "%s: %zu bytes are more than %d; shorten the value",
		    buf_z(&r->path), n, (int)CRM_FIELD_MAX);
	if (r->n == JSON_NAMES_MAX || r->names.n + r->path.n >= JSON_NAMES_ALL)
		return ROWS_FAIL(r, dg,
		    "the object has more names than the %d, of %d bytes in "
		    "all, that one may have; leave out what you do not need",
		    (int)JSON_NAMES_MAX, (int)JSON_NAMES_ALL);
	err = leaves_grow(r, dg);
	if (err)
		return err;
	r->leaves[r->n++] = (struct leaf){.name = r->names.n,
	    .nname = r->path.n,
	    .p = text.p,
	    .at = at,
	    .n = n};
	buf_add(&r->names, str_of(&r->path));
	buf_addc(&r->names, '\0');
	return CRM_OK;
}

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
	size_t at = r->lists.n;
	struct str comma = {0};
	size_t items = 0;

	for (size_t i = 0; i < json_array_size(v); i++) {
		struct str item = scalar(json_array_get(v, i));
		if (!item.n)
			continue;
		if (items++)
			buf_addc(&r->lists, ',');
		if (!comma.n && memchr(item.p, ',', item.n))
			comma = item;
		buf_add(&r->lists, item);
	}
	if (comma.n && items > 1)
		return ROWS_FAIL(r, dg,
		    "%s: the item '%.*s' has a comma, which stands between "
		    "the items of a list; replace it",
		    buf_z(&r->path), STR_ARG(str_head(comma, 80)));
	return leaf_add(r, (struct str){0}, at, dg);
}

static void
path_add(struct json_rows *r, bool dot, const char *key)
{
	if (dot)
		buf_addc(&r->path, '.');
	buf_addz(&r->path, key);
}

static void
path_cut(struct json_rows *r, size_t n)
{
	r->path.n = n;
	if (r->path.p)
		r->path.p[n] = '\0';
}

static enum crm_err value_add(
    struct json_rows *r, json_t *v, bool inner, struct diag *dg);

static enum crm_err
items_add(struct json_rows *r, const json_t *v, struct diag *dg)
{
	size_t n = r->path.n;
	enum crm_err err = CRM_OK;

	for (size_t i = 0; !err && i < json_array_size(v); i++) {
		buf_addc(&r->path, '.');
		buf_addu(&r->path, i);
		err = value_add(r, json_array_get(v, i), true, dg);
		path_cut(r, n);
	}
	return err;
}

static enum crm_err
members_add(struct json_rows *r, json_t *v, bool inner, struct diag *dg)
{
	size_t n = r->path.n;
	enum crm_err err = CRM_OK;

	for (void *i = json_object_iter(v); !err && i;
	     i = json_object_iter_next(v, i)) {
		path_add(r, inner, json_object_iter_key(i));
		err = value_add(r, json_object_iter_value(i), true, dg);
		path_cut(r, n);
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
	return leaf_add(r, scalar(v), 0, dg);
}

static enum crm_err
flatten(struct json_rows *r, struct diag *dg)
{
	enum crm_err err;

	r->n = 0;
	buf_reset(&r->path);
	buf_reset(&r->names);
	buf_reset(&r->lists);
	err = value_add(r, r->root, false, dg);
	if (r->path.failed || r->names.failed || r->lists.failed)
		return diag_nomem(dg);
	if (!err && !r->n)
		return ROWS_FAIL(r, dg,
		    "the object is empty; delete it, or give it names and "
		    "values");
	for (size_t i = 0; i < r->n; i++) {
		const struct leaf *l = &r->leaves[i];
		r->row_names[i] = (struct str){
		    .p = buf_z(&r->names) + l->name, .n = l->nname};
		r->row_cells[i] = (struct str){
		    .p = l->p ? l->p : buf_z(&r->lists) + l->at, .n = l->n};
	}
	return err;
}

/* ---- shapes ------------------------------------------------------------ */

static int
name_order(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* {"a": {"b": 1}, "a.b": 2} has a name twice that jansson cannot see. Names
 * that came before have been looked at before. */
static enum crm_err
names_check(struct json_rows *r, struct diag *dg)
{
	struct str *sorted = calloc(r->n, sizeof(*sorted));
	enum crm_err err = CRM_OK;

	if (!sorted)
		return diag_nomem(dg);
	memcpy(sorted, r->row_names, r->n * sizeof(*sorted));
	qsort(sorted, r->n, sizeof(*sorted), name_order);
	for (size_t i = 1; !err && i < r->n; i++)
		if (str_eq(sorted[i - 1], sorted[i]))
			err = ROWS_FAIL(r, dg,
			    "the name '%.*s' comes out twice; rename one",
			    STR_ARG(sorted[i]));
	free(sorted);
	return err;
}

static uint64_t
names_hash(struct str s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
	return h;
}

static bool
shape_is(const struct shape *s, uint64_t hash, struct str names)
{
	return s->no && s->hash == hash && str_eq(str_of(&s->names), names);
}

static enum crm_err
shape_new(struct json_rows *r, uint64_t hash, struct diag *dg)
{
	struct shape *s = &r->shapes[r->spare];
	enum crm_err err = names_check(r, dg);

	if (err)
		return err;
	s->no = 0;
	buf_reset(&s->names);
	buf_add(&s->names, str_of(&r->names));
	if (s->names.failed)
		return diag_nomem(dg);
	s->hash = hash;
	s->no = ++r->seen;
	r->last = r->spare;
	r->spare = (r->spare + 1) % SHAPES_MAX;
	return CRM_OK;
}

/* r->last becomes the shape of the row. */
static enum crm_err
shape_find(struct json_rows *r, struct diag *dg)
{
	struct str names = str_of(&r->names);
	const struct shape *last = &r->shapes[r->last];
	uint64_t hash;

	if (last->no && str_eq(str_of(&last->names), names))
		return CRM_OK;
	hash = names_hash(names);
	for (size_t i = 0; i < SHAPES_MAX; i++) {
		if (shape_is(&r->shapes[i], hash, names)) {
			r->last = i;
			return CRM_OK;
		}
	}
	return shape_new(r, hash, dg);
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
	if (r->root || utf8_valid(raw, &bad)) /* jansson has looked at it */
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
	enum crm_err err = parse(r, syntax, dg);

	if (!err)
		err = flatten(r, dg);
	if (!err)
		err = shape_find(r, dg);
	return err;
}

static enum crm_err
rows_read(struct rows *rows, struct rows_row *row, bool *got, struct diag *dg)
{
	struct json_rows *r = (struct json_rows *)rows;
	bool syntax = false;
	enum crm_err err;

	json_decref(r->root);
	r->root = NULL;
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
	row->names = r->row_names;
	row->cells = r->row_cells;
	row->n = r->n;
	row->shape = r->shapes[r->last].no;
	return CRM_OK;
}

static void
rows_free(struct rows *rows)
{
	struct json_rows *r = (struct json_rows *)rows;

	json_decref(r->root);
	json_split_clear(&r->split);
	buf_clear(&r->work);
	buf_clear(&r->path);
	buf_clear(&r->names);
	buf_clear(&r->lists);
	buf_clear(&r->raw);
	for (size_t i = 0; i < SHAPES_MAX; i++)
		buf_clear(&r->shapes[i].names);
	free(r->leaves);
	free(r->row_names);
	free(r->row_cells);
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
	json_split_init(&r->split, src,
	    o && o->object_max ? o->object_max : JSON_OBJECT_MAX);
	*out = &r->rows;
	return CRM_OK;
}
