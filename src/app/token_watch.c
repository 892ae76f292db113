/* SPDX-License-Identifier: Apache-2.0 */
/* What whoever runs AppDesk must hear of its own tokens and certificates, each thing once; see
 * tokens.h. */
#include "ad/log.h"
#include "ad/text.h"
#include "tokens.h"

#define DAY_S (24 * 3600)
#define WARN_DAYS 30 /* before the end of a certificate */

void ad_token_watch_init(struct ad_token_watch *watch, struct ad_token_source *source,
	const char *name, bool certificate)
{
	*watch = (struct ad_token_watch){
		.source = source,
		.name = name,
		.certificate = certificate,
		.certificate_days = INT32_MAX,
		.certificates = 1, /* the one that the start has read */
	};
}

static bool same_error(const struct ad_err *a, const struct ad_err *b)
{
	return a->code == b->code && ad_text_eq(a->text, b->text);
}

/* While the token in use is good nothing suffers yet. */
static void look_at_token(struct ad_token_watch *watch, const struct ad_token_status *status)
{
	const struct ad_err *error = &status->error;
	if (same_error(error, &watch->error))
		return;
	if (error->code != 0)
		ad_log_err(status->valid ? AD_LOG_WARN : AD_LOG_ERROR, "app",
			"our own token cannot be renewed", error, "for", watch->name, "in_use",
			status->valid ? "the last one" : "none", NULL);
	else
		ad_log(AD_LOG_INFO, "app", "our own token is renewed", "for", watch->name, NULL);
	watch->error = *error;
}

static void look_at_files(struct ad_token_watch *watch, const struct ad_token_status *status)
{
	const struct ad_err *error = &status->unreadable;
	if (error->code != 0 && !same_error(error, &watch->unreadable))
		ad_log_err(AD_LOG_ERROR, "app",
			"our new certificate cannot be used, the last one stays", error, "for",
			watch->name, NULL);
	if (status->certificates != watch->certificates)
		ad_log(AD_LOG_INFO, "app", "our new certificate is in use", "for", watch->name,
			"days_left", AD_NUM(status->certificate_s / DAY_S), NULL);
	watch->certificates = status->certificates;
	watch->unreadable = *error;
}

/* Once a day, in the last days and when it has ended. */
static void look_at_end(struct ad_token_watch *watch, const struct ad_token_status *status)
{
	int64_t left_s = status->certificate_s;
	int days = left_s < 0 ? -1 : (int)(left_s / DAY_S);
	if (days > WARN_DAYS && !status->certificate_early)
		days = INT32_MAX;
	if (days == watch->certificate_days)
		return;
	watch->certificate_days = days;
	if (status->certificate_early)
		ad_log(AD_LOG_ERROR, "app", "our certificate is not valid yet", "for", watch->name,
			NULL);
	else if (left_s < 0)
		ad_log(AD_LOG_ERROR, "app",
			"our certificate has ended: nothing can be sent until it is replaced",
			"for", watch->name, NULL);
	else if (days <= WARN_DAYS)
		ad_log(AD_LOG_WARN, "app", "our certificate ends soon: replace it", "for",
			watch->name, "days_left", AD_NUM(days), NULL);
}

void ad_token_watch_look(struct ad_token_watch *watch)
{
	struct ad_token_status status;
	ad_token_look_at_files(watch->source);
	ad_token_get_status(watch->source, &status);
	look_at_token(watch, &status);
	if (!watch->certificate || status.certificate_s == 0)
		return;
	look_at_files(watch, &status);
	look_at_end(watch, &status);
}
