/* SPDX-License-Identifier: ISC */
/* walk: a plan carried out: candidates collected, each record checked. */
#include "model/value.h"
#include "query/run.h"
#include "store/comb.h"

/* The part of an index key that is the value: without the zero behind it. */
static struct str
key_value(struct str key)
{
	if (key.n && key.p[key.n - 1] == '\0')
		key.n--;
	return key;
}

/* A key this long may be cut: before the character that did not fit. */
enum { KEY_CUT = VALUE_KEY_MAX - 3 };

/* ---- words over folded keys -------------------------------------------- */

/* Appends S without a and e: what ä and ae, ö and oe, å and aa have in
 * common once they are folded. */
static void
add_skeleton(struct str s, struct buf *out)
{
	char *p = buf_room(out, s.n);
	size_t n = 0;

	if (!p)
		return;
	for (size_t i = 0; i < s.n; i++) {
		p[n] = s.p[i];
		n += s.p[i] != 'a' && s.p[i] != 'e';
	}
	out->n += n;
	p[n] = '\0';
}

/* A word to be looked for in many keys. */
struct word {
	struct run *run;
	const struct test *test;
	struct buf bare; /* the word without a and e */
	bool spelled;	 /* the bare word may be there where it is not */
	char rare;	 /* a letter that each hit has; NUL: there is none */
};

/* The letter of S that names and places have least; any other byte is rarer
 * but for the blank. */
static char
rarest(struct str s)
{
	static const char common[] = " enairstoldhumcgbkfwpvzjyxq";
	char best = '\0';
	size_t rank = 0;

	for (size_t i = 0; i < s.n; i++) {
		const char *at = memchr(common, s.p[i], sizeof(common) - 1);
		size_t here = at ? (size_t)(at - common) + 1 : sizeof(common);

		if (here > rank) {
			rank = here;
			best = s.p[i];
		}
	}
	return best;
}

static bool
word_make(struct word *w, struct run *run, const struct test *t)
{
	struct str plain = str_of(&t->needle.plain);

	*w = (struct word){.run = run, .test = t};
	add_skeleton(plain, &w->bare);
	w->spelled = w->bare.n < plain.n || t->needle.umlaut.n > 0;
	w->rare = rarest(str_of(&w->bare));
	return !w->bare.failed;
}

/* The bare word in the bare key. */
static bool
bare_in(struct word *w, struct str key)
{
	struct buf *scratch = &w->run->folded;

	buf_reset(scratch);
	add_skeleton(key, scratch);
	return w->bare.n == 0 ||
	       str_find(str_of(scratch), str_of(&w->bare)) < scratch->n;
}

/*
 * May a value with this key contain the word? An index keeps the folded
 * text, in which ü is u; a word with "ue" in it is therefore compared
 * without its a and e, which lets too much through but loses nothing.
 */
static bool
key_may_contain(void *arg, struct str key)
{
	struct word *w = arg;
	const struct test *t = w->test;
	struct str plain = str_of(&t->needle.plain);

	key = key_value(key);
	if (key.n >= KEY_CUT)
		return true;
	if (t->field->type == TYPE_EMAIL) /* not folded, but in lower case */
		return str_find(key, plain) < key.n ||
		       (!(utf8_ascii(key) && t->needle.umlaut.n == 0) &&
			   needle_in(&t->needle, key, &w->run->folded));
	if (w->rare && !memchr(key.p, w->rare, key.n))
		return false;
	return str_find(key, plain) < key.n || (w->spelled && bare_in(w, key));
}

static enum crm_err
collect_range(struct run *run, const struct plan *p, struct word *word,
    const struct key_range *kr, struct idset *out, struct diag *dg)
{
	struct scan_spec spec = {
	    .type = p->type == PLAN_DUE ? SCAN_DUE : SCAN_INDEX,
	    .field = p->test->field,
	    .lo = kr->lo,
	    .hi = kr->hi,
	    .want = word ? key_may_contain : NULL,
	    .arg = word,
	};
	struct scan *sc = NULL;
	struct id id;
	bool got = true;
	enum crm_err err = scan_open(&sc, run->s, &spec, dg);

	while (!err) {
		err = scan_next(sc, &id, &got, dg);
		if (err || !got)
			break;
		if (id.kind == p->kind->no)
			idset_add(out, id);
	}
	scan_close(sc);
	return !err && run->folded.failed ? diag_nomem(dg) : err;
}

