#!/usr/bin/env bash
# Measures long CRLs, and revocations beside them; `revocation.sh --help` says more.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/../tools/common.sh"

usage() {
  cat <<END
usage: bench/revocation.sh [--size 1000000] [--shards 1] [--count 10] [--caserver FILE]

A server with all roles and so many revoked certificates, with their OCSP answers, in its SQLite database: how long its start takes, in
which every CRL is built and signed before anything is served; how long revokeCert takes; how long until OCSP and CRL say so, quiet and
while 16 connections ask for OCSP answers as fast as they can; and the most memory that it had. Needs root or the packages softhsm2, wrk,
sqlite3, openssl and curl.
END
}

size=1000000 shards=1 count=10 https=22443 http=22080 admin=22090 http01=22081 dns=127.0.0.1:22053
work='' server='' load=''

main() {
  while [ $# != 0 ]; do
    case $1 in
    --size) size=$2 ;;
    --shards) shards=$2 ;;
    --count) count=$2 ;;
    --caserver) program=$2 ;;
    -h | --help) usage && return ;;
    *) usage >&2 && return 2 ;;
    esac
    shift 2
  done
  need_packages softhsm2=softhsm2-util wrk=wrk sqlite3=sqlite3 openssl=openssl curl=curl
  unset SOFTHSM2_CONF
  need_dotnet
  [ -x "$program" ] || build_release
  quietly dotnet build -c Release -v quiet -nologo "$repository/bench/CaServer.Bench"
  work=$(mktemp -d)
  trap clean_up EXIT
  write_configuration
  (cd "$work" && "$program" init --config caserver.json >init.log)
  seed
  start_server
  say "Start, with $shards lists of $((size / shards)) entries built and signed: $started s; $(memory)"
  until_loaded
  say "All OCSP answers in memory: $(memory)"
  say "Quiet:" && revoke
  say "After: $(memory)"
  write_load
  wrk -t1 -c16 -d600s -s "$work/ocsp.lua" "http://127.0.0.1:$http/ocsp/issuing" >"$work/load" &
  load=$!
  say "Under load:" && revoke
  # Interrupted it says what was answered; it was no load if nothing was, or only errors.
  kill -INT "$load"
  wait "$load"
  load=
  if ! grep -q ' [1-9][0-9]* requests in' "$work/load" || grep -q 'Non-2xx\|Socket errors' "$work/load"; then fail "the load was not answered: $(cat -- "$work/load")"; fi
  say "After: $(memory)"
  say "The longest list: $(curl -sf "http://127.0.0.1:$http/crl/issuing/0.crl" | wc -c) octets"
}

clean_up() {
  if [ -n "$load" ] && kill "$load" 2>/dev/null; then wait "$load" 2>/dev/null || true; fi
  if [ -n "$server" ] && kill "$server" 2>/dev/null; then wait "$server" 2>/dev/null || true; fi
  [ -n "${KEEP:-}" ] || rm -rf -- "$work"
}

write_configuration() {
  cat >"$work/caserver.json" <<END
{
  "Server": {
    "PublicUrl": "https://localhost:$https", "StatusUrl": "http://localhost:$http",
    "HttpsListen": "127.0.0.1:$https", "HttpListen": "127.0.0.1:$http", "AdminListen": "127.0.0.1:$admin"
  },
  "Validation": { "Http01Port": $http01, "Resolvers": ["$dns"], "AllowedNetworks": ["127.0.0.0/8"] },
  "Limits": { "Enabled": false }, "Status": { "CrlShards": $shards },
  "Data": { "Directory": "$work/data" }, "Logging": { "Level": "warning" }
}
END
}

# Rows as issuing and revoking would have made them, but with OCSP signatures of noise: nobody verifies them here.
seed() {
  local now end later
  now=$(date +%s)000 end=$(date -d '+60 days' +%s)000 later=$(date -d '+1 days' +%s)000
  sqlite3 "$work/data/caserver.db" >/dev/null <<END
PRAGMA synchronous=OFF; PRAGMA cache_size=-200000;
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $size)
INSERT INTO issuances (state, serial, issuer, profile, names, not_before, not_after, recorded_at, certificate, tbs, evidence, crl_shard)
SELECT 'issued', CAST(x'42' || randomblob(15) AS BLOB), 'issuing', 'dv', '[]', 0, $end, 0, x'00', x'00', x'00', i % $shards FROM n;
INSERT INTO ocsp_answers (issuance_id, issuer, serial, not_after, revoked_at, reason, due, change, responder_id, this_update, next_update, sha1_signature, sha256_signature)
SELECT id, issuer, serial, not_after, $now, 'superseded', $later, id, 1, $now, $(date -d '+4 days' +%s)000, randomblob(64), randomblob(64)
FROM issuances WHERE tbs = x'00';
UPDATE ocsp_head SET next = (SELECT MAX(change) + 1 FROM ocsp_answers);
INSERT INTO crl_shards (issuer, shard, revocations, listed) SELECT 'issuing', crl_shard, COUNT(*), 0 FROM issuances WHERE tbs = x'00' GROUP BY crl_shard
ON CONFLICT (issuer, shard) DO UPDATE SET revocations = excluded.revocations;
INSERT INTO revocations (issuance_id, issuer, shard, not_after, reason, revoked_at, crl_entry, evidence)
SELECT id, issuer, crl_shard, not_after, 'superseded', $now,
  CAST(x'302f0210' || serial || x'170d3236313132303132303030305a300c300a0603551d1504030a0104' AS BLOB), x'00'
FROM issuances WHERE tbs = x'00';
COMMIT;
END
}

start_server() {
  local begun deadline=$((SECONDS + 120))
  begun=$(date +%s.%N)
  "$program" serve --config "$work/caserver.json" >"$work/server.log" 2>&1 </dev/null &
  server=$!
  until (exec 3<>"/dev/tcp/127.0.0.1/$https") 2>/dev/null; do
    if ! kill -0 "$server" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then fail "the server did not start: $(tail -n 3 "$work/server.log")"; fi
    sleep 0.05
  done
  started=$(awk -v a="$begun" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }')
}

until_loaded() {
  local deadline=$((SECONDS + 120))
  until [ "$(curl -sf "http://127.0.0.1:$admin/metrics" | awk '$1 == "caserver_ocsp_answers" { printf "%d", $2 }')" -ge "$size" ]; do
    [ "$SECONDS" -lt "$deadline" ] || fail "the answers were not in memory within 120 s"
    sleep 0.2
  done
}

memory() { awk '/VmHWM/ { h = $2 / 1024 } /VmRSS/ { r = $2 / 1024 } END { printf "%d MiB, at most %d MiB", r, h }' "/proc/$server/status"; }

revoke() {
  dotnet "$repository/bench/CaServer.Bench/bin/Release/net10.0/CaServer.Bench.dll" revoke --count "$count" \
    --directory "https://localhost:$https/acme/directory" --root "$work/data/root.pem" --http-port "$http01" --dns-listen "$dns"
}

write_load() {
  local serial
  serial=$(sqlite3 -readonly "$work/data/caserver.db" 'SELECT hex(serial) FROM ocsp_answers WHERE change IS NOT NULL LIMIT 1')
  curl -sf "http://127.0.0.1:$http/ca/issuing.pem" -o "$work/issuing.pem"
  openssl ocsp -no_nonce -issuer "$work/issuing.pem" -serial "0x$serial" -reqout "$work/request.der" >/dev/null 2>&1
  cat >"$work/ocsp.lua" <<END
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/ocsp-request"
local file = io.open("$work/request.der", "rb")
wrk.body = file:read("*a")
file:close()
END
}

main "$@"
