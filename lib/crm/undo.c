/* SPDX-License-Identifier: ISC */
/* undo: the changes of the journal, read backwards and turned round. */
#include "crm/undo.h"

#include "crm/idlist.h"
#include "store/journal.h"

/* More conflicts than these are counted without looking for who it was. */
enum { NAMED = 100 };

/* A deleted field whose kind went in the same step, held back until the kind
 * is there again. */
struct held {
	struct id id;
	struct buf bytes;
};

struct undo {
	struct store *store;
	struct past *past;
	const struct undo_options *o;
	struct undo_result *r;
	struct journal *j;    /* what is undone */
	struct journal *who;  /* who came later */
	struct buf now;	      /* text of the time */
	struct buf hold, row; /* values of a change; the record as it is */
	struct change_field fields[SLOT_LIMIT];
	struct held *held;
	size_t nheld, held_cap;
	struct idlist skipped; /* told once */
};

enum crm_err
undo_size(
    struct store *s, uint64_t from, uint64_t to, uint64_t *n, struct diag *dg)
{
	struct journal *j = NULL;
	enum crm_err err = journal_open(&j, s, true, dg);

	*n = 0;
	for (; !err && from <= to; from++) {
		err = journal_txn(j, from, false, dg);
		if (!err)
			*n += journal_head(j)->changes;
	}
	journal_close(j);
	return err;
}

static struct str
name_of(struct undo *u, struct id id, const struct row *row)
{
	const struct kind *k = schema_kind_no(store_schema(u->store), id.kind);

	return row_get(row, schema_field(k, STR("name"))->slot);
}

/* ---- conflicts --------------------------------------------------------- */

/* What a later change did that stands in the way. */
enum clash { CLASH_FIELD, CLASH_GONE, CLASH_AGAIN, CLASH_LOST };

static void
say_who(const struct journal_head *h, struct buf *out)
{
	struct buf time = {0};

	time_print(h->time, &time);
	buf_addf(out, " by transaction %llu (%.*s, %.*s, %s)",
	    (unsigned long long)h->txn, STR_ARG(h->user), STR_ARG(h->command),
	    buf_z(&time));
	buf_clear(&time);
}

static void
note_cause(struct undo *u, const struct journal_head *h, struct buf *out)
{
	say_who(h, out);
	if (h->txn <= u->r->cause)
		return;
	u->r->cause = h->txn;
	u->r->undone = str_eq(h->command, u->o->command);
}

/* Is this the change that made things what they are? Of those that changed a
 * field it is the first that left its present value: undone, it takes the
 * value nearer to where it was. */
static bool
is_cause(const struct journal_change *c, enum clash clash, unsigned slot,
    struct str value)
{
	if (clash == CLASH_GONE)
		return c->op == CHANGE_DELETE;
	if (clash == CLASH_AGAIN)
		return c->op == CHANGE_CREATE;
	return c->op != CHANGE_DELETE &&
	       str_eq(row_get(&c->after, slot), value) &&
	       !str_eq(row_get(&c->before, slot), value);
}

/* Appends who did it, when the journal knows. */
static enum crm_err
find_cause(struct undo *u, struct id id, enum clash clash, unsigned slot,
    struct str value, struct buf *out, struct diag *dg)
{
	struct journal_change c;
	bool got = true, found = false;
	enum crm_err err;

	err = journal_of(u->who, id, u->o->to + 1, u->o->last, false, dg);
	while (!err && !found) {
		err = journal_next(u->who, &c, &got, dg);
		if (err || !got)
			break;
		found = is_cause(&c, clash, slot, value);
		if (found)
			note_cause(u, journal_head(u->who), out);
	}
	if (!err && !found)
		buf_addz(out, "; by whom is not kept");
	return err;
}

static enum crm_err
say_clash(struct undo *u, struct id id, enum clash clash, unsigned slot,
    struct str value, struct buf *out, struct diag *dg)
{
	static const char *const words[] = {[CLASH_FIELD] = "changed again",
	    [CLASH_GONE] = "deleted",
	    [CLASH_AGAIN] = "created again"};
	struct past_field f;
	enum crm_err err = past_id(u->past, id, out, dg);

