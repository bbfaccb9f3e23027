/* SPDX-License-Identifier: ISC */
/* Profiles: the built-in ones over files as those programs write them, every
 * step, texts that are no profile, and what is suggested. */
#include "crm/profile.h"

#include <errno.h>

#include "model_test.h"
#include "text/csv.h"

enum { PROFILES_MAX = 64, CELLS_MAX = 32 };

static const char folder[] = "tests/data/profiles/";

static struct profile *
profile_make(const char *text)
{
	struct diag dg = {0};
	struct profile *p = NULL;

	if (profile_read(&p, str_from(text), "mine.profile", &dg))
		fail_msg("%s", diag_text(&dg));
	return p;
}

/* "a|b|c" */
static size_t
cells_split(const char *text, struct str *cells)
{
	struct str rest = str_from(text);
	size_t n = 0;

	while (rest.p && n < CELLS_MAX)
		cells[n++] = str_cut(&rest, '|');
	return n;
}

/* One line "FIELD=VALUE" or "FIELD+=VALUE" a value, a line feed in it as \n.
 * ALL: those without a value, too. */
static void
intake_print(const struct intake *in, bool all, struct buf *out)
{
	for (size_t i = 0; i < in->n; i++) {
		const struct intake_value *v = &in->v[i];

		if (!all && !v->value.n)
			continue;
		buf_add(out, v->field);
		buf_addz(out, v->op == ASSIGN_ADD ? "+=" : "=");
		for (size_t j = 0; j < v->value.n; j++) {
			if (v->value.p[j] == '\n')
				buf_addz(out, "\\n");
			else if (v->value.p[j] != '\r')
				buf_addc(out, v->value.p[j]);
		}
		buf_addc(out, '\n');
	}
}

/* ---- files of other programs ------------------------------------------ */

struct known {
	struct schema *s;
	struct profile *p[PROFILES_MAX];
	size_t n;
};

static int
known_open(void **state)
{
	static struct known k;
	struct diag dg = {0};
	struct str text;
	const char *name;

	k = (struct known){.s = test_schema()};
	while ((name = profile_known(k.n, &text)) != NULL) {
		assert_true(k.n < PROFILES_MAX);
		if (profile_read(&k.p[k.n], text, name, &dg))
			fail_msg("%s", diag_text(&dg));
		assert_true(str_is(profile_name(k.p[k.n]), name));
		assert_true(profile_title(k.p[k.n]).n > 0);
		k.n++;
	}
	*state = &k;
	return 0;
}

static int
known_close(void **state)
{
	struct known *k = *state;

	for (size_t i = 0; i < k->n; i++)
		profile_free(k->p[i]);
	schema_free(k->s);
	return 0;
}

static const struct profile *
known_best(const struct known *k, const struct str *names, size_t n)
{
	const struct profile *best = NULL;
	size_t most = 0, same = 0;

	for (size_t i = 0; i < k->n; i++) {
		size_t fits = profile_fits(k->p[i], names, n);

		same = fits > most ? 0 : same + (fits && fits == most);
		if (fits > most)
			best = k->p[i];
		most = fits > most ? fits : most;
	}
	assert_int_equal(same, 0);
	return best;
}

static ptrdiff_t
file_read(void *arg, char *p, size_t n)
{
	return (ptrdiff_t)fread(p, 1, n, arg);
}

static void
file_path(const char *name, const char *end, struct buf *out)
{
	buf_reset(out);
	buf_addf(out, "%s%s%s", folder, name, end);
}

static struct rows *
sample_open(const char *path, FILE **file)
{
	struct csv_options o = {.skip = strstr(path, "linkedin") ? 3 : 0};
	struct diag dg = {0};
	struct rows *rows = NULL;
	struct source src = {.read = file_read, .name = path};

	*file = fopen(path, "rb");
	if (!*file)
		fail_msg("%s: %s", path, strerror(errno));
	src.arg = *file;
	if (csv_rows_open(&rows, &src, &o, &dg))
		fail_msg("%s", diag_text(&dg));
	return rows;
}

/* The sample of NAME, as intakes; its profile has to be the best one. */
static void
sample_map(const struct known *k, const char *name, struct buf *out)
{
	struct buf path = {0}, unused = {0};
	struct diag dg = {0};
	struct rows_row row;
	struct profile_plan *plan = NULL;
	const struct profile *p;
	struct intake in;
	struct rows *rows;
	FILE *file;
	bool got = true;

	file_path(name, ".csv", &path);
	rows = sample_open(buf_z(&path), &file);
	while (!rows_next(rows, &row, &got, &dg) && got) {
		p = known_best(k, row.names, row.n);
		assert_non_null(p);
		assert_true(str_is(profile_name(p), name));
		if (!plan && profile_plan(&plan, p, k->s, row.names, row.n,
				 &unused, &dg))
			fail_msg("%s", diag_text(&dg));
		if (profile_map(plan, row.cells, &in, &dg))
			fail_msg("%s", diag_text(&dg));
		intake_print(&in, false, out);
		buf_addz(out, "\n");
	}
	assert_string_equal(diag_text(&dg), "");
	assert_string_equal(buf_z(&unused), "");
	profile_plan_free(plan);
	rows_close(rows);
	fclose(file);
	buf_clear(&path);
	buf_clear(&unused);
}

