/* SPDX-License-Identifier: ISC */
/* The writer and batches on a real store. */
#include "query_test.h"

#include "crm/batch.h"
#include "crm/write.h"

/* What the writer told. */
struct told {
	struct buf warned, made, changed;
	struct buf stored, refused;
	unsigned warnings;
};

struct scene {
	struct world *w;
	struct writer *writer;
	struct told told;
};

static void
heard_warning(void *arg, const char *text)
{
	struct told *t = arg;

	t->warnings++;
	buf_addf(&t->warned, "%s\n", text);
}

static void
heard_made(void *arg, struct id id, const struct kind *k, struct str name)
{
	struct told *t = arg;

	buf_addf(&t->made, "%.*s %llu %.*s\n", STR_ARG(k->name),
	    (unsigned long long)id.num, STR_ARG(name));
}

static void
heard_change(void *arg, struct id id, const struct field *f, struct str before,
    struct str after)
{
	struct told *t = arg;

	(void)id;
	buf_addf(&t->changed, "%.*s:%.*s>%.*s\n", STR_ARG(f->name),
	    STR_ARG(before), STR_ARG(after));
}

static void
scene_open(struct scene *s, bool create)
{
	struct writer_options o = {
	    .create = create,
	    .warn = heard_warning,
	    .made = heard_made,
	    .changed = heard_change,
	    .arg = &s->told,
	};

	*s = (struct scene){.w = world_new()};
	o.clock = &s->w->clock;
	OK(s->w, writer_new(&s->writer, s->w->s, &o, &s->w->dg));
}

static void
scene_close(struct scene *s)
{
	writer_free(s->writer);
	buf_clear(&s->told.warned);
	buf_clear(&s->told.made);
	buf_clear(&s->told.changed);
	buf_clear(&s->told.stored);
	buf_clear(&s->told.refused);
	world_free(s->w);
}

/* One operand after the other, separated by '|'. */
static enum crm_err
assign_all(struct scene *s, const char *words)
{
	struct str rest = str_from(words);
	struct assign a;
	enum crm_err err = CRM_OK;

	while (!err && rest.p) {
		assert_true(assign_parse(str_cut(&rest, '|'), &a));
		err = writer_assign(s->writer, &a, &s->w->dg);
	}
	return err;
}

static struct id
put(struct scene *s, const char *kind, const char *words)
{
	enum writer_done done;
	struct id id;

	OK(s->w, writer_create(s->writer, kind_of(s->w, kind), &s->w->dg));
	OK(s->w, assign_all(s, words));
	OK(s->w, writer_commit(s->writer, &id, &done, &s->w->dg));
	assert_int_equal(done, WRITER_ADDED);
	return id;
}

static enum writer_done
change(struct scene *s, struct id id, const char *words)
{
	enum writer_done done;

	OK(s->w, writer_update(s->writer, id, &s->w->dg));
	OK(s->w, assign_all(s, words));
	OK(s->w, writer_commit(s->writer, &id, &done, &s->w->dg));
	return done;
}

static void
value_is(struct scene *s, struct id id, const char *field, const char *want)
{
	struct record r;
	const struct field *f;
	struct buf scratch = {0};
	struct str got;

	OK(s->w, store_get(s->w->s, id, &r, &s->w->dg));
	f = schema_field(r.kind, str_from(field));
	assert_non_null(f);
	got = record_get(&r, f, &scratch);
	if (!str_is(got, want))
		fail_msg("%s: '%.*s', not '%s'", field, STR_ARG(got), want);
	buf_clear(&scratch);
}

static void
refused(struct scene *s, const char *word, enum crm_err code, const char *why)
{
	enum crm_err err;

	diag_clear(&s->w->dg);
	err = assign_all(s, word);
	assert_int_equal(err, code);
	if (!strstr(diag_text(&s->w->dg), why))
		fail_msg("'%s' does not say '%s'", diag_text(&s->w->dg), why);
	diag_clear(&s->w->dg);
}

static void
operators(void **state)
{
	struct scene s;
	struct id c;

	(void)state;
	scene_open(&s, false);
	begin(s.w);
	c = put(&s, "contact", "name=Ada|tag=a,b,a|tag+=c,b|note=x|note+=y");
	value_is(&s, c, "tag", "a,b,c");
	value_is(&s, c, "note", "x\ny");
	assert_int_equal(change(&s, c, "tag-=b,z|note="), WRITER_UPDATED);
	value_is(&s, c, "tag", "a,c");
	value_is(&s, c, "note", "");
	assert_string_equal(
	    buf_z(&s.told.changed), "tag:a,b,c>a,c\nnote:x\ny>\n");
	assert_int_equal(
	    change(&s, c, "tag+=|tag-=q|name= Ada "), WRITER_NOTHING);
	assert_int_equal(change(&s, c, "tag+=z|tag-=z"), WRITER_NOTHING);
	commit(s.w);
	scene_close(&s);
}

