/* SPDX-License-Identifier: ISC */
/* crm_ahead: what a batch or an import stores, tells and refuses is the same
 * with somebody who reads ahead and without, whatever the input is like and
 * however it comes. */
#include "query_test.h"
#include "rounds.h"
#include "rows_test.h"

#include "crm/batch.h"
#include "crm/import.h"
#include "crm/write.h"
#include "text/csv.h"
#include "text/tsv_rows.h"

/* How a batch or an import is run. */
struct way {
	bool import, csv;
	const char *profile; /* of an import; NULL: none */
	const char *kind, *key;
	struct str text;
	size_t step;	 /* bytes of a read at most */
	unsigned ready;	 /* every so many questions whether it is; 0: always */
	int error;	 /* of reading, behind the text */
	unsigned refuse; /* refused rows until that is an error; 0: never */
	size_t line_max;
	bool create, clear_empty, given;
};

/* One run of it, and all that was told, in order. */
struct run {
	struct world *w;
	const struct way *way;
	struct test_bytes bytes;
	struct buf told;
	unsigned asked, refused;
};

static void
heard_warning(void *arg, const char *text)
{
	struct run *r = arg;

	buf_addf(&r->told, "? %s\n", text);
}

static void
heard_made(void *arg, struct id id, const struct kind *k, struct str name)
{
	struct run *r = arg;

	buf_addf(&r->told, "* %.*s %llu %.*s\n", STR_ARG(k->name),
	    (unsigned long long)id.num, STR_ARG(name));
}

static enum crm_err
heard_stored(void *arg, struct id id, enum writer_done done, struct diag *dg)
{
	struct run *r = arg;

	(void)dg;
	buf_addf(
	    &r->told, "%c %llu\n", "=+~"[done], (unsigned long long)id.num);
	return CRM_OK;
}

static enum crm_err
heard_refused(void *arg, const struct tsv_reader *in, struct str raw,
    const char *place, const char *why, struct diag *dg)
{
	struct run *r = arg;

	buf_addf(&r->told, "! %s: ", place);
	batch_reject_row(store_schema(r->w->s), in, raw, why, &r->told);
	if (++r->refused == r->way->refuse)
		return diag_set(dg, CRM_IO, "enough");
	return CRM_OK;
}

static enum crm_err
import_refused(void *arg, const struct import_refusal *f, struct diag *dg)
{
	struct run *r = arg;

	buf_addf(&r->told, "! %s:%llu: %.*s '%.*s' %s (%.*s)", f->name,
	    (unsigned long long)f->row->line, STR_ARG(f->column),
	    STR_ARG(f->value), f->why, STR_ARG(f->row->raw));
	for (size_t i = 0; f->row->cells && i < f->row->n; i++)
		buf_addf(&r->told, "|%.*s", STR_ARG(f->row->cells[i]));
	buf_addc(&r->told, '\n');
	if (++r->refused == r->way->refuse)
		return diag_set(dg, CRM_IO, "enough");
	return CRM_OK;
}

static void
import_has_made(void *arg, struct id id)
{
	struct run *r = arg;

	buf_addf(&r->told, "* %u %llu\n", id.kind, (unsigned long long)id.num);
}

static ptrdiff_t
run_read(void *arg, char *p, size_t n)
{
	struct run *r = arg;

	return test_read(&r->bytes, p, n);
}

static bool
now_and_then(void *arg)
{
	struct run *r = arg;

	return ++r->asked % r->way->ready == 0;
}

/* ---- a run ------------------------------------------------------------ */

/* The values of the records 1..N of a kind. */
static void
records_tell(struct run *r, const char *kind, unsigned n)
{
	const struct kind *k = kind_of(r->w, kind);
	struct record rec;

	for (unsigned i = 1; i <= n; i++) {
		struct id id = {.kind = k->no, .num = i};

		if (store_get(r->w->s, id, &rec, &r->w->dg) != CRM_OK)
			break;
		buf_addf(&r->told, "%s %u:", kind, i);
		for (unsigned j = 0; j < k->nslots; j++)
			buf_addf(
			    &r->told, "|%.*s", STR_ARG(row_get(&rec.row, j)));
		buf_addc(&r->told, '\n');
	}
	diag_clear(&r->w->dg);
}

/* All values, and how it ended. */
static void
end_tell(struct run *r, enum crm_err err, struct diag *dg)
{
	buf_addf(&r->told, "%d %s\n", (int)err, diag_text(dg));
	diag_clear(dg);
	if (!err) {
		records_tell(r, "contact", 3000);
		records_tell(r, "org", 3000);
	}
}

