/* SPDX-License-Identifier: Apache-2.0 */
/* Alarms: what a retry does not mend and a person has to. Said once per episode, or a tenant that
 * refuses the bot would say it for each message. */
#include "sender.h"

#include "ad/log.h"

static const struct {
	const char *name;
	const char *words;
} kinds[AD_OUTBOX_ALARMS] = {
	[AD_OUTBOX_ALARM_POLICY] = { "policy",
		"the tenant's policy refuses the bot: its messages wait" },
	[AD_OUTBOX_ALARM_REGISTRATION] = { "registration",
		"the connector refuses a new token: check bot.app_id, bot.tenant_id and the "
		"credential" },
	[AD_OUTBOX_ALARM_PERMISSION] = { "permission",
		"the connector says that the bot lacks a permission: check the Teams app's "
		"manifest" },
	[AD_OUTBOX_ALARM_MALFORMED] = { "malformed",
		"the connector calls a message malformed: please report this" },
};

const char *ad_outbox_alarm_name(enum ad_outbox_alarm_kind kind)
{
	return kinds[kind].name;
}

void alarm_raise(struct item *item, enum ad_outbox_alarm_kind kind,
	const struct ad_connector_outcome *outcome)
{
	struct ad_outbox *outbox = item->outbox;
	struct episode *episode = &item->lane->tenant->episodes[kind];
	bool is_new = !episode->is_on || outbox->now_ms - episode->last_ms > AD_OUTBOX_EPISODE_MS;
	*episode = (struct episode){ true, outbox->now_ms };
	if (!is_new)
		return;
	const struct ad_outbox_alarm alarm = {
		.kind = kind,
		.tenant_id = item->row.tenant_id,
		.code = outcome->code,
		.text = outcome->text,
	};
	COUNT(outbox, alarms);
	ad_log(AD_LOG_ERROR, "outbox", kinds[kind].words, "alarm", kinds[kind].name, "tenant",
		alarm.tenant_id, "outbox", AD_NUM(item->row.id), "error", alarm.text, NULL);
	if (outbox->config.alarm)
		outbox->config.alarm(outbox->config.alarm_ctx, &alarm);
}

void alarm_clear(struct tenant *tenant)
{
	if (tenant->is_refused)
		ad_log(AD_LOG_INFO, "outbox", "the tenant takes the bot's messages again", "tenant",
			tenant->id, NULL);
	tenant->is_refused = false;
	tenant->hold_until_ms = 0;
	tenant->episodes[AD_OUTBOX_ALARM_POLICY].is_on = false;
	tenant->episodes[AD_OUTBOX_ALARM_REGISTRATION].is_on = false;
}
