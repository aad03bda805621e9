#!/bin/sh
# @lock db @level integration
sleep 0.3