static void
a_refused_value_leaves_the_draft(void **state)
{
	struct scene s;
	struct id c;
	enum writer_done done;

	(void)state;
	scene_open(&s, false);
	begin(s.w);
	OK(s.w, writer_create(s.writer, kind_of(s.w, "contact"), &s.w->dg));
	OK(s.w, assign_all(&s, "email=a@example.org|bday=2000-01-02"));
	refused(&s, "email=b", CRM_DATA, "email: ");
	refused(&s, "email+=b", CRM_DATA, "email: ");
	refused(&s, "bday=2000-02-30", CRM_DATA, "bday: ");
	refused(&s, "bday+=1d", CRM_USAGE, "bday: += changes lists");
	refused(&s, "nmae=x", CRM_USAGE, "did you mean 'name'");
	refused(&s, "id=c1", CRM_USAGE, "ids are given by the store");
	refused(&s, "last=2000-01-01", CRM_USAGE, "summed up");
	refused(&s, "org=Nowhere", CRM_DATA, "org: no org 'Nowhere'; --create");
	refused(&s, "org=o7", CRM_DATA, "there is no org o7");
	OK(s.w, writer_commit(s.writer, &c, &done, &s.w->dg));
	value_is(&s, c, "email", "a@example.org");
	value_is(&s, c, "bday", "2000-01-02");
	OK(s.w, writer_update(s.writer, c, &s.w->dg));
	refused(&s, "created=2001-01-01", CRM_USAGE, "kept by the store");
	assert_int_equal(
	    writer_update(s.writer, (struct id){.num = 9, .kind = KIND_CONTACT},
		&s.w->dg),
	    CRM_NO);
	commit(s.w);
	scene_close(&s);
}

static void
made_on_the_way(void **state)
{
	struct scene s;
	struct id c, c2, a;

	(void)state;
	scene_open(&s, true);
	begin(s.w);
	c = put(&s, "contact", "name=Ada|org=Wind");
	c2 = put(&s, "contact", "name=Zoe|org=wind");
	a = put(&s, "activity", "subject=x|contact=Ada,new@example.org,Ada");
	assert_string_equal(
	    buf_z(&s.told.made), "org 1 Wind\ncontact 3 new@example.org\n");
	value_is(&s, c, "org", "o1");
	value_is(&s, c2, "org", "o1");
	value_is(&s, a, "contact", "c1,c3");
	/* A record is made while another is changed: what was read of that
	 * one before must not be used. */
	change(&s, c, "tag+=a|org=Sun|tag+=b|note+=x");
	value_is(&s, c, "org", "o2");
	value_is(&s, c, "tag", "a,b");
	/* What was remembered of "Zoe" is forgotten when there are two. */
	put(&s, "task", "title=x|contact=Zoe");
	put(&s, "contact", "name=Zoe");
	OK(s.w, writer_create(s.writer, kind_of(s.w, "task"), &s.w->dg));
	refused(&s, "contact=Zoe", CRM_DATA, "c2 Zoe, c4 Zoe");
	refused(&s, "deal=d9", CRM_DATA, "there is no deal d9");
	commit(s.w);
	scene_close(&s);
}

static void
names_follow(void **state)
{
	struct scene s;
	struct id c;

	(void)state;
	scene_open(&s, false);
	begin(s.w);
	c = put(&s, "contact", "given=Ada|family=Byron");
	value_is(&s, c, "name", "Ada Byron");
	change(&s, c, "family=Lovelace|middle=B.");
	value_is(&s, c, "name", "Ada B. Lovelace");
	change(&s, c, "name=Countess");
	change(&s, c, "given=A.");
	value_is(&s, c, "name", "Countess");
	c = put(&s, "contact", "email=x@example.org");
	value_is(&s, c, "name", "");
	change(&s, c, "given=X");
	value_is(&s, c, "name", "X");
	commit(s.w);
	scene_close(&s);
}

static void
warnings_end_some_day(void **state)
{
	struct scene s;
	char word[40];

	(void)state;
	scene_open(&s, false);
	begin(s.w);
	for (int i = 0; i < 100; i++) {
		snprintf(word, sizeof(word), "name=x|lifecycle=w%d", i / 2);
		put(&s, "contact", word);
	}
	assert_int_equal(s.told.warnings, 20);
	assert_non_null(strstr(buf_z(&s.told.warned), "no more such"));
	commit(s.w);
	scene_close(&s);
}

