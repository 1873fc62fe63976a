// SPDX-License-Identifier: MIT OR Apache-2.0
//! A server of buckets for tests: the protocol of Amazon S3 by the crate `s3s`, over a folder whose folders
//! are the buckets. It checks the signature of every request, and can be taken away and come back.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tokio::runtime::Runtime;

/// The name of the key that opens every bucket.
pub const ACCESS_KEY: &str = "assaytest";
/// Its secret.
pub const SECRET_KEY: &str = "assaytest-secret";

/// A server that answers until it is dropped.
pub struct Server {
    address: SocketAddr,
    /// None while it is being taken away.
    runtime: Option<Runtime>,
}

impl Server {
    /// Serves the folder at a free port of this machine, with a bucket of each name.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn start(root: &Path, buckets: &[&str]) -> io::Result<Self> {
        Self::start_at(root, buckets, SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// The same at an address: where another one was, for instance.
    ///
    /// # Errors
    /// When the folder or the address cannot be used.
    pub fn start_at(root: &Path, buckets: &[&str], address: SocketAddr) -> io::Result<Self> {
        for bucket in buckets {
            std::fs::create_dir_all(root.join(bucket))?;
        }
        let files =
            s3s_fs::FileSystem::new(root).map_err(|e| io::Error::other(format!("{e:?}")))?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = service.build();
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.spawn(accept(listener, service));
        Ok(Self { address, runtime: Some(runtime) })
    }

    /// Where it answers.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a process must have in its environment to use the buckets.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, String); 4] {
        [
            ("AWS_ENDPOINT_URL", format!("http://{}", self.address)),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY.into()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.into()),
            ("AWS_REGION", "us-east-1".into()),
        ]
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn accept(listener: TcpListener, service: S3Service) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    while let Ok((stream, _)) = listener.accept().await {
        let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service.clone());
        tokio::spawn(async move {
            // A client that goes away is no concern of ours.
            let _ = serving.await;
        });
    }
}
