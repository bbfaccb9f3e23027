/* SPDX-License-Identifier: ISC */
/* sniff_table: whether a text is a table, and with which delimiter. */
#ifndef CRM_SNIFF_TABLE_H
#define CRM_SNIFF_TABLE_H

#include "base/base.h"
#include "base/str.h"

/* How a text looks when it is cut at a delimiter outside quotes. */
struct table_shape {
	char delimiter;
	size_t cells;	/* of the first record */
	size_t records; /* blank lines are none */
	size_t alike;	/* of them with as many cells as the first */
	bool quoted;	/* some cell is in quotes */
	bool literal;	/* quotes are taken for characters like others */
};

struct table_guess {
	struct table_shape best;  /* delimiter '\0': none fits */
	struct table_shape rival; /* fits as well: then BEST is no answer */
	uint64_t skip;		  /* lines before the header */
};

/* The delimiter ONLY, or, when it is '\0', the one of , ; tab | that cuts
 * every record into as many cells. WHOLE: nothing follows TEXT. */
struct table_guess table_guess(struct str text, bool whole, char only);

#endif