static void
batch_through(struct run *r, struct writer *writer, bool ahead)
{
	const struct way *way = r->way;
	struct source src = {.read = run_read,
	    .arg = r,
	    .name = "in",
	    .ready = way->ready ? now_and_then : NULL};
	struct tsv_options to = {.line_max = way->line_max};
	struct assign given = {.field = STR("note"), .value = STR("given")};
	struct batch_options o = {
	    .kind = way->kind ? kind_of(r->w, way->kind) : NULL,
	    .clear_empty = way->clear_empty,
	    .given = &given,
	    .ngiven = way->given,
	    .stored = heard_stored,
	    .refused = heard_refused,
	    .warn = heard_warning,
	    .arg = r,
	    .ahead = ahead,
	};
	struct batch_count n = {0};
	struct tsv_reader *in = NULL;
	struct diag dg = {0};
	enum crm_err err = tsv_open(&in, &src, &to, &dg);

	if (way->key)
		o.key = schema_field(o.kind, str_from(way->key));
	if (!err)
		err = batch_run(writer, r->w->s, in, "in", &o, &n, &dg);
	buf_addf(&r->told, "%u %u %u %u%s\n", (unsigned)n.added,
	    (unsigned)n.updated, (unsigned)n.same, (unsigned)n.refused,
	    !err && tsv_odd(in) ? " odd" : "");
	tsv_close(in);
	end_tell(r, err, &dg);
}

static enum crm_err
table_open(struct run *r, struct rows **out, struct diag *dg)
{
	struct source src = {.read = run_read, .arg = r, .name = "in"};

	if (r->way->csv)
		return csv_rows_open(out, &src, NULL, dg);
	return tsv_rows_open(
	    out, &src, &(struct tsv_options){.line_max = r->way->line_max}, dg);
}

static void
import_through(struct run *r, struct writer *writer, bool ahead)
{
	const struct way *way = r->way;
	struct str key = str_from(way->key ? way->key : "ext");
	struct import_options o = {.clock = &r->w->clock,
	    .kind = way->kind ? kind_of(r->w, way->kind) : NULL,
	    .keys = &key,
	    .nkeys = way->key != NULL,
	    .clear_empty = way->clear_empty,
	    .stored = heard_stored,
	    .refused = import_refused,
	    .made = import_has_made,
	    .warn = heard_warning,
	    .arg = r,
	    .ahead = ahead};
	struct import *import = NULL;
	struct profile *p = NULL;
	struct rows *in = NULL;
	struct import_count n = {0};
	struct diag dg = {0};
	enum crm_err err = import_new(&import, writer, r->w->s, &o, &dg);

	if (!err && way->profile)
		err = profile_read(&p, str_from(way->profile), "p", &dg);
	if (!err)
		err = table_open(r, &in, &dg);
	if (!err) {
		in->apart = true;
		err = import_rows(import, in, "in", p, &dg);
	}
	if (!err)
		err = import_end(import, &dg);
	if (import)
		n = import_count(import);
	buf_addf(&r->told, "%u %u %u %u %u %u\n", (unsigned)n.added,
	    (unsigned)n.updated, (unsigned)n.same, (unsigned)n.refused,
	    (unsigned)n.made, (unsigned)n.waiting);
	rows_close(in);
	import_free(import);
	profile_free(p);
	end_tell(r, err, &dg);
}

/* Everything is undone in the end. */
static void
run(struct world *w, const struct way *way, bool ahead, struct buf *told)
{
	struct change_origin who = {.time = w->clock.now,
	    .user = STR("tester"),
	    .command = STR("test")};
	struct run r = {.w = w,
	    .way = way,
	    .bytes = {.s = way->text, .step = way->step, .error = way->error}};
	struct writer_options o = {.clock = &w->clock,
	    .create = way->create,
	    .warn = heard_warning,
	    .made = heard_made,
	    .arg = &r};
	struct writer *writer;

	OK(w, store_begin(w->s, &who, true, &w->dg));
	OK(w, writer_new(&writer, w->s, &o, &w->dg));
	if (way->import)
		import_through(&r, writer, ahead);
	else
		batch_through(&r, writer, ahead);
	writer_free(writer);
	store_abort(w->s);
	buf_clear(told);
	*told = r.told;
}

