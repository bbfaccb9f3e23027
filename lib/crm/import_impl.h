/* SPDX-License-Identifier: ISC */
/* import_impl: what the files of the importer share. */
#ifndef CRM_IMPORT_IMPL_H
#define CRM_IMPORT_IMPL_H

#include "crm/import.h"
#include "crm/reject.h"
#include "crm/waiting.h"

enum {
	LENT_MAX = 8, /* references by ext of one row */
	KEYS_MAX = 8,
	TARGET_NAME_MAX = 104,
	KEY_HITS = 256, /* of one key: with more of them it is none */
	NEAR_MAX = 256, /* neighbours that are looked at */
	TOUCHED_BITS = 512
};

/* What the name of a value in an intake means. */
struct target {
	char text[TARGET_NAME_MAX]; /* of the name; a longer one is not kept */
	size_t n;
	const struct field *field; /* NULL for the id */
	const struct field *sub;   /* of the record that FIELD refers to */
	const struct kind *of;	   /* which kind SUB belongs to */
	enum sub_is { SUB_OTHER, SUB_NAME, SUB_EXT } is; /* what SUB is there */
	size_t leader; /* the first target with a SUB of this FIELD */
};

/* Ids of a kind that rows of this import have written, a bit each: a table of
 * those pages of bits that are not all zero. */
struct touched_page {
	uint64_t at;
	bool used;
	unsigned char bits[TOUCHED_BITS / 8];
};
struct touched {
	struct touched_page *v;
	size_t n, cap;
};

struct import {
	struct writer *writer; /* the caller's */
	struct writer *other;  /* for records that rows refer to */
	struct store *store;
	struct import_options opt;
	struct import_count count;
	uint64_t read;

	/* of the rows under way */
	const struct profile *profile;
	const char *name;
	struct profile_plan *plan;
	struct intake_value *plain; /* without a profile: one a column */
	struct import_ahead *ahead; /* has the plan, and reads; NULL: nobody */
	bool tried;		    /* to find somebody */
	size_t ncells;
	uint64_t shape;
	bool planned;

	/* by kind */
	const struct kind *kind; /* that the following are for */
	struct target *targets;
	size_t ntargets, captargets;
	bool refs;	    /* some of them are references */
	const void *layout; /* of the draft that they are of; see intake.h */
	const struct field *keys[KEYS_MAX];
	size_t nkeys;
	bool key_id;
	struct touched touched[KIND_LIMIT];
	uint64_t first[KIND_LIMIT]; /* number that the first new one gets */

	/* of the row under way */
	const struct intake_value *at; /* an error is about it */
	bool missing;	 /* what was wrong: it refers to nothing yet */
	bool misfit;	 /* what was wrong: the columns */
	struct id given; /* by a column id; num 0: none */
	bool compare;	 /* it is there: nothing may differ */
	bool under_way;
	struct id *made; /* because the row names them */
	size_t nmade, capmade;
	/* records that were there and got an ext, and what they had before */
	struct id lent[LENT_MAX];
	struct buf lent_ext[LENT_MAX];
	size_t nlent;
	struct buf text, key, other_key, near_time;
	struct id found[KEY_HITS], hits[KEY_HITS];
	/* The last name whose records rows of this import have all written. */
	char crowded[TARGET_NAME_MAX];
	size_t ncrowded;
	bool crowd_told;
	/* The last value of a key that more than KEY_HITS records have. */
	struct crowd {
		const struct field *field; /* NULL: none yet */
		struct buf text;
		bool old; /* some of them were there before */
	} crowd;

	struct waiting *waiting;
};

/* import_match.c */

/* The keys of kind K. CRM_USAGE for one that records are not found by. */
enum crm_err match_keys(
    struct import *i, const struct kind *k, struct diag *dg) CRM_NODISCARD;
/* The record that IN is about; id->num 0 when it is a new one. I has the
 * targets of IN. CRM_DATA when it may be several. */
enum crm_err match_find(struct import *i, const struct intake *in,
    struct id *id, struct diag *dg) CRM_NODISCARD;
bool touched_add(struct import *i, struct id id) CRM_NODISCARD;
bool touched_has(const struct import *i, struct id id);
/* Those that share some other value with the row that records are looked up by,
 * in i->hits; *n is KEY_HITS when there is none, or none that helps. */
enum crm_err narrow_find(struct import *i, const struct intake *in, size_t *n,
    struct diag *dg) CRM_NODISCARD;
/* What IN has for the field called NAME; NULL: it says nothing of it. */
const struct intake_value *value_of(
    const struct import *i, const struct intake *in, struct str name);
/* The name of the record as IN gives it, normalised. */
enum crm_err name_of(struct import *i, const struct intake *in, struct buf *out,
    struct diag *dg) CRM_NODISCARD;
/* Has the record ID the same ext as IN, or another of the same system
 * ("hubspot:" of "hubspot:77")? Then it is the same one, or another one. */
enum ext_is { EXT_UNKNOWN, EXT_SAME, EXT_OTHER };
enum crm_err ext_compare(struct import *i, const struct intake *in,
    struct id id, enum ext_is *out, struct diag *dg) CRM_NODISCARD;

/* import_twin.c */

/* The record that IN is about, when no key says it: one that has all its
 * values; an org that rows named and that has nothing but its name. */
