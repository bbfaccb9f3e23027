/* SPDX-License-Identifier: ISC */
/* packread: finds an object in the index of a mapped pack and inflates it. */
#include "history/packread.h"

#include "base/num.h"
#include "history/delta.h"
#include "history/inflater.h"
#include "history/packentry.h"
#include "history/zip.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	INDEX_HEAD = 8,
	INDEX_FAN = 1024,
	INDEX_TAIL = 40,
	INDEX_EACH = OID_BYTES + 4 + 4, /* name, CRC, offset */
	PACK_HEAD = 12,
	PACK_TAIL = OID_BYTES,
	PACKS_MAX = 1000,
	CHAIN_MAX =
	    50, /* deltas; git's own limit, but for what asks for more */
	PIECE = 1 << 16
};
static const size_t object_max = (size_t)1 << 26;
static const uint32_t offset_is_long = UINT32_C(1) << 31;

/* A file of the repository, mapped; a view while it is open. */
struct pack {
	struct str index, data;
	uint32_t n; /* objects */
};

struct wanted {
	enum object_type type;
	struct oid id;
};

/* The last text that another one was a delta against: many are, one after
 * the other. */
struct base {
	size_t pack, at; /* at = 0: none */
	unsigned type;
	struct buf text;
};

struct packread {
	struct pack *v;
	size_t n;
	size_t last[OBJECT_BLOB + 1]; /* of each type: the pack it was in */
	size_t next; /* behind the last blob there; 0: not known */
	bool in_row; /* that is where the next one was, the last time */
	struct base base;
	struct buf delta, other; /* reused */
	struct inflater *inflater;
	struct zip *zip; /* for large ones */
};

/* ---- files ------------------------------------------------------------ */

static struct str
file_map(int dir, const char *name)
{
	struct str out = {0};
	struct stat st;
	void *p;
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return out;
	if (fstat(fd, &st) == 0 && st.st_size > 0) {
		p = mmap(
		    NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (p != MAP_FAILED)
			out = (struct str){.p = p, .n = (size_t)st.st_size};
	}
	close(fd);
	return out;
}

static void
file_unmap(struct str *s)
{
	union {
		const char *in;
		void *out; /* munmap wants what mmap gave */
	} p = {.in = s->p};

	if (s->n > 0)
		munmap(p.out, s->n);
	*s = (struct str){0};
}

static const unsigned char *
bytes_at(struct str s, size_t at)
{
	return (const unsigned char *)s.p + at;
}

/* Version 2 of both, and as long as they say. */
static bool
pack_sound(struct pack *p)
{
	static const char index_magic[] = "\377tOc\0\0\0\2";
	static const char pack_magic[] = "PACK\0\0\0\2";

	if (p->index.n < INDEX_HEAD + INDEX_FAN + INDEX_TAIL ||
	    p->data.n < PACK_HEAD + PACK_TAIL ||
	    memcmp(p->index.p, index_magic, INDEX_HEAD) != 0 ||
	    memcmp(p->data.p, pack_magic, INDEX_HEAD) != 0)
		return false;
	p->n = num_get32(bytes_at(p->index, INDEX_HEAD + INDEX_FAN - 4));
	return (p->index.n - INDEX_HEAD - INDEX_FAN - INDEX_TAIL) /
		   INDEX_EACH >=
	       p->n;
}

static void
pack_add(struct packread *r, int dir, const char *name)
{
	char other[64];
	size_t n = strlen(name);
	struct pack p = {0};

	if (n < 5 || n >= sizeof(other) || r->n == PACKS_MAX ||
	    strcmp(name + n - 4, ".idx") != 0)
		return;
	snprintf(other, sizeof(other), "%.*s.pack", (int)n - 4, name);
	p.index = file_map(dir, name);
	p.data = file_map(dir, other);
	if (pack_sound(&p)) {
		r->v[r->n++] = p;
		return;
	}
	file_unmap(&p.index);
	file_unmap(&p.data);
}

struct packread *
packread_open(const char *path)
{
	struct packread *r = calloc(1, sizeof(*r));
	struct dirent *e;
	DIR *d;

	if (!r)
		return NULL;
	r->v = calloc(PACKS_MAX, sizeof(*r->v));
	r->inflater = inflater_new();
	r->zip = zip_new(1);
	if (!r->v || !r->inflater || !r->zip) {
		packread_close(r);
		return NULL;
	}
	d = opendir(path);
	for (e = d ? readdir(d) : NULL; e; e = readdir(d))
		pack_add(r, dirfd(d), e->d_name);
	if (d)
		closedir(d);
	return r;
}

void
packread_close(struct packread *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++) {
		file_unmap(&r->v[i].index);
		file_unmap(&r->v[i].data);
	}
	free(r->v);
	inflater_free(r->inflater);
	zip_free(r->zip);
	buf_clear(&r->base.text);
	buf_clear(&r->delta);
	buf_clear(&r->other);
	free(r);
}

