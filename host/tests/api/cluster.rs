// SPDX-License-Identifier: MIT OR Apache-2.0
//! A PostgreSQL server for the tests: the one that `ASSAY_TEST_POSTGRES` names, in URL form without a
//! database, or a throw-away one, where `initdb` is on the machine.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// Makes a server in a folder of its own and says that it answers. It ends, and the folder with it, when
/// nobody holds the standard input any more: whatever becomes of the tests.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1/initdb" -D "$folder/data" -U assay -A trust -E UTF8 --locale=C -N >"$folder/made" 2>&1 || {
    cat "$folder/made" >&2
    exit 1
}
cat >"$folder/asked" <<END
[req]
distinguished_name = name
prompt = no
x509_extensions = more
[name]
CN = localhost
[more]
subjectAltName = DNS:localhost
basicConstraints = critical,CA:FALSE
END
tls=off
if openssl req -x509 -newkey rsa:2048 -nodes -days 2 -config "$folder/asked" \
    -keyout "$folder/data/server.key" -out "$folder/data/server.crt" >/dev/null 2>&1; then
    chmod 600 "$folder/data/server.key"
    tls=on
fi
"$1/postgres" -D "$folder/data" -c listen_addresses=127.0.0.1 -c port="$2" -c max_connections=500 \
    -c unix_socket_directories="$folder" -c fsync=off -c full_page_writes=off -c shared_buffers=64MB \
    -c timezone=UTC -c ssl=$tls >"$folder/log" 2>&1 </dev/null &
server=$!
until "$1/pg_isready" -q -h 127.0.0.1 -p "$2"; do
    kill -0 $server || { cat "$folder/log" >&2; exit 1; }
    sleep 0.05
done
echo "$tls $folder/data/server.crt"
cat >/dev/null
kill -QUIT $server
wait $server
"#;

/// What runs the script.
static HELD: OnceLock<Child> = OnceLock::new();

/// A server.
struct Cluster {
    url: String,
    /// Its certificate, of `localhost`, if it has one.
    certificate: Option<PathBuf>,
}

/// The URL of the server of this process's tests; none where none can be had.
pub(crate) fn cluster() -> Option<&'static str> {
    found().map(|cluster| cluster.url.as_str())
}

/// Its certificate, if it is one of the tests' own.
pub(crate) fn certificate() -> Option<&'static Path> {
    found().and_then(|cluster| cluster.certificate.as_deref())
}

#[allow(clippy::print_stderr)] // for whoever runs the tests
fn found() -> Option<&'static Cluster> {
    static SERVER: OnceLock<Option<Cluster>> = OnceLock::new();
    let found = SERVER.get_or_init(|| match std::env::var("ASSAY_TEST_POSTGRES") {
        Ok(url) => Some(Cluster { url: url.trim_end_matches('/').to_owned(), certificate: None }),
        Err(_) => start(&programs()?),
    });
    if found.is_none() {
        eprintln!("left out: PostgreSQL, as neither initdb nor ASSAY_TEST_POSTGRES is there");
    }
    found.as_ref()
}

/// Where PostgreSQL's programs are: on the path, or where Debian puts them.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<_> = debian.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let mut folders = folders.into_iter().rev().chain(std::env::split_paths(&path));
    folders.find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

fn start(programs: &Path) -> Option<Cluster> {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port().to_string();
    drop(free);
    // PostgreSQL does not run as root.
    let mut command = match rustix::process::geteuid().is_root() {
        true => {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "sh"]);
            command
        }
        false => Command::new("sh"),
    };
    command.arg("-c").arg(SCRIPT).arg("sh").arg(programs).arg(&port).current_dir("/");
    command.env_remove("TMPDIR");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    // Its standard input is held until this process ends, and nobody waits for it then.
    HELD.set(child).unwrap();
    let said = line.trim_end().split_once(' ');
    let (tls, file) = said.expect("the throw-away server starts");
    let certificate = (tls == "on").then(|| file.into());
    Some(Cluster { url: format!("postgres://assay@127.0.0.1:{port}"), certificate })
}
