#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Runs every example of the documentation. What follows the fence says what a block is:
#
#   yaml apigwd.yaml [DIR]  a whole config file: accepted by `apigwd --check-config`
#   yaml api                Apis: accepted by `apigwctl validate` with tests/docs/apigwd.yaml
#   yaml api refused        Apis of which at least one is refused
#   yaml|c|text PATH/FILE   lines of that file of the source, as they are
#   c                       the same, of any C file under docs/examples
#   sh [DIR]                that begins with "$ ": commands and exactly what they print (output and errors);
#                           that does not: shell that is parsed only. The folder of plugins is shown as
#                           /usr/lib/apigwd, and DIR as /home/you. A daemon that one command starts with "&" is ended
#                           by another.
#   text                    anything else; not checked
#
# In a man page the line  .\" example: INFO  before a literal display says the same. Examples of one document
# run one after the other in one copy of etc/sample and docs/examples; DIR is where, etc/sample by default.
set -u
umask 022
LC_ALL=C
export LC_ALL
here=$top_srcdir/tests/docs
work=$(mktemp -d) && work=$(cd "$work" && pwd -P) || exit 99
trap 'rm -rf "$work"' EXIT
tests=0

# result STATUS NAME: one line of TAP; what is in $work/why is shown after a failure.
result()
{
    tests=$((tests + 1))
    if test "$1" -eq 0; then
        echo "ok $tests - $2"
    else
        echo "not ok $tests - $2"
        sed 's/^/# /' "$work/why"
    fi
    : >"$work/why"
}

# quietly COMMAND...: runs it; its output is the reason if it fails.
quietly()
{
    "$@" >"$work/why" 2>&1 </dev/null
}

# The programs by their names, so that examples look like a user's: with the plugins of the build.
make_programs()
{
    : >"$work/daemons"
    mkdir "$work/bin" "$work/pkgconfig"
    cat >"$work/bin/apigwd" <<EOF
#!/bin/sh
echo \$\$ >>'$work/daemons'
exec '$top_builddir/apigwd' --plugin-dir '$top_builddir/plugins/.libs' "\$@"
EOF
    cat >"$work/bin/apigwctl" <<EOF
#!/bin/sh
case \${1-} in
render|validate|plugins)
    command=\$1
    shift
    exec '$top_builddir/apigwctl' "\$command" --plugin-dir '$top_builddir/plugins/.libs' "\$@" ;;
esac
exec '$top_builddir/apigwctl' "\$@"
EOF
    printf '#!/bin/sh\nexec %s "$@"\n' "${CC:-cc}" >"$work/bin/cc"
    chmod +x "$work/bin/"*
    cat >"$work/pkgconfig/apigw-plugin.pc" <<EOF
Name: apigw-plugin
Description: the header in the source
Version: 0
Requires: jansson
Cflags: -I$top_srcdir/include
EOF
    PATH=$work/bin:$PATH
    PKG_CONFIG_PATH=$work/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
    export PATH PKG_CONFIG_PATH
}

fresh_tree()
{
    rm -rf "$work/tree"
    mkdir -p "$work/tree/etc" "$work/tree/docs"
    cp -R "$top_srcdir/etc/sample" "$work/tree/etc/"
    cp -R "$top_srcdir/docs/examples" "$work/tree/docs/"
    chmod -R u+w "$work/tree"
}

check_config()
{
    cp "$1" "$work/tree/$2/example.yaml"
    quietly apigwd --config "$work/tree/$2/example.yaml" --check-config
}

check_api()
{
    quietly apigwctl validate -c "$here/apigwd.yaml" -f "$1"
}

check_refused()
{
    check_api "$1"
    status=$?
    echo "exit $status, expected 1" >>"$work/why"
    test $status -eq 1
}

check_excerpt()
{
    echo "these lines do not stand in $2" >"$work/why"
    test -f "$top_srcdir/$2" && awk -f "$here/excerpt.awk" "$1" "$top_srcdir/$2"
}

