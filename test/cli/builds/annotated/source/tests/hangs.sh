#!/bin/sh
# @timeout 0.2
exec sleep 20
