/* SPDX-License-Identifier: ISC */
/* store_words_parts: parts of words lead to all words that a walk over all of
 * them finds, whatever happened to the records, and damage is told. */
#include "store_test.h"

#include "store/posting.h"
#include "store/words_priv.h"

/* LMDB 0.9.24 loses its list of written pages, one of a transaction. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:mdb_midl_alloc\nleak:liblmdb\n";
}

/* ---- entries ---------------------------------------------------------- */

/* Entries of words in order, as part/head's first:others. */
static void
entries_are(const char *const *words, size_t n, const char *want)
{
	struct word_parts *p = word_parts_new();
	struct buf out = {0};
	struct diag dg = {0};
	struct str key, list;
	bool got;

	for (size_t i = 0; i < n; i++)
		assert_true(word_parts_add(p, str_from(words[i])));
	while (true) {
		assert_int_equal(
		    word_parts_next(p, &key, &list, &got, &dg), CRM_OK);
		if (!got)
			break;
		assert_int_equal((unsigned char)key.p[0], WORD_PARTS);
		assert_true(word_parts_read(key, list));
		buf_addf(&out, "%s%.*s:%.*s", out.n ? " " : "",
		    STR_ARG(str_from_pos(key, 1)), STR_ARG(list));
	}
	assert_string_equal(buf_z(&out), want);
	buf_clear(&out);
	word_parts_free(p);
}

static void
words_have_parts(void **state)
{
	static const char *const plain[] = {"a", "ab", "abc", "abcd", "abce",
	    "abxbcd", "acxbcd", "babcd", "babcd", "zzzz"};
	static const char *const wide[] = {"abжd", "грей", "грейс", "안녕하세",
	    "\xf0\x90\x90\xa8\xf0\x90\x90\xa9\xf0\x90\x90\xaa\xf0\x90\x90\xab"};

	(void)state;
	entries_are(plain, 0, "");
	entries_are(plain, 3, "");
	entries_are(plain, ARRAY_LEN(plain),
	    "abcb:ab bcda:bcbxcx bcdb:ab bcea:bc bxba:bx cxba:cx xbca:bxcx "
	    "zzzz:zz");
	entries_are(wide, ARRAY_LEN(wide),
	    "bжda:bж ейсг:ре рейг:ре 녕하세안:녕하 "
	    "\xf0\x90\x90\xa9\xf0\x90\x90\xaa\xf0\x90\x90\xab"
	    "\xf0\x90\x90\xa8:\xf0\x90\x90\xa9\xf0\x90\x90\xaa");
}

static void
some_bytes_are_no_entry(void **state)
{
	struct str key = STR("\376abcd");

	(void)state;
	assert_true(word_parts_read(key, STR("aabb")));
	assert_true(word_parts_read(key, STR("aaéé")));
	assert_false(word_parts_read(key, STR("")));
	assert_false(word_parts_read(key, STR("aab")));
	assert_false(word_parts_read(key, STR("bbaa")));
	assert_false(word_parts_read(key, STR("aaaa")));
	assert_false(word_parts_read(key, STR("aab\xc3")));
	assert_false(word_parts_read(STR("\376"), STR("aa")));
	assert_false(word_parts_read(STR("\376abc"), STR("aa")));
	assert_false(word_parts_read(STR("\376abcde"), STR("aa")));
	assert_false(word_parts_read(STR("\376abc\xff"), STR("aa")));
	assert_false(word_parts_read(STR(""), STR("aa")));
}

