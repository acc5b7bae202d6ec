# shellcheck shell=bash
# nginx, to be run by hand on a port of its own. Sourced by test.sh and bench/status.sh.

# Debian's packages of nginx come with a service for port 80 that starts with the machine. The program alone is in the package nginx, which is
# unpacked in a cache folder.
bring_nginx() {
  local cache="${XDG_CACHE_HOME:-$HOME/.cache}/caserver-tests" temporary
  PATH="$PATH:/usr/sbin:$cache/nginx/usr/sbin"
  if command -v nginx >/dev/null; then return 0; fi
  temporary=$(mktemp -d)
  mkdir -p -- "$cache"
  # The folder belongs to the caller, so that apt's download user could not write there.
  (cd -- "$temporary" && apt-get -o APT::Sandbox::User="$(id -un)" download nginx) >/dev/null &&
    for package in "$temporary"/*.deb; do dpkg -x "$package" "$temporary/root"; done &&
    rm -rf -- "$cache/nginx" && mv -- "$temporary/root" "$cache/nginx"
  rm -rf -- "$temporary"
  command -v nginx >/dev/null
}
