/* SPDX-License-Identifier: ISC */
/* operand: what stands behind an operator, typed by its field and prepared
 * so that a test neither parses nor allocates for each record. */
#include "query/bind.h"

#include "base/near.h"
#include "model/value.h"
#include "query/ref.h"

/* ---- alternatives ----------------------------------------------------- */

/* Removes the escapes \, \\ and \. of one alternative into memory. */
static enum crm_err
item_read(struct bind *b, struct str raw, struct bind_item *out)
{
	char *p = mem_get(b->mem, raw.n + 1);
	size_t n = 0, dots = SIZE_MAX;

	if (!p)
		return diag_nomem(b->dg);
	for (size_t i = 0; i < raw.n; i++) {
		char next = i + 1 < raw.n ? raw.p[i + 1] : '\0';

		if (raw.p[i] == '\\' &&
		    (next == ',' || next == '\\' || next == '.'))
			i++;
		else if (raw.p[i] == '.' && next == '.' && dots == SIZE_MAX)
			dots = n;
		p[n++] = raw.p[i];
	}
	out->text = (struct str){.p = p, .n = n};
	out->dots = dots == SIZE_MAX ? n : dots;
	return CRM_OK;
}

/* Length of the alternative at the start of S: up to a comma that no
 * backslash takes literally. */
static size_t
item_length(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ',')
			return i;
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
	}
	return s.n;
}

enum crm_err
bind_items(struct bind *b, struct str value, struct bind_ask *ask, bool *empty)
{
	size_t count = 1, at = 0;
	enum crm_err err;

	for (size_t i = 0; i < value.n; i++)
		count += value.p[i] == ',';
	ask->items = mem_array(b->mem, count, sizeof(*ask->items));
	if (!ask->items)
		return diag_nomem(b->dg);
	while (at <= value.n) {
		struct str rest = str_from_pos(value, at);
		struct str raw = str_head(rest, item_length(rest));

		at += raw.n + 1;
		if (!str_trim(raw).n) {
			*empty = true;
			continue;
		}
		err = item_read(b, raw, &ask->items[ask->nitems++]);
		if (err)
			return err;
	}
	return CRM_OK;
}

/* ---- canonical operands ----------------------------------------------- */

static struct str
choice_near(const struct field *f, struct str text)
{
	struct near near = {.word = text};

	for (size_t i = 0; i < f->nchoices; i++)
		near_offer(&near, f->choices[i].name);
	return near.best;
}

/* A remark, once: the value is searched for all the same, since a store may
 * hold values that its schema does not know. */
static void
note_choice(struct bind *b, const struct field *f, struct str text)
{
	struct str near = choice_near(f, text);

	if (b->notes->n)
		buf_addz(b->notes, "; ");
	buf_addf(b->notes, "'%.*s' is no known value of %.*s", STR_ARG(text),
	    STR_ARG(f->name));
	if (near.n)
		buf_addf(b->notes, ", nearest is '%.*s'", STR_ARG(near));
}

/* One item in the form that is stored, copied. */
static enum crm_err
normalise(struct bind *b, const struct field *f, struct str text, bool *odd,
    struct str *out)
{
	struct field single = *f;
	struct buf tmp = {0};
	bool ok = true;
	enum crm_err err;

	single.list = false;
	*odd = false;
	err = value_normalise(&single, text, b->clock, &tmp, odd, b->dg);
	if (!err && !tmp.failed)
		*out = mem_str(b->mem, str_of(&tmp), &ok);
	if (!err && (!ok || tmp.failed))
		err = diag_nomem(b->dg);
	buf_clear(&tmp);
	return err;
}

static bool
is_number(const struct field *f)
{
	return f->type == TYPE_INT || f->type == TYPE_DECIMAL;
}

static bool
is_time(const struct field *f)
{
	return f->type == TYPE_DATE || f->type == TYPE_TIME;
}

static bool
is_ordered(const struct field *f)
{
	return is_number(f) || is_time(f) || f->type == TYPE_ENUM ||
	       f->type == TYPE_TEXT;
}

