//! Many clients at once, each a task.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
};

/// What a client does besides waiting for its end.
#[derive(Clone, Copy)]
pub struct Habit {
    /// Sent at once.
    pub sends: &'static [u8],
    /// Sent again and again, so long apart.
    pub drips: Option<(&'static [u8], Duration)>,
    /// Whether it takes what it is sent.
    pub reads: bool,
}

/// Runs something on a runtime of its own.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(work)
}

/// So many clients with one habit: how long each was kept, the longest last. One that is
/// kept longer than `limit` counts as `limit`.
pub async fn crowd(
    address: SocketAddr,
    count: usize,
    habit: Habit,
    limit: Duration,
) -> Vec<Duration> {
    let mut clients = JoinSet::new();
    for i in 0..count {
        clients.spawn(async move {
            let stream = connect(address, habit.reads).await;
            let begun = Instant::now();
            let _ = tokio::time::timeout(limit, suffer(stream, habit)).await;
            begun.elapsed().min(limit)
        });
        // No more than the kernel's queue of new connections holds.
        if i % 100 == 99 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    let mut kept = clients.join_all().await;
    kept.sort();
    kept
}

async fn connect(address: SocketAddr, reads: bool) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    if !reads {
        // Little is buffered for who reads nothing.
        socket.set_recv_buffer_size(4096).unwrap();
    }
    socket.connect(address).await.unwrap()
}

/// Does as the habit has it until the server ends the connection.
async fn suffer(mut stream: TcpStream, habit: Habit) {
    if stream.write_all(habit.sends).await.is_err() {
        return;
    }
    let (mut read, mut write) = stream.split();
    let mut room = vec![0; 4096];
    let drip = async {
        let Some((bytes, pause)) = habit.drips else {
            return std::future::pending().await;
        };
        loop {
            tokio::time::sleep(pause).await;
            if write.write_all(bytes).await.is_err() {
                return;
            }
        }
    };
    let watch = async {
        if habit.reads {
            while read.read(&mut room).await.is_ok_and(|length| length > 0) {}
        } else {
            // Only the end of the connection is looked for, and nothing is taken from it.
            let _ = read.ready(tokio::io::Interest::ERROR).await;
        }
    };
    tokio::select! {
        () = drip => {}
        () = watch => {}
    }
}
