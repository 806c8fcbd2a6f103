/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/**
 * DOC: The segue generic netlink family
 *
 * One family, "segue", carries everything the segue command asks of the kernel; one multicast
 * group, "events", carries what a running swap reports.  All commands need CAP_SYS_MODULE in the
 * initial user namespace, because whoever exchanges a driver decides which code the kernel runs;
 * the two read-only dumps and the event group are open to CAP_NET_ADMIN too.
 *
 * Life of an update, as the command performs it:
 *
 * 1. SESSION_OPEN names the driver.  From here until the session closes, a driver that this process
 *    registers by loading a module is *held*: it is registered with its bus as a standby generation
 *    and is not bound to any device.  There is one session at a time on a machine; a second one is
 *    refused with -EBUSY and an extended ack that names the driver and the process that hold the
 *    first.
 * 2. The process loads the new module images with init_module(2).
 * 3. SWAP asks for the exchange and is answered at once with the swap's number.  The swap runs in a
 *    kernel thread and does not depend on the process: it goes on when the process dies.
 * 4. EVENT messages report each step as it begins and ends, each finding (a missing function, a
 *    setting that differs), and at the end one message per device and one for the whole swap with
 *    its result.
 * 5. SESSION_CLOSE, or the closing of the socket, ends the session as soon as no swap is running.
 *
 * Times are in nanoseconds of CLOCK_MONOTONIC.  Strings are NUL-terminated.  Every refusal sets an
 * extended-ack message that says what was found, what was needed and what to do.
 */
#ifndef _UAPI_SEGUE_H
#define _UAPI_SEGUE_H

#define SEGUE_GENL_NAME		"segue"
#define SEGUE_GENL_VERSION	1
#define SEGUE_MCGRP_EVENTS	"events"

/* Longest name of a driver, device, module or kernel object, with its NUL. */
#define SEGUE_NAME_LEN		64

/* Longest text of a finding, with its NUL. */
#define SEGUE_TEXT_LEN		192

/**
 * enum segue_cmd - commands of the family
 * @SEGUE_CMD_UNSPEC: never sent
 * @SEGUE_CMD_SESSION_OPEN: take the machine's one session. In: DRIVER, optional BUS, optional
 *	SESSION_KIND. Errors: -EBUSY another session (named in the extended ack), -EOPNOTSUPP a
 *	kernel function that Segue must redirect is redirected by someone else (named).
 * @SEGUE_CMD_SESSION_CLOSE: give the session back. Errors: -EPERM not this socket's.
 * @SEGUE_CMD_CHECK: look, without touching anything, whether the devices of DRIVER (or the one
 *	DEVICE) can be swapped. A dump: one message per device, with its FINDINGs. In: DRIVER,
 *	optional BUS, DEVICE, FLAGS.
 * @SEGUE_CMD_SWAP: exchange the driver of all devices (or the one DEVICE) of DRIVER. In: DRIVER,
 *	GENERATION (the one to make live), optional BUS, DEVICE, FLAGS, CARRIER_MS, VERIFY_MS,
 *	SPARE. Out: SWAP_ID. Needs the session. With SPARE, devices of the live generation that the
 *	new one fails on get that one in its place. Once the live one has left a device, the spare
 *	one stands in for it: it gets its number, and the other a new one.
 * @SEGUE_CMD_COMMIT: give up the standby generations of DRIVER: their modules may be unloaded by
 *	the session's process afterwards. In: DRIVER, optional BUS. Out: one MODULE per module to
 *	unload, in the order in which they must be unloaded. Needs the session.
 * @SEGUE_CMD_GENERATION_GET: dump of the generations that Segue knows: DRIVER, BUS, GENERATION,
 *	ROLE, MODULE, DEVICES. Drivers that are exchanged only together with another one are left
 *	out.
 * @SEGUE_CMD_DEVICE_GET: dump of the devices that were ever swapped: DEVICE, BUS, DRIVER, OBJECT,
 *	CLASS, GENERATION, DEVICE_STATE.
 * @SEGUE_CMD_STATUS_GET: the running swap or, if none runs, the last one: SWAP_ID, DRIVER, STEP,
 *	RESULT.
 * @SEGUE_CMD_EVENT: multicast only, see &enum segue_event.
 */