	buf_addz(out, ": ");
	if (!err && clash == CLASH_FIELD) {
		err = past_field(u->past, id.kind, slot, &f, dg);
		if (!err)
			buf_addf(out, "%.*s: ", STR_ARG(f.name));
	}
	buf_addz(out, words[clash]);
	return err ? err : find_cause(u, id, clash, slot, value, out, dg);
}

static enum crm_err
conflict(struct undo *u, struct id id, enum clash clash, unsigned slot,
    struct str value, struct diag *dg)
{
	struct buf text = {0};
	enum crm_err err = CRM_OK;

	if (u->o->force && clash == CLASH_FIELD)
		return CRM_OK;
	if (u->r->conflicts++ >= NAMED || !u->o->conflict)
		return CRM_OK;
	err = say_clash(u, id, clash, slot, value, &text, dg);
	if (!err && text.failed)
		err = diag_nomem(dg);
	if (!err)
		u->o->conflict(u->o->arg, buf_z(&text));
	buf_clear(&text);
	return err;
}

/* A record that is gone and stays so. */
static enum crm_err
passed_over(struct undo *u, struct id id, struct diag *dg)
{
	bool fresh;

	if (!idlist_add(&u->skipped, id, &fresh))
		return diag_nomem(dg);
	return fresh ? conflict(u, id, CLASH_GONE, 0, (struct str){0}, dg)
		     : CRM_OK;
}

/* A value that has no field to go to: force does not help. */
static enum crm_err
lost_field(
    struct undo *u, struct id id, const struct past_field *f, struct diag *dg)
{
	struct buf text = {0};
	enum crm_err err = past_id(u->past, id, &text, dg);

	if (!err)
		err = diag_set(dg, CRM_DATA, "%s: there is no field %.*s now",
		    buf_z(&text), STR_ARG(f->name));
	if (f->gone)
		diag_more(dg,
		    ": transaction %llu deleted it; undo that one first",
		    (unsigned long long)f->gone);
	buf_clear(&text);
	return err;
}

static enum crm_err
lost_kind(struct undo *u, struct id id, struct diag *dg)
{
	struct buf text = {0};
	enum crm_err err = past_id(u->past, id, &text, dg);

	if (!err)
		err = diag_set(dg, CRM_DATA,
		    "%s: its kind is gone; undo the transaction that deleted "
		    "it first",
		    buf_z(&text));
	buf_clear(&text);
	return err;
}

/* A kind that would take along fields that came later. */
static enum crm_err
check_kind(struct undo *u, struct id id, const struct row *row, struct diag *dg)
{
	const struct kind *k =
	    schema_kind(store_schema(u->store), name_of(u, id, row));

	for (size_t i = 0; k && i < k->nfields; i++)
		if (k->fields[i]->num)
			return diag_set(dg, CRM_DATA,
			    "x%llu: the kind %.*s has the field %.*s by now; "
			    "undo the transaction that added it first",
			    (unsigned long long)id.num, STR_ARG(k->name),
			    STR_ARG(k->fields[i]->name));
	return CRM_OK;
}

/* ---- applying ---------------------------------------------------------- */

/* A copy in u->hold, which has room enough: views of the journal and of the
 * store end when something is written. */
static struct str
keep(struct undo *u, struct str value)
{
	size_t at = u->hold.n;

	buf_add(&u->hold, value);
	return (struct str){.p = buf_z(&u->hold) + at, .n = value.n};
}

static enum crm_err
keep_room(struct undo *u, const struct row *row, struct diag *dg)
{
	buf_reset(&u->hold);
	return buf_room(&u->hold, (size_t)row->data_len + u->now.n + 1)
		   ? CRM_OK
		   : diag_nomem(dg);
}

static enum crm_err
add_field(struct undo *u, struct id id, unsigned slot, struct str value,
    size_t *n, struct diag *dg)
{
	struct past_field f;
	enum crm_err err = past_field(u->past, id.kind, slot, &f, dg);

	if (err)
		return err;
	if (!f.field)
		return lost_field(u, id, &f, dg);
	u->fields[(*n)++] =
	    (struct change_field){.field = f.field, .after = keep(u, value)};
	return CRM_OK;
}

