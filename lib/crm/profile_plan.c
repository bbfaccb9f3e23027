/* SPDX-License-Identifier: ISC */
/* profile_plan: a profile laid over the columns of a file, and its rows. */
#include "crm/profile_impl.h"

enum { NOWHERE = -1 };

/* A cell, or a constant, and where it goes. */
struct source {
	const struct rule_line *line;
	uint64_t number;	/* of a numbered column */
	ptrdiff_t cell;		/* NOWHERE: a constant */
	ptrdiff_t front, named; /* other cells, or NOWHERE */
	size_t slot;
	bool simple; /* the cell as it is */
};

/* A field that comes out. */
struct slot {
	struct str name;
	const struct field *field;
	enum assign_op op;
	struct str column; /* the first one that goes there */
	struct str value;  /* of the row at hand: a view of a cell or of text */
	struct str from;   /* the column of that value */
	struct buf text;
	bool owned; /* value is text */
};

struct profile_plan {
	const struct profile *p;
	struct source *sources;
	size_t nsources;
	struct slot *slots;
	size_t nslots;
	struct intake_value *values;
	struct buf text;     /* names of all columns */
	struct str *columns; /* views of it */
	struct workshop w;
	struct buf piece; /* a text put together of two cells */
	size_t note;	  /* slot for what other sets hold; nslots: none */
};

void
profile_plan_free(struct profile_plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->nslots; i++)
		buf_clear(&plan->slots[i].text);
	free(plan->slots);
	free(plan->sources);
	free(plan->values);
	free(plan->columns);
	buf_clear(&plan->text);
	buf_clear(&plan->piece);
	workshop_clear(&plan->w);
	free(plan);
}

/* ---- planning --------------------------------------------------------- */

struct planner {
	struct profile_plan *plan;
	const struct schema *s;
	const struct kind *k;
	const struct str *names;
	size_t n;
	bool *used;  /* by name: the profile knows it */
	bool *exact; /* a line without {n} names it */
	struct diag *dg;
};

/* The field that a path means: "email", or "org.name" by the reference. */
static enum crm_err
path_find(struct planner *pl, struct str path, const struct field **out)
{
	size_t dot = str_chr(path, '.');
	const struct kind *k = pl->k;
	enum crm_err err =
	    schema_find_field(k, str_head(path, dot), out, pl->dg);

	if (err || dot == path.n)
		return err;
	k = (*out)->type == TYPE_REF ? schema_kind_no(pl->s, (*out)->ref)
				     : NULL;
	if (!k)
		return diag_set(pl->dg, CRM_USAGE,
		    "%.*s refers to no kind of its own; write %.*s alone",
		    STR_ARG(str_head(path, dot)), STR_ARG(str_head(path, dot)));
	return schema_find_field(k, str_from_pos(path, dot + 1), out, pl->dg);
}

static enum crm_err
field_find(
    struct planner *pl, const struct rule_line *line, const struct field **out)
{
	enum crm_err err = path_find(pl, line->field, out);

	if (!err && (*out)->derived)
		err = diag_set(pl->dg, CRM_USAGE,
		    "%.*s is summed up by the store; write - for the column",
		    STR_ARG(line->field));
	if (err != CRM_USAGE)
		return err;
	diag_place(pl->dg, "profile %.*s, line %zu", STR_ARG(pl->plan->p->name),
	    line->line);
	pl->dg->code = CRM_DATA;
	return CRM_DATA;
}

static enum crm_err
slot_find(struct planner *pl, const struct rule_line *line, struct str column,
    size_t *out)
{
	struct profile_plan *plan = pl->plan;
	struct slot *room;
	const struct field *f;
	enum crm_err err;

	for (*out = 0; *out < plan->nslots; (*out)++) {
		struct slot *slot = &plan->slots[*out];

		if (!str_eq(slot->name, line->field))
			continue;
		if (!slot->column.n)
			slot->column = column;
		return CRM_OK;
	}
	err = field_find(pl, line, &f);
	if (err)
		return err;
	room = profile_room(plan->slots, plan->nslots, sizeof *room);
	if (!room)
		return diag_nomem(pl->dg);
	plan->slots = room;
	room[plan->nslots++] = (struct slot){
	    .name = line->field,
	    .field = f,
	    .op = line->op,
	    .column = column,
	};
	return CRM_OK;
}

