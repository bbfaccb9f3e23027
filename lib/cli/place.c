/* SPDX-License-Identifier: ISC */
/* place: where things are and who we are, from the environment. */
#include "cli/rooms.h"

#include "base/utf8.h"
#include "cli/msg.h"

#include <errno.h>
#include <unistd.h>

/* The XDG base directory specification: empty or relative is unset. */
static const char *
env_absolute(const char *name)
{
	const char *value = getenv(name);
	return value != NULL && value[0] == '/' ? value : NULL;
}

/* The working directory, appended. */
static enum crm_err
cwd_add(struct buf *out, struct diag *dg)
{
	for (size_t room = 256;; room *= 2) {
		char *p = buf_room(out, room);
		if (p == NULL)
			return diag_nomem(dg);
		if (getcwd(p, room) != NULL) {
			out->n += strlen(p);
			return CRM_OK;
		}
		if (errno != ERANGE)
			return msg_errno(dg, "working directory", errno);
	}
}

static enum crm_err
absolute_add(const char *path, struct buf *out, struct diag *dg)
{
	if (path[0] != '/') {
		enum crm_err err = cwd_add(out, dg);
		if (err != CRM_OK)
			return err;
		buf_addc(out, '/');
	}
	buf_addz(out, path);
	return CRM_OK;
}

enum crm_err
place_store(const char *from, struct buf *out, struct diag *dg)
{
	const char *env = getenv("CRM_STORE");
	const char *data = env_absolute("XDG_DATA_HOME");
	const char *home = env_absolute("HOME");
	enum crm_err err = CRM_OK;

	if (from != NULL && *from == '\0')
		return diag_set(
		    dg, CRM_USAGE, "-S: an empty name; write -S DIR");
	if (from != NULL)
		err = absolute_add(from, out, dg);
	else if (env != NULL && *env != '\0')
		err = absolute_add(env, out, dg);
	else if (data != NULL)
		buf_addf(out, "%s/crm", data);
	else if (home != NULL)
		buf_addf(out, "%s/.local/share/crm", home);
	else
		return diag_set(dg, CRM_USAGE,
		    "no place for the store: HOME is not set; "
		    "set CRM_STORE or write -S DIR");
	if (err == CRM_OK && out->failed)
		err = diag_nomem(dg);
	return err;
}

void
place_user(struct buf *out)
{
	static const char *const names[] = {"LOGNAME", "USER"};
	size_t bad;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);
		if (value != NULL && *value != '\0') {
			if (utf8_valid(str_from(value), &bad))
				buf_addz(out, value);
			else
				utf8_visible(str_from(value), out);
			return;
		}
	}
	buf_addu(out, (uint64_t)getuid());
}

void
place_folder(const char *argv0, struct buf *out)
{
	enum { PATH_ROOM = 4096 };
	char *p = buf_room(out, PATH_ROOM);
	ptrdiff_t n = p ? readlink("/proc/self/exe", p, PATH_ROOM) : -1;

	if (n > 0 && n < PATH_ROOM)
		out->n += (size_t)n;
	else if (argv0 != NULL)
		buf_addz(out, argv0);
	while (out->n > 0 && out->p[out->n - 1] != '/')
		out->n--;
}
