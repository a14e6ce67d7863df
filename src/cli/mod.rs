//! The commands, one file each. Holds no logic: reads arguments, calls the rooms, writes for
//! people or programs.

mod accept;
mod adopt;
mod build;
mod check;
mod console;
mod explain;
mod health;
mod history;
mod links;
mod refresh;
mod serve;
mod setup;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum, error::ErrorKind};
use clap_complete::Shell;

use crate::process::logs;

/// Serves an article catalogue as RSS, Atom, JSON Feed and sitemaps, with dates that can be
/// believed.
#[derive(Debug, Parser)]
#[command(name = "dateline", version)]
#[command(after_help = "Exit status: 0 good; 1 faults were found; 2 it could not run.")]
struct Cli {
    /// The configuration
    #[arg(long, global = true, value_name = "FILE", default_value = "feeds.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the documents over HTTP (the default)
    Serve(ServeArgs),
    /// Read everything and serve nothing: shows faults, rejected articles and documents
    Check {
        /// How to write the result
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Write every document into a folder, under its own path
    Build {
        /// The folder; made if it is not there
        dir: PathBuf,
        /// Write gzip and br forms and a _headers file too, and remove what an earlier run
        /// with this wrote and is no longer served
        #[arg(long)]
        coded: bool,
    },
    /// Say why an article or a document carries its date
    Explain {
        /// The address or id of an article, or the path of a document
        url: String,
        /// How to write the result
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Take what a guard holds, after saying what that is
    Accept {
        /// Only say what it is
        #[arg(long)]
        dry_run: bool,
    },
    /// Move what is remembered of dates and ids to another store
    History {
        #[command(subcommand)]
        command: history::Command,
    },
    /// Take over ids and dates from the feeds and sitemaps that the site has had so far
    Adopt {
        /// RSS, Atom, JSON Feed or sitemap: files or URLs
        #[arg(required = true, value_name = "FEED-OR-SITEMAP")]
        documents: Vec<String>,
    },
    /// Ask the running server to read its origin and its configuration now
    Refresh,
    /// Ask whether the running server serves; for health checks of containers
    Health,
    /// Print how a page tells of the feeds: tags for its head
    Links {
        /// The same as Link fields of a response
        #[arg(long)]
        headers: bool,
    },
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Debug, Clone, Default, Args)]
struct ServeArgs {
    /// Listen here and not where the configuration says; port 0 picks a free one
    #[arg(long, value_name = "ADDR", value_parser = address)]
    listen: Option<SocketAddr>,
    /// Write the log as text or JSON; without this, text on a terminal and JSON elsewhere
    #[arg(long, value_name = "FORMAT", value_enum)]
    log: Option<logs::Format>,
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    let help = "write an address and a port, such as 127.0.0.1:8080 or [::1]:8080";
    text.parse().map_err(|_| help)
}

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// What a command came to, as design and scripts know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// All is good.
    Good = 0,
    /// The command ran and found faults.
    Faults = 1,
    /// It could not run.
    Failed = 2,
}

/// Runs the program with the arguments of the process.
#[must_use]
pub fn run() -> ExitCode {
    let Cli {
        config,
        command,
        serve,
    } = Cli::parse();
    if command.is_some() && (serve.listen.is_some() || serve.log.is_some()) {
        let message = "--listen and --log belong behind the command serve";
        Cli::command()
            .error(ErrorKind::ArgumentConflict, message)
            .exit();
    }
    let status = match command.unwrap_or(Command::Serve(serve)) {
        Command::Serve(args) => serve::run(&config, &args),
        Command::Check { format } => check::run(&config, format),
        Command::Build { dir, coded } => build::run(&config, &dir, coded),
        Command::Explain { url, format } => explain::run(&config, &url, format),
        Command::Accept { dry_run } => accept::run(&config, dry_run),
        Command::History { command } => history::run(&config, &command),
        Command::Adopt { documents } => adopt::run(&config, &documents),
        Command::Refresh => refresh::run(&config),
        Command::Health => health::run(&config),
        Command::Links { headers } => links::run(&config, headers),
        Command::Completions { shell } => {
            let mut out = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "dateline", &mut out);
            console::write(&out, Status::Good)
        }
        Command::Man => man(),
    };
    ExitCode::from(status as u8)
}

fn man() -> Status {
    let mut out = Vec::new();
    match clap_mangen::Man::new(Cli::command()).render(&mut out) {
        Ok(()) => console::write(&out, Status::Good),
        Err(error) => {
            console::say(&format!("the manual page cannot be written: {error}"));
            Status::Failed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
