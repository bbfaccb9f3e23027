/* SPDX-License-Identifier: ISC */
/* Unit tests of the ground floor: str, err, num, decimal, crc, escape, utf8,
 * near. */
#include <setjmp.h>
#include <stdarg.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/crc.h"
#include "base/decimal.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/near.h"
#include "base/num.h"
#include "base/str.h"
#include "base/utf8.h"

static uint64_t seed = 7;

/* splitmix64: repeatable on every machine */
static uint64_t
draw(void)
{
	uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void
str_cut_walks_all_parts(void **state)
{
	struct str rest = STR("a,,b,");
	const char *want[] = {"a", "", "b", ""};
	size_t n = 0;

	(void)state;
	while (rest.p) {
		struct str item = str_cut(&rest, ',');

		assert_in_range(n, 0, 3);
		assert_true(str_is(item, want[n]));
		n++;
	}
	assert_int_equal(n, 4);
}

static void
str_find_agrees_with_a_naive_search(void **state)
{
	(void)state;
	for (int round = 0; round < 20000; round++) {
		char hay[24], needle[4];
		size_t n = draw() % 24, m = draw() % 4, want = n;

		for (size_t i = 0; i < n; i++)
			hay[i] = (char)('a' + draw() % 2);
		for (size_t i = 0; i < m; i++)
			needle[i] = (char)('a' + draw() % 2);
		for (size_t i = 0; i + m <= n && want == n; i++)
			if (memcmp(hay + i, needle, m) == 0)
				want = i;
		if (m == 0)
			want = 0;
		assert_int_equal(
		    str_find((struct str){hay, n}, (struct str){needle, m}),
		    want);
	}
}

static void
buf_grows_inserts_and_stays_terminated(void **state)
{
	struct buf b = {0};

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_addu(&b, (uint64_t)i);
	assert_int_equal(b.n, 10 + 90 * 2 + 900 * 3);
	assert_int_equal(strlen(buf_z(&b)), b.n);
	buf_reset(&b);
	buf_addz(&b, "ad");
	buf_insert(&b, 1, STR("bc"));
	buf_insert(&b, 4, STR("e"));
	assert_string_equal(buf_z(&b), "abcde");
	buf_addf(&b, "-%d", 42);
	assert_string_equal(buf_z(&b), "abcde-42");
	assert_ptr_equal(buf_exact(&b, 100), b.p + 8);
	assert_string_equal(buf_z(&b), "abcde-42");
	assert_ptr_equal(buf_exact(&b, 5000), b.p + 8);
	assert_int_equal(b.cap, 8 + 5000 + 1);
	assert_string_equal(buf_z(&b), "abcde-42");
	assert_null(buf_exact(&b, SIZE_MAX - 1));
	assert_true(b.failed);
	assert_null(buf_exact(&b, 5001));
	buf_clear(&b);
	assert_string_equal(buf_z(&b), "");
}

static void
numbers_are_printed_in_full(void **state)
{
	uint64_t v = 0;
	char want[32], got[32];

	(void)state;
	for (int digits = 1; digits <= 20; digits++) {
		for (int i = 0; i < 200; i++) {
			uint64_t n = v + draw() % (i < 100 ? 3 : v + 10);
			char *end = num_write(got, n);

			*end = '\0';
			snprintf(want, sizeof(want), "%" PRIu64, n);
			assert_string_equal(got, want);
		}
		v = v ? v * 10 : 9;
		v += digits == 1;
	}
	*num_write(got, UINT64_MAX) = '\0';
	assert_string_equal(got, "18446744073709551615");
}

static void
num_refuses_what_does_not_fit(void **state)
{
	uint64_t u;
	int64_t i;

	(void)state;
	assert_true(num_u64(STR("18446744073709551615"), &u));
	assert_true(u == UINT64_MAX);
	assert_false(num_u64(STR("18446744073709551616"), &u));
	assert_false(num_u64(STR(""), &u));
	assert_false(num_u64(STR("1 "), &u));
	assert_false(num_u64(STR("-1"), &u));
	assert_true(num_i64(STR("-9223372036854775808"), &i));
	assert_true(i == INT64_MIN);
	assert_false(num_i64(STR("9223372036854775808"), &i));
	assert_false(num_i64(STR("-"), &i));
}

static void
num_bytes_sort_like_numbers(void **state)
{
	(void)state;
	for (int round = 0; round < 20000; round++) {
		int64_t a = (int64_t)(draw() >> draw() % 64);
		int64_t b = (int64_t)(draw() >> draw() % 64);
		unsigned char x[8], y[8];
		int c;

		if (draw() % 2)
			a = -a;
		num_put_i64(x, a);
		num_put_i64(y, b);
		c = memcmp(x, y, 8);
		assert_int_equal((a > b) - (a < b), (c > 0) - (c < 0));
		assert_true(num_get_i64(x) == a);
	}
}

static void
decimal_text(const char *in, int min, const char *want)
{
	struct decimal d;
	struct buf b = {0};

	assert_true(decimal_parse(str_from(in), &d));
	decimal_print(d, min, &b);
	assert_string_equal(buf_z(&b), want);
	buf_clear(&b);
}

static void
decimal_reads_and_prints(void **state)
{
	struct decimal d;

	(void)state;
	decimal_text("1234.5", 2, "1234.50");
	decimal_text("0", 2, "0.00");
	decimal_text("0.05", 2, "0.05");
	decimal_text("99.99", 2, "99.99");
	decimal_text("18446744073.70", 2, "18446744073.70");
	decimal_text("18446744073.71", 2, "18446744073.71");
	decimal_text("-1234.50", 2, "-1234.50");
	decimal_text("1234.56", 0, "1234.56");
	decimal_text("-0.5", 0, "-0.5");
	decimal_text("+7", 2, "7.00");
	decimal_text("0.123456789", 2, "0.123456789");
	decimal_text("0000000000000000000000000000000000001", 0, "1");
	decimal_text("999999999999999999999999999.999999999", 0,
	    "999999999999999999999999999.999999999");
	assert_false(decimal_parse(STR(""), &d));
	assert_false(decimal_parse(STR("1."), &d));
	assert_false(decimal_parse(STR(".5"), &d));
	assert_false(decimal_parse(STR("1,5"), &d));
	assert_false(decimal_parse(STR("1e5"), &d));
	assert_false(decimal_parse(STR("1.2.3"), &d));
	assert_false(decimal_parse(STR("0.1234567890"), &d));
	assert_false(decimal_parse(STR("1000000000000000000000000000"), &d));
}

static void
long_messages_lose_their_middle(void **state)
{
	struct diag dg = {0};
	struct buf b = {0};

	(void)state;
	for (size_t pad = 0; pad < 9; pad++) {
		size_t bad = 0;

		buf_reset(&b);
		for (size_t i = 0; i < pad; i++)
			buf_addc(&b, '.');
		for (int i = 0; i < 9999; i++)
			buf_addz(&b, "\xf0\x9f\x91\xa9");
		diag_set(&dg, CRM_DATA, "name: '%.*s'; write less",
		    STR_ARG(str_of(&b)));
		assert_in_range(dg.text.n, DIAG_MAX - 8, DIAG_MAX + 8);
		assert_true(utf8_valid(str_of(&dg.text), &bad));
		assert_true(str_starts(str_of(&dg.text), STR("name: '")));
		assert_true(str_ends(str_of(&dg.text), STR("'; write less")));
		assert_non_null(strstr(diag_text(&dg), " ... "));
	}
	buf_reset(&b);
	for (int i = 0; i < DIAG_MAX; i++)
		buf_addc(&b, 'x');
	diag_set(&dg, CRM_DATA, "%.*s", STR_ARG(str_of(&b)));
	assert_int_equal(dg.text.n, DIAG_MAX);
	buf_clear(&b);
	diag_clear(&dg);
}

/* Sums out of range: what was added can be taken off again. */
static void
decimal_sums_come_back(void **state)
{
	static const char *const texts[] = {"999999999999999999999999999",
	    "-999999999999999999999999999.999999999", "0.000000001"};
	struct decimal most, sum = {0}, v;
	struct buf b = {0};

	(void)state;
	assert_true(decimal_parse(STR("999999999999999999999999999"), &most));
	sum = decimal_add(most, most);
	decimal_print(sum, 0, &b);
	assert_string_equal(buf_z(&b), "1999999999999999999999999998");
	buf_clear(&b);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_true(decimal_parse(str_from(texts[i]), &v));
		sum = (struct decimal){0};
		for (int n = 0; n < 400; n++)
			sum = decimal_add(sum, v);
		for (int n = 0; n < 400; n++)
			sum = decimal_sub(sum, v);
		assert_int_equal(decimal_cmp(sum, (struct decimal){0}), 0);
	}
	for (int n = 0; n < 400; n++)
		sum = decimal_pile(sum, most);
	assert_true(decimal_cmp(decimal_pile(sum, most), sum) == 0);
	assert_true(decimal_cmp(sum, most) > 0);
}

