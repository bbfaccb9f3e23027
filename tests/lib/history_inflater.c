/* SPDX-License-Identifier: ISC */
/* Unit tests of inflater: what zlib makes of random texts is read, in every
 * form; what is broken is read as zlib reads it, or not at all. */
#define ZLIB_CONST
#include "rounds.h"

#include "history/inflater.h"

#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>

#include <cmocka.h>
#include <zlib.h>

enum { FLIPS = 20, ROOM = 2 * INFLATER_MAX + 1000 };

static unsigned
texts(void)
{
	return rounds(2000, 2000, 700);
}

struct world {
	struct inflater *z;
	uint64_t seed;
	unsigned char *stream;
	size_t length;
	unsigned long read, refused;
};

static uint64_t
draw(struct world *w, uint64_t below)
{
	w->seed ^= w->seed << 13;
	w->seed ^= w->seed >> 7;
	w->seed ^= w->seed << 17;
	return (w->seed >> 11) % below;
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->z = inflater_new();
	w->stream = malloc(ROOM);
	w->seed = 88172645463325252;
	assert_non_null(w->z);
	assert_non_null(w->stream);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	inflater_free(w->z);
	free(w->stream);
	free(w);
	return 0;
}

/* Words of a few letters, bytes of any kind, runs: what gives all sorts of
 * codes. The caller frees. */
static char *
text_new(struct world *w, size_t n)
{
	char *p = malloc(n + 1);
	unsigned letters = 1 + (unsigned)draw(w, 1 + draw(w, 256));
	unsigned runs = (unsigned)draw(w, 20);

	assert_non_null(p);
	for (size_t i = 0; i < n; i++) {
		size_t back = 1 + draw(w, 1 + draw(w, i + 1));

		if (i > 0 && back <= i && draw(w, 20) < runs)
			p[i] = p[i - back];
		else
			p[i] = (char)draw(w, letters);
	}
	return p;
}

static void
deflate_text(struct world *w, const char *p, size_t n)
{
	static const int strategies[] = {
	    Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE, Z_FILTERED};
	z_stream s = {0};

	assert_int_equal(
	    deflateInit2(&s, (int)draw(w, 10), Z_DEFLATED, 9 + (int)draw(w, 7),
		1 + (int)draw(w, 9), strategies[draw(w, 5)]),
	    Z_OK);
	s.next_in = (const unsigned char *)p;
	s.next_out = w->stream;
	s.avail_out = ROOM;
	while (s.total_in < n) { /* in blocks, empty ones in between */
		size_t left = n - s.total_in;

		s.avail_in = (uInt)(draw(w, 4) ? left : 1 + draw(w, left));
		assert_int_equal(
		    deflate(&s, draw(w, 2) ? Z_PARTIAL_FLUSH : Z_BLOCK), Z_OK);
	}
	assert_int_equal(deflate(&s, Z_FINISH), Z_STREAM_END);
	w->length = s.total_out;
	deflateEnd(&s);
}

/* Memory of exactly these sizes: who goes beyond is seen. BEHIND: bytes that
 * follow the stream. */
static size_t
take(struct world *w, size_t length, size_t behind, char **out, size_t n)
{
	char *in = malloc(length + behind + 1);
	size_t used;

	*out = malloc(n + INFLATER_SLACK);
	assert_non_null(in);
	assert_non_null(*out);
	memcpy(in, w->stream, length);
	memset(in + length, 0x5a, behind);
	used = inflater_take(
	    w->z, (struct str){.p = in, .n = length + behind}, *out, n);
	free(in);
	return used;
}

static void
texts_come_back(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < texts(); i++) {
		size_t n = draw(w, i % 50 ? 400 : INFLATER_MAX + 1);
		char *text = text_new(w, n), *out;
		size_t used;

		deflate_text(w, text, n);
		used = take(w, w->length, draw(w, 30), &out, n);
		if (used == 0 && w->length > n + n / 8 + 64)
			w->refused++;
		else
			assert_int_equal(used, w->length);
		if (used > 0)
			assert_memory_equal(out, text, n);
		free(out);
		assert_int_equal(take(w, w->length - 1, 0, &out, n), 0);
		free(out);
		assert_int_equal(take(w, w->length, 0, &out, n + 1), 0);
		free(out);
		if (n > 0) {
			assert_int_equal(take(w, w->length, 0, &out, n - 1), 0);
			free(out);
		}
		free(text);
	}
	assert_true(w->refused < texts() / 4);
}

