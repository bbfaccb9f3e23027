/* SPDX-License-Identifier: ISC */
/* page: label and value, a line each. */
#include "crm/page.h"

#include "base/utf8.h"
#include "base/when.h"

static void
page_line(struct buf *out, const char *label, struct str text)
{
	if (!text.n)
		return;
	buf_addf(out, "%-8s ", label);
	utf8_visible(text, out);
	buf_addc(out, '\n');
}

void
page_head(
    const struct journal_head *h, const struct zone *zone, struct buf *out)
{
	struct when when = {.has_time = true, .utc = h->time};
	struct buf time = {0};

	when.day = date_local(zone, h->time, NULL);
	when_say(&when, zone, &time);
	buf_addf(out, "transaction %llu\n", (unsigned long long)h->txn);
	page_line(out, "user", h->user);
	page_line(out, "time", str_of(&time));
	page_line(out, "command", h->command);
	page_line(out, "reason", h->reason);
	buf_clear(&time);
}

static enum crm_err
page_field(void *arg, struct str field, struct str old, struct str new)
{
	struct buf *out = arg;

	if (!field.n)
		return CRM_OK;
	buf_addf(out, "    %.*s: ", STR_ARG(field));
	utf8_visible(old, out);
	if (old.n && new.n)
		buf_addz(out, " -> ");
	else if (old.n)
		buf_addz(out, " ->");
	utf8_visible(new, out);
	buf_addc(out, '\n');
	return CRM_OK;
}

enum crm_err
page_of(struct past *p, const struct changes_of *c, struct buf *out,
    struct diag *dg)
{
	static const char *const words[] = {[CHANGE_CREATE] = "new",
	    [CHANGE_UPDATE] = "changed",
	    [CHANGE_DELETE] = "deleted"};
	enum crm_err err;

	buf_addc(out, '\n');
	err = past_id(p, c->id, out, dg);
	buf_addf(out, " %s\n", words[c->op]);
	if (!err)
		err = changes_each(p, c, page_field, out, dg);
	return err;
}
