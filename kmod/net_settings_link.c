// SPDX-License-Identifier: GPL-2.0
/* The link: error correction, speed and autonegotiation, flow control, energy, Wake-on-LAN. */
#include <linux/linkmode.h>
#include "net_settings_rows.h"

/* Error correction */

static int segue_net_fec_capture(const struct segue_net_driver *driver,
				 struct segue_net_settings *settings)
{
	if (!driver->ops->get_fecparam)
		return -EOPNOTSUPP;
	settings->fec = (struct ethtool_fecparam) { .cmd = ETHTOOL_GFECPARAM };
	return driver->ops->get_fecparam(driver->nd, &settings->fec);
}

static void segue_net_fec_replay(const struct segue_net_driver *driver,
				 const struct segue_net_settings *want,
				 const struct segue_net_settings *now)
{
	struct ethtool_fecparam request = { .cmd = ETHTOOL_SFECPARAM, .fec = want->fec.fec };

	/* The kernel does not pass these two to a driver. */
	if (!request.fec || request.fec & ETHTOOL_FEC_NONE)
		return;
	if (driver->ops->set_fecparam && request.fec != now->fec.fec)
		driver->ops->set_fecparam(driver->nd, &request);
}

static void segue_net_fec_compare(const struct segue_net_settings *want,
				  const struct segue_net_settings *now,
				  struct segue_findings *found)
{
	segue_net_differs(found, want->fec.fec, now->fec.fec, "forward error correction");
}

static int segue_net_serve_get_fec(struct net_device *nd, struct ethtool_fecparam *fec)
{
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_FEC, &settings);

	if (!err)
		*fec = settings->fec;
	return err;
}

static int segue_net_serve_set_fec(struct net_device *nd, struct ethtool_fecparam *fec)
{
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_FEC, &settings);

	if (!err)
		settings->fec.fec = fec->fec;
	return err;
}

static void segue_net_fec_serve(struct segue_net_settings *settings, const struct ethtool_ops *ops)
{
	settings->table.get_fecparam = ops->get_fecparam ? segue_net_serve_get_fec : NULL;
	settings->table.set_fecparam = ops->set_fecparam ? segue_net_serve_set_fec : NULL;
}

const struct segue_net_setting segue_net_fec = {
	.name = "forward error correction",
	.capture = segue_net_fec_capture,
	.replay = segue_net_fec_replay,
	.compare = segue_net_fec_compare,
	.serve = segue_net_fec_serve,
};

/* Speed and autonegotiation */

static int segue_net_link_capture(const struct segue_net_driver *driver,
				  struct segue_net_settings *settings)
{
	if (!driver->ops->get_link_ksettings)
		return -EOPNOTSUPP;
	memset(&settings->link, 0, sizeof(settings->link));
	return driver->ops->get_link_ksettings(driver->nd, &settings->link);
}

/* Some drivers mirror the pause setting in the advertised modes; it has a row of its own. */
static void segue_net_link_modes(unsigned long *modes, const struct ethtool_link_ksettings *link)
{
	linkmode_copy(modes, link->link_modes.advertising);
	linkmode_clear_bit(ETHTOOL_LINK_MODE_Pause_BIT, modes);
	linkmode_clear_bit(ETHTOOL_LINK_MODE_Asym_Pause_BIT, modes);
}

static bool segue_net_link_modes_differ(const struct ethtool_link_ksettings *a,
					const struct ethtool_link_ksettings *b)
{
	__ETHTOOL_DECLARE_LINK_MODE_MASK(modes_a);
	__ETHTOOL_DECLARE_LINK_MODE_MASK(modes_b);

	segue_net_link_modes(modes_a, a);
	segue_net_link_modes(modes_b, b);
	return !linkmode_equal(modes_a, modes_b);
}

static bool segue_net_link_forced_speed(const struct ethtool_link_settings *base)
{
	return base->speed && base->speed != SPEED_UNKNOWN;
}

static bool segue_net_link_forced_duplex(const struct ethtool_link_settings *base)
{
	return base->duplex == DUPLEX_HALF || base->duplex == DUPLEX_FULL;
}

