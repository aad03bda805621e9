#!/bin/sh
# @planned
exit 1