/* With and without; what was told. */
static const char *
compare(struct world *w, const struct way *way)
{
	static struct buf with, without;

	run(w, way, false, &without);
	run(w, way, true, &with);
	assert_string_equal(buf_z(&with), buf_z(&without));
	buf_clear(&with);
	return buf_z(&without);
}

/* The same text as a batch, whose words are returned, and as an import. */
static const char *
both(struct world *w, const struct way *way)
{
	struct way import = *way;

	import.import = true;
	(void)compare(w, &import);
	return compare(w, way);
}

static struct world *
world_with_some(void)
{
	struct world *w = world_new();

	begin(w);
	add(w, "org", "name=Acme");
	add(w, "org", "name=Wolf AG;ext=w:1");
	add(w, "contact", "name=Ada;email=ada@x.org;ext=a:1;city=Bern");
	add(w, "contact", "name=Zoe;email=zoe@x.org;ext=a:2");
	commit(w);
	return w;
}

/* ---- inputs ----------------------------------------------------------- */

static void
inputs_of_any_shape(void **state)
{
	static const char *const texts[] = {"", "name", "name\n", "name\nAda",
	    "name\nAda\n\nEva\n", "name\tcity\nAda\n",
	    "name\tcity\nA\tb\tc\nB\tc\n",
	    "name\tcity\nA\\tb\tc\\n\nB\t\\N\nC\td\\q\n",
	    "name\nAda\nname\nname\nEva\nname\n", "name\nAda\r\nEva\r\n\r\n",
	    "name\temail\nA\tnone\nB\tb@x.org\nC\tada@x.org\n",
	    "name\tcreated\nA\t2026-01-01\nB\tnever\nC\ttoday\n",
	    "name\tlifecycle\nA\tcustomer\nB\todd\nC\tODD\nD\tstrange\n",
	    "id\tname\nc1\tA\n\tB\nnonsense\tC\n",
	    "name\torg\nA\tAcme\nB\tNew Ltd\nC\tw:1\nD\tNew Ltd\n",
	    "name\temail\torg\nA\tbad\tFirst\nB\tb@x\tSecond\n",
	    "name\treason\tnote\nA\twhy\t \nB\t\tx\n", "nope\nA\n",
	    "name\tname\nA\tB\n", "email\n\n \nx@y.org\n",
	    "name\turl\nA\377\tx\nB\thttp://x.org\n"};
	struct world *w = world_with_some();
	struct way way;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts) * 16; i++) {
		way = (struct way){.kind = "contact",
		    .text = str_from(texts[i / 16]),
		    .step = i % 4,
		    .ready = i / 2 % 4,
		    .create = i % 8 > 3,
		    .given = i % 2,
		    .clear_empty = i % 4 > 1,
		    .key = i % 16 > 8 ? "name" : NULL};
		(void)both(w, &way);
	}
	world_free(w);
}

static void
bytes_that_are_no_text(void **state)
{
	static const char nul[] = "name\tcity\nA\0\tb\nB\tc\0\n\0\n\0";
	struct world *w = world_with_some();
	struct way way = {.kind = "contact", .text = STR(nul)};

	(void)state;
	for (way.step = 0; way.step < 5; way.step++)
		assert_non_null(strstr(both(w, &way), "is NUL"));
	world_free(w);
}

/* Of which nothing is kept, but of the first. */
static void
rows_without_values(void **state)
{
	static const char *const rows[] = {
	    "\t\n", "\xff\t\n", "A\tB\tC\n", "A\n", "\\q\t\\q\n"};
	struct world *w = world_with_some();
	struct buf text = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct way way = {.kind = "contact"};

		buf_reset(&text);
		buf_addz(&text, "name\tcity\nZoe\tBern\n");
		for (unsigned n = 0; n < 1000; n++)
			buf_addz(&text, rows[i]);
		way.text = str_of(&text);
		(void)both(w, &way);
		way.clear_empty = true;
		(void)both(w, &way);
	}
	buf_clear(&text);
	world_free(w);
}

/* Rows for many chunks, some of them bad. */
static void
rows_fill(struct buf *out, unsigned n, unsigned bad)
{
	buf_reset(out);
	buf_addz(out, "name\temail\torg\ttag\tnote\n");
	for (unsigned i = 1; i <= n; i++)
		buf_addf(out, "Person %u\tp%u%sx.org\tOrg %u\tT%u,t%u\t%s\n", i,
		    i, bad && i % bad == 0 ? "" : "@", i % 40, i % 5, i % 3,
		    i % 7 ? "" : "a\\tb  ");
}