check_any_excerpt()
{
    for source in "$top_srcdir"/docs/examples/*/*.c; do
        awk -f "$here/excerpt.awk" "$1" "$source" && return 0
    done
    echo "these lines do not stand in a C file under docs/examples" >"$work/why"
    return 1
}

# An example ends the daemon that it starts; if it could not, we do.
end_daemons()
{
    while read -r pid; do
        case $(readlink "/proc/$pid/exe") in "$top_builddir"/*) kill "$pid" ;; esac
    done <"$work/daemons" 2>/dev/null
    : >"$work/daemons"
}

check_commands()
{
    test "$(head -c 2 "$1")" = '$ ' || { quietly sh -n "$1"; return; }
    rm -rf "$work/run"
    mkdir "$work/run"
    commands=$(awk -v dir="$work/run" -f "$here/commands.awk" "$1")
    (cd "$work/tree/$2" && timeout 60 sh "$work/run/script") >"$work/why" 2>&1
    end_daemons
    different=0
    i=1
    while test $i -le "$commands"; do
        test -f "$work/run/$i.out" || echo "not run" >"$work/run/$i.out"
        sed -i "s,$top_builddir/plugins/\.libs,/usr/lib/apigwd,; s,$work/tree/$2,/home/you," "$work/run/$i.out"
        diff -u -L "shown after command $i" "$work/run/$i.shown" -L "printed by it" "$work/run/$i.out" \
            >>"$work/why" || different=1
        i=$((i + 1))
    done
    return $different
}

# check_block FILE INFO: by what follows the fence.
check_block()
{
    file=$1
    # shellcheck disable=SC2086
    set -- $2
    case "$*" in
    "yaml apigwd.yaml" | "yaml apigwd.yaml "*) check_config "$file" "${3:-etc/sample}" ;;
    "yaml api") check_api "$file" ;;
    "yaml api refused") check_refused "$file" ;;
    "yaml "*/* | "c "*/* | "text "*/*) check_excerpt "$file" "$2" ;;
    c) check_any_excerpt "$file" ;;
    sh | "sh "*) check_commands "$file" "${2:-etc/sample}" ;;
    *)
        echo "unknown kind of block \"$*\"; tests/docs/examples.sh lists the known ones" >"$work/why"
        return 1
        ;;
    esac
}

check_document()
{
    name=${1#"$top_srcdir"/}
    case $1 in *.md) man=0 ;; *) man=1 ;; esac
    rm -rf "$work/blocks"
    mkdir "$work/blocks"
    fresh_tree
    awk -v dir="$work/blocks" -v man=$man -f "$here/blocks.awk" "$1" >"$work/list"
    while read -r number line info; do
        test "$info" = text && continue
        check_block "$work/blocks/$number" "$info"
        result $? "$name:$line: $info"
    done <"$work/list"
}

# Links of a document to files of the source lead somewhere.
check_links()
{
    sed -n 's/](\([^)#]*\)[^)]*)/\n\1\n/gp' "$1" | sed -n '/^[A-Za-z0-9._/-]*[./][A-Za-z0-9._/-]*$/p' >"$work/list"
    : >"$work/why"
    while read -r target; do
        test -e "$(dirname "$1")/$target" || echo "no such file: $target" >>"$work/why"
    done <"$work/list"
    test ! -s "$work/why"
    result $? "links of ${1#"$top_srcdir"/} lead to files"
}

# In etc/apigwd.yaml a "#" without a space, or with two, stands before a value that an operator may uncomment.
check_default_config()
{
    fresh_tree
    sed 's/^\( *\)#\([^ #]\|  [^ ]\)/\1\2/' "$top_srcdir/etc/apigwd.yaml" >"$work/uncommented.yaml"
    check_config "$top_srcdir/etc/apigwd.yaml" etc/sample
    result $? "etc/apigwd.yaml is a good config"
    check_config "$work/uncommented.yaml" etc/sample
    result $? "etc/apigwd.yaml is a good config with everything uncommented"
    check_config "$top_srcdir/etc/sample/apigwd.yaml" etc/sample
    result $? "etc/sample/apigwd.yaml is a good config"
}

check_first_backend()
{
    lines=$(wc -l <"$top_srcdir/docs/examples/first-backend/first_backend.c")
    echo "$lines lines" >"$work/why"
    test "$lines" -le 60
    result $? "the first backend of the guide has at most 60 lines"
}

for plugin in istio-virtualservice istio-authn-policy; do
    test -f "$top_builddir/plugins/.libs/$plugin.so" && continue
    echo "1..0 # SKIP the examples need the backend $plugin, which was not built"
    exit 0
done
make_programs
for document in "$top_srcdir"/README.md "$top_srcdir"/docs/*.md "$top_srcdir"/plugins/*/README.md "$top_srcdir"/etc/*/README.md \
    "$top_srcdir"/docs/examples/*/README.md; do
    test -f "$document" || continue
    check_document "$document"
    check_links "$document"
done
for document in "$top_srcdir"/docs/*.[1-9]; do
    check_document "$document"
done
check_default_config
check_first_backend
echo "1..$tests"