/* ---- one object ------------------------------------------------------- */

/* Where the object begins in the pack; 0: it is not there. */
static size_t
pack_find(const struct pack *p, struct oid id)
{
	const unsigned char *fan = bytes_at(p->index, INDEX_HEAD);
	const unsigned char *names = fan + INDEX_FAN;
	const unsigned char *offsets = names + (size_t)p->n * (OID_BYTES + 4);
	const unsigned char *wide = offsets + (size_t)p->n * 4;
	uint32_t lo = id.b[0] ? num_get32(fan + (id.b[0] - 1) * 4) : 0;
	uint32_t hi = num_get32(fan + id.b[0] * 4), at;
	size_t nwide =
	    (size_t)(bytes_at(p->index, p->index.n - INDEX_TAIL) - wide) / 8;

	if (hi > p->n)
		return 0;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c =
		    memcmp(id.b, names + (size_t)mid * OID_BYTES, OID_BYTES);

		if (c == 0) {
			at = num_get32(offsets + (size_t)mid * 4);
			if (!(at & offset_is_long))
				return at;
			at &= ~offset_is_long;
			return at < nwide ? num_get64(wide + (size_t)at * 8)
					  : 0;
		}
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return 0;
}

/* What stands in a pack: an object, or a delta against the one at BASE. */
struct entry {
	size_t at, size; /* at: of the stream */
	size_t base;	 /* of a delta */
	unsigned type;
};

/* The head of the entry that begins at FROM. */
static bool
head_read(struct str data, size_t from, struct entry *e)
{
	struct str in = str_from_pos(str_head(data, data.n - PACK_TAIL), from);
	struct packentry head;

	if (from < PACK_HEAD || !packentry_get(&in, &head) ||
	    head.size > object_max || head.back > from - PACK_HEAD)
		return false;
	*e = (struct entry){.type = head.type,
	    .size = head.size,
	    .at = data.n - PACK_TAIL - in.n,
	    .base = from - (size_t)head.back};
	return true;
}

static enum crm_err
feed_rest(void *arg, struct str *piece, struct diag *dg)
{
	struct str *rest = arg;

	(void)dg;
	*piece = str_head(*rest, rest->n < PIECE ? rest->n : PIECE);
	*rest = str_from_pos(*rest, piece->n);
	return CRM_OK;
}

/* The text of E into OUT; *length is that of its stream, 0 when it is not
 * known. */
static bool
stream_take(struct packread *r, struct str data, const struct entry *e,
    struct buf *out, size_t *length)
{
	struct str rest = {
	    .p = data.p + e->at, .n = data.n - PACK_TAIL - e->at};
	struct unzip u = {.feed = feed_rest, .arg = &rest, .size = e->size};
	struct diag dg = {0};
	bool fine;

