#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who waits for a host or a Service gets it as soon as the one before lets go of it, and nobody takes it before.
set -u
. "$top_srcdir/tests/live/kit.sh"

# api_at TIME NAME SERVICE HOSTNAME: an Api that was created at that second.
api_at() {
	api "$2" "$3" "$4" | sed "s/^  namespace: t1/&\n  creationTimestamp: 2020-01-01T00:00:0${1}Z/"
}

# refused CODE NAME: the Api has no route, and its status has the code.
refused() {
	absent "$vs/$2.yaml" && holds "out/status/t1/$2.yaml" ": $1"
}

judged
live
api_at 1 h1 s1 shared >in/h1.yaml
api_at 2 h2 s2 shared >in/h2.yaml
api_at 3 h3 s3 shared >in/h3.yaml
begin
check 'the oldest holds the host' soon served shared h1
check 'the second waits' refused 4 h2
check 'the third waits' refused 4 h3
rm in/h1.yaml
check 'it goes: the second is served' soon served shared h2
check 'nothing is left of the first' soon gone h1
check 'the third still waits' stays refused 4 h3
api_at 1 h1 s1 shared >in/h1.yaml
check 'the first comes back and waits, for nobody loses what he holds' soon refused 4 h1
check 'the second keeps it' stays served shared h2
api_at 2 h2 s2 other >in/h2.yaml
check 'the second takes another host' soon served other h2
check 'so the first is served' soon served shared h1
api_at 1 h1 s1 third >in/h1.yaml
check 'it takes another host' soon served third h1
check 'the third is served' soon served shared h3
check 'and stays so' stays served shared h3

api_at 4 p1 common c1 >in/p1.yaml
check 'a Service' soon served c1 p1
api_at 5 p2 common c2 >in/p2.yaml
check 'the second Api for it waits' soon refused 5 p2
{ api_at 6 p3 common c3; authentication; jwt https://p3; } >in/p3.yaml
check 'so does the third' soon refused 5 p3
check 'and has no protection' absent $policies/p3.yaml
rm in/p1.yaml
check 'the holder goes: the next is served' soon served c2 p2
api_at 5 p2 mine c2 >in/p2.yaml
check 'the next one moves to another Service' soon holds $vs/p2.yaml mine.t1.svc
check 'and the third is served' soon served c3 p3
check 'with its protection' stays holds $policies/p3.yaml https://p3

# Somebody else's route in the output.
sed -e '/^  labels:/,/^    apiName: /d' -e 's/name: h1/name: foreign/' -e 's/third.kyma/taken.kyma/' $vs/h1.yaml \
	>foreign.yaml
cp foreign.yaml $vs/foreign.yaml
api_at 7 f1 sf1 taken >in/f1.yaml
check "a host of somebody else's route" soon refused 4 f1
check 'who is named' holds out/status/t1/f1.yaml foreign
rm $vs/foreign.yaml
check 'that goes: the host is free' soon served taken f1
cp foreign.yaml in/foreign.yaml
check 'and it comes later, from the input: the route stays' stays served taken f1
check 'it is ready' ready
check 'it ends well' end
verdict
finish
