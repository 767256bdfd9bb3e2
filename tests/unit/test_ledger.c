/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "scarce.h"

#include "reconcile/ledger.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct entry *add(struct ledger *ledger, const char *key)
{
    struct entry *entry = ledger_add(ledger, key);

    CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
    return entry;
}

static bool ask(struct ledger *ledger, struct entry *entry, const char *host, const char *service)
{
    const char *const texts[ENTRY_CLAIMS] = {[ENTRY_HOST] = host, [ENTRY_SERVICE] = service};

    return ledger_ask(ledger, entry, texts);
}

static size_t count(const struct ledger *ledger, const char *claim, bool takes)
{
    size_t number = 0;

    for (const struct entry *entry = ledger_first(ledger, claim, takes); entry;
         entry = ledger_next(ledger, entry, claim, takes))
        number++;
    return number;
}

static size_t count_asked(const struct ledger *ledger, const char *key)
{
    size_t number = 0;

    for (const struct entry_ask *ask = ledger_first_asked(ledger, key); ask;
         ask = ledger_next_asked(ledger, ask))
        number++;
    return number;
}

static size_t count_own_asked(const struct ledger *ledger, const struct entry *entry)
{
    const struct entry_ask *ask = NULL;
    size_t number = 0;

    while ((ask = ledger_each_asked(ledger, entry, ask)))
        number++;
    return number;
}

static void entries_are_found_and_listed_in_order(void)
{
    static const char *const keys[] = {"t2/a", "t1/b", "t1/a", "t10/a"};
    static const char *const sorted[] = {"t1/a", "t1/b", "t10/a", "t2/a"};
    struct ledger *ledger = ledger_new();
    struct entry **list;

    CU_ASSERT_PTR_NULL(ledger_get(ledger, "t1/a"));
    for (size_t i = 0; i < 4; i++) {
        struct entry *entry = add(ledger, keys[i]);
        CU_ASSERT_STRING_EQUAL(entry->key, keys[i]);
        CU_ASSERT_FALSE(entry->present);
        CU_ASSERT_EQUAL(entry->created, INT64_MAX);
        CU_ASSERT_PTR_EQUAL(ledger_add(ledger, keys[i]), entry);
        CU_ASSERT_PTR_EQUAL(ledger_get(ledger, keys[i]), entry);
    }
    CU_ASSERT_EQUAL(ledger_count(ledger), 4);
    list = ledger_sorted(ledger);
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_STRING_EQUAL(list[i]->key, sorted[i]);
    CU_ASSERT_PTR_NULL(list[4]);
    free(list);
    ledger_remove(ledger, ledger_get(ledger, "t1/b"));
    CU_ASSERT_PTR_NULL(ledger_get(ledger, "t1/b"));
    CU_ASSERT_EQUAL(ledger_count(ledger), 3);
    ledger_free(ledger);
    ledger_free(NULL);
}

static void what_is_asked_for_and_taken_is_found(void)
{
    struct ledger *ledger = ledger_new();
    struct entry *a = add(ledger, "t1/a");
    struct entry *b = add(ledger, "t1/b");

    CU_ASSERT_TRUE(ask(ledger, a, "h", "t1/s"));
    CU_ASSERT_TRUE(ask(ledger, b, "h", "t1/x"));
    CU_ASSERT_EQUAL(count(ledger, "h", false), 2);
    CU_ASSERT_EQUAL(count(ledger, "t1/s", false), 1);
    CU_ASSERT_PTR_EQUAL(ledger_first(ledger, "t1/s", false), a);
    CU_ASSERT_PTR_NULL(ledger_first(ledger, "h", true));
    CU_ASSERT_FALSE(ledger_has_taken(a));
    CU_ASSERT_TRUE(ledger_take(ledger, a));
    CU_ASSERT_TRUE(ledger_has_taken(a));
    CU_ASSERT_EQUAL(count(ledger, "h", true), 1);
    /* What was taken stays taken when something else is asked for. */
    CU_ASSERT_TRUE(ask(ledger, a, "g", "t1/s"));
    CU_ASSERT_FALSE(ledger_has_taken(a));
    CU_ASSERT_EQUAL(count(ledger, "h", false), 1);
    CU_ASSERT_PTR_EQUAL(ledger_first(ledger, "h", true), a);
    CU_ASSERT_TRUE(ledger_ask(ledger, a, NULL));
    CU_ASSERT_PTR_NULL(ledger_first(ledger, "g", false));
    CU_ASSERT_PTR_NOT_NULL(ledger_first(ledger, "h", true));
    ledger_release(ledger, a);
    ledger_release(ledger, a);
    CU_ASSERT_PTR_NULL(ledger_first(ledger, "h", true));
    CU_ASSERT_PTR_NULL(ledger_first(ledger, "t1/s", true));
    ledger_free(ledger);
}

