/* SPDX-License-Identifier: ISC */
/* emit_priv: what the files of emit share; included by emit*.c only. */
#ifndef CRM_EMIT_PRIV_H
#define CRM_EMIT_PRIV_H

#include "base/eight.h"
#include "text/emit.h"

/* How the cells of a column are written, settled once per column. */
enum cell_type { CELL_TEXT, CELL_NUMBER, CELL_BOOL, CELL_DATE, CELL_TIME };

struct emit_column {
	struct str name; /* a view of emit.names */
	struct str key;	 /* JSON: ,"name": with its comma, a view too */
	/* JSON: the key and what stands before a value, and behind it where
	 * it can be copied: quotes, and brackets where it has one item. */
	struct str open;
	char close[2];
	uint8_t nclose;
	enum cell_type type;
	bool list;
	bool plain; /* numbers, days, phones, or nobody knows: csv leaves
		       digits and signs as they are */
};

struct emit_plan;

struct emit_ops {
	void (*begin)(struct emit *e); /* the header */
	void (*cell)(struct emit *e, struct str value, bool clean);
	/* The same for an instant in a column of times; NULL: its text. */
	void (*instant)(struct emit *e, int64_t utc);
	void (*row)(struct emit *e);
	/* All of a row and its end; NULL: cell by cell. */
	void (*cells)(struct emit *e, const struct str *cells, bool clean);
	/* The same for a row as it is stored, after a plan; NULL: its cells. */
	void (*stored)(struct emit *e, const struct emit_plan *plan,
	    const struct row *row, struct str id);
	void (*end)(struct emit *e);
	void (*clear)(struct emit *e); /* may be NULL */
	unsigned clean; /* enum row_flag: all of them, and a row is clean */
	bool apart;	/* a row is the same wherever it stands */
};

/*
 * Records of a kind have mostly the same fields. So for each set of fields
 * that is met it is written down once which values are printed, in the order
 * of the columns.
 */
enum {
	PLAN_COLUMNS = 64,
	PLANS = 64,
	PLANS_SHIFT = 64 - 6,
	PLANS_FROM = 8, /* rows: for fewer none is made */
	GAP_MAX = 8
};

struct emit_step {
	uint32_t mask;	/* of the two offsets there */
	uint8_t at;	/* of the value's end among the row's ends */
	uint8_t column; /* which it is for */
	uint8_t gap;	/* columns from that of the last step, or the first */
	uint8_t type;	/* enum step_type */
};
/* A gap that is too long has steps in it that print nothing. */
enum step_type { STEP_VALUE, STEP_ID, STEP_NOTHING };

struct emit_plan {
	uint64_t low; /* for rows with just these fields */
	bool made;
	uint8_t n;
	uint8_t rest; /* columns behind that of the last step */
	struct emit_step steps[PLAN_COLUMNS + PLAN_COLUMNS / GAP_MAX];
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

