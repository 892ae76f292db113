/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions that no file of the project may call; included before everything else by the compiler's
 * command line. The standard headers come first, so that only our own calls are refused.
 */
#ifndef AD_BANNED_H
#define AD_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <alloca.h>

#define AD_BANNED(name) ad_banned_function_##name

#undef strcpy
#define strcpy(...) AD_BANNED(strcpy)
#undef strcat
#define strcat(...) AD_BANNED(strcat)
#undef strncpy
#define strncpy(...) AD_BANNED(strncpy)
#undef strncat
#define strncat(...) AD_BANNED(strncat)
#undef sprintf
#define sprintf(...) AD_BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) AD_BANNED(vsprintf)
#undef strtok
#define strtok(...) AD_BANNED(strtok)
#undef atoi
#define atoi(...) AD_BANNED(atoi)
#undef atol
#define atol(...) AD_BANNED(atol)
#undef atof
#define atof(...) AD_BANNED(atof)
#undef gmtime
#define gmtime(...) AD_BANNED(gmtime)
#undef localtime
#define localtime(...) AD_BANNED(localtime)
#undef ctime
#define ctime(...) AD_BANNED(ctime)
#undef setenv
#define setenv(...) AD_BANNED(setenv)
#undef putenv
#define putenv(...) AD_BANNED(putenv)
#undef system
#define system(...) AD_BANNED(system)
#undef popen
#define popen(...) AD_BANNED(popen)
#undef alloca
#define alloca(...) AD_BANNED(alloca)
#undef tmpnam
#define tmpnam(...) AD_BANNED(tmpnam)

#endif
