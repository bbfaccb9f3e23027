/* SPDX-License-Identifier: ISC */
/* when_words: the vocabulary of date texts and the cutting into words. */
#ifndef CRM_WHEN_WORDS_H
#define CRM_WHEN_WORDS_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"

enum word_kind {
	WORD_WEEKDAY,  /* value 1 Monday .. 7 Sunday */
	WORD_MONTH,    /* value 1..12 */
	WORD_DAY,      /* value days from today */
	WORD_NOW,      /* now */
	WORD_EDGE,     /* value unit, +256 for the end of it */
	WORD_UNIT,     /* value one of "dwmqyb" */
	WORD_STEP,     /* value -1 last, 0 this, 1 next */
	WORD_SIGN,     /* value 1 in, -1 vor: before a count */
	WORD_AGO,      /* after a count */
	WORD_WEEK,     /* kw: before the number of a week */
	WORD_ONE,      /* a, an, ein: the count 1 */
	WORD_CLOCK,    /* uhr, after a time */
	WORD_NOON,     /* am, pm: value hours; refused after a time */
	WORD_ON,       /* on, before a day */
	WORD_AT,       /* at, before a time */
	WORD_OF,       /* of, between day and month */
	WORD_BUSINESS, /* business, before days */
	WORD_REFUSED,  /* known and ambiguous: show is the way out */
};

enum { WORD_END = 256 };

struct word {
	const char *name; /* folded as utf8_fold does */
	enum word_kind kind;
	int value;
	const char *show; /* how people write it; NULL: as name */
};

/* One word as written and folded. Both are views. */
struct token {
	struct str raw;
	struct str fold; /* without one closing comma or, of a word, dot */
};

enum { TOKENS_MAX = 8 };

/* A text cut at blanks; views the text and owns the folded bytes. */
struct tokens {
	struct token v[TOKENS_MAX];
	size_t n;
	struct buf fold;
};

/* Cuts TEXT, which must outlive T. CRM_USAGE when it is empty, too long to
 * be a date or not UTF-8. To be cleared by tokens_clear also then. */
enum crm_err tokens_split(
    struct tokens *t, struct str text, struct diag *dg) CRM_NODISCARD;
void tokens_clear(struct tokens *t);

/* The word FOLD is, or NULL. Static. "am" is WORD_ON. */
const struct word *word_find(struct str fold);
/* What people call the nearest word, or NULL when none is near. Static. */
const char *word_near(struct str fold);

/* A run of digits in a text. */
struct digits {
	int value; /* at most 10^9, also for more digits */
	size_t n;  /* how many digits */
};

/* True when all of S is PATTERN, in which every N stands for a run of
 * digits that is put into the next of V. */
bool digits_match(struct str s, const char *pattern, struct digits *v);

#endif
