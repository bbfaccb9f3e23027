/* SPDX-License-Identifier: ISC */
/* exporter: cards and calendars seen as exporters. */
#include "crm/exporter.h"

#include "crm/export_ical.h"
#include "crm/export_vcard.h"

/* ---- cards ------------------------------------------------------------ */

struct cards {
	struct exporter exporter;
	struct store *store;
	enum vcard_version version;
	struct vcards *cards; /* of the present kind */
};

static enum crm_err
cards_kind(struct exporter *x, const struct kind *kind, struct buf *to,
    struct diag *dg)
{
	struct cards *c = (struct cards *)x;

	(void)to;
	vcards_free(c->cards);
	return vcards_new(&c->cards, c->store, kind, c->version, dg);
}

static enum crm_err
cards_record(
    struct exporter *x, const struct record *r, struct buf *to, struct diag *dg)
{
	return vcards_add(((struct cards *)x)->cards, r, to, dg);
}

static void
cards_free(struct exporter *x)
{
	vcards_free(((struct cards *)x)->cards);
	free(x);
}

static enum crm_err
cards_new(struct exporter **out, const struct exporter_options *o,
    enum vcard_version version, struct diag *dg)
{
	static const struct exporter_class class = {
	    .kind = cards_kind, .record = cards_record, .free = cards_free};
	struct cards *c = calloc(1, sizeof(*c));

	*out = NULL;
	if (!c)
		return diag_nomem(dg);
	c->exporter = (struct exporter){.class = &class, .bare = true};
	c->store = o->store;
	c->version = version;
	*out = &c->exporter;
	return CRM_OK;
}

enum crm_err
vcard3_exporter(
    struct exporter **out, const struct exporter_options *o, struct diag *dg)
{
	return cards_new(out, o, VCARD_3, dg);
}

enum crm_err
vcard4_exporter(
    struct exporter **out, const struct exporter_options *o, struct diag *dg)
{
	return cards_new(out, o, VCARD_4, dg);
}

/* ---- calendars -------------------------------------------------------- */

struct calendar {
	struct exporter exporter;
	struct exporter_options o;
	uint64_t skipped; /* activities without a start */
};

static enum crm_err
ics_begin(struct exporter *x, struct buf *to, struct diag *dg)
{
	(void)x;
	(void)dg;
	calendar_begin(to);
	return CRM_OK;
}

static enum crm_err
ics_record(
    struct exporter *x, const struct record *r, struct buf *to, struct diag *dg)
{
	struct calendar *c = (struct calendar *)x;
	bool skipped = false;
	enum crm_err err;

	err = calendar_add(c->o.store, c->o.clock, r, to, &skipped, dg);
	c->skipped += skipped;
	return err;
}

static enum crm_err
ics_end(struct exporter *x, struct buf *to, struct diag *dg)
{
	struct calendar *c = (struct calendar *)x;
	struct buf text = {0};

	(void)dg;
	calendar_end(to);
	if (c->skipped == 0)
		return CRM_OK;
	buf_addf(&text, "%llu activit%s without a start left out",
	    (unsigned long long)c->skipped, c->skipped == 1 ? "y" : "ies");
	c->o.warn(c->o.arg, buf_z(&text));
	buf_clear(&text);
	return CRM_OK;
}

static void
ics_free(struct exporter *x)
{
	free(x);
}

enum crm_err
ics_exporter(
    struct exporter **out, const struct exporter_options *o, struct diag *dg)
{
	static const struct exporter_class class = {.begin = ics_begin,
	    .record = ics_record,
	    .end = ics_end,
	    .free = ics_free};
	struct calendar *c = calloc(1, sizeof(*c));

	*out = NULL;
	if (!c)
		return diag_nomem(dg);
	c->exporter = (struct exporter){.class = &class, .bare = true};
	c->o = *o;
	*out = &c->exporter;
	return CRM_OK;
}
