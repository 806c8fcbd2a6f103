/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints of a swap: numbers as in uapi/segue.h. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM segue

#if !defined(_SEGUE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SEGUE_TRACE_H

#include <linux/tracepoint.h>

TRACE_EVENT(segue_step,
	TP_PROTO(u32 swap, const char *device, unsigned int event, unsigned int step, int err,
		 u64 duration_ns, u64 driver_ns),
	TP_ARGS(swap, device, event, step, err, duration_ns, driver_ns),
	TP_STRUCT__entry(
		__field(u32, swap)
		__string(device, device)
		__field(unsigned int, event)
		__field(unsigned int, step)
		__field(int, err)
		__field(u64, duration_ns)
		__field(u64, driver_ns)
	),
	TP_fast_assign(
		__entry->swap = swap;
		segue_compat_assign_str(device, device);
		__entry->event = event;
		__entry->step = step;
		__entry->err = err;
		__entry->duration_ns = duration_ns;
		__entry->driver_ns = driver_ns;
	),
	TP_printk("swap=%u device=%s event=%u step=%u err=%d duration_ns=%llu driver_ns=%llu",
		  __entry->swap, __get_str(device), __entry->event, __entry->step, __entry->err,
		  __entry->duration_ns, __entry->driver_ns)
);

TRACE_EVENT(segue_swap,
	TP_PROTO(u32 swap, const char *driver, unsigned int event, unsigned int result, int err),
	TP_ARGS(swap, driver, event, result, err),
	TP_STRUCT__entry(
		__field(u32, swap)
		__string(driver, driver)
		__field(unsigned int, event)
		__field(unsigned int, result)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->swap = swap;
		segue_compat_assign_str(driver, driver);
		__entry->event = event;
		__entry->result = result;
		__entry->err = err;
	),
	TP_printk("swap=%u driver=%s event=%u result=%u err=%d", __entry->swap, __get_str(driver),
		  __entry->event, __entry->result, __entry->err)
);

#endif /* _SEGUE_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
