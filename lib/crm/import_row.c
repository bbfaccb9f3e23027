/* SPDX-License-Identifier: ISC */
/* import_row: one row to one change of the store, and what it refers to. */
#include "crm/import_impl.h"

/* ---- ids -------------------------------------------------------------- */

static enum crm_err
id_given(struct import *i, const struct kind *k, const struct intake *in,
    struct diag *dg)
{
	struct str text = {0};

	i->given = (struct id){0};
	for (size_t at = 0; at < in->n; at++)
		if (!i->targets[at].field) {
			i->at = &in->v[at];
			text = str_trim(in->v[at].value);
		}
	if (text.n == 0) {
		i->at = NULL;
		return CRM_OK;
	}
	if (!id_parse(store_schema(i->store), text, &i->given) ||
	    i->given.kind != k->no) {
		i->given = (struct id){0};
		return diag_set(dg, CRM_DATA,
		    "'%.*s' is no id of a %.*s here, as in %.*s42; a number "
		    "of another program goes to ext",
		    STR_ARG(text), STR_ARG(k->name), STR_ARG(k->prefix));
	}
	i->at = NULL;
	return CRM_OK;
}

static enum crm_err
row_start(struct import *i, const struct kind *k, const struct intake *in,
    struct diag *dg)
{
	struct id id = {0};
	enum crm_err err = id_given(i, k, in, dg);

	i->compare = false;
	/* By another key: the number is that of another store. */
	if (i->opt.nkeys && !i->key_id)
		i->given = (struct id){0};
	if (!err && i->given.num) {
		if (!store_has(i->store, i->given))
			return writer_create_as(i->writer, k, i->given.num, dg);
		i->compare = !i->key_id;
		return writer_update(i->writer, i->given, dg);
	}
	if (!err)
		err = match_find(i, in, &id, dg);
	if (err)
		return err;
	i->at = NULL;
	return id.num ? writer_update(i->writer, id, dg)
		      : writer_create(i->writer, k, dg);
}

/* ---- the row ---------------------------------------------------------- */

/* A record given by its id must be the same: another store's c12 is somebody
 * else. */
static enum crm_err
compare(struct import *i, const struct intake *in, struct diag *dg)
{
	for (size_t at = 0; at < in->n; at++) {
		const struct field *f = i->targets[at].field;

		if (!f || !writer_changes(i->writer, f))
			continue;
		i->at = &in->v[at];
		return diag_set(dg, CRM_DATA,
		    "%.*s%llu is here with another %.*s; to change it import "
		    "with -k id, to take the id for another store's import "
		    "with another -k",
		    STR_ARG(i->kind->prefix), (unsigned long long)i->given.num,
		    STR_ARG(f->name));
	}
	return CRM_OK;
}

bool
made_add(struct import *i, struct id id)
{
	size_t cap = i->capmade ? i->capmade * 2 : 16;
	struct id *more;

	if (i->nmade == i->capmade) {
		more = realloc(i->made, cap * sizeof(*more));
		if (!more)
			return false;
		i->made = more;
		i->capmade = cap;
	}
	i->made[i->nmade++] = id;
	return true;
}

/* Gives records that got an ext from a refused row theirs again. */
static enum crm_err
unlend(struct import *i, struct diag *dg)
{
	enum writer_done done;
	enum crm_err err = CRM_OK;

	while (!err && i->nlent > 0) {
		struct id id = i->lent[--i->nlent];
		const struct kind *k =
		    schema_kind_no(store_schema(i->store), id.kind);

		err = writer_update(i->other, id, dg);
		if (!err)
			err = writer_set(i->other, schema_field(k, STR("ext")),
			    ASSIGN_SET, str_of(&i->lent_ext[i->nlent]), dg);
		if (!err)
			err = writer_commit(i->other, &id, &done, dg);
		writer_forget(i->writer, k);
	}
	return err;
}

