/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/map.h"
#include "base/problem.h"
#include "base/similar.h"
#include "base/text.h"

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void text_grows_and_is_taken(void)
{
    struct text text = text_empty();
    char *taken;

    CU_ASSERT_STRING_EQUAL(text.data, "");
    for (int i = 0; i < 1000; i++)
        text_append_format(&text, "%d,", i);
    text_append(&text, "xyz", 2);
    CU_ASSERT_FALSE(text.failed);
    CU_ASSERT_EQUAL(text.length, strlen(text.data));
    CU_ASSERT_STRING_EQUAL(text.data + text.length - 6, "999,xy");
    text_cut(&text, 3);
    CU_ASSERT_STRING_EQUAL(text.data, "0,1");
    CU_ASSERT_EQUAL(text.length, 3);
    taken = text_take(&text);
    text_cut(&text, 0);
    CU_ASSERT_PTR_NOT_NULL(taken);
    CU_ASSERT_EQUAL(text.length, 0);
    free(taken);
    taken = text_take(&text);
    CU_ASSERT_STRING_EQUAL(taken, "");
    free(taken);
    text_release(&text);
    text_release(NULL);
}

static void text_remembers_failure(void)
{
    struct text text = text_empty();

    text_append(&text, "x", SIZE_MAX / 2);
    CU_ASSERT_TRUE(text.failed);
    text_append_string(&text, "y");
    CU_ASSERT_EQUAL(text.length, 0);
    CU_ASSERT_PTR_NULL(text_take(&text));
    text_append_string(&text, "z");
    CU_ASSERT_STRING_EQUAL(text.data, "z");
    text_release(&text);
}

static void errors_carry_context(void)
{
    struct error error = {0};

    CU_ASSERT_EQUAL(error_set(&error, ERROR_LIMIT, "%d is too many", 7), ERROR_LIMIT);
    CU_ASSERT_EQUAL(error_wrap(&error, "file %s", "a.yaml"), ERROR_LIMIT);
    CU_ASSERT_STRING_EQUAL(error.message, "file a.yaml: 7 is too many");
    CU_ASSERT_EQUAL(error_set(NULL, ERROR_IO, "x"), ERROR_IO);
    for (int i = 0; i < 200; i++)
        (void)error_wrap(&error, "a long context");
    CU_ASSERT_EQUAL(strlen(error.message), sizeof error.message - 1);
}

static bool count_entries(const char *key, void *value, void *payload)
{
    CU_ASSERT_EQUAL(strtoul(key, NULL, 10), (uintptr_t)value);
    (*(size_t *)payload)++;
    return true;
}

static void map_keeps_what_is_set(void)
{
    struct map *map = map_new(NULL);
    char key[16];
    size_t count = 0;

    for (uintptr_t i = 1; i <= 5000; i++) {
        (void)snprintf(key, sizeof key, "%u", (unsigned)i);
        CU_ASSERT_TRUE(map_set(map, key, (void *)i));
    }
    for (unsigned i = 2; i <= 5000; i += 2) {
        (void)snprintf(key, sizeof key, "%u", i);
        CU_ASSERT_TRUE(map_remove(map, key));
        CU_ASSERT_FALSE(map_remove(map, key));
    }
    CU_ASSERT_EQUAL(map_count(map), 2500);
    for (uintptr_t i = 1; i <= 5000; i++) {
        (void)snprintf(key, sizeof key, "%u", (unsigned)i);
        CU_ASSERT_EQUAL((uintptr_t)map_get(map, key), i % 2 ? i : 0);
    }
    map_each(map, count_entries, &count);
    CU_ASSERT_EQUAL(count, 2500);
    map_free(map);
}

static void map_owns_values(void)
{
    struct map *map = map_new(free);

    CU_ASSERT_TRUE(map_set(map, "a", strdup("1")));
    CU_ASSERT_TRUE(map_set(map, "a", strdup("2")));
    CU_ASSERT_STRING_EQUAL(map_get(map, "a"), "2");
    CU_ASSERT_PTR_NULL(map_get(map, "b"));
    map_free(map);
    map_free(NULL);
}