/* ---- days and moments ------------------------------------------------- */

/* Seconds; the flags tell that an end is open. */
struct span {
	int64_t lo, hi;
	bool open_lo, open_hi;
};

static enum crm_err
span_read(struct bind *b, struct str text, struct span *out)
{
	const struct zone *z = &b->clock->zone;
	struct when lo, hi;
	enum crm_err err = when_range(text, b->clock, &lo, &hi, b->dg);

	if (err)
		return err;
	*out = (struct span){
	    .open_lo = !lo.has_time && lo.day <= DATE_MIN,
	    .open_hi = !hi.has_time && hi.day >= DATE_MAX,
	};
	if (!out->open_lo)
		out->lo = lo.has_time ? lo.utc : date_to_utc(z, lo.day, 0);
	if (!out->open_hi)
		out->hi =
		    hi.has_time ? hi.utc : date_to_utc(z, hi.day + 1, 0) - 1;
	return CRM_OK;
}

static enum crm_err
mem_date(struct bind *b, int day, struct str *out)
{
	struct buf tmp = {0};
	bool ok = true;

	date_print(day < DATE_MIN   ? DATE_MIN
		   : day > DATE_MAX ? DATE_MAX
				    : day,
	    &tmp);
	*out = mem_str(b->mem, str_of(&tmp), &ok);
	ok = ok && !tmp.failed;
	buf_clear(&tmp);
	return ok ? CRM_OK : diag_nomem(b->dg);
}

static enum crm_err
mem_time(struct bind *b, int64_t utc, struct str *out)
{
	struct buf tmp = {0};
	bool ok = true;

	time_print(utc, &tmp);
	*out = mem_str(b->mem, str_of(&tmp), &ok);
	ok = ok && !tmp.failed;
	buf_clear(&tmp);
	return ok ? CRM_OK : diag_nomem(b->dg);
}

/*
 * Canonical texts of days and of moments sort like time, so the bounds are
 * kept as texts of both precisions and a test compares bytes. A day is
 * within when all of it is.
 */
static enum crm_err
span_texts(struct bind *b, const struct span *sp, struct test *t)
{
	const struct zone *z = &b->clock->zone;
	enum crm_err err = CRM_OK;
	int day;

	if (!sp->open_lo) {
		day = date_local(z, sp->lo, NULL);
		day += date_to_utc(z, day, 0) < sp->lo;
		t->empty_span = day > DATE_MAX;
		err = mem_date(b, day, &t->day_lo);
		if (!err)
			err = mem_time(b, sp->lo, &t->time_lo);
	}
	if (!err && !sp->open_hi) {
		day = date_local(z, sp->hi + 1, NULL) - 1;
		t->empty_span = t->empty_span || day < DATE_MIN;
		err = mem_date(b, day, &t->day_hi);
		if (!err)
			err = mem_time(b, sp->hi, &t->time_hi);
	}
	return err;
}

static enum crm_err
bind_span(struct bind *b, const struct field *f, enum expr_op op,
    struct str text, struct node **out)
{
	struct span sp;
	enum crm_err err;

	if (op != OP_EQ && str_find(text, STR("..")) < text.n)
		return diag_set(b->dg, CRM_USAGE,
		    "a range goes with =; write %.*s=A..B", STR_ARG(f->name));
	err = span_read(b, str_trim(text), &sp);
	if (err)
		return err;
	/* Nothing is before the first day there is, or behind the last. */
	if ((op == OP_LT && sp.open_lo) || (op == OP_GT && sp.open_hi)) {
		*out = node_new(b->mem, NODE_FALSE);
		return *out ? CRM_OK : diag_nomem(b->dg);
	}
	if (op == OP_LT)
		sp = (struct span){.open_lo = true, .hi = sp.lo - 1};
	else if (op == OP_LE)
		sp.open_lo = true;
	else if (op == OP_GT)
		sp = (struct span){.open_hi = true, .lo = sp.hi + 1};
	else if (op == OP_GE)
		sp.open_hi = true;
	*out = node_test(b->mem, b->owned, TEST_SPAN, f);
	return *out ? span_texts(b, &sp, (*out)->test) : diag_nomem(b->dg);
}

