// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include "compat.h"
#include "control.h"
#include "debug.h"
#include "device.h"
#include "generation.h"
#include "names.h"
#include "part.h"
#include "session.h"

static int __init segue_init(void)
{
	int err;

	err = segue_compat_init();
	if (err)
		return err;
	err = segue_generations_init();
	if (err)
		return err;
	err = segue_session_init();
	if (err)
		goto err_generations_exit;
	err = segue_names_init();
	if (err)
		goto err_session_exit;
	err = segue_parts_init();
	if (err)
		goto err_names_exit;
	err = segue_control_init();
	if (err)
		goto err_parts_exit;
	segue_debug_init();
	return 0;

err_parts_exit:
	segue_parts_exit();
err_names_exit:
	segue_names_exit();
err_session_exit:
	segue_session_exit();
err_generations_exit:
	segue_generations_exit();
	return err;
}

static void __exit segue_exit(void)
{
	segue_debug_exit();
	segue_control_exit();
	segue_parts_exit();
	segue_names_exit();
	segue_session_exit();
	segue_devices_exit();
	segue_generations_exit();
}

module_init(segue_init);
module_exit(segue_exit);

MODULE_DESCRIPTION("Replacement of running device drivers");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
