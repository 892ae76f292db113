/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The installer against the trust rule of its app: the hosts of its addresses, and who signed it.
 * Its hash is that of the signed index already; this is about whether the publisher is still the
 * one that he was.
 */
#include "package.h"

#include "ad/text.h"

#define SHOWN 90 /* bytes of a name in an error's text */

/* ---- what it is ---- */

static int add_host(struct ad_arena *arena, const char *address, const char **hosts, size_t *count,
	struct ad_err *err)
{
	struct ad_net_url url;
	int r = ad_net_url_parse(arena, address, &url, err);
	if (r < 0)
		return r;
	const char *host = ad_text_lower(arena, url.host);
	if (*count == 0 || !ad_text_eq(hosts[0], host))
		hosts[(*count)++] = host;
	return 0;
}

static int find(struct ad_job_run *run, const char *path, struct ad_trust *ret,
	struct ad_pack_signature *ret_signature, struct ad_err *err)
{
	const struct ad_winget_evidence *evidence = &ad_package_of(run)->evidence;
	const char **hosts = ad_alloc_array(run->arena, 2, sizeof *hosts);
	*ret = (struct ad_trust){ .hosts = hosts };
	int r = add_host(run->arena, evidence->installer_url, hosts, &ret->host_count, err);
	if (r == 0)
		r = add_host(
			run->arena, evidence->installer_final_url, hosts, &ret->host_count, err);
	if (r == 0)
		r = ad_pack_signature_read(run->arena, path, ret_signature, err);
	if (r < 0)
		return r;
	ret->signer = ret_signature->is_signed ? ret_signature->subject : AD_TRUST_UNSIGNED;
	ret->issuer = ret_signature->issuer_sha256;
	return 0;
}

/* ---- what it should be ---- */

static const char *hosts_text(struct ad_arena *arena, const struct ad_trust *trust)
{
	const char *text = NULL;
	for (size_t i = 0; i < trust->host_count; i++)
		text = text ? ad_printf(arena, "%s, %s", text, trust->hosts[i]) : trust->hosts[i];
	return text ? text : "none";
}

static int refuse(struct ad_job_run *run, const struct ad_trust *rule, struct ad_err *err)
{
	struct ad_package *package = ad_package_of(run);
	const struct ad_trust *found = &package->found;
	if (!ad_trust_hosts_fit(rule, found))
		return AD_FAIL(err, AD_ETRUST,
			"installer of package %.*s comes from elsewhere: expected %.*s, found %.*s",
			SHOWN, package->app.winget_id, SHOWN, hosts_text(run->arena, rule), SHOWN,
			hosts_text(run->arena, found));
	return AD_FAIL(err, AD_ETRUST,
		"installer of package %.*s has another signer: expected %.*s %.16s, found %.*s "
		"%.16s",
		SHOWN, package->app.winget_id, SHOWN, rule->signer, rule->issuer, SHOWN,
		found->signer, found->issuer);
}

int ad_package_check_trust(
	struct ad_job_run *run, const char *path, struct ad_json *result, struct ad_err *err)
{
	struct ad_package *package = ad_package_of(run);
	struct ad_pack_signature signature;
	struct ad_trust_row row;
	int r = find(run, path, &package->found, &signature, err);
	if (r == 0)
		r = ad_store_trust_get(run->db, run->arena, package->app.id, &row, err);
	if (r < 0)
		return r;
	struct ad_json *trust = ad_trust_json(run->arena, &package->found);
	ad_json_set_str(run->arena, trust, "chain", signature.chain);
	ad_json_set_str(run->arena, trust, "algorithm", signature.algorithm);
	ad_json_set(run->arena, result, "trust", trust);
	bool fits = ad_trust_hosts_fit(&row.rule, &package->found) &&
		    ad_trust_signer_fits(&row.rule, &package->found);
	return fits ? 0 : refuse(run, &row.rule, err);
}
