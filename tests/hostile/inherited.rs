//! A socket that the service manager opened before the program ran.

use std::{
    net::TcpListener,
    os::fd::OwnedFd,
    process::{Command, Stdio},
};

use crate::program::Program;

#[test]
fn a_socket_passed_on_is_served_and_no_client_was_ever_refused() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    // It waits in the queue of the socket while the program starts.
    let early = std::thread::spawn(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        use std::io::{Read as _, Write as _};
        stream
            .write_all(b"GET /robots.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    });
    let mut program = Program::with("listen = \"inherited\"\n", 1_000, |program| {
        let mut command = Command::new("sh");
        let pass_on = "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" 3<&0 0</dev/null";
        command
            .args(["-c", pass_on, program])
            .stdin(Stdio::from(OwnedFd::from(socket)));
        command
    });
    assert_eq!(program.address, address);
    assert!(early.join().unwrap().starts_with("HTTP/1.1 200 "));
    program.is_well();
}
