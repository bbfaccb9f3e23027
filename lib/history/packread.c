/* SPDX-License-Identifier: ISC */
/* packread: finds a blob in the index of a mapped pack and inflates it. */
#include "history/packread.h"

#include "base/num.h"
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
static const size_t blob_max = (size_t)1 << 26;
static const uint32_t offset_is_long = UINT32_C(1) << 31;

/* A file of the repository, mapped; a view while it is open. */
struct pack {
	struct str index, data;
	uint32_t n; /* objects */
};

struct packread {
	struct pack *v;
	size_t n, last; /* last: where the last one was found */
	struct zip *zip;
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
	r->zip = zip_new(1);
	if (!r->v || !r->zip) {
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
	zip_free(r->zip);
	free(r);
}

/* ---- one blob --------------------------------------------------------- */

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

static bool
blob_take(struct packread *r, const struct pack *p, size_t at, struct oid id,
    struct buf *out)
{
	struct str rest;
	struct unzip u = {.feed = feed_rest, .arg = &rest};
	struct diag dg = {0};
	unsigned type;
	bool fine;

	if (!head_read(p->data, &at, &type, &u.size) || type != OBJECT_BLOB ||
	    u.size > blob_max)
		return false;
	rest =
	    (struct str){.p = p->data.p + at, .n = p->data.n - PACK_TAIL - at};
	fine = zip_take(r->zip, &u, out, &dg) == CRM_OK;
	diag_clear(&dg);
	return fine && oid_eq(object_id(OBJECT_BLOB, str_of(out)), id);
}

bool
packread_blob(struct packread *r, struct oid id, struct buf *out)
{
	for (size_t i = 0; i < r->n; i++) {
		size_t n = (r->last + i) % r->n;
		size_t at = pack_find(&r->v[n], id);

		if (at == 0)
			continue;
		r->last = n;
		return blob_take(r, &r->v[n], at, id, out);
	}
	return false;
}
