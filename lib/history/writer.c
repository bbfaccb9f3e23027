/* SPDX-License-Identifier: ISC */
/* writer: objects into packs, one after the other. */
#include "history/writer.h"

#include "history/packs.h"

enum crm_err
writer_open(struct writer *w, struct repo *r, int level, struct diag *dg)
{
	struct buf dir = {0};
	enum crm_err err = packs_path(r, &dir, dg);

	w->repo = r;
	w->number = 1;
	if (err == CRM_OK)
		err = pack_open(&w->pack, dir.p, level, dg);
	buf_clear(&dir);
	return err;
}

/* A pack that has grown enough is closed. */
static enum crm_err
turn_over(struct writer *w, struct diag *dg)
{
	if (pack_objects(w->pack) < w->max_objects &&
	    pack_bytes(w->pack) < w->max_bytes)
		return CRM_OK;
	w->number++;
	return pack_close(w->pack, &w->closed, dg);
}

enum crm_err
writer_put(struct writer *w, enum object_type t, struct str data, struct oid id,
    struct diag *dg)
{
	struct pack_at at;
	enum crm_err err;

	if (pack_find(w->pack, id, &at))
		return CRM_OK;
	err = turn_over(w, dg);
	return err == CRM_OK ? pack_put(w->pack, t, data, id, NULL, dg) : err;
}

enum crm_err
writer_read(struct writer *w, struct oid id, enum object_type t,
    struct buf *out, struct diag *dg)
{
	struct pack_at at;

	if (pack_find(w->pack, id, &at))
		return pack_read(w->pack, at, out, dg);
	return object_read(w->repo, id, t, out, dg);
}

struct version
writer_version(const struct writer *w, struct oid id, size_t bytes)
{
	struct version v = {.bytes = bytes};

	if (pack_find(w->pack, id, &v.at))
		v.number = w->number;
	return v;
}

enum crm_err
writer_put_tree(struct writer *w, struct str raw, struct oid id,
    struct delta_shape shape, struct version *v, struct diag *dg)
{
	struct version base = *v;
	enum crm_err err = CRM_OK;

	if (pack_find(w->pack, id, &v->at))
		goto out;
	err = turn_over(w, dg);
	if (err != CRM_OK)
		return err;
	if (base.number == w->number)
		err = pack_put_delta(
		    w->pack, OBJECT_TREE, raw, id, base.at, shape, &v->at, dg);
	else
		err = pack_put(w->pack, OBJECT_TREE, raw, id, &v->at, dg);
out:
	v->number = w->number;
	v->bytes = raw.n;
	return err;
}

enum crm_err
writer_finish(struct writer *w, struct diag *dg)
{
	enum crm_err err = pack_close(w->pack, &w->closed, dg);

	w->number++;
	if (err != CRM_OK)
		return err;
	if (!packs_guard(w->repo, str_of(&w->closed)))
		return diag_nomem(dg);
	buf_reset(&w->closed);
	return CRM_OK;
}

void
writer_close(struct writer *w)
{
	pack_free(w->pack);
	if (w->repo)
		packs_remove(w->repo, str_of(&w->closed));
	buf_clear(&w->closed);
	*w = (struct writer){0};
}
