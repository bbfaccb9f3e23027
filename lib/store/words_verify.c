/* SPDX-License-Identifier: ISC */
/*
 * words_verify: the words of all records against the index of words, and back.
 * Sums of what either says are compared, for a thousand groups of words: only
 * where they differ is each word looked at. The parts of the words in the
 * index must lead to them.
 */
#include "base/num.h"
#include "store/posting.h"
#include "store/words_priv.h"

enum { GROUPS = 1024 };

struct check {
	struct word_sink sink; /* first: this is one */
	struct store *s;
	struct verify *v;
	const struct kind *k;
	struct table *t;
	struct id *fresh; /* are not filed, or always looked at */
	size_t nfresh;
	uint64_t records[GROUPS], index[GROUPS];
	bool bad[GROUPS];
	uint64_t *hashes; /* of a record's words */
	size_t n, cap;
	bool failed;
	uint64_t *chunk;
	struct word_parts *parts; /* what those of the index need */
	struct buf merged;
	struct id id; /* the record looked at */
	struct str word;
	bool found;
	struct buf text;
};

static uint64_t
hash_of(struct str word)
{
	uint64_t x = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < word.n; i++)
		x = (x ^ (unsigned char)word.p[i]) * UINT64_C(0x100000001b3);
	return x ^ x >> 29;
}

static uint64_t
pair_of(uint64_t hash, uint64_t num)
{
	uint64_t x = (hash ^ num * UINT64_C(0x9e3779b97f4a7c15)) *
		     UINT64_C(0xbf58476d1ce4e5b9);

	return (x ^ x >> 31) * UINT64_C(0x94d049bb133111eb);
}

static const char *
id_text(struct check *c, struct id id)
{
	buf_reset(&c->text);
	id_print(c->s->schema, id, &c->text);
	return buf_z(&c->text);
}

static bool
is_fresh(const struct check *c, uint64_t num)
{
	size_t lo = 0, hi = c->nfresh;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->fresh[mid].num < num)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < c->nfresh && c->fresh[lo].num == num;
}

/* ---- what the records say --------------------------------------------- */

static void
sum_word(struct word_sink *to, struct str word)
{
	struct check *c = (struct check *)(void *)to;

	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 256;
		uint64_t *v = realloc(c->hashes, cap * sizeof(*v));

		if (!v) {
			c->failed = true;
			return;
		}
		c->hashes = v;
		c->cap = cap;
	}
	c->hashes[c->n++] = hash_of(word);
}

