/* SPDX-License-Identifier: ISC */
/* scout: two chunks of rows, one being stored while the other is made. */
#include "crm/scout.h"

#include "crm/sheaf.h"
#include "model/value.h"
#include "store/hand.h"

/* What a chunk has at most, before its last row. */
enum { ROWS = 512, TEXTS = 1 << 15, BYTES = 1 << 18 };

struct row {
	uint64_t line;
	enum crm_err err; /* the line was refused */
	struct diag why;
};

/* Of each row there are 1 + ncols texts, the line and the cells, and ncols
 * marks. */
struct chunk {
	struct scout *scout;
	struct row *rows; /* ROWS of them */
	size_t n, at;	  /* made, and handed out */
	struct sheaf sheaf;
	struct buf marks;
	struct buf value; /* of a cell */
	bool end;	  /* nothing follows */
	enum crm_err err; /* or this, and only this */
	struct diag why;
};

struct scout {
	struct tsv_reader *in;
	const struct field **fields;
	size_t ncols;
	const struct clock *clock;
	struct hand *hand;
	uint64_t job; /* that makes the next chunk; 0: none does */
	struct chunk chunks[2];
	struct chunk *now, *next;
	struct diag fault; /* of reading, to be told at the end */
};

/* ---- a chunk ---------------------------------------------------------- */

static void
chunk_reset(struct chunk *c)
{
	for (size_t i = 0; i < c->n; i++)
		diag_clear(&c->rows[i].why);
	c->n = c->at = 0;
	sheaf_reset(&c->sheaf);
	buf_reset(&c->marks);
}

static void
chunk_clear(struct chunk *c)
{
	if (c->rows)
		chunk_reset(c);
	free(c->rows);
	sheaf_clear(&c->sheaf);
	buf_clear(&c->marks);
	buf_clear(&c->value);
	diag_clear(&c->why);
}

static bool
chunk_full(const struct chunk *c)
{
	return c->n == ROWS || c->sheaf.n >= TEXTS || c->sheaf.bytes.n >= BYTES;
}

static void
chunk_settle(struct chunk *c)
{
	if (sheaf_settle(&c->sheaf) && !c->marks.failed)
		return;
	c->err = diag_nomem(&c->why);
	chunk_reset(c);
}

/* ---- a row ------------------------------------------------------------ */

/* The value of the cell I into c->value, where it can be told. */
static enum scout_mark
cell_check(struct chunk *c, size_t i, struct str cell)
{
	const struct field *f = c->scout->fields[i];
	bool odd = false;
	struct diag why = {0};

	buf_reset(&c->value);
	if (!f || f->type == TYPE_REF || cell.n == 0)
		return SCOUT_TEXT;
	/* Who refuses it says why. */
	if (value_normalise(f, cell, c->scout->clock, &c->value, &odd, &why)) {
		diag_clear(&why);
		return SCOUT_TEXT;
	}
	if (c->value.n == 0)
		return SCOUT_TEXT;
	return odd ? SCOUT_ODD : SCOUT_GOOD;
}

/* The row that the reader stands at, or what it refused as ERR with c->why. */
static void
row_add(struct chunk *c, const struct str *cells, enum crm_err err)
{
	const struct scout *s = c->scout;
	size_t at = sheaf_room(&c->sheaf, 1 + s->ncols);
	struct str raw = tsv_raw(s->in);

	c->rows[c->n++] =
	    (struct row){.line = tsv_line(s->in), .err = err, .why = c->why};
	c->why = (struct diag){0};
	sheaf_put(&c->sheaf, at, raw);
	for (size_t i = 0; i < s->ncols; i++) {
		enum scout_mark mark = SCOUT_TEXT;

		if (!err)
			mark = cell_check(c, i, cells[i]);
		if (mark != SCOUT_TEXT && !str_eq(cells[i], str_of(&c->value)))
			sheaf_put(&c->sheaf, at + 1 + i, str_of(&c->value));
		else if (!err)
			sheaf_part(&c->sheaf, at + 1 + i, cells[i], at, raw);
		buf_addc(&c->marks, (char)mark);
	}
}

/* Takes one row with FROM. */
static bool
row_make(
    struct chunk *c, enum crm_err (*from)(struct tsv_reader *r,
			 const struct str **cells, bool *got, struct diag *dg))
{
	const struct str *cells;
	bool got;
	enum crm_err err = from(c->scout->in, &cells, &got, &c->why);

	if (err && err != CRM_DATA) {
		c->err = err;
		return false;
	}
	if (!got && !err) {
		c->end = !tsv_hungry(c->scout->in);
		return false;
	}
	row_add(c, cells, err);
	return true;
}

