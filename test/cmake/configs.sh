# One manifest for each configuration, each with its own files and values.
. "$(dirname "$0")/common.sh"
project=$here/projects/configs

folder=$tmp/multi/paralleltests
configure "$project" "$tmp/multi" -G "Ninja Multi-Config" "-DCMAKE_CONFIGURATION_TYPES=Debug;Release"
expect "files" "$(ls "$folder")" "manifest-Debug.json
manifest-Release.json"
for config in Debug Release; do
  quietly "$cmake" --build "$tmp/multi" --config $config
  manifest=$folder/manifest-$config.json
  expect "configuration" "$(json "$manifest" configuration)" $config
  expect "program" "$(json "$manifest" tests 0 command 0)" "$tmp/multi/$config/unit.test"
  expect "file of the target" "$(json "$manifest" executables 0 file)" "$tmp/multi/$config/unit.test"
  expect "argument" "$(json "$manifest" tests 0 command 1)" $config
done
expect "labels" "$(json "$folder/manifest-Debug.json" tests 0 properties LABELS)" "debug;all"
expect "labels" "$(json "$folder/manifest-Release.json" tests 0 properties LABELS)" ";all"

configure "$project" "$tmp/single" -G Ninja
expect "no configuration" "$(ls "$tmp/single/paralleltests")" manifest.json
configure "$project" "$tmp/single" -DCMAKE_BUILD_TYPE=MinSizeRel
expect "program" "$(json "$tmp/single/paralleltests/manifest-MinSizeRel.json" tests 0 command 1)" MinSizeRel
