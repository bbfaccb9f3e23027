/* SPDX-License-Identifier: ISC */
/* msg: one line on standard error, written at once. */
#include "cli/msg.h"

#include "base/str.h"
#include "base/utf8.h"

#include <errno.h>
#include <unistd.h>

/* One write, so that lines of commands in one pipeline do not mix. */
static void
line_write(const char *name, struct str text)
{
	struct buf line = {0};
	size_t at = 0;

	buf_addz(&line, name);
	buf_addz(&line, ": ");
	utf8_visible(text, &line);
	buf_addc(&line, '\n');
	while (!line.failed && at < line.n) {
		ptrdiff_t n = write(STDERR_FILENO, line.p + at, line.n - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break; /* there is nobody left to tell */
		at += (size_t)n;
	}
	buf_clear(&line);
}

void
msg_sayv(const char *name, const char *fmt, va_list ap)
{
	struct buf text = {0};
	va_list again;

	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	char *p = n < 0 ? NULL : buf_room(&text, (size_t)n + 1);
	if (p == NULL)
		return;
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	text.n += (size_t)n;
	diag_shorten(&text);
	line_write(name, str_of(&text));
	buf_clear(&text);
}

void
msg_say(const char *name, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	msg_sayv(name, fmt, ap);
	va_end(ap);
}

static const char *
code_words(enum crm_err code)
{
	switch (code) {
	case CRM_USAGE:
		return "wrong call";
	case CRM_DATA:
		return "bad input";
	case CRM_IO:
		return "reading or writing failed";
	case CRM_TEMP:
		return "out of memory or busy; try again";
	case CRM_PERM:
		return "permission denied";
	case CRM_CONFIG:
		return "the store is damaged; see crm-check";
	default:
		return "a state that must never be reached; report this";
	}
}

void
msg_diag(const char *name, const struct diag *dg, enum crm_err code)
{
	const char *text = diag_text(dg);
	if (code == CRM_OK || (code == CRM_NO && *text == '\0'))
		return;
	if (*text == '\0')
		text = code_words(code);
	line_write(name, str_from(text));
}

enum crm_err
msg_errno(struct diag *dg, const char *place, int error)
{
	enum crm_err code = CRM_IO;
	if (error == EACCES || error == EPERM || error == EROFS)
		code = CRM_PERM;
	else if (error == ENOMEM)
		code = CRM_TEMP;
	return diag_set(dg, code, "%s: %s", place, strerror(error));
}
