/* SPDX-License-Identifier: Apache-2.0 */
/* The program that the sample installers install: says its name, so that a person sees it is there.
 */
#include <windows.h>

#ifndef SAMPLE_NAME
#define SAMPLE_NAME "Local tenant sample"
#endif

int WINAPI WinMain(HINSTANCE instance, HINSTANCE previous, LPSTR command_line, int show)
{
	(void)instance;
	(void)previous;
	(void)command_line;
	(void)show;
	MessageBoxA(NULL, SAMPLE_NAME " is installed. It is a sample of the AppDesk local tenant.",
		SAMPLE_NAME, MB_OK | MB_ICONINFORMATION);
	return 0;
}