/* ---- candidates ------------------------------------------------------- */

static enum crm_err
collect_ids(
    struct run *run, const struct plan *p, struct idset *out, struct diag *dg)
{
	const struct idset *ids = &p->test->ids;

	(void)run;
	(void)dg;
	for (size_t i = 0; i < ids->n; i++)
		idset_add(out, idset_at(ids, i, p->kind->no));
	return CRM_OK;
}

static enum crm_err
collect_keys(
    struct run *run, const struct plan *p, struct idset *out, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	for (size_t i = 0; !err && i < p->nranges; i++)
		err = collect_range(run, p, NULL, &p->ranges[i], out, dg);
	return err;
}

/* By two threads, where that pays; *done is false where it does not. */
static enum crm_err
comb_word(struct run *run, const struct plan *p, struct word *here,
    struct idset *out, bool *done, struct diag *dg)
{
	struct run aside = {.s = run->s, .schema = run->schema};
	struct word there;
	struct comb_spec spec = {.field = p->test->field,
	    .want = key_may_contain,
	    .arg = here,
	    .aid = &there};
	uint64_t *ids = NULL;
	size_t n = 0;
	enum crm_err err = word_make(&there, &aside, p->test)
			       ? comb_index(run->s, &spec, &ids, &n, done, dg)
			       : diag_nomem(dg);

	for (size_t i = 0; !err && *done && i < n; i++)
		idset_add_packed(out, ids[i]);
	if (!err && (run->folded.failed || aside.folded.failed))
		err = diag_nomem(dg);
	free(ids);
	buf_clear(&there.bare);
	buf_clear(&aside.folded);
	return err;
}

static enum crm_err
collect_word(
    struct run *run, const struct plan *p, struct idset *out, struct diag *dg)
{
	struct key_range all = {0};
	struct word word;
	bool done = false;
	enum crm_err err =
	    word_make(&word, run, p->test) ? CRM_OK : diag_nomem(dg);

	if (!err && run->alone && p->test->field->kind == p->kind->no)
		err = comb_word(run, p, &word, out, &done, dg);
	if (!err && !done)
		err = collect_range(run, p, &word, &all, out, dg);
	buf_clear(&word.bare);
	return err;
}

static enum crm_err
collect_text(
    struct run *run, const struct plan *p, struct idset *out, struct diag *dg)
{
	struct text_walk *w = NULL;
	struct id id;
	bool got = true;
	enum crm_err err = text_walk_open(&w, run, p, dg);

	while (!err) {
		err = text_walk_next(w, &id, &got, dg);
		if (err || !got)
			break;
		idset_add(out, id);
	}
	text_walk_close(w);
	return err;
}

static enum crm_err
collect_refs(
    struct run *run, const struct plan *p, struct idset *out, struct diag *dg)
{
	const struct test *t = p->test;
	enum crm_err err = CRM_OK;

	for (size_t i = 0; !err && i < t->nitems; i++)
		err = hop_sources(
		    run, t->field, t->targets[i], p->kind->no, out, dg);
	return err;
}

static enum crm_err
collect_hop(
    struct run *run, const struct plan *p, struct idset *out, struct diag *dg)
{
	return hop_collect(run, p->hop, out, dg);
}

static enum crm_err
collect_nothing(
    struct run *run, const struct plan *p, struct idset *out, struct diag *dg)
{
	(void)run;
	(void)p;
	(void)out;
	(void)dg;
	return CRM_OK;
}

static enum crm_err collect_union(
    struct run *run, const struct plan *p, struct idset *out, struct diag *dg);

