/* SPDX-License-Identifier: Apache-2.0 */
/* A policy's document, read strictly. */
#include "fields.h"
#include "policy_json.h"
#include "ad/text.h"

/* Limits: docs/guides/policies.md names them. */
#define LIST_MAX 100 /* entries of one list of match */
#define WORD_MAX 200 /* characters of a package, a department, a label */
#define TITLE_MAX 64 /* characters of a policy's name */
#define PRIORITY_MAX 10000
#define NEED_MAX 50
#define TIMEOUT_MAX_MIN (366 * 24 * 60)
#define DAYS_MAX 3650
#define UNDO_MAX_MIN (7 * 24 * 60)
#define AUTOMATIC_MAX 1000
#define DAY_MIN (24 * 60)
#define GRACE_DAYS 14 /* usual */
#define GRACE_MAX_DAYS 365

/* ---- entries of lists ---- */

static int read_department(const struct ad_field *at, void *ret)
{
	return ad_field_text(at, WORD_MAX, ret);
}

static int read_group(const struct ad_field *at, void *ret)
{
	return ad_field_guid(at, ret);
}

static int read_choice(const struct ad_field *at, void *ret)
{
	return ad_field_text(at, AD_ANSWER_MAX, ret);
}

static int read_classification(const struct ad_field *at, void *ret)
{
	static const char *const known[] = { "low", "medium", "high", AD_CLASSIFICATION_CRITICAL };
	const char **text = ret;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (ad_text_eq(ad_json_text(at->value), known[i])) {
			*text = known[i];
			return 0;
		}
	}
	return ad_field_fault(at, "must be low, medium, high or critical");
}

/* "Contoso.App", or "Contoso.*" for all that begin so: the star is the end. */
static int read_package(const struct ad_field *at, void *ret)
{
	const char **text = ret;
	int e = ad_field_text(at, WORD_MAX, text);
	const char *star = e == 0 ? strchr(*text, '*') : NULL;
	if (star && star[1] != '\0')
		return ad_field_fault(at, "may have a star at its end alone, as in \"Contoso.*\"");
	return e;
}

static int read_texts(const struct ad_field *parent, const char *name, size_t max,
	ad_field_entry *entry, const char *const **ret, size_t *ret_count)
{
	const struct ad_field at = ad_field_member(parent, name);
	const void *items = *ret;
	int e = ad_field_list(&at, max, sizeof **ret, entry, &items, ret_count);
	*ret = items;
	return e;
}

static int read_int(const struct ad_field *parent, const char *name, int min, int max, int *ret)
{
	const struct ad_field at = ad_field_member(parent, name);
	return ad_field_int(&at, min, max, ret);
}

static int read_bool(const struct ad_field *parent, const char *name, bool *ret)
{
	const struct ad_field at = ad_field_member(parent, name);
	return ad_field_bool(&at, ret);
}

/* ---- match ---- */

static int read_match(const struct ad_field *at, struct ad_policy_match *ret)
{
	static const char *const known[] = { "packages", "classifications", "groups", "departments",
		"titles", "guests", NULL };
	if (ad_field_absent(at))
		return 0;
	int e = ad_field_object(at, known);
	if (e == 0)
		e = read_texts(at, "packages", LIST_MAX, read_package, &ret->packages,
			&ret->package_count);
	if (e == 0)
		e = read_texts(at, "classifications", LIST_MAX, read_classification,
			&ret->classifications, &ret->classification_count);
	if (e == 0)
		e = read_texts(at, "groups", LIST_MAX, read_group, &ret->groups, &ret->group_count);
	if (e == 0)
		e = read_texts(at, "departments", LIST_MAX, read_department, &ret->departments,
			&ret->department_count);
	if (e == 0)
		e = read_texts(
			at, "titles", LIST_MAX, read_department, &ret->titles, &ret->title_count);
	return e == 0 ? read_bool(at, "guests", &ret->guests) : e;
}

/* ---- questions ---- */

static int read_question(const struct ad_field *at, void *slot)
{
	static const char *const known[] = { "label", "choices", "required", NULL };
	struct ad_policy_question *ret = slot;
	*ret = (struct ad_policy_question){ 0 };
	int e = ad_field_object(at, known);
	const struct ad_field label = ad_field_member(at, "label");
	const struct ad_field choices = ad_field_member(at, "choices");
	if (e == 0)
		e = ad_field_text(&label, WORD_MAX, &ret->label);
	if (e == 0)
		e = read_texts(at, "choices", AD_CHOICES_MAX, read_choice, &ret->choices,
			&ret->choice_count);
	if (e == 0)
		e = read_bool(at, "required", &ret->required);
	ret->is_choice = !ad_field_absent(&choices);
	if (e == 0 && ret->is_choice && ret->choice_count == 0)
		e = ad_field_fault(&choices, "are empty; leave them out for an answer in words");
	return e;
}

