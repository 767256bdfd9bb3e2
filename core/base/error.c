/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *error, int code, const char *format, ...)
{
    va_list values;

    if (!error)
        return code;
    va_start(values, format);
    (void)vsnprintf(error->message, sizeof error->message, format, values);
    va_end(values);
    error->code = code;
    return code;
}

int error_wrap(struct error *error, const char *format, ...)
{
    char inner[sizeof error->message];
    va_list values;
    size_t length;

    if (!error)
        return ERROR_IO;
    memcpy(inner, error->message, sizeof inner);
    va_start(values, format);
    (void)vsnprintf(error->message, sizeof error->message, format, values);
    va_end(values);
    length = strlen(error->message);
    (void)snprintf(error->message + length, sizeof error->message - length, ": %s", inner);
    return error->code;
}
