/* SPDX-License-Identifier: ISC */
/* bind: expressions, paths, and the names that are no fields. */
#include "query/bind.h"

#include "base/near.h"
#include "query/query.h"
#include "query/ref.h"

static enum crm_err bind_path(struct bind *b, const struct kind *k,
    struct str path, const struct bind_ask *ask, struct node **out);

/* OUT is what a constructor gave: NULL says that memory ran out. */
static enum crm_err
made(struct bind *b, const void *out)
{
	return out ? CRM_OK : diag_nomem(b->dg);
}

/* ---- pseudo fields ---------------------------------------------------- */

static enum crm_err
bind_constant(struct bind *b, bool yes, struct node **out)
{
	*out = node_new(b->mem, yes ? NODE_TRUE : NODE_FALSE);
	return made(b, *out);
}

static enum crm_err
need_equal(struct bind *b, const char *name, const struct bind_ask *ask)
{
	if (ask->present || ask->op == OP_EQ)
		return CRM_OK;
	return diag_set(
	    b->dg, CRM_USAGE, "'%s' can only be compared with = and !=", name);
}

static enum crm_err
bind_id(struct bind *b, const struct kind *k, const struct bind_ask *ask,
    struct node **out)
{
	enum crm_err err = need_equal(b, "id", ask);
	struct id id;

	if (err)
		return err;
	if (ask->present)
		return bind_constant(b, true, out);
	*out = node_test(b->mem, b->owned, TEST_ID, NULL);
	if (!*out)
		return diag_nomem(b->dg);
	for (size_t i = 0; i < ask->nitems; i++) {
		struct str text = str_trim(ask->items[i].text);

		if (!id_parse(b->schema, text, &id))
			return diag_set(b->dg, CRM_USAGE,
			    "'%.*s' is no id; ids of %.*s look like %.*s42",
			    STR_ARG(text), STR_ARG(k->name),
			    STR_ARG(k->prefix));
		if (id.kind != k->no)
			return diag_set(b->dg, CRM_USAGE,
			    "'%.*s' is no id of %.*s; those look like %.*s42",
			    STR_ARG(text), STR_ARG(k->name),
			    STR_ARG(k->prefix));
		idset_add(&(*out)->test->ids, id);
	}
	idset_sort(&(*out)->test->ids);
	return (*out)->test->ids.failed ? diag_nomem(b->dg) : CRM_OK;
}

static enum crm_err
bind_kind(struct bind *b, const struct kind *k, const struct bind_ask *ask,
    struct node **out)
{
	enum crm_err err = need_equal(b, "kind", ask);
	bool yes = ask->present;

	for (size_t i = 0; !err && i < ask->nitems; i++) {
		const struct kind *named = NULL;

		err = schema_find_kind(
		    b->schema, str_trim(ask->items[i].text), &named, b->dg);
		yes = yes || named == k;
	}
	return err ? err : bind_constant(b, yes, out);
}

/* ---- saved segments --------------------------------------------------- */

const struct kind *
query_segment_kind(const struct schema *s, struct str text)
{
	const struct kind *k = schema_kind(s, text);
	struct id id;

	if (k || !id_parse(s, text, &id) || id.kind != KIND_KIND)
		return k;
	for (size_t i = 0; (k = schema_kind_at(s, i)); i++)
		if (k->num == id.num)
			return k;
	return NULL;
}

static struct str
segment_value(const struct record *r, const char *name, struct buf *scratch)
{
	const struct field *f = schema_field(r->kind, str_from(name));

	return f ? record_get(r, f, scratch) : (struct str){0};
}

/* The query text of segment NAME, copied, for records of K. */
static enum crm_err
segment_text(
    struct bind *b, const struct kind *k, struct str name, struct str *out)
{
	const struct kind *sk = schema_kind_no(b->schema, KIND_SEGMENT);
	struct buf scratch = {0};
	struct record r;
	struct str of;
	struct id id;
	bool ok = true;
	enum crm_err err;

