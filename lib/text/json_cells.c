/* SPDX-License-Identifier: ISC */
/* json_cells: names, cells and shapes of objects. */
#include "text/json_cells.h"

#include "text/json_rows.h"

enum { LEAVES_FIRST = 64 };

/* Buffers still move, so that their parts are offsets. */
struct json_leaf {
	size_t name, nname; /* in key */
	const char *p;	    /* NULL: the cell is in texts, from AT on */
	size_t at, n;
};

/* In the key before the path of brackets; no name has such a byte. */
static const char bracket_mark = '\xff';

void
json_cells_clear(struct json_cells *c)
{
	buf_clear(&c->path);
	buf_clear(&c->key);
	buf_clear(&c->texts);
	for (size_t i = 0; i < JSON_SHAPES_MAX; i++)
		buf_clear(&c->shapes[i].key);
	free(c->leaves);
	free(c->names);
	free(c->cells);
	*c = (struct json_cells){0};
}

void
json_cells_reset(struct json_cells *c)
{
	c->n = 0;
	buf_reset(&c->path);
	buf_reset(&c->key);
	buf_reset(&c->texts);
}

/* ---- the path ---------------------------------------------------------- */

size_t
json_cells_enter(struct json_cells *c, bool inner, struct str name)
{
	size_t was = c->path.n;

	if (inner)
		buf_addc(&c->path, '.');
	buf_add(&c->path, name);
	return was;
}

size_t
json_cells_item(struct json_cells *c, size_t i)
{
	size_t was = c->path.n;

	buf_addc(&c->path, '.');
	buf_addu(&c->path, i);
	return was;
}

void
json_cells_leave(struct json_cells *c, size_t was)
{
	c->path.n = was;
	if (c->path.p)
		c->path.p[was] = '\0';
}

void
json_cells_open(struct json_cells *c)
{
	buf_addc(&c->key, bracket_mark);
	buf_add(&c->key, str_of(&c->path));
	buf_addc(&c->key, '\0');
}

/* ---- cells ------------------------------------------------------------- */

static enum crm_err
grow(struct json_cells *c, struct diag *dg)
{
	size_t cap = c->cap ? c->cap * 2 : LEAVES_FIRST;
	struct json_leaf *leaves;
	struct str *names, *cells;

	leaves = realloc(c->leaves, cap * sizeof(*leaves));
	if (leaves)
		c->leaves = leaves;
	names = realloc(c->names, cap * sizeof(*names));
	if (names)
		c->names = names;
	cells = realloc(c->cells, cap * sizeof(*cells));
	if (cells)
		c->cells = cells;
	if (!leaves || !names || !cells)
		return diag_nomem(dg);
	c->cap = cap;
	return CRM_OK;
}

static enum crm_err
fits(const struct json_cells *c, size_t n, struct diag *dg)
{
	if (c->path.n > JSON_NAME_MAX)
		return diag_set(dg, CRM_DATA,
		    "a name of %zu bytes, '%.32s...', is longer than %d; use "
		    "a shorter one",
		    c->path.n, buf_z(&c->path), (int)JSON_NAME_MAX);
	if (n > CRM_FIELD_MAX)
		return diag_set(dg, CRM_DATA,
		    "%s: %zu bytes are more than %d; shorten the value",
		    buf_z(&c->path), n, (int)CRM_FIELD_MAX);
	if (c->n == JSON_NAMES_MAX || c->key.n + c->path.n >= JSON_NAMES_ALL)
		return diag_set(dg, CRM_DATA,
		    "the object has more names than the %d, of %d bytes in "
		    "all, that one may have; leave out what you do not need",
		    (int)JSON_NAMES_MAX, (int)JSON_NAMES_ALL);
	return CRM_OK;
}

static enum crm_err
add(struct json_cells *c, struct json_leaf leaf, struct diag *dg)
{
	enum crm_err err = fits(c, leaf.n, dg);

	if (!err && c->n == c->cap)
		err = grow(c, dg);
	if (err)
		return err;
	leaf.name = c->key.n;
	leaf.nname = c->path.n;
	c->leaves[c->n++] = leaf;
	buf_add(&c->key, str_of(&c->path));
	buf_addc(&c->key, '\0');
	return CRM_OK;
}

