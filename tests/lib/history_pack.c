/* SPDX-License-Identifier: ISC */
/* Unit tests of packs: deltas, compressed texts, long chains, large offsets,
 * each with git as the reader. */
#include "history_test.h"

#include "history/pack.h"
#include "history/zip.h"

static void
random_bytes(struct fixture *f, size_t n, struct buf *out)
{
	buf_reset(out);
	while (n-- > 0)
		buf_addc(out, (char)draw(f, 256));
}

static size_t
common(struct str a, struct str b, bool at_end)
{
	size_t n = 0;

	while (
	    n < a.n && n < b.n &&
	    (at_end ? a.p[a.n - 1 - n] == b.p[b.n - 1 - n] : a.p[n] == b.p[n]))
		n++;
	return n;
}

/* What DELTA makes of BASE; cut off it never makes something else. */
static void
check_applied(struct str base, struct str delta, struct str data)
{
	struct buf back = {0};

	assert_true(delta_apply(base, delta, &back));
	assert_true(str_eq(data, str_of(&back)));
	for (size_t n = 0; n < delta.n; n++)
		assert_false(delta_apply(base, str_head(delta, n), &back) &&
			     !str_eq(data, str_of(&back)));
	buf_clear(&back);
}

static void
check_delta(struct str base, struct str data)
{
	struct delta_shape s = {.base = base.n,
	    .head = common(base, data, false),
	    .tail = common(base, data, true)};
	struct buf delta = {0};

	delta_make(s, data, &delta);
	check_applied(base, str_of(&delta), data);
	buf_clear(&delta);
}

static void
test_delta(void **state)
{
	struct fixture *f = *state;
	struct buf base = {0}, data = {0}, junk = {0};

	check_delta(STR("abc"), STR("abc"));
	check_delta(STR("abc"), STR(""));
	check_delta(STR("aaaa"), STR("aaaaaaa"));
	check_delta(STR("aaaaaaa"), STR("aaaa"));
	for (int i = 0; i < 300; i++) {
		size_t cut, del;

		random_bytes(f, 1 + draw(f, i % 50 ? 400 : 200000), &base);
		random_bytes(f, draw(f, 300), &junk);
		cut = draw(f, base.n);
		del = draw(f, base.n - cut + 1);
		buf_reset(&data);
		buf_add(&data, str_head(str_of(&base), cut));
		buf_add(&data, str_of(&junk));
		buf_add(&data, str_from_pos(str_of(&base), cut + del));
		check_delta(str_of(&base), str_of(&data));
	}
	for (int i = 0; i < 20000; i++) { /* hostile ones: no crash */
		random_bytes(f, draw(f, 30), &junk);
		buf_insert(&junk, 0, STR("\x05\x10"));
		(void)!delta_apply(STR("abcde"), str_of(&junk), &data);
	}
	buf_clear(&base);
	buf_clear(&data);
	buf_clear(&junk);
}

/* Gives the bytes one after the other. */
static enum crm_err
drip(void *arg, struct str *piece, struct diag *dg)
{
	struct str *rest = arg;

	(void)dg;
	*piece = str_head(*rest, 1);
	*rest = str_from_pos(*rest, 1);
	return CRM_OK;
}

static void
test_zip(void **state)
{
	static const size_t sizes[] = {0, 1, 200, 4096, 4097, 70000};
	struct fixture *f = *state;
	struct zip *z = zip_new(1);
	struct buf text = {0}, packed = {0}, back = {0};

	for (size_t i = 0; i < 2 * ARRAY_LEN(sizes); i++) {
		size_t n = sizes[i / 2];
		struct str rest;
		struct unzip u = {.feed = drip, .arg = &rest, .size = n};

		random_bytes(f, n, &text);
		buf_reset(&packed);
		if (i % 2 && n <= 65535)
			zip_store(str_of(&text), &packed);
		else
			assert_true(zip_add(z, str_of(&text), &packed));
		rest = str_of(&packed);
		OK(f, zip_take(z, &u, &back, &f->dg));
		assert_true(str_eq(str_of(&text), str_of(&back)));
		rest = str_of(&packed);
		u.size = n + 1;
		assert_int_equal(zip_take(z, &u, &back, &f->dg), CRM_IO);
		u.size = n - 1;
		rest = str_of(&packed);
		if (n > 0)
			assert_int_equal(
			    zip_take(z, &u, &back, &f->dg), CRM_IO);
		u.size = n;
		rest = str_head(str_of(&packed), packed.n - 1);
		assert_int_equal(zip_take(z, &u, &back, &f->dg), CRM_IO);
	}
	zip_free(z);
	buf_clear(&text);
	buf_clear(&packed);
	buf_clear(&back);
}

