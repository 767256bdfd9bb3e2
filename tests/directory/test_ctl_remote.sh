#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# apigwctl asks a daemon: status, explain, reload; and what the daemon logs meanwhile.
set -u
. "$top_srcdir/tests/directory/kit.sh"

daemon=

# serve OPTION...: starts the daemon and waits until it answers.
serve() {
	"$top_builddir/apigwd" --plugin-dir "$top_builddir/plugins/.libs" --config apigwd.yaml "$@" 2>>log &
	daemon=$!
	until_holds socket_there
}

stop() {
	stop_code=0
	kill "$daemon"
	wait "$daemon" || stop_code=$?
	daemon=
	return $stop_code
}

socket_there() {
	[ -S admin.sock ]
}

# until_holds COMMAND...: within ten seconds.
until_holds() {
	until_left=200
	while ! "$@" >/dev/null 2>&1; do
		until_left=$((until_left - 1))
		[ $until_left -gt 0 ] || { "$@"; return 1; }
		sleep 0.05
	done
}

# status_is CODE: `apigwctl status` ends so.
status_is() {
	status_code=0
	apigwctl status -c apigwd.yaml >status.out 2>&1 || status_code=$?
	[ $status_code -eq "$1" ] || { cat status.out; return 1; }
}

trap '[ -z "$daemon" ] || kill -9 "$daemon"; chmod -R u+w "$work" && rm -rf "$work"' EXIT

