/* banned.h - forced in front of every source file: what we never call.
 *
 * A use of one of these names is a compile error that names the function.
 * The system headers that declare them come first, so that only our own calls
 * are caught. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(fn) banned_function_##fn

/* clang-format off */
#undef strcpy
#define strcpy(...)	BANNED(strcpy)	/* no bound: arena_span, struct buf */
#undef strcat
#define strcat(...)	BANNED(strcat)
#undef sprintf
#define sprintf(...)	BANNED(sprintf)	/* snprintf, arena_printf */
#undef strncpy
#define strncpy(...)	BANNED(strncpy)	/* may leave no NUL */
#undef strtok
#define strtok(...)	BANNED(strtok)	/* hidden state: struct reader */
#undef atoi
#define atoi(...)	BANNED(atoi)	/* no errors: num_parse */
#undef atol
#define atol(...)	BANNED(atol)
#undef strtol
#define strtol(...)	BANNED(strtol)
#undef gets
#define gets(...)	BANNED(gets)
#undef alloca
#define alloca(...)	BANNED(alloca)
#undef gmtime
#define gmtime(...)	BANNED(gmtime)	/* static result: rfc3339.h */
#undef localtime
#define localtime(...)	BANNED(localtime)
#undef ctime
#define ctime(...)	BANNED(ctime)
#undef system
#define system(...)	BANNED(system)
#undef popen
#define popen(...)	BANNED(popen)
#undef rand
#define rand(...)	BANNED(rand)	/* struct randomness is passed in */
#undef setjmp
#define setjmp(...)	BANNED(setjmp)
/* clang-format on */

#endif
