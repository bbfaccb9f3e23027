/* SPDX-License-Identifier: ISC */
/* vcard_test: sources of bytes, and all rows of cards as one text. */
#ifndef VCARD_TEST_H
#define VCARD_TEST_H

#include "crm/import_vcard.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Bytes handed out in blocks of at most STEP (0: as many as asked for),
 * then AGAIN times REPEAT, then TAIL, then an ERROR or the end. */
struct vcard_bytes {
	struct str s, repeat, tail;
	uint64_t again;
	size_t step;
	int error;
};

static inline ptrdiff_t
vcard_read(void *arg, char *p, size_t n)
{
	struct vcard_bytes *b = arg;

	if (b->s.n == 0 && b->again) {
		b->s = b->repeat;
		b->again--;
	}
	if (b->s.n == 0) {
		b->s = b->tail;
		b->tail = (struct str){0};
	}
	if (b->s.n == 0 && b->error) {
		errno = b->error;
		return -1;
	}
	n = n < b->s.n ? n : b->s.n;
	if (b->step > 0 && n > b->step)
		n = b->step;
	if (n > 0)
		memcpy(p, b->s.p, n);
	b->s = str_from_pos(b->s, n);
	return (ptrdiff_t)n;
}

static inline void
vcard_warn(void *arg, const char *text)
{
	buf_addf(arg, "~%s\n", text);
}

/* "3 contact", "name=Ada" for each cell that is not empty; "!MESSAGE" for
 * what is refused; what stands in O->arg is not looked at. */
static inline void
vcard_rows_text(
    struct vcard_bytes *bytes, const struct vcard_options *o, struct buf *out)
{
	struct source src = {.read = vcard_read, .arg = bytes, .name = "in"};
	struct vcard_options options = o ? *o : (struct vcard_options){0};
	struct rows *r = NULL;
	struct rows_row row;
	struct diag dg = {0};
	bool got = true;
	enum crm_err err;

	options.warn = vcard_warn;
	options.arg = out;
	err = vcard_rows_open(&r, &src, &options, &dg);
	while (!err && got) {
		err = rows_next(r, &row, &got, &dg);
		if (err) {
			buf_addf(out, "!%s\n", diag_text(&dg));
			assert_int_equal(err, dg.code);
		} else if (got) {
			buf_addf(
			    out, "%d %.*s\n", (int)row.line, STR_ARG(row.kind));
			for (size_t i = 0; i < row.n; i++)
				if (row.cells[i].n)
					buf_addf(out, "%.*s=%.*s\n",
					    STR_ARG(row.names[i]),
					    STR_ARG(row.cells[i]));
		}
		err = err == CRM_DATA && got ? CRM_OK : err;
		diag_clear(&dg);
	}
	rows_close(r);
}

/* All of file PATH. */
static inline void
vcard_file(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	char block[4096];
	size_t n;

	assert_non_null(f);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		buf_add(out, (struct str){block, n});
	assert_false(ferror(f));
	fclose(f);
}

#endif
