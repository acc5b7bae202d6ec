#!/usr/bin/env bash
# Measures OCSP against nginx sending the same octets as a file; `status.sh --help` says more.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/../tools/common.sh"
source "$repository/tools/nginx.sh"

usage() {
  cat <<END
usage: bench/status.sh [--sizes 1000,1000000] [--starts 3] [--rounds 5] [--seconds 2] [--caserver FILE]

Requests per second and server CPU per request, GET and POST, of 'caserver serve --roles status' and of a server with all roles,
with so many certificates in the database, beside nginx with one file. Servers are pinned to core 0, wrk to core 1. All servers, of
all sizes, run at the same time and are asked in turn, a round each; the median of the rounds is printed, and beside it the median of
what each round had compared with nginx and with the first size. Every start of a process is faster or slower by some percent for
good; --starts does it all so often, and the medians are of all. Needs root or the packages wrk, sqlite3, openssl and curl.
END
}

sizes=1000,1000000 starts=3 rounds=5 seconds=2 connections=64
work=''
pids=()

main() {
  while [ $# != 0 ]; do
    case $1 in
    --sizes) sizes=$2 ;;
    --starts) starts=$2 ;;
    --rounds) rounds=$2 ;;
    --seconds) seconds=$2 ;;
    --caserver) program=$2 ;;
    -h | --help) usage && return ;;
    *) usage >&2 && return 2 ;;
    esac
    shift 2
  done
  need_packages wrk=wrk sqlite3=sqlite3 openssl=openssl curl=curl
  bring_nginx || fail "nginx could not be fetched; install it"
  work=$(mktemp -d)
  trap clean_up EXIT
  unset SOFTHSM2_CONF
  [ -x "$program" ] || { need_dotnet && build_release; }
  IFS=, read -ra sizes <<<"$sizes"
  local start size
  for size in "${sizes[@]}"; do prepare "$size"; done
  for ((start = 1; start <= starts; start++)); do
    measure
    [ "$start" = "$starts" ] || stop_all
  done
  say "| certificates | server | what | req/s | CPU µs/request | of nginx: req/s | of nginx: CPU | of ${sizes[0]}: req/s | of ${sizes[0]}: CPU | RSS MiB |"
  say "|---|---|---|---|---|---|---|---|---|---|"
  report "${sizes[0]}" nginx GET
  for size in "${sizes[@]}"; do
    for name in GET POST; do
      report "$size" status "$name"
      report "$size" all "$name"
    done
  done
  stop_all
}

clean_up() {
  local server
  # Some may have ended, or be why it ends here.
  for server in "${pids[@]}"; do kill "$server" 2>/dev/null || true; done
  for server in "${pids[@]}"; do wait "$server" 2>/dev/null || true; done
  [ -n "${KEEP:-}" ] || rm -rf -- "$work"
}

# A server that ended by itself, or does not end in order, was not what is measured.
stop_all() {
  local server
  for server in "${pids[@]}"; do
    kill "$server" || fail "a server had ended before it was told to"
    wait "$server" || fail "a server ended with exit code $?"
  done
  pids=()
}

declare -A pid=() ports=() admin=()

# The database and what is asked of it.
prepare() {
  local size=$1 directory="$work/$1"
  mkdir -p "$directory/www"
  choose_ports "$size"
  write_configuration "$directory" "$size"
  (cd "$directory" && "$program" init --config all.json >init.log)
  seed "$directory" "$size"
  start "$directory" all "${ports[$size-all]}" "$program" serve --config "$directory/all.json"
  write_requests "$directory" "$size"
  stop_all
}

# All servers, asked in turn.
measure() {
  local size round name
  for size in "${sizes[@]}"; do
    for name in status all; do
      local roles=()
      [ "$name" != status ] || roles=(--roles status)
      start "$work/$size" "$name" "${ports[$size-$name]}" taskset -c 0 "$program" serve --config "$work/$size/$name.json" "${roles[@]}"
      pid[$size-$name]=$started
    done
  done
  for size in "${sizes[@]}"; do
    until_loaded "${admin[$size-status]}" "$size"
    until_loaded "${admin[$size-all]}" "$size"
  done
  local first="$work/${sizes[0]}"
  curl -sf --data-binary @"$first/request.der" -H 'Content-Type: application/ocsp-request' "http://127.0.0.1:${ports[${sizes[0]}-status]}/ocsp/issuing" -o "$first/www/answer"
  start_nginx "$first"
  pid[${sizes[0]}-nginx]=$started
  # The first round warms up.
  for ((round = 0; round <= rounds; round++)); do
    run "$first" nginx-GET "${pid[${sizes[0]}-nginx]}" nginx.lua 21082 "$round"
    for name in GET POST; do
      for size in "${sizes[@]}"; do run "$work/$size" "status-$name" "${pid[$size-status]}" "$name.lua" "${ports[$size-status]}" "$round"; done
      for size in "${sizes[@]}"; do run "$work/$size" "all-$name" "${pid[$size-all]}" "$name.lua" "${ports[$size-all]}" "$round"; done
    done
  done
}

