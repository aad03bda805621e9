#!/bin/sh
# Who may include whom: the table of ARCHITECTURE.md, checked over the sources.
# Usage: include_direction.sh SOURCE_DIRECTORY
set -eu
cd "$1"

# The rooms a room may include, besides itself.
allowed() {
  case "$1" in
    base) echo ;;
    core) echo base ;;
    suite | framework | schedule | process | store | report) echo core base ;;
    build) echo process core base ;;
    run) echo schedule framework process build core base ;;
    cli) echo run build suite framework schedule process store report core base ;;
    *) return 1 ;;
  esac
}

status=0
complain() {
  echo "$1"
  status=1
}

for directory in */; do
  room=${directory%/}
  if ! rooms=$(allowed "$room"); then
    complain "src/$room: no such room; give it a line in the table"
    continue
  fi
  # file:line:#include "room/header.hpp"
  includes=$(grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"' "$room" || true)
  while IFS= read -r include; do
    [ -n "$include" ] || continue
    header=${include#*\"}
    header=${header%%\"*}
    target=${header%%/*}
    case " $room $rooms " in
      *" $target "*) [ -f "$header" ] || complain "src/${include%%\"*}\"$header\": there is no such file" ;;
      *) complain "src/${include%%\"*}\"$header\": $room may include: $room $rooms" ;;
    esac
  done <<EOF
$includes
EOF
done
exit "$status"
