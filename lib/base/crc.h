/* SPDX-License-Identifier: ISC */
/* crc: CRC-32C (Castagnoli, RFC 3720 B.4), with SSE4.2 where there is one. */
#ifndef CRM_CRC_H
#define CRM_CRC_H

#include "base/base.h"
#include "base/str.h"

/* Continues CRC (0 to start) over N bytes at P. */
uint32_t crc32c(uint32_t crc, const void *p, size_t n);

/* Over A, B and C, one behind the other. */
uint32_t crc32c_three(struct str a, struct str b, struct str c);

/* CRC[i]: continues START over FRONT[i] and then DATA[i], for each of N pairs.
 * The processor's instruction takes longer than its turn, so that several at
 * once cost little more than one. */
void crc32c_each(uint32_t start, const struct str *front,
    const struct str *data, size_t n, uint32_t *crc);

/* The same as the first without the processor's help: for machines without it,
 * tests. */
uint32_t crc32c_portable(uint32_t crc, const void *p, size_t n);

#endif