static void
decimal_calculates_exactly(void **state)
{
	struct decimal sum = {0}, cent, x, y;
	struct buf b = {0};

	(void)state;
	assert_true(decimal_parse(STR("0.01"), &cent));
	for (int i = 0; i < 1000; i++)
		sum = decimal_add(sum, cent);
	decimal_print(sum, 2, &b);
	assert_string_equal(buf_z(&b), "10.00");
	assert_true(decimal_parse(STR("-12345678.25"), &x));
	assert_true(decimal_parse(STR("3.5"), &y));
	buf_reset(&b);
	decimal_print(decimal_mul(x, y), 2, &b);
	assert_string_equal(buf_z(&b), "-43209873.875");
	buf_clear(&b);
}

static void
decimal_bytes_sort_like_numbers(void **state)
{
	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct decimal a = {(crm_i128)(int64_t)draw() * 1000003};
		struct decimal b = {
		    (crm_i128)(int64_t)draw() * (int64_t)(draw() % 3)};
		unsigned char x[DECIMAL_BYTES], y[DECIMAL_BYTES];
		int c;

		decimal_put(a, x);
		decimal_put(b, y);
		c = memcmp(x, y, DECIMAL_BYTES);
		assert_int_equal(decimal_cmp(a, b), (c > 0) - (c < 0));
		assert_true(decimal_get(x).v == a.v);
	}
}

