#!/bin/sh
# godotenv, which most Go programs read their .env with, expands variables in values that
# stand without quotes or in double ones, with no option to turn that off.
#
# Most expect a file of KEY=VALUE to give the value as it is written, as docker's --env-file
# and Lambda's console do. Instead the part of a password from a $ and a capital letter or a
# digit on is replaced by nothing: no error, no warning, another password.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > go.mod <<'MOD'
module example.com/finding

go 1.24

require github.com/joho/godotenv v1.5.1
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/joho/godotenv"
)

func main() {
	file, err := godotenv.Unmarshal("A=pa$WORD1\nB=\"pa$WORD1\"\nC='pa$WORD1'\nD=pa$word\nE=postgres://u:p$9a@h/db\n")
	fmt.Println(file["A"], file["B"], file["C"], file["D"], file["E"], err)
}
GO
got=$(GOWORK=off GOFLAGS=-mod=mod go run . 2>/dev/null)
want='pa pa pa$WORD1 pa$word postgres://u:pa@h/db <nil>'
echo "godotenv v1.5.1 reads pa\$WORD1 and the like as: $got"
[ "$got" = "$want" ] || { echo "it was: $want" >&2; exit 1; }
