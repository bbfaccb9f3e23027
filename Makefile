# SPDX-License-Identifier: ISC
# make | check | bench | install | uninstall | clean     see README
#   SAN=address,undefined   build with sanitizers, in a folder of its own
#   SHARED=1                link the system's shared libraries (packagers)
#   WERROR=1                warnings are errors (make check sets it)
#   WITH_GIT=0              without the git history (no libgit2 needed)
#   SIZE=1m                 bench: contacts, 100k when not given
CC ?= cc
AR ?= ar
prefix ?= /usr/local
exec_prefix ?= $(prefix)
bindir ?= $(exec_prefix)/bin
datarootdir ?= $(prefix)/share
mandir ?= $(datarootdir)/man
VERSION := 0.1.0

B := build/$(notdir $(CC))$(if $(SAN),-$(subst $(shell echo ,),-,$(SAN)))$(if $(SHARED),-shared)$(if $(filter 0,$(WITH_GIT)),-nogit)
WARN := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wformat=2 -Wvla \
	-Wundef -Wwrite-strings -Wimplicit-fallthrough -Wnull-dereference
CFLAGS ?= -O2 -g
override CFLAGS += -std=c17 $(WARN) -fstack-protector-strong \
	$(if $(SAN),,-ffunction-sections) \
	$(if $(WERROR),-Werror) \
	$(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -O1 -gline-tables-only)
override CPPFLAGS += -Ilib -Icmd -D_POSIX_C_SOURCE=200809L -DCRM_VERSION='"$(VERSION)"'
# A start maps what a command has in it: no function that nobody there calls, and
# in one piece, two mappings fewer.
override LDFLAGS += $(if $(SAN),-fsanitize=$(SAN),-Wl,--gc-sections \
	$(if $(SHARED),,-static -Wl,-z,noseparate-code))
LIBS := -llmdb -lutf8proc -lpcre2-8 -lpthread
# crm-import reads what others write: iconv wants the system's own libc.
$B/bin/crm-import: override LDFLAGS := $(filter-out -static,$(LDFLAGS))
$B/bin/crm-import: override LIBS := $(if $(SAN)$(SHARED),-lcsv -ljansson \
	$(LIBS),-Wl,-Bstatic -lcsv -ljansson $(LIBS) -Wl,-Bdynamic)

WITH_GIT ?= 1
HISTORY_SRC := $(wildcard lib/history/*.c)
LIB_SRC := $(filter-out $(HISTORY_SRC),$(wildcard lib/*/*.c))
PROFILES := $(sort $(wildcard lib/crm/profiles/*.profile))
LIB_OBJ := $(LIB_SRC:%.c=$B/%.o) $B/gen/profiles.o
# Only crm-history sees git, and nothing of git's is linked statically.
ifeq ($(WITH_GIT),0)
HISTORY_SRC :=
HISTORY_LIB :=
else
# No other object knows: builds with and without have the same (scripts/check).
$B/cmd/crm-history.o: override CPPFLAGS += -DCRM_WITH_GIT
HISTORY_LIB := $B/libhistory.a
ifneq ($(SAN)$(SHARED),)
HISTORY_LIBS := -lgit2 -lnettle -lz
else
HISTORY_LIBS := -Wl,-Bstatic -lnettle -llmdb -lutf8proc -lpcre2-8 -Wl,-Bdynamic -lgit2 -lz
endif
$B/bin/crm-history $B/tests/history_%: override LDFLAGS := $(filter-out -static,$(LDFLAGS))
$B/bin/crm-history $B/tests/history_%: override LIBS := $(HISTORY_LIBS) $(LIBS)
endif
# A command of many files has a folder that bears its name.
CMD_SRC := $(filter-out $(if $(HISTORY_LIB),,\
	cmd/crm-history/git.c cmd/crm-history/no_tls.c),\
	$(wildcard cmd/*/*.c))
