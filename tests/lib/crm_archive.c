/* SPDX-License-Identifier: ISC */
/*
 * crm_archive: a store goes out and comes back the same, in both forms; and
 * what is no archive makes no store. CRM_ARCHIVES tries more random stores;
 * a thousand small ones are up to crm_import_same.
 */
#include "random_store.h"
#include "rounds.h"

#include "base/num.h"
#include "crm/archive.h"
#include "crm/archive_read.h"
#include "store/restore.h"
#include "tmp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	char dir[64];
	struct diag dg;
	unsigned stores;
};

static const struct change_origin who = {.time = 1772452800,
    .user = {.p = "tester", .n = 6},
    .command = {.p = "test", .n = 4}};

#define OK(f, call)                                                            \
	do {                                                                   \
		if ((call) != CRM_OK)                                          \
			fail_msg("%s: %s", #call, diag_text(&(f)->dg));        \
	} while (0)

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "%s/crm-archive-XXXXXX", tmp_dir());
	*state = f;
	return mkdtemp(f->dir) ? 0 : -1;
}

static void CRM_PRINTF(1, 2) shell(const char *fmt, ...)
{
	char command[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	if (system(command) != 0)
		fail_msg("%s", command);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	shell("rm -rf %s", f->dir);
	diag_clear(&f->dg);
	free(f);
	return 0;
}

/* A place for a store where none is. */
static struct store *
store_new(struct fixture *f)
{
	char path[96];
	struct store_options o = {.path = path};
	struct store *s = NULL;

	snprintf(path, sizeof(path), "%s/s%u", f->dir, f->stores++);
	OK(f, store_open(&s, &o, &f->dg));
	return s;
}

static void
print_fault(void *arg, const char *line)
{
	(void)arg;
	print_error("%s\n", line);
}

static void
verify(struct fixture *f, struct store *s)
{
	uint64_t faults;

	OK(f, store_verify(s, print_fault, NULL, &faults, &f->dg));
	assert_int_equal(faults, 0);
}

/* ---- JSON lines ------------------------------------------------------- */

static enum crm_err
leave(void *arg, struct diag *dg)
{
	(void)arg;
	(void)dg;
	return CRM_OK;
}

static struct buf
json_of(struct fixture *f, struct store *s)
{
	struct buf out = {0};

	OK(f, archive_write(s, &out, leave, NULL, NULL, &f->dg));
	store_pause(s);
	return out;
}

/* Hands a text out in uneven pieces. */
static ptrdiff_t
text_read(void *arg, char *p, size_t n)
{
	struct str *rest = arg;
	size_t most = rest->n % 4093 + 1;

	n = n < most ? n : most;
	n = n < rest->n ? n : rest->n;
	if (n > 0)
		memcpy(p, rest->p, n);
	*rest = str_from_pos(*rest, n);
	return (ptrdiff_t)n;
}

static void
count_fault(void *arg, const char *line)
{
	(void)line;
	++*(unsigned *)arg;
}

static enum crm_err
json_to(struct store *s, struct str text, bool dry, struct diag *dg)
{
	unsigned faults = 0;
	struct source src = {.read = text_read, .arg = &text, .name = "in"};
	struct archive_options o = {
	    .who = &who, .found = count_fault, .arg = &faults, .dry = dry};
	uint64_t records;

	return archive_read(s, &src, &o, &records, dg);
}

/* ---- a directory ------------------------------------------------------ */

static enum crm_err
dir_to(struct fixture *f, struct store *s, const char *path)
{
	unsigned faults = 0;
	struct archive_options o = {
	    .who = &who, .found = count_fault, .arg = &faults};
	uint64_t records;

	return archive_read_dir(s, path, &o, &records, &f->dg);
}

static const char *
dir_of(struct fixture *f, struct store *s, const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	OK(f, archive_write_dir(s, path, NULL, &f->dg));
	store_pause(s);
	return path;
}

/* ---- there and back --------------------------------------------------- */

static void
same_counters(struct fixture *f, struct store *a, struct store *b)
{
	const struct kind *k = schema_kind_at(store_schema(a), 0);
	struct journal_state ja, jb;
	uint64_t x, y;

	OK(f, journal_state(a, &ja, &f->dg));
	OK(f, journal_state(b, &jb, &f->dg));
	assert_int_equal(ja.last, jb.last);
	for (size_t i = 1; k; k = schema_kind_at(store_schema(a), i++)) {
		uint16_t u, v;
		const struct kind *o = schema_kind(store_schema(b), k->name);

		assert_non_null(o);
		assert_int_equal(o->no, k->no);
		OK(f, store_next(a, k, &x, &f->dg));
		OK(f, store_next(b, o, &y, &f->dg));
		assert_int_equal(x, y);
		OK(f, restore_unused(a, k, &u, &f->dg));
		OK(f, restore_unused(b, o, &v, &f->dg));
		assert_int_equal(u, v);
	}
	store_pause(a);
	store_pause(b);
}

/* By one form and, what came of that, by the other. */
static void
there_and_back(struct fixture *f, struct store *s)
{
	struct store *b = store_new(f), *c = store_new(f);
	struct buf first = json_of(f, s), second, third;

	OK(f, json_to(b, str_of(&first), false, &f->dg));
	second = json_of(f, b);
	if (!str_eq(str_of(&first), str_of(&second)))
		fail_msg("another archive by JSON lines");
	same_counters(f, s, b);
	verify(f, b);
	OK(f, dir_to(f, c, dir_of(f, b, "one")));
	third = json_of(f, c);
	if (!str_eq(str_of(&first), str_of(&third)))
		fail_msg("another archive by a directory");
	dir_of(f, c, "two");
	shell("diff -r %s/one %s/two", f->dir, f->dir);
	verify(f, c);
	store_close(b);
	store_close(c);
	buf_clear(&first);
	buf_clear(&second);
	buf_clear(&third);
	shell("rm -r %s/*", f->dir);
}

static void
random_stores_return(void **state)
{
	struct fixture *f = *state;
	const char *more = getenv("CRM_ARCHIVES");
	uint64_t n = rounds(40, 15, 8);

	if (more && !num_u64(str_from(more), &n))
		fail_msg("CRM_ARCHIVES=%s", more);
	for (uint64_t seed = 1; seed <= n; seed++) {
		struct store *s = store_new(f);

		if (random_store(s, seed, &f->dg) != CRM_OK)
			fail_msg("seed %llu: %s", (unsigned long long)seed,
			    diag_text(&f->dg));
		there_and_back(f, s);
		store_close(s);
	}
}

/* ---- what is no archive ------------------------------------------------ */

/* A small store of the kinds that the forgeries below are about. */
static struct buf
sample(struct fixture *f)
{
	static const char *const contacts[] = {"Ada", "Ben"};
	struct store *s = store_new(f);
	struct buf out;

	OK(f, store_begin(s, &who, false, &f->dg));
	for (size_t i = 0; i < ARRAY_LEN(contacts); i++) {
		const struct kind *k =
		    schema_kind_no(store_schema(s), KIND_CONTACT);
		struct change_field v[] = {
		    {.field = schema_field(k, STR("name")),
			.after = str_from(contacts[i])},
		    {.field = schema_field(k, STR("bday")),
			.after = STR("1980-05-17")},
		    {.field = schema_field(k, STR("email")),
			.after = STR("a@example.org,b@example.org")},
		    {.field = schema_field(k, STR("ext")),
			.after = i ? STR("x:2") : STR("x:1")}};
		struct change c = {.op = CHANGE_CREATE,
		    .kind = k,
		    .fields = v,
		    .nfields = ARRAY_LEN(v)};

		OK(f, store_apply(s, &c, &f->dg));
	}
	const struct kind *k = schema_kind_no(store_schema(s), KIND_TASK);
	struct change_field v[] = {
	    {.field = schema_field(k, STR("title")), .after = STR("call")},
	    {.field = schema_field(k, STR("contact")), .after = STR("c1")}};
	struct change c = {
	    .op = CHANGE_CREATE, .kind = k, .fields = v, .nfields = 2};

	OK(f, store_apply(s, &c, &f->dg));
	OK(f, store_commit(s, &f->dg));
	out = json_of(f, s);
	store_close(s);
	return out;
}

/* A store is not made, and nothing is left at its place. */
static void
refused(struct fixture *f, struct str text, enum crm_err code, const char *why)
{
	struct store *s = store_new(f);
	enum crm_err err = json_to(s, text, false, &f->dg);

	if (err != code || !strstr(diag_text(&f->dg), why))
		fail_msg("%d, not %d: %s (should say: %s)", (int)err, (int)code,
		    diag_text(&f->dg), why);
	assert_true(store_missing(s));
	store_close(s);
	shell("test -z \"$(ls %s)\"", f->dir);
}

/* The text with FROM replaced by TO, once. */
static struct buf
replaced(struct str text, const char *from, const char *to)
{
	struct buf out = {0};
	size_t at = str_find(text, str_from(from));

	if (at == text.n)
		fail_msg("no %s in it", from);
	buf_add(&out, str_head(text, at));
	buf_addz(&out, to);
	buf_add(&out, str_from_pos(text, at + strlen(from)));
	return out;
}

/* Gives the text the checksum that it should have: the reader says which. */
static void
sum_again(struct fixture *f, struct buf *text)
{
	static const char *const says = "the checksum of what is in it is ";
	struct store *s = store_new(f);
	const char *said;

	if (json_to(s, str_of(text), true, &f->dg) == CRM_DATA) {
		said = strstr(diag_text(&f->dg), says);
		if (said)
			memcpy(text->p + text->n - 11, said + strlen(says), 8);
	}
	store_close(s);
}

static const struct forgery {
	const char *from, *to, *why;
	enum crm_err code;
} forgeries[] = {
    {"1980-05-17", "1980-5-17", "bday", CRM_DATA},
    {"1980-05-17", "1980-02-30", "bday", CRM_DATA},
    {"a@example.org", "A@example.org", "email", CRM_DATA},
    {"a@example.org", "nobody", "email", CRM_DATA},
    {"\"a@example.org\",", "\"b@example.org\",", "email", CRM_DATA},
    {"\"name\":\"Ada\"", "\"name\":\" Ada\"", "name", CRM_DATA},
    {"\"name\":\"Ada\"", "\"name\":\"a\\r\\nb\"", "name", CRM_DATA},
    {"\"name\":\"Ada\"", "\"nome\":\"Ada\"", "'nome'", CRM_DATA},
    {"\"name\":\"Ada\"", "\"revenue\":\"5\"", "'revenue'", CRM_DATA},
    {"\"x:1\"", "\"x:2\"", "do not fit", CRM_CONFIG},
    {"\"contact\":\"c1\"", "\"contact\":\"c9\"", "do not fit", CRM_CONFIG},
    {"\"contact\":\"c1\"", "\"contact\":\"t1\"", "contact", CRM_DATA},
    {"\"contact\":\"c1\"", "\"contact\":\"Ada\"", "contact", CRM_DATA},
    {"\"id\":\"c2\"", "\"id\":\"c1\"", "twice", CRM_DATA},
    {"\"id\":\"c2\"", "\"id\":\"c3\"", "ever given", CRM_DATA},
    {"\"id\":\"c2\"", "\"id\":\"t2\"", "contact", CRM_DATA},
    {"\"id\":\"c2\"", "\"id\":\"c02\"", "contact", CRM_DATA},
    {"\"version\":1", "\"version\":2", "version 2", CRM_DATA},
    {"\"kinds\":15", "\"kinds\":14", "14", CRM_DATA},
    {"\"kinds\":15", "\"kinds\":16", "16", CRM_DATA},
    {"\"kinds\":15", "\"kinds\":\"x\"", "kinds", CRM_DATA},
    {"\"name\":\"contact\",\"records\"", "\"name\":\"martian\",\"records\"",
	"martian", CRM_DATA},
    {"\"name\":\"org\",\"records\"", "\"name\":\"contact\",\"records\"",
	"contact", CRM_DATA},
    {"\"records\":2,", "\"records\":3,", "promised", CRM_DATA},
    {"\"records\":2,", "\"records\":1,", "promised", CRM_DATA},
    {"\"records\":2,\"next\":3,", "\"records\":2,\"next\":0,", "damaged",
	CRM_DATA},
    {"\"records\":2,\"next\":3,", "\"records\":2,\"next\":99999999999999999,",
	"damaged", CRM_DATA},
    {"\"name\":\"contact.name\",\"type\":\"text\"",
	"\"name\":\"contact.name\",\"type\":\"int\"", "contact.name", CRM_DATA},
    {"\"name\":\"contact.name\"", "\"name\":\"contact.nome\"", "contact.nome",
	CRM_DATA},
    {"\"name\":\"task\",\"prefix\":\"t\"",
	"\"name\":\"task\",\"prefix\":\"zz\"", "task", CRM_DATA},
    {"{\"crm\":\"kind\",\"name\":\"org\"", "{\"crm\":\"kind\",\"naam\":\"org\"",
	"no kind", CRM_DATA},
    {"{\"crm\":\"kind\",\"name\":\"field\"",
	"{\"crm\":\"kind\",\"name\":\"contact\"", "before", CRM_DATA},
    {"{\"crm\":\"archive\"", "{\"crm\":\"pudding\"", "no archive", CRM_DATA},
};

static void
forgeries_make_no_store(void **state)
{
	struct fixture *f = *state;
	struct buf good = sample(f);

	shell("rm -r %s/*", f->dir);
	for (size_t i = 0; i < ARRAY_LEN(forgeries); i++) {
		const struct forgery *x = &forgeries[i];
		struct buf bad = replaced(str_of(&good), x->from, x->to);

		sum_again(f, &bad);
		refused(f, str_of(&bad), x->code, x->why);
		buf_clear(&bad);
	}
	buf_clear(&good);
}

static void
more_than_it_says_makes_no_store(void **state)
{
	struct fixture *f = *state;
	struct buf good = sample(f), bad = {0};

	shell("rm -r %s/*", f->dir);
	buf_add(&bad, str_of(&good));
	buf_addz(&bad, "{\"id\":\"c7\"}\n");
	refused(f, str_of(&bad), CRM_DATA, "follows the end");
	buf_reset(&bad);
	buf_add(&bad, str_of(&good));
	buf_add(&bad, str_of(&good));
	refused(f, str_of(&bad), CRM_DATA, "follows the end");
	refused(f, STR(""), CRM_DATA, "cut short");
	refused(f, STR("{\"id\":\"c7\"}\n"), CRM_DATA, "no archive");
	refused(f, STR("hello\n"), CRM_DATA, "in:1");
	buf_clear(&bad);
	buf_clear(&good);
}

static void
a_cut_archive_makes_no_store(void **state)
{
	struct fixture *f = *state;
	struct buf good = sample(f);
	size_t step = good.n / rounds(60, 30, 20);

	shell("rm -r %s/*", f->dir);
	for (size_t n = 1; n < good.n - 1; n += step)
		refused(f, str_head(str_of(&good), n), CRM_DATA, "in:");
	/* At the ends of lines nothing is wrong with the lines. */
	for (size_t n = good.n - 2; n > good.n - 2000; n--)
		if (good.p[n - 1] == '\n')
			refused(f, str_head(str_of(&good), n), CRM_DATA,
			    "cut short");
	buf_clear(&good);
}

/* A byte is another one: no store is made, or just the same one. */
static void
a_damaged_archive_makes_no_store(void **state)
{
	struct fixture *f = *state;
	struct random_store r = {.seed = 7};
	struct buf good = sample(f), bad = {0};

	for (unsigned i = 0; i < rounds(150, 60, 40); i++) {
		struct store *s = store_new(f);
		size_t at = random_draw(&r, good.n);

		buf_reset(&bad);
		buf_add(&bad, str_of(&good));
		bad.p[at] = (char)(bad.p[at] ^ 1 << random_draw(&r, 8));
		if (json_to(s, str_of(&bad), false, &f->dg) == CRM_OK) {
			struct buf again = json_of(f, s);

			assert_true(str_eq(str_of(&good), str_of(&again)));
			buf_clear(&again);
		} else {
			assert_true(store_missing(s));
		}
		store_close(s);
	}
	buf_clear(&bad);
	buf_clear(&good);
}

static void
a_store_that_is_there_stays(void **state)
{
	struct fixture *f = *state;
	struct buf text = sample(f), after;
	struct store *s = store_new(f);

	OK(f, json_to(s, str_of(&text), false, &f->dg));
	assert_int_equal(json_to(s, str_of(&text), false, &f->dg), CRM_DATA);
	assert_non_null(strstr(diag_text(&f->dg), "-S"));
	assert_int_equal(dir_to(f, s, f->dir), CRM_DATA);
	after = json_of(f, s);
	assert_true(str_eq(str_of(&text), str_of(&after)));
	store_close(s);
	buf_clear(&after);
	buf_clear(&text);
}

static void
a_dry_run_makes_nothing(void **state)
{
	struct fixture *f = *state;
	struct buf text = sample(f);
	struct store *s = store_new(f);

	shell("rm -r %s/*", f->dir);
	OK(f, json_to(s, str_of(&text), true, &f->dg));
	assert_true(store_missing(s));
	shell("test -z \"$(ls %s)\"", f->dir);
	OK(f, json_to(s, str_of(&text), false, &f->dg));
	assert_false(store_missing(s));
	store_close(s);
	buf_clear(&text);
}

static void
directories_that_are_not_whole(void **state)
{
	static const struct {
		const char *command, *why;
	} damages[] = {
	    {"rm MANIFEST", "MANIFEST"},
	    {"rm contact.tsv", "contact.tsv"},
	    {"rm contact.tsv; mkfifo contact.tsv", "no plain file"},
	    {"sed -i '$d' contact.tsv", "promised"},
	    {"sed -i 's/Ada/Eva/' contact.tsv", "checksum"},
	    {"sed -i '$d' MANIFEST", "crc32c"},
	    {"sed -i '$p' MANIFEST", "follows the end"},
	    {"sed -i 's/^kind\tcontact$/kind\t..\\/x/' MANIFEST", "no name"},
	    {"sed -i 's/^version\t1$/version\t2/' MANIFEST", "version 2"},
	    {"printf 'id\\n' >martian.tsv", "martian.tsv"},
	    {"sed -i 's/Ada/A\\\\da/' contact.tsv", "contact.tsv"},
	    {"printf 'c9\\n' >>contact.tsv", "contact.tsv:4"},
	};
	struct fixture *f = *state;
	struct buf text = sample(f);
	struct store *s = store_new(f);

	OK(f, json_to(s, str_of(&text), false, &f->dg));
	for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
		struct store *to = store_new(f);
		const char *path = dir_of(f, s, "d");

		assert_true(archive_is_dir(path));
		shell("cd %s && %s", path, damages[i].command);
		if (dir_to(f, to, path) != CRM_DATA ||
		    !strstr(diag_text(&f->dg), damages[i].why))
			fail_msg(
			    "%s: %s", damages[i].command, diag_text(&f->dg));
		assert_true(store_missing(to));
		store_close(to);
		shell("rm -r %s", path);
	}
	assert_int_equal(dir_to(f, s, "/nowhere"), CRM_DATA);
	store_close(s);
	buf_clear(&text);
}

