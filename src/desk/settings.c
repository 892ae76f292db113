/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of the tenant: read, held for the length of a use case, and set by an operator. */
#include "frozen.h"
#include "parts.h"
#include "proposal.h"
#include "ad/store/settings.h"
#include "ad/text.h"

#define SETTING_INTEGRITY "VerifyManifestIntegrity"

#define NUMBER_MAX 1000 /* of a setting that is one */

enum form {
	FORM_GROUP,
	FORM_PERSON,
	FORM_SWITCH,
	FORM_TEXT,
	FORM_NUMBER,
	FORM_LANGUAGE,
	FORM_CHANNEL /* set in Teams alone, where it can be told how to write there */
};

static const struct {
	const char *key;
	enum form form;
} keys[] = {
	{ "AdminGroupId", FORM_GROUP },
	{ "ApproverGroupId", FORM_GROUP },
	{ "UserAccessGroupId", FORM_GROUP },
	{ "AuditorGroupId", FORM_GROUP },
	{ SETTING_INTEGRITY, FORM_SWITCH },
	{ AD_SETTING_FROZEN, FORM_SWITCH },
	{ AD_SETTING_FROZEN_REASON, FORM_TEXT },
	{ "HumanContact", FORM_TEXT },
	{ "PrivacyContactId", FORM_PERSON },
	{ "OnCallAdminId", FORM_PERSON },
	{ "EscalationFailures", FORM_NUMBER },
	{ "EscalationHours", FORM_NUMBER },
	{ "OfferDevices", FORM_SWITCH },
	{ AD_SETTING_CHANNEL, FORM_CHANNEL },
	{ AD_SETTING_CHANNEL_LOCALE, FORM_LANGUAGE },
};
#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

static const char *find(const struct ad_setting_list *list, const char *key)
{
	for (size_t i = 0; i < list->count; i++)
		if (ad_text_eq(list->items[i].key, key))
			return list->items[i].value;
	return "";
}

static int find_number(const struct ad_setting_list *list, const char *key, int otherwise)
{
	int64_t number;
	bool is_set = ad_text_i64(find(list, key), 1, NUMBER_MAX, &number) == 0;
	return is_set ? (int)number : otherwise;
}

void ad_settings_read(const struct ad_setting_list *list, struct ad_desk_settings *ret)
{
	*ret = (struct ad_desk_settings){
		.admin_group_id = find(list, "AdminGroupId"),
		.approver_group_id = find(list, "ApproverGroupId"),
		.user_group_id = find(list, "UserAccessGroupId"),
		.auditor_group_id = find(list, "AuditorGroupId"),
		.verify_manifest_integrity = !ad_text_eq(find(list, SETTING_INTEGRITY), "false"),
		.frozen = ad_text_eq(find(list, AD_SETTING_FROZEN), "true"),
		.frozen_reason = find(list, AD_SETTING_FROZEN_REASON),
		.privacy_contact_id = find(list, "PrivacyContactId"),
		.human_contact = find(list, "HumanContact"),
		.on_call_id = find(list, "OnCallAdminId"),
		.escalation_failures =
			find_number(list, "EscalationFailures", AD_DESK_ESCALATION_FAILURES),
		.escalation_hours = find_number(list, "EscalationHours", AD_DESK_ESCALATION_HOURS),
		.offer_devices = ad_text_eq(find(list, "OfferDevices"), "true"),
		.channel_id = find(list, AD_SETTING_CHANNEL),
		.channel_locale = find(list, AD_SETTING_CHANNEL_LOCALE),
	};
}

int ad_desk_settings_load(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	struct ad_desk_settings *ret, struct ad_err *err)
{
	struct ad_setting_list list;
	int e = ad_store_settings_list(db, arena, tenant_id, &list, err);
	if (e == 0)
		ad_settings_read(&list, ret);
	return e;
}

int ad_settings_hold(struct ad_desk *desk, struct ad_err *err)
{
	struct ad_desk_settings now;
	int e = ad_gathered_settings(desk, &now)
			? 0
			: ad_desk_settings_load(desk->db, desk->arena, desk->tenant_id, &now, err);
	if (e != 0)
		return e;
	const struct ad_desk_settings *then = &desk->settings;
	if (ad_text_eq(now.admin_group_id, then->admin_group_id) &&
		ad_text_eq(now.approver_group_id, then->approver_group_id) &&
		ad_text_eq(now.user_group_id, then->user_group_id))
		return 0;
	e = AD_FAIL(err, AD_ECONFLICT, "the settings changed meanwhile");
	if (err)
		err->class = AD_CLASS_TRANSIENT;
	return e;
}

static bool fits(const struct ad_desk *desk, enum form form, const char *value)
{
	static const struct ad_input_rule text = { .max_chars = AD_REASON_MAX };
	int64_t number;
	switch (form) {
	case FORM_GROUP:
	case FORM_PERSON:
		return !*value || ad_text_is_guid(value);
	case FORM_SWITCH:
		return ad_text_eq(value, "true") || ad_text_eq(value, "false");
	case FORM_NUMBER:
		return !*value || ad_text_i64(value, 1, NUMBER_MAX, &number) == 0;
	case FORM_LANGUAGE:
		return !*value || ad_cards_is_language(desk->cards, value);
	case FORM_CHANNEL:
		return !*value;
	case FORM_TEXT:
	default:
		return ad_input_check(&text, value) == AD_INPUT_OK;
	}
}

