// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay-test-bucket FOLDER HOST:PORT BUCKET...`: serves the folder until the process ends.

use std::error::Error;
use std::io::Write as _;
use std::path::Path;

use assay_test_bucket::Server;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, address, buckets @ ..] = arguments.as_slice() else {
        return Err("usage: assay-test-bucket FOLDER HOST:PORT BUCKET...".into());
    };
    let buckets: Vec<_> = buckets.iter().map(String::as_str).collect();
    let server = Server::start_at(Path::new(folder), &buckets, address.parse()?)?;
    let mut out = std::io::stdout();
    for (name, value) in server.environment() {
        writeln!(out, "export {name}={value}")?;
    }
    out.flush()?;
    loop {
        std::thread::park();
    }
}