/* With autonegotiation, speed and duplex are results; without, advertised modes mean nothing. */
static bool segue_net_link_merge(struct ethtool_link_ksettings *request,
				 const struct ethtool_link_ksettings *want)
{
	const struct ethtool_link_ksettings now = *request;
	struct ethtool_link_settings *base = &request->base;

	base->autoneg = want->base.autoneg;
	base->port = want->base.port;
	if (want->base.eth_tp_mdix_ctrl)
		base->eth_tp_mdix_ctrl = want->base.eth_tp_mdix_ctrl;
	if (want->base.master_slave_cfg)
		base->master_slave_cfg = want->base.master_slave_cfg;
	if (want->base.autoneg == AUTONEG_ENABLE) {
		linkmode_and(request->link_modes.advertising, want->link_modes.advertising,
			     now.link_modes.supported);
	} else {
		if (segue_net_link_forced_speed(&want->base))
			base->speed = want->base.speed;
		if (segue_net_link_forced_duplex(&want->base))
			base->duplex = want->base.duplex;
		if (want->lanes)
			request->lanes = want->lanes;
	}
	return memcmp(base, &now.base, sizeof(*base)) || request->lanes != now.lanes ||
	       segue_net_link_modes_differ(request, &now);
}

/*
 * A driver that has been told a speed need not know it until the link is up. To tell it again would
 * take the link down once more.
 */
static bool segue_net_link_pending(const struct ethtool_link_ksettings *want,
				   const struct ethtool_link_ksettings *now)
{
	struct ethtool_link_ksettings known = *want;
	struct ethtool_link_ksettings request = *now;

	if (want->base.autoneg || now->base.autoneg)
		return false;
	if (!segue_net_link_forced_speed(&now->base))
		known.base.speed = SPEED_UNKNOWN;
	if (!segue_net_link_forced_duplex(&now->base))
		known.base.duplex = DUPLEX_UNKNOWN;
	return !segue_net_link_merge(&request, &known);
}

static void segue_net_link_replay(const struct segue_net_driver *driver,
				  const struct segue_net_settings *want,
				  const struct segue_net_settings *now)
{
	struct ethtool_link_ksettings request = now->link;

	if (!driver->ops->set_link_ksettings || !segue_net_link_merge(&request, &want->link))
		return;
	if (netif_running(driver->nd) && segue_net_link_pending(&want->link, &now->link))
		return;
	request.base.cmd = ETHTOOL_SLINKSETTINGS;
	driver->ops->set_link_ksettings(driver->nd, &request);
}

static void segue_net_link_compare(const struct segue_net_settings *settings,
				   const struct segue_net_settings *read_back,
				   struct segue_findings *found)
{
	const struct ethtool_link_settings *want = &settings->link.base;
	const struct ethtool_link_settings *now = &read_back->link.base;

	segue_net_differs(found, want->autoneg, now->autoneg, "autonegotiation");
	segue_net_differs(found, want->port, now->port, "port");
	segue_net_differs(found, want->eth_tp_mdix_ctrl, now->eth_tp_mdix_ctrl, "MDI-X");
	segue_net_differs(found, want->master_slave_cfg, now->master_slave_cfg, "master-slave");
	if (want->autoneg == AUTONEG_ENABLE) {
		if (segue_net_link_modes_differ(&settings->link, &read_back->link))
			segue_found_text(found, SEGUE_SEVERITY_DIFFERS, "advertised link modes");
		return;
	}
	/* While the link is down a driver need not know the speed. */
	if (segue_net_link_forced_speed(want) && segue_net_link_forced_speed(now))
		segue_net_differs(found, want->speed, now->speed, "speed");
	if (segue_net_link_forced_duplex(want) && segue_net_link_forced_duplex(now))
		segue_net_differs(found, want->duplex, now->duplex, "duplex");
}

static void segue_net_link_limits(const struct segue_net_settings *want,
				  const struct segue_net_settings *now,
				  struct segue_findings *found)
{
	unsigned int bit;

