/* SPDX-License-Identifier: Apache-2.0 */
#include "base/problem.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than a person reads; a file of rubbish must not fill the memory. */
static const size_t max_first = 100;

/* Behind these every part still has room for some, which no other can take. */
static const size_t max_of_part = 10;
static const size_t max_problems = 1000;

static void release(struct problem *problem)
{
    free(problem->file);
    free(problem->path);
    free(problem->message);
}

void problems_release(struct problems *problems)
{
    if (!problems)
        return;
    for (size_t i = 0; i < problems->count; i++)
        release(&problems->list[i]);
    free(problems->list);
    *problems = (struct problems){0};
}

void problems_begin(struct problems *problems)
{
    problems->begun = problems->count;
}

__attribute__((format(printf, 1, 0))) static char *format_text(const char *format, va_list values)
{
    char *message = NULL;

    return vasprintf(&message, format, values) < 0 ? NULL : message;
}

static bool has_room(const struct problems *problems)
{
    size_t of_part = problems->count - problems->begun;

    return problems->count < max_first || (of_part < max_of_part && problems->count < max_problems);
}

/* Takes the message over. */
static void add(struct problems *problems, struct problem problem)
{
    struct problem *list = NULL;

    if (problem.severity == PROBLEM_ERROR)
        problems->errors++;
    if (has_room(problems) && problem.file && problem.path && problem.message)
        list = realloc(problems->list, (problems->count + 1) * sizeof *list);
    if (!list) {
        problems->dropped++;
        release(&problem);
        return;
    }
    problems->list = list;
    list[problems->count++] = problem;
}

void problems_add(struct problems *problems, enum problem_severity severity, const char *path,
                  const char *format, ...)
{
    struct problem problem = {.severity = severity, .file = strdup(""), .path = strdup(path ? path : "")};
    va_list values;

    va_start(values, format);
    problem.message = format_text(format, values);
    va_end(values);
    add(problems, problem);
}

void problems_add_at(struct problems *problems, enum problem_severity severity, const char *file, size_t line,
                     size_t column, const char *path, const char *format, ...)
{
    struct problem problem = {.severity = severity,
                              .file = strdup(file ? file : ""),
                              .line = line,
                              .column = column,
                              .path = strdup(path ? path : "")};
    va_list values;

    va_start(values, format);
    problem.message = format_text(format, values);
    va_end(values);
    add(problems, problem);
}

bool problem_place(struct problem *problem, const char *file, size_t line, size_t column)
{
    char *copy = strdup(file);

    if (!copy)
        return false;
    free(problem->file);
    problem->file = copy;
    problem->line = line;
    problem->column = column;
    return true;
}

const struct problem *problems_first_error(const struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        if (problems->list[i].severity == PROBLEM_ERROR)
            return &problems->list[i];
    }
    return NULL;
}

static void print(const struct problem *problem, struct text *out)
{
    utf8_append_string(out, problem->file);
    if (problem->file[0] && problem->line > 0)
        text_append_format(out, ":%zu:%zu", problem->line, problem->column);
    text_append_string(out, problem->file[0] ? ": " : "");
    text_append_string(out, problem->severity == PROBLEM_ERROR ? "error: " : "warning: ");
    utf8_append_string(out, problem->path);
    text_append_string(out, problem->path[0] ? ": " : "");
    utf8_append_string(out, problem->message);
    text_append_string(out, "\n");
}

void problems_print(const struct problems *problems, struct text *out)
{
    for (size_t i = 0; i < problems->count; i++)
        print(&problems->list[i], out);
    if (problems->dropped > 0)
        text_append_format(out, "%zu more problems not shown\n", problems->dropped);
}
