#!/bin/sh
# Makes the secrets of compose.mysql.yml, once; what is there already stays.
set -eu
umask 077
dir=$(dirname "$0")/secrets
mkdir -p "$dir"

random() { head -c "$1" /dev/urandom | base64 | tr -d '\n=' | tr '+/' '-_'; }

[ -s "$dir/sched_secret" ] || random 48 > "$dir/sched_secret"
[ -s "$dir/mysql_password" ] || random 24 > "$dir/mysql_password"
printf 'mysql://scheduler:%s@database:3306/scheduler' "$(cat "$dir/mysql_password")" > "$dir/database_url"
# Containers read them as users of their own; on this machine the folder keeps others out.
chmod 0444 "$dir/sched_secret" "$dir/mysql_password" "$dir/database_url"
echo "secrets are in $dir; keep a copy of sched_secret: without it passwords and stored secrets are lost"
