/* SPDX-License-Identifier: ISC */
/* json_cells: the names and cells of one object, as they are put together, and
 * the shapes of those before; shared by the files of json_*.c only. */
#ifndef CRM_JSON_CELLS_H
#define CRM_JSON_CELLS_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"

enum { JSON_SHAPES_MAX = 32 };

struct json_leaf;

/* Names as an earlier object had them, in their order and brackets. */
struct json_shape {
	struct buf key;
	uint64_t hash, no;
	bool plain; /* no name is a part of another, or in brackets twice */
};

struct json_cells {
	struct buf path;  /* of what is read: "a.0.b" */
	struct buf key;	  /* names and brackets, each with a NUL behind it */
	struct buf texts; /* of cells that are not views of others */
	struct json_leaf *leaves;
	struct str *names, *cells; /* after json_cells_end */
	size_t n, cap;
	struct json_shape shapes[JSON_SHAPES_MAX];
	size_t last, spare; /* shapes: of this object, to be replaced next */
	uint64_t seen;	    /* shapes so far */
};

void json_cells_clear(struct json_cells *c);

/* Starts the next object. */
void json_cells_reset(struct json_cells *c);

/* Appends to the path; with a dot unless it is the first name. The length to
 * cut it to afterwards. */
size_t json_cells_enter(struct json_cells *c, bool inner, struct str name);
size_t json_cells_item(struct json_cells *c, size_t i); /* the number of one */
void json_cells_leave(struct json_cells *c, size_t was);

/* Brackets that the path names are opened. */
void json_cells_open(struct json_cells *c);

/* A cell named by the path; TEXT outlives the object. CRM_DATA, without a
 * place: too many names, or a name or text too long. */
enum crm_err json_cells_add(
    struct json_cells *c, struct str text, struct diag *dg) CRM_NODISCARD;
/* The same for the text at the end of c->texts, from AT on. */
enum crm_err json_cells_add_text(
    struct json_cells *c, size_t at, struct diag *dg) CRM_NODISCARD;

/* All cells are there: sets names and cells, views until the next reset.
 * CRM_TEMP when one could not be kept. */
enum crm_err json_cells_end(
    struct json_cells *c, struct diag *dg) CRM_NODISCARD;

/* Finds the shape of the object among those before. */
bool json_cells_known(struct json_cells *c);
/* Keeps it. CRM_DATA, without a place: a name comes out twice. */
enum crm_err json_cells_learn(
    struct json_cells *c, struct diag *dg) CRM_NODISCARD;

#endif
