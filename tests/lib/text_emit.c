/* SPDX-License-Identifier: ISC */
/* Tests of text/emit: what every format prints, that it can be read back, and
 * that the short cut for clean rows prints the same. */
#include "rounds.h"
#include "text_test.h"

#include "model/row.h"
#include "text/csv_guard.h"
#include "text/emit.h"

static const struct field text_field = {.type = TYPE_TEXT};
static const struct field int_field = {.type = TYPE_INT};
static const struct field decimal_field = {.type = TYPE_DECIMAL};
static const struct field bool_field = {.type = TYPE_BOOL};
static const struct field date_field = {.type = TYPE_DATE};
static const struct field time_field = {.type = TYPE_TIME};
static const struct field email_field = {.type = TYPE_EMAIL, .list = true};
static const struct field ints_field = {.type = TYPE_INT, .list = true};

/* One hour east of UTC, as Bern is in winter. */
static long
one_hour(int64_t utc, void *arg)
{
	(void)utc;
	(void)arg;
	return 3600;
}

static const struct zone bern = {.offset = one_hour};

/* Columns by letter: the name is the word after it. */
static struct column
column_from(const char *word)
{
	static const struct {
		char letter;
		const struct field *field;
	} fields[] = {{'t', &text_field}, {'i', &int_field},
	    {'d', &decimal_field}, {'b', &bool_field}, {'D', &date_field},
	    {'T', &time_field}, {'e', &email_field}, {'I', &ints_field}};
	struct column c = {.name = str_from(word + 2), .list = word[0] == 'l'};

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (fields[i].letter == word[0])
			c.field = fields[i].field;
	}
	return c;
}

enum { MOST = 16 };

/* Prints rows of NUL-terminated cells; both lists end with NULL. */
static void
print(const struct emit_options *o, const char *const *heads,
    const char *const *cells, struct buf *out)
{
	struct column cols[MOST];
	struct emit *e = NULL;
	struct diag dg = {0};
	size_t n = 0;

	for (; heads[n]; n++)
		cols[n] = column_from(heads[n]);
	buf_reset(out);
	assert_int_equal(emit_new(&e, o, out, &dg), CRM_OK);
	assert_int_equal(emit_begin(e, cols, n, &dg), CRM_OK);
	for (size_t i = 0; cells[i]; i++) {
		emit_cell(e, str_from(cells[i]), false);
		if (i % n == n - 1)
			emit_row(e);
	}
	assert_int_equal(emit_end(e, &dg), CRM_OK);
	emit_free(e);
	diag_clear(&dg);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static void
expect(const struct emit_options *o, const char *const *heads,
    const char *const *cells, const char *want)
{
	struct buf out = {0};
	print(o, heads, cells, &out);
	assert_string_equal(buf_z(&out), want);
	buf_clear(&out);
}

static void
knows_formats(void **state)
{
	(void)state;
	static const char *const names[] = {
	    "tsv", "csv", "json", "jsonl", "us", "table"};
	enum format f = FORMAT_TABLE;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		assert_true(format_from(str_from(names[i]), &f));
		assert_int_equal(f, i);
	}
	assert_false(format_from(STR("xml"), &f));
	assert_false(format_from(STR(""), &f));
	assert_false(format_from(STR("TSV"), &f));
}

static void
prints_tsv(void **state)
{
	(void)state;
	struct emit_options o = {.format = FORMAT_TSV};
	expect(&o, LIST("t id", "d sum"), LIST("c1", "1.50", "c2", ""),
	    "id\tsum\nc1\t1.50\nc2\t\n");
	expect(&o, LIST("t id", "t a"), LIST("c1", "x\ty\nz\r\\\"\x1f"),
	    "id\ta\nc1\tx\\ty\\nz\\r\\\\\"\x1f\n");
	expect(&o, LIST("t id"), (const char *const[]){NULL}, "id\n");
	o.no_header = true;
	expect(&o, LIST("t id", "t a"), LIST("c1", "x"), "c1\tx\n");
}

static void
prints_us(void **state)
{
	(void)state;
	struct emit_options o = {.format = FORMAT_US};
	expect(&o, LIST("t id", "t a"), LIST("c1", "x\n\x1f\ty"),
	    "id\x1f"
	    "a\nc1\x1fx\\n\\0037\\ty\n");
}

/* Only the unit separator needs care here: tsv would copy it. */
static void
escapes_the_unit_separator(void **state)
{
	(void)state;
	struct emit_options o = {.format = FORMAT_US, .no_header = true};
	expect(&o, LIST("t a", "t b"), LIST("x\x1fy", "z"), "x\\0037y\x1fz\n");
}

