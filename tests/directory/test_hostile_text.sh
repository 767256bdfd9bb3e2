#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Files that are no YAML, too much of it, or YAML that every reader reads differently.
set -u
. "$top_srcdir/tests/directory/hostile.sh"

refused='msg="input refused"'
at="at=$work/in/hostile.yaml"
until='; nothing of it is used until it is mended"'

world
check 'the good Api alone' survives 0

head -c 100000 /dev/urandom >$h
printf '\377' | dd of=$h bs=1 conv=notrunc 2>/dev/null
hostile 'random bytes' 1 "$refused" "$at:1:1" "error=\"byte 0xff is not UTF-8$until"
printf 'a: [b, c\nd: {\n' >$h
hostile 'rubbish' 1 "$refused" "$at:2:2" \
	"error=\"did not find expected ',' or ']' while parsing a flow sequence that begins on line 1$until"
printf 'a: &x [1]\nb: *x\n' >$h
hostile 'an anchor' 1 "$refused" "$at:1:4" \
	"error=\"anchors (&) are not supported; write the value out where it is needed$until"
printf 'a: 1\nb: *x\n' >$h
hostile 'an alias' 1 "$refused" "$at:2:4" \
	"error=\"aliases (*) are not supported; write the value out where it is needed$until"
{ echo 'a0: &a0 x'; for i in 1 2 3 4 5 6 7 8 9; do echo "a$i: &a$i [*a$((i - 1)), *a$((i - 1))]"; done; } >$h
hostile 'a billion laughs' 1 "$refused" "$at:1:5" 'error="anchors (&) are not supported'

for c in '[' '{' '- ' '? ' '[{a: ' '"' "'" '{"a":'; do
	many 8192 "$c$c$c$c$c" >$h
	hostile "40 KB of $c" 1 "$refused" "$at:1:"
done
many 40960 '[' >$h
hostile 'how deep is too deep' 1 "$at:1:65" "error=\"nested too deeply; at most 64 levels are read$until"
{ many 40960 '['; many 40960 ']'; } >$h
hostile 'the same in JSON' 1 "$at:1:65" "error=\"nested too deeply; at most 64 levels are read$until"

head -c 10485760 /dev/zero | tr '\0' a >$h
hostile '10 MB' 1 "$refused" "$at " "error=\"10485760 bytes, at most 1048576 are read$until"
{ api a1 s h; head -c 1048576 /dev/zero | tr '\0' '#'; } | head -c 1048576 >$h
hostile 'a file of 1 MiB' 0
{ api a1 s h; head -c 1048576 /dev/zero | tr '\0' '#'; } | head -c 1048577 >$h
hostile 'and a byte more' 1 "$refused" "$at " "error=\"1048577 bytes, at most 1048576 are read$until"

yes 'a: 1
---' | head -n 8000 >$h
hostile 'thousands of documents' 1 "$refused" "$at:2000:1" \
	"error=\"too many documents; at most 1000 are read$until"
yes -- '--- # nothing' | head -n 1000 >$h
hostile 'a thousand that are empty' 0
yes -- '---
a: 1' | head -n 2000 >$h
hostile 'a thousand that are none' 1 "$refused" "$at:2:1" path=apiVersion \
	'error="expected VERSION or GROUP/VERSION, found nothing"'
yes -- '---
a: 1' | head -n 2000 >$h
hostile 'of which a hundred are shown' 1 'level=warning' 'msg="more problems not shown" cluster=test count=900'

{ api a1 s h; echo '  hostname: other'; } >$h
hostile 'a duplicate key' 1 "$refused" "$at:11:3" "error=\"key \\\"hostname\\\" is given twice in one mapping$until"
printf '{"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"},\n "k\\u0069nd": "B"}' >$h
hostile 'a duplicate key in disguise' 1 "$refused" "$at:2:2" "error=\"key \\\"kind\\\" is given twice in one mapping$until"
{ api a1 s h; echo '  <<: {port: 1}'; } >$h
hostile 'a merge key' 1 "$refused" "$at:11:3" \
	"error=\"merge keys (<<) are not supported; write the members out$until"
for tag in '!!python/object/apply:os.system [id]' '!!binary aGVsbG8=' '!x y' '!!str y' '!<tag:x> y' '! y'; do
	{ api a1 s h; echo "  x: $tag"; } >$h
	hostile "the tag $tag" 1 "$refused" "$at:11:6" \
		"error=\"tags (!) are not supported; write the value without it$until"
