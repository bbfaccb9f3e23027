/* SPDX-License-Identifier: ISC */
/* ical_zones: time zones by name, those that a calendar defines and those of
 * the system. */
#include "text/ical_zones.h"

#include "text/ical_zone.h"

enum { ZONES_MAX = 1024, ZONE_NAME_MAX = 255 };

struct named_zone {
	struct buf name;
	struct ical_zone onsets;
	struct zone zone;
	bool known; /* false: the system was asked in vain */
	bool own;   /* of the file */
};

static void
zone_free(struct named_zone *z)
{
	if (!z)
		return;
	buf_clear(&z->name);
	ical_zone_clear(&z->onsets);
	free(z);
}

void
ical_zones_clear(struct ical_zones *zs)
{
	for (size_t i = 0; i < zs->n; i++)
		zone_free(zs->v[i]);
	free(zs->v);
	zs->v = NULL;
	zs->n = 0;
}

static struct named_zone *
zone_lookup(const struct ical_zones *zs, struct str name)
{
	for (size_t i = 0; i < zs->n; i++)
		if (str_eq(str_of(&zs->v[i]->name), name))
			return zs->v[i];
	return NULL;
}

static struct named_zone *
zone_new(struct str name)
{
	struct named_zone *z = calloc(1, sizeof(*z));

	if (!z)
		return NULL;
	buf_add(&z->name, name);
	z->zone = (struct zone){ical_zone_offset, &z->onsets};
	if (z->name.failed) {
		zone_free(z);
		return NULL;
	}
	return z;
}

/* Takes Z over, in the place of one of the same name. Too many zones, or too
 * little memory: it is not known then. */
static struct named_zone *
zone_keep(struct ical_zones *zs, struct named_zone *z)
{
	struct named_zone **more;

	for (size_t i = 0; i < zs->n; i++)
		if (str_eq(str_of(&zs->v[i]->name), str_of(&z->name))) {
			zone_free(zs->v[i]);
			zs->v[i] = z;
			return z;
		}
	more = zs->n < ZONES_MAX
		   ? realloc(zs->v, (zs->n + 1) * sizeof(struct named_zone *))
		   : NULL;
	if (!more) {
		zone_free(z);
		return NULL;
	}
	zs->v = more;
	zs->v[zs->n++] = z;
	return z;
}

/* One STANDARD or DAYLIGHT: its properties FROM up to TO. */
static bool
observance_add(struct ical_zone *z, const struct ical_prop *from,
    const struct ical_prop *to)
{
	struct ical_onset o = {0};
	struct ical_rule rule;
	struct ical_time t;
	struct str rest;
	bool start = false, before = false, behind = false, ok = true;
	const struct ical_prop *p;

	for (p = from; p < to; p++) {
		if (str_is(p->name, "DTSTART")) {
			start = ical_time_read(p->value, &t);
			o.start = (int64_t)t.day * 86400 + t.secs;
		}
		if (str_is(p->name, "TZOFFSETFROM"))
			before = ical_offset_read(p->value, &o.from);
		if (str_is(p->name, "TZOFFSETTO"))
			behind = ical_offset_read(p->value, &o.to);
	}
	ok = start && before && behind && ical_zone_add(z, &o);
	for (p = from; ok && p < to; p++) {
		struct ical_onset one = o;

		if (str_is(p->name, "RRULE"))
			ok = ical_rule_read(p->value, &rule) &&
			     ical_zone_rule(&rule, &one) &&
			     ical_zone_add(z, &one);
		rest = str_is(p->name, "RDATE") ? p->value : (struct str){0};
		while (ok && rest.p) {
			struct str item = str_cut(&rest, ',');

			ok = ical_time_read(
			    str_head(item, str_chr(item, '/')), &t);
			one.start = (int64_t)t.day * 86400 + t.secs;
			ok = ok && ical_zone_add(z, &one);
		}
	}
	return ok;
}

void
ical_zones_define(struct ical_zones *zs, const struct ical_component *c)
{
	const struct ical_prop *p = c->props, *end, *begin = NULL;
	const struct ical_prop *id = ical_get(c, "TZID");
	struct named_zone *z;
	struct buf name = {0};
	bool ok = true;

	if (!id)
		return;
	content_unescape(id->value, &name);
	z = name.failed ? NULL : zone_new(str_trim(str_of(&name)));
	buf_clear(&name);
	if (!z)
		return;
	for (end = p + c->nprops; ok && p < end; p++) {
		if (str_is(p->name, "BEGIN"))
			begin = p + 1;
		if (str_is(p->name, "END") && begin) {
			ok = observance_add(&z->onsets, begin, p);
			begin = NULL;
		}
	}
	z->known = z->own = ok && z->onsets.n > 0;
	if (z->known)
		(void)zone_keep(zs, z);
	else
		zone_free(z);
}

/* ---- zones of the system ---------------------------------------------- */

static bool
zone_name_ok(struct str name)
{
	static const char set[] = "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-_";
	bool first = true;

	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '/' && (first || i + 1 == name.n))
			return false;
		if (name.p[i] != '/' &&
		    !memchr(set, name.p[i], sizeof(set) - 1))
			return false;
		first = name.p[i] == '/';
	}
	return name.n > 0 && name.n <= ZONE_NAME_MAX;
}

static bool
zone_ask(struct ical_zones *zs, struct str name, struct ical_zone *out)
{
	static const char *const utc[] = {"UTC", "GMT", "Z", "Etc/UTC"};
	struct buf bytes = {0};
	bool ok = false;

	for (size_t i = 0; i < ARRAY_LEN(utc); i++)
		if (str_is(name, utc[i]))
			return true;
	if (!zs->find || !zone_name_ok(name))
		return false;
	ok = zs->find(zs->arg, name, &bytes) && !bytes.failed &&
	     ical_zone_system(out, str_of(&bytes));
	buf_clear(&bytes);
	if (!ok)
		ical_zone_clear(out);
	return ok;
}

/* Of "/example.org/2001_5/Europe/Bern" the end may be the system's name. */
static struct named_zone *
zone_of_system(struct ical_zones *zs, struct str name)
{
	struct named_zone *z = zone_new(name);
	bool path = name.n && name.p[0] == '/';

	if (!z)
		return NULL;
	do {
		if (path)
			name = str_from_pos(name, 1);
		z->known = zone_ask(zs, name, &z->onsets);
		name = str_from_pos(name, str_chr(name, '/'));
	} while (path && name.n && !z->known);
	return zone_keep(zs, z);
}

bool
ical_zones_own(const struct ical_zones *zs, struct str name)
{
	const struct named_zone *z = zone_lookup(zs, str_trim(name));

	return z && z->own;
}

const struct zone *
ical_zones_of(struct ical_zones *zs, struct str name)
{
	struct named_zone *z;

	name = str_trim(name);
	z = zone_lookup(zs, name);
	if (!z)
		z = zone_of_system(zs, name);
	return z && z->known ? &z->zone : NULL;
}
