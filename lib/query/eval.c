/* SPDX-License-Identifier: ISC */
/* eval: a condition against one record, over its stored bytes. */
#include "model/value.h"
#include "query/run.h"

/* The next item of a value: all of it unless the field is a list. */
static struct str
item_next(const struct field *f, struct str *rest)
{
	struct str item = *rest;

	if (f->list)
		return str_cut(rest, ',');
	rest->p = NULL;
	return item;
}

static bool
equal_number(const struct test *t, struct str item)
{
	struct decimal d;

	if (!decimal_parse(item, &d))
		return false;
	for (size_t i = 0; i < t->nitems; i++)
		if (decimal_cmp(d, t->numbers[i]) == 0)
			return true;
	return false;
}

static bool
test_equal(const struct test *t, struct str item)
{
	if (t->numbers)
		return equal_number(t, item);
	for (size_t i = 0; i < t->nitems; i++) {
		if (str_eq(item, t->items[i]))
			return true;
		if (t->field->type == TYPE_PHONE &&
		    value_eq(t->field, item, t->items[i]))
			return true;
	}
	return false;
}

/* Against one bound: the sign of item - bound. An enumeration value that the
 * schema does not know has no rank: *known is cleared. */
static int
bound_cmp(struct run *run, const struct test *t, const struct bound *b,
    struct str item, bool *known)
{
	struct decimal d;
	size_t rank;
	int c;

	switch (t->field->type) {
	case TYPE_INT:
	case TYPE_DECIMAL:
		*known = decimal_parse(item, &d);
		return *known ? decimal_cmp(d, b->number) : 0;
	case TYPE_ENUM:
		rank = field_choice_rank(t->field, item);
		*known = rank < t->field->nchoices;
		return (rank > b->rank) - (rank < b->rank);
	default:
		buf_reset(&run->folded);
		utf8_fold(item, &run->folded);
		c = str_cmp(str_of(&run->folded), b->folded);
		return c ? c : str_cmp(item, b->text);
	}
}

static bool
test_order(struct run *run, const struct test *t, struct str item)
{
	bool known = true;
	int c;

	if (t->lo.given) {
		c = bound_cmp(run, t, &t->lo, item, &known);
		if (!known || c < 0 || (c == 0 && t->lo.strict))
			return false;
	}
	if (t->hi.given) {
		c = bound_cmp(run, t, &t->hi, item, &known);
		if (!known || c > 0 || (c == 0 && t->hi.strict))
			return false;
	}
	return true;
}

static bool
test_span(const struct test *t, struct str item)
{
	bool day = item.n == DATE_LEN;
	struct str lo = day ? t->day_lo : t->time_lo;
	struct str hi = day ? t->day_hi : t->time_hi;

	if (!day && item.n != TIME_LEN)
		return false;
	if (day && t->empty_span)
		return false;
	return (!lo.n || memcmp(item.p, lo.p, item.n) >= 0) &&
	       (!hi.n || memcmp(item.p, hi.p, item.n) <= 0);
}

static bool
test_digits(struct run *run, const struct test *t, struct str item)
{
	struct str key;

	if (!t->digits.n)
		return false;
	buf_reset(&run->folded);
	value_phone_key(item, &run->folded);
	key = str_of(&run->folded);
	return str_find(key, t->digits) < key.n;
}

static bool
test_phones(struct run *run, const struct test *t, const struct field *f,
    struct str value)
{
	while (value.p)
		if (test_digits(run, t, item_next(f, &value)))
			return true;
	return false;
}

static bool
test_contains(struct run *run, const struct test *t, const struct field *f,
    struct str value)
{
	if (f->type == TYPE_PHONE && test_phones(run, t, f, value))
		return true;
	if (f->list && t->comma)
		return false;
	return needle_in(&t->needle, value, &run->folded);
}

static bool
is_texty(const struct field *f)
{
	return f->type == TYPE_TEXT || f->type == TYPE_EMAIL ||
	       f->type == TYPE_PHONE || f->type == TYPE_URL ||
	       f->type == TYPE_ENUM;
}

/* What is nowhere in all values together is in none of them; folding ASCII
 * does not look over the edge of a value. */
static bool
surely_absent(struct run *run, const struct test *t, const struct row *row)
{
	struct str all = {.p = row->data, .n = row->data_len};

	return (row->flags & ROW_ASCII) && !t->digits.n &&
	       !needle_in(&t->needle, all, &run->folded);
}

static bool
test_free(struct run *run, const struct test *t, const struct kind *k,
    const struct row *row)
{
	unsigned at = 0, slot;
	struct str value;

	if (surely_absent(run, t, row))
		return false;
	while (row_each(row, &at, &slot, &value)) {
		const struct field *f =
		    slot < k->nslots ? k->slots[slot] : NULL;

		if (f && is_texty(f) && test_contains(run, t, f, value))
			return true;
	}
	return false;
}

static enum crm_err
test_regex(const struct test *t, struct str value, bool *yes, struct diag *dg)
{
	enum crm_err err = CRM_OK;

	while (!err && !*yes && value.p)
		err =
		    regex_match(t->regex, item_next(t->field, &value), yes, dg);
	return err;
}

static bool
test_items(struct run *run, const struct test *t, struct str value)
{
	bool yes = false;

	while (!yes && value.p) {
		struct str item = item_next(t->field, &value);

		if (t->op == TEST_EQ)
			yes = test_equal(t, item);
		else if (t->op == TEST_ORDER)
			yes = test_order(run, t, item);
		else
			yes = test_span(t, item);
	}
	return yes;
}

