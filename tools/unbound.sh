#!/usr/bin/env bash
# Installs Unbound on Debian as a resolver that validates DNSSEC, on a port of loopback, and checks that it does; see docs/dnssec.md.
set -euo pipefail
# shellcheck source=tools/common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

port=${1:-5335}
conf=${UNBOUND_CONF_DIR:-/etc/unbound/unbound.conf.d}/caserver.conf

usage() {
  cat <<END
usage: sudo tools/unbound.sh [PORT]   install and set up Unbound on 127.0.0.1:PORT (default 5335), for CaServer alone
       tools/unbound.sh --help        this text

Writes $conf and nothing else; run it again to change the port. Zones of your own go into a file beside it.
END
}

main() {
  case ${1:-} in
  -h | --help) usage && return ;;
  esac
  [[ $port =~ ^[0-9]+$ && $port -ge 1 && $port -le 65535 ]] || fail "'$port' is not a port"
  [ "$(id -u)" = 0 ] || fail "run this as root"
  need_packages unbound=/usr/sbin/unbound dns-root-data=/usr/share/dns/root.key bind9-host=host
  write_configuration
  quietly unbound-checkconf || fail "Unbound does not accept its configuration; see above"
  if [ -d /run/systemd/system ]; then
    systemctl enable --quiet unbound && systemctl restart unbound
    check
  else
    say "Wrote $conf. Start Unbound by your own means; there is no systemd here."
  fi
  say "Now tell CaServer: \"Validation\": { \"Resolvers\": [\"127.0.0.1:$port\"], \"Dnssec\": true }"
}

# Debian's own file beside it (root-auto-trust-anchor-file.conf) has the root's key.
write_configuration() {
  local new
  new=$(mktemp)
  cat >"$new" <<END
# Written by CaServer's tools/unbound.sh: a resolver that validates, for programs of this machine only.
server:
  interface: 127.0.0.1
  port: $port
  access-control: 127.0.0.0/8 allow
  access-control: 0.0.0.0/0 refuse
  # A check must see what the zone says now, not what it said a day ago.
  cache-max-ttl: 60
  cache-max-negative-ttl: 10
  # Makes an answer harder to forge from afar.
  use-caps-for-id: yes
  harden-dnssec-stripped: yes
  val-permissive-mode: no
  qname-minimisation: yes
  prefetch: no
  serve-expired: no
END
  install -D -m 0644 -- "$new" "$conf"
  rm -f -- "$new"
}

# The root zone is signed: an answer about it without the bit AD means that nothing is validated.
check() {
  local answer
  answer=$(host -p "$port" -v -t SOA . 127.0.0.1 2>&1) || fail "Unbound does not answer on 127.0.0.1:$port; see: journalctl -u unbound"
  grep -Eq '^;; flags:.* ad[ ;]' <<<"$answer" || fail "Unbound answers, but does not validate; see: journalctl -u unbound"
  say "Unbound validates on 127.0.0.1:$port."
}

main "$@"
