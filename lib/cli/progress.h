/* SPDX-License-Identifier: ISC */
/* progress: a line on the terminal that tells how far a long job is. */
#ifndef CRM_CLI_PROGRESS_H
#define CRM_CLI_PROGRESS_H

#include "cli/cli.h"

struct progress {
	bool on;
	int64_t started, said; /* nanoseconds of a clock of its own */
	size_t width;	       /* of the line that stands there */
};

/* Only on a terminal, and not with -q; the first line comes after a second. */
void progress_start(struct progress *p, const struct cli *c);
/* ROWS are done; DONE of TOTAL bytes are read, TOTAL 0: nobody knows. */
void progress_tell(
    struct progress *p, uint64_t rows, uint64_t done, uint64_t total);
/* Wipes the line: before anything else is said, and at the end. */
void progress_wipe(struct progress *p);

#endif
