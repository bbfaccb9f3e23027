/* SPDX-License-Identifier: ISC */
/* words_write: what a batch has of a word merged with the chunks that are
 * there: each chunk that something belongs to is read, changed and written
 * once. */
#include "base/num.h"
#include "store/posting.h"
#include "store/words_priv.h"

struct word_writer {
	struct store *s;
	struct table *t;
	MDB_cursor *cur;   /* NULL: ... */
	struct buf *paper; /* ... what would be put goes here */
	bool append;	   /* the table was empty: words come in order */
	size_t share;	   /* of a put that is not so, see table_share */
	uint64_t *ids;	   /* to be written; room for 2 * POSTING_MOST */
	size_t n;
	uint64_t *chunk; /* what was there; room for POSTING_MOST */
	size_t nchunk;
	uint64_t end;	/* the first number of the chunk behind it */
	bool old;	/* its entry is still there ... */
	uint64_t first; /* ... under this number */
	struct str word;
	struct buf value;
	struct word_parts *parts; /* of words that are new in the table */
	/* The next operation. */
	uint64_t num;
	bool del, have;
};

struct str
word_key(struct str word, uint64_t num, unsigned char *out)
{
	memcpy(out, word.p, word.n);
	out[word.n] = 0;
	num_put48(out + word.n + 1, num);
	num_put16(out + word.n + 7, 0);
	return (struct str){.p = (const char *)out, .n = word.n + 1 + ID_BYTES};
}

bool
word_key_read(struct str key, struct str *word, uint64_t *num)
{
	if (key.n < 2 + ID_BYTES || key.p[key.n - ID_BYTES - 1] != '\0')
		return false;
	*word = str_head(key, key.n - ID_BYTES - 1);
	*num = num_get48((const unsigned char *)key.p + key.n - ID_BYTES);
	return true;
}

enum crm_err
words_damaged(struct store *s, uint16_t kind, struct str key, struct diag *dg)
{
	const struct kind *k = schema_kind_no(s->schema, kind);
	struct str word, name = k ? k->name : STR("?");
	uint64_t num;

	if (key.n > 0 && (unsigned char)key.p[0] == WORD_PARTS)
		word = str_from_pos(key, 1);
	else if (!word_key_read(key, &word, &num))
		word = (struct str){0};
	return diag_set(dg, CRM_CONFIG,
	    "%s: the index of words of %.*s is damaged at '%.*s'; crm-check "
	    "lists what is wrong, a backup brings it back",
	    s->path, STR_ARG(name), STR_ARG(word));
}

static enum crm_err
writer_new(struct word_writer **out, struct table *t, struct diag *dg)
{
	struct word_writer *w = *out = calloc(1, sizeof(*w));

	if (!w)
		return diag_nomem(dg);
	w->t = t;
	w->ids = malloc(2 * POSTING_MOST * sizeof(*w->ids));
	w->chunk = malloc(POSTING_MOST * sizeof(*w->chunk));
	w->parts = word_parts_new();
	return w->ids && w->chunk && w->parts ? CRM_OK : diag_nomem(dg);
}

enum crm_err
words_write_open(struct word_writer **out, struct store *s, struct table *t,
    size_t n, struct diag *dg)
{
	struct word_writer *w;
	MDB_stat stat;
	enum crm_err err = writer_new(out, t, dg);
	int rc;

	if (err == CRM_OK)
		err = table_create(s, t, dg);
	if (err != CRM_OK)
		return err;
	w = *out;
	w->s = s;
	rc = mdb_cursor_open(s->wtxn, t->dbi, &w->cur);
	if (rc == 0)
		rc = mdb_stat(s->wtxn, t->dbi, &stat);
	if (rc != 0)
		return env_fail(s, rc, "writing", dg);
	w->append = stat.ms_entries == 0;
	w->share = table_share(s, t, n, 0);
	return CRM_OK;
}

enum crm_err
words_write_paper(struct word_writer **out, struct table *t, struct buf *paper,
    struct diag *dg)
{
	enum crm_err err = writer_new(out, t, dg);