static void
a_directory_takes_no_place(void **state)
{
	struct fixture *f = *state;
	struct buf text = sample(f);
	struct store *s = store_new(f);
	char path[128];

	OK(f, json_to(s, str_of(&text), false, &f->dg));
	snprintf(path, sizeof(path), "%s/out", f->dir);
	shell("mkdir %s", path);
	OK(f, archive_write_dir(s, path, NULL, &f->dg));
	assert_int_equal(archive_write_dir(s, path, NULL, &f->dg), CRM_DATA);
	assert_non_null(strstr(diag_text(&f->dg), "there already"));
	snprintf(path, sizeof(path), "%s/file", f->dir);
	shell("touch %s", path);
	assert_int_equal(archive_write_dir(s, path, NULL, &f->dg), CRM_DATA);
	snprintf(path, sizeof(path), "%s/no/such", f->dir);
	assert_int_equal(archive_write_dir(s, path, NULL, &f->dg), CRM_IO);
	snprintf(path, sizeof(path), "%s/slash/", f->dir);
	OK(f, archive_write_dir(s, path, NULL, &f->dg));
	assert_true(archive_is_dir(path));
	shell("test \"$(stat -c %%a %s %s/contact.tsv | tr '\n' ' ')\" = "
	      "'700 600 '",
	    path, path);
	/* Nothing half is left. */
	shell("test -z \"$(find %s -name '*.new*')\"", f->dir);
	store_close(s);
	buf_clear(&text);
}

