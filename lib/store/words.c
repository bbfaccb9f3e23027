/* SPDX-License-Identifier: ISC */
/* words: what a change of a record means for the index of words: a note that
 * it is fresh, or its words into a batch. */
#include "base/num.h"
#include "store/words_priv.h"

enum { FLAG_WHOLE = 1 };

/* ---- records with a tag ----------------------------------------------- */

/* Under a byte that no text has; there they stay. */
static enum crm_err
change_tagged(struct store *s, struct id id, bool keep, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_WORDS, id.kind, 0);
	unsigned char key[2 + ID_BYTES] = {0xff, 0};
	struct str k = {.p = (const char *)key, .n = sizeof(key)};
	struct buf seal = {0};
	enum crm_err err;

	if (!t)
		return diag_nomem(dg);
	id_put(id, key + 2);
	key_seal(t, k, &seal);
	if (seal.failed)
		err = diag_nomem(dg);
	else
		err = keep ? table_put(s, t, k, str_of(&seal), dg)
			   : table_del(s, t, k, dg);
	buf_clear(&seal);
	return err;
}

/* ---- fresh records ---------------------------------------------------- */

static struct str
fresh_key(struct id id, unsigned char key[FRESH_KEY])
{
	num_put16(key, id.kind);
	id_put(id, key + 2);
	return (struct str){.p = (const char *)key, .n = FRESH_KEY};
}

bool
fresh_read(
    const struct table *t, struct str key, struct str sealed, struct fresh *out)
{
	const unsigned char *k = (const unsigned char *)key.p;
	struct str value, rest;

	if (key.n != FRESH_KEY || !seal_check(t, key, sealed, &value) ||
	    value.n == 0)
		return false;
	out->id = id_get(num_get16(k), k + 2);
	out->whole = value.p[0] & FLAG_WHOLE;
	out->list = rest = str_from_pos(value, 1);
	while (rest.n > 0) {
		size_t n = (unsigned char)rest.p[0];

		if (n == 0 || n > WORD_MAX || n >= rest.n)
			return false;
		rest = str_from_pos(rest, n + 1);
	}
	return true;
}

static enum crm_err
fresh_get(struct store *s, struct table *t, struct id id, struct fresh *out,
    bool *found, struct diag *dg)
{
	unsigned char key[FRESH_KEY];
	struct str k = fresh_key(id, key), sealed;
	enum crm_err err = table_get(s, t, k, &sealed, found, dg);

	if (err == CRM_OK && *found && !fresh_read(t, k, sealed, out))
		err = env_damaged(s, "the list of fresh words", dg);
	return err;
}

static enum crm_err
fresh_put(
    struct store *s, struct table *t, const struct fresh *f, struct diag *dg)
{
	unsigned char key[FRESH_KEY];
	struct str k = fresh_key(f->id, key);
	struct buf value = {0}, sealed = {0};
	enum crm_err err;

	if (!f->whole && f->list.n == 0)
		return table_del(s, t, k, dg);
	buf_addc(&value, f->whole ? FLAG_WHOLE : 0);
	buf_add(&value, f->list);
	seal_put(t, k, str_of(&value), &sealed);
	err = value.failed || sealed.failed
		  ? diag_nomem(dg)
		  : table_put(s, t, k, str_of(&sealed), dg);
	s->many_fresh = s->many_fresh || value.n > FRESH_BYTES;
	buf_clear(&value);
	buf_clear(&sealed);
	return err;
}

/* Collects words, each behind its length. */
struct list_sink {
	struct word_sink sink; /* first: this is one */
	struct buf list;
};

static bool
listed(struct str list, struct str word)
{
	enum { LOOK = 1 << 12 };

	/* Twice does no harm; a long list would take long. */
	if (list.n > LOOK)
		return false;
	while (list.n > 0) {
		size_t n = (unsigned char)list.p[0];

		if (str_eq(str_head(str_from_pos(list, 1), n), word))
			return true;
		list = str_from_pos(list, n + 1);
	}
	return false;
}

static void
list_word(struct word_sink *to, struct str word)
{
	struct list_sink *l = (struct list_sink *)(void *)to;

	if (listed(str_of(&l->list), word))
		return;
	buf_addc(&l->list, (char)word.n);
	buf_add(&l->list, word);
}

/* The words of what differs. */
static void
cut_differing(const struct kind *k, const struct row *row,
    const struct row *other, struct word_sink *to)
{
	unsigned at = 0, slot;
	struct str value;

	while (row && row_each(row, &at, &slot, &value))
		if (slot < k->nslots && k->slots[slot] &&
		    !(other && str_eq(value, row_get(other, slot))))
			words_cut(k->slots[slot], value, to);
}

static enum crm_err
note_fresh(struct store *s, const struct kind *k, struct id id,
    const struct row *before, const struct row *after, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_FRESH, 0, 0);
	struct fresh f = {.id = id};
	struct list_sink l = {.sink = {.add = list_word}};
	bool found, was;
	enum crm_err err =
	    t ? fresh_get(s, t, id, &f, &found, dg) : diag_nomem(dg);

	if (err != CRM_OK)
		return err;
	was = f.whole;
	/* Those of a whole one are not filed yet. */
	buf_add(&l.list, f.list);
	if (before && !was) {
		cut_differing(k, before, after, &l.sink);
		cut_differing(k, after, before, &l.sink);
	}
	f.whole = after && (was || !before);
	f.list = str_of(&l.list);
	if (l.list.failed || words_sink_failed(&l.sink))
		err = diag_nomem(dg);
	else if (found || f.whole || f.list.n > 0)
		err = fresh_put(s, t, &f, dg);
	words_sink_clear(&l.sink);
	buf_clear(&l.list);
	return err;
}