static void
crc_matches_the_published_values(void **state)
{
	unsigned char bytes[32];

	(void)state;
	/* RFC 3720, appendix B.4 */
	memset(bytes, 0, 32);
	assert_int_equal(crc32c(0, bytes, 32), 0x8a9136aa);
	assert_int_equal(crc32c_portable(0, bytes, 32), 0x8a9136aa);
	memset(bytes, 0xff, 32);
	assert_int_equal(crc32c(0, bytes, 32), 0x62a8ab43);
	for (unsigned i = 0; i < 32; i++)
		bytes[i] = (unsigned char)i;
	assert_int_equal(crc32c(0, bytes, 32), 0x46dd794e);
	assert_int_equal(crc32c_portable(0, bytes, 32), 0x46dd794e);
	for (size_t n = 0; n <= 32; n++) {
		uint32_t parts = crc32c(crc32c(0, bytes, n), bytes + n, 32 - n);

		assert_int_equal(parts, 0x46dd794e);
		assert_int_equal(
		    crc32c(0, bytes, n), crc32c_portable(0, bytes, n));
	}
}

/* Several at once, of any lengths, are what they are one by one. */
static void
crc_of_several_is_that_of_each(void **state)
{
	enum { N = 11 };
	char bytes[97];
	struct str front[N], data[N];
	uint32_t crc[N];
	(void)state;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 37 + 11);
	for (size_t i = 0; i < N; i++) {
		front[i] = (struct str){bytes + i, i == 3 ? 5 : 8};
		data[i] = (struct str){bytes + 2 * i, i * 7 % 75};
	}
	for (size_t n = 0; n <= N; n++) {
		crc32c_each(77, front, data, n, crc);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(crc[i],
			    crc32c_portable(
				crc32c_portable(77, front[i].p, front[i].n),
				data[i].p, data[i].n));
	}
	for (size_t i = 1; i < N; i++)
		assert_int_equal(crc32c_three(front[i], data[i - 1], data[i]),
		    crc32c(crc32c(crc32c(0, front[i].p, front[i].n),
			       data[i - 1].p, data[i - 1].n),
			data[i].p, data[i].n));
}

static void
escape_round_trips(void **state)
{
	struct buf in = {0}, esc = {0}, back = {0};

	(void)state;
	for (int round = 0; round < 100000; round++) {
		bool odd = false;

		buf_reset(&in);
		buf_reset(&esc);
		buf_reset(&back);
		for (uint64_t n = draw() % 12; n > 0; n--)
			buf_addc(&in, "\\tnr\t\n\rab"[draw() % 9]);
		escape_tsv(str_of(&in), &esc);
		for (size_t i = 0; i < esc.n; i++)
			assert_null(strchr("\t\n\r", esc.p[i]));
		unescape_tsv(str_of(&esc), &back, &odd);
		assert_false(odd);
		assert_true(str_eq(str_of(&in), str_of(&back)));
		assert_int_equal(escape_needed(str_of(&in)), in.n != esc.n);
	}
	buf_clear(&in);
	buf_clear(&esc);
	buf_clear(&back);
}

