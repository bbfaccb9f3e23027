/* SPDX-License-Identifier: ISC */
/* text: tests about texts to words of the index. */
#include "query/text.h"

#include "base/word.h"
#include "query/run.h"

enum {
	LEAVES = 16, /* of one text: a few tell enough */
	FEW = 64     /* so few records need no further word */
};

void
query_texts_clear(struct text *first)
{
	for (; first; first = first->next)
		words_free(first->words);
}

static struct text *
text_new(struct run *run, enum text_type type, size_t kids)
{
	struct text *t = mem_get(run->mem, sizeof(*t));

	if (!t)
		return NULL;
	t->type = type;
	t->kids = kids ? mem_array(run->mem, kids, sizeof(*t->kids)) : NULL;
	return kids && !t->kids ? NULL : t;
}

struct text *
text_all(struct run *run, struct text **kids, size_t nkids)
{
	struct text *t;

	if (nkids == 1)
		return kids[0];
	t = text_new(run, TEXT_ALL, 0);
	if (!t)
		return NULL;
	t->kids = kids;
	t->nkids = nkids;
	t->rows = kids[0]->rows;
	for (size_t i = 1; i < nkids; i++)
		if (kids[i]->rows < t->rows)
			t->rows = kids[i]->rows;
	return t;
}

/* ---- the words of one text -------------------------------------------- */

struct ask {
	struct str word;
	enum words_match match;
};

struct asks {
	struct ask v[LEAVES];
	size_t n;
};

/* What may go on where the text begins and ends. */
static enum words_match
match_of(struct str text, struct str run, bool whole)
{
	bool head = !whole && run.p == text.p;
	bool tail = !whole && run.p + run.n == text.p + text.n;

	if (head && tail)
		return WORDS_PART;
	if (head)
		return WORDS_TAIL;
	return tail ? WORDS_HEAD : WORDS_WHOLE;
}

static void
ask_add(struct asks *a, struct str word, enum words_match match)
{
	if (a->n < LEAVES)
		a->v[a->n++] = (struct ask){.word = word, .match = match};
}

static void
ask_run(struct asks *a, const struct word_run *run, enum words_match match)
{
	size_t at = 0, one = 0;
	struct str word;

	if (run->class == WORD_LETTER && run->text.n <= WORD_PART) {
		if (run->text.n > 1)
			ask_add(a, run->text, match);
		return;
	}
	/* A beginning of that length is in one of the pieces. */
	if (run->class == WORD_LETTER && match != WORDS_WHOLE) {
		ask_add(a, word_head(run->text, WORD_PART),
		    match == WORDS_HEAD ? WORDS_HEAD : WORDS_PART);
		return;
	}
	/* A sign alone may be the first or second of two. */
	utf8_next(run->text, &one);
	if (run->class != WORD_SIGN || one < run->text.n)
		match = WORDS_WHOLE;
	while (word_next(run, &at, &word))
		ask_add(a, word, match);
}

/* WHOLE: the text is all of the value, else a part of it. */
static struct asks
asks_of(struct str text, bool whole)
{
	struct asks a = {0};
	struct word_run run;
	size_t at = 0;

	while (word_run(text, &at, &run))
		ask_run(&a, &run, match_of(text, run.text, whole));
	return a;
}

static enum crm_err
leaf(struct run *run, const struct kind *k, const struct ask *ask,
    uint64_t limit, struct text **out, struct diag *dg)
{
	struct words *w;
	enum crm_err err =
	    words_find(run->s, k, ask->match, ask->word, limit, &w, dg);

	*out = NULL;
	if (err != CRM_OK || !w)
		return err;
	*out = text_new(run, TEXT_WORDS, 0);
	if (!*out) {
		words_free(w);
		return diag_nomem(dg);
	}
	(*out)->words = w;
	(*out)->rows = (double)words_rows(w);
	(*out)->next = run->texts;
	run->texts = *out;
	return CRM_OK;
}

/* Is the word found without a look at all words? */
static bool
is_near(const struct ask *a)
{
	return a->match == WORDS_WHOLE || a->match == WORDS_HEAD;
}

/* All of what is asked, near ones first: with few records behind those the
 * others are not worth it. */