done
seq -f '%%TAG !%g! x' 40000 >$h
hostile 'directives by the thousand' 1 "$refused" "$at:1:1" \
	"error=\"%TAG is not supported; write values without tags$until"

{ api a1 s h; printf '  x: "a\0b"\n'; } >$h
hostile 'a NUL byte' 1 "$refused" "$at:11:8" "error=\"the text holds a NUL byte; expected UTF-8 text$until"
{ api a1 s h; printf '  x: "a\\0b"\n'; } >$h
hostile 'an escaped NUL' 1 "$refused" "$at:11:6" \
	"error=\"a string holds a NUL character; no value may hold one$until"
{ api a1 s h; printf '  x: "a\303\050b"\n'; } >$h
hostile 'invalid UTF-8' 1 "$refused" "$at:11:8" "error=\"byte 0xc3 is not UTF-8$until"
{ api a1 s h; printf '  x: "a\355\240\200b"\n'; } >$h
hostile 'a surrogate in UTF-8' 1 "$refused" "$at:11:8" "error=\"byte 0xed is not UTF-8$until"
{ api a1 s h; printf '  x: a\033[31m\n'; } >$h
hostile 'an escape sequence' 1 "$refused" "$at:11:7" 'error="control characters are not allowed (character U+001B)'
if command -v iconv >/dev/null; then
	for encoding in UTF-16 UTF-32; do
		{ printf '\377\376'; [ $encoding = UTF-16 ] || printf '\0\0'; api a1 s h | iconv -f UTF-8 -t ${encoding}LE; } >$h
		hostile "$encoding" 1 "$refused" "$at:1:1" "error=\"the text is in $encoding; expected UTF-8$until"
	done
	api a1 s h | iconv -f UTF-8 -t UTF-16LE >$h
	hostile 'UTF-16 without a mark' 1 "$refused" "$at:1:2" \
		"error=\"the text holds a NUL byte; expected UTF-8 text$until"
else
	skip 'UTF-16 and UTF-32' 'iconv is not there'
fi
{ printf '\357\273\277'; api a1 s h; } >$h
hostile 'a byte order mark is fine' 0
api a1 s h | sed 's/$/\r/' >$h
hostile 'CRLF is fine' 0
{ printf '\357\273\277\r\n'; spec '{service: {name: s, port: 80}, hostname: h, authentication: [}' | sed 's/$/\r/'; } >$h
hostile 'and neither moves a place' 1 "$refused" "$at:5:" 'error="did not find expected node content'

for odd in 9223372036854775808 -9223372036854775809 99999999999999999999999; do
	api a1 s h | sed "s/80/$odd/" >$h
	hostile "the number $odd" 1 "$refused" "$at:9:11" \
		"error=\"$odd does not fit into 64 bits; write it in quotes if it is a string$until"
done
for odd in 0x50 0o120 080 1_000 1:20 .inf .nan 1e999; do
	api a1 s h | sed "s/80/$odd/" >$h
	hostile "the number $odd" 1 "$refused" "$at:9:11" "error=\"$odd "
done
for word in yes No ON off y; do
	{ api a1 s h; echo "  authenticationEnabled: $word"; } >$h
	hostile "the word $word" 1 "$refused" "$at:11:26" \
		"error=\"$word without quotes is not the same to every reader of YAML; write "
done

printf '{"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"}}\ntrailing' >$h
hostile 'JSON with something behind it' 1 "$refused" "$at:2:8" "error=\"end of file expected near 'trailing'$until"
for text in '' '# nothing' '---' "$(printf '# a\n---\n# b\n...\n---\n')"; do
	printf '%s\n' "$text" >$h
	hostile 'a file with comments at most is empty' 0
done
{ many 349500 '[],' | sed 's/^/[/'; echo '[]]'; } >$h
hostile 'a mebibyte of []' 1 "$refused" "$at:1:" "error=\"too many values; at most 100000 are read$until"
spec "{service: {name: s, port: 80}, hostname: h, x: [$(many 99980 '{},')]}" >$h
hostile 'as much as is read' 0 'msg="input doubtful"' "$at:4:51" path=spec.x

check 'all of it at once' survives_all "$refused"
check 'what is good of it is served too' test -e $vs/a1.yaml
finish
