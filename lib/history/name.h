/* SPDX-License-Identifier: ISC */
/* name: how records' files and the directories above them are called. */
#ifndef CRM_HISTORY_NAME_H
#define CRM_HISTORY_NAME_H

#include "history/editor.h"

enum {
	NAME_PREFIX_MAX = 12, /* so that a prefix fits into 64 bits */
	NAME_MAX_BYTES = 64,
	NAME_NUMBER_MAX = 20,
};

bool name_ok(const struct file_name *f) CRM_NODISCARD; /* its parts agree */
bool name_prefix_ok(struct str prefix) CRM_NODISCARD;

/* The two directories of a number: 123456 is in "12", then "34". */
uint64_t name_high(uint64_t num);
uint64_t name_mid(uint64_t num);
/* At least two digits, a view into ROOM; and back, only in that form. */
struct str name_number(uint64_t n, char room[NAME_NUMBER_MAX]);
bool name_number_parse(struct str s, uint64_t *out) CRM_NODISCARD;

#endif