/* ---- order ------------------------------------------------------------ */

static enum crm_err
bound_rank(struct bind *b, const struct field *f, struct bound *bd)
{
	struct str near;

	bd->rank = field_choice_rank(f, bd->text);
	if (bd->rank < f->nchoices)
		return CRM_OK;
	near = choice_near(f, bd->text);
	diag_set(b->dg, CRM_USAGE, "'%.*s' is no value of %.*s",
	    STR_ARG(bd->text), STR_ARG(f->name));
	if (near.n)
		diag_more(b->dg, "; did you mean '%.*s'", STR_ARG(near));
	return CRM_USAGE;
}

static enum crm_err
bound_fold(struct bind *b, struct bound *bd)
{
	struct buf tmp = {0};
	bool ok = true;

	utf8_fold(bd->text, &tmp);
	bd->folded = mem_str(b->mem, str_of(&tmp), &ok);
	ok = ok && !tmp.failed;
	buf_clear(&tmp);
	return ok ? CRM_OK : diag_nomem(b->dg);
}

static enum crm_err
bound_read(
    struct bind *b, const struct field *f, struct str text, struct bound *bd)
{
	bool odd;
	enum crm_err err = normalise(b, f, text, &odd, &bd->text);

	if (err)
		return err;
	bd->given = true;
	if (f->type == TYPE_ENUM)
		return bound_rank(b, f, bd);
	if (f->type == TYPE_TEXT)
		return bound_fold(b, bd);
	if (!decimal_parse(bd->text, &bd->number))
		return diag_set(
		    b->dg, CRM_USAGE, "'%.*s' is no number", STR_ARG(text));
	return CRM_OK;
}

static enum crm_err
bind_range(struct bind *b, const struct field *f, const struct bind_item *it,
    struct node **out)
{
	struct str lo = str_trim(str_head(it->text, it->dots));
	struct str hi = str_trim(str_from_pos(it->text, it->dots + 2));
	struct test *t;
	enum crm_err err = CRM_OK;

	*out = node_test(b->mem, b->owned, TEST_ORDER, f);
	if (!*out)
		return diag_nomem(b->dg);
	t = (*out)->test;
	if (lo.n)
		err = bound_read(b, f, lo, &t->lo);
	if (!err && hi.n)
		err = bound_read(b, f, hi, &t->hi);
	if (!err && t->lo.given && t->hi.given &&
	    value_cmp(f, t->lo.text, t->hi.text) > 0)
		err = diag_set(b->dg, CRM_USAGE,
		    "the range ends before it begins; write %.*s..%.*s",
		    STR_ARG(hi), STR_ARG(lo));
	return err;
}

static enum crm_err
bind_order(struct bind *b, const struct field *f, const struct bind_ask *ask,
    struct node **out)
{
	bool below = ask->op == OP_LT || ask->op == OP_LE;
	struct bound bd = {
	    .strict = ask->op == OP_LT || ask->op == OP_GT,
	};
	enum crm_err err;

	if (!is_ordered(f))
		return diag_set(b->dg, CRM_USAGE,
		    "'%.*s' has no order; compare it with =, != or :",
		    STR_ARG(f->name));
	if (is_time(f))
		return bind_span(b, f, ask->op, ask->value, out);
	err = bound_read(b, f, ask->value, &bd);
	if (err)
		return err;
	*out = node_test(b->mem, b->owned, TEST_ORDER, f);
	if (!*out)
		return diag_nomem(b->dg);
	*(below ? &(*out)->test->hi : &(*out)->test->lo) = bd;
	return CRM_OK;
}

/* ---- references ------------------------------------------------------- */

enum { REF_MOST = 64 }; /* records of one name that are looked at */

