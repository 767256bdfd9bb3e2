/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image - whether some bytes are a shared object for this machine
 *
 * The dynamic loader would say it too, but in its own words, and a file that was cut short may crash it.
 */
#ifndef PLUGIN_IMAGE_H
#define PLUGIN_IMAGE_H

#include "base/error.h"

#include <stddef.h>

/**
 * Checks the ELF header and the places of all segments and sections.
 *
 * @param data  content of a file.
 * @param size  in bytes.
 * @return 0, or ERROR_INVALID with what was found and what was wanted; the message does not name the file.
 */
int image_check(const char *data, size_t size, struct error *error);

#endif
