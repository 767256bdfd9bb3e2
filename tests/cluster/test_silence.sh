#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Minutes in which nothing is heard of the API server, and one in which there is nothing to do.
set -u
. "$top_srcdir/tests/cluster/kit.sh"
bed_up one
space one t1
configure one
allow one
many 60 1 a | kube one create -f - >/dev/null
begin
check 'all is served' bed_within 20 served 60
sleep 1

# By then every watch has had a bookmark, by whose absence a silence is noticed.
since
sleep 60
check 'idle for a minute, it writes nothing' wrote_just ''
bed_audit one "$mark" | jq -c 'select(.user.username == "apigwd" and .verb != "watch")' >asked
check 'and asks nothing but watches' silent cat asked
sleep 10

since
stopped=$(date +%s)
bed_signal one apiserver STOP
check 'stopped: it tells after 90 s' bed_within 115 unready 'cluster one: '
sleep $((stopped + 120 - $(date +%s)))
check 'stopped for two minutes: it lives' alive
check 'it still tells' unready 'cluster one: '
bed_signal one apiserver CONT
intact 'stopped for two minutes' 60

# It hears of new Apis, and cannot write for a minute.
since
kill -s STOP "$daemon"
many 40 1 b | kube one create -f - >/dev/null
bed_halt one apiserver
kill -s CONT "$daemon"
sleep 60
check 'gone for a minute: it lives and tells' eval "alive && unready 'cluster one: '"
bed_resume one
check 'back: what could not be written is' bed_within $patience served 100
check 'back: ready' bed_within $patience ready
sleep 1
check 'back: by one write each' wrote_just \
	'20 create policies 201,40 create virtualservices 201,40 update apis/status 200,'
since
intact 'gone for a minute' 100
check 'it ends' end
finish
