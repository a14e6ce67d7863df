//! The last stage of a connection.

use std::{
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, ReadBuf},
    time::Sleep,
};

/// How long a client may go on sending after its last answer, and how much.
const PATIENCE: Duration = Duration::from_secs(5);
const BYTES: usize = 4 << 20;

/// Takes what a client still sends after its last answer, and throws it away, until it
/// closes its side, has had its time, or has sent enough (RFC 9112 section 9.6).
///
/// Closing while something is unread resets the connection, and a client that first sends
/// all and then reads would never see the answer that refuses what it sends.
#[derive(Debug, Default)]
pub(super) struct Farewell {
    /// Set when it has to be waited for.
    deadline: Option<Pin<Box<Sleep>>>,
    taken: usize,
}

impl Farewell {
    /// Whether it is over. More than what is there already is waited for only from a client
    /// that `may_be_sending`.
    pub(super) fn poll(
        &mut self,
        socket: &mut (impl AsyncRead + Unpin),
        may_be_sending: bool,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let mut room = [MaybeUninit::uninit(); 8192];
        while self.taken < BYTES {
            let mut buffer = ReadBuf::uninit(&mut room);
            match Pin::new(&mut *socket).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    self.taken += buffer.filled().len();
                }
                // The end of what the client sends, or of the connection.
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending if may_be_sending || self.taken > 0 => {
                    let deadline = self
                        .deadline
                        .get_or_insert_with(|| Box::pin(tokio::time::sleep(PATIENCE)));
                    return deadline.as_mut().poll(cx);
                }
                Poll::Pending => return Poll::Ready(()),
            }
        }
        Poll::Ready(())
    }
}
