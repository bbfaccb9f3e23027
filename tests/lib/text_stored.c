/* SPDX-License-Identifier: ISC */
/* Tests of text/emit with rows as they are stored: they print what their cells
 * do, whatever the columns are and whatever the bytes. */
#include "rounds.h"
#include "text_test.h"

#include "model/row.h"
#include "text/emit.h"

/* ROWS: plans are made when there are some. */
enum { COLUMNS = 70, SLOTS = 80, ROWS = 20, CUSTOM = FORMAT_TABLE + 1, WAYS };

static const struct field fields[] = {{.type = TYPE_TEXT},
    {.type = TYPE_TEXT, .list = true}, {.type = TYPE_INT},
    {.type = TYPE_DECIMAL, .list = true}, {.type = TYPE_BOOL},
    {.type = TYPE_PHONE}, {.type = TYPE_DATE}};

struct shape {
	struct emit_options o;
	struct column cols[COLUMNS];
	uint16_t slots[COLUMNS];
	size_t n;
};

static void
shape_draw(struct shape *s, uint64_t *seed, int way)
{
	static const char *const names[] = {"a", "value", "a\"b",
	    "a_name_that_is_longer_than_what_is_copied_at_once"};
	bool more = test_rand(seed) % 8 == 0;
	size_t top = more ? SLOTS : 1 + test_rand(seed) % 64;

	*s = (struct shape){.n = 1 + test_rand(seed) % (more ? COLUMNS : 14)};
	s->o.format = way == CUSTOM ? FORMAT_CSV : (enum format)way;
	s->o.delimiter = way == CUSTOM ? ';' : '\0';
	s->o.nul = test_rand(seed) % 4 == 0;
	s->o.crlf = test_rand(seed) % 4 == 0;
	for (size_t i = 0; i < s->n; i++) {
		size_t f = test_rand(seed) % (ARRAY_LEN(fields) + 1);

		s->slots[i] = (uint16_t)(test_rand(seed) % top);
		if (test_rand(seed) % 10 == 0)
			s->slots[i] = EMIT_ID;
		s->cols[i].name =
		    str_from(names[test_rand(seed) % ARRAY_LEN(names)]);
		if (f < ARRAY_LEN(fields))
			s->cols[i].field = &fields[f];
	}
}

/* What values are like: numbers, lists, phones, words, and anything. */
static void
value_draw(uint64_t *seed, struct buf *out)
{
	static const char *const some[] = {"", "yes", "-3.50", "a,b", ",", "+1",
	    "+49 30 1234567", "=1", "-", "'", "2026-03-02", "x\"y", "tab\there",
	    "no", "007", "sixteen bytes ..",
	    "thirty-two bytes stand in this ."};
	size_t pick = test_rand(seed) % (ARRAY_LEN(some) + 6);

	buf_reset(out);
	if (pick < ARRAY_LEN(some))
		buf_addz(out, some[pick]);
	else
		test_text(seed, out, pick % 2 ? 5 : 60);
}

static void
row_draw(uint64_t *seed, struct buf *out)
{
	struct buf texts[SLOTS] = {0};
	struct str values[SLOTS] = {0};
	size_t n = test_rand(seed) % 3 ? test_rand(seed) % 20
				       : test_rand(seed) % SLOTS;

	for (size_t i = 0; i < n; i++) {
		if (test_rand(seed) % 3)
			value_draw(seed, &texts[i]);
		values[i] = str_of(&texts[i]);
	}
	if (n && test_rand(seed) % 50 == 0) {
		for (int i = 0; i < 7000; i++)
			buf_addz(&texts[0], "0123456789");
		values[0] = str_of(&texts[0]);
	}
	buf_reset(out);
	row_encode(values, n, out);
	for (size_t i = 0; i < SLOTS; i++)
		buf_clear(&texts[i]);
}

/* Some bytes otherwise, in a place of its own size so that a look beyond it is
 * seen; NULL when it is no row any more. */
static char *
row_spoil(uint64_t *seed, const struct buf *bytes, struct row *row)
{
	char *copy = malloc(bytes->n);

	assert_non_null(copy);
	memcpy(copy, bytes->p, bytes->n);
	/* The ends of values stand at the beginning. */
	if (test_rand(seed) % 4 == 0)
		for (int i = 0; i < 3; i++)
			copy[test_rand(seed) %
			     (bytes->n < 60 ? bytes->n : 60)] =
			    (char)test_rand(seed);
	if (row_open((struct str){copy, bytes->n}, row))
		return copy;
	free(copy);
	return NULL;
}

static void
cells_print(
    struct emit *e, const struct shape *s, const struct row *row, struct str id)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->slots[i] == EMIT_ID)
			emit_cell(e, id, true);
		else
			emit_cell(e, row_get(row, s->slots[i]), false);
	}
	emit_row(e);
}