/* The delta by lines; how long it is. */
static size_t
lines_delta(const char *base, const char *data)
{
	struct buf delta = {0};
	size_t n;

	delta_lines(str_from(base), str_from(data), &delta);
	assert_false(delta.failed);
	check_applied(str_from(base), str_of(&delta), str_from(data));
	n = delta.n;
	buf_clear(&delta);
	return n;
}

/* Lines of fields and values out of few of them, so that many are alike. */
static void
random_lines(struct fixture *f, struct buf *out)
{
	static const char *const words[] = {"created", "name", "tag", "Anna",
	    "2026-03-02T12:00:00Z", "", "city", "Kassel", "\\n", "\xc3\xa4",
	    "a value of some length"};

	buf_reset(out);
	for (size_t n = draw(f, 12); n > 0; n--) {
		buf_addz(out, words[draw(f, ARRAY_LEN(words))]);
		if (draw(f, 10))
			buf_addc(out, '\t');
		buf_addz(out, words[draw(f, ARRAY_LEN(words))]);
		if (draw(f, 3) == 0)
			buf_addu(out, draw(f, 1000));
		if (n > 1 || draw(f, 4))
			buf_addc(out, '\n');
	}
}

static void
test_delta_lines(void **state)
{
	static const char one[] = "created\t2026-03-02T12:00:00Z\ntag\tt10\n"
				  "name\tName344 Family916\n"
				  "email\tn42@x375.example\ncity\tCity425\n";
	static const char two[] = "created\t2026-03-02T12:00:00Z\ntag\tt4\n"
				  "name\tName47 Family995\n"
				  "email\tn43@x554.example\ncity\tCity397\n";
	struct fixture *f = *state;
	struct buf base = {0}, data = {0};

	assert_int_equal(lines_delta("", ""), 2);
	assert_int_equal(lines_delta(one, ""), 2);
	assert_int_equal(lines_delta("", "name\tAnna\n"), 2 + 1 + 10);
	assert_int_equal(lines_delta(one, one), 2 + 2); /* one copy */
	assert_true(lines_delta(one, two) < strlen(two) / 2);
	for (int i = 0; i < 20000; i++) {
		random_lines(f, &base);
		random_lines(f, &data);
		lines_delta(buf_z(&base), buf_z(&data));
	}
	buf_clear(&base);
	buf_clear(&data);
}

/* Versions of one text, each a delta against the one before: chains stay
 * short enough for git; everything reads back before and after. */
static void
test_chain(void **state)
{
	enum { VERSIONS = 180 };
	struct fixture *f = *state;
	struct oid ids[VERSIONS];
	struct buf text = {0}, back = {0}, name = {0}, args = {0};
	struct buf delta = {0};
	struct pack_at at = {0};
	struct pack *p;
	char dir[128];
	unsigned deepest = 0;

	snprintf(dir, sizeof(dir), "%s/objects/pack", f->path);
	OK(f, pack_open(&p, dir, 1, &f->dg));
	random_bytes(f, 500, &text);
	for (unsigned i = 0; i < VERSIONS; i++) {
		struct delta_shape s = {
		    .base = text.n, .head = 100, .tail = text.n - 120};
		struct pack_text both = {.whole = str_of(&text)};
		struct pack_at was = at;

		text.p[100 + i % 20] = (char)draw(f, 256);
		ids[i] = object_id(OBJECT_TREE, str_of(&text));
		if (pack_find(p, ids[i], &at))
			continue;
		buf_reset(&delta);
		delta_make(s, str_of(&text), &delta);
		both.delta = str_of(&delta);
		if (i == 0)
			OK(f, pack_put(p, OBJECT_TREE, both.whole, ids[i], &at,
				  &f->dg));
		else
			OK(f, pack_put_delta(p, OBJECT_TREE, both, ids[i], was,
				  &at, &f->dg));
		if (at.depth > deepest)
			deepest = at.depth;
	}
	assert_int_equal(deepest, PACK_DEPTH_MAX);
	for (unsigned i = 0; i < VERSIONS; i++) {
		assert_true(pack_find(p, ids[i], &at));
		OK(f, pack_read(p, at, &back, &f->dg));
		assert_true(
		    oid_eq(ids[i], object_id(OBJECT_TREE, str_of(&back))));
	}
	OK(f, pack_close(p, &name, &f->dg));
	assert_int_equal(name.n, 40);
	assert_int_equal(pack_objects(p), 0);
	pack_free(p);
	buf_addf(&args,
	    "index-pack --fsck-objects -o ../x.idx "
	    "objects/pack/pack-%s.pack",
	    name.p);
	git(f, args.p); /* these are no trees: only the names count */
	buf_reset(&args);
	buf_addf(&args, "verify-pack objects/pack/pack-%s.idx", name.p);
	git_ok(f, args.p);
	for (unsigned i = 0; i < VERSIONS; i++) {
		OK(f, object_read(f->r, ids[i], OBJECT_TREE, &back, &f->dg));
		assert_true(
		    oid_eq(ids[i], object_id(OBJECT_TREE, str_of(&back))));
	}
	buf_clear(&text);
	buf_clear(&back);
	buf_clear(&name);
	buf_clear(&args);
	buf_clear(&delta);
}

