/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk settings get, settings set: the portal's settings, each change with its audit row. */
#include "ad/desk.h"
#include "ad/text.h"
#include "command.h"
#include "session.h"

static void print_setting(const char *only, const char *key, const char *value)
{
	if (!only || ad_text_eq(only, key))
		(void)printf("%s = %s\n", key, value);
}

static void print_number(const char *only, const char *key, int value)
{
	if (!only || ad_text_eq(only, key))
		(void)printf("%s = %d\n", key, value);
}

static int run_get(const struct ad_command *self, int argc, char **argv)
{
	struct ad_words words;
	struct ad_session s;
	struct ad_err err = { 0 };
	if (!ad_words_parse(&words, self, argc, argv, NULL))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count > 1)
		return ad_app_usage(self);
	if (ad_session_open(words.config, AD_SESSION_READS, &s, &err) != 0)
		return ad_app_fail(&err);
	const char *only = words.count == 1 ? words.word[0] : NULL;
	const struct ad_desk_settings *settings = &s.desk.settings;
	print_setting(only, "AdminGroupId", settings->admin_group_id);
	print_setting(only, "ApproverChannel", settings->channel_id);
	print_setting(only, "ApproverChannelLanguage", settings->channel_locale);
	print_setting(only, "ApproverGroupId", settings->approver_group_id);
	print_setting(only, "AuditorGroupId", settings->auditor_group_id);
	print_number(only, "EscalationFailures", settings->escalation_failures);
	print_number(only, "EscalationHours", settings->escalation_hours);
	print_setting(only, "Frozen", settings->frozen ? "true" : "false");
	print_setting(only, "FrozenReason", settings->frozen_reason);
	print_setting(only, "HumanContact", settings->human_contact);
	print_setting(only, "OfferDevices", settings->offer_devices ? "true" : "false");
	print_setting(only, "OnCallAdminId", settings->on_call_id);
	print_setting(only, "PrivacyContactId", settings->privacy_contact_id);
	print_setting(only, "UserAccessGroupId", settings->user_group_id);
	print_setting(only, "VerifyManifestIntegrity",
		settings->verify_manifest_integrity ? "true" : "false");
	ad_session_close(&s);
	return AD_EXIT_DONE;
}

const struct ad_command ad_command_settings_get = {
	"settings get",
	"[--config FILE] [KEY]",
	"print the portal's settings",
	run_get,
};

static int set(struct ad_session *s, const char *key, const char *value, int64_t *ret_proposal,
	struct ad_err *err)
{
	int r = ad_db_begin(s->db, err);
	if (r != 0)
		return r;
	r = ad_desk_setting_set(&s->desk, "cli", key, value, ret_proposal, err);
	if (r == 0)
		return ad_db_commit(s->db, err);
	ad_db_rollback(s->db);
	return r;
}

static int run_set(const struct ad_command *self, int argc, char **argv)
{
	struct ad_words words;
	struct ad_session s;
	struct ad_err err = { 0 };
	if (!ad_words_parse(&words, self, argc, argv, NULL))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count != 2)
		return ad_app_usage(self);
	if (ad_session_open(words.config, AD_SESSION_ACTS, &s, &err) != 0)
		return ad_app_fail(&err);
	int64_t proposal = 0;
	int r = set(&s, words.word[0], words.word[1], &proposal, &err);
	ad_session_close(&s);
	if (r == 0)
		ad_app_waits(proposal);
	return r == 0 ? AD_EXIT_DONE : ad_app_fail(&err);
}

const struct ad_command ad_command_settings_set = {
	"settings set",
	"[--config FILE] KEY VALUE",
	"change one of the portal's settings; the change is audited",
	run_set,
};