/* Somebody writes while we do, and the store is paused: two moments. */
struct between {
	struct store *s;
	struct buf *out;
	bool written;
};

static enum crm_err
write_between(void *arg, struct diag *dg)
{
	struct between *b = arg;
	struct store_options o = {.path = store_path(b->s)};
	struct random_store r = {.seed = 5, .time = 1772452800, .dg = dg};
	enum crm_err err = CRM_OK;

	buf_reset(b->out);
	store_pause(b->s);
	if (!b->written)
		err = store_open(&r.s, &o, dg);
	for (int i = 0; i < 3 && !b->written && err == CRM_OK; i++)
		err = random_txn(&r, 100);
	b->written = true;
	store_close(r.s);
	buf_clear(&r.text);
	buf_clear(&r.values);
	return err;
}

static void
orgs_add(struct fixture *f, struct store *s, int n)
{
	const struct kind *k = schema_kind_no(store_schema(s), KIND_ORG);
	struct change_field v = {.field = schema_field(k, STR("name")),
	    .after = STR("a name of some length, so that it drains")};

	OK(f, store_begin(s, &who, true, &f->dg));
	for (int i = 0; i < n; i++) {
		struct change c = {
		    .op = CHANGE_CREATE, .kind = k, .fields = &v, .nfields = 1};

		OK(f, store_apply(s, &c, &f->dg));
	}
	OK(f, store_commit(s, &f->dg));
}

