/* SPDX-License-Identifier: ISC */
/*
 * import_wait: rows that wait for records they refer to. They are tried again
 * a few times, as long as that helps some of them. Those that are left refer
 * to one another, in a ring or a long chain, or to nothing at all. Their
 * records are laid without what they refer to; then those that still refer to
 * nothing are refused, and with them who refers to them, until the others are
 * all there; these are completed.
 */
#include "crm/import_impl.h"

enum { TRIES = 4 };

/* What a walk does with a row; it stays when it is put to i->waiting. */
typedef enum crm_err wait_step(struct import *i, const struct kind *k,
    struct waiting_row *r, struct diag *dg);

enum crm_err
wait_add(struct import *i, const struct waiting_row *r, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	diag_clear(dg);
	if (!i->waiting)
		err = waiting_new(&i->waiting, i->opt.tmp, dg);
	if (!err)
		err = waiting_add(i->waiting, r, dg);
	i->count.waiting += err == CRM_OK;
	return err;
}

static enum crm_err
rows_walk(struct import *i, struct waiting *w, wait_step *step, struct diag *dg)
{
	struct waiting_row r;
	bool got = true;
	enum crm_err err = CRM_OK;

	i->count.waiting = 0;
	while (!err && got) {
		err = waiting_next(w, &r, &got, dg);
		if (err || !got)
			break;
		i->name = r.name;
		/* The keys are those of its profile. */
		if (i->profile != r.profile)
			i->kind = NULL;
		i->profile = r.profile;
		i->at = NULL;
		err = step(
		    i, schema_kind_no(store_schema(i->store), r.kind), &r, dg);
	}
	return err;
}

/* Walks those that wait, BACK: from the last one that was kept; *less: not all
 * of them do so still. */
static enum crm_err
wait_walk(
    struct import *i, wait_step *step, bool back, bool *less, struct diag *dg)
{
	struct waiting *w = i->waiting;
	enum crm_err err;

	i->waiting = NULL;
	err = waiting_rewind(w, back, dg);
	if (!err)
		err = rows_walk(i, w, step, dg);
	*less = i->count.waiting < waiting_count(w);
	waiting_free(w);
	return err;
}

static enum crm_err
try(struct import *i, const struct kind *k, struct waiting_row *r,
    struct diag *dg)
{
	enum writer_done done;
	struct id id;
	enum crm_err err = row_apply(i, k, &r->intake, &id, &done, dg);

	if (!err)
		return import_done(i, id, done, dg);
	if (err == CRM_DATA && i->missing)
		return wait_add(i, r, dg);
	return err == CRM_DATA ? import_refuse(i, &r->row, dg) : err;
}

/* ---- those that refer to one another ---------------------------------- */

/* What it refers to says more than that it cannot be without. */
static enum crm_err
last_try(struct import *i, const struct kind *k, struct waiting_row *r,
    struct diag *dg)
{
	enum writer_done done;
	struct id id;
	enum crm_err err;

	diag_clear(dg);
	writer_hints(i->writer, true);
	err = row_apply(i, k, &r->intake, &id, &done, dg);
	writer_hints(i->writer, false);
	if (!err)
		return import_done(i, id, done, dg);
	return err == CRM_DATA ? import_refuse(i, &r->row, dg) : err;
}

static enum crm_err
lay(struct import *i, const struct kind *k, struct waiting_row *r,
    struct diag *dg)
{
	enum crm_err err = row_lay(i, k, &r->intake, &r->laid, &r->propped, dg);

	if (err == CRM_DATA)
		return last_try(i, k, r, dg);
	if (!err && r->laid.num && !touched_add(i, r->laid))
		err = diag_nomem(dg);
	return err ? err : wait_add(i, r, dg);
}

/* Nothing refers to what was laid before all of it is completed. */
static enum crm_err
lift(struct import *i, const struct kind *k, struct id id, struct diag *dg)
{
	struct change c = {.op = CHANGE_DELETE, .kind = k, .id = id};
	enum crm_err err;

	if (!id.num)
		return CRM_OK;
	err = store_apply(i->store, &c, dg);
	writer_forget(i->writer, k);
	writer_forget(i->other, k);
	return err;
}

static enum crm_err
check(struct import *i, const struct kind *k, struct waiting_row *r,
    struct diag *dg)
{
	struct diag lost = {0};
	enum crm_err err = row_check(i, k, &r->intake, r->laid, dg);

	if (!err)
		return wait_add(i, r, dg);
	if (err != CRM_DATA)
		return err;
	err = lift(i, k, r->laid, &lost);
	if (err) {
		diag_clear(dg);
		*dg = lost;
		return err;
	}
	return import_refuse(i, &r->row, dg);
}

static enum crm_err
complete(struct import *i, const struct kind *k, struct waiting_row *r,
    struct diag *dg)
{
	enum crm_err err;

	if (!r->laid.num)
		return try(i, k, r, dg);
	err = row_complete(i, k, &r->intake, r->laid, r->propped, dg);
	if (err)
		diag_place(
		    dg, "%s:%llu", r->name, (unsigned long long)r->row.line);
	return err ? err : import_done(i, r->laid, WRITER_ADDED, dg);
}

static enum crm_err
ring_close(struct import *i, struct diag *dg)
{
	bool less = true, back = false, turned = false;
	enum crm_err err = wait_walk(i, lay, false, &less, dg);

	writer_hints(i->writer, true);
	/* To and fro: a long chain that ends in nothing falls at once from
	 * one of its ends. */
	for (less = true; !err && less && i->waiting; back = true) {
		err = wait_walk(i, check, back, &less, dg);
		turned = turned != back;
	}
	if (!err && i->waiting)
		err = wait_walk(i, complete, turned, &less, dg);
	return err;
}

enum crm_err
import_end(struct import *i, struct diag *dg)
{
	bool less = true;
	enum crm_err err = CRM_OK;

	for (int n = 0; !err && less && i->waiting && n < TRIES; n++)
		err = wait_walk(i, try, false, &less, dg);
	return err || !i->waiting ? err : ring_close(i, dg);
}
