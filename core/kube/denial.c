/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/denial.h"

static const int64_t grace_ms = 5000;
static const int64_t granted_grace_ms = 200;

bool denial_stands(struct denial *denial, int64_t now_ms, bool granted)
{
    if (denial->since_ms == 0)
        denial->since_ms = now_ms;
    return now_ms - denial->since_ms >= (granted ? granted_grace_ms : grace_ms);
}