static void
file_slurp(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	int c;

	if (!f)
		fail_msg("%s: %s", path, strerror(errno));
	while ((c = fgetc(f)) != EOF)
		buf_addc(out, (char)c);
	fclose(f);
}

static void
test_samples(void **state)
{
	struct known *k = *state;
	struct str text;

	for (size_t i = 0; i < k->n; i++) {
		const char *name = profile_known(i, &text);
		struct buf got = {0}, want = {0}, path = {0};

		sample_map(k, name, &got);
		file_path(name, ".intake", &path);
		file_slurp(buf_z(&path), &want);
		if (!str_eq(str_of(&got), str_of(&want)))
			fail_msg("%s:\n%s", buf_z(&path), buf_z(&got));
		buf_clear(&got);
		buf_clear(&want);
		buf_clear(&path);
	}
	assert_int_equal(k->n, 19);
}

static void
test_none_fits(void **state)
{
	static const char *const files[] = {
	    "id|name|org|email|phone|city|tag|last|next",
	    "Datum|Konto|Betrag|Text",
	    "First Name|Last Name|Email",
	    "name|email",
	    "Id|Name",
	    "",
	};
	struct known *k = *state;
	struct str names[CELLS_MAX];

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		size_t n = cells_split(files[i], names);

		if (known_best(k, names, n))
			fail_msg("%s", files[i]);
	}
}

/* ---- one line --------------------------------------------------------- */

static const char head[] = "profile mine\nkind contact\nkey email\ncolumns\n";

/* What LINES make of a row; the message when they refuse it. */
static void
lines_map(const char *lines, const char *header, const char *row, bool all,
    struct buf *out)
{
	struct schema *s = test_schema();
	struct buf text = {0};
	struct diag dg = {0};
	struct str names[CELLS_MAX], cells[CELLS_MAX];
	struct profile_plan *plan = NULL;
	struct profile *p;
	struct intake in;
	size_t n = cells_split(header, names);

	buf_addf(&text, "%s%s\n", head, lines);
	p = profile_make(buf_z(&text));
	buf_clear(&text);
	assert_int_equal(cells_split(row, cells), n);
	if (profile_plan(&plan, p, s, names, n, NULL, &dg) == CRM_OK &&
	    profile_map(plan, cells, &in, &dg) == CRM_OK)
		intake_print(&in, all, out);
	else
		buf_addz(out, diag_text(&dg));
	profile_plan_free(plan);
	profile_free(p);
	schema_free(s);
	diag_clear(&dg);
}

static void
lines_are(
    const char *lines, const char *header, const char *row, const char *want)
{
	struct buf out = {0};

	lines_map(lines, header, row, false, &out);
	if (!str_is(str_of(&out), want))
		fail_msg("%s\n%s: got\n%s", lines, row, buf_z(&out));
	buf_clear(&out);
}