fresh
echo 'admin: {socket: admin.sock}' >>apigwd.yaml
cp apigwd.yaml good.yaml
{ api a1 svc1 h1; authentication; jwt https://one; } >in/a1.yaml
sed 's/^/# /' in/a1.yaml >comment && cat comment in/a1.yaml >in/.tmp && mv in/.tmp in/a1.yaml

check 'without a daemon there is no answer' run 2 apigwctl status -c apigwd.yaml
check 'which names the socket and the key' holds stderr "no apigwd listens at $work/admin.sock" admin.socket
: >log
serve --log-format json
check 'the daemon serves' until_holds status_is 0

check 'status is a table' run 0 apigwctl status -c apigwd.yaml
check 'of the Apis' same 'NAMESPACE   NAME   HOST            SERVICE   SECURED   READY
t1          a1     h1.kyma.local   svc1:80   True      True' stdout
check 'the socket can be named itself' run 0 apigwctl status --socket admin.sock --cluster test -o wide
check 'wide has reasons' holds stdout 'READY   REASON   MESSAGE' 'True    -        -'
check 'json is for programs' run 0 apigwctl status -c apigwd.yaml -o json
check 'with everything' holds stdout '"ready": true' '"name": "a1"' '"served": true' '"version": "'
check 'another namespace is empty' run 0 apigwctl status -c apigwd.yaml -n 't2 &?x'
check 'which is told' same 'no Apis in cluster test' stderr
check 'an unknown cluster is told' run 2 apigwctl status -c apigwd.yaml --cluster third
check 'with those there are' holds stderr 'no cluster "third"; there are: test'
check 'an unknown format is a usage error' run 2 apigwctl status -c apigwd.yaml -o xml
check 'an option of another command is a usage error' run 2 apigwctl reload -c apigwd.yaml -n t1
check 'and named' holds stderr '-n is not for: reload'
check 'so is -o' run 2 apigwctl reload -c apigwd.yaml -o json

check 'explain is a text' run 0 apigwctl explain -c apigwd.yaml t1/a1
sed 's/version [0-9a-f]*/version V/; s/^Last write:  20.*Z$/Last write:  T/' stdout >found
check 'of all that is known' same "Api:         t1/a1
Cluster:     test
Input:       $work/in/a1.yaml:16:1
Valid:       True
Served:      True
Secured:     True
Ready:       True
Claims:      its own
  Host:      h1.kyma.local, held by this Api: VirtualService t1/a1
  Service:   t1/svc1, held by this Api: VirtualService t1/a1
Backends:
  istio-authn-policy (authentication): code 2
    Policy t1/a1: stands as wanted, version V
  istio-virtualservice (route): code 2
    VirtualService t1/a1: stands as wanted, version V
Last write:  T
Failures:    0" found
check 'with the objects, if wished' run 0 apigwctl explain -c apigwd.yaml t1/a1 --outputs
sed -n '/^---$/,$p' stdout | sed 1d >found
apigwctl render -c apigwd.yaml -f in/a1.yaml >rendered
check 'which are those that render shows' diff rendered found
check 'explain in JSON' run 0 apigwctl explain -c apigwd.yaml -o json t1/a1
check 'has the same' holds stdout '"api": "t1/a1"' '"line": 16' '"lastWrite": '
check 'explain in YAML' run 0 apigwctl explain -c apigwd.yaml -o yaml t1/a1
check 'has it too' holds stdout 'api: t1/a1' '    line: 16'
check 'an unknown Api is told' run 1 apigwctl explain -c apigwd.yaml t1/none
check 'in one line' same 'error: no such Api' stderr
check 'half a key is a usage error' run 2 apigwctl explain -c apigwd.yaml a1
check 'no key too' run 2 apigwctl explain -c apigwd.yaml

{ api a2 svc2 h1; echo '  colour: red'; } >in/a2.yaml
check 'an Api that loses makes status 1' until_holds status_is 1
check 'explain names the winner' run 0 apigwctl explain -c apigwd.yaml t1/a2
check 'by what stands' holds stdout 'Host:      h1.kyma.local, held by Api t1/a1: VirtualService t1/a1' 'Service:   t1/svc2, held by nobody' 'Reason:      HostnameInUse'
check 'and shows warnings with their places' holds stdout "$work/in/a2.yaml:11:3: warning: spec.colour: "
rm in/a2.yaml
check 'until it goes' until_holds status_is 0

check 'reload says what came of it' run 0 apigwctl reload -c apigwd.yaml
check 'in one word' same reloaded stdout
sed 's/^backends:/colour: red\n&/' good.yaml >apigwd.yaml
check 'a wrong config is refused' run 1 apigwctl reload -c apigwd.yaml
check 'with the place' holds stderr 'apigwd.yaml:2:1: error: colour: unknown key' 'refused: the config that was in force stays in force'
check 'which makes status 1' run 1 apigwctl status -c apigwd.yaml
check 'with the reason' holds stderr 'the last reload was refused' 'apigwd.yaml:2:1: error: colour'
check 'the table is as before' holds stdout 't1          a1     h1.kyma.local   svc1:80   True      True'
echo '{' >>apigwd.yaml
check 'no YAML is told by the client' run 2 apigwctl reload -c apigwd.yaml
check 'with the place' holds stderr 'error: apigwd.yaml:'
check 'and by the daemon' run 1 apigwctl reload --socket admin.sock
check 'with the place too' holds stderr 'apigwd.yaml:' 'refused: '
sed /^admin/d good.yaml >apigwd.yaml
check 'a config without a socket leads to none' run 2 apigwctl reload -c apigwd.yaml
check 'and the missing key is named' holds stderr 'apigwd.yaml has no admin.socket; say -c CONFIG or --socket PATH'
check 'the socket is kept until the next start' run 0 apigwctl reload --socket admin.sock
check 'and that is told' holds stdout 'warning: admin: changes are taken at the next start' reloaded
cp good.yaml apigwd.yaml
check 'a mended config is taken' run 0 apigwctl reload -c apigwd.yaml
check 'and all is well' status_is 0

check 'TERM ends it well' stop
check 'each line of its log is JSON' test "$(grep -cv '^{"ts":"20[^"]*Z","level":"[a-z]*","msg":"[^"]*".*}$' log)" = 0
check 'it says what runs' holds log '"msg":"started","version":"' '"config":"apigwd.yaml","clusters":"test"}'
check 'when it is ready' holds log '"level":"info","msg":"cluster ready","cluster":"test"'
check 'what is refused' holds log '"level":"error","msg":"config refused","config":"apigwd.yaml","reload":"2","error":"apigwd.yaml:2:1: error: colour'
check 'and that it ends' holds log '"msg":"stopping"'

rm -rf in
: >log
serve
check 'a cluster without its input is not ready' until_holds status_is 1
check 'which status tells' holds status.out 'cluster test is not ready: '
check 'and the log' until_holds holds log 'level=error msg="cluster not ready" cluster=test error='
check 'but not that it is' lacks log 'msg="cluster ready"'
mkdir in
api a1 svc1 h1 >in/a1.yaml
check 'with it, it is' until_holds status_is 0
check 'and the log tells' until_holds holds log 'level=info msg="cluster ready" cluster=test'
for port in 81 82 83; do
	api a1 svc1 h1 | sed "s/80/$port/" >.next && mv .next in/a1.yaml
	until_holds grep -q "number: $port" out/resources/t1/virtualservices.networking.istio.io/a1.yaml
done
check 'INT ends it too' sh -c "kill -INT $daemon"
wait "$daemon"
check 'with 0' test $? -eq 0
daemon=
check 'what came again was counted' holds log 'msg="repeated" times=3 event="api served" cluster=test api=t1/a1 writes=1'
check 'instead of written' test "$(grep -c '"api served" cluster=test' log)" = 2

check '--once logs warnings only' run 0 apigwd --config apigwd.yaml --once --summary never
check 'of which there is none' test ! -s stderr
check 'an unknown format of the log is a usage error' run 2 apigwd --config apigwd.yaml --log-format xml
check 'with those there are' holds stderr '--log-format takes logfmt or json, not: xml'
sed 's/admin.sock/no-such-folder\/admin.sock/' good.yaml >apigwd.yaml
check 'a socket that cannot be had stops the start' run 2 apigwd --config apigwd.yaml

finish
