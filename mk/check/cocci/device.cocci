// SPDX-License-Identifier: GPL-2.0
/// A device found on a bus carries a reference that some path does not drop.

virtual report

@found exists@
expression dev;
position look, out;
statement S;
@@

dev@look = \(bus_find_device\|bus_find_device_by_name\|driver_find_device\|driver_find_device_by_name\)(...);
... when != dev
if (\(!dev\|dev == NULL\)) S
... when != put_device(dev)
    when != return dev;
return@out ...;

@script:python depends on report@
out << found.out;
look << found.look;
@@

coccilib.report.print_report(out[0], "returns without put_device() for the device found in line %s" % look[0].line)