	uint16_t *slots;   /* of the columns, where emit_slots told them */
	struct str *cells; /* room for one of each */
	struct emit_plan *plans; /* by a hash of low; NULL: rows have none */
	bool plans_wait;	 /* they will have, when there are more */
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

/* ---- rows as they are stored ------------------------------------------ */

/*
 * Values are short, so that it is quicker to copy as much as most need than to
 * look how much it is. That reads beyond a value; what stands last in a row is
 * therefore taken from a copy with room behind it.
 */
enum { EMIT_NEAR = 32, EMIT_TAIL = 64 };

/* Offsets may run backwards, so that each value of a row may be as long as the
 * row; for longer ones that would be too much room. */
enum { EMIT_MOST = 4096 };

static inline size_t
emit_most(const struct emit_plan *plan, const struct row *row, struct str id)
{
	return plan->n * (row->data_len + id.n) + EMIT_NEAR;
}

/* What steps take values from; numbers only, so that they stay at hand while
 * bytes are written. */
struct emit_source {
	const unsigned char *ends;
	const char *data, *tail;
	uint32_t len;
	uint32_t last; /* values from here on are read in tail */
	uint32_t off;  /* in the data, where the tail begins */
};
struct emit_tail {
	char bytes[EMIT_TAIL + EMIT_NEAR];
};

/* ROW has short offsets. TAIL is room for what it says, as long as steps are
 * taken. */
static inline struct emit_source
emit_source(const struct row *row, struct emit_tail *tail)
{
	uint32_t len = row->data_len;
	bool more = len > EMIT_TAIL;
	uint32_t off = more ? len - EMIT_TAIL : 0;

	memset(tail->bytes + EMIT_TAIL, 0, EMIT_NEAR);
	if (len >= EMIT_TAIL)
		memcpy(tail->bytes, row->data + off, EMIT_TAIL);
	else if (len > 0)
		memcpy(tail->bytes, row->data, len);
	return (struct emit_source){.ends = row->ends,
	    .data = row->data,
	    .tail = tail->bytes,
	    .len = len,
	    .last = more ? len - EMIT_NEAR : 0,
	    .off = off};
}

/* As row_ranked, with EMIT_NEAR bytes at P: both ends at once. Before the first
 * end there are bytes of the row, too, which the mask takes away. */
static inline struct str
emit_value(struct emit_source s, const struct emit_step *step)
{
	const unsigned char *p = s.ends + step->at - 2;
	uint32_t both = ((uint32_t)p[0] | (uint32_t)p[1] << 8 |
			    (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24) &
			step->mask;
	uint32_t from = both & 0xffff, to = both >> 16;

	if (to > s.len || from > to) { /* only where bytes are no row of ours */
		to = to > s.len ? s.len : to;
		from = from > to ? to : from;
	}
	if (from >= s.last)
		return (struct str){s.tail + (from - s.off), to - from};
	return (struct str){s.data + from, to - from};
}

/* Copies V; EMIT_NEAR bytes of both may be touched. */
static inline char *
emit_copy(char *p, struct str v)
{
	memcpy(p, v.p, EMIT_NEAR);
	if (v.n > EMIT_NEAR)
		memcpy(p + EMIT_NEAR, v.p + EMIT_NEAR, v.n - EMIT_NEAR);
	return p + v.n;
}

/* The separators of a gap, eight bytes at P. */
static inline char *
emit_gap(char *p, size_t n, char sep)
{
	uint64_t seps = EIGHT_ONES * (unsigned char)sep;

	memcpy(p, &seps, sizeof(seps));
	return p + n;
}

#ifdef __SSE2__
#include <emmintrin.h>

static inline __m128i
emit_like(__m128i w, char c)
{
	return _mm_cmpeq_epi8(w, _mm_set1_epi8(c));
}

static inline __m128i
emit_below(__m128i w, char top)
{
	return _mm_cmpeq_epi8(_mm_min_epu8(w, _mm_set1_epi8(top)), w);
}

/* Of sixteen bytes those in CLASSES, which the compiler knows. */
static inline uint64_t
emit_marks(const char *p, unsigned classes)
{
	__m128i w = _mm_loadu_si128((const void *)p), hit;

	if (classes & BYTE_JSON)
		hit = emit_below(w, 0x1f);
	else
		hit = _mm_or_si128(emit_like(w, '\n'), emit_like(w, '\r'));
	if (classes & BYTE_TSV)
		hit = _mm_or_si128(hit, emit_like(w, '\t'));
	if (classes & (BYTE_CSV | BYTE_JSON))
		hit = _mm_or_si128(hit, emit_like(w, '"'));
	if (classes & BYTE_CSV)
		hit = _mm_or_si128(hit, emit_like(w, ','));
	if (classes & (BYTE_TSV | BYTE_JSON))
		hit = _mm_or_si128(hit, emit_like(w, '\\'));
	return (uint64_t)_mm_movemask_epi8(hit);
}

/* Is there a C in V, which is as emit_value gives it? */
static inline bool
emit_has(struct str v, char c)
{
	__m128i w = _mm_loadu_si128((const void *)v.p);
	__m128i x = _mm_loadu_si128((const void *)(v.p + 16));
	uint64_t marks = (uint64_t)_mm_movemask_epi8(emit_like(w, c)) |
			 (uint64_t)_mm_movemask_epi8(emit_like(x, c)) << 16;

	if (v.n > EMIT_NEAR)
		return str_chr(v, c) < v.n;
	return marks & ((UINT64_C(1) << v.n) - 1);
}

/* Is a byte of V in one of CLASSES? V is as emit_value gives it. */
static inline bool
emit_dirty(struct str v, unsigned classes)
{
	uint64_t marks;

	if (v.n > EMIT_NEAR)
		return emit_span(v, classes) < v.n;
	marks = emit_marks(v.p, classes) | emit_marks(v.p + 16, classes) << 16;
	return marks & ((UINT64_C(1) << v.n) - 1);
}
#else
static inline bool
emit_has(struct str v, char c)
{
	return str_chr(v, c) < v.n;
}

static inline bool
emit_dirty(struct str v, unsigned classes)
{
	return emit_span(v, classes) < v.n;
}
#endif

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
