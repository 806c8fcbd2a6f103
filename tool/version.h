/* SPDX-License-Identifier: GPL-2.0 */
/* The version of the command. */
#ifndef SEGUE_TOOL_VERSION_H
#define SEGUE_TOOL_VERSION_H

#define SEGUE_VERSION "0.1.0"

#endif /* SEGUE_TOOL_VERSION_H */
