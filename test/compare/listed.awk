# Console output of ctest or ptests -> the lists at its end: "FAILED <number> - <name> (<status>)", "did not run ...", the sentence
# that counts the failures, and the label summary without its times.
/^The following tests FAILED:/ { list = "FAILED"; next }
/^The following tests did not run:/ { list = "did not run"; next }
/^[0-9]+% tests passed/ { print; next }
/ = +[0-9.]+ sec\*proc \([0-9]+ tests?\)$/ { sub(/ +=.*proc/, ""); print "label " $0; next }
list != "" && /^\t *[0-9]+ - / { sub(/^\t */, ""); print list " " $0; next }
{ list = "" }
