/* SPDX-License-Identifier: ISC */
/*
 * write: the way from texts to a change of the store. A writer takes one
 * record after the other: writer_create or writer_update starts one, the
 * writer_set calls give its fields, writer_commit applies it.
 *
 * The caller opens the transaction (store_begin) and ends it; a dry run is a
 * transaction that is aborted. While none is open nothing is applied: that is
 * a dry run on a store that does not exist yet.
 */
#ifndef CRM_WRITE_H
#define CRM_WRITE_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "crm/assign.h"
#include "model/id.h"
#include "model/schema.h"
#include "store/store.h"

struct writer;

struct writer_options {
	const struct clock *clock; /* outlives the writer */
	/* A reference that names nothing makes the record it names (by name,
	 * a contact also by e-mail) instead of being an error. */
	bool create;
	/* The query of a segment has to be one that can be asked now; else it
	 * is kept as it is. */
	bool asked;
	/* What deserves a warning: an unknown enumeration value (once for
	 * each value). The text ends with the call. NULL: nobody cares. */
	void (*warn)(void *arg, const char *text);
	/* A record was made because of CREATE; NAME ends with the call. */
	void (*made)(
	    void *arg, struct id id, const struct kind *kind, struct str name);
	/* writer_commit of a stored record calls it for each field that
	 * differs, before it is applied. Views of the length of the call. */
	void (*changed)(void *arg, struct id id, const struct field *f,
	    struct str before, struct str after);
	void *arg;
};

/* What writer_commit did. */
enum writer_done { WRITER_NOTHING, WRITER_ADDED, WRITER_UPDATED };

/* The store must outlive the writer. CRM_TEMP when out of memory. */
enum crm_err writer_new(struct writer **out, struct store *s,
    const struct writer_options *o, struct diag *dg) CRM_NODISCARD;
void writer_free(struct writer *w);

/* Starts a new record of kind K; what was not committed is forgotten. */
enum crm_err writer_create(
    struct writer *w, const struct kind *k, struct diag *dg) CRM_NODISCARD;

/* The same for a record that is to bear the given number; writer_commit says
 * CRM_DATA when there is one. */
enum crm_err writer_create_as(struct writer *w, const struct kind *k,
    uint64_t num, struct diag *dg) CRM_NODISCARD;

/* From now on references that name nothing (do not) make what they name, as
 * the option create says it at first. */
void writer_makes(struct writer *w, bool create);

/* Whether the message for a reference that names nothing has the nearest
 * names, as it does at first; for callers who are going to try again. */
void writer_hints(struct writer *w, bool hints);

/* Records of K were written or deleted by somebody else than the writer. */
void writer_forget(struct writer *w, const struct kind *k);

/* Starts a change of the record ID. CRM_NO when there is none. */
enum crm_err writer_update(
    struct writer *w, struct id id, struct diag *dg) CRM_NODISCARD;

/* The same for a record that this transaction has made: what is given now
 * belongs to its making, and it is as old as before. */
enum crm_err writer_complete(
    struct writer *w, struct id id, struct diag *dg) CRM_NODISCARD;

/* To be called when something else was written to the store since the record
 * was started: reads the stored one again. */
enum crm_err writer_refresh(struct writer *w, struct diag *dg) CRM_NODISCARD;

/* The clock that its values are read with. */
const struct clock *writer_clock(const struct writer *w);

/* The kind of the started record, in the schema of now. */
const struct kind *writer_kind(const struct writer *w);

/* True when the started record is a new one. */
bool writer_fresh(const struct writer *w);

/*
 * The field NAME of kind K, when it may be set: at all, and in a new record
 * when FRESH. CRM_USAGE: unknown (with the nearest name), derived, the id, or
 * kept by the program (created and updated may be given to a new record).
 * Once for each column of a batch; writer_set does not ask again.
 */
enum crm_err writer_field(const struct kind *k, struct str name, bool fresh,
    const struct field **out, struct diag *dg) CRM_NODISCARD;

/*
 * Gives the started record's field F the TEXT as OP says, checked and
 * normalised, references resolved; a new record of a given number may refer
 * to itself. An empty text clears with ASSIGN_SET and
 * is nothing otherwise. CRM_DATA with "FIELD: " in front of value, reason
 * and way out; the record is as before then.
 */
enum crm_err writer_set(struct writer *w, const struct field *f,
    enum assign_op op, struct str text, struct diag *dg) CRM_NODISCARD;

/* The same for what value_normalise has made of a text that is not empty; ODD
 * as it said. F is no reference. */
enum crm_err writer_take(struct writer *w, const struct field *f,
    struct str value, bool odd, struct diag *dg) CRM_NODISCARD;

/* Lets the reference F name record ID, which is there; num 0 clears it. */
enum crm_err writer_refer(struct writer *w, const struct field *f, struct id id,
    struct diag *dg) CRM_NODISCARD;

/* writer_field and writer_set of an operand's three parts. */
enum crm_err writer_assign(
    struct writer *w, const struct assign *a, struct diag *dg) CRM_NODISCARD;

/* The value that the started record has or is going to have; valid until the
 * next call of the writer or write to the store. Empty for derived fields. */
struct str writer_get(const struct writer *w, const struct field *f);

/* True when the record as started differs from the stored one in F. */
bool writer_changes(const struct writer *w, const struct field *f);

/*
 * Applies the started record: a new one, or the fields of a stored one that
 * differ; WRITER_NOTHING when none does. *id names the record (num 0 for a
 * new one while no transaction is open). A contact whose name is not given
 * takes it from given, middle and family name, and follows them as long as
 * it is made of them. Errors are those of store_apply:
 * after CRM_DATA the caller may go on with another record.
 */
enum crm_err writer_commit(struct writer *w, struct id *id,
    enum writer_done *done, struct diag *dg) CRM_NODISCARD;

/* The field NAME that records of kind K are looked up by. CRM_USAGE when it
 * is unknown or not looked up by value, naming those that are. */
enum crm_err writer_key(const struct kind *k, struct str name,
    const struct field **out, struct diag *dg) CRM_NODISCARD;

/*
 * The record of kind K whose FIELD (looked up by value: unique or index) has
 * one of the items of TEXT; id->num 0 when there is none. CRM_DATA when
 * several have it (naming them) or TEXT is empty or wrong.
 */
enum crm_err writer_find(struct writer *w, const struct field *key,
    struct str text, struct id *id, struct diag *dg) CRM_NODISCARD;

#endif
