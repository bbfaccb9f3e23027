/* SPDX-License-Identifier: ISC */
/* pack: objects one after the other, then the index. */
#include "history/pack.h"

#include "base/num.h"
#include "history/fail.h"
#include "history/packentry.h"
#include "history/zip.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha1.h>
#include <unistd.h>
#include <zlib.h>

enum {
	FLUSH_BYTES = 1 << 18,
	HEAD_BYTES = 12,
	COUNT_AT = 8,
	READ_BYTES = 4096,
	HASH_BYTES = 1 << 16,
	OBJECT_MAX = 1 << 30,
	DELTA_SAVES = 4, /* at least: the place of the base takes some */
	STORE_MAX = 64,	 /* a delta of that size is little but an id */
};

struct pack {
	struct buf dir;
	struct outfile file;
	struct packindex index;
	struct zip *zip;
	struct buf delta, base; /* reused */
	unsigned char window[READ_BYTES];
};

enum crm_err
pack_open(struct pack **out, const char *dir, int level, struct diag *dg)
{
	struct pack *p = calloc(1, sizeof(*p));

	if (!p)
		return diag_nomem(dg);
	p->file.fd = -1;
	buf_addz(&p->dir, dir);
	p->zip = zip_new(level);
	if (p->dir.failed || !p->zip) {
		pack_free(p);
		return diag_nomem(dg);
	}
	*out = p;
	return CRM_OK;
}

void
pack_free(struct pack *p)
{
	if (!p)
		return;
	outfile_clear(&p->file);
	packindex_clear(&p->index);
	zip_free(p->zip);
	buf_clear(&p->dir);
	buf_clear(&p->delta);
	buf_clear(&p->base);
	free(p);
}

bool
pack_find(const struct pack *p, struct oid id, struct pack_at *out)
{
	return packindex_find(&p->index, id, out);
}

uint64_t
pack_objects(const struct pack *p)
{
	return p->index.n;
}

uint64_t
pack_bytes(const struct pack *p)
{
	return p->file.fd < 0 ? 0 : outfile_at(&p->file);
}

/* The file is made with the first object; its count is known at the end. */
static enum crm_err
file_start(struct pack *p, struct diag *dg)
{
	static const char head[HEAD_BYTES] = {
	    'P', 'A', 'C', 'K', 0, 0, 0, 2, 0, 0, 0, 0};
	enum crm_err err = outfile_open(&p->file, buf_z(&p->dir), dg);

	if (err != CRM_OK)
		return err;
	buf_add(&p->file.pending, (struct str){.p = head, .n = HEAD_BYTES});
	return CRM_OK;
}

/* What an entry is made of; a whole object has back = 0. */
struct entry {
	unsigned type, depth;
	uint64_t back;
	struct str data;
};

static enum crm_err
entry_write(struct pack *p, struct oid id, const struct entry *e,
    struct pack_at *at, struct diag *dg)
{
	struct buf *out = &p->file.pending;
	struct pack_at here = {.off = outfile_at(&p->file), .depth = e->depth};
	struct packentry head = {
	    .type = e->type, .size = e->data.n, .back = e->back};
	size_t start = out->n;
	uint32_t crc;

	packentry_put(&head, out);
	if (e->back > 0 && e->data.n <= STORE_MAX)
		zip_store(e->data, out);
	else if (!zip_add(p->zip, e->data, out))
		return diag_nomem(dg);
	if (out->failed)
		return diag_nomem(dg);
	crc = (uint32_t)crc32(
	    0, (const unsigned char *)out->p + start, (uInt)(out->n - start));
	if (!packindex_add(&p->index, id, here, crc))
		return diag_nomem(dg);
	if (at)
		*at = here;
	return outfile_flush(&p->file, FLUSH_BYTES, dg);
}

enum crm_err
pack_put(struct pack *p, enum object_type t, struct str data, struct oid id,
    struct pack_at *at, struct diag *dg)
{
	struct entry e = {.type = t, .data = data};

