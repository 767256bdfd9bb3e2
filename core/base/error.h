/* SPDX-License-Identifier: Apache-2.0 */
/*
 * error - why a call failed
 *
 * A fallible function returns 0 or one of enum error_code, takes a struct error * last, and on failure
 * fills it in and leaves its other results untouched. The message is one sentence that names the object,
 * what was found and what was expected. Whoever passes it up adds context; whoever handles it, logs it.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/** What kind of failure it is, for the caller's decision; the message is for people. Always negative. */
enum error_code {
    ERROR_INVALID = -1,   /**< the input is wrong; trying again does not help */
    ERROR_NO_MEMORY = -2, /**< no memory */
    ERROR_IO = -3,        /**< the system refused; may pass */
    ERROR_NOT_FOUND = -4, /**< it does not exist */
    ERROR_FOREIGN = -5,   /**< it exists and is not ours */
    ERROR_LIMIT = -6,     /**< too large, too deep or too many */
    ERROR_CONFLICT = -7,  /**< it is not what it was taken for; look again */
    ERROR_BUSY = -8       /**< not now; comes by itself */
};

/** Storage of the caller, so that it works when memory is short. */
struct error {
    /** enum error_code; 0 as long as nothing was set. */
    int code;
    /** One sentence without a final full stop or line break; cut if it is too long. */
    char message[1024];
};

/**
 * Fills *error in.
 *
 * @param error   may be NULL: then only the code is returned.
 * @param code    enum error_code.
 * @param format  printf format.
 * @return code.
 */
int error_set(struct error *error, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/**
 * Puts context in front of the message: "CONTEXT: MESSAGE".
 *
 * @param error  may be NULL.
 * @return the code that *error already had, ERROR_IO if error is NULL.
 */
int error_wrap(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Sets ERROR_NO_MEMORY with its usual sentence. Here, so that analyzers see that it is no success. */
static inline int error_no_memory(struct error *error)
{
    (void)error_set(error, ERROR_NO_MEMORY, "not enough memory");
    return ERROR_NO_MEMORY;
}

#endif
