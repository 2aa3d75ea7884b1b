#!/bin/sh
# Puts what a minimal image of the program holds into a folder:
#
#     image.sh BINARY FOLDER
set -eu
binary=$1
folder=$2
# Who the server is there: a number that no account of the machine has.
account=10001

mkdir -p "$folder/usr/bin" "$folder/etc/ssl/certs" "$folder/data" "$folder/tmp"
cp "$binary" "$folder/usr/bin/cheeseshop"
# The libraries that it is linked to, and what loads them.
ldd "$binary" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$folder${library%/*}"
    cp -L "$library" "$folder$library"
done
cp -L /etc/ssl/certs/ca-certificates.crt "$folder/etc/ssl/certs/"
echo "cheeseshop:x:$account:$account::/data:/" >"$folder/etc/passwd"
echo "cheeseshop:x:$account:" >"$folder/etc/group"
echo "hosts: files dns" >"$folder/etc/nsswitch.conf"
chmod 1777 "$folder/tmp"
chmod 0700 "$folder/data"
chown "$account:$account" "$folder/data"
