/* SPDX-License-Identifier: Apache-2.0 */
#include "connection_stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fault_answer stage_json(char room[STAGE_ROOM], const char *json)
{
    (void)snprintf(room, STAGE_ROOM,
                   "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                   strlen(json), json);
    return (struct fault_answer){.bytes = room};
}

struct fault_answer stage_watch(char room[STAGE_ROOM], const char *events, bool ends)
{
    (void)snprintf(room, STAGE_ROOM, "%s%zx\r\n%s\r\n%s", STAGE_CHUNKED, strlen(events), events,
                   ends ? "0\r\n\r\n" : "");
    return (struct fault_answer){.bytes = room};
}

void stage_reset(struct stage *stage)
{
    text_release(&stage->heard.body);
    memset(stage, 0, sizeof *stage);
}

void stage_open(struct stage *stage, const struct fault_answer *answers, size_t count)
{
    struct error error = {0};

    stage->server.answers = answers;
    stage->server.count = count;
    fault_server_start(&stage->server);
    (void)snprintf(stage->url, sizeof stage->url, "http://127.0.0.1:%d", stage->server.port);
    if (!stage->config.server)
        stage->config.server = stage->url;
    stage->config.origin = "test";
    if (drive_new(&stage->drive, &stage->config, &error) != 0) {
        (void)fprintf(stderr, "no connection: %s\n", error.message);
        exit(99);
    }
}

void stage_close(struct stage *stage)
{
    drive_free(&stage->drive);
    fault_server_stop(&stage->server);
    text_release(&stage->heard.body);
}

void stage_ask_once(struct stage *stage, const struct fault_answer *answer)
{
    stage_reset(stage);
    stage_open(stage, answer, 1);
    drive_get(&stage->drive, "/x", &stage->heard);
    drive_free(&stage->drive);
    fault_server_stop(&stage->server);
}