static void
many_rows(void **state)
{
	struct world *w = world_with_some();
	struct way way = {.kind = "contact", .create = true};
	struct buf text = {0};

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		rows_fill(&text, i % 2 ? 2500 : 1024, i < 4 ? 0 : 3);
		/* The last line has no end. */
		text.n -= i % 3 == 0;
		way.text = str_of(&text);
		way.step = i % 2 ? 1000 : 0;
		way.ready = i;
		assert_non_null(strstr(both(w, &way), "contact 600:"));
	}
	buf_clear(&text);
	world_free(w);
}

static void
an_end_in_the_middle(void **state)
{
	struct world *w = world_with_some();
	struct way way = {.kind = "contact", .create = true};
	struct buf text = {0};

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		rows_fill(&text, 1500, 2);
		way.text = str_head(str_of(&text), text.n - i * 997);
		way.step = i % 5 * 500;
		way.ready = i % 3;
		way.error = i % 2 ? EIO : 0;
		way.refuse = i % 4 < 2 ? 1 + i * 15 : 0;
		(void)both(w, &way);
	}
	way = (struct way){
	    .kind = "contact", .text = STR("name\nA\nB"), .error = EIO};
	assert_non_null(strstr(both(w, &way), "in: cannot read"));
	buf_clear(&text);
	world_free(w);
}

/* A line may be longer than what is read at once, or too long. */
static void
long_lines(void **state)
{
	struct world *w = world_with_some();
	struct way way = {.kind = "contact", .create = true};
	struct buf text = {0};

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		rows_fill(&text, 300, 0);
		for (unsigned j = 0; j < 700000; j++)
			buf_addc(&text, j % 300000 == 1000 ? '\t' : 'x');
		buf_addz(&text, i % 2 ? "\nB\tb@x.org\t\t\t\n" : "");
		way.text = str_of(&text);
		way.line_max = i < 3 ? 500000 : 0;
		way.ready = i % 3;
		(void)both(w, &way);
	}
	assert_non_null(strstr(both(w, &way), "contact 300:"));
	buf_clear(&text);
	world_free(w);
}

/* Columns for which a chunk has room for few rows. */
static void
wide_rows(void **state)
{
	struct world *w = world_with_some();
	const struct kind *k = kind_of(w, "contact");
	struct way way = {.kind = "contact"};
	struct buf text = {0};

	(void)state;
	for (unsigned row = 0; row < 2000; row++) {
		if (row)
			buf_addf(&text, "row %u", row);
		else
			buf_addz(&text, "name");
		for (size_t i = 0; i < k->nslots; i++) {
			const struct field *f = k->slots[i];

			if (f->type != TYPE_TEXT || f->unique ||
			    str_is(f->name, "name"))
				continue;
			if (row)
				buf_addf(&text, "\tv%u", row % 9);
			else
				buf_addf(&text, "\t%.*s", STR_ARG(f->name));
		}
		buf_addc(&text, '\n');
	}
	way.text = str_of(&text);
	assert_non_null(strstr(both(w, &way), "contact 2001:"));
	buf_clear(&text);
	world_free(w);
}

/* Kinds whose records change the schema of the rows behind them. */
static void
rows_that_change_the_schema(void **state)
{
	struct world *w = world_with_some();
	struct way way = {.kind = "field",
	    .text = STR("name\ttype\ncontact.a\tint\ncontact.a\tint\n"
			"contact.b\tnone\ncontact.c\tdecimal\n")};

	(void)state;
	assert_non_null(strstr(both(w, &way), "2 0 0 2"));
	way.kind = "kind";
	way.text = STR("name\nmachine\nmachine\nX\ntool\n");
	assert_non_null(strstr(both(w, &way), "2 0 0 2"));
	/* Rows of any kind. */
	way.kind = NULL;
	way.text = STR("id\tname\nc1\tA\no1\tB\nx1\tC\n");
	assert_non_null(strstr(both(w, &way), "0 2 0 1"));
	world_free(w);
}