/* ---- filing what is fresh --------------------------------------------- */

static enum crm_err
file_one(struct store *s, const struct fresh *f, struct diag *dg)
{
	const struct kind *k = schema_kind_no(s->schema, f->id.kind);
	struct word_batch *b;
	struct record r;
	bool there = false;
	enum crm_err err;

	/* A kind that went took its words along. */
	if (!k)
		return CRM_OK;
	err = words_batch_of(s, k, &b, dg);
	if (err == CRM_OK) {
		err = record_read(s, f->id, &r, dg);
		there = err == CRM_OK;
	}
	if (err == CRM_NO) {
		diag_clear(dg);
		err = CRM_OK;
	}
	return err == CRM_OK ? words_batch_settle(b, k, f->id.num, f->list,
				   f->whole, there ? &r.row : NULL, dg)
			     : err;
}

static enum crm_err
file_fresh(struct store *s, struct table *t, struct diag *dg)
{
	MDB_cursor *cur = NULL;
	MDB_val k, v;
	struct buf key = {0}, value = {0};
	enum crm_err err = words_feed_rest(s, dg);
	int rc = mdb_cursor_open(s->wtxn, t->dbi, &cur);

	if (rc == 0)
		rc = mdb_cursor_get(cur, &k, &v, MDB_FIRST);
	while (rc == 0 && err == CRM_OK) {
		struct fresh f;

		/* A batch that is full moves pages. */
		buf_reset(&key);
		buf_reset(&value);
		buf_add(&key, seal_str(k));
		buf_add(&value, seal_str(v));
		if (key.failed || value.failed)
			err = diag_nomem(dg);
		else if (!fresh_read(t, str_of(&key), str_of(&value), &f))
			err = env_damaged(s, "the list of fresh words", dg);
		else
			err = file_one(s, &f, dg);
		if (err == CRM_OK)
			rc = mdb_cursor_get(cur, &k, &v, MDB_NEXT);
	}
	if (cur)
		mdb_cursor_close(cur);
	buf_clear(&key);
	buf_clear(&value);
	if (err == CRM_OK && rc != 0 && rc != MDB_NOTFOUND)
		err = env_fail(s, rc, "reading", dg);
	return err == CRM_OK ? table_empty(s, t, dg) : err;
}

enum crm_err
words_prepare(struct store *s, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_FRESH, 0, 0);
	MDB_stat stat = {0};
	bool there;
	enum crm_err err = table_open(s, t, &there, dg);
	int rc = 0;

	if (err == CRM_OK && there)
		rc = mdb_stat(s->wtxn, t->dbi, &stat);
	if (rc != 0)
		return env_fail(s, rc, "reading", dg);
	if (err == CRM_OK && there &&
	    (stat.ms_entries >= FRESH_MAX || s->many_fresh))
		err = file_fresh(s, t, dg);
	s->many_fresh = false;
	if (err != CRM_OK || !s->words)
		return err;
	words_feed_give(s);
	return words_batches_prepare(s, dg);
}

enum crm_err
words_finish(struct store *s, struct diag *dg)
{
	enum crm_err err = words_flush(s, dg);

	words_drop(s);
	return err;
}

/* ---- changes ---------------------------------------------------------- */

/* One none of whose words are filed: a batch leaves it so. */
static enum crm_err
is_whole(struct store *s, struct id id, bool *whole, struct diag *dg)
{
	struct table *t = table_of(s, TABLE_FRESH, 0, 0);
	struct fresh f = {0};
	bool found;
	enum crm_err err =
	    t ? fresh_get(s, t, id, &f, &found, dg) : diag_nomem(dg);

	*whole = f.whole;
	return err;
}

enum crm_err
words_change(struct store *s, const struct kind *k, struct id id,
    const struct row *before, const struct row *after, struct word_batch **feed,
    struct diag *dg)
{
	bool note = !s->bulk;
	enum crm_err err = CRM_OK;

	*feed = NULL;
	if (!words_has_kind(k))
		return CRM_OK;
	if (id.tag)
		return change_tagged(s, id, after != NULL, dg);
	if (!note && before)
		err = is_whole(s, id, &note, dg);
	if (err == CRM_OK && note)
		err = note_fresh(s, k, id, before, after, dg);
	if (err != CRM_OK || note)
		return err;
	return words_batch_of(s, k, feed, dg);
}

enum crm_err
words_load(struct store *s, const struct kind *k, struct id id,
    const struct row *row, struct diag *dg)
{
	struct feed_row r = {.k = k, .id = id, .after = row};
	enum crm_err err;

	if (!words_has_kind(k))
		return CRM_OK;
	if (id.tag)
		return change_tagged(s, id, true, dg);
	err = words_batch_of(s, k, &r.words, dg);
	return err == CRM_OK ? words_feed(s, &r, dg) : err;
}

enum crm_err
words_flush(struct store *s, struct diag *dg)
{
	enum crm_err err;

	if (!s->words)
		return CRM_OK;
	err = words_feed_rest(s, dg);
	if (err != CRM_OK)
		return err;
	/* A query may ask in the middle of a scan. */
	scans_remember(s);
	s->moves++;
	return words_batches_flush(s, dg);
}

void
words_drop(struct store *s)
{
	words_feed_free(s);
	words_batches_free(s);
}

enum crm_err
words_empty(struct store *s, struct diag *dg)
{
	const struct kind *k = schema_kind_at(s->schema, 0);
	enum crm_err err = table_empty(s, table_of(s, TABLE_FRESH, 0, 0), dg);

	words_drop(s);
	for (size_t i = 1; k && err == CRM_OK;
	     k = schema_kind_at(s->schema, i++))
		err = table_empty(s, table_of(s, TABLE_WORDS, k->no, 0), dg);
	return err;
}
