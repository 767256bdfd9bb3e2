/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is read without libyaml is read as libyaml reads it. A comment in front that is not ASCII makes a text
 * one that is left to libyaml, so that both opinions are there to compare.
 */
#include "harness.h"
#include "mutate.h"
#include "scarce.h"

#include "base/json.h"
#include "config/yaml.h"
#include "config/yaml_plain.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct yaml_limits limits = {.bytes = 4096, .documents = 4, .values = 60, .depth = 5};

/* What a reader told. */
struct told {
    struct text documents;
    struct error error;
    int result;
};

static int note(json_t *document, size_t number, size_t line, void *payload)
{
    struct told *told = payload;
    char *text = json_compact(document);

    text_append_format(&told->documents, "%zu:%zu:%s\n", number, line, text);
    free(text);
    return 0;
}

static struct told read_by_libyaml(const char *data, size_t size)
{
    struct told told = {.documents = text_empty()};
    struct text text = text_empty();

    text_append_string(&text, "# \xc3\xa4 ");
    text_append_string(&text, size > 0 && data[0] == '\n' ? "" : "\n");
    text_append(&text, data, size);
    told.result = yaml_read(text.data, text.length, &limits, note, &told, NULL, &told.error);
    text_release(&text);
    return told;
}

/* Whether a text that is read as plain gives what libyaml gives, but for the line that the comment takes. */
static bool agree(const char *data, size_t size, bool *plain)
{
    struct yaml_plain documents = {0};
    struct told told;
    struct text mine = text_empty();
    bool good;

    *plain = yaml_plain_read(data, size, &limits, &documents);
    if (!*plain)
        return documents.count == 0;
    told = read_by_libyaml(data, size);
    for (size_t i = 0; i < documents.count; i++) {
        char *text = json_compact(documents.list[i].value);
        size_t line = documents.list[i].line + (data[0] != '\n');
        text_append_format(&mine, "%zu:%zu:%s\n", i, line, text);
        free(text);
    }
    good = told.result == 0 && strcmp(mine.data, told.documents.data) == 0;
    if (!good)
        (void)printf("# %.*s\n# plain: %s\n# libyaml: %d %s %s\n", (int)size, data, mine.data, told.result,
                     told.error.message, told.documents.data);
    text_release(&told.documents);
    text_release(&mine);
    yaml_plain_release(&documents);
    return good;
}

static const char *const plain_texts[] = {
    "kind: Api\nmetadata:\n  name: orders\nspec:\n  port: 80\n  x: true\n  y:\n  z: null\n",
    "---\na: 1\n---\nb:\n- x\n- y: 1\n  z: \"a: # b\"\n- {}\n- []\nc: 'q \"u\" o'\n",
    "# comment\n\na:\n  - b:\n      - c: http://x.y/z?a=b#c\n        d: []\n\n    e: -\n",
    "hosts:\n- a.b.c\n- d, e [f] {g}\nname: x y\nempty:\nlast: 1.5e3",
    "a:\n- b:\n  - c\n  d: 1\n- e:\n- f: g\nh: \"\"\n",
    "a:\n  b:\n    c:\n      d: {}\n",
};

/* One of them is not plain: a value is a dash. */
static void plain_texts_are_read_as_libyaml_reads_them(void)
{
    size_t read = 0;

    for (size_t i = 0; i < sizeof plain_texts / sizeof *plain_texts; i++) {
        bool plain = false;
        CU_ASSERT_TRUE(agree(plain_texts[i], strlen(plain_texts[i]), &plain));
        read += plain;
    }
    CU_ASSERT_EQUAL(read, sizeof plain_texts / sizeof *plain_texts - 1);
}

static const char *const other_texts[] = {
    "",
    "---\n",
    "# x\n",
    "a",
    "- a\n",
    "a: b\n  c\n",
    "a: b\n c: d\n",
    "a: b: c\n",
    "a: b #c\n",
    "a: yes\n",
    "a: 017\n",
    "a: 1\na: 2\n",
    "a: &x b\n",
    "a: *x\n",
    "a: !t b\n",
    "a: |\n  b\n",
    "a: >\n  b\n",
    "a: [b]\n",
    "a: {b: c}\n",
    "a: \"b\\n\"\n",
    "a: \"b\n  c\"\n",
    "a: 'it''s'\n",
    "a: \"b\" c\n",
    "a: b \n",
    "a: b:\n",
    "a:\tb\n",
    "a: b\r\n",
    "a: \xc3\xa4\n",
    "\xc3\xa4: b\n",
    "\"a\": b\n",
    "? a\n: b\n",
    "<<: b\n",
    "%YAML 1.2\n---\na: b\n",
    "a: b\n...\n",
    "a: b\n---\n",
    "--- \na: b\n",
    "--- a\n",
    "a:\n- - b\n",
    "a:\n-\n",
    "a:\n- b\n c: d\n",
    "a:\n  - b\n  c: d\n",
    "a:\n  b: c\n d: e\n",
    "a: b\n- c\n",
    "a: b\n- c: d\n",
    "-a: b\n",
    " a: b\n c: d\ne: f\n",
    "a: 1\n---\na: 1\n---\na: 1\n---\na: 1\n---\na: 1\n",
    "a:\n b:\n  c:\n   d:\n    e: {}\n",
    "a:\n b:\n  c:\n   d:\n    e:\n     f: 1\n",
    "a: `b\n",
    "a: @b\n",
    "a: 99999999999999999999\n",
};

