/* SPDX-License-Identifier: ISC */
/*
 * cli: what every command does the same way: options, clock, store, output,
 * messages, exit status. Included by cmd/ only. The environment and the
 * clock are read here and nowhere else.
 *
 *     int main(int argc, char **argv) {
 *             struct cli c;
 *             int status = cli_start(&c, &command, argc, argv);
 *             if (status >= 0)
 *                     return status;
 *             enum crm_err err = run(&c);
 *             return cli_end(&c, err);
 *     }
 */
#ifndef CRM_CLI_H
#define CRM_CLI_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "cli/opt.h"
#include "cli/out.h"
#include "model/change.h"
#include "store/store.h"
#include "text/emit.h"
#include "text/tsv.h"

struct cli {
	const struct command *cmd;
	struct opts opt;
	struct clock clock;	     /* CRM_TODAY and --today respected */
	struct change_origin origin; /* its time when a store is opened */
	struct store *store;	     /* after cli_open */
	struct out out;		     /* stdout, or -o FILE */
	struct diag diag;	     /* what went wrong, printed by cli_end */
	struct str *words;	     /* the operands */
	size_t nwords;
	struct buf user, command; /* the texts behind origin */
	uint64_t behind;  /* transactions that the git history lacks; 0 when it
			   * need not be written now */
	struct buf place; /* of the store, for that */
	bool tty_out;
	bool said; /* a child has printed why, if it failed */
};

/* Opens descriptors 0-2 that are closed, parses options, sets clock, origin
 * and operands. -1 to go on, else the exit status. */
int cli_start(struct cli *c, const struct command *cmd, int argc, char **argv);

/* Opens the store: -S, else $CRM_STORE, else $XDG_DATA_HOME/crm, else
 * $HOME/.local/share/crm (empty or relative values count as unset). */
enum crm_err cli_open(struct cli *c, bool write) CRM_NODISCARD;

/* store_commit; when the git history is to be written at once, or is far
 * behind, cli_end has crm-history do it. */
enum crm_err cli_commit(struct cli *c) CRM_NODISCARD;
/* For commands that read: cli_end has crm-history write what is behind. */
void cli_follow(struct cli *c);

/* Before many local times are printed: looks for the zone, which is else left
 * until somebody asks for one. */
void clock_settle(struct clock *clock);

/* Opens the output: standard output, or what -o says. cli_start has done so
 * but for commands that do it themselves. */
enum crm_err cli_output(struct cli *c) CRM_NODISCARD;

/* Prints the diag when ERR is not CRM_OK, closes store and output; the exit
 * status: that of ERR, else 74 when output could not be written. */
int cli_end(struct cli *c, enum crm_err err);

/* "crm-find: text" on stderr, safe for a terminal; not with -q. */
void cli_warn(struct cli *c, const char *fmt, ...) CRM_PRINTF(2, 3);
/* The same only with -v. */
void cli_verbose(struct cli *c, const char *fmt, ...) CRM_PRINTF(2, 3);
/* Whether a descriptor is a terminal. */
bool term_is(int fd);
/* Asks on the terminal; true for y/yes. Without a terminal CRM_USAGE naming
 * -y; with -y true. */
enum crm_err cli_confirm(
    struct cli *c, const char *question, bool *yes) CRM_NODISCARD;

/* Emit options from -O -H -0 and the terminal: table on a terminal, else
 * FALLBACK. CRM_USAGE for an unknown format. */
enum crm_err cli_emit(
    struct cli *c, enum format fallback, struct emit **out) CRM_NODISCARD;

/* The operand "-": crm-tsv with a header on standard input. Waiting for input
 * pauses the store: views end with the next tsv_next. */
enum crm_err cli_tsv(struct cli *c, const struct tsv_options *o,
    struct tsv_reader **out) CRM_NODISCARD;

/*
 * The records that REF... or - mean: ids of KIND (NULL any), resolved in
 * order, each once; from "-" the id column of crm-tsv or bare ids. *ids is
 * the caller's to free. CRM_NO names the ones that do not exist.
 */
enum crm_err cli_refs(struct cli *c, const struct kind *kind,
    const struct str *words, size_t n, struct id **ids,
    size_t *nids) CRM_NODISCARD;

/* Whole of standard input (NULL or "-") or of a file, at most CRM_FIELD_MAX
 * bytes, checked as UTF-8; the last LF is dropped. */
enum crm_err cli_slurp(
    struct cli *c, const char *path, struct buf *out) CRM_NODISCARD;

/* The same, and the last LF stays. */
enum crm_err cli_read(
    struct cli *c, const char *path, struct buf *out) CRM_NODISCARD;

/* Opens TEXT in VISUAL, EDITOR or vi (split at blanks, no shell) in a file
 * of mode 0600 named like *.SUFFIX and reads it back into TEXT. CRM_USAGE
 * without a terminal or when the editor fails. */
enum crm_err cli_edit(
    struct cli *c, const char *suffix, struct buf *text) CRM_NODISCARD;

#endif