static void
an_archive_is_of_one_moment(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_new(f);
	struct buf out = {0};
	struct between b = {.s = s, .out = &out};

	orgs_add(f, s, 10000);
	assert_int_equal(
	    archive_write(s, &out, write_between, &b, NULL, &f->dg), CRM_TEMP);
	assert_non_null(strstr(diag_text(&f->dg), "changed"));
	/* Nobody writes any more. */
	OK(f, archive_write(s, &out, write_between, &b, NULL, &f->dg));
	store_close(s);
	buf_clear(&out);
}

static void
an_archive_is_recognised(void **state)
{
	(void)state;
	assert_true(archive_sniff(STR("{\"crm\":\"archive\",\"version\":1}")));
	assert_true(archive_sniff(
	    STR("\xef\xbb\xbf { \"crm\" : \"archive\" , \"version\": 1 }")));
	assert_false(archive_sniff(STR("{\"crm\":\"kind\"}")));
	assert_false(archive_sniff(STR("{\"id\":\"c1\"}")));
	assert_false(archive_sniff(STR("")));
	assert_false(archive_is_dir("/"));
}

/* A missing store has nothing to be kept. */
static void
no_store_no_archive(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_new(f);
	struct buf out = {0};

	assert_int_equal(
	    archive_write(s, &out, leave, NULL, NULL, &f->dg), CRM_NO);
	assert_int_equal(out.n, 0);
	store_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		random_stores_return, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		forgeries_make_no_store, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		more_than_it_says_makes_no_store, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_cut_archive_makes_no_store, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_damaged_archive_makes_no_store, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_store_that_is_there_stays, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_dry_run_makes_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		directories_that_are_not_whole, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_directory_takes_no_place, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		an_archive_is_of_one_moment, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		no_store_no_archive, setup, teardown),
	    cmocka_unit_test(an_archive_is_recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
