#!/bin/sh
# Makes a disk image of the program: image.sh Inferoscope.app inferoscope.dmg
# With SIGN_AS, the name of a "Developer ID Application" certificate in the keychain, the program is signed for others'
# machines, and with NOTARY_PROFILE (xcrun notarytool store-credentials) also notarised. Without, it is signed for none:
# macOS then asks a person to allow it under System Settings > Privacy & Security.
set -eu
app=$1
image=$2
here=$(cd "$(dirname "$0")" && pwd)

if [ -n "${SIGN_AS:-}" ]; then
    codesign --force --deep --timestamp --options runtime --entitlements "$here/entitlements.plist" --sign "$SIGN_AS" "$app"
else
    codesign --force --deep --sign - "$app"
fi
codesign --verify --deep --strict "$app"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -R "$app" "$folder/"
ln -s /Applications "$folder/Applications"
hdiutil create -quiet -ov -format UDZO -volname Inferoscope -srcfolder "$folder" "$image"

if [ -n "${SIGN_AS:-}" ] && [ -n "${NOTARY_PROFILE:-}" ]; then
    codesign --timestamp --sign "$SIGN_AS" "$image"
    xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait
    xcrun stapler staple "$image"
fi