static void
prints_csv(void **state)
{
	(void)state;
	struct emit_options o = {.format = FORMAT_CSV};
	expect(&o, LIST("t id", "t a", "t b"),
	    LIST("c1", "x,y", "\"q\"", "c2", "l1\nl2\r", "", "c3", " a ",
		"\\t\t"),
	    "id,a,b\nc1,\"x,y\",\"\"\"q\"\"\"\nc2,\"l1\nl2\r\",\nc3, a "
	    ",\\t\t\n");
	/* A blank line would not be read as a row. */
	expect(&o, LIST("t a"), LIST("x", "", "y"), "a\nx\n\"\"\ny\n");
}

static void
prints_json_lines(void **state)
{
	(void)state;
	struct emit_options o = {.format = FORMAT_JSONL};
	expect(&o,
	    LIST("t id", "i n", "d sum", "b ok", "b no", "T at", "e email",
		"I ns", "l x"),
	    LIST("c1", "-3", "1200.50", "yes", "no", "2026-03-02",
		"a@x.org,b@x.org", "1,02,3", "p,q"),
	    "{\"id\":\"c1\",\"n\":-3,\"sum\":1200.50,\"ok\":true,"
	    "\"no\":false,\"at\":\"2026-03-02\","
	    "\"email\":[\"a@x.org\",\"b@x.org\"],\"ns\":[1,\"02\",3],"
	    "\"x\":[\"p\",\"q\"]}\n");
	expect(&o, LIST("t id", "t a", "e e"), LIST("c1", "", "", "", "", ""),
	    "{\"id\":\"c1\"}\n{}\n");
	expect(&o, LIST("t a"), LIST("\"\\\n\r\t\b\f\x01\x1f\x7f/"),
	    "{\"a\":\"\\\"\\\\\\n\\r\\t\\b\\f\\u0001\\u001f\x7f/\"}\n");
	expect(&o, LIST("t x\"\\\ny"), LIST("1"),
	    "{\"x\\u0022\\u005c\\u000ay\":\"1\"}\n");
}

/* A text that is no JSON number must not be printed as one. */
static void
prints_only_json_numbers(void **state)
{
	(void)state;
	static const char *const bad[] = {"007", "1.", ".5", "+1", "1e5", "-",
	    "0x1", "1.5.5", "1,5", "NaN", " 1", "--1", "-01"};
	static const char *const good[] = {
	    "0", "-0.5", "10", "123456789012345678901234567.123456789"};
	struct emit_options o = {.format = FORMAT_JSONL};
	struct buf want = {0};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		buf_reset(&want);
		buf_addf(&want, "{\"n\":\"%s\"}\n", bad[i]);
		expect(&o, LIST("d n"), LIST(bad[i]), buf_z(&want));
	}
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		buf_reset(&want);
		buf_addf(&want, "{\"n\":%s}\n", good[i]);
		expect(&o, LIST("d n"), LIST(good[i]), buf_z(&want));
	}
	buf_clear(&want);
}

static void
prints_json(void **state)
{
	(void)state;
	struct emit_options o = {.format = FORMAT_JSON};
	expect(&o, LIST("t id", "i n"), LIST("c1", "1", "c2", ""),
	    "[\n{\"id\":\"c1\",\"n\":1},\n{\"id\":\"c2\"}\n]\n");
	expect(&o, LIST("t id"), (const char *const[]){NULL}, "[]\n");
}

static void
ends_rows_with_nul(void **state)
{
	(void)state;
	const struct {
		enum format format;
		struct str want;
	} cases[] = {
	    {FORMAT_TSV, STR("a\tb\0x\ty\\n\0")},
	    {FORMAT_US, STR("a\x1f"
			    "b\0x\x1fy\\n\0")},
	    {FORMAT_CSV, STR("a,b\0x,\"y\n\"\0")},
	    {FORMAT_JSONL, STR("{\"a\":\"x\",\"b\":\"y\\n\"}\0")},
	    {FORMAT_TABLE, STR("a  b\0x  y\\n\0")},
	};
	struct buf out = {0};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct emit_options o = {
		    .format = cases[i].format, .nul = true};
		print(&o, LIST("t a", "t b"), LIST("x", "y\n"), &out);
		assert_int_equal(out.n, cases[i].want.n);
		assert_memory_equal(out.p, cases[i].want.p, out.n);
	}
	buf_clear(&out);
}