/* Is NAME the column that PATTERN names, with NUMBER for {n}? */
static bool
column_is(struct str pattern, struct str name, uint64_t number)
{
	struct rule_line other = {
	    .column = pattern, .hole = str_find(pattern, STR("{n}"))};
	uint64_t got;

	return line_takes(&other, name, &got) &&
	       (other.hole == pattern.n || got == number);
}

static ptrdiff_t
cell_find(struct planner *pl, struct str pattern, uint64_t number)
{
	for (size_t i = 0; pattern.n && i < pl->n; i++) {
		if (!column_is(pattern, pl->names[i], number))
			continue;
		pl->used[i] = true;
		return (ptrdiff_t)i;
	}
	return NOWHERE;
}

static enum crm_err
source_add(struct planner *pl, const struct rule_line *line, ptrdiff_t cell,
    uint64_t number)
{
	struct profile_plan *plan = pl->plan;
	struct source *room, add = {.line = line, .cell = cell};
	struct str column = {"", 0};
	enum crm_err err;

	if (!line->field.n)
		return CRM_OK;
	if (cell != NOWHERE)
		column = plan->columns[cell];
	err = slot_find(pl, line, column, &add.slot);
	if (err)
		return err;
	room = profile_room(plan->sources, plan->nsources, sizeof *room);
	if (!room)
		return diag_nomem(pl->dg);
	plan->sources = room;
	add.number = number;
	add.front = cell_find(pl, line->front, number);
	add.named = cell_find(pl, line->named, number);
	add.simple = cell != NOWHERE && add.front == NOWHERE && !line->nsteps &&
		     line->pick == PICK_ALL && !line->set && !line->label;
	room[plan->nsources++] = add;
	return CRM_OK;
}

static int
source_cmp(const void *a, const void *b)
{
	const struct source *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->cell < y->cell ? -1 : x->cell > y->cell;
}

/* The sources of a line: as many as columns of that name, numbered ones in
 * the order of their numbers. */
static enum crm_err
line_plan(struct planner *pl, const struct rule_line *line)
{
	struct profile_plan *plan = pl->plan;
	size_t start = plan->nsources;
	bool pattern = line->hole < line->column.n;
	enum crm_err err = CRM_OK;
	uint64_t number;

	if (!line->column.n)
		return source_add(pl, line, NOWHERE, 0);
	for (size_t i = 0; !err && i < pl->n; i++) {
		if (pattern && pl->exact[i])
			continue;
		if (!line_takes(line, pl->names[i], &number))
			continue;
		pl->used[i] = true;
		err = source_add(pl, line, (ptrdiff_t)i, number);
	}
	if (plan->nsources - start > 1)
		qsort(plan->sources + start, plan->nsources - start,
		    sizeof *plan->sources, source_cmp);
	return err;
}

static void
exact_mark(struct planner *pl)
{
	const struct profile *p = pl->plan->p;
	uint64_t number;

	for (size_t i = 0; i < p->nlines; i++) {
		const struct rule_line *line = &p->lines[i];

		if (!line->column.n || line->hole < line->column.n)
			continue;
		for (size_t j = 0; j < pl->n; j++)
			if (line_takes(line, pl->names[j], &number))
				pl->exact[j] = true;
	}
}

/* Copies of the names: those of the file go away. */
static enum crm_err
names_keep(struct planner *pl)
{
	struct profile_plan *plan = pl->plan;
	struct str rest;

	plan->columns = calloc(pl->n + 1, sizeof *plan->columns);
	pl->used = calloc(2 * pl->n + 1, sizeof *pl->used);
	pl->exact = pl->used ? pl->used + pl->n : NULL;
	for (size_t i = 0; i < pl->n; i++)
		buf_add(&plan->text, str_trim(pl->names[i]));
	if (!plan->columns || !pl->used || plan->text.failed)
		return diag_nomem(pl->dg);
	rest = str_of(&plan->text);
	for (size_t i = 0; i < pl->n; i++) {
		plan->columns[i] = str_head(rest, str_trim(pl->names[i]).n);
		rest = str_from_pos(rest, plan->columns[i].n);
	}
	return CRM_OK;
}

static enum crm_err
kind_find(struct planner *pl)
{
	const struct profile *p = pl->plan->p;
	const struct field *f;
	enum crm_err err = schema_find_kind(pl->s, p->kind, &pl->k, pl->dg);

	for (size_t i = 0; !err && i < p->nkeys; i++)
		err = schema_find_field(pl->k, p->keys[i], &f, pl->dg);
	if (err != CRM_USAGE)
		return err;
	diag_place(pl->dg, "profile %.*s", STR_ARG(p->name));
	pl->dg->code = CRM_DATA;
	return CRM_DATA;
}