/* The records that TEXT may mean, at most REF_MOST. */
static enum crm_err
ref_read(struct bind *b, const struct kind *kind, struct str text,
    struct id *found, size_t *n)
{
	text = str_trim(text);
	if (id_parse(b->schema, text, found) &&
	    (!kind || found->kind == kind->no)) {
		*n = 1;
		return CRM_OK;
	}
	return ref_matches(b->s, kind, text, found, REF_MOST, n, b->dg);
}

enum crm_err
bind_refs(struct bind *b, const struct kind *kind, const struct bind_ask *ask,
    struct test *t)
{
	struct id found[REF_MOST];
	enum crm_err err = CRM_OK;
	size_t n;

	for (size_t i = 0; !err && i < ask->nitems; i++) {
		err = ref_read(b, kind, ask->items[i].text, found, &n);
		for (size_t j = 0; !err && j < n; j++)
			idset_add(&t->ids, found[j]);
	}
	idset_sort(&t->ids);
	return err ? err : t->ids.failed ? diag_nomem(b->dg) : CRM_OK;
}

/* Adds an id and the text under which a reference field holds it. */
static enum crm_err
target_add(struct bind *b, struct test *t, struct id id)
{
	struct buf tmp = {0};
	bool ok = true;

	id_print(b->schema, id, &tmp);
	t->targets[t->nitems] = id;
	t->items[t->nitems++] = mem_str(b->mem, str_of(&tmp), &ok);
	ok = ok && !tmp.failed;
	buf_clear(&tmp);
	return ok ? CRM_OK : diag_nomem(b->dg);
}

/* Makes room for N more targets than there are. */
static enum crm_err
target_room(struct bind *b, struct test *t, size_t n)
{
	struct id *ids = mem_array(b->mem, t->nitems + n, sizeof(*ids));
	struct str *items = mem_array(b->mem, t->nitems + n, sizeof(*items));

	if (!ids || !items)
		return diag_nomem(b->dg);
	if (t->nitems) {
		memcpy(ids, t->targets, t->nitems * sizeof(*ids));
		memcpy(items, t->items, t->nitems * sizeof(*items));
	}
	t->targets = ids;
	t->items = items;
	return CRM_OK;
}

static enum crm_err
bind_ref(struct bind *b, const struct field *f, const struct bind_ask *ask,
    struct node **out)
{
	const struct kind *kind =
	    f->ref == KIND_NONE ? NULL : schema_kind_no(b->schema, f->ref);
	struct id found[REF_MOST];
	size_t n = 0, left = 0;
	enum crm_err err = CRM_OK;

	*out = node_test(b->mem, b->owned, TEST_EQ, f);
	if (!*out)
		return diag_nomem(b->dg);
	for (size_t i = 0; !err && i < ask->nitems; i++) {
		struct test *t = (*out)->test;

		err = ref_read(b, kind, ask->items[i].text, found, &n);
		if (!err && left < n) {
			left = t->nitems + ask->nitems + n;
			err = target_room(b, t, left);
		}
		for (size_t j = 0; !err && j < n; j++, left--)
			err = target_add(b, t, found[j]);
	}
	return err;
}

/* ---- equality --------------------------------------------------------- */

static enum crm_err
equal_add(struct bind *b, struct test *t, struct str text)
{
	struct str *item = &t->items[t->nitems];
	bool odd;
	enum crm_err err = normalise(b, t->field, text, &odd, item);

	if (err)
		return err;
	if (odd)
		note_choice(b, t->field, *item);
	if (is_number(t->field) &&
	    !decimal_parse(*item, &t->numbers[t->nitems]))
		return diag_set(
		    b->dg, CRM_USAGE, "'%.*s' is no number", STR_ARG(text));
	t->nitems++;
	return CRM_OK;
}

static enum crm_err
equal_new(struct bind *b, const struct field *f, size_t n, struct node **out)
{
	struct test *t;

	*out = node_test(b->mem, b->owned, TEST_EQ, f);
	if (!*out)
		return diag_nomem(b->dg);
	t = (*out)->test;
	t->items = mem_array(b->mem, n, sizeof(*t->items));
	t->numbers =
	    is_number(f) ? mem_array(b->mem, n, sizeof(*t->numbers)) : NULL;
	if (!t->items || (is_number(f) && !t->numbers))
		return diag_nomem(b->dg);
	return CRM_OK;
}

