//! The log, from the newest commit to the oldest, by the names that files have today.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
};

use super::{ask, git, missing, refused, run};
use crate::article::Timestamp;

/// How many commits of one file are kept: more new layouts in a row are not looked through.
const KEPT: usize = 20;

/// A commit that changed a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Touch {
    /// Its object name.
    pub(super) commit: String,
    /// The author's date; `None` outside the years that can be written.
    pub(super) at: Option<Timestamp>,
    /// The version before; `None` where the commit made the file.
    pub(super) old: Option<String>,
    /// The version after.
    pub(super) new: String,
    /// Whether it brought branches together.
    pub(super) is_merge: bool,
}

/// The commits of every file by its name of today, the newest first. Those in `boundary`
/// are passed over.
pub(super) fn read(
    folder: &Path,
    boundary: &HashSet<String>,
) -> Result<HashMap<String, Vec<Touch>>, String> {
    let mut child = git(folder)
        .args([
            "log",
            "-z",
            "--format=commit %H %at",
            "--raw",
            // What a merge changed beyond both its sides.
            "--diff-merges=combined",
            "--no-abbrev",
            "-M",
        ])
        .args(["--relative", "--no-ext-diff", "--no-textconv", "HEAD"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| missing(&error))?;
    let mut names = Names {
        prefix: ask(folder, &["rev-parse", "--show-prefix"])?,
        present: present(folder)?,
        ..Names::default()
    };
    let failed = |error: std::io::Error| format!("git log failed: {error}");
    if let Some(output) = child.stdout.take() {
        parse(
            BufReader::with_capacity(1 << 16, output),
            boundary,
            &mut names,
        )
        .map_err(failed)?;
    }
    let status = child.wait().map_err(failed)?;
    if !status.success() {
        return Err(refused(format!("git log ended with {status}").as_bytes()));
    }
    Ok(names.files)
}

/// Fields end with NUL: `commit HASH TIME`, then for each file
/// `:MODE MODE OLD NEW STATUS`, its name, and for a rename the new name. A merge of two has
/// `::`, a mode and a version more, and one name. A line's end may stand before a field.
fn parse(
    mut input: impl BufRead,
    boundary: &HashSet<String>,
    names: &mut Names,
) -> std::io::Result<()> {
    let mut field = Vec::new();
    let mut commit: Option<(String, Option<Timestamp>)> = None;
    while next(&mut input, &mut field)? {
        let text = String::from_utf8_lossy(&field).trim_start().to_owned();
        if let Some(head) = text.strip_prefix("commit ") {
            let (hash, time) = head.split_once(' ').unwrap_or((head, ""));
            let at = time.trim().parse().ok();
            let at = at.and_then(|seconds| Timestamp::from_unix(seconds).ok());
            commit = (!boundary.contains(hash)).then(|| (hash.to_owned(), at));
            continue;
        }
        let raw = text.trim_start_matches(':');
        let parents = text.len() - raw.len();
        if parents == 0 {
            continue;
        }
        let parts: Vec<&str> = raw.split(' ').collect();
        let versions = parts.get(parents + 1..).unwrap_or_default();
        let ([old, .., new, status], true) = (versions, versions.len() == parents + 2) else {
            continue;
        };
        let mut first = name(&mut input, &mut field)?;
        if parents > 1 {
            // For these Git does not heed `--relative`.
            first = first.and_then(|name| Some(name.strip_prefix(&names.prefix)?.to_owned()));
        }
        let second = match status.as_bytes().first() {
            Some(b'R' | b'C') if parents == 1 => Some(name(&mut input, &mut field)?),
            _ => None,
        };
        // What each side did to a file does not matter: the merge changed it.
        let status = if parents == 1 { status } else { "M" };
        let Some((hash, at)) = &commit else {
            continue;
        };
        let touch = Touch {
            commit: hash.clone(),
            at: *at,
            old: old
                .bytes()
                .any(|byte| byte != b'0')
                .then(|| (*old).to_owned()),
            new: (*new).to_owned(),
            is_merge: parents > 1,
        };
        names.add(status, first, second, touch);
    }
    Ok(())
}

fn next(input: &mut impl BufRead, field: &mut Vec<u8>) -> std::io::Result<bool> {
    field.clear();
    let read = input.read_until(0, field)?;
    if field.last() == Some(&0) {
        field.pop();
    }
    Ok(read > 0)
}

/// A name that is not UTF-8 is of no use: such a file is rejected anyway.
fn name(input: &mut impl BufRead, field: &mut Vec<u8>) -> std::io::Result<Option<String>> {
    next(input, field)?;
    Ok(String::from_utf8(std::mem::take(field)).ok())
}

/// The names that files have today.
fn present(folder: &Path) -> Result<HashSet<String>, String> {
    let names = run(folder, &["ls-files", "-z"])?;
    let names = names.split(|byte| *byte == 0);
    Ok(names
        .filter_map(|name| String::from_utf8(name.to_vec()).ok())
        .collect())
}

/// Which file of today a name meant at the commit that is being looked at.
#[derive(Default)]
struct Names {
    files: HashMap<String, Vec<Touch>>,
    /// The path of the folder in the repository, with a slash at its end.
    prefix: String,
    /// The names of today.
    present: HashSet<String>,
    /// Earlier names.
    renamed: HashMap<String, String>,
    /// Names that meant another file before this point, or none.
    ended: HashSet<String>,
}

impl Names {
    fn add(
        &mut self,
        status: &str,
        first: Option<String>,
        second: Option<Option<String>>,
        touch: Touch,
    ) {
        let Some(then) = second.clone().unwrap_or_else(|| first.clone()) else {
            return;
        };
        let Some(today) = self.today(&then) else {
            return;
        };
        match status.as_bytes() {
            // Whoever has this name today got it after this.
            [b'D', ..] => {
                if !self.files.contains_key(&today) {
                    self.ended.insert(then);
                }
                return;
            }
            [b'R', ..] => {
                self.end(then);
                if let Some(Some(before)) = second.map(|_| first) {
                    self.ended.remove(&before);
                    self.join(&before, &today);
                    self.renamed.insert(before, today.clone());
                }
            }
            [b'A' | b'C', ..] => self.end(then),
            _ => {}
        }
        // A rename without a change of the text is none of the article.
        if touch.old.as_ref() == Some(&touch.new) {
            return;
        }
        let touches = self.files.entry(today).or_default();
        if touches.len() < KEPT {
            touches.push(touch);
        }
    }

    /// Gives a file what was done to it under an earlier name by commits that stand before
    /// the rename in the log: those of a branch that was merged after it.
    fn join(&mut self, before: &str, today: &str) {
        if self.present.contains(before) {
            return;
        }
        if let Some(early) = self.files.remove(before) {
            let touches = self.files.entry(today.to_owned()).or_default();
            touches.extend(early);
            touches.sort_by_key(|touch| Reverse(touch.at));
        }
    }

    fn today(&self, then: &str) -> Option<String> {
        if let Some(today) = self.renamed.get(then) {
            return Some(today.clone());
        }
        (!self.ended.contains(then)).then(|| then.to_owned())
    }

    fn end(&mut self, name: String) {
        self.renamed.remove(&name);
        self.ended.insert(name);
    }
}
