/* SPDX-License-Identifier: Apache-2.0 */
/* Who signed an installer. osslsigncode signs, and is the second opinion about what it has signed.
 */
#include "pack_test.h"

#include "ad/crypto.h"

#include <unistd.h>

#define PROGRAM "contoso-tool-2.1.0-setup.exe"
#define MSI "7z2409-x64.msi"
#define SUBJECT "CN=Contoso Ltd,O=Contoso Ltd,C=US"
#define FILE_MAX (64u << 20)
#define PROBES 40 /* changed bytes in a file */

static const char config[] =
	"[req]\ndistinguished_name=name\nprompt=no\n[name]\nCN=unused\n"
	"[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
	"[leaf]\nbasicConstraints=CA:FALSE\nextendedKeyUsage=codeSigning\n"
	"[web]\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n";

static bool is_missing(int code)
{
	return code == -1 || code == 127;
}

/* NAME.pem and NAME.key, issued by another of these or by itself. */
static void make_certificate(
	const char *name, const char *issuer, const char *kind, const char *subject)
{
	struct ad_err err;
	const char *conf = in_folder("openssl.cnf");
	const char *csr = in_folder("request.csr");
	const char *key = in_folder(ad_printf(arena, "%s.key", name));
	const char *pem = in_folder(ad_printf(arena, "%s.pem", name));
	assert_int_equal(ad_file_write(conf, config, strlen(config), 0600, &err), 0);
	const char *const ask[] = { "openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes",
		"-keyout", key, "-out", csr, "-subj", subject, "-config", conf, NULL };
	const char *const self[] = { "openssl", "x509", "-req", "-in", csr, "-out", pem, "-signkey",
		key, "-extfile", conf, "-extensions", kind, NULL };
	const char *const give[] = { "openssl", "x509", "-req", "-in", csr, "-out", pem, "-CA",
		in_folder(ad_printf(arena, "%s.pem", issuer)), "-CAcreateserial", "-CAkey",
		in_folder(ad_printf(arena, "%s.key", issuer)), "-extfile", conf, "-extensions",
		kind, NULL };
	int code = run_program(ask);
	if (is_missing(code))
		miss_program("openssl");
	assert_int_equal(code, 0);
	assert_int_equal(run_program(ad_text_eq(name, issuer) ? self : give), 0);
}

static struct ad_bytes read_file(const char *path)
{
	char *data;
	size_t len;
	struct ad_err err;
	assert_int_equal(ad_file_read(arena, path, FILE_MAX, &data, &len, &err), 0);
	return (struct ad_bytes){ (const uint8_t *)data, len };
}

static const char *write_file(const char *name, struct ad_bytes bytes)
{
	struct ad_err err;
	assert_int_equal(ad_file_write(in_folder(name), bytes.data, bytes.len, 0600, &err), 0);
	return in_folder(name);
}

/* One file of certificates, in this order. */
static const char *bundle(const char *file, const char *first, const char *second)
{
	struct ad_bytes a = read_file(in_folder(ad_printf(arena, "%s.pem", first)));
	struct ad_bytes b = read_file(in_folder(ad_printf(arena, "%s.pem", second)));
	const char *text = ad_printf(arena, "%.*s%.*s", (int)a.len, (const char *)a.data,
		(int)b.len, (const char *)b.data);
	return write_file(file, (struct ad_bytes){ (const uint8_t *)text, strlen(text) });
}

/* A signed copy; extra: one more word for osslsigncode, or NULL. */
static const char *sign(const char *file, const char *leaf, const char *hash, const char *extra)
{
	const char *out = in_folder(ad_printf(arena, "signed-%s", file));
	const char *in = ad_printf(arena, "%s/%s", DT_TEST_INSTALLERS, file);
	const char *certs = bundle("bundle.pem", leaf, "root");
	const char *key = in_folder(ad_printf(arena, "%s.key", leaf));
	(void)unlink(out);
	const char *const words[] = { "osslsigncode", "sign", "-certs", certs, "-key", key, "-h",
		hash, "-in", in, "-out", out, extra, NULL };
	int code = run_program(words);
	if (is_missing(code))
		miss_program("osslsigncode");
	assert_int_equal(code, 0);
	return out;
}

static bool oracle_accepts(const char *path)
{
	const char *const words[] = { "osslsigncode", "verify", "-CAfile", in_folder("root.pem"),
		"-in", path, NULL };
	return run_program(words) == 0;
}