	if (err != CRM_OK)
		return err;
	(*out)->paper = paper;
	(*out)->append = true;
	return CRM_OK;
}

void
words_write_close(struct word_writer *w)
{
	if (!w)
		return;
	if (w->cur)
		mdb_cursor_close(w->cur);
	free(w->ids);
	free(w->chunk);
	word_parts_free(w->parts);
	buf_clear(&w->value);
	free(w);
}

/* ---- writing ---------------------------------------------------------- */

static enum crm_err
del_old(struct word_writer *w, struct diag *dg)
{
	unsigned char key[WORD_KEY];

	w->old = false;
	return table_del(w->s, w->t, word_key(w->word, w->first, key), dg);
}

/* In front of a key and its value on paper. */
struct paper_head {
	uint32_t key_n, value_n;
};

static enum crm_err
paper_add(struct buf *paper, struct str key, struct str value, struct diag *dg)
{
	struct paper_head h = {
	    .key_n = (uint32_t)key.n, .value_n = (uint32_t)value.n};

	buf_add(paper, (struct str){.p = (const char *)&h, .n = sizeof(h)});
	buf_add(paper, key);
	buf_add(paper, value);
	return paper->failed ? diag_nomem(dg) : CRM_OK;
}

enum crm_err
words_write_put(
    struct store *s, struct table *t, struct buf *paper, struct diag *dg)
{
	struct str rest = str_of(paper);
	MDB_cursor *cur = NULL;
	enum crm_err err = table_create(s, t, dg);
	int rc = 0;

	if (err == CRM_OK)
		rc = mdb_cursor_open(s->wtxn, t->dbi, &cur);
	while (err == CRM_OK && rc == 0 && rest.n > 0) {
		struct paper_head h;
		MDB_val k, v;

		memcpy(&h, rest.p, sizeof(h));
		rest = str_from_pos(rest, sizeof(h));
		k = seal_val(str_head(rest, h.key_n));
		rest = str_from_pos(rest, h.key_n);
		v = seal_val(str_head(rest, h.value_n));
		rest = str_from_pos(rest, h.value_n);
		rc = mdb_cursor_put(cur, &k, &v, MDB_APPEND);
		if (rc == 0)
			err = env_relieve(s, k.mv_size + v.mv_size + 10, dg);
	}
	if (cur)
		mdb_cursor_close(cur);
	buf_clear(paper);
	return rc == 0 ? err : env_fail(s, rc, "writing", dg);
}

/* What is in w->value behind room for a seal, under K. */
static enum crm_err
put(struct word_writer *w, struct str k, struct diag *dg)
{
	MDB_val mk = seal_val(k), mv;
	size_t added;
	int rc;

	if (w->value.failed)
		return diag_nomem(dg);
	num_put32((unsigned char *)w->value.p,
	    seal_of(w->t, k, str_from_pos(str_of(&w->value), SEAL_BYTES)));
	if (w->paper)
		return paper_add(w->paper, k, str_of(&w->value), dg);
	mv = seal_val(str_of(&w->value));
	rc = mdb_cursor_put(w->cur, &mk, &mv, w->append ? MDB_APPEND : 0);
	if (rc != 0)
		return env_fail(w->s, rc, "writing", dg);
	added = k.n + w->value.n + 10;
	return env_relieve(
	    w->s, w->append || added > w->share ? added : w->share, dg);
}

/* One chunk of the first IDS; *done of them are in it. */
static enum crm_err
emit(struct word_writer *w, const uint64_t *ids, size_t n, size_t *done,
    struct diag *dg)
{
	unsigned char key[WORD_KEY];
	struct str k = word_key(w->word, ids[0], key);
	enum crm_err err = CRM_OK;

	buf_reset(&w->value);
	buf_add(&w->value, (struct str){.p = "\0\0\0", .n = SEAL_BYTES});
	*done = posting_write(ids, n, &w->value);
	if (w->old && w->first != ids[0])
		err = del_old(w, dg);
	w->old = false;
	return err == CRM_OK ? put(w, k, dg) : err;
}

