/* SPDX-License-Identifier: ISC */
/* apply: the single door through which every change passes: a change set
 * becomes a row, its keys, its sums, its words and its entry of the journal. */
#include "base/num.h"
#include "store/clerk.h"
#include "store/words_priv.h"

/* The slots of a row as views; zero where there is no row. */
static void
slots_of(const struct kind *k, const struct row *row, struct str *out)
{
	unsigned at = 0, slot;
	struct str value;

	memset(out, 0, k->nslots * sizeof(*out));
	while (row && row_each(row, &at, &slot, &value))
		if (slot < k->nslots)
			out[slot] = value;
}

/* The weight of the choice that another field has: a stage's probability. */
static struct str
fallback_of(const struct kind *k, const struct field *f,
    const struct str *values, struct buf *hold)
{
	const struct field *other;
	const struct choice *c;
	size_t at = hold->n;

	if (f->fallback.n == 0 || f->fallback.p[0] != '@')
		return f->fallback;
	other = schema_field(k, str_from_pos(f->fallback, 1));
	if (!other || other->slot == SLOT_NONE)
		return (struct str){0};
	c = field_choice(other, values[other->slot]);
	if (!c || c->weight < 0 || !buf_room(hold, 16))
		return (struct str){0};
	buf_addu(hold, (uint64_t)c->weight);
	return (struct str){.p = hold->p + at, .n = hold->n - at};
}

/* A weight that nobody set by hand follows its choice: the probability of a
 * deal that moves to another stage. */
static void
follow(const struct kind *k, const struct str *olds, struct str *values,
    struct buf *hold)
{
	for (size_t i = SLOT_COMMON; i < k->nslots; i++) {
		const struct field *f = k->slots[i];

		if (f && f->fallback.n > 0 && f->fallback.p[0] == '@' &&
		    str_eq(olds[i], values[i]) &&
		    str_eq(olds[i], fallback_of(k, f, olds, hold)))
			values[i] = fallback_of(k, f, values, hold);
	}
}

/* The time of the transaction, printed once. */
static struct str
now_of(struct store *s)
{
	struct scratch *w = s->scratch;

	if (w->now_text.n == 0 || w->now != s->origin.time) {
		buf_reset(&w->now_text);
		time_print(s->origin.time, &w->now_text);
		w->now = s->origin.time;
	}
	return str_of(&w->now_text);
}

static void
fill_in(struct store *s, const struct kind *k, const struct change *c,
    struct str *values)
{
	struct buf *hold = &s->scratch->text;
	const struct outline *plan;
	struct str now = now_of(s);

	if (c->op == CHANGE_UPDATE) {
		values[SLOT_UPDATED] = now;
		follow(k, s->scratch->olds, values, hold);
		return;
	}
	if (values[SLOT_CREATED].n == 0)
		values[SLOT_CREATED] = now;
	if (values[SLOT_UPDATED].n == 0)
		values[SLOT_UPDATED] = values[SLOT_CREATED];
	plan = rules_outline(s, k);
	for (size_t i = 0; i < plan->nfill; i++)
		if (values[plan->fill[i]].n == 0)
			values[plan->fill[i]] = fallback_of(
			    k, k->slots[plan->fill[i]], values, hold);
}

/* Puts the given fields over the slots; *differs: something changed. */
static enum crm_err
take_fields(const struct kind *k, struct change *c, const struct str *olds,
    struct str *values, bool *differs, struct diag *dg)
{
	for (size_t i = 0; i < c->nfields; i++) {
		struct change_field *f = &c->fields[i];
		uint16_t slot = f->field->slot;

		if (slot >= k->nslots || f->field->kind != k->no)
			return diag_set(dg, CRM_BUG,
			    "a change names a field of another kind");
		if (f->after.n > CRM_FIELD_MAX)
			return diag_set(dg, CRM_DATA,
			    "%.*s: %zu bytes; a value has at most %d",
			    STR_ARG(f->field->name), f->after.n, CRM_FIELD_MAX);
		f->before = olds[slot];
		values[slot] = f->after;
		if (!str_eq(f->before, f->after))
			*differs = true;
	}
	return CRM_OK;
}

