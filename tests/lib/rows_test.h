/* SPDX-License-Identifier: ISC */
/* rows_test: bytes handed to a reader of rows in pieces, and what comes out
 * as one text. */
#ifndef CRM_ROWS_TEST_H
#define CRM_ROWS_TEST_H

#include <errno.h>

#include "text_test.h"

#include "text/rows.h"
#include "text/source.h"

/* Bytes handed out in pieces of at most STEP (0: as many as asked for). */
struct test_bytes {
	struct str s;
	size_t at, step;
	size_t most; /* bytes ever asked for at once */
	int error;   /* errno after the last byte; 0: the end */
	int again;   /* reads that are interrupted first */
};

static inline ptrdiff_t
test_read(void *arg, char *p, size_t n)
{
	struct test_bytes *b = arg;
	size_t left = b->s.n - b->at;

	if (b->again > 0 || (left == 0 && b->error)) {
		errno = b->again-- > 0 ? EINTR : b->error;
		return -1;
	}
	b->again = 0;
	b->most = n > b->most ? n : b->most;
	n = n < left ? n : left;
	if (b->step > 0 && n > b->step)
		n = b->step;
	if (n > 0)
		memcpy(p, b->s.p + b->at, n);
	b->at += n;
	return (ptrdiff_t)n;
}

static inline struct source
test_source(struct test_bytes *b)
{
	return (struct source){.read = test_read, .arg = b, .name = "in"};
}

static inline void
test_line(struct buf *out, const struct str *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(out, '|');
		buf_add(out, s[i]);
	}
	buf_addc(out, '\n');
}

/* Reads R to its end, and closes it: rows as LINE: a|b, refused ones as
 * !CODE message and <raw> behind it. */
static inline void
test_rows(struct rows *r, struct buf *out)
{
	struct diag dg = {0};
	struct rows_row row = {0};
	bool got = true;
	size_t bad = 0;

	while (got) {
		enum crm_err err = rows_next(r, &row, &got, &dg);
		assert_true(utf8_valid(row.raw, &bad));
		if (err) {
			assert_int_equal(err, dg.code);
			buf_addf(out, "!%d %s\n", (int)err, diag_text(&dg));
			if (row.raw.n > 0)
				buf_addf(out, " <%.*s>\n", STR_ARG(row.raw));
			continue;
		}
		if (!got)
			break;
		buf_addf(out, "%d: ", (int)row.line);
		test_line(out, row.cells, row.n);
	}
	/* The end stays the end. */
	assert_int_equal(rows_next(r, &row, &got, &dg), CRM_OK);
	assert_false(got);
	diag_clear(&dg);
	rows_close(r);
}

#endif
