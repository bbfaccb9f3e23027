/* SPDX-License-Identifier: ISC */
/* Tests of text/tsv_rows: crm-tsv with the column names of any program. */
#include "rows_test.h"

#include "text/emit.h"
#include "text/tsv_rows.h"

static void
transcript(
    struct str s, size_t step, const struct tsv_options *o, struct buf *out)
{
	struct test_bytes bytes = {.s = s, .step = step, .again = 1};
	struct source src = test_source(&bytes);
	struct rows *r = NULL;
	struct diag dg = {0};
	size_t n = 0;

	if (tsv_rows_open(&r, &src, o, &dg)) {
		assert_null(r);
		buf_addf(out, "!%d %s\n", (int)dg.code, diag_text(&dg));
		diag_clear(&dg);
		return;
	}
	const struct str *names = tsv_rows_names(r, &n);
	test_line(out, names, n);
	test_rows(r, out);
}

static void
expect_with(struct str in, const struct tsv_options *o, const char *want)
{
	struct buf out = {0};

	for (size_t step = 0; step < 8; step++) {
		buf_reset(&out);
		transcript(in, step, o, &out);
		assert_string_equal(buf_z(&out), want);
	}
	buf_clear(&out);
}

static void
expect(struct str in, const char *want)
{
	expect_with(in, NULL, want);
}

static void
reads_rows(void **state)
{
	(void)state;
	expect(
	    STR("id\tname\nc1\tAnna\nc2\t\n"), "id|name\n2: c1|Anna\n3: c2|\n");
	expect(STR("First Name\tE-mail 1 - Value\r\nAnna\ta@b\r\n"),
	    "First Name|E-mail 1 - Value\n2: Anna|a@b\n");
	expect(STR("\xef\xbb\xbfStra\xc3\x9f\x65\t\"x\"\n1\t\"2\"\n"),
	    "Stra\xc3\x9f\x65|\"x\"\n2: 1|\"2\"\n");
	expect(
	    STR("a\\tb\tc\\nd\\q\n1\\t2\t\\N\n"), "a\tb|c\nd\\q\n2: 1\t2|\n");
	expect(STR("First Name\tB\n1\t2\nFirst Name\tB\n3\t4\n"),
	    "First Name|B\n2: 1|2\n4: 3|4\n");
	expect(STR(""), "\n");
	expect(STR("A B"), "A B\n");
}

static void
refuses_names(void **state)
{
	(void)state;
	expect(STR("A\t\tB\n"), "!65 in:1: column 2 has no name\n");
	expect(STR("A\tB\tA\n"), "!65 in:1: column 'A' is there twice (1 and "
				 "3); drop or rename one\n");
	expect(STR("\\t\t\\t\n"), "!65 in:1: column '\\t' is there twice (1 "
				  "and 2); drop or rename one\n");
	expect(STR("\nA\n"), "!65 in:1: blank line; a header is expected\n");
}

/* Reading goes on behind a row that is refused. */
static void
refuses_rows(void **state)
{
	(void)state;
	expect(STR("A\tB\n1\n\n1\t\xfc\n1\t2\n"),
	    "A|B\n"
	    "!65 in:2: expected 2 cells, found 1; leave a cell empty for no "
	    "value\n <1>\n"
	    "!65 in:3: blank line; delete it\n"
	    "!65 in:4: byte 3 of the line (10 of the input) is 0xfc, which is "
	    "not UTF-8; convert the input with iconv\n <1\t\xef\xbf\xbd>\n"
	    "5: 1|2\n");
}

static void
takes_columns(void **state)
{
	const struct tsv_options o = {.columns = STR("A B,c")};

	(void)state;
	expect_with(STR("1\t2\n"), &o, "A B|c\n1: 1|2\n");
}

static void
reports_read_errors(void **state)
{
	struct test_bytes bytes = {.s = STR("A\tB\n1\t2\n3"), .error = EIO};
	struct source src = test_source(&bytes);
	struct rows *r = NULL;
	struct diag dg = {0};
	struct buf out = {0};

	(void)state;
	bytes.step = 8;
	assert_int_equal(tsv_rows_open(&r, &src, NULL, &dg), CRM_OK);
	test_rows(r, &out);
	assert_string_equal(
	    buf_z(&out), "2: 1|2\n!74 in: cannot read: Input/output error\n");
	buf_clear(&out);
	diag_clear(&dg);
}

static void
tells_odd_pairs(void **state)
{
	struct test_bytes bytes = {.s = STR("A\n\\q\n")};
	struct source src = test_source(&bytes);
	struct rows *r = NULL;
	struct diag dg = {0};
	struct rows_row row;
	bool got = false;

	(void)state;
	assert_int_equal(tsv_rows_open(&r, &src, NULL, &dg), CRM_OK);
	assert_false(tsv_rows_odd(r));
	assert_int_equal(rows_next(r, &row, &got, &dg), CRM_OK);
	assert_true(got && tsv_rows_odd(r));
	assert_true(str_is(row.cells[0], "\\q"));
	rows_close(r);
	diag_clear(&dg);
}

/* Our own names only, where nobody says otherwise. */
static void
leaves_tsv_open_as_it_was(void **state)
{
	struct test_bytes bytes = {.s = STR("First Name\n")};
	struct source src = test_source(&bytes);
	struct tsv_reader *r = NULL;
	struct diag dg = {0};

	(void)state;
	assert_int_equal(tsv_open(&r, &src, NULL, &dg), CRM_DATA);
	assert_null(r);
	diag_clear(&dg);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_rows),
	    cmocka_unit_test(refuses_names),
	    cmocka_unit_test(refuses_rows),
	    cmocka_unit_test(takes_columns),
	    cmocka_unit_test(reports_read_errors),
	    cmocka_unit_test(tells_odd_pairs),
	    cmocka_unit_test(leaves_tsv_open_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
