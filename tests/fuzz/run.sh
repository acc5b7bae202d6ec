#!/usr/bin/env bash
# Fuzzes one reader for a while with AFL++; README.md beside it says more.
set -euo pipefail
# shellcheck source=tools/common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../tools/common.sh"

here="$repository/tests/fuzz"
work="$repository/artifacts/fuzz"

usage() {
  cat <<END
usage: tests/fuzz/run.sh TARGET SECONDS   fuzzes a target; the last line is the result, artifacts/fuzz/TARGET has what was found
       tests/fuzz/run.sh list             the targets

Installs the Debian package afl++ where it can, and needs one processor while it runs. Exit code 1: it found something.
END
}

# The assemblies whose code tells the fuzzer where an input went.
instrumented=(CaServer.Domain CaServer.Pki CaServer.Validation caserver)

main() {
  [ $# = 2 ] || [ "${1:-}" = list ] || { usage >&2 && exit 2; }
  need_dotnet
  need_packages afl++=afl-fuzz
  build
  if [ "$1" = list ]; then exec dotnet "$work/bin/CaServer.Fuzz.dll" list; fi
  fuzz "$1" "$2"
}

# Instrumenting changes assemblies, so it is done to a copy; again only when a source has changed since.
build() {
  local stamp="$work/built" assembly
  [ ! -f "$stamp" ] || [ -n "$(sources -newer "$stamp")" ] || return 0
  rm -rf -- "${work:?}/bin" "$stamp" && mkdir -p -- "$work" && touch -- "$stamp.new"
  quietly dotnet publish "$here/CaServer.Fuzz.csproj" -c Release -v quiet -nologo -p:RunAnalyzers=false -o "$work/bin" || fail "the build failed"
  cd -- "$here"
  quietly dotnet tool restore || fail "the tool that instruments assemblies could not be fetched"
  for assembly in "${instrumented[@]}"; do
    quietly dotnet sharpfuzz "$work/bin/$assembly.dll" || fail "$assembly.dll could not be instrumented"
  done
  mv -- "$stamp.new" "$stamp"
}

sources() {
  find "$repository"/{src,Directory.Packages.props,tests/fuzz,tests/CaServer.TestKit} \( -name bin -o -name obj -o -name corpus \) -prune -o -type f "$@" -print
}

fuzz() {
  local target=$1 seconds=$2 corpus="$here/corpus/$1" out="$work/$1" dictionary
  [ -d "$corpus" ] || fail "there is no target '$target'; 'run.sh list' shows them"
  case $target in
  jws | jwk | account | order | new-authz | key-change) dictionary=json ;;
  base64url | ocsp-path | validation-answer) dictionary=text ;;
  *) dictionary=der ;;
  esac
  rm -rf -- "$out" && mkdir -p -- "$out"

  # The process is its own fork server, so the checks of binary, governor and core pattern do not apply.
  AFL_SKIP_BIN_CHECK=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 \
    AFL_FORKSRV_INIT_TMOUT=600000 DOTNET_TieredCompilation=0 DOTNET_gcServer=0 \
    afl-fuzz -i "$corpus" -o "$out" -m none -t 10000 -V "$seconds" -G 65536 -x "$here/dictionaries/$dictionary.dict" \
    -- dotnet "$work/bin/CaServer.Fuzz.dll" "$target" >"$out/log" 2>&1 </dev/null &
  local fuzzer=$! peak=0
  while kill -0 "$fuzzer" 2>/dev/null; do
    peak=$(peak_of "$fuzzer" "$peak")
    sleep 2
  done
  wait "$fuzzer" || { tail -n 30 -- "$out/log" >&2 && fail "afl-fuzz failed"; }
  [ "$peak" -gt 0 ] || fail "the memory of the target was never to be read"
  report "$target" "$out/default" "$peak"
}

# The largest resident set of the process that reads the inputs, in MiB.
peak_of() {
  local child kilobytes
  # It may have ended at this moment.
  child=$(cat "/proc/$1/task/$1/children" 2>/dev/null || true)
  kilobytes=$(awk '/^VmHWM/ { print $2 }' "/proc/${child%% *}/status" 2>/dev/null || true)
  printf '%s' $((${kilobytes:-0} / 1024 > $2 ? kilobytes / 1024 : $2))
}

report() {
  awk -F ' *: *' -v target="$1" -v peak="$3" '
    { value[$1] = $2 }
    END {
      printf "%s: %d s, %d executions (%d/s), %d inputs of interest, %d edges (%s), %d crashes, %d hangs, peak %d MiB\n",
        target, value["run_time"], value["execs_done"], value["execs_per_sec"], value["corpus_count"], value["edges_found"], value["bitmap_cvg"],
        value["saved_crashes"], value["saved_hangs"], peak
      exit value["saved_crashes"] + value["saved_hangs"] > 0
    }' "$2/fuzzer_stats"
}

main "$@"
