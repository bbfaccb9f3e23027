/* SPDX-License-Identifier: ISC */
/* changes: two rows of a record compared, and the table of what differs. */
#include "crm/changes.h"

#include "base/near.h"

/* ---- comparing --------------------------------------------------------- */

/* The fields of two rows side by side, in order of slot. */
struct pair {
	const struct row *rows[2];
	unsigned at[2], slot[2];
	struct str value[2];
	bool more[2];
};

static void
pair_step(struct pair *p, int i)
{
	p->more[i] = row_each(p->rows[i], &p->at[i], &p->slot[i], &p->value[i]);
}

static void
pair_open(struct pair *p, const struct row *before, const struct row *after)
{
	*p = (struct pair){.rows = {before, after}};
	pair_step(p, 0);
	pair_step(p, 1);
}

/* The next slot that either has. */
static bool
pair_next(struct pair *p, unsigned *slot, struct str *old, struct str *new)
{
	struct str *out[2] = {old, new};

	if (!p->more[0] && !p->more[1])
		return false;
	*slot = p->more[0] && (!p->more[1] || p->slot[0] <= p->slot[1])
		    ? p->slot[0]
		    : p->slot[1];
	for (int i = 0; i < 2; i++) {
		*out[i] = (struct str){0};
		if (!p->more[i] || p->slot[i] != *slot)
			continue;
		*out[i] = p->value[i];
		pair_step(p, i);
	}
	return true;
}

/* ---- one record -------------------------------------------------------- */

struct each {
	struct past *past;
	uint16_t kind;
	enum crm_err (*fn)(
	    void *arg, struct str field, struct str old, struct str new);
	void *arg;
};

static enum crm_err
each_slot(const struct each *w, unsigned slot, struct str old, struct str new,
    struct diag *dg)
{
	struct past_field f;
	enum crm_err err = past_field(w->past, w->kind, slot, &f, dg);

	return err ? err : w->fn(w->arg, f.name, old, new);
}

enum crm_err
changes_each(struct past *p, const struct changes_of *c,
    enum crm_err (*fn)(
	void *arg, struct str field, struct str old, struct str new),
    void *arg, struct diag *dg)
{
	struct each w = {p, c->id.kind, fn, arg};
	struct str old, new, was = {0}, is = {0};
	struct pair pair;
	bool any = false;
	unsigned slot;
	enum crm_err err = CRM_OK;

	pair_open(&pair, &c->before, &c->after);
	while (!err && pair_next(&pair, &slot, &old, &new)) {
		if (str_eq(old, new))
			continue;
		if (slot == SLOT_UPDATED) {
			was = old;
			is = new;
			continue;
		}
		any = true;
		err = each_slot(&w, slot, old, new, dg);
	}
	if (err || any)
		return err;
	if (was.n || is.n)
		return each_slot(&w, SLOT_UPDATED, was, is, dg);
	if (c->op == CHANGE_UPDATE)
		return CRM_OK;
	return fn(arg, STR(""), STR(""), STR(""));
}

/* ---- the table --------------------------------------------------------- */

enum cell {
	CELL_TXN,
	CELL_TIME,
	CELL_USER,
	CELL_COMMAND,
	CELL_REASON,
	CELL_ID,
	CELL_FIELD,
	CELL_OLD,
	CELL_NEW,
	CELLS
};

static const struct field number = {.type = TYPE_INT};
static const struct field moment = {.type = TYPE_TIME};

static const struct column columns[CELLS] = {
    [CELL_TXN] = {.name = {"txn", 3}, .field = &number},
    [CELL_TIME] = {.name = {"time", 4}, .field = &moment},
    [CELL_USER] = {.name = {"user", 4}},
    [CELL_COMMAND] = {.name = {"command", 7}},
    [CELL_REASON] = {.name = {"reason", 6}},
    [CELL_ID] = {.name = {"id", 2}},
    [CELL_FIELD] = {.name = {"field", 5}},
    [CELL_OLD] = {.name = {"old", 3}},
    [CELL_NEW] = {.name = {"new", 3}},
};

struct changes {
	struct past *past;
	enum cell cells[CELLS];
	size_t n;
	struct buf txn, time, id; /* texts of the rows under way */
	/* of the row under way */
	struct emit *emit;
	const struct journal_head *head;
	bool clean;
	uint64_t *rows;
};

