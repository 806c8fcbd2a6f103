// SPDX-License-Identifier: GPL-2.0
/* Tunables: single values of the driver and of the PHY, read and written in one way. */
#include <linux/mutex.h>
#include <linux/phy.h>
#include "net_settings_rows.h"

struct segue_net_tunable {
	const char *name;
	u32 id;
	u32 type;
	u32 len;
};

union segue_net_tunable_value {
	u8 byte;
	u16 half;
	u32 word;
};

static const struct segue_net_tunable segue_net_tunable_rows[SEGUE_NET_TUNABLE_COUNT] = {
	{ "rx-copybreak", ETHTOOL_RX_COPYBREAK, ETHTOOL_TUNABLE_U32, sizeof(u32) },
	{ "tx-copybreak", ETHTOOL_TX_COPYBREAK, ETHTOOL_TUNABLE_U32, sizeof(u32) },
	{ "tx-buf-size", ETHTOOL_TX_COPYBREAK_BUF_SIZE, ETHTOOL_TUNABLE_U32, sizeof(u32) },
	{ "pfc-prevention-tout", ETHTOOL_PFC_PREVENTION_TOUT, ETHTOOL_TUNABLE_U16, sizeof(u16) },
};

static const struct segue_net_tunable segue_net_phy_tunable_rows[SEGUE_NET_PHY_TUNABLE_COUNT] = {
	{ "PHY downshift", ETHTOOL_PHY_DOWNSHIFT, ETHTOOL_TUNABLE_U8, sizeof(u8) },
	{ "PHY fast-link-down", ETHTOOL_PHY_FAST_LINK_DOWN, ETHTOOL_TUNABLE_U8, sizeof(u8) },
	{ "PHY energy-detect-power-down", ETHTOOL_PHY_EDPD, ETHTOOL_TUNABLE_U16, sizeof(u16) },
};

static u32 segue_net_tunable_unpack(const struct segue_net_tunable *row,
				    const union segue_net_tunable_value *value)
{
	switch (row->len) {
	case sizeof(u8):
		return value->byte;
	case sizeof(u16):
		return value->half;
	default:
		return value->word;
	}
}

static void segue_net_tunable_pack(const struct segue_net_tunable *row, u32 from,
				   union segue_net_tunable_value *value)
{
	value->word = 0;
	switch (row->len) {
	case sizeof(u8):
		value->byte = from;
		break;
	case sizeof(u16):
		value->half = from;
		break;
	default:
		value->word = from;
	}
}

/* The kernel asks a PHY's own driver first. */
static struct phy_device *segue_net_phy(const struct segue_net_driver *driver)
{
	struct phy_device *phy = driver->nd->phydev;

	return phy && phy->drv && phy->drv->get_tunable ? phy : NULL;
}

static int segue_net_phy_tunable_get(const struct segue_net_driver *driver,
				     const struct ethtool_tunable *tunable, void *value)
{
	struct phy_device *phy = segue_net_phy(driver);
	int err;

	if (!phy)
		return driver->ops->get_phy_tunable ?
		       driver->ops->get_phy_tunable(driver->nd, tunable, value) : -EOPNOTSUPP;
	mutex_lock(&phy->lock);
	err = phy->drv->get_tunable(phy, (struct ethtool_tunable *)tunable, value);
	mutex_unlock(&phy->lock);
	return err;
}

static void segue_net_phy_tunable_set(const struct segue_net_driver *driver,
				      const struct ethtool_tunable *tunable, const void *value)
{
	struct phy_device *phy = segue_net_phy(driver);

	if (phy && phy->drv->set_tunable) {
		mutex_lock(&phy->lock);
		phy->drv->set_tunable(phy, (struct ethtool_tunable *)tunable, value);
		mutex_unlock(&phy->lock);
	} else if (!phy && driver->ops->set_phy_tunable) {
		driver->ops->set_phy_tunable(driver->nd, tunable, value);
	}
}

static int segue_net_tunable_get(const struct segue_net_driver *driver,
				 const struct ethtool_tunable *tunable, void *value)
{
	return driver->ops->get_tunable ?
	       driver->ops->get_tunable(driver->nd, tunable, value) : -EOPNOTSUPP;
}

static void segue_net_tunable_set(const struct segue_net_driver *driver,
				  const struct ethtool_tunable *tunable, const void *value)
{
	if (driver->ops->set_tunable)
		driver->ops->set_tunable(driver->nd, tunable, value);
}

