/* SPDX-License-Identifier: ISC */
/* store_words: the index of words against a plain model of the texts, after
 * anything that can happen to records, and damaged. */
#include "rounds.h"
#include "store_test.h"

#include "base/utf8.h"
#include "store/posting.h"
#include "store/words_priv.h"

/* LMDB 0.9.24 loses its list of written pages, one of a transaction. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:mdb_midl_alloc\nleak:liblmdb\n";
}

/* ---- chunks ----------------------------------------------------------- */

static void
round_trip(const uint64_t *v, size_t n)
{
	uint64_t *back = malloc(POSTING_MOST * sizeof(*back));
	struct buf out = {0};
	size_t at = 0, got;

	while (at < n) {
		size_t done;

		buf_reset(&out);
		done = posting_write(v + at, n - at, &out);
		assert_true(done > 0 && out.n <= POSTING_BYTES);
		assert_int_equal(posting_count(str_of(&out)), done);
		assert_true(posting_read(str_of(&out), v[at], back, &got));
		assert_int_equal(got, done);
		assert_memory_equal(back, v + at, done * sizeof(*v));
		/* Cut short it is no chunk, or has fewer. */
		if (done > 1)
			assert_false(
			    posting_read(str_head(str_of(&out), out.n - 1),
				v[at], back, &got));
		at += done;
	}
	buf_clear(&out);
	free(back);
}

static void
chunks_keep_what_they_get(void **state)
{
	enum { N = 100000 };
	uint64_t *v = malloc(N * sizeof(*v));

	(void)state;
	for (unsigned way = 0; way < 40; way++) {
		uint64_t num = 1 + draw(1000), step = 1 + draw(200);

		for (size_t i = 0; i < N; i++) {
			v[i] = num;
			if (way % 4 == 0)
				num += 1 + draw(step);
			else if (way % 4 == 1)
				num += draw(50) ? 1 : 1 + draw(step * 1000);
			else if (way % 4 == 2)
				num += draw(step) ? 1 : 2;
			else
				num += 1 + draw(UINT64_C(1) << draw(31));
		}
		round_trip(v, 1 + draw(N));
	}
	v[0] = 1;
	v[1] = ID_NUM_MAX;
	round_trip(v, 1);
	round_trip(v, 2);
	free(v);
}

static void
any_bytes_are_a_chunk_or_not(void **state)
{
	uint64_t *back = malloc(POSTING_MOST * sizeof(*back));
	char bytes[64];
	size_t n;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		size_t len = draw(sizeof(bytes));
		char *copy;

		for (size_t j = 0; j < len; j++)
			bytes[j] = (char)draw(draw(2) ? 256 : 3);
		if (len > 0)
			bytes[0] = "drbx"[draw(4)];
		if (len > 1)
			bytes[1] = (char)draw(2);
		/* On the heap: a look beyond the end is seen. */
		copy = malloc(len ? len : 1);
		memcpy(copy, bytes, len);
		if (posting_read(
			(struct str){.p = copy, .n = len}, 7, back, &n))
			for (size_t j = 1; j < n; j++)
				assert_true(back[j] != back[j - 1]);
		free(copy);
	}
	free(back);
}

/* ---- words of a text -------------------------------------------------- */

static void
words_are(const char *folded, const char *want)
{
	struct str text = str_from(folded);
	struct buf out = {0};
	struct word_run run;
	size_t at = 0;

	while (word_run(text, &at, &run)) {
		size_t in = 0;
		struct str word;

		while (word_next(&run, &in, &word)) {
			if (out.n)
				buf_addc(&out, ' ');
			buf_add(&out, word);
		}
	}
	assert_string_equal(buf_z(&out), want);
	buf_clear(&out);
}

static void
texts_have_words(void **state)
{
	(void)state;
	words_are("", "");
	words_are("a", "");
	words_are("ab, c d-ef", "ab ef");
	words_are("keller7", "keller");
	words_are("c0012", "001 012");
	words_are("12", "");
	words_are("a1b22c333", "333");
	words_are("ст 東京都 x", "ст 東京 京都");
	words_are("東", "東");
	words_are("ภาษา", "ภา าษ ษา");
	words_are("abcdefghijklmnopqrstuvwxyzabcdefghijklmnop"
		  "qrstuvwxyz",
	    "abcdefghijklmnopqrstuvwxyzabcdefghijklmn "
	    "uvwxyzabcdefghijklmnopqrstuvwxyz");
}

