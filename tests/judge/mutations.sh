#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Breaks the rules one by one in a copy of core/reconcile, a line at a time, and expects the judge to notice.
# Runs in a build folder after `make`, as `make check-mutations`. It needs the objects of the judge's tests.
set -u
. "$top_srcdir/tests/tap.sh"

objects=$top_builddir/tests/judge
includes="-I$work/copy -I$top_srcdir/core -I$top_srcdir/include -I$top_builddir"
walk="deliver states walk stage stage_sink"
incident="incident stage stage_sink"

# link TEST OBJECT...: builds a test of the changed files, which come before those in the library.
link() {
	name=$1
	shift
	listed=$objects/$name.o
	for object; do listed="$listed $objects/$object.o"; done
	"$top_builddir/libtool" --silent --tag=CC --mode=link $CC -o "$work/$name" $listed $changed \
		"$top_builddir/libjudge.la" "$top_builddir/libharness.la" "$top_builddir/libcore.la"
}

# build [FILE]: builds the tests with a changed file of the copy.
build() {
	changed=
	for file; do
		$CC -std=gnu11 -D_GNU_SOURCE -O1 -w $includes -c "$work/copy/$file" -o "$work/changed.o" || return 1
		changed=$work/changed.o
	done
	link test_incidents $incident && link test_rivals $incident && link test_transitions $walk &&
		link test_faults $walk
}

# findings TEST: how much it found; one that does not end or does not run has found enough.
findings() {
	APIGW_DELIVERY=0 timeout 120 "$work/$1" >"$work/$1.out" 2>&1
	case $? in
	0 | 1) awk '/^not ok/ { n++ } /^# .* failures$/ { n += $(NF - 1) } END { print n + 0 }' "$work/$1.out" ;;
	*) echo 1000000 ;;
	esac
}

# noticed: whether a test finds more than in the code as it is.
noticed() {
	for test in test_incidents test_rivals test_transitions test_faults; do
		found=$(findings $test)
		eval "before=\$before_$test"
		[ "$found" -le "$before" ] || {
			echo "# noticed by $test"
			return 0
		}
	done
	return 1
}

# ONLY=PATTERN: only what matches.
# mutate WHAT FILE SED-SCRIPT [LINES]: one line of the file is changed, or that many.
mutate() {
	case $1 in
	*${ONLY-}*) ;;
	*) return ;;
	esac
	number=$((number + 1))
	rm -rf "$work/copy"
	mkdir -p "$work/copy/reconcile"
	sed "$3" "$top_srcdir/core/reconcile/$2" >"$work/copy/reconcile/$2"
	lines=$(diff "$top_srcdir/core/reconcile/$2" "$work/copy/reconcile/$2" | grep -c '^>')
	if [ "$lines" -ne "${4:-1}" ]; then
		echo "not ok $number - $1"
		echo "# $2: the change meets $lines lines, not ${4:-1}: $3"
	elif ! build "reconcile/$2" >"$work/.build" 2>&1; then
		echo "not ok $number - $1"
		sed 's/^/# /' "$work/.build"
	elif noticed >"$work/.noticed"; then
		echo "ok $number - $1"
		cat "$work/.noticed"
		return
	else
		echo "not ok $number - $1"
		echo "# nobody noticed"
	fi
	failures=$((failures + 1))
}

clean() {
	total=0
	for test in test_incidents test_rivals test_transitions test_faults; do
		found=$(findings $test)
		eval "before_$test=$found"
		total=$((total + found))
		[ "$found" -eq 0 ] || echo "$test finds $found"
	done
	[ "$total" -eq 0 ]
}

build || exit 99
clean >"$work/.clean"
check 'nothing is found in the code as it is' test ! -s "$work/.clean"
sed 's/^/# /' "$work/.clean"

# Secure before exposed.
mutate 'routes do not wait for protections' plan.c \
	's/if (!input->authentication || protected(input, plan, &blame))$/if (input)/'
