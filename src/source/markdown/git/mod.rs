//! When the files of a folder were last changed by a commit.
//!
//! One `git log` for the whole tree: it takes two seconds for 10,000 files and 5,000 commits,
//! and four times that with a path, so none is given. The author's date counts: a rebase or
//! a cherry-pick is no change of the article.

mod blobs;
mod log;

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use crate::article::Timestamp;
use blobs::Blobs;
use log::Touch;

/// A commit that is the last of more files than this is looked at closely.
const MANY: usize = 20;

/// What Git says of a folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct History {
    dates: HashMap<String, Timestamp>,
    /// For the operator: what stands in the way, and what to do.
    pub(super) remarks: Vec<String>,
}

impl History {
    /// The last commit that changed what stands in the file with this path.
    pub(super) fn of(&self, path: &str) -> Option<Timestamp> {
        self.dates.get(path).copied()
    }
}

/// Whether two versions of a file say the same.
type Same<'a> = dyn Fn(&[u8], &[u8]) -> bool + 'a;

/// The history of the last look, used again until there are new commits.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Option<(String, Arc<Dated>)>>);

/// What commits say, without a look at the files themselves.
#[derive(Debug, Default)]
struct Dated {
    /// The newest version in Git of each file, and when it changed in content.
    files: HashMap<String, (String, Option<Timestamp>)>,
    remarks: Vec<String>,
}

impl Cache {
    /// What Git says of `folder` now.
    pub(super) fn history(&self, folder: &Path, same: &Same<'_>) -> Arc<History> {
        let history = self.look(folder, same).unwrap_or_else(|remark| History {
            remarks: vec![remark],
            ..History::default()
        });
        Arc::new(history)
    }

    fn look(&self, folder: &Path, same: &Same<'_>) -> Result<History, String> {
        let head = ask(folder, &["rev-parse", "HEAD"])?;
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let dated = match &*last {
            Some((known, dated)) if *known == head => Arc::clone(dated),
            _ => {
                let dated = Arc::new(date(folder, same)?);
                *last = Some((head, Arc::clone(&dated)));
                dated
            }
        };
        let edited = edited(folder)?;
        let mut blobs = Blobs::of(folder);
        let mut dates = HashMap::with_capacity(dated.files.len());
        for (path, (blob, date)) in &dated.files {
            let Some(date) = date else { continue };
            // A commit does not date what was changed after it.
            if edited.contains(path) {
                let here = std::fs::read(folder.join(path)).unwrap_or_default();
                if !same(&blobs.read(blob)?, &here) {
                    continue;
                }
            }
            dates.insert(path.clone(), *date);
        }
        Ok(History {
            dates,
            remarks: dated.remarks.clone(),
        })
    }
}

/// Reads the log and weighs what it says.
fn date(folder: &Path, same: &Same<'_>) -> Result<Dated, String> {
    let boundary = boundary(folder)?;
    let mut remarks = Vec::new();
    if !boundary.is_empty() {
        remarks.push(
            "the Git history is cut off (a shallow clone), and what lies at the cut dates \
             nothing; fetch the rest with git fetch --unshallow"
                .to_owned(),
        );
    }
    let files = log::read(folder, &boundary)?;
    let mut blobs = Blobs::of(folder);
    let last = weigh(&files, same, &mut blobs)?;
    let mass = mass(&last, files.len());
    for (commit, count) in &mass {
        let short = commit.get(..12).unwrap_or(commit);
        remarks.push(format!(
            "the commit {short} is the last of {count} of {} files, as after an import; it \
             dates none of them",
            files.len()
        ));
    }
    let files = files
        .iter()
        .filter_map(|(path, touches)| {
            let newest = touches.first()?.new.clone();
            let date = last
                .get(path.as_str())
                .filter(|touch| !mass.contains_key(&touch.commit))
                .and_then(|touch| touch.at);
            Some((path.clone(), (newest, date)))
        })
        .collect();
    Ok(Dated { files, remarks })
}

