#!/bin/bash
# Does what the tutorial says, and the README's program, to the letter: with a copy of this repository,
# in a package of what stands on the page, and holds what the program prints against the page.
#   Tests/Programs/follow.sh [FOLDER]     where, and it stays; a temporary folder without one
set -euo pipefail
cd "$(dirname "$0")/../.."
repository=$PWD
tutorial=$repository/Sources/Swoop/Swoop.docc/FromArrayToNetwork.md
if [ $# -gt 0 ]; then
  mkdir -p "$1"
  work=$(realpath "$1")
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi

# put FILE CODE: writes a file as named on the page, or without a name adds to the end of `main`: before
# its closing brace and that of its type.
put() {
  if [ -n "$1" ]; then
    printf '%s\n' "$2" > "$1"
  else
    local program=Sources/FirstNetwork/FirstNetwork.swift
    local body
    body=$(head -n -2 "$program")
    printf '%s\n%s\n  }\n}\n' "$body" "$2" > "$program"
  fi
}

# same PRINTED SHOWN: but for the device's name, and a number that the page leaves open.
same() {
  local plain='s/ on llvmpipe (.*)$/ on lavapipe/; s/[0-9…]* batches/some batches/'
  diff <(sed "$plain" "$1") <(sed "$plain" "$2")
}

# follow PAGE: carries out its blocks, one after the other. What `swift run` prints must be what stands
# in the blocks of text so far, of which the last comes after it.
follow() {
  local line lead='' language='' block='' ran=no shown=$work/shown printed=$work/printed
  : > "$shown"
  while IFS= read -r line; do
    if [ -z "$language" ]; then
      case $line in
        '```'?*) language=${line#'```'} block='' ;;
        ?*) lead=$line ;;
      esac
      continue
    fi
    if [ "$line" != '```' ]; then
      block+=${block:+$'\n'}$line
      continue
    fi
    case $language in
      sh)
        echo "follow: $block"
        if [ "$block" = 'swift run' ]; then
          swift run > "$printed"
          ran=yes
        else
          eval "$block"
        fi
        ;;
      swift)
        local name=''
        case $lead in *'`:') name=${lead%'`:'} name=${name##*'`'} ;; esac
        put "$name" "$block"
        ;;
      text)
        printf '%s\n' "$block" >> "$shown"
        if [ $ran = yes ]; then
          same "$printed" "$shown"
          ran=no
        fi
        ;;
    esac
    language=''
  done < "$1"
  swift run > "$printed"
  same "$printed" "$shown"
}

cd "$work"
# What a clone has; not by git, which refuses where the folder is another user's.
mkdir -p Swoop
tar -C "$repository" --exclude './.*' --exclude ./batch-vs-thread.json -cf - . | tar -C Swoop -xf -
follow "$tutorial"
echo 'follow: the tutorial does what it says'

# block LANGUAGE NUMBER: of the README.
block() {
  awk -v fence="\`\`\`$1" -v number="$2" \
    '$0 == fence { inside = ++seen == number; next } /^```/ { inside = 0 } inside' "$repository/README.md"
}

mkdir -p "$work/Hello/Sources/Hello"
cd "$work/Hello"
block swift 1 > Sources/Hello/Hello.swift
block swift 2 > Package.swift
block text 1 > "$work/shown"
# Built where Swoop has been built already.
swift run --scratch-path ../FirstNetwork/.build > "$work/printed"
same "$work/printed" "$work/shown"
echo "follow: the README's program does what it says"
