# SPDX-License-Identifier: GPL-2.0
#
# make demo: updates under load, of an interface, of a disk and of a sound card, with pictures in build/demo.  ACTS=net,
# ACTS=disk or ACTS=sound shows only one of them.

.PHONY: demo
demo:
	@test/demo/run $(ACTS)