static enum crm_err (*const collectors[])(struct run *run, const struct plan *p,
    struct idset *out, struct diag *dg) = {
    [PLAN_SCAN] = collect_nothing,
    [PLAN_NOTHING] = collect_nothing,
    [PLAN_IDS] = collect_ids,
    [PLAN_KEYS] = collect_keys,
    [PLAN_WORD] = collect_word,
    [PLAN_TEXT] = collect_text,
    [PLAN_REFS] = collect_refs,
    [PLAN_HOP] = collect_hop,
    [PLAN_DUE] = collect_keys,
    [PLAN_UNION] = collect_union,
};

static enum crm_err
collect_union(
    struct run *run, const struct plan *p, struct idset *out, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	for (size_t i = 0; !err && i < p->nkids; i++)
		err = collectors[p->kids[i]->type](run, p->kids[i], out, dg);
	return err;
}

enum crm_err
plan_collect(
    struct run *run, const struct plan *p, struct idset *out, struct diag *dg)
{
	return collectors[p->type](run, p, out, dg);
}

bool
plan_listed(const struct plan *p)
{
	bool listed = p->type == PLAN_UNION || p->type == PLAN_KEYS ||
		      p->type == PLAN_IDS || p->type == PLAN_REFS ||
		      p->type == PLAN_DUE || p->type == PLAN_NOTHING;

	for (size_t i = 0; i < p->nkids; i++)
		listed = listed && plan_listed(p->kids[i]);
	return listed;
}

/* ---- walking ---------------------------------------------------------- */

bool
node_derives(const struct node *n)
{
	if (n->type == NODE_TEST && n->test->field && n->test->field->derived)
		return true;
	for (size_t i = 0; i < n->nkids; i++)
		if (node_derives(n->kids[i]))
			return true;
	return false;
}

/* For this thread, and for another one. */
static void
make_sieves(struct walk *w)
{
	const struct plan *p = w->plan;

	w->aside = (struct run){.s = w->run->s, .schema = w->run->schema};
	sieve_make(&w->sieve, w->run, p->kind, p->node);
	sieve_make(&w->aid, &w->aside, p->kind, p->node);
}

/* Far ends of paths need no derived fields but those asked for. */
static enum crm_err
open_scan(struct walk *w, struct diag *dg)
{
	const struct plan *p = w->plan;
	struct scan_spec spec = {.type = SCAN_KIND, .kind = p->kind};

	spec.bare = w->later;
	if (p->node->type != NODE_TRUE) {
		make_sieves(w);
		spec.pass = sieve_pass;
		spec.arg = &w->sieve;
		if (w->run->alone)
			spec.aid = &w->aid;
	}
	return scan_open(&w->scan, w->run->s, &spec, dg);
}

/* The next candidates, for the pick. */
static enum crm_err
more_ids(void *from, uint64_t *ids, size_t room, size_t *n, struct diag *dg)
{
	struct walk *w = from;

	(void)dg;
	*n = w->ids.n - w->at < room ? w->ids.n - w->at : room;
	if (*n > 0)
		memcpy(ids, w->ids.list + w->at, *n * sizeof(*ids));
	w->at += *n;
	return CRM_OK;
}

static enum crm_err
more_text(void *from, uint64_t *ids, size_t room, size_t *n, struct diag *dg)
{
	struct walk *w = from;
	enum crm_err err = CRM_OK;
	bool got = true;
	struct id id;

	for (*n = 0; *n < room; ++*n) {
		err = text_walk_next(w->text, &id, &got, dg);
		if (err || !got)
			break;
		ids[*n] = idset_pack(id);
	}
	return err;
}

/* Few candidates are looked up one by one. */
static enum crm_err
open_pick(struct walk *w, struct diag *dg)
{
	enum { FEW = 8 };
	const struct plan *p = w->plan;
	double rows = w->text ? p->rows : (double)w->ids.n;
	struct pick_spec spec = {
	    .kind = p->kind,
	    .more = w->text ? more_text : more_ids,
	    .from = w,
	    .about = (size_t)rows,
	    .pass = sieve_pass,
	    .arg = &w->sieve,
	};
	enum crm_err err;

	if (rows <= FEW)
		return CRM_OK;
	err = hops_ready(w->run, p->node, (size_t)rows, dg);
	if (err)
		return err;
	make_sieves(w);
	if (w->run->alone)
		spec.aid = &w->aid;
	return pick_open(&w->pick, w->run->s, &spec, dg);
}

