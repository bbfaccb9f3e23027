/* SPDX-License-Identifier: ISC */
/* plan_keys: ranges of index keys. A range may hold too much, never too
 * little: every record found is checked again. */
#include "query/plan_keys.h"

#include "base/date.h"
#include "model/value.h"

/* Appends TAIL to the key of ITEM and keeps it. */
static enum crm_err
key_make(struct run *run, const struct field *f, struct str item,
    struct str tail, struct str *out, struct diag *dg)
{
	bool ok = true;

	buf_reset(&run->scratch);
	value_key(f, item, &run->scratch);
	buf_add(&run->scratch, tail);
	*out = mem_str(run->mem, str_of(&run->scratch), &ok);
	return ok && !run->scratch.failed ? CRM_OK : diag_nomem(dg);
}

/* A key that memcmp puts behind the key of ITEM and all that equal it. */
static enum crm_err
range_exact(struct run *run, const struct field *f, struct str item,
    struct key_range *out, struct diag *dg)
{
	enum crm_err err = key_make(
	    run, f, item, (struct str){.p = "\0", .n = 1}, &out->lo, dg);

	return err ? err : key_make(run, f, item, STR("\1"), &out->hi, dg);
}

/* ---- phones ----------------------------------------------------------- */

/*
 * The same line is written with more or fewer digits in front, which come
 * last in the key: stored keys that go on behind this one, and those that
 * are a start of it.
 */
static enum crm_err
ranges_phone(struct run *run, const struct field *f, struct str item,
    struct key_range *out, size_t *n, struct diag *dg)
{
	struct key_range *going_on = &out[(*n)++];
	struct str key;
	enum crm_err err =
	    key_make(run, f, item, (struct str){.p = "", .n = 0}, &key, dg);
	bool ok = true;

	if (err)
		return err;
	going_on->lo = key;
	err = key_make(run, f, item, STR("\xff"), &going_on->hi, dg);
	for (size_t len = PHONE_MIN; !err && len < key.n; len++) {
		struct key_range *kr = &out[(*n)++];

		buf_reset(&run->scratch);
		buf_add(&run->scratch, str_head(key, len));
		buf_addc(&run->scratch, '\0');
		kr->lo = mem_str(run->mem, str_of(&run->scratch), &ok);
		run->scratch.p[len] = '\1';
		kr->hi = mem_str(run->mem, str_of(&run->scratch), &ok);
		if (!ok || run->scratch.failed)
			err = diag_nomem(dg);
	}
	return err;
}

/* ---- equality and order ----------------------------------------------- */

static enum crm_err
ranges_equal(struct run *run, const struct test *t, struct key_range *out,
    size_t *n, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	for (size_t i = 0; !err && i < t->nitems; i++) {
		if (t->field->type == TYPE_PHONE)
			err = ranges_phone(
			    run, t->field, t->items[i], out, n, dg);
		else
			err = range_exact(
			    run, t->field, t->items[i], &out[(*n)++], dg);
	}
	return err;
}

static enum crm_err
range_order(struct run *run, const struct test *t, struct key_range *out,
    struct diag *dg)
{
	enum crm_err err = CRM_OK;

	if (t->lo.given)
		err = key_make(
		    run, t->field, t->lo.text, (struct str){0}, &out->lo, dg);
	if (!err && t->hi.given)
		err = key_make(
		    run, t->field, t->hi.text, STR("\1"), &out->hi, dg);
	return err;
}

/* Days are local and moments are UTC: a day more on both sides holds both. */
static enum crm_err
day_near(struct run *run, struct str day, int shift, struct str *out,
    struct diag *dg)
{
	bool ok = true;
	int days;

	if (!date_parse(day, &days))
		return diag_set(dg, CRM_BUG, "a day of a plan is none");
	days += shift;
	buf_reset(&run->scratch);
	date_print(days < DATE_MIN   ? DATE_MIN
		   : days > DATE_MAX ? DATE_MAX
				     : days,
	    &run->scratch);
	*out = mem_str(run->mem, str_of(&run->scratch), &ok);
	return ok && !run->scratch.failed ? CRM_OK : diag_nomem(dg);
}

static enum crm_err
range_days(struct run *run, const struct test *t, struct key_range *out,
    struct diag *dg)
{
	enum { BEFORE = -2, BEHIND = 3 };
	enum crm_err err = CRM_OK;

	if (t->day_lo.n)
		err = day_near(run, t->day_lo, BEFORE, &out->lo, dg);
	if (!err && t->day_hi.n)
		err = day_near(run, t->day_hi, BEHIND, &out->hi, dg);
	return err;
}

