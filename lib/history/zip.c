/* SPDX-License-Identifier: ISC */
/* zip: zlib streams for many small texts. */
#define ZLIB_CONST
#include "history/zip.h"

#include "base/num.h"

#include <limits.h>
#include <zlib.h>

/* A stream for texts up to a size: what it allocates and clears for each of
 * them should be in proportion. The first one has fixed codes: those of its
 * own save a text of that size 1 byte of 100, and cost its readers as much
 * time again. The third one is for a whole directory, whose ids do not
 * compress: with less memory zlib cuts it into blocks and makes codes for
 * each. */
static const struct size {
	size_t most;
	int window, memory, strategy;
} sizes[] = {
    {.most = 1 << 7, .window = 9, .memory = 2, .strategy = Z_FIXED},
    {.most = 1 << 10, .window = 12, .memory = 4},
    {.most = 1 << 12, .window = 12, .memory = 6},
    {.most = SIZE_MAX, .window = 15, .memory = 8},
};

struct zip {
	int level;
	bool has[ARRAY_LEN(sizes)], has_in;
	z_stream out[ARRAY_LEN(sizes)], in;
};

struct zip *
zip_new(int level)
{
	struct zip *z = calloc(1, sizeof(*z));

	if (z)
		z->level = level;
	return z;
}

/* The stream for a text of N bytes, ready to begin; NULL: memory. */
static z_stream *
stream_for(struct zip *z, size_t n)
{
	size_t i = 0;

	while (n > sizes[i].most)
		i++;
	if (z->has[i])
		return deflateReset(&z->out[i]) == Z_OK ? &z->out[i] : NULL;
	z->has[i] =
	    deflateInit2(&z->out[i], z->level, Z_DEFLATED, sizes[i].window,
		sizes[i].memory, sizes[i].strategy) == Z_OK;
	return z->has[i] ? &z->out[i] : NULL;
}

bool
zip_add(struct zip *z, struct str data, struct buf *out)
{
	z_stream *s = stream_for(z, data.n);
	uLong bound;
	char *room;

	if (!s || data.n > UINT_MAX / 2)
		return false;
	bound = deflateBound(s, (uLong)data.n);
	room = buf_room(out, bound);
	if (!room)
		return false;
	s->next_in = (const unsigned char *)data.p;
	s->avail_in = (uInt)data.n;
	s->next_out = (unsigned char *)room;
	s->avail_out = (uInt)bound;
	if (deflate(s, Z_FINISH) != Z_STREAM_END)
		return false;
	out->n += bound - s->avail_out;
	return true;
}

void
zip_store(struct str data, struct buf *out)
{
	/* a zlib header; then: the last block, stored */
	static const char head[] = {0x78, 0x01, 0x01};
	unsigned n = (unsigned)data.n, not_n = ~n;
	char length[4] = {(char)(n & 0xff), (char)(n >> 8 & 0xff),
	    (char)(not_n & 0xff), (char)(not_n >> 8 & 0xff)};
	unsigned char sum[4];

	num_put32(sum, (uint32_t)adler32(adler32(0, NULL, 0),
			   (const unsigned char *)data.p, n));
	buf_add(out, (struct str){.p = head, .n = sizeof(head)});
	buf_add(out, (struct str){.p = length, .n = sizeof(length)});
	buf_add(out, data);
	buf_add(out, (struct str){.p = (const char *)sum, .n = sizeof(sum)});
}

static bool
in_start(struct zip *z)
{
	if (z->has_in)
		return inflateReset(&z->in) == Z_OK;
	z->has_in = inflateInit(&z->in) == Z_OK;
	return z->has_in;
}

enum crm_err
zip_take(struct zip *z, const struct unzip *u, struct buf *out, struct diag *dg)
{
	char *room;
	int rc = Z_OK;

	buf_reset(out);
	room = buf_room(out, u->size);
	if (!room || u->size > UINT_MAX / 2 || !in_start(z))
		return diag_nomem(dg);
	z->in.next_out = (unsigned char *)room;
	z->in.avail_out = (uInt)u->size + 1; /* to see one too many */
	while (rc == Z_OK) {
		struct str piece = {0};
		enum crm_err err = u->feed(u->arg, &piece, dg);

		if (err != CRM_OK)
			return err;
		z->in.next_in = (const unsigned char *)piece.p;
		z->in.avail_in = (uInt)piece.n;
		rc = inflate(&z->in, Z_NO_FLUSH);
	}
	if (rc != Z_STREAM_END || z->in.avail_out != 1)
		return diag_set(dg, CRM_IO,
		    "an object just written reads back damaged; check the "
		    "disk and the memory of this machine");
	out->n = u->size;
	out->p[out->n] = '\0';
	return CRM_OK;
}

void
zip_free(struct zip *z)
{
	if (!z)
		return;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		if (z->has[i])
			deflateEnd(&z->out[i]);
	if (z->has_in)
		inflateEnd(&z->in);
	free(z);
}