/* Whose tunables: how they are got and set. */
struct segue_net_tunable_kind {
	const struct segue_net_tunable *rows;
	unsigned int count;
	u32 get_cmd;
	u32 set_cmd;
	int (*get)(const struct segue_net_driver *driver, const struct ethtool_tunable *tunable,
		   void *value);
	void (*set)(const struct segue_net_driver *driver, const struct ethtool_tunable *tunable,
		    const void *value);
};

static const struct segue_net_tunable_kind segue_net_of_driver = {
	.rows = segue_net_tunable_rows,
	.count = SEGUE_NET_TUNABLE_COUNT,
	.get_cmd = ETHTOOL_GTUNABLE,
	.set_cmd = ETHTOOL_STUNABLE,
	.get = segue_net_tunable_get,
	.set = segue_net_tunable_set,
};

static const struct segue_net_tunable_kind segue_net_of_phy = {
	.rows = segue_net_phy_tunable_rows,
	.count = SEGUE_NET_PHY_TUNABLE_COUNT,
	.get_cmd = ETHTOOL_PHY_GTUNABLE,
	.set_cmd = ETHTOOL_PHY_STUNABLE,
	.get = segue_net_phy_tunable_get,
	.set = segue_net_phy_tunable_set,
};

static int segue_net_tunables_read(const struct segue_net_driver *driver,
				   const struct segue_net_tunable_kind *kind,
				   struct segue_net_tunables *saved)
{
	unsigned int i;

	memset(saved, 0, sizeof(*saved));
	for (i = 0; i < kind->count; i++) {
		const struct ethtool_tunable tunable = {
			.cmd = kind->get_cmd,
			.id = kind->rows[i].id,
			.type_id = kind->rows[i].type,
			.len = kind->rows[i].len,
		};
		union segue_net_tunable_value value = { .word = 0 };

		if (kind->get(driver, &tunable, &value))
			continue;
		saved->known |= BIT(i);
		saved->values[i] = segue_net_tunable_unpack(&kind->rows[i], &value);
	}
	return saved->known ? 0 : -EOPNOTSUPP;
}

static void segue_net_tunables_write(const struct segue_net_driver *driver,
				     const struct segue_net_tunable_kind *kind,
				     const struct segue_net_tunables *want,
				     const struct segue_net_tunables *now)
{
	unsigned int i;

	for (i = 0; i < kind->count; i++) {
		const struct ethtool_tunable tunable = {
			.cmd = kind->set_cmd,
			.id = kind->rows[i].id,
			.type_id = kind->rows[i].type,
			.len = kind->rows[i].len,
		};
		union segue_net_tunable_value value;

		if (!(want->known & now->known & BIT(i)) || want->values[i] == now->values[i])
			continue;
		segue_net_tunable_pack(&kind->rows[i], want->values[i], &value);
		kind->set(driver, &tunable, &value);
	}
}

static void segue_net_tunables_diff(const struct segue_net_tunable_kind *kind,
				    const struct segue_net_tunables *want,
				    const struct segue_net_tunables *now,
				    struct segue_findings *found)
{
	unsigned int i;

	for (i = 0; i < kind->count; i++) {
		if (!(want->known & BIT(i)))
			continue;
		if (now->known & BIT(i))
			segue_net_differs(found, want->values[i], now->values[i],
					  kind->rows[i].name);
		else
			segue_found_text(found, SEGUE_SEVERITY_DIFFERS, "%s cannot be read back",
					 kind->rows[i].name);
	}
}

static int segue_net_tunable_index(const struct segue_net_tunable_kind *kind,
				   const struct segue_net_tunables *saved,
				   const struct ethtool_tunable *tunable)
{
	unsigned int i;

	for (i = 0; i < kind->count; i++)
		if (kind->rows[i].id == tunable->id && kind->rows[i].len == tunable->len &&
		    saved->known & BIT(i))
			return i;
	return -EOPNOTSUPP;
}

static int segue_net_tunables_answer(const struct segue_net_tunable_kind *kind,
				     const struct segue_net_tunables *saved,
				     const struct ethtool_tunable *tunable, void *data)
{
	int i = segue_net_tunable_index(kind, saved, tunable);
	union segue_net_tunable_value value;

	if (i < 0)
		return i;
	segue_net_tunable_pack(&kind->rows[i], saved->values[i], &value);
	memcpy(data, &value, kind->rows[i].len);
	return 0;
}

static int segue_net_tunables_record(const struct segue_net_tunable_kind *kind,
				     struct segue_net_tunables *saved,
				     const struct ethtool_tunable *tunable, const void *data)
{
	int i = segue_net_tunable_index(kind, saved, tunable);
	union segue_net_tunable_value value = { .word = 0 };

	if (i < 0)
		return i;
	memcpy(&value, data, kind->rows[i].len);
	saved->values[i] = segue_net_tunable_unpack(&kind->rows[i], &value);
	return 0;
}