/* A caller's slip must not shift values into other columns. */
static void
keeps_rows_straight(void **state)
{
	(void)state;
	struct emit_options o = {.format = FORMAT_TSV};
	struct column cols[2] = {{.name = STR("a")}, {.name = STR("b")}};
	struct emit *e = NULL;
	struct buf out = {0};
	struct diag dg = {0};

	assert_int_equal(emit_new(&e, &o, &out, &dg), CRM_OK);
	assert_int_equal(emit_begin(e, cols, 2, &dg), CRM_OK);
	emit_cell(e, STR("1"), false);
	emit_row(e);
	for (int i = 0; i < 3; i++)
		emit_cell(e, STR("2"), false);
	emit_row(e);
	assert_int_equal(emit_end(e, &dg), CRM_OK);
	assert_string_equal(buf_z(&out), "a\tb\n1\t\n2\t2\n");
	emit_free(e);
	buf_clear(&out);
}

static void
aligns_tables(void **state)
{
	(void)state;
	struct emit_options o = {.format = FORMAT_TABLE};
	expect(&o, LIST("t id", "t name", "d sum", "t city"),
	    LIST("c1", "Anna", "5", "Bern", "c10", "J\xc3\xb6rg", "1200.50", "",
		"c2", "\xe6\x9d\x8e\xe5\xb0\x8f\xe9\xbe\x99", "", ""),
	    "id   name        sum  city\n"
	    "c1   Anna          5  Bern\n"
	    "c10  J\xc3\xb6rg    1200.50\n"
	    "c2   \xe6\x9d\x8e\xe5\xb0\x8f\xe9\xbe\x99\n");
	expect(&o, LIST("t id", "t a"), (const char *const[]){NULL}, "");
	o.width = 16;
	expect(&o, LIST("t id", "t a", "t b"),
	    LIST("c1", "0123456789", "x", "c2", "J\xc3\xb6rg\xc3\xb6rg", "y",
		"c3", "J\xc3\xb6rg\xc3\xb6rg\xc3\xb6\xc3\xb6\xc3\xb6", "z"),
	    "id  a          b\n"
	    "c1  01234567…  x\n"
	    "c2  J\xc3\xb6rg\xc3\xb6rg    y\n"
	    "c3  J\xc3\xb6rg\xc3\xb6rg\xc3\xb6…  z\n");
	o.width = 0;
	o.no_header = true;
	expect(&o, LIST("t id", "t a"), LIST("c1", "x"), "c1  x\n");
	o.no_header = false;
	o.colour = true;
	expect(&o, LIST("t id", "t a"), LIST("c1", "x"),
	    "\033[1mid  a\033[0m\nc1  x\n");
}

/* An instant is what its text is, in any format and column. */
static void
shows_instants_as_their_texts(void **state)
{
	static const int64_t times[] = {
	    0, -1, 1772458200, -62135596800, 253402300799, 1798759859};
	static const struct field time = {.type = TYPE_TIME};
	const struct column cols[] = {
	    {.name = STR("at"), .field = &time}, {.name = STR("text")}};

	(void)state;
	for (int format = FORMAT_TSV; format <= FORMAT_TABLE; format++) {
		struct emit_options o = {
		    .format = (enum format)format, .zone = &bern};
		struct buf out[2] = {{0}, {0}};
		struct diag dg = {0};

		for (int way = 0; way < 2; way++) {
			struct emit *e;

			assert_int_equal(
			    emit_new(&e, &o, &out[way], &dg), CRM_OK);
			assert_int_equal(emit_begin(e, cols, 2, &dg), CRM_OK);
			for (size_t i = 0; i < 2 * ARRAY_LEN(times); i++) {
				int64_t utc = times[i / 2];
				char s[TIME_LEN];
				struct str text = {s, TIME_LEN};

				time_write(utc, s);
				if (way)
					emit_time(e, utc);
				else
					emit_cell(e, text, false);
				if (i % 2)
					emit_row(e);
			}
			assert_int_equal(emit_end(e, &dg), CRM_OK);
			emit_free(e);
		}
		assert_string_equal(buf_z(&out[0]), buf_z(&out[1]));
		buf_clear(&out[0]);
		buf_clear(&out[1]);
	}
}

static void
shows_local_time(void **state)
{
	(void)state;
	struct emit_options o = {.format = FORMAT_TABLE, .zone = &bern};
	expect(&o, LIST("T at", "D on", "t x"),
	    LIST("2026-03-02T13:30:00Z", "2026-03-02", "2026-03-02T13:30:00Z",
		"2026-12-31T23:30:59Z", "", "", "2026-03-02", "", "", "soon",
		"", ""),
	    "at                on          x\n"
	    "2026-03-02 14:30  2026-03-02  2026-03-02T13:30:00Z\n"
	    "2027-01-01 00:30\n"
	    "2026-03-02\n"
	    "soon\n");
	o.zone = NULL;
	expect(&o, LIST("T at"), LIST("2026-03-02T13:30:00Z"),
	    "at\n2026-03-02 13:30\n");
}