static void
test_steps(void **state)
{
	static const struct {
		const char *line, *in, *out;
	} cases[] = {
	    {"ext+ prefix x:", " 7 ", "ext+=x:7\n"},
	    {"ext+ prefix x:", "", ""},
	    {"nick strip \"* \"", "* a", "nick=a\n"},
	    {"nick strip \"* \"", "a", "nick=a\n"},
	    {"nick chop /", "a/", "nick=a\n"},
	    {"nick lower",
		"\xc3\x84"
		"B",
		"nick=\xc3\xa4"
		"b\n"},
	    {"tag+ split ;", "a; b;;c,d ", "tag+=a,b,c;d\n"},
	    {"tag+ split \" ::: \"", "a ::: b", "tag+=a,b\n"},
	    {"tag+", "a,b", "tag+=a,b\n"},
	    {"nick split ;", "a;b", "nick=a, b\n"},
	    {"nick split ; first", " ;a;b", "nick=a\n"},
	    {"nick split ; rest", " ;a;b;c", "nick=b, c\n"},
	    {"nick rest", "a", ""},
	    {"nick first", "a", "nick=a\n"},
	    {"tag+ lower split ; prefix y strip ya map x=,yb=z", "A;B;X;C",
		"tag+=z,yx,yc\n"},
	    {"tag+ split ; map a=b map b=c", "a;b", "tag+=b,c\n"},
	    {"nick map \"A b=c,d=\"", "a B", "nick=c\n"},
	    {"nick map \"A b=c,d=\"", "D", ""},
	    {"nick map \"A b=c,d=\"", "e", "nick=e\n"},
	    {"nick map \"a\\,b=c\\,d,e\\=f=g=h\"", "a,b", "nick=c,d\n"},
	    {"nick map \"a\\,b=c\\,d,e\\=f=g=h\"", "e=f", "nick=g=h\n"},
	    {"suppress bool", "TRUE", "suppress=yes\n"},
	    {"suppress bool", "0", "suppress=no\n"},
	    {"suppress bool", "perhaps", "suppress=perhaps\n"},
	    {"email+ with @", "/o=x", ""},
	    {"email+ with @", "a@b", "email+=a@b\n"},
	    {"nick without @", "a@b", ""},
	    {"nick without @", "ab", "nick=ab\n"},
	    {"nick host", "https://u@www.a.example:80/x?y", "nick=a.example\n"},
	    {"nick host", "a.example", "nick=a.example\n"},
	    {"nick host", "a.example/b@c", "nick=a.example\n"},
	    {"nick unguard", "'=1+1", "nick==1+1\n"},
	    {"nick unguard", "\xe2\x80\x8d+41", "nick=+41\n"},
	    {"nick unguard", "'s", "nick='s\n"},
	    {"nick id18", "0035g00000AbCdE", "nick=0035g00000AbCdEAAV\n"},
	    {"nick id18", "001A0000006Vm9u", "nick=001A0000006Vm9uIAC\n"},
	    {"nick id18", "0035g00000AbCdEAAV", "nick=0035g00000AbCdEAAV\n"},
	    {"nick id18", "short", "nick=short\n"},
	    {"nick label", "b", "nick=A: b\n"},
	    {"nick percent", "0.6", "nick=60\n"},
	    {"nick percent", "45 %", "nick=45\n"},
	    {"nick percent", "many", "nick=many\n"},
	    {"tag+ json \"\"", "[\"a\", \"b\\u00e4\\n\",null,3]",
		"tag+=a,b\xc3\xa4\\n,3\n"},
	    {"tag+ json \"\"", "[]", ""},
	    {"tag+ json \"\"", "plain", "tag+=plain\n"},
	    {"tag+ json b,a",
		"[{\"a\":\"1\",\"c\":\"x\",\"b\":\"2\"},{\"a\":4}]",
		"tag+=21,4\n"},
	    {"nick json \"\"", "[\"\\ud83d\\ude00\"]",
		"nick=\xf0\x9f\x98\x80\n"},
	    {"tag+ json \"\"", "[\"a\"",
		"A: broken JSON before ''; write [\"a\",\"b\"]"},
	    {"tag+ json \"\"", "[\"\\ud83d\"]",
		"A: broken JSON before '\\ud83d\"]'; write [\"a\",\"b\"]"},
	    {"tag+ json \"\"", "[{\"a\":{}}]",
		"A: broken JSON before '{}}]'; write [\"a\",\"b\"]"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf line = {0};

		buf_addf(&line, "A\t%s", cases[i].line);
		lines_are(buf_z(&line), "A", cases[i].in, cases[i].out);
		buf_clear(&line);
	}
}

static void
test_numbers(void **state)
{
	static const struct {
		const char *point, *in, *out;
	} cases[] = {
	    {".", "1234.50", "1234.50"},
	    {".", "$1,234.50", "1234.50"},
	    {".", "-$1,234", "-1234"},
	    {".", "$-5", "-5"},
	    {".", "(500)", "-500"},
	    {".", "12 345,00", "12 345,00"},
	    {".", "12 345.00 EUR", "12345"},
	    {".", "1'234'567", "1234567"},
	    {".", "250.0", "250"},
	    {".", "1.50", "1.50"},
	    {".", "100", "100"},
	    {".", "0.0", "0"},
	    {".", ".5", "0.5"},
	    {".", "3.5E7", "35000000"},
	    {".", "1.2345E2", "123.45"},
	    {".", "1E99", "1E99"},
	    {".", "1.2.3", "1.2.3"},
	    {".", "12,34", "12,34"},
	    {".", "n/a", "n/a"},
	    {".", "USD", "USD"},
	    {",", "1.234,50 \xe2\x82\xac", "1234.50"},
	    {",", "1.5", "1.5"},
	    {",",
		"1\xc2\xa0"
		"234,5",
		"1234.5"},
	    {",", "-7", "-7"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf line = {0}, want = {0};

		buf_addf(&line, "A\tnick number %s", cases[i].point);
		buf_addf(&want, "nick=%s\n", cases[i].out);
		lines_are(buf_z(&line), "A", cases[i].in, buf_z(&want));
		buf_clear(&line);
		buf_clear(&want);
	}
}

static void
test_dates(void **state)
{
	static const struct {
		const char *field, *order, *in, *out;
	} cases[] = {
	    {"bday", "iso", "2024-01-15", "2024-01-15"},
	    {"bday", "iso", "20240115", "2024-01-15"},
	    {"bday", "iso", "2024-01-15T23:59:00.000Z", "2024-01-15"},
	    {"bday", "iso", "15 Jan 2024", "2024-01-15"},
	    {"bday", "iso", "15-Jan-2024", "2024-01-15"},
	    {"bday", "iso", "Jan 15, 2024", "2024-01-15"},
	    {"bday", "iso", "Mon, 15 Jan 2024 10:00:00 +0000", "2024-01-15"},
	    {"bday", "iso", "Mon Jan 15 2024", "2024-01-15"},
	    {"bday", "iso", "15. M\xc3\xa4rz 2024", "2024-03-15"},
	    {"bday", "iso", "15.3.2024", "2024-03-15"},
	    {"bday", "us", "1/15/2024", "2024-01-15"},
	    {"bday", "us", "01/15/2024 3:05 PM", "2024-01-15"},
	    {"bday", "us", "2024-01-15", "2024-01-15"},
	    {"bday", "eu", "15/1/2024", "2024-01-15"},
	    {"bday", "eu", "15-1-2024", "2024-01-15"},
	    {"bday", "us", "0/0/00", ""},
	    {"bday", "us", "1/1/4501", ""},
	    {"bday", "iso", "0000-00-00", ""},
	    {"bday", "ms", "1705276800000", "2024-01-15"},
	    {"bday", "s", "-1", "1969-12-31"},
	    {"created", "ms", "-1500", "1969-12-31T23:59:58Z"},
	    {"created", "ms", "0", ""},
	    {"created", "iso", "2024-01-15T10:20:30.000Z",
		"2024-01-15T10:20:30Z"},
	    {"created", "iso", "2024-01-15T10:20:30.000+0100",
		"2024-01-15T09:20:30Z"},
	    {"created", "iso", "2024-01-15 10:20:30 GMT-02:30",
		"2024-01-15T12:50:30Z"},
	    {"created", "iso", "2024-01-15 10:20", "2024-01-15 10:20"},
	    {"created", "us", "1/15/2024 12:05 AM", "2024-01-15 00:05"},
	    {"created", "us", "1/15/2024 12:05 pm", "2024-01-15 12:05"},
	    {"created", "iso", "2024-01-15", "2024-01-15"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf line = {0}, want = {0};

		buf_addf(
		    &line, "A\t%s date %s", cases[i].field, cases[i].order);
		if (*cases[i].out)
			buf_addf(
			    &want, "%s=%s\n", cases[i].field, cases[i].out);
		lines_are(buf_z(&line), "A", cases[i].in, buf_z(&want));
		buf_clear(&line);
		buf_clear(&want);
	}
}

static void
test_no_dates(void **state)
{
	static const char *const cases[] = {"1/15/2024", "2024-02-30",
	    "2024-13-01", "soon", "15 Foo 2024", "1/2/24", "2024-01-15 25:00",
	    "2024-01-15 10:00 MEZ", "2024-01-15 13:00 PM", "99999999",
	    "2024-01-15x", "Jan", "1705276800000"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf want = {0};

		buf_addf(&want,
		    "A: '%s' is no date of the form 2024-01-15; change the "
		    "value, or the order behind date in the profile",
		    cases[i]);
		lines_are("A\tbday date iso", "A", cases[i], buf_z(&want));
		buf_clear(&want);
	}
	lines_are("A\tbday date us", "A", "31/12/2024",
	    "A: '31/12/2024' is no date of the form month/day/year, as in "
	    "1/15/2024; change the value, or the order behind date in the "
	    "profile");
}

/* ---- several columns -------------------------------------------------- */

static void
test_gather(void **state)
{
	(void)state;
	/* By number, not by place; a name without {n} is nearer. */
	lines_are("M {n}\temail+\nM 3\tnick", "M 10|m 2|M 3|M 1|M|M x",
	    "d@x|b@x|c|a@x|e@x|f@x", "email+=a@x,b@x,d@x\nnick=c\n");
	lines_are(
	    "S\tstreet\nT\tstreet join \", \"", "T|S", "b|a", "street=a, b\n");
	lines_are(
	    "S\tstreet\nT\tstreet join \", \"", "T|S", "b|", "street=b\n");
	lines_are("N\tnote\nA\tnote label\nB\tnote label", "A|N|B", "x|n|y",
	    "note=n\\nA: x\\nB: y\n");
	lines_are("A\tnick\nB\tnick", "B|A", "b|a", "nick=a\n");
	lines_are("A\tnick\nB\tnick", "B|A", "b| ", "nick=b\n");
	lines_are("A\ttag+\nB\ttag+ else", "A|B", "a|b", "tag+=a\n");
	lines_are("A\ttag+\nB\ttag+ else", "A|B", "|b", "tag+=b\n");
	lines_are("A\tsuppress bool\nB\tsuppress bool", "A|B", "no|yes",
	    "suppress=yes\n");
	lines_are("A\tsuppress bool\nB\tsuppress bool", "A|B", "1|0",
	    "suppress=yes\n");
	lines_are("A\tnick\nA\tnote label", "A", "a", "nick=a\nnote=A: a\n");
	lines_are("A\tnick", "A|A", "|b", "nick=b\n");
	lines_are("= tag+ new, old\n= source \"import\"\nA\tnick", "A", "a",
	    "tag+=new, old\nsource=import\nnick=a\n");
	lines_are("A\tnick\n= nick none", "A", "", "nick=none\n");
}

static void
test_neighbours(void **state)
{
	(void)state;
	lines_are("F {n} V\tnote named \"F {n} L\"", "F 1 V|F 1 L|F 2 V|F 2 L",
	    "a|No|b|", "note=No: a\\nF 2 V: b\n");
	lines_are("P\tphone+ front C", "C|P", "+41|445550000",
	    "phone+=+41445550000\n");
	lines_are("P\tphone+ front C", "C|P", "+41|+43 1", "phone+=+43 1\n");
	lines_are("P\tphone+ front C", "C|P", "+41|", "");
	lines_are("P\tphone+ front C", "P", "12", "phone+=12\n");
}

static void
test_sets(void **state)
{
	static const char lines[] = "WS\tstreet set work\nWC\tcity set work\n"
				    "HS\tstreet set home\nHC\tcity set home\n"
				    "N\tnote join \"\\n\"";
	static const char header[] = "HS|HC|WS|WC|N";

	(void)state;
	/* Never the street of one with the town of the other. */
	lines_are(
	    lines, header, "h|H||W|n", "city=W\nnote=HS: h\\nHC: H\\nn\n");
	lines_are(lines, header, "h|H|||", "street=h\ncity=H\n");
	lines_are(lines, header, "|H|w||", "street=w\nnote=HC: H\n");
	lines_are(lines, header, "||||n", "note=n\n");
}

static void
test_empty(void **state)
{
	struct buf out = {0};

	(void)state;
	/* Once for each field, and the same fields in every row. */
	lines_map("A\temail+\nB\temail+\nC\tnick\n= tag+ t\nD\t-", "A|B|C|D",
	    "||  |d", true, &out);
	assert_string_equal(buf_z(&out), "email+=\nnick=\ntag+=t\n");
	buf_clear(&out);
}

static void
test_plan(void **state)
{
	struct schema *s = test_schema();
	struct diag dg = {0};
	struct buf unused = {0};
	struct profile_plan *plan = NULL;
	struct str names[CELLS_MAX];
	struct profile *p =
	    profile_make("profile mine\nkind contact\nkey email,ext\n"
			 "match E Mail\tName\nunless Bad\ncolumns\n"
			 "E Mail\temail\n\"#\"  note\nName  name\nX {n}  -\n");
	const struct str *keys;
	size_t n = cells_split("e mail | Other|Name|X 1|#", names), nkeys;

	(void)state;
	keys = profile_keys(p, &nkeys);
	assert_int_equal(nkeys, 2);
	assert_true(str_is(keys[1], "ext"));
	assert_true(str_is(profile_kind(p), "contact"));
	assert_int_equal(profile_fits(p, names, n), 4);
	assert_int_equal(profile_fits(p, names, 2), 0);
	names[1] = STR("bad");
	assert_int_equal(profile_fits(p, names, n), 0);
	names[1] = STR("Other");
	assert_int_equal(
	    profile_plan(&plan, p, s, names, n, &unused, &dg), CRM_OK);
	assert_string_equal(buf_z(&unused), "Other\n");
	profile_plan_free(plan);
	assert_int_equal(
	    profile_plan(&plan, p, s, names + 1, 1, NULL, &dg), CRM_DATA);
	assert_null(plan);
	assert_says(&dg, "profile mine knows none of the columns Other; choose "
			 "another profile");
	profile_free(p);
	buf_clear(&unused);
	schema_free(s);
}

static void
test_bad_plans(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
	    {"kind contact\ncolumns\nA  emial\n",
		"profile p, line 4: contact has no field 'emial'"},
	    {"kind contact\ncolumns\nA  org.nmae\n", "no field 'nmae'"},
	    {"kind contact\ncolumns\nA  name.x\n",
		"name refers to no kind of its own; write name alone"},
	    {"kind contact\ncolumns\nA  revenue\n",
		"revenue is summed up by the store"},
	    {"kind contract\ncolumns\nA  name\n", "profile p: "},
	    {"kind contact\nkey mail\ncolumns\nA  name\n", "profile p: "},
	    {"kind contact\ncolumns\n", "knows none of the columns A"},
	};
	struct schema *s = test_schema();
	struct str names[1] = {STR("A")};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf text = {0};
		struct diag dg = {0};
		struct profile_plan *plan;
		struct profile *p;

		buf_addf(&text, "profile p\n%s", cases[i].text);
		p = profile_make(buf_z(&text));
		assert_int_equal(
		    profile_plan(&plan, p, s, names, 1, NULL, &dg), CRM_DATA);
		assert_says(&dg, cases[i].says);
		profile_free(p);
		buf_clear(&text);
	}
	schema_free(s);
}

/* ---- texts that are no profile ---------------------------------------- */

static void
test_bad_texts(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
	    {"", "x: a line 'profile NAME' is missing"},
	    {"profile a\ncolumns\n", "x: a line 'kind KIND' is missing"},
	    {"profile a\nprofile b\n", "x:2: profile is there twice"},
	    {"profile\n", "x:1: nothing behind profile"},
	    {"# c\n\nprofil a\n", "x:3: unknown word 'profil'; did you mean "
				  "profile"},
	    {"Name\tname\n", "lines for columns come behind a line 'columns'"},
	    {"kind Contact!\n", "x:1: 'Contact!' is no kind"},
	    {"key a,,b\n", "x:1: '' is no field"},
	    {"  A  b\n", "x:1: a line that begins with a blank"},
	    {"columns\n  A  b\n", "x:2: a line that begins with a blank"},
	    {"columns\nA\n", "x:2: no field behind the column 'A'"},
	    {"columns\nA b\n", "x:2: no field behind the column 'A b'"},
	    {"columns\nA  B\n", "x:2: 'B' is no field"},
	    {"columns\nA  a.b.c\n", "x:2: 'a.b.c' is no field"},
	    {"columns\nA  a.\n", "x:2: 'a.' is no field"},
	    {"columns\nA  +\n", "x:2: '' is no field"},
	    {"columns\nA  a\nB  a+\n",
		"x:3: a is added to here and set in line 2"},
	    {"columns\nA  - lower\n", "'lower' for a column that is left out"},
	    {"columns\nA  a lwoer\n",
		"x:2: nothing is called 'lwoer'; did you mean lower"},
	    {"columns\nA  a zzzzzzzzz\n",
		"nothing is called 'zzzzzzzzz'; what may stand here is in "
		"crm-profile(5)"},
	    {"columns\nA  a prefix\n",
		"nothing behind prefix; write prefix TEXT"},
	    {"columns\nA  a split \"\"\n", "split: the text is empty"},
	    {"columns\nA  a split ; split ,\n", "a second split or json"},
	    {"columns\nA  a\n  lower\n  date xx\n",
		"x:4: date: 'xx' is no order; write iso"},
	    {"columns\nA  a number x\n", "number: 'x' is no decimal point"},
	    {"columns\nA  a map x\n", "map: no = in 'x'"},
	    {"columns\nA  a map b=c,x\n", "map: no = in 'x'"},
	    {"columns\nA  a map \"b,=c\"\n", "map: no = in 'b'"},
	    {"columns\n\"A  a\n", "x:2: quote without an end"},
	    {"columns\n\"A\\\"  a\n", "x:2: quote without an end"},
	    {"columns\n\"A\"a  a\n", "x:2: 'a  a' right behind a quote"},
	    {"columns\n\"\"  a\n", "x:2: a column without a name"},
	    {"columns\n=\n", "no field behind the column ''"},
	    {"columns\n= a\n", "no text behind a; write = FIELD TEXT"},
	    {"columns\n= - b\n", "a text for no field"},
	    {"columns\n= a \"b\" c\n", "'c' behind a text"},
	    {"profile \xff\n", "x: no UTF-8 at byte 9"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct diag dg = {0};
		struct profile *p;

		assert_int_equal(
		    profile_read(&p, str_from(cases[i].text), "x", &dg),
		    CRM_DATA);
		assert_null(p);
		assert_says(&dg, cases[i].says);
	}
}

static void
test_long_text(void **state)
{
	struct diag dg = {0};
	struct buf text = {0};
	struct profile *p;

	(void)state;
	for (size_t i = 0; i <= 1 << 20; i++)
		buf_addc(&text, '\n');
	assert_int_equal(profile_read(&p, str_of(&text), "x", &dg), CRM_DATA);
	assert_says(&dg, "a profile has at most 1048576");
	buf_clear(&text);
}

static uint64_t
rand_next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void
text_break(uint64_t *seed, struct buf *b)
{
	static const char bytes[] = "\n\t\"\\ ={}n+,;#\xc3\xa4"
				    "a0@";

	for (int i = 0; i < 4; i++) {
		uint64_t r = rand_next(seed);

		b->p[r % b->n] = bytes[(r >> 32) % (sizeof(bytes) - 1)];
	}
}

/* Built-in texts with bytes changed, over cells of odd bytes: an error or an
 * answer, never anything else. */
static void
test_broken_at_random(void **state)
{
	struct known *k = *state;
	static const char *const odd[] = {"", "[{\"a\":\"b\"", "\"", "1/2/3",
	    "::: a ::: ", "=,=", "1,2.3", "\xf0\x9f\x98\x80", "[", "-"};
	uint64_t seed = 7;
	size_t good = 0;

	for (int round = 0; round < 2000; round++) {
		struct buf text = {0};
		struct diag dg = {0};
		struct str s, names[CELLS_MAX], cells[CELLS_MAX];
		struct profile *p = NULL;
		struct profile_plan *plan = NULL;
		struct intake in;
		size_t n = cells_split("Record ID|First Name|Id|Name|Email|"
				       "Birthday|Labels|E-mail 1 - Value",
		    names);

		profile_known((size_t)round % k->n, &s);
		buf_add(&text, s);
		text_break(&seed, &text);
		for (size_t i = 0; i < n; i++)
			cells[i] =
			    str_from(odd[rand_next(&seed) % ARRAY_LEN(odd)]);
		if (!profile_read(&p, str_of(&text), "x", &dg) &&
		    !profile_plan(&plan, p, k->s, names, n, NULL, &dg))
			good += !profile_map(plan, cells, &in, &dg);
		profile_plan_free(plan);
		profile_free(p);
		buf_clear(&text);
		diag_clear(&dg);
	}
	assert_true(good > 10 && good < 2000);
}

/* ---- suggestions ------------------------------------------------------ */

/* The suggestion for a file of these lines; it is read back. */
static void
suggest(const char *kind, const char *const *lines, size_t n, struct buf *out)
{
	struct schema *s = test_schema();
	struct str cells[8 * CELLS_MAX];
	struct diag dg = {0};
	struct profile *p = NULL;
	size_t width = cells_split(lines[0], cells);

	for (size_t i = 1; i < n; i++)
		assert_int_equal(
		    cells_split(lines[i], cells + i * width), width);
	assert_int_equal(profile_suggest(s, schema_kind(s, str_from(kind)),
			     cells, width, cells + width, n - 1, out, &dg),
	    CRM_OK);
	if (profile_read(&p, str_of(out), "suggested", &dg))
		fail_msg("%s\n%s", diag_text(&dg), buf_z(out));
	profile_free(p);
	schema_free(s);
}

static void
suggest_has(const struct buf *got, const char *const *want, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strstr(buf_z(got), want[i]))
			fail_msg("no '%s' in\n%s", want[i], buf_z(got));
}