/* More than the buffer holds: read back from the file, its head patched. */
static void
test_flushed(void **state)
{
	enum { TEXTS = 200 };
	struct fixture *f = *state;
	struct oid ids[TEXTS];
	struct buf text = {0}, name = {0}, args = {0};
	struct pack_at at;
	struct pack *p;
	char dir[128];

	snprintf(dir, sizeof(dir), "%s/objects/pack", f->path);
	OK(f, pack_open(&p, dir, 1, &f->dg));
	for (unsigned i = 0; i < TEXTS; i++) {
		random_bytes(f, 1 + draw(f, 9000), &text);
		ids[i] = object_id(OBJECT_BLOB, str_of(&text));
		OK(f, pack_put(
			  p, OBJECT_BLOB, str_of(&text), ids[i], NULL, &f->dg));
		assert_true(pack_find(p, ids[i / 2], &at));
		OK(f, pack_read(p, at, &text, &f->dg));
		assert_true(
		    oid_eq(ids[i / 2], object_id(OBJECT_BLOB, str_of(&text))));
	}
	assert_int_equal(pack_objects(p), TEXTS);
	assert_true(pack_bytes(p) > 1 << 18);
	OK(f, pack_close(p, &name, &f->dg));
	pack_free(p);
	buf_addf(&args, "verify-pack objects/pack/pack-%s.idx", name.p);
	git_ok(f, args.p);
	buf_clear(&text);
	buf_clear(&name);
	buf_clear(&args);
}

/* An index of objects beyond 2 GiB, many and few, as git reads it. */
static void
check_index(struct fixture *f, size_t n)
{
	struct packindex x = {0};
	struct outfile file;
	struct buf args = {0};
	uint64_t sum = 0, got = 0;
	const char *line;

	for (size_t i = 0; i < n; i++) {
		uint64_t off = 12 + i * (UINT64_C(1) << 21);
		struct oid id = object_id(
		    OBJECT_BLOB, (struct str){.p = (const char *)&off, .n = 8});

		assert_true(packindex_add(
		    &x, id, (struct pack_at){.off = off}, (uint32_t)i));
		sum += off * id.b[3];
	}
	OK(f, outfile_open(&file, f->dir, &f->dg));
	OK(f, packindex_write(&x, (struct oid){{9}}, &file, &f->dg));
	OK(f, outfile_flush(&file, 0, &f->dg));
	buf_addf(&args, "show-index < %s", file.path.p);
	git_ok(f, args.p);
	for (line = buf_z(&f->out); *line; line = strchr(line, '\n') + 1) {
		char *end;
		uint64_t off = strtoull(line, &end, 10);
		char digits[3] = {end[7], end[8], 0};

		got += off * strtoull(digits, NULL, 16);
	}
	assert_true(got == sum);
	outfile_clear(&file);
	packindex_clear(&x);
	buf_clear(&args);
}

static void
test_index(void **state)
{
	struct fixture *f = *state;

	check_index(f, 1);
	check_index(f, 1500);
	check_index(f, 20000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_delta, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_delta_lines, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_zip, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_chain, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_flushed, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_index, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
