# Console output of ctest or ptests -> the lists at its end: "FAILED <number> - <name> (<status>)", "did not run ...", and the
# sentence that counts the failures.
/^The following tests FAILED:/ { list = "FAILED"; next }
/^The following tests did not run:/ { list = "did not run"; next }
/^[0-9]+% tests passed/ { print; next }
list != "" && /^\t *[0-9]+ - / { sub(/^\t */, ""); print list " " $0; next }
{ list = "" }
