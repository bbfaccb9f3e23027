/* SPDX-License-Identifier: ISC */
/* term: what a terminal changes: width, colour, questions. */
#include "cli/rooms.h"

#include "base/num.h"
#include "cli/msg.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

static size_t
env_size(const char *name)
{
	enum { SIZE_LIMIT = 10000 };
	const char *value = getenv(name);
	uint64_t n;

	if (value == NULL || !num_u64(str_from(value), &n) || n > SIZE_LIMIT)
		return 0;
	return (size_t)n;
}

bool
term_is(int fd)
{
	return isatty(fd) == 1;
}

void
term_size(int fd, size_t *columns, size_t *lines)
{
	struct winsize w = {0};

	if (fd < 0 || ioctl(fd, TIOCGWINSZ, &w) != 0)
		w = (struct winsize){0};
	*columns = w.ws_col > 0 ? w.ws_col : env_size("COLUMNS");
	*lines = w.ws_row > 0 ? w.ws_row : env_size("LINES");
}

bool
term_colour(const char *when, bool tty)
{
	if (when != NULL && strcmp(when, "always") == 0)
		return true;
	if (!tty || (when != NULL && strcmp(when, "never") == 0))
		return false;
	const char *none = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	return (none == NULL || *none == '\0') && term != NULL &&
	       *term != '\0' && strcmp(term, "dumb") != 0;
}

/* One line from the terminal; its first character, 0 when there is none. */
static char
answer_read(void)
{
	char first = 0;
	char c;

	for (bool begun = false;; begun = true) {
		ptrdiff_t n = read(STDIN_FILENO, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || c == '\n')
			return first;
		if (!begun)
			first = c;
	}
}

enum crm_err
cli_confirm(struct cli *c, const char *question, bool *yes)
{
	struct buf line = {0};

	*yes = c->opt.yes;
	if (c->opt.yes)
		return CRM_OK;
	if (!term_is(STDIN_FILENO) || !term_is(STDERR_FILENO))
		return diag_set(&c->diag, CRM_USAGE,
		    "%s there is no terminal to ask on; write -y", question);
	if (c->store != NULL)
		store_pause(c->store);
	buf_addf(&line, "%s: %s [y/N] ", c->cmd->name, question);
	bool asked = !line.failed &&
		     write(STDERR_FILENO, line.p, line.n) == (ptrdiff_t)line.n;
	buf_clear(&line);
	char answer = asked ? answer_read() : 'n';
	*yes = answer == 'y' || answer == 'Y';
	return CRM_OK;
}

static enum crm_err
format_choose(struct cli *c, enum format fallback, enum format *out)
{
	if (c->opt.format == NULL) {
		*out = c->tty_out && !c->opt.nul ? FORMAT_TABLE : fallback;
		return CRM_OK;
	}
	if (format_from(str_from(c->opt.format), out))
		return CRM_OK;
	return diag_set(&c->diag, CRM_USAGE,
	    "-O: unknown format '%s'; write tsv, csv, json, jsonl, us or "
	    "table",
	    c->opt.format);
}

/* What --delimiter says: a sign that no value of a cell depends on. */
static enum crm_err
delimiter_read(struct cli *c, char *out)
{
	static const char signs[] = "\t,;:|!#$%&*/<>?^`{}~";
	const char *text = c->opt.delimiter;

	*out = '\0';
	if (text == NULL)
		return CRM_OK;
	if (strcmp(text, "tab") == 0)
		text = "\t";
	if (text[0] == '\0' || text[1] != '\0' ||
	    strchr(signs, text[0]) == NULL)
		return diag_set(&c->diag, CRM_USAGE,
		    "--delimiter: cannot part cells with '%s'; write ';', '|' "
		    "or tab",
		    text);
	*out = text[0];
	return CRM_OK;
}

enum crm_err
cli_emit(struct cli *c, enum format fallback, struct emit **out)
{
	enum { WIDTH_UNKNOWN = 80 };
	struct emit_options o = {
	    .no_header = c->opt.no_header,
	    .nul = c->opt.nul,
	    .raw = c->opt.raw,
	    .crlf = c->opt.crlf,
	    .bom = c->opt.bom,
	    .colour = term_colour(c->opt.color, c->tty_out),
	    .zone = &c->clock.zone,
	};
	size_t lines;

	enum crm_err err = format_choose(c, fallback, &o.format);
	if (err != CRM_OK)
		return err;
	err = delimiter_read(c, &o.delimiter);
	if (err != CRM_OK)
		return err;
	c->out.safe = o.format == FORMAT_TABLE;
	if (c->out.safe)
		clock_settle(&c->clock);
	term_size(c->tty_out ? c->out.fd : -1, &o.width, &lines);
	if (c->tty_out && o.width == 0)
		o.width = WIDTH_UNKNOWN;
	return emit_new(out, &o, &c->out.buf, &c->diag);
}