static enum crm_err
column_named(
    struct changes *w, enum cell first, struct str name, struct diag *dg)
{
	struct near near = {.word = name};

	for (enum cell i = first; i < CELLS; i++) {
		near_offer(&near, columns[i].name);
		if (!str_eq(columns[i].name, name))
			continue;
		for (size_t k = 0; k < w->n; k++)
			if (w->cells[k] == i)
				return diag_set(dg, CRM_USAGE,
				    "-f: '%.*s' stands there twice",
				    STR_ARG(name));
		w->cells[w->n++] = i;
		return CRM_OK;
	}
	diag_set(dg, CRM_USAGE,
	    "-f: there is no column '%.*s'; the columns are", STR_ARG(name));
	for (enum cell i = first; i < CELLS; i++)
		diag_more(dg, "%s%.*s", i == first ? " " : ",",
		    STR_ARG(columns[i].name));
	if (near.best.n)
		diag_more(dg, "; nearest is %.*s", STR_ARG(near.best));
	return CRM_USAGE;
}

enum crm_err
changes_new(struct changes **out, struct past *past, enum changes_set set,
    const char *fields, struct diag *dg)
{
	struct changes *w = calloc(1, sizeof(*w));
	enum cell first = set == CHANGES_NET ? CELL_ID : CELL_TXN;
	enum crm_err err = CRM_OK;

	*out = NULL;
	if (!w)
		return diag_nomem(dg);
	w->past = past;
	if (!fields)
		for (enum cell i = first; i < CELLS; i++)
			w->cells[w->n++] = i;
	for (struct str rest = str_from(fields); !err && rest.p;)
		err = column_named(w, first, str_trim(str_cut(&rest, ',')), dg);
	if (err)
		changes_free(w);
	else
		*out = w;
	return err;
}

void
changes_free(struct changes *w)
{
	if (!w)
		return;
	buf_clear(&w->txn);
	buf_clear(&w->time);
	buf_clear(&w->id);
	free(w);
}

enum crm_err
changes_begin(const struct changes *w, struct emit *e, struct diag *dg)
{
	struct column cols[CELLS];

	for (size_t i = 0; i < w->n; i++)
		cols[i] = columns[w->cells[i]];
	return emit_begin(e, cols, w->n, dg);
}

static struct str
head_cell(const struct changes *w, enum cell cell)
{
	switch (cell) {
	case CELL_TXN:
		return str_of(&w->txn);
	case CELL_TIME:
		return str_of(&w->time);
	case CELL_USER:
		return w->head->user;
	case CELL_COMMAND:
		return w->head->command;
	default:
		return w->head->reason;
	}
}

static enum crm_err
row_emit(void *arg, struct str field, struct str old, struct str new)
{
	struct changes *w = arg;

	for (size_t i = 0; i < w->n; i++) {
		enum cell cell = w->cells[i];

		if (cell == CELL_ID)
			emit_cell(w->emit, str_of(&w->id), true);
		else if (cell == CELL_FIELD)
			emit_cell(w->emit, field, true);
		else if (cell == CELL_OLD)
			emit_cell(w->emit, old, w->clean);
		else if (cell == CELL_NEW)
			emit_cell(w->emit, new, w->clean);
		else
			emit_cell(w->emit, head_cell(w, cell), false);
	}
	emit_row(w->emit);
	++*w->rows;
	return CRM_OK;
}

static void
texts_set(struct changes *w, const struct journal_head *head)
{
	buf_reset(&w->txn);
	buf_reset(&w->time);
	if (!head)
		return;
	buf_addu(&w->txn, head->txn);
	time_print(head->time, &w->time);
}

enum crm_err
changes_emit(struct changes *w, struct emit *e, const struct journal_head *head,
    const struct changes_of *c, uint64_t *rows, struct diag *dg)
{
	unsigned flags = ~0U;
	enum crm_err err;

	if (c->op != CHANGE_CREATE)
		flags &= c->before.flags;
	if (c->op != CHANGE_DELETE)
		flags &= c->after.flags;
	w->emit = e;
	w->head = head;
	w->clean = emit_clean(e, flags);
	w->rows = rows;
	texts_set(w, head);
	buf_reset(&w->id);
	err = past_id(w->past, c->id, &w->id, dg);
	if (!err && (w->txn.failed || w->time.failed || w->id.failed))
		err = diag_nomem(dg);
	return err ? err : changes_each(w->past, c, row_emit, w, dg);
}
