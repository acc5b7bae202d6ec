# shellcheck shell=bash
# `run.sh demo`: from nothing to a checked certificate, with a real ACME client, in a scratch folder. Sourced by run.sh.

demo_name=demo.localhost

demo() {
  LC_ALL=C # a decimal point in EPOCHREALTIME
  demo_begun=$EPOCHREALTIME
  step_begun=$EPOCHREALTIME

  # shellcheck disable=SC2154 # set by run.sh
  need_packages "$softhsm" openssl=openssl certbot=certbot,lego
  local client
  client=$(command -v certbot || command -v lego)
  need_dotnet
  build_release
  done_in "Packages and the Release build are in place"

  scratch=$(mktemp -d -t caserver-demo.XXXXXX)
  server=
  trap clean_up EXIT
  trap 'exit 130' INT TERM

  start_server
  done_in "Server ready at $directory (root and issuing key in SoftHSM2 tokens)"
  "obtain_with_$(basename -- "$client")"
  done_in "$(basename -- "$client") obtained a certificate for $demo_name over http-01"
  check_chain
  done_in "openssl accepts the chain, also with -x509_strict, for $demo_name"
  say
  openssl x509 -in "$scratch/leaf.pem" -noout -subject -issuer -dates -ext subjectAltName 2>/dev/null | sed 's/^/    /'
  say
  revoke_and_wait
  done_in "$(basename -- "$client") revoked it, and the CRL named in it lists it"
  stop_server
  done_in "Server stopped in order"
  say "Demo passed in $(elapsed "$demo_begun") s. './run.sh' starts a server of your own."
}

# Prints what was done and how long it took since the last such line.
done_in() {
  printf '[%5s s] %s\n' "$(elapsed "$step_begun")" "$1"
  step_begun=$EPOCHREALTIME
}

elapsed() {
  local micros=$((${EPOCHREALTIME/./} - ${1/./}))
  printf '%d.%d' $((micros / 1000000)) $((micros / 100000 % 10))
}

start_server() {
  # The user's own configuration and tokens stay out of the demo.
  local variable https http admin
  for variable in SOFTHSM2_CONF ${!CASERVER_@}; do unset "$variable"; done
  https=$(free_port) http=$(free_port "$https") admin=$(free_port "$https" "$http")
  http01=$(free_port "$https" "$http" "$admin")
  directory="https://localhost:$https/acme/directory"
  cat >"$scratch/caserver.json" <<END
{
  "Server": {
    "PublicUrl": "https://localhost:$https", "StatusUrl": "http://localhost:$http",
    "HttpsListen": "127.0.0.1:$https", "HttpListen": "127.0.0.1:$http", "AdminListen": "127.0.0.1:$admin"
  },
  "Data": { "Directory": "$scratch/data" },
  "Validation": { "Http01Port": $http01, "AllowedNetworks": ["127.0.0.0/8", "::1/128"] }
}
END
  # shellcheck disable=SC2154 # set by common.sh
  "$program" serve --config "$scratch/caserver.json" >"$scratch/server.log" 2>&1 </dev/null &
  server=$!
  local deadline=$((SECONDS + 60))
  until [ "$(http_status "$admin" /health/ready)" = 200 ]; do
    kill -0 "$server" 2>/dev/null || failed "the server did not start" "$scratch/server.log"
    [ "$SECONDS" -lt "$deadline" ] || failed "the server was not ready within 60 s" "$scratch/server.log"
    sleep 0.05
  done
}

# A port on which nobody listens, below the range from which the system hands out its own, and none of those given.
free_port() {
  local port
  while :; do
    port=$((10000 + RANDOM % 20000))
    case " $* " in *" $port "*) continue ;; esac
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  printf '%s' "$port"
}

# The status code of a plain HTTP answer, empty when there is none: no curl on a fresh machine.
http_status() {
  (
    exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 0
    printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$2" >&3
    read -r -t 5 _ code _ <&3 && printf '%s' "$code"
  ) 2>/dev/null || true
}

obtain_with_certbot() {
  REQUESTS_CA_BUNDLE="$scratch/data/root.pem" certbot certonly --non-interactive --agree-tos --register-unsafely-without-email \
    --server "$directory" --standalone --http-01-address 127.0.0.1 --http-01-port "$http01" -d "$demo_name" \
    --config-dir "$scratch/client" --work-dir "$scratch/client/work" --logs-dir "$scratch/client/log" \
    >"$scratch/client.log" 2>&1 </dev/null || failed "certbot obtained no certificate" "$scratch/client.log" "$scratch/server.log"
  cp -- "$scratch/client/live/$demo_name/cert.pem" "$scratch/leaf.pem"
  cp -- "$scratch/client/live/$demo_name/chain.pem" "$scratch/chain.pem"
}

