/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "directory/written.h"

#include <stdio.h>
#include <string.h>

static struct stat file_of(unsigned number)
{
    struct stat info;

    memset(&info, 0, sizeof info);
    info.st_ino = number;
    return info;
}

static void the_last_file_of_a_place_is_remembered(void)
{
    struct written written = {0};
    struct stat first = file_of(1);
    struct stat second = file_of(2);

    CU_ASSERT_FALSE(written_stands(&written, "a", &first));
    written_forget(&written, "a");
    written_note(&written, "a", &first);
    CU_ASSERT_TRUE(written_stands(&written, "a", &first));
    CU_ASSERT_FALSE(written_stands(&written, "b", &first));
    written_note(&written, "a", &second);
    CU_ASSERT_FALSE(written_stands(&written, "a", &first));
    CU_ASSERT_TRUE(written_stands(&written, "a", &second));
    CU_ASSERT_EQUAL(written.count, 1);
    written_forget(&written, "a");
    CU_ASSERT_FALSE(written_stands(&written, "a", &second));
    written_note(&written, "a", &first);
    CU_ASSERT_TRUE(written_stands(&written, "a", &first));
    written_clear(&written);
    CU_ASSERT_FALSE(written_stands(&written, "a", &first));
}

static void whatever_changes_of_a_file_is_seen(void)
{
    struct written written = {0};
    struct stat info = file_of(1);
    struct stat other[7];

    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        other[i] = info;
    other[0].st_dev = 1;
    other[1].st_mode = S_IFLNK;
    other[2].st_size = 1;
    other[3].st_mtim.tv_sec = 1;
    other[4].st_mtim.tv_nsec = 1;
    other[5].st_ctim.tv_sec = 1;
    other[6].st_ctim.tv_nsec = 1;
    written_note(&written, "a", &info);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        CU_ASSERT_FALSE(written_stands(&written, "a", &other[i]));
    CU_ASSERT_TRUE(written_stands(&written, "a", &info));
    written_clear(&written);
}

static void there_is_a_limit(void)
{
    struct written written = {0};
    struct stat info = file_of(1);
    char place[32];
    size_t known = 0;

    for (int i = 0; i <= WRITTEN_MAX; i++) {
        (void)snprintf(place, sizeof place, "place %d", i);
        written_note(&written, place, &info);
        CU_ASSERT_TRUE(written_stands(&written, place, &info));
        if (i == WRITTEN_MAX - 1)
            CU_ASSERT_TRUE(written_stands(&written, "place 0", &info));
    }
    for (int i = 0; i <= WRITTEN_MAX; i++) {
        (void)snprintf(place, sizeof place, "place %d", i);
        known += written_stands(&written, place, &info);
    }
    CU_ASSERT_EQUAL(known, 1);
    written_clear(&written);
}

int main(void)
{
    static const struct test tests[] = {
        {"the last file of a place is remembered", the_last_file_of_a_place_is_remembered},
        {"whatever changes of a file is seen", whatever_changes_of_a_file_is_seen},
        {"there is a limit", there_is_a_limit},
        {NULL, NULL},
    };

    return harness_run("written", tests);
}