static void
unescape_keeps_odd_pairs(void **state)
{
	struct buf b = {0};
	bool odd = false;

	(void)state;
	unescape_tsv(STR("C:\\Users\\q\\"), &b, &odd);
	assert_true(odd);
	assert_string_equal(buf_z(&b), "C:\\Users\\q\\");
	buf_clear(&b);
}

static void
utf8_refuses_what_is_not(void **state)
{
	static const char *bad[] = {"\xff", "a\xc3", "\xc0\x80", "\xed\xa0\x80",
	    "\xf4\x90\x80\x80", "\xe2\x82", "\x80", "\xf5\x80\x80\x80"};
	size_t at = 99;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(utf8_valid(str_from(bad[i]), &at));
	assert_false(utf8_valid((struct str){"ab\0c", 4}, &at));
	assert_int_equal(at, 2);
	assert_true(utf8_valid(STR("Zürich 日本 😀"), &at));
}

static void
fold_is(const char *in, const char *want)
{
	struct buf b = {0}, again = {0};

	utf8_fold(str_from(in), &b);
	assert_string_equal(buf_z(&b), want);
	utf8_fold(str_of(&b), &again);
	assert_string_equal(buf_z(&again), want);
	buf_clear(&b);
	buf_clear(&again);
}

static void
fold_ignores_case_and_accents(void **state)
{
	(void)state;
	fold_is("JÖRG Müller", "jorg muller");
	fold_is("Weiß STRASSE", "weiss strasse");
	fold_is("Łódź Ångström Ærø", "lodz angstrom aero");
	fold_is("İstanbul ıssız", "istanbul issiz");
	fold_is("Ὀδυσσεύς", "οδυσσευσ");
	fold_is("ЁЖИК", "ежик");
	fold_is("ﬁne Ｆｕｌｌ", "fine full");
	fold_is("u\xcc\x88", "u");
	fold_is("Đorđe Žižek þór", "dorde zizek thor");
}

/* Something at any place of texts of any length, in front of a letter or DEL or
 * behind. */
static void
latin_at_any_place(void)
{
	static const struct {
		const char *text;
		bool latin, width;
	} odd[] = {{"\xc3\xbc", true, true}, {"\x7f", true, false},
	    {"\t", false, false}, {"\xc3", false, false},
	    {"\xbc", false, false}, {"\xc6\x80", false, false},
	    {"\xff", false, false}, {"\xe6\x9d\x8e", false, false}};
	struct buf b = {0};
	size_t width;

	for (size_t i = 0; i < ARRAY_LEN(odd) * 40 * 40; i++) {
		size_t what = i / 1600, before = i / 40 % 40, behind = i % 40;
		bool more = i % 3 == 0 && behind > 1;

		buf_reset(&b);
		for (size_t j = 0; j < before; j++)
			buf_addc(&b, (char)('!' + j % 90));
		buf_addz(&b, odd[what].text);
		for (size_t j = 0; j < behind; j++)
			buf_addc(&b, '~');
		if (more)
			memcpy(b.p + b.n - 2, "\xc4\x81", 2);
		assert_int_equal(utf8_latin(str_of(&b)), odd[what].latin);
		assert_int_equal(
		    utf8_latin_width(str_of(&b), &width), odd[what].width);
		if (odd[what].width)
			assert_int_equal(width, before + 1 + behind - more);
	}
	assert_true(utf8_latin_width((struct str){0}, &width));
	assert_int_equal(width, 0);
	buf_clear(&b);
}