enum segue_cmd {
	SEGUE_CMD_UNSPEC,
	SEGUE_CMD_SESSION_OPEN,
	SEGUE_CMD_SESSION_CLOSE,
	SEGUE_CMD_CHECK,
	SEGUE_CMD_SWAP,
	SEGUE_CMD_COMMIT,
	SEGUE_CMD_GENERATION_GET,
	SEGUE_CMD_DEVICE_GET,
	SEGUE_CMD_STATUS_GET,
	SEGUE_CMD_EVENT,

	__SEGUE_CMD_MAX,
};

#define SEGUE_CMD_MAX (__SEGUE_CMD_MAX - 1)

/**
 * enum segue_attr - attributes of the family
 * @SEGUE_A_UNSPEC: never sent
 * @SEGUE_A_PAD: padding of 64-bit attributes
 * @SEGUE_A_DRIVER: string, name of the logical driver as under /sys/bus/BUS/drivers
 * @SEGUE_A_BUS: string, name of the bus as under /sys/bus
 * @SEGUE_A_DEVICE: string, name of the device as under /sys/bus/BUS/devices
 * @SEGUE_A_OBJECT: string, the kernel object that stays: a network interface's name, a disk's and
 *	how many more
 * @SEGUE_A_CLASS: string, the class of the object: "network", "block"
 * @SEGUE_A_MODULE: string, name of a loaded module
 * @SEGUE_A_GENERATION: u32, number of a generation within its driver, from 1
 * @SEGUE_A_ROLE: u8, &enum segue_role
 * @SEGUE_A_DEVICES: u32, number of devices bound to a generation
 * @SEGUE_A_DEVICE_STATE: u8, &enum segue_device_state
 * @SEGUE_A_FLAGS: u32, &enum segue_flag bits
 * @SEGUE_A_CARRIER_MS: u32, how long to wait for the link to come back, or for disks, milliseconds
 * @SEGUE_A_VERIFY_MS: u32, within how long the new generation must have carried traffic,
 *	milliseconds; 0: do not ask for traffic
 * @SEGUE_A_SWAP_ID: u32, number of a swap since Segue was loaded, from 1
 * @SEGUE_A_STEP: u8, &enum segue_step
 * @SEGUE_A_EVENT: u8, &enum segue_event
 * @SEGUE_A_RESULT: u8, &enum segue_result
 * @SEGUE_A_ERRNO: s32, 0 or a negative error number
 * @SEGUE_A_TIME_NS: u64, moment of an event, ns of CLOCK_MONOTONIC
 * @SEGUE_A_DURATION_NS: u64, length of the step, ns
 * @SEGUE_A_DRIVER_NS: u64, how much of it was spent in the drivers' own functions, ns
 * @SEGUE_A_PAUSE_NS: u64, from the moment the object was held to the moment it carried traffic
 *	again, ns
 * @SEGUE_A_TEXT: string, one line for people
 * @SEGUE_A_FINDING: nest of &enum segue_finding_attr
 * @SEGUE_A_SESSION_KIND: u8, &enum segue_session_kind
 * @SEGUE_A_PID: u32, process that holds the session
 * @SEGUE_A_SPARE: u32, number of a generation that is in charge of nothing: another copy, just
 *	loaded, of the one that is live
 */
enum segue_attr {
	SEGUE_A_UNSPEC,
	SEGUE_A_PAD,
	SEGUE_A_DRIVER,
	SEGUE_A_BUS,
	SEGUE_A_DEVICE,
	SEGUE_A_OBJECT,
	SEGUE_A_CLASS,
	SEGUE_A_MODULE,
	SEGUE_A_GENERATION,
	SEGUE_A_ROLE,
	SEGUE_A_DEVICES,
	SEGUE_A_DEVICE_STATE,
	SEGUE_A_FLAGS,
	SEGUE_A_CARRIER_MS,
	SEGUE_A_VERIFY_MS,
	SEGUE_A_SWAP_ID,
	SEGUE_A_STEP,
	SEGUE_A_EVENT,
	SEGUE_A_RESULT,
	SEGUE_A_ERRNO,
	SEGUE_A_TIME_NS,
	SEGUE_A_DURATION_NS,
	SEGUE_A_DRIVER_NS,
	SEGUE_A_PAUSE_NS,
	SEGUE_A_TEXT,
	SEGUE_A_FINDING,
	SEGUE_A_SESSION_KIND,
	SEGUE_A_PID,
	SEGUE_A_SPARE,

	__SEGUE_A_MAX,
};

#define SEGUE_A_MAX (__SEGUE_A_MAX - 1)

