//! An artifact store of one's own: https, with a certificate of a private authority that evaluators trust.

use crate::cluster::{cluster, run};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// What lies in every store.
pub const FILE: &str = r#"{"accuracy": 0.8}"#;

pub struct Store {
    address: SocketAddr,
}

impl Store {
    /// Serves [`FILE`] at `/metrics.json` for as long as this process lives, at an address that pods reach.
    /// `signed_by` is the authority's folder.
    fn serve(signed_by: &Path) -> Self {
        let host = host_address();
        let listener = TcpListener::bind((host, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let config = Arc::new(server_config(signed_by, host));
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let (socket, config) = (socket.unwrap(), config.clone());
                // A client that does not trust us breaks off.
                std::thread::spawn(move || drop(answer(socket, config)));
            }
        });
        Self { address }
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }
}

/// Evaluators trust who signed its certificate.
pub fn store() -> &'static Store {
    static STORE: OnceLock<Store> = OnceLock::new();
    STORE.get_or_init(|| Store::serve(authority().parent().unwrap()))
}

/// Nobody knows who signed its certificate.
pub fn stranger() -> Store {
    let folder = tempfile::tempdir().unwrap();
    make_authority(folder.path());
    Store::serve(folder.path())
}

/// The certificate, PEM, of the authority that is in the image of the evaluators; made once.
pub fn authority() -> &'static Path {
    static AUTHORITY: OnceLock<PathBuf> = OnceLock::new();
    AUTHORITY.get_or_init(|| {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("authority");
        if !folder.exists() {
            let begun = folder.with_extension(std::process::id().to_string());
            std::fs::create_dir_all(&begun).unwrap();
            make_authority(&begun);
            std::fs::rename(&begun, &folder).unwrap();
        }
        folder.join("ca.crt")
    })
}

fn openssl(folder: &Path, args: &[&str]) {
    let new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    run(Command::new("openssl").args(["req", "-x509"]).args(new_key).args(args).current_dir(folder));
}

fn make_authority(folder: &Path) {
    openssl(folder, &["-days", "3650", "-subj", "/CN=store-authority", "-keyout", "ca.key", "-out", "ca.crt"]);
}

fn server_config(signed_by: &Path, host: IpAddr) -> rustls::ServerConfig {
    let folder = tempfile::tempdir().unwrap();
    let [ca, key] = ["ca.crt", "ca.key"].map(|file| signed_by.join(file).to_str().unwrap().to_owned());
    let name = format!("subjectAltName=IP:{host}");
    let signed = ["-CA", &ca, "-CAkey", &key, "-days", "2", "-addext", "basicConstraints=critical,CA:FALSE"];
    let made = ["-subj", "/CN=store", "-addext", &name, "-keyout", "store.key", "-out", "store.crt"];
    openssl(folder.path(), &[&signed[..], &made].concat());
    let key = PrivateKeyDer::from_pem_file(folder.path().join("store.key")).unwrap();
    let certificate = CertificateDer::from_pem_file(folder.path().join("store.crt")).unwrap();
    rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap()
}

/// This machine's end of the link to the cluster, which is the other address of the same /30.
fn host_address() -> IpAddr {
    let server = cluster().kubectl(&["config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}"]);
    let node = server.trim_start_matches("https://").parse::<SocketAddr>().unwrap();
    let IpAddr::V4(node) = node.ip() else { panic!("{node} is no IPv4 address") };
    let [a, b, c, d] = node.octets();
    IpAddr::from([a, b, c, d - 1])
}

fn answer(socket: TcpStream, config: Arc<rustls::ServerConfig>) -> std::io::Result<()> {
    socket.set_read_timeout(Some(Duration::from_secs(10)))?;
    let tls = rustls::ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut stream = rustls::StreamOwned::new(tls, socket);
    let (mut request, mut byte) = (Vec::new(), [0]);
    while !request.ends_with(b"\r\n\r\n") && request.len() < 8192 {
        stream.read_exact(&mut byte)?;
        request.push(byte[0]);
    }
    let request = String::from_utf8_lossy(&request);
    let answer = match request.split(' ').nth(1) {
        Some("/metrics.json") => {
            format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{FILE}", FILE.len())
        }
        _ => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned(),
    };
    stream.write_all(answer.as_bytes())?;
    stream.conn.send_close_notify();
    stream.flush()
}