	for_each_set_bit(bit, want->link.link_modes.supported, __ETHTOOL_LINK_MODE_MASK_NBITS)
		if (!test_bit(bit, now->link.link_modes.supported))
			segue_found_feature(found, SEGUE_SEVERITY_INCOMPATIBLE, "link modes", bit);
}

static int segue_net_serve_get_link(struct net_device *nd, struct ethtool_link_ksettings *link)
{
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_LINK, &settings);

	if (!err)
		*link = settings->link;
	return err;
}

static int segue_net_serve_set_link(struct net_device *nd,
				    const struct ethtool_link_ksettings *link)
{
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_LINK, &settings);
	const unsigned long *supported;

	if (err)
		return err;
	supported = settings->link.link_modes.supported;
	if (link->base.autoneg == AUTONEG_ENABLE) {
		if (!test_bit(ETHTOOL_LINK_MODE_Autoneg_BIT, supported) ||
		    !linkmode_subset(link->link_modes.advertising, supported) ||
		    linkmode_empty(link->link_modes.advertising))
			return -EINVAL;
	} else if (!ethtool_validate_speed(link->base.speed) ||
		   !ethtool_validate_duplex(link->base.duplex)) {
		return -EINVAL;
	}
	segue_net_link_merge(&settings->link, link);
	return 0;
}

/* The link is about to negotiate anyway. */
static int segue_net_serve_nway_reset(struct net_device *nd)
{
	return 0;
}

static void segue_net_link_serve(struct segue_net_settings *settings, const struct ethtool_ops *ops)
{
	struct ethtool_ops *const table = &settings->table;

	table->get_link_ksettings = ops->get_link_ksettings ? segue_net_serve_get_link : NULL;
	table->set_link_ksettings = ops->set_link_ksettings ? segue_net_serve_set_link : NULL;
	table->nway_reset = ops->nway_reset ? segue_net_serve_nway_reset : NULL;
}

const struct segue_net_setting segue_net_link = {
	.name = "link settings",
	.capture = segue_net_link_capture,
	.replay = segue_net_link_replay,
	.compare = segue_net_link_compare,
	.limits = segue_net_link_limits,
	.serve = segue_net_link_serve,
};

/* Flow control */

static int segue_net_pause_capture(const struct segue_net_driver *driver,
				   struct segue_net_settings *settings)
{
	if (!driver->ops->get_pauseparam)
		return -EOPNOTSUPP;
	settings->pause = (struct ethtool_pauseparam) { .cmd = ETHTOOL_GPAUSEPARAM };
	driver->ops->get_pauseparam(driver->nd, &settings->pause);
	return 0;
}

static bool segue_net_pause_differs(const struct ethtool_pauseparam *want,
				    const struct ethtool_pauseparam *now, bool negotiated)
{
	if (!want->autoneg != !now->autoneg)
		return true;
	if (want->autoneg && !negotiated)
		return false;
	return !want->rx_pause != !now->rx_pause || !want->tx_pause != !now->tx_pause;
}

/*
 * With autonegotiation, what a driver reports for each direction is the user's wish or the result
 * of the negotiation, and only the driver knows which. Before the device is open it costs nothing
 * to set both; after, it would interrupt the link for nothing.
 */
static void segue_net_pause_replay(const struct segue_net_driver *driver,
				   const struct segue_net_settings *want,
				   const struct segue_net_settings *now)
{
	struct ethtool_pauseparam request = want->pause;

	if (!driver->ops->set_pauseparam ||
	    !segue_net_pause_differs(&want->pause, &now->pause, !netif_running(driver->nd)))
		return;
	request.cmd = ETHTOOL_SPAUSEPARAM;
	driver->ops->set_pauseparam(driver->nd, &request);
}

static void segue_net_pause_compare(const struct segue_net_settings *want,
				    const struct segue_net_settings *now,
				    struct segue_findings *found)
{
	segue_net_differs(found, !!want->pause.autoneg, !!now->pause.autoneg,
			  "pause autonegotiation");
	if (want->pause.autoneg)
		return;
	segue_net_differs(found, !!want->pause.rx_pause, !!now->pause.rx_pause, "rx pause");
	segue_net_differs(found, !!want->pause.tx_pause, !!now->pause.tx_pause, "tx pause");
}

