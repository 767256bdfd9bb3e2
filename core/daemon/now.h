/* SPDX-License-Identifier: Apache-2.0 */
/*
 * now - the one place that reads the clocks
 */
#ifndef DAEMON_NOW_H
#define DAEMON_NOW_H

#include "object/moment.h"

/** @return this moment. */
struct moment now(void);

#endif