static struct emit *
emit_for(const struct shape *s, struct buf *to)
{
	struct emit *e = NULL;
	struct diag dg = {0};

	assert_int_equal(emit_new(&e, &s->o, to, &dg), CRM_OK);
	assert_int_equal(emit_begin(e, s->cols, s->n, &dg), CRM_OK);
	return e;
}

static void
round_of(uint64_t *seed, int way)
{
	struct diag dg = {0};
	struct buf want = {0}, got = {0}, bytes = {0};
	struct shape s;

	shape_draw(&s, seed, way);
	struct emit *by_cell = emit_for(&s, &want), *e = emit_for(&s, &got);

	assert_int_equal(emit_slots(e, s.slots, &dg), CRM_OK);
	for (int i = 0; i < ROWS; i++) {
		struct row row;
		char *p;

		row_draw(seed, &bytes);
		p = row_spoil(seed, &bytes, &row);
		if (!p)
			continue;
		/* A flag that was spoilt says what is not so. */
		row.flags &= ROW_WIDE;
		if (memcmp(p, bytes.p, bytes.n) == 0)
			row.flags = (unsigned char)p[0];
		cells_print(by_cell, &s, &row, STR("c42"));
		emit_stored(e, &row, STR("c42"));
		free(p);
	}
	assert_int_equal(emit_end(by_cell, &dg), CRM_OK);
	assert_int_equal(emit_end(e, &dg), CRM_OK);
	assert_string_equal(buf_z(&got), buf_z(&want));
	assert_true(str_eq(str_of(&got), str_of(&want)));
	emit_free(by_cell);
	emit_free(e);
	buf_clear(&want);
	buf_clear(&got);
	buf_clear(&bytes);
}

static void
stored_rows_print_their_cells(void **state)
{
	const int n = (int)rounds(4000, 4000, 1200);
	uint64_t seed = 7;

	(void)state;
	for (int i = 0; i < n; i++)
		round_of(&seed, i % WAYS);
}

static void
a_gap_is_as_wide_as_its_columns(void **state)
{
	struct shape s = {.o = {.format = FORMAT_TSV, .no_header = true}};
	struct str values[3] = {STR("a"), STR("b"), STR("c")};
	struct buf bytes = {0}, out = {0};
	struct diag dg = {0};
	struct row row;
	const size_t line = 3 + 63 + 1;
	const char *last;

	(void)state;
	s.n = 64;
	for (uint16_t i = 0; i < 64; i++) {
		s.cols[i].name = STR("x");
		s.slots[i] = i == 0 ? 0 : i == 40 ? 1 : i == 50 ? 2 : 60;
	}
	struct emit *e = emit_for(&s, &out);

	row_encode(values, 3, &bytes);
	assert_true(row_open(str_of(&bytes), &row));
	assert_int_equal(emit_slots(e, s.slots, &dg), CRM_OK);
	for (int i = 0; i < ROWS; i++)
		emit_stored(e, &row, STR(""));
	assert_int_equal(out.n, ROWS * line);
	last = out.p + (ROWS - 1) * line;
	assert_int_equal(last[0], 'a');
	assert_int_equal(last[1 + 40], 'b');
	assert_int_equal(last[1 + 40 + 1 + 10], 'c');
	emit_free(e);
	buf_clear(&bytes);
	buf_clear(&out);
}

static void
twins_print_rows_alone(void **state)
{
	(void)state;
	for (int f = FORMAT_TSV; f <= FORMAT_TABLE; f++) {
		struct shape s = {.o = {.format = (enum format)f},
		    .cols = {{.name = STR("id")}, {.name = STR("b")}},
		    .slots = {EMIT_ID, 1},
		    .n = 2};
		struct buf out = {0}, other = {0}, third = {0};
		struct emit *e = emit_for(&s, &out), *twin = NULL;
		struct diag dg = {0};
		struct row none = {0};
		size_t head = out.n;

		assert_int_equal(emit_slots(e, s.slots, &dg), CRM_OK);
		assert_int_equal(emit_twin(&twin, e, &other, &dg), CRM_OK);
		assert_int_equal(
		    twin != NULL, f != FORMAT_JSON && f != FORMAT_TABLE);
		if (twin) {
			emit_stored(e, &none, STR("c1"));
			emit_stored(twin, &none, STR("c1"));
			emit_to(twin, &third);
			emit_stored(twin, &none, STR("c1"));
			assert_string_equal(buf_z(&other), buf_z(&third));
			assert_string_equal(buf_z(&other), buf_z(&out) + head);
		}
		emit_free(twin);
		emit_free(e);
		buf_clear(&out);
		buf_clear(&other);
		buf_clear(&third);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stored_rows_print_their_cells),
	    cmocka_unit_test(a_gap_is_as_wide_as_its_columns),
	    cmocka_unit_test(twins_print_rows_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
