/* SPDX-License-Identifier: ISC */
/* words_find: which words of a kind match, and the records behind them. Of
 * words with few records these are kept, of others the words. What words end
 * in or hold is looked for where words_parts says that it can be. */
#include "base/num.h"
#include "store/posting.h"
#include "store/words_priv.h"

enum {
	RARE = 64,	      /* so few are kept ... */
	RARE_MOST = 1 << 16,  /* of all words together */
	COMMON_MOST = 1 << 12 /* words */
};

struct words {
	struct store *s;
	struct table *t;
	uint64_t *rare; /* sorted, some of them twice */
	size_t n, cap;
	struct buf common; /* each word behind its length */
	size_t ncommon;
	uint64_t rows;
	uint64_t *chunk; /* room for POSTING_MOST */
};

uint64_t
words_rows(const struct words *w)
{
	return w->rows;
}

void
words_free(struct words *w)
{
	if (!w)
		return;
	free(w->rare);
	buf_clear(&w->common);
	free(w->chunk);
	free(w);
}

static enum crm_err
open_cursor(struct words *w, MDB_cursor **out, struct diag *dg)
{
	MDB_txn *txn;
	bool there;
	enum crm_err err = table_open(w->s, w->t, &there, dg);
	int rc;

	*out = NULL;
	if (err == CRM_OK)
		err = env_read(w->s, &txn, dg);
	if (err != CRM_OK || !there)
		return err;
	rc = mdb_cursor_open(txn, w->t->dbi, out);
	return rc == 0 ? CRM_OK : env_fail(w->s, rc, "reading", dg);
}

static enum crm_err
read_chunk(struct words *w, MDB_val k, MDB_val v, size_t *n, struct diag *dg)
{
	struct str chunk, word;
	uint64_t first;

	if (!seal_check(w->t, seal_str(k), seal_str(v), &chunk) ||
	    !word_key_read(seal_str(k), &word, &first) ||
	    !posting_read(chunk, first, w->chunk, n))
		return words_damaged(w->s, w->t->kind, seal_str(k), dg);
	return CRM_OK;
}

/* ---- the vocabulary --------------------------------------------------- */

static bool
rare_add(struct words *w, size_t n)
{
	if (w->cap - w->n < n) {
		size_t cap = w->cap ? w->cap * 2 : 1024;
		uint64_t *rare = realloc(w->rare, cap * sizeof(*rare));

		if (!rare)
			return false;
		w->rare = rare;
		w->cap = cap;
	}
	memcpy(w->rare + w->n, w->chunk, n * sizeof(*w->rare));
	w->n += n;
	return true;
}

/* The word at the cursor matches: takes it in. Leaves the cursor at its last
 * chunk looked at; *k is the key there, and *rc what the cursor said. */
static enum crm_err
take(struct words *w, MDB_cursor *cur, struct str word, MDB_val *k, MDB_val *v,
    uint64_t limit, int *rc, struct diag *dg)
{
	struct str chunk = str_from_pos(seal_str(*v), SEAL_BYTES), other;
	size_t count = posting_count(chunk), n;
	MDB_val first_k = *k, first_v = *v;
	uint64_t num;
	bool more;
	enum crm_err err;

	w->rows += count;
	*rc = mdb_cursor_get(cur, k, v, MDB_NEXT);
	more = *rc == 0 && word_key_read(seal_str(*k), &other, &num) &&
	       str_eq(other, word);
	if (!more && count <= RARE && w->n + count <= RARE_MOST) {
		err = read_chunk(w, first_k, first_v, &n, dg);
		return err != CRM_OK || rare_add(w, n) ? err : diag_nomem(dg);
	}
	buf_addc(&w->common, (char)word.n);
	buf_add(&w->common, word);
	w->ncommon++;
	while (more && w->rows <= limit) {
		w->rows +=
		    posting_count(str_from_pos(seal_str(*v), SEAL_BYTES));
		*rc = mdb_cursor_get(cur, k, v, MDB_NEXT);
		more = *rc == 0 && word_key_read(seal_str(*k), &other, &num) &&
		       str_eq(other, word);
	}
	return w->common.failed ? diag_nomem(dg) : CRM_OK;
}

static bool
matches(enum words_match match, struct str word, struct str text)
{
	switch (match) {
	case WORDS_WHOLE:
		return str_eq(word, text);
	case WORDS_HEAD:
		return str_starts(word, text);
	case WORDS_TAIL:
		return str_ends(word, text);
	case WORDS_PART:
		break;
	}
	return str_find(word, text) < word.n;
}