enum crm_err twin_find(struct import *i, const struct intake *in, struct id *id,
    struct diag *dg) CRM_NODISCARD;
enum crm_err bare_find(struct import *i, const struct intake *in, struct id *id,
    struct diag *dg) CRM_NODISCARD;
/* Has the record ID all the values of the row? */
enum crm_err same_values(struct import *i, const struct intake *in,
    struct id id, bool *same, struct diag *dg) CRM_NODISCARD;

/* import_near.c */

/* The record that IN is about among those that refer to the same record; of
 * kinds without a name. */
enum crm_err near_find(struct import *i, const struct intake *in, struct id *id,
    struct diag *dg) CRM_NODISCARD;

/* import_ahead.c */

/*
 * Goes ahead of the rows that are stored, as a scout does of a batch: reads
 * the next rows of IN and maps and checks their values in a thread of its own,
 * which has IN and the plan of I until ahead_free. All rows are of kind K, and
 * have the shape that is planned for. *out is NULL where no thread can be had
 * or there is one processor, unless the options say otherwise.
 */
enum crm_err ahead_new(struct import_ahead **out, struct import *i,
    struct rows *in, const struct kind *k, struct diag *dg) CRM_NODISCARD;
/* As rows_next, and what values the row has; CRM_DATA is also what rows_map
 * says. Views until the next call. */
enum crm_err ahead_next(struct import_ahead *a, struct rows_row *row,
    struct intake *in, bool *got, struct diag *dg) CRM_NODISCARD;
/* A may be NULL. */
void ahead_free(struct import_ahead *a);

/* import.c */

/* The values of ROW by the plan of I, which belong to it. */
enum crm_err rows_map(struct import *i, const struct kind *k,
    const struct rows_row *row, struct intake *in,
    struct diag *dg) CRM_NODISCARD;
/* Counts the row and says that it is stored, or refused for what DG says. */
enum crm_err import_done(struct import *i, struct id id, enum writer_done done,
    struct diag *dg) CRM_NODISCARD;
enum crm_err import_refuse(struct import *i, const struct rows_row *row,
    struct diag *dg) CRM_NODISCARD;

/* import_target.c */

/* Looks the names of IN up, unless they are those of the row before. */
enum crm_err targets_find(struct import *i, const struct kind *k,
    const struct intake *in, struct diag *dg) CRM_NODISCARD;

/* import_value.c */

/* The lines of TEXT that field F of the record under way has not yet, so that
 * the same import again adds nothing to a note; a view of I. */
enum crm_err lines_new(struct import *i, const struct field *f, struct str text,
    struct str *out, struct diag *dg) CRM_NODISCARD;
/* Sets what needs no other records, or with REFS the references. */
enum crm_err values_set(struct import *i, const struct intake *in, bool refs,
    struct diag *dg) CRM_NODISCARD;
/* Sets the references whose records the row describes. What one row made is
 * there before the row is: views of it are over. */
enum crm_err subs_set(
    struct import *i, const struct intake *in, struct diag *dg) CRM_NODISCARD;
/* Whether that will do. */
enum crm_err subs_check(
    struct import *i, const struct intake *in, struct diag *dg) CRM_NODISCARD;

/* import_row.c */

/* Notes a record that was made because the row under way names it. */
bool made_add(struct import *i, struct id id) CRM_NODISCARD;
/* Applies one row. CRM_DATA with i->at, and i->missing when it may go well
 * later; then nothing has changed. */
enum crm_err row_apply(struct import *i, const struct kind *k,
    const struct intake *in, struct id *id, enum writer_done *done,
    struct diag *dg) CRM_NODISCARD;
/* The three steps of rows that refer to one another. row_lay stores the
 * record without what it refers to; *id num 0: it is there already. row_check
 * looks whether all that it refers to is there; CRM_DATA when not. After that
 * row_complete cannot be refused for it. */
enum crm_err row_lay(struct import *i, const struct kind *k,
    const struct intake *in, struct id *id, bool *propped,
    struct diag *dg) CRM_NODISCARD;
enum crm_err row_check(struct import *i, const struct kind *k,
    const struct intake *in, struct id laid, struct diag *dg) CRM_NODISCARD;
enum crm_err row_complete(struct import *i, const struct kind *k,
    const struct intake *in, struct id laid, bool propped,
    struct diag *dg) CRM_NODISCARD;

/* import_wait.c */

/* Keeps the row for import_end. */
enum crm_err wait_add(struct import *i, const struct waiting_row *r,
    struct diag *dg) CRM_NODISCARD;

/* import_refer.c */

/*
 * The record that the values of IN for sub-fields of target FIRST (an index)
 * and its like mean, made when it is not there; *id is it. CRM_DATA, with
 * i->missing when only its ext is given and not there.
 */
enum crm_err refer_find(struct import *i, const struct intake *in, size_t first,
    struct id *id, struct diag *dg) CRM_NODISCARD;
/* The same without making or changing anything: id->num 0 for one that would be
 * made, CRM_DATA where refer_find says i->missing. */
enum crm_err refer_look(struct import *i, const struct intake *in, size_t first,
    struct id *id, struct diag *dg) CRM_NODISCARD;
/* Only whether it says so. */
enum crm_err refer_check(struct import *i, const struct intake *in,
    size_t first, struct diag *dg) CRM_NODISCARD;

#endif
