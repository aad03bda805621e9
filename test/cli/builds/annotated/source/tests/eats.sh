#!/bin/sh
# @memory 20M
{ head -c 60000000 /dev/zero; sleep 20; } | tail -c 50000000 >/dev/null
