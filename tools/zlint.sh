# shellcheck shell=bash
# zlint, the certificate linter, on a machine whose Debian release has no package of it. Sourced by test.sh.

# Debian has zlint since trixie. Its package needs nothing from that release, so it is unpacked in a cache folder of the tests, through an
# apt configuration of our own: the machine's package lists, sources and installed packages stay as they are.
bring_zlint() {
  local cache="${XDG_CACHE_HOME:-$HOME/.cache}/caserver-tests"
  if command -v zlint >/dev/null || [ -x "$cache/zlint/usr/bin/zlint" ]; then return 0; fi
  local apt="$cache/apt" keyring=/usr/share/keyrings/debian-archive-keyring.gpg archive
  archive=$(debian_archive) || return 1
  mkdir -p -- "$apt/lists/partial" "$apt/archives/partial" "$apt/none"
  printf 'deb [signed-by=%s] %s trixie main\n' "$keyring" "$archive" >"$apt/sources.list"
  fetch_zlint "$apt" || fetch_zlint "$apt" || return 1
  rm -rf -- "$cache/zlint.new" "$cache/zlint"
  dpkg -x "$apt"/zlint_*.deb "$cache/zlint.new" && mv -- "$cache/zlint.new" "$cache/zlint" && rm -rf -- "$apt"
}

fetch_zlint() {
  local private=(
    -o "Dir::State=$1" -o "Dir::State::lists=$1/lists" -o "Dir::Cache=$1" -o "Dir::Cache::archives=$1/archives"
    -o "Dir::Etc::sourcelist=$1/sources.list" -o "Dir::Etc::sourceparts=$1/none"
    -o Dir::Etc::preferences=/dev/null -o "Dir::Etc::preferencesparts=$1/none"
    -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
    # The cache belongs to the caller, so that apt's download user could not write there.
    -o APT::Sandbox::User="$(id -un)"
  )
  rm -f -- "$1"/zlint_*.deb
  (cd -- "$1" && apt-get "${private[@]}" update && apt-get "${private[@]}" download zlint) && compgen -G "$1/zlint_*.deb" >/dev/null
}

# The address from which this machine has Debian's main archive: the first source with a suite that is not the security one.
debian_archive() {
  local sources=()
  mapfile -t sources < <(compgen -G '/etc/apt/sources.list.d/*.sources'; compgen -G '/etc/apt/sources.list.d/*.list'; compgen -G /etc/apt/sources.list)
  [ ${#sources[@]} != 0 ] || return 1
  awk '
    /^[[:space:]]*#/ { next }
    /^URIs:/ { for (i = 2; i <= NF; i++) print $i }
    /^deb[[:space:]]/ { sub(/\[[^]]*\]/, ""); print $2 }
  ' "${sources[@]}" | grep -E '/debian/?$' | head -n 1 | grep .
}