	err = ref_resolve(b->s, sk, name, &id, b->dg);
	if (!err)
		err = store_get(b->s, id, &r, b->dg);
	if (err)
		goto out;
	of = segment_value(&r, "kind", &scratch);
	if (of.n && query_segment_kind(b->schema, of) != k) {
		err = diag_set(b->dg, CRM_USAGE,
		    "segment '%.*s' is of %.*s, not of %.*s", STR_ARG(name),
		    STR_ARG(of), STR_ARG(k->name));
		goto out;
	}
	*out = mem_str(b->mem, segment_value(&r, "query", &scratch), &ok);
	err = ok ? CRM_OK : diag_nomem(b->dg);
out:
	buf_clear(&scratch);
	return err;
}

/* "vip > old > vip" when NAME is being expanded already. */
static enum crm_err
segment_enter(struct bind *b, struct str name)
{
	const struct bind_frame *f;
	struct buf chain = {0};
	unsigned depth = 0;
	bool cycle = false;

	for (f = b->frames; f; f = f->outer) {
		cycle = cycle || str_eq(f->name, name);
		depth++;
	}
	if (!cycle && depth < BIND_SEGMENTS)
		return CRM_OK;
	buf_add(&chain, name);
	for (f = b->frames; f; f = f->outer) {
		buf_insert(&chain, 0, STR(" > "));
		buf_insert(&chain, 0, f->name);
	}
	diag_set(b->dg, CRM_USAGE, "%s: %s",
	    cycle ? "segments that need one another"
		  : "segments nested too deep",
	    buf_z(&chain));
	buf_clear(&chain);
	return CRM_USAGE;
}

static enum crm_err
segment_expand(
    struct bind *b, const struct kind *k, struct str name, struct node **out)
{
	struct bind_frame frame = {.name = name, .outer = b->frames};
	struct str text, *words = NULL;
	struct buf hold = {0};
	struct expr *e;
	unsigned hops = b->hops;
	size_t n;
	enum crm_err err;

	err = segment_enter(b, name);
	if (!err)
		err = segment_text(b, k, name, &text);
	if (err)
		return err;
	b->frames = &frame;
	b->hops = 0;
	err = query_words(text, &hold, &words, &n, b->dg);
	if (!err)
		err = expr_parse(b->mem, words, n, &e, b->dg);
	if (!err)
		err = bind_expr(b, k, e, out);
	if (err)
		diag_place(b->dg, "segment '%.*s'", STR_ARG(name));
	b->hops = hops;
	b->frames = frame.outer;
	free(words);
	buf_clear(&hold);
	return err;
}

static enum crm_err
bind_segment(struct bind *b, const struct kind *k, const struct bind_ask *ask,
    struct node **out)
{
	enum crm_err err = need_equal(b, "segment", ask);
	struct node **kids;

	if (err)
		return err;
	if (ask->present)
		return diag_set(
		    b->dg, CRM_USAGE, "a name is missing; write segment=NAME");
	kids = mem_array(b->mem, ask->nitems, sizeof(struct node *));
	if (!kids)
		return diag_nomem(b->dg);
	for (size_t i = 0; !err && i < ask->nitems; i++)
		err = segment_expand(
		    b, k, str_trim(ask->items[i].text), &kids[i]);
	if (err)
		return err;
	*out = node_join(b->mem, NODE_OR, kids, ask->nitems);
	return made(b, *out);
}

/* ---- steps of a path -------------------------------------------------- */

/* The condition where a step ends: the rest of the path, or, when there is
 * none, what people call the record. */
static enum crm_err
bind_arrival(struct bind *b, const struct kind *k, struct str rest,
    const struct bind_ask *ask, struct node **out)
{
	const struct field *label = ref_label_field(k);

	if (rest.p)
		return bind_path(b, k, rest, ask, out);
	if (label)
		return bind_field(b, label, ask, out);
	return diag_set(b->dg, CRM_USAGE,
	    "records of %.*s have no name to look in; write which field",
	    STR_ARG(k->name));
}

static enum crm_err
bind_forward(struct bind *b, const struct kind *home, const struct field *f,
    const struct kind *to, struct str rest, const struct bind_ask *ask,
    struct node **out)
{
	struct arrival *a;

	*out = node_hop(b->mem, b->owned, home, 1);
	if (!*out)
		return diag_nomem(b->dg);
	(*out)->hop->field = f;
	(*out)->hop->narrivals = 1;
	a = (*out)->hop->arrivals;
	a->kind = to;
	return bind_arrival(b, to, rest, ask, &a->node);
}

/*
 * A reference to any kind: the rest of the path counts for those kinds for
 * which it means something; the first complaint is given when there is none.
 */
