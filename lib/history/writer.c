/* SPDX-License-Identifier: ISC */
/* writer: objects into packs, one after the other. */
#include "history/writer.h"

#include "history/packs.h"

enum {
	LIKE_MAX = 2048, /* longer texts have little in common */
	LIKE_SAVES = 20, /* a delta that saves less is not worth its base */
	LIKE_USES = 250
};

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

/* TEXT, just written whole, is what the next ones are compared with. */
static enum crm_err
like_renew(
    struct writer *w, struct str text, struct pack_at at, struct diag *dg)
{
	struct like *l = &w->like;

	l->version =
	    (struct version){.number = w->number, .at = at, .bytes = text.n};
	l->uses = 0;
	buf_reset(&l->text);
	buf_add(&l->text, text);
	return l->text.failed ? diag_nomem(dg) : CRM_OK;
}

/* Whether w->delta makes TEXT, and saves something. */
static bool
like_use(struct writer *w, struct str text)
{
	struct like *l = &w->like;

	if (l->version.number != w->number || l->uses == LIKE_USES)
		return false;
	buf_reset(&w->delta);
	delta_lines(str_of(&l->text), text, &w->delta);
	l->uses++;
	return w->delta.n + LIKE_SAVES <= text.n;
}

enum crm_err
writer_put_blob(
    struct writer *w, struct str text, struct oid id, struct diag *dg)
{
	struct pack_text both = {.whole = text};
	struct pack_at at;
	enum crm_err err;

	if (text.n > LIKE_MAX)
		return writer_put(w, OBJECT_BLOB, text, id, dg);
	if (pack_find(w->pack, id, &at))
		return CRM_OK;
	err = turn_over(w, dg);
	if (err != CRM_OK)
		return err;
	if (!like_use(w, text)) {
		err = pack_put(w->pack, OBJECT_BLOB, text, id, &at, dg);
		return err == CRM_OK ? like_renew(w, text, at, dg) : err;
	}
	both.delta = str_of(&w->delta);
	return w->delta.failed ? diag_nomem(dg)
			       : pack_put_delta(w->pack, OBJECT_BLOB, both, id,
				     w->like.version.at, NULL, dg);
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
	struct pack_text both = {.whole = raw};
	enum crm_err err = CRM_OK;

	if (pack_find(w->pack, id, &v->at))
		goto out;
	err = turn_over(w, dg);
	if (err != CRM_OK)
		return err;
	if (base.number != w->number) {
		err = pack_put(w->pack, OBJECT_TREE, raw, id, &v->at, dg);
		goto out;
	}
	buf_reset(&w->delta);
	delta_make(shape, raw, &w->delta);
	if (w->delta.failed)
		return diag_nomem(dg);
	both.delta = str_of(&w->delta);
	err =
	    pack_put_delta(w->pack, OBJECT_TREE, both, id, base.at, &v->at, dg);
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
	buf_clear(&w->like.text);
	buf_clear(&w->delta);
	*w = (struct writer){0};
}
