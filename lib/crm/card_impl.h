/* SPDX-License-Identifier: ISC */
/* card_impl: what the files of card share; included by card*.c only. */
#ifndef CRM_CARD_IMPL_H
#define CRM_CARD_IMPL_H

#include "crm/card.h"
#include "model/schema.h"

/* The columns of every card; those of orgs are a part of them. */
enum col {
	COL_ID, /* only where it is asked for */
	COL_NAME,
	COL_EMAIL,
	COL_PHONE,
	COL_STREET,
	COL_POSTCODE,
	COL_CITY,
	COL_REGION,
	COL_COUNTRY,
	COL_SOCIAL,
	COL_TAG,
	COL_NOTE,
	COL_URL,
	COL_LANG,
	COL_EXT,
	COL_CREATED,
	COL_UPDATED,
	COL_ORGS, /* here ends what an org has */
	COL_PREFIX = COL_ORGS,
	COL_GIVEN,
	COL_MIDDLE,
	COL_FAMILY,
	COL_SUFFIX,
	COL_NICK,
	COL_ORG,
	COL_DEPT,
	COL_TITLE,
	COL_ROLE,
	COL_BDAY,
	COL_ANNIV,
	COL_GENDER,
	COL_COUNT
};

/* Fields of X-CRM-* beyond those, as many as a file may name. */
enum { MORE_MAX = 256, PREF_NONE = 101, LABELS_MAX = 1000 };

/* What is left out and counted. */
enum left {
	LEFT_PHOTO,
	LEFT_LOGO,
	LEFT_SOUND,
	LEFT_KEY,
	LEFT_LABEL,
	LEFT_TYPES,
	LEFT_BINARY,
	LEFT_COUNT
};

struct span {
	size_t at, n;
};

/* A property as it is kept until the card ends. */
struct prop {
	struct span group, name, value, types;
	int pref;    /* the lowest first */
	bool old;    /* vCard 2.1: fewer escapes */
	bool text;   /* VALUE=text */
	bool omit;   /* the year is a stopgap */
	bool nested; /* of a card within the card */
};

/* A field that is no column of every card. */
struct more {
	char *name;
	struct buf cell;
};

struct card {
	struct vcard_options o;
	struct buf text; /* what the spans point into */
	struct prop *props;
	size_t nprops, cap;
	bool org;
	bool made;    /* the name is a stopgap of our export */
	bool address; /* there is an ADR */
	struct prop labels[LABELS_MAX]; /* of groups */
	size_t nlabels;
	struct buf cells[COL_COUNT];
	struct buf extra; /* lines for the end of the note */
	struct buf scratch, part, checked;
	struct more more[2][MORE_MAX]; /* of contacts, of orgs */
	size_t nmore[2];
	struct str names[COL_COUNT + MORE_MAX], views[COL_COUNT + MORE_MAX];
	uint64_t left[LEFT_COUNT];
	bool failed;
};

/* The names of the columns. */
extern const char *const card_cols[COL_COUNT];

/* card_cell: texts of properties. Those that give a text give it until the
 * next call of any of them. */
struct str card_view(const struct card *c, struct span s);
/* Appends S without its escapes. vCard 2.1 knows no \n: it writes paths,
 * C:\new. */
void card_unescape(const struct prop *p, struct str s, struct buf *out);
/* The whole value as one text. */
struct str card_text(struct card *c, const struct prop *p);
/* A URI has no escapes but those that careless writers put in. */
struct str card_uri(struct card *c, const struct prop *p);
/* Takes the next part of a structured value off REST, several values in it
 * joined by JOIN. */
struct str card_part(
    struct card *c, const struct prop *p, struct str *rest, const char *join);
/* What the card says the property is for: the label of its group, else its
 * types; "" nothing. */
struct str card_label(const struct card *c, const struct prop *p);

/* ... and cells. An org has not all columns. */
struct str card_cell(const struct card *c, enum col col);
bool card_has(const struct card *c, enum col col);
/* Ends a line that is there. */
void card_line(struct buf *to);
/* Appends "WHAT (label): value" to the note. */
void card_note(
    struct card *c, const struct prop *p, struct str what, struct str value);
/* The label of what is in a field now has no place. */
void card_label_left(struct card *c, const struct prop *p);
/* Sets a cell that is empty; what it says already is not said again, other
 * values go to the note. */
void card_set(
    struct card *c, const struct prop *p, enum col col, struct str value);
void card_item_add(struct buf *list, struct str item);
/* Would the store take VALUE? */
bool card_fits(struct card *c, enum type type, struct str value);
/* Adds an item to a list: checked, and without commas, which part the items;
 * others go to the note. */
void card_item(struct card *c, const struct prop *p, enum col col,
    enum type type, struct str value);

/* card_take: the property becomes a cell, a part of one, or a line of the
 * note. */
void card_take(struct card *c, const struct prop *p);

#endif
