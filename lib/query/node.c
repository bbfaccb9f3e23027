/* SPDX-License-Identifier: ISC */
/* node: building the tree, cheapest tests first. */
#include "query/node.h"

struct node *
node_new(struct mem *m, enum node_type type)
{
	struct node *n = mem_get(m, sizeof(*n));

	if (n)
		n->type = type;
	return n;
}

static unsigned
test_cost(enum test_op op, const struct field *f)
{
	static const unsigned costs[] = {
	    [TEST_HAS] = 2,
	    [TEST_EQ] = 3,
	    [TEST_ORDER] = 6,
	    [TEST_SPAN] = 4,
	    [TEST_CONTAINS] = 20,
	    [TEST_REGEX] = 60,
	    [TEST_FREE] = 100,
	    [TEST_ID] = 1,
	};

	return costs[op] + (f && f->derived ? 4 : 0);
}

struct node *
node_test(
    struct mem *m, struct node_owned *o, enum test_op op, const struct field *f)
{
	struct node *n = node_new(m, NODE_TEST);
	struct test *t = mem_get(m, sizeof(*t));

	if (!n || !t)
		return NULL;
	t->op = op;
	t->field = f;
	t->next = o->tests;
	o->tests = t;
	n->test = t;
	n->cost = test_cost(op, f);
	return n;
}

struct node *
node_hop(struct mem *m, struct node_owned *o, const struct kind *home,
    size_t narrivals)
{
	enum { HOP_COST = 500 };
	struct node *n = node_new(m, NODE_HOP);
	struct hop *h = mem_get(m, sizeof(*h));

	if (!n || !h)
		return NULL;
	h->home = home;
	h->arrivals = mem_array(m, narrivals, sizeof(*h->arrivals));
	if (!h->arrivals)
		return NULL;
	h->next = o->hops;
	o->hops = h;
	n->hop = h;
	n->cost = HOP_COST;
	return n;
}

static enum node_type
opposite(enum node_type t)
{
	switch (t) {
	case NODE_TRUE:
		return NODE_FALSE;
	case NODE_FALSE:
		return NODE_TRUE;
	case NODE_AND:
		return NODE_OR;
	case NODE_OR:
		return NODE_AND;
	case NODE_NOT:
	case NODE_TEST:
	case NODE_HOP:
		break;
	}
	return NODE_NOT;
}

/* De Morgan, so that a double negation comes out as what an index can do.
 * Nodes are never shared, so they may be turned in place. */
struct node *
node_not(struct mem *m, struct node *n)
{
	struct node * not ;

	if (!n || n->type == NODE_NOT)
		return n ? n->kids[0] : NULL;
	if (n->type != NODE_TEST && n->type != NODE_HOP) {
		n->type = opposite(n->type);
		for (size_t i = 0; i < n->nkids; i++) {
			n->kids[i] = node_not(m, n->kids[i]);
			if (!n->kids[i])
				return NULL;
		}
		return n;
	}
	not = node_new(m, NODE_NOT);
	if (!not )
		return NULL;
	not ->kids = mem_array(m, 1, sizeof(*not ->kids));
	if (!not ->kids)
		return NULL;
	not ->kids[0] = n;
	not ->nkids = 1;
	not ->cost = n->cost;
	return not ;
}

/* Insertion keeps equals in the order they were written. */
static void
sort_by_cost(struct node **kids, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct node *kid = kids[i];
		size_t at = i;

		for (; at && kids[at - 1]->cost > kid->cost; at--)
			kids[at] = kids[at - 1];
		kids[at] = kid;
	}
}

static size_t
count_flat(enum node_type type, struct node *const *kids, size_t nkids)
{
	size_t n = 0;

	for (size_t i = 0; i < nkids; i++)
		n += kids[i]->type == type ? kids[i]->nkids : 1;
	return n;
}

struct node *
node_join(struct mem *m, enum node_type type, struct node **kids, size_t nkids)
{
	size_t n = count_flat(type, kids, nkids);
	struct node *join;

	if (nkids == 1)
		return kids[0];
	join = node_new(m, type);
	if (!join)
		return NULL;
	join->kids = mem_array(m, n, sizeof(*join->kids));
	if (!join->kids)
		return NULL;
	for (size_t i = 0; i < nkids; i++) {
		if (kids[i]->type != type) {
			join->kids[join->nkids++] = kids[i];
			continue;
		}
		for (size_t j = 0; j < kids[i]->nkids; j++)
			join->kids[join->nkids++] = kids[i]->kids[j];
	}
	sort_by_cost(join->kids, join->nkids);
	for (size_t i = 0; i < join->nkids; i++)
		join->cost += join->kids[i]->cost;
	return join;
}

void
node_clear(struct node_owned *o)
{
	for (struct test *t = o->tests; t; t = t->next) {
		needle_clear(&t->needle);
		regex_free(t->regex);
		idset_clear(&t->ids);
	}
	for (struct hop *h = o->hops; h; h = h->next) {
		idset_clear(&h->homes);
		for (size_t i = 0; i < h->narrivals; i++)
			idset_clear(&h->arrivals[i].set);
	}
	*o = (struct node_owned){0};
}
