/* SPDX-License-Identifier: ISC */
/*
 * card: what one vCard says, in the words of our fields. The properties are
 * collected first, because what one means may stand in another (X-ABLabel,
 * KIND), and become cells at the end. For import_vcard only.
 */
#ifndef CRM_CARD_H
#define CRM_CARD_H

#include "crm/import_vcard.h"
#include "text/content_read.h"

struct card;

/* O is copied. */
enum crm_err card_new(
    struct card **out, const struct vcard_options *o, struct diag *dg);
void card_free(struct card *c); /* NULL is fine */

void card_begin(struct card *c); /* an empty card */

/* Takes in one property; NESTED: of a card within the card. CRM_DATA, without
 * place: too much of it. */
enum crm_err card_add(struct card *c, const struct content_line *line,
    bool nested, struct diag *dg);

/* Sets the names, cells, shape and kind of ROW; valid until the next call.
 * CRM_DATA, without place: neither a person nor an organisation, or empty. */
enum crm_err card_end(struct card *c, struct rows_row *row, struct diag *dg);

/* Appends what was left out of all cards so far: "PHOTO 3, labels 2". */
void card_left_out(const struct card *c, struct buf *out);

#endif