static void make_publisher(void)
{
	make_certificate("root", "root", "ca", "/CN=Sample Root");
	make_certificate("leaf", "root", "leaf", "/C=US/O=Contoso Ltd/CN=Contoso Ltd");
}

/* SHA-256 of the root's DER, by openssl's own tool. */
static const char *root_digest(void)
{
	const char *der = in_folder("root.der");
	const char *const words[] = { "openssl", "x509", "-in", in_folder("root.pem"), "-outform",
		"DER", "-out", der, NULL };
	assert_int_equal(run_program(words), 0);
	struct ad_bytes bytes = read_file(der);
	return ad_sha256_hex(arena, bytes.data, bytes.len);
}

static void expect_signer(const char *path, const char *algorithm)
{
	struct ad_pack_signature found;
	struct ad_err err = { 0 };
	if (ad_pack_signature_read(arena, path, &found, &err) != 0)
		fail_msg("%s: %s", path, err.text);
	assert_true(found.is_signed);
	assert_string_equal(found.subject, SUBJECT);
	assert_string_equal(found.issuer_sha256, root_digest());
	assert_string_equal(found.algorithm, algorithm);
	assert_non_null(strstr(found.chain, "CN=Sample Root"));
}

static int judge(const char *path, struct ad_err *err)
{
	struct ad_pack_signature found;
	int r = ad_pack_signature_read(arena, path, &found, err);
	return r == 0 && !found.is_signed ? AD_ENOTFOUND : r;
}

static void what_nobody_has_signed_is_not_signed(void **state)
{
	(void)state;
	struct ad_err err = { 0 };
	static const char dos[64] = "MZ";
	const char *const files[] = { ad_printf(arena, "%s/%s", DT_TEST_INSTALLERS, PROGRAM),
		ad_printf(arena, "%s/%s", DT_TEST_INSTALLERS, MSI), make_file("any", 5000),
		make_file("empty", 0),
		write_file("dos", (struct ad_bytes){ (const uint8_t *)dos, 64 }) };
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		assert_int_equal(judge(files[i], &err), AD_ENOTFOUND);
	assert_int_equal(judge(in_folder("missing"), &err), AD_EIO);
}

static void a_signature_names_its_signer_and_the_end_of_its_chain(void **state)
{
	(void)state;
	make_publisher();
	static const char *const hashes[] = { "sha256", "sha384", "sha1" };
	for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
		expect_signer(sign(PROGRAM, "leaf", hashes[i], NULL), hashes[i]);
		expect_signer(sign(MSI, "leaf", hashes[i], NULL), hashes[i]);
		expect_signer(sign(MSI, "leaf", hashes[i], "-add-msi-dse"), hashes[i]);
	}
	assert_true(oracle_accepts(sign(PROGRAM, "leaf", "sha256", NULL)));
	assert_true(oracle_accepts(sign(MSI, "leaf", "sha256", "-add-msi-dse")));
}

/* Whatever osslsigncode does not accept any more is not of that signer for us: it is refused, or
 * the chain ends elsewhere. (Not so where no signature covers the directory: osslsigncode has its
 * own rules for the times in there.) */
static void probe(const char *path, bool covers_all)
{
	struct ad_bytes whole = read_file(path);
	const char *genuine = root_digest();
	size_t others = 0;
	for (size_t i = 0; i < PROBES; i++) {
		struct ad_err err = { 0 };
		struct ad_pack_signature found;
		uint8_t *copy = ad_memdup(arena, whole.data, whole.len);
		size_t at = i * (whole.len - 1) / (PROBES - 1);
		copy[at] ^= 0x20;
		const char *changed = write_file("changed", (struct ad_bytes){ copy, whole.len });
		bool is_same = ad_pack_signature_read(arena, changed, &found, &err) == 0 &&
			       ad_text_eq(found.issuer_sha256, genuine) &&
			       ad_text_eq(found.subject, SUBJECT);
		others += !is_same;
		if (is_same && covers_all && !oracle_accepts(changed))
			fail_msg("a changed byte at %zu of %s is accepted", at, path);
	}
	assert_in_range(others, PROBES / 2, PROBES);
}

static void a_changed_byte_is_no_signed_file(void **state)
{
	(void)state;
	make_publisher();
	probe(sign(PROGRAM, "leaf", "sha256", NULL), true);
	probe(sign(MSI, "leaf", "sha256", NULL), false);
	probe(sign(MSI, "leaf", "sha256", "-add-msi-dse"), true);
}

