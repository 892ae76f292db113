/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lines for Windows. Everything that enters one goes through these functions, because
 * manifests are written by strangers.
 */
#ifndef AD_PACK_COMMAND_H
#define AD_PACK_COMMAND_H

#include "ad/buf.h"
#include "ad/err.h"

#define AD_PACK_COMMAND_MAX 8191u /* characters; what cmd.exe takes */

/* Appends one argument, quoted where needed so that CommandLineToArgvW gives it back as it was.
 * AD_EINVAL for control characters, bad UTF-8, and for what no quoting makes safe in both
 * CommandLineToArgvW and cmd.exe. */
AD_MUST int ad_pack_command_argument(struct ad_buf *line, const char *argument, struct ad_err *err);

/* Appends switches as their author wrote them. AD_EINVAL for control characters, bad UTF-8, quotes
 * that do not close, and characters that mean something to cmd.exe outside quotes. */
AD_MUST int ad_pack_command_switches(struct ad_buf *line, const char *switches, struct ad_err *err);

/* The same for msiexec, which shows its help, and installs nothing, when a word is neither an
 * option nor PROPERTY=VALUE. AD_EINVAL names that word. */
AD_MUST int ad_pack_command_msi_switches(
	struct ad_buf *line, const char *switches, struct ad_err *err);

#endif