static void arena_aligns_and_zeroes(void)
{
    struct arena arena = {0};

    for (size_t size = 0; size < 5000; size += 7) {
        char *data = arena_alloc(&arena, size);
        CU_ASSERT_PTR_NOT_NULL_FATAL(data);
        CU_ASSERT_EQUAL((uintptr_t)data % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            CU_ASSERT_EQUAL_FATAL(data[i], 0);
        memset(data, 1, size);
    }
    CU_ASSERT_PTR_NULL(arena_array(&arena, SIZE_MAX / 2, 3));
    CU_ASSERT_STRING_EQUAL(arena_format(&arena, "%s-%d", "a", 1), "a-1");
    CU_ASSERT_STRING_EQUAL(arena_string(&arena, "b"), "b");
    arena_release(&arena);
    arena_release(NULL);
}

static void digest_shortens_long_names(void)
{
    char out[64];
    char name[200];

    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    digest_shorten(out, name, 63);
    CU_ASSERT_EQUAL(strlen(out), 63);
    CU_ASSERT_NSTRING_EQUAL(out, name, 46);
    CU_ASSERT_EQUAL(out[46], '-');
    CU_ASSERT_STRING_EQUAL(out + 47, digest_of(name, 199).hex);
    digest_shorten(out, "short", 63);
    CU_ASSERT_STRING_EQUAL(out, "short");
    name[63] = '\0';
    digest_shorten(out, name, 63);
    CU_ASSERT_STRING_EQUAL(out, name);
    CU_ASSERT_STRING_NOT_EQUAL(digest_of("a", 1).hex, digest_of("b", 1).hex);
}

static bool join(const char *text, void *payload)
{
    text_append_format(payload, "%s;", text);
    return strcmp(text, "stop") != 0;
}

static void json_paths_reach_lists(void)
{
    static const char source[] =
        "{\"spec\":{\"hosts\":[\"a\",1,\"b\"],\"http\":[{\"route\":[{\"d\":{\"host\":\"x\"}}]},"
        "{\"route\":[{\"d\":{\"host\":\"y\"}},{\"d\":7}]},3],\"one\":\"z\"}}";
    json_t *root = json_parse(source, strlen(source), NULL);
    struct text seen = text_empty();

    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    CU_ASSERT_TRUE(json_each_text(root, "spec.hosts[]", join, &seen));
    CU_ASSERT_TRUE(json_each_text(root, "spec.http[].route[].d.host", join, &seen));
    CU_ASSERT_TRUE(json_each_text(root, "spec.one", join, &seen));
    CU_ASSERT_TRUE(json_each_text(root, "spec.none.at.all[]", join, &seen));
    CU_ASSERT_TRUE(json_each_text(root, "spec.one[]", join, &seen));
    CU_ASSERT_TRUE(json_each_text(root, "spec.hosts", join, &seen));
    CU_ASSERT_STRING_EQUAL(seen.data, "a;b;x;y;z;");
    CU_ASSERT_STRING_EQUAL(json_text_at(root, "spec.one"), "z");
    CU_ASSERT_PTR_NULL(json_text_at(root, "spec.hosts"));
    CU_ASSERT_PTR_NULL(json_at(root, "spec.one.more"));
    text_release(&seen);
    json_decref(root);
}

static uint64_t digest_text(const char *text)
{
    json_t *value = json_parse(text, strlen(text), NULL);
    uint64_t digest = json_digest(value);

    CU_ASSERT_PTR_NOT_NULL(value);
    json_decref(value);
    return digest;
}

static void json_digests_tell_values_apart(void)
{
    static const char *const texts[] = {
        "null",
        "true",
        "false",
        "0",
        "1",
        "1.0",
        "0.0",
        "\"\"",
        "\"1\"",
        "\"true\"",
        "[]",
        "[[]]",
        "[null]",
        "[1]",
        "[1,2]",
        "[2,1]",
        "[[1],2]",
        "[[1,2]]",
        "{}",
        "[{}]",
        "{\"a\":null}",
        "{\"a\":1}",
        "{\"a\":1.0}",
        "{\"b\":1}",
        "{\"a\":1,\"b\":2}",
        "{\"a\":2,\"b\":1}",
        "{\"a\":{\"b\":1}}",
        "{\"a\":{\"b\":1},\"c\":{\"d\":2}}",
        "{\"a\":{\"d\":2},\"c\":{\"b\":1}}",
        "{\"a\":[1,2]}",
        "{\"a\":[1],\"b\":[2]}",
        "{\"a\":[2],\"b\":[1]}",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (size_t j = 0; j < sizeof texts / sizeof texts[0]; j++)
            CU_ASSERT_EQUAL(digest_text(texts[i]) == digest_text(texts[j]), i == j);
    }
    CU_ASSERT_EQUAL(digest_text("{\"a\":{\"b\":1,\"c\":[1,{}]},\"d\":2}"),
                    digest_text("{\"d\": 2, \"a\": {\"c\": [1, {}], \"b\": 1}}"));
}

static void text_writes_integers(void)
{
    struct text text = text_empty();

    text_append_integer(&text, 0);
    text_append(&text, " ", 1);
    text_append_integer(&text, LLONG_MIN);
    text_append(&text, " ", 1);
    text_append_integer(&text, LLONG_MAX);
    text_append(&text, " ", 1);
    text_append_integer(&text, -10);
    CU_ASSERT_STRING_EQUAL(text.data, "0 -9223372036854775808 9223372036854775807 -10");
    text_release(&text);
}

/* The order of members too: what is written is what was read. */
static void json_compact_gives_back_what_was_read(void)
{
    static const char *const texts[] = {
        "null",
        "[true,false,null,0,-1,1.5,1e300,-0.0]",
        "{\"b\":{},\"a\":[],\"\":[[{}],[]]}",
        "{\"spec\":{\"x\":[1,{\"y\":\"z\"}]},\"kind\":\"Api\"}",
        "\"\\u0001\\\"\\\\/\\u001f\x7f\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"",
        "[-9223372036854775808,9223372036854775807]",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_t *value = json_parse(texts[i], strlen(texts[i]), NULL);
        json_t *copy = json_copy_all(value);
        char *text = json_compact(copy);
        json_t *again = json_parse(text, strlen(text), NULL);
        CU_ASSERT_PTR_NOT_NULL(value);
        CU_ASSERT_TRUE(json_equal(value, copy));
        CU_ASSERT_TRUE(json_equal(value, again));
        if (!strpbrk(texts[i], ".e"))
            CU_ASSERT_STRING_EQUAL(text, texts[i]);
        json_decref(again);
        json_decref(copy);
        json_decref(value);
        free(text);
    }
    CU_ASSERT_PTR_NULL(json_copy_all(NULL));
}

static void json_copies_share_nothing(void)
{
    static const char source[] = "{\"a\":{\"b\":[{\"c\":1}]}}";
    json_t *value = json_parse(source, sizeof source - 1, NULL);
    json_t *copy = json_copy_all(value);
    char *text;

    (void)json_object_clear(json_array_get(json_at(copy, "a.b"), 0));
    (void)json_array_append_new(json_at(copy, "a.b"), json_true());
    text = json_compact(value);
    CU_ASSERT_STRING_EQUAL(text, source);
    free(text);
    json_decref(copy);
    json_decref(value);
}

static void json_refuses_duplicates_and_nul(void)
{
    struct error error = {0};

    CU_ASSERT_PTR_NULL(json_parse("{\"a\":1,\n\"a\":2}", 14, &error));
    CU_ASSERT_EQUAL(strncmp(error.message, "2:", 2), 0);
    CU_ASSERT_PTR_NULL(json_parse("\"\\u0000\"", 8, &error));
    CU_ASSERT_PTR_NULL(json_parse("1 2", 3, &error));
    CU_ASSERT_PTR_NULL(json_parse("99999999999999999999", 20, &error));
}

static void problems_print_like_a_compiler(void)
{
    struct problems problems = {0};
    struct text out = text_empty();

    problems_add(&problems, PROBLEM_WARNING, NULL, "odd");
    problems_add_at(&problems, PROBLEM_ERROR, "f.yaml", 3, 5, "spec.port", "%d is too large", 70000);
    CU_ASSERT_TRUE(problem_place(&problems.list[0], "g.yaml", 1, 2));
    problems_print(&problems, &out);
    CU_ASSERT_STRING_EQUAL(out.data,
                           "g.yaml:1:2: warning: odd\nf.yaml:3:5: error: spec.port: 70000 is too large\n");
    CU_ASSERT_EQUAL(problems.errors, 1);
    CU_ASSERT_STRING_EQUAL(problems_first_error(&problems)->file, "f.yaml");
    for (int i = 0; i < 200; i++)
        problems_add(&problems, PROBLEM_ERROR, NULL, "again");
    CU_ASSERT_EQUAL(problems.count, 100);
    CU_ASSERT_EQUAL(problems.dropped, 102);
    CU_ASSERT_EQUAL(problems.errors, 201);
    for (int i = 0; i < 200; i++) {
        problems_begin(&problems);
        for (int j = 0; j < 11; j++)
            problems_add(&problems, PROBLEM_ERROR, NULL, "%d", i);
    }
    CU_ASSERT_EQUAL(problems.count, 1000);
    CU_ASSERT_STRING_EQUAL(problems.list[109].message, "0");
    CU_ASSERT_STRING_EQUAL(problems.list[110].message, "1");
    problems_release(&problems);
    text_release(&out);
}

static void log_lines_cannot_be_forged(void)
{
    char *data = NULL;
    size_t size = 0;
    struct log log = {.level = LOG_LEVEL_INFO, .out = open_memstream(&data, &size)};

    log_write(&log, LOG_LEVEL_INFO, "api refused", "api", "ns/a", "error", "a \"b\"\nlevel=error \x01",
              "none", (char *)NULL, (char *)NULL);
    log_write(&log, LOG_LEVEL_DEBUG, "not seen", (char *)NULL);
    log_write(NULL, LOG_LEVEL_ERROR, "nowhere", (char *)NULL);
    (void)fclose(log.out);
    CU_ASSERT_PTR_NOT_NULL(strstr(data, " level=info msg=\"api refused\" api=ns/a "
                                        "error=\"a \\\"b\\\"\\nlevel=error \\x01\"\n"));
    CU_ASSERT_EQUAL(strchr(data, '\n'), data + size - 1);
    CU_ASSERT_EQUAL(log_level_of("debug"), LOG_LEVEL_DEBUG);
    CU_ASSERT_EQUAL(log_level_of("loud"), -1);
    free(data);
}

static void files_are_read_whole_or_refused(void)
{
    char folder[] = "/tmp/apigwd-test-XXXXXX";
    struct error error = {0};
    char *data = NULL;
    size_t size = 0;
    int at;
    int fd;

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    at = open(folder, O_RDONLY | O_DIRECTORY);
    fd = openat(at, "a", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    CU_ASSERT_EQUAL(file_write_open(fd, "hello", 5), 0);
    CU_ASSERT_EQUAL(close(fd), 0);
    CU_ASSERT_EQUAL(file_read(at, "a", 5, &data, &size, &error), 0);
    CU_ASSERT_STRING_EQUAL(data, "hello");
    CU_ASSERT_EQUAL(size, 5);
    free(data);
    CU_ASSERT_EQUAL(file_read(at, "a", 4, &data, &size, &error), ERROR_LIMIT);
    CU_ASSERT_EQUAL(file_read(at, "b", 4, &data, &size, &error), ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(file_read(at, ".", 4, &data, &size, &error), ERROR_INVALID);
    CU_ASSERT_EQUAL(mkfifoat(at, "fifo", 0600), 0);
    CU_ASSERT_EQUAL(file_read(at, "fifo", 4, &data, &size, &error), ERROR_INVALID);
    (void)unlinkat(at, "fifo", 0);
    (void)unlinkat(at, "a", 0);
    (void)close(at);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

/* What fstat() said need not hold any more when the file is read. */
static void files_that_change_are_told(void)
{
    char path[] = "/tmp/apigwd-test-XXXXXX";
    int fd = mkstemp(path);
    struct error error = {0};
    struct stat info = {0};
    char *data = NULL;
    size_t size = 0;

    CU_ASSERT_EQUAL_FATAL(write(fd, "hello", 5), 5);
    CU_ASSERT_EQUAL(fstat(fd, &info), 0);
    CU_ASSERT_EQUAL(lseek(fd, 0, SEEK_SET), 0);
    CU_ASSERT_EQUAL(file_read_known(fd, &info, "x", 5, &data, &size, &error), 0);
    CU_ASSERT_STRING_EQUAL(data, "hello");
    CU_ASSERT_EQUAL(size, 5);
    free(data);
    CU_ASSERT_EQUAL(write(fd, "!", 1), 1);
    CU_ASSERT_EQUAL(lseek(fd, 0, SEEK_SET), 0);
    CU_ASSERT_EQUAL(file_read_known(fd, &info, "x", 5, &data, &size, &error), ERROR_IO);
    CU_ASSERT_STRING_EQUAL(error.message, "x: changed while it was read");
    CU_ASSERT_EQUAL(ftruncate(fd, 2), 0);
    CU_ASSERT_EQUAL(lseek(fd, 0, SEEK_SET), 0);
    CU_ASSERT_EQUAL(file_read_known(fd, &info, "x", 5, &data, &size, &error), 0);
    CU_ASSERT_STRING_EQUAL(data, "he");
    CU_ASSERT_EQUAL(size, 2);
    free(data);
    (void)close(fd);
    (void)unlink(path);
}

static void similar_finds_slips_of_the_pen(void)
{
    static const char *const names[] = {"authentication", "authenticationEnabled", "hostname"};

    CU_ASSERT_STRING_EQUAL(similar_find("authentications", names, 3), "authentication");
    CU_ASSERT_STRING_EQUAL(similar_find("Authentication", names, 3), "authentication");
    CU_ASSERT_STRING_EQUAL(similar_find("authentcation", names, 3), "authentication");
    CU_ASSERT_STRING_EQUAL(similar_find("authetnication", names, 3), "authentication");
    CU_ASSERT_STRING_EQUAL(similar_find("authentixation", names, 3), "authentication");
    CU_ASSERT_STRING_EQUAL(similar_find("authentication_enabled", names, 3), "authenticationEnabled");
    CU_ASSERT_STRING_EQUAL(similar_find("host-name", names, 3), "hostname");
    CU_ASSERT_STRING_EQUAL(similar_find("uthentication", names, 3), "authentication");
    CU_ASSERT_PTR_NULL(similar_find("auth", names, 3));
    CU_ASSERT_PTR_NULL(similar_find("", names, 3));
    CU_ASSERT_PTR_NULL(similar_find("ohstnaem", names, 3));
    CU_ASSERT_TRUE(similar_names("", "a"));
    CU_ASSERT_TRUE(similar_names("ab", "ba"));
    CU_ASSERT_FALSE(similar_names("abc", "bca"));
}

int main(void)
{
    static const struct test tests[] = {
        {"text grows and is taken", text_grows_and_is_taken},
        {"text remembers that memory was short", text_remembers_failure},
        {"errors carry context and are cut", errors_carry_context},
        {"map keeps what is set", map_keeps_what_is_set},
        {"map owns its values", map_owns_values},
        {"arena aligns and zeroes", arena_aligns_and_zeroes},
        {"digest shortens long names only", digest_shortens_long_names},
        {"json paths reach into lists", json_paths_reach_lists},
        {"json digests tell values apart", json_digests_tell_values_apart},
        {"text writes integers", text_writes_integers},
        {"compact json gives back what was read", json_compact_gives_back_what_was_read},
        {"copies of json share nothing", json_copies_share_nothing},
        {"json refuses duplicates, NUL and huge integers", json_refuses_duplicates_and_nul},
        {"similar finds slips of the pen", similar_finds_slips_of_the_pen},
        {"problems print like a compiler's", problems_print_like_a_compiler},
        {"log lines cannot be forged", log_lines_cannot_be_forged},
        {"files are read whole or refused", files_are_read_whole_or_refused},
        {"files that change while they are read are told", files_that_change_are_told},
        {NULL, NULL},
    };

    return harness_run("base", tests);
}
