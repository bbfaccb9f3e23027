/* SPDX-License-Identifier: ISC */
/*
 * json_split: cuts the objects out of JSON lines, of an array of objects or of
 * objects one after the other, without reading what is in them: brackets and
 * strings only. Memory holds one object, however long the input is.
 */
#ifndef CRM_JSON_SPLIT_H
#define CRM_JSON_SPLIT_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "text/source.h"

enum { JSON_DEPTH_MAX = 64 }; /* brackets open at the same time */

/* Between which of the top brackets the next byte is. */
enum json_where {
	JSON_OUTSIDE,
	JSON_FIRST, /* behind the '[' of an array */
	JSON_NEXT,  /* behind an object of an array */
	JSON_ITEM   /* behind a ',' of an array */
};

/* How the last object outside of an array was written. */
enum json_form { JSON_UNKNOWN, JSON_LINE, JSON_SPREAD };

struct json_split {
	struct source src;
	size_t max; /* bytes of an object */
	char *block;
	size_t cap, start, end; /* unread bytes are [start, end) */
	size_t used;		/* of them are the piece handed out */
	uint64_t line, column;	/* of block[start], from 1 */
	enum json_where where;
	enum json_form form;
	bool eof, ended;
	bool lost; /* go on at the next line that begins with '{' */
};

/* RAW is valid until the next call; "" when it was too long. */
struct json_piece {
	struct str raw;
	uint64_t line, column; /* of its first byte; columns are characters */
};

/* SRC is copied. MAX: bytes of an object. Nothing is read or allocated. */
void json_split_init(
    struct json_split *s, const struct source *src, size_t max);
void json_split_clear(struct json_split *s);

/*
 * The next object, brackets balanced; *got is false at the end. CRM_DATA as
 * rows_next has it: place, reason, way out in the message, the piece is to be
 * skipped, and without *got there is nothing more to read. CRM_IO, CRM_TEMP.
 */
enum crm_err json_split_next(struct json_split *s, struct json_piece *piece,
    bool *got, struct diag *dg) CRM_NODISCARD;

/* Nothing more is to be read: json_split_next gives the end. */
void json_split_end(struct json_split *s);

/* Moves *line and *column over TEXT. */
void json_split_walk(struct str text, uint64_t *line, uint64_t *column);

#endif
