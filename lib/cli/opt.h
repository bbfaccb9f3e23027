/* SPDX-License-Identifier: ISC */
/*
 * opt: the one table of options. A letter or long name means the same in
 * every command; a command names the options it takes.
 */
#ifndef CRM_OPT_H
#define CRM_OPT_H

#include "base/base.h"
#include "base/str.h"

/* What a command is: static data in its cmd/ file. */
struct command {
	const char *name;     /* "crm-find" */
	const char *synopsis; /* lines after "usage: ", LF-separated */
	const char *examples; /* three pasteable lines, LF-separated */
	/*
	 * Long names of the options it takes, NULL-terminated, in the order
	 * of -h. There are: dry-run yes fields no-header format output null
	 * ids limit sort explode exit-status key reason type date file
	 * recursive all keep-going create empty rfm abc mail follow until
	 * every after as-of ties columns since by force raw delimiter crlf bom
	 * template for lenient profile map rejects encoding suggest. Always
	 * taken: help version quiet verbose store today color. "NAME:ARG:HELP"
	 * says it for -h in words that fit the command better than the table's.
	 */
	const char *const *takes;
	/* It runs another command: options end at the first operand, and of
	 * those always taken there are only help and version. */
	bool wrapper;
	/* It opens the output itself, with cli_output. */
	bool opens;
	/* Which operands the journal keeps, a letter each, the last one for
	 * all that follow: w a word of letters, i an id, e an id or the field
	 * of an assignment, x none. NULL: none at all. */
	const char *keeps;
};

struct opts {
	/* -q -v -n -y -H -0 -i -e -r -a */
	bool quiet, verbose, dry_run, yes, no_header, nul, ids, exit_status,
	    recursive, all;
	/* long only */
	bool keep_going, create, rfm, abc, mail, force;
	bool raw, crlf, bom, lenient, suggest;
	bool clear_empty;      /* --empty clear; --empty keep is the default */
	const char *fields;    /* -f FIELDS */
	const char *format;    /* -O FORMAT */
	const char *output;    /* -o FILE */
	const char *sort;      /* -s FIELD[,-FIELD] */
	const char *explode;   /* -x FIELD */
	const char *key;       /* -k FIELD */
	const char *reason;    /* -m TEXT */
	const char *store;     /* -S DIR */
	const char *type;      /* -t TYPE */
	const char *date;      /* -d WHEN */
	const char *file;      /* -F FILE */
	const char *follow;    /* --follow WHEN */
	const char *until;     /* --until WHEN */
	const char *every;     /* --every RULE */
	const char *after;     /* --after INTERVAL, --after TXN */
	const char *since;     /* --since WHEN */
	const char *by;	       /* --by USER */
	const char *as_of;     /* --as-of WHEN */
	const char *ties;      /* --ties together|split */
	const char *columns;   /* --columns A,B: headerless input */
	const char *today;     /* --today WHEN */
	const char *color;     /* --color auto|always|never */
	const char *delimiter; /* --delimiter CHAR: of csv; also "tab" */
	const char *template;  /* --template FILE */
	const char *purpose;   /* --for PURPOSE */
	const char *profile;   /* --profile NAME */
	const char *map;       /* --map FILE */
	const char *rejects;   /* --rejects FILE */
	const char *encoding;  /* --encoding NAME */
	uint64_t limit;	       /* -l N; UINT64_MAX when not given */
	int operand;	       /* index in argv of the first operand */
	int before_dashes; /* operands before "--"; all when there is none */
};

/*
 * Fills O from ARGV. Returns -1 to go on; else the exit status to leave with:
 * 0 after -h and -V (written to stdout, write errors are 74), 2 after a wrong
 * call (one line and "see CMD -h" on stderr; an unknown long option gets the
 * nearest name). Options may follow operands unless POSIXLY_CORRECT is set;
 * "--" ends them.
 */
int opts_parse(
    struct opts *o, const struct command *cmd, int argc, char **argv);

/* What -h prints. */
void opts_help(const struct command *cmd, struct buf *out);

/* Walks the table for crm(7) and tests: i = 0.. until NULL; letter 0 for
 * long-only options. */
const char *opts_describe(
    size_t i, int *letter, const char **long_name, const char **arg);

#endif
