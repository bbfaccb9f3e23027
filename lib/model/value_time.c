/* SPDX-License-Identifier: ISC */
/* value_time: the rules for days and moments, and what they span. */
#include "base/recur.h"
#include "model/value_impl.h"

/* Without a clock only what needs none is a date. */
static enum crm_err
when_read(const struct rule *r, struct str in, struct when *w)
{
	enum crm_err err;

	if (!r->clock)
		return diag_set(r->dg, CRM_DATA,
		    "'%.*s' is no date; write YYYY-MM-DD",
		    STR_ARG(value_shown(in)));
	err = when_parse(in, r->clock, w, r->dg);
	if (err != CRM_USAGE)
		return err;
	/* Bad data here, not a wrong call. */
	r->dg->code = CRM_DATA;
	return CRM_DATA;
}

enum crm_err
date_normalise(const struct rule *r, struct str in)
{
	struct when w;
	int days;
	enum crm_err err;

	if (date_parse(in, &days)) {
		buf_add(r->out, in);
		return CRM_OK;
	}
	err = when_read(r, in, &w);
	if (err)
		return err;
	if (w.has_time) {
		struct buf day = {0};

		date_print(w.day, &day);
		err = diag_set(r->dg, CRM_DATA,
		    "'%.*s' has a time of day, the field holds days; write %s",
		    STR_ARG(value_shown(in)), buf_z(&day));
		buf_clear(&day);
		return err;
	}
	date_print(w.day, r->out);
	return CRM_OK;
}

enum crm_err
time_normalise(const struct rule *r, struct str in)
{
	struct when w;
	int days;
	int64_t utc;
	enum crm_err err;

	if (date_parse(in, &days)) {
		buf_add(r->out, in);
		return CRM_OK;
	}
	if (time_parse(in, &utc)) {
		time_print(utc, r->out);
		return CRM_OK;
	}
	err = when_read(r, in, &w);
	if (err)
		return err;
	when_print(&w, r->out);
	return CRM_OK;
}

/* "until friday" becomes that friday's date: a rule must not move. */
enum crm_err
recur_normalise(const struct rule *r, struct str in)
{
	struct recur rule;
	enum crm_err err = recur_parse(in, r->clock, &rule, r->dg);

	if (err == CRM_USAGE)
		err = r->dg->code = CRM_DATA;
	if (!err)
		recur_print(&rule, r->out);
	return err;
}

bool
value_time_span(
    struct str canonical, const struct zone *z, int64_t *lo, int64_t *hi)
{
	int days;

	if (date_parse(canonical, &days)) {
		*lo = date_to_utc(z, days, 0);
		*hi = date_to_utc(z, days + 1, 0) - 1;
		return true;
	}
	if (!time_parse(canonical, lo))
		return false;
	*hi = *lo;
	return true;
}
