// SPDX-License-Identifier: GPL-2.0
/*
 * Control calls that began before the hooks were armed.
 *
 * The gate counts those that come through it.  Whoever was inside before is seen on its stack: in
 * the sound core's module of cards and controls, or in the driver, and on behalf of a control call.
 * Which card it is cannot be told from outside, so any one counts; it is waited for while
 * everything plays.
 */
#include <linux/kallsyms.h>
#include <linux/module.h>
#include "quiet.h"
#include "sound.h"

/* How long such a call may take before the swap is given up. */
#define SEGUE_SOUND_OLD_CALL_MS	5000

static bool segue_sound_is_system_call(unsigned long address)
{
	char name[KSYM_SYMBOL_LEN];

	/* A return address may lie behind the last instruction of its function. */
	sprint_symbol_no_offset(name, address - 1);
	return strstr(name, "sys_ioctl");
}

static bool segue_sound_is_of_cards(unsigned long address)
{
	const struct module_use *use;

	list_for_each_entry(use, &THIS_MODULE->target_list, target_list)
		if (!strcmp(use->target->name, "snd") && within_module(address, use->target))
			return true;
	return false;
}

/* The driver's module, or one that it uses and that is not of the sound core. */
static bool segue_sound_is_of_driver(const struct module *module, unsigned long address)
{
	const struct module_use *use;

	if (within_module(address, module))
		return !segue_sound_is_of_core((const void *)address);
	list_for_each_entry(use, &module->target_list, target_list)
		if (segue_sound_is_of_driver(use->target, address))
			return true;
	return false;
}

static bool segue_sound_calls_driver(const void *module, const unsigned long *frames,
				     unsigned int depth)
{
	bool inside = false;
	unsigned int i;

	for (i = 0; i < depth; i++) {
		/* It has come through the gate. */
		if (within_module(frames[i], THIS_MODULE))
			return false;
		inside |= segue_sound_is_of_cards(frames[i]) ||
			  (module && segue_sound_is_of_driver(module, frames[i]));
	}
	while (inside && depth)
		if (segue_sound_is_system_call(frames[--depth]))
			return true;
	return false;
}

/*
 * Wait until nobody is in a control call that the gate does not know of. Context: process, no lock;
 * it is this card's turn. Return: 0, or a negative error with a finding.
 */
int segue_card_wait_calls(struct segue_card *record)
{
	struct segue_target *target = record->target;
	pid_t caller = 0;
	int err = segue_quiet_wait(segue_sound_calls_driver, target->module,
				   SEGUE_SOUND_OLD_CALL_MS, &caller);

	if (caller)
		segue_found_text(&target->found, SEGUE_SEVERITY_IMPOSSIBLE,
				 "a control call (ioctl) of process %d to a sound card does not come to its end",
				 caller);
	return err;
}