/* A place for what the sets that are not taken hold. */
static enum crm_err
note_plan(struct planner *pl)
{
	struct profile_plan *plan = pl->plan;
	struct rule_line line = {.field = STR("note")};
	enum crm_err err = CRM_OK;

	if (plan->p->nsets < 2 || !schema_field(pl->k, line.field))
		plan->note = SIZE_MAX;
	else
		err = slot_find(pl, &line, (struct str){"", 0}, &plan->note);
	return err;
}

static enum crm_err
nothing_taken(struct planner *pl)
{
	enum { SHOWN = 5 };

	diag_set(pl->dg, CRM_DATA, "profile %.*s knows none of the columns",
	    STR_ARG(pl->plan->p->name));
	for (size_t i = 0; i < pl->n && i < SHOWN; i++)
		diag_more(pl->dg, "%s %.*s", i ? "," : "",
		    STR_ARG(str_head(pl->names[i], 40)));
	if (pl->n > SHOWN)
		diag_more(pl->dg, " and %zu more", pl->n - SHOWN);
	diag_more(pl->dg, "; choose another profile, or write one, see "
			  "crm-profile(5)");
	return CRM_DATA;
}

static enum crm_err
plan_fill(struct planner *pl)
{
	struct profile_plan *plan = pl->plan;
	enum crm_err err = kind_find(pl);
	bool some = false;

	if (!err)
		err = names_keep(pl);
	if (err)
		return err;
	exact_mark(pl);
	for (size_t i = 0; !err && i < plan->p->nlines; i++)
		err = line_plan(pl, &plan->p->lines[i]);
	if (!err)
		err = note_plan(pl);
	if (err)
		return err;
	for (size_t i = 0; i < plan->nsources; i++)
		some = some || plan->sources[i].cell != NOWHERE;
	if (!some)
		return nothing_taken(pl);
	plan->values = calloc(plan->nslots, sizeof *plan->values);
	return plan->values ? CRM_OK : diag_nomem(pl->dg);
}

static void
unused_print(const struct planner *pl, struct buf *out)
{
	for (size_t i = 0; i < pl->n; i++) {
		if (pl->used[i])
			continue;
		buf_add(out, pl->plan->columns[i]);
		buf_addc(out, '\n');
	}
}

enum crm_err
profile_plan(struct profile_plan **out, const struct profile *p,
    const struct schema *s, const struct str *names, size_t n,
    struct buf *unused, struct diag *dg)
{
	struct planner pl = {.s = s, .names = names, .n = n, .dg = dg};
	enum crm_err err;

	*out = NULL;
	pl.plan = calloc(1, sizeof *pl.plan);
	if (!pl.plan)
		return diag_nomem(dg);
	pl.plan->p = p;
	err = plan_fill(&pl);
	if (!err && unused) {
		unused_print(&pl, unused);
		err = unused->failed ? diag_nomem(dg) : CRM_OK;
	}
	free(pl.used);
	if (err)
		profile_plan_free(pl.plan);
	else
		*out = pl.plan;
	return err;
}

/* ---- a row ------------------------------------------------------------ */

static struct str
cell_at(const struct str *cells, ptrdiff_t i)
{
	return i == NOWHERE ? (struct str){"", 0} : str_trim(cells[i]);
}

/* The first set that has something; 0 when none has. */
static size_t
set_choose(const struct profile_plan *plan, const struct str *cells)
{
	size_t best = 0;

	for (size_t i = 0; plan->p->nsets && i < plan->nsources; i++) {
		const struct source *s = &plan->sources[i];
		size_t set = s->line->set;

		if (set && (!best || set < best) && cell_at(cells, s->cell).n)
			best = set;
	}
	return best;
}

/* What stands in another column goes in front: "+41" before the number. */
static struct str
front_add(struct profile_plan *plan, struct str front, struct str cell)
{
	if (!front.n || !cell.n || str_starts(cell, front) ||
	    str_chr(cell, '+') < cell.n)
		return cell;
	buf_reset(&plan->piece);
	buf_add(&plan->piece, front);
	buf_add(&plan->piece, cell);
	return str_of(&plan->piece);
}

/* Makes the value of SLOT its own text, so that more can be added. */
static void
slot_own(struct slot *slot)
{
	if (!slot->owned)
		buf_add(&slot->text, slot->value);
	slot->owned = true;
}