static void segue_net_serve_get_pause(struct net_device *nd, struct ethtool_pauseparam *pause)
{
	struct segue_net_settings *settings;

	if (!segue_net_served(nd, SEGUE_NET_PAUSE, &settings))
		*pause = settings->pause;
}

static int segue_net_serve_set_pause(struct net_device *nd, struct ethtool_pauseparam *pause)
{
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_PAUSE, &settings);

	if (err)
		return err;
	settings->pause.autoneg = pause->autoneg;
	settings->pause.rx_pause = pause->rx_pause;
	settings->pause.tx_pause = pause->tx_pause;
	return 0;
}

static void segue_net_pause_serve(struct segue_net_settings *settings,
				  const struct ethtool_ops *ops)
{
	settings->table.get_pauseparam = ops->get_pauseparam ? segue_net_serve_get_pause : NULL;
	settings->table.set_pauseparam = ops->set_pauseparam ? segue_net_serve_set_pause : NULL;
}

const struct segue_net_setting segue_net_pause = {
	.name = "pause",
	.capture = segue_net_pause_capture,
	.replay = segue_net_pause_replay,
	.compare = segue_net_pause_compare,
	.serve = segue_net_pause_serve,
};

/* Energy-efficient Ethernet */

static int segue_net_eee_capture(const struct segue_net_driver *driver,
				 struct segue_net_settings *settings)
{
	if (!driver->ops->get_eee)
		return -EOPNOTSUPP;
	memset(&settings->eee, 0, sizeof(settings->eee));
	return segue_ethtool_get_eee(driver->ops, driver->nd, &settings->eee);
}

/* What is not enabled advertises nothing, whatever is stored for the case that it is. */
static bool segue_net_eee_merge(struct ethtool_keee *request, const struct ethtool_keee *want)
{
	const struct ethtool_keee now = *request;

	request->eee_enabled = want->eee_enabled;
	request->tx_lpi_enabled = want->tx_lpi_enabled;
	request->tx_lpi_timer = want->tx_lpi_timer;
	if (want->eee_enabled)
		linkmode_and(request->advertised, want->advertised, now.supported);
	return request->eee_enabled != now.eee_enabled ||
	       request->tx_lpi_enabled != now.tx_lpi_enabled ||
	       request->tx_lpi_timer != now.tx_lpi_timer ||
	       !linkmode_equal(request->advertised, now.advertised);
}

static void segue_net_eee_replay(const struct segue_net_driver *driver,
				 const struct segue_net_settings *want,
				 const struct segue_net_settings *now)
{
	struct ethtool_keee request = now->eee;

	if (driver->ops->set_eee && segue_net_eee_merge(&request, &want->eee))
		segue_ethtool_set_eee(driver->ops, driver->nd, &request);
}

static void segue_net_eee_compare(const struct segue_net_settings *settings,
				  const struct segue_net_settings *read_back,
				  struct segue_findings *found)
{
	const struct ethtool_keee *want = &settings->eee;
	const struct ethtool_keee *now = &read_back->eee;

	segue_net_differs(found, want->eee_enabled, now->eee_enabled, "EEE");
	segue_net_differs(found, want->tx_lpi_enabled, now->tx_lpi_enabled, "EEE tx-lpi");
	segue_net_differs(found, want->tx_lpi_timer, now->tx_lpi_timer, "EEE tx-timer");
	if (want->eee_enabled && !linkmode_equal(want->advertised, now->advertised))
		segue_found_text(found, SEGUE_SEVERITY_DIFFERS, "EEE advertised link modes");
}

int segue_net_serve_get_eee(struct net_device *nd, struct ethtool_keee *eee)
{
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_EEE, &settings);

	if (!err)
		*eee = settings->eee;
	return err;
}

int segue_net_serve_set_eee(struct net_device *nd, struct ethtool_keee *eee)
{
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_EEE, &settings);

	if (err)
		return err;
	if (!linkmode_subset(eee->advertised, settings->eee.supported))
		return -EINVAL;
	segue_net_eee_merge(&settings->eee, eee);
	return 0;
}