/* What is taken for plain is valid, and in normal form C, next to anything. */
static void
latin_is_canonical(void **state)
{
	struct buf in = {0}, nfc = {0};
	size_t bad, letters = 0, width;

	(void)state;
	for (uint32_t c = 1; c < 0x400; c++) {
		buf_reset(&in);
		buf_reset(&nfc);
		buf_addc(&in, 'e');
		utf8_put(c, &in);
		buf_addc(&in, 'x');
		if (!utf8_latin(str_of(&in)))
			continue;
		letters += c >= 0xc0;
		assert_true(utf8_valid(str_of(&in), &bad));
		utf8_nfc(str_of(&in), &nfc);
		assert_true(str_eq(str_of(&in), str_of(&nfc)));
		/* Seen as it is, a column each, but for DEL. */
		if (c == 0x7f)
			continue;
		assert_int_equal(utf8_width(str_of(&in)), 3);
		assert_true(utf8_latin_width(str_of(&in), &width));
		assert_int_equal(width, 3);
		buf_reset(&nfc);
		utf8_visible(str_of(&in), &nfc);
		assert_true(str_eq(str_of(&in), str_of(&nfc)));
	}
	assert_int_equal(letters, 0x180 - 0xc0);
	assert_false(utf8_latin(STR("a\n")));
	assert_false(utf8_latin(STR("a\xc3")));
	assert_false(utf8_latin(STR("\xc3\xc3\xa4")));
	assert_false(utf8_latin(STR("\xc2\xa0")));
	assert_false(utf8_latin(STR("\xe4")));
	assert_true(utf8_latin(STR("Jörg \xc5\xbf~")));
	latin_at_any_place();
	buf_clear(&in);
	buf_clear(&nfc);
}

static void
fold_of_every_character_is_stable(void **state)
{
	struct buf in = {0}, once = {0}, twice = {0};

	(void)state;
	for (uint32_t c = 1; c < 0x20000; c++) {
		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		buf_reset(&in);
		buf_reset(&once);
		buf_reset(&twice);
		utf8_put(c, &in);
		utf8_fold(str_of(&in), &once);
		utf8_fold(str_of(&once), &twice);
		if (!str_eq(str_of(&once), str_of(&twice)))
			fail_msg("U+%04X folds to %s, then %s", (unsigned)c,
			    buf_z(&once), buf_z(&twice));
	}
	buf_clear(&in);
	buf_clear(&once);
	buf_clear(&twice);
}

static void
found(const char *needle, const char *text, bool want)
{
	struct needle n;
	struct buf scratch = {0};

	assert_true(needle_init(&n, str_from(needle)));
	if (needle_in(&n, str_from(text), &scratch) != want)
		fail_msg("'%s' in '%s' should be %d", needle, text, want);
	needle_clear(&n);
	buf_clear(&scratch);
}

static void
needle_knows_umlauts_both_ways(void **state)
{
	(void)state;
	found("muller", "Hans Müller", true);
	found("mueller", "Hans Müller", true);
	found("Müller", "Hans Mueller", true);
	found("jörg", "JÖRG", true);
	found("MÜLLER", "muller", true);
	found("soren", "Søren", true);
	found("soeren", "Søren", true);
	found("strasse", "Bahnhofstraße", true);
	found("", "anything", true);
	found("meier", "Müller", false);
	found("mueller", "Muller", false);
}

static void
add_letters(struct buf *out, size_t n)
{
	static const char *const letters[] = {"a", "e", "o", "u", "A", "\u00e4",
	    "\u00d6", "\u00fc", "\u00e5", "\u00f8", "\u00df", "\u00d7",
	    "\u0142", "m", "S", " ", "mosaik", "\u00e6", "\u1e9e"};

	while (n-- > 0)
		buf_addz(out, letters[draw() % ARRAY_LEN(letters)]);
}

static bool
holds(struct buf *text, struct buf *part)
{
	return strstr(buf_z(text), buf_z(part)) != NULL;
}

/* What is searched for in either spelling is in the text in either. */
static void
needle_agrees_with_a_naive_search(void **state)
{
	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct buf raw[2] = {{0}}, plain[2] = {{0}}, other[2] = {{0}};
		bool want;

		for (int i = 0; i < 2; i++) {
			add_letters(&raw[i], draw() % (i ? 4 : 14));
			utf8_fold(str_of(&raw[i]), &plain[i]);
			if (!utf8_fold_umlaut(str_of(&raw[i]), &other[i]))
				buf_add(&other[i], str_of(&plain[i]));
		}
		want = holds(&plain[0], &plain[1]) ||
		       holds(&plain[0], &other[1]) ||
		       holds(&other[0], &plain[1]) ||
		       holds(&other[0], &other[1]);
		found(buf_z(&raw[1]), buf_z(&raw[0]), want);
		for (int i = 0; i < 2; i++) {
			buf_clear(&raw[i]);
			buf_clear(&plain[i]);
			buf_clear(&other[i]);
		}
	}
}

