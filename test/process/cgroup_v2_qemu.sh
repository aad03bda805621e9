#!/bin/sh
# sh cgroup_v2_qemu.sh <ptests> <victim> <folder with a kernel, vmlinuz, and its virtio modules>
# Limits, trees and their ends where cgroup v2 has the controllers: under a Linux of its own, in an emulated machine (no KVM). What is done
# in there is in cgroup_v2_init.sh. With KEEP=<folder> what came out of it is put there.
[ $# -eq 3 ] || { echo "usage: $0 <ptests> <victim> <kernel folder>" >&2 && exit 1; }
kernel=$(cd "$3" && pwd -P) || exit 1
set -- "$1" "$2"
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/table.sh"

longest=200 # seconds; 45 when nobody else computes
table=$work/table
grep -v '^#' "$here/cgroup_v2.tsv" >"$table"

# --- What is run in there

for program in setpriv prlimit unshare; do cp "$(command -v $program)" "$work/files/"; done
# below <what>: with cgroups made below that of the test.
cat >"$work/files/below" <<EOF
own=/sys/fs/cgroup\$(cut -d : -f 3 /proc/self/cgroup)
mkdir "\$own/below"
case \$1 in
  hog) (echo 0 >"\$own/below/cgroup.procs" && exec "$victim" memory 256) ;;
  limit)
    mkdir "\$own/beside"
    echo 0 >"\$own/beside/cgroup.procs"
    echo +memory >"\$own/cgroup.subtree_control"
    echo 16M >"\$own/below/memory.max"
    echo 0 >"\$own/below/memory.swap.max"
    (echo 0 >"\$own/below/cgroup.procs" && exec "$victim" memory 64)
    ;;
  leave)
    echo 0 >"\$own/below/cgroup.procs"
    setsid "$victim" sleep &
    ;;
  freeze)
    echo 0 >"\$own/below/cgroup.procs"
    echo 1 >"\$own/below/cgroup.freeze"
    sleep 20
    ;;
esac
EOF
# unknown <behaviour>: waits, while the victim has left session and group and has no mark of ours.
cat >"$work/files/unknown" <<EOF
"$work/files/prlimit" --rttime=unlimited setsid sh -c "'$victim' \$1 &"
sleep 20
EOF
# To a user this one can be given away: what is root's no user can kill.
as_root='"${files}/setpriv" --reuid=0 --regid=0 --clear-groups ${victim}'

for place in root own user plain shared part threads; do mkdir "$work/doctor_$place"; done
for name in root own; do
  new_table_build $name
  make_manifest
done
cp "$table" "$work/delegated_table"
printf 'leak.of_root\tleaked\tLeaked\tleft 1 process behind\t%s daemon\tPTESTS_PROCESSES 20\n' "$as_root" >>"$work/delegated_table"
table=$work/delegated_table
new_table_build delegated
make_manifest

# two_limits <name>: those that can be looked after without a cgroup.
two_limits() {
  new_build "$1"
  add_test memory '${victim} memory 256' 'PTESTS_MEMORY 64M'
  add_test processes '${victim} children 60' 'PTESTS_PROCESSES 20'
  make_manifest
}
for name in undelegated shared given threaded container; do two_limits $name; done
for name in undelegated_quota shared_quota; do
  new_build $name
  add_test quota '${victim} exit 0' 'PTESTS_CPUS 0.5'
  make_manifest
done

for name in limited unlimited; do
  new_build inner_$name
  add_test hog '${victim} memory 256' 'PTESTS_MEMORY 64M'
  add_test place 'sh -c "cat /proc/self/cgroup"' 'PTESTS_PROCESSES 20'
  add_test leaves '${victim} daemon_without_limits' 'PTESTS_PROCESSES 20'
  make_manifest
done
new_build outer
add_test limited "\"$ptests\" run --backtrace off -B \"$work/inner_limited\"" 'PTESTS_MEMORY 300M'
add_test unlimited "\"$ptests\" run --backtrace off -B \"$work/inner_unlimited\""
make_manifest

