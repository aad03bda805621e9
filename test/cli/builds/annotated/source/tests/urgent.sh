#!/bin/sh
# @priority P0 @tag smoke
exit 0