static void taking_something_else_lets_go_of_the_old(void)
{
    struct ledger *ledger = ledger_new();
    struct entry *a = add(ledger, "t1/a");

    CU_ASSERT_TRUE(ask(ledger, a, "h", "t1/s"));
    CU_ASSERT_TRUE(ledger_take(ledger, a));
    CU_ASSERT_TRUE(ask(ledger, a, "g", "t1/s"));
    CU_ASSERT_TRUE(ledger_take(ledger, a));
    CU_ASSERT_PTR_NULL(ledger_first(ledger, "h", true));
    CU_ASSERT_EQUAL(count(ledger, "g", true), 1);
    CU_ASSERT_EQUAL(count(ledger, "t1/s", true), 1);
    ledger_free(ledger);
}

static void related_keys_replace_those_before(void)
{
    static const char *const first[] = {"k1", "k2"};
    static const char *const second[] = {"k2", "k3", "k2"};
    struct ledger *ledger = ledger_new();
    struct entry *a = add(ledger, "t1/a");
    struct entry *b = add(ledger, "t1/b");

    CU_ASSERT_TRUE(ledger_note_asked(ledger, a, first, 2));
    CU_ASSERT_TRUE(ledger_note_asked(ledger, b, first, 1));
    CU_ASSERT_EQUAL(count_asked(ledger, "k1"), 2);
    CU_ASSERT_TRUE(ledger_note_asked(ledger, a, second, 3));
    CU_ASSERT_EQUAL(count_asked(ledger, "k1"), 1);
    CU_ASSERT_PTR_EQUAL(ledger_asker(ledger, ledger_first_asked(ledger, "k1")), b);
    CU_ASSERT_EQUAL(count_asked(ledger, "k2"), 2);
    CU_ASSERT_PTR_EQUAL(ledger_asker(ledger, ledger_first_asked(ledger, "k3")), a);
    /* Its own texts may be among the new ones. */
    {
        const struct entry_ask *one = ledger_each_asked(ledger, a, NULL);
        const struct entry_ask *two = ledger_each_asked(ledger, a, one);
        const char *again[] = {two->key, one->key};
        CU_ASSERT_TRUE(ledger_note_asked(ledger, a, again, 2));
    }
    CU_ASSERT_STRING_EQUAL(ledger_each_asked(ledger, a, NULL)->key, "k3");
    CU_ASSERT_TRUE(ledger_note_asked(ledger, a, NULL, 0));
    CU_ASSERT_PTR_NULL(ledger_first_asked(ledger, "k3"));
    ledger_remove(ledger, b);
    CU_ASSERT_PTR_NULL(ledger_first_asked(ledger, "k1"));
    ledger_free(ledger);
}

static void the_older_one_is_told_by_time_then_by_key(void)
{
    struct ledger *ledger = ledger_new();
    struct entry *a = add(ledger, "t1/a");
    struct entry *b = add(ledger, "t1/b");

    CU_ASSERT_TRUE(entry_older(a, b));
    CU_ASSERT_FALSE(entry_older(b, a));
    CU_ASSERT_FALSE(entry_older(a, a));
    b->created = 5;
    CU_ASSERT_TRUE(entry_older(b, a));
    CU_ASSERT_FALSE(entry_older(a, b));
    a->created = 0;
    CU_ASSERT_TRUE(entry_older(a, b));
    ledger_free(ledger);
}

