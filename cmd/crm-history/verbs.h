/* SPDX-License-Identifier: ISC */
/* verbs: what the verbs of crm-history are called with, what they share, and
 * the verbs. */
#ifndef CRM_HISTORY_VERBS_H
#define CRM_HISTORY_VERBS_H

#include "cli/cli.h"
#include "crm/changes.h"
#include "crm/past.h"
#include "store/journal.h"

/* One call. The verb fills in what it needs; main frees it. */
struct job {
	struct cli *c;
	struct str verb;
	const struct str *words; /* behind the verb */
	size_t nwords;
	struct past *past;
	struct changes *rows;
	struct emit *emit;
	uint64_t nrows;
};

/* ---- words.c: what operands mean -------------------------------------- */

/* CRM_USAGE with the call of the verb, USAGE, for another number of them. */
enum crm_err need_words(
    struct job *j, size_t least, size_t most, const char *usage) CRM_NODISCARD;

bool is_number(struct str word); /* digits and nothing else */

/* The number of a transaction, whether there is one or not. CRM_USAGE. */
enum crm_err read_txn(
    struct cli *c, struct str word, uint64_t *txn) CRM_NODISCARD;

/* "A..B" or "A..", which goes to the newest; a lone "A" only with ONE.
 * CRM_USAGE. The store is open. */
enum crm_err read_range(struct cli *c, struct str word, bool one, uint64_t *a,
    uint64_t *b) CRM_NODISCARD;

/* TXN must have been, and be at least LEAST: CRM_NO, CRM_USAGE. Whether it is
 * kept is the journal's to say. */
enum crm_err check_txn(
    struct cli *c, uint64_t txn, uint64_t least) CRM_NODISCARD;

/* A word that is an id, of a record that is there or was; *yes is false when
 * it is no id. CRM_NO for one of nothing. job->past is there. */
enum crm_err read_id(
    struct job *j, struct str word, struct id *id, bool *yes) CRM_NODISCARD;

/* ---- rows.c: changes as rows ------------------------------------------ */

/* Makes what is missing of past, rows and emit, and prints the header. */
enum crm_err rows_begin(struct job *j, enum changes_set set) CRM_NODISCARD;

/* Prints the rows of one change; HEAD is NULL for those of CHANGES_NET. */
enum crm_err rows_change(struct job *j, const struct journal_head *head,
    const struct changes_of *c) CRM_NODISCARD;

struct changes_of change_of(const struct journal_change *c); /* a view */

/* ---- the verbs -------------------------------------------------------- */

enum crm_err run_log(struct job *j) CRM_NODISCARD;  /* the feed of changes */
enum crm_err run_show(struct job *j) CRM_NODISCARD; /* one transaction */
enum crm_err run_diff(struct job *j) CRM_NODISCARD; /* between two of them */
enum crm_err run_at(struct job *j) CRM_NODISCARD;   /* a record as it was */
enum crm_err run_undo(struct job *j) CRM_NODISCARD; /* takes back */
enum crm_err run_keep(struct job *j) CRM_NODISCARD; /* how much is kept */

/* The verbs of the git history: init, drain, status, verify, rebuild, eager;
 * in a child process where libgit2 is needed. The store is not open yet. */
enum crm_err run_git(struct job *j) CRM_NODISCARD;

#endif
