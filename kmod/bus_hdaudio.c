// SPDX-License-Identifier: GPL-2.0
/*
 * The bus of codecs of HD audio.  A controller's driver makes the devices on it, below its own
 * device, and takes them away; so this is a subordinate bus.  Nothing here links to the module that
 * has the bus, so that a machine without such a controller need not load it.
 */
#include <linux/device.h>
#include <sound/hdaudio.h>
#include "bus.h"
#include "compat.h"

static int segue_hdaudio_matches_none(struct hdac_device *dev, segue_compat_hdac_driver *drv)
{
	return 0;
}

static const void *segue_hdaudio_mask(struct device_driver *drv)
{
	struct hdac_driver *hdrv = drv_to_hdac_driver(drv);
	const void *match = hdrv->match;

	WRITE_ONCE(hdrv->match, segue_hdaudio_matches_none);
	return match;
}

static void segue_hdaudio_unmask(struct device_driver *drv, const void *ids)
{
	struct hdac_driver *hdrv = drv_to_hdac_driver(drv);

	WRITE_ONCE(hdrv->match, (typeof(hdrv->match))ids);
}

/* There are no device ids added at run time. */
static void segue_hdaudio_inherit(struct device_driver *to, struct device_driver *from)
{
}

static const struct bus_type *segue_hdaudio_type(void)
{
	return segue_compat_bus("snd_hda_bus_type");
}

const struct segue_bus segue_bus_hdaudio = {
	.name = "hdaudio",
	.subordinate = true,
	.type = segue_hdaudio_type,
	.mask = segue_hdaudio_mask,
	.unmask = segue_hdaudio_unmask,
	.inherit = segue_hdaudio_inherit,
};
