# SPDX-License-Identifier: GPL-2.0
#
# make demo: an update under load, with a picture in build/demo.

.PHONY: demo
demo:
	@test/demo/run