static void everything_else_is_left_to_libyaml(void)
{
    for (size_t i = 0; i < sizeof other_texts / sizeof *other_texts; i++) {
        struct yaml_plain documents = {0};
        bool plain = yaml_plain_read(other_texts[i], strlen(other_texts[i]), &limits, &documents);
        if (plain)
            (void)printf("# %s\n", other_texts[i]);
        CU_ASSERT_FALSE(plain);
        CU_ASSERT_PTR_NULL(documents.list);
        yaml_plain_release(&documents);
    }
}

static void limits_are_those_of_libyaml(void)
{
    struct text text = text_empty();
    bool plain = false;

    text_append_string(&text, "a:\n");
    for (size_t i = 0; i < 58; i++)
        text_append_string(&text, "- b\n");
    CU_ASSERT_TRUE(agree(text.data, text.length, &plain));
    CU_ASSERT_TRUE(plain);
    text_append_string(&text, "- b\n");
    CU_ASSERT_TRUE(agree(text.data, text.length, &plain));
    CU_ASSERT_FALSE(plain);
    text_clear(&text);
    for (size_t i = 0; i < 200; i++)
        text_append_string(&text, "k");
    text_append_string(&text, ": v\n");
    CU_ASSERT_TRUE(agree(text.data, text.length, &plain));
    CU_ASSERT_TRUE(plain);
    text_release(&text);
}

/* Both read what was changed in every way, and whatever only one of them would read is left to libyaml. */
static void changed_texts_are_read_as_libyaml_reads_them(void)
{
    static const char *const pieces[] = {
        ": ",   ":",    "- ", "-",  "\n",  "\n\n", "  ",  " ",  "#",    " #",      "---",    "\"", "'",
        "\n  ", "\n- ", "{}", "[]", "a: ", "~",    "yes", "\t", "\r",   "&a ",     "*a",     "!",  "|",
        "\\",   "...",  "? ", "%",  "0x1", "1_0",  ",",   "]",  "null", "\n---\n", "a: b\n", NULL};
    struct mutate mutate = mutate_begin(20241124, 3000);
    char data[1024];
    size_t read = 0;

    while (mutate_goes_on(&mutate)) {
        const char *text = plain_texts[mutate_number(&mutate, sizeof plain_texts / sizeof *plain_texts)];
        size_t size = strlen(text);
        bool plain = false;
        bool good;
        memcpy(data, text, size);
        size = mutate_text(&mutate, data, size, sizeof data, pieces);
        /* yaml_read() looks for both before it reads. */
        if (memchr(data, '\0', size))
            continue;
        good = agree(data, size, &plain);
        read += plain;
        CU_ASSERT_TRUE(good);
        if (!good)
            break;
    }
    CU_ASSERT_TRUE(read > 100);
}

/* Short of memory a text is not plain, and nothing is left behind. */
static void scarce_memory_is_no_plain_text(void)
{
    const char *text = plain_texts[1];

    for (size_t n = 0; n < 200; n++) {
        struct yaml_plain documents = {0};
        bool plain;
        scarce_begin(n);
        plain = yaml_plain_read(text, strlen(text), &limits, &documents);
        if (!scarce_end()) {
            CU_ASSERT_TRUE(plain);
            yaml_plain_release(&documents);
            return;
        }
        CU_ASSERT_TRUE(plain || !documents.list);
        yaml_plain_release(&documents);
    }
    CU_FAIL("never enough memory");
}

int main(void)
{
    static const struct test tests[] = {
        {"plain texts are read as libyaml reads them", plain_texts_are_read_as_libyaml_reads_them},
        {"everything else is left to libyaml", everything_else_is_left_to_libyaml},
        {"limits are those of libyaml", limits_are_those_of_libyaml},
        {"changed texts are read as libyaml reads them", changed_texts_are_read_as_libyaml_reads_them},
        {"scarce memory is no plain text", scarce_memory_is_no_plain_text},
        {NULL, NULL},
    };

    return harness_run("yaml_plain", tests);
}
