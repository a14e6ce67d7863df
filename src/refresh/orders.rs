//! What the operator wants of the keeper, and how it tells what came of it.

use tokio::sync::{mpsc, oneshot};

use super::{Ending, Purpose};

/// How an ordered refresh ended, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How.
    pub ending: Ending,
    /// A line or a few.
    pub message: String,
}

/// Something the operator wants.
pub(super) struct Order {
    pub(super) purpose: Purpose,
    pub(super) answer: Option<oneshot::Sender<Report>>,
}

/// Takes orders to the keeper.
#[derive(Debug, Clone)]
pub struct Orders(pub(super) mpsc::Sender<Order>);

impl Orders {
    /// As many may wait; those for a refresh that has not begun are one refresh.
    pub(super) const WAITING: usize = 64;

    /// Reads the configuration and the origin anew, and waits for the outcome. `None` when
    /// too many are waiting already, or the process is about to end.
    pub async fn refresh(&self, purpose: Purpose) -> Option<Report> {
        let (answer, answered) = oneshot::channel();
        let answer = Some(answer);
        self.0.try_send(Order { purpose, answer }).ok()?;
        answered.await.ok()
    }

    /// The same without a wait.
    pub fn nudge(&self) {
        let purpose = Purpose::Publish;
        // Where so many are waiting, one of them will do.
        let _ = self.0.try_send(Order {
            purpose,
            answer: None,
        });
    }
}