/* ---- stages ---- */

/* "manager", "app_owner", "admins", "group" (that of the settings), or an object that names whom:
 * {"group": ID}, {"user": ID}. */
static int read_asked(const struct ad_field *at, void *slot)
{
	struct ad_asked *ret = slot;
	*ret = (struct ad_asked){ .ref = "" };
	const char *word = ad_json_text(at->value);
	if (word && ad_asked_kind_parse(word, &ret->kind) == 0 && ret->kind != AD_ASKED_USER)
		return 0;
	bool is_group = ad_json_get(at->value, "group") != NULL;
	bool is_user = ad_json_get(at->value, "user") != NULL;
	if (is_group == is_user || ad_json_count(at->value) != 1)
		return ad_field_fault(at,
			"must be \"manager\", \"app_owner\", \"admins\", \"group\" (the approver "
			"group of the settings), {\"group\": ID} or {\"user\": ID}");
	const struct ad_field ref = ad_field_member(at, is_group ? "group" : "user");
	ret->kind = is_group ? AD_ASKED_GROUP : AD_ASKED_USER;
	return ad_field_guid(&ref, &ret->ref);
}

/* A number, or "all" of those who are asked. */
static int read_need(const struct ad_field *at, int *ret)
{
	if (ad_text_eq(ad_json_text(at->value), "all")) {
		*ret = 0;
		return 0;
	}
	if (ad_json_kind(at->value) == AD_JSON_STRING)
		return ad_field_fault(
			at, "must be a whole number from 1 to %d, or \"all\"", NEED_MAX);
	return ad_field_int(at, 1, NEED_MAX, ret);
}

static int read_on_timeout(const struct ad_field *at, struct ad_stage_rule *ret)
{
	const char *text = ad_json_text(at->value);
	if (ad_field_absent(at) || ad_text_eq(text, "expire"))
		return 0;
	if (!ad_text_eq(text, "approve"))
		return ad_field_fault(at, "must be \"expire\" or \"approve\"");
	if (ret->timeout_min == 0)
		return ad_field_fault(at, "is \"approve\", but the stage has no timeout_min");
	ret->on_timeout = AD_TIMEOUT_APPROVE;
	return 0;
}

static int read_stage(const struct ad_field *at, void *slot)
{
	static const char *const known[] = { "ask", "need", "reject_ends", "timeout_min",
		"alternates", "on_timeout", NULL };
	struct ad_stage_rule *ret = slot;
	*ret = (struct ad_stage_rule){ .need = 1, .reject_ends = true };
	int e = ad_field_object(at, known);
	const struct ad_field ask = ad_field_member(at, "ask");
	const struct ad_field need = ad_field_member(at, "need");
	const struct ad_field alternates = ad_field_member(at, "alternates");
	const struct ad_field on_timeout = ad_field_member(at, "on_timeout");
	const void *items = NULL;
	if (e == 0)
		e = read_asked(&ask, &ret->ask);
	if (e == 0)
		e = read_need(&need, &ret->need);
	if (e == 0)
		e = read_bool(at, "reject_ends", &ret->reject_ends);
	if (e == 0)
		e = read_int(at, "timeout_min", 1, TIMEOUT_MAX_MIN, &ret->timeout_min);
	if (e == 0)
		e = ad_field_list(&alternates, AD_ALTERNATES_MAX, sizeof(struct ad_asked),
			read_asked, &items, &ret->alternate_count);
	ret->alternates = items;
	return e == 0 ? read_on_timeout(&on_timeout, ret) : e;
}

/* ---- automatic approval, working hours ---- */

static int read_automatic(const struct ad_field *at, struct ad_auto_rule *ret)
{
	static const char *const known[] = { "max", "window_days", NULL };
	if (ad_field_absent(at))
		return 0;
	int e = ad_field_object(at, known);
	if (e == 0)
		e = read_int(at, "max", 1, AUTOMATIC_MAX, &ret->max);
	if (e == 0)
		e = read_int(at, "window_days", 1, DAYS_MAX, &ret->window_days);
	if (e == 0 && (ret->max == 0 || ret->window_days == 0))
		e = ad_field_fault(at, "needs max and window_days: how many for one person, in how "
				       "many days");
	ret->on = true;
	return e;
}

static int read_birthright(const struct ad_field *at, struct ad_birthright_rule *ret)
{
	static const char *const known[] = { "grace_days", NULL };
	if (ad_field_absent(at))
		return 0;
	*ret = (struct ad_birthright_rule){ .on = true, .grace_days = GRACE_DAYS };
	int e = ad_field_object(at, known);
	return e == 0 ? read_int(at, "grace_days", 0, GRACE_MAX_DAYS, &ret->grace_days) : e;
}

