/* SPDX-License-Identifier: ISC */
/* ahead: entries taken from a cursor before they are looked at. */
#include "store/ahead.h"

enum { LINE = 64, PAGE = 4096, ROOM_FIRST = 4 };

/*
 * A walk through many pages waits for memory most of the time. So what is
 * likely read next is asked for: a page is filled from its end, thus the
 * bytes in front of this entry, and the first of the pages behind this one.
 * These are hints, to whatever address.
 */
static inline void
ask_ahead(struct ahead *a, MDB_val value)
{
	uintptr_t at = (uintptr_t)value.mv_data, page = at / PAGE;

	for (uintptr_t i = 1; i <= 4; i++)
		ASK(at - 256 - i * LINE);
	if (page == a->page)
		return;
	a->page = page;
	for (uintptr_t i = 1; i <= 2; i++) {
		ASK((page + i) * PAGE);
		for (uintptr_t j = 1; j <= 6; j++)
			ASK((page + i + 1) * PAGE - j * LINE);
	}
}

void
ahead_fill(struct ahead *a, MDB_cursor *cur, MDB_cursor_op op, MDB_val key,
    MDB_val value, bool alone)
{
	unsigned n = 0, room = a->room ? a->room : ROOM_FIRST;

	if (alone)
		room = 1;
	a->checked = false;
	a->rc = 0;
	while (true) {
		a->keys[n] = seal_str(key);
		a->sealed[n] = seal_str(value);
		ask_ahead(a, value);
		if (++n == room)
			break;
		a->rc = mdb_cursor_get(cur, &key, &value, op);
		if (a->rc != 0)
			break;
	}
	a->n = n;
	a->at = 0;
	a->room = room * 2 < AHEAD_MAX ? room * 2 : AHEAD_MAX;
}