/* Days in order, backwards, and any: each as date.h writes it, an hour on. */
static void
shows_any_day(void **state)
{
	const struct column cols[] = {{.name = STR("a"), .field = &time_field}};
	struct emit_options o = {
	    .format = FORMAT_TABLE, .no_header = true, .zone = &bern};
	struct emit *e = NULL;
	struct buf out = {0}, want = {0};
	struct diag dg = {0};
	uint64_t seed = 8;
	int64_t utc = 951782400 - (int64_t)86400 * 500; /* 2000-02-29 */
	char s[TIME_LEN];

	(void)state;
	assert_int_equal(emit_new(&e, &o, &out, &dg), CRM_OK);
	assert_int_equal(emit_begin(e, cols, 1, &dg), CRM_OK);
	for (int i = 0; i < 3000; i++) {
		if (i >= 2000)
			utc = (int64_t)(test_rand(&seed) % 250000000000) -
			      60000000000;
		else
			utc += (i < 1000 ? 1 : -1) * 86400 + i % 2 * 3600;
		emit_time(e, utc);
		emit_row(e);
		time_write(utc + 3600, s);
		s[10] = ' ';
		buf_addf(&want, "%.16s\n", s);
	}
	assert_int_equal(emit_end(e, &dg), CRM_OK);
	assert_string_equal(buf_z(&out), buf_z(&want));
	emit_free(e);
	buf_clear(&out);
	buf_clear(&want);
}

static void
shows_controls(void **state)
{
	(void)state;
	struct emit_options o = {.format = FORMAT_TABLE};
	expect(&o, LIST("t id", "t a", "t b"),
	    LIST("c1", "\033[31mred", "a\nb\tc\x7f\xe2\x80\xae"),
	    "id  a          b\nc1  ^[[31mred  a\\nb\\tc^?<U+202E>\n");
}

static void
cuts_to_the_width(void **state)
{
	(void)state;
	struct emit_options o = {.format = FORMAT_TABLE, .width = 30};
	/* The widest gives first; both end up alike. */
	expect(&o, LIST("t id", "t note", "t name"),
	    LIST("c1", "a long note about this and that",
		"Anna-Katharina von Buren", "c2", "short", "Bo"),
	    "id  note          name\n"
	    "c1  a long note\xe2\x80\xa6  Anna-Kathar\xe2\x80\xa6\n"
	    "c2  short         Bo\n");
	o.width = 22;
	expect(&o, LIST("t id", "t note", "d sum"),
	    LIST("c1", "a long note about this", "12345.00"),
	    "id  note           sum\n"
	    "c1  a long \xe2\x80\xa6  12345.00\n");
	/* Wide characters are not halved. */
	o.width = 12;
	expect(&o, LIST("t id", "t name"),
	    LIST("c1", "\xe6\x9d\x8e\xe5\xb0\x8f\xe9\xbe\x99"
		       "\xe6\x9d\x8e\xe5\xb0\x8f"),
	    "id  name\n"
	    "c1  \xe6\x9d\x8e\xe5\xb0\x8f\xe9\xbe\x99\xe2\x80\xa6\n");
}

/* Nothing of an id, a number or a date is ever cut away: half of one would be
 * another. Their headers may be. */
static void
keeps_ids_numbers_dates_whole(void **state)
{
	(void)state;
	struct emit_options o = {.format = FORMAT_TABLE, .width = 26};
	expect(&o, LIST("t id", "i open_tickets", "D first_order"),
	    LIST("c1234567", "3", "2026-03-02"),
	    "id        ope\xe2\x80\xa6  first_ord\xe2\x80\xa6\n"
	    "c1234567     3  2026-03-02\n");
	o.width = 5;
	expect(&o, LIST("t id", "d sum"), LIST("c1234567", "1.00"),
	    "id        \xe2\x80\xa6\nc1234567\n");
}

