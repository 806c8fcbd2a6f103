// SPDX-License-Identifier: GPL-2.0
#include "shim.h"

static unsigned long *local_data;
static unsigned long states;

static const struct symbol table[] = {
	{ "other", __SCK__segue_other, __SCT__segue_other, 0 },
	{ "states", 0, 0, &states },
};

int resolve(const struct symbol *symbols, int count)
{
	int i, err = 0;

	for (i = 0; i < count; i++)
		if (!__SCT__segue_kallsyms_lookup_name(symbols[i].name)) {
			_printk("no symbol %s\n", symbols[i].name);
			err = -2;
		}
	for (i = 0; !err && i < count; i++) {
		unsigned long address = __SCT__segue_kallsyms_lookup_name(symbols[i].name);

		if (symbols[i].data)
			*symbols[i].data = address;
		else
			__static_call_update(symbols[i].key, symbols[i].trampoline, (void *)address);
	}
	return err;
}

int init(void)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	int err = register_kprobe(&probe);

	if (err)
		return err;
	__static_call_update(__SCK__segue_lookup, __SCT__segue_kallsyms_lookup_name, probe.addr);
	unregister_kprobe(&probe);
	return resolve(table, 2);
}

unsigned long hook_address(const char *function)
{
	unsigned long address = __SCT__segue_kallsyms_lookup_name(function);

	return address ? __SCT__segue_ftrace_location(address) : 0;
}

unsigned long read_state(int i)
{
	local_data = (unsigned long *)__SCT__segue_kallsyms_lookup_name("states");
	return local_data[i];
}

unsigned long segue_compat_address(const char *function)
{
	return __SCT__segue_kallsyms_lookup_name(function);
}
