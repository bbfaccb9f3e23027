/* SPDX-License-Identifier: ISC */
/*
 * id: the name of a record: kind, counter and, in a store that shares its
 * history, a replica tag. Text: prefix and decimal counter, "c42"; with a tag
 * "c42-b7" (nothing issues tags yet, everything understands them).
 */
#ifndef CRM_ID_H
#define CRM_ID_H

#include "base/base.h"
#include "base/str.h"

struct schema;

enum {
	ID_BYTES = 8,
	ID_TEXT_MAX = 32,
	ID_PREFIX_MAX = 8 /* bytes of the prefix of a kind */
};
#define ID_NUM_MAX UINT64_C(0xffffffffffff) /* 48 bits */

struct id {
	uint64_t num;  /* 1.., 0 = no record */
	uint16_t kind; /* number of the kind */
	uint16_t tag;  /* 0, or 1 + base-36 value of the two characters */
};

bool id_eq(struct id a, struct id b);
int id_cmp(struct id a, struct id b); /* by kind, counter, tag */

/* The whole of S as an id of a known kind; lower case, no leading zeros. */
bool id_parse(
    const struct schema *s, struct str text, struct id *out) CRM_NODISCARD;
/* Writes the text of an id to P, the PREFIX of its kind first, and ID_TEXT_MAX
 * bytes at most behind that; behind its end. */
char *id_write(struct str prefix, struct id id, char *p);
/* A kind the schema does not know prints as "?33:42". */
void id_print(const struct schema *s, struct id id, struct buf *out);

/* The key within a kind: 48-bit counter, 16-bit tag, big-endian. */
void id_put(struct id id, unsigned char out[ID_BYTES]);
struct id id_get(uint16_t kind, const unsigned char in[ID_BYTES]);

#endif
