# Installs, starts, upgrades, removes and purges a package for real, on top of this machine's own
# system: what it changes lies in memory and is gone with the process. Needs root, and namespaces
# of its own.
set -eu
old=$1
new=$2
port=$3
folder=$4

mount -t tmpfs none "$folder"
mkdir "$folder/changes" "$folder/work" "$folder/all"
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/changes,workdir=$folder/work" "$folder/all"
mount -t proc proc "$folder/all/proc"
mount --bind /dev "$folder/all/dev"
# The service manager of the machine is none of the package's business.
mount -t tmpfs none "$folder/all/run"
cp "$old" "$folder/all/old.deb"
cp "$new" "$folder/all/new.deb"

cat >"$folder/all/steps" <<'STEPS'
say() { echo "== $*"; }
export DEBIAN_FRONTEND=noninteractive
unit=/usr/lib/systemd/system/cheeseshop.service
settings=/etc/cheeseshop/cheeseshop.toml
data=/var/lib/cheeseshop

# As the unit says.
start() {
    environment=$(sed -n 's/^Environment=//p' $unit)
    runuser -u "$(sed -n 's/^User=//p' $unit)" -- env $environment $(sed -n 's/^ExecStart=//p' $unit) 2>/log &
    server=$!
    curl --silent --show-error --fail --noproxy '*' --retry 30 --retry-delay 1 --retry-connrefused \
        "http://127.0.0.1:$port/_health/" || { cat /log; false; }
}
stop() {
    # The process that runuser waits for.
    kill "$(cat /proc/$server/task/$server/children)"
    wait $server
}
as_server() { runuser -u cheeseshop -- env CHEESESHOP_DATA=$data "$@"; }

say install
dpkg -i /old.deb
[ "$(stat -c '%U %G %a' $data)" = "cheeseshop cheeseshop 700" ]
[ "$(stat -c '%U %G %a' /etc/cheeseshop)" = "root cheeseshop 750" ]
[ "$(getent passwd cheeseshop | cut -d: -f6,7)" = "$data:/usr/sbin/nologin" ]
cheeseshop --version
zcat -f /usr/share/man/man1/cheeseshop.1* | grep -q "^.TH cheeseshop"
bash -n /usr/share/bash-completion/completions/cheeseshop
[ -L /etc/systemd/system/multi-user.target.wants/cheeseshop.service ]
[ ! -e /run/cheeseshop.installed ]

say verify
systemd-analyze verify --man=no $unit /usr/lib/systemd/system/cheeseshop.socket
# Of 100, 0 being the safest.
systemd-analyze security --offline=true --threshold=20 $unit | tail -n 1

say start
sed -i "s/^listen = .*/listen = \"127.0.0.1:$port\"/" $settings
start
echo "correct horse battery staple" |
    as_server cheeseshop user add ada --email ada@example.org --verified --password-stdin
stop

say upgrade
dpkg -i /new.deb
[ "$(dpkg-query -W -f '${Version}' cheeseshop)" = 9.0.0-1 ]
grep -q ":$port\"" $settings
start
as_server cheeseshop user list --json | grep -q '"ada"'
stop

say remove
dpkg -r cheeseshop
[ ! -e /usr/bin/cheeseshop ]
[ -e $settings ]
[ -e $data/cheeseshop.db ]

say purge
# As `systemctl enable` does.
mkdir -p /etc/systemd/system/sockets.target.wants
ln -s /usr/lib/systemd/system/cheeseshop.socket /etc/systemd/system/sockets.target.wants/
dpkg --purge cheeseshop
[ ! -e /etc/cheeseshop ]
[ ! -L /etc/systemd/system/multi-user.target.wants/cheeseshop.service ]
[ ! -L /etc/systemd/system/sockets.target.wants/cheeseshop.socket ]
[ -e $data/cheeseshop.db ]
say done
STEPS
exec chroot "$folder/all" env port="$port" sh -eu /steps
