/* SPDX-License-Identifier: ISC */
/* err: messages for people, made safe for a terminal as they are set. */
#include "base/err.h"

#include "base/utf8.h"

#include <stdarg.h>

static bool
goes_on(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

void
diag_shorten(struct buf *text)
{
	static const char gap[] = " ... ";
	size_t head = DIAG_MAX / 2, tail = text->n - DIAG_MAX / 2;

	if (text->n <= DIAG_MAX + sizeof(gap))
		return;
	/* No character is cut in two; four bytes it has at most. */
	for (int i = 0; i < 3 && goes_on(text->p[head]); i++)
		head--;
	for (int i = 0; i < 3 && goes_on(text->p[tail]); i++)
		tail++;
	memcpy(text->p + head, gap, sizeof(gap) - 1);
	head += sizeof(gap) - 1;
	memmove(text->p + head, text->p + tail, text->n - tail);
	text->n = head + text->n - tail;
}

/* Formats into a buf of its own; the caller clears it. */
static void CRM_PRINTF(2, 0)
    format(struct buf *out, const char *fmt, va_list ap)
{
	va_list again;
	int n;
	char *p;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return;
	p = buf_room(out, (size_t)n);
	if (!p)
		return;
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	out->n += (size_t)n;
	diag_shorten(out);
}

enum crm_err
diag_set(struct diag *dg, enum crm_err code, const char *fmt, ...)
{
	struct buf raw = {0};
	struct buf safe = {0};
	va_list ap;

	va_start(ap, fmt);
	format(&raw, fmt, ap);
	va_end(ap);
	utf8_visible(str_of(&raw), &safe);
	buf_clear(&raw);
	buf_clear(&dg->text);
	dg->text = safe;
	dg->code = code;
	return code;
}

void
diag_place(struct diag *dg, const char *fmt, ...)
{
	struct buf raw = {0};
	struct buf safe = {0};
	va_list ap;

	va_start(ap, fmt);
	format(&raw, fmt, ap);
	va_end(ap);
	buf_addz(&raw, ": ");
	utf8_visible(str_of(&raw), &safe);
	buf_insert(&dg->text, 0, str_of(&safe));
	buf_clear(&raw);
	buf_clear(&safe);
}

void
diag_more(struct diag *dg, const char *fmt, ...)
{
	struct buf raw = {0};
	va_list ap;

	va_start(ap, fmt);
	format(&raw, fmt, ap);
	va_end(ap);
	utf8_visible(str_of(&raw), &dg->text);
	buf_clear(&raw);
}

const char *
diag_text(const struct diag *dg)
{
	if (!dg->text.p && dg->code != CRM_OK)
		return "out of memory";
	return buf_z(&dg->text);
}

enum crm_err
diag_nomem(struct diag *dg)
{
	buf_clear(&dg->text);
	dg->code = CRM_TEMP;
	return CRM_TEMP;
}

void
diag_clear(struct diag *dg)
{
	buf_clear(&dg->text);
	dg->code = CRM_OK;
}
