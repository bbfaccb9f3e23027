/* SPDX-License-Identifier: ISC */
/* fail: what the system and libgit2 refuse, as codes and messages. */
#define _DEFAULT_SOURCE /* EDQUOT */
#include <git2.h>	/* first: it uses names that base.h bans */

#include "history/fail.h"

#include <errno.h>

static enum crm_err
errno_code(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
	case EROFS:
		return CRM_PERM;
	case ENOSPC:
	case EDQUOT:
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return CRM_TEMP;
	default:
		return CRM_IO;
	}
}

enum crm_err
fail_errno(const char *path, int error, const char *what, struct diag *dg)
{
	return diag_set(
	    dg, errno_code(error), "%s: %s: %s", path, what, strerror(error));
}

/* libgit2 keeps no errno, but its message ends with what it means. */
static enum crm_err
system_code(struct str message, enum crm_err otherwise)
{
	static const int known[] = {
	    EACCES, EPERM, EROFS, ENOSPC, EDQUOT, ENOMEM, EMFILE, ENFILE, EIO};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_ends(message, str_from(strerror(known[i]))))
			return errno_code(known[i]);
	return otherwise;
}

enum crm_err
fail_git(const char *path, enum crm_err code, const char *what, struct diag *dg)
{
	const git_error *e = git_error_last();
	const char *message = e && e->message ? e->message : "no reason given";

	/* A damaged head of an object asks for more memory than there is. */
	if (e && e->klass == GIT_ERROR_NOMEMORY && code != CRM_CONFIG)
		return diag_nomem(dg);
	code = system_code(str_from(message), code);
	diag_set(dg, code, "%s: %s: %s", path, what, message);
	if (code == CRM_CONFIG)
		diag_more(dg,
		    "; git -C %s fsck --full tells more, another copy of the "
		    "history brings it back",
		    path);
	return code;
}