/* Of a field that has a value; all but regular expressions. */
static bool
test_value(struct run *run, const struct test *t, struct str value)
{
	if (t->op == TEST_HAS)
		return true;
	if (t->op == TEST_CONTAINS)
		return test_contains(run, t, t->field, value);
	return test_items(run, t, value);
}

static enum crm_err
eval_test(struct run *run, const struct test *t, const struct record *r,
    bool *yes, struct diag *dg)
{
	struct str value;

	*yes = false;
	if (t->op == TEST_ID) {
		*yes = idset_has(&t->ids, r->id);
		return CRM_OK;
	}
	if (t->op == TEST_FREE) {
		*yes = test_free(run, t, r->kind, &r->row);
		return CRM_OK;
	}
	value = t->field->derived ? record_get(r, t->field, &run->scratch)
				  : row_get(&r->row, t->field->slot);
	if (!value.n)
		return CRM_OK;
	if (t->op == TEST_REGEX)
		return test_regex(t, value, yes, dg);
	*yes = test_value(run, t, value);
	return CRM_OK;
}

static enum crm_err
eval_kids(struct run *run, const struct node *n, const struct record *r,
    bool *yes, struct diag *dg)
{
	bool or = n->type == NODE_OR;
	enum crm_err err = CRM_OK;

	*yes = ! or ;
	for (size_t i = 0; !err && i < n->nkids && *yes != or ; i++)
		err = eval_node(run, n->kids[i], r, yes, dg);
	return err;
}

enum crm_err
eval_node(struct run *run, const struct node *n, const struct record *r,
    bool *yes, struct diag *dg)
{
	enum crm_err err;

	switch (n->type) {
	case NODE_TEST:
		err = eval_test(run, n->test, r, yes, dg);
		/* The buffers only ever hold what a comparison needs. */
		if (!err && (run->scratch.failed || run->folded.failed))
			err = diag_nomem(dg);
		return err;
	case NODE_HOP:
		return hop_match(run, n->hop, r, yes, dg);
	case NODE_NOT:
		err = eval_node(run, n->kids[0], r, yes, dg);
		*yes = !*yes;
		return err;
	case NODE_AND:
	case NODE_OR:
		return eval_kids(run, n, r, yes, dg);
	case NODE_TRUE:
	case NODE_FALSE:
		break;
	}
	*yes = n->type == NODE_TRUE;
	return CRM_OK;
}

/* ---- rows ------------------------------------------------------------- */

static bool
test_plain(const struct test *t)
{
	return t->op == TEST_FREE ||
	       (t->op != TEST_ID && t->op != TEST_REGEX && !t->field->derived);
}

bool
node_plain(const struct node *n)
{
	if (n->type == NODE_TEST)
		return test_plain(n->test);
	if (n->type == NODE_HOP)
		return false;
	for (size_t i = 0; i < n->nkids; i++)
		if (!node_plain(n->kids[i]))
			return false;
	return true;
}

/* Equal means the same bytes. */
static inline bool
test_bytes(const struct test *t)
{
	return t->op == TEST_EQ && !t->field->list && !t->numbers &&
	       t->field->type != TYPE_PHONE;
}

static inline bool
equal_bytes(const struct test *t, struct str value)
{
	for (size_t i = 0; i < t->nitems; i++)
		if (str_eq(value, t->items[i]))
			return true;
	return false;
}

/* Of a plain one. */
static inline bool
test_row(struct run *run, const struct kind *k, const struct test *t,
    const struct row *row)
{
	struct str value;

	if (t->op == TEST_FREE)
		return test_free(run, t, k, row);
	value = row_get(row, t->field->slot);
	if (value.n == 0)
		return false;
	if (test_bytes(t))
		return equal_bytes(t, value);
	if (t->op == TEST_SPAN && !t->field->list)
		return test_span(t, value);
	if (t->op == TEST_ORDER && !t->field->list)
		return test_order(run, t, value);
	return test_value(run, t, value);
}

/* What the row does not decide may be. */
static bool
eval_row(struct run *run, const struct kind *k, const struct node *n,
    const struct row *row)
{
	switch (n->type) {
	case NODE_TEST:
		return !test_plain(n->test) || test_row(run, k, n->test, row);
	case NODE_AND:
		for (size_t i = 0; i < n->nkids; i++)
			if (!eval_row(run, k, n->kids[i], row))
				return false;
		return true;
	case NODE_OR:
		for (size_t i = 0; i < n->nkids; i++)
			if (eval_row(run, k, n->kids[i], row))
				return true;
		return false;
	case NODE_NOT:
		return !node_plain(n->kids[0]) ||
		       !eval_row(run, k, n->kids[0], row);
	case NODE_HOP:
		return hop_may(run->schema, n->hop, row);
	case NODE_FALSE:
		return false;
	case NODE_TRUE:
		break;
	}
	return true;
}

static void
sieve_add(struct sieve *s, const struct node *n)
{
	if (n->type == NODE_TEST && test_plain(n->test) &&
	    s->ntests < SIEVE_TESTS)
		s->tests[s->ntests++] = n->test;
	else
		s->all = false;
}

void
sieve_make(struct sieve *s, struct run *run, const struct kind *k,
    const struct node *n)
{
	*s = (struct sieve){.run = run, .kind = k, .node = n, .all = true};
	s->plain = node_plain(n);
	if (n->type != NODE_AND)
		sieve_add(s, n);
	else
		for (size_t i = 0; i < n->nkids; i++)
			sieve_add(s, n->kids[i]);
}

bool
sieve_pass(void *arg, const struct row *row)
{
	const struct sieve *s = arg;

	for (size_t i = 0; i < s->ntests; i++)
		if (!test_row(s->run, s->kind, s->tests[i], row))
			return false;
	return s->all || eval_row(s->run, s->kind, s->node, row);
}