static void
tables_by_a_profile(void **state)
{
	static const char profile[] = "profile p\nkind contact\nkey ext\n"
				      "columns\nName\tname\nMail\temail\n"
				      "Mail 2\temail\nFirma\torg.name\n"
				      "Nr\text\nSeit\tcreated\nText\tnote\n";
	struct world *w = world_with_some();
	struct way way = {
	    .kind = "contact", .import = true, .csv = true, .profile = profile};
	struct buf text = {0};
	uint64_t seed = 7;

	(void)state;
	for (unsigned round = 0; round < 30; round++) {
		unsigned n = round % 3 ? 900 : 30;

		buf_reset(&text);
		buf_addz(&text, "Nr,Name,Mail,Mail 2,Firma,Seit,Text\r\n");
		for (unsigned i = 0; i < n; i++)
			buf_addf(&text,
			    "%u,\"N, %u\",n%u%sx.org,%s,F %u,%s,\"a\nb\"\"\"%s",
			    i % 800, i, i, i % 9 ? "@" : "",
			    i % 4 ? "" : "m@y.z", i % 30,
			    i % 11 ? "2026-01-02" : "never",
			    i % 7 ? "\r\n" : "\n");
		if (round % 2)
			test_mutate(&seed, &text);
		way.text = str_of(&text);
		way.step = round % 5 * 1000;
		way.error = round % 8 ? 0 : EIO;
		way.refuse = round % 10 ? 0 : 20;
		(void)compare(w, &way);
		if (!(round % 2) && !way.error && !way.refuse)
			assert_non_null(
			    strstr(compare(w, &way), "contact 20:"));
	}
	buf_clear(&text);
	world_free(w);
}

/* ---- random ones ------------------------------------------------------ */

static const char *const columns[] = {"name", "email", "phone", "org",
    "lifecycle", "tag", "note", "created", "birthday", "url", "city", "reason",
    "id", "ext", "lang", "owner"};
static const char *const cells[] = {"", "", "", "Ada", "Zoe", "x@y.org",
    "ADA@X.org", "a:1", "c1", "no@", "+41 44 1234567", "123", "Acme", "Neu",
    "customer", "Lead", "weird", "a,b,A", "2026-01-02", "tomorrow", "31.2.2026",
    "2026-05-29T15:26:38Z", "https://x.org/a", "x.org", "de", "a\\tb\\\\",
    "\\N", " blanks  ", "Z\xc3\xbcrich", "Zu\xcc\x88rich", "\xff", "u\\nv"};

static void
text_random(uint64_t *seed, struct buf *out)
{
	unsigned n = 1 + (unsigned)(test_rand(seed) % 6);
	unsigned first = (unsigned)(test_rand(seed) % ARRAY_LEN(columns));
	unsigned rows = (unsigned)(test_rand(seed) % 40);

	if (test_rand(seed) % 16 == 0)
		rows = 1200;
	buf_reset(out);
	for (unsigned i = 0; i < n; i++)
		buf_addf(out, "%s%s", i ? "\t" : "",
		    columns[(first + i) % ARRAY_LEN(columns)]);
	buf_addc(out, '\n');
	for (unsigned r = 0; r < rows; r++) {
		for (unsigned i = 0; i < n; i++)
			buf_addf(out, "%s%s", i ? "\t" : "",
			    cells[test_rand(seed) % ARRAY_LEN(cells)]);
		buf_addc(out, '\n');
	}
	if (test_rand(seed) % 2)
		test_mutate(seed, out);
}

static void
random_inputs(void **state)
{
	static const char *const keys[] = {"ext", "email", "name"};
	unsigned n = rounds(600, 200, 60);
	struct world *w = world_with_some();
	struct buf text = {0};
	uint64_t seed = 20261122;

	(void)state;
	for (unsigned i = 0; i < n; i++) {
		struct way way = {.kind = "contact"};
		uint64_t r = test_rand(&seed);

		text_random(&seed, &text);
		way.text = str_of(&text);
		way.step = r % 3 ? r / 3 % 4000 : 0;
		way.ready = r / 16 % 4;
		way.error = r / 64 % 8 ? 0 : EIO;
		way.refuse = r / 512 % 4 ? 0 : (unsigned)(r / 2048 % 30);
		way.create = r >> 40 & 1;
		way.clear_empty = r >> 41 & 1;
		way.given = r >> 42 & 1;
		way.key =
		    r >> 43 & 1 ? keys[(r >> 44) % ARRAY_LEN(keys)] : NULL;
		(void)both(w, &way);
	}
	buf_clear(&text);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(inputs_of_any_shape),
	    cmocka_unit_test(bytes_that_are_no_text),
	    cmocka_unit_test(rows_without_values),
	    cmocka_unit_test(many_rows),
	    cmocka_unit_test(an_end_in_the_middle),
	    cmocka_unit_test(long_lines),
	    cmocka_unit_test(wide_rows),
	    cmocka_unit_test(rows_that_change_the_schema),
	    cmocka_unit_test(tables_by_a_profile),
	    cmocka_unit_test(random_inputs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