enum crm_err
json_cells_add(struct json_cells *c, struct str text, struct diag *dg)
{
	return add(c, (struct json_leaf){.p = text.p, .n = text.n}, dg);
}

enum crm_err
json_cells_add_text(struct json_cells *c, size_t at, struct diag *dg)
{
	return add(c, (struct json_leaf){.at = at, .n = c->texts.n - at}, dg);
}

enum crm_err
json_cells_end(struct json_cells *c, struct diag *dg)
{
	if (c->path.failed || c->key.failed || c->texts.failed)
		return diag_nomem(dg);
	for (size_t i = 0; i < c->n; i++) {
		const struct json_leaf *l = &c->leaves[i];
		c->names[i] =
		    (struct str){.p = buf_z(&c->key) + l->name, .n = l->nname};
		c->cells[i] = (struct str){
		    .p = l->p ? l->p : buf_z(&c->texts) + l->at, .n = l->n};
	}
	return CRM_OK;
}

/* ---- shapes ------------------------------------------------------------ */

static uint64_t
key_hash(struct str s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
	return h;
}

bool
json_cells_known(struct json_cells *c)
{
	struct str key = str_of(&c->key);
	const struct json_shape *s = &c->shapes[c->last];
	uint64_t hash;

	if (s->no && str_eq(str_of(&s->key), key))
		return true;
	hash = key_hash(key);
	for (size_t i = 0; i < JSON_SHAPES_MAX; i++) {
		s = &c->shapes[i];
		if (s->no && s->hash == hash && str_eq(str_of(&s->key), key)) {
			c->last = i;
			return true;
		}
	}
	return false;
}

static int
name_order(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The parts of the key, in order; brackets without their mark. */
static struct str *
key_parts(struct str key, size_t *n)
{
	struct str *parts;

	*n = 0;
	for (size_t i = 0; i < key.n; i++)
		*n += key.p[i] == '\0';
	parts = calloc(*n + 1, sizeof(*parts));
	for (size_t i = 0; parts && i < *n; i++) {
		parts[i] = str_cut(&key, '\0');
		if (parts[i].n && parts[i].p[0] == bracket_mark)
			parts[i] = str_from_pos(parts[i], 1);
	}
	if (parts)
		qsort(parts, *n, sizeof(*parts), name_order);
	return parts;
}

/* {"a": {"b": 1}, "a.b": 2}: a name that is there twice only here. Those of a
 * known shape have been looked at before. */
static enum crm_err
names_check(const struct json_cells *c, struct diag *dg)
{
	struct str *sorted = calloc(c->n + 1, sizeof(*sorted));
	enum crm_err err = CRM_OK;

	if (!sorted)
		return diag_nomem(dg);
	memcpy(sorted, c->names, c->n * sizeof(*sorted));
	qsort(sorted, c->n, sizeof(*sorted), name_order);
	for (size_t i = 1; !err && i < c->n; i++)
		if (str_eq(sorted[i - 1], sorted[i]))
			err = diag_set(dg, CRM_DATA,
			    "the name '%.*s' comes out twice; rename one",
			    STR_ARG(sorted[i]));
	free(sorted);
	return err;
}

static enum crm_err
plain_check(const struct json_cells *c, bool *plain, struct diag *dg)
{
	size_t n = 0;
	struct str *parts = key_parts(str_of(&c->key), &n);

	if (!parts)
		return diag_nomem(dg);
	*plain = true;
	for (size_t i = 1; i < n; i++)
		*plain = *plain && !str_eq(parts[i - 1], parts[i]);
	free(parts);
	return CRM_OK;
}

enum crm_err
json_cells_learn(struct json_cells *c, struct diag *dg)
{
	struct json_shape *s = &c->shapes[c->spare];
	enum crm_err err = names_check(c, dg);

	if (!err)
		err = plain_check(c, &s->plain, dg);
	if (err)
		return err;
	s->no = 0;
	buf_reset(&s->key);
	buf_add(&s->key, str_of(&c->key));
	if (s->key.failed)
		return diag_nomem(dg);
	s->hash = key_hash(str_of(&s->key));
	s->no = ++c->seen;
	c->last = c->spare;
	c->spare = (c->spare + 1) % JSON_SHAPES_MAX;
	return CRM_OK;
}
