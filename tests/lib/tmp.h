/* SPDX-License-Identifier: ISC */
/* tmp: where the stores of unit tests are made. */
#ifndef CRM_TEST_TMP_H
#define CRM_TEST_TMP_H

#include <stdlib.h>

/* $TMPDIR, else /tmp. */
static inline const char *
tmp_dir(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && *dir ? dir : "/tmp";
}

#endif