static const char *wanted(struct ad_arena *arena, enum form form)
{
	switch (form) {
	case FORM_GROUP:
		return "is the object id of a group, or empty";
	case FORM_PERSON:
		return "is the object id of a person, or empty";
	case FORM_SWITCH:
		return "is true or false";
	case FORM_NUMBER:
		return ad_printf(arena, "is a number from 1 to %d, or empty", NUMBER_MAX);
	case FORM_LANGUAGE:
		return "is a language that the cards have, such as de, or empty";
	case FORM_CHANNEL:
		return "is set by an admin who says 'requests here' in the channel; here it can "
		       "be emptied";
	case FORM_TEXT:
	default:
		return ad_printf(arena, "has more than %d characters", AD_REASON_MAX);
	}
}

/* *ret_stored is the value as it is kept: what is no text for people is in lower case. */
static int check(struct ad_desk *desk, const char *key, const char *value, const char **ret_stored,
	struct ad_err *err)
{
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (!ad_text_eq(keys[i].key, key))
			continue;
		*ret_stored = keys[i].form == FORM_TEXT ? ad_utf8_clean(desk->arena, value, true)
							: ad_text_lower(desk->arena, value);
		return fits(desk, keys[i].form, *ret_stored)
			       ? 0
			       : AD_FAIL(err, AD_EINVAL, "%s %s", key,
					 wanted(desk->arena, keys[i].form));
	}
	return AD_FAIL(err, AD_EINVAL, "there is no setting '%.64s'", key);
}

/* Not only a value: clocks stop, and go on where they were. */
static int set_frozen(
	struct ad_desk *desk, const struct ad_person *who, const char *value, struct ad_err *err)
{
	struct ad_thaw thaw;
	bool changed;
	return ad_freeze_change(desk, who,
		&(struct ad_freeze_change){ .on = ad_text_eq(value, "true") }, &changed, &thaw,
		err);
}

/* Stored with its audit row, which comes with ad_trail_flush. days: how long it counts; 0: for
 * good.
 */
static int apply(struct ad_desk *desk, const struct ad_change_by *by, const char *key,
	const char *value, int days, struct ad_err *err)
{
	const char *before;
	int e = ad_store_setting_set(desk->db, desk->arena, desk->tenant_id,
		&(struct ad_setting){
			.key = key, .value = value, .changed_by = by->who->oid, .days = days },
		&before, err);
	ad_gathered_settings_changed(desk);
	if (e != 0)
		return e;
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "old", before);
	ad_json_set_str(desk->arena, details, "new", value);
	if (days > 0)
		ad_json_set_int(desk->arena, details, "days", days);
	ad_change_note(desk->arena, by, details);
	return ad_trail_later(desk, &(struct ad_event){ .who = by->who,
					    .action = "settings.changed",
					    .entity_type = "setting",
					    .entity_name = key,
					    .details = details });
}

/* The closed list of settings that make the counter laxer. */
static bool is_laxer(const char *key, const char *value)
{
	return ad_text_eq(key, SETTING_INTEGRITY) && ad_text_eq(value, "false");
}

static int propose(struct ad_desk *desk, const struct ad_person *who, const char *key,
	const char *value, int64_t *ret_proposal, struct ad_err *err)
{
	struct ad_json *content = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, content, "value", value);
	return ad_proposal_open(desk,
		&(struct ad_proposal_draft){ .kind = AD_PROPOSAL_SETTING,
			.subject = key,
			.content = content,
			.weakens = ad_laxer_setting(desk->arena, key, value),
			.who = who },
		ret_proposal, err);
}

int ad_desk_setting_set(struct ad_desk *desk, const char *actor, const char *key, const char *value,
	int64_t *ret_proposal, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	const char *stored;
	const struct ad_person who = { .oid = actor, .mail = "" };
	const struct ad_change_by by = { .who = &who };
	*ret_proposal = 0;
	int e = check(desk, key, value, &stored, err);
	if (e != 0)
		return e;
	if (ad_text_eq(key, AD_SETTING_FROZEN))
		return set_frozen(desk, &who, stored, err);
	if (is_laxer(key, stored))
		return propose(desk, &who, key, stored, ret_proposal, err);
	e = apply(desk, &by, key, stored, 0, err);
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

int ad_setting_change(struct ad_desk *desk, const struct ad_person *who, const char *key,
	const char *value, struct ad_err *err)
{
	return apply(desk, &(struct ad_change_by){ .who = who }, key, value, 0, err);
}

int ad_setting_accept(struct ad_desk *desk, const struct ad_change_by *by, const char *key,
	const struct ad_json *content, struct ad_err *err)
{
	return apply(desk, by, key, ad_json_str(content, "value"), AD_PROPOSAL_DAYS, err);
}