	if (data.n > OBJECT_MAX)
		return diag_set(dg, CRM_DATA,
		    "a text of %zu bytes is too long for the history; the "
		    "limit is %d",
		    data.n, OBJECT_MAX);
	if (p->file.fd < 0) {
		enum crm_err err = file_start(p, dg);

		if (err != CRM_OK)
			return err;
	}
	return entry_write(p, id, &e, at, dg);
}

enum crm_err
pack_put_delta(struct pack *p, enum object_type t, struct pack_text text,
    struct oid id, struct pack_at base, struct pack_at *at, struct diag *dg)
{
	struct entry e = {.type = PACKENTRY_DELTA,
	    .depth = base.depth + 1,
	    .data = text.delta};

	if (base.depth >= PACK_DEPTH_MAX || text.whole.n > OBJECT_MAX ||
	    text.delta.n + DELTA_SAVES > text.whole.n)
		return pack_put(p, t, text.whole, id, at, dg);
	e.back = outfile_at(&p->file) - base.off;
	return entry_write(p, id, &e, at, dg);
}

/* Reads an entry's bytes piece by piece. */
struct reader {
	struct pack *p;
	uint64_t at;
	struct str piece;
};

static enum crm_err
reader_feed(void *arg, struct str *piece, struct diag *dg)
{
	struct reader *r = arg;
	enum crm_err err = CRM_OK;

	if (r->piece.n == 0)
		err = outfile_read(&r->p->file, r->at, READ_BYTES, r->p->window,
		    &r->piece, dg);
	*piece = r->piece;
	r->at += r->piece.n;
	r->piece.n = 0;
	return err;
}

/* The head of the entry at R; R stands at its stream then. */
static bool
reader_head(struct reader *r, struct packentry *e)
{
	struct str in = r->piece;

	if (!packentry_get(&in, e))
		return false;
	r->at += r->piece.n - in.n;
	r->piece = in;
	return true;
}

/* Inflates the entry at OFF into OUT, a delta as it is. */
static enum crm_err
entry_read(struct pack *p, uint64_t off, struct packentry *e, struct buf *out,
    struct diag *dg)
{
	struct reader r = {.p = p, .at = off};
	struct unzip u = {.feed = reader_feed, .arg = &r};
	enum crm_err err =
	    outfile_read(&p->file, off, READ_BYTES, p->window, &r.piece, dg);

	if (err != CRM_OK)
		return err;
	if (!reader_head(&r, e) || e->back > off)
		return diag_set(dg, CRM_IO,
		    "%s: an object just written reads back damaged",
		    buf_z(&p->file.path));
	u.size = e->size;
	err = zip_take(p->zip, &u, out, dg);
	if (err == CRM_IO)
		diag_place(dg, "%s", buf_z(&p->file.path));
	return err;
}

enum crm_err
pack_read(struct pack *p, struct pack_at at, struct buf *out, struct diag *dg)
{
	uint64_t chain[PACK_DEPTH_MAX + 1];
	struct packentry e;
	size_t n = 0;
	enum crm_err err = entry_read(p, at.off, &e, out, dg);

	while (err == CRM_OK && e.type == PACKENTRY_DELTA) {
		if (n == ARRAY_LEN(chain))
			return diag_set(dg, CRM_BUG,
			    "%s: a chain of deltas without an end",
			    buf_z(&p->file.path));
		chain[n++] = at.off;
		at.off -= e.back;
		err = entry_read(p, at.off, &e, out, dg);
	}
	while (err == CRM_OK && n > 0) {
		struct buf whole = *out;

		err = entry_read(p, chain[--n], &e, &p->delta, dg);
		if (err != CRM_OK)
			break;
		if (!delta_apply(str_of(out), str_of(&p->delta), &p->base))
			return p->base.failed
				   ? diag_nomem(dg)
				   : diag_set(dg, CRM_IO,
					 "%s: a delta reads back damaged",
					 buf_z(&p->file.path));
		*out = p->base;
		p->base = whole;
	}
	return err;
}

/* The checksum of all that is in the file; read again, because the count in
 * its head was not known before. */
