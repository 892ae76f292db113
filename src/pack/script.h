/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PowerShell scripts that go into a package where Windows offers no fixed command: uninstalling by
 * what the installer registered, and leaving a mark where the installer registers nothing that the
 * manifest names.
 */
#ifndef AD_PACK_SCRIPT_H
#define AD_PACK_SCRIPT_H

#include "ad/pack.h"

#define AD_PACK_INSTALL_SCRIPT "appdesk-install.ps1"
#define AD_PACK_UNINSTALL_SCRIPT "appdesk-uninstall.ps1"
#define AD_PACK_MARK_PATH "SOFTWARE\\AppDesk\\Apps\\" /* then the package id */

/* Runs the installer with these arguments and, when it succeeded, sets the mark. */
AD_MUST int ad_pack_script_install(struct ad_arena *arena, const struct ad_pack_source *source,
	const char *arguments, const char **ret, struct ad_err *err);

/* Finds what the installer registered and runs its uninstaller silently; removes the mark. */
AD_MUST int ad_pack_script_uninstall(struct ad_arena *arena, const struct ad_pack_source *source,
	const char **ret, struct ad_err *err);

/* The command line that runs a script of the package. */
const char *ad_pack_script_command(struct ad_arena *arena, const char *script);

#endif
