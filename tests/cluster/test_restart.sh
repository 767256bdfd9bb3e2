#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No write without a change: a restart with a thousand Apis in place, one edit, idle time; and many new Apis at once.
set -u
. "$top_srcdir/tests/cluster/kit.sh"
bed_up one
configure one
check 'the role of the daemon' allow one

spaces=$(awk 'BEGIN { for (i = 0; i < 50; i++) print "n" i }')
space one $spaces t1
many 1000 50 a >many.json
kube one create -f many.json >/dev/null
check 'it starts' begin
check '1,000 Apis are served' bed_within 60 served 1000
since
check 'it ends' end
check 'and starts' begin
sleep 3
check 'without one write' wrote_just ''
check 'and is not in doubt' served 1000

check 'an edit of the host' eval "kube one -n n1 patch api a1 --type=merge -p '{\"spec\": {\"hostname\": \"other\"}}'"
check 'reaches the route' bed_within 5 vs n1/a1 '.spec.hosts == ["other.kyma.local"]'
sleep 2
check 'is one write of the route and one of the status' wrote_just '1 update apis/status 200,1 update virtualservices 200,'
since
check 'an edit of the issuer' eval "kube one -n n1 patch api a1 --type=merge -p \
	'{\"spec\": {\"authentication\": [{\"type\": \"JWT\", \"jwt\": {\"issuer\": \"https://j\", \"jwksUri\": \"https://j/k\"}}]}}'"
sleep 2
check 'is one write of the protection and one of the status' wrote_just '1 update apis/status 200,1 update policies 200,'

since
many 500 50 b >more.json
before=$(date +%s%3N)
check '500 Apis are created' kube one create -f more.json
created=$(date +%s%3N)
check 'all are served within 50 s' bed_within 50 served 1500
now=$(date +%s%3N)
echo "# created in $((created - before)) ms, the last served $((now - created)) ms after that"
sleep 1
check 'by one write for each output and each status' wrote_just \
	'250 create policies 201,500 create virtualservices 201,500 update apis/status 200,'
check 'it ends well' end
finish