/* Random lists of single letters twice, against sets of 26 bits. */
static void
lists_are_merged(void **state)
{
	struct buf lists[3] = {{0}, {0}, {0}}, out = {0};

	(void)state;
	for (unsigned round = 0; round < 500; round++) {
		uint32_t sets[3];

		sets[0] = (uint32_t)draw(1 << 26) & (uint32_t)draw(1 << 26);
		sets[1] = (uint32_t)draw(1 << 26) & (uint32_t)draw(1 << 26);
		if (draw(4) == 0)
			sets[1] &= sets[0];
		sets[2] = sets[0] | sets[1];
		for (unsigned i = 0; i < 3; i++) {
			buf_reset(&lists[i]);
			for (unsigned c = 0; c < 26; c++)
				if (sets[i] >> c & 1)
					buf_addf(&lists[i], "é%c", 'a' + c);
		}
		assert_int_equal(word_parts_merge(str_of(&lists[0]),
				     str_of(&lists[1]), &out),
		    sets[2] != sets[0]);
		assert_string_equal(buf_z(&out), buf_z(&lists[2]));
	}
	for (unsigned i = 0; i < 3; i++)
		buf_clear(&lists[i]);
	buf_clear(&out);
}

/* ---- searches --------------------------------------------------------- */

static const char *const letters[] = {
    "a", "b", "c", "d", "e", "ж", "ю", "д", "안", "녕", "東", "7", "é", "ß"};

static void
random_text(struct buf *out, unsigned most)
{
	uint64_t from = draw(3) * 4, n = 1 + draw(most);

	for (uint64_t i = 0; i < n; i++)
		buf_addz(out, letters[(from + draw(6)) % ARRAY_LEN(letters)]);
}

static void
random_name(struct buf *out)
{
	uint64_t n = 1 + draw(4);

	buf_reset(out);
	for (uint64_t i = 0; i < n; i++) {
		if (i)
			buf_addc(out, ' ');
		random_text(out, draw(30) ? 9 : 60);
	}
}

static bool
matches(enum words_match match, struct str word, struct str text)
{
	return match == WORDS_TAIL ? str_ends(word, text)
				   : str_find(word, text) < word.n;
}

enum { MOST = 4000 };

static void
mark(bool *want, struct str chunk, uint64_t first)
{
	uint64_t *nums = malloc(POSTING_MOST * sizeof(*nums));
	size_t n;

	assert_true(posting_read(chunk, first, nums, &n));
	for (size_t i = 0; i < n; i++) {
		assert_true(nums[i] < MOST);
		want[nums[i]] = true;
	}
	free(nums);
}

/* What a walk over all entries says. */
static void
walk_all(struct fixture *f, enum words_match match, struct str text, bool *want)
{
	struct table *t = table_of(f->s, TABLE_WORDS, KIND_CONTACT, 0);
	MDB_txn *txn;
	MDB_cursor *cur;
	MDB_val k, v;

	memset(want, 0, MOST * sizeof(*want));
	OK(f, env_read(f->s, &txn, &f->dg));
	assert_int_equal(mdb_cursor_open(txn, t->dbi, &cur), 0);
	while (mdb_cursor_get(cur, &k, &v, MDB_NEXT) == 0) {
		struct str word, chunk;
		uint64_t first;

		if ((unsigned char)seal_str(k).p[0] >= WORD_PARTS)
			break;
		assert_true(word_key_read(seal_str(k), &word, &first));
		assert_true(seal_check(t, seal_str(k), seal_str(v), &chunk));
		if (matches(match, word, text))
			mark(want, chunk, first);
	}
	mdb_cursor_close(cur);
}

/* How many records TEXT finds: the same as a walk over all does. */
static uint64_t
finds_the_same(struct fixture *f, enum words_match match, struct str text)
{
	bool *want = calloc(MOST, sizeof(*want));
	struct words *w;
	uint64_t found = 0, num = 0;

	/* First, so that the table is open. */
	OK(f, words_find(f->s, kind(f, "contact"), match, text, UINT64_MAX, &w,
		  &f->dg));
	walk_all(f, match, text, want);
	for (uint64_t i = 1; w && i < MOST; i++) {
		if (num < i)
			OK(f, words_from(w, i, &num, &f->dg));
		if ((num == i) != want[i])
			fail_msg("'%.*s' %s record %llu", STR_ARG(text),
			    want[i] ? "does not find" : "finds",
			    (unsigned long long)i);
		found += want[i];
	}
	words_free(w);
	free(want);
	return found;
}

