/* SPDX-License-Identifier: ISC */
/* emit_priv: what the files of emit share; included by emit*.c only. */
#ifndef CRM_EMIT_PRIV_H
#define CRM_EMIT_PRIV_H

#include "text/emit.h"

/* How the cells of a column are written, settled once per column. */
enum cell_type { CELL_TEXT, CELL_NUMBER, CELL_BOOL, CELL_DATE, CELL_TIME };

struct emit_column {
	struct str name; /* a view of emit.names */
	struct str key;	 /* JSON: ,"name": with its comma, a view too */
	enum cell_type type;
	bool list;
	bool plain; /* numbers, days, phones, or nobody knows: csv leaves
		       digits and signs as they are */
};

struct emit_ops {
	void (*begin)(struct emit *e); /* the header */
	void (*cell)(struct emit *e, struct str value, bool clean);
	void (*row)(struct emit *e);
	/* All of a row and its end; NULL: cell by cell. */
	void (*cells)(struct emit *e, const struct str *cells, bool clean);
	void (*end)(struct emit *e);
	void (*clear)(struct emit *e); /* may be NULL */
	unsigned clean; /* enum row_flag: all of them, and a row is clean */
};

struct emit {
	const struct emit_ops *ops;
	struct emit_options o;
	struct buf *to;
	struct buf names; /* names and keys of the columns, owned */
	struct emit_column *cols;
	size_t ncols;
	size_t at; /* cells of the present row so far */
	uint64_t rows;
	bool failed; /* out of memory anywhere but in the bufs */
	bool filled; /* json: the present object has a member */
	char sep;    /* tsv, us, csv: between cells */
	struct table *table;
};

extern const struct emit_ops emit_tsv_ops, emit_us_ops, emit_csv_ops,
    emit_json_ops, emit_jsonl_ops, emit_table_ops;

/* Which bytes a format cannot copy as they are. */
enum byte_class {
	BYTE_TSV = 1,	  /* tab, LF, CR, backslash */
	BYTE_CSV = 2,	  /* comma, quote, CR, LF */
	BYTE_JSON = 4,	  /* quote, backslash, control */
	BYTE_CONTROL = 8, /* control, DEL */
	BYTE_UNIT = 16	  /* 0x1f */
};

/* The offset of the first byte of S that is in one of CLASSES; S.n if none. */
size_t emit_span(struct str s, unsigned classes);

/* buf_room without a call where there is room. */
static inline char *
emit_room(struct buf *b, size_t n)
{
	return b->cap > b->n && b->cap - b->n > n ? b->p + b->n
						  : buf_room(b, n);
}

/* What was written at the place emit_room gave ends at END. */
static inline void
emit_wrote(struct buf *b, char *end)
{
	*end = '\0';
	b->n = (size_t)(end - b->p);
}

/* LF, or NUL with the option -0. */
void emit_eol(struct emit *e);

#endif