/* Plain values in one test, each range in one of its own. */
static enum crm_err
bind_equal_items(struct bind *b, const struct field *f,
    const struct bind_ask *ask, struct node **out)
{
	struct node **kids = mem_array(b->mem, ask->nitems, sizeof(*kids));
	struct node *plain = NULL;
	size_t n = 0;
	enum crm_err err = kids ? CRM_OK : diag_nomem(b->dg);

	for (size_t i = 0; !err && i < ask->nitems; i++) {
		const struct bind_item *it = &ask->items[i];

		if (is_time(f)) {
			err = bind_span(b, f, OP_EQ, it->text, &kids[n++]);
		} else if (is_ordered(f) && it->dots < it->text.n) {
			err = bind_range(b, f, it, &kids[n++]);
		} else {
			if (!plain) {
				err = equal_new(b, f, ask->nitems, &plain);
				kids[n++] = plain;
			}
			if (!err)
				err = equal_add(b, plain->test, it->text);
		}
	}
	if (err)
		return err;
	*out = node_join(b->mem, NODE_OR, kids, n);
	return *out ? CRM_OK : diag_nomem(b->dg);
}

/* ---- words and patterns ----------------------------------------------- */

/* The digits of WORD, reversed as phones are filed; empty when it holds
 * anything that a phone number does not. */
static enum crm_err
phone_digits(struct bind *b, struct str word, struct str *out)
{
	char *p = mem_get(b->mem, word.n + 1);
	size_t n = 0, first = 0;

	if (!p)
		return diag_nomem(b->dg);
	while (first < word.n && (word.p[first] < '1' || word.p[first] > '9'))
		first++;
	for (size_t i = word.n; i-- > 0;) {
		char c = word.p[i];

		if (c >= '0' && c <= '9' && i >= first)
			p[n++] = c;
		else if (!memchr("+0123456789-()/. ", c, 17))
			return CRM_OK;
	}
	*out = (struct str){.p = p, .n = n};
	return CRM_OK;
}

static enum crm_err
bind_needle(struct bind *b, enum test_op op, const struct field *f,
    struct str word, struct node **out)
{
	struct test *t;

	*out = node_test(b->mem, b->owned, op, f);
	if (!*out)
		return diag_nomem(b->dg);
	t = (*out)->test;
	if (!needle_init(&t->needle, word))
		return diag_nomem(b->dg);
	if (!t->needle.plain.n)
		return diag_set(b->dg, CRM_USAGE,
		    "nothing is left to search for when accents are ignored");
	t->comma = memchr(t->needle.plain.p, ',', t->needle.plain.n) != NULL;
	return phone_digits(b, word, &t->digits);
}

enum crm_err
bind_free(struct bind *b, struct str word, struct node **out)
{
	return bind_needle(b, TEST_FREE, NULL, word, out);
}

static enum crm_err
bind_regex(struct bind *b, const struct field *f, struct str pattern,
    struct node **out)
{
	*out = node_test(b->mem, b->owned, TEST_REGEX, f);
	if (!*out)
		return diag_nomem(b->dg);
	return regex_new(&(*out)->test->regex, pattern, b->dg);
}

enum crm_err
bind_field(struct bind *b, const struct field *f, const struct bind_ask *ask,
    struct node **out)
{
	if (ask->present) {
		*out = node_test(b->mem, b->owned, TEST_HAS, f);
		return *out ? CRM_OK : diag_nomem(b->dg);
	}
	if (ask->op == OP_HAS)
		return bind_needle(b, TEST_CONTAINS, f, ask->value, out);
	if (ask->op == OP_LIKE)
		return bind_regex(b, f, ask->value, out);
	if (ask->op != OP_EQ)
		return bind_order(b, f, ask, out);
	if (f->type == TYPE_REF)
		return bind_ref(b, f, ask, out);
	return bind_equal_items(b, f, ask, out);
}
