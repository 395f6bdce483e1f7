#!/usr/bin/env bash
# Puts the generators and linters beside buf into protos/.tools/bin, at the versions said here, in go.mod and in
# clients/typescript/package-lock.json. Needs Go, Cargo, Maven and npm.
set -euo pipefail
cd "$(dirname "$0")"

PROTOC=4.33.5 # Java's builtin; protobuf-java must be as new
PROTOC_GEN_GRPC_JAVA=1.81.0
PROTOC_GEN_PROST=0.5.0 # prost 0.14
PROTOC_GEN_TONIC=0.5.0 # tonic 0.14
MAVEN_DEPENDENCY=org.apache.maven.plugins:maven-dependency-plugin:3.8.1

for program in go cargo mvn npm; do
  command -v "$program" >/dev/null || { echo "$program is needed to install what protos/tools names" >&2; exit 1; }
done
tools="$(realpath ..)/.tools"
mkdir -p "$tools/bin"

GOBIN="$tools/bin" go install tool

cargo install --quiet --locked --root "$tools" \
  "protoc-gen-prost@$PROTOC_GEN_PROST" "protoc-gen-tonic@$PROTOC_GEN_TONIC"

system="$(uname -s | sed 's/Darwin/osx/; s/Linux/linux/')-$(uname -m | sed 's/arm64\|aarch64/aarch_64/')"
copy() { # GROUP:ARTIFACT VERSION: a program that Maven Central holds for each system
  mvn --quiet --batch-mode "$MAVEN_DEPENDENCY:copy" "-Dartifact=$1:$2:exe:$system" \
    "-DoutputDirectory=$tools/bin" -Dmdep.stripVersion=true -Dmdep.stripClassifier=true
  mv "$tools/bin/${1#*:}.exe" "$tools/bin/${1#*:}"
  chmod +x "$tools/bin/${1#*:}"
}
copy com.google.protobuf:protoc "$PROTOC"
copy io.grpc:protoc-gen-grpc-java "$PROTOC_GEN_GRPC_JAVA"

npm ci --silent --prefix ../../clients/typescript
ln -sf ../../../clients/typescript/node_modules/.bin/protoc-gen-es "$tools/bin/protoc-gen-es"
