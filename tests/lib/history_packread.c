/* SPDX-License-Identifier: ISC */
/* Unit tests of packread: every blob of a pack, and packs and indexes that are
 * damaged: what is given is right, or nothing is given. */
#include "history_test.h"

#include "history/packread.h"

enum { BLOBS = 300, FLIPS = 2000 };

struct packs {
	struct fixture *f;
	char dir[128];
	struct oid ids[BLOBS];
	char texts[BLOBS][128];
	struct buf file; /* what is damaged */
	char name[256];
};

static void
packs_make(struct packs *p)
{
	struct editor_options o = {0};
	struct commit_text c = {.author = STR("a"), .message = STR("m\n")};
	struct editor *e;
	struct oid id;

	snprintf(p->dir, sizeof(p->dir), "%s/objects/pack", p->f->path);
	OK(p->f, editor_open(&e, p->f->r, NULL, &o, &p->f->dg));
	for (int i = 0; i < BLOBS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "c%d", i + 1);
		snprintf(p->texts[i], sizeof(p->texts[i]),
		    "created\t2026-03-02T12:00:00Z\nname\tPerson %d\n"
		    "email\tperson%d@somewhere.example\ncity\tTown %d\n",
		    i, i, i * i);
		p->ids[i] = object_id(OBJECT_BLOB, str_from(p->texts[i]));
		put(p->f, e, name, p->texts[i]);
	}
	OK(p->f, editor_commit(e, &c, &id, &p->f->dg));
	OK(p->f, editor_finish(e, &p->f->dg));
	editor_free(e);
	OK(p->f, repo_advance(p->f->r, NULL, &id, &p->f->dg));
}

/* How many of the blobs are given; all that are must be right. */
static int
given(struct packs *p)
{
	struct packread *r = packread_open(p->dir);
	struct buf out = {0};
	int n = 0;

	assert_non_null(r);
	for (int i = 0; i < BLOBS; i++) {
		if (!packread_object(r, OBJECT_BLOB, p->ids[i], &out))
			continue;
		assert_true(str_is(str_of(&out), p->texts[i]));
		n++;
	}
	buf_clear(&out);
	packread_close(r);
	return n;
}

static void
file_load(struct packs *p, const char *kind)
{
	char room[4096];
	size_t n;
	FILE *in;

	shell(p->f, "ls %s/pack-*.%s", p->dir, kind);
	snprintf(p->name, sizeof(p->name), "%.*s",
	    (int)str_chr(str_of(&p->f->out), '\n'), p->f->out.p);
	shell(p->f, "chmod u+w %s", p->name);
	in = fopen(p->name, "rb");
	assert_non_null(in);
	buf_reset(&p->file);
	while ((n = fread(room, 1, sizeof(room), in)) > 0)
		buf_add(&p->file, (struct str){.p = room, .n = n});
	fclose(in);
}

static void
file_save(struct packs *p, size_t n)
{
	FILE *out = fopen(p->name, "wb");

	assert_non_null(out);
	assert_int_equal(fwrite(p->file.p, 1, n, out), n);
	assert_int_equal(fclose(out), 0);
}

static void
every_blob(void **state)
{
	struct packs p = {.f = *state};
	struct packread *r;
	struct buf out = {0};

	packs_make(&p);
	assert_int_equal(given(&p), BLOBS);
	r = packread_open(p.dir);
	assert_non_null(r);
	p.ids[0].b[3] ^= 1;
	assert_false(packread_object(r, OBJECT_BLOB, p.ids[0], &out));
	packread_close(r);
	buf_clear(&out);
}

/* However git has packed them: chains of deltas, and too long ones, which are
 * left to libgit2. */
static void
packed_by_git(void **state)
{
	struct packs p = {.f = *state};

	packs_make(&p);
	shell(p.f, "git verify-pack -v %s/*.idx", p.dir);
	assert_true(
	    str_find(str_of(&p.f->out), STR("chain length = 1")) < p.f->out.n);
	git_ok(p.f, "gc -q");
	assert_int_equal(given(&p), BLOBS);
	git_ok(p.f, "repack -adfq --depth=50 --window=2");
	assert_int_equal(given(&p), BLOBS);
	git_ok(p.f, "repack -adFq --depth=0 --window=0");
	assert_int_equal(given(&p), BLOBS);
	shell(p.f,
	    "cd %s && git -C %s fast-export --all >all && "
	    "git init -q --bare deep.git && "
	    "git -C deep.git fast-import --quiet --depth=400 <all",
	    p.f->dir, p.f->path);
	snprintf(p.dir, sizeof(p.dir), "%s/deep.git/objects/pack", p.f->dir);
	assert_in_range(given(&p), 40, 60);
}

static void
damaged(struct packs *p, const char *kind)
{
	int least = BLOBS;

	file_load(p, kind);
	for (int i = 0; i < FLIPS; i++) {
		size_t at = draw(p->f, p->file.n);
		char was = p->file.p[at];
		int n;

		p->file.p[at] = (char)(was ^ (1 << draw(p->f, 8)));
		file_save(p, p->file.n);
		n = given(p);
		if (n < least)
			least = n;
		p->file.p[at] = was;
	}
	assert_true(least < BLOBS);
	for (size_t n = 0; n < p->file.n; n += 1 + p->file.n / 200) {
		file_save(p, n);
		given(p);
	}
	file_save(p, p->file.n);
	assert_int_equal(given(p), BLOBS);
	buf_clear(&p->file);
}

static void
damaged_pack(void **state)
{
	struct packs p = {.f = *state};

	packs_make(&p);
	damaged(&p, "pack");
}

static void
damaged_index(void **state)
{
	struct packs p = {.f = *state};

	packs_make(&p);
	damaged(&p, "idx");
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(every_blob),
	    TEST(packed_by_git),
	    TEST(damaged_pack),
	    TEST(damaged_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
