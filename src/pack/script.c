/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scripts' text. Values from outside stand in single quotes at the top of a script, nowhere
 * else. Intune runs scripts in a 32-bit PowerShell, so they name the registry's view themselves.
 */
#include "script.h"

#include "ad/buf.h"
#include "ad/text.h"

#define SCRIPT_MAX 65536u
/* Windows PowerShell reads a file without it in the machine's old code page. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static const char install_body[] =
	"$ErrorActionPreference = 'Stop'\r\n"
	"$start = @{ FilePath = (Join-Path $PSScriptRoot $setup); Wait = $true; PassThru = $true "
	"}\r\n"
	"if ($arguments) { $start.ArgumentList = $arguments }\r\n"
	"$process = Start-Process @start\r\n"
	"if ($good -contains $process.ExitCode) {\r\n"
	"\t$root = [Microsoft.Win32.RegistryKey]::OpenBaseKey($hive, 'Registry64')\r\n"
	"\t$root.CreateSubKey($mark).SetValue('Version', $version)\r\n"
	"}\r\n"
	"exit $process.ExitCode\r\n";

static const char uninstall_body[] =
	"$ErrorActionPreference = 'Stop'\r\n"
	"$uninstall = 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall'\r\n"
	"\r\n"
	"function Find-Entry {\r\n"
	"\tforeach ($view in 'Registry64', 'Registry32') {\r\n"
	"\t\t$root = [Microsoft.Win32.RegistryKey]::OpenBaseKey($hive, "
	"$view).OpenSubKey($uninstall)\r\n"
	"\t\tif (-not $root) { continue }\r\n"
	"\t\tforeach ($name in $root.GetSubKeyNames()) {\r\n"
	"\t\t\t$entry = $root.OpenSubKey($name)\r\n"
	"\t\t\tif ($key) { if ($name -eq $key) { return $entry } }\r\n"
	"\t\t\telseif ($entry.GetValue('DisplayName') -eq $display) { return $entry }\r\n"
	"\t\t}\r\n"
	"\t}\r\n"
	"}\r\n"
	"\r\n"
	"function Get-Command-Of($entry) {\r\n"
	"\t$code = Split-Path -Leaf $entry.Name\r\n"
	"\tif ($entry.GetValue('WindowsInstaller') -eq 1) {\r\n"
	"\t\treturn 'msiexec.exe', ('/x ' + $code + ' /quiet /norestart')\r\n"
	"\t}\r\n"
	"\t$line = $entry.GetValue('QuietUninstallString')\r\n"
	"\t$more = ''\r\n"
	"\tif (-not $line) { $line = $entry.GetValue('UninstallString'); $more = $silent }\r\n"
	"\tif ($line -match '^\\s*\"([^\"]+)\"\\s*(.*)$' -or $line -match "
	"'^\\s*(.+?\\.exe)\\s*(.*)$') {\r\n"
	"\t\t$file = $Matches[1]\r\n"
	"\t\t$arguments = ($Matches[2] + ' ' + $more).Trim()\r\n"
	"\t\tif ($inPlace) { $arguments += ' _?=' + (Split-Path -Parent $file) }\r\n"
	"\t\treturn $file, $arguments\r\n"
	"\t}\r\n"
	"\texit 1605\r\n"
	"}\r\n"
	"\r\n"
	"$code = 0\r\n"
	"$entry = Find-Entry\r\n"
	"if ($entry) {\r\n"
	"\t$file, $arguments = Get-Command-Of $entry\r\n"
	"\t$start = @{ FilePath = $file; Wait = $true; PassThru = $true }\r\n"
	"\tif ($arguments) { $start.ArgumentList = $arguments }\r\n"
	"\t$code = (Start-Process @start).ExitCode\r\n"
	"}\r\n"
	"$root = [Microsoft.Win32.RegistryKey]::OpenBaseKey($hive, 'Registry64')\r\n"
	"$root.DeleteSubKeyTree($mark, $false)\r\n"
	"exit $code\r\n";

/* PowerShell ends a single-quoted string at any of these, and takes two of them for one. */
static size_t quote_len(const char *p)
{
	static const char *const quotes[] = { "'", "\xe2\x80\x98", "\xe2\x80\x99", "\xe2\x80\x9a",
		"\xe2\x80\x9b" };
	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++)
		if (ad_text_starts(p, quotes[i]))
			return strlen(quotes[i]);
	return 0;
}

