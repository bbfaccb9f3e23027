/* SPDX-License-Identifier: ISC */
/* open-repository DIR: what the start of libgit2 costs by itself: opens a
 * repository and reads one ref. */
#include <git2.h>

int
main(int argc, char **argv)
{
	git_repository *r = NULL;
	git_oid id;
	int bad;

	if (argc != 2 || git_libgit2_init() < 0)
		return 2;
	bad = git_repository_open(&r, argv[1]) != 0 ||
	      git_reference_name_to_id(&id, r, "refs/heads/main") != 0;
	git_repository_free(r);
	git_libgit2_shutdown();
	return bad;
}