/* Writes chunks until LEAST or fewer are left. */
static enum crm_err
drain(struct word_writer *w, size_t least, struct diag *dg)
{
	size_t at = 0, done;
	enum crm_err err = CRM_OK;

	while (err == CRM_OK && w->n - at > least) {
		err = emit(w, w->ids + at, w->n - at, &done, dg);
		at += done;
	}
	w->n -= at;
	memmove(w->ids, w->ids + at, w->n * sizeof(*w->ids));
	return err;
}

static enum crm_err
push(struct word_writer *w, uint64_t num, struct diag *dg)
{
	w->ids[w->n++] = num;
	return w->n < 2 * POSTING_MOST ? CRM_OK : drain(w, POSTING_MOST, dg);
}

/* The next operation and those that follow, which delete nothing. */
static enum crm_err
push_many(struct word_writer *w, struct word_ops *ops, struct diag *dg)
{
	enum crm_err err = push(w, w->num, dg);

	if (err == CRM_OK)
		w->n += ops->many(ops, w->ids + w->n, 2 * POSTING_MOST - w->n);
	if (err == CRM_OK && w->n == 2 * POSTING_MOST)
		err = drain(w, POSTING_MOST, dg);
	w->have = ops->next(ops, &w->num, &w->del);
	return err;
}

/* What goes between others and is too much for a chunk makes two of one
 * size, so that both have room. */
static enum crm_err
finish(struct word_writer *w, struct diag *dg)
{
	size_t done, half = w->n / 2;
	enum crm_err err = CRM_OK;

	if (w->n > 0 && w->end != UINT64_MAX) {
		buf_reset(&w->value);
		if (posting_write(w->ids, w->n, &w->value) < w->n && half) {
			err = emit(w, w->ids, half, &done, dg);
			if (err != CRM_OK)
				return err;
			w->n -= done;
			memmove(w->ids, w->ids + done, w->n * sizeof(*w->ids));
		}
	}
	err = drain(w, 0, dg);
	if (err == CRM_OK && w->old)
		err = del_old(w, dg);
	return err;
}

/* ---- what is there ---------------------------------------------------- */

/* Is the entry a chunk of the word? */
static bool
same_word(const struct word_writer *w, MDB_val k, uint64_t *num)
{
	struct str word;

	return word_key_read(seal_str(k), &word, num) && str_eq(word, w->word);
}

static enum crm_err
read_chunk(struct word_writer *w, MDB_val k, MDB_val v, struct diag *dg)
{
	struct str chunk;

	if (!seal_check(w->t, seal_str(k), seal_str(v), &chunk) ||
	    !same_word(w, k, &w->first) ||
	    !posting_read(chunk, w->first, w->chunk, &w->nchunk))
		return words_damaged(w->s, w->t->kind, seal_str(k), dg);
	w->old = true;
	return CRM_OK;
}

/* The chunk that the next operation belongs to: the last one that begins
 * before it, else the first; and where the next one begins. */