/* ---- the model -------------------------------------------------------- */

enum { RECORDS = 300, TEXT = 200 };
struct model {
	struct id id;
	bool there;
	char name[TEXT], note[TEXT * 2], phone[32];
};

static const char *const pieces[] = {"Müller", "Meier", "straße", "STRASSE",
    "Zürich", "Ångström", "東京都", "a", "bc", "12", "345", "6789012",
    "keller7", "x@y.example", "Øre", "naïve", "Грей", "안녕하세요", "ß", "-",
    ". ", "\n", ", ", "donaudampfschifffahrtsgesellschaftskapitaen",
    "supercalifragilisticexpialidociousandmorelettersbehindit", "the", "and",
    "of", "KÖLN", "koeln", "Überraschung"};

static void
random_text(char *out, size_t room)
{
	size_t n = 0, parts = draw(9);

	out[0] = 'n';
	out[1] = '\0';
	for (size_t i = 0; i < parts; i++) {
		const char *p = pieces[draw(ARRAY_LEN(pieces))];

		n = strlen(out);
		if (n + strlen(p) + 2 < room)
			snprintf(
			    out + n, room - n, "%s%s", p, draw(3) ? " " : "");
	}
	n = strlen(out);
	while (n > 0 && (out[n - 1] == ' ' || out[n - 1] == '\n'))
		out[--n] = '\0';
}

static void
random_values(struct model *m)
{
	random_text(m->name, sizeof(m->name));
	random_text(m->note, sizeof(m->note));
	snprintf(m->phone, sizeof(m->phone), "+41 44 %03u %02u %02u",
	    (unsigned)draw(1000), (unsigned)draw(100), (unsigned)draw(100));
}

static void
change_one(struct fixture *f, struct model *m)
{
	if (!m->there) {
		random_values(m);
		if (draw(2))
			m->id = (struct id){.kind = KIND_CONTACT};
		if (m->id.num == 0 && draw(8) == 0)
			m->id = (struct id){.kind = KIND_CONTACT,
			    .tag = (uint16_t)(draw(4) == 0),
			    .num = 1 + draw(ID_NUM_MAX / 2)};
		OK(f, put(f, CHANGE_CREATE, "contact", &m->id, "name", m->name,
			  "note", m->note, "phone", m->phone, NULL));
		m->there = true;
	} else if (draw(3) == 0) {
		OK(f, put(f, CHANGE_DELETE, "contact", &m->id, NULL));
		m->there = false;
	} else if (draw(2)) {
		random_text(m->name, sizeof(m->name));
		OK(f, put(f, CHANGE_UPDATE, "contact", &m->id, "name", m->name,
			  NULL));
	} else {
		random_values(m);
		OK(f, put(f, CHANGE_UPDATE, "contact", &m->id, "name", m->name,
			  "note", m->note, "phone", m->phone, NULL));
	}
}

static bool
is_fresh(const struct id *ids, size_t n, struct id id)
{
	for (size_t i = 0; i < n; i++)
		if (id_eq(ids[i], id))
			return true;
	return false;
}

static void
has_word(struct fixture *f, struct id id, struct str word)
{
	struct words *w;
	uint64_t first, map[2] = {0};

	OK(f, words_find(f->s, kind(f, "contact"), WORDS_WHOLE, word,
		  UINT64_MAX, &w, &f->dg));
	OK(f, words_from(w, id.num, &first, &f->dg));
	if (first != id.num)
		fail_msg("%s has no '%.*s'", text(f, id), STR_ARG(word));
	OK(f, words_fill(w, id.num - 1, map, 64, &f->dg));
	assert_true(map[0] & 2);
	assert_true(map[1] == 0 && words_rows(w) > 0);
	words_free(w);
}

