# SPDX-License-Identifier: GPL-2.0
#
# Everything that is made goes to build/.
#
#	make			the tool, and the modules for KVER (default: the running kernel)
#	make install		both, on this machine
#	make check		static checks and unit tests, seconds
#	make test		check, then every scenario in virtual machines
#	make demo		updates under load, with pictures
#	make bench		the table of pauses and costs
#	make test-debug		the scenarios on a kernel with every debugging aid
#	make soak		a thousand swaps in one virtual machine
#	make crash		power cuts within swaps of disk drivers
#	make fuzz		the ELF reader under libFuzzer
#	make clean		remove what was built; downloaded kernels stay
#	make distclean		remove build/

BUILD ?= $(CURDIR)/build
KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build
prefix ?= /usr/local
DESTDIR ?=

.PHONY: all
all: tool kmod

.PHONY: tool
tool:
	@mk/deps.sh build
	$(MAKE) -C tool BUILD=$(BUILD)/tool

# The sources are copied because kbuild leaves its products beside them; only what changed is copied, so
# that only what changed is compiled.
kmod_copy = $(BUILD)/kmod-$(KVER)

.PHONY: kmod
kmod:
	@mk/deps.sh build
	@test -e $(KDIR)/Makefile || { echo "no kernel headers at $(KDIR): install linux-headers-$(KVER) or give KDIR=" >&2; exit 1; }
	@mkdir -p $(kmod_copy)
	rsync -a --checksum kmod uapi $(kmod_copy)/
	$(MAKE) -C $(KDIR) M=$(kmod_copy)/kmod modules

.PHONY: install
install: all
	$(MAKE) -C tool BUILD=$(BUILD)/tool DESTDIR=$(DESTDIR) prefix=$(prefix) install
	install -d $(DESTDIR)/lib/modules/$(KVER)/updates
	install -m 644 $(kmod_copy)/kmod/*.ko $(DESTDIR)/lib/modules/$(KVER)/updates/
	$(if $(DESTDIR),,depmod $(KVER))

-include mk/check.mk
-include mk/test.mk
-include mk/demo.mk
-include mk/bench.mk

.PHONY: clean
clean:
	rm -rf $(BUILD)/tool $(BUILD)/kmod-* $(BUILD)/drivers $(BUILD)/vm $(BUILD)/log $(BUILD)/check

.PHONY: distclean
distclean:
	rm -rf $(BUILD)
