#!/usr/bin/env bash
# Installs what the tests need, then builds, checks and tests everything; `test.sh --help` says more.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/tools/common.sh"

usage() {
  cat <<END
usage: ./test.sh        everything: format, scripts, unit and integration tests, the demo
       ./test.sh fast   only the unit tests (nothing is installed)
       ./test.sh --help this text

The last line says 'N passed, N failed, N skipped' for all test projects together. The exit code is 0 only when nothing failed.
Reports and the logs of failed steps are kept in artifacts/tests.
END
}

results="$repository/artifacts/tests"
broken=() # the names of steps that failed

# What the integration tests run: ACME clients, judges of certificates, tokens, a database server and DNS servers (one in pebble).
test_packages=(
  softhsm2=softhsm2-util opensc=pkcs11-tool gnutls-bin=certtool openssl=openssl certbot=certbot lego=lego
  dehydrated=dehydrated acmetool=acmetool acme-tiny=acme-tiny nodejs=node npm=npm
  apache2-bin=/usr/sbin/apache2
  pebble=pebble-challtestsrv python3-aiosmtpd=aiosmtpd postgresql='/usr/lib/postgresql/*/bin/initdb' shellcheck=shellcheck strace=strace curl=curl
)

main() {
  # Tokens of the user's own stay out of the tests.
  unset SOFTHSM2_CONF
  case ${1:-all} in
  all | fast) ;;
  -h | --help) usage && return ;;
  *) usage >&2 && return 2 ;;
  esac
  need_dotnet
  rm -rf -- "$results" && mkdir -p -- "$results"
  cd -- "$repository"

  if [ "${1:-all}" = all ]; then
    need_packages "${test_packages[@]}"
    need_idle_packages named.service,unbound.service bind9=/usr/sbin/named unbound=/usr/sbin/unbound
    source tools/newer-programs.sh
    check "Newer clients and zlint are at hand" bring_newer_programs
    check "Clients of the npm registry are at hand" bring_npm_clients
    source tools/nginx.sh
    check "nginx is at hand" bring_nginx
  fi
  # The lock files say which packages are used, to the byte; a restore that would change them fails here.
  check "Packages restored as locked" dotnet restore --locked-mode -v quiet -nologo
  [ ${#broken[@]} != 0 ] || check "Build without warnings" dotnet build --no-restore -c Release -v quiet -nologo -clp:NoSummary

  if [ ${#broken[@]} != 0 ]; then
    say "Nothing was tested."
  elif [ "${1:-all}" = fast ]; then
    check "Unit tests" run_tests CaServer.Tests
  else
    # The formatter and the unit tests leave each other alone; the integration tests get the machine for themselves.
    step "Format" dotnet format --no-restore --verify-no-changes &
    local formatter=$!
    check "Unit tests" run_tests CaServer.Tests
    wait "$formatter" || broken+=("Format")
    check "Scripts (shellcheck)" shellcheck -x run.sh test.sh .ci/run tools/*.sh tests/fuzz/run.sh
    # They wait for other programs more than they work.
    check "Integration tests" run_tests CaServer.IntegrationTests -maxThreads 1.5x
    check "Demo" ./run.sh demo
    report_sizes
  fi
  summary
}

# check NAME COMMAND...: a step whose failure is remembered; the others still run.
check() { step "$@" || broken+=("$1"); }

# step NAME COMMAND...: runs a step, one line when it passes, its whole output when it fails.
step() {
  local name=$1 begun=$SECONDS log status=0
  shift
  log="$results/$(tr -c 'A-Za-z0-9\n' '-' <<<"$name").log"
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [ "$status" != 0 ]; then
    printf -- '--- %s\n' "$name" >&2
    cat -- "$log" >&2
    printf 'FAILED  %s (exit code %s, %d s)\n' "$name" "$status" $((SECONDS - begun)) >&2
    return "$status"
  fi
  printf 'ok      %s (%d s)\n' "$name" $((SECONDS - begun))
  rm -f -- "$log"
}

# The lock file has a hash of each package.
bring_npm_clients() {
  mkdir -p artifacts/npm && cp -- tests/CaServer.IntegrationTests/Zoo/npm/package*.json artifacts/npm
  npm ci --prefix artifacts/npm --ignore-scripts --no-audit --no-fund
}

# The test programs are their own runners; the XML report is what the summary counts.
run_tests() {
  local report="$results/$1.xml"
  timeout --kill-after=30 2400 "tests/$1/bin/Release/net10.0/$1" -noColor -result-xml "$report" "${@:2}" || return
  [ "$(attribute total "$report")" != 0 ] || { say "$1 ran no test" && return 1; }
}

report_sizes() {
  local long
  long=$(find . \( -name bin -o -name obj -o -name '.?*' \) -prune -o \( -name '*.cs' -o -name '*.sh' \) -print | while read -r file; do printf '%s %s\n' "$(wc -l <"$file")" "$file"; done | sort -rn)
  say "Sources: $(wc -l <<<"$long") files, median $(sed -n "$((($(wc -l <<<"$long") + 1) / 2))p" <<<"$long" | cut -d' ' -f1) lines"
  awk '$1 > 400 { print "  over 400 lines: " $2 " (" $1 ")" }' <<<"$long"
}

summary() {
  local passed=0 failed=0 skipped=0 report failures
  for report in "$results"/*.xml; do
    [ -f "$report" ] || continue
    passed=$((passed + $(attribute passed "$report")))
    # Errors are failures outside a test, in a fixture's end for example. A failed fixture counts each of its tests as failed besides.
    failures=$(attribute failed "$report")
    [ "$failures" != 0 ] || failures=$(attribute errors "$report")
    failed=$((failed + failures))
    skipped=$((skipped + $(attribute skipped "$report")))
  done
  [ ${#broken[@]} = 0 ] || printf 'Failed: %s\n' "$(printf '%s, ' "${broken[@]}" | sed 's/, $//')"
  say "$passed passed, $failed failed, $skipped skipped"
  [ ${#broken[@]} = 0 ] && [ "$failed" = 0 ] && [ "$passed" != 0 ]
}

# The sum of one attribute over the assemblies of a report.
attribute() {
  grep -o "<assembly [^>]*" "$2" | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" | awk '{ sum += $1 } END { print sum + 0 }'
}

main "$@"
