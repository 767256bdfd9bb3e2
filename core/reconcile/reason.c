/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/reason.h"

const char *reason_word(enum reason reason)
{
    static const char *const words[] = {
        [REASON_NONE] = "",
        [REASON_SERVED] = "Served",
        [REASON_INVALID] = "Invalid",
        [REASON_CONFLICT] = "Conflict",
        [REASON_NOT_READY] = "NotReady",
        [REASON_BACKEND_FAILED] = "BackendFailed",
        [REASON_NOT_OWNED] = "NotOwned",
        [REASON_UNREADABLE] = "Unreadable",
        [REASON_MOVE_REFUSED] = "MoveRefused",
        [REASON_HELD] = "Held",
        [REASON_PROTECTION_MISSING] = "ProtectionMissing",
        [REASON_INCOMPLETE] = "IncompleteAuthentication",
        [REASON_WRITE_FAILED] = "WriteFailed",
        [REASON_NO_ROUTE] = "NoRoute",
    };

    return words[reason];
}
