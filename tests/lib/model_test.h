/* SPDX-License-Identifier: ISC */
/* model_test: what the unit tests of lib/model share. */
#ifndef MODEL_TEST_H
#define MODEL_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After the four that it needs. */
#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "model/schema_default.h"

/* SplitMix64: the same numbers on every machine. */
static inline uint64_t
rnd(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* 0..N-1 */
static inline size_t
rnd_below(uint64_t *state, size_t n)
{
	return (size_t)(rnd(state) % n);
}

static inline void
assert_text(struct str got, const char *want)
{
	if (!str_is(got, want))
		fail_msg("got '%.*s', want '%s'", STR_ARG(got), want);
}

/* The message holds WANT; then it is cleared. */
static inline void
assert_says(struct diag *dg, const char *want)
{
	if (!strstr(diag_text(dg), want))
		fail_msg("'%s' does not say '%s'", diag_text(dg), want);
	diag_clear(dg);
}

static inline struct schema *
test_schema(void)
{
	struct diag dg = {0};
	struct schema *s = NULL;

	if (schema_default(&s, &dg))
		fail_msg("%s", diag_text(&dg));
	return s;
}

/* "contact.city" */
static inline const struct field *
test_field(const struct schema *s, const char *name)
{
	struct str n = str_from(name);
	size_t dot = str_chr(n, '.');
	const struct kind *k = schema_kind(s, str_head(n, dot));
	const struct field *f =
	    k ? schema_field(k, str_from_pos(n, dot + 1)) : NULL;

	if (!f) {
		fail_msg("no field %s", name);
		abort(); /* not reached; tells the compiler so */
	}
	return f;
}

#endif
