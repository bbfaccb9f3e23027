/* SPDX-License-Identifier: ISC */
/* derived: compares, prints and packs what the store sums up. */
#include "model/derived.h"

#include <assert.h>

#include "base/num.h"

enum { MOMENT_MAX = sizeof(((struct moment *)0)->text) };
enum { TIMES = 4, COUNTS = 4, AMOUNTS = 2, LEB_MAX = 10, NEGATIVE = 0x80 };
static_assert(DERIVED_MAX == 2 + TIMES * (1 + MOMENT_MAX) + COUNTS * LEB_MAX +
				 AMOUNTS * (1 + DECIMAL_BYTES),
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

/* What a decimal may be: it can be asked for. */
static void
amount_print(struct decimal v, struct buf *out)
{
	decimal_print(decimal_pile(v, (struct decimal){0}), 2, out);
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
		amount_print(d->revenue, out);
		break;
	case DERIVED_PIPELINE:
		amount_print(d->pipeline, out);
		break;
	case DERIVED_NONE:
	case DERIVED_COUNT:
		break;
	}
}

/* ---- bytes ------------------------------------------------------------ */

/* A time is its length and its text; a count is in LEB128; an amount is how
 * many bytes follow, with the highest bit where it is negative, and the bytes
 * of its number that are not all like its sign. */
static unsigned char *
moment_put(unsigned char *p, const struct moment *m)
{
	*p++ = m->n;
	memcpy(p, m->text, m->n);
	return p + m->n;
}

static unsigned char *
count_put(unsigned char *p, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		*p++ = (unsigned char)(v | 0x80);
	*p++ = (unsigned char)v;
	return p;
}

static unsigned char *
amount_put(unsigned char *p, struct decimal v)
{
	unsigned char all[DECIMAL_BYTES];
	unsigned char sign;
	size_t at = 0;

	decimal_put(v, all);
	all[0] ^= 0x80;
	sign = all[0] & 0x80 ? 0xff : 0;
	while (at < DECIMAL_BYTES && all[at] == sign)
		at++;
	*p++ = (unsigned char)((DECIMAL_BYTES - at) | (sign & NEGATIVE));
	memcpy(p, all + at, DECIMAL_BYTES - at);
	return p + DECIMAL_BYTES - at;
}

static bool
byte_get(struct str *in, unsigned char *c)
{
	if (in->n == 0)
		return false;
	*c = (unsigned char)in->p[0];
	*in = str_from_pos(*in, 1);
	return true;
}

static bool
moment_get(struct str *in, struct moment *m)
{
	unsigned char n;

	if (!byte_get(in, &n) || n == 0 || n > MOMENT_MAX || n > in->n)
		return false;
	moment_set(m, str_head(*in, n));
	*in = str_from_pos(*in, n);
	return true;
}

static bool
count_get(struct str *in, uint64_t *v)
{
	unsigned char c;

	*v = 0;
	for (unsigned shift = 0; shift < 64 && byte_get(in, &c); shift += 7) {
		*v |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80)
			return true;
	}
	return false;
}

static bool
amount_get(struct str *in, struct decimal *v)
{
	unsigned char all[DECIMAL_BYTES], head;
	size_t n;

	if (!byte_get(in, &head))
		return false;
	n = head & ~(unsigned)NEGATIVE;
	if (n > DECIMAL_BYTES || n > in->n)
		return false;
	memset(all, head & NEGATIVE ? 0xff : 0, sizeof(all));
	memcpy(all + DECIMAL_BYTES - n, in->p, n);
	all[0] ^= 0x80;
	*v = decimal_get(all);
	*in = str_from_pos(*in, n);
	return true;
}

static bool
amount_zero(struct decimal v)
{
	static const struct decimal zero = {0};

	return decimal_cmp(v, zero) == 0;
}

/* In front, a bit for each: times from the lowest one on, counts, amounts. */
size_t
derived_put(const struct derived *d, unsigned char out[DERIVED_MAX])
{
	const struct moment *times[TIMES] = {
	    &d->last, &d->next, &d->first_order, &d->last_order};
	const uint64_t counts[COUNTS] = {
	    d->activities, d->orders, d->open_deals, d->open_tickets};
	const struct decimal *amounts[AMOUNTS] = {&d->revenue, &d->pipeline};
	unsigned char *p = out + 2;
	unsigned has = 0, bit = 1;

	for (size_t i = 0; i < TIMES; i++, bit <<= 1)
		if (times[i]->n > 0) {
			has |= bit;
			p = moment_put(p, times[i]);
		}
	for (size_t i = 0; i < COUNTS; i++, bit <<= 1)
		if (counts[i] > 0) {
			has |= bit;
			p = count_put(p, counts[i]);
		}
	for (size_t i = 0; i < AMOUNTS; i++, bit <<= 1)
		if (!amount_zero(*amounts[i])) {
			has |= bit;
			p = amount_put(p, *amounts[i]);
		}
	num_put16(out, (uint16_t)has);
	return (size_t)(p - out);
}

bool
derived_get(struct str bytes, struct derived *d)
{
	struct moment *times[TIMES] = {
	    &d->last, &d->next, &d->first_order, &d->last_order};
	uint64_t *counts[COUNTS] = {
	    &d->activities, &d->orders, &d->open_deals, &d->open_tickets};
	struct decimal *amounts[AMOUNTS] = {&d->revenue, &d->pipeline};
	unsigned has, bit = 1;
	bool ok = bytes.n >= 2;

	*d = (struct derived){0};
	has = ok ? num_get16((const unsigned char *)bytes.p) : 0;
	bytes = str_from_pos(bytes, 2);
	for (size_t i = 0; i < TIMES && ok; i++, bit <<= 1)
		if (has & bit)
			ok = moment_get(&bytes, times[i]);
	for (size_t i = 0; i < COUNTS && ok; i++, bit <<= 1)
		if (has & bit)
			ok = count_get(&bytes, counts[i]);
	for (size_t i = 0; i < AMOUNTS && ok; i++, bit <<= 1)
		if (has & bit)
			ok = amount_get(&bytes, amounts[i]);
	return ok && has < bit && bytes.n == 0;
}
