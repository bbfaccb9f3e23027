/* SPDX-License-Identifier: ISC */
/*
 * on-pty [-c] COMMAND...: runs COMMAND on a pseudo-terminal of 200 columns and
 * copies what it shows to standard output. The exit status is the command's;
 * it is 99, with a line on standard error, when something came out that a
 * terminal would obey: a control byte, C1, a bidi control, an invalid byte.
 * -c lets colours through.
 */
#define _XOPEN_SOURCE 700 /* posix_openpt */
#define _DEFAULT_SOURCE	  /* struct winsize */
#include "base/str.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { OBEYED = 99 };

/* The ranges are written out here once more: the program's own table of what
 * is dangerous is what is tested. */
static bool
obeyed(uint32_t c)
{
	static const uint32_t ranges[][2] = {{0x00, 0x08}, {0x0b, 0x0c},
	    {0x0e, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, {0x61c, 0x61c},
	    {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
	    {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f}};

	for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return true;
	return false;
}

/* Length of ESC [ digits and semicolons m at the start of S, else 0. */
static size_t
colour(struct str s)
{
	size_t n = 2;

	if (s.n < 3 || s.p[0] != '\033' || s.p[1] != '[')
		return 0;
	while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == ';'))
		n++;
	return n < s.n && s.p[n] == 'm' ? n + 1 : 0;
}

/* A CR before the LF is the terminal's own. */
static bool
line_end(struct str s)
{
	return s.n > 1 && s.p[0] == '\r' && (s.p[1] == '\n' || s.p[1] == '\r');
}

/* Offset of the first thing that a terminal obeys; s.n when there is none. */
static size_t
first_obeyed(struct str s, bool colours)
{
	size_t at = 0;

	while (at < s.n) {
		struct str rest = str_from_pos(s, at);
		size_t next = at, n = colours ? colour(rest) : 0;
		uint32_t c;

		if (n || line_end(rest)) {
			at += n ? n : 1;
			continue;
		}
		c = utf8_next(s, &next);
		if (c == '\r' || obeyed(c) || (c == 0xfffd && next == at + 1))
			return at;
		at = next;
	}
	return at;
}

static void
die(const char *what)
{
	perror(what);
	exit(125);
}

static int
terminal_open(char **name)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY);

	if (fd < 0 || grantpt(fd) != 0 || unlockpt(fd) != 0)
		die("on-pty: posix_openpt");
	*name = ptsname(fd);
	return fd;
}

/* In the child: COMMAND with the terminal as its three streams. */
static void
run(const char *name, char **command)
{
	struct winsize size = {.ws_row = 50, .ws_col = 200};
	int fd;

	if (setsid() < 0)
		die("on-pty: setsid");
	fd = open(name, O_RDWR);
	if (fd < 0 || ioctl(fd, TIOCSWINSZ, &size) != 0)
		die("on-pty: terminal");
	for (int i = 0; i < 3; i++)
		if (dup2(fd, i) < 0)
			die("on-pty: dup2");
	if (fd > 2)
		close(fd);
	execvp(command[0], command);
	perror(command[0]);
	_exit(127);
}

/* Until the other side is closed, which Linux calls an I/O error. */
static void
read_all(int fd, struct buf *out)
{
	ptrdiff_t n = 1;

	while (n > 0 || (n < 0 && errno == EINTR)) {
		char *p = buf_room(out, 65536);

		if (!p)
			die("on-pty: memory");
		n = read(fd, p, 65536);
		if (n > 0)
			out->n += (size_t)n;
	}
}

static int
judge(struct str shown, bool colours, int status)
{
	size_t at = first_obeyed(shown, colours);
	struct buf text = {0};

	if (fwrite(shown.p, 1, shown.n, stdout) != shown.n || fflush(stdout))
		die("on-pty: standard output");
	if (at < shown.n) {
		size_t from = at > 40 ? at - 40 : 0;

		utf8_visible(
		    str_head(str_from_pos(shown, from), at - from + 20), &text);
		fprintf(stderr, "on-pty: raw byte %02x in '%s'\n",
		    (unsigned)(unsigned char)shown.p[at], buf_z(&text));
		buf_clear(&text);
		return OBEYED;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
main(int argc, char **argv)
{
	bool colours = argc > 1 && strcmp(argv[1], "-c") == 0;
	char **command = argv + 1 + colours, *name;
	struct buf shown = {0};
	int fd, status;
	pid_t pid;

	if (!command[0])
		return 2;
	fd = terminal_open(&name);
	pid = fork();
	if (pid < 0)
		die("on-pty: fork");
	if (pid == 0)
		run(name, command);
	read_all(fd, &shown);
	if (waitpid(pid, &status, 0) != pid)
		die("on-pty: waitpid");
	status = judge(str_of(&shown), colours, status);
	buf_clear(&shown);
	return status;
}
