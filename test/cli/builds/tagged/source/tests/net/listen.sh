#!/bin/sh
# @skip needs a free port
# @priority P0
exit 1
