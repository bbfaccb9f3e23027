/* SPDX-License-Identifier: ISC */
/*
 * crm_archive: a store goes out and comes back the same, in both forms; and
 * what is no archive makes no store. CRM_ROUNDS tries more random stores.
 */
#include "random_store.h"

#include "base/num.h"
#include "crm/archive.h"
#include "crm/archive_read.h"
#include "store/restore.h"

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

	snprintf(f->dir, sizeof(f->dir), "/tmp/crm-archive-XXXXXX");
	*state = f;
	return mkdtemp(f->dir) ? 0 : -1;
}

static void
shell(const char *fmt, ...)
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
	const char *rounds = getenv("CRM_ROUNDS");
	uint64_t n = 300;

	if (rounds && !num_u64(str_from(rounds), &n))
		fail_msg("CRM_ROUNDS=%s", rounds);
	for (uint64_t seed = 1; seed <= n; seed++) {
		struct store *s = store_new(f);

		if (random_store(s, seed, &f->dg) != CRM_OK)
			fail_msg("seed %llu: %s", (unsigned long long)seed,
			    diag_text(&f->dg));
		there_and_back(f, s);
		store_close(s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		random_stores_return, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