static void
nothing_is_written_without_a_transaction(void **state)
{
	struct scene s;
	struct id id;

	(void)state;
	scene_open(&s, true);
	id = put(&s, "contact", "name=Ada|org=Wind");
	assert_int_equal(id.num, 0);
	assert_string_equal(buf_z(&s.told.made), "org 0 Wind\n");
	assert_true(store_missing(s.w->s));
	scene_close(&s);
}

/* ---- keys ------------------------------------------------------------- */

static void
find_is(struct scene *s, const char *field, const char *text, enum crm_err code,
    uint64_t num)
{
	const struct kind *k = kind_of(s->w, "contact");
	const struct field *f;
	struct id id;

	diag_clear(&s->w->dg);
	OK(s->w, writer_key(k, str_from(field), &f, &s->w->dg));
	assert_int_equal(
	    writer_find(s->writer, f, str_from(text), &id, &s->w->dg), code);
	if (!code)
		assert_int_equal(id.num, num);
}

static void
keys(void **state)
{
	struct scene s;
	const struct field *f;

	(void)state;
	scene_open(&s, false);
	begin(s.w);
	put(&s, "contact", "name=Ada|email=a@x.org,b@x.org|ext=s:1,t:2");
	put(&s, "contact", "name=Zoe|email=z@x.org|ext=s:2");
	put(&s, "contact", "name=Eva|email=z@x.org");
	find_is(&s, "email", "b@x.org", CRM_OK, 1);
	find_is(&s, "email", "B@X.org,a@x.org", CRM_OK, 1);
	find_is(&s, "email", "q@x.org", CRM_OK, 0);
	find_is(&s, "email", "q@x.org,a@x.org", CRM_OK, 1);
	find_is(&s, "email", "z@x.org", CRM_DATA, 0);
	find_is(&s, "ext", "s:1,s:2", CRM_DATA, 0);
	find_is(&s, "email", "", CRM_DATA, 0);
	find_is(&s, "email", "nonsense", CRM_DATA, 0);
	find_is(&s, "name", "Zoe", CRM_OK, 2);
	assert_int_equal(
	    writer_key(kind_of(s.w, "contact"), STR("note"), &f, &s.w->dg),
	    CRM_USAGE);
	assert_int_equal(
	    writer_key(kind_of(s.w, "contact"), STR("revenue"), &f, &s.w->dg),
	    CRM_USAGE);
	commit(s.w);
	scene_close(&s);
}

/* ---- batches ---------------------------------------------------------- */

struct input {
	struct str rest;
	size_t step; /* bytes a read gives at most */
};

static ptrdiff_t
input_read(void *arg, char *p, size_t n)
{
	struct input *in = arg;

	if (n > in->step)
		n = in->step;
	if (n > in->rest.n)
		n = in->rest.n;
	memcpy(p, in->rest.p, n);
	in->rest = str_from_pos(in->rest, n);
	return (ptrdiff_t)n;
}

static enum crm_err
heard_stored(void *arg, struct id id, enum writer_done done, struct diag *dg)
{
	struct scene *s = arg;

	(void)dg;
	buf_addf(&s->told.stored, "%llu%c ", (unsigned long long)id.num,
	    "=+~"[done]);
	return CRM_OK;
}

static enum crm_err
heard_refused(void *arg, const struct tsv_reader *in, struct str raw,
    const char *place, const char *why, struct diag *dg)
{
	struct scene *s = arg;

	(void)dg;
	buf_addf(&s->told.refused, "%s|", place);
	batch_reject_row(store_schema(s->w->s), in, raw, why, &s->told.refused);
	return CRM_OK;
}

static enum crm_err
batch(struct scene *s, struct batch_options *o, const char *text, size_t n,
    struct batch_count *count)
{
	struct input in = {.rest = {text, n}, .step = 7};
	struct source src = {.read = input_read, .arg = &in, .name = "in"};
	struct tsv_reader *r = NULL;
	enum crm_err err;

	buf_reset(&s->told.stored);
	buf_reset(&s->told.refused);
	diag_clear(&s->w->dg);
	o->stored = heard_stored;
	o->refused = heard_refused;
	o->arg = s;
	OK(s->w, tsv_open(&r, &src, &(struct tsv_options){0}, &s->w->dg));
	err = batch_run(s->writer, s->w->s, r, "in", o, count, &s->w->dg);
	tsv_close(r);
	return err;
}