static int segue_net_tunables_capture(const struct segue_net_driver *driver,
				      struct segue_net_settings *settings)
{
	return segue_net_tunables_read(driver, &segue_net_of_driver, &settings->tunables);
}

static void segue_net_tunables_replay(const struct segue_net_driver *driver,
				      const struct segue_net_settings *want,
				      const struct segue_net_settings *now)
{
	segue_net_tunables_write(driver, &segue_net_of_driver, &want->tunables,
				 &now->tunables);
}

static void segue_net_tunables_compare(const struct segue_net_settings *want,
				       const struct segue_net_settings *now,
				       struct segue_findings *found)
{
	segue_net_tunables_diff(&segue_net_of_driver, &want->tunables, &now->tunables,
				found);
}

static int segue_net_serve_get_tunable(struct net_device *nd,
				       const struct ethtool_tunable *tunable, void *data)
{
	struct segue_net_settings *settings = segue_net_settings_of(nd);

	return settings ? segue_net_tunables_answer(&segue_net_of_driver, &settings->tunables,
						    tunable, data) : -ENODEV;
}

static int segue_net_serve_set_tunable(struct net_device *nd,
				       const struct ethtool_tunable *tunable, const void *data)
{
	struct segue_net_settings *settings = segue_net_settings_of(nd);

	return settings ? segue_net_tunables_record(&segue_net_of_driver, &settings->tunables,
						    tunable, data) : -ENODEV;
}

static void segue_net_tunables_serve(struct segue_net_settings *settings,
				     const struct ethtool_ops *ops)
{
	settings->table.get_tunable = ops->get_tunable ? segue_net_serve_get_tunable : NULL;
	settings->table.set_tunable = ops->set_tunable ? segue_net_serve_set_tunable : NULL;
}

const struct segue_net_setting segue_net_tunables = {
	.name = "tunables",
	.capture = segue_net_tunables_capture,
	.replay = segue_net_tunables_replay,
	.compare = segue_net_tunables_compare,
	.serve = segue_net_tunables_serve,
};

static int segue_net_phy_tunables_capture(const struct segue_net_driver *driver,
					  struct segue_net_settings *settings)
{
	return segue_net_tunables_read(driver, &segue_net_of_phy, &settings->phy_tunables);
}

static void segue_net_phy_tunables_replay(const struct segue_net_driver *driver,
					  const struct segue_net_settings *want,
					  const struct segue_net_settings *now)
{
	segue_net_tunables_write(driver, &segue_net_of_phy, &want->phy_tunables,
				 &now->phy_tunables);
}

static void segue_net_phy_tunables_compare(const struct segue_net_settings *want,
					   const struct segue_net_settings *now,
					   struct segue_findings *found)
{
	segue_net_tunables_diff(&segue_net_of_phy, &want->phy_tunables, &now->phy_tunables,
				found);
}

static int segue_net_serve_get_phy_tunable(struct net_device *nd,
					   const struct ethtool_tunable *tunable, void *data)
{
	struct segue_net_settings *settings = segue_net_settings_of(nd);

	return settings ? segue_net_tunables_answer(&segue_net_of_phy, &settings->phy_tunables,
						    tunable, data) : -ENODEV;
}

static int segue_net_serve_set_phy_tunable(struct net_device *nd,
					   const struct ethtool_tunable *tunable, const void *data)
{
	struct segue_net_settings *settings = segue_net_settings_of(nd);

	return settings ? segue_net_tunables_record(&segue_net_of_phy, &settings->phy_tunables,
						    tunable, data) : -ENODEV;
}

/* A PHY's own driver may have answered without the network driver offering anything. */
static void segue_net_phy_tunables_serve(struct segue_net_settings *settings,
					 const struct ethtool_ops *ops)
{
	bool known = settings->phy_tunables.known;

	if (ops->get_phy_tunable || known)
		settings->table.get_phy_tunable = segue_net_serve_get_phy_tunable;
	if (ops->set_phy_tunable || known)
		settings->table.set_phy_tunable = segue_net_serve_set_phy_tunable;
}

const struct segue_net_setting segue_net_phy_tunables = {
	.name = "PHY tunables",
	.capture = segue_net_phy_tunables_capture,
	.replay = segue_net_phy_tunables_replay,
	.compare = segue_net_phy_tunables_compare,
	.serve = segue_net_phy_tunables_serve,
};
