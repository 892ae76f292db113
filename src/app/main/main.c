/* SPDX-License-Identifier: Apache-2.0 */
/* The program appdesk. */
#include "../command.h"

int main(int argc, char **argv)
{
	return ad_app_main(argc, argv);
}