static void
slot_append(struct slot *slot, struct str by, struct str label, struct str text)
{
	slot_own(slot);
	if (slot->text.n)
		buf_add(&slot->text, by);
	if (label.n) {
		buf_add(&slot->text, label);
		buf_addz(&slot->text, ": ");
	}
	buf_add(&slot->text, text);
	slot->value = str_of(&slot->text);
}

/* The only text of a field so far. KEPT: it lives as long as the row. */
static void
slot_begin(struct slot *slot, struct str text, bool kept)
{
	buf_reset(&slot->text);
	slot->value = text;
	slot->owned = false;
	if (kept)
		return;
	slot_own(slot);
	slot->value = str_of(&slot->text);
}

/* What two columns of one field make, if the line does not say it. */
static void
slot_put(
    struct slot *slot, const struct rule_line *line, struct str text, bool kept)
{
	struct str none = {"", 0};

	if (!slot->value.n)
		slot_begin(slot, text, kept);
	else if (line->joined)
		slot_append(slot, line->join, none, text);
	else if (slot->field->list)
		slot_append(slot, STR(","), none, text);
	else if (slot->field->type == TYPE_BOOL && str_is(text, "yes"))
		slot_begin(slot, text, kept);
}

static enum crm_err
source_map(struct profile_plan *plan, const struct source *s,
    const struct str *cells, size_t set, struct diag *dg)
{
	const struct rule_line *line = s->line;
	bool other = line->set > set && plan->note != SIZE_MAX;
	struct slot *slot = &plan->slots[other ? plan->note : s->slot];
	struct str text = cell_at(cells, s->cell), name;
	bool late = line->otherwise && slot->value.n;
	bool kept = !line->nsteps && line->pick == PICK_ALL;
	enum crm_err err = CRM_OK;

	if (s->front != NOWHERE && text.n) {
		text = front_add(plan, cell_at(cells, s->front), text);
		kept = false;
	}
	if (s->cell == NOWHERE)
		text = line->constant;
	else if (!kept || line->nsteps)
		err = line_run(
		    plan->p, line, text, slot->field, &plan->w, &text, dg);
	if (err) {
		diag_place(dg, "%.*s", STR_ARG(plan->columns[s->cell]));
		return err;
	}
	if (!text.n || late)
		return CRM_OK;
	if (!slot->value.n && s->cell != NOWHERE)
		slot->from = plan->columns[s->cell];
	name = cell_at(cells, s->named);
	if (!name.n && s->cell != NOWHERE)
		name = plan->columns[s->cell];
	if (line->label || other)
		slot_append(slot, STR("\n"), name, text);
	else
		slot_put(slot, line, text, kept);
	return CRM_OK;
}

/* What source_map does where a simple source is the first of its slot; false:
 * it has to. */
static inline bool
source_copy(
    struct profile_plan *plan, const struct source *s, const struct str *cells)
{
	struct slot *slot = &plan->slots[s->slot];

	if (!s->simple || slot->value.n)
		return false;
	slot->value = str_trim(cells[s->cell]);
	slot->from = plan->columns[s->cell];
	return true;
}

static enum crm_err
slots_print(struct profile_plan *plan, struct intake *out, struct diag *dg)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->nslots; i++) {
		const struct slot *slot = &plan->slots[i];

		if (slot->text.failed)
			return diag_nomem(dg);
		if (!slot->value.n && !slot->column.n)
			continue;
		plan->values[n++] = (struct intake_value){
		    .field = slot->name,
		    .value = slot->value,
		    .op = slot->op,
		    .column = slot->value.n ? slot->from : slot->column,
		};
	}
	*out =
	    (struct intake){plan->values, n, n == plan->nslots ? plan : NULL};
	return plan->piece.failed ? diag_nomem(dg) : CRM_OK;
}

enum crm_err
profile_map(struct profile_plan *plan, const struct str *cells,
    struct intake *out, struct diag *dg)
{
	size_t set = set_choose(plan, cells);
	enum crm_err err = CRM_OK;

	*out = (struct intake){0};
	for (size_t i = 0; i < plan->nslots; i++) {
		struct slot *slot = &plan->slots[i];

		slot->value = slot->from = (struct str){"", 0};
		if (slot->owned)
			buf_reset(&slot->text);
		slot->owned = false;
	}
	for (size_t i = 0; !err && i < plan->nsources; i++)
		if (!source_copy(plan, &plan->sources[i], cells))
			err =
			    source_map(plan, &plan->sources[i], cells, set, dg);
	return err ? err : slots_print(plan, out, dg);
}
