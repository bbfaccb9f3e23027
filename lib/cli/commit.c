/* SPDX-License-Identifier: ISC */
/* commit: the end of a transaction, and the git history that follows it. */
#include "cli/cli.h"
#include "cli/rooms.h"
#include "cli/spawn.h"
#include "store/journal.h"

#include <errno.h>

enum { BEHIND_MAX = 1000 };

enum crm_err
cli_commit(struct cli *c)
{
	struct journal_state j;
	enum crm_err err = store_commit(c->store, &c->diag);

	if (err != CRM_OK)
		return err;
	if (journal_state(c->store, &j, &c->diag) != CRM_OK) {
		/* Written it is; what is wrong the next reader says. */
		diag_clear(&c->diag);
		return CRM_OK;
	}
	store_pause(c->store);
	c->behind = 0;
	if (j.git && j.last > j.drained &&
	    (j.eager || j.last - j.drained > BEHIND_MAX))
		c->behind = j.last - j.drained;
	buf_reset(&c->place);
	buf_addz(&c->place, store_path(c->store));
	return CRM_OK;
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
		    "the git history is %llu transactions behind: "
		    "%s: %s; what was written is in the store",
		    (unsigned long long)c->behind, buf_z(&path),
		    strerror(errno));
	else if (spawn_wait(pid) != 0)
		cli_warn(c,
		    "the git history is %llu transactions behind; what was "
		    "written is in the store",
		    (unsigned long long)c->behind);
	buf_clear(&path);
}
