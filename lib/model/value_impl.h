/* SPDX-License-Identifier: ISC */
/* value_impl: one rule a type for its canonical form; for value*.c only. */
#ifndef CRM_VALUE_IMPL_H
#define CRM_VALUE_IMPL_H

#include "model/value.h"

/* What a rule works with: the field, the moment, where the result goes. */
struct rule {
	const struct field *field;
	const struct clock *clock;
	struct buf *out;
	bool *odd;
	struct diag *dg;
};

/*
 * Each appends the canonical form of one item: valid UTF-8 without NUL,
 * without outer blanks, not empty. CRM_DATA; what was appended then is the
 * caller's to take back.
 */
enum crm_err text_normalise(const struct rule *r, struct str in);
enum crm_err enum_normalise(const struct rule *r, struct str in);
enum crm_err ref_normalise(const struct rule *r, struct str in);
enum crm_err url_normalise(const struct rule *r, struct str in);
enum crm_err int_normalise(const struct rule *r, struct str in);
enum crm_err decimal_normalise(const struct rule *r, struct str in);
enum crm_err bool_normalise(const struct rule *r, struct str in);
enum crm_err date_normalise(const struct rule *r, struct str in);
enum crm_err time_normalise(const struct rule *r, struct str in);
enum crm_err recur_normalise(const struct rule *r, struct str in);
enum crm_err email_normalise(const struct rule *r, struct str in);
enum crm_err phone_normalise(const struct rule *r, struct str in);

/* The rule of the field's type. */
enum crm_err item_normalise(const struct rule *r, struct str in);
/* The same for items parted by commas: none empty, none twice. */
enum crm_err list_normalise(const struct rule *r, struct str in);

/* Without outer blanks, and for all types but text without line ends. */
struct str item_trim(const struct field *f, struct str s);
/* Takes back what was appended behind the first N bytes. */
void value_back(struct buf *b, size_t n);
/* As much of a value as a message needs, cut between characters. */
struct str value_shown(struct str value);
/* The longest head of S up to N bytes that ends between characters. */
struct str value_cut(struct str s, size_t n);
/* Offset of the first blank or control character; s.n when there is none. */
size_t value_gap(struct str s);

#endif
