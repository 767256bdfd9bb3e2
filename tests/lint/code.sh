#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Rules about the code itself: sizes, calls that nobody may make, state at file scope.
set -u
. "$top_srcdir/tests/lint/lint.sh"

C_FOLDERS='core plugins include tests docs/examples'

sizes() {
	files=$(sources $C_FOLDERS)
	[ -z "$files" ] || (cd "$root" && awk -v file_limit=500 -v function_limit=60 -f "$lint_dir/shape.awk" $files)
}

# The upkeep of libcurl says that all is well without having asked anybody; what it pauses it keeps in memory.
BANNED='strcpy|strcat|sprintf|vsprintf|strtok|atoi|gets|alloca|localtime|system|popen|curl_easy_upkeep|curl_easy_pause'

banned_calls() {
	find_code "(^|[^A-Za-z0-9_.>])($BANNED)[ \t]*\\(" $(sources $C_FOLDERS) | sed 's/$/   <- a banned call/'
}

# One thread drives all transfers and may not wait for anything.
waits() {
	find_code '(^|[^A-Za-z0-9_.>])(sleep|usleep|nanosleep|poll|ppoll|select)[ \t]*\(' $(sources core/kube core/reconcile) |
		sed 's/$/   <- waits/'
}

# A line at column 0, or one of a function that says static, that is no function, no type and not const all
# through is a variable that outlives the call and can change.
# The flag that a signal handler sets is the one exception, and what a non-const pointer must be able to show.
ONLY_EVER_READ='core/base/text.c:[0-9]*: .* nothing\[1\];'

mutable_state() {
	code $(sources core plugins docs/examples) | awk '
		{ place = $0; sub(/:[^:0-9].*/, "", place); text = $0; sub(/^[^:]*:[0-9]+:/, "", text) }
		text !~ /^([a-z_]|[ \t]+static )/ || text ~ /^(typedef|extern|enum|union|struct [a-z_]+( \{|;)?$)/ { next }
		text ~ /volatile sig_atomic_t/ { next }
		text !~ /(;|=|= \{.*)$/ && text !~ / = / { next }
		{
			left = text
			sub(/ = .*| =$|;$/, "", left)
			if (left ~ /\(/ || left !~ / /)
				next
			constant = left ~ /(^| )const /
			if (left ~ /\*/)
				constant = left ~ /\*[ ]*const /
			if (!constant)
				print place ": state that can change: " text
		}' | sed "\|^$ONLY_EVER_READ|d"
}

mentions() {
	(cd "$root" && grep -rnE --binary-files=without-match --exclude-dir='.*' --exclude-dir='build*' \
		--exclude-dir=autom4te.cache -e "$1" core plugins include etc docs tests build-aux/m4 README.md \
		configure.ac Makefile.am bootstrap 2>/dev/null)
}

no_outside_paths() {
	mentions '(\.\.|/work)/shar[e]d' | sed 's/$/   <- a path outside the project/'
}

no_leftovers() {
	mentions '(^|[^A-Za-z])(TO[D]O|FIX[M]E)([^A-Za-z]|$)' | sed 's/$/   <- unfinished: mend it or make it an issue/'
}

holds sizes 'files have at most 500 lines, functions 60'
holds banned_calls 'no banned call'
holds waits 'nothing waits between the requests'
holds mutable_state 'no state outlives a call but what is passed in'
holds no_outside_paths 'nothing refers to what is not in the project'
holds no_leftovers 'nothing is marked as unfinished'

function_of() {
	printf 'int x(void)\n{\n'
	awk -v n="$1" 'BEGIN { while (n-- > 2) print "    ;" }'
	echo '}'
}
function_of 61 | plant core/base/x.c
catches sizes '61 lines' 'a function of 61 lines'
function_of 60 | plant core/base/x.c
allows sizes 'a function of 60 lines'
awk 'BEGIN { for (n = 1; n <= 501; n++) print "int x" n ";" }' | plant core/base/x.h
catches sizes 'the file has 501 lines' 'a file of 501 lines'
for call in $(echo "$BANNED" | tr '|' ' '); do
	printf 'static void x(void)\n{\n    y = %s(z);\n}\n' "$call" | plant core/base/x.c
	catches banned_calls "$call" "$call"
done
printf 'static void x(void)\n{\n    usleep(1);\n}\n' | plant core/kube/x.c
catches waits waits 'usleep()'
printf 'static void x(void)\n{\n    y->poll(1);\n}\n' | plant core/kube/x.c
allows waits 'a poll() of somebody else'
printf '/* like sprintf(x) */\nint s = snprintf(t, "system(1)"); host->system(x); my_gets(x); // atoi(x)\n' | plant core/base/x.c
allows banned_calls 'names in comments, strings and longer names'
for state in 'static int count;' 'static int count = 0;' 'int count = 3;' 'static const char *name;' \
	'static struct map map = {' 'static char buffer[16];' 'static const char *names[] = {' \
	'static _Thread_local int x;' 'struct host *the_host;' '    static int calls;'; do
	echo "$state" | plant core/base/x.c
	catches mutable_state 'can change' "$state"
done
cat <<'CODE' | plant core/base/x.c
static const int count = 3;
static const char *const names[] = {
    "a",
};
static const struct table table = {
    .name = 0,
};
static int x(void);
static int x(int a,
             int b);
int y(int a, const char *b);
struct map;
struct map {
    int x;
};
enum { ONE = 1 };
typedef int (*visit)(void);
    static const char *const local[] = {"a"};
    int local = 0;
extern const int z;
static volatile sig_atomic_t stopped;
static const char text[] = "x = y";
CODE
allows mutable_state 'constants, prototypes and types'
echo "see ..""/shared/x" | plant docs/x.md
catches no_outside_paths 'outside' 'a path outside the project'
echo "/* TO""DO: x */" | plant core/base/x.c
catches no_leftovers 'unfinished' 'what is marked as unfinished'

finish
