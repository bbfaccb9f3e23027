/* SPDX-License-Identifier: ISC */
/* Unit test of csv output against an independent reader: what emit writes,
 * libcsv reads strictly and finds the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <csv.h>

#include "text/emit.h"

enum { ROWS = 3000, COLUMNS = 3, CELL_MAX = 12 };

static uint64_t seed = 11;

static uint64_t
draw(uint64_t n)
{
	uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

/* What libcsv reports, one cell after the other, each ended by a NUL. */
static void
cell_read(void *text, size_t n, void *arg)
{
	struct buf *got = arg;

	buf_add(got, (struct str){.p = text, .n = n});
	buf_addc(got, '\0');
}

static void
libcsv_reads_what_emit_writes(void **state)
{
	struct column cols[COLUMNS] = {
	    {.name = STR("id")}, {.name = STR("name")}, {.name = STR("note")}};
	struct emit_options o = {.format = FORMAT_CSV};
	struct buf csv = {0}, want = {0}, got = {0}, cell = {0};
	struct diag dg = {0};
	struct csv_parser parser;
	struct emit *e;

	(void)state;
	assert_int_equal(emit_new(&e, &o, &csv, &dg), CRM_OK);
	assert_int_equal(emit_begin(e, cols, COLUMNS, &dg), CRM_OK);
	for (size_t i = 0; i < COLUMNS; i++) {
		buf_add(&want, cols[i].name);
		buf_addc(&want, '\0');
	}
	for (int row = 0; row < ROWS; row++) {
		for (int col = 0; col < COLUMNS; col++) {
			buf_reset(&cell);
			buf_addc(&cell, 'x'); /* libcsv skips empty rows */
			for (uint64_t n = draw(CELL_MAX); n > 0; n--)
				buf_addc(&cell, "a,\"\n\r ;\t"[draw(8)]);
			buf_addc(&cell, 'x');
			emit_cell(e, str_of(&cell), false);
			buf_add(&want, str_of(&cell));
			buf_addc(&want, '\0');
		}
		emit_row(e);
	}
	assert_int_equal(emit_end(e, &dg), CRM_OK);
	emit_free(e);
	assert_int_equal(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI), 0);
	assert_int_equal(
	    csv_parse(&parser, csv.p, csv.n, cell_read, NULL, &got), csv.n);
	assert_int_equal(csv_fini(&parser, cell_read, NULL, &got), 0);
	csv_free(&parser);
	assert_int_equal(got.n, want.n);
	assert_memory_equal(got.p, want.p, want.n);
	buf_clear(&csv);
	buf_clear(&want);
	buf_clear(&got);
	buf_clear(&cell);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(libcsv_reads_what_emit_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
