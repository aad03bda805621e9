#!/bin/sh
# @depends-on all.left
# @level unit
exit 0
