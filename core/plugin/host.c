/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/host.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Longer lines of a plugin are cut. */
enum { LINE_SIZE = 1024 };

static const struct host_services *services_of(const struct apigw_host *host)
{
    return (const struct host_services *)host;
}

static enum log_level level_of(int32_t level)
{
    if (level <= APIGW_LOG_ERROR)
        return LOG_LEVEL_ERROR;
    if (level == APIGW_LOG_WARNING)
        return LOG_LEVEL_WARNING;
    return level == APIGW_LOG_INFO ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG;
}

static int host_log_enabled(const struct apigw_host *host, int32_t level)
{
    return log_enabled(services_of(host)->log, level_of(level)) ? 1 : 0;
}

/* Ends a text that was too long so that it stays UTF-8 and tells that it was cut. */
static void mark_cut(char line[LINE_SIZE])
{
    static const char mark[] = "...";
    size_t end = LINE_SIZE - sizeof mark;

    while (end > 0 && ((unsigned char)line[end] & 0xc0U) == 0x80U)
        end--;
    memcpy(line + end, mark, sizeof mark);
}

static void host_log(const struct apigw_host *host, int32_t level, const char *format, ...)
    APIGW_FORMAT(3, 4);

static void host_log(const struct apigw_host *host, int32_t level, const char *format, ...)
{
    const struct host_services *services = services_of(host);
    char line[LINE_SIZE];
    va_list values;
    int length;

    if (!host_log_enabled(host, level))
        return;
    va_start(values, format);
    length = vsnprintf(line, sizeof line, format, values);
    va_end(values);
    if (length < 0)
        return;
    if ((size_t)length >= sizeof line)
        mark_cut(line);
    log_write(services->log, level_of(level), line, "backend", services->backend, (char *)NULL);
}

void host_init(struct host_services *services, const struct log *log, const char *backend)
{
    *services = (struct host_services){.host = {.struct_size = sizeof(struct apigw_host),
                                                .abi_major = APIGW_ABI_MAJOR,
                                                .abi_minor = APIGW_ABI_MINOR,
                                                .log_enabled = host_log_enabled,
                                                .log = host_log},
                                       .log = log,
                                       .backend = backend};
}
