/* SPDX-License-Identifier: ISC */
/* temp: a file is made with a name, which it loses at once. */
#include "base/temp.h"

#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

FILE *
temp_open(const char *dir)
{
	struct buf path = {0};
	FILE *file = NULL;
	int fd = -1, error;

	buf_addf(&path, "%s/crm-XXXXXX", temp_dir(dir));
	errno = ENOMEM;
	if (!path.failed)
		fd = mkstemp(path.p);
	if (fd >= 0 && unlink(path.p) == 0)
		file = fdopen(fd, "w+");
	error = errno;
	if (fd >= 0 && !file)
		close(fd);
	buf_clear(&path);
	errno = error;
	return file;
}