/// The last commit of each file that changed what it says. To tell costs two versions of a
/// file, so it is done for commits that touch many: an edit is not one of those, and a new
/// layout is.
fn weigh<'a>(
    files: &'a HashMap<String, Vec<Touch>>,
    same: &Same<'_>,
    blobs: &mut Blobs<'_>,
) -> Result<HashMap<&'a str, &'a Touch>, String> {
    let mut touched: HashMap<&str, usize> = HashMap::new();
    for touch in files.values().flatten() {
        *touched.entry(&touch.commit).or_default() += 1;
    }
    let is_many = |commit: &str| touched.get(commit).is_some_and(|count| *count > MANY);
    let mut last = HashMap::new();
    for (path, touches) in files {
        for touch in touches {
            // A merge that took one side's version changed nothing by itself.
            let taken = |other: &Touch| !other.is_merge && other.new == touch.new;
            if touch.is_merge && touches.iter().any(taken) {
                continue;
            }
            if let Some(old) = touch.old.as_ref().filter(|_| is_many(&touch.commit))
                && same(&blobs.read(old)?, &blobs.read(&touch.new)?)
            {
                continue;
            }
            last.insert(path.as_str(), touch);
            break;
        }
    }
    Ok(last)
}

/// Commits that are the last of more than a fifth of all files, and of more than twenty:
/// nobody edits so much at once. The same line as the guard's against a mass touch.
fn mass(last: &HashMap<&str, &Touch>, files: usize) -> HashMap<String, usize> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for touch in last.values() {
        *counts.entry(touch.commit.clone()).or_default() += 1;
    }
    counts.retain(|_, count| *count > MANY && *count * 5 > files);
    counts
}

/// The commits at which a shallow clone ends: they seem to add every file.
fn boundary(folder: &Path) -> Result<HashSet<String>, String> {
    let path = ask(
        folder,
        &[
            "rev-parse",
            "--path-format=absolute",
            "--git-path",
            "shallow",
        ],
    )?;
    let commits = std::fs::read_to_string(path).unwrap_or_default();
    Ok(commits.lines().map(str::to_owned).collect())
}

/// Files that are not as they were committed.
fn edited(folder: &Path) -> Result<HashSet<String>, String> {
    let names = run(
        folder,
        &[
            "diff",
            "--name-only",
            "-z",
            "--relative",
            "--no-ext-diff",
            "HEAD",
        ],
    )?;
    let names = names.split(|byte| *byte == 0);
    Ok(names
        .filter_map(|name| String::from_utf8(name.to_vec()).ok())
        .filter(|name| !name.is_empty())
        .collect())
}

/// Git in `folder`, without what a user's own settings would do to its output.
fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        // A monitor is a program that a repository may name; none is run.
        .args([
            "-c",
            "core.fsmonitor=false",
            "-c",
            "log.showSignature=false",
            "-c",
            "log.showRoot=true",
            "-c",
            "diff.orderFile=/dev/null",
        ])
        // A hook of Git's runs with these, and they may name another repository.
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .env_remove("GIT_PREFIX")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let output = git(folder)
        .args(arguments)
        .output()
        .map_err(|error| missing(&error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(refused(&output.stderr))
}

/// One line of output.
fn ask(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = run(folder, arguments)?;
    Ok(String::from_utf8_lossy(&output).trim_end().to_owned())
}

fn missing(error: &std::io::Error) -> String {
    format!("git = true, and Git cannot be run: {error}; install it, or leave the key out")
}

fn refused(stderr: &[u8]) -> String {
    let said = String::from_utf8_lossy(stderr);
    let line = said
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("nothing");
    let line = line.trim_start_matches("fatal: ");
    if line.contains("dubious ownership") {
        return "git = true, and Git does not trust the folder, which belongs to another user; run \
                git config --global --add safe.directory FOLDER as the user who runs this"
            .to_owned();
    }
    format!("git = true, and there is no Git history to read: {line}")
}

#[cfg(test)]
mod tests;
