// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include "finding.h"

void segue_findings_init(struct segue_findings *found)
{
	INIT_LIST_HEAD(&found->list);
	found->worst = SEGUE_SEVERITY_INFO;
	found->lost = false;
}
EXPORT_SYMBOL_GPL(segue_findings_init);

/* Leaves an empty list behind, ready for use. */
void segue_findings_free(struct segue_findings *found)
{
	struct segue_finding *finding, *next;

	list_for_each_entry_safe(finding, next, &found->list, node)
		kfree(finding);
	segue_findings_init(found);
}
EXPORT_SYMBOL_GPL(segue_findings_free);

/*
 * Appends a finding without a name. A finding that cannot be stored must not let a swap pass that
 * it would have refused, so it counts as incompatible at least.
 */
static struct segue_finding *segue_finding_add(struct segue_findings *found,
					       enum segue_severity severity, enum segue_kind kind)
{
	struct segue_finding *finding = kzalloc(sizeof(*finding), GFP_KERNEL);

	if (!finding) {
		found->lost = true;
		severity = max(severity, SEGUE_SEVERITY_INCOMPATIBLE);
	} else {
		finding->severity = severity;
		finding->kind = kind;
		list_add_tail(&finding->node, &found->list);
	}
	found->worst = max(found->worst, severity);
	return finding;
}

__printf(2, 0)
static void segue_finding_name(struct segue_finding *finding, const char *fmt, va_list args)
{
	if (finding)
		vscnprintf(finding->name, sizeof(finding->name), fmt, args);
}

void segue_found_text(struct segue_findings *found, enum segue_severity severity,
		      const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	segue_finding_name(segue_finding_add(found, severity, SEGUE_KIND_TEXT), fmt, args);
	va_end(args);
}
EXPORT_SYMBOL_GPL(segue_found_text);

void segue_found_user(struct segue_findings *found, enum segue_severity severity,
		      const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	segue_finding_name(segue_finding_add(found, severity, SEGUE_KIND_USER), fmt, args);
	va_end(args);
}
EXPORT_SYMBOL_GPL(segue_found_user);

void segue_found_op(struct segue_findings *found, enum segue_severity severity,
		    const char *structure, u32 offset)
{
	struct segue_finding *finding = segue_finding_add(found, severity, SEGUE_KIND_OP);

	if (!finding)
		return;
	finding->structure = structure;
	finding->index = offset;
}
EXPORT_SYMBOL_GPL(segue_found_op);

void segue_found_feature(struct segue_findings *found, enum segue_severity severity,
			 const char *set, u32 bit)
{
	struct segue_finding *finding = segue_finding_add(found, severity, SEGUE_KIND_FEATURE);

	if (!finding)
		return;
	finding->structure = set;
	finding->index = bit;
}
EXPORT_SYMBOL_GPL(segue_found_feature);

__printf(6, 0)
static void segue_found_values(struct segue_findings *found, enum segue_severity severity,
			       enum segue_kind kind, u64 was, u64 now, const char *fmt,
			       va_list args)
{
	struct segue_finding *finding = segue_finding_add(found, severity, kind);

	if (!finding)
		return;
	finding->was = was;
	finding->now = now;
	segue_finding_name(finding, fmt, args);
}

void segue_found_limit(struct segue_findings *found, enum segue_severity severity,
		       u64 was, u64 now, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	segue_found_values(found, severity, SEGUE_KIND_LIMIT, was, now, fmt, args);
	va_end(args);
}
EXPORT_SYMBOL_GPL(segue_found_limit);

void segue_found_setting(struct segue_findings *found, enum segue_severity severity,
			 u64 was, u64 now, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	segue_found_values(found, severity, SEGUE_KIND_SETTING, was, now, fmt, args);
	va_end(args);
}
EXPORT_SYMBOL_GPL(segue_found_setting);
