/* SPDX-License-Identifier: ISC */
/* num: integers from text with bounds, big-endian bytes that sort. */
#ifndef CRM_NUM_H
#define CRM_NUM_H

#include "base/base.h"
#include "base/str.h"

/* The whole of S as a decimal number; false on anything else or overflow. */
bool num_u64(struct str s, uint64_t *out) CRM_NODISCARD;
bool num_i64(struct str s, int64_t *out) CRM_NODISCARD; /* leading - or + */

/* Big-endian, so that memcmp orders like the number. */
void num_put16(unsigned char *p, uint16_t v);
void num_put32(unsigned char *p, uint32_t v);
void num_put48(unsigned char *p, uint64_t v);
void num_put64(unsigned char *p, uint64_t v);
uint16_t num_get16(const unsigned char *p);
uint32_t num_get32(const unsigned char *p);
uint64_t num_get48(const unsigned char *p);
uint64_t num_get64(const unsigned char *p);
/* Signed numbers with the sign bit turned, so that memcmp orders them too. */
void num_put_i64(unsigned char *p, int64_t v);
int64_t num_get_i64(const unsigned char *p);

#endif