static void
test_suggest_contacts(void **state)
{
	static const char *const file[] = {
	    ("Kunden-Nr|Vorname|Nachname|Firma|Stra\303\237e|PLZ|Ort|"
	     "Telefon|E-Mail|Geburtsdatum|Umsatz|Farbe|Kontaktweg|Notizen|"
	     "# q||Mobile 2"),
	    ("17|Anna|Moser|Moser AG|Gasse 1|3000|Bern|031 555 01 01|"
	     "anna@moser.example;a@m.example|31.12.1980|1'200.50|rot|"
	     "www.moser.example|gut|1|2|079 555 02 02"),
	    ("18|Beat|Frei||Weg 2|8000|Z\303\274rich|044 555 01 02|"
	     "beat@frei.example|1.2.1990|300|blau|https://frei.example|||x|"),
	};
	static const char *const want[] = {
	    "profile\tmine\nkind\tcontact\nkey\text,email\n",
	    "match\tKunden-Nr\nmatch\tVorname\n",
	    "\nKunden-Nr\text+\tprefix mine:\n",
	    "\nVorname\tgiven\n",
	    "\nNachname\tfamily\n",
	    "\nFirma\torg.name\n",
	    "\nStra\303\237e\tstreet\n",
	    "\nPLZ\tpostcode\n",
	    "\nOrt\tcity\n",
	    "\nTelefon\tphone+\n",
	    "\nE-Mail\temail+\tsplit ;\n",
	    "\nGeburtsdatum\tbday\tdate iso\n",
	    "\n#Farbe\tnote\tlabel\n",
	    "\nNotizen\tnote\n",
	    "\n#\"# q\"\tnote\tlabel\n",
	    "\n# column 16 has no name\n",
	    "\nMobile 2\tphone+\n",
	};
	struct buf got = {0};

	(void)state;
	suggest("contact", file, ARRAY_LEN(file), &got);
	suggest_has(&got, want, ARRAY_LEN(want));
	buf_clear(&got);
}

