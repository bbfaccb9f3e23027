/* SPDX-License-Identifier: ISC */
/* packread: finds an object in the index of a mapped pack and inflates it. */
#include "history/packread.h"

#include "base/num.h"
#include "history/inflater.h"
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

struct packread {
	struct pack *v;
	size_t n;
	size_t last[OBJECT_BLOB + 1]; /* of each type: the pack it was in */
	size_t next; /* behind the last blob there; 0: not known */
	bool in_row; /* that is where the next one was, the last time */
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

/* The type and size before an object's bytes; *at moves behind them. */
static bool
head_read(struct str data, size_t *at, unsigned *type, size_t *size)
{
	unsigned shift = 4;
	unsigned char c;

	if (*at < PACK_HEAD || *at >= data.n - PACK_TAIL)
		return false;
	c = (unsigned char)data.p[(*at)++];
	*type = c >> 4 & 7;
	*size = c & 15;
	for (; c & 0x80; shift += 7) {
		if (*at >= data.n - PACK_TAIL || shift > 32)
			return false;
		c = (unsigned char)data.p[(*at)++];
		*size |= (size_t)(c & 0x7f) << shift;
	}
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

/* A text of SIZE bytes out of the stream at the beginning of REST; *length is
 * that of the stream, 0 when it is not known. */
static bool
text_take(struct packread *r, struct str rest, size_t size, struct buf *out,
    size_t *length)
{
	struct unzip u = {.feed = feed_rest, .arg = &rest, .size = size};
	struct diag dg = {0};
	bool fine;

	buf_reset(out);
	*length = 0;
	if (size <= INFLATER_MAX && buf_room(out, size + INFLATER_SLACK))
		*length = inflater_take(r->inflater, rest, out->p, size);
	if (*length > 0) {
		out->n = size;
		out->p[size] = '\0';
		return true;
	}
	fine = zip_take(r->zip, &u, out, &dg) == CRM_OK;
	diag_clear(&dg);
	return fine;
}

/* The object at AT of the pack of the last one, if it is the one. */
static bool
object_take(
    struct packread *r, size_t at, const struct wanted *w, struct buf *out)
{
	struct str data = r->v[r->last[w->type]].data, rest;
	size_t size, length;
	unsigned type;

	if (!head_read(data, &at, &type, &size) || type != (unsigned)w->type ||
	    size > object_max)
		return false;
	rest = (struct str){.p = data.p + at, .n = data.n - PACK_TAIL - at};
	if (!text_take(r, rest, size, out, &length) ||
	    !oid_eq(object_id(w->type, str_of(out)), w->id))
		return false;
	if (w->type == OBJECT_BLOB)
		r->next = length > 0 ? at + length : 0;
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