static void
too_long(void **state)
{
	struct world *w = *state;
	char *text = text_new(w, INFLATER_MAX + 1), *out;

	deflate_text(w, text, INFLATER_MAX + 1);
	assert_int_equal(
	    take(w, w->length, 0, &out, (size_t)INFLATER_MAX + 1), 0);
	free(out);
	free(text);
}

/* What zlib makes of the stream: the length it took, 0 if none. */
static size_t
zlib_takes(struct world *w, char *out, size_t n)
{
	z_stream s = {0};
	int rc;

	s.next_in = w->stream;
	s.avail_in = (uInt)w->length;
	s.next_out = (unsigned char *)out;
	s.avail_out = (uInt)n + 1;
	assert_int_equal(inflateInit(&s), Z_OK);
	rc = inflate(&s, Z_FINISH);
	inflateEnd(&s);
	return rc == Z_STREAM_END && s.total_out == n ? s.total_in : 0;
}

/* The stream is damaged: it is refused, or read as zlib reads it. */
static void
same_or_refused(struct world *w, size_t n)
{
	char *out, *other = malloc(n + 1);
	size_t used = take(w, w->length, 0, &out, n), right;

	assert_non_null(other);
	right = zlib_takes(w, other, n);
	if (used > 0) {
		assert_int_equal(used, right);
		assert_memory_equal(out, other, n);
		w->read++;
	} else {
		w->refused++;
	}
	free(other);
	free(out);
}

/* A checksum that fits, so that what comes before it is believed. */
static void
checksum_fit(struct world *w, size_t n)
{
	char *out = malloc(n + 1);
	z_stream s = {0};
	uLong sum;

	assert_non_null(out);
	s.next_in = w->stream + 2;
	s.avail_in = (uInt)w->length - 2;
	s.next_out = (unsigned char *)out;
	s.avail_out = (uInt)n;
	assert_int_equal(inflateInit2(&s, -15), Z_OK);
	if (inflate(&s, Z_FINISH) == Z_STREAM_END && s.avail_in >= 4) {
		unsigned char *at = w->stream + (w->length - s.avail_in);

		sum = adler32(adler32(0, NULL, 0), (unsigned char *)out,
		    (uInt)s.total_out);
		for (unsigned i = 0; i < 4; i++)
			at[i] = (unsigned char)(sum >> (24 - 8 * i));
	}
	inflateEnd(&s);
	free(out);
}

static void
damage_is_as_zlib_says(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < texts(); i++) {
		size_t n = draw(w, 300);
		char *text = text_new(w, n);

		for (int j = 0; j < FLIPS; j++) {
			deflate_text(w, text, n);
			w->stream[draw(w, w->length)] ^=
			    (unsigned char)(1 + draw(w, 255));
			if (j % 2)
				checksum_fit(w, n);
			same_or_refused(w, n);
		}
		free(text);
	}
	assert_true(w->read > texts() / 10);
	assert_true(w->refused > texts());
}

static void
rubbish(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < texts() * FLIPS; i++) {
		size_t n = draw(w, 100);

		w->length = draw(w, 120);
		for (size_t j = 0; j < w->length; j++)
			w->stream[j] = (unsigned char)draw(w, 256);
		if (w->length > 3) {
			w->stream[0] = 0x78;
			w->stream[1] = 0x01;
			w->stream[2] =
			    (unsigned char)((w->stream[2] & 0xf8) |
					    (2 + draw(w, 2) * 2 + 1) % 8);
			checksum_fit(w, n);
		}
		same_or_refused(w, n);
	}
	assert_true(w->refused > texts());
}

/* Bits, low ones first, as RFC 1951 writes them; a code is given as text. */
struct pen {
	unsigned char *p;
	size_t bits;
};

static void
pen_put(struct pen *p, unsigned v, unsigned n)
{
	for (unsigned i = 0; i < n; i++, p->bits++)
		p->p[p->bits / 8] |=
		    (unsigned char)((v >> i & 1) << p->bits % 8);
}

static void
pen_code(struct pen *p, const char *code)
{
	for (; *code; code++)
		pen_put(p, *code == '1', 1);
}

