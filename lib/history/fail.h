/* SPDX-License-Identifier: ISC */
/* fail: what the system and libgit2 refuse, as codes and messages. */
#ifndef CRM_HISTORY_FAIL_H
#define CRM_HISTORY_FAIL_H

#include "base/err.h"

/* "PATH: WHAT: strerror": CRM_PERM, CRM_TEMP (disk full) or CRM_IO. */
enum crm_err fail_errno(
    const char *path, int error, const char *what, struct diag *dg);

/*
 * "PATH: WHAT: what git says; way out" from libgit2's last error: CRM_TEMP
 * and CRM_PERM where the system refused, else CODE.
 */
enum crm_err fail_git(
    const char *path, enum crm_err code, const char *what, struct diag *dg);

#endif