/* Takes back what a refused row has made. */
static void
unmake(struct import *i)
{
	struct diag lost = {0};

	if (unlend(i, &lost) != CRM_OK)
		i->nlent = 0;
	while (i->nmade > 0) {
		struct id id = i->made[--i->nmade];
		const struct kind *k =
		    schema_kind_no(store_schema(i->store), id.kind);
		struct change c = {.op = CHANGE_DELETE, .kind = k, .id = id};

		if (id.num && store_apply(i->store, &c, &lost) == CRM_OK) {
			writer_forget(i->writer, k);
			writer_forget(i->other, k);
		}
	}
	diag_clear(&lost);
}

/* Counts what a row has made, and says it. */
static void
made_tell(struct import *i)
{
	for (size_t at = 0; at < i->nmade; at++) {
		i->count.made++;
		if (i->opt.made)
			i->opt.made(i->opt.arg, i->made[at]);
	}
	i->nmade = 0;
}

bool
import_made(struct import *i, struct id id)
{
	return i->under_way && made_add(i, id);
}

/* What I is to do with a row of kind K; its targets are looked up. */
static enum crm_err
row_begin(struct import *i, const struct kind *k, const struct intake *in,
    struct diag *dg)
{
	i->missing = false;
	i->under_way = true;
	i->nmade = 0;
	return targets_find(i, k, in, dg);
}

/* What a row does that is refused is no fault of the import. */
static enum crm_err
row_end(struct import *i, enum crm_err err, struct diag *dg)
{
	if (err == CRM_USAGE || err == CRM_NO)
		err = dg->code = CRM_DATA;
	i->under_way = false;
	if (err == CRM_DATA && (i->nmade || i->nlent))
		unmake(i);
	if (!err)
		made_tell(i);
	i->nlent = 0;
	return err;
}

/* With --empty=clear: takes away what a new record got where the row has an
 * empty cell. It is there already, and cannot be refused any more. */
static enum crm_err
blanks_clear(
    struct import *i, const struct intake *in, struct id id, struct diag *dg)
{
	enum writer_done done;
	size_t n = 0;
	enum crm_err err = CRM_OK;

	for (size_t at = 0; !err && id.num && at < in->n; at++) {
		const struct field *f = i->targets[at].field;

		if (!f || i->targets[at].sub || f->automatic ||
		    f->fallback.n == 0 || in->v[at].value.n > 0)
			continue;
		if (n++ == 0)
			err = writer_complete(i->writer, id, dg);
		if (!err)
			err = writer_set(i->writer, f, ASSIGN_SET, STR(""), dg);
	}
	if (!err && n > 0)
		err = writer_commit(i->writer, &id, &done, dg);
	return err ? (dg->code = CRM_BUG) : CRM_OK;
}

enum crm_err
row_apply(struct import *i, const struct kind *k, const struct intake *in,
    struct id *id, enum writer_done *done, struct diag *dg)
{
	enum crm_err err = row_begin(i, k, in, dg);

	if (err == CRM_USAGE)
		return err;
	if (!err)
		err = row_start(i, k, in, dg);
	if (!err)
		err = values_set(i, in, false, dg);
	if (!err)
		err = values_set(i, in, true, dg);
	if (!err)
		err = subs_set(i, in, dg);
	if (!err && i->compare)
		err = compare(i, in, dg);
	if (!err) {
		i->at = NULL;
		err = writer_commit(i->writer, id, done, dg);
	}
	if (!err && *done == WRITER_ADDED && i->opt.clear_empty)
		err = blanks_clear(i, in, *id, dg);
	return row_end(i, err, dg);
}

/* ---- rows that refer to one another ----------------------------------- */

/* Does the row say anything for the field? */
static bool
row_says(const struct import *i, const struct intake *in, const struct field *f)
{
	for (size_t at = 0; at < in->n; at++)
		if (i->targets[at].field == f && !i->targets[at].sub &&
		    in->v[at].value.n > 0)
			return true;
	return false;
}