static void what_goes_gives_its_memory_back(void)
{
    static const char *const keys[] = {"k1", "k2"};
    struct ledger *ledger = ledger_new();
    size_t before;

    for (int turn = 0; turn < 3; turn++) {
        struct entry *entry = add(ledger, "t1/a");
        CU_ASSERT_TRUE(ask(ledger, entry, "h", "t1/s") && ledger_take(ledger, entry));
        CU_ASSERT_TRUE(ledger_note_asked(ledger, entry, keys, 2));
        CU_ASSERT_TRUE(entry_set_message(entry, strdup("x")));
        CU_ASSERT_TRUE(entry_set_uid(entry, "a uid that is no UUID"));
        entry_show(entry, ENTRY_HOST, "h");
        ledger_remove(ledger, entry);
        if (turn == 0)
            before = ledger_memory(ledger);
        CU_ASSERT_EQUAL(ledger_memory(ledger), before);
    }
    ledger_free(ledger);
}

static void without_memory_nothing_changes(void)
{
    static const char *const keys[] = {"k1", "k2"};
    struct ledger *ledger = ledger_new();
    struct entry *entry = add(ledger, "t1/a");
    bool failed = true;

    CU_ASSERT_TRUE(ask(ledger, entry, "h", "t1/s") && ledger_take(ledger, entry));
    CU_ASSERT_TRUE(ledger_note_asked(ledger, entry, keys, 1));
    for (size_t granted = 0; failed; granted++) {
        bool done[3];
        scarce_begin(granted);
        done[0] = ask(ledger, entry, "g", "t1/x");
        done[1] = done[0] && ledger_take(ledger, entry);
        done[2] = done[1] && ledger_note_asked(ledger, entry, keys, 2);
        failed = scarce_end();
        CU_ASSERT_EQUAL(failed, !done[2]);
        CU_ASSERT_EQUAL(count(ledger, "h", false), !done[0]);
        CU_ASSERT_EQUAL(count(ledger, "g", false), done[0]);
        CU_ASSERT_EQUAL(count(ledger, "h", true), !done[1]);
        CU_ASSERT_EQUAL(count(ledger, "g", true), done[1]);
        CU_ASSERT_EQUAL(count_own_asked(ledger, entry), done[2] ? 2 : 1);
        CU_ASSERT_TRUE(ask(ledger, entry, "h", "t1/s") && ledger_take(ledger, entry));
        CU_ASSERT_TRUE(ledger_note_asked(ledger, entry, keys, 1));
    }
    failed = true;
    for (size_t granted = 0; failed; granted++) {
        struct ledger *other;
        struct entry *made;
        scarce_begin(granted);
        other = ledger_new();
        made = other ? ledger_add(other, "t1/a") : NULL;
        failed = scarce_end();
        CU_ASSERT_EQUAL(failed, made == NULL);
        ledger_free(other);
    }
    ledger_free(ledger);
}