static int
num_cmp(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
sum_record(struct check *c, const struct record *r)
{
	c->n = 0;
	words_cut_row(c->k, &r->row, &c->sink);
	if (c->n > 0)
		qsort(c->hashes, c->n, sizeof(*c->hashes), num_cmp);
	for (size_t i = 0; i < c->n; i++)
		if (i == 0 || c->hashes[i] != c->hashes[i - 1])
			c->records[c->hashes[i] % GROUPS] +=
			    pair_of(c->hashes[i], r->id.num);
}

/* Calls FN for the records whose words are filed. A damaged one was reported
 * already. */
static enum crm_err
each_record(struct check *c,
    enum crm_err (*fn)(
	struct check *c, const struct record *r, struct diag *dg),
    struct diag *dg)
{
	struct scan_spec spec = {.type = SCAN_KIND, .kind = c->k, .bare = true};
	struct scan *sc = NULL;
	bool got = true;
	enum crm_err err = scan_open(&sc, c->s, &spec, dg);

	while (err == CRM_OK) {
		struct record r;
		struct id id;

		err = scan_next(sc, &id, &got, dg);
		if (err != CRM_OK || !got)
			break;
		err = scan_record(sc, &r, dg);
		if (err == CRM_CONFIG) {
			diag_clear(dg);
			err = CRM_OK;
			continue;
		}
		if (err == CRM_OK)
			err = fn(c, &r, dg);
		if (c->failed || words_sink_failed(&c->sink))
			err = diag_nomem(dg);
	}
	scan_close(sc);
	return err;
}

static enum crm_err
on_record(struct check *c, const struct record *r, struct diag *dg)
{
	(void)dg;
	if (is_fresh(c, r->id.num))
		return CRM_OK;
	if (r->id.tag)
		verify_fault(c->v, "%s: missing from the index of words",
		    id_text(c, r->id));
	else
		sum_record(c, r);
	return CRM_OK;
}

/* ---- what the index says ---------------------------------------------- */

static void
damaged(struct check *c, struct str at)
{
	verify_fault(c->v, "%.*s: the index of words is damaged at '%.*s'",
	    STR_ARG(c->k->name), STR_ARG(at));
}

static bool
is_part(struct str key)
{
	return key.n > 0 && (unsigned char)key.p[0] == WORD_PARTS;
}

static void
report_part(struct check *c, struct str key, struct str sealed)
{
	struct str list;

	if (!seal_check(c->t, key, sealed, &list) ||
	    !word_parts_read(key, list))
		damaged(c, str_from_pos(key, 1));
}

/* Calls FN for every sound chunk; its N numbers are in c->chunk. */
static enum crm_err
each_chunk(struct check *c, bool report,
    enum crm_err (*fn)(
	struct check *c, struct str word, size_t n, struct diag *dg),
    struct diag *dg)
{
	MDB_txn *txn;
	MDB_cursor *cur = NULL;
	MDB_val k, v;
	bool there;
	enum crm_err err = table_open(c->s, c->t, &there, dg);
	int rc;

	if (err == CRM_OK)
		err = env_read(c->s, &txn, dg);
	if (err != CRM_OK || !there)
		return err;
	rc = mdb_cursor_open(txn, c->t->dbi, &cur);
	if (rc == 0)
		rc = mdb_cursor_get(cur, &k, &v, MDB_FIRST);
	for (; rc == 0 && err == CRM_OK;
	     rc = mdb_cursor_get(cur, &k, &v, MDB_NEXT)) {
		struct str word = {0}, chunk;
		uint64_t first;
		size_t n;

		if (is_part(seal_str(k))) {
			if (report)
				report_part(c, seal_str(k), seal_str(v));
			continue;
		}
		if (!word_key_read(seal_str(k), &word, &first) ||
		    !seal_check(c->t, seal_str(k), seal_str(v), &chunk)) {
			if (report)
				damaged(c, word);
			continue;
		}
		/* One with a tag: that it is there says all. */
		if ((unsigned char)word.p[0] == 0xff)
			continue;
		if (posting_read(chunk, first, c->chunk, &n))
			err = fn(c, word, n, dg);
		else if (report)
			verify_fault(c->v,
			    "%.*s: the index of words makes no sense at "
			    "'%.*s'",
			    STR_ARG(c->k->name), STR_ARG(word));
	}
	if (cur)
		mdb_cursor_close(cur);
	if (err == CRM_OK && rc != MDB_NOTFOUND)
		err = env_fail(c->s, rc, "reading", dg);
	return err;
}

static enum crm_err
on_chunk(struct check *c, struct str word, size_t n, struct diag *dg)
{
	uint64_t hash = hash_of(word), sum = 0;

	for (size_t i = 0; i < n; i++)
		if (c->nfresh == 0 || !is_fresh(c, c->chunk[i]))
			sum += pair_of(hash, c->chunk[i]);
	c->index[hash % GROUPS] += sum;
	return word_parts_add(c->parts, word) ? CRM_OK : diag_nomem(dg);
}

/* Every part of a word must lead to it; others do no harm. */
static enum crm_err
check_parts(struct check *c, struct diag *dg)
{
	struct str key, want, sealed, list;
	bool got, found;
	enum crm_err err = word_parts_next(c->parts, &key, &want, &got, dg);

	while (err == CRM_OK && got) {
		struct str at = str_from_pos(key, 1);
		struct str part = word_head(at, at.n - 1);

		err = table_get(c->s, c->t, key, &sealed, &found, dg);
		if (err != CRM_OK)
			break;
		list =
		    found ? str_from_pos(sealed, SEAL_BYTES) : (struct str){0};
		/* A damaged one was reported already. */
		if (!(found && !seal_check(c->t, key, sealed, &list)) &&
		    word_parts_merge(list, want, &c->merged))
			verify_fault(c->v,
			    "%.*s: words with '%.*s' that begin with '%.*s' "
			    "cannot be found in the index of words",
			    STR_ARG(c->k->name), STR_ARG(part),
			    STR_ARG(str_from_pos(at, part.n)));
		err = c->merged.failed
			  ? diag_nomem(dg)
			  : word_parts_next(c->parts, &key, &want, &got, dg);
	}
	return err;
}

/* ---- where they differ ------------------------------------------------ */

static void
look_word(struct word_sink *to, struct str word)
{
	struct check *c = (struct check *)(void *)to;
	struct words *w = NULL;
	struct diag dg = {0};
	uint64_t first;

	if (!c->bad[hash_of(word) % GROUPS])
		return;
	/* What cannot be read was reported with its chunk. */
	if (words_find(c->s, c->k, WORDS_WHOLE, word, UINT64_MAX, &w, &dg) ==
		CRM_OK &&
	    words_from(w, c->id.num, &first, &dg) == CRM_OK &&
	    first != c->id.num)
		verify_fault(c->v,
		    "%s: its word '%.*s' is missing from the index of words",
		    id_text(c, c->id), STR_ARG(word));
	words_free(w);
	diag_clear(&dg);
}

static enum crm_err
look_record(struct check *c, const struct record *r, struct diag *dg)
{
	(void)dg;
	if (r->id.tag || is_fresh(c, r->id.num))
		return CRM_OK;
	c->id = r->id;
	words_cut_row(c->k, &r->row, &c->sink);
	return CRM_OK;
}

static void
same_word(struct word_sink *to, struct str word)
{
	struct check *c = (struct check *)(void *)to;

	c->found = c->found || str_eq(word, c->word);
}

static enum crm_err
look_chunk(struct check *c, struct str word, size_t n, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	if (!c->bad[hash_of(word) % GROUPS])
		return CRM_OK;
	c->word = word;
	for (size_t i = 0; i < n && err == CRM_OK; i++) {
		struct id id = {.kind = c->k->no, .num = c->chunk[i]};
		struct record r;

		if (is_fresh(c, id.num))
			continue;
		c->found = false;
		err = record_read(c->s, id, &r, dg);
		if (err == CRM_OK)
			words_cut_row(c->k, &r.row, &c->sink);
		/* A damaged one was reported already. */
		c->found = c->found || err == CRM_CONFIG;
		if (err == CRM_NO || err == CRM_CONFIG) {
			diag_clear(dg);
			err = CRM_OK;
		}
		if (!c->found)
			verify_fault(c->v,
			    "%s: the index of words has '%.*s' too many",
			    id_text(c, id), STR_ARG(word));
	}
	return err;
}

/* ---- a kind ----------------------------------------------------------- */

static enum crm_err
check_kind(struct check *c, struct diag *dg)
{
	bool differ = false;
	enum crm_err err = words_fresh(c->s, c->k, &c->fresh, &c->nfresh, dg);

	c->sink.add = sum_word;
	if (err == CRM_OK)
		err = each_record(c, on_record, dg);
	if (err == CRM_OK)
		err = each_chunk(c, true, on_chunk, dg);
	if (err == CRM_OK)
		err = check_parts(c, dg);
	for (size_t i = 0; i < GROUPS; i++) {
		c->bad[i] = c->records[i] != c->index[i];
		differ = differ || c->bad[i];
	}
	if (err != CRM_OK || !differ)
		return err;
	c->sink.add = look_word;
	err = each_record(c, look_record, dg);
	c->sink.add = same_word;
	return err == CRM_OK ? each_chunk(c, false, look_chunk, dg) : err;
}

/* Entries of the fresh that cannot be read. */
static enum crm_err
check_fresh(struct store *s, struct verify *v, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_FRESH, 0, 0);
	MDB_txn *txn;
	MDB_cursor *cur = NULL;
	MDB_val k, val;
	bool there;
	enum crm_err err = table_open(s, t, &there, dg);
	int rc;

	if (err == CRM_OK)
		err = env_read(s, &txn, dg);
	if (err != CRM_OK || !there)
		return err;
	rc = mdb_cursor_open(txn, t->dbi, &cur);
	if (rc == 0)
		rc = mdb_cursor_get(cur, &k, &val, MDB_FIRST);
	for (; rc == 0; rc = mdb_cursor_get(cur, &k, &val, MDB_NEXT)) {
		struct fresh f;

		if (!fresh_read(t, seal_str(k), seal_str(val), &f))
			verify_fault(
			    v, "the list of fresh words has a damaged entry");
	}
	if (cur)
		mdb_cursor_close(cur);
	return rc == MDB_NOTFOUND ? CRM_OK : env_fail(s, rc, "reading", dg);
}

enum crm_err
words_verify(struct store *s, struct verify *v, struct diag *dg)
{
	const struct kind *k = schema_kind_at(s->schema, 0);
	enum crm_err err = check_fresh(s, v, dg);

	for (size_t i = 1; k && err == CRM_OK;
	     k = schema_kind_at(s->schema, i++)) {
		struct check *c;

		if (!words_has_kind(k))
			continue;
		c = calloc(1, sizeof(*c));
		if (!c)
			return diag_nomem(dg);
		c->s = s;
		c->v = v;
		c->k = k;
		c->t = table_of(s, TABLE_WORDS, k->no, 0);
		c->chunk = malloc(POSTING_MOST * sizeof(*c->chunk));
		c->parts = word_parts_new();
		err = c->t && c->chunk && c->parts ? check_kind(c, dg)
						   : diag_nomem(dg);
		words_sink_clear(&c->sink);
		buf_clear(&c->text);
		buf_clear(&c->merged);
		word_parts_free(c->parts);
		free(c->fresh);
		free(c->hashes);
		free(c->chunk);
		free(c);
	}
	return err;
}
