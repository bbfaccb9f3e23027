/* SPDX-License-Identifier: ISC */
/* crm-body: copies the header line, runs a command on the rest. */
#include "cli/cli.h"

#include <errno.h>
#include <unistd.h>

static const struct command command = {
    .name = "crm-body",
    .synopsis = "crm-body COMMAND [ARGUMENT...]",
    .examples = "crm-find contact | crm-body sort -k 2\n"
		"crm-find -f id,city contact | crm-body grep Bern\n"
		"crm-body shuf -n 10 < contacts.tsv",
    .wrapper = true,
};

static enum crm_err
input_failed(struct cli *c)
{
	return diag_set(
	    &c->diag, CRM_IO, "standard input: %s", strerror(errno));
}

/* Appends what comes next, at most N bytes; *got is how many. */
static enum crm_err
input_read(struct cli *c, struct buf *line, size_t n, size_t *got)
{
	char *p = buf_room(line, n);
	if (p == NULL)
		return diag_nomem(&c->diag);
	ptrdiff_t r;
	do {
		r = read(STDIN_FILENO, p, n);
	} while (r < 0 && errno == EINTR);
	if (r < 0)
		return input_failed(c);
	*got = (size_t)r;
	line->n += *got;
	return CRM_OK;
}

/* Gives back what was read behind the first LINE bytes. */
static enum crm_err
input_return(struct cli *c, struct buf *text, size_t line)
{
	size_t more = text->n - line;

	text->n = line;
	if (more > 0 && lseek(STDIN_FILENO, -(off_t)more, SEEK_CUR) < 0)
		return input_failed(c);
	return CRM_OK;
}

/*
 * The first line with its LF into the output. What follows is the command's:
 * of a pipe nothing is read beyond the LF, hence single bytes there.
 */
static enum crm_err
header_copy(struct cli *c)
{
	enum { CHUNK = 4096 };
	struct buf *line = &c->out.buf;
	bool seekable = lseek(STDIN_FILENO, 0, SEEK_CUR) >= 0;
	size_t seen = 0, got = 0;

	for (;;) {
		enum crm_err err =
		    input_read(c, line, seekable ? CHUNK : 1, &got);
		if (err != CRM_OK)
			return err;
		size_t lf =
		    seen + str_chr(str_from_pos(str_of(line), seen), '\n');
		if (lf < line->n)
			return input_return(c, line, lf + 1);
		if (got == 0)
			break;
		if (line->n > CRM_RECORD_MAX)
			return diag_set(&c->diag, CRM_DATA,
			    "standard input:1: more than %d bytes in a line",
			    (int)CRM_RECORD_MAX);
		seen = line->n;
	}
	if (line->n > 0)
		buf_addc(line, '\n');
	return CRM_OK;
}

/* Becomes the command; returns only when it could not. */
static enum crm_err
body_run(struct cli *c, char **argv, int *status)
{
	enum { NOT_RUNNABLE = 126, NOT_FOUND = 127 };

	if (c->nwords == 0)
		return diag_set(
		    &c->diag, CRM_USAGE, "no command; see crm-body -h");
	c->out.page_rows = 0;
	enum crm_err err = header_copy(c);
	if (err != CRM_OK)
		buf_reset(&c->out.buf); /* half a header helps nobody */
	if (err == CRM_OK)
		err = out_flush(&c->out, &c->diag);
	if (err != CRM_OK)
		return err;
	execvp(argv[0], argv);
	*status = errno == ENOENT ? NOT_FOUND : NOT_RUNNABLE;
	return diag_set(&c->diag, CRM_USAGE, "%s: %s", argv[0],
	    errno == ENOENT ? "no such command" : strerror(errno));
}

int
main(int argc, char **argv)
{
	struct cli c;
	int special = 0;
	int status = cli_start(&c, &command, argc, argv);
	if (status >= 0)
		return status;
	enum crm_err err = body_run(&c, argv + c.opt.operand, &special);
	status = cli_end(&c, err);
	return special ? special : status;
}
