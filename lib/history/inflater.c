/* SPDX-License-Identifier: ISC */
/* inflater: one look into a table for each symbol; the table is as wide as
 * the longest code, which is short in a short text. */
#include "history/inflater.h"

enum {
	CODE_MAX = 15,	/* bits of the longest code */
	ORDER_MAX = 7,	/* of one that codes lengths */
	LITERALS = 288, /* symbols: bytes, the end, lengths */
	DISTANCES = 32,
	ORDERS = 19,
	LITERALS_USED = 286, /* the others have codes but no meaning */
	DISTANCES_USED = 30,
	END = 256,
	MATCH_MAX = 48, /* bits of a length, its distance, and what is added */
	WIDE = 8,	/* bytes copied at once */
};

/* A symbol and, in the low four bits, the length of its code. */
typedef uint16_t entry;
/* A symbol above all others, for what is no code. */
static const entry no_code = LITERALS << 4;

struct table {
	entry *v;
	unsigned bits;
};

/* The stream: bits that were taken from bytes but not used yet, low first. */
struct bits {
	const unsigned char *p, *end;
	uint64_t v;
	unsigned n;
	unsigned past; /* zero bytes that were taken behind the end */
};

struct place {
	char *start, *at, *end;
};

/* ---- bits ------------------------------------------------------------- */

