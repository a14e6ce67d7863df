//! What systemd is told (`sd_notify(3)`). Without systemd nobody listens, and nothing fails.

use std::time::Duration;

use sd_notify::NotifyState;

/// The documents are being served.
pub(super) fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// The configuration is being read anew; [`ready`] ends it. The instant is what
/// `Type=notify-reload` tells the end of this reload from that of another by.
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(instant) => tell(&[NotifyState::Reloading, instant]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

/// No more connections are taken.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// How often systemd wants to hear that the process is alive: half of its patience.
pub(super) fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(|patience| patience / 2)
}

/// The process is alive.
pub(super) fn alive() {
    tell(&[NotifyState::Watchdog]);
}

/// A message to a socket that is full is lost; the next one is not.
fn tell(states: &[NotifyState<'_>]) {
    let _ = sd_notify::notify(states);
}
