/* SPDX-License-Identifier: ISC */
/* edit: a text in the user's editor. */
#include "cli/cli.h"

#include "cli/msg.h"
#include "cli/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static const char *
editor_command(void)
{
	static const char *const names[] = {"VISUAL", "EDITOR"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);
		if (value != NULL && value[strspn(value, " \t")] != '\0')
			return value;
	}
	return "vi";
}

/* A folder of our own, so that the editor's other files are private too.
 * DIR becomes its path and FILE that of the text in it. */
static enum crm_err
place_new(
    const char *suffix, struct buf *dir, struct buf *file, struct diag *dg)
{
	const char *tmp = getenv("TMPDIR");

	buf_addf(
	    dir, "%s/crm-XXXXXX", tmp != NULL && tmp[0] == '/' ? tmp : "/tmp");
	if (dir->failed)
		return diag_nomem(dg);
	if (mkdtemp(dir->p) == NULL)
		return msg_errno(dg, dir->p, errno);
	buf_addf(file, "%s/text.%s", dir->p, suffix);
	return file->failed ? diag_nomem(dg) : CRM_OK;
}

static enum crm_err
file_write(const char *path, struct str text, struct diag *dg)
{
	enum crm_err err = CRM_OK;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return msg_errno(dg, path, errno);
	for (size_t at = 0; at < text.n && err == CRM_OK;) {
		ptrdiff_t n = write(fd, text.p + at, text.n - at);
		if (n >= 0)
			at += (size_t)n;
		else if (errno != EINTR)
			err = msg_errno(dg, path, errno);
	}
	if (close(fd) != 0 && err == CRM_OK)
		err = msg_errno(dg, path, errno);
	return err;
}

/* Keys like ^C are the editor's while it runs. */
static enum crm_err
editor_run(struct cli *c, const char *command, const char *path)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction was_int, was_quit;
	enum crm_err err = CRM_OK;

	sigemptyset(&ignore.sa_mask);
	if (c->store != NULL)
		store_pause(c->store);
	sigaction(SIGINT, &ignore, &was_int);
	sigaction(SIGQUIT, &ignore, &was_quit);
	pid_t pid = spawn_start(command, path, -1);
	int error = errno;
	int status = pid < 0 ? 0 : spawn_wait(pid);
	sigaction(SIGINT, &was_int, NULL);
	sigaction(SIGQUIT, &was_quit, NULL);
	if (pid < 0)
		err = diag_set(&c->diag, CRM_USAGE,
		    "editor '%s': %s; set EDITOR", command, strerror(error));
	else if (status != 0)
		err = diag_set(&c->diag, CRM_USAGE,
		    "editor '%s' ended with status %d", command, status);
	return err;
}

/* The text as it was before is not worth keeping. */
static bool
text_changed(struct cli *c, const char *path, struct str before)
{
	struct buf now = {0};
	struct cli quiet = *c;

	quiet.diag = (struct diag){0};
	bool same = cli_slurp(&quiet, path, &now) == CRM_OK &&
		    str_eq(str_of(&now), before);
	diag_clear(&quiet.diag);
	buf_clear(&now);
	return !same;
}

static enum crm_err
text_edit(struct cli *c, const char *path, struct buf *text)
{
	enum crm_err err = file_write(path, str_of(text), &c->diag);
	if (err != CRM_OK)
		return err;
	err = editor_run(c, editor_command(), path);
	if (err != CRM_OK)
		return err;
	struct buf now = {0};
	err = cli_slurp(c, path, &now);
	if (err != CRM_OK) {
		buf_clear(&now);
		return err;
	}
	buf_clear(text);
	*text = now;
	return CRM_OK;
}

enum crm_err
cli_edit(struct cli *c, const char *suffix, struct buf *text)
{
	struct buf dir = {0};
	struct buf file = {0};

	if (!term_is(STDIN_FILENO) || !term_is(STDOUT_FILENO))
		return diag_set(&c->diag, CRM_USAGE,
		    "there is no terminal for an editor; "
		    "give the values as operands");
	enum crm_err err = place_new(suffix, &dir, &file, &c->diag);
	if (err != CRM_OK)
		goto out;
	err = text_edit(c, file.p, text);
	if (err != CRM_OK && text_changed(c, file.p, str_of(text))) {
		diag_more(&c->diag, "; the text is kept in %s", file.p);
		goto out;
	}
	unlink(file.p);
	rmdir(dir.p); /* stays when the editor left something there */
out:
	buf_clear(&dir);
	buf_clear(&file);
	return err;
}