static enum crm_err
file_sum(struct pack *p, struct oid *sum, struct diag *dg)
{
	struct sha1_ctx sha;
	char *room = NULL;
	uint64_t at = 0, end = outfile_at(&p->file);
	enum crm_err err = CRM_OK;

	sha1_init(&sha);
	if (p->file.written > 0) {
		room = malloc(HASH_BYTES);
		if (!room)
			return diag_nomem(dg);
	}
	while (err == CRM_OK && at < end) {
		struct str piece = {0};

		err = outfile_read(&p->file, at,
		    at < p->file.written ? HASH_BYTES : (size_t)(end - at),
		    room, &piece, dg);
		if (err == CRM_OK && piece.n == 0)
			err = diag_set(dg, CRM_IO,
			    "%s: shorter than what was written",
			    buf_z(&p->file.path));
		sha1_update(&sha, piece.n, (const uint8_t *)piece.p);
		at += piece.n;
	}
	sha1_digest(&sha, OID_BYTES, sum->b);
	free(room);
	return err;
}

static enum crm_err
file_finish(struct pack *p, struct oid *sum, struct diag *dg)
{
	unsigned char count[4];
	enum crm_err err;

	num_put32(count, (uint32_t)p->index.n);
	err = outfile_patch(&p->file, COUNT_AT, count, sizeof(count), dg);
	if (err == CRM_OK)
		err = file_sum(p, sum, dg);
	if (err != CRM_OK)
		return err;
	buf_add(&p->file.pending,
	    (struct str){.p = (const char *)sum->b, .n = OID_BYTES});
	return outfile_seal(&p->file, dg);
}

/* Between pack_close and the move of the refs nothing refers to the pack: a
 * git repack would throw it away. */
static enum crm_err
keep_write(const char *path, struct diag *dg)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t n = strlen(PACK_KEEP_TEXT);
	ssize_t put;

	if (fd < 0)
		return fail_errno(path, errno, "cannot make it", dg);
	put = write(fd, PACK_KEEP_TEXT, n);
	if (close(fd) == 0 && put == (ssize_t)n)
		return CRM_OK;
	fail_errno(path, put < 0 ? errno : ENOSPC, "cannot write", dg);
	unlink(path);
	return dg->code;
}

/* Names for both files: first the pack, then the index that announces it. */
static enum crm_err
files_place(
    struct pack *p, struct outfile *index, struct oid sum, struct diag *dg)
{
	struct buf path = {0};
	size_t stem;
	enum crm_err err;

	buf_addf(&path, "%s/pack-", buf_z(&p->dir));
	oid_print(sum, &path);
	stem = path.n;
	buf_addz(&path, ".keep");
	if (path.failed) {
		buf_clear(&path);
		return diag_nomem(dg);
	}
	err = keep_write(path.p, dg);
	if (err == CRM_OK) {
		path.n = stem;
		buf_addz(&path, ".pack"); /* no longer: it fits */
		err = outfile_rename(&p->file, path.p, dg);
	}
	if (err == CRM_OK) {
		path.n = stem;
		buf_addz(&path, ".idx");
		err = outfile_rename(index, path.p, dg);
	}
	buf_clear(&path);
	return err == CRM_OK ? directory_sync(buf_z(&p->dir), dg) : err;
}

enum crm_err
pack_close(struct pack *p, struct buf *name, struct diag *dg)
{
	struct outfile index = {.fd = -1};
	struct oid sum;
	enum crm_err err;

	if (p->file.fd < 0)
		return CRM_OK;
	err = file_finish(p, &sum, dg);
	if (err == CRM_OK)
		err = outfile_open(&index, buf_z(&p->dir), dg);
	if (err == CRM_OK)
		err = packindex_write(&p->index, sum, &index, dg);
	if (err == CRM_OK)
		err = outfile_seal(&index, dg);
	if (err == CRM_OK) {
		oid_print(sum, name);
		err = name->failed ? diag_nomem(dg)
				   : files_place(p, &index, sum, dg);
	}
	outfile_clear(&index);
	if (err == CRM_OK)
		packindex_reset(&p->index);
	return err;
}
