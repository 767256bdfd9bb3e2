/* SPDX-License-Identifier: Apache-2.0 */
#include "random_json.h"

static void generate(struct mutate *mutate, struct text *out, unsigned depth);

static void generate_blank(struct mutate *mutate, struct text *out)
{
    if (mutate_number(mutate, 12) == 0)
        text_append(out, &" \n\t\r"[mutate_number(mutate, 4)], 1);
}

static void generate_string(struct mutate *mutate, struct text *out)
{
    static const char *const parts[] = {"a",
                                        "b",
                                        "\xc3\xa4",
                                        "\\u00e4",
                                        "\\n",
                                        "\\u000b",
                                        "\xf0\x9f\x98\x80",
                                        "\\ud83d\\ude00",
                                        "\\/",
                                        "\\u003c",
                                        "long text without anything in it",
                                        "\\\"",
                                        "\x7f",
                                        "\xef\xbf\xbf"};

    text_append_string(out, "\"");
    for (size_t i = mutate_number(mutate, 4); i > 0; i--)
        text_append_string(out, parts[mutate_number(mutate, sizeof parts / sizeof parts[0])]);
    text_append_string(out, "\"");
}

static void generate_container(struct mutate *mutate, struct text *out, unsigned depth, bool object)
{
    size_t count = mutate_number(mutate, 5);

    text_append_string(out, object ? "{" : "[");
    for (size_t i = 0; i < count; i++) {
        text_append_string(out, i > 0 ? "," : "");
        generate_blank(mutate, out);
        if (object) {
            generate_string(mutate, out);
            generate_blank(mutate, out);
            text_append_string(out, ":");
        }
        generate(mutate, out, depth + 1);
    }
    text_append_string(out, object ? "}" : "]");
}

static void generate(struct mutate *mutate, struct text *out, unsigned depth)
{
    static const char *const scalars[] = {"1",
                                          "-0",
                                          "0",
                                          "null",
                                          "true",
                                          "false",
                                          "-12",
                                          "1.5",
                                          "1e3",
                                          "-0.0",
                                          "9223372036854775807",
                                          "0.1e-7",
                                          "123456789012345678"};
    size_t choice = mutate_number(mutate, depth < 6 ? 5 : 2);

    generate_blank(mutate, out);
    if (choice == 0)
        generate_string(mutate, out);
    else if (choice == 1)
        text_append_string(out, scalars[mutate_number(mutate, sizeof scalars / sizeof scalars[0])]);
    else
        generate_container(mutate, out, depth, choice > 2);
    generate_blank(mutate, out);
}

void random_json(struct mutate *mutate, struct text *out)
{
    generate(mutate, out, 0);
}
