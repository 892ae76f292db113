/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines: what goes in comes out as one argument, and nothing starts a second command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "command.h"

/* The rules of CommandLineToArgvW for one argument, written down a second time. Returns its length
 * in the line. */
static size_t read_argument(const char *line, char *ret)
{
	size_t at = 0;
	bool quoted = false;
	while (line[at] && (quoted || line[at] != ' ')) {
		size_t slashes = strspn(line + at, "\\");
		if (line[at + slashes] == '"') {
			for (size_t i = 0; i < slashes / 2; i++)
				*ret++ = '\\';
			at += slashes;
			if (slashes % 2)
				*ret++ = '"';
			else
				quoted = !quoted;
			at++;
			continue;
		}
		if (slashes == 0)
			slashes = 1;
		for (size_t i = 0; i < slashes; i++)
			*ret++ = line[at++];
	}
	*ret = '\0';
	return at;
}

static void an_argument_comes_back_as_it_was(void **state)
{
	(void)state;
	static const char *const arguments[] = { "plain", "", "two words", "C:\\Program Files\\",
		"ends\\", "trailing space and slash \\", "a\\\\b", "say \"hi\" now", "\"", "a\\\"b",
		"a\\\\\"b c", "R&D", "50% off", "a|b<c>d^e", "(x86)", "caf\xc3\xa9 \xe2\x82\xac" };
	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
		struct ad_buf line;
		struct ad_err err;
		char back[256];
		ad_buf_init(&line, AD_PACK_COMMAND_MAX);
		int r = ad_pack_command_argument(&line, arguments[i], &err);
		if (r == 0) {
			assert_int_equal(read_argument(ad_buf_str(&line), back), line.len);
			assert_string_equal(back, arguments[i]);
		} else {
			/* A lone quote leaves cmd.exe inside quotes: better refused. */
			assert_int_equal(r, AD_EINVAL);
			assert_non_null(strchr(arguments[i], '"'));
		}
		ad_buf_release(&line);
	}
}

static void msiexec_gets_options_and_properties_only(void **state)
{
	(void)state;
	static const struct {
		const char *switches;
		bool good;
	} rows[] = {
		{ "/quiet /norestart", true },
		{ "-qn  ALLUSERS=1 INSTALLDIR=\"C:\\Program Files\\X\"", true },
		{ "/qn /l*v C:\\x.log REBOOT=ReallySuppress", true },
		{ "/LOG \"C:\\a b.log\"", true },
		{ "", true },
		{ NULL, true },
		{ "@INVALID", false },
		{ "/qn C:\\x.log", false },
		{ "=1", false },
		{ "\"ALLUSERS=1\"", false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ad_buf line;
		struct ad_err err = { 0 };
		ad_buf_init(&line, AD_PACK_COMMAND_MAX);
		int r = ad_pack_command_msi_switches(&line, rows[i].switches, &err);
		if (r != (rows[i].good ? 0 : AD_EINVAL))
			fail_msg("%s: %d %s", rows[i].switches, r, err.text);
		ad_buf_release(&line);
	}
}

static void harmless_switches_pass(void **state)
{
	(void)state;
	static const char *const switches[] = { "/S", "/VERYSILENT /SUPPRESSMSGBOXES /NORESTART",
		"/quiet INSTALLDIR=\"C:\\Program Files\\X\"", "/D=C:\\Program Files (x86)\\X",
		"--mode=\"a & b\"", "-path \"%ProgramFiles%\\X\"", "",
		"!x ; , ' ` ~ # @ $ { } [ ]" };
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		struct ad_buf line;
		struct ad_err err;
		ad_buf_init(&line, AD_PACK_COMMAND_MAX);
		assert_int_equal(ad_pack_command_switches(&line, switches[i], &err), 0);
		assert_string_equal(ad_buf_str(&line), switches[i]);
		ad_buf_release(&line);
	}
}

static void threat_11_switches_that_begin_another_command_are_refused(void **state)
{
	(void)state;
	static const char *const switches[] = { "/S & calc", "/S && calc", "/S | more",
		"/S > c:\\x", "/S < x", "/S ^& calc", "/S %PATH%", "/S\r\ncalc", "/S\ncalc",
		"/S\tx", "/S\x01", "/S\x7f", "open \"quote", "\"a\" \"", "/S \xc3\x28",
		"a\\\"&calc\\\"", "\"a\\\" & calc \"", "\"\\\"&calc\"", "& calc", "&", "|", "<",
		">", "/S&calc", "/S|calc", "/S>c:\\x", "/S 2>&1", "/S >> x", "^", "/S ^",
		"/D=\"C:\\x\" & calc", "\"a\"&\"b\"", "%COMSPEC% /c calc", "/S %TEMP%\\x.exe", "%",
		"/S \"%\" %", "\v", "/S \x1b[2J", "/S \xc0\x80 calc", "/S \xff" };
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		struct ad_buf line;
		struct ad_err err;
		ad_buf_init(&line, AD_PACK_COMMAND_MAX);
		assert_int_equal(ad_pack_command_switches(&line, switches[i], &err), AD_EINVAL);
		assert_int_equal(line.len, 0);
		ad_buf_release(&line);
	}
}

static void a_line_has_an_end(void **state)
{
	(void)state;
	static char text[AD_PACK_COMMAND_MAX + 2];
	struct ad_buf line;
	struct ad_err err;
	memset(text, 'a', sizeof(text) - 1);
	ad_buf_init(&line, AD_PACK_COMMAND_MAX);
	assert_int_equal(ad_pack_command_switches(&line, text, &err), AD_EINVAL);
	ad_buf_release(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_argument_comes_back_as_it_was),
		cmocka_unit_test(msiexec_gets_options_and_properties_only),
		cmocka_unit_test(harmless_switches_pass),
		cmocka_unit_test(threat_11_switches_that_begin_another_command_are_refused),
		cmocka_unit_test(a_line_has_an_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