/* The job: as many rows as there are in memory. */
static void
chunk_make(void *arg)
{
	struct chunk *c = arg;

	chunk_reset(c);
	while (!chunk_full(c) && row_make(c, tsv_held))
		;
	chunk_settle(c);
}

/* ---- in the thread of the batch --------------------------------------- */

enum crm_err
scout_new(struct scout **out, struct tsv_reader *in,
    const struct field *const *fields, size_t keep, const struct clock *clock,
    bool force, struct diag *dg)
{
	struct scout *s = calloc(1, sizeof(*s));
	const struct str *names;
	bool ok = s != NULL, runs = false;

	*out = NULL;
	if (!s)
		return diag_nomem(dg);
	s->in = in;
	s->clock = clock;
	s->ncols = tsv_columns(in, &names);
	s->fields = calloc(s->ncols + 1, sizeof(*s->fields));
	s->hand = hand_new(force);
	for (size_t i = 0; i < ARRAY_LEN(s->chunks); i++) {
		s->chunks[i].scout = s;
		s->chunks[i].rows = calloc(ROWS, sizeof(struct row));
		ok = ok && s->chunks[i].rows;
	}
	s->now = &s->chunks[0];
	s->next = &s->chunks[1];
	ok = ok && s->fields && s->hand;
	if (ok && s->ncols)
		memcpy(s->fields, fields, s->ncols * sizeof(*fields));
	if (ok && keep < s->ncols)
		s->fields[keep] = NULL;
	if (ok)
		runs = hand_start(s->hand);
	if (runs)
		*out = s;
	else
		scout_free(s);
	return ok ? CRM_OK : diag_nomem(dg);
}

/* Asks for a chunk more, where that needs no waiting. A line that is longer
 * than what is read at once is left to who must have it. */
static void
chunk_ask(struct scout *s)
{
	if (s->now->end || s->now->err || s->fault.code)
		return;
	if (tsv_hungry(s->in)) {
		if (tsv_waits(s->in))
			return;
		if (tsv_feed(s->in, &s->fault) != CRM_OK)
			return;
	}
	if (!tsv_hungry(s->in))
		s->job = hand_give(s->hand, chunk_make, s->next);
}

/* The row that must be had now. */
static void
row_await(struct scout *s)
{
	struct chunk *c = s->now;

	chunk_reset(c);
	(void)row_make(c, tsv_next);
	chunk_settle(c);
}

/* Rows to hand out, unless there are no more. */
static void
chunk_have(struct scout *s)
{
	struct chunk *was = s->now;

	if (!s->job)
		chunk_ask(s);
	if (s->job) {
		hand_wait(s->hand, s->job);
		s->job = 0;
		s->now = s->next;
		s->next = was;
		chunk_ask(s);
	} else {
		row_await(s);
	}
}

/* Nothing is left. */
static enum crm_err
scout_end(struct scout *s, struct diag *dg)
{
	struct diag *why = s->now->err ? &s->now->why : &s->fault;
	enum crm_err err = s->now->err ? s->now->err : s->fault.code;

	if (err) {
		diag_clear(dg);
		*dg = *why;
		*why = (struct diag){0};
	}
	return err;
}

enum crm_err
scout_next(struct scout *s, struct scout_row *row, bool *got, struct diag *dg)
{
	struct chunk *c = s->now;
	struct row *r;
	size_t at;

	*got = false;
	while (c->at == c->n) {
		if (c->end || c->err || s->fault.code)
			return scout_end(s, dg);
		chunk_have(s);
		c = s->now;
	}
	r = &c->rows[c->at];
	at = c->at * (1 + s->ncols);
	*row = (struct scout_row){
	    .cells = c->sheaf.texts + at + 1,
	    .marks = c->marks.p + c->at * s->ncols,
	    .line = r->line,
	    .raw = c->sheaf.texts[at],
	};
	c->at++;
	*got = r->err == CRM_OK;
	if (r->err) {
		diag_clear(dg);
		*dg = r->why;
		r->why = (struct diag){0};
	}
	return r->err;
}

void
scout_free(struct scout *s)
{
	if (!s)
		return;
	hand_free(s->hand);
	for (size_t i = 0; i < ARRAY_LEN(s->chunks); i++)
		chunk_clear(&s->chunks[i]);
	diag_clear(&s->fault);
	free(s->fields);
	free(s);
}
