/* SPDX-License-Identifier: ISC */
/* emit_stored: rows as they are stored, by plans that are made once for each
 * set of fields. */
#include "text/emit_priv.h"

/* A plan counts in bytes, and knows the first 64 slots. */
static bool
plans_serve(const struct emit *e)
{
	for (size_t i = 0; i < e->ncols; i++)
		if (e->slots[i] >= 64 && e->slots[i] != EMIT_ID)
			return false;
	return e->ops->stored && e->ncols <= PLAN_COLUMNS;
}

enum crm_err
emit_slots(struct emit *e, const uint16_t *slots, struct diag *dg)
{
	size_t n = e->ncols ? e->ncols : 1;

	e->slots = calloc(n, sizeof(*e->slots));
	e->cells = calloc(n, sizeof(*e->cells));
	if (!e->slots || !e->cells)
		return diag_nomem(dg);
	for (size_t i = 0; i < e->ncols; i++)
		e->slots[i] = slots[i];
	e->plans_wait = plans_serve(e);
	return CRM_OK;
}

/* For a few rows no plan is made; without memory for them neither. */
static bool
plans_ready(struct emit *e)
{
	if (e->plans_wait && e->rows >= PLANS_FROM) {
		e->plans_wait = false;
		e->plans = calloc(PLANS, sizeof(*e->plans));
	}
	return e->plans != NULL;
}

static void
step_add(struct emit_plan *plan, struct emit_step step, size_t gap)
{
	for (; gap > GAP_MAX; gap -= GAP_MAX)
		plan->steps[plan->n++] =
		    (struct emit_step){.gap = GAP_MAX, .type = STEP_NOTHING};
	step.gap = (uint8_t)gap;
	plan->steps[plan->n++] = step;
}

/* The value in SLOT, which is there. */
static struct emit_step
step_of(const struct row *row, unsigned slot)
{
	uint64_t before = row->low & ((UINT64_C(1) << slot) - 1);
	unsigned rank = row_ones(before);

	return (struct emit_step){.type = STEP_VALUE,
	    .at = (uint8_t)(2 * rank),
	    .mask = rank ? UINT32_MAX : UINT32_C(0xffff0000)};
}

static void
plan_make(const struct emit *e, struct emit_plan *plan, const struct row *row)
{
	size_t last = 0;

	plan->n = 0;
	for (size_t i = 0; i < e->ncols; i++) {
		struct emit_step step = {.type = STEP_ID};
		unsigned slot = e->slots[i];

		if (slot != EMIT_ID && !(row->low >> slot & 1))
			continue;
		if (slot != EMIT_ID)
			step = step_of(row, slot);
		step.column = (uint8_t)i;
		step_add(plan, step, i - last);
		last = i;
	}
	plan->rest = (uint8_t)(e->ncols ? e->ncols - 1 - last : 0);
	plan->low = row->low;
	plan->made = true;
}

static void
cells_emit(struct emit *e, const struct row *row, struct str id)
{
	for (size_t i = 0; i < e->ncols; i++)
		e->cells[i] =
		    e->slots[i] == EMIT_ID ? id : row_get(row, e->slots[i]);
	emit_cells(e, e->cells, emit_clean(e, row->flags));
}

void
emit_stored(struct emit *e, const struct row *row, struct str id)
{
	struct emit_plan *plan;

	if (!plans_ready(e) || row->flags & ROW_WIDE ||
	    row->data_len > EMIT_MOST) {
		cells_emit(e, row, id);
		return;
	}
	plan =
	    &e->plans[row->low * UINT64_C(0x9e3779b97f4a7c15) >> PLANS_SHIFT];
	if (!plan->made || plan->low != row->low)
		plan_make(e, plan, row);
	e->ops->stored(e, plan, row, id);
	e->rows++;
}

/* The columns of E, whose names have another owner. */
static bool
columns_take(struct emit *e, const struct emit *from)
{
	ptrdiff_t off;

	buf_add(&e->names, str_of(&from->names));
	e->cols = calloc(from->ncols ? from->ncols : 1, sizeof(*e->cols));
	if (e->names.failed || !e->cols)
		return false;
	for (size_t i = 0; i < from->ncols; i++) {
		struct emit_column *c = &e->cols[i];

		*c = from->cols[i];
		off = c->name.p - from->names.p;
		c->name.p = e->names.p + off;
		off = c->key.p - from->names.p;
		c->key.p = c->open.p = e->names.p + off;
	}
	e->ncols = from->ncols;
	return true;
}

enum crm_err
emit_twin(
    struct emit **out, const struct emit *e, struct buf *to, struct diag *dg)
{
	struct emit *twin;
	enum crm_err err;

	*out = NULL;
	if (!e->ops->apart || !e->slots)
		return CRM_OK;
	err = emit_new(&twin, &e->o, to, dg);
	if (err)
		return err;
	twin->sep = e->sep;
	err = columns_take(twin, e) ? emit_slots(twin, e->slots, dg)
				    : diag_nomem(dg);
	if (err)
		emit_free(twin);
	else
		*out = twin;
	return err;
}

void
emit_to(struct emit *e, struct buf *to)
{
	e->to = to;
}

void
emit_fail(struct emit *e)
{
	e->to->failed = true;
}
