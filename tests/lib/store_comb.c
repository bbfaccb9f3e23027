/* SPDX-License-Identifier: ISC */
/* Unit tests of looking through an index by two threads: what is wanted comes
 * once, and damage is told. */
#include "store/comb.h"
#include "store_test.h"

enum { MANY = 6000 };

/* Two of each name, not behind one another. */
static void
fill(struct fixture *f)
{
	begin(f, true);
	for (int i = 0; i < MANY; i++) {
		struct id id = {0};
		char name[32];

		snprintf(name, sizeof(name), "Ada Byron %04d", i % (MANY / 2));
		OK(f,
		    put(f, CHANGE_CREATE, "contact", &id, "name", name, NULL));
	}
	OK(f, store_commit(f->s, &f->dg));
}

/* What one thread is asked, and how often. */
struct asked {
	const char *part; /* of a key that is wanted */
	unsigned n;
};

static bool
want(void *arg, struct str key)
{
	struct asked *a = arg;

	a->n++;
	return str_find(key, str_from(a->part)) < key.n;
}

struct combed {
	struct asked here, there;
	uint64_t *ids;
	size_t n;
	bool done;
};

static enum crm_err
comb(struct fixture *f, const char *part, struct combed *c)
{
	struct comb_spec spec = {.field = field(f, "contact", "name"),
	    .want = want,
	    .arg = &c->here,
	    .aid = &c->there};

	*c = (struct combed){.here.part = part, .there.part = part};
	return comb_index(f->s, &spec, &c->ids, &c->n, &c->done, &f->dg);
}

static void
what_is_wanted_comes_once(void **state)
{
	static const struct {
		const char *part;
		size_t from, to;
	} rounds[] = {{"ada", 0, MANY / 2}, {"byron 1", 1000, 2000},
	    {"byron 000", 0, 10}, {"byron 2999", 2999, 3000}, {"eve", 0, 0}};
	struct fixture *f = *state;
	unsigned char *seen = calloc(MANY + 1, 1);
	struct combed c;

	fill(f);
	reopen(f, true);
	for (size_t r = 0; r < ARRAY_LEN(rounds); r++) {
		OK(f, comb(f, rounds[r].part, &c));
		assert_true(c.done);
		assert_in_range(c.here.n + c.there.n, MANY / 2, MANY);
		assert_int_equal(c.n, 2 * (rounds[r].to - rounds[r].from));
		memset(seen, 0, MANY + 1);
		for (size_t i = 0; i < c.n; i++) {
			uint64_t num = c.ids[i] >> 16;

			assert_in_range(num, 1, MANY);
			assert_int_equal(seen[num]++, 0);
			assert_true((num - 1) % (MANY / 2) >= rounds[r].from);
			assert_true((num - 1) % (MANY / 2) < rounds[r].to);
		}
		free(c.ids);
	}
	free(seen);
}

static void
it_is_left_to_a_scan(void **state)
{
	struct fixture *f = *state;
	struct combed c;

	/* There is no store. */
	OK(f, comb(f, "ada", &c));
	assert_false(c.done);
	fill(f);
	/* The index is small. */
	OK(f, comb(f, "ada", &c));
	assert_false(c.done);
	reopen(f, true);
	begin(f, false);
	OK(f, comb(f, "ada", &c));
	assert_false(c.done);
	store_abort(f->s);
	assert_int_equal(c.here.n + c.there.n, 0);
}

/* ---- damage ----------------------------------------------------------- */

/* A page of LMDB, and the node in front of a key: where their numbers are. */
enum {
	PAGE = 4096,
	PAGE_FLAGS = 10,
	PAGE_LOWER = 12,
	PAGE_LEAF = 2,
	NODE_KEY = 2 /* bytes before the key: how long it is */
};

static void
shorter_by_a_node(char *page, char *key)
{
	uint16_t lower;

	(void)key;
	memcpy(&lower, page + PAGE_LOWER, sizeof(lower));
	lower = (uint16_t)(lower - 2);
	memcpy(page + PAGE_LOWER, &lower, sizeof(lower));
}

static void
no_key(char *page, char *key)
{
	uint16_t n = ID_BYTES;

	(void)page;
	memcpy(key - NODE_KEY, &n, sizeof(n));
}

/* Closes the store and has the leaf spoilt that has a KEY of the index. */
static void
spoil(struct fixture *f, const char *key, void (*how)(char *page, char *key))
{
	char file[128], *bytes;
	size_t n = strlen(key) + 1, spoilt = 0;
	off_t size;
	int fd;

	store_close(f->s);
	f->s = NULL;
	snprintf(file, sizeof(file), "%s/data.mdb", f->path);
	fd = open(file, O_RDWR);
	assert_true(fd >= 0);
	size = lseek(fd, 0, SEEK_END);
	bytes = malloc((size_t)size);
	assert_non_null(bytes);
	assert_int_equal(pread(fd, bytes, (size_t)size, 0), size);
	for (char *page = bytes; page < bytes + size; page += PAGE) {
		if (!(page[PAGE_FLAGS] & PAGE_LEAF))
			continue;
		for (char *at = page + 16; at < page + PAGE - n; at++)
			if (memcmp(at, key, n) == 0) {
				how(page, at);
				spoilt++;
				break;
			}
	}
	assert_true(spoilt > 0);
	assert_int_equal(pwrite(fd, bytes, (size_t)size, 0), size);
	free(bytes);
	close(fd);
}

static void
damage_at_either_end_is_told(void **state)
{
	static const char *const keys[] = {
	    "ada byron 0000", "ada byron 1500", "ada byron 2999"};
	static const struct {
		void (*how)(char *page, char *key);
		const char *what;
	} ways[] = {{shorter_by_a_node, "some entries of a table are gone"},
	    {no_key, "a key of an index"}};

	for (size_t w = 0; w < ARRAY_LEN(ways); w++)
		for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
			struct combed c;
			struct fixture *f;
			void *own = NULL;

			assert_int_equal(setup(&own), 0);
			f = own;
			fill(f);
			spoil(f, keys[i], ways[w].how);
			reopen(f, true);
			assert_int_equal(comb(f, "byron 1", &c), CRM_CONFIG);
			assert_non_null(
			    strstr(diag_text(&f->dg), ways[w].what));
			diag_clear(&f->dg);
			free(c.ids);
			teardown(&own);
		}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		what_is_wanted_comes_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		it_is_left_to_a_scan, setup, teardown),
	    cmocka_unit_test(damage_at_either_end_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