static enum crm_err
apply(struct undo *u, struct change *c, const struct changes_of *say,
    struct diag *dg)
{
	struct buf text = {0};
	enum crm_err err = CRM_OK;

	if (u->o->change)
		err = u->o->change(u->o->arg, say, dg);
	if (err)
		return err;
	c->fields = u->fields;
	c->exact = true;
	err = store_apply(u->store, c, dg);
	u->r->changes += !err;
	if (err == CRM_DATA) {
		id_print(store_schema(u->store), c->id, &text);
		diag_place(dg, "%s", buf_z(&text));
		buf_clear(&text);
	}
	return err;
}

/* The record as it is now, copied; *there is false when it is not. */
static enum crm_err
row_now(
    struct undo *u, struct id id, struct row *out, bool *there, struct diag *dg)
{
	struct record r;
	struct str values[SLOT_LIMIT];
	unsigned at = 0, slot, n = 0;
	struct str value;
	enum crm_err err;

	*out = (struct row){0};
	*there = store_has(u->store, id);
	if (!*there)
		return CRM_OK;
	err = store_get(u->store, id, &r, dg);
	if (err)
		return err;
	while (row_each(&r.row, &at, &slot, &value) && slot < SLOT_LIMIT) {
		while (n < slot)
			values[n++] = (struct str){0};
		values[n++] = value;
	}
	buf_reset(&u->row);
	row_encode(values, n, &u->row);
	if (u->row.failed || !row_open(str_of(&u->row), out))
		return diag_nomem(dg);
	return CRM_OK;
}

static bool
rows_equal(const struct row *a, const struct row *b)
{
	unsigned i = 0, k = 0, slot = 0, other = 0;
	struct str v, w;

	if (a->count != b->count)
		return false;
	while (row_each(a, &i, &slot, &v))
		if (!row_each(b, &k, &other, &w) || slot != other ||
		    !str_eq(v, w))
			return false;
	return true;
}

static bool
slot_differs(const struct row *a, const struct row *b, unsigned slot)
{
	return !str_eq(row_get(a, slot), row_get(b, slot));
}

/* Slots that a row may use: the bits of its map. */
static unsigned
row_slots(const struct row *r)
{
	return 8U * r->nb;
}

static unsigned
rows_slots(const struct row *a, const struct row *b)
{
	return row_slots(a) > row_slots(b) ? row_slots(a) : row_slots(b);
}

/* ---- one change -------------------------------------------------------- */

static enum crm_err
undo_create(struct undo *u, const struct journal_change *c, struct diag *dg)
{
	struct change change = {.op = CHANGE_DELETE, .id = c->id};
	struct changes_of say = {.op = CHANGE_DELETE, .id = c->id};
	bool there;
	enum crm_err err = row_now(u, c->id, &say.before, &there, dg);

	if (err)
		return err;
	if (!there)
		return passed_over(u, c->id, dg);
	for (unsigned slot = 0;
	     !err && slot < rows_slots(&say.before, &c->after); slot++)
		if (slot != SLOT_UPDATED &&
		    slot_differs(&say.before, &c->after, slot))
			err = conflict(u, c->id, CLASH_FIELD, slot,
			    row_get(&say.before, slot), dg);
	change.kind = schema_kind_no(store_schema(u->store), c->id.kind);
	if (!err && c->id.kind == KIND_KIND)
		err = check_kind(u, c->id, &say.before, dg);
	return err ? err : apply(u, &change, &say, dg);
}

/* Brings a deleted record back; where it is there again, with force, its
 * fields. */
