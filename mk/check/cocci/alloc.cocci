// SPDX-License-Identifier: GPL-2.0
/// Memory that may not have been given is used without a look.

virtual report

@unchecked exists@
expression x, e;
identifier member;
position use;
@@

x = \(kmalloc\|kzalloc\|kcalloc\|kmalloc_array\|kvmalloc\|kvzalloc\|kvcalloc\|kmemdup\|kstrdup\|kasprintf\|vmalloc\|vzalloc\|alloc_percpu\|genlmsg_new\|nlmsg_new\|malloc\|calloc\|strdup\)(...);
... when != x
(
	x->member@use
|
	*x@use
|
x@use[e]
|
memcpy(x@use, ...)
|
memset(x@use, ...)
|
strcpy(x@use, ...)
)

@script:python depends on report@
use << unchecked.use;
@@

coccilib.report.print_report(use[0], "uses memory without asking whether it was given")