obtain_with_lego() {
  LEGO_CA_CERTIFICATES="$scratch/data/root.pem" lego --accept-tos --email demo@example.com --path "$scratch/client" \
    --server "$directory" --http --http.port "127.0.0.1:$http01" --domains "$demo_name" run \
    >"$scratch/client.log" 2>&1 </dev/null || failed "lego obtained no certificate" "$scratch/client.log" "$scratch/server.log"
  openssl x509 -in "$scratch/client/certificates/$demo_name.crt" -out "$scratch/leaf.pem"
  cp -- "$scratch/client/certificates/$demo_name.issuer.crt" "$scratch/chain.pem"
}

check_chain() {
  local strict
  for strict in "" -x509_strict; do
    # shellcheck disable=SC2086 # empty means no argument
    openssl verify $strict -purpose sslserver -verify_hostname "$demo_name" -CAfile "$scratch/data/root.pem" \
      -untrusted "$scratch/chain.pem" "$scratch/leaf.pem" >"$scratch/verify.log" 2>&1 ||
      failed "openssl does not accept the chain" "$scratch/verify.log"
  done
}

# The address of the CRL stands in the certificate. How long a revocation takes to be seen there is part of what is shown.
revoke_and_wait() {
  "revoke_with_$(basename -- "$client")" >"$scratch/client.log" 2>&1 </dev/null ||
    failed "the certificate was not revoked" "$scratch/client.log" "$scratch/server.log"
  local url serial deadline=$((SECONDS + 20))
  url=$(openssl x509 -in "$scratch/leaf.pem" -noout -ext crlDistributionPoints | sed -n 's/^ *URI://p')
  serial=$(openssl x509 -in "$scratch/leaf.pem" -noout -serial)
  until download "$url" "$scratch/crl.der" && openssl crl -inform DER -in "$scratch/crl.der" -noout -text 2>/dev/null |
    grep -q "Serial Number: ${serial#serial=}"; do
    [ "$SECONDS" -lt "$deadline" ] || failed "the CRL at $url does not list the certificate" "$scratch/server.log"
    sleep 0.1
  done
}

revoke_with_certbot() {
  REQUESTS_CA_BUNDLE="$scratch/data/root.pem" certbot revoke --non-interactive --cert-name "$demo_name" --reason superseded \
    --no-delete-after-revoke --server "$directory" --config-dir "$scratch/client" --work-dir "$scratch/client/work" --logs-dir "$scratch/client/log"
}

revoke_with_lego() {
  LEGO_CA_CERTIFICATES="$scratch/data/root.pem" lego --accept-tos --email demo@example.com --path "$scratch/client" \
    --server "$directory" --domains "$demo_name" revoke --keep
}

# The body of an answer with status 200 from http://localhost:PORT/PATH, as it is.
download() {
  local address=${1#http://localhost:} status
  {
    printf 'GET /%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "${address#*/}" >&3
    read -r -t 5 _ status _ <&3
    sed '1,/^\r$/d' <&3 >"$2"
  } 3<>"/dev/tcp/127.0.0.1/${address%%/*}" 2>/dev/null
  [ "$status" = 200 ]
}

stop_server() {
  local status=0
  end_server || status=$?
  [ "$status" = 0 ] || failed "the server ended with exit code $status" "$scratch/server.log"
}

# failed SENTENCE LOG...: the ends of the logs, then the sentence; the caller's folder is removed by clean_up.
failed() {
  local log
  for log in "${@:2}"; do
    printf -- '--- end of %s\n' "${log##*/}" >&2
    tail -n 40 -- "$log" >&2
  done
  printf 'Demo failed after %s s: %s\n' "$(elapsed "$demo_begun")" "$1" >&2
  exit 1
}

# Asks the server to stop, and insists after 20 s; returns its exit code.
end_server() {
  local ending=$server deadline=$((SECONDS + 20))
  server=
  kill -TERM "$ending" 2>/dev/null || true
  while kill -0 "$ending" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.05; done
  kill -KILL "$ending" 2>/dev/null || true
  wait "$ending" 2>/dev/null
}

clean_up() {
  if [ -n "$server" ]; then end_server || true; fi
  rm -rf -- "$scratch"
}