static void
leaves_columns_out(void **state)
{
	(void)state;
	struct emit_options o = {.format = FORMAT_TABLE, .width = 21};
	/* Empty ones first, wherever they stand ... */
	expect(&o, LIST("t id", "t phone", "t name", "t city"),
	    LIST("c1", "", "Anna Amsler", "Bern"),
	    "id  name         city\nc1  Anna Amsler  Bern\n");
	/* ... but only when room is short. */
	o.width = 28;
	expect(&o, LIST("t id", "t phone", "t name", "t city"),
	    LIST("c1", "", "Anna Amsler", "Bern"),
	    "id  phone  name         city\nc1         Anna Amsler  Bern\n");
	/* Then from the right, with a mark. */
	o.width = 20;
	expect(&o, LIST("t id", "t name", "D from", "D to"),
	    LIST("c1", "Anna Amsler", "2026-03-02", "2026-03-03"),
	    "id  name         \xe2\x80\xa6\nc1  Anna Amsler\n");
}

static void
streams_after_a_thousand(void **state)
{
	(void)state;
	struct emit_options o = {.format = FORMAT_TABLE, .width = 20};
	struct column cols[3] = {{.name = STR("id")}, {.name = STR("a")},
	    {.name = STR("n"), .field = &int_field}};
	struct emit *e = NULL;
	struct buf out = {0};
	struct diag dg = {0};

	assert_int_equal(emit_new(&e, &o, &out, &dg), CRM_OK);
	assert_int_equal(emit_begin(e, cols, 3, &dg), CRM_OK);
	for (int i = 0; i < 999; i++) {
		emit_cell(e, STR("c1"), false);
		emit_cell(e, STR("x"), false);
		emit_cell(e, STR(""), false);
		emit_row(e);
	}
	assert_int_equal(out.n, 0);
	emit_cell(e, STR("c2"), false);
	emit_row(e);
	assert_true(str_starts(str_of(&out), STR("id  a  n\nc1  x\n")));
	assert_true(str_ends(str_of(&out), STR("c1  x\nc2\n")));
	buf_reset(&out);
	/* What comes later keeps to the widths; numbers are never cut. */
	emit_cell(e, STR("c1000"), false);
	emit_cell(e, STR("xyz"), false);
	emit_cell(e, STR("1234"), false);
	emit_row(e);
	assert_string_equal(buf_z(&out), "c1000  \xe2\x80\xa6  1234\n");
	assert_int_equal(emit_end(e, &dg), CRM_OK);
	emit_free(e);
	buf_clear(&out);
}

/* When rows are still to come nobody knows which columns stay empty. */
static void
keeps_empty_columns_of_long_tables(void **state)
{
	(void)state;
	struct emit_options o = {.format = FORMAT_TABLE, .width = 21};
	struct column cols[3] = {
	    {.name = STR("id")}, {.name = STR("phone")}, {.name = STR("name")}};
	struct emit *e = NULL;
	struct buf out = {0};
	struct diag dg = {0};

	assert_int_equal(emit_new(&e, &o, &out, &dg), CRM_OK);
	assert_int_equal(emit_begin(e, cols, 3, &dg), CRM_OK);
	for (int i = 0; i < 1000; i++) {
		emit_cell(e, STR("c1"), false);
		emit_cell(e, STR(""), false);
		emit_cell(e, STR("Anna Amsler-Bachmann"), false);
		emit_row(e);
	}
	buf_reset(&out);
	emit_cell(e, STR("c2"), false);
	emit_cell(e, STR("12345"), false);
	emit_row(e);
	assert_string_equal(buf_z(&out), "c2  12345\n");
	assert_int_equal(emit_end(e, &dg), CRM_OK);
	emit_free(e);
	buf_clear(&out);
}

/* Reads one CSV cell off REST, and the comma or LF behind it, and takes the
 * apostrophe off that guards a formula. */
static void
csv_get(struct str *rest, struct buf *out)
{
	size_t at = 0;
	bool quoted = rest->n > 0 && rest->p[0] == '"';

	for (at = quoted; at < rest->n; at++) {
		char c = rest->p[at];
		bool twice =
		    c == '"' && at + 1 < rest->n && rest->p[at + 1] == '"';
		if (quoted && c == '"' && !twice)
			break;
		if (!quoted && (c == ',' || c == '\n'))
			break;
		assert_true(quoted || (c != '"' && c != '\r'));
		at += quoted && twice;
		buf_addc(out, c);
	}
	*rest = str_from_pos(*rest, at + 1 + quoted);
	struct buf cell = *out;
	*out = (struct buf){0};
	buf_add(out, csv_unguard(str_of(&cell)));
	buf_clear(&cell);
}

