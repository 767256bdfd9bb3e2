#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Good YAML with fields that were written to do harm: to a gateway, a log, a terminal, a file system.
set -u
. "$top_srcdir/tests/directory/hostile.sh"

refused='level=error msg="input refused"'
at="at=$work/in/hostile.yaml"

# refuses WHAT SPEC COLUMN PATH SENTENCE: an Api with that spec is refused, and its status says so too.
refuses() {
	world
	spec "$2" >$h
	check "$1" survives 1 "$refused" api=t1/a1 "$at:4:$3 " "path=$4 " "error=\"$5\""
	check 'and nothing of it is published' absent $vs/a1.yaml
	check 'and its status is text and says where' states "$4"
	keep
}

states() {
	plain out/status/t1/a1.yaml && holds out/status/t1/a1.yaml 'validationStatus: 3' "$1"
}

# of SERVICE PORT HOSTNAME [MORE]: a spec.
of() {
	printf '{service: {name: %s, port: %s}, hostname: %s%s}' "$1" "$2" "$3" "${4:+, $4}"
}

# jwt_of ISSUER URI [PATH]: a spec that asks for tokens.
jwt_of() {
	of s 80 h "authentication: [{type: JWT, jwt: {issuer: $1, jwksUri: $2${3:+, triggerRule: {excludedPaths: [$3]\}}}}]"
}

# bare TEXT: without what the names of tests cannot hold.
bare() {
	printf '%.40s' "$1" | tr -d '\\"'
}

port='expected an integer from 1 to 65535, found'
for real in 80.0 8e1; do
	refuses "port $real" "$(of s $real h)" 27 spec.service.port \
		"$port a number with a point or an exponent; write it without"
done
for integer in 0 -1 65536 4294967376 9223372036854775807; do
	refuses "port $integer" "$(of s $integer h)" 27 spec.service.port "$port $integer"
done
refuses 'a port in quotes' "$(of s '"80"' h)" 27 spec.service.port "$port a string; drop the quotes"
refuses 'a port that is null' "$(of s null h)" 27 spec.service.port "$port null"
refuses 'a port that is a list' "$(of s '[80]' h)" 27 spec.service.port "$port a list"

service='is no name of a Service: expected a-z, 0-9 and '\''-'\'', a letter or digit at both ends, at most 63 characters'
refuses 'a Service with an escape sequence' "$(of '"\e[31mred"' 80 h)" 18 spec.service.name "\\\"?[31mred\\\" $service"
refuses 'a Service that turns text' "$(of '"\u202egnp"' 80 h)" 18 spec.service.name "\\\"?gnp\\\" $service"
refuses 'a Service with a line of log' "$(of '"a\nlevel=error msg=x"' 80 h)" 18 spec.service.name \
	"\\\"a level=error msg=x\\\" $service"
refuses 'a Service that leaves its folder' "$(of ../../etc 80 h)" 18 spec.service.name "\\\"../../etc\\\" $service"
host='is no host name: expected a label of a-z, 0-9 and '\''-'\'', a letter or digit at both ends, alone or before a domain (kyma.local)'
refuses 'a host with a C1 control' "$(of s 80 '"h\x9b31m"')" 38 spec.hostname "\\\"h?31m\\\" $host"
refuses 'a host with a zero width' "$(of s 80 '"h\u200b"')" 38 spec.hostname "\\\"h?\\\" $host"
refuses 'a host of several lines' "$(of s 80 '"h\n"')" 38 spec.hostname "\\\"h \\\" $host"
refuses 'a host of 64 characters' "$(of s 80 "$(many 64 a)")" 38 spec.hostname \
	"\\\"$(many 64 a)\\\" begins with a label of 64 characters; expected at most 63"

a=spec.authentication[0]
issuer='holds a character that cannot be seen or controls how others are; remove it'
for text in '"\e[31mred"' '"\u202egnp"' '"a\nlevel=error"'; do
	what=$(bare "$text")
	refuses "the issuer $what" "$(jwt_of "$text" https://x)" 86 $a.jwt.issuer "$issuer"
	refuses "the pattern $what" "$(jwt_of i https://x "{exact: $text}")" 147 "$a.jwt.triggerRule.excludedPaths[0]" "$issuer"
	refuses "the key set $what" "$(jwt_of i "$text")" 97 $a.jwt.jwksUri "$issuer"
done
refuses 'an issuer without end' "$(jwt_of "$(many 500000 a)" https://x)" 86 $a.jwt.issuer \
	'has 500000 bytes; expected at most 2048'
url='expected an absolute http or https URL (https://HOST/PATH)'
for uri in 'https://a b' file:///etc/passwd 'javascript:alert(1)' 'https://' 'https:///k'; do
	refuses "the key set $uri" "$(jwt_of i "\"$uri\"")" 97 $a.jwt.jwksUri "found \\\"$uri\\\"; $url"
