/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a document, and what is wrong with them. */
#include "fields.h"
#include "ad/buf.h"
#include "ad/domain.h"
#include "ad/text.h"

struct ad_field ad_field_member(const struct ad_field *at, const char *name)
{
	struct ad_field ret = *at;
	ret.path = *at->path ? ad_printf(at->arena, "%s.%s", at->path, name) : name;
	ret.value = ad_json_get(at->value, name);
	return ret;
}

bool ad_field_absent(const struct ad_field *at)
{
	return ad_json_kind(at->value) == AD_JSON_NONE;
}

int ad_field_fault(const struct ad_field *at, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	const char *wanted = ad_vprintf(at->arena, fmt, args);
	va_end(args);
	return AD_FAIL(at->err, AD_EINVAL, "%s: %s%s%s", at->whose, at->path, *at->path ? " " : "",
		wanted);
}

/* "a, b, c" */
static const char *names(const struct ad_field *at, const char *const *known)
{
	const char *ret = *known;
	while (*++known)
		ret = ad_printf(at->arena, "%s, %s", ret, *known);
	return ret;
}

int ad_field_object(const struct ad_field *at, const char *const *known)
{
	if (ad_json_kind(at->value) != AD_JSON_OBJECT)
		return ad_field_fault(at, "must be an object with %s", names(at, known));
	AD_JSON_EACH(child, at->value)
	{
		size_t i = 0;
		while (known[i] && !ad_text_eq(known[i], ad_json_name(child)))
			i++;
		if (!known[i])
			return ad_field_fault(at, "has an unknown member '%.64s'; there are %s",
				ad_json_name(child), names(at, known));
	}
	return 0;
}

int ad_field_int(const struct ad_field *at, int min, int max, int *ret)
{
	if (ad_field_absent(at))
		return 0;
	double number = ad_json_number(at->value, (double)min - 1);
	if (number < min || number > max || (double)(int)number < number)
		return ad_field_fault(at, "must be a whole number from %d to %d", min, max);
	*ret = (int)number;
	return 0;
}

int ad_field_bool(const struct ad_field *at, bool *ret)
{
	if (ad_field_absent(at))
		return 0;
	if (ad_json_kind(at->value) != AD_JSON_BOOL)
		return ad_field_fault(at, "must be true or false");
	*ret = ad_json_truth(at->value);
	return 0;
}

int ad_field_text(const struct ad_field *at, size_t max, const char **ret)
{
	const char *text = ad_json_text(at->value);
	const struct ad_input_rule rule = { .required = true, .max_chars = max };
	if (!text || ad_input_check(&rule, text) != AD_INPUT_OK)
		return ad_field_fault(at, "must be a text of 1 to %zu characters", max);
	*ret = ad_text_trim(at->arena, ad_utf8_clean(at->arena, text, false));
	return 0;
}

int ad_field_guid(const struct ad_field *at, const char **ret)
{
	const char *text = ad_json_text(at->value);
	if (!text || !ad_text_is_guid(text))
		return ad_field_fault(at, "must be an object id of the directory, as in "
					  "\"aaaaaaaa-0000-4000-8000-000000000001\"");
	*ret = ad_text_lower(at->arena, text);
	return 0;
}

int ad_field_list(const struct ad_field *at, size_t max, size_t size, ad_field_entry *entry,
	const void **ret, size_t *ret_count)
{
	if (ad_field_absent(at))
		return 0;
	size_t count = ad_json_count(at->value);
	if (ad_json_kind(at->value) != AD_JSON_ARRAY || count > max)
		return ad_field_fault(at, "must be a list of at most %zu entries", max);
	char *slots = ad_alloc_array(at->arena, count, size);
	size_t i = 0;
	AD_JSON_EACH(value, at->value)
	{
		struct ad_field here = *at;
		here.path = ad_printf(at->arena, "%s[%zu]", at->path, i);
		here.value = value;
		int e = entry(&here, slots + size * i++);
		if (e != 0)
			return e;
	}
	*ret = slots;
	*ret_count = count;
	return 0;
}
