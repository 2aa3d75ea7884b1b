# Installs, drives, upgrades, removes and purges a package under a systemd that runs, in a container
# with a network of its own, on top of a system that is left as it was. Needs root, systemd-nspawn,
# and a mount namespace of its own.
#
#     systemd.sh OLD.deb NEW.deb SYSTEM
set -eu
old=$1
new=$2
root=$3

scratch=$(mktemp -d /var/tmp/cheeseshop-systemd.XXXXXX)
mount -t tmpfs -o mode=0755 none "$scratch"
mkdir "$scratch/changes" "$scratch/work" "$scratch/all"
mount -t overlay overlay \
    -o "lowerdir=$root,upperdir=$scratch/changes,workdir=$scratch/work" "$scratch/all"
all=$scratch/all
nspawn= leader=

finish() {
    status=$?
    trap - EXIT INT TERM
    if [ -n "$leader" ] && [ -d "/proc/$leader" ]; then
        # Power off (systemd(1), signals).
        kill -s RTMIN+4 "$leader" 2>/dev/null || kill -38 "$leader" 2>/dev/null || true
        for _ in $(seq 100); do
            [ -d "/proc/$nspawn" ] || break
            sleep 0.1
        done
    fi
    # Also where it never came up; without its first process a container is gone.
    for left in ${nspawn:+$(cat "/proc/$nspawn/task/$nspawn/children" 2>/dev/null) $nspawn}; do
        kill -9 "$left" 2>/dev/null || true
    done
    [ "$status" = 0 ] || { echo "-- console"; tail -n 20 "$scratch/console"; } >&2
    umount "$all" "$scratch" 2>/dev/null || umount -l "$all" "$scratch" 2>/dev/null || true
    rmdir "$scratch" "/run/systemd/nspawn/propagate/cheeseshop-$$" 2>/dev/null || true
    exit "$status"
}
trap finish EXIT
trap 'exit 1' INT TERM

