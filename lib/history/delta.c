/* SPDX-License-Identifier: ISC */
/* delta: copy and insert instructions of git's packs. */
#include "history/delta.h"

enum {
	INSERT_MAX = 127,
	COPY_MAX = 0xffff, /* every reader takes two bytes of length */
	COPY = 0x80,
	COPY_MIN = 6, /* a shorter one is as long as what it stands for */
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

/* A part of DATA, from TO on, that is in the base, from AT on. */
struct match {
	size_t to, at, n;
};

/* Where delta_lines stands: DATA before DONE is in OUT. */
struct lines {
	struct str data;
	size_t done;
	struct match last; /* may become longer; n = 0: none */
	struct buf *out;
};

static void
lines_settle(struct lines *l)
{
	struct match m = l->last;

	l->last = (struct match){0};
	if (m.n < COPY_MIN)
		return;
	insert_all((struct str){.p = l->data.p + l->done, .n = m.to - l->done},
	    l->out);
	copy_all(m.at, m.n, l->out);
	l->done = m.to + m.n;
}

static void
lines_match(struct lines *l, struct match m)
{
	struct match *last = &l->last;

	if (last->n > 0 && m.to == last->to + last->n &&
	    m.at == last->at + last->n) {
		last->n += m.n;
		return;
	}
	lines_settle(l);
	*last = m;
}

/* The line at the beginning of S, with its end. */
static struct str
line_first(struct str s)
{
	const char *end = s.n > 0 ? memchr(s.p, '\n', s.n) : NULL;

	return end ? str_head(s, (size_t)(end - s.p) + 1) : s;
}

static size_t
same_head(struct str a, struct str b)
{
	size_t n = 0;

	while (n < a.n && n < b.n && a.p[n] == b.p[n])
		n++;
	return n;
}

static size_t
same_tail(struct str a, struct str b)
{
	size_t n = 0;

	while (n < a.n && n < b.n && a.p[a.n - 1 - n] == b.p[b.n - 1 - n])
		n++;
	return n;
}

/* The first line of BASE, from *at on, that begins with NAME, its tab
 * included; n = 0: none. *at moves behind it. */
static struct str
line_named(struct str base, struct str name, size_t *at)
{
	struct str rest = str_from_pos(base, *at);

	while (rest.n > 0) {
		struct str line = line_first(rest);

		rest = str_from_pos(rest, line.n);
		if (str_starts(line, name)) {
			*at = base.n - rest.n;
			return line;
		}
	}
	return rest;
}

void
delta_lines(struct str base, struct str data, struct buf *out)
{
	struct lines l = {.data = data, .out = out};
	size_t at = 0, to = 0;

	delta_size_put(base.n, out);
	delta_size_put(data.n, out);
	while (to < data.n) {
		struct str line = line_first(str_from_pos(data, to));
		struct str name = str_head(line, str_chr(line, '\t') + 1);
		struct str like = line_named(base, name, &at);
		size_t head = same_head(line, like), tail;

		if (like.n > 0)
			lines_match(
			    &l, (struct match){
				    .to = to, .at = at - like.n, .n = head});
		tail = same_tail(
		    str_from_pos(line, head), str_from_pos(like, head));
		to += line.n;
		if (tail > 0)
			lines_match(&l,
			    (struct match){
				.to = to - tail, .at = at - tail, .n = tail});
	}
	lines_settle(&l);
	insert_all(str_from_pos(data, l.done), out);
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