mutate 'routes do not count on their protections' stock.c \
	's/if (item->wide \&\& item->stands)/if (false)/'
mutate 'steps come in the wrong order' plan.c \
	's/for (int phase = PLAN_PROTECT; plan->steps && phase <= (int)PLAN_UNPROTECT; phase++)/for (int phase = PLAN_UNPROTECT; plan->steps \&\& phase >= (int)PLAN_PROTECT; phase--)/'
mutate 'a protection leaves what the route still leads to' cover.c \
	's/|| !add_live(stock, &cover->wide, false, routes))/|| !add_live(stock, \&cover->wide, true, routes))/'
# Two places see to this one.
mutate 'a protection is narrowed although the route has not moved' plan.c \
	's/bool last = step->phase == PLAN_NARROW || step->phase == PLAN_UNPROTECT;/bool last = !step;/
	s/^        drop(plan, number + 1, PLAN_NARROW);/        (void)number;/' 2
mutate 'a protection goes although its route could not be removed' plan.c \
	's/^        drop(plan, number + 1, PLAN_UNPROTECT);/        (void)number;/'
mutate 'nobody has to accept that nothing can authenticate' plan.c \
	's/(any || input->accept_unprotected)/(any || input)/'
# Likewise.
mutate 'what a disabled backend protects loses that' plan.c \
	's/bool last = step->phase == PLAN_NARROW || step->phase == PLAN_UNPROTECT;/bool last = !step;/
	s/return protected(input, plan, &blame) || !input->live;/return true;/' 2
mutate 'nothing is withdrawn' plan.c \
	's/if (input->authentication && may_withdraw(input, plan))/if (input->count > 1000)/'

# Nothing is deleted because something is missing.
mutate 'outputs of unknown Apis go' lookup.c \
	's/^    if (!controller->complete)$/    if (!controller)/'
mutate 'outputs of a refused Api change' plan.c \
	's/return !input->refused && (decision->state/return (decision->state/'
mutate 'what an operator keeps goes' plan.c \
	's/(input->gone || !backend->kept)/(input->gone || backend)/'
mutate 'what is not wanted stays' plan.c \
	's/return !item->narrow && (item->seen == PLAN_OURS || item->wide);/return false;/'

# No write without a change.
mutate 'what stands is written' plan.c \
	's/return item->wide && !item->wide_stands;/return item->wide;/'
mutate 'a protection is written twice' plan.c \
	's/return item->narrow && (item->wide ? !item->same : !item->narrow_stands);/return item->narrow;/'

# Only ours.
mutate 'what is foreign is taken for ours' plan.c \
	's/if (item->seen == PLAN_FOREIGN)$/if (item->seen == PLAN_FOREIGN \&\& !item)/'
mutate 'what was made for another Api of the name is taken over' claims.c \
	's/return entry->uid && strcmp(entry->uid, object->api_uid) == 0;/return true;/'

# Losers recover.
mutate 'nobody is woken' job_step.c \
	's/if (object && wake_names(job->controller, object, job->entry, error) != 0)/if (object \&\& !job)/' 2

# Who wins.
mutate 'whoever holds a host or a Service loses it' claims.c \
	's/^    if (best.rank == RANK_HOLDS && best.entry != entry)$/    if (best.rank == RANK_NONE \&\& best.entry)/'
mutate 'foreign routes hold nothing' claims.c \
	's/^    if (best.foreign)$/    if (best.foreign \&\& !entry)/'
mutate 'the youngest comes first' claims.c \
	's/entry_older(other, first ? first : entry))/entry_older(first ? first : entry, other))/'
mutate 'several that hold alike: the youngest does' claims.c \
	's/(a->entry && entry_older(a->entry, b->entry))/(a->entry \&\& entry_older(b->entry, a->entry))/'

# A status is true.
mutate 'an older output is not called so' outcome.c \
	's/"older output kept: %s"/"%s"/'

finish