static void
json_get_escape(struct str s, size_t *at, struct buf *out)
{
	static const char letters[] = "nrtbf\"\\";
	static const char bytes[] = "\n\r\t\b\f\"\\";
	char c = s.p[++*at];
	unsigned v = 0;

	if (c != 'u') {
		const char *hit = strchr(letters, c);
		assert_non_null(hit);
		buf_addc(out, bytes[hit - letters]);
		return;
	}
	assert_int_equal(sscanf(s.p + *at + 1, "%4x", &v), 1);
	utf8_put(v, out);
	*at += 4;
}

/* Reads the one member of {"a":"..."}, or of {}. */
static void
json_get(struct str *rest, struct buf *out)
{
	static const struct str open = {.p = "{\"a\":\"", .n = 6};
	size_t at = open.n;

	if (str_starts(*rest, STR("{}\n"))) {
		*rest = str_from_pos(*rest, 3);
		return;
	}
	assert_true(str_starts(*rest, open));
	for (; rest->p[at] != '"'; at++) {
		assert_true((unsigned char)rest->p[at] >= 0x20);
		if (rest->p[at] == '\\')
			json_get_escape(*rest, &at, out);
		else
			buf_addc(out, rest->p[at]);
	}
	assert_true(str_starts(str_from_pos(*rest, at), STR("\"}\n")));
	*rest = str_from_pos(*rest, at + 3);
}

/* decode(encode(x)) = x for 100,000 texts, in batches. */
static void
reads_back(enum format format, void (*get)(struct str *, struct buf *))
{
	struct emit_options o = {.format = format, .no_header = true};
	struct column col = {.name = STR("a")};
	struct buf out = {0};
	struct buf value = {0};
	struct buf back = {0};
	struct emit *e = NULL;
	struct diag dg = {0};
	uint64_t seed = 4;

	assert_int_equal(emit_new(&e, &o, &out, &dg), CRM_OK);
	assert_int_equal(emit_begin(e, &col, 1, &dg), CRM_OK);
	for (int i = 0; i < 100000; i++) {
		buf_reset(&out);
		buf_reset(&value);
		buf_reset(&back);
		test_text(&seed, &value, 20);
		emit_cell(e, str_of(&value), false);
		emit_row(e);
		struct str rest = str_of(&out);
		get(&rest, &back);
		assert_true(str_eq(str_of(&back), str_of(&value)));
		assert_int_equal(rest.n, 0);
	}
	assert_int_equal(emit_end(e, &dg), CRM_OK);
	emit_free(e);
	buf_clear(&out);
	buf_clear(&value);
	buf_clear(&back);
}

static void
csv_reads_back(void **state)
{
	(void)state;
	reads_back(FORMAT_CSV, csv_get);
}

static void
json_reads_back(void **state)
{
	(void)state;
	reads_back(FORMAT_JSONL, json_get);
}

/* One cell with the flags of its stored row. */
static void
print_flagged(enum format f, struct str value, bool use_flags, struct buf *out)
{
	struct emit_options o = {.format = f, .no_header = true};
	struct column cols[2] = {{.name = STR("a")}, {.name = STR("b")}};
	struct emit *e = NULL;
	struct diag dg = {0};
	struct buf bytes = {0};
	struct row row;

	row_encode(&value, 1, &bytes);
	assert_true(row_open(str_of(&bytes), &row));
	assert_int_equal(emit_new(&e, &o, out, &dg), CRM_OK);
	assert_int_equal(emit_begin(e, cols, 2, &dg), CRM_OK);
	bool clean = use_flags && emit_clean(e, row.flags);
	emit_cell(e, value, clean);
	emit_cell(e, value, clean);
	emit_row(e);
	assert_int_equal(emit_end(e, &dg), CRM_OK);
	emit_free(e);
	buf_clear(&bytes);
}

static void
clean_rows_print_the_same(void **state)
{
	(void)state;
	struct buf value = {0};
	struct buf slow = {0};
	struct buf fast = {0};
	uint64_t seed = 5;

	for (int i = 0; i < 20000; i++) {
		enum format f = (enum format)(i % 6);
		buf_reset(&value);
		buf_reset(&slow);
		buf_reset(&fast);
		test_text(&seed, &value, 3);
		print_flagged(f, str_of(&value), false, &slow);
		print_flagged(f, str_of(&value), true, &fast);
		assert_true(str_eq(str_of(&slow), str_of(&fast)));
	}
	buf_clear(&value);
	buf_clear(&slow);
	buf_clear(&fast);
}