mkdir "$all/tests"
cp "$old" "$all/tests/old.deb"
cp "$new" "$all/tests/new.deb"
# A wheel that takes a while to upload.
python3 - "$all/tests" <<'PYTHON'
import base64, hashlib, os, sys, zipfile
info = "spam-1.0.dist-info/"
files = {
    "spam/__init__.py": b"x = 1\n",
    "spam/data.bin": os.urandom(2_000_000),
    info + "METADATA": b"Metadata-Version: 2.1\nName: spam\nVersion: 1.0\n",
    info + "WHEEL": b"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}
digest = lambda data: base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
record = "".join(f"{name},sha256={digest(data)},{len(data)}\n" for name, data in files.items())
files[info + "RECORD"] = (record + info + "RECORD,,\n").encode()
path = sys.argv[1] + "/spam-1.0-py3-none-any.whl"
with zipfile.ZipFile(path, "w") as wheel:
    for name, data in files.items():
        wheel.writestr(name, data)
with open(path, "rb") as wheel, open(path + ".sha256", "w") as out:
    out.write(hashlib.sha256(wheel.read()).hexdigest())
PYTHON

cat >"$all/tests/steps" <<'STEPS'
say() { echo "== $*"; }
unit=cheeseshop.service
settings=/etc/cheeseshop/cheeseshop.toml
data=/var/lib/cheeseshop
url=http://127.0.0.1:8080

has_failed() {
    status=$?
    [ $status = 0 ] || { echo "-- journal"; systemctl --no-pager status cheeseshop.socket $unit | head -n 20
        journalctl -u $unit --no-pager -o cat -n 30; }
    exit $status
}
trap has_failed EXIT
well() {
    curl --silent --show-error --fail --noproxy '*' --insecure --retry 40 --retry-delay 1 \
        --retry-connrefused --retry-max-time 20 "$@" | grep -q '^OK$'
}
is() { # STATE UNIT
    [ "$(systemctl is-active "$2")" = "$1" ] || { echo "$2 is $(systemctl is-active "$2")"; false; }
}
becomes() { # STATE UNIT
    for _ in $(seq 60); do
        [ "$(systemctl is-active "$2")" != "$1" ] || return 0
        sleep 0.1
    done
    is "$1" "$2"
}
of() { systemctl show --property "$1" --value $unit; }
# Whether the log of this run of the service has it, soon.
logged() {
    for _ in $(seq 40); do
        ! journalctl _SYSTEMD_INVOCATION_ID="$(of InvocationID)" -o cat | grep -q -- "$1" || return 0
        sleep 0.1
    done
    echo "not in the log: $1"
    false
}
again() { systemctl reset-failed; }
as_server() { sudo -u cheeseshop cheeseshop --config $settings --data $data "$@"; }
apt() { apt-get --quiet=2 --yes --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >/tests/apt.log 2>&1 || { cat /tests/apt.log; false; }; }

grep -q "$(uname -n)" /etc/hosts || echo "127.0.0.1 localhost $(uname -n)" >>/etc/hosts
say install
apt install /tests/old.deb
is active $unit
[ "$(systemctl is-enabled $unit) $(systemctl is-enabled cheeseshop.socket || true)" = "enabled disabled" ]
well $url/_health/
logged "make the first administrator"

say commands
echo "correct horse battery staple" |
    as_server user add ada --email ada@example.org --verified --admin --password-stdin
token=$(as_server token create ada --label test)
as_server user list | grep -q ada

say hashing gives way
status=$(curl --silent --noproxy '*' --user ada:wrong --form :action=file_upload --output /dev/null \
    --write-out '%{http_code}' $url/legacy/)
[ "$status" = 403 ] || [ "$status" = 401 ] || { echo "a wrong password is answered with $status"; false; }
# (The nineteenth field, of which the second is the name in brackets.)
[ "$(cat /proc/"$(of MainPID)"/task/*/stat | awk '$2 ~ /^\(hash-/ { print $19; exit }')" = 10 ]

say verify
systemd-analyze verify --man=no $unit cheeseshop.socket
systemd-analyze security --no-pager --threshold=15 $unit | tail -n 1

say reload
cp $settings /tests/settings
printf '\n[metrics]\ntoken = "12345678901234567890123456789012"\n' >>$settings
systemctl reload $unit
logged 'read again taken="metrics.token"'
echo "nonsense = 1" >>$settings
systemctl reload $unit
logged "the configuration cannot be used"
is active $unit

say a wrong configuration
systemctl restart $unit || true
becomes failed $unit
cp /tests/settings $settings
again
systemctl start $unit
well $url/_health/

say restart under an upload
wheel=/tests/spam-1.0-py3-none-any.whl
curl --silent --show-error --noproxy '*' --limit-rate 700k --user "__token__:$token" --output /dev/null \
    --write-out '%{http_code}\n' --form :action=file_upload --form protocol_version=1 \
    --form metadata_version=2.1 --form name=spam --form version=1.0 --form filetype=bdist_wheel \
    --form pyversion=py3 --form sha256_digest="$(cat $wheel.sha256)" --form content=@$wheel \
    $url/legacy/ >/tests/uploaded &
upload=$!
sleep 1
systemctl restart $unit
wait $upload
grep -q '^200$' /tests/uploaded || { cat /tests/uploaded; false; }
[ "$(of Result)" = success ]
well $url/_health/
curl --silent --noproxy '*' $url/simple/spam/ | grep -q spam-1.0-py3-none-any.whl

say crash
before=$(of MainPID)
systemctl kill --signal=KILL $unit
sleep 0.5
becomes active $unit
[ "$(of NRestarts)" = 1 ] && [ "$(of MainPID)" != "$before" ]
well $url/_health/

say stop
systemctl stop $unit
is inactive $unit
[ "$(of Result)" = success ]

say a socket of its own
again
sed -i 's,^listen.*,listen = "unix:/run/cheeseshop/http.sock",' $settings
systemctl start $unit
for _ in $(seq 50); do [ ! -S /run/cheeseshop/http.sock ] || break; sleep 0.1; done
well --unix-socket /run/cheeseshop/http.sock http://localhost/_health/
cp /tests/settings $settings
systemctl stop $unit

say a socket of systemd
again
mkdir -p /etc/systemd/system/cheeseshop.socket.d
printf '[Socket]\nListenStream=\nListenStream=80\n' >/etc/systemd/system/cheeseshop.socket.d/override.conf
systemctl daemon-reload
systemctl enable --quiet --now cheeseshop.socket
is inactive $unit
well http://127.0.0.1/_health/
is active $unit
for _ in $(seq 60); do
    curl --silent --show-error --noproxy '*' --output /dev/null --write-out '%{http_code}\n' http://127.0.0.1/simple/
done >/tests/asked 2>&1 &
asked=$!
systemctl restart $unit
systemctl restart $unit
wait $asked
[ "$(sort -u /tests/asked)" = 200 ] || { sort /tests/asked | uniq -c; false; }

say upgrade
again
echo "# mine" >>$settings
before=$(of MainPID)
apt install /tests/new.deb
[ "$(of MainPID)" != "$before" ]
well http://127.0.0.1/_health/
grep -q "^# mine" $settings
as_server check

say remove, and install again
apt remove cheeseshop
is inactive cheeseshop.socket
is inactive $unit
apt install /tests/new.deb
is active cheeseshop.socket
well http://127.0.0.1/_health/
curl --silent --noproxy '*' http://127.0.0.1/simple/spam/ | grep -q spam-1.0

say stopped, disabled and masked ones stay so
again
systemctl disable --quiet --now cheeseshop.socket $unit
dpkg --install --force-downgrade /tests/old.deb >/dev/null 2>&1
is inactive $unit
[ "$(systemctl is-enabled $unit || true)" = disabled ]
systemctl mask --quiet $unit
apt install /tests/new.deb
[ "$(systemctl is-enabled $unit || true)" = masked ]
systemctl unmask --quiet $unit

say backup
examples=/usr/share/doc/cheeseshop/examples
if [ -e $examples/cheeseshop-backup.service ]; then
    install -d -o cheeseshop -g cheeseshop -m 0700 /srv/backups
    cp $examples/cheeseshop-backup.service $examples/cheeseshop-backup.timer /etc/systemd/system/
    systemctl daemon-reload
    systemctl start cheeseshop-backup.service
    [ -e /srv/backups/cheeseshop/backup.json ]
    as_server restore /srv/backups/cheeseshop --data /srv/backups/restored
    rm /etc/systemd/system/cheeseshop-backup.*
fi

say purge
rm -r /etc/systemd/system/cheeseshop.socket.d
systemctl daemon-reload
again
systemctl enable --quiet --now cheeseshop.socket $unit
apt purge cheeseshop
[ -z "$(find /etc/systemd /var/lib/systemd -name '*cheeseshop.s*')" ]
[ ! -e /etc/cheeseshop ]
[ -e $data/cheeseshop.db ]
[ -z "$(systemctl list-units --failed --no-legend)" ]
say done
STEPS

systemd-nspawn --quiet --directory="$all" --boot --private-network --register=no --keep-unit \
    --machine="cheeseshop-$$" --console=pipe systemd.unified_cgroup_hierarchy=1 \
    systemd.legacy_systemd_cgroup_controller=0 </dev/null >"$scratch/console" 2>&1 &
nspawn=$!
for _ in $(seq 100); do
    for child in $(cat "/proc/$nspawn/task/$nspawn/children" 2>/dev/null); do
        # The first of its own processes, behind those that prepare it.
        if grep -q '^NSpid:.*[[:space:]]1$' "/proc/$child/status" 2>/dev/null &&
            grep -q systemd "/proc/$child/comm" 2>/dev/null; then
            leader=$child
        fi
    done
    [ -z "$leader" ] || break
    sleep 0.1
done
[ -n "$leader" ] || { echo "no container" >&2; exit 1; }
inside() {
    nsenter --target "$leader" --all -- env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tests \
        LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}
for _ in $(seq 200); do
    case $(inside systemctl is-system-running 2>/dev/null) in running | degraded) break ;; esac
    sleep 0.1
done
inside sh -eu /tests/steps
