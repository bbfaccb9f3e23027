/* SPDX-License-Identifier: ISC */
/* msg: one line on standard error, safe for a terminal. */
#ifndef CRM_MSG_H
#define CRM_MSG_H

#include "base/base.h"
#include "base/err.h"

#include <stdarg.h>

/* "NAME: text", control bytes made visible. */
void msg_say(const char *name, const char *fmt, ...) CRM_PRINTF(2, 3);
void msg_sayv(const char *name, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* "NAME: " and the diag's text; words for the code when it has none. Nothing
 * for CRM_OK, and for CRM_NO without a text. */
void msg_diag(const char *name, const struct diag *dg, enum crm_err code);

/* "PLACE: what the system says to ERROR"; returns the code: CRM_PERM for a
 * refused access, CRM_TEMP for a lack of memory, else CRM_IO. */
enum crm_err msg_errno(struct diag *dg, const char *place, int error);

#endif