static enum crm_err
bind_forward_any(struct bind *b, const struct kind *home, const struct field *f,
    struct str rest, const struct bind_ask *ask, struct node **out)
{
	struct diag first = {0}, other = {0}, *dg = b->dg;
	const struct kind *to;
	size_t n = 0;
	enum crm_err err = CRM_OK;

	while (schema_kind_at(b->schema, n))
		n++;
	*out = node_hop(b->mem, b->owned, home, n);
	if (!*out)
		return diag_nomem(b->dg);
	(*out)->hop->field = f;
	for (size_t i = 0; (to = schema_kind_at(b->schema, i)); i++) {
		struct hop *h = (*out)->hop;
		struct arrival *a = &h->arrivals[h->narrivals];

		b->dg = first.code ? &other : &first;
		err = bind_arrival(b, to, rest, ask, &a->node);
		if (!err) {
			a->kind = to;
			h->narrivals++;
		} else if (err != CRM_USAGE && err != CRM_NO) {
			break;
		}
	}
	b->dg = dg;
	if (err && err != CRM_USAGE && err != CRM_NO)
		diag_set(
		    dg, err, "%s", diag_text(other.code ? &other : &first));
	else if (!(*out)->hop->narrivals)
		err = diag_set(dg, CRM_USAGE, "%s", diag_text(&first));
	else
		err = CRM_OK;
	diag_clear(&first);
	diag_clear(&other);
	return err;
}

static enum crm_err
bind_hop(struct bind *b, const struct kind *home, const struct field *f,
    struct str rest, const struct bind_ask *ask, struct node **out)
{
	const struct kind *to;

	if (f->type != TYPE_REF)
		return diag_set(b->dg, CRM_USAGE,
		    "'%.*s' of %.*s is no reference, so nothing can follow it",
		    STR_ARG(f->name), STR_ARG(home->name));
	if (f->ref == KIND_NONE)
		return bind_forward_any(b, home, f, rest, ask, out);
	to = schema_kind_no(b->schema, f->ref);
	if (!to)
		return diag_set(b->dg, CRM_USAGE,
		    "'%.*s' points to a kind that is gone", STR_ARG(f->name));
	return bind_forward(b, home, f, to, rest, ask, out);
}

/* The fields of FROM that may point to a record of HOME. */
static enum crm_err
collect_refs(struct bind *b, struct hop *h, const struct kind *from)
{
	h->refs = mem_array(b->mem, from->nfields, sizeof(struct field *));
	if (!h->refs)
		return diag_nomem(b->dg);
	for (size_t i = 0; i < from->nfields; i++) {
		const struct field *f = from->fields[i];

		if (f->type == TYPE_REF && !f->derived &&
		    (f->ref == KIND_NONE || f->ref == h->home->no))
			h->refs[h->nrefs++] = f;
	}
	if (h->nrefs)
		return CRM_OK;
	return diag_set(b->dg, CRM_USAGE, "no field of %.*s points to %.*s",
	    STR_ARG(from->name), STR_ARG(h->home->name));
}

/* "deal=d3", "deal=": the record at the other end itself. */
static enum crm_err
bind_other_end(struct bind *b, const struct kind *from,
    const struct bind_ask *ask, struct node **out)
{
	if (ask->present)
		return bind_constant(b, true, out);
	if (ask->op == OP_HAS || ask->op == OP_LIKE)
		return bind_arrival(b, from, (struct str){0}, ask, out);
	if (ask->op != OP_EQ)
		return diag_set(b->dg, CRM_USAGE,
		    "records of %.*s have no order; write %.*s.FIELD",
		    STR_ARG(from->name), STR_ARG(from->name));
	*out = node_test(b->mem, b->owned, TEST_ID, NULL);
	if (!*out)
		return diag_nomem(b->dg);
	return bind_refs(b, from, ask, (*out)->test);
}

static enum crm_err
bind_reverse(struct bind *b, const struct kind *home, const struct kind *from,
    struct str rest, const struct bind_ask *ask, struct node **out)
{
	struct arrival *a;
	enum crm_err err;

	*out = node_hop(b->mem, b->owned, home, 1);
	if (!*out)
		return diag_nomem(b->dg);
	err = collect_refs(b, (*out)->hop, from);
	if (err)
		return err;
	(*out)->hop->narrivals = 1;
	a = (*out)->hop->arrivals;
	a->kind = from;
	if (rest.p)
		return bind_path(b, from, rest, ask, &a->node);
	return bind_other_end(b, from, ask, &a->node);
}

