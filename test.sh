#!/usr/bin/env bash
# All of Cordboard's checks on a fresh Debian machine with Go: installs what is missing, then runs formatting, vet,
# staticcheck, govulncheck (where its database can be reached) and every test with the race detector.
#
#   ./test.sh                 everything (under 25 minutes on 2 cores)
#   CORDBOARD_KILLS=500 ./test.sh   the long crash test (server killed 500 times)
#   CORDBOARD_SEEDS=20000 ./test.sh more seeds of the simulation
set -euo pipefail
cd "$(dirname "$0")"

say() { printf '\n== %s\n' "$*"; }

# --- what the tests need --------------------------------------------------------------------------------------------
missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v prosody >/dev/null || missing+=(prosody)
command -v gcc >/dev/null || missing+=(gcc libc6-dev) # the race detector needs cgo
command -v node >/dev/null || missing+=(nodejs)
command -v strace >/dev/null || missing+=(strace)
command -v mkfs.ext4 >/dev/null || missing+=(e2fsprogs)
command -v npm >/dev/null || missing+=(npm)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
if ((${#missing[@]})); then
  say "installing ${missing[*]}"
  sudo=()
  [ "$(id -u)" = 0 ] || sudo=(sudo)
  "${sudo[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
for lock in $(git ls-files '*package-lock.json'); do
  dir=$(dirname "$lock")
  [ -d "$dir/node_modules" ] && continue
  say "npm ci in $dir"
  (cd "$dir" && npm ci --no-audit --no-fund --silent)
done

# --- the shape of the code ------------------------------------------------------------------------------------------
say "gofmt"
unformatted=$(gofmt -l $(git ls-files '*.go'))
[ -z "$unformatted" ] || { echo "not formatted: $unformatted" >&2; exit 1; }

say "go vet"
go vet ./...

say "staticcheck"
go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

say "govulncheck"
if out=$(timeout 180 go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./... 2>&1); then
  echo "$out" | tail -n 3
elif grep -qiE 'no such host|dial tcp|lookup|timeout|connection refused|fetching|403|proxyconnect' <<<"$out"; then
  echo "the vulnerability database cannot be reached from here: skipped"
else
  echo "$out" >&2
  exit 1
fi

# --- the tests ------------------------------------------------------------------------------------------------------
say "build"
go build ./...

say "go test -race"
exec go test -race -timeout 20m ./...