static enum crm_err
range_span(struct run *run, const struct test *t, struct key_range *out,
    struct diag *dg)
{
	enum crm_err err = range_days(run, t, out, dg);

	if (!err && out->lo.n)
		err = key_make(
		    run, t->field, out->lo, (struct str){0}, &out->lo, dg);
	if (!err && out->hi.n)
		err =
		    key_make(run, t->field, out->hi, STR("\xff"), &out->hi, dg);
	return err;
}

static size_t
ranges_most(const struct test *t)
{
	size_t n = 1;

	if (t->op == TEST_EQ)
		for (size_t i = 0; i < t->nitems; i++)
			n += t->field->type == TYPE_PHONE ? t->items[i].n + 1
							  : 1;
	return n;
}

enum crm_err
keys_ranges(struct run *run, const struct test *t, struct key_range **out,
    size_t *n, bool *usable, struct diag *dg)
{
	enum crm_err err;

	*n = 0;
	*usable = false;
	*out = mem_array(run->mem, ranges_most(t), sizeof(**out));
	if (!*out)
		return diag_nomem(dg);
	if (t->op == TEST_EQ) {
		err = ranges_equal(run, t, *out, n, dg);
	} else {
		*n = 1;
		err = t->op == TEST_SPAN ? range_span(run, t, *out, dg)
					 : range_order(run, t, *out, dg);
	}
	*usable = !err;
	return err;
}

bool
keys_hold_text(const struct field *f)
{
	return f->type == TYPE_TEXT || f->type == TYPE_EMAIL ||
	       f->type == TYPE_URL;
}

/* ---- the due list ----------------------------------------------------- */

/* Only open tasks are on the list: is it clear that T lets no other pass? */
static bool
asks_open(const struct test *t)
{
	const struct choice *c;

	if (t->op != TEST_EQ || !str_is(t->field->name, "status"))
		return false;
	for (size_t i = 0; i < t->nitems; i++) {
		c = field_choice(t->field, t->items[i]);
		if (!c || c->closed)
			return false;
	}
	return true;
}

enum crm_err
keys_due(struct run *run, const struct kind *k, const struct node *n,
    struct plan **out, struct diag *dg)
{
	const struct test *due = NULL;
	struct plan *p;
	bool open = false;

	*out = NULL;
	if (k->no != KIND_TASK)
		return CRM_OK;
	for (size_t i = 0; i < n->nkids; i++) {
		const struct test *t = n->kids[i]->test;

		if (n->kids[i]->type != NODE_TEST || !t->field)
			continue;
		open = open || asks_open(t);
		if (t->op == TEST_SPAN && str_is(t->field->name, "due"))
			due = t;
	}
	if (!due || !open)
		return CRM_OK;
	p = mem_get(run->mem, sizeof(*p));
	if (!p)
		return diag_nomem(dg);
	p->type = PLAN_DUE;
	p->kind = k;
	p->test = due;
	p->nranges = 1;
	p->ranges = mem_array(run->mem, 1, sizeof(*p->ranges));
	if (!p->ranges)
		return diag_nomem(dg);
	*out = p;
	return range_days(run, due, p->ranges, dg);
}

/* ---- counting --------------------------------------------------------- */

static enum crm_err
scan_count(struct run *run, const struct scan_spec *spec, size_t limit,
    size_t *n, bool *all, struct diag *dg)
{
	struct scan *sc = NULL;
	struct id id;
	bool got = true;
	enum crm_err err = scan_open(&sc, run->s, spec, dg);

	while (!err && *n < limit) {
		err = scan_next(sc, &id, &got, dg);
		if (err || !got)
			break;
		++*n;
	}
	if (!err && got && *n >= limit)
		*all = false;
	scan_close(sc);
	return err;
}

enum crm_err
keys_count(struct run *run, const struct plan *p, const struct key_range *kr,
    size_t limit, size_t *n, bool *all, struct diag *dg)
{
	struct scan_spec spec = {
	    .type = p->type == PLAN_DUE ? SCAN_DUE : SCAN_INDEX,
	    .field = p->test->field,
	    .lo = kr->lo,
	    .hi = kr->hi,
	};

	return scan_count(run, &spec, limit, n, all, dg);
}

enum crm_err
refs_count(struct run *run, const struct field *f, struct id target,
    size_t limit, size_t *n, bool *all, struct diag *dg)
{
	struct scan_spec spec = {
	    .type = SCAN_REFS,
	    .field = f,
	    .target = target,
	};

	return scan_count(run, &spec, limit, n, all, dg);
}