/**
 * enum segue_finding_attr - one thing that was found different, missing or in use
 * @SEGUE_FINDING_A_UNSPEC: never sent
 * @SEGUE_FINDING_A_PAD: padding of 64-bit attributes
 * @SEGUE_FINDING_A_SEVERITY: u8, &enum segue_severity
 * @SEGUE_FINDING_A_KIND: u8, &enum segue_kind
 * @SEGUE_FINDING_A_STRUCT: string, for KIND OP the C struct of the function table (its members'
 *	names are in the kernel's BTF), for KIND FEATURE the name of the feature set
 * @SEGUE_FINDING_A_INDEX: u32, for KIND OP the byte offset of the member in the struct, for KIND
 *	FEATURE the bit number
 * @SEGUE_FINDING_A_WAS: u64, value under the generation that was live
 * @SEGUE_FINDING_A_NOW: u64, value under the other generation
 * @SEGUE_FINDING_A_NAME: string, what it is about: "max_mtu", "rx ring", "vlan eth0.7"
 */
enum segue_finding_attr {
	SEGUE_FINDING_A_UNSPEC,
	SEGUE_FINDING_A_PAD,
	SEGUE_FINDING_A_SEVERITY,
	SEGUE_FINDING_A_KIND,
	SEGUE_FINDING_A_STRUCT,
	SEGUE_FINDING_A_INDEX,
	SEGUE_FINDING_A_WAS,
	SEGUE_FINDING_A_NOW,
	SEGUE_FINDING_A_NAME,

	__SEGUE_FINDING_A_MAX,
};

#define SEGUE_FINDING_A_MAX (__SEGUE_FINDING_A_MAX - 1)

/**
 * enum segue_severity - what a finding means for the swap
 * @SEGUE_SEVERITY_INFO: for information: a user of the device, a limit that grew
 * @SEGUE_SEVERITY_DIFFERS: a setting reads back differently after the replay; the swap goes on
 * @SEGUE_SEVERITY_INCOMPATIBLE: the new generation offers less; refused unless ALLOW_INCOMPATIBLE
 * @SEGUE_SEVERITY_IMPOSSIBLE: cannot be swapped, whatever the flags
 */
enum segue_severity {
	SEGUE_SEVERITY_INFO,
	SEGUE_SEVERITY_DIFFERS,
	SEGUE_SEVERITY_INCOMPATIBLE,
	SEGUE_SEVERITY_IMPOSSIBLE,
};

/**
 * enum segue_kind - what a finding is about
 * @SEGUE_KIND_TEXT: NAME says all
 * @SEGUE_KIND_OP: a function of a table (STRUCT, INDEX) is missing
 * @SEGUE_KIND_FEATURE: a feature bit (STRUCT, INDEX) is missing
 * @SEGUE_KIND_LIMIT: a limit NAME is lower: WAS, NOW
 * @SEGUE_KIND_SETTING: a setting NAME: WAS, NOW
 * @SEGUE_KIND_USER: NAME uses the object
 */
enum segue_kind {
	SEGUE_KIND_TEXT,
	SEGUE_KIND_OP,
	SEGUE_KIND_FEATURE,
	SEGUE_KIND_LIMIT,
	SEGUE_KIND_SETTING,
	SEGUE_KIND_USER,
};

/**
 * enum segue_role - the part a generation plays
 * @SEGUE_ROLE_STANDBY: loaded and registered, in charge of no device; kept for rollback, or not yet
 *	used
 * @SEGUE_ROLE_LIVE: in charge of the driver's devices
 */
enum segue_role {
	SEGUE_ROLE_STANDBY,
	SEGUE_ROLE_LIVE,
};

/**
 * enum segue_device_state - how a device that was swapped stands
 * @SEGUE_DEVICE_LIVE: a driver is in charge
 * @SEGUE_DEVICE_COVERED: a swap is running and the shadow impersonates the driver
 * @SEGUE_DEVICE_DEGRADED: neither generation would start; the shadow goes on covering: the object
 *	stays, carries no traffic, and another swap may be tried
 */
enum segue_device_state {
	SEGUE_DEVICE_LIVE,
	SEGUE_DEVICE_COVERED,
	SEGUE_DEVICE_DEGRADED,
};

/**
 * enum segue_flag - how to swap
 * @SEGUE_FLAG_ALLOW_INCOMPATIBLE: go on although the new generation offers less
 * @SEGUE_FLAG_WITH_SPARE: for CHECK: a SPARE will be given
 */
