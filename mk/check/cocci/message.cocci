// SPDX-License-Identifier: GPL-2.0
/// A netlink message is neither sent nor freed on some path.

virtual report

@leak exists@
expression skb;
position made, out;
statement S;
@@

skb@made = \(genlmsg_new\|nlmsg_new\)(...);
... when != skb
if (\(!skb\|skb == NULL\)) S
... when != \(nlmsg_free\|kfree_skb\|consume_skb\)(skb)
    when != \(genlmsg_reply\|genlmsg_unicast\)(..., skb, ...)
    when != genlmsg_multicast(..., skb, ...)
    when != genlmsg_multicast_allns(..., skb, ...)
    when != genlmsg_reply(skb, ...)
(
return genlmsg_reply(skb, ...);
|
return genlmsg_unicast(..., skb, ...);
|
return genlmsg_multicast(..., skb, ...);
|
return skb;
|
return@out ...;
)

@script:python depends on report@
out << leak.out;
made << leak.made;
@@

coccilib.report.print_report(out[0], "returns with the message of line %s neither sent nor freed" % made[0].line)