new_build inner_first
add_test ends '${victim} sleep 1.5' 'PTESTS_PROCESSES 20'
make_manifest
new_build together
add_test waits '${victim} sleep 2.5' 'PTESTS_PROCESSES 20'
add_test hog '${victim} memory 256' 'PTESTS_MEMORY 64M DEPENDS waits'
make_manifest

for name in killed killed_delegated; do
  new_build inner_$name
  add_test waits '${victim} with_daemon' 'PTESTS_MEMORY 64M'
  make_manifest
  new_build $name
  add_test daemon '${victim} with_daemon' 'PTESTS_MEMORY 64M'
  add_test unknown 'sh "${files}/unknown" sleep' 'PTESTS_PROCESSES 20'
  add_test below 'sh -c "sh \"${files}/below\" leave; sleep 20"' 'PTESTS_PROCESSES 20'
  add_test nested "\"$ptests\" run -B \"$work/inner_$name\"" 'PTESTS_PROCESSES 50'
  [ $name = killed ] || add_test root "$as_root with_daemon" 'PTESTS_PROCESSES 20'
  make_manifest
done
new_build unguarded
add_test waits 'sh "${files}/unknown" sleep' 'PTESTS_MEMORY 64M'
add_test passes '${victim} exit 0' 'PTESTS_MEMORY 64M'
make_manifest

# --- The machine

machine=$work/machine
results=$machine/results
root=$machine/root
mkdir -p "$results" "$root/bin" "$root$work"