/* "$name = 'value'" */
static int assign(struct ad_buf *script, const char *name, const char *value, struct ad_err *err)
{
	if (!ad_utf8_valid(value, strlen(value)))
		return AD_FAIL(err, AD_EINVAL, "%s is not UTF-8", name);
	(void)ad_buf_addf(script, "$%s = '", name);
	for (const char *p = value; *p; p++) {
		unsigned char c = (unsigned char)*p;
		if (c < 0x20 || c == 0x7f)
			return AD_FAIL(
				err, AD_EINVAL, "%s holds the control character 0x%02x", name, c);
		(void)ad_buf_add(script, p, quote_len(p));
		(void)ad_buf_addc(script, *p);
	}
	(void)ad_buf_adds(script, "'\r\n");
	return 0;
}

static const char *hive(const struct ad_pack_source *source)
{
	return source->user_scope ? "CurrentUser" : "LocalMachine";
}

/* Switches for an uninstaller that registered no silent command of its own. */
static const char *uninstall_switches(const struct ad_pack_source *source)
{
	switch (source->type) {
	case AD_PACK_INNO:
		return "/VERYSILENT /SUPPRESSMSGBOXES /NORESTART";
	case AD_PACK_BURN:
		return "/uninstall /quiet /norestart";
	case AD_PACK_NULLSOFT:
		return "/S";
	case AD_PACK_MSI:
	case AD_PACK_EXE:
		break;
	}
	return source->silent ? source->silent : "";
}

static int finish(struct ad_arena *arena, struct ad_buf *script, const char *body, int r,
	const char **ret, struct ad_err *err)
{
	(void)ad_buf_adds(script, body);
	if (r == 0 && script->overflow)
		r = AD_FAIL(err, AD_EINVAL, "script is longer than %u bytes", SCRIPT_MAX);
	if (r == 0)
		*ret = ad_strndup(arena, ad_buf_str(script), script->len);
	ad_buf_release(script);
	return r;
}

int ad_pack_script_install(struct ad_arena *arena, const struct ad_pack_source *source,
	const char *arguments, const char **ret, struct ad_err *err)
{
	struct ad_buf script;
	ad_buf_init(&script, SCRIPT_MAX);
	(void)ad_buf_adds(&script, BYTE_ORDER_MARK);
	int r = assign(&script, "setup", source->setup_file, err);
	if (r == 0)
		r = assign(&script, "arguments", arguments, err);
	if (r == 0)
		r = assign(&script, "version", source->version, err);
	if (r == 0)
		r = assign(&script, "hive", hive(source), err);
	if (r == 0)
		r = assign(&script, "mark",
			ad_printf(arena, AD_PACK_MARK_PATH "%s", source->package_id), err);
	(void)ad_buf_adds(&script, "$good = 0, 1641, 1707, 3010");
	for (size_t i = 0; i < source->success_codes_count; i++)
		(void)ad_buf_addf(&script, ", %d", source->success_codes[i]);
	(void)ad_buf_adds(&script, "\r\n");
	return finish(arena, &script, install_body, r, ret, err);
}

int ad_pack_script_uninstall(struct ad_arena *arena, const struct ad_pack_source *source,
	const char **ret, struct ad_err *err)
{
	struct ad_buf script;
	ad_buf_init(&script, SCRIPT_MAX);
	(void)ad_buf_adds(&script, BYTE_ORDER_MARK);
	int r = assign(&script, "key", source->product_code ? source->product_code : "", err);
	if (r == 0)
		r = assign(&script, "display", source->name, err);
	if (r == 0)
		r = assign(&script, "silent", uninstall_switches(source), err);
	if (r == 0)
		r = assign(&script, "hive", hive(source), err);
	if (r == 0)
		r = assign(&script, "mark",
			ad_printf(arena, AD_PACK_MARK_PATH "%s", source->package_id), err);
	/* Otherwise a Nullsoft uninstaller copies itself elsewhere and returns at once. */
	(void)ad_buf_addf(
		&script, "$inPlace = $%s\r\n", source->type == AD_PACK_NULLSOFT ? "true" : "false");
	return finish(arena, &script, uninstall_body, r, ret, err);
}

const char *ad_pack_script_command(struct ad_arena *arena, const char *script)
{
	return ad_printf(arena,
		"powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -File %s",
		script);
}
