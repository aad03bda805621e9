#!/bin/sh
# Process 1 of the machine that cgroup_v2_qemu.sh boots, with the shell and tools of busybox: runs ptests in one cgroup after the other.
# What comes of it is put on the first disk in the end, for that one to judge; here is looked at what only the live machine shows.
# Argument: that one's working folder, which is here under the same name.
work=$1
ptests=$work/bin/ptests
cgroups=/sys/fs/cgroup
nobody="$work/files/setpriv --reuid=65534 --regid=65534 --clear-groups"
stranger=0
export PATH=/bin TMPDIR="$work/tmp"

say() { echo "guest: $(cut -d ' ' -f 1 /proc/uptime) s: $*"; }
fault() {
  say "FAULT: $*"
  echo "$*" >>"$work/faults"
}

set_up() {
  /bin/busybox --install -s /bin
  mkdir -p /proc /sys /dev
  mount -t proc proc /proc
  mount -t sysfs sys /sys
  mount -t devtmpfs dev /dev
  mount -t cgroup2 cgroup2 $cgroups
  for module in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk; do insmod "/$module.ko"; done
  chmod 666 /dev/vda
  # Without memory.swap.max a hog would go there.
  mkswap /dev/vdb >/dev/null && swapon /dev/vdb &&
    mke2fs -F /dev/vdc >/dev/null && mount -t ext4 /dev/vdc "$TMPDIR" && rmdir "$TMPDIR/lost+found" && chmod 1777 "$TMPDIR" && return
  say 'no disks'
  poweroff -f
}

# start <folder> <cgroup> <command>...: from inside the two, in the background.
start() {
  build=$work/$1
  cgroup=$cgroups/$2
  shift 2
  (
    echo 0 >"$cgroup/cgroup.procs"
    cd "$build" || exit
    exec "$@" >out 2>err </dev/null
  ) &
  pid=$!
}

# left: what was not there before. It starts no process of its own that it could see.
left() {
  for process in /proc/[0-9]*; do
    # Neither a thread of the kernel nor a dead process has a program.
    [ "$process" = "/proc/$stranger" ] || [ "$process" = /proc/1 ] || ! program=$(readlink "$process/exe") ||
      echo "$process $program $(cat "$process/cgroup")"
  done
  find $cgroups -name 'ptests-*' -type d 2>/dev/null
  find "$TMPDIR" -mindepth 1 -maxdepth 1
  for cgroup in $cgroups/*/ $cgroups/*/*/; do
    [ "$cgroup" = $cgroups/given/ ] || [ ! -s "$cgroup/cgroup.subtree_control" ] || echo "$cgroup: $(cat "$cgroup/cgroup.subtree_control")"
  done
}

# remove_left: so that the next one starts clean.
remove_left() {
  sed -n 's,^/proc/\([0-9]*\) .*,\1,p' "$work/left" | xargs -r kill -KILL
  sleep 0.5
  find $cgroups -depth -name 'ptests-*' -type d -exec rmdir {} +
  find "$TMPDIR" -mindepth 1 -maxdepth 1 -exec rm -rf {} +
}

# finish: its exit code, once nothing is left.
finish() {
  wait "$pid" 2>/dev/null
  echo $? >"$build/code"
  tenths=100
  while left >"$work/left" && [ -s "$work/left" ]; do
    tenths=$((tenths - 1))
    [ $tenths -gt 0 ] || { fault "${build##*/}: left behind: $(tr '\n' ' ' <"$work/left")" && remove_left && break; }
    sleep 0.1
  done
  say "${build##*/}: exit code $(cat "$build/code")"
}

run() {
  start "$@"
  finish
}

# doctor <cgroup> [<command>...]: what ptests thinks of that place.
doctor() {
  place=$1
  shift
  run "doctor_${place##*/}" "$place" "$@" "$ptests" doctor
}

pids_of() { for process in /proc/[0-9]*; do [ "$(readlink "$process/exe")" != "$1" ] || echo "${process#/proc/}"; done; }

# wait_for <file> <how often> <text>
wait_for() {
  tenths=200
  until [ -f "$1" ] && [ "$(grep -c "$3" "$1")" -ge "$2" ]; do
    tenths=$((tenths - 1))
    [ $tenths -gt 0 ] || { fault "$1 does not have $2 times: $3" && return; }
    sleep 0.1
  done
}