# libraries <program>...: what they load.
libraries() { ldd "$@" | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\// && $2 ~ /^\(/ { print $1 }' | sort -u; }

fill_root() {
  cp "$(command -v busybox)" "$root/bin/"
  ln -s busybox "$root/bin/sh"
  cp "$kernel"/*.ko "$root/"
  cp "$here/cgroup_v2_init.sh" "$root/init"
  chmod +x "$root/init"
  for entry in "$work"/*; do [ "$entry" = "$machine" ] || cp -R "$entry" "$root$work/"; done
  libraries "$ptests" "$victim" "$work/files/setpriv" "$work/files/prlimit" "$work/files/unshare" >"$machine/libraries"
  while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
  done <"$machine/libraries"
}

boot() {
  (cd "$root" && find . | cpio --quiet -o -H newc -R 0:0) >"$machine/initramfs"
  for disk in vda vdb vdc; do truncate -s 256M "$machine/$disk"; done
  env "$mark" timeout -k 5 $longest qemu-system-x86_64 -accel tcg -smp 2 -m 768 -nic none -display none -no-reboot -serial stdio \
    -drive "file=$machine/vda,format=raw,if=virtio,cache=unsafe" -drive "file=$machine/vdb,format=raw,if=virtio,cache=unsafe" \
    -drive "file=$machine/vdc,format=raw,if=virtio,cache=unsafe" -kernel "$kernel/vmlinuz" -initrd "$machine/initramfs" \
    -append "console=ttyS0 loglevel=1 panic=-1 cgroup_no_v1=all mitigations=off rdinit=/init -- $work" </dev/null >"$machine/console" 2>&1
}

fill_root
code=0
boot || code=$?
sed -n "s/^guest: /process.$topic: /p" "$machine/console"
[ $code -eq 0 ] || { show "$machine/console" && die "the machine ended with code $code"; }
tar -xf "$machine/vda" -C "$results" 2>"$machine/errors" || { show "$machine/console" && die "no results: $(cat "$machine/errors")"; }
[ -z "${KEEP:-}" ] || { mkdir -p "$KEEP" && cp -R "$machine/console" "$results" "$KEEP/"; }

# --- What came of it

# result <name>
result() {
  build=$results/$1
  code=$(cat "$build/code") || code=none
}

# log <test>
log() { cat "$build/paralleltests/logs/$1.log"; }

# peak <test>: bytes.
peak() {
  awk -v test="name=\"$1\"" '
    /<testcase / { inside = index($0, test) }
    inside && /name="peak_rss_bytes"/ { match($0, /value="[0-9]+"/); print substr($0, RSTART + 7, RLENGTH - 8) }
  ' "$build/paralleltests/junit.xml"
}

[ ! -f "$results/faults" ] || while read -r text; do fault "$text"; done <"$results/faults"

# expect_slow <test>...: what is to take 2 s by its limit takes no time without.
expect_slow() {
  for slow; do [ "$(seconds_of "$slow")" -ge 1 ] || fault "$(basename "$build"): $slow was not slowed down"; done
}

for name in root own delegated; do
  result $name
  table=$work/table
  [ $name != delegated ] || table=$work/delegated_table
  expect_table
  expect_slow cpus.quota io.read_bps io.write_bps io.read_iops io.write_iops io.write_bps_of_files
  [ -z "$(log memory.kills_the_whole_tree)" ] || fault "$name: the shell above the hog was not killed with it"
  # That memory was page cache: only the kernel knows of it.
  [ "$(peak memory.page_cache_is_none)" -ge $((30 << 20)) ] || fault "$name: memory.peak is not in the results"
  [ "$(peak memory.within)" -ge $((32 << 20)) ] || fault "$name: peak memory: $(peak memory.within)"
done

# expect_places <of the test> <of ptests>: above what is named as ours.
expect_places() {
  log sees.its_cgroup | sed 's/ptests-[0-9]*\.[0-9]*/ptests-X/' >"$work/got"
  printf '0::%s\n' "$1" "$2" >"$work/expected"
  same "$work/expected" "$work/got" "$(basename "$build"): cgroups of the test and of ptests"
}
result root
expect_places /ptests-X-1 /
expect_text "$build/handed_down" memory
result own
expect_places /own/ptests-X-1 /own/ptests-X.self
has_line "$build/after" 0::/own || fault "own: the shell is not back: $(cat "$build/after")"
result delegated
expect_places /user/ptests-X-1 /user/ptests-X.self

for name in undelegated shared given threaded container; do
  result $name
  expect_code 1
  expect_status memory memory_limit
  expect_status processes process_limit
  # The kernel does not tell how many it would have been.
  case $name in
    given) expect_text "$build/out" 'had more processes' && expect_no_text "$build/out" 'used more memory' ;;
    container) expect_text "$build/out" 'had more processes' && expect_text "$build/out" 'used more memory' ;;
    *) expect_no_text "$build/out" 'had more processes' && expect_no_text "$build/out" 'used more memory' ;;
  esac
done
for name in undelegated_quota shared_quota; do
  result $name
  expect_code 2
  expect_text "$build/err" 'CPUS 0.5 cannot be enforced here: '
  expect_text "$build/err" 'systemd-run '
done

result outer
expect_code 1
for name in limited unlimited; do expect_status $name failed 'exit code 1'; done
for name in limited unlimited; do
  build=$results/inner_$name
  expect_status hog memory_limit 'used more memory'
  expect_status leaves leaked 'left 1 process behind'
done
build=$results/inner_limited
log place | grep -q '^0::/own/ptests-[^/]*/ptests-[^/]*$' || fault "limited: $(log place)"
build=$results/inner_unlimited
log place | grep -q '^0::/own/ptests-[^/]*$' || fault "unlimited: $(log place)"
result together
expect_code 1
expect_text "$build/first" '100% tests passed'
expect_status waits passed
expect_status hog memory_limit 'used more memory'

for name in killed killed_delegated; do
  result $name
  expect_code 137
  [ "$(wc -l <"$build/processes")" -ge 10 ] || fault "$name: $(wc -l <"$build/processes") processes when it was killed"
done
result unguarded
expect_code 0
[ "$(wc -l <"$build/cgroups")" -eq 2 ] || fault "unguarded: a cgroup and a leaf were to be left: $(cat "$build/cgroups")"
expect_text "$build/out" 'was killed. Removed of it: '

