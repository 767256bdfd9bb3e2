#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Requests to a real API server: who it is, who we are, and what becomes of them when it stops or goes away.
set -u
. "$top_srcdir/tests/directory/kit.sh"
. "$top_srcdir/tests/cluster/bed.sh"
bed_need
bed_start one || { echo 'Bail out! one does not start'; exit 1; }
folder=$bed_root/one
port=$(cat "$folder/port")
admin=$folder/admin.kubeconfig
token=$(cut -d , -f 1 "$folder/tokens.csv")

request() {
	"$top_builddir/tests/cluster/request" "$@"
}

# config CLUSTER USER: prints a kubeconfig with these fields.
config() {
	cat <<KUBECONFIG
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {$1}}]
users: [{name: u, user: {$2}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
KUBECONFIG
}

server="server: https://127.0.0.1:$port"
ca="certificate-authority: $folder/ca.crt"
who='-b {"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}'
reviews=/apis/authentication.k8s.io/v1/selfsubjectreviews

# asks KUBECONFIG: who we are for the server.
asks() {
	request $who "$@" POST $reviews 2>/dev/null | jq -r .status.userInfo.username
}

# fails CODE PATTERN ARGUMENT...: the request ends like this.
fails() {
	fails_code=$1 fails_pattern=$2
	shift 2
	run 1 request "$@" && grep -E -- "^[0-9]* $fails_code [0-9]* .*$fails_pattern" stderr || { cat stderr; return 1; }
}

# Plain requests.
check 'the server answers' prints '"major": ?"1"' request "$admin" GET /version
make() {
	request -b "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"$1\"}}" "$admin" POST \
		/api/v1/namespaces/default/configmaps
}
check 'an object is made' prints '"name": ?"first"' make first
again() {
	run 1 make first && holds stderr '409 -7 0 POST /api/v1/namespaces/default/configmaps at https://127.0.0.1:' \
		'HTTP 409 AlreadyExists: configmaps "first" already exists'
}
check 'but once' again
check 'is patched' prints '"a": ?"b"' request -t application/merge-patch+json -b '{"data":{"a":"b"}}' "$admin" PATCH \
	/api/v1/namespaces/default/configmaps/first
check 'in its version only' fails -7 'HTTP 409 Conflict' -t application/json-patch+json \
	-b '[{"op":"replace","path":"/metadata/resourceVersion","value":"1"},{"op":"add","path":"/data/c","value":"d"}]' \
	"$admin" PATCH /api/v1/namespaces/default/configmaps/first
check 'and deleted' request "$admin" DELETE /api/v1/namespaces/default/configmaps/first
check 'an object that is not there' fails -4 'HTTP 404 NotFound: configmaps "first" not found' "$admin" GET \
	/api/v1/namespaces/default/configmaps/first
check 'a kind that is not there' fails -4 'HTTP 404: 404 page not found' "$admin" GET /apis/no.such/v1/things
agent() {
	bed_audit one | jq -r .userAgent | grep -E '^apigwd/[0-9.]+ \(linux/[a-z0-9_]+\)$'
}
check 'the server knows who asked' agent
printf '%0200000d' 0 >large
kube one create configmap large --from-file=large >/dev/null
list() {
	request "$admin" GET '/api/v1/configmaps?resourceVersion=0' 2>/dev/null | jq -r '.items[] | select(.metadata.name == "large").data.large | length'
}
check 'a large list comes whole' test "$(list)" = 200000
kube one delete configmap large >/dev/null
make first >/dev/null 2>&1

# Who the server is.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=other -days 2 -keyout other.key -out other.crt 2>/dev/null
config "$server, certificate-authority: $work/other.crt" "token: $token" >other.yaml
check 'another authority is not enough' fails -8 'certificate' other.yaml GET /version
config "$server" "token: $token" >none.yaml
check 'nor are those of the system' fails -8 'certificate' none.yaml GET /version
config "$server, certificate-authority-data: $(base64 -w0 <"$folder/ca.crt")" "token: $token" >data.yaml
check 'the authority may stand in the kubeconfig' request data.yaml GET /version
config "$server, $ca, tls-server-name: localhost" "token: $token" >name.yaml
check 'another name of the server' request name.yaml GET /version
config "$server, $ca, tls-server-name: other.example" "token: $token" >wrong.yaml
check 'a name that it has not' fails -8 "other\.example" wrong.yaml GET /version
check 'shows no token' lacks stderr "$token"
config "server: https://localhost:$port, $ca" "token: $token" >localhost.yaml
check 'its name' request localhost.yaml GET /version
config "server: https://127.0.0.1:$port/no/such/place, $ca" "token: $token" >place.yaml
check 'a path before all paths' fails -4 'HTTP 404' place.yaml GET /version
config "server: http://127.0.0.1:$port" '' >plain.yaml
check 'without TLS' fails -5 'HTTP 400|HTTP 40' plain.yaml GET /version

# Authorities of the system: put in place for these commands alone.
mkdir system
cp "$folder/ca.crt" system/ca.pem
cp "$folder/ca.crt" system/ca-certificates.crt
openssl rehash system 2>/dev/null
systems() {
	unshare -m sh -c 'mount --bind "$0" /etc/ssl/certs && exec "$@"' "$work/system" "$top_builddir/tests/cluster/request" "$@"
}
if unshare -m mount --bind "$work/system" /etc/ssl/certs 2>/dev/null; then
	check 'an authority of the system' systems none.yaml GET /version
	check 'does not count beside one of the kubeconfig' run 1 systems other.yaml GET /version
	check 'which is told' holds stderr 'certificate'
else
	skip 'authorities of the system' 'no mount of its own'
fi

# A proxy in between: it gets its own secret and no other, and the server is verified through it.
: >tunnel.log
"$top_builddir/tests/cluster/tunnel" "Basic $(printf 'u:p4ss' | base64)" "$work/tunnel.log" >tunnel.port 2>tunnel.err &
tunnel=$!
check 'a proxy listens' bed_within 5 test -s tunnel.port
proxy=127.0.0.1:$(cat tunnel.port)
config "$server, $ca, proxy-url: 'http://u:p4ss@$proxy'" "token: $token" >proxied.yaml
check 'a proxy leads to the server' test "$(asks proxied.yaml)" = admin
check 'which it is told' holds tunnel.log "CONNECT 127.0.0.1:$port HTTP/1.1"
check 'and nothing else' lacks tunnel.log "$token"
config "server: https://known-to-the-proxy.invalid:$port, $ca, tls-server-name: localhost, proxy-url: 'http://u:p4ss@$proxy'" \
	"token: $token" >far.yaml
check 'a server that only the proxy knows' test "$(asks far.yaml)" = admin
check 'by its address' holds tunnel.log "CONNECT known-to-the-proxy.invalid:$port HTTP/1.1"
config "$server, $ca, tls-server-name: other.example, proxy-url: 'http://u:p4ss@$proxy'" "token: $token" >wrong.yaml
check 'is verified' fails -8 'other\.example' wrong.yaml GET /version
config "$server, $ca, proxy-url: 'http://u:s3cret@$proxy'" "token: $token" >wrong.yaml
check 'a wrong password' fails -8 407 wrong.yaml GET /version
check 'is not shown' lacks stderr s3cret
config "server: https://known-to-the-proxy.invalid:$port, $ca, tls-server-name: localhost" "token: $token" >far.yaml
export HTTPS_PROXY="http://u:p4ss@$proxy"
check 'a proxy of the environment' test "$(asks far.yaml)" = admin
: >tunnel.log
check 'is not asked for this machine' test "$(asks "$admin")" = admin
check 'indeed' test ! -s tunnel.log
export NO_PROXY=.invalid
check 'nor for what needs none' fails -8 'known-to-the-proxy' far.yaml GET /version
check 'indeed not' test ! -s tunnel.log
unset HTTPS_PROXY NO_PROXY
kill $tunnel

# Who we are.
check 'a token' test "$(asks "$admin")" = admin
config "$server, $ca" 'token: s3cret-and-wrong' >stranger.yaml
check 'one that is not known' fails -5 'HTTP 401' stranger.yaml GET /version?x=y
check 'is not shown' lacks stderr s3cret
joe=$(bed_user one joe)
ann=$(bed_user one ann)
check 'a client certificate' test "$(asks "$joe")" = joe
config "$server, certificate-authority-data: $(base64 -w0 <"$folder/ca.crt")" "client-certificate-data: $(base64 -w0 \
	<"$folder/user-joe.crt"), client-key-data: $(base64 -w0 <"$folder/user-joe.key")" >inline.yaml
unwritten() {
	(ulimit -f 0 && request $who inline.yaml POST $reviews 2>/dev/null) | jq -r .status.userInfo.username
}
check 'a certificate in the kubeconfig, of which no file is made' test "$(unwritten)" = joe
check 'which may do nothing' fails -5 'HTTP 403 Forbidden: .*joe.* cannot list' "$joe" GET /api/v1/secrets
config "$server, $ca" "token: $token, as: jane, as-groups: [a, b]" >jane.yaml
sed -i 's/as: jane/act-as: jane/; s/as-groups/act-as-groups/' jane.yaml
check 'somebody else' test "$(asks jane.yaml)" = jane
cat >plugin <<PLUGIN
#!/bin/sh
echo >>$work/plugin.runs
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"$token"}}'
PLUGIN
chmod +x plugin
config "$server, $ca" "exec: {apiVersion: client.authentication.k8s.io/v1, command: $work/plugin, interactiveMode: Never}" >exec.yaml
check 'a program that gives a token' test "$(asks -n 3 exec.yaml | uniq -c | sed 's/^ *//')" = '3 admin'
check 'is run once' test "$(wc -l <plugin.runs)" = 1

