#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: try.sh [COMMAND...]
#
# A real API server with the CRDs of Api, VirtualService and Policy and the garbage collector, for as long as the
# command runs, a shell if none is given. KUBECONFIG names it, kubectl is in PATH. Nothing is left afterwards.
set -u
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd -P)}"
. "$top_srcdir/tests/cluster/bed.sh"
bed_prepare && bed_start try && bed_crds try && bed_collect try || exit 1
[ $# -gt 0 ] || set -- "${SHELL:-sh}"
KUBECONFIG=$bed_root/try/admin.kubeconfig PATH=${bed_kubectl%/*}:$PATH "$@"
