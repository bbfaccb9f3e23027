/* SPDX-License-Identifier: ISC */
/* progress: rows, rate and the time that is left. */
#include "cli/progress.h"

#include <time.h>
#include <unistd.h>

static const int64_t second = 1000000000;

static int64_t
now(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) != 0)
		return 0;
	return (int64_t)t.tv_sec * second + t.tv_nsec;
}

void
progress_start(struct progress *p, const struct cli *c)
{
	*p = (struct progress){.on = !c->opt.quiet && term_is(STDERR_FILENO)};
	p->started = now();
	p->said = p->started + second - second / 4;
}

/* What does not go out is lost: it is a help, not a result. */
static void
line_print(struct progress *p, struct buf *line)
{
	size_t n = line->n;

	while (line->n < p->width)
		buf_addc(line, ' ');
	if (line->failed)
		return;
	ptrdiff_t wrote = write(STDERR_FILENO, "\r", 1);
	if (wrote == 1)
		wrote = write(STDERR_FILENO, line->p, line->n);
	p->width = wrote > 0 ? n : p->width;
}

static void
time_add(struct buf *line, uint64_t seconds)
{
	if (seconds >= 3600)
		buf_addf(line, "%llu:%02llu:%02llu",
		    (unsigned long long)(seconds / 3600),
		    (unsigned long long)(seconds / 60 % 60),
		    (unsigned long long)(seconds % 60));
	else
		buf_addf(line, "%llu:%02llu",
		    (unsigned long long)(seconds / 60),
		    (unsigned long long)(seconds % 60));
}

void
progress_tell(struct progress *p, uint64_t rows, uint64_t done, uint64_t total)
{
	struct buf line = {0};
	int64_t t = p->on ? now() : 0;
	double took;

	if (!p->on || t - p->said < second / 4)
		return;
	p->said = t;
	took = (double)(t - p->started) / (double)second;
	buf_addf(&line, "%llu rows, %.0f a second", (unsigned long long)rows,
	    took > 0 ? (double)rows / took : 0);
	if (total > 0 && done > 0 && done <= total) {
		double part = (double)done / (double)total;

		buf_addf(&line, ", %.0f %%, ", part * 100);
		time_add(&line, (uint64_t)(took / part - took));
		buf_addz(&line, " left");
	}
	line_print(p, &line);
	buf_clear(&line);
}

void
progress_wipe(struct progress *p)
{
	struct buf line = {0};

	if (p->width == 0)
		return;
	line_print(p, &line);
	if (write(STDERR_FILENO, "\r", 1) == 1)
		p->width = 0;
	buf_clear(&line);
}