static void
visible_leaves_no_control_bytes(void **state)
{
	struct buf in = {0}, out = {0};

	(void)state;
	for (int i = 0; i < 256; i++)
		buf_addc(&in, (char)i);
	buf_addz(&in, "\x1b]0;x\x07 \xc2\x9b \xe2\x80\xae \xef\xbb\xbf é");
	utf8_visible(str_of(&in), &out);
	for (size_t at = 0; at < out.n;) {
		uint32_t c = utf8_next(str_of(&out), &at);

		assert_true(c >= 0x20 && c != 0x7f);
		assert_false(c >= 0x80 && c < 0xa0);
		assert_false(c == 0x202e || c == 0xfeff || c == 0xfffd);
	}
	assert_non_null(strstr(buf_z(&out), "^["));
	assert_non_null(strstr(buf_z(&out), "<U+202E>"));
	assert_non_null(strstr(buf_z(&out), "é"));
	buf_clear(&in);
	buf_clear(&out);
}

static void
width_counts_columns(void **state)
{
	(void)state;
	assert_int_equal(utf8_width(STR("abc")), 3);
	for (int c = 0; c < 256; c++)
		for (size_t at = 0; at < 13; at++) {
			char text[] = "a plain ~ text";

			text[at] = (char)c;
			assert_int_equal(utf8_plain((struct str){text, 14}),
			    c >= 0x20 && c < 0x7f);
		}
	assert_int_equal(utf8_width(STR("Zürich")), 6);
	assert_int_equal(utf8_width(STR("日本")), 4);
	assert_int_equal(utf8_width(STR("u\xcc\x88")), 1);
}

static void
near_finds_the_typo(void **state)
{
	struct near n = {.word = STR("emial")};

	(void)state;
	near_offer(&n, STR("name"));
	near_offer(&n, STR("email"));
	near_offer(&n, STR("mail"));
	assert_true(str_is(n.best, "email"));
	n = (struct near){.word = STR("xyzzy")};
	near_offer(&n, STR("email"));
	assert_int_equal(n.best.n, 0);
	assert_int_equal(near_distance(STR("kitten"), STR("sitting"), 9), 3);
	assert_int_equal(near_distance(STR("ab"), STR("ba"), 9), 1);
}

static void
diag_places_and_escapes(void **state)
{
	struct diag dg = {0};

	(void)state;
	assert_int_equal(
	    diag_set(&dg, CRM_DATA, "bad '%s'", "a\x1b[2Jb\n"), CRM_DATA);
	diag_place(&dg, "%s:%d", "x.tsv", 17);
	diag_more(&dg, "; write %s", "b");
	assert_string_equal(
	    diag_text(&dg), "x.tsv:17: bad 'a^[[2Jb\\n'; write b");
	assert_int_equal(diag_nomem(&dg), CRM_TEMP);
	assert_string_equal(diag_text(&dg), "out of memory");
	diag_clear(&dg);
	assert_string_equal(diag_text(&dg), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(str_cut_walks_all_parts),
	    cmocka_unit_test(str_find_agrees_with_a_naive_search),
	    cmocka_unit_test(buf_grows_inserts_and_stays_terminated),
	    cmocka_unit_test(numbers_are_printed_in_full),
	    cmocka_unit_test(num_refuses_what_does_not_fit),
	    cmocka_unit_test(num_bytes_sort_like_numbers),
	    cmocka_unit_test(decimal_reads_and_prints),
	    cmocka_unit_test(decimal_calculates_exactly),
	    cmocka_unit_test(decimal_sums_come_back),
	    cmocka_unit_test(long_messages_lose_their_middle),
	    cmocka_unit_test(decimal_bytes_sort_like_numbers),
	    cmocka_unit_test(crc_matches_the_published_values),
	    cmocka_unit_test(crc_of_several_is_that_of_each),
	    cmocka_unit_test(escape_round_trips),
	    cmocka_unit_test(unescape_keeps_odd_pairs),
	    cmocka_unit_test(utf8_refuses_what_is_not),
	    cmocka_unit_test(fold_ignores_case_and_accents),
	    cmocka_unit_test(fold_of_every_character_is_stable),
	    cmocka_unit_test(latin_is_canonical),
	    cmocka_unit_test(needle_knows_umlauts_both_ways),
	    cmocka_unit_test(needle_agrees_with_a_naive_search),
	    cmocka_unit_test(visible_leaves_no_control_bytes),
	    cmocka_unit_test(width_counts_columns),
	    cmocka_unit_test(near_finds_the_typo),
	    cmocka_unit_test(diag_places_and_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
