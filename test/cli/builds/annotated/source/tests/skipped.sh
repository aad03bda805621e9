#!/bin/sh
# @skip needs a network
exit 1
