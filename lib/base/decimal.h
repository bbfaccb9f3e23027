/* SPDX-License-Identifier: ISC */
/*
 * decimal: exact fixed-point numbers, 9 digits after the point and up to 27
 * before it; never binary floating point. Zero is a valid start.
 */
#ifndef CRM_DECIMAL_H
#define CRM_DECIMAL_H

#include "base/base.h"
#include "base/str.h"

__extension__ typedef __int128 crm_i128;

enum { DECIMAL_SCALE = 9, DECIMAL_BYTES = 16 };

struct decimal {
	crm_i128 v; /* the number times 10^9 */
};

/*
 * Reads "[+-]digits[.digits]", the whole of S. False on anything else:
 * thousands separators, exponents, a comma, more than 9 decimals.
 */
bool decimal_parse(struct str s, struct decimal *out) CRM_NODISCARD;

/* Exact for some 170 times the greatest number; beyond that modulo 2^128, so
 * that whatever was added can be taken off again. */
struct decimal decimal_add(struct decimal a, struct decimal b);
struct decimal decimal_sub(struct decimal a, struct decimal b);
/* A sum out of range saturates: |v| stays below 10^36. So does a product. */
struct decimal decimal_pile(struct decimal a, struct decimal b);
struct decimal decimal_mul(struct decimal a, struct decimal b); /* rounds half
								    away */
struct decimal decimal_from_i64(int64_t v);
double decimal_double(struct decimal d); /* nearest; for statistics only */
int decimal_cmp(struct decimal a, struct decimal b);

/* Appends with at least MIN digits after the point, more where not zero. */
void decimal_print(struct decimal d, int min, struct buf *out);
/* Writes the same to P; behind its end. */
enum { DECIMAL_TEXT = 48 };
char *decimal_write(struct decimal d, int min, char p[DECIMAL_TEXT]);

/* 16 bytes that memcmp orders like the number, and back. */
void decimal_put(struct decimal d, unsigned char out[DECIMAL_BYTES]);
struct decimal decimal_get(const unsigned char in[DECIMAL_BYTES]);

#endif