/* How many of N find something. */
static uint64_t
random_questions(struct fixture *f, unsigned n)
{
	struct buf text = {0};
	uint64_t found = 0;

	for (unsigned i = 0; i < n; i++) {
		/* Digits are looked for whole alone. */
		do {
			buf_reset(&text);
			random_text(&text, draw(4) ? 4 : 7);
		} while (str_chr(str_of(&text), '7') < text.n);
		found += finds_the_same(f, draw(2) ? WORDS_PART : WORDS_TAIL,
			     str_of(&text)) > 0;
	}
	buf_clear(&text);
	return found;
}

static void
change_some(struct fixture *f, struct id *ids, size_t n, uint64_t many)
{
	struct buf name = {0};

	while (many-- > 0) {
		struct id *id = &ids[draw(n)];

		random_name(&name);
		if (id->num == 0) {
			id->kind = KIND_CONTACT;
			OK(f, put(f, CHANGE_CREATE, "contact", id, "name",
				  buf_z(&name), NULL));
		} else if (draw(3) == 0) {
			OK(f, put(f, CHANGE_DELETE, "contact", id, NULL));
			id->num = 0;
		} else {
			OK(f, put(f, CHANGE_UPDATE, "contact", id, "name",
				  buf_z(&name), NULL));
		}
	}
	buf_clear(&name);
}

enum { PEOPLE = 150, ROUNDS = 24 };

static void
parts_lead_to_all_words(void **state)
{
	struct fixture *f = *state;
	struct id *ids = calloc(PEOPLE, sizeof(*ids));
	uint64_t found = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		/* Batches that are full have more than one turn. */
		f->s->words_room = round % 3 == 1 ? 20000 : 0;
		begin(f, round == 0 || draw(2));
		change_some(f, ids, PEOPLE, draw(2) ? 10 : 120);
		if (draw(3) == 0)
			found += random_questions(f, 10);
		f->s->many_fresh = draw(2);
		if (round > 0 && draw(6) == 0)
			store_abort(f->s);
		else
			OK(f, store_commit(f->s, &f->dg));
		/* What an abort took back is not known here. */
		for (size_t i = 0; i < PEOPLE; i++) {
			struct record r;

			if (ids[i].num &&
			    store_get(f->s, ids[i], &r, &f->dg) != CRM_OK)
				ids[i].num = 0;
			diag_clear(&f->dg);
		}
		found += random_questions(f, 40);
		if (round % 4 == 3)
			verify(f);
	}
	/* Not all for nothing. */
	assert_true(found > ROUNDS * 10);
	free(ids);
}

static void
nothing_is_found_beside_the_parts(void **state)
{
	struct fixture *f = *state;
	struct id id = {.kind = KIND_CONTACT};
	uint64_t found = 0;

	begin(f, true);
	OK(f, put(f, CHANGE_CREATE, "contact", &id, "name",
		  "Wendeltreppe Treppenlift Wende", NULL));
	OK(f, store_commit(f->s, &f->dg));
	found += finds_the_same(f, WORDS_PART, STR("treppe"));
	found += finds_the_same(f, WORDS_TAIL, STR("lift"));
	found += finds_the_same(f, WORDS_TAIL, STR("wende"));
	found += finds_the_same(f, WORDS_PART, STR("wen"));
	found += finds_the_same(f, WORDS_PART, STR("en"));
	found += finds_the_same(f, WORDS_TAIL, STR("e"));
	assert_int_equal(found, 6);
	assert_int_equal(finds_the_same(f, WORDS_PART, STR("treppenx")), 0);
	assert_int_equal(finds_the_same(f, WORDS_PART, STR("wendlift")), 0);
	assert_int_equal(finds_the_same(f, WORDS_TAIL, STR("wend")), 0);
}

/* ---- damage ----------------------------------------------------------- */

