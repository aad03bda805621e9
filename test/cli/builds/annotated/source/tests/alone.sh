#!/bin/sh
# @serial
exit 0
