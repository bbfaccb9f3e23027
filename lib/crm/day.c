/* SPDX-License-Identifier: ISC */
/* day: stored times as local days. */
#include "crm/day.h"

bool
day_read(struct str text, const struct zone *z, struct when *out)
{
	*out = (struct when){0};
	if (text.n == DATE_LEN)
		return date_parse(text, &out->day);
	if (!time_parse(text, &out->utc))
		return false;
	out->has_time = true;
	out->day = date_local(z, out->utc, NULL);
	return true;
}

struct when
day_move(const struct when *w, int day, const struct zone *z)
{
	struct when to = {.day = day, .has_time = w->has_time};
	int secs;

	if (w->has_time) {
		(void)date_local(z, w->utc, &secs);
		to.utc = date_to_utc(z, day, secs);
	}
	return to;
}
