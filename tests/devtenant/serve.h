/* SPDX-License-Identifier: Apache-2.0 */
/* The program's subcommands. Each takes its own words and returns an exit code: 0 done, 1 refused
 * or failed, 2 usage. */
#ifndef DT_SERVE_H
#define DT_SERVE_H

int dt_serve_main(int argc, char **argv);
int dt_config_main(int argc, char **argv);
int dt_people_main(int argc, char **argv);
int dt_say_main(int argc, char **argv);
int dt_press_main(int argc, char **argv);
int dt_signin_main(int argc, char **argv);
int dt_shown_main(int argc, char **argv);
int dt_wait_main(int argc, char **argv);
int dt_chat_main(int argc, char **argv);

#endif
