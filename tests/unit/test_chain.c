/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "scarce.h"

#include "base/chain.h"

#include <stdio.h>
#include <string.h>

/* A thing in a table. */
struct thing {
    struct chain_link link;
    char key[16];
    bool seen;
};

static void add(struct chain_table *table, struct thing *thing, const char *key)
{
    (void)snprintf(thing->key, sizeof thing->key, "%s", key);
    thing->link = (struct chain_link){.key = thing->key, .owner = thing};
    CU_ASSERT_TRUE_FATAL(chain_reserve(table, 1));
    chain_add(table, &thing->link);
}

static size_t count_under(const struct chain_table *table, const char *key)
{
    size_t count = 0;

    for (const struct chain_link *link = chain_first(table, key); link; link = chain_next(link)) {
        CU_ASSERT_STRING_EQUAL(link->key, key);
        CU_ASSERT_PTR_EQUAL(&((struct thing *)link->owner)->link, link);
        count++;
    }
    return count;
}

static void an_empty_table_holds_nothing(void)
{
    struct chain_table table = {0};

    CU_ASSERT_PTR_NULL(chain_first(&table, ""));
    CU_ASSERT_PTR_NULL(chain_first(&table, "a"));
    CU_ASSERT_EQUAL(chain_memory(&table), 0);
    CU_ASSERT_TRUE(chain_reserve(&table, 0));
    CU_ASSERT_PTR_NULL(chain_first(&table, "a"));
    chain_release(&table);
    chain_release(&table);
}

static void several_things_stand_under_one_text(void)
{
    static const char *const keys[] = {"a", "b", "a", "", "a", "b"};
    struct chain_table table = {0};
    struct thing things[6] = {0};

    for (size_t i = 0; i < 6; i++)
        add(&table, &things[i], keys[i]);
    CU_ASSERT_EQUAL(table.count, 6);
    CU_ASSERT_EQUAL(count_under(&table, "a"), 3);
    CU_ASSERT_EQUAL(count_under(&table, "b"), 2);
    CU_ASSERT_EQUAL(count_under(&table, ""), 1);
    CU_ASSERT_EQUAL(count_under(&table, "c"), 0);
    chain_remove(&table, &things[2].link);
    CU_ASSERT_EQUAL(count_under(&table, "a"), 2);
    /* What is not there any more is not removed again. */
    chain_remove(&table, &things[2].link);
    CU_ASSERT_EQUAL(table.count, 5);
    chain_remove(&table, &things[4].link);
    chain_remove(&table, &things[0].link);
    CU_ASSERT_PTR_NULL(chain_first(&table, "a"));
    CU_ASSERT_EQUAL(count_under(&table, "b"), 2);
    chain_release(&table);
}

static void visit(struct chain_link *link, void *payload)
{
    struct thing *thing = link->owner;
    size_t *count = payload;

    CU_ASSERT_FALSE(thing->seen);
    thing->seen = true;
    /* As if it were freed. */
    link->next = NULL;
    (*count)++;
}

static void tables_grow_and_keep_everything(void)
{
    static struct thing things[5000];
    struct chain_table table = {0};
    size_t count = 0;
    char key[16];

    for (size_t i = 0; i < 5000; i++) {
        (void)snprintf(key, sizeof key, "%zu", i / 2);
        add(&table, &things[i], key);
    }
    for (size_t i = 0; i < 2500; i++) {
        (void)snprintf(key, sizeof key, "%zu", i);
        CU_ASSERT_EQUAL(count_under(&table, key), 2);
    }
    CU_ASSERT_TRUE(chain_memory(&table) >= 5000 * sizeof(void *));
    CU_ASSERT_TRUE(chain_memory(&table) <= 4 * 5000 * sizeof(void *));
    for (size_t i = 0; i < 5000; i += 2)
        chain_remove(&table, &things[i].link);
    for (size_t i = 0; i < 2500; i++) {
        (void)snprintf(key, sizeof key, "%zu", i);
        CU_ASSERT_EQUAL(count_under(&table, key), 1);
    }
    chain_each(&table, visit, &count);
    CU_ASSERT_EQUAL(count, 2500);
    chain_release(&table);
}

static void without_memory_nothing_changes(void)
{
    struct chain_table table = {0};
    struct thing things[64] = {0};
    bool made;

    scarce_begin(0);
    made = chain_reserve(&table, 1);
    CU_ASSERT_TRUE(scarce_end());
    CU_ASSERT_FALSE(made);
    for (size_t i = 0; i < 64; i++)
        add(&table, &things[i], "a");
    scarce_begin(0);
    made = chain_reserve(&table, 1000);
    CU_ASSERT_TRUE(scarce_end());
    CU_ASSERT_FALSE(made);
    CU_ASSERT_EQUAL(count_under(&table, "a"), 64);
    CU_ASSERT_TRUE(chain_reserve(&table, 1000));
    CU_ASSERT_EQUAL(count_under(&table, "a"), 64);
    chain_release(&table);
}

static void what_is_reserved_needs_no_memory(void)
{
    struct chain_table table = {0};
    struct thing things[100] = {0};

    CU_ASSERT_TRUE(chain_reserve(&table, 100));
    scarce_begin(0);
    for (size_t i = 0; i < 100; i++) {
        (void)snprintf(things[i].key, sizeof things[i].key, "%zu", i);
        things[i].link = (struct chain_link){.key = things[i].key, .owner = &things[i]};
        chain_add(&table, &things[i].link);
    }
    CU_ASSERT_FALSE(scarce_end());
    CU_ASSERT_EQUAL(count_under(&table, "99"), 1);
    chain_release(&table);
}

int main(void)
{
    static const struct test tests[] = {
        {"an empty table holds nothing", an_empty_table_holds_nothing},
        {"several things stand under one text", several_things_stand_under_one_text},
        {"tables grow and keep everything", tables_grow_and_keep_everything},
        {"without memory nothing changes", without_memory_nothing_changes},
        {"what is reserved needs no memory", what_is_reserved_needs_no_memory},
        {NULL, NULL}};

    return harness_run("chain", tests);
}
