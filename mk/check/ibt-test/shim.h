/* SPDX-License-Identifier: GPL-2.0 */
/* What the objects of the self-test need of the kernel, under the kernel's names. */
#ifndef _IBT_TEST_SHIM_H
#define _IBT_TEST_SHIM_H

struct kprobe {
	void *addr;
	const char *symbol_name;
	void *private[14];
};

struct symbol {
	const char *name;
	void *key;
	void *trampoline;
	unsigned long *data;
};

extern char __SCK__segue_lookup[];
extern char __SCK__segue_other[];
extern char __SCT__segue_other[];

unsigned long __SCT__segue_kallsyms_lookup_name(const char *name);
unsigned long segue_compat_address(const char *function);
unsigned long segue_compat_hook_location(unsigned long address);
unsigned long __SCT__segue_ftrace_location(unsigned long ip);
void __static_call_update(void *key, void *trampoline, void *function);
int register_kprobe(struct kprobe *probe);
void unregister_kprobe(struct kprobe *probe);
int _printk(const char *fmt, ...);

#endif /* _IBT_TEST_SHIM_H */
