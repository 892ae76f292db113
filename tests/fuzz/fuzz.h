/* SPDX-License-Identifier: Apache-2.0 */
/* What every fuzz target is: one function that is called with bytes nobody has chosen. A promise
 * that does not hold for them ends the process by AD_ASSERT. */
#ifndef AD_TEST_FUZZ_H
#define AD_TEST_FUZZ_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The name that libFuzzer calls before all else, of a target that has one. Always 0. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

/* The name that libFuzzer calls. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