/* ---- names ------------------------------------------------------------ */

/* Kinds whose records point to K are names too. */
static void
offer_kinds(const struct bind *b, const struct kind *k, struct near *near)
{
	const struct kind *from;

	for (size_t i = 0; (from = schema_kind_at(b->schema, i)); i++)
		for (size_t j = 0; j < from->nfields; j++)
			if (from->fields[j]->type == TYPE_REF &&
			    from->fields[j]->ref == k->no)
				near_offer(near, from->name);
}

static enum crm_err
unknown_name(struct bind *b, const struct kind *k, struct str name)
{
	static const char *const pseudo[] = {"id", "kind", "segment"};
	struct near near = {.word = name};

	for (size_t i = 0; i < k->nfields; i++)
		near_offer(&near, k->fields[i]->name);
	offer_kinds(b, k, &near);
	for (size_t i = 0; i < ARRAY_LEN(pseudo); i++)
		near_offer(&near, str_from(pseudo[i]));
	diag_set(b->dg, CRM_USAGE, "no field '%.*s' of %.*s", STR_ARG(name),
	    STR_ARG(k->name));
	if (near.best.n)
		diag_more(b->dg, "; did you mean '%.*s'", STR_ARG(near.best));
	else
		diag_more(b->dg, "; to search for the text put a ':' before "
				 "it");
	return CRM_USAGE;
}

static enum crm_err
bind_leaf(struct bind *b, const struct kind *k, struct str name,
    const struct bind_ask *ask, struct node **out)
{
	const struct field *f = schema_field(k, name);
	const struct kind *from;

	if (f && f->type == TYPE_REF && !ask->present &&
	    (ask->op == OP_HAS || ask->op == OP_LIKE))
		return bind_hop(b, k, f, (struct str){0}, ask, out);
	if (f)
		return bind_field(b, f, ask, out);
	if (str_is(name, "id"))
		return bind_id(b, k, ask, out);
	if (str_is(name, "kind"))
		return bind_kind(b, k, ask, out);
	from = schema_kind(b->schema, name);
	if (str_is(name, "segment"))
		return bind_segment(b, k, ask, out);
	if (from)
		return bind_reverse(b, k, from, (struct str){0}, ask, out);
	return unknown_name(b, k, name);
}

static enum crm_err
bind_path(struct bind *b, const struct kind *k, struct str path,
    const struct bind_ask *ask, struct node **out)
{
	struct str rest = path, name = str_cut(&rest, '.');
	const struct field *f;
	const struct kind *from;
	enum crm_err err;

	if (!name.n)
		return diag_set(b->dg, CRM_USAGE,
		    "a name is missing beside a '.'; write FIELD.FIELD");
	if (!rest.p)
		return bind_leaf(b, k, name, ask, out);
	f = schema_field(k, name);
	from = f ? NULL : schema_kind(b->schema, name);
	if (!f && !from)
		return unknown_name(b, k, name);
	if (b->hops == BIND_HOPS)
		return diag_set(b->dg, CRM_USAGE,
		    "a path of more than %d steps", BIND_HOPS);
	b->hops++;
	err = f ? bind_hop(b, k, f, rest, ask, out)
		: bind_reverse(b, k, from, rest, ask, out);
	b->hops--;
	return err;
}

/* ---- terms ------------------------------------------------------------ */

/* True when a field or kind is called NAME, as a path from K starts. */
static bool
name_known(const struct bind *b, const struct kind *k, struct str path)
{
	struct str name = str_cut(&path, '.');

	return schema_field(k, name) || schema_kind(b->schema, name) ||
	       str_is(name, "id");
}

/*
 * "city=Bern or city=Basel" in one argument would quietly ask for a city of
 * that long name: refuse it.
 */
static enum crm_err
check_merged(struct bind *b, const struct kind *k, const struct term *t)
{
	static const char *const words[] = {" or ", " and ", " not "};
	struct term inner;

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct str w = str_from(words[i]);
		size_t at = str_find(t->value, w);
		struct str rest = str_from_pos(t->value, at + w.n);

		if (at == t->value.n || !expr_split(rest, &inner) ||
		    !inner.path.n || !name_known(b, k, inner.path))
			continue;
		return diag_set(b->dg, CRM_USAGE,
		    "two terms in one word; make each a word of its own, or "
		    "put the whole in parentheses");
	}
	return CRM_OK;
}

