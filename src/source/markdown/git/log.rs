//! The log, from the newest commit to the oldest, by the names that files have today.

use std::{
    collections::{HashMap, HashSet},
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
};

use super::{git, missing, refused};
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
            "--no-abbrev",
            "-M",
        ])
        .args(["--relative", "--no-ext-diff", "--no-textconv", "HEAD"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| missing(&error))?;
    let mut names = Names::default();
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
/// `:MODE MODE OLD NEW STATUS`, its name, and for a rename the new name. A line's end may
/// stand before a field.
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
        let Some(raw) = text.strip_prefix(':') else {
            continue;
        };
        let parts: Vec<&str> = raw.split(' ').collect();
        let [_, _, old, new, status] = parts.as_slice() else {
            continue;
        };
        let first = name(&mut input, &mut field)?;
        let second = match status.as_bytes().first() {
            Some(b'R' | b'C') => Some(name(&mut input, &mut field)?),
            _ => None,
        };
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

/// Which file of today a name meant at the commit that is being looked at.
#[derive(Default)]
struct Names {
    files: HashMap<String, Vec<Touch>>,
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
