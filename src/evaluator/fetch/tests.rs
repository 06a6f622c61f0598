use super::*;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

#[test]
fn only_addresses_elsewhere() {
    let elsewhere = [
        "8.8.8.8",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "2001:db8::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
    ];
    let here = [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "0.1.2.3",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "ff02::1",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "100.100.100.200",
    ];
    for address in elsewhere {
        assert!(is_elsewhere(address.parse().unwrap()), "{address}");
    }
    for address in here {
        assert!(!is_elsewhere(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn only_plain_https_urls() {
    for url in [
        "http://a/b",
        "file:///etc/passwd",
        "https://",
        "https:///x",
        "https://user:pw@host/x",
        "/x",
        "",
        "ftp://a",
        "https://a b/",
    ] {
        assert!(parse(url).is_err(), "{url}");
    }
    assert!(parse("https://host:8443/a?b=c").is_ok());
    let from = parse("https://host:8443/a?b=c").unwrap();
    assert_eq!(redirected(&from, "/d?e").unwrap().to_string(), "https://host:8443/d?e");
    assert_eq!(redirected(&from, "https://other/").unwrap().to_string(), "https://other/");
    for to in ["http://host/", "//other/x", "d", "", "https://user@host/"] {
        assert_eq!(redirected(&from, to), None, "{to}");
    }
    assert_eq!(shown(&parse("https://host/a?signature=secret").unwrap()), "https://host/a");
}

/// A certificate for `localhost`, signed by itself.
fn certificate() -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", "-"])
        .stderr(Stdio::null())
        .output()
        .expect("openssl makes the certificate for this test");
    assert!(made.status.success());
    let key = PrivateKeyDer::from_pem_slice(&made.stdout).unwrap();
    let certificate = CertificateDer::from_pem_slice(&made.stdout).unwrap();
    (certificate, key)
}

/// Answers so many connections by path, then ends. Paths name their answer.
fn serve(connections: usize) -> (u16, Fetcher, thread::JoinHandle<()>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let (certificate, key) = certificate();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let trust = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = Arc::new(server);
    let thread = thread::spawn(move || {
        for _ in 0..connections {
            let (socket, _) = listener.accept().unwrap();
            let tls = rustls::ServerConnection::new(Arc::clone(&server)).unwrap();
            answer(rustls::StreamOwned::new(tls, socket), port);
        }
    });
    let fetcher = Fetcher { may_reach: |_| true, timeout: Duration::from_secs(2), trust: Some(trust) };
    (port, fetcher, thread)
}

fn answer(mut stream: rustls::StreamOwned<rustls::ServerConnection, std::net::TcpStream>, port: u16) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => request.push(byte[0]),
            Ok(_) | Err(_) => return,
        }
    }
    let path = String::from_utf8(request).unwrap().split([' ', '?']).nth(1).unwrap().to_owned();
    let to = |location: &str| {
        format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    };
    let text = match path.as_str() {
        "/ok" => "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello".to_owned(),
        "/chunked" => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n".to_owned(),
        "/short" => "HTTP/1.1 200 OK\r\ncontent-length: 50\r\nconnection: close\r\n\r\nhello".to_owned(),
        "/here" => to("/ok"),
        "/there" => to(&format!("https://localhost:{port}/ok")),
        "/plain" => to(&format!("http://localhost:{port}/ok")),
        "/loop" => to("/loop"),
        "/nothing" => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned(),
        "/broken" => "HTTP/1.1 500 Oh\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned(),
        "/silent" => {
            // Until the client hangs up.
            let _ = stream.read(&mut byte);
            return;
        }
        other => panic!("{other}"),
    };
    let _ = stream.write_all(text.as_bytes());
    stream.conn.send_close_notify();
    let _ = stream.flush();
}

fn fetch(fetcher: &Fetcher, url: &str, room: u64) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    fetcher.fetch(url, room, |bytes| {
        body.extend_from_slice(bytes);
        Ok(())
    })?;
    Ok(body)
}

#[test]
fn answers_of_a_real_server() {
    let (port, fetcher, server) = serve(16);
    let get = |path: &str, room| fetch(&fetcher, &format!("https://localhost:{port}/{path}"), room);
    assert_eq!(get("ok", 5).unwrap(), b"hello");
    assert_eq!(get("chunked", 10).unwrap(), b"helloworld");
    assert_eq!(get("here", 5).unwrap(), b"hello");
    assert_eq!(get("there", 5).unwrap(), b"hello");
    assert_eq!(get("ok", 4), Err(FetchError::TooLarge(4)));
    assert_eq!(get("chunked", 9), Err(FetchError::TooLarge(9)));
    assert!(matches!(get("short", 99), Err(FetchError::Broken(_))));
    assert!(matches!(get("plain", 99), Err(FetchError::Redirected(_))));
    assert!(matches!(get("loop", 99), Err(FetchError::Redirected(_))));
    assert!(
        matches!(get("nothing?token=secret", 99), Err(FetchError::NotFound(place, 404)) if !place.contains("secret"))
    );
    assert!(matches!(get("broken", 99), Err(FetchError::Status(_, 500))));
    server.join().unwrap();
}

#[test]
fn a_silent_server_is_not_waited_for() {
    let (port, fetcher, server) = serve(1);
    assert_eq!(fetch(&fetcher, &format!("https://localhost:{port}/silent"), 9), Err(FetchError::TimedOut(2)));
    server.join().unwrap();
}

#[test]
fn an_unknown_authority_is_not_trusted() {
    let (port, fetcher, server) = serve(1);
    let (_, stranger, other_server) = serve(0);
    let fetcher = Fetcher { trust: stranger.trust, ..fetcher };
    let found = fetch(&fetcher, &format!("https://localhost:{port}/ok"), 9);
    assert!(matches!(&found, Err(FetchError::Unreachable(_, why)) if why.contains("certificate")), "{found:?}");
    server.join().unwrap();
    other_server.join().unwrap();
}

#[test]
fn this_machine_is_refused_by_name_and_by_number() {
    let (_, fetcher, server) = serve(0);
    let fetcher = Fetcher { may_reach: is_elsewhere, ..fetcher };
    for host in ["127.0.0.1:1", "localhost:1", "[::1]:1", "169.254.169.254", "[::ffff:127.0.0.1]:1"] {
        let found = fetch(&fetcher, &format!("https://{host}/x"), 9);
        assert!(matches!(found, Err(FetchError::Refused(_))), "{host} {found:?}");
    }
    server.join().unwrap();
}