static void what_few_have_is_kept_as_long_as_it_is_there(void)
{
    static const char *const uids[] = {"",
                                       "u",
                                       "01234567-89ab-4cde-8f01-23456789abcd",
                                       "01234567-89AB-4cde-8f01-23456789abcd",
                                       "a uid that is longer than sixteen bytes",
                                       "fifteen letters",
                                       "sixteen letters."};
    struct ledger *ledger = ledger_new();
    struct entry *entry = add(ledger, "t1/a");
    char buffer[UID_SIZE];

    CU_ASSERT_PTR_NULL(entry_uid(entry, buffer));
    for (size_t i = 1; i < sizeof uids / sizeof *uids; i++) {
        CU_ASSERT_TRUE(entry_set_uid(entry, uids[i]));
        CU_ASSERT_STRING_EQUAL(entry_uid(entry, buffer), uids[i]);
    }
    CU_ASSERT_PTR_NOT_NULL(entry->rare);
    CU_ASSERT_TRUE(entry_set_uid(entry, uids[2]));
    CU_ASSERT_PTR_NULL(entry->rare);
    CU_ASSERT_TRUE(entry_set_uid(entry, NULL));
    CU_ASSERT_PTR_NULL(entry_uid(entry, buffer));
    CU_ASSERT_TRUE(entry_set_message(entry, strdup("m")));
    entry_show(entry, ENTRY_SERVICE, "s");
    CU_ASSERT_STRING_EQUAL(entry_message(entry), "m");
    CU_ASSERT_PTR_NULL(entry_shown(entry, ENTRY_HOST));
    CU_ASSERT_STRING_EQUAL(entry_shown(entry, ENTRY_SERVICE), "s");
    CU_ASSERT_TRUE(entry_set_message(entry, NULL));
    CU_ASSERT_PTR_NOT_NULL(entry->rare);
    entry_show(entry, ENTRY_SERVICE, NULL);
    CU_ASSERT_PTR_NULL(entry->rare);
    CU_ASSERT_PTR_NOT_NULL_FATAL(entry_need_rare(entry));
    quarrel_touch(&entry->rare->quarrel);
    entry_tidy(entry);
    CU_ASSERT_PTR_NOT_NULL(entry->rare);
    quarrel_break_off(&entry->rare->quarrel);
    entry_tidy(entry);
    CU_ASSERT_PTR_NULL(entry->rare);
    ledger_free(ledger);
}

static void thousands_take_little_room(void)
{
    enum { APIS = 10000 };
    struct ledger *ledger = ledger_new();
    char texts[3][64];

    for (unsigned i = 0; i < APIS; i++) {
        struct entry *entry;
        (void)snprintf(texts[0], sizeof texts[0], "shop-17/api-%06u", i);
        entry = add(ledger, texts[0]);
        (void)snprintf(texts[1], sizeof texts[1], "api-%06u.kyma.local", i);
        (void)snprintf(texts[2], sizeof texts[2], "shop-17/svc-%06u", i / 2);
        CU_ASSERT_TRUE_FATAL(ask(ledger, entry, texts[1], texts[2]) && ledger_take(ledger, entry));
        (void)snprintf(texts[0], sizeof texts[0], "%08x-0000-4000-8000-000000000000", i);
        CU_ASSERT_TRUE(entry_set_uid(entry, texts[0]));
        ledger_release(ledger, entry);
    }
    (void)printf("# %zu bytes an Api\n", ledger_memory(ledger) / APIS);
    CU_ASSERT_TRUE(ledger_memory(ledger) / APIS < 200);
    for (unsigned i = 0; i < APIS; i += 97) {
        (void)snprintf(texts[0], sizeof texts[0], "shop-17/api-%06u", i);
        (void)snprintf(texts[1], sizeof texts[1], "api-%06u.kyma.local", i);
        (void)snprintf(texts[2], sizeof texts[2], "shop-17/svc-%06u", i / 2);
        CU_ASSERT_PTR_EQUAL(ledger_first(ledger, texts[1], false), ledger_get(ledger, texts[0]));
        CU_ASSERT_EQUAL(count(ledger, texts[2], false), 2);
        CU_ASSERT_EQUAL(count(ledger, texts[2], true), 0);
    }
    ledger_free(ledger);
}

int main(void)
{
    static const struct test tests[] = {
        {"entries are found and listed in order", entries_are_found_and_listed_in_order},
        {"what is asked for and taken is found", what_is_asked_for_and_taken_is_found},
        {"taking something else lets go of the old", taking_something_else_lets_go_of_the_old},
        {"related keys replace those before", related_keys_replace_those_before},
        {"the older one is told by time, then by key", the_older_one_is_told_by_time_then_by_key},
        {"what goes gives its memory back", what_goes_gives_its_memory_back},
        {"what few have is kept as long as it is there", what_few_have_is_kept_as_long_as_it_is_there},
        {"thousands take little room", thousands_take_little_room},
        {"without memory nothing changes", without_memory_nothing_changes},
        {NULL, NULL}};

    return harness_run("ledger", tests);
}