static enum crm_err
restore(struct undo *u, struct id id, const struct row *row, struct diag *dg)
{
	struct change change = {.op = CHANGE_CREATE, .id = id};
	struct changes_of say = {.op = CHANGE_CREATE, .id = id, .after = *row};
	bool there;
	enum crm_err err = row_now(u, id, &say.before, &there, dg);

	if (!err && there) {
		err = conflict(u, id, CLASH_AGAIN, 0, (struct str){0}, dg);
		change.op = say.op = CHANGE_UPDATE;
	}
	change.kind = schema_kind_no(store_schema(u->store), id.kind);
	if (!err && !change.kind)
		err = lost_kind(u, id, dg);
	if (!err)
		err = keep_room(u, row, dg);
	for (unsigned slot = 0; !err && slot < rows_slots(&say.before, row);
	     slot++)
		if (slot_differs(&say.before, row, slot))
			err = add_field(u, id, slot, row_get(row, slot),
			    &change.nfields, dg);
	return err ? err : apply(u, &change, &say, dg);
}

static enum crm_err
update_fields(struct undo *u, const struct journal_change *c,
    const struct row *now, struct change *change, struct diag *dg)
{
	bool same = rows_equal(now, &c->after);
	enum crm_err err = keep_room(u, &c->before, dg);

	for (unsigned slot = 0;
	     !err && slot < rows_slots(&c->before, &c->after); slot++) {
		if (slot == SLOT_UPDATED ||
		    !slot_differs(&c->before, &c->after, slot))
			continue;
		if (slot_differs(now, &c->after, slot))
			err = conflict(u, c->id, CLASH_FIELD, slot,
			    row_get(now, slot), dg);
		if (!err)
			err = add_field(u, c->id, slot,
			    row_get(&c->before, slot), &change->nfields, dg);
	}
	if (err || (!same && !change->nfields))
		return err;
	return add_field(u, c->id, SLOT_UPDATED,
	    same ? row_get(&c->before, SLOT_UPDATED) : str_of(&u->now),
	    &change->nfields, dg);
}

/* The row that the change leads to, for those who are told. */
static enum crm_err
row_after(struct undo *u, const struct row *now, const struct change *change,
    struct buf *hold, struct row *out, struct diag *dg)
{
	struct str values[SLOT_LIMIT] = {0};
	unsigned at = 0, slot;
	struct str value;

	if (!u->o->change)
		return CRM_OK;
	while (row_each(now, &at, &slot, &value))
		if (slot < SLOT_LIMIT)
			values[slot] = value;
	for (size_t i = 0; i < change->nfields; i++)
		values[u->fields[i].field->slot] = u->fields[i].after;
	row_encode(values, SLOT_LIMIT, hold);
	if (hold->failed || !row_open(str_of(hold), out))
		return diag_nomem(dg);
	return CRM_OK;
}

static enum crm_err
undo_update(struct undo *u, const struct journal_change *c, struct diag *dg)
{
	struct change change = {.op = CHANGE_UPDATE, .id = c->id};
	struct changes_of say = {.op = CHANGE_UPDATE, .id = c->id};
	struct buf hold = {0};
	bool there;
	enum crm_err err = row_now(u, c->id, &say.before, &there, dg);

	if (err)
		return err;
	if (!there)
		return passed_over(u, c->id, dg);
	change.kind = schema_kind_no(store_schema(u->store), c->id.kind);
	err = update_fields(u, c, &say.before, &change, dg);
	if (!err && change.nfields)
		err = row_after(u, &say.before, &change, &hold, &say.after, dg);
	if (!err && change.nfields)
		err = apply(u, &change, &say, dg);
	buf_clear(&hold);
	return err;
}

/* ---- kinds before their fields ----------------------------------------- */

/* Does the field's kind wait to be brought back? It was deleted just before
 * the field, so it comes just after it here. */
static bool
kind_missing(struct undo *u, const struct journal_change *c)
{
	struct str name;

	if (c->id.kind != KIND_FIELD || c->op != CHANGE_DELETE)
		return false;
	name = name_of(u, c->id, &c->before);
	return !schema_kind(
	    store_schema(u->store), str_head(name, str_chr(name, '.')));
}