# --- What doctor says of each place

# expect_doctor <place>: limits, controllers, cgroup.kill and cures are as given.
expect_doctor() {
  result "doctor_$1"
  expect_code 0
  cat >"$work/expected"
  awk '
    /^[A-Z]/ { part = $0; next }
    part == "Limits" && $1 !~ /^(MEMORY|PROCESSES|IO_WRITE_BPS|CPUS)$/ { next }
    part == "How to get more" && /^  [A-Z]/ { keywords = $0; next }
    part == "How to get more" && keywords !~ /MEMORY/ { next }
    part ~ /^(Limits|How|Cgroups)/ && NF || $1 == "cgroup.kill" {
      gsub(/ +/, " ")
      gsub(/[(][0-9]+: /, "(X: ")
      print
    }' "$build/out" >"$work/got"
  same "$work/expected" "$work/got" "ptests doctor in $1"
}

for place in root own user; do
  directory=/sys/fs/cgroup
  [ $place = root ] || directory=$directory/$place
  expect_doctor $place <<EOF
 MEMORY cgroup cgroup v2 memory.max
 PROCESSES cgroup cgroup v2 pids.max
 IO_WRITE_BPS cgroup cgroup v2 io.max
 CPUS cgroup cgroup v2 cpu.max
 v2 memory pids cpu io $directory
 cgroup.kill yes
EOF
done
expect_doctor plain <<EOF
 MEMORY sampling the resident memory of the tree, looked at every 50 ms
 PROCESSES sampling the processes of the tree, counted every 50 ms
 IO_WRITE_BPS none /sys/fs/cgroup/plain is not writable for uid 65534
 CPUS none /sys/fs/cgroup/plain is not writable for uid 65534
 start it in a cgroup of its own: systemd-run --user --scope -p Delegate=yes ptests run ...
 v2 cpuset cpu io memory hugetlb pids rdma misc not usable: /sys/fs/cgroup/plain is not writable for uid 65534
 cgroup.kill no: no cgroup v2 for us; trees are killed process by process
EOF
why='/sys/fs/cgroup/shared has processes that did not come with us (X: sleep 1000), so it can hand no controllers down'
expect_doctor threads <<EOF
 MEMORY sampling the resident memory of the tree, looked at every 50 ms
 PROCESSES sampling the processes of the tree, counted every 50 ms
 IO_WRITE_BPS none /sys/fs/cgroup/given/threads is a threaded cgroup
 CPUS none /sys/fs/cgroup/given/threads is a threaded cgroup
 start it in a cgroup of its own: systemd-run --scope -p Delegate=yes ptests run ...
 v2 cpuset cpu io memory hugetlb pids rdma misc not usable: /sys/fs/cgroup/given/threads is a threaded cgroup
 cgroup.kill no: no cgroup v2 for us; trees are killed process by process
EOF
expect_doctor shared <<EOF
 MEMORY sampling the resident memory of the tree, looked at every 50 ms
 PROCESSES sampling the processes of the tree, counted every 50 ms
 IO_WRITE_BPS none $why
 CPUS none $why
 start it in a cgroup of its own: systemd-run --scope -p Delegate=yes ptests run ...
 v2 no controllers /sys/fs/cgroup/shared (tracks and kills)
 v2 memory pids cpu io not usable: $why
 cgroup.kill yes
EOF
expect_doctor part <<EOF
 MEMORY sampling the resident memory of the tree, looked at every 50 ms
 PROCESSES cgroup cgroup v2 pids.max
 IO_WRITE_BPS none /sys/fs/cgroup/given/part is not given memory, cpu, io
 CPUS none /sys/fs/cgroup/given/part is not given memory, cpu, io
 start it in a cgroup of its own: systemd-run --scope -p Delegate=yes ptests run ...
 v2 pids /sys/fs/cgroup/given/part
 v2 memory cpu io not usable: /sys/fs/cgroup/given/part is not given memory, cpu, io
 cgroup.kill yes
EOF

conclude