static enum crm_err
text_of_asks(struct run *run, const struct kind *k, const struct asks *a,
    uint64_t limit, struct text **out, struct diag *dg)
{
	struct text **kids = mem_array(run->mem, LEAVES, sizeof(*kids));
	double least = (double)UINT64_MAX;
	size_t n = 0;
	enum crm_err err = kids ? CRM_OK : diag_nomem(dg);

	*out = NULL;
	for (int near = 1; near >= 0; near--) {
		for (size_t i = 0; i < a->n && err == CRM_OK; i++) {
			struct text *kid;

			if (is_near(&a->v[i]) != (near == 1) || least <= FEW)
				continue;
			err = leaf(run, k, &a->v[i], limit, &kid, dg);
			if (err != CRM_OK || !kid)
				continue;
			kids[n++] = kid;
			if (kid->rows < least)
				least = kid->rows;
		}
	}
	if (err != CRM_OK || n == 0)
		return err;
	*out = text_all(run, kids, n);
	return *out ? CRM_OK : diag_nomem(dg);
}

/* ---- tests ------------------------------------------------------------ */

/* One more way to meet a test; *out becomes NULL when nothing bounds it. */
static enum crm_err
add_way(struct run *run, const struct kind *k, struct str text, bool whole,
    uint64_t limit, struct text *any, bool *bounded, struct diag *dg)
{
	struct asks a = asks_of(text, whole);
	struct text *kid;
	enum crm_err err = text_of_asks(run, k, &a, limit, &kid, dg);

	*bounded = *bounded && kid;
	if (err != CRM_OK || !kid)
		return err;
	any->kids[any->nkids++] = kid;
	any->rows += kid->rows;
	return CRM_OK;
}

static enum crm_err
ways_needle(struct run *run, const struct kind *k, const struct test *t,
    uint64_t limit, struct text *any, bool *bounded, struct diag *dg)
{
	struct str digits = t->digits;
	bool phones = !t->field || t->field->type == TYPE_PHONE, ok = true;
	char *p;
	enum crm_err err = add_way(
	    run, k, str_of(&t->needle.plain), false, limit, any, bounded, dg);

	if (err == CRM_OK && *bounded && t->needle.umlaut.n)
		err = add_way(run, k, str_of(&t->needle.umlaut), false, limit,
		    any, bounded, dg);
	if (err != CRM_OK || !*bounded || !digits.n || !phones)
		return err;
	/* Backwards in the test. */
	digits = mem_str(run->mem, digits, &ok);
	p = mem_get(run->mem, digits.n + 1);
	if (!ok || !p)
		return diag_nomem(dg);
	for (size_t i = 0; i < digits.n; i++)
		p[i] = digits.p[digits.n - 1 - i];
	return add_way(run, k, (struct str){.p = p, .n = digits.n}, false,
	    limit, any, bounded, dg);
}

static enum crm_err
ways_equal(struct run *run, const struct kind *k, const struct test *t,
    uint64_t limit, struct text *any, bool *bounded, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	for (size_t i = 0; i < t->nitems && err == CRM_OK && *bounded; i++) {
		struct str folded;
		bool ok = true;

		buf_reset(&run->folded);
		utf8_fold(t->items[i], &run->folded);
		folded = mem_str(run->mem, str_of(&run->folded), &ok);
		err = ok && !run->folded.failed ? add_way(run, k, folded, true,
						      limit, any, bounded, dg)
						: diag_nomem(dg);
	}
	return err;
}

/* Equal texts have equal words; a phone is equal to other notations. */
static bool
by_equality(const struct test *t)
{
	return t->op == TEST_EQ && t->nitems > 0 && t->field &&
	       words_has_field(t->field) && t->field->type != TYPE_PHONE;
}

static bool
by_needle(const struct test *t)
{
	return t->op == TEST_FREE || (t->op == TEST_CONTAINS && t->field &&
					 words_has_field(t->field));
}

enum crm_err
text_of_test(struct run *run, const struct kind *k, const struct test *t,
    uint64_t limit, struct text **out, struct diag *dg)
{
	enum { NEEDLES = 3 };
	size_t ways = t->op == TEST_EQ ? t->nitems : NEEDLES;
	struct text *any;
	bool bounded = true;
	enum crm_err err;

	*out = NULL;
	if (!words_has_kind(k) || !(by_equality(t) || by_needle(t)))
		return CRM_OK;
	any = text_new(run, TEXT_ANY, ways);
	if (!any)
		return diag_nomem(dg);
	err = t->op == TEST_EQ
		  ? ways_equal(run, k, t, limit, any, &bounded, dg)
		  : ways_needle(run, k, t, limit, any, &bounded, dg);
	if (err == CRM_OK && bounded)
		*out = any;
	return err;
}