	buf_reset(out);
	*length = 0;
	if (e->size <= INFLATER_MAX && buf_room(out, e->size + INFLATER_SLACK))
		*length = inflater_take(r->inflater, rest, out->p, e->size);
	if (*length > 0) {
		out->n = e->size;
		out->p[e->size] = '\0';
		return true;
	}
	fine = zip_take(r->zip, &u, out, &dg) == CRM_OK;
	diag_clear(&dg);
	return fine;
}

/* The delta E, applied to r->base, into OUT; *length as of stream_take. */
static bool
delta_take(struct packread *r, struct str data, const struct entry *e,
    struct buf *out, size_t *length)
{
	struct str delta;
	size_t was, size;

	if (!stream_take(r, data, e, &r->delta, length))
		return false;
	delta = str_of(&r->delta);
	return delta_size_get(&delta, &was) && delta_size_get(&delta, &size) &&
	       size <= object_max &&
	       delta_apply(str_of(&r->base.text), str_of(&r->delta), out);
}

/* The text at the end of a chain of deltas, from TOP on, becomes r->base. */
static bool
base_take(struct packread *r, size_t pack, size_t top)
{
	size_t chain[CHAIN_MAX], n = 0, length, at = top;
	struct str data = r->v[pack].data;
	struct base *b = &r->base;
	struct entry e;

	if (b->at == top && b->pack == pack)
		return true;
	b->at = 0;
	for (;; at = e.base) {
		if (!head_read(data, at, &e))
			return false;
		if (e.type != PACKENTRY_DELTA)
			break;
		if (n == CHAIN_MAX)
			return false;
		chain[n++] = at;
	}
	b->type = e.type;
	if (!stream_take(r, data, &e, &b->text, &length))
		return false;
	while (n > 0) {
		struct buf whole = b->text;

		if (!head_read(data, chain[--n], &e) ||
		    !delta_take(r, data, &e, &r->other, &length))
			return false;
		b->text = r->other;
		r->other = whole;
	}
	b->pack = pack;
	b->at = top;
	return true;
}

/* The object that begins at FROM in the pack of the last one, if it is the
 * one. */
static bool
object_take(
    struct packread *r, size_t from, const struct wanted *w, struct buf *out)
{
	size_t pack = r->last[w->type], length;
	struct str data = r->v[pack].data;
	struct entry e;
	unsigned type;

	if (!head_read(data, from, &e))
		return false;
	type = e.type;
	if (type != PACKENTRY_DELTA) {
		if (!stream_take(r, data, &e, out, &length))
			return false;
	} else {
		if (w->type == OBJECT_TREE || !base_take(r, pack, e.base) ||
		    !delta_take(r, data, &e, out, &length))
			return false;
		type = r->base.type;
	}
	if (type != (unsigned)w->type ||
	    !oid_eq(object_id(w->type, str_of(out)), w->id))
		return false;
	if (w->type == OBJECT_BLOB)
		r->next = length > 0 ? e.at + length : 0;
	return true;
}

/* By the indexes of all packs, that of the last one first. */
static bool
object_find(struct packread *r, const struct wanted *w, struct buf *out)
{
	size_t *last = &r->last[w->type];

	for (size_t i = 0; i < r->n; i++) {
		size_t n = (*last + i) % r->n;
		size_t at = pack_find(&r->v[n], w->id);

		if (at == 0)
			continue;
		if (w->type == OBJECT_BLOB)
			r->in_row = n == *last && at == r->next;
		*last = n;
		return object_take(r, at, w, out);
	}
	return false;
}

/* Who reads blobs in the order in which they were written needs no index:
 * the checksum tells that it is the one. */
bool
packread_object(
    struct packread *r, enum object_type t, struct oid id, struct buf *out)
{
	const struct wanted w = {.type = t, .id = id};

	if (t == OBJECT_BLOB && r->in_row && r->next > 0 &&
	    object_take(r, r->next, &w, out))
		return true;
	return object_find(r, &w, out);
}
