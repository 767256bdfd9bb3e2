/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deliver - walks the table under each delivery and asserts that nothing was found
 */
#ifndef TESTS_DELIVER_H
#define TESTS_DELIVER_H

#include "walk.h"

/** Walks, and prints the numbers of pairs and of writes. APIGW_WHOLE: every pair under every delivery with
 * every fault too; APIGW_DELIVERY: its number, only that one. */
void deliver_each(enum stage_fault fault, bool asleep);

#endif