static void
has_words(struct fixture *f, struct id id, const char *value)
{
	struct buf folded[2] = {{0}, {0}};

	utf8_fold(str_from(value), &folded[0]);
	utf8_fold_umlaut(str_from(value), &folded[1]);
	for (unsigned i = 0; i < 2; i++) {
		struct word_run run;
		size_t at = 0;

		while (word_run(str_of(&folded[i]), &at, &run)) {
			size_t in = 0;
			struct str word;

			while (word_next(&run, &in, &word))
				has_word(f, id, word);
		}
		buf_clear(&folded[i]);
	}
}

/* Every word of every record that is filed finds it; the check of the store
 * says that none has too many. */
static void
compare(struct fixture *f, const struct model *m, size_t n)
{
	struct id *fresh;
	size_t nfresh, filed = 0;

	OK(f, words_fresh(f->s, kind(f, "contact"), &fresh, &nfresh, &f->dg));
	for (size_t i = 1; i < nfresh; i++)
		assert_true(id_cmp(fresh[i - 1], fresh[i]) < 0);
	for (size_t i = 0; i < n; i++) {
		if (!m[i].there || is_fresh(fresh, nfresh, m[i].id))
			continue;
		assert_int_equal(m[i].id.tag, 0);
		filed++;
		has_words(f, m[i].id, m[i].name);
		has_words(f, m[i].id, m[i].note);
		has_words(f, m[i].id, m[i].phone);
	}
	free(fresh);
	verify(f);
}

static void
anything_may_happen(void **state)
{
	struct fixture *f = *state;
	struct model *m = calloc(RECORDS, sizeof(*m));
	struct model *before = calloc(RECORDS, sizeof(*m));

	f->s->words_room = 20000;
	for (unsigned round = 0; round < rounds(60, 60, 24); round++) {
		uint64_t many = draw(3) ? draw(20) : draw(600);

		memcpy(before, m, RECORDS * sizeof(*m));
		begin(f, draw(2));
		for (uint64_t i = 0; i < many; i++)
			change_one(f, &m[draw(RECORDS)]);
		if (draw(8) == 0) {
			store_abort(f->s);
			memcpy(m, before, RECORDS * sizeof(*m));
		} else {
			if (draw(3) == 0)
				f->s->many_fresh = true;
			OK(f, store_commit(f->s, &f->dg));
		}
		if (round % 6 == 5)
			compare(f, m, RECORDS);
	}
	compare(f, m, RECORDS);
	free(m);
	free(before);
}

/* ---- many chunks ------------------------------------------------------ */

enum { FAR_STEP = 1000 };

/* Some of the word's chunks are split, some emptied: of the fewest there are
 * CHUNKS. */
static unsigned
many(void)
{
	return rounds(30000, 12000, 8000);
}

static void
set_many(struct fixture *f, bool *has, uint64_t from, uint64_t to,
    uint64_t step, bool want)
{
	begin(f, true);
	for (uint64_t i = from; i < to; i += step) {
		struct id id = {.kind = KIND_CONTACT, .num = i * FAR_STEP};

		if (has[i] == want)
			continue;
		if (want)
			OK(f, put(f, CHANGE_CREATE, "contact", &id, "name",
				  "common", NULL));
		else
			OK(f, put(f, CHANGE_DELETE, "contact", &id, NULL));
		has[i] = want;
	}
	OK(f, store_commit(f->s, &f->dg));
}

static void
exactly(struct fixture *f, const bool *has)
{
	struct words *w;
	uint64_t num = 0, count = 0;

	OK(f, words_find(f->s, kind(f, "contact"), WORDS_PART, STR("ommo"),
		  UINT64_MAX, &w, &f->dg));
	for (uint64_t i = 1; i < many(); i++) {
		if (!has[i])
			continue;
		count++;
		OK(f, words_from(w, num + 1, &num, &f->dg));
		assert_int_equal(num, i * FAR_STEP);
	}
	OK(f, words_from(w, num + 1, &num, &f->dg));
	assert_true(num == UINT64_MAX);
	assert_int_equal(words_rows(w), count);
	words_free(w);
}

