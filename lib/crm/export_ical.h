/* SPDX-License-Identifier: ISC */
/*
 * export_ical: tasks as VTODO, activities as VEVENT of iCalendar (RFC 5545).
 *
 * What the standard has no property for, or none that says all of it, stands
 * in X-CRM-FIELD, so that import_ical.h gives the same fields again. There a
 * record that is referred to is named as another store may know it too: by
 * the first of its ext, its e-mail and its name that it alone has, else by
 * its id.
 */
#ifndef CRM_EXPORT_ICAL_H
#define CRM_EXPORT_ICAL_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "model/record.h"
#include "store/store.h"

/* Appends what stands before and behind all components. */
void calendar_begin(struct buf *out);
void calendar_end(struct buf *out);

/*
 * Appends the component of a task or an activity. *skipped is set for an
 * activity without a start, which a calendar has no place for. A repetition
 * that counts from completion has no rule in iCalendar: its next date alone
 * is written. The times of a series are written without a zone where the
 * clock is not UTC, because its rule counts local days. CRM_USAGE for another
 * kind.
 */
enum crm_err calendar_add(struct store *s, const struct clock *clock,
    const struct record *r, struct buf *out, bool *skipped,
    struct diag *dg) CRM_NODISCARD;

#endif