static enum crm_err
apply_entry(struct store *s, const struct entry_set *e, size_t i, bool del,
    struct diag *dg)
{
	struct table *t = e->v[i].table;
	struct str key = entry_key(e, i), value = entry_value(e, i);

	if (s->bulk)
		return pending_add(s, t, key, value, del, dg);
	return del ? table_del(s, t, key, dg) : table_put(s, t, key, value, dg);
}

static int
entry_order(
    const struct entry_set *a, size_t i, const struct entry_set *b, size_t j)
{
	uintptr_t x, y;

	if (i >= a->n || j >= b->n)
		return i >= a->n ? 1 : -1;
	x = (uintptr_t)a->v[i].table;
	y = (uintptr_t)b->v[j].table;
	if (x != y)
		return x < y ? -1 : 1;
	return str_cmp(entry_key(a, i), entry_key(b, j));
}

/* Walks both sets in order: what only one of them has is deleted or put. */
static enum crm_err
apply_entries(struct store *s, struct entry_set *old, struct entry_set *new,
    struct diag *dg)
{
	size_t i = 0, j = 0;
	enum crm_err err = CRM_OK;

	while (old->n == 0 && j < new->n && err == CRM_OK)
		err = apply_entry(s, new, j++, false, dg);
	if (old->n > 0) {
		entries_sort(old);
		entries_sort(new);
	}
	while (err == CRM_OK && (i < old->n || j < new->n)) {
		int order = entry_order(old, i, new, j);

		if (order < 0) {
			err = apply_entry(s, old, i++, true, dg);
		} else if (order > 0) {
			err = apply_entry(s, new, j++, false, dg);
		} else {
			if (!str_eq(entry_value(old, i), entry_value(new, j)))
				err = apply_entry(s, new, j, false, dg);
			i++;
			j++;
		}
	}
	return err;
}

/* Row bytes into the table; a new record mostly goes to its end. */
enum crm_err
record_put(
    struct store *s, struct id id, struct str row, bool append, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_RECORD, id.kind, 0);
	unsigned char key[ID_BYTES];
	struct str k = {.p = (const char *)key, .n = ID_BYTES};
	MDB_val mk = seal_val(k);
	MDB_val mv = {.mv_size = SEAL_BYTES + row.n};
	enum crm_err err = table_create(s, t, dg);
	int rc = 0;

	if (err != CRM_OK)
		return err;
	id_put(id, key);
	if (!t->writer)
		rc = mdb_cursor_open(s->wtxn, t->dbi, &t->writer);
	if (rc == 0)
		rc = mdb_cursor_put(t->writer, &mk, &mv,
		    MDB_RESERVE | (append ? MDB_APPEND : 0));
	if (rc == MDB_KEYEXIST && append)
		rc = mdb_cursor_put(t->writer, &mk, &mv, MDB_RESERVE);
	if (rc != 0)
		return env_fail(s, rc, "writing", dg);
	num_put32(mv.mv_data, seal_of(t, k, row));
	memcpy((char *)mv.mv_data + SEAL_BYTES, row.p, row.n);
	return env_relieve(
	    s, append ? mv.mv_size + 24 : table_share(s, t, 1, mv.mv_size), dg);
}

static enum crm_err
del_record(struct store *s, struct id id, struct diag *dg)
{
	unsigned char key[ID_BYTES];
	struct str k = {.p = (const char *)key, .n = ID_BYTES};
	enum crm_err err;

	id_put(id, key);
	err = table_del(s, table_of(s, TABLE_RECORD, id.kind, 0), k, dg);
	if (err == CRM_OK && owners_kind(id.kind))
		err =
		    table_del(s, table_of(s, TABLE_DERIVED, id.kind, 0), k, dg);
	return err == CRM_OK
		   ? env_relieve(s,
			 table_share(
			     s, table_of(s, TABLE_RECORD, id.kind, 0), 1, 0),
			 dg)
		   : err;
}

