//! Versions of files, from one long-lived `git cat-file`.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Stdio},
};

use super::{git, missing};

/// More than this is no article.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Hands out versions by their object names. Git is started with the first one.
pub(super) struct Blobs<'a> {
    folder: &'a Path,
    running: Option<Running>,
}

struct Running {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl<'a> Blobs<'a> {
    pub(super) const fn of(folder: &'a Path) -> Self {
        Self {
            folder,
            running: None,
        }
    }

    /// What stands in a version; nothing where Git does not have it.
    pub(super) fn read(&mut self, name: &str) -> Result<Vec<u8>, String> {
        let running = match &mut self.running {
            Some(running) => running,
            none => none.insert(Running::start(self.folder)?),
        };
        running
            .read(name)
            .map_err(|error| format!("git cat-file failed: {error}"))
    }
}

impl Running {
    fn start(folder: &Path) -> Result<Self, String> {
        let mut child = git(folder)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| missing(&error))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(input), Some(output)) => Ok(Self {
                child,
                input,
                output: BufReader::new(output),
            }),
            _ => Err("git cat-file has no pipes".to_owned()),
        }
    }

    /// The answer is `NAME TYPE SIZE`, the bytes, and a line's end; or `NAME missing`.
    fn read(&mut self, name: &str) -> std::io::Result<Vec<u8>> {
        writeln!(self.input, "{name}")?;
        self.input.flush()?;
        let mut head = String::new();
        self.output.read_line(&mut head)?;
        let size = head.split_whitespace().nth(2);
        let Some(size) = size.and_then(|size| size.parse::<u64>().ok()) else {
            return Ok(Vec::new());
        };
        let mut bytes = Vec::new();
        let kept = size.min(MAX_BYTES);
        self.output.by_ref().take(kept).read_to_end(&mut bytes)?;
        let mut rest = self.output.by_ref().take(size - kept + 1);
        std::io::copy(&mut rest, &mut std::io::sink())?;
        Ok(bytes)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It would end by itself when its input does; nothing is to be left waiting for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
