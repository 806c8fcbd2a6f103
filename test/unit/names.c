// SPDX-License-Identifier: GPL-2.0
/* Words for numbers. */
#include <bpf/btf.h>

#include "names.h"
#include "netlink.h"
#include "unit.h"

static void test_tables(void)
{
	unsigned int i;

	for (i = 0; i < __SEGUE_STEP_MAX; i++)
		CHECK(strcmp(names_step(i), "unknown"));
	for (i = 0; i <= SEGUE_RESULT_GONE; i++)
		CHECK(strcmp(names_result(i), "unknown"));
	for (i = 0; i <= SEGUE_EVENT_SWAP_END; i++)
		CHECK(strcmp(names_event(i), "unknown"));
	for (i = 0; i <= SEGUE_KIND_USER; i++)
		CHECK(strcmp(names_kind(i), "unknown"));
	CHECK_TEXT(names_step(__SEGUE_STEP_MAX), "unknown");
	CHECK_TEXT(names_severity(SEGUE_SEVERITY_IMPOSSIBLE), "impossible");
	CHECK_TEXT(names_severity(UINT64_MAX), "unknown");
	CHECK_TEXT(names_role(SEGUE_ROLE_LIVE), "live");
	CHECK_TEXT(names_device_state(SEGUE_DEVICE_DEGRADED), "degraded");
}

/* A machine without type information shows offsets. */
static void test_members(void)
{
	char text[128];

	names_member("net_device_ops", 8, text, sizeof(text));
	CHECK(!strcmp(text, "ndo_uninit") || !strcmp(text, "offset 8"));
	names_member("no_such_struct", 24, text, sizeof(text));
	CHECK_TEXT(text, "offset 24");
	names_member("net_device_ops", 1, text, sizeof(text));
	CHECK_TEXT(text, "offset 1");
	names_feature("no-such-if", 3, text, sizeof(text));
	CHECK_TEXT(text, "bit 3");
}

static void test_findings(void)
{
	struct finding finding = { .kind = SEGUE_KIND_LIMIT, .was = 9000, .now = 1500,
				   .has_values = true, .name = "max_mtu" };
	char text[256], small[8];

	names_finding(&finding, "eth0", text, sizeof(text));
	CHECK_TEXT(text, "max_mtu was 9000, is 1500");
	names_finding(&finding, "eth0", small, sizeof(small));
	CHECK_TEXT(small, "max_mtu");
	finding = (struct finding){ .kind = SEGUE_KIND_OP, .index = 24, .table = "no_such_struct" };
	names_finding(&finding, "eth0", text, sizeof(text));
	CHECK_TEXT(text, "function no_such_struct.offset 24 is missing");
	finding = (struct finding){ .kind = 200, .name = "something new" };
	names_finding(&finding, "eth0", text, sizeof(text));
	CHECK_TEXT(text, "something new");
}

int main(void)
{
	test_tables();
	test_members();
	test_findings();
	names_free();
	return unit_end();
}