/* An estimate was wrong: so many candidates cost more one by one than all
 * records in a row. */
static enum crm_err
think_again(struct walk *w, struct diag *dg)
{
	uint64_t all;
	enum crm_err err = store_count(w->run->s, w->plan->kind, &all, dg);

	if (err || w->ids.n < 1000 || w->ids.n < all / 2)
		return err;
	idset_clear(&w->ids);
	return open_scan(w, dg);
}

enum crm_err
walk_open(struct walk *w, struct run *run, const struct plan *p, bool whole,
    struct diag *dg)
{
	enum crm_err err;

	*w = (struct walk){.run = run, .plan = p, .whole = whole};
	w->later = !node_derives(p->node);
	if (p->type == PLAN_SCAN)
		return open_scan(w, dg);
	if (p->type == PLAN_TEXT) {
		err = text_walk_open(&w->text, run, p, dg);
		return err ? err : open_pick(w, dg);
	}
	err = plan_collect(run, p, &w->ids, dg);
	idset_sort(&w->ids);
	if (!err && w->ids.failed)
		err = diag_nomem(dg);
	if (!err)
		err = think_again(w, dg);
	return err || w->scan ? err : open_pick(w, dg);
}

static enum crm_err
next_id(struct walk *w, struct id *id, bool *got, struct diag *dg)
{
	if (w->text)
		return text_walk_next(w->text, id, got, dg);
	*got = w->at < w->ids.n;
	if (*got)
		*id = idset_at(&w->ids, w->at++, w->plan->kind->no);
	return CRM_OK;
}

/* The next candidate that is still there. */
static enum crm_err
walk_step(struct walk *w, struct record *r, bool *got, struct diag *dg)
{
	enum crm_err err;
	struct id id;

	if (w->scan) {
		err = scan_next(w->scan, &id, got, dg);
		return err || !*got ? err : scan_record(w->scan, r, dg);
	}
	if (w->pick) {
		err = pick_next(w->pick, r, got, dg);
		return err || !*got || w->later
			   ? err
			   : store_derive(w->run->s, r, dg);
	}
	while (true) {
		err = next_id(w, &id, got, dg);
		if (err || !*got)
			return err;
		err = w->later ? store_get_bare(w->run->s, id, r, dg)
			       : store_get(w->run->s, id, r, dg);
		if (err != CRM_NO) {
			*got = !err;
			return err;
		}
		diag_clear(dg);
	}
}

enum crm_err
walk_next(struct walk *w, struct record *r, bool *got, struct diag *dg)
{
	bool yes = false;
	enum crm_err err;

	*got = false;
	while (!yes) {
		err = walk_step(w, r, got, dg);
		if (!err && w->sieve.plain && w->run->folded.failed)
			err = diag_nomem(dg);
		/* At the end the other thread has ended, too. */
		if (!err && !*got && w->aside.folded.failed)
			err = diag_nomem(dg);
		if (err || !*got)
			return err;
		if (w->sieve.plain)
			break;
		err = eval_node(w->run, w->plan->node, r, &yes, dg);
		if (err)
			return err;
	}
	if (!w->later || !w->whole)
		return CRM_OK;
	return w->scan ? scan_derived(w->scan, r, dg)
		       : store_derive(w->run->s, r, dg);
}

void
walk_close(struct walk *w)
{
	scan_close(w->scan);
	w->scan = NULL;
	pick_close(w->pick);
	w->pick = NULL;
	text_walk_close(w->text);
	w->text = NULL;
	buf_clear(&w->aside.scratch);
	buf_clear(&w->aside.folded);
	idset_clear(&w->ids);
}