static enum crm_err
load(struct word_writer *w, struct diag *dg)
{
	unsigned char key[WORD_KEY];
	MDB_val k = seal_val(word_key(w->word, w->num + 1, key)), v;
	uint64_t first;
	enum crm_err err;
	int rc;

	w->nchunk = 0;
	w->end = UINT64_MAX;
	w->old = false;
	if (w->append)
		return CRM_OK;
	rc = mdb_cursor_get(w->cur, &k, &v, MDB_SET_RANGE);
	if (rc == 0 && same_word(w, k, &first)) {
		w->end = first;
		rc = mdb_cursor_get(w->cur, &k, &v, MDB_PREV);
		if (rc == 0 && same_word(w, k, &first))
			return read_chunk(w, k, v, dg);
		/* It goes before the first one. */
		k = seal_val(word_key(w->word, w->end, key));
		rc = mdb_cursor_get(w->cur, &k, &v, MDB_SET_KEY);
		err = rc == 0 ? read_chunk(w, k, v, dg) : CRM_OK;
		if (rc == 0 && err == CRM_OK)
			rc = mdb_cursor_get(w->cur, &k, &v, MDB_NEXT);
		w->end =
		    rc == 0 && same_word(w, k, &first) ? first : UINT64_MAX;
	} else {
		rc = mdb_cursor_get(
		    w->cur, &k, &v, rc == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
		err = rc == 0 && same_word(w, k, &first)
			  ? read_chunk(w, k, v, dg)
			  : CRM_OK;
	}
	if (err == CRM_OK && rc != 0 && rc != MDB_NOTFOUND)
		err = env_fail(w->s, rc, "reading", dg);
	return err;
}

/* ---- a word ----------------------------------------------------------- */

static enum crm_err
merge(struct word_writer *w, struct word_ops *ops, struct diag *dg)
{
	enum crm_err err = CRM_OK;
	size_t i = 0;

	while (err == CRM_OK && w->have && w->num < w->end) {
		/* Behind all that is there. */
		if (i == w->nchunk && w->end == UINT64_MAX && !w->del) {
			err = push_many(w, ops, dg);
			continue;
		}
		while (err == CRM_OK && i < w->nchunk && w->chunk[i] < w->num)
			err = push(w, w->chunk[i++], dg);
		if (i < w->nchunk && w->chunk[i] == w->num)
			i++;
		if (err == CRM_OK && !w->del)
			err = push(w, w->num, dg);
		w->have = ops->next(ops, &w->num, &w->del);
	}
	while (err == CRM_OK && i < w->nchunk)
		err = push(w, w->chunk[i++], dg);
	return err == CRM_OK ? finish(w, dg) : err;
}

enum crm_err
words_write_word(struct word_writer *w, struct str word, struct word_ops *ops,
    struct diag *dg)
{
	enum crm_err err = CRM_OK;
	bool again = false;

	w->word = word;
	w->n = 0;
	w->have = ops->next(ops, &w->num, &w->del);
	for (; w->have && err == CRM_OK; again = true) {
		err = load(w, dg);
		if (err == CRM_OK && !again && !w->old &&
		    w->end == UINT64_MAX && !word_parts_add(w->parts, word))
			err = diag_nomem(dg);
		if (err == CRM_OK)
			err = merge(w, ops, dg);
	}
	return err;
}

/* ---- parts ------------------------------------------------------------ */

/* What is there under KEY and LIST are put together into MERGED; *fresh: that
 * is more than what is there. */
static enum crm_err
merge_parts(struct word_writer *w, struct str key, struct str list,
    struct buf *merged, bool *fresh, struct diag *dg)
{
	MDB_val k = seal_val(key), v;
	struct str there = {0};
	int rc = mdb_cursor_get(w->cur, &k, &v, MDB_SET_KEY);

	if (rc != 0 && rc != MDB_NOTFOUND)
		return env_fail(w->s, rc, "reading", dg);
	if (rc == 0 && (!seal_check(w->t, key, seal_str(v), &there) ||
			   !word_parts_read(key, there)))
		return words_damaged(w->s, w->t->kind, key, dg);
	*fresh = word_parts_merge(there, list, merged);
	return CRM_OK;
}

enum crm_err
words_write_parts(struct word_writer *w, struct diag *dg)
{
	struct buf merged = {0};
	struct str key, list;
	bool got = false, fresh = true;
	enum crm_err err = word_parts_next(w->parts, &key, &list, &got, dg);

	while (err == CRM_OK && got) {
		if (!w->append) {
			err = merge_parts(w, key, list, &merged, &fresh, dg);
			list = str_of(&merged);
		}
		buf_reset(&w->value);
		buf_add(
		    &w->value, (struct str){.p = "\0\0\0", .n = SEAL_BYTES});
		buf_add(&w->value, list);
		w->value.failed = w->value.failed || merged.failed;
		if (err == CRM_OK && fresh)
			err = put(w, key, dg);
		if (err == CRM_OK)
			err = word_parts_next(w->parts, &key, &list, &got, dg);
	}
	buf_clear(&merged);
	return err;
}
