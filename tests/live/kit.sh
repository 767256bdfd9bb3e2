# SPDX-License-Identifier: Apache-2.0
# What tests of the running daemon share. Source it instead of tests/directory/kit.sh.
# A memory file system renames as others do, and the daemon would sync the whole of a disk again and again.
[ -n "${TMPDIR:-}" ] || [ ! -w /dev/shm ] || export TMPDIR=/dev/shm
. "$top_srcdir/tests/directory/kit.sh"

tools=$top_builddir/tests/tools
vs=out/resources/t1/virtualservices.networking.istio.io
policies=out/resources/t1/policies.authentication.istio.io
[ -x "$tools/ask" ] || {
	echo 'Bail out! tests/tools is not built'
	exit 99
}
# Seconds that something may take that should take one.
patience=5
daemon=
trap 'stop_all; chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# stop_all: no process of the test is left.
stop_all() {
	for stop_process in $daemon ${others:-}; do
		kill -KILL "$stop_process" 2>/dev/null
	done
	wait 2>/dev/null
	daemon=
}

# live: as `fresh`, with an admin socket, and an output that is there.
live() {
	fresh
	mkdir out
	echo 'admin: {socket: admin.sock}' >>apigwd.yaml
}

# launch [ARGUMENT]...: starts the daemon and does not wait. What it says goes to the file `log`.
launch() {
	tell config apigwd.yaml
	$recorded "$top_builddir/apigwd" --plugin-dir "$top_builddir/plugins/.libs" --config apigwd.yaml --log-level info \
		"$@" >stdout 2>>log </dev/null &
	daemon=$!
}

# begin [ARGUMENT]...: starts the daemon and waits until it is ready.
begin() {
	launch "$@"
	soon ready
}

# end: the daemon ends by SIGTERM with code 0, and no sanitizer has anything to say.
end() {
	kill -TERM "$daemon"
	ended
}

# ended: the daemon has ended with code 0.
ended() {
	ended_code=0
	wait "$daemon" || ended_code=$?
	daemon=
	[ "$ended_code" -eq 0 ] || {
		echo "exit code $ended_code"
		tail -n 30 log
		return 1
	}
	clean
}

# clean: no sanitizer has found anything.
clean() {
	! grep -E -A 30 'Sanitizer|runtime error' log
}

ask() {
	"$tools/ask" admin.sock "$@"
}

ready() {
	ask GET /readyz >.ready 2>&1 || {
		cat .ready
		return 1
	}
}

# unready TEXT: it is not ready, and says so.
unready() {
	! ask GET '/readyz?verbose' >.ready 2>/dev/null && holds .ready 503 "$1"
}

# reload STATUS [TEXT]...: a reload by the admin socket is answered with this status and these texts.
reload() {
	reload_status=$1
	shift
	ask POST /reload >reload 2>&1
	holds reload "$@" && [ "$(head -n 1 reload)" = "$reload_status" ] || {
		cat reload
		return 1
	}
}

milliseconds() {
	echo $(($(date +%s%N) / 1000000))
}

# soon COMMAND...: the command succeeds before the patience ends.
soon() {
	soon_end=$(($(milliseconds) + 1000 * patience))
	until "$@" >.soon 2>&1; do
		[ "$(milliseconds)" -lt "$soon_end" ] || {
			echo "not within $patience s: $*"
			cat .soon
			return 1
		}
		sleep 0.02
	done
}

# stays COMMAND...: the command succeeds for a second and a half, longer than a pass may be late.
stays() {
	for stays_round in 1 2 3 4 5; do
		"$@" || return 1
		sleep 0.3
	done
	tell rest
}

exists() {
	[ -e "$1" ]
}

# served HOST NAME: the Api has a route for the host HOST.kyma.local, and a status that says it is served.
served() {
	grep -qF -- "- $1.kyma.local" "$vs/$2.yaml" && holds "out/status/t1/$2.yaml" 'validationStatus: 2' \
		'Everything that the Api asks for stands.' 'code: 2'
}

# gone NAME: nothing of the Api is left.
gone() {
	[ -z "$(find out -name "$1.yaml")" ]
}

# content FOLDER: all lines of all files, but for times.
content() {
	(cd "$1" && find resources status -type f | sort | xargs -r grep -v lastTransitionTime /dev/null)
}

# right: the output is what a run from nothing makes of the same input.
right() {
	sed -e 's|output: [a-z/]*|output: wanted|' -e /^admin:/d apigwd.yaml >wanted.yaml
	rm -rf wanted
	apigwd --config wanted.yaml --once --summary never >/dev/null 2>&1
	content wanted >wanted.txt
	content out >out.txt
	[ -s wanted.txt ] && diff wanted.txt out.txt && tell rest
}

# files: every file of the output with what changes when it is written.
files() {
	find out/resources out/status -type f -printf '%p %i %T@\n' | sort
}

# put FILE: standard input gets there as careful programs write, by a rename.
put() {
	cat >"$work/.put" && mv "$work/.put" "$1"
}
