//! The process: how it begins, stops, and talks to systemd.
