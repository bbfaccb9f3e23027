/* SPDX-License-Identifier: ISC */
/*
 * when_parse: the forms that make up the grammar of date texts. A form is a
 * function that looks at the words from p->at on. It answers CRM_NO when they
 * are not of its form, CRM_OK with p->span set and p->at behind what it read,
 * CRM_USAGE with a message when they are of its form and wrong.
 */
#ifndef CRM_WHEN_PARSE_H
#define CRM_WHEN_PARSE_H

#include "base/base.h"
#include "base/err.h"
#include "base/when.h"
#include "base/when_words.h"

/* The days a text means, both inclusive; with a time of day lo is hi. */
struct span {
	int lo;
	int hi;
	bool has_time;
	int64_t utc;
};

struct parse {
	struct tokens t;
	size_t at;
	int today;
	bool query;   /* periods that are no day are read too: "2026" */
	bool checked; /* a weekday was named before the date */
	const struct clock *clock;
	struct span span;
	struct diag *dg;
};

/* The whole of TEXT. CRM_USAGE names TEXT, why and the way out. */
enum crm_err span_parse(struct str text, const struct clock *clock, bool query,
    struct span *out, struct diag *dg) CRM_NODISCARD;

/* When words. */
enum crm_err parse_date(struct parse *p) CRM_NODISCARD;
enum crm_err parse_time(struct parse *p) CRM_NODISCARD;

/* Forms: of digits, of names, of counts. */
enum crm_err form_numeric(struct parse *p) CRM_NODISCARD;
enum crm_err form_day_month(struct parse *p) CRM_NODISCARD;
enum crm_err form_month(struct parse *p) CRM_NODISCARD;
enum crm_err form_week(struct parse *p) CRM_NODISCARD;
enum crm_err form_quarter(struct parse *p) CRM_NODISCARD;
enum crm_err form_weekday(struct parse *p) CRM_NODISCARD;
enum crm_err form_relative(struct parse *p) CRM_NODISCARD;
enum crm_err form_count(struct parse *p) CRM_NODISCARD;
enum crm_err form_step(struct parse *p) CRM_NODISCARD;

/* The folded word I, "" behind the last; what it is, NULL when unknown. */
struct str parse_fold(const struct parse *p, size_t i);
const struct word *parse_word(const struct parse *p, size_t i);
/* Word I is of KIND; *value (may be NULL) its value. */
bool parse_is(const struct parse *p, size_t i, enum word_kind kind, int *value);
bool parse_is_time(const struct parse *p, size_t i);

/* Sets the span; CRM_USAGE when an end is outside of the calendar. */
enum crm_err span_set(struct parse *p, int64_t lo, int64_t hi) CRM_NODISCARD;
/* One day, which must exist. */
enum crm_err span_day(
    struct parse *p, int year, int month, int day) CRM_NODISCARD;
/* N months from the first of a month that must exist. */
enum crm_err span_months(
    struct parse *p, int year, int month, int n) CRM_NODISCARD;
/* A week by number, of a year or (0) of this one or the next that has it. */
enum crm_err span_week(struct parse *p, int year, int week) CRM_NODISCARD;
/* The next such day of any year, today included. */
enum crm_err span_next(struct parse *p, int month, int day) CRM_NODISCARD;

/* DAY plus N times the unit, one of "dwmqyb"; false beyond the calendar. */
bool day_shift(int day, char unit, int64_t n, int *out) CRM_NODISCARD;

/* "Monday" for 1; "January" for 1. Static. */
const char *weekday_name(int weekday);
const char *month_name(int month);

#endif
