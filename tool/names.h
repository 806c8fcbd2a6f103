/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Words for the numbers of the kernel interface; the one place where they stand.
 *
 * Members of function tables are named from the kernel's own type information, feature bits by
 * the kernel's string set; where neither is there, the number is shown.
 */
#ifndef SEGUE_TOOL_NAMES_H
#define SEGUE_TOOL_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct finding;

const char *names_step(uint64_t step);
const char *names_result(uint64_t result);
const char *names_severity(uint64_t severity);
const char *names_kind(uint64_t kind);
const char *names_role(uint64_t role);
const char *names_device_state(uint64_t state);
const char *names_event(uint64_t event);

/* "member" of struct @table at @offset bytes, or "offset N". */
void names_member(const char *table, uint32_t offset, char *text, size_t size);

/* Name of feature bit @bit as network interface @object knows it, or "bit N". */
void names_feature(const char *object, uint32_t bit, char *text, size_t size);

/* A finding in words, without its severity. */
void names_finding(const struct finding *finding, const char *object, char *text, size_t size);

void names_free(void);

#endif /* SEGUE_TOOL_NAMES_H */