static void bytes_behind_a_signature_are_refused(void **state)
{
	(void)state;
	struct ad_err err = { 0 };
	make_publisher();
	struct ad_bytes whole = read_file(sign(PROGRAM, "leaf", "sha256", NULL));
	uint8_t *longer = ad_alloc(arena, whole.len + 8);
	memcpy(longer, whole.data, whole.len);
	memset(longer + whole.len, 0, 8);
	assert_int_equal(
		judge(write_file("longer", (struct ad_bytes){ longer, whole.len + 8 }), &err),
		AD_EINTEGRITY);
	assert_non_null(strstr(err.text, "does not stand at its end"));
}

static void a_digest_that_does_not_fit_is_named(void **state)
{
	(void)state;
	struct ad_err err = { 0 };
	make_publisher();
	struct ad_bytes whole = read_file(sign(PROGRAM, "leaf", "sha256", NULL));
	uint8_t *copy = ad_memdup(arena, whole.data, whole.len);
	copy[whole.len / 2] ^= 1;
	assert_int_equal(judge(write_file("changed", (struct ad_bytes){ copy, whole.len }), &err),
		AD_EINTEGRITY);
	assert_non_null(strstr(err.text, "is of another file"));
}

static void a_certificate_that_is_not_for_code_signs_nothing(void **state)
{
	(void)state;
	struct ad_err err = { 0 };
	make_publisher();
	make_certificate("web", "root", "web", "/C=US/O=Contoso Ltd/CN=Contoso Ltd");
	assert_int_equal(judge(sign(MSI, "web", "sha256", NULL), &err), AD_EINTEGRITY);
	assert_non_null(strstr(err.text, "not for code"));
}

/* Only who has the key of an authority can end a chain in it: a certificate that merely lies beside
 * the signature, or a neighbour whom the same authority has given one for code, is no part of the
 * chain. */
static void a_chain_holds_only_what_was_issued(void **state)
{
	(void)state;
	struct ad_pack_signature found;
	struct ad_err err = { 0 };
	make_publisher();
	const char *genuine = root_digest();
	make_certificate("evil", "evil", "ca", "/CN=Sample Root");
	make_certificate("twin", "evil", "leaf", "/C=US/O=Contoso Ltd/CN=Contoso Ltd");
	make_certificate("neighbour", "root", "leaf", "/CN=Somebody Else");
	make_certificate("below", "neighbour", "leaf", "/C=US/O=Contoso Ltd/CN=Contoso Ltd");
	(void)bundle("below.pem", "below", "neighbour");
	static const char *const forged[] = { "twin", "below" };
	for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
		assert_int_equal(ad_pack_signature_read(arena,
					 sign(PROGRAM, forged[i], "sha256", NULL), &found, &err),
			0);
		assert_string_equal(found.subject, SUBJECT);
		assert_string_not_equal(found.issuer_sha256, genuine);
	}
}

/* Numbers of the header and of the tables, each as large as can be, and the file cut anywhere. */
static void a_hostile_file_is_refused_in_words(void **state)
{
	(void)state;
	make_publisher();
	struct ad_bytes whole = read_file(sign(MSI, "leaf", "sha256", NULL));
	static const uint32_t values[] = { 0, 1, 0x7fffffff, 0xfffffffe, 0xffffffff };
	for (size_t at = 24; at < 4096; at += 12) {
		struct ad_err err = { 0 };
		uint8_t *copy = ad_memdup(arena, whole.data, whole.len);
		memcpy(copy + at, &values[at / 12 % 5], 4);
		int r = judge(write_file("hostile", (struct ad_bytes){ copy, whole.len }), &err);
		assert_true(r == 0 || r == AD_ENOTFOUND || *err.text);
	}
	for (size_t len = 0; len < whole.len; len += whole.len / 40) {
		struct ad_err err = { 0 };
		int r = judge(write_file("cut", (struct ad_bytes){ whole.data, len }), &err);
		assert_true(r == AD_ENOTFOUND || r == AD_EINTEGRITY);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_nobody_has_signed_is_not_signed),
		cmocka_unit_test(a_signature_names_its_signer_and_the_end_of_its_chain),
		cmocka_unit_test(a_changed_byte_is_no_signed_file),
		cmocka_unit_test(bytes_behind_a_signature_are_refused),
		cmocka_unit_test(a_digest_that_does_not_fit_is_named),
		cmocka_unit_test(a_certificate_that_is_not_for_code_signs_nothing),
		cmocka_unit_test(a_chain_holds_only_what_was_issued),
		cmocka_unit_test(a_hostile_file_is_refused_in_words),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