#define BATCH(s, o, text, count) batch(s, o, text, sizeof(text) - 1, count)

static void
rows(void **state)
{
	struct scene s;
	struct batch_count n;
	struct batch_options o = {0};

	(void)state;
	scene_open(&s, false);
	begin(s.w);
	o.kind = kind_of(s.w, "contact");
	OK(s.w,
	    BATCH(&s, &o, "name\tcity\treason\nAda\tBern\told\nZoe\t\t\n", &n));
	assert_string_equal(buf_z(&s.told.stored), "1+ 2+ ");
	assert_int_equal(n.added, 2);
	o.key = schema_field(o.kind, STR("name"));
	OK(s.w, BATCH(&s, &o, "city\tname\n\tAda\nChur\tZoe\nx\tEva\n", &n));
	assert_string_equal(buf_z(&s.told.stored), "1= 2~ 3+ ");
	o.clear_empty = true;
	OK(s.w, BATCH(&s, &o, "city\tname\n\tAda\n", &n));
	assert_string_equal(buf_z(&s.told.stored), "1~ ");
	assert_int_equal(BATCH(&s, &o, "city\nBern\n", &n), CRM_DATA);
	assert_string_equal(
	    diag_text(&s.w->dg), "in:1: no column 'name', which -k names");
	o = (struct batch_options){0};
	OK(s.w, BATCH(&s, &o, "id\trevenue\ttag\nc1\t9\tx\nc3\t\ty\n", &n));
	assert_string_equal(buf_z(&s.told.stored), "1~ 3~ ");
	assert_int_equal(BATCH(&s, &o, "tag\nx\n", &n), CRM_DATA);
	assert_int_equal(BATCH(&s, &o, "id\tnope\nc1\tx\n", &n), CRM_DATA);
	OK(s.w, BATCH(&s, &o, "", &n));
	commit(s.w);
	scene_close(&s);
}

static void
bad_rows(void **state)
{
	static const char text[] = "name\temail\nA\ta\n\nB\\t\tb\tc\\\\\td\nC\n"
				   "D\377\td@x.org\nE\te@x.org\nF\0\tf\n";
	struct scene s;
	struct batch_count n;
	struct batch_options o = {0};
	struct str rest, line;
	size_t cells, lines = 0;

	(void)state;
	scene_open(&s, false);
	begin(s.w);
	o.kind = kind_of(s.w, "contact");
	OK(s.w, batch(&s, &o, text, sizeof(text) - 1, &n));
	assert_string_equal(buf_z(&s.told.stored), "1+ ");
	assert_int_equal(n.refused, 6);
	/* Whatever the row was like, its reject has three cells. */
	for (rest = str_of(&s.told.refused); rest.n; lines++) {
		line = str_cut(&rest, '\n');
		for (cells = 1; str_chr(line, '\t') < line.n; cells++)
			line = str_from_pos(line, str_chr(line, '\t') + 1);
		assert_int_equal(cells, 3);
	}
	assert_int_equal(lines, 6);
	assert_non_null(strstr(buf_z(&s.told.refused),
	    "in:4|B\\t\tb\\tc\\\\\\td\texpected 2 cells, found 4"));
	assert_non_null(strstr(buf_z(&s.told.refused), "in:6|D\\\\xff\t"));
	commit(s.w);
	scene_close(&s);
}

/* A row that fails late leaves nothing of itself behind. */
static void
rows_that_the_store_refuses(void **state)
{
	struct scene s;
	struct batch_count n;
	struct batch_options o = {0};
	uint64_t records;

	(void)state;
	scene_open(&s, false);
	begin(s.w);
	o.kind = kind_of(s.w, "contact");
	OK(s.w, BATCH(&s, &o, "name\text\nA\tx:1\nB\tx:1\nC\tx:2,x:1\nD\tx:2\n",
		    &n));
	assert_int_equal(n.refused, 2);
	assert_int_equal(n.added, 2);
	OK(s.w, store_count(s.w->s, o.kind, &records, &s.w->dg));
	assert_int_equal(records, 2);
	commit(s.w);
	scene_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(operators),
	    cmocka_unit_test(a_refused_value_leaves_the_draft),
	    cmocka_unit_test(made_on_the_way),
	    cmocka_unit_test(names_follow),
	    cmocka_unit_test(warnings_end_some_day),
	    cmocka_unit_test(nothing_is_written_without_a_transaction),
	    cmocka_unit_test(keys),
	    cmocka_unit_test(rows),
	    cmocka_unit_test(bad_rows),
	    cmocka_unit_test(rows_that_the_store_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
