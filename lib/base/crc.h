/* SPDX-License-Identifier: ISC */
/* crc: CRC-32C (Castagnoli, RFC 3720 B.4), with SSE4.2 where there is one. */
#ifndef CRM_CRC_H
#define CRM_CRC_H

#include "base/base.h"

/* Continues CRC (0 to start) over N bytes at P. */
uint32_t crc32c(uint32_t crc, const void *p, size_t n);

/* The same without the processor's help: for machines without it, tests. */
uint32_t crc32c_portable(uint32_t crc, const void *p, size_t n);

#endif
