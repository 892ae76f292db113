/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plain installer program, of the kind that WinGet calls "exe": no installer framework, own
 * switches.
 *
 *   setup.exe /S              install silently        setup.exe               ask first
 *   setup.exe /uninstall /S   remove silently         setup.exe /uninstall    ask first
 *
 * Copies itself below Program Files and writes the uninstall key that Windows (and detection rules)
 * look at. Exit codes: 0 done, 1 failed, 1602 the person said no, 87 unknown switch.
 */
#include <windows.h>
#include <shellapi.h>
#include <wchar.h>

#define TOOL_NAME L"Contoso Tool"
#define TOOL_KEY L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\ContosoTool"
#define TOOL_FOLDER L"%ProgramFiles%\\Contoso Tool"
#define TOOL_FILE TOOL_FOLDER L"\\contoso-tool.exe"

enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 87,     /* ERROR_INVALID_PARAMETER */
	EXIT_SAID_NO = 1602, /* ERROR_INSTALL_USEREXIT */
};

static BOOL put_text(HKEY key, const wchar_t *name, const wchar_t *text)
{
	DWORD bytes = (DWORD)((wcslen(text) + 1) * sizeof(wchar_t));
	return RegSetValueExW(key, name, 0, REG_SZ, (const BYTE *)text, bytes) == ERROR_SUCCESS;
}

static BOOL write_uninstall_key(const wchar_t *program)
{
	wchar_t command[MAX_PATH + 32];
	HKEY key;
	BOOL done;

	if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, TOOL_KEY, 0, NULL, 0, KEY_WRITE, NULL, &key,
		    NULL) != ERROR_SUCCESS)
		return FALSE;
	_snwprintf(command, MAX_PATH + 32, L"\"%ls\" /uninstall", program);
	command[MAX_PATH + 31] = L'\0';
	done = put_text(key, L"DisplayName", TOOL_NAME) &&
	       put_text(key, L"DisplayVersion", SAMPLE_VERSION) &&
	       put_text(key, L"Publisher", L"Contoso Ltd") &&
	       put_text(key, L"UninstallString", command);
	if (done) {
		_snwprintf(command, MAX_PATH + 32, L"\"%ls\" /uninstall /S", program);
		command[MAX_PATH + 31] = L'\0';
		done = put_text(key, L"QuietUninstallString", command);
	}
	RegCloseKey(key);
	return done;
}

static int install(const wchar_t *folder, const wchar_t *program)
{
	wchar_t self[MAX_PATH];

	if (!GetModuleFileNameW(NULL, self, MAX_PATH))
		return EXIT_FAILED;
	if (!CreateDirectoryW(folder, NULL) && GetLastError() != ERROR_ALREADY_EXISTS)
		return EXIT_FAILED;
	if (!CopyFileW(self, program, FALSE))
		return EXIT_FAILED;
	return write_uninstall_key(program) ? EXIT_DONE : EXIT_FAILED;
}

/* The program cannot delete itself while it runs: Windows does it at the next start. */
static int uninstall(const wchar_t *folder, const wchar_t *program)
{
	RegDeleteKeyW(HKEY_LOCAL_MACHINE, TOOL_KEY);
	if (!MoveFileExW(program, NULL, MOVEFILE_DELAY_UNTIL_REBOOT))
		return EXIT_FAILED;
	MoveFileExW(folder, NULL, MOVEFILE_DELAY_UNTIL_REBOOT);
	return EXIT_DONE;
}

static int ask(const wchar_t *question)
{
	return MessageBoxW(NULL, question, TOOL_NAME, MB_YESNO | MB_ICONQUESTION) == IDYES;
}

/* -1 for a word that is no switch of ours. */
static int read_switches(int *ret_silent, int *ret_removing)
{
	int count, known = 1;
	wchar_t **words = CommandLineToArgvW(GetCommandLineW(), &count);

	if (!words)
		return -1;
	for (int i = 1; i < count; i++) {
		if (!lstrcmpiW(words[i], L"/S"))
			*ret_silent = 1;
		else if (!lstrcmpiW(words[i], L"/uninstall"))
			*ret_removing = 1;
		else
			known = 0;
	}
	LocalFree(words);
	return known ? 0 : -1;
}

int WINAPI WinMain(HINSTANCE instance, HINSTANCE previous, LPSTR command_line, int show)
{
	wchar_t folder[MAX_PATH], program[MAX_PATH];
	int silent = 0, removing = 0;

	(void)instance;
	(void)previous;
	(void)command_line;
	(void)show;
	if (read_switches(&silent, &removing))
		return EXIT_USAGE;
	if (!ExpandEnvironmentStringsW(TOOL_FOLDER, folder, MAX_PATH) ||
		!ExpandEnvironmentStringsW(TOOL_FILE, program, MAX_PATH))
		return EXIT_FAILED;
	if (!silent && !ask(removing ? L"Remove Contoso Tool?" : L"Install Contoso Tool?"))
		return EXIT_SAID_NO;
	return removing ? uninstall(folder, program) : install(folder, program);
}