static const struct field *
note_of(const struct import *i, const struct intake *in, const struct kind *k)
{
	const struct field *f = schema_field(k, STR("note"));

	return f && f->slot != SLOT_NONE && !row_says(i, in, f) ? f : NULL;
}

/* Gives the record what it cannot be without until it is completed: a note,
 * and itself where it must refer to something. */
static enum crm_err
prop(struct import *i, const struct kind *k, const struct intake *in,
    struct diag *dg)
{
	static const char *const ends[] = {"from", "to"};
	const struct field *f = note_of(i, in, k);
	struct buf own = {0};
	enum crm_err err = CRM_OK;

	if (f)
		err = writer_set(i->writer, f, ASSIGN_SET, STR("waits"), dg);
	if (i->given.num)
		id_print(store_schema(i->store), i->given, &own);
	for (size_t at = 0; own.n && at < ARRAY_LEN(ends) && !err; at++) {
		f = k->no == KIND_LINK ? schema_field(k, str_from(ends[at]))
				       : NULL;
		if (f)
			err = writer_set(
			    i->writer, f, ASSIGN_SET, str_of(&own), dg);
	}
	if (!err && own.failed)
		err = diag_nomem(dg);
	buf_clear(&own);
	return err;
}

/* The record of the row without what it refers to, *id.num 0 when there is
 * one. */
static enum crm_err
lay(struct import *i, const struct kind *k, const struct intake *in,
    bool propped, struct id *id, struct diag *dg)
{
	enum writer_done done;
	enum crm_err err = row_start(i, k, in, dg);

	*id = (struct id){0};
	if (err || !writer_fresh(i->writer))
		return err;
	if (propped)
		err = prop(i, k, in, dg);
	if (!err)
		err = values_set(i, in, false, dg);
	i->at = NULL;
	return err ? err : writer_commit(i->writer, id, &done, dg);
}

enum crm_err
row_lay(struct import *i, const struct kind *k, const struct intake *in,
    struct id *id, bool *propped, struct diag *dg)
{
	enum crm_err err = row_begin(i, k, in, dg);

	*propped = false;
	if (!err)
		err = lay(i, k, in, false, id, dg);
	if (err == CRM_DATA) {
		diag_clear(dg);
		*propped = true;
		err = lay(i, k, in, true, id, dg);
	}
	return row_end(i, err, dg);
}

enum crm_err
row_check(struct import *i, const struct kind *k, const struct intake *in,
    struct id laid, struct diag *dg)
{
	enum crm_err err = row_begin(i, k, in, dg);

	if (!err && laid.num)
		err = writer_complete(i->writer, laid, dg);
	else if (!err)
		err = row_start(i, k, in, dg);
	if (!err && !laid.num)
		err = values_set(i, in, false, dg);
	if (!err)
		err = values_set(i, in, true, dg);
	if (!err)
		err = subs_check(i, in, dg);
	if (!err && !laid.num && i->compare)
		err = compare(i, in, dg);
	return row_end(i, err, dg);
}

enum crm_err
row_complete(struct import *i, const struct kind *k, const struct intake *in,
    struct id laid, bool propped, struct diag *dg)
{
	const struct field *note;
	enum writer_done done;
	enum crm_err err = row_begin(i, k, in, dg);

	if (!err)
		err = writer_complete(i->writer, laid, dg);
	note = err || !propped ? NULL : note_of(i, in, k);
	if (note)
		err = writer_set(i->writer, note, ASSIGN_SET, STR(""), dg);
	if (!err)
		err = values_set(i, in, true, dg);
	if (!err)
		err = subs_set(i, in, dg);
	i->at = NULL;
	if (!err)
		err = writer_commit(i->writer, &laid, &done, dg);
	if (!err && i->opt.clear_empty)
		err = blanks_clear(i, in, laid, dg);
	i->under_way = false;
	if (!err)
		made_tell(i);
	i->nlent = 0;
	return err;
}
