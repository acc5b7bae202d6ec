# shellcheck shell=bash
# ACME clients newer than those of the machine's Debian release, and zlint, the certificate linter. Sourced by test.sh.

# They are Debian packages of trixie and its backports, unpacked in a cache folder of the tests through an apt configuration of our own: the
# machine's package lists, sources and installed packages stay as they are, and no service is started.
newer_programs="${XDG_CACHE_HOME:-$HOME/.cache}/caserver-tests/trixie"

# Fetched with all that they depend on, since they want a newer Python and newer libraries.
newer_with_libraries=(certbot uacme/trixie-backports)
# Fetched alone: scripts, and programs that need nothing but the C library. The older Caddy's package would start a service where it is installed.
newer_alone=(dehydrated acme.sh zlint lego/trixie-backports caddy/trixie-backports)
older_alone=(caddy/trixie)

bring_newer_programs() {
  local wanted="$newer_programs/wanted" list="${newer_with_libraries[*]} ${newer_alone[*]} ${older_alone[*]} 1"
  if [ -f "$wanted" ] && [ "$(cat -- "$wanted")" = "$list" ]; then return 0; fi
  local apt="$newer_programs.apt" new="$newer_programs.new"
  rm -rf -- "$new" "$newer_programs"
  private_apt "$apt" || return 1
  # Two tries: a mirror may be in the middle of an update.
  fetch_newer "$apt" || fetch_newer "$apt" || return 1
  unpack "$apt/newer" "$new" && unpack "$apt/older" "$new/older" || return 1
  write_starters "$new" && printf '%s\n' "$list" >"$new/wanted" && mv -- "$new" "$newer_programs" && rm -rf -- "$apt"
}

# private_apt FOLDER: an apt configuration that knows trixie only and believes that nothing is installed.
private_apt() {
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg archive suite
  archive=$(debian_archive) || return 1
  mkdir -p -- "$1"/{lists/partial,archives/partial,none,newer,older} && : >"$1/status"
  for suite in trixie trixie-backports; do
    printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$archive" "$suite"
  done >"$1/sources.list"
  private=(
    -o "Dir::State=$1" -o "Dir::State::lists=$1/lists" -o "Dir::State::status=$1/status" -o "Dir::Cache=$1" -o "Dir::Cache::archives=$1/archives"
    -o "Dir::Etc::sourcelist=$1/sources.list" -o "Dir::Etc::sourceparts=$1/none"
    -o Dir::Etc::preferences=/dev/null -o "Dir::Etc::preferencesparts=$1/none"
    -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o pkgCacheGen::Essential=none
    # The cache belongs to the caller, so that apt's download user could not write there.
    -o APT::Sandbox::User="$(id -un)"
  )
}

fetch_newer() {
  local needed=()
  rm -f -- "$1"/{newer,older}/*.deb
  apt-get "${private[@]}" update || return 1
  mapfile -t needed < <(apt-get "${private[@]}" install --print-uris --yes --no-install-recommends "${newer_with_libraries[@]}" |
    sed -n "s/^'[^']*' \([^_]*\)_\([^_]*\)_.*/\1=\2/p" | sed 's/%3a/:/g')
  [ ${#needed[@]} != 0 ] || return 1
  (cd -- "$1/newer" && apt-get "${private[@]}" download "${needed[@]}" "${newer_alone[@]}") &&
    (cd -- "$1/older" && apt-get "${private[@]}" download "${older_alone[@]}")
}

# unpack FROM TO: all packages of one folder into another.
unpack() {
  local package
  mkdir -p -- "$2"
  for package in "$1"/*.deb; do dpkg -x "$package" "$2" || return 1; done
}

# write_starters ROOT: bin/NAME for each program. What needs trixie's libraries is started by trixie's own loader.
write_starters() {
  local name library
  mkdir -p -- "$1/bin"
  library=$(dirname -- "$(compgen -G "$1/usr/lib/*/libssl.so.3")")
  for name in certbot uacme ualpn; do
    local before='' program="/usr/bin/$name"
    if [ "$name" = certbot ]; then before=" \"\$root/usr/bin/python3.13\""; fi
    cat >"$1/bin/$name" <<END
#!/bin/sh
root=\$(dirname -- "\$(dirname -- "\$(readlink -f -- "\$0")")")
[ $name != certbot ] || export PYTHONHOME="\$root/usr" PYTHONPATH="\$root/usr/lib/python3/dist-packages"
exec "\$root${library#"$1"}/$(basename -- "$(compgen -G "$library/ld-linux*")")" --library-path "\$root${library#"$1"}"$before "\$root$program" "\$@"
END
    chmod +x "$1/bin/$name"
  done
  for name in dehydrated acme.sh zlint lego caddy; do ln -s "../usr/bin/$name" "$1/bin/$name"; done
  ln -s usr/bin "$1/older/bin"
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