set_up
for cgroup in own plain shared given user; do mkdir $cgroups/$cgroup; done
say 'up'

# --- In the root, which may have processes and children. Here it is ptests that hands the controllers down first.
run root . "$ptests" run -j6 --backtrace off
cat $cgroups/cgroup.subtree_control >"$work/root/handed_down"
echo '+cpu +io +memory +pids' >$cgroups/cgroup.subtree_control
run doctor_root . "$ptests" doctor

# --- In one of its own, with the shell that started it: both step aside, and come back.
# shellcheck disable=SC2016
run own own sh -c '"$0" run -j6 --backtrace off; code=$?; cat /proc/self/cgroup >after; exit $code' "$ptests"
doctor own

# --- In one that was delegated to a user, and in one that was not.
chown 65534:65534 $cgroups/user $cgroups/user/cgroup.procs $cgroups/user/cgroup.subtree_control $cgroups/user/cgroup.threads
for folder in delegated killed_delegated inner_killed_delegated undelegated undelegated_quota; do chown -R 65534:65534 "$work/$folder"; done
chmod u+s "$work/files/setpriv"
# shellcheck disable=SC2086
{
  run delegated user $nobody "$ptests" run -j6 --backtrace off
  doctor user $nobody
  run undelegated plain $nobody "$ptests" run --backtrace off
  run undelegated_quota plain $nobody "$ptests" run
  doctor plain $nobody
}

# --- With somebody else in it, who cannot be asked to step aside.
sh -c "echo 0 >$cgroups/shared/cgroup.procs; exec sleep 1000" &
stranger=$!
wait_for $cgroups/shared/cgroup.procs 1 "^$stranger$"
run shared shared "$ptests" run --backtrace off
run shared_quota shared "$ptests" run
doctor shared
kill $stranger
wait $stranger 2>/dev/null
stranger=0

# --- In one that is given a part of the controllers, and in one of the kind that takes threads only.
echo '+pids' >$cgroups/given/cgroup.subtree_control
mkdir $cgroups/given/part
run given given/part "$ptests" run --backtrace off
doctor given/part
mkdir $cgroups/given/threads
echo threaded >$cgroups/given/threads/cgroup.type
run threaded given/threads "$ptests" run --backtrace off
doctor given/threads
rmdir $cgroups/given/threads

# --- As in a container: its own cgroup is all it sees.
run container own "$work/files/unshare" --cgroup --mount sh -c \
  "umount $cgroups && mount -t cgroup2 cgroup2 $cgroups && exec \"$ptests\" run --backtrace off"

# --- ptests under ptests, in the cgroup of a test and beside it; and two from one shell, of which the first ends first.
run outer own "$ptests" run -j2 --backtrace off
# shellcheck disable=SC2016
run together own sh -c '"$0" run -B ../inner_first >first & sleep 0.5; "$0" run; code=$?; wait; exit $code' "$ptests"

# --- kill -9: the guard removes it all.
# killed <folder> <cgroup> <tests> [<command>...]
killed() {
  # shellcheck disable=SC2086
  start "$1" "$2" ${4:-} "$ptests" run -j8 --backtrace off
  wait_for "$build/paralleltests/events.jsonl" "$3" '"test_started"'
  wait_for "$work/inner_$1/paralleltests/events.jsonl" 1 '"test_started"'
  sleep 0.5
  find "$cgroups/$2" -name cgroup.procs -exec cat {} + >"$build/processes"
  kill -KILL $pid
  finish
}
killed killed own 4
killed killed_delegated user 5 "$nobody"

# --- The guard killed with it: the next run does that. It is started by the same shell, which is in the leaf still.
(
  echo 0 >$cgroups/own/cgroup.procs
  cd "$work/unguarded" || exit
  "$ptests" run --backtrace off waits >first 2>&1 &
  wait_for paralleltests/events.jsonl 1 '"test_started"'
  sleep 0.3
  # The guard first: it is the younger one.
  for process in $(pids_of "$ptests" | sort -rn); do kill -KILL "$process"; done
  wait
  find $cgroups/own -name 'ptests-*' >cgroups
  exec "$ptests" run --backtrace off passes >out 2>err
) &
pid=$!
build=$work/unguarded
finish

say 'done'
cd "$work" && tar -cf - ./* >/dev/vda
sync
poweroff -f
