/* SPDX-License-Identifier: ISC */
/* spawn: runs another program without a shell in between. */
#ifndef CRM_SPAWN_H
#define CRM_SPAWN_H

#include "base/base.h"

#include <sys/types.h>

/*
 * Starts COMMAND, split at blanks, with LAST (may be NULL) as one more word
 * and IN (-1: as it is) as its standard input. The process, or -1 with errno
 * set when it could not be started: also when there is no such program.
 */
pid_t spawn_start(const char *command, const char *last, int in);

/* The same with the words of the command as they are, the last one NULL. */
pid_t spawn_words(char **argv, int in);

/* Its exit status, 128 plus the signal that ended it, -1 when unknown. */
int spawn_wait(pid_t pid);

#endif
