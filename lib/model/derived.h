/* SPDX-License-Identifier: ISC */
/*
 * derived: what the store sums up for a contact or an org. Amounts count only
 * where their currency is the store's (the fallback of order.currency and
 * deal.currency); see crm-store(5).
 */
#ifndef CRM_DERIVED_H
#define CRM_DERIVED_H

#include "base/base.h"
#include "base/decimal.h"
#include "base/str.h"
#include "model/schema.h"

/* Times are stored texts (a day or a moment); n = 0: none. */
struct moment {
	char text[20];
	uint8_t n;
};

struct derived {
	struct moment last;	   /* latest held activity, its start */
	struct moment next;	   /* earliest due of an open task */
	struct moment first_order; /* dates of counted orders */
	struct moment last_order;
	uint64_t activities; /* held */
	uint64_t orders;     /* counted order documents */
	uint64_t open_deals;
	uint64_t open_tickets;
	struct decimal revenue;	 /* total of counted orders */
	struct decimal pipeline; /* amount of open deals */
};

struct str moment_str(const struct moment *m);
void moment_set(struct moment *m, struct str text); /* cut at 20 bytes */
/* By time, a day before the moments of that day; none sorts last. */
int moment_cmp(const struct moment *a, const struct moment *b);

bool derived_eq(const struct derived *a, const struct derived *b);
bool derived_zero(const struct derived *d);

/* Appends the value of one derived field as text; nothing when it has none
 * (counts print 0, amounts 0.00). */
void derived_print(
    const struct derived *d, enum derived_no no, struct buf *out);

/* As bytes, only what there is; the store seals them. */
enum { DERIVED_MAX = 2 + 4 * 21 + 4 * 10 + 2 * (1 + DECIMAL_BYTES) };
size_t derived_put(const struct derived *d, unsigned char out[DERIVED_MAX]);
/* False when the bytes are none. */
bool derived_get(struct str bytes, struct derived *d) CRM_NODISCARD;

#endif
