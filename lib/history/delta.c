/* SPDX-License-Identifier: ISC */
/* delta: copy and insert instructions of git's packs. */
#include "history/delta.h"

enum {
	INSERT_MAX = 127,
	COPY_MAX = 0xffff, /* every reader takes two bytes of length */
	COPY = 0x80,
	COPY_OFFSET_BYTES = 4,
	COPY_SIZE_BYTES = 3,
};

void
delta_size_put(size_t n, struct buf *out)
{
	while (n > 0x7f) {
		buf_addc(out, (char)((n & 0x7f) | 0x80));
		n >>= 7;
	}
	buf_addc(out, (char)n);
}

bool
delta_size_get(struct str *in, size_t *out)
{
	size_t n = 0;

	for (unsigned shift = 0; in->n > 0 && shift < 57; shift += 7) {
		unsigned char c = (unsigned char)*in->p++;

		in->n--;
		n |= (size_t)(c & 0x7f) << shift;
		if (!(c & 0x80)) {
			*out = n;
			return true;
		}
	}
	return false;
}

/* One copy: a byte that says which bytes of offset and length follow. */
static void
copy_one(size_t at, size_t n, struct buf *out)
{
	char op[1 + COPY_OFFSET_BYTES + COPY_SIZE_BYTES];
	size_t used = 1;
	unsigned flags = COPY;

	for (unsigned i = 0; i < COPY_OFFSET_BYTES; i++) {
		if ((at >> 8 * i & 0xff) == 0)
			continue;
		flags |= 1u << i;
		op[used++] = (char)(at >> 8 * i & 0xff);
	}
	for (unsigned i = 0; i < 2; i++) {
		if ((n >> 8 * i & 0xff) == 0)
			continue;
		flags |= 0x10u << i;
		op[used++] = (char)(n >> 8 * i & 0xff);
	}
	op[0] = (char)flags;
	buf_add(out, (struct str){.p = op, .n = used});
}

static void
copy_all(size_t at, size_t n, struct buf *out)
{
	while (n > 0) {
		size_t part = n < COPY_MAX ? n : COPY_MAX;

		copy_one(at, part, out);
		at += part;
		n -= part;
	}
}

static void
insert_all(struct str s, struct buf *out)
{
	while (s.n > 0) {
		struct str part = str_head(s, INSERT_MAX);

		buf_addc(out, (char)part.n);
		buf_add(out, part);
		s = str_from_pos(s, part.n);
	}
}

void
delta_make(struct delta_shape s, struct str data, struct buf *out)
{
	size_t least = s.base < data.n ? s.base : data.n;
	size_t head = s.head < least ? s.head : least;
	size_t tail = s.tail < least - head ? s.tail : least - head;

	delta_size_put(s.base, out);
	delta_size_put(data.n, out);
	copy_all(0, head, out);
	insert_all(
	    (struct str){.p = data.p + head, .n = data.n - head - tail}, out);
	copy_all(s.base - tail, tail, out);
}

/* Reads the bytes of a copy that FLAGS announces; false at the end. */
static bool
copy_read(struct str *in, unsigned flags, size_t *at, size_t *n)
{
	*at = 0;
	*n = 0;
	for (unsigned i = 0; i < COPY_OFFSET_BYTES + COPY_SIZE_BYTES; i++) {
		size_t c;

		if (!(flags & 1u << i))
			continue;
		if (in->n == 0)
			return false;
		c = (unsigned char)*in->p++;
		in->n--;
		if (i < COPY_OFFSET_BYTES)
			*at |= c << 8 * i;
		else
			*n |= c << 8 * (i - COPY_OFFSET_BYTES);
	}
	if (*n == 0)
		*n = 0x10000;
	return true;
}

bool
delta_apply(struct str base, struct str delta, struct buf *out)
{
	size_t was, size;

	if (!delta_size_get(&delta, &was) || !delta_size_get(&delta, &size) ||
	    was != base.n)
		return false;
	buf_reset(out);
	while (delta.n > 0) {
		unsigned op = (unsigned char)*delta.p++;
		struct str from = base;
		size_t at = 0, n = op;

		delta.n--;
		if (op & COPY) {
			if (!copy_read(&delta, op, &at, &n))
				return false;
		} else {
			from = delta;
			delta = str_from_pos(delta, n);
		}
		if (n == 0 || at > from.n || n > from.n - at ||
		    n > size - out->n)
			return false;
		buf_add(out, (struct str){.p = from.p + at, .n = n});
	}
	return out->n == size;
}
