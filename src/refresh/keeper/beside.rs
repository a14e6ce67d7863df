//! Runs the work of a refresh beside the answering of requests, which come first.

use rustix::{
    process::nice,
    thread::{CpuSet, sched_getaffinity, sched_setaffinity},
};

use crate::refresh::slack::give_back;

/// How much less the work of a refresh counts than requests, in steps of `nice`: about a tenth.
const MODESTY: i32 = 10;

/// Runs what waits for files on a thread of its own, which steps back for requests where there
/// are fewer processors than work (on Linux each thread has its own priority, and hands it on to
/// those that it starts).
///
/// # Errors
/// A sentence, where there is no thread to be had or the work broke off.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    let (give, take) = tokio::sync::oneshot::channel();
    std::thread::Builder::new()
        .name("refresh".to_owned())
        .spawn(move || {
            // Where it may not, requests wait a little longer.
            let _ = nice(MODESTY);
            let _ = give.send(work());
            give_back();
        })
        .map_err(|error| format!("failed: no thread to work with: {error}"))?;
    take.await
        .map_err(|_| "failed: the work broke off; this is a fault in the program".to_owned())
}

/// Where there are two processors, leaves one of them to requests: this thread, and what it
/// starts, keeps to the other. A refresh works with two threads, and Linux lets a thread go on
/// for up to a millisecond when one that counts more wakes up, so that less priority alone had
/// one request in a hundred wait ten times as long. Where there are more, one is free anyway; to
/// count for nothing (`SCHED_IDLE`) would let a flood of requests keep changes from being served.
pub(super) fn leave_a_processor() {
    let Ok(mut ours) = sched_getaffinity(None) else {
        return;
    };
    if ours.count() != 2 {
        return;
    }
    if let Some(first) = (0..CpuSet::MAX_CPU).find(|number| ours.is_set(*number)) {
        ours.unset(first);
        // Where it may not, requests wait a little longer.
        let _ = sched_setaffinity(None, &ours);
    }
}