/* "=" and "!=": an empty alternative is answered by what has no value. */
static enum crm_err
bind_equal(struct bind *b, const struct kind *k, const struct term *t,
    struct node **out)
{
	struct bind_ask ask = {.op = OP_EQ}, any = {.present = true};
	struct node **kids = mem_array(b->mem, 2, sizeof(*kids));
	size_t n = 0;
	bool empty = false;
	enum crm_err err;

	if (!kids)
		return diag_nomem(b->dg);
	err = bind_items(b, t->value, &ask, &empty);
	if (!err && ask.nitems)
		err = bind_path(b, k, t->path, &ask, &kids[n++]);
	if (!err && empty) {
		err = bind_path(b, k, t->path, &any, &kids[n]);
		if (!err)
			kids[n] = node_not(b->mem, kids[n]);
		if (!err && !kids[n++])
			err = diag_nomem(b->dg);
	}
	if (err)
		return err;
	*out = node_join(b->mem, NODE_OR, kids, n);
	if (t->op == OP_NE)
		*out = node_not(b->mem, *out);
	return made(b, *out);
}

static enum crm_err
bind_word(struct bind *b, const struct kind *k, const struct term *t,
    struct node **out)
{
	struct bind_ask ask = {.op = t->op, .value = t->value};
	struct id id;

	if (t->op == OP_FREE && !t->colon &&
	    id_parse(b->schema, t->value, &id) && id.kind == k->no) {
		*out = node_test(b->mem, b->owned, TEST_ID, NULL);
		if (!*out)
			return diag_nomem(b->dg);
		idset_add(&(*out)->test->ids, id);
		return (*out)->test->ids.failed ? diag_nomem(b->dg) : CRM_OK;
	}
	if (!str_trim(t->value).n && t->op != OP_EQ && t->op != OP_NE)
		return diag_set(b->dg, CRM_USAGE,
		    "a value is missing behind '%s'",
		    t->colon ? ":" : expr_op_text(t->op));
	if (t->op == OP_FREE)
		return bind_free(b, t->value, out);
	if (t->op == OP_EQ || t->op == OP_NE)
		return bind_equal(b, k, t, out);
	return bind_path(b, k, t->path, &ask, out);
}

static enum crm_err
bind_term(struct bind *b, const struct kind *k, const struct term *t,
    struct node **out)
{
	enum crm_err err = check_merged(b, k, t);

	if (!err && ++b->terms > EXPR_WORDS)
		err = diag_set(b->dg, CRM_USAGE,
		    "with its segments the query has more than %d terms",
		    EXPR_WORDS);
	if (!err)
		err = bind_word(b, k, t, out);
	if (err == CRM_NO || err == CRM_DATA || err == CRM_USAGE) {
		b->dg->code = CRM_USAGE;
		err = expr_blame(t, b->dg);
	}
	return err;
}

static enum crm_err
bind_kids(struct bind *b, const struct kind *k, const struct expr *e,
    struct node **out)
{
	enum node_type type = e->type == EXPR_OR ? NODE_OR : NODE_AND;
	struct node **kids = mem_array(b->mem, e->nkids, sizeof(*kids));
	enum crm_err err = made(b, kids);

	for (size_t i = 0; !err && i < e->nkids; i++)
		err = bind_expr(b, k, e->kids[i], &kids[i]);
	if (err)
		return err;
	*out = node_join(b->mem, type, kids, e->nkids);
	return made(b, *out);
}

enum crm_err
bind_expr(struct bind *b, const struct kind *k, const struct expr *e,
    struct node **out)
{
	enum crm_err err;

	switch (e->type) {
	case EXPR_ALL:
		return bind_constant(b, true, out);
	case EXPR_TERM:
		return bind_term(b, k, &e->term, out);
	case EXPR_NOT:
		err = bind_expr(b, k, e->kids[0], out);
		if (err)
			return err;
		*out = node_not(b->mem, *out);
		return made(b, *out);
	case EXPR_AND:
	case EXPR_OR:
		break;
	}
	return bind_kids(b, k, e, out);
}