/* The flags must be worth something. */
static void
clean_means_clean(void **state)
{
	(void)state;
	struct emit_options o = {0};
	struct buf out = {0};
	struct diag dg = {0};
	unsigned all = ROW_TSV_CLEAN | ROW_CSV_CLEAN | ROW_JSON_CLEAN;

	for (int f = FORMAT_TSV; f <= FORMAT_TABLE; f++) {
		struct emit *e = NULL;
		o.format = (enum format)f;
		assert_int_equal(emit_new(&e, &o, &out, &dg), CRM_OK);
		assert_int_equal(emit_clean(e, all), f != FORMAT_TABLE);
		assert_false(emit_clean(e, 0));
		emit_free(e);
	}
}

/* A table of random cells: no control reaches the terminal, no line is wider
 * than it. */
static void
tables_stay_tame(void **state)
{
	(void)state;
	struct buf out = {0};
	struct buf cells[9] = {0};
	const char *list[10] = {0};
	uint64_t seed = 6;

	for (int i = 0; i < 3000; i++) {
		struct emit_options o = {.format = FORMAT_TABLE,
		    .width = 12 + test_rand(&seed) % 60};
		for (int k = 0; k < 9; k++) {
			buf_reset(&cells[k]);
			test_text(&seed, &cells[k], i % 4 ? 12 : 100);
			list[k] = buf_z(&cells[k]);
		}
		print(&o, LIST("t a", "t bbbbbbbbbbb", "e c"), list, &out);
		for (struct str rest = str_of(&out); rest.p;) {
			struct str line = str_cut(&rest, '\n');
			assert_true(utf8_width(line) <= o.width);
			for (size_t k = 0; k < line.n; k++)
				assert_true((unsigned char)line.p[k] >= 0x20);
		}
	}
	for (int k = 0; k < 9; k++)
		buf_clear(&cells[k]);
	buf_clear(&out);
}

/* A cell that has some columns fewer than bytes, or many bytes, or none. */
static void
odd_cell(uint64_t *seed, size_t least, size_t more, struct buf *out)
{
	uint64_t r = test_rand(seed);

	buf_reset(out);
	if (r % 8 == 0)
		return;
	for (uint64_t n =
		 least + (r >> 32) % (more > 9 && r % 97 == 1 ? 900 : more);
	     n > 0; n--)
		buf_addz(out, r % 8 < 6	  ? "x"
			      : r % 8 < 7 ? "\xc3\xbc"
					  : "\xe6\x9d\x8e");
}

/* A table of ROWS rows and perhaps a bit of another behind what is in OUT. Some
 * have short cells first and long ones later, or the other way round. */
static void
print_odd(const struct emit_options *o, uint64_t seed, size_t rows, bool begun,
    struct buf *out)
{
	static const char *const heads[] = {"t id", "T start", "t \xc3\xa4",
	    "i number", "b yes", "t a-long-name", "e mails", "t last"};
	enum { COLS = ARRAY_LEN(heads) };
	struct column cols[COLS];
	struct emit *e = NULL;
	struct buf cell = {0};
	struct diag dg = {0};
	size_t n = 1 + seed % COLS, order = seed >> 8 & 3;

	for (size_t i = 0; i < n; i++)
		cols[i] = column_from(heads[i]);
	assert_int_equal(emit_new(&e, o, out, &dg), CRM_OK);
	assert_int_equal(emit_begin(e, cols, n, &dg), CRM_OK);
	for (size_t i = 0; i < rows * n + (begun ? n / 2 : 0); i++) {
		if (i % n == 1 && test_rand(&seed) % 5 > 0) {
			emit_time(e, (int64_t)(test_rand(&seed) % (1U << 31)));
		} else {
			bool late = i >= rows * n / 2;

			if (order < 2)
				odd_cell(&seed, 0, 34, &cell);
			else if (late == (order == 2))
				odd_cell(&seed, 30, 40, &cell);
			else
				odd_cell(&seed, 0, 3, &cell);
			emit_cell(e, str_of(&cell), false);
		}
		if (i % n == n - 1)
			emit_row(e);
	}
	assert_int_equal(emit_end(e, &dg), CRM_OK);
	emit_free(e);
	buf_clear(&cell);
}

/* Where the output has little in it, a table's lines are made in the memory of
 * its text; where it has much, in that of the output. */
