/* SPDX-License-Identifier: ISC */
/*
 * inflater: zlib streams (RFC 1950 and 1951) of small texts that are whole in
 * memory. zlib is made for long streams: what it sets up for each of them
 * takes longer than to read a hundred bytes.
 */
#ifndef CRM_INFLATER_H
#define CRM_INFLATER_H

#include "base/str.h"

struct inflater;

/* The largest text; OUT has this much room behind it, which may be written. */
enum { INFLATER_MAX = 1 << 16, INFLATER_SLACK = 16 };

/* Tables to be used again and again; NULL when memory ran out. */
struct inflater *inflater_new(void);
void inflater_free(struct inflater *z);

/*
 * Takes the stream at the beginning of IN, a text of N bytes, into OUT, which
 * has room for N + INFLATER_SLACK. Returns the length of the stream. 0 for
 * what zlib would refuse, a text of another length or longer than
 * INFLATER_MAX, and what no compressor makes of one: zlib decides then.
 */
size_t inflater_take(
    struct inflater *z, struct str in, char *out, size_t n) CRM_NODISCARD;

#endif
