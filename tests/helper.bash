# SPDX-License-Identifier: ISC
# What every bats file loads: a fresh store, a fixed clock, our binaries.
: "${B:?B is not set: run the tests with make check}"
PATH=$B/bin:$PATH
unset XDG_DATA_HOME XDG_CONFIG_HOME VISUAL EDITOR NO_COLOR POSIXLY_CORRECT
export PATH TZ=UTC LC_ALL=C CRM_TODAY=2026-03-02 CRM_PAGER=cat
export HOME=$BATS_TEST_TMPDIR/home CRM_STORE=$BATS_TEST_TMPDIR/store
mkdir -p "$HOME"
TAB=$(printf '\t')
# run_split CMD...: like run, with standard error in $errors
run_split() {
	run errors_apart "$@"
	IFS= read -r -d '' errors <"$BATS_TEST_TMPDIR/err" || :
	while [[ $errors == *$'\n' ]]; do
		errors=${errors%$'\n'}
	done
}
# Nothing is started for it: tests do this by the thousand.
errors_apart() {
	"$@" 2>"$BATS_TEST_TMPDIR/err"
}