static void
tables_are_the_same_behind_anything(void **state)
{
	struct buf alone = {0}, behind = {0};
	uint64_t seed = 12;
	size_t changed = 0;

	(void)state;
	for (unsigned i = 0; i < rounds(400, 400, 100); i++) {
		uint64_t r = test_rand(&seed), table = test_rand(&seed);
		size_t before = r % 3 ? r % 300 : 1 << 20;
		size_t rows = (r >> 8) % (i % 20 ? 60 : 1300);
		struct emit_options o = {.format = FORMAT_TABLE,
		    .width = r >> 24 & 1 ? 0 : (r >> 32) % 150,
		    .indent = r >> 25 & 3,
		    .no_header = r >> 27 & 1,
		    .nul = r >> 28 & 1,
		    .colour = r >> 29 & 1,
		    .zone = &bern};

		buf_reset(&alone);
		buf_clear(&behind);
		for (size_t j = 0; j < before; j++)
			buf_addc(&behind, (char)('a' + j % 26));
		print_odd(&o, table, rows, r >> 30 & 1, &alone);
		print_odd(&o, table, rows, r >> 30 & 1, &behind);
		assert_int_equal(behind.n, before + alone.n);
		for (size_t j = 0; j < before; j++)
			changed += behind.p[j] != (char)('a' + j % 26);
		assert_int_equal(changed, 0);
		assert_true(str_eq(
		    str_from_pos(str_of(&behind), before), str_of(&alone)));
		assert_int_equal(behind.p[behind.n], '\0');
		buf_addc(&behind, 'z'); /* it can be added to */
		assert_int_equal(behind.p[behind.n - 1], 'z');
	}
	buf_clear(&alone);
	buf_clear(&behind);
}

/* Every cell stands whole where printf would put it. */
static void
tables_are_what_printf_prints(void **state)
{
	enum { COLS = 4, ROWS = 900 };
	static char cells[ROWS][COLS][400];
	struct emit_options o = {.format = FORMAT_TABLE, .no_header = true};
	struct column cols[COLS] = {column_from("t a"), column_from("i b"),
	    column_from("t c"), column_from("t d")};
	int width[COLS] = {0};
	struct emit *e = NULL;
	struct buf out = {0}, want = {0};
	struct diag dg = {0};
	uint64_t seed = 3;

	(void)state;
	assert_int_equal(emit_new(&e, &o, &out, &dg), CRM_OK);
	assert_int_equal(emit_begin(e, cols, COLS, &dg), CRM_OK);
	for (int i = 0; i < ROWS * COLS; i++) {
		char *cell = cells[i / COLS][i % COLS];
		uint64_t r = test_rand(&seed);
		int n = (int)(r % (i % 301 ? 30 : 400));

		memset(cell, 'a' + (int)((r >> 32) % 26), (size_t)n);
		if (n > width[i % COLS])
			width[i % COLS] = n;
		emit_cell(e, str_from(cell), i % 2);
		if (i % COLS == COLS - 1)
			emit_row(e);
	}
	assert_int_equal(emit_end(e, &dg), CRM_OK);
	for (int i = 0; i < ROWS; i++) {
		buf_addf(&want, "%-*s  %*s  %-*s  %s", width[0], cells[i][0],
		    width[1], cells[i][1], width[2], cells[i][2], cells[i][3]);
		while (want.n > 0 && want.p[want.n - 1] == ' ')
			want.n--;
		buf_addc(&want, '\n');
	}
	assert_true(str_eq(str_of(&out), str_of(&want)));
	emit_free(e);
	buf_clear(&out);
	buf_clear(&want);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_formats),
	    cmocka_unit_test(prints_tsv),
	    cmocka_unit_test(prints_us),
	    cmocka_unit_test(escapes_the_unit_separator),
	    cmocka_unit_test(prints_csv),
	    cmocka_unit_test(prints_json_lines),
	    cmocka_unit_test(prints_only_json_numbers),
	    cmocka_unit_test(prints_json),
	    cmocka_unit_test(ends_rows_with_nul),
	    cmocka_unit_test(keeps_rows_straight),
	    cmocka_unit_test(aligns_tables),
	    cmocka_unit_test(shows_instants_as_their_texts),
	    cmocka_unit_test(shows_local_time),
	    cmocka_unit_test(shows_any_day),
	    cmocka_unit_test(shows_controls),
	    cmocka_unit_test(cuts_to_the_width),
	    cmocka_unit_test(keeps_ids_numbers_dates_whole),
	    cmocka_unit_test(leaves_columns_out),
	    cmocka_unit_test(streams_after_a_thousand),
	    cmocka_unit_test(keeps_empty_columns_of_long_tables),
	    cmocka_unit_test(csv_reads_back),
	    cmocka_unit_test(json_reads_back),
	    cmocka_unit_test(clean_rows_print_the_same),
	    cmocka_unit_test(clean_means_clean),
	    cmocka_unit_test(tables_stay_tame),
	    cmocka_unit_test(tables_are_the_same_behind_anything),
	    cmocka_unit_test(tables_are_what_printf_prints),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