HISTORY_OBJ := $(HISTORY_SRC:%.c=$B/%.o)
CMDS := $(patsubst cmd/%.c,%,$(wildcard cmd/*.c))
BINS := $(CMDS:%=$B/bin/%)
UNITS := $(patsubst tests/lib/%.c,$B/tests/%,$(filter-out \
	$(if $(HISTORY_LIB),,tests/lib/history_%),$(wildcard tests/lib/*.c)))
TOOLS := $(patsubst tests/tools/%.c,$B/tools/%,$(wildcard tests/tools/*.c))
MANS := $(wildcard man/*.[157])

.DELETE_ON_ERROR:
.PHONY: all units tools check bench bench-tools install uninstall clean format
all: $(BINS)
units: $(UNITS) tools
tools: $(TOOLS)

$B/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
# Tests are compiled more often than they run.
$B/tests/lib/%.o: override CFLAGS += -O0
$B/cmd/%.o $B/lib/cli/%.o $B/lib/crm/%.o $B/lib/query/%.o: override CFLAGS += \
	$(if $(SAN),-O0)
$B/gen/profiles.c: lib/crm/profiles/embed.awk $(PROFILES) lib/crm/profiles
	@mkdir -p $(@D)
	LC_ALL=C awk -f $< $(PROFILES) >$@
$B/gen/profiles.o: $B/gen/profiles.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
$B/libcrm.a: $(LIB_OBJ)
	rm -f $@; $(AR) rcs $@ $^
$B/libhistory.a: $(HISTORY_OBJ)
	rm -f $@; $(AR) rcs $@ $^
$B/bin/crm-history: $(HISTORY_LIB)
$(foreach o,$(CMD_SRC:%.c=$B/%.o),\
	$(eval $B/bin/$(notdir $(patsubst %/,%,$(dir $o))): $o))
$B/bin/%: $B/cmd/%.o $B/libcrm.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $(filter %.o,$^) \
		$(filter %/libhistory.a,$^) $B/libcrm.a $(LIBS)
$B/tests/history_%: $B/tests/lib/history_%.o $(HISTORY_LIB) $B/libcrm.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $^ -lcmocka $(LIBS)
$B/tests/%: $B/tests/lib/%.o $B/libcrm.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(filter-out -static,$(LDFLAGS)) -Wl,--as-needed -o $@ $^ -lcmocka -lcsv -ljansson $(LIBS)
$B/tools/%: $B/tests/tools/%.o $B/libcrm.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(filter-out -static,$(LDFLAGS)) -Wl,--as-needed -o $@ $^ $(LIBS)
# What bench compares with, and measures by.
BENCH := generate timer limit limit-dynamic empty empty-static
LIMIT_OBJ := $(patsubst %.c,$B/%.o,$(wildcard tests/bench/limit*.c))
bench-tools: $(BENCH:%=$B/bench/%)
$B/bench/limit $B/bench/limit-dynamic: $(LIMIT_OBJ)
$B/bench/generate $B/bench/timer $B/bench/empty: $B/bench/%: $B/tests/bench/%.o
$B/bench/empty-static: $B/tests/bench/empty.o
$(BENCH:%=$B/bench/%): override LDFLAGS := $(filter-out -static,$(LDFLAGS))
$B/bench/limit $B/bench/empty-static: override LDFLAGS += $(if $(SAN),,-static)
$(BENCH:%=$B/bench/%):
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $^ -llmdb -lcsv -lpthread
.PRECIOUS: $B/%.o

check: all units $(if $(SAN),,bench-tools)
	B=$(abspath $B) SAN=$(SAN) SHARED=$(SHARED) WITH_GIT=$(WITH_GIT) tests/run

bench:
	scripts/setup bench
	$(MAKE) -j2 all bench-tools
	B=$(abspath $B) tests/bench/run $(SIZE)

install: all
	install -d $(DESTDIR)$(bindir) $(DESTDIR)$(mandir)/man1 \
	    $(DESTDIR)$(mandir)/man5 $(DESTDIR)$(mandir)/man7
	install -m 755 $(BINS) $(DESTDIR)$(bindir)
	for m in $(MANS); do install -m 644 $$m \
	    $(DESTDIR)$(mandir)/man$${m##*.}/ || exit 1; done
uninstall:
	cd $(DESTDIR)$(bindir) && rm -f $(CMDS)
	for m in $(notdir $(MANS)); do rm -f \
	    $(DESTDIR)$(mandir)/man$${m##*.}/$$m; done
clean:
	rm -rf build
format:
	clang-format -i $(wildcard cmd/*.c cmd/*/*.[ch] lib/*/*.[ch] tests/*/*.[ch])

-include $(LIB_OBJ:.o=.d) $(HISTORY_OBJ:.o=.d) $(patsubst %.c,$B/%.d,\
	$(wildcard cmd/*.c cmd/*/*.c tests/lib/*.c tests/tools/*.c tests/bench/*.c))
