# shellcheck shell=bash
# What run.sh and test.sh share: messages, the .NET SDK, Debian packages, the Release build. Sourced, with `set -euo pipefail` in force.

repository=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
program="$repository/src/CaServer/bin/Release/net10.0/caserver"

say() { printf '%s\n' "$*"; }
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Runs a command quietly; its output appears only when it fails.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null || status=$?
  [ "$status" = 0 ] || cat -- "$log" >&2
  rm -f -- "$log"
  return "$status"
}

# Makes `dotnet` a usable SDK, or says where to get one. global.json decides which versions will do.
need_dotnet() {
  if ! command -v dotnet >/dev/null && [ -x "${DOTNET_ROOT:-$HOME/.dotnet}/dotnet" ]; then
    PATH="${DOTNET_ROOT:-$HOME/.dotnet}:$PATH"
  fi
  local answer
  if ! answer=$(cd -- "$repository" && dotnet --version 2>&1); then
    ! command -v dotnet >/dev/null || printf 'dotnet --version says:\n%s\n' "$answer" >&2
    fail "the .NET SDK 10.0 is missing or does not work. Get it from https://dotnet.microsoft.com/download/dotnet/10.0:
  with root:    add Microsoft's package feed for your system as that page describes, then: apt-get install dotnet-sdk-10.0
  without root: run that page's dotnet-install script with '--channel 10.0'; it installs below ~/.dotnet, where this script looks."
  fi
  # The built program finds the runtime where the SDK is, even when that is not a place the system knows.
  DOTNET_ROOT=${DOTNET_ROOT:-$(dirname -- "$(readlink -f -- "$(command -v dotnet)")")}
  export DOTNET_ROOT PATH DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
}

# need_packages PACKAGE=PROBE...: PROBE is a command or an absolute path, or several with commas of which one is enough.
# What is missing is installed when this is Debian (or a relative) and we are root; otherwise the command to type is printed.
need_packages() {
  local entry probe missing=()
  for entry in "$@"; do
    local found=
    for probe in $(tr ',' ' ' <<<"${entry#*=}"); do
      if is_present "$probe"; then found=yes; fi
    done
    [ -n "$found" ] || missing+=("${entry%%=*}")
  done
  [ ${#missing[@]} != 0 ] || return 0

  command -v apt-get >/dev/null ||
    fail "these are missing: ${missing[*]} (the names are Debian's packages). Install them with your system's package manager."
  [ "$(id -u)" = 0 ] ||
    fail "these Debian packages are missing; install them with: sudo apt-get install --no-install-recommends ${missing[*]}"
  say "Installing Debian packages: ${missing[*]}"
  # The lists are fetched only when those at hand do not suffice: it is the slow part.
  install_packages "${missing[@]}" >/dev/null 2>&1 || {
    quietly apt_get update && quietly install_packages "${missing[@]}"
  } || fail "apt-get could not install: ${missing[*]}"
}

# need_idle_packages SERVICE,SERVICE... PACKAGE=PROBE...: the same for packages whose programs are wanted, but not their services, which
# would take ports of the machine: they are neither started (policy-rc.d, which Debian's packages ask) nor enabled.
need_idle_packages() {
  local services=$1 policy=/usr/sbin/policy-rc.d own='' entry absent=''
  shift
  for entry in "$@"; do is_present "${entry#*=}" || absent=yes; done
  [ -n "$absent" ] || return 0
  if [ "$(id -u)" = 0 ] && [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 0755 "$policy" && own=yes
  fi
  # In a subshell, so that the policy goes whatever becomes of it.
  local status=0
  (need_packages "$@") || status=$?
  [ -z "$own" ] || rm -f -- "$policy"
  [ "$status" = 0 ] || exit "$status"
  if command -v systemctl >/dev/null; then
    local units
    IFS=, read -ra units <<<"$services"
    quietly systemctl disable "${units[@]}" || true
  fi
}

is_present() {
  case $1 in
  /*) compgen -G "$1" >/dev/null ;;
  *) command -v "$1" >/dev/null ;;
  esac
}

apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@" </dev/null; }

# No service of a package is started: whoever needs one starts it, with a configuration and a port of its own.
install_packages() (
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f -- "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  apt_get install -y --no-install-recommends "$@"
)

# Builds the server in Release unless nothing has changed since the last time. Two callers at once take turns.
build_release() {
  local stamp="$repository/artifacts/release.stamp" begun lock
  mkdir -p -- "$repository/artifacts"
  exec {lock}>"$repository/artifacts/release.lock"
  flock "$lock"
  # The new stamp is as old as the beginning of the build: what is edited meanwhile is built next time.
  begun=$(mktemp -- "$repository/artifacts/release.XXXXXX")
  build_inputs >"$begun"
  if [ -x "$program" ] && cmp -s -- "$begun" "$stamp" && [ -z "$(build_inputs -newer "$stamp")" ]; then
    rm -f -- "$begun"
  else
    say "Building (Release) ..."
    # The compiler server outlives the build; it must not keep the lock.
    quietly dotnet build "$repository/src/CaServer/CaServer.csproj" -c Release -v quiet -nologo -clp:NoSummary {lock}>&- ||
      { rm -f -- "$begun" && fail "the build failed"; }
    mv -f -- "$begun" "$stamp"
  fi
  exec {lock}>&-
}

# The files that a build reads, or those of them for which a test of 'find' holds.
build_inputs() {
  find "$repository"/{src,Directory.*,global.json,.editorconfig} \( -name bin -o -name obj \) -prune -o -type f "$@" -print | LC_ALL=C sort
}
