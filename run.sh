#!/usr/bin/env bash
# Builds CaServer when needed and starts it; `run.sh --help` says more.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/tools/common.sh"

usage() {
  cat <<END
usage: ./run.sh [OPTION...]   install what is missing, build, and start the server; the options are those of 'caserver serve'
       ./run.sh demo          start a throw-away server, obtain a certificate with certbot, check it, remove everything
       ./run.sh --help        this text ('./run.sh -- --help': the options of 'caserver serve')

Needs the .NET SDK 10.0 and SoftHSM2 (Debian package softhsm2), the demo also openssl and certbot (or lego).
As root on Debian, missing packages are installed; otherwise the command to type is printed.

The configuration is config/caserver.json, or --config FILE, overridden by environment variables such as
CASERVER_Server__PublicUrl. Data go to 'data' below this folder unless the configuration says otherwise.
Other commands, once built: ${program#"$repository/"} --help
END
}

# The module's usual places; a server that is configured for another module needs no SoftHSM2.
softhsm='softhsm2=/usr/lib/softhsm/libsofthsm2.so,/usr/lib/*/softhsm/libsofthsm2.so,/usr/lib64/pkcs11/libsofthsm2.so,/usr/local/lib/softhsm/libsofthsm2.so'

serve() {
  # Relative paths in the arguments are the caller's; those in the configuration are relative to the repository.
  local arguments=() follows_config=
  for argument in "$@"; do
    if [ -n "$follows_config" ]; then argument=$(realpath -m -- "$argument"); fi
    case $argument in --config=*) argument="--config=$(realpath -m -- "${argument#--config=}")" ;; esac
    if [ "$argument" = --config ]; then follows_config=yes; else follows_config=; fi
    arguments+=("$argument")
  done

  if [[ -z ${CASERVER_Hsm__Module:-} && " $* " != *" --config"* ]]; then need_packages "$softhsm"; fi
  need_dotnet
  build_release
  cd -- "$repository"
  exec "$program" serve ${arguments[@]+"${arguments[@]}"}
}

case ${1:-} in
-h | --help | help) usage ;;
demo)
  [ $# = 1 ] || fail "demo takes no options"
  source "$repository/tools/demo.sh"
  demo
  ;;
--)
  shift
  serve "$@"
  ;;
'' | -*) serve "$@" ;;
*) usage >&2 && exit 2 ;;
esac