static void
test_suggest_contents(void **state)
{
	/* A name that the cells contradict, and cells without a good name. */
	static const char *const file[] = {
	    "Mail|XY1|XY2|XY3|Birthday|Emial|BirthDate|Anniversary",
	    "Gasse 1|a@b.example|+41 44 555 01 01|https://x.example|12/31/1980|"
	    "c@d.example|never|1/2/2003",
	    "Gasse 2|c@b.example|+41 44 555 01 02|https://y.example|1/2/1990|"
	    "e@d.example|soon|3/4/2005",
	};
	static const char *const want[] = {
	    "\n#Mail\temail+\n",
	    "\nXY1\temail+\n",
	    "\nXY2\tphone+\n",
	    "\nXY3\turl\n",
	    "\nBirthday\tbday\tdate us\n",
	    "\nEmial\temail+\n",
	    "\n#BirthDate\tbday",
	    "\n#Anniversary\tanniv\tdate eu\n",
	};
	struct buf got = {0};

	(void)state;
	suggest("contact", file, ARRAY_LEN(file), &got);
	suggest_has(&got, want, ARRAY_LEN(want));
	buf_clear(&got);
}

static void
test_suggest_deals(void **state)
{
	static const char *const file[] = {
	    "Title|Firma|Betrag|Phase|Abschlussdatum|Wahrscheinlichkeit",
	    "Dach|Moser AG|1.200,50|Offerte|2024-05-06|50",
	    "Keller|Frei GmbH|99,00|Gewonnen|2024-05-07|100",
	};
	static const char *const want[] = {
	    "kind\tdeal\n",
	    "\nTitle\tname\n",
	    "\nFirma\torg.name\n",
	    "\nBetrag\tamount\tnumber ,\n",
	    "\nPhase\tstage\tlower\n",
	    "\nAbschlussdatum\tclose\tdate iso\n",
	    "\nWahrscheinlichkeit\tprobability\n",
	};
	struct buf got = {0};

	(void)state;
	suggest("deal", file, ARRAY_LEN(file), &got);
	suggest_has(&got, want, ARRAY_LEN(want));
	buf_clear(&got);
}

