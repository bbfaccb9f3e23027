/* SPDX-License-Identifier: ISC */
/* pager: puts a pager behind the output when it is longer than the screen. */
#include "cli/pager.h"

#include "cli/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static const char *
pager_command(void)
{
	const char *command = getenv("CRM_PAGER");
	if (command == NULL)
		command = getenv("PAGER");
	if (command == NULL)
		command = "less -FRX";
	return strcmp(command, "cat") == 0 ? "" : command;
}

static bool
longer_than(const struct buf *b, size_t rows)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->p[i] == '\n' && rows-- == 0)
			return true;
	return false;
}

void
pager_start(struct out *o)
{
	const char *command = pager_command();
	size_t rows = o->page_rows;
	int fd[2];

	o->page_rows = 0;
	if (*command == '\0' || !longer_than(&o->buf, rows) || pipe(fd) != 0)
		return;
	/* A pager without settings of its own shows colours as colours. */
	setenv("LESS", "FRX", 0);
	fcntl(fd[0], F_SETFD, FD_CLOEXEC);
	fcntl(fd[1], F_SETFD, FD_CLOEXEC);
	pid_t pid = spawn_start(command, NULL, fd[0]);
	close(fd[0]);
	if (pid < 0) {
		close(fd[1]);
		return;
	}
	/* ^C is for the pager; when it ends, SIGPIPE ends us. */
	signal(SIGINT, SIG_IGN);
	o->fd = fd[1];
	o->pager = pid;
}