/* Goes to the first word behind WORD. */
static int
skip_word(MDB_cursor *cur, struct str word, MDB_val *k, MDB_val *v)
{
	char key[WORD_MAX + 1];

	memcpy(key, word.p, word.n);
	key[word.n] = '\1';
	*k = (MDB_val){.mv_size = word.n + 1, .mv_data = key};
	return mdb_cursor_get(cur, k, v, MDB_SET_RANGE);
}

/* What is looked for, among words that begin with HEAD. */
struct look {
	enum words_match match;
	struct str text, head;
	uint64_t limit;
};

/* The end of what may match. */
static bool
beyond(const struct look *l, struct str word)
{
	return l->match == WORDS_WHOLE ? !str_eq(word, l->text)
				       : !str_starts(word, l->head);
}

/* Behind all words. */
static bool
no_word(MDB_val k)
{
	return k.mv_size > 0 && *(unsigned char *)k.mv_data >= WORD_PARTS;
}

static enum crm_err
walk(struct words *w, MDB_cursor *cur, const struct look *l, struct str from,
    struct diag *dg)
{
	MDB_val k = seal_val(from), v;
	struct str word, last = {0};
	uint64_t num;
	size_t again = 0;
	enum crm_err err = CRM_OK;
	int rc = mdb_cursor_get(cur, &k, &v, MDB_SET_RANGE);

	while (rc == 0 && err == CRM_OK && w->rows <= l->limit && !no_word(k)) {
		if (!word_key_read(seal_str(k), &word, &num) ||
		    word.n > WORD_MAX)
			return words_damaged(w->s, w->t->kind, seal_str(k), dg);
		if (beyond(l, word))
			break;
		again = str_eq(word, last) ? again + 1 : 0;
		last = word;
		if (again > 2)
			rc = skip_word(cur, word, &k, &v);
		else if (again == 0 && matches(l->match, word, l->text))
			err = take(w, cur, word, &k, &v, l->limit, &rc, dg);
		else
			rc = mdb_cursor_get(cur, &k, &v, MDB_NEXT);
	}
	if (err == CRM_OK && rc != 0 && rc != MDB_NOTFOUND)
		err = env_fail(w->s, rc, "reading", dg);
	return err;
}

/* Where parts say that there is something, else among all. */
static enum crm_err
walk_heads(struct words *w, MDB_cursor *cur, struct look *l, struct diag *dg)
{
	struct word_heads heads = {0};
	struct buf text = {0};
	bool known;
	enum crm_err err =
	    word_heads_find(w->s, w->t, cur, l->text, &heads, &known, dg);

	if (err == CRM_OK && !known)
		err = walk(w, cur, l, STR("a"), dg);
	for (size_t i = 0; i < heads.n && err == CRM_OK && w->rows <= l->limit;
	     i++) {
		l->head = word_heads_text(&heads, i, &text);
		err =
		    text.failed ? diag_nomem(dg) : walk(w, cur, l, l->head, dg);
	}
	word_heads_clear(&heads);
	buf_clear(&text);
	return err;
}

static enum crm_err
search(struct words *w, MDB_cursor *cur, enum words_match match,
    struct str text, uint64_t limit, struct diag *dg)
{
	struct look l = {.match = match, .text = text, .limit = limit};

	if (match == WORDS_TAIL || match == WORDS_PART)
		return walk_heads(w, cur, &l, dg);
	l.head = text;
	return walk(w, cur, &l, text, dg);
}

