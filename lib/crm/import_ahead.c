/* SPDX-License-Identifier: ISC */
/* import_ahead: two chunks of rows, one being stored while the other is read.
 */
#include "crm/import_impl.h"
#include "crm/sheaf.h"
#include "model/value.h"
#include "store/hand.h"

/* What a chunk has at most, before its last row. */
enum { ROWS = 512, TEXTS = 1 << 15, BYTES = 1 << 18 };

/* Texts of the chunk: the line, its cells, the values as they are; and those
 * that change on the way, each where it is needed. */
struct ahead_row {
	struct rows_row row;
	const void *layout;
	size_t text;	       /* the first one */
	size_t value, nvalues; /* in the chunk */
	enum crm_err err;      /* it is refused */
	struct diag why;
};

struct chunk {
	struct import_ahead *ahead;
	struct ahead_row *rows; /* ROWS of them */
	size_t n, at;		/* made, and handed out */
	struct intake_value *values;
	size_t nvalues, capvalues;
	struct sheaf sheaf;
	struct buf canon;
	bool end;	  /* nothing follows */
	enum crm_err err; /* but this */
	struct diag why;
};

/* The field that a value at some place of an intake was for the last time. */
struct seen {
	struct str name;
	const struct field *field; /* NULL: not to be checked */
};

struct import_ahead {
	struct import *import;
	struct rows *in;
	const struct kind *kind;
	uint64_t shape;
	struct seen *seen;
	size_t nseen;
	struct hand *hand;
	uint64_t job; /* that makes the next chunk; 0: none does */
	struct chunk chunks[2];
	struct chunk *now, *next;
};

/* ---- values ----------------------------------------------------------- */

static const struct field *
field_of(struct import_ahead *a, size_t at, struct str name)
{
	const struct field *f;
	struct seen *more;

	if (at >= a->nseen) {
		more = realloc(a->seen, (at + 1) * sizeof(*more));
		if (!more)
			return NULL;
		memset(more + a->nseen, 0, (at + 1 - a->nseen) * sizeof(*more));
		a->seen = more;
		a->nseen = at + 1;
	}
	if (a->seen[at].name.p != name.p || a->seen[at].name.n != name.n) {
		f = schema_field(a->kind, name);
		if (f && (f->type == TYPE_REF || f->slot == SLOT_NONE))
			f = NULL;
		a->seen[at] = (struct seen){.name = name, .field = f};
	}
	return a->seen[at].field;
}

/* What becomes of the value: canon.n is the number of that text, 0 where it is
 * the same. */
static void
value_check(struct chunk *c, const struct field *f, struct intake_value *v)
{
	size_t text;

	struct diag why = {0};

	if (!f || v->value.n == 0 || v->op != ASSIGN_SET)
		return;
	buf_reset(&c->canon);
	/* Who refuses it says why. */
	if (value_normalise(f, v->value, c->ahead->import->opt.clock, &c->canon,
		&v->odd, &why)) {
		diag_clear(&why);
		return;
	}
	v->checked = true;
	if (str_eq(v->value, str_of(&c->canon)))
		return;
	text = sheaf_room(&c->sheaf, 1);
	sheaf_put(&c->sheaf, text, str_of(&c->canon));
	v->canon.n = text;
}

static bool
values_room(struct chunk *c, size_t n)
{
	size_t cap = c->capvalues ? c->capvalues : 256;
	struct intake_value *more;

	if (c->nvalues + n <= c->capvalues)
		return true;
	while (cap < c->nvalues + n)
		cap *= 2;
	more = realloc(c->values, cap * sizeof(*more));
	if (!more)
		return false;
	c->values = more;
	c->capvalues = cap;
	return true;
}

static bool
values_add(struct chunk *c, struct ahead_row *r, const struct intake *in)
{
	size_t text = sheaf_room(&c->sheaf, in->n);

	if (!values_room(c, in->n))
		return false;
	r->layout = in->layout;
	r->value = c->nvalues;
	r->nvalues = in->n;
	for (size_t i = 0; i < in->n; i++) {
		struct intake_value *v = &c->values[c->nvalues++];

		*v = in->v[i];
		sheaf_part(&c->sheaf, text + i, v->value, r->text, r->row.raw);
		value_check(c, field_of(c->ahead, i, v->field), v);
	}
	return true;
}

/* ---- a chunk ---------------------------------------------------------- */

static void
chunk_reset(struct chunk *c)
{
	for (size_t i = 0; i < c->n; i++)
		diag_clear(&c->rows[i].why);
	c->n = c->at = c->nvalues = 0;
	sheaf_reset(&c->sheaf);
}

static void
chunk_clear(struct chunk *c)
{
	if (c->rows)
		chunk_reset(c);
	free(c->rows);
	free(c->values);
	sheaf_clear(&c->sheaf);
	buf_clear(&c->canon);
	diag_clear(&c->why);
}

static bool
chunk_full(const struct chunk *c)
{
	return c->n == ROWS || c->sheaf.n >= TEXTS || c->sheaf.bytes.n >= BYTES;
}

/* Nothing but ERR follows, for what c->why says. */
static bool
chunk_end(struct chunk *c, enum crm_err err)
{
	c->end = true;
	c->err = err;
	return false;
}