static struct table *
words_table(struct fixture *f)
{
	return table_of(f->s, TABLE_WORDS, KIND_CONTACT, 0);
}

/* LIST is "" to take the entry away. */
static void
set_part(struct fixture *f, struct str key, struct str list, bool sealed)
{
	struct buf value = {0};

	seal_put(words_table(f), key, list, &value);
	if (!sealed)
		value.p[value.n - 1] ^= 1;
	begin(f, true);
	if (list.n == 0)
		OK(f, table_del(f->s, words_table(f), key, &f->dg));
	else
		OK(f, table_put(
			  f->s, words_table(f), key, str_of(&value), &f->dg));
	OK(f, store_commit(f->s, &f->dg));
	buf_clear(&value);
}

static void
found_is(struct fixture *f, const char *text, uint64_t rows)
{
	struct words *w;

	OK(f, words_find(f->s, kind(f, "contact"), WORDS_PART, str_from(text),
		  UINT64_MAX, &w, &f->dg));
	assert_int_equal(words_rows(w), rows);
	words_free(w);
}

static void
damage_is_told_and_mended(void **state)
{
	struct fixture *f = *state;
	struct str key = STR("\376vels");
	struct id id = {.kind = KIND_CONTACT};
	struct words *w;

	begin(f, true);
	OK(f, put(f, CHANGE_CREATE, "contact", &id, "name",
		  "Lovelace Slovelia Stovel", NULL));
	OK(f, store_commit(f->s, &f->dg));
	verify(f);
	found_is(f, "vel", 3);
	/* More than there is does no harm, a missing one does. */
	set_part(f, key, STR("aalotozz"), true);
	verify(f);
	found_is(f, "vel", 3);
	set_part(f, key, STR("lo"), true);
	found_is(f, "vel", 2);
	faults_say(f, "contact: words with 'vel' that begin with 's' cannot "
		      "be found in the index of words");
	set_part(f, key, STR(""), true);
	found_is(f, "vel", 1);
	faults_say(f, "contact: words with 'vel' that begin with 's' cannot");
	set_part(f, key, STR("loto"), false);
	faults_say(f, "contact: the index of words is damaged at 'vels'");
	assert_int_equal(words_find(f->s, kind(f, "contact"), WORDS_PART,
			     STR("vel"), UINT64_MAX, &w, &f->dg),
	    CRM_CONFIG);
	assert_non_null(strstr(diag_text(&f->dg), "damaged at 'vels'"));
	diag_clear(&f->dg);
	set_part(f, key, STR("tolo"), true);
	faults_say(f, "contact: the index of words is damaged at 'vels'");
	/* All that follows from the records is made anew. */
	begin(f, true);
	OK(f, rebuild_all(f->s, &f->dg));
	OK(f, store_commit(f->s, &f->dg));
	verify(f);
	found_is(f, "vel", 3);
}

/* What is filed into a damaged entry would be lost. */
static void
damage_stops_a_batch(void **state)
{
	struct fixture *f = *state;
	struct id ada = {.kind = KIND_CONTACT}, eve = ada;

	begin(f, true);
	OK(f, put(f, CHANGE_CREATE, "contact", &ada, "name", "Slovelia", NULL));
	OK(f, store_commit(f->s, &f->dg));
	set_part(f, STR("\376vels"), STR("lo"), false);
	begin(f, true);
	OK(f, put(f, CHANGE_CREATE, "contact", &eve, "name", "Stovel", NULL));
	assert_int_equal(store_commit(f->s, &f->dg), CRM_CONFIG);
	assert_non_null(strstr(diag_text(&f->dg), "damaged at 'vels'"));
	diag_clear(&f->dg);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_have_parts),
	    cmocka_unit_test(some_bytes_are_no_entry),
	    cmocka_unit_test(lists_are_merged),
	    cmocka_unit_test_setup_teardown(
		parts_lead_to_all_words, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		nothing_is_found_beside_the_parts, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		damage_is_told_and_mended, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		damage_stops_a_batch, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