static void
chunks_split_and_go(void **state)
{
	struct fixture *f = *state;
	bool *has = calloc(many(), sizeof(*has));

	set_many(f, has, 3, many(), 3, true);
	exactly(f, has);
	set_many(f, has, 1, many(), 3, true);
	exactly(f, has);
	/* Into the middle, a few at a time. */
	for (uint64_t i = 2; i < 1000; i += 9)
		set_many(f, has, i + 5000, i + 5009, 3, true);
	exactly(f, has);
	verify(f);
	set_many(f, has, 3, many(), 3, false);
	exactly(f, has);
	set_many(f, has, 1, many() / 2, 1, false);
	exactly(f, has);
	verify(f);
	set_many(f, has, 1, many(), 1, false);
	exactly(f, has);
	verify(f);
	free(has);
}

/* Single ones are filed when there are many. */
static void
fresh_ones_are_filed(void **state)
{
	struct fixture *f = *state;
	struct id *ids;
	size_t n, most = 0;

	for (unsigned i = 0; i < FRESH_MAX + 20; i++) {
		struct id id = {0};

		begin(f, false);
		OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", "Common",
			  NULL));
		OK(f, store_commit(f->s, &f->dg));
		if (i % 50 == 49 || i >= FRESH_MAX - 2) {
			OK(f, words_fresh(
				  f->s, kind(f, "contact"), &ids, &n, &f->dg));
			most = n > most ? n : most;
			free(ids);
		}
	}
	assert_true(most >= FRESH_MAX - 1 && n < 30);
	has_word(
	    f, (struct id){.kind = KIND_CONTACT, .num = 500}, STR("common"));
	verify(f);
}

/* ---- damage ----------------------------------------------------------- */

static void
put_chunk(struct fixture *f, const char *word, uint64_t num, bool sealed)
{
	struct table *t = table_of(f->s, TABLE_WORDS, KIND_CONTACT, 0);
	unsigned char bytes[WORD_KEY];
	struct str key = word_key(str_from(word), num, bytes);
	struct buf chunk = {0}, value = {0};

	posting_write(&num, 1, &chunk);
	seal_put(t, key, str_of(&chunk), &value);
	if (!sealed)
		value.p[value.n - 1] ^= 1;
	begin(f, true);
	OK(f, table_put(f->s, t, key, str_of(&value), &f->dg));
	OK(f, store_commit(f->s, &f->dg));
	buf_clear(&chunk);
	buf_clear(&value);
}

static void
damage_is_told(void **state)
{
	struct fixture *f = *state;
	struct table *t;
	unsigned char bytes[WORD_KEY];
	struct id id = {0};
	struct words *w;

	begin(f, true);
	OK(f, put(f, CHANGE_CREATE, "contact", &id, "name", "Ada Lovelace",
		  NULL));
	OK(f, store_commit(f->s, &f->dg));
	verify(f);
	put_chunk(f, "babbage", 1, true);
	faults_say(f, "c1: the index of words has 'babbage' too many");
	put_chunk(f, "ada", 1, false);
	faults_say(f, "contact: the index of words is damaged at 'ada'");
	assert_int_equal(words_find(f->s, kind(f, "contact"), WORDS_WHOLE,
			     STR("ada"), UINT64_MAX, &w, &f->dg),
	    CRM_CONFIG);
	assert_non_null(strstr(diag_text(&f->dg), "damaged at 'ada'"));
	assert_null(w);
	diag_clear(&f->dg);
	begin(f, true);
	t = table_of(f->s, TABLE_WORDS, KIND_CONTACT, 0);
	OK(f, table_del(f->s, t, word_key(STR("ada"), 1, bytes), &f->dg));
	OK(f, store_commit(f->s, &f->dg));
	faults_say(f, "c1: its word 'ada' is missing from the index of words");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(chunks_keep_what_they_get),
	    cmocka_unit_test(any_bytes_are_a_chunk_or_not),
	    cmocka_unit_test(texts_have_words),
	    cmocka_unit_test_setup_teardown(
		anything_may_happen, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		chunks_split_and_go, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		fresh_ones_are_filed, setup, teardown),
	    cmocka_unit_test_setup_teardown(damage_is_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
