// SPDX-License-Identifier: GPL-2.0
/// A function that gives RTNL back on one path keeps it on another. Functions that only take it are fine.

virtual report

@unlocks exists@
position lock;
@@

rtnl_lock@lock();
... when any
rtnl_unlock();

@keeps exists@
position unlocks.lock, out;
@@

rtnl_lock@lock();
... when != rtnl_unlock()
return@out ...;

@script:python depends on report@
out << keeps.out;
lock << unlocks.lock;
@@

coccilib.report.print_report(out[0], "returns with RTNL held, taken in line %s" % lock[0].line)
