//! The `dateline` program. All of it is in the library; see `dateline::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    dateline::cli::run()
}