static enum crm_err
hold_back(struct undo *u, const struct journal_change *c, struct diag *dg)
{
	struct str values[SLOT_LIMIT] = {0};
	unsigned at = 0, slot;
	struct str value;
	struct held *h;

	if (u->nheld == u->held_cap) {
		size_t cap = u->held_cap ? u->held_cap * 2 : 16;

		h = realloc(u->held, cap * sizeof(*h));
		if (!h)
			return diag_nomem(dg);
		u->held = h;
		u->held_cap = cap;
	}
	h = &u->held[u->nheld++];
	*h = (struct held){.id = c->id};
	while (row_each(&c->before, &at, &slot, &value))
		if (slot < SLOT_LIMIT)
			values[slot] = value;
	row_encode(values, SLOT_LIMIT, &h->bytes);
	return h->bytes.failed ? diag_nomem(dg) : CRM_OK;
}

static enum crm_err
held_restore(struct undo *u, struct diag *dg)
{
	enum crm_err err = CRM_OK;
	struct row row;

	for (size_t i = 0; i < u->nheld; i++) {
		struct held *h = &u->held[i];

		if (!err && !row_open(str_of(&h->bytes), &row))
			err = diag_set(dg, CRM_BUG, "a held row is no row");
		if (!err)
			err = restore(u, h->id, &row, dg);
		buf_clear(&h->bytes);
	}
	u->nheld = 0;
	return err;
}

/* ---- all of them ------------------------------------------------------- */

static enum crm_err
undo_change(struct undo *u, const struct journal_change *c, struct diag *dg)
{
	enum crm_err err;

	if (kind_missing(u, c))
		return hold_back(u, c, dg);
	if (u->nheld && c->id.kind != KIND_KIND) {
		err = held_restore(u, dg);
		if (err)
			return err;
	}
	if (c->op == CHANGE_CREATE)
		return undo_create(u, c, dg);
	if (c->op == CHANGE_UPDATE)
		return undo_update(u, c, dg);
	err = restore(u, c->id, &c->before, dg);
	return err ? err : held_restore(u, dg);
}

static enum crm_err
undo_txn(struct undo *u, uint64_t txn, struct diag *dg)
{
	struct journal_change c;
	bool got = true;
	enum crm_err err = journal_txn(u->j, txn, true, dg);

	while (!err) {
		err = journal_next(u->j, &c, &got, dg);
		if (err || !got)
			break;
		err = undo_change(u, &c, dg);
	}
	return err ? err : held_restore(u, dg);
}

/* What stands in the way was told one by one; here what to do. */
static enum crm_err
refuse(const struct undo *u, struct diag *dg)
{
	const struct undo_result *r = u->r;

	diag_set(dg, CRM_DATA, "nothing was undone: ");
	if (r->undone)
		diag_more(dg, "transaction %llu did it already",
		    (unsigned long long)r->cause);
	else if (r->cause)
		diag_more(dg, "undo transaction %llu first, or use --force",
		    (unsigned long long)r->cause);
	else
		diag_more(dg, "use --force to do it all the same");
	return CRM_DATA;
}

static void
undo_clear(struct undo *u)
{
	for (size_t i = 0; i < u->nheld; i++)
		buf_clear(&u->held[i].bytes);
	free(u->held);
	journal_close(u->j);
	journal_close(u->who);
	buf_clear(&u->now);
	buf_clear(&u->hold);
	buf_clear(&u->row);
	idlist_clear(&u->skipped);
	free(u);
}

enum crm_err
undo_run(struct store *s, struct past *past, const struct undo_options *o,
    struct undo_result *r, struct diag *dg)
{
	struct undo *u = calloc(1, sizeof(*u));
	enum crm_err err;

	*r = (struct undo_result){0};
	if (!u)
		return diag_nomem(dg);
	u->store = s;
	u->past = past;
	u->o = o;
	u->r = r;
	time_print(o->now, &u->now);
	err = u->now.failed ? diag_nomem(dg) : past_load(past, dg);
	if (!err)
		err = journal_open(&u->j, s, false, dg);
	if (!err)
		err = journal_open(&u->who, s, false, dg);
	for (uint64_t txn = o->to; !err && txn >= o->from; txn--)
		err = undo_txn(u, txn, dg);
	/* After a conflict the store may refuse what follows from it. */
	if ((!err || err == CRM_DATA) && r->conflicts && !o->force)
		err = refuse(u, dg);
	undo_clear(u);
	return err;
}