static int
num_cmp(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

enum crm_err
words_find(struct store *s, const struct kind *k, enum words_match match,
    struct str text, uint64_t limit, struct words **out, struct diag *dg)
{
	struct words *w = calloc(1, sizeof(*w));
	MDB_cursor *cur = NULL;
	enum crm_err err = w ? words_flush(s, dg) : diag_nomem(dg);

	*out = NULL;
	if (err == CRM_OK) {
		w->s = s;
		w->t = table_of(s, TABLE_WORDS, k->no, 0);
		w->chunk = malloc(POSTING_MOST * sizeof(*w->chunk));
		err = w->t && w->chunk ? open_cursor(w, &cur, dg)
				       : diag_nomem(dg);
	}
	if (err == CRM_OK && cur)
		err = search(w, cur, match, text, limit, dg);
	if (cur)
		mdb_cursor_close(cur);
	if (err == CRM_OK && w->n > 0)
		qsort(w->rare, w->n, sizeof(*w->rare), num_cmp);
	if (err == CRM_OK && w->rows <= limit && w->ncommon <= COMMON_MOST)
		*out = w;
	else
		words_free(w);
	return err;
}

/* ---- the records ------------------------------------------------------ */

/* Index of the first rare one from NUM on. */
static size_t
rare_from(const struct words *w, uint64_t num)
{
	size_t lo = 0, hi = w->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (w->rare[mid] < num)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Goes to the chunk of WORD in which NUM would be, or the first one. */
static enum crm_err
seek(struct words *w, MDB_cursor *cur, struct str word, uint64_t num,
    MDB_val *k, MDB_val *v, bool *got, struct diag *dg)
{
	unsigned char key[WORD_KEY];
	struct str other;
	uint64_t first;
	int rc;

	*got = false;
	*k = seal_val(word_key(word, num + 1, key));
	rc = mdb_cursor_get(cur, k, v, MDB_SET_RANGE);
	rc =
	    mdb_cursor_get(cur, k, v, rc == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
	if (rc == 0)
		*got = word_key_read(seal_str(*k), &other, &first) &&
		       str_eq(other, word);
	/* None before it: then the first one, if there is one. */
	if (!*got && (rc == 0 || rc == MDB_NOTFOUND)) {
		*k = seal_val(word_key(word, num + 1, key));
		rc = mdb_cursor_get(cur, k, v, MDB_SET_RANGE);
		*got = rc == 0 && word_key_read(seal_str(*k), &other, &first) &&
		       str_eq(other, word);
	}
	return rc == 0 || rc == MDB_NOTFOUND
		   ? CRM_OK
		   : env_fail(w->s, rc, "reading", dg);
}

static enum crm_err
next_chunk(struct words *w, MDB_cursor *cur, struct str word, MDB_val *k,
    MDB_val *v, uint64_t *first, bool *got, struct diag *dg)
{
	struct str other;
	int rc = mdb_cursor_get(cur, k, v, MDB_NEXT);

	*got = rc == 0 && word_key_read(seal_str(*k), &other, first) &&
	       str_eq(other, word);
	return rc == 0 || rc == MDB_NOTFOUND
		   ? CRM_OK
		   : env_fail(w->s, rc, "reading", dg);
}

static enum crm_err
fill_word(struct words *w, MDB_cursor *cur, struct str word, uint64_t lo,
    uint64_t *map, size_t bits, struct diag *dg)
{
	MDB_val k, v;
	uint64_t first;
	bool got;
	enum crm_err err = seek(w, cur, word, lo, &k, &v, &got, dg);

	while (err == CRM_OK && got) {
		size_t n;

		err = read_chunk(w, k, v, &n, dg);
		if (err != CRM_OK || w->chunk[0] >= lo + bits)
			break;
		for (size_t i = 0; i < n; i++) {
			uint64_t at = w->chunk[i] - lo;

			if (w->chunk[i] >= lo && at < bits)
				map[at / 64] |= UINT64_C(1) << at % 64;
		}
		err = next_chunk(w, cur, word, &k, &v, &first, &got, dg);
		if (got && first >= lo + bits)
			break;
	}
	return err;
}

/* Calls FN for every common word. */
static bool
each_common(const struct words *w, size_t *at, struct str *word)
{
	struct str rest = str_from_pos(str_of(&w->common), *at);

	if (rest.n == 0)
		return false;
	*word = str_head(str_from_pos(rest, 1), (unsigned char)rest.p[0]);
	*at += word->n + 1;
	return true;
}

enum crm_err
words_fill(
    struct words *w, uint64_t lo, uint64_t *map, size_t bits, struct diag *dg)
{
	MDB_cursor *cur = NULL;
	struct str word;
	size_t at = 0;
	enum crm_err err = CRM_OK;

	for (size_t i = rare_from(w, lo); i < w->n && w->rare[i] - lo < bits;
	     i++)
		map[(w->rare[i] - lo) / 64] |= UINT64_C(1)
					       << (w->rare[i] - lo) % 64;
	if (w->ncommon > 0)
		err = words_flush(w->s, dg);
	if (err == CRM_OK && w->ncommon > 0)
		err = open_cursor(w, &cur, dg);
	while (err == CRM_OK && cur && each_common(w, &at, &word))
		err = fill_word(w, cur, word, lo, map, bits, dg);
	if (cur)
		mdb_cursor_close(cur);
	return err;
}

static enum crm_err
word_from(struct words *w, MDB_cursor *cur, struct str word, uint64_t lo,
    uint64_t *first, struct diag *dg)
{
	MDB_val k, v;
	uint64_t num;
	size_t n, i = 0;
	bool got;
	enum crm_err err = seek(w, cur, word, lo, &k, &v, &got, dg);

	if (err != CRM_OK || !got)
		return err;
	err = read_chunk(w, k, v, &n, dg);
	while (err == CRM_OK && i < n && w->chunk[i] < lo)
		i++;
	if (err == CRM_OK && i < n) {
		if (w->chunk[i] < *first)
			*first = w->chunk[i];
		return CRM_OK;
	}
	if (err == CRM_OK)
		err = next_chunk(w, cur, word, &k, &v, &num, &got, dg);
	if (err == CRM_OK && got && num < *first)
		*first = num;
	return err;
}

enum crm_err
words_from(struct words *w, uint64_t lo, uint64_t *first, struct diag *dg)
{
	MDB_cursor *cur = NULL;
	struct str word;
	size_t at = rare_from(w, lo);
	enum crm_err err = CRM_OK;

	*first = at < w->n ? w->rare[at] : UINT64_MAX;
	at = 0;
	if (w->ncommon > 0)
		err = words_flush(w->s, dg);
	if (err == CRM_OK && w->ncommon > 0)
		err = open_cursor(w, &cur, dg);
	while (err == CRM_OK && cur && each_common(w, &at, &word))
		err = word_from(w, cur, word, lo, first, dg);
	if (cur)
		mdb_cursor_close(cur);
	return err;
}

/* ---- fresh ones ------------------------------------------------------- */

struct id_list {
	struct id *v;
	size_t n, cap;
};

static bool
list_add(struct id_list *l, struct id id)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 64;
		struct id *v = realloc(l->v, cap * sizeof(*v));

		if (!v)
			return false;
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = id;
	return true;
}

/* The ids at the end of all keys of T that begin with PREFIX. */
static enum crm_err
list_ids(struct store *s, struct table *t, uint16_t kind, struct str prefix,
    struct id_list *l, struct diag *dg)
{
	struct words w = {.s = s, .t = t};
	MDB_cursor *cur = NULL;
	MDB_val k = seal_val(prefix), v;
	enum crm_err err = t ? open_cursor(&w, &cur, dg) : diag_nomem(dg);
	int rc;

	if (err != CRM_OK || !cur)
		return err;
	rc = mdb_cursor_get(cur, &k, &v, MDB_SET_RANGE);
	while (rc == 0 && err == CRM_OK && str_starts(seal_str(k), prefix)) {
		if (k.mv_size != prefix.n + ID_BYTES)
			err = env_damaged(s, "the list of fresh words", dg);
		else if (!list_add(l,
			     id_get(kind,
				 (const unsigned char *)k.mv_data + prefix.n)))
			err = diag_nomem(dg);
		rc = mdb_cursor_get(cur, &k, &v, MDB_NEXT);
	}
	mdb_cursor_close(cur);
	if (err == CRM_OK && rc != 0 && rc != MDB_NOTFOUND)
		err = env_fail(s, rc, "reading", dg);
	return err;
}

static int
id_order(const void *a, const void *b)
{
	const struct id *x = a, *y = b;

	return id_cmp(*x, *y);
}

enum crm_err
words_fresh(struct store *s, const struct kind *k, struct id **ids, size_t *n,
    struct diag *dg)
{
	unsigned char kind[2], tagged[2] = {0xff, 0};
	struct id_list l = {0};
	enum crm_err err;

	num_put16(kind, k->no);
	err = list_ids(s, table_of(s, TABLE_FRESH, 0, 0), k->no,
	    (struct str){.p = (const char *)kind, .n = 2}, &l, dg);
	if (err == CRM_OK)
		err = list_ids(s, table_of(s, TABLE_WORDS, k->no, 0), k->no,
		    (struct str){.p = (const char *)tagged, .n = 2}, &l, dg);
	if (err != CRM_OK) {
		free(l.v);
		l = (struct id_list){0};
	}
	if (l.n > 0)
		qsort(l.v, l.n, sizeof(*l.v), id_order);
	*ids = l.v;
	*n = l.n;
	return err;
}
