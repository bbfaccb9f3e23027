/* SPDX-License-Identifier: ISC */
/* derived: compares, prints and packs what the store sums up. */
#include "model/derived.h"

#include <assert.h>

#include "base/num.h"

enum { MOMENT_MAX = sizeof(((struct moment *)0)->text) };
enum { MOMENT_BYTES = MOMENT_MAX + 1, COUNT_BYTES = 8 };
static_assert(
    DERIVED_BYTES == 4 * MOMENT_BYTES + 4 * COUNT_BYTES + 2 * DECIMAL_BYTES,
    "the header says the size");

struct str
moment_str(const struct moment *m)
{
	return (struct str){m->text, m->n};
}

void
moment_set(struct moment *m, struct str text)
{
	*m = (struct moment){0};
	m->n = (uint8_t)(text.n < MOMENT_MAX ? text.n : MOMENT_MAX);
	if (m->n)
		memcpy(m->text, text.p, m->n);
}

int
moment_cmp(const struct moment *a, const struct moment *b)
{
	if (a->n == 0 || b->n == 0)
		return (a->n == 0) - (b->n == 0);
	return str_cmp(moment_str(a), moment_str(b));
}

static bool
moment_eq(const struct moment *a, const struct moment *b)
{
	return str_eq(moment_str(a), moment_str(b));
}

bool
derived_eq(const struct derived *a, const struct derived *b)
{
	return moment_eq(&a->last, &b->last) && moment_eq(&a->next, &b->next) &&
	       moment_eq(&a->first_order, &b->first_order) &&
	       moment_eq(&a->last_order, &b->last_order) &&
	       a->activities == b->activities && a->orders == b->orders &&
	       a->open_deals == b->open_deals &&
	       a->open_tickets == b->open_tickets &&
	       decimal_cmp(a->revenue, b->revenue) == 0 &&
	       decimal_cmp(a->pipeline, b->pipeline) == 0;
}

bool
derived_zero(const struct derived *d)
{
	static const struct derived zero = {0};

	return derived_eq(d, &zero);
}

void
derived_print(const struct derived *d, enum derived_no no, struct buf *out)
{
	switch (no) {
	case DERIVED_LAST:
		buf_add(out, moment_str(&d->last));
		break;
	case DERIVED_NEXT:
		buf_add(out, moment_str(&d->next));
		break;
	case DERIVED_FIRST_ORDER:
		buf_add(out, moment_str(&d->first_order));
		break;
	case DERIVED_LAST_ORDER:
		buf_add(out, moment_str(&d->last_order));
		break;
	case DERIVED_ACTIVITIES:
		buf_addu(out, d->activities);
		break;
	case DERIVED_ORDERS:
		buf_addu(out, d->orders);
		break;
	case DERIVED_OPEN_DEALS:
		buf_addu(out, d->open_deals);
		break;
	case DERIVED_OPEN_TICKETS:
		buf_addu(out, d->open_tickets);
		break;
	case DERIVED_REVENUE:
		decimal_print(d->revenue, 2, out);
		break;
	case DERIVED_PIPELINE:
		decimal_print(d->pipeline, 2, out);
		break;
	case DERIVED_NONE:
	case DERIVED_COUNT:
		break;
	}
}

static unsigned char *
moment_put(unsigned char *p, const struct moment *m)
{
	memset(p, 0, MOMENT_BYTES);
	p[0] = m->n;
	memcpy(p + 1, m->text, m->n);
	return p + MOMENT_BYTES;
}

static const unsigned char *
moment_get(const unsigned char *p, struct moment *m)
{
	const char *text = (const char *)p + 1;

	moment_set(m, (struct str){text, p[0]});
	return p + MOMENT_BYTES;
}

void
derived_put(const struct derived *d, unsigned char out[DERIVED_BYTES])
{
	const uint64_t counts[] = {
	    d->activities, d->orders, d->open_deals, d->open_tickets};
	unsigned char *p = out;

	p = moment_put(p, &d->last);
	p = moment_put(p, &d->next);
	p = moment_put(p, &d->first_order);
	p = moment_put(p, &d->last_order);
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		num_put64(p + i * COUNT_BYTES, counts[i]);
	p += sizeof counts;
	decimal_put(d->revenue, p);
	decimal_put(d->pipeline, p + DECIMAL_BYTES);
}

void
derived_get(const unsigned char in[DERIVED_BYTES], struct derived *d)
{
	const unsigned char *p = in;

	*d = (struct derived){0};
	p = moment_get(p, &d->last);
	p = moment_get(p, &d->next);
	p = moment_get(p, &d->first_order);
	p = moment_get(p, &d->last_order);
	d->activities = num_get64(p);
	d->orders = num_get64(p + COUNT_BYTES);
	d->open_deals = num_get64(p + 2 * COUNT_BYTES);
	d->open_tickets = num_get64(p + 3 * COUNT_BYTES);
	p += 4 * COUNT_BYTES;
	d->revenue = decimal_get(p);
	d->pipeline = decimal_get(p + DECIMAL_BYTES);
}
