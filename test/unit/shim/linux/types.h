/* SPDX-License-Identifier: GPL-2.0 */
/* As much of the kernel's header as its pure units need in user space. */
#ifndef SEGUE_TEST_SHIM_TYPES_H
#define SEGUE_TEST_SHIM_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;

#endif /* SEGUE_TEST_SHIM_TYPES_H */
