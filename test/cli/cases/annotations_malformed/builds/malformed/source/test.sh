#!/bin/sh
# @timeout 5s
# @memory 1 apple
# @cpu-time -1
# @priority P4
# @tag
# @level smoke
# @depends-on all.tset
# @retries many
# @serial sometimes
# @lock
# @skpi it is late
# @plannd
# @retrise 2
# @cost 1
# @cost 2
# @param these are of other tools
# @brief and left alone
# Not at the head of a comment: @timeout 5s
exit 0
