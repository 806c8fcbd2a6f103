/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Findings: what a check, a comparison or a read-back found missing, different or in use.
 *
 * A unit that finds something adds it to a list; the control unit turns each into one nested
 * netlink attribute, the tool into one line.  Lists are owned by one swap or one netlink dump and
 * are not locked.  Nothing here decides anything except which severity is the worst so far.
 */
#ifndef _SEGUE_FINDING_H
#define _SEGUE_FINDING_H

#include <linux/list.h>
#include <linux/types.h>
#include "uapi/segue.h"

/**
 * struct segue_finding - one thing that was found
 * @node: in &segue_findings.list
 * @severity: what it means for the swap
 * @kind: what it is about
 * @index: byte offset of a function in its table, or number of a feature bit
 * @was: value under the generation that was live
 * @now: value under the other one
 * @structure: C struct of the function table, or name of the feature set; static storage, or NULL
 * @name: what it is about, for people
 */
struct segue_finding {
	struct list_head node;
	enum segue_severity severity;
	enum segue_kind kind;
	u32 index;
	u64 was;
	u64 now;
	const char *structure;
	char name[SEGUE_TEXT_LEN];
};

/**
 * struct segue_findings - a list of findings
 * @list: of &struct segue_finding, oldest first
 * @worst: highest severity in the list
 * @lost: one could not be stored for want of memory; counts as incompatible, never as absent
 */
struct segue_findings {
	struct list_head list;
	enum segue_severity worst;
	bool lost;
};

void segue_findings_init(struct segue_findings *found);
void segue_findings_free(struct segue_findings *found);

/* Each of these may sleep. */
__printf(3, 4)
void segue_found_text(struct segue_findings *found, enum segue_severity severity,
		      const char *fmt, ...);
__printf(3, 4)
void segue_found_user(struct segue_findings *found, enum segue_severity severity,
		      const char *fmt, ...);
void segue_found_op(struct segue_findings *found, enum segue_severity severity,
		    const char *structure, u32 offset);
void segue_found_feature(struct segue_findings *found, enum segue_severity severity,
			 const char *set, u32 bit);
__printf(5, 6)
void segue_found_limit(struct segue_findings *found, enum segue_severity severity,
		       u64 was, u64 now, const char *fmt, ...);
__printf(5, 6)
void segue_found_setting(struct segue_findings *found, enum segue_severity severity,
			 u64 was, u64 now, const char *fmt, ...);

#endif /* _SEGUE_FINDING_H */
