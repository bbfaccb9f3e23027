/* SPDX-License-Identifier: ISC */
/*
 * import_vcard: cards of vCard 2.1, 3.0 and 4.0, also mixed, as rows of kind
 * "contact" and "org" (KIND:org, or the X-ABShowAs:COMPANY of Apple), their
 * columns called as our fields.
 *
 * Nothing is lost without a word. What has a field of ours goes there. UID is
 * ext "vcard:UID", that of our own export ext "crm:ID" (options: column
 * "id"); X-CRM-FIELD of our export is the field it is called after. Everything
 * else becomes a line of the note, "Address (home): ...", "GEO: ...": second
 * addresses, titles and web pages, faxes and pagers, birthdays without a year,
 * phones and e-mails that are none, the lines of a card within the card
 * (AGENT). Left out, and counted for a warning at the end, are PHOTO, LOGO,
 * SOUND and KEY, LABEL beside an ADR, and the labels (home, work) of what
 * stands in a field. Only PRODID, VERSION and what else is about the file go
 * without a word.
 *
 * KIND:group and other kinds that are neither person nor organisation are
 * refused, as are cards that hold a line that cannot be read, or no END.
 */
#ifndef CRM_IMPORT_VCARD_H
#define CRM_IMPORT_VCARD_H

#include "base/base.h"
#include "base/err.h"
#include "store/store.h"
#include "text/rows.h"
#include "text/source.h"

/* What the options point to outlives the rows. */
struct vcard_options {
	/* Whose fields X-CRM-* are; others become a line of the note. NULL:
	 * any name is taken. */
	struct store *store;
	/* The cards are of this store or of a copy: UID:urn:crm:c1 is column
	 * "id", not ext "crm:c1". */
	bool own;
	/* Told at the end what was left out and how often. TEXT ends with the
	 * call. */
	void (*warn)(void *arg, const char *text);
	void *arg;
};

/*
 * Rows from SRC; O may be NULL. A card that cannot be read is refused as
 * rows_next says; reading goes on with the next BEGIN:VCARD. Memory is bounded
 * by one card, and that is at most CRM_RECORD_MAX without what is left out.
 */
enum crm_err vcard_rows_open(struct rows **out, const struct source *src,
    const struct vcard_options *o, struct diag *dg) CRM_NODISCARD;

#endif
