//! Where connections come from: TCP, Unix sockets, and sockets passed on.

use std::{
    io::{Read as _, Write as _},
    os::unix::{
        fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _},
        net::{UnixListener, UnixStream},
    },
    path::Path,
};

use crate::server::{Answer, IDENTITY, Server, config};
use dateline::serve::Listeners;

fn get(path: &Path) -> Answer {
    let mut stream = UnixStream::connect(path).unwrap();
    let request = b"GET /rss.xml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(request).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    Answer::parse(&bytes)
}

fn bind(lines: &str) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let _entered = runtime.enter();
    let bound = Listeners::bind(&config(lines));
    bound.map(|_| ()).map_err(|error| error.to_string())
}

#[test]
fn several_listeners_serve_the_same_and_a_unix_socket_has_its_mode_and_goes_with_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("http.sock");
    // One that a process left behind, which nobody listens on.
    drop(UnixListener::bind(&path).unwrap());
    let lines = format!(
        "listen = [\"127.0.0.1:0\", {{ address = \"unix:{}\", mode = \"0606\", group = \"{}\" }}]",
        path.display(),
        std::fs::metadata(folder.path()).unwrap().gid()
    );
    let mut server = Server::with(&lines);
    assert_eq!(server.get("/rss.xml", &[]).body, IDENTITY);
    assert_eq!(get(&path).body, IDENTITY);
    let found = std::fs::metadata(&path).unwrap();
    assert!(found.file_type().is_socket());
    assert_eq!(found.permissions().mode() & 0o777, 0o606);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    server.stop();
    assert!(!path.exists());
}

#[test]
fn what_cannot_be_listened_on_is_said_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken.sock");
    let _listener = UnixListener::bind(&taken).unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "precious").unwrap();
    let missing = folder.path().join("missing/http.sock");
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let busy = socket.local_addr().unwrap().to_string();
    for (lines, said) in [
        (
            format!("listen = \"unix:{}\"", taken.display()),
            "the socket is in use",
        ),
        (
            format!("listen = \"unix:{}\"", file.display()),
            "something that is no socket",
        ),
        (
            format!("listen = \"unix:{}\"", missing.display()),
            "No such file",
        ),
        (format!("listen = \"{busy}\""), "in use"),
        (
            "listen = \"inherited\"".to_owned(),
            "no socket was passed on",
        ),
        (
            "listen = { address = \"unix:/nowhere/x\", group = \"no such group\" }".to_owned(),
            "there is no group \"no such group\"",
        ),
    ] {
        let error = bind(&lines).unwrap_err();
        assert!(
            error.contains(said) && error.contains("\nhelp: "),
            "{error}"
        );
        assert!(error.starts_with("cannot listen on "), "{error}");
    }
    assert_eq!(std::fs::read(&file).unwrap(), b"precious");
    assert!(UnixStream::connect(&taken).is_ok());
}
