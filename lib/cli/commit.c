/* SPDX-License-Identifier: ISC */
/* commit: the end of a transaction, and the git history that follows it. */
#include "cli/cli.h"
#include "cli/rooms.h"
#include "cli/spawn.h"
#include "store/journal.h"

#include <errno.h>

enum { BEHIND_MAX = 1000 };

/* Notes how far the history is behind, when that is to be mended at the end:
 * it is at least LEAST. */
static void
note_behind(struct cli *c, uint64_t least)
{
	struct journal_state j;
	struct diag dg = {0};

	c->behind = 0;
	/* What is wrong the next reader says: written it is. */
	if (journal_state(c->store, &j, &dg) == CRM_OK && j.git &&
	    j.last >= j.drained + (j.eager ? 1 : least))
		c->behind = j.last - j.drained;
	buf_reset(&c->place);
	if (c->behind > 0)
		buf_addz(&c->place, store_path(c->store));
	diag_clear(&dg);
	store_pause(c->store);
}

/* Asked within the transaction: no other one needs to be begun for it. */
static bool
has_history(struct cli *c)
{
	struct journal_state j;
	struct diag dg = {0};
	bool yes = !store_writing(c->store) ||
		   journal_state(c->store, &j, &dg) != CRM_OK || j.git;

	diag_clear(&dg);
	return yes;
}

enum crm_err
cli_commit(struct cli *c)
{
	bool history = has_history(c);
	enum crm_err err = store_commit(c->store, &c->diag);

	c->behind = 0;
	if (err == CRM_OK && history)
		note_behind(c, BEHIND_MAX + 1);
	return err;
}

void
cli_follow(struct cli *c)
{
	if (c->store && !store_missing(c->store))
		note_behind(c, 1);
}

/* The history follows the store: that it could not does not undo the write. */
void
commit_history(struct cli *c)
{
	struct buf path = {0};
	char *argv[] = {NULL, (char[]){"-q"}, (char[]){"-S"}, NULL,
	    (char[]){"drain"}, NULL};
	pid_t pid = -1;

	if (c->behind == 0)
		return;
	place_folder(NULL, &path);
	buf_addz(&path, "crm-history");
	buf_addc(&path, '\0');
	buf_addc(&c->place, '\0');
	argv[0] = path.p;
	argv[3] = c->place.p;
	errno = ENOMEM;
	if (!path.failed && !c->place.failed)
		pid = spawn_words(argv, -1);
	if (pid < 0)
		cli_warn(c,
		    "the git history is %llu transaction%s behind: "
		    "%s: %s; what was written is in the store",
		    (unsigned long long)c->behind, c->behind == 1 ? "" : "s",
		    buf_z(&path), strerror(errno));
	else if (spawn_wait(pid) != 0)
		cli_warn(c,
		    "the git history is %llu transaction%s behind; what was "
		    "written is in the store",
		    (unsigned long long)c->behind, c->behind == 1 ? "" : "s");
	buf_clear(&path);
}
