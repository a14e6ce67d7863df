//! A way to a server that can be slow, swallow everything or break off.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    thread::{self, sleep},
    time::Duration,
};

/// What becomes of what goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Way {
    Open,
    /// Nothing goes through, and nobody is told.
    Hole,
    /// So many bytes that a row takes about a second.
    Slow,
    /// Every connection is broken off.
    Broken,
}

/// Forwards connections for as long as the test runs.
pub struct Proxy {
    pub port: u16,
    way: Arc<AtomicU8>,
}

const STEP: Duration = Duration::from_millis(20);

impl Proxy {
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let way = Arc::new(AtomicU8::new(Way::Open as u8));
        let proxy = Self {
            port: listener.local_addr().unwrap().port(),
            way: Arc::clone(&way),
        };
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let way = Arc::clone(&way);
                thread::spawn(move || {
                    if let Ok(server) = TcpStream::connect(("127.0.0.1", port)) {
                        forward(client, server, &way);
                    }
                });
            }
        });
        proxy
    }

    pub fn set(&self, way: Way) {
        self.way.store(way as u8, Ordering::Relaxed);
    }
}

fn forward(client: TcpStream, server: TcpStream, way: &Arc<AtomicU8>) {
    let (up, down) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let other = Arc::clone(way);
    let back = thread::spawn(move || copy(down, up, &other));
    copy(client, server, way);
    let _ = back.join();
}

fn copy(mut from: TcpStream, mut to: TcpStream, way: &AtomicU8) {
    from.set_read_timeout(Some(STEP)).unwrap();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let now = way.load(Ordering::Relaxed);
        let most = match now {
            way if way == Way::Broken as u8 => break,
            way if way == Way::Hole as u8 => {
                sleep(STEP);
                continue;
            }
            way if way == Way::Slow as u8 => {
                sleep(STEP * 5);
                20
            }
            _ => buffer.len(),
        };
        match from.read(&mut buffer[..most]) {
            Ok(0) => break,
            Ok(length) => {
                if to.write_all(&buffer[..length]).is_err() {
                    break;
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