static bool
row_add(struct chunk *c, const struct rows_row *row, enum crm_err err)
{
	struct import_ahead *a = c->ahead;
	struct ahead_row *r = &c->rows[c->n];
	struct intake in = {0};

	if (!err && (row->shape != a->shape || row->kind.n))
		return chunk_end(
		    c, diag_set(&c->why, CRM_BUG, "rows of another shape"));
	if (!err)
		err = rows_map(a->import, a->kind, row, &in, &c->why);
	if (err && err != CRM_DATA)
		return chunk_end(c, err);
	*r = (struct ahead_row){.row = *row, .err = err, .why = c->why};
	c->why = (struct diag){0};
	c->n++;
	r->text = sheaf_room(&c->sheaf, 1 + row->n);
	sheaf_put(&c->sheaf, r->text, row->raw);
	for (size_t i = 0; row->cells && i < row->n; i++)
		sheaf_part(&c->sheaf, r->text + 1 + i, row->cells[i], r->text,
		    row->raw);
	if (!err && !values_add(c, r, &in))
		return chunk_end(c, diag_nomem(&c->why));
	return true;
}

static bool
row_make(struct chunk *c)
{
	struct rows_row row = {0};
	bool got = false;
	enum crm_err err = rows_next(c->ahead->in, &row, &got, &c->why);

	if (!got || (err && err != CRM_DATA))
		return chunk_end(c, err);
	return row_add(c, &row, err);
}

static void
row_settle(struct chunk *c, struct ahead_row *r)
{
	const struct str *texts = c->sheaf.texts + r->text;

	r->row.raw = *texts++;
	if (r->row.cells)
		r->row.cells = texts;
	texts += r->row.n;
	for (size_t i = 0; i < r->nvalues; i++) {
		struct intake_value *v = &c->values[r->value + i];

		v->value = texts[i];
		v->canon = v->canon.n ? c->sheaf.texts[v->canon.n] : v->value;
	}
}

/* The job. */
static void
chunk_make(void *arg)
{
	struct chunk *c = arg;

	chunk_reset(c);
	while (!chunk_full(c) && row_make(c))
		;
	if (!sheaf_settle(&c->sheaf)) {
		chunk_reset(c);
		chunk_end(c, diag_nomem(&c->why));
	}
	for (size_t i = 0; i < c->n; i++)
		row_settle(c, &c->rows[i]);
}

/* ---- in the thread of the import -------------------------------------- */

enum crm_err
ahead_new(struct import_ahead **out, struct import *i, struct rows *in,
    const struct kind *k, struct diag *dg)
{
	struct import_ahead *a = calloc(1, sizeof(*a));
	bool ok = a != NULL, runs = false;

	*out = NULL;
	if (!a)
		return diag_nomem(dg);
	*a = (struct import_ahead){.import = i,
	    .in = in,
	    .kind = k,
	    .shape = i->shape,
	    .hand = hand_new(i->opt.ahead)};
	for (size_t n = 0; n < ARRAY_LEN(a->chunks); n++) {
		a->chunks[n].ahead = a;
		a->chunks[n].rows = calloc(ROWS, sizeof(struct ahead_row));
		ok = ok && a->chunks[n].rows;
	}
	a->now = &a->chunks[0];
	a->next = &a->chunks[1];
	ok = ok && a->hand;
	if (ok)
		runs = hand_start(a->hand);
	if (runs)
		*out = a;
	else
		ahead_free(a);
	return ok ? CRM_OK : diag_nomem(dg);
}

static void
chunk_have(struct import_ahead *a)
{
	struct chunk *was = a->now;

	if (!a->job)
		a->job = hand_give(a->hand, chunk_make, a->next);
	hand_wait(a->hand, a->job);
	a->job = 0;
	a->now = a->next;
	a->next = was;
	if (!a->now->end)
		a->job = hand_give(a->hand, chunk_make, a->next);
}

/* ERR and its message. */
static enum crm_err
told(enum crm_err err, struct diag *why, struct diag *dg)
{
	if (err) {
		diag_clear(dg);
		*dg = *why;
		*why = (struct diag){0};
	}
	return err;
}

enum crm_err
ahead_next(struct import_ahead *a, struct rows_row *row, struct intake *in,
    bool *got, struct diag *dg)
{
	struct chunk *c = a->now;
	struct ahead_row *r;

	*got = false;
	while (c->at == c->n) {
		if (c->end)
			return told(c->err, &c->why, dg);
		chunk_have(a);
		c = a->now;
	}
	r = &c->rows[c->at++];
	*got = true;
	*row = r->row;
	*in = (struct intake){.v = r->nvalues ? &c->values[r->value] : NULL,
	    .n = r->nvalues,
	    .layout = r->layout};
	return told(r->err, &r->why, dg);
}

void
ahead_free(struct import_ahead *a)
{
	if (!a)
		return;
	hand_free(a->hand);
	for (size_t n = 0; n < ARRAY_LEN(a->chunks); n++)
		chunk_clear(&a->chunks[n]);
	free(a->seen);
	free(a);
}
