/* SPDX-License-Identifier: ISC */
/* profile_impl: what the files of profile share; nobody else includes it. */
#ifndef CRM_PROFILE_IMPL_H
#define CRM_PROFILE_IMPL_H

#include "crm/profile.h"

enum { PROFILE_TEXT_MAX = 1 << 20 };

enum step_op {
	/* One text to another, or to none. */
	STEP_BOOL,
	STEP_CHOP,
	STEP_DATE,
	STEP_HOST,
	STEP_ID18,
	STEP_LOWER,
	STEP_MAP,
	STEP_NUMBER,
	STEP_PERCENT,
	STEP_PREFIX,
	STEP_STRIP,
	STEP_UNGUARD,
	STEP_WITH,
	STEP_WITHOUT,
	/* A text to several; only one of these in a line. */
	STEP_SPLIT,
	STEP_JSON,
	/* Which of several; kept in the line. */
	STEP_FIRST,
	STEP_REST,
	/* How it is put to what is there; kept in the line. */
	STEP_ELSE,
	STEP_FRONT,
	STEP_JOIN,
	STEP_LABEL,
	STEP_NAMED,
	STEP_SET
};

enum date_order { DATE_ISO, DATE_US, DATE_EU, DATE_MS, DATE_S };

struct pair {
	struct str from, to;
};

struct step {
	enum step_op op;
	struct str arg;
	const struct pair *pairs; /* STEP_MAP */
	size_t npairs;
	int format; /* STEP_DATE: enum date_order; STEP_NUMBER: the point */
};

enum pick { PICK_ALL, PICK_FIRST, PICK_REST };

/* A line of the profile: a column and where it goes. */
struct rule_line {
	struct str column; /* n = 0: a constant */
	struct str field;  /* n = 0: known, but left out */
	struct str constant;
	struct str join;  /* when joined */
	struct str front; /* column whose text goes in front */
	struct str named; /* column that holds the label */
	size_t hole;	  /* where {n} stands; column.n when nowhere */
	size_t step;	  /* its first one */
	size_t nsteps;
	size_t cut;  /* of these the one that makes several; nsteps when none */
	size_t set;  /* 0: of none */
	size_t line; /* in the text */
	enum assign_op op;
	enum pick pick;
	bool joined;
	bool label;
	bool otherwise; /* only when nothing is there yet */
};

struct profile {
	struct buf text; /* all strings below are views of it */
	struct str name, title, kind;
	struct str *keys, *match, *unless;
	size_t nkeys, nmatch, nunless;
	struct rule_line *lines;
	size_t nlines;
	struct step *steps;
	size_t nsteps;
	struct pair **maps; /* owned; steps point into them */
	size_t nmaps;
	struct str *sets; /* their names */
	size_t nsets;
};

/* An array of items of SIZE bytes with room for one more; NULL without
 * memory, ARRAY is the caller's still. */
void *profile_room(void *array, size_t n, size_t size);

/*
 * Whether NAME is the column of LINE; *number the digits in the place of {n},
 * 0 when there is none. Outer blanks and the case of letters do not count.
 */
bool line_takes(const struct rule_line *line, struct str name,
    uint64_t *number) CRM_NODISCARD;

/* Buffers that are used again for every cell. */
struct workshop {
	struct buf a, b;  /* a step reads one and writes the other */
	struct buf items; /* several values joined */
	struct buf item;  /* one of them, out of a JSON text */
	struct buf whole; /* the text before it is taken apart */
};
void workshop_clear(struct workshop *w);

/*
 * The text of CELL after the steps of LINE, for a field of TYPE; a view of
 * CELL or of W until the next call. SEP parts several values. CRM_DATA with
 * value, reason and way out.
 */
enum crm_err line_run(const struct profile *p, const struct rule_line *line,
    struct str cell, const struct field *f, struct workshop *w, struct str *out,
    struct diag *dg) CRM_NODISCARD;

/* What the steps of more than a few lines do: IN to OUT, appended. */
enum crm_err step_date(struct str in, enum date_order order, bool day_only,
    struct buf *out, struct diag *dg) CRM_NODISCARD;
/* False when IN is no date of that order; an empty one is. */
bool step_date_reads(struct str in, enum date_order order) CRM_NODISCARD;
void step_number(struct str in, char point, struct buf *out);
void step_percent(struct str in, struct buf *out);

/* The items of a JSON array of strings, or of objects whose members KEYS
 * ("callingCode,number") are put together. */
struct json_items {
	struct str rest;
	struct str keys;
	bool bare; /* no array: the text itself is the only item */
};
enum crm_err json_items_open(struct json_items *j, struct str text,
    struct str keys, struct diag *dg) CRM_NODISCARD;
/* Puts the next one into OUT, which is emptied; *got false at the end. */
enum crm_err json_items_next(struct json_items *j, struct buf *out, bool *got,
    struct diag *dg) CRM_NODISCARD;

/* The built-in texts, generated from lib/crm/profiles. */
struct profile_text {
	const char *name;
	const char *text;
	size_t n;
};
extern const struct profile_text profile_texts[];
extern const size_t profile_texts_count;

#endif
