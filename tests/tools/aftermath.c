/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aftermath LIST BEFORE AFTER - what a killed apigwd has left in its output folder
 *
 * LIST is what `edits` printed, the Apis of the killed run's input; BEFORE is the output as it was before
 * that run, AFTER as it is now. Looks for what may be true at no moment:
 *
 *   - a file of a resource or a status that is empty, cut off or no YAML;
 *   - a VirtualService that leads to a Service which the Policy of its name does not cover, while its Api
 * asks for authentication or is gone. One that stood like this before the run and has not changed is excused:
 *     nothing has become more exposed.
 *
 * Prints a line for each. Exit code: 0 nothing is wrong, 1 something is, 2 wrong command line.
 */
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "config/yaml.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { path_size = 4096, name_size = 256 };

static const size_t file_max = 1 << 20;

/* The three arguments. */
struct scene {
    const char *list;
    const char *before;
    const char *after;
    size_t wrong;
};

/* A route, by the name of its Api. */
struct route {
    char name_space[name_size];
    char name[name_size];
};

/* What the input says of an Api. */
enum wish { WISH_GONE, WISH_OPEN, WISH_PROTECTED };

/* @return the content, owned by caller; NULL if there is no such file. */
static char *read_path(const char *path, size_t *size)
{
    char *data = NULL;

    return file_read(AT_FDCWD, path, file_max, &data, size, NULL) == 0 ? data : NULL;
}

static json_t *parse(const char *data, size_t size, struct error *error)
{
    static const struct yaml_limits limits = {.bytes = 1 << 20, .documents = 1, .depth = 64};
    struct yaml_mark mark = {0};

    return yaml_read_one(data, size, &limits, &mark, error);
}

static json_t *read_object(const char *path)
{
    size_t size = 0;
    char *data = read_path(path, &size);
    json_t *object = data ? parse(data, size, NULL) : NULL;

    free(data);
    return object;
}

static void look_at_file(struct scene *scene, const char *path)
{
    struct error error = {0};
    size_t size = 0;
    char *data = read_path(path, &size);
    json_t *object = data ? parse(data, size, &error) : NULL;

    if (!data || size == 0 || data[size - 1] != '\n' || !json_is_object(object)) {
        (void)printf("%s: %zu bytes are no whole YAML: %s\n", path, size, error.message);
        scene->wrong++;
    }
    json_decref(object);
    free(data);
}

static void route_path(char path[path_size], const char *output, const struct route *route)
{
    (void)snprintf(path, path_size, "%s/resources/%s/virtualservices.networking.istio.io/%s.yaml", output,
                   route->name_space, route->name);
}

/* The Service that a route leads to, "" for none: the first label of its destination. */
static void target_of(const char *output, const struct route *route, char service[name_size])
{
    char path[path_size];
    json_t *object;
    const json_t *rule;
    const char *host;

    route_path(path, output, route);
    object = read_object(path);
    rule = json_array_get(json_at(object, "spec.http"), 0);
    host = json_text_at(json_array_get(json_member(rule, "route"), 0), "destination.host");
    (void)snprintf(service, name_size, "%.*s", host ? (int)strcspn(host, ".") : 0, host ? host : "");
    json_decref(object);
}

/* Whether a Policy stands that covers the Service which the route leads to. */
static bool covered(const char *output, const struct route *route)
{
    char path[path_size];
    char service[name_size];
    json_t *policy;
    json_t *target;
    bool found = false;
    size_t i;

    target_of(output, route, service);
    (void)snprintf(path, sizeof path, "%s/resources/%s/policies.authentication.istio.io/%s.yaml", output,
                   route->name_space, route->name);
    policy = read_object(path);
    json_array_foreach(json_at(policy, "spec.targets"), i, target)
    {
        const char *name = json_text_at(target, "name");
        found = found || (name && strcmp(name, service) == 0);
    }
    if (json_array_size(json_at(policy, "spec.origins")) == 0)
        found = false;
    json_decref(policy);
    return found;
}

/* Whether the route stood before the run as it stands now. */
static bool unchanged(const struct scene *scene, const struct route *route)
{
    char path[path_size];
    size_t sizes[2] = {0, 0};
    char *data[2];
    bool same;

    route_path(path, scene->before, route);
    data[0] = read_path(path, &sizes[0]);
    route_path(path, scene->after, route);
    data[1] = read_path(path, &sizes[1]);
    same = data[0] && data[1] && sizes[0] == sizes[1] && memcmp(data[0], data[1], sizes[0]) == 0;
    free(data[0]);
    free(data[1]);
    return same;
}

static enum wish wish_of(const struct scene *scene, const struct route *route)
{
    char line[2 * name_size];
    char sought[2 * name_size + 2];
    int length = snprintf(sought, sizeof sought, "%s %s ", route->name_space, route->name);
    enum wish wish = WISH_GONE;
    FILE *list = fopen(scene->list, "r");

    if (!list) {
        perror(scene->list);
        exit(2);
    }
    while (wish == WISH_GONE && fgets(line, sizeof line, list)) {
        if (strncmp(line, sought, (size_t)length) == 0)
            wish = line[length] == '1' ? WISH_PROTECTED : WISH_OPEN;
    }
    (void)fclose(list);
    return wish;
}

static void look_at_route(struct scene *scene, const char *path)
{
    struct route route;
    enum wish wish;

    if (sscanf(path + strlen(scene->after), "/resources/%255[^/]/%*[^/]/%255[^/.].yaml", route.name_space,
               route.name) != 2) {
        (void)printf("%s: not a place of a route\n", path);
        scene->wrong++;
        return;
    }
    wish = wish_of(scene, &route);
    if (wish == WISH_OPEN || covered(scene->after, &route))
        return;
    if (unchanged(scene, &route) && !covered(scene->before, &route))
        return;
    (void)printf("%s: no Policy covers the Service of the route of %s\n", path,
                 wish == WISH_GONE ? "an Api that is gone" : "an Api that asks for authentication");
    scene->wrong++;
}

static void each(struct scene *scene, const char *pattern, void (*look)(struct scene *, const char *))
{
    char path[path_size];
    glob_t found;

    (void)snprintf(path, sizeof path, "%s/%s", scene->after, pattern);
    if (glob(path, GLOB_PERIOD, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            look(scene, found.gl_pathv[i]);
        globfree(&found);
    }
}

int main(int argc, char **argv)
{
    struct scene scene = {0};

    if (argc != 4) {
        (void)fputs("usage: aftermath LIST BEFORE AFTER\n", stderr);
        return 2;
    }
    scene = (struct scene){.list = argv[1], .before = argv[2], .after = argv[3]};
    each(&scene, "resources/[!.]*/*/[!.]*", look_at_file);
    each(&scene, "status/[!.]*/[!.]*", look_at_file);
    each(&scene, "resources/[!.]*/virtualservices.networking.istio.io/[!.]*", look_at_route);
    return scene.wrong == 0 ? 0 : 1;
}
