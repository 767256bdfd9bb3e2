# SPDX-License-Identifier: Apache-2.0
# From a trace of strace -y: what was put into place, removed and synced, one a line, in order. Variable: out, the
# output folder with a slash at its end. Attempts that failed and folders are left out.
function path(folder, name) {
	return substr(folder "/" name, length(out) + 1)
}

/ = -1 / || /AT_REMOVEDIR/ { next }
/ syncfs\(/ { print "sync"; next }
/ renameat2?\(/ {
	n = split($0, piece, /[<>"]/)
	# FD<FOLDER>, "NAME", FD<FOLDER>, "NAME"
	print "put " path(piece[6], piece[8])
	next
}
/ unlinkat\(/ {
	split($0, piece, /[<>"]/)
	print "remove " path(piece[2], piece[4])
}
