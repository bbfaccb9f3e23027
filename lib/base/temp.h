/* SPDX-License-Identifier: ISC */
/* temp: files that have no name and go with the process, however that ends. */
#ifndef CRM_TEMP_H
#define CRM_TEMP_H

#include "base/base.h"

#include <stdio.h>

/* The folder that DIR (TMPDIR of the environment) means: /tmp when it is NULL
 * or no absolute path. */
static inline const char *
temp_dir(const char *dir)
{
	return dir && dir[0] == '/' ? dir : "/tmp";
}

/* A new file in the folder DIR, to be written and read and given to fclose;
 * NULL with errno. */
FILE *temp_open(const char *dir) CRM_NODISCARD;

#endif
