# shellcheck shell=sh disable=SC2154
# Sourced behind common.sh, with `work`, `project` and `folder` set. Needs a Debian machine whose own package sources can be reached, and the
# packages of packages.txt; changes nothing in /etc.

# fetch: the source package of $project to $folder/source, from the machine's own Debian mirror. A copy of its sources with deb-src in place of
# deb, its suite only (not its updates), goes into a temporary apt configuration.
fetch() {
  . /etc/os-release
  [ -n "${VERSION_CODENAME:-}" ] || die "no VERSION_CODENAME in /etc/os-release"
  apt=$work/apt
  mkdir -p "$apt/sources" "$apt/lists/partial" "$apt/cache/archives/partial"
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] || continue
    awk -v suite="$VERSION_CODENAME" 'BEGIN { RS = ""; ORS = "\n\n" } {
      text = ""
      wanted = 0
      count = split($0, line, "\n")
      for (n = 1; n <= count; ++n) {
        if (line[n] ~ /^#/) continue
        if (line[n] ~ /^Types:/) line[n] = "Types: deb-src"
        if (line[n] ~ /^Suites:/) {
          wanted = line[n] ~ ("[: \t]" suite "([ \t]|$)")
          line[n] = "Suites: " suite
        }
        text = text line[n] "\n"
      }
      if (wanted) print text
    }' "$file"
  done >"$apt/sources/source.sources"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$file" ] || continue
    grep -E "^deb .* $VERSION_CODENAME( |\$)" "$file" | sed 's/^deb /deb-src /' || :
  done >"$apt/sources/source.list"
  cat >"$apt/apt.conf" <<CONF
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$apt/sources";
Dir::State::lists "$apt/lists";
Dir::Cache "$apt/cache";
APT::Sandbox::User "root";
CONF
  APT_CONFIG=$apt/apt.conf
  export APT_CONFIG
  run_quietly "apt-get update" apt-get update
  (cd "$work" && run_quietly "apt-get source" apt-get source --only-source "$project")
  for fetched in "$work/$project"-*/; do
    [ -f "$fetched/CMakeLists.txt" ] || continue
    rm -rf "$folder/source"
    mv "$fetched" "$folder/source"
    return
  done
  die "the source package of $project holds no CMakeLists.txt"
}