done
refuses 'a key set with a password' "$(jwt_of i '"https://user:secret@h b"')" 97 $a.jwt.jwksUri "found \\\"...@...\\\"; $url"
check 'which is not told' lacks stderr secret
x="$a.jwt.triggerRule.excludedPaths[0]"
refuses 'an expression that does not compile' "$(jwt_of i https://x '{regex: "/(a"}')" 147 "$x" \
	"the regular expression has a '(' that is not closed"
refuses 'an expression that explodes' "$(jwt_of i https://x '{regex: "((a{999}){999}){999}"}')" 147 "$x" \
	'the regular expression is too long, or repeats too much; expected something simpler'
refuses 'an empty expression' "$(jwt_of i https://x '{regex: ""}')" 147 "$x" 'expected a text that is not empty as the pattern'
refuses 'an empty pattern' "$(jwt_of i https://x '{}')" 147 "$x" 'expected exactly one of exact, prefix, suffix and regex, found none'

world
printf 'apiVersion: gateway.kyma-project.io/v1alpha2\nkind: Api\nmetadata: {name: a1, namespace: t1}\nspec: [1]\n' >$h
hostile 'a spec that is a list' 1 "$refused" "$at:4:1" path=spec 'error="expected an object with service and hostname, found a list"'
spec "$(of s 80 h '1: x, null: z, true: 2, ~: 3')" >$h
hostile 'keys that are no strings' 0 'level=warning msg="input doubtful"' "$at:4:" path=spec.null
spec "$(of s 80 h '"\e[31m\u202e\n": 1')" >$h
hostile 'a key that turns the terminal' 1 "$refused" "$at:4:51 " 'path="spec[\"\\x1b[31m\\u202e\\n\"]"'
spec "$(of s 80 h "$(many 300 k): 1")" >$h
hostile 'a key of 300 characters' 0 'msg="input doubtful"' "$at:4:" "path=spec.$(many 80 k)... "
spec "$(of s 80 h '"a.b": 1')" >$h
hostile 'a key with a dot' 0 'msg="input doubtful"' "$at:4:51 " 'path="spec[\"a.b\"]"'
spec "$(of s 80 2020-01-01)" >$h
hostile 'a date as a host is a name like any other' 0
{ api a1 s h; printf '  x: |\n    ---\n    kind: Api\n    ...\n'; } >$h
hostile 'a document inside of a text is text' 0 'msg="input doubtful"' "$at:11:3" path=spec.x
{ api a1 s h; printf '  x: |\n---\nkind: Api\n'; } >$h
hostile 'a document that ends a text is a document' 1 "$refused" "$at:13:1" path=apiVersion

# Names.
name="expected a name of lower-case letters, digits, '-' and '.', at most 253 characters, found"
space="expected a namespace of lower-case letters, digits and '-', at most 63 characters, found"
for odd in ../../../elsewhere/evil .. . a/b '"a\nb"' '"a\x00b"' "$(many 300 a)" '"\u202ea"' A -a a. '""' 7; do
	api "$odd" s h >$h
	case $odd in
	*x00*) hostile "the name $(bare "$odd")" 1 "$refused" "$at:4:9" 'holds a NUL character' ;;
	7) hostile "the name $(bare "$odd")" 1 "$refused" "$at:4:3" path=metadata.name "error=\"$name an integer\"" ;;
	*) hostile "the name $(bare "$odd")" 1 "$refused" "$at:4:3" path=metadata.name "error=\"$name \\\"" ;;
	esac
done
for odd in ../t1 .. a.b '"a\nb"' "$(many 64 a)" A; do
	api a1 s h | sed "s|namespace: t1|namespace: $(printf %s "$odd" | sed 's/\\/&&/g')|" >$h
	hostile "the namespace $(bare "$odd")" 1 "$refused" "$at:5:3" path=metadata.namespace "error=\"$space \\\""
done
api "$(many 253 a)" s h >$h
hostile 'a name of 253 characters' 0
for odd in '"a\n../b"' '"\u202e"' a/b 7; do
	spec "$(of s 80 h)" | sed "s|name: a1|name: a1, uid: $(printf %s "$odd" | sed 's/\\/&&/g')|" >$h
	hostile "the uid $(bare "$odd")" 1 "$refused" "$at:3:22" path=metadata.uid 'error="cannot be the value of a label: '
done

# Lists.
{ printf 'apiVersion: v1\nkind: List\nitems:\n'; yes -- '- 1' | head -n 99000; } >$h
hostile 'a list of 99,000 entries that are none' 1 "$refused" "$at:4:3" 'path=items[0]' \
	'error="expected an object with apiVersion, kind and metadata, found an integer"'
{ printf 'apiVersion: v1\nkind: List\nitems:\n'; yes -- '- 1' | head -n 100000; } >$h
hostile 'and of 100,000' 1 "$refused" "$at:100000:3" 'error="too many values; at most 100000 are read'
printf 'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List}]}\n' >$h
hostile 'a list in a list' 1 "$refused" "$at:4:3" 'path=items[0]' 'error="a list inside of a list is not read; put its items into the outer one"'
{ api a1 s h | sed '/^spec/,$d'; printf '  annotations: {a: %s1%s}\n' "$(many 80 '[')" "$(many 80 ']')"; } >$h
hostile 'deep annotations' 1 "$refused" "$at:6:81" 'error="nested too deeply; at most 64 levels are read'
{ spec "$(of s 80 h)"; yes -- '---
spec: 1' | head -n 1998; } >$h
hostile 'an Api before a thousand that are none' 1 "$refused" "$at:6:1" path=apiVersion
for i in 1 2 3 4 5 6 7 8 9; do for j in 0 1 2 3 4 5 6 7 8 9; do
	spec "$(of S 80 h)" | sed "s/a1/b$i$j/; 1s/^/---\\n/"
done; done >$h
hostile 'bad Apis by the dozen' 1 "$refused" api=t1/b99 "$at:450:" path=spec.service.name

check 'all of it at once' survives_all "$refused"
finish
