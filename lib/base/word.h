/* SPDX-License-Identifier: ISC */
/*
 * word: folded text cut into the words that an index files it under, so that
 * whoever looks for a part of the text can tell which of them it must have.
 *
 * A run is all letters, all digits, or all signs of a script that is written
 * without blanks. Of letters the word is the run itself, from two on (a long
 * run gives pieces that overlap, so that WORD_PART bytes in a row are in one
 * of them); of digits every WORD_DIGITS in a row; of signs every two in a
 * row, or a single one.
 */
#ifndef CRM_WORD_H
#define CRM_WORD_H

#include "base/base.h"
#include "base/str.h"

enum { WORD_MAX = 40, WORD_STEP = 20, WORD_PART = 16, WORD_DIGITS = 3 };

enum word_class { WORD_NONE, WORD_LETTER, WORD_DIGIT, WORD_SIGN };

struct word_run {
	struct str text;
	enum word_class class;
};

/* Small letters and digits as they are, capitals made small, else 0. */
extern const unsigned char word_ascii[256];

/* The next run of FOLDED at *at or behind, and *at behind it; false at the
 * end. */
bool word_run(
    struct str folded, size_t *at, struct word_run *out) CRM_NODISCARD;

/* The words of a run: *at from 0; false at the end. Views of the run. */
bool word_next(
    const struct word_run *run, size_t *at, struct str *word) CRM_NODISCARD;

/* The characters of S that fit into N bytes. */
struct str word_head(struct str s, size_t n);

#endif