/*
 * One block for texts of 'a' whose only distance code is 1, which zlib takes
 * but does not make: DISTANCES of them, the lengths of all but the first one
 * in a run of REST noughts; its bits then are DATA.
 */
struct lone {
	unsigned distances, rest;
	bool first;
	const char *data;
};

static void
lone_put(struct world *w, const struct lone *l)
{
	static const unsigned char orders[] = {
	    0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2};
	static const unsigned noughts[] = {138, 20};
	struct pen p = {.p = w->stream, .bits = 16};

	memset(w->stream, 0, 64);
	w->stream[0] = 0x78;
	w->stream[1] = 0x01;
	pen_put(&p, 1 | 2 << 1, 3);
	pen_put(&p, 258 - 257, 5);
	pen_put(&p, l->distances - 1, 5);
	pen_put(&p, sizeof(orders) - 4, 4);
	for (size_t i = 0; i < sizeof(orders); i++)
		pen_put(&p, orders[i], 3);
	pen_code(&p, "0");
	pen_put(&p, 'a' - 11, 7);
	pen_code(&p, "10"); /* 1 for 'a' */
	for (size_t i = 0; i < 2; i++) {
		pen_code(&p, "0");
		pen_put(&p, noughts[i] - 11, 7);
	}
	pen_code(&p, "1111"); /* 2 for the end, and for three bytes more */
	if (l->first)
		pen_code(&p, "10"); /* 1 for the distance */
	if (l->rest > 0) {
		pen_code(&p, "0");
		pen_put(&p, l->rest - 11, 7);
	}
	pen_code(&p, l->data);
	w->length = (p.bits + 7) / 8 + 4;
}

static void
lone_distance(void **state)
{
	struct world *w = *state;
	static const struct {
		struct lone l;
		size_t n;
		bool fine;
	} cases[] = {
	    {{1, 0, true, "011010"}, 4, true},
	    {{1, 0, true, "011110"}, 4, false}, /* no code */
	    {{30, 29, true, "011010"}, 4, true},
	    {{31, 30, true, "011010"}, 4, false}, /* too many */
	    {{32, 31, true, "011010"}, 4, false},
	    {{30, 30, true, "011010"}, 4, false}, /* a run too long */
	    {{11, 11, false, "010"}, 1, true},	  /* no distance at all */
	    {{11, 11, false, "011010"}, 4, false},
	    {{11, 12, false, "010"}, 1, false},
	};
	/* Adler-32 of "a" and "aaaa" */
	static const unsigned char sums[2][4] = {
	    {0x00, 0x62, 0x00, 0x62}, {0x03, 0xce, 0x01, 0x85}};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t n = cases[i].n, want;
		char *out, other[5];

		lone_put(w, &cases[i].l);
		want = cases[i].fine ? w->length : 0;
		memcpy(w->stream + w->length - 4, sums[n == 4], 4);
		assert_int_equal(zlib_takes(w, other, n), want);
		assert_int_equal(take(w, w->length, 0, &out, n), want);
		if (want > 0)
			assert_memory_equal(out, "aaaa", n);
		free(out);
	}
}

/* An empty text; a distance before the beginning. */
static void
by_hand(void **state)
{
	static const unsigned char empty[] = {
	    0x78, 0x01, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01};
	static const unsigned char before[] = {
	    0x78, 0x01, 0x03, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01};
	struct world *w = *state;
	char *out;

	memcpy(w->stream, empty, sizeof(empty));
	assert_int_equal(take(w, sizeof(empty), 3, &out, 0), sizeof(empty));
	free(out);
	assert_int_equal(take(w, sizeof(empty), 3, &out, 1), 0);
	free(out);
	memcpy(w->stream, before, sizeof(before));
	for (size_t n = 0; n < 10; n++) {
		assert_int_equal(take(w, sizeof(before), 9, &out, n), 0);
		free(out);
	}
	for (size_t n = 0; n < 8; n++) {
		memcpy(w->stream, empty, sizeof(empty));
		assert_int_equal(take(w, n, 0, &out, 0), 0);
		free(out);
	}
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(texts_come_back),
	    TEST(too_long),
	    TEST(damage_is_as_zlib_says),
	    TEST(rubbish),
	    TEST(by_hand),
	    TEST(lone_distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