static uint64_t
load(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

/* At least 56 bits are there afterwards. */
static inline void
fill(struct bits *b)
{
	if (b->end - b->p >= 8) {
		b->v |= load(b->p) << b->n;
		b->p += (63 - b->n) >> 3;
		b->n |= 56;
		return;
	}
	for (; b->n < 56; b->n += 8) {
		if (b->p < b->end)
			b->v |= (uint64_t)*b->p++ << b->n;
		else
			b->past++;
	}
}

/* N, at most 15, of the bits that are there. */
static inline unsigned
take(struct bits *b, unsigned n)
{
	unsigned v = (unsigned)b->v & ((1U << n) - 1);

	b->v >>= n;
	b->n -= n;
	return v;
}

/* The next symbol. */
static inline unsigned
symbol(struct bits *b, const struct table *t)
{
	unsigned e = t->v[b->v & ((1U << t->bits) - 1)];

	b->v >>= e & 15;
	b->n -= e & 15;
	return e >> 4;
}

/* Up to the next whole byte; b->p is there then. */
static bool
align(struct bits *b)
{
	unsigned bytes = b->n / 8;

	if (bytes < b->past)
		return false; /* bits behind the end were used */
	b->p -= bytes - b->past;
	b->v = b->n = b->past = 0;
	return true;
}

/* ---- codes ------------------------------------------------------------ */

/* The symbols that have a code, ascending, with its length. */
struct codes {
	unsigned n;
	uint16_t symbol[LITERALS];
	unsigned char length[LITERALS];
};

static void
codes_add(struct codes *c, unsigned symbol, unsigned length)
{
	c->symbol[c->n] = (uint16_t)symbol;
	c->length[c->n] = (unsigned char)length;
	if (length > 0)
		c->n++;
}

struct inflater {
	struct codes codes[2]; /* literals, distances */
	entry literals[1 << CODE_MAX], distances[1 << CODE_MAX];
	entry orders[1 << ORDER_MAX];
	entry fixed_literals[1 << 9], fixed_distances[1 << 5];
};

/* Do the codes use up all of the room? */
static bool
codes_whole(const unsigned *count)
{
	unsigned left = 1;

	for (unsigned l = 1; l <= CODE_MAX; l++) {
		left <<= 1;
		if (count[l] > left)
			return false;
		left -= count[l];
	}
	return left == 0;
}

/* The next code of the same length: codes count up in reversed bits. */
static inline unsigned
code_next(unsigned code, unsigned mask)
{
	unsigned bit = 1U << (31 - (unsigned)__builtin_clz(code ^ mask));

	return (code & (bit - 1)) | bit;
}

/*
 * Fills T from whole codes. Where the table grows from one length to the
 * next it is doubled: what a short code says holds for both halves.
 */
static void
table_fill(struct table *t, const unsigned *count, const uint16_t *sorted)
{
	unsigned code = 0, l = 1;

	while (count[l] == 0)
		l++;
	for (;; l++) {
		unsigned mask = (1U << l) - 1;

		for (unsigned i = 0; i < count[l]; i++) {
			t->v[code] = (entry)((unsigned)*sorted++ << 4 | l);
			if (code != mask)
				code = code_next(code, mask);
		}
		if (l == t->bits)
			return;
		memcpy(t->v + mask + 1, t->v, (mask + 1) * sizeof(*t->v));
	}
}

/* False when the lengths make no code. LONE: one or none is a code, too. */
static bool
table_make(struct table *t, const struct codes *c, bool lone)
{
	unsigned count[CODE_MAX + 1] = {0}, at[CODE_MAX + 1];
	uint16_t sorted[LITERALS];

	for (unsigned i = 0; i < c->n; i++)
		count[c->length[i]]++;
	at[0] = 0;
	for (unsigned l = 1; l <= CODE_MAX; l++) {
		at[l] = at[l - 1] + count[l - 1];
		if (count[l] > 0)
			t->bits = l;
	}
	if (codes_whole(count)) {
		for (unsigned i = 0; i < c->n; i++)
			sorted[at[c->length[i]]++] = c->symbol[i];
		table_fill(t, count, sorted);
		return true;
	}
	if (!lone || c->n > 1 || (c->n == 1 && c->length[0] > 1))
		return false;
	t->bits = 1;
	t->v[0] = t->v[1] = no_code;
	if (c->n == 1)
		t->v[0] = (entry)(c->symbol[0] << 4 | 1);
	return true;
}

/* ---- blocks ----------------------------------------------------------- */

static bool
stored(struct bits *b, struct place *out)
{
	unsigned n, not_n;

	if (!align(b) || b->end - b->p < 4)
		return false;
	n = (unsigned)b->p[0] | (unsigned)b->p[1] << 8;
	not_n = (unsigned)b->p[2] | (unsigned)b->p[3] << 8;
	b->p += 4;
	if (n != (~not_n & 0xffff) || n > (size_t)(b->end - b->p) ||
	    n > (size_t)(out->end - out->at))
		return false;
	if (n > 0)
		memcpy(out->at, b->p, n);
	out->at += n;
	b->p += n;
	return true;
}

/*
 * The lengths of the codes for N literals and distances, coded themselves:
 * there is one row of both, in which a run may reach across.
 */
static bool
lengths_take(struct bits *b, const struct table *t, unsigned literals,
    unsigned n, struct codes *to)
{
	unsigned last = 0;

	for (unsigned i = 0; i < n;) {
		unsigned s, times = 1;

		if (b->n < ORDER_MAX + 7)
			fill(b);
		s = symbol(b, t);
		if (s < 16) {
			last = s;
		} else if (s == 16) {
			if (i == 0)
				return false;
			times = 3 + take(b, 2);
		} else {
			last = 0;
			times = s == 17 ? 3 + take(b, 3) : 11 + take(b, 7);
		}
		if (times > n - i)
			return false;
		if (last == 0)
			i += times;
		else
			for (; times > 0; times--, i++)
				codes_add(&to[i >= literals],
				    i < literals ? i : i - literals, last);
	}
	return true;
}

/* The tables of a block that brings its own. */
static bool
tables_take(struct inflater *z, struct bits *b, struct table *literals,
    struct table *distances)
{
	static const unsigned char place[ORDERS] = {
	    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
	unsigned char orders[ORDERS] = {0};
	struct codes *c = z->codes;
	struct table t = {.v = z->orders};
	unsigned nliterals, ndistances, norders;

	nliterals = 257 + take(b, 5);
	ndistances = 1 + take(b, 5);
	norders = 4 + take(b, 4);
	if (nliterals > LITERALS_USED || ndistances > DISTANCES_USED)
		return false;
	for (unsigned i = 0; i < norders; i++) {
		if (b->n < 3)
			fill(b);
		orders[place[i]] = (unsigned char)take(b, 3);
	}
	c[0].n = c[1].n = 0;
	for (unsigned i = 0; i < ORDERS; i++)
		codes_add(c, i, orders[i]);
	if (!table_make(&t, c, false))
		return false;
	c[0].n = 0;
	if (!lengths_take(b, &t, nliterals, nliterals + ndistances, c))
		return false;
	*literals = (struct table){.v = z->literals};
	*distances = (struct table){.v = z->distances};
	return table_make(literals, &c[0], false) &&
	       table_make(distances, &c[1], true);
}

/* What was there DISTANCE bytes ago, N bytes of it, which may overlap. */
static bool
repeat(struct place *out, size_t distance, size_t n)
{
	const char *from;
	char *to = out->at;

	if (distance > (size_t)(out->at - out->start) ||
	    n > (size_t)(out->end - out->at))
		return false;
	from = out->at - distance;
	out->at += n;
	if (distance < WIDE) {
		while (to < out->at)
			*to++ = *from++;
		return true;
	}
	for (; to < out->at; to += WIDE, from += WIDE)
		memcpy(to, from, WIDE);
	return true;
}

/* A length whose symbol was S, and its distance. */
static bool
match(struct bits *b, const struct table *distances, unsigned s,
    struct place *out)
{
	static const uint16_t length_from[] = {3, 4, 5, 6, 7, 8, 9, 10, 11, 13,
	    15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163,
	    195, 227, 258};
	static const unsigned char length_more[] = {0, 0, 0, 0, 0, 0, 0, 0, 1,
	    1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
	static const uint16_t from[DISTANCES_USED] = {1, 2, 3, 4, 5, 7, 9, 13,
	    17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537,
	    2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
	unsigned n, d;

	if (s >= LITERALS_USED)
		return false;
	s -= END + 1;
	n = length_from[s] + take(b, length_more[s]);
	d = symbol(b, distances);
	if (d >= DISTANCES_USED)
		return false;
	return repeat(out, from[d] + take(b, d < 2 ? 0 : d / 2 - 1), n);
}

static bool
coded(struct bits *stream, const struct table *literals,
    const struct table *distances, struct place *out)
{
	struct bits b = *stream;
	struct table t = *literals;
	char *at = out->at, *end = out->end;
	unsigned s;

	for (;;) {
		if (b.n < MATCH_MAX)
			fill(&b);
		s = symbol(&b, &t);
		if (s < END) {
			if (at == end)
				return false;
			*at++ = (char)s;
			continue;
		}
		out->at = at;
		if (s == END)
			break;
		if (!match(&b, distances, s, out))
			return false;
		at = out->at;
	}
	*stream = b;
	return true;
}

static bool
block(struct inflater *z, struct bits *b, struct place *out, bool *last)
{
	struct table literals = {.v = z->fixed_literals, .bits = 9};
	struct table distances = {.v = z->fixed_distances, .bits = 5};
	unsigned kind;

	fill(b); /* for the head of a block with tables, too */
	*last = take(b, 1);
	kind = take(b, 2);
	if (kind == 0)
		return stored(b, out);
	if (kind == 3 ||
	    (kind == 2 && !tables_take(z, b, &literals, &distances)))
		return false;
	return coded(b, &literals, &distances, out);
}

/* ---- streams ---------------------------------------------------------- */

static void
fixed_make(struct inflater *z)
{
	struct table literals = {.v = z->fixed_literals};
	struct table distances = {.v = z->fixed_distances};
	struct codes *c = z->codes;
	bool fine;

	for (unsigned i = 0; i < LITERALS; i++)
		codes_add(&c[0], i, i < 144 || i >= 280 ? 8 : i < 256 ? 9 : 7);
	for (unsigned i = 0; i < DISTANCES; i++)
		codes_add(&c[1], i, 5);
	fine = table_make(&literals, &c[0], false) &&
	       table_make(&distances, &c[1], false);
	(void)fine; /* these are whole */
}

struct inflater *
inflater_new(void)
{
	struct inflater *z = calloc(1, sizeof(*z));

	if (z)
		fixed_make(z);
	return z;
}

void
inflater_free(struct inflater *z)
{
	free(z);
}

/* Adler-32. The sums of 4096 bytes fit into 32 bits. */
static uint32_t
checksum(const char *p, size_t n)
{
	const uint32_t prime = 65521;
	uint32_t a = 1, b = 0;

	for (size_t i = 0; i < n;) {
		size_t stop = n - i > 4096 ? i + 4096 : n;

		for (; i < stop; i++) {
			a += (unsigned char)p[i];
			b += a;
		}
		a %= prime;
		b %= prime;
	}
	return b << 16 | a;
}

size_t
inflater_take(struct inflater *z, struct str in, char *out, size_t n)
{
	const unsigned char *p = (const unsigned char *)in.p;
	struct place to = {.start = out, .at = out, .end = out + n};
	struct bits b = {.p = p + 2};
	size_t most = n + n / 8 + 64; /* a compressor stays below */
	bool last = false;

	if (n > INFLATER_MAX || in.n < 2 + 4 || (p[0] & 15) != 8 ||
	    p[0] >> 4 > 7 || p[1] & 0x20 || (p[0] << 8 | p[1]) % 31 != 0)
		return 0;
	b.end = p + (in.n < most ? in.n : most);
	while (!last)
		if (!block(z, &b, &to, &last))
			return 0;
	if (to.at != to.end || !align(&b) || b.end - b.p < 4)
		return 0;
	if (((uint32_t)b.p[0] << 24 | (uint32_t)b.p[1] << 16 |
		(uint32_t)b.p[2] << 8 | b.p[3]) != checksum(out, n))
		return 0;
	return (size_t)(b.p - p) + 4;
}
