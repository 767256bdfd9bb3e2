# SPDX-License-Identifier: Apache-2.0
# What tests of the programs share: inputs, configs, and looks at what came out. Source it instead of tap.sh.
. "$top_srcdir/tests/tap.sh"

# same WANTED FILE: the file holds exactly this text.
same() {
	printf '%s\n' "$1" >"$work/.wanted"
	diff "$work/.wanted" "$2"
}

# holds FILE TEXT...: the file holds each of the texts.
holds() {
	holds_file=$1
	shift
	for holds_text in "$@"; do
		if ! grep -qF -- "$holds_text" "$holds_file"; then
			echo "$holds_file lacks: $holds_text"
			cat "$holds_file"
			return 1
		fi
	done
}

lacks() {
	! grep -F -- "$2" "$1"
}

absent() {
	[ ! -e "$1" ]
}

# run CODE COMMAND...: leaves standard output in `stdout`, standard error in `stderr`; the exit code must be CODE.
run() {
	run_wanted=$1
	shift
	run_code=0
	"$@" >"$work/stdout" 2>"$work/stderr" </dev/null || run_code=$?
	[ "$run_code" -eq "$run_wanted" ] || {
		echo "exit code $run_code, wanted $run_wanted"
		return 1
	}
}

apigwd() {
	"$top_builddir/apigwd" --plugin-dir "$top_builddir/plugins/.libs" "$@"
}

apigwctl() {
	"$top_builddir/apigwctl" --plugin-dir "$top_builddir/plugins/.libs" "$@"
}

# api NAME SERVICE HOSTNAME: an Api without authentication, on standard output.
api() {
	cat <<API
apiVersion: gateway.kyma-project.io/v1alpha2
kind: Api
metadata:
  name: $1
  namespace: t1
spec:
  service:
    name: $2
    port: 80
  hostname: $3
API
}

# jwt ISSUER: an element of `authentication`, to follow `authentication` below.
jwt() {
	cat <<JWT
  - type: JWT
    jwt:
      issuer: $1
      jwksUri: $1/keys
JWT
}

authentication() {
	echo '  authentication:'
}

# fresh: an empty input and output, and a config for them.
fresh() {
	rm -rf in out
	mkdir in
	cat >apigwd.yaml <<CONFIG
domain: kyma.local
backends:
  istio-virtualservice: {}
  istio-authn-policy: {}
clusters:
- name: test
  directory: {input: in, output: out}
CONFIG
}

# state: what every file below `out` is: changes with each write.
state() {
	find out -type f -printf '%p %i %T@\n' | sort
}