enum segue_flag {
	SEGUE_FLAG_ALLOW_INCOMPATIBLE = 1 << 0,
	SEGUE_FLAG_WITH_SPARE = 1 << 1,
};

/**
 * enum segue_step - steps of a planned update, in order
 * @SEGUE_STEP_CHECK: nothing is touched: is the object known, can it be covered
 * @SEGUE_STEP_CAPTURE: settings are read through the class interface, while everything still runs
 * @SEGUE_STEP_COVER: the shadow starts impersonating; the object is held
 * @SEGUE_STEP_STOP: the old generation closes and leaves the device; the object is kept
 * @SEGUE_STEP_START: the new generation probes the device and is given the object
 * @SEGUE_STEP_COMPARE: does it offer what the old one offered
 * @SEGUE_STEP_REPLAY: settings are put in, the device is opened, settings are read back
 * @SEGUE_STEP_VERIFY: the link is back and traffic flows
 * @SEGUE_STEP_UNCOVER: the shadow stops impersonating
 */
enum segue_step {
	SEGUE_STEP_CHECK,
	SEGUE_STEP_CAPTURE,
	SEGUE_STEP_COVER,
	SEGUE_STEP_STOP,
	SEGUE_STEP_START,
	SEGUE_STEP_COMPARE,
	SEGUE_STEP_REPLAY,
	SEGUE_STEP_VERIFY,
	SEGUE_STEP_UNCOVER,

	__SEGUE_STEP_MAX,
};

/**
 * enum segue_event - what an EVENT message reports
 * @SEGUE_EVENT_SWAP_BEGIN: SWAP_ID, DRIVER, GENERATION, DEVICES
 * @SEGUE_EVENT_STEP_BEGIN: SWAP_ID, DEVICE, OBJECT, STEP
 * @SEGUE_EVENT_STEP_END: the same, ERRNO, DURATION_NS, DRIVER_NS
 * @SEGUE_EVENT_UNDO_BEGIN: SWAP_ID, DEVICE, OBJECT, STEP
 * @SEGUE_EVENT_UNDO_END: the same, ERRNO, DURATION_NS, DRIVER_NS
 * @SEGUE_EVENT_FINDING: SWAP_ID, DEVICE, OBJECT, STEP, FINDING
 * @SEGUE_EVENT_DEVICE_END: SWAP_ID, DEVICE, OBJECT, RESULT, ERRNO, PAUSE_NS, STEP (that failed),
 *	TEXT
 * @SEGUE_EVENT_SWAP_END: SWAP_ID, DRIVER, RESULT, ERRNO
 */
enum segue_event {
	SEGUE_EVENT_SWAP_BEGIN,
	SEGUE_EVENT_STEP_BEGIN,
	SEGUE_EVENT_STEP_END,
	SEGUE_EVENT_UNDO_BEGIN,
	SEGUE_EVENT_UNDO_END,
	SEGUE_EVENT_FINDING,
	SEGUE_EVENT_DEVICE_END,
	SEGUE_EVENT_SWAP_END,
};

/**
 * enum segue_result - how a swap ended
 * @SEGUE_RESULT_NONE: it has not ended
 * @SEGUE_RESULT_DONE: the new generation is live
 * @SEGUE_RESULT_REFUSED: nothing was touched
 * @SEGUE_RESULT_ROLLED_BACK: it failed and the old generation is live again
 * @SEGUE_RESULT_DEGRADED: it failed and the old generation would not start: see
 *	SEGUE_DEVICE_DEGRADED
 * @SEGUE_RESULT_GONE: the device was removed in the middle
 */
enum segue_result {
	SEGUE_RESULT_NONE,
	SEGUE_RESULT_DONE,
	SEGUE_RESULT_REFUSED,
	SEGUE_RESULT_ROLLED_BACK,
	SEGUE_RESULT_DEGRADED,
	SEGUE_RESULT_GONE,
};

/**
 * enum segue_session_kind - what the session's process is about to do with modules
 * @SEGUE_SESSION_UPDATE: load: drivers it registers are held as standby generations
 * @SEGUE_SESSION_COMMIT: unload modules of standby generations
 */
enum segue_session_kind {
	SEGUE_SESSION_UPDATE,
	SEGUE_SESSION_COMMIT,
};

#endif /* _UAPI_SEGUE_H */