# Credentials that change while it runs: certificates are looked at once a minute.
cp "$folder/user-joe.crt" user.crt && cp "$folder/user-joe.key" user.key
config "$server, $ca" "client-certificate: $work/user.crt, client-key: $work/user.key" >user.yaml
request $who -n 2 -p 3000 -a 61 user.yaml POST $reviews >whoami 2>stderr &
pid=$!
check 'a certificate is used' bed_within 20 grep -q '"username": *"joe"' whoami
cp "$folder/user-ann.crt" user.crt && cp "$folder/user-ann.key" user.key
wait $pid
check 'another takes its place' test "$(jq -r .status.userInfo.username whoami | tr '\n' ' ')" = 'joe ann '
# answers COUNT: so many have come.
answers() {
	[ "$(jq -r .status.userInfo.username whoami | wc -l)" -eq "$1" ]
}
# In two halves: where the key is late, what was a pair is used until it has come.
cp "$folder/user-joe.crt" user.crt && cp "$folder/user-joe.key" user.key
request $who -n 4 -p 3000 -a 61 user.yaml POST $reviews >whoami 2>stderr &
pid=$!
bed_within 20 answers 1
cp "$folder/user-ann.crt" user.crt
bed_within 20 answers 3
cp "$folder/user-ann.key" user.key
wait $pid
check 'a certificate whose key comes late' test "$(jq -r .status.userInfo.username whoami | tr '\n' ' ')" = 'joe joe joe ann '
check 'makes no request fail' lacks stderr -8
# rotates FROM TO PATTERN PATTERN: what is answered under an authority, and then under another in its file.
rotates() {
	cp "$1" changing.crt
	config "$server, certificate-authority: $work/changing.crt" "token: $token" >changing.yaml
	: >changed
	request -n 2 -p 3000 -a 61 changing.yaml GET /version >bodies 2>changed &
	rotates_pid=$!
	bed_within 20 test -s changed
	cp "$2" changing.crt
	wait $rotates_pid
	sed -n 1p changed | grep -E "$3" && sed -n 2p changed | grep -E "$4"
}
check 'an authority that is changed counts' rotates "$folder/ca.crt" other.crt '^200 0 ' '^0 -8 .*certificate'
check 'so does one that is put right' rotates other.crt "$folder/ca.crt" '^0 -8 .*certificate' '^200 0 '
for account in a b; do
	kube one create serviceaccount $account >/dev/null
	kube one create token $account >token.$account
