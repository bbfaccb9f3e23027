/* SPDX-License-Identifier: ISC */
/* git: the verbs of crm-history that know the git history. */
#ifndef CRM_HISTORY_GIT_H
#define CRM_HISTORY_GIT_H

#include "cli/cli.h"

/* Runs VERB (init, drain, status, verify, rebuild, eager) with its N WORDS,
 * in a child process where libgit2 is needed. The store must not be open. */
enum crm_err git_verb(struct cli *c, const char *verb, const struct str *words,
    size_t n) CRM_NODISCARD;

#endif
