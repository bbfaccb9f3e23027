/* SPDX-License-Identifier: ISC */
/*
 * score: customers scored by what they bought: recency, frequency, monetary
 * value in five steps, and the classes of an ABC analysis. Arithmetic on
 * arrays; knows no store.
 */
#ifndef CRM_SCORE_H
#define CRM_SCORE_H

#include "base/base.h"
#include "base/decimal.h"
#include "base/err.h"
#include "base/str.h"

enum { SCORE_STEPS = 5 };

/* How equal values are treated. */
enum score_ties {
	TIES_TOGETHER, /* they share a score: quantiles of type 7, plus one */
	TIES_SPLIT     /* SQL ntile(5) in order of value, then of the array */
};

/* One customer. The array is in order of id. */
struct score_row {
	struct decimal monetary; /* sum of the counted orders */
	uint64_t num;		 /* counter of the id */
	int32_t last;		 /* day of the latest order */
	uint32_t frequency;	 /* counted orders */
	uint16_t tag;		 /* replica tag of the id */
	uint8_t r, f, m; /* scores 1..5, 5 best; filled in by score_rfm */
	char class;	 /* 'A'..'C', filled in by score_abc */
};

/* Fills in r, f and m. Only memory can fail (CRM_TEMP). */
enum crm_err score_rfm(struct score_row *rows, size_t n, enum score_ties ties,
    struct diag *dg) CRM_NODISCARD;

/*
 * Sorts the rows by falling value, then by id, and fills in class: A while
 * the sum before a row is under 80 % of the total, B under 95 %, else C; all
 * C when the total is not positive. TOGETHER gives equal values the class of
 * the first of them. *total is the sum of all.
 */
void score_abc(struct score_row *rows, size_t n, enum score_ties ties,
    struct decimal *total);

/* The name of the first rule whose ranges hold the scores; "Others". */
struct str score_segment(int r, int f, int m);

/* Walks the rules for the manual and tests: i = 0.. until false. RANGE holds
 * r, f and m, each lowest and highest. */
bool score_rule(size_t i, struct str *name, int range[6]) CRM_NODISCARD;

#endif