done
cp token.a token
config "$server, $ca" "tokenFile: $work/token" >token.yaml
request $who -n 2 -p 13000 token.yaml POST $reviews >whoami 2>stderr &
pid=$!
check 'a token file is used' bed_within 20 grep -q 'serviceaccount:default:a"' whoami
cp token.b token
kube one delete serviceaccount a >/dev/null
wait $pid
check 'a token that is refused is read again' test "$(jq -r .status.userInfo.username whoami | sed 's/.*://' | tr '\n' ' ')" = 'a b '
check 'without a failure' test "$(grep -c '^201 0 0 ' stderr)" = 2

# A watch.
watch=/api/v1/namespaces/default/configmaps?watch=true\&allowWatchBookmarks=true
request -w -i 90 "$admin" GET "$watch&timeoutSeconds=6" >events 2>stderr &
pid=$!
check 'a watch begins' bed_within 20 grep -q '"type":"ADDED".*"first"' events
make second >/dev/null 2>&1
check 'and tells what happens' bed_within 5 grep -q '"type":"ADDED".*"second"' events
check 'while it lasts' kill -0 $pid
wait $pid
check 'it ends well' test $? -eq 0
check 'with a bookmark' holds events '"type":"BOOKMARK"'

# The server falls silent: one request is lost after 30 s, a new connection after 10 s; then all is well.
request -n 4 -p 1000 "$admin" GET /version >bodies 2>silence &
pid=$!
request -w -i 4 "$admin" GET "$watch" >events 2>quiet &
watcher=$!
check 'there is a watch' bed_within 20 grep -q second events
check 'and a request' bed_within 10 grep -q '^200 0' silence
bed_signal one apiserver STOP
stopped=$(date +%s)
wait $watcher
check 'a watch that is silent ends' holds quiet '0 -8 0 GET /api/v1/' 'not a byte came for 4 s'
lines() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}
check 'a request that is not answered ends' bed_within 40 lines silence 2
took=$(($(date +%s) - stopped))
check "after 30 s (it took $took)" test $took -ge 29 -a $took -le 36
check 'so does one on a new connection' bed_within 20 lines silence 3
check 'sooner' test $(($(date +%s) - stopped - took)) -le 14
bed_signal one apiserver CONT
check 'the server goes on' bed_within 30 lines silence 4
wait $pid
check 'and answers' test "$(cut -d ' ' -f 1,2 silence | tr '\n' ,)" = '200 0,0 -8,0 -8,200 0,'
check 'what was wrong is told' holds silence 'no whole answer within 30 s' 'at https://127.0.0.1:'

# The server goes, and comes back.
request -n 60 -p 500 -l 20 "$admin" GET /version >bodies 2>restart &
pid=$!
request -w -i 90 "$admin" GET "$watch" >events 2>cut &
watcher=$!
check 'there is a watch' bed_within 20 grep -q second events
check 'and a request' bed_within 10 grep -q '^200 0' restart
bed_halt one apiserver
wait $watcher
check 'a watch that is cut is told as a failure' grep -qE '^0 -8 0 GET /api/v1/.*configmaps' cut
check 'and so is a server that is gone' bed_within 20 grep -qE '^0 -8 0 GET /version.*(connect|reset)' restart
check 'it comes back' bed_resume one
recovered() {
	tail -n 1 restart | grep -q '^200 0'
}
check 'requests reach it' bed_within 20 recovered
kill $pid
wait $pid 2>/dev/null
check 'it has forgotten old versions' prints '"type":"ERROR".*"code":410' request -w "$admin" GET \
	"$watch&resourceVersion=1&timeoutSeconds=1"

bed_stop one
finish
