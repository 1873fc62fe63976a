// SPDX-License-Identifier: MIT OR Apache-2.0
//! A running server, and a client that speaks plain HTTP/1.1.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use assay_conformance::synth::codec::Jpeg;
use assay_conformance::synth::{Camera, Scene};
use serde_json::Value;
use tempfile::TempDir;

use crate::database;

/// A server on a port of its own with a data directory of its own; it dies with this.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    data: Arc<TempDir>,
    said: Arc<Mutex<Vec<String>>>,
}

/// One answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {text}"))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The error's code, after checking that the body is the guide's.
    pub(crate) fn error(&self) -> String {
        let body = self.json();
        let error = body["error"].as_object().unwrap();
        let keys: Vec<_> = error.keys().collect();
        assert_eq!(keys, ["code", "message", "request_id"]);
        assert_eq!(self.header("x-request-id"), error["request_id"].as_str());
        assert!(!error["message"].as_str().unwrap().is_empty());
        error["code"].as_str().unwrap().to_owned()
    }

    pub(crate) fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap().to_owned()
    }
}

/// The text of the shipped configuration.
fn shipped() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/assay.toml");
    std::fs::read_to_string(path).unwrap()
}

/// The program with the configuration that the data directory holds, or else the shipped one.
fn assay(data: &Path) -> Command {
    let mut command = database::assay(data);
    let own = data.join("assay.toml");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/assay.toml");
    let config = if own.is_file() { own } else { shipped };
    command.env("ASSAY_CONFIG", config);
    command
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::start_in(database::folder(), "")
    }

    /// Starts with more configuration behind the shipped one.
    pub(crate) fn start_with(more: &str) -> Self {
        Self::start_in(database::folder(), more)
    }

    /// Starts with a database on a server.
    pub(crate) fn start_over(database: &str) -> Self {
        let config = format!("database = \"{database}\"\n{}", shipped());
        Self::start_on(tempfile::tempdir().unwrap(), Some(&config), &[])
    }

    /// Starts with more arguments.
    pub(crate) fn start_arguments(arguments: &[&str]) -> Self {
        Self::start_with_arguments("", arguments)
    }

    /// Starts with more configuration behind the shipped one, and more arguments.
    pub(crate) fn start_with_arguments(more: &str, arguments: &[&str]) -> Self {
        let config = shipped() + more;
        Self::start_on(database::folder(), Some(&config), arguments)
    }

    /// Starts with a part of the shipped configuration replaced.
    pub(crate) fn start_replacing(part: &str, by: &str) -> Self {
        Self::start_replacing_with(part, by, &[])
    }

    /// The same with more arguments.
    pub(crate) fn start_replacing_with(part: &str, by: &str, arguments: &[&str]) -> Self {
        let shipped = shipped();
        assert!(shipped.contains(part), "{part}");
        let config = shipped.replace(part, by);
        Self::start_on(database::folder(), Some(&config), arguments)
    }

    /// Starts with the shipped configuration as it is changed, and more arguments.
    pub(crate) fn start_changed(change: impl FnOnce(&str) -> String, arguments: &[&str]) -> Self {
        Self::start_on(tempfile::tempdir().unwrap(), Some(&change(&shipped())), arguments)
    }

    /// Kills it and starts again on the same data.
    pub(crate) fn restart(self, more: &str) -> Self {
        self.restart_with(more, &[], |_| {})
    }

    /// Kills it, does something with the data and starts again on it.
    pub(crate) fn restart_after(self, act: impl FnOnce(&Path)) -> Self {
        self.restart_with("", &[], act)
    }

    /// Kills it, does something with the data and starts again on it.
    pub(crate) fn restart_with(
        mut self,
        more: &str,
        arguments: &[&str],
        act: impl FnOnce(&Path),
    ) -> Self {
        self.kill();
        act(self.data.path());
        let data = Arc::clone(&self.data);
        let config = shipped() + more;
        Self::start_on(data, Some(&config), arguments)
    }

    /// Starts with more arguments, and variables of the environment.
    pub(crate) fn start_in_environment(environment: &[(&str, String)], arguments: &[&str]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut command = assay(data.path());
        command.envs(environment.iter().cloned());
        Self::start_as(command, data, "serve", arguments)
    }

    /// Kills it and starts again on the same data, with variables of the environment.
    pub(crate) fn restart_in_environment(
        mut self,
        environment: &[(&str, String)],
        arguments: &[&str],
    ) -> Self {
        self.kill();
        let data = Arc::clone(&self.data);
        let mut command = assay(data.path());
        command.envs(environment.iter().cloned());
        Self::start_as(command, data, "serve", arguments)
    }

    fn start_in(data: TempDir, more: &str) -> Self {
        let config = shipped() + more;
        Self::start_on(data, (!more.is_empty()).then_some(&config), &[])
    }

    /// Starts without the right to write where the permissions of a folder forbid it, which the tests may
    /// have otherwise.
    pub(crate) fn start_bound_by_permissions() -> Self {
        let data = database::folder();
        let assay = assay(data.path());
        if !rustix::process::geteuid().is_root() {
            return Self::start_as(assay, data, "serve", &[]);
        }
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set=-dac_override", "--inh-caps=-all"]).arg(assay.get_program());
        command.envs(assay.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Self::start_as(command, data, "serve", &[])
    }

    /// Starts a process that does jobs, on the same data and with the same configuration.
    pub(crate) fn worker(&self, arguments: &[&str]) -> Self {
        Self::start_as(assay(self.data.path()), Arc::clone(&self.data), "worker", arguments)
    }

    fn start_on(data: impl Into<Arc<TempDir>>, config: Option<&str>, arguments: &[&str]) -> Self {
        let data = data.into();
        let mut command = assay(data.path());
        if let Some(config) = config {
            let file = data.path().join("assay.toml");
            std::fs::write(&file, config).unwrap();
            command.env("ASSAY_CONFIG", file);
        }
        Self::start_as(command, data, "serve", arguments)
    }

    fn start_as(
        mut command: Command,
        data: impl Into<Arc<TempDir>>,
        role: &str,
        arguments: &[&str],
    ) -> Self {
        let data = data.into();
        command.args([role, "--listen", "127.0.0.1:0"]).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut before = Vec::new();
        let address = loop {
            let Some(Ok(line)) = lines.next() else { panic!("{before:#?}") };
            match line.strip_prefix("listening on http://") {
                Some(address) => break address.parse().unwrap(),
                None => before.push(line),
            }
        };
        let said = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&said);
        // What it says later must not fill the pipe.
        std::thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| told.lock().unwrap().push(line));
        });
        Self { child, address, data, said }
    }

    /// The first line of the log with this in it.
    pub(crate) fn said(&self, part: &str) -> String {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let said = self.said.lock().unwrap().clone();
            if let Some(line) = said.iter().find(|line| line.contains(part)) {
                return line.clone();
            }
            assert!(Instant::now() < end, "{part}: {said:#?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The whole log so far.
    pub(crate) fn everything_said(&self) -> String {
        self.said.lock().unwrap().join("\n")
    }

    /// The data directory.
    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    /// Tells the process to stop and waits until it has; its exit code.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }

    /// Kills the process, as nothing it could do anything about.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The process's number.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts another server on the same data, which is to fail.
    pub(crate) fn second(&self) -> std::process::Output {
        let mut command = assay(self.data.path());
        command.args(["serve", "--listen", "127.0.0.1:0"]).output().unwrap()
    }

    /// Waits until a batch is done.
    pub(crate) fn finished_batch(&self, key: &str, id: &str) -> Value {
        let end = Instant::now() + Duration::from_secs(120);
        loop {
            let batch = self.get(&format!("/v1/batches/{id}"), Some(key)).json();
            if batch["status"] == "COMPLETE" {
                return batch;
            }
            assert!(batch["status"] == "PROCESSING" && Instant::now() < end, "{batch}");
            // Below the 60 requests a minute of the smallest plan, for as long as a test may wait.
            std::thread::sleep(Duration::from_secs(1));
        }
    }

    /// Runs `assay webhooks` on the server's data directory.
    pub(crate) fn webhooks(&self, arguments: &[&str]) -> String {
        let output = assay(self.data.path()).arg("webhooks").args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Runs another command on the server's data: exit code, output, errors.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = assay(self.data.path()).args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// Runs `assay keys` on the server's data directory.
    pub(crate) fn keys(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = assay(self.data.path()).arg("keys").args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// Makes a key: its name and its text.
    pub(crate) fn key(&self, arguments: &[&str]) -> (String, String) {
        self.key_of("acme", arguments)
    }

    /// The same of any organisation.
    pub(crate) fn key_of(&self, organisation: &str, arguments: &[&str]) -> (String, String) {
        let create = ["create", "--org", organisation, "--format", "json"];
        let (code, out, err) = self.keys(&[&create, arguments].concat());
        assert_eq!(code, 0, "{err}");
        let made: Value = serde_json::from_str(&out).unwrap();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        (text("id"), text("key"))
    }

    pub(crate) fn get(&self, path: &str, key: Option<&str>) -> Answer {
        self.send("GET", path, key, "", &[])
    }

    pub(crate) fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(key), "application/json", body.to_string().as_bytes())
    }

    /// Posts JSON with one more header.
    pub(crate) fn post_with(&self, path: &str, key: &str, header: &str, body: &Value) -> Answer {
        let kind = format!("application/json\r\n{header}");
        self.send("POST", path, Some(key), &kind, body.to_string().as_bytes())
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        key: Option<&str>,
        kind: &str,
        body: &[u8],
    ) -> Answer {
        self.send_as((method, path, key, kind), body, body.len())
    }

    /// Posts the head of a request whose body never comes.
    pub(crate) fn send_announcing(
        &self,
        length: usize,
        path: &str,
        key: &str,
        kind: &str,
    ) -> Answer {
        self.send_as(("POST", path, Some(key), kind), &[], length)
    }

    fn send_as(
        &self,
        (method, path, key, kind): (&str, &str, Option<&str>, &str),
        body: &[u8],
        length: usize,
    ) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let key = key.map(|key| format!("Authorization: Bearer {key}\r\n")).unwrap_or_default();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: {kind}\r\n\
             Content-Length: {length}\r\n{key}\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        // A server that refuses a large body early closes its side; the answer is there all the same.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        parse(&answer)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer with its head.
pub(crate) fn parse(answer: &[u8]) -> Answer {
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").expect("a whole head");
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let header = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_owned(), value.to_owned())
    };
    Answer { status, headers: lines.map(header).collect(), body: answer[end + 4..].to_vec() }
}

/// A photo of the synthetic camera as a JPEG.
pub(crate) fn photo(seed: u64) -> Vec<u8> {
    let picture = Camera::with_body(seed).shoot(&Scene::new(seed).light(400, 320), seed);
    Jpeg::quality(92).encode(&picture).unwrap()
}
