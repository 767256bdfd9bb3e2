/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask SOCKET METHOD TARGET - one request to the admin socket of apigwd
 *
 * Prints the status of HTTP on a line of its own, then the body. Exit code: 0 the status is 200, 1 another
 * one, 2 no answer or wrong command line.
 */
#include "daemon/client.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    struct client_request request = {.patience_ms = 30000};
    struct error error = {0};
    struct text body = text_empty();
    unsigned status = 0;
    int result;

    if (argc != 4) {
        (void)fputs("usage: ask SOCKET METHOD TARGET\n", stderr);
        return 2;
    }
    request.socket = argv[1];
    request.method = argv[2];
    request.target = argv[3];
    result = client_ask(&request, &status, &body, &error);
    if (result == 0)
        (void)printf("%u\n%s", status, body.data);
    else
        (void)fprintf(stderr, "%s\n", error.message);
    text_release(&body);
    return result != 0 ? 2 : status != 200;
}
