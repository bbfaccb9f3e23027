/* SPDX-License-Identifier: ISC */
/* rooms: what the files of cli/ do for one another when a command starts. */
#ifndef CRM_ROOMS_H
#define CRM_ROOMS_H

#include "cli/cli.h"

/* ---- place.c ---------------------------------------------------------- */

/* Appends the absolute path of the store: FROM (-S), else $CRM_STORE, else
 * below $XDG_DATA_HOME or $HOME. CRM_USAGE when none of them says. */
enum crm_err place_store(
    const char *from, struct buf *out, struct diag *dg) CRM_NODISCARD;
/* Who writes: LOGNAME, USER, else the number of the user. Appends. */
void place_user(struct buf *out);
/* Appends the folder of this program with a slash; nothing when unknown.
 * ARGV0 may be NULL. */
void place_folder(const char *argv0, struct buf *out);

/* ---- origin.c --------------------------------------------------------- */

/* Appends what the journal keeps of a command line: the command and those
 * operands that hold no value of a record, "crm-edit c42 stage=". WORDS are
 * the operands; command->keeps says which may stay. What is an id SCHEMA
 * tells; NULL: none is. */
void origin_command(const struct command *cmd, const struct schema *schema,
    const struct str *words, size_t n, struct buf *out);

/* ---- commit.c --------------------------------------------------------- */

/* Has crm-history write the history, when cli_commit found that it is time;
 * the store is closed by then. Warns when it could not. */
void commit_history(struct cli *c);

/* ---- clock.c ---------------------------------------------------------- */

/* The present, or the moment TODAY (--today), else $CRM_TODAY, says; a day
 * means its noon. */
enum crm_err clock_init(
    struct clock *out, const char *today, struct diag *dg) CRM_NODISCARD;

/* ---- term.c ----------------------------------------------------------- */

/* Columns and lines of the terminal behind FD (-1: none), else $COLUMNS and
 * $LINES, else 0. */
void term_size(int fd, size_t *columns, size_t *lines);
/* Whether WHEN ("auto", "always", "never", NULL) and the environment ask for
 * colour on an output that is a terminal or not. */
bool term_colour(const char *when, bool tty);

/* ---- fault.c ---------------------------------------------------------- */

/*
 * Before the store at PATH is opened: from here on a fault in its map ends the
 * process NAME with a message and CRM_CONFIG. NAME and PATH are copied.
 */
void fault_opening(const char *name, const char *path);
/* The store that was opened, NULL when it is closed. */
void fault_watch(const struct store *s);

#endif