static void segue_net_eee_serve(struct segue_net_settings *settings, const struct ethtool_ops *ops)
{
	settings->table.get_eee = ops->get_eee ? segue_ethtool_serve_get_eee : NULL;
	settings->table.set_eee = ops->set_eee ? segue_ethtool_serve_set_eee : NULL;
}

const struct segue_net_setting segue_net_eee = {
	.name = "EEE",
	.capture = segue_net_eee_capture,
	.replay = segue_net_eee_replay,
	.compare = segue_net_eee_compare,
	.serve = segue_net_eee_serve,
};

/* Wake-on-LAN */

static int segue_net_wol_capture(const struct segue_net_driver *driver,
				 struct segue_net_settings *settings)
{
	if (!driver->ops->get_wol)
		return -EOPNOTSUPP;
	settings->wol = (struct ethtool_wolinfo) { .cmd = ETHTOOL_GWOL };
	driver->ops->get_wol(driver->nd, &settings->wol);
	return 0;
}

static bool segue_net_wol_password_differs(const struct ethtool_wolinfo *want,
					   const struct ethtool_wolinfo *now)
{
	return want->wolopts & now->supported & WAKE_MAGICSECURE &&
	       memcmp(want->sopass, now->sopass, sizeof(want->sopass));
}

static void segue_net_wol_replay(const struct segue_net_driver *driver,
				 const struct segue_net_settings *want,
				 const struct segue_net_settings *now)
{
	struct ethtool_wolinfo request = now->wol;

	request.wolopts = want->wol.wolopts & now->wol.supported;
	if (!driver->ops->set_wol ||
	    (request.wolopts == now->wol.wolopts &&
	     !segue_net_wol_password_differs(&want->wol, &now->wol)))
		return;
	memcpy(request.sopass, want->wol.sopass, sizeof(request.sopass));
	request.cmd = ETHTOOL_SWOL;
	driver->ops->set_wol(driver->nd, &request);
}

static void segue_net_wol_compare(const struct segue_net_settings *want,
				  const struct segue_net_settings *now,
				  struct segue_findings *found)
{
	segue_net_differs(found, want->wol.wolopts, now->wol.wolopts, "Wake-on-LAN");
	if (segue_net_wol_password_differs(&want->wol, &now->wol))
		segue_found_text(found, SEGUE_SEVERITY_DIFFERS, "Wake-on-LAN password");
}

static void segue_net_wol_limits(const struct segue_net_settings *want,
				 const struct segue_net_settings *now,
				 struct segue_findings *found)
{
	u32 both = want->wol.supported & now->wol.supported;

	if (both != want->wol.supported)
		segue_found_limit(found, SEGUE_SEVERITY_INCOMPATIBLE, want->wol.supported, both,
				  "Wake-on-LAN modes");
}

static void segue_net_serve_get_wol(struct net_device *nd, struct ethtool_wolinfo *wol)
{
	struct segue_net_settings *settings;

	if (!segue_net_served(nd, SEGUE_NET_WOL, &settings))
		*wol = settings->wol;
}

static int segue_net_serve_set_wol(struct net_device *nd, struct ethtool_wolinfo *wol)
{
	struct segue_net_settings *settings;
	int err = segue_net_served(nd, SEGUE_NET_WOL, &settings);

	if (err)
		return err;
	if (wol->wolopts & ~settings->wol.supported)
		return -EINVAL;
	settings->wol.wolopts = wol->wolopts;
	memcpy(settings->wol.sopass, wol->sopass, sizeof(wol->sopass));
	return 0;
}

static void segue_net_wol_serve(struct segue_net_settings *settings, const struct ethtool_ops *ops)
{
	settings->table.get_wol = ops->get_wol ? segue_net_serve_get_wol : NULL;
	settings->table.set_wol = ops->set_wol ? segue_net_serve_set_wol : NULL;
}

const struct segue_net_setting segue_net_wol = {
	.name = "Wake-on-LAN",
	.capture = segue_net_wol_capture,
	.replay = segue_net_wol_replay,
	.compare = segue_net_wol_compare,
	.limits = segue_net_wol_limits,
	.serve = segue_net_wol_serve,
};
