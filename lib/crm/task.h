/* SPDX-License-Identifier: ISC */
/* task: adding, closing, moving, cancelling and repeating tasks. */
#ifndef CRM_TASK_H
#define CRM_TASK_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "crm/assign.h"
#include "crm/write.h"
#include "model/id.h"
#include "store/store.h"

/* What a new task says. Texts borrow. */
struct task_entry {
	struct str title;
	struct when due;
	struct str rule; /* canonical repetition; empty: once */
	const struct assign *assigns;
	size_t nassigns;
};

/* Writes a task about TARGET; the caller holds the transaction, here and
 * below. */
enum crm_err task_add(struct writer *w, struct store *s, struct id target,
    const struct task_entry *t, struct id *id, struct diag *dg) CRM_NODISCARD;

/*
 * Closes the task. With a repetition the next one is written: next->num is 0
 * when there is none. *closed is true when it was closed before; nothing
 * changes then. CRM_USAGE for the id of a record that is no task.
 */
enum crm_err task_done(struct writer *w, struct store *s, struct id id,
    const struct clock *clock, struct id *next, bool *closed,
    struct diag *dg) CRM_NODISCARD;

/* Cancels the task and ends its repetition. */
enum crm_err task_drop(struct writer *w, struct store *s, struct id id,
    bool *closed, struct diag *dg) CRM_NODISCARD;

/* Moves the due date; the repetition keeps its own dates. CRM_DATA for a
 * closed task. */
enum crm_err task_snooze(struct writer *w, struct store *s, struct id id,
    const struct when *due, const struct zone *z,
    struct diag *dg) CRM_NODISCARD;

#endif
