/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/reason.h"

/* A row of the table. */
struct row {
    const char *word;
    const char *meaning;
    const char *remedy;
};

static const struct row rows[REASON_COUNT] = {
    [REASON_NONE] = {"", "", ""},
    [REASON_ACCEPTED] = {"Accepted", "The Api is valid, and its host and its Service are its own.", ""},
    [REASON_SERVED] = {"Served", "Everything that the Api asks for stands.", ""},
    [REASON_SECURED] = {"Secured", "Every protection that the Api asks for stands.", ""},
    [REASON_NOT_REQUESTED] = {"NotRequested",
                              "The Api asks for no authentication: whoever reaches the gateway reaches the "
                              "Service.",
                              "Give spec.authentication if that is not meant."},
    [REASON_INCOMPLETE] = {"IncompleteAuthentication",
                           "Every element of spec.authentication is incomplete, and the cluster serves such "
                           "an Api without protection (incompleteAuthentication: unsecured).",
                           "Complete the elements: type, jwt.issuer and jwt.jwksUri."},
    [REASON_INVALID] =
        {"Invalid",
         "The Api, or a part of it that only a backend can judge, is wrong. Nothing was written; "
         "what it had before stays.",
         "Correct the field that the message names."},
    [REASON_SERVICE_IN_USE] =
        {"ServiceInUse",
         "Another Api of the namespace publishes the Service. Nothing was written; what "
         "the Api had before stays.",
         "Name another Service, or remove the Api that the message names: this one is "
         "served as soon as that one is gone."},
    [REASON_HOSTNAME_IN_USE] =
        {"HostnameInUse",
         "The hostname belongs to somebody else. Nothing was written; what the Api had "
         "before stays.",
         "Choose another hostname, or remove the object that the message names: this Api "
         "is served as soon as that is gone."},
    [REASON_NOT_ACCEPTED] = {"NotAccepted", "Nothing was attempted, because the Api is not accepted.",
                             "See the condition Accepted."},
    [REASON_CONFLICT] = {"Conflict", "An object of somebody else would defeat an output of the Api.",
                         "Remove or change the object that the message names; it is noticed at once."},
    [REASON_CONTESTED] =
        {"Contested",
         "An output of the Api stands as wanted, but somebody else changes it over and over. It is put right "
         "each time, at most 5 s later.",
         "Have the manager that the message names leave the object alone."},
    [REASON_NOT_READY] = {"NotReady", "A backend waits for something that is not there yet.",
                          "Usually none: it is tried again. The message tells what is missing."},
    [REASON_BACKEND_FAILED] = {"BackendFailed",
                               "A backend failed, by a fault of its own or for want of memory.",
                               "Tell whoever runs the gateway; it is tried again."},
    [REASON_NOT_OWNED] =
        {"NotOwned",
         "An object that apigwd did not make has the name that an output needs. It is left as "
         "it is.",
         "Remove or rename the object that the message names; it is noticed at once."},
    [REASON_UNREADABLE] = {"Unreadable", "What stands at the name of an output cannot be read.",
                           "Look at the file or object that the message names."},
    [REASON_NOT_PERMITTED] =
        {"NotPermitted",
         "A kind of object that the Api needs may not be read, so that nobody knows what stands of it. "
         "Nothing new is published, and nothing is removed.",
         "Whoever runs the cluster has to grant what apigwctl rbac prints; it is noticed within some "
         "seconds."},
    [REASON_HELD] = {"Held", "Nothing is wrong with this part; another one that it goes with is refused.",
                     "See the other part."},
    [REASON_PROTECTION_MISSING] = {"ProtectionMissing",
                                   "A protection that the Api asks for does not stand. A new route is not "
                                   "published without it.",
                                   "See authenticationStatus."},
    [REASON_WRITE_FAILED] = {"WriteFailed", "A write was refused or failed.",
                             "The message has the reason; it is tried again."},
    [REASON_NO_ROUTE] = {"NoRoute", "No enabled backend publishes.",
                         "Whoever runs the gateway has to enable a backend of role route."},
};

const char *reason_word(enum reason reason)
{
    return rows[reason].word;
}

const char *reason_meaning(enum reason reason)
{
    return rows[reason].meaning;
}

const char *reason_remedy(enum reason reason)
{
    return rows[reason].remedy;
}
