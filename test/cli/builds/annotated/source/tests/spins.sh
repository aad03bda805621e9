#!/bin/sh
# @cpu-time 0.3
# @timeout 60
while :; do :; done