/* What the address books of Windows are called in German: of two addresses
 * the first is the record's. */
static void
test_suggest_german(void **state)
{
	static const char *const file[] = {
	    ("Anrede|Weitere Vornamen|Ort gesch\303\244ftlich|Ort privat|"
	     "Land/Region gesch\303\244ftlich|Telefon privat|"
	     "E-Mail 2: Adresse"),
	    "Frau|Ada|Linz|Wels|AT|+43 732 555001|eva@huber.example",
	};
	static const char *const want[] = {
	    "\nWeitere Vornamen\tmiddle\n",
	    "\nOrt gesch\303\244ftlich\tcity\n",
	    "\n#Ort privat\tcity\n",
	    "\nLand/Region gesch\303\244ftlich\tcountry\n",
	    "\nTelefon privat\tphone+\n",
	    "\nE-Mail 2: Adresse\temail+\n",
	};
	struct buf got = {0};

	(void)state;
	suggest("contact", file, ARRAY_LEN(file), &got);
	suggest_has(&got, want, ARRAY_LEN(want));
	buf_clear(&got);
}

/* No columns known, none at all, and names that want quotes. */
static void
test_suggest_odd(void **state)
{
	static const char *const unknown[] = {"q|w|z", "a|b|c"};
	static const char *const nothing[] = {""};
	static const char *const quotes[] = {
	    "\"name\"|Na  me|= x|city\tx|e\\mail|na\nme|columns|- -|x {n}|",
	    "a|b|c|d|e|f|g|h|i|j"};
	struct buf got = {0};

	(void)state;
	suggest("contact", unknown, 2, &got);
	buf_reset(&got);
	suggest("contact", nothing, 1, &got);
	buf_reset(&got);
	suggest("org", quotes, 2, &got);
	assert_non_null(strstr(buf_z(&got), "\n\"\\\"name\\\"\"\tname\n"));
	buf_clear(&got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_samples),
	    cmocka_unit_test(test_none_fits),
	    cmocka_unit_test(test_steps),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_dates),
	    cmocka_unit_test(test_no_dates),
	    cmocka_unit_test(test_gather),
	    cmocka_unit_test(test_neighbours),
	    cmocka_unit_test(test_sets),
	    cmocka_unit_test(test_empty),
	    cmocka_unit_test(test_plan),
	    cmocka_unit_test(test_bad_plans),
	    cmocka_unit_test(test_bad_texts),
	    cmocka_unit_test(test_long_text),
	    cmocka_unit_test(test_broken_at_random),
	    cmocka_unit_test(test_suggest_contacts),
	    cmocka_unit_test(test_suggest_contents),
	    cmocka_unit_test(test_suggest_deals),
	    cmocka_unit_test(test_suggest_german),
	    cmocka_unit_test(test_suggest_odd),
	};

	return cmocka_run_group_tests(tests, known_open, known_close);
}