/* "09:30" */
static int read_time(const struct ad_field *parent, const char *name, int *ret)
{
	const struct ad_field at = ad_field_member(parent, name);
	const char *text = ad_json_text(at.value);
	int64_t hour = 0;
	int64_t minute = 0;
	bool is_time = text && strlen(text) == 5 && text[2] == ':' &&
		       ad_text_i64(text + 3, 0, 59, &minute) == 0 &&
		       ad_text_i64(ad_printf(at.arena, "%.2s", text), 0, 24, &hour) == 0 &&
		       hour * 60 + minute <= DAY_MIN;
	if (!is_time)
		return ad_field_fault(&at, "must be a time of day, as in \"09:00\"");
	*ret = (int)(hour * 60 + minute);
	return 0;
}

static const char *const weekdays[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
#define WEEKDAYS (sizeof(weekdays) / sizeof(weekdays[0]))

static int read_day(const struct ad_field *at, void *ret)
{
	unsigned *bit = ret;
	for (unsigned i = 0; i < WEEKDAYS; i++) {
		if (ad_text_eq(ad_json_text(at->value), weekdays[i])) {
			*bit = 1u << i;
			return 0;
		}
	}
	return ad_field_fault(at, "must be mon, tue, wed, thu, fri, sat or sun");
}

static int read_days(const struct ad_field *parent, unsigned *ret)
{
	const struct ad_field at = ad_field_member(parent, "days");
	const void *items = NULL;
	size_t count = 0;
	int e = ad_field_list(&at, WEEKDAYS, sizeof(unsigned), read_day, &items, &count);
	const unsigned *bits = items;
	for (size_t i = 0; e == 0 && i < count; i++)
		*ret |= bits[i];
	if (e == 0 && *ret == 0)
		e = ad_field_fault(&at, "must name a day, as in [\"mon\", \"tue\"]");
	return e;
}

static int read_hours(const struct ad_field *at, struct ad_hours *ret)
{
	static const char *const known[] = { "from", "until", "days", "time_zone", NULL };
	if (ad_field_absent(at))
		return 0;
	int e = ad_field_object(at, known);
	const struct ad_field zone = ad_field_member(at, "time_zone");
	if (e == 0)
		e = read_time(at, "from", &ret->from_min);
	if (e == 0)
		e = read_time(at, "until", &ret->until_min);
	if (e == 0)
		e = read_days(at, &ret->days);
	if (e == 0)
		e = ad_field_text(&zone, WORD_MAX, &ret->time_zone);
	if (e == 0 && ret->from_min >= ret->until_min)
		e = ad_field_fault(at, "must end after they begin, on the same day");
	ret->on = true;
	return e;
}

/* ---- the whole ---- */

static int read_lists(const struct ad_field *at, struct ad_policy *ret)
{
	const struct ad_field questions = ad_field_member(at, "questions");
	const struct ad_field stages = ad_field_member(at, "stages");
	const void *items = NULL;
	int e = ad_field_list(&questions, AD_QUESTIONS_MAX, sizeof *ret->questions, read_question,
		&items, &ret->question_count);
	ret->questions = items;
	items = NULL;
	if (e == 0)
		e = ad_field_list(&stages, AD_STAGES_MAX, sizeof *ret->stages, read_stage, &items,
			&ret->stage_count);
	ret->stages = items;
	return e;
}

static int read_numbers(const struct ad_field *at, struct ad_policy *ret)
{
	int e = read_int(at, "priority", 0, PRIORITY_MAX, &ret->priority);
	if (e == 0)
		e = read_int(at, "grant_days", 1, DAYS_MAX, &ret->grant_days);
	if (e == 0)
		e = read_int(at, "grant_max_days", 1, DAYS_MAX, &ret->grant_max_days);
	if (e == 0)
		e = read_int(at, "undo_min", 0, UNDO_MAX_MIN, &ret->undo_min);
	if (e == 0)
		e = read_bool(at, "follow", &ret->follow);
	if (e == 0)
		e = read_bool(at, "require_compliant_device", &ret->require_compliant_device);
	return e == 0 ? read_bool(at, "ask_owner", &ret->ask_owner) : e;
}

static int read_objects(const struct ad_field *at, struct ad_policy *ret)
{
	const struct ad_field match = ad_field_member(at, "match");
	const struct ad_field refusal = ad_field_member(at, "refusal");
	const struct ad_field automatic = ad_field_member(at, "automatic");
	const struct ad_field hours = ad_field_member(at, "hours");
	const struct ad_field birthright = ad_field_member(at, "birthright");
	const struct ad_field device = ad_field_member(at, "device_refusal");
	int e = read_match(&match, &ret->match);
	if (e == 0 && !ad_field_absent(&refusal))
		e = ad_field_text(&refusal, AD_REASON_MAX, &ret->refusal);
	if (e == 0 && !ad_field_absent(&device))
		e = ad_field_text(&device, AD_REASON_MAX, &ret->device_refusal);
	if (e == 0)
		e = read_automatic(&automatic, &ret->automatic);
	if (e == 0)
		e = read_birthright(&birthright, &ret->birthright);
	return e == 0 ? read_hours(&hours, &ret->hours) : e;
}

/* Who gets apps without asking is named, and so are the apps: never everybody or everything, by
 * what was forgotten. */
static int check_birthright(const struct ad_field *at, const struct ad_policy *policy)
{
	const struct ad_policy_match *match = &policy->match;
	bool is_any = match->package_count == 0;
	for (size_t i = 0; i < match->package_count; i++)
		is_any |= strchr(match->packages[i], '*') != NULL;
	if (policy->refusal || match->guests)
		return ad_field_fault(at, "has a birthright: leave out the refusal and the guests");
	if (is_any)
		return ad_field_fault(
			at, "has a birthright: match must name its packages, without a star");
	if (match->department_count + match->title_count + match->group_count == 0)
		return ad_field_fault(at, "has a birthright: match must name departments, titles "
					  "or groups, for whom it is");
	return 0;
}

/* A device is looked at when somebody asks and when somebody approves: what comes by itself would
 * pass it by. */
static int check_device(const struct ad_field *at, const struct ad_policy *policy)
{
	if (!policy->require_compliant_device)
		return policy->device_refusal
			       ? ad_field_fault(at, "has a device_refusal: it needs "
						    "require_compliant_device as well")
			       : 0;
	if (policy->refusal || policy->birthright.on)
		return ad_field_fault(at, "requires a compliant device: leave that out, or the "
					  "refusal and the birthright");
	for (size_t i = 0; i < policy->stage_count; i++)
		if (policy->stages[i].on_timeout == AD_TIMEOUT_APPROVE)
			return ad_field_fault(
				at, "requires a compliant device: no stage may approve by timeout");
	return 0;
}

/* What each member alone does not show. */
static int check_whole(const struct ad_field *at, const struct ad_policy *policy)
{
	if (policy->refusal &&
		(policy->stage_count > 0 || policy->question_count > 0 || policy->automatic.on))
		return ad_field_fault(
			at, "refuses: leave out stages, questions and automatic, or the refusal");
	bool does_without = policy->refusal || policy->automatic.on || policy->birthright.on;
	if (policy->stage_count == 0 && !does_without)
		return ad_field_fault(at, "needs stages: who must agree. Only a refusal, an "
					  "automatic rule or a birthright does without");
	if (policy->grant_max_days > 0 && policy->grant_days > policy->grant_max_days)
		return ad_field_fault(at, "offers %d days and allows %d: make grant_days smaller",
			policy->grant_days, policy->grant_max_days);
	int e = check_device(at, policy);
	if (e != 0)
		return e;
	return policy->birthright.on ? check_birthright(at, policy) : 0;
}

/* Whom to ask when the rule does not approve (product F24): never nobody. */
static void ask_approvers(struct ad_policy *policy)
{
	policy->stages = ad_policy_built_in()->stages;
	policy->stage_count = ad_policy_built_in()->stage_count;
}

int ad_policy_read(struct ad_arena *arena, const struct ad_json *document, struct ad_policy *ret,
	struct ad_err *err)
{
	static const char *const known[] = { "name", "priority", "match", "refusal", "questions",
		"stages", "automatic", "grant_days", "grant_max_days", "follow", "undo_min",
		"ask_owner", "hours", "birthright", "require_compliant_device", "device_refusal",
		NULL };
	const struct ad_field nameless = { arena, "a policy", "", document, err };
	const struct ad_field name = ad_field_member(&nameless, "name");
	*ret = (struct ad_policy){
		.priority = AD_POLICY_PRIORITY, .follow = true, .undo_min = AD_UNDO_MIN
	};
	int e = ad_field_object(&nameless, known);
	if (e == 0)
		e = ad_field_text(&name, TITLE_MAX, &ret->name);
	if (e != 0)
		return e;
	const struct ad_field at = { arena, ad_printf(arena, "policy '%s'", ret->name), "",
		document, err };
	e = read_numbers(&at, ret);
	if (e == 0)
		e = read_objects(&at, ret);
	if (e == 0)
		e = read_lists(&at, ret);
	if (e == 0)
		e = check_whole(&at, ret);
	if (e == 0 && !ret->refusal && ret->stage_count == 0)
		ask_approvers(ret);
	return e;
}