/* The record as it was, copied: writing moves pages. */
static enum crm_err
load_before(
    struct store *s, const struct change *c, struct row *row, struct diag *dg)
{
	struct record r;
	enum crm_err err = record_read(s, c->id, &r, dg);

	if (err != CRM_OK)
		return err;
	buf_reset(&s->scratch->before);
	buf_add(&s->scratch->before, row_bytes(&r.row));
	if (s->scratch->before.failed)
		return diag_nomem(dg);
	return row_open(str_of(&s->scratch->before), row)
		   ? CRM_OK
		   : env_damaged(s, "a record", dg);
}

/* Everything that is checked before anything is written. */
static enum crm_err
prepare(struct store *s, struct change *c, const struct row *before,
    bool *differs, struct diag *dg)
{
	struct scratch *w = s->scratch;
	const struct kind *k = c->kind;
	enum crm_err err;

	*differs = c->op != CHANGE_UPDATE;
	buf_reset(&w->text);
	if (!buf_room(&w->text, 4096))
		return diag_nomem(dg);
	slots_of(k, before, w->olds);
	memcpy(w->values, w->olds, k->nslots * sizeof(*w->values));
	if (c->op == CHANGE_DELETE) {
		memset(w->values, 0, k->nslots * sizeof(*w->values));
		err = rules_unreferred(s, c->id, dg);
	} else {
		err = take_fields(k, c, w->olds, w->values, differs, dg);
	}
	if (err != CRM_OK || !*differs)
		return err;
	if (c->op != CHANGE_DELETE && !c->exact)
		fill_in(s, k, c, w->values);
	if (k->no == KIND_KIND || k->no == KIND_FIELD)
		err = schemas_prepare(s, c, w->olds, w->values, &w->text, dg);
	if (err == CRM_OK && c->op != CHANGE_DELETE)
		err = rules_check(s, k, c, w->olds, w->values, dg);
	return err;
}

/* Who does the keys and sums of it. One that was there already is for this
 * thread, and so is what comes behind it. */
static enum crm_err
divide(struct store *s, const struct change *c, bool fresh,
    struct feed_row *feed, struct diag *dg)
{
	bool yes;
	enum crm_err err;

	s->skip = 0;
	if (!fresh)
		return clerk_stop(s, dg);
	err = clerk_takes(s, c->kind, c->id, &yes, dg);
	feed->clerk = yes ? s->clerk : NULL;
	feed->skip = clerk_share(s);
	return err;
}

/* For words, and for the clerk. */
static enum crm_err
feed_change(struct store *s, struct feed_row *feed, struct diag *dg)
{
	bool fit = true;
	enum crm_err err = words_change(
	    s, feed->k, feed->id, feed->before, feed->after, &feed->words, dg);

	if (err == CRM_OK && feed->clerk && owners_counted(feed->k->no))
		err = owners_list(s, feed->k, feed->after, feed->owners,
		    FEED_OWNERS, &feed->nowners, &fit, dg);
	if (!fit)
		feed->nowners = 0;
	if (err == CRM_OK && (feed->words || feed->clerk))
		err = words_feed(s, feed, dg);
	if (err == CRM_OK && !fit)
		err = clerk_stop(s, dg);
	if (err == CRM_OK &&
	    (!feed->clerk || !fit || !owners_counted(feed->k->no)))
		err = owners_change(
		    s, feed->k, feed->id, feed->before, feed->after, dg);
	return err;
}

static enum crm_err
write_change(struct store *s, const struct change *c, const struct row *before,
    struct diag *dg)
{
	struct scratch *w = s->scratch;
	struct row after;
	struct derived d = {0};
	bool keep = c->op != CHANGE_DELETE;
	struct feed_row feed = {.k = c->kind,
	    .id = c->id,
	    .before = before,
	    .after = keep ? &after : NULL};
	enum crm_err err = divide(s, c, !before, &feed, dg);

