/* SPDX-License-Identifier: ISC */
/* log: one interaction with somebody becomes an activity. */
#ifndef CRM_LOG_H
#define CRM_LOG_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "crm/assign.h"
#include "crm/write.h"
#include "model/id.h"
#include "model/record.h"
#include "store/store.h"

enum { LOG_SUBJECT_MAX = 200 }; /* bytes of a subject taken from a text */

/* What was said, for all the records it is logged with. Texts borrow. */
struct log_entry {
	struct str type; /* empty: note */
	struct str text;
	struct when start;	      /* a day or a moment */
	bool planned;		      /* it lies ahead */
	const struct assign *assigns; /* they win over what is derived */
	size_t nassigns;
	struct str follow; /* due of a task to make as well; empty: none */
};

/* Splits TEXT: the first line that is not blank is the subject, what follows
 * it the body. An over-long line is cut at a word, and the body is the whole
 * text then. The subject is appended to SUBJECT, the body borrows. */
void log_split(struct str text, struct buf *subject, struct str *body);

/* The channel an activity type goes with; empty when that is open. */
struct str log_channel(struct str type);

/*
 * Sets the fields of the writer's started record (an activity or a task) that
 * say whom it is about: contact for a person, org for a firm; for a deal or a
 * ticket that and its contact (its org without one); for anything else the
 * same, and `re` where that may point to it. CRM_NO when TARGET does not
 * exist, CRM_USAGE when it is about nobody.
 */
enum crm_err log_target(struct writer *w, struct store *s, struct id target,
    struct diag *dg) CRM_NODISCARD;

/*
 * Writes the activity about TARGET, and the task when one is wanted; task->num
 * is 0 without one. The caller holds the transaction. CRM_USAGE for a text
 * without words.
 */
enum crm_err log_add(struct writer *w, struct store *s, struct id target,
    const struct log_entry *entry, struct id *activity, struct id *task,
    struct diag *dg) CRM_NODISCARD;

/* Sets the field NAME of the writer's started record. */
enum crm_err log_set(struct writer *w, const char *name, struct str value,
    struct diag *dg) CRM_NODISCARD;
/* The same with an id. */
enum crm_err log_set_id(struct writer *w, struct store *s, const char *name,
    struct id id, struct diag *dg) CRM_NODISCARD;

#endif
