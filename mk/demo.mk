# SPDX-License-Identifier: GPL-2.0
#
# make demo: updates under load, of an interface and of a disk, with pictures in build/demo.  ACTS=net or ACTS=disk shows
# only one of them.

.PHONY: demo
demo:
	@test/demo/run $(ACTS)