choose_ports() {
  local base=$((21100 + 10 * ${#ports[@]}))
  ports[$1-all]=$base
  ports[$1-status]=$((base + 1))
  admin[$1-all]=$((base + 2))
  admin[$1-status]=$((base + 3))
}

write_configuration() {
  local name
  for name in all status; do
    cat >"$1/$name.json" <<END
{
  "Server": { "HttpsListen": "127.0.0.1:$((${ports[$2-$name]} + 4))", "HttpListen": "127.0.0.1:${ports[$2-$name]}", "AdminListen": "127.0.0.1:${admin[$2-$name]}" },
  "Data": { "Directory": "$1/data" }, "Status": { "OcspNonce": false }, "Logging": { "Level": "warning" }
}
END
  done
}

# Rows as issuing would have made them, but with signatures of noise: nobody verifies them here.
seed() {
  sqlite3 "$1/data/caserver.db" >/dev/null <<END
PRAGMA synchronous=OFF; PRAGMA cache_size=-200000;
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)
INSERT INTO issuances (state, serial, issuer, profile, names, not_before, not_after, recorded_at, certificate, tbs, evidence)
SELECT 'issued', CAST(x'42' || randomblob(15) AS BLOB), 'issuing', 'dv', '[]', 0, $(date -d '+60 days' +%s)000, 0, x'00', x'00', x'00' FROM n;
INSERT INTO ocsp_answers (issuance_id, issuer, serial, not_after, due, change, responder_id, this_update, next_update, sha1_signature, sha256_signature)
SELECT id, issuer, serial, not_after, $(date -d '+1 days' +%s)000, id, 1, $(date +%s)000, $(date -d '+4 days' +%s)000, randomblob(64), randomblob(64)
FROM issuances WHERE tbs = x'00';
UPDATE ocsp_head SET next = (SELECT MAX(change) + 1 FROM ocsp_answers);
COMMIT;
END
}

# start DIRECTORY NAME PORT COMMAND...: the program's pid is in started once it listens.
start() {
  local directory=$1 name=$2 port=$3 deadline=$((SECONDS + 120))
  shift 3
  "$@" >"$directory/$name.log" 2>&1 </dev/null &
  started=$!
  pids+=("$started")
  until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    if ! kill -0 "$started" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then
      fail "$name did not start: $(tail -n 3 "$directory/$name.log")"
    fi
    sleep 0.1
  done
}

start_nginx() {
  cat >"$1/nginx.conf" <<END
user $(id -un); daemon off; worker_processes 1; pid $1/nginx.pid; error_log $1/nginx-error.log;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; open_file_cache max=100; open_file_cache_valid 60s;
  types { } default_type application/ocsp-response;
  server { listen 127.0.0.1:21082; root $1/www; add_header Cache-Control "max-age=3600, public, no-transform, must-revalidate"; expires 1h; }
}
END
  start "$1" nginx 21082 taskset -c 0 nginx -c "$1/nginx.conf" -p "$1"
  # The worker does the work.
  sleep 0.3
  started=$(pgrep -P "$started")
}

until_loaded() {
  local deadline=$((SECONDS + 120))
  until [ "$(curl -sf "http://127.0.0.1:$1/metrics" | awk '$1 == "caserver_ocsp_answers" { printf "%d", $2 }')" -ge "$2" ]; do
    [ "$SECONDS" -lt "$deadline" ] || fail "the answers were not in memory within 120 s"
    sleep 0.2
  done
}

# A thousand certificates from all over the database; wrk asks for one after the other.
write_requests() {
  local directory=$1 first
  sqlite3 -readonly "$directory/data/caserver.db" "SELECT hex(serial) FROM ocsp_answers WHERE change IS NOT NULL AND (issuance_id % MAX(1, $2 / 1000)) = 0 LIMIT 1000" >"$directory/serials"
  first=$(head -n 1 "$directory/serials")
  curl -sf "http://127.0.0.1:${ports[$2-all]}/ca/issuing.pem" -o "$directory/issuing.pem"
  openssl ocsp -no_nonce -issuer "$directory/issuing.pem" -serial "0x$first" -reqout "$directory/request.der" >/dev/null 2>&1
  local hex
  hex=$(od -An -tx1 -v "$directory/request.der" | tr -d ' \n')
  local serial
  {
    echo 'local bodies = {}'
    while read -r serial; do printf 'bodies[#bodies+1] = "%s%s"\n' "${hex::-32}" "$serial"; done <"$directory/serials"
    cat <<'END'
for i, hex in ipairs(bodies) do bodies[i] = hex:gsub("..", function(h) return string.char(tonumber(h, 16)) end) end
local next = 0
END
  } >"$directory/bodies.lua"
  {
    cat "$directory/bodies.lua"
    cat <<'END'
local requests
init = function(args)
  requests = {}
  for i, body in ipairs(bodies) do
    requests[i] = wrk.format("POST", "/ocsp/issuing", {["Content-Type"] = "application/ocsp-request", ["Host"] = "localhost"}, body)
  end
end
request = function() next = next % #requests + 1 return requests[next] end
END
  } >"$directory/POST.lua"
  {
    cat "$directory/bodies.lua"
    cat <<'END'
local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local escapes = {["+"] = "%2B", ["/"] = "%2F", ["="] = "%3D"}
local function base64(s)
  local bits = s:gsub(".", function(c)
    local n, r = c:byte(), ""
    for i = 8, 1, -1 do r = r .. (n % 2 ^ i - n % 2 ^ (i - 1) > 0 and "1" or "0") end
    return r
  end) .. "0000"
  return bits:gsub("%d%d%d?%d?%d?%d?", function(b)
    if #b < 6 then return "" end
    local n = tonumber(b, 2)
    return digits:sub(n + 1, n + 1)
  end) .. ({"", "==", "="})[#s % 3 + 1]
end
local requests
init = function(args)
  requests = {}
  for i, body in ipairs(bodies) do
    requests[i] = wrk.format("GET", "/ocsp/issuing/" .. base64(body):gsub("[+/=]", escapes), {["Host"] = "localhost"})
  end
end
request = function() next = next % #requests + 1 return requests[next] end
END
  } >"$directory/GET.lua"
  cat >"$directory/nginx.lua" <<'END'
local one
init = function(args) one = wrk.format("GET", "/answer", {["Host"] = "localhost"}) end
request = function() return one end
END
}

# run DIRECTORY NAME PID SCRIPT PORT ROUND: a line "req/s µs" is added to NAME.result, unless the round is 0.
run() {
  local directory=$1 name=$2 server=$3 before after output requests rate
  before=$(cpu_ticks "$server")
  output=$(taskset -c 1 wrk -t1 -c"$connections" -d"${seconds}s" -s "$directory/$4" "http://127.0.0.1:$5/")
  after=$(cpu_ticks "$server")
  ! grep -q 'Non-2xx\|Socket errors' <<<"$output" || fail "$name answered with errors: $output"
  [ "$6" != 0 ] || return 0
  requests=$(awk '/requests in/ { print $1 }' <<<"$output")
  rate=$(awk '/^Requests\/sec/ { print $2 }' <<<"$output")
  awk -v r="$rate" -v n="$requests" -v t=$((after - before)) -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "%.0f %.2f\n", r, t / hz / n * 1e6 }' >>"$directory/$name.result"
}

cpu_ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# report SIZE SERVER WHAT: what it had, and round by round of nginx and of the first size.
report() {
  local result="$work/$1/$2-$3.result" nginx="$work/${sizes[0]}/nginx-GET.result" first="$work/${sizes[0]}/$2-$3.result" rss
  rss=$(awk '/VmRSS/ { printf "%d", $2 / 1024 }' "/proc/${pid[$1-$2]}/status")
  say "| $1 | $2 | $3 | $(cut -d' ' -f1 "$result" | median) | $(cut -d' ' -f2 "$result" | median) | $(compared "$result" "$nginx" 1) | $(compared "$nginx" "$result" 2) | $(compared "$result" "$first" 1) | $(compared "$first" "$result" 2) | $rss |"
}

# compared FILE OTHER COLUMN: the median of what each line of the one is of the other's.
compared() { paste -d' ' "$1" "$2" | awk -v column="$3" '{ printf "%.3f\n", $column / $(column + 2) }' | median; }

main "$@"
