//! The server among others on its machine: TLS, Unix sockets, the service manager, proxies,
//! signals; and what belongs to a package of it.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::{Backend, Dist, Server, eventually, on_both, prepared};

on_both!(https_is_served_and_certificates_are_renewed, a_broken_certificate_changes_nothing);

/// Writes a certificate and its key; returns its serial number.
fn certificate(folder: &Path, cert: &str, key: &str) -> String {
    let mut python = Command::new(prepared("TEST_CLIENTS").join("python"));
    python.args(["-c", include_str!("support/certificate.py")]).arg(folder).args([cert, key]);
    let output = python.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Asks by curl; its standard output.
#[track_caller]
fn curl(arguments: &[&str]) -> String {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--noproxy", "*", "--max-time", "20"]);
    let output = curl.args(arguments).output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {words}");
    String::from_utf8(output.stdout).unwrap()
}

/// The serial number of the certificate that is shown there.
fn shown(address: SocketAddr) -> String {
    let script = "import socket, ssl, sys\n\
        from cryptography import x509\n\
        context = ssl.create_default_context()\n\
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE\n\
        with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as plain:\n\
        \x20   with context.wrap_socket(plain) as tls:\n\
        \x20       print(x509.load_der_x509_certificate(tls.getpeercert(True)).serial_number)";
    let mut python = Command::new(prepared("TEST_CLIENTS").join("python"));
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    let output = python.args(["-c", script, &ip, &port]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// An index that speaks https, and the folder of its certificate.
pub fn start_tls(backend: Backend) -> (Server, PathBuf, String) {
    let mut server = Server::prepare(backend, &[]);
    let folder = server.scratch().to_owned();
    let serial = certificate(&folder, "cert.pem", "key.pem");
    for (name, file) in [("CERT", "cert.pem"), ("KEY", "key.pem")] {
        let path = folder.join(file);
        server.set(&format!("CHEESESHOP_TLS__{name}_FILE"), path.to_str().unwrap());
    }
    server.add_user("ada");
    server.run();
    (server, folder, serial)
}

fn https_is_served_and_certificates_are_renewed(backend: Backend) {
    let (server, folder, serial) = start_tls(backend);
    let address = server.address();
    let trusted = folder.join("cert.pem");
    let trusted = trusted.to_str().unwrap().to_owned();
    let port = address.port();
    let health = format!("https://localhost:{port}/_health/");
    assert!(server.log().iter().any(|line| line.contains("serving https://127.0.0.1")));
    for (way, version) in [("--http1.1", "1.1"), ("--http2", "2")] {
        let said = curl(&["--cacert", &trusted, way, "--write-out", "%{http_version}", &health]);
        assert_eq!(said, format!("OK\n{version}"));
    }
    assert_eq!(shown(address), serial);
    // An upload and a download in HTTP/2.
    let dist = Dist::noisy_wheel("foo", "1.0", 3_000_000);
    let path = folder.join(&dist.filename);
    std::fs::write(&path, &dist.bytes).unwrap();
    let token = server.token("ada");
    let form = |name: &str, value: &str| format!("{name}={value}");
    let content = format!("content=@{}", path.display());
    let login = format!("__token__:{token}");
    let fields = [
        form(":action", "file_upload"),
        form("protocol_version", "1"),
        form("metadata_version", "2.1"),
        form("name", "foo"),
        form("version", "1.0"),
        form("filetype", "bdist_wheel"),
        form("pyversion", "py3"),
        form("sha256_digest", &dist.sha256()),
        content,
    ];
    let mut arguments = vec!["--http2", "--fail", "--cacert", &*trusted, "--user", &*login];
    for field in &fields {
        arguments.extend(["--form", field.as_str()]);
    }
    let legacy = format!("https://localhost:{port}/legacy/");
    arguments.push(&legacy);
    curl(&arguments);
    let page = format!(
        "https://localhost:{port}/simple/foo/?format=application/vnd.pypi.simple.v1%2Bjson"
    );
    let page: serde_json::Value =
        serde_json::from_str(&curl(&["--http2", "--cacert", &trusted, &page])).unwrap();
    let url = page["files"][0]["url"].as_str().unwrap();
    let url = url::Url::parse(&health).unwrap().join(url).unwrap();
    let back = folder.join("back");
    let into = ["--http2", "--cacert", &*trusted, "--output", back.to_str().unwrap(), url.as_str()];
    curl(&into);
    assert!(std::fs::read(back).unwrap() == dist.bytes);
    // A new certificate is shown soon after it is there.
    let renewed = certificate(&folder, "cert.pem", "key.pem");
    eventually("the new one is shown", || shown(address) == renewed);
}

fn a_broken_certificate_changes_nothing(backend: Backend) {
    let (mut server, folder, serial) = start_tls(backend);
    let says = |server: &Server, words: &str| server.log().iter().any(|it| it.contains(words));
    std::fs::write(folder.join("cert.pem"), "nonsense").unwrap();
    eventually("it says so", || says(&server, "the new certificate cannot be used"));
    assert_eq!(shown(server.address()), serial);
    // A certificate alone does not fit the key that was there.
    certificate(&folder, "cert.pem", "other.pem");
    eventually("it says so again", || says(&server, "KeyMismatch"));
    assert_eq!(shown(server.address()), serial);
    std::fs::rename(folder.join("other.pem"), folder.join("key.pem")).unwrap();
    eventually("the pair is shown", || shown(server.address()) != serial);
    // A server does not start with what it cannot use.
    server.kill();
    std::fs::write(folder.join("key.pem"), "nonsense").unwrap();
    let output = server.run_command(&["serve", "--listen", "127.0.0.1:0"], "");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("a private key in PEM from"), "{said}");
    server.set("CHEESESHOP_TLS__KEY_FILE", "");
    let output = server.run_command(&["config"], "");
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_unix_socket_is_served() {
    use std::os::unix::fs::PermissionsExt;
    let mut server = Server::prepare(Backend::Sqlite, &[]);
    let path = server.scratch().join("x.sock");
    let listen = format!("unix:{}", path.display());
    let (path_text, mut child) = (path.to_str().unwrap().to_owned(), None::<Running>);
    for _ in 0..2 {
        // The second time after a sudden end, which left the socket.
        drop(child.take());
        let mut command = server.command(&["serve", "--listen", &listen]);
        let started = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        child = Some(Running(started));
        let health = ["--unix-socket", &*path_text, "http://localhost/_health/"];
        eventually("it is well", || {
            let answer = Command::new("curl").args(["--silent"]).args(health).output().unwrap();
            answer.stdout == b"OK\n"
        });
    }
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
    curl(&["--fail", "--unix-socket", &path_text, "http://localhost/metrics"]);
    // Nobody else gets it meanwhile.
    server.set("CHEESESHOP_LISTEN", &listen);
    let output = server.run_command(&["serve"], "");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(&format!("listening on {listen}")), "{said}");
    server.set("CHEESESHOP_TLS__CERT_FILE", "x");
    server.set("CHEESESHOP_TLS__KEY_FILE", "x");
    let output = server.run_command(&["config"], "");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("a Unix socket is served without TLS"), "{said}");
}

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_socket_of_the_service_manager_is_served() {
    let mut server = Server::prepare(Backend::Sqlite, &[]);
    // What systemd does: the socket is the third file, and its variables name the process.
    let script = "import os, socket, sys\n\
        listener = socket.create_server(('127.0.0.1', 0))\n\
        os.dup2(listener.fileno(), 3)\n\
        os.set_inheritable(3, True)\n\
        os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))\n\
        print('opened', listener.getsockname()[1], file=sys.stderr, flush=True)\n\
        os.execv(sys.argv[1], sys.argv[1:])";
    server.run_through(|command| {
        let mut python = Command::new("python3");
        python.args(["-c", script]).arg(command.get_program()).args(command.get_args());
        python
    });
    let log = server.log();
    let opened = log.iter().find_map(|line| line.strip_prefix("opened ")).unwrap();
    assert_eq!(server.address().port().to_string(), opened);
    server.get("/_health/").send().expect(200);
}

#[test]
fn some_of_the_configuration_is_read_again() {
    let mut server = Server::prepare(Backend::Sqlite, &[]);
    let file = server.data().join("cheeseshop.toml");
    std::fs::create_dir_all(server.data()).unwrap();
    let write = |text: &str| std::fs::write(&file, text).unwrap();
    write("site_name = \"One\"\n[metrics]\ntoken = \"0123456789abcdef\"\n");
    server.add_user("ada");
    server.run();
    let opens = |token: &str| {
        let bearer = format!("Bearer {token}");
        server.get("/metrics").header("Authorization", &bearer).send().status == 200
    };
    let says = |words: &str| server.log().iter().any(|line| line.contains(words));
    assert!(opens("0123456789abcdef"));
    write("site_name = \"Two\"\n[metrics]\ntoken = \"fedcba9876543210\"\n");
    server.signal("-HUP");
    eventually("the new token opens", || opens("fedcba9876543210"));
    assert!(!opens("0123456789abcdef"));
    eventually("it says what it took", || says("taken=\"metrics.token\""));
    eventually("it names the rest", || says("keys=\"site_name\""));
    assert!(server.get("/").send().expect(200).text().contains("One"));
    write("nonsense = 1\n");
    server.signal("-HUP");
    eventually("it says what is wrong", || says("there is no key"));
    assert!(opens("fedcba9876543210"));
    assert!(server.log().iter().all(|line| !line.contains("fedcba9876543210")));
}

#[test]
fn completions_and_manual_pages_are_printed() {
    let mut server = Server::prepare(Backend::Sqlite, &[]);
    // Whatever the configuration says.
    server.set("CHEESESHOP_LISTEN", "nonsense");
    for (shell, words) in [("bash", "_cheeseshop()"), ("zsh", "#compdef"), ("fish", "complete -c")]
    {
        let script = server.ok(&["completions", shell]);
        assert!(script.contains(words) && script.contains("reset-2fa"), "{shell}");
    }
    let page = server.ok(&["man"]);
    assert!(page.contains(".TH cheeseshop 1"), "{page}");
    let folder = server.scratch().join("man");
    server.ok(&["man", "--out", folder.to_str().unwrap()]);
    for name in ["cheeseshop.1", "cheeseshop-serve.1", "cheeseshop-user-add.1"] {
        assert!(folder.join(name).exists(), "{name}");
    }
}

/// The example with what belongs to this machine.
fn nginx(folder: &Path, port: u16, behind: &[SocketAddr]) -> Running {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/examples/nginx.conf");
    let servers: Vec<String> = behind.iter().map(|address| format!("server {address};")).collect();
    let servers = servers.join("\n");
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let mut site = std::fs::read_to_string(example).unwrap();
    for (theirs, ours) in [
        ("server 127.0.0.1:8080;", servers.as_str()),
        ("listen 443", &*format!("listen 127.0.0.1:{port}")),
        ("packages.example.org;", "localhost;"),
        ("/etc/ssl/packages.example.org.pem", &*file("cert.pem")),
        ("/etc/ssl/packages.example.org.key", &*file("key.pem")),
    ] {
        assert!(site.contains(theirs), "{theirs}");
        site = site.replace(theirs, ours);
    }
    let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary: String = kinds
        .map(|kind| format!("{kind}_temp_path {};\n", file(&format!("{kind}-temporary"))))
        .concat();
    let whole = format!(
        "daemon off;\nmaster_process off;\npid {};\nerror_log stderr;\n\
         events {{}}\nhttp {{\naccess_log off;\n{temporary}{site}}}\n",
        file("pid")
    );
    std::fs::write(folder.join("whole.conf"), whole).unwrap();
    let mut nginx = Command::new("nginx");
    nginx.args(["-e", "stderr", "-p"]).arg(folder).arg("-c").arg(folder.join("whole.conf"));
    Running(nginx.stderr(Stdio::null()).spawn().unwrap())
}

/// The same of the other proxy.
fn caddy(folder: &Path, port: u16, behind: &[SocketAddr]) -> Running {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/examples/Caddyfile");
    let servers: Vec<String> = behind.iter().map(SocketAddr::to_string).collect();
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let certificate = format!("tls {} {}", file("cert.pem"), file("key.pem"));
    let mut site = std::fs::read_to_string(example).unwrap();
    for (theirs, ours) in [
        (
            "\npackages.example.org {",
            &*format!("\n{{\nadmin off\n}}\nhttps://localhost:{port} {{\n{certificate}"),
        ),
        ("127.0.0.1:8080 {", &*format!("{} {{", servers.join(" "))),
    ] {
        assert!(site.contains(theirs), "{theirs}");
        site = site.replace(theirs, ours);
    }
    std::fs::write(folder.join("Caddyfile"), site).unwrap();
    let mut caddy = Command::new(prepared("TEST_CLIENTS").join("caddy"));
    caddy.env("HOME", folder).env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
    caddy.args(["run", "--adapter", "caddyfile", "--config"]).arg(folder.join("Caddyfile"));
    Running(caddy.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

#[test]
fn the_example_of_nginx_works() {
    the_proxy_works(nginx);
}

#[test]
fn the_example_of_caddy_works() {
    the_proxy_works(caddy);
}

fn the_proxy_works(start: fn(&Path, u16, &[SocketAddr]) -> Running) {
    let mut server = Server::prepare(Backend::Sqlite, &[]);
    let folder = server.scratch().to_owned();
    certificate(&folder, "cert.pem", "key.pem");
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let url = format!("https://localhost:{port}");
    server.set("CHEESESHOP_PUBLIC_URL", &url);
    server.set("CHEESESHOP_TRUSTED_PROXIES", "127.0.0.1");
    server.add_user("ada");
    server.run();
    let running = start(&folder, port, &[server.address()]);
    let health = format!("{url}/_health/");
    let trusted = folder.join("cert.pem").to_str().unwrap().to_owned();
    eventually("it is up", || {
        let mut curl = Command::new("curl");
        let curl = curl.args(["--silent", "--noproxy", "*", "--cacert", &trusted, &health]);
        curl.output().unwrap().stdout == b"OK\n"
    });
    let dist = Dist::noisy_wheel("foo", "1.0", 2_000_000);
    let path = folder.join(&dist.filename);
    std::fs::write(&path, &dist.bytes).unwrap();
    let legacy = format!("{url}/legacy/");
    let mut twine = crate::clients::client("twine", &folder);
    twine.args(["upload", "--repository-url", &legacy, "--non-interactive", "--cert", &trusted]);
    twine.args(["--username", "__token__", "--password", &server.token("ada")]);
    crate::clients::succeed(twine.arg(&path));
    let index = format!("{url}/simple/");
    let mut pip = crate::clients::client("pip", &folder);
    pip.args(["download", "foo", "--no-deps", "--no-cache-dir", "--cert", &trusted]);
    pip.args(["--index-url", &index, "--dest"]).arg(folder.join("got"));
    crate::clients::succeed(&mut pip);
    assert!(std::fs::read(folder.join("got").join(&dist.filename)).unwrap() == dist.bytes);
    // Both call a request the same.
    let head = curl(&["--cacert", &trusted, "--head", &index]);
    let name = head
        .lines()
        .find_map(|line| line.to_lowercase().strip_prefix("x-request-id: ").map(str::to_owned));
    let name = name.unwrap();
    let is_it = |line: &String| line.contains("HEAD") && line.contains(&name);
    eventually("it is in the log", || server.log().iter().any(is_it));
    // What came through it is not from this machine, wherever it runs.
    let figures = format!("{url}/metrics");
    let status = curl(&[
        "--cacert",
        &trusted,
        "--output",
        "/dev/null",
        "--write-out",
        "%{http_code}",
        &figures,
    ]);
    assert_eq!(status, "403");
    drop(running);
}
