dnl SPDX-License-Identifier: Apache-2.0

dnl APIGW_CFLAGS(VARIABLE, FLAGS)
dnl Sets VARIABLE to those of FLAGS that the compiler knows.
AC_DEFUN([APIGW_CFLAGS],
[AC_LANG_ASSERT([C])
$1=
for apigw_flag in m4_normalize([$2]); do
  AC_MSG_CHECKING([whether $CC knows $apigw_flag])
  apigw_saved=$CFLAGS
  CFLAGS="$CFLAGS -Werror $apigw_flag"
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
    [AC_MSG_RESULT([yes]); $1="$$1 $apigw_flag"], [AC_MSG_RESULT([no])])
  CFLAGS=$apigw_saved
done])

dnl APIGW_PLUGIN(NAME, SUMMARY, [MISSING])
dnl Adds --disable-NAME and the automake conditional ENABLE_NAME. MISSING is a shell word that names what
dnl the plugin needs and was not found; with it the plugin is left out, or refused where the user asked for it.
AC_DEFUN([APIGW_PLUGIN],
[AC_ARG_ENABLE([$1], [AS_HELP_STRING([--disable-$1], [leave out the backend: $2])],
  [], [enable_[]m4_translit([$1], [-], [_])=auto])
AS_CASE(["$enable_[]m4_translit([$1], [-], [_])"],
  [no], [apigw_reason="no  (--disable-$1)"],
  [AS_IF([test "x$3" = x], [apigw_reason=yes],
     [test "$enable_[]m4_translit([$1], [-], [_])" = yes],
     [AC_MSG_ERROR([backend $1 was asked for and needs $3])],
     [apigw_reason="no  (needs $3)"])])
AM_CONDITIONAL(m4_toupper([ENABLE_]m4_translit([$1], [-], [_])), [test "$apigw_reason" = yes])
m4_append([APIGW_PLUGIN_LINES], [AS_ECHO(["    m4_format([%-24s], [$1])$apigw_built_]m4_translit([$1], [-], [_])["])
])
apigw_built_[]m4_translit([$1], [-], [_])=$apigw_reason])

dnl APIGW_PLUGIN_SUMMARY
dnl Prints a line for each backend: built, or why not.
AC_DEFUN([APIGW_PLUGIN_SUMMARY], [APIGW_PLUGIN_LINES])
