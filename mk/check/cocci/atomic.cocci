// SPDX-License-Identifier: GPL-2.0
/// Something that sleeps, in a section that must not.

virtual report

@sleeps exists@
position p;
@@

(
rcu_read_lock();
|
preempt_disable();
|
spin_lock(...);
|
spin_lock_bh(...);
|
spin_lock_irqsave(...);
|
netif_tx_lock_bh(...);
)
... when != rcu_read_unlock()
    when != preempt_enable()
    when != spin_unlock(...)
    when != spin_unlock_bh(...)
    when != spin_unlock_irqrestore(...)
    when != netif_tx_unlock_bh(...)
(
mutex_lock@p(...)
|
rtnl_lock@p()
|
msleep@p(...)
|
usleep_range@p(...)
|
synchronize_rcu@p()
|
synchronize_net@p()
|
wait_for_completion@p(...)
|
flush_work@p(...)
|
cancel_work_sync@p(...)
|
kmalloc@p(..., GFP_KERNEL)
|
kzalloc@p(..., GFP_KERNEL)
|
kcalloc@p(..., GFP_KERNEL)
)

@script:python depends on report@
p << sleeps.p;
@@

coccilib.report.print_report(p[0], "sleeps where it must not")