	if (err != CRM_OK)
		return err;
	s->again = s->again || before;
	if (before)
		err = owners_stored(s, c->id, &d, dg);
	else if (owners_kind(c->id.kind))
		err = owners_found(s, c->id, dg);
	entries_reset(&w->old_entries);
	entries_reset(&w->new_entries);
	if (keep && !row_open(str_of(&w->after), &after))
		return diag_set(dg, CRM_BUG, "an encoded row is no row");
	if (err == CRM_OK && before)
		err = entries_of(
		    s, c->kind, c->id, before, &d, &w->old_entries, dg);
	if (err == CRM_OK && keep)
		err = entries_of(
		    s, c->kind, c->id, &after, &d, &w->new_entries, dg);
	if (err == CRM_OK)
		err = keep
			  ? record_put(s, c->id, str_of(&w->after), !before, dg)
			  : del_record(s, c->id, dg);
	if (err == CRM_OK)
		err = apply_entries(s, &w->old_entries, &w->new_entries, dg);
	s->skip = 0;
	if (err == CRM_OK)
		err = feed_change(s, &feed, dg);
	if (keep)
		present_note(s, c->id);
	else
		present_forget(s);
	return err;
}

/* The id of a new record: the next one, or the wanted one; *unused: nobody
 * ever had it. */
static enum crm_err
take_id(struct store *s, struct change *c, bool *unused, struct diag *dg)
{
	uint16_t kind = c->kind->no;
	uint64_t next;
	enum crm_err err = next_id(s, kind, &next, dg);

	if (err != CRM_OK || c->op != CHANGE_CREATE)
		return err;
	if (c->id.num == 0)
		c->id = (struct id){.kind = kind, .num = next};
	else if (store_has(s, c->id))
		return diag_set(dg, CRM_DATA, "%.*s%llu is there already",
		    STR_ARG(c->kind->prefix), (unsigned long long)c->id.num);
	*unused = c->id.num >= next;
	if (*unused)
		next_set(s, kind, c->id.num + 1);
	return CRM_OK;
}

static enum crm_err
encode(struct store *s, const struct change *c, struct diag *dg)
{
	struct scratch *w = s->scratch;

	buf_reset(&w->after);
	if (c->op == CHANGE_DELETE)
		return CRM_OK;
	row_encode(w->values, c->kind->nslots, &w->after);
	if (w->after.failed || w->text.failed || w->now_text.failed)
		return diag_nomem(dg);
	if (w->after.n > CRM_RECORD_MAX)
		return diag_set(dg, CRM_DATA,
		    "the record has %zu bytes; at most %d fit", w->after.n,
		    CRM_RECORD_MAX);
	return CRM_OK;
}

enum crm_err
store_apply(struct store *s, struct change *c, struct diag *dg)
{
	struct row before;
	bool have = c->op != CHANGE_CREATE, differs = true, unused = false;
	enum crm_err err = CRM_OK;

	if (!s->wtxn || s->broken)
		return diag_set(dg, CRM_BUG, "change without a transaction");
	scans_remember(s);
	s->moves++;
	c->kind = schema_kind_no(s->schema, c->kind->no);
	if (have)
		err = load_before(s, c, &before, dg);
	if (err == CRM_OK)
		err = prepare(s, c, have ? &before : NULL, &differs, dg);
	if (err == CRM_OK && differs)
		err = encode(s, c, dg);
	if (err == CRM_OK && differs)
		err = take_id(s, c, &unused, dg);
	if (err != CRM_OK || !differs)
		return err;
	err = write_change(s, c, have ? &before : NULL, dg);
	if (err == CRM_OK && !s->unborn)
		err = journal_add(s, c, unused,
		    have ? str_of(&s->scratch->before) : (struct str){0},
		    str_of(&s->scratch->after), dg);
	if (err == CRM_OK &&
	    (c->kind->no == KIND_KIND || c->kind->no == KIND_FIELD))
		err = schemas_changed(
		    s, c, s->scratch->olds, s->scratch->values, dg);
	if (err != CRM_OK)
		s->broken = true;
	return err;
}
