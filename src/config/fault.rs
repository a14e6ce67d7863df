//! What is wrong with a configuration, shown where it stands.

use std::{fmt, ops::Range, path::PathBuf};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// Something wrong in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands, in bytes from the start of the file.
    pub(super) span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// All that is wrong, gathered while the file is read.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn add(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.0.push(Fault {
            span,
            message: message.into(),
            help: help.into(),
        });
    }

    /// In the order of the file; `None` when nothing is wrong.
    pub(super) fn into_sorted(mut self) -> Option<Vec<Fault>> {
        self.0
            .sort_by_key(|fault| (fault.span.start, fault.span.end));
        (!self.0.is_empty()).then_some(self.0)
    }
}

/// A configuration that cannot be used. Its text is a report for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigError {
    /// The file cannot be read.
    Unreadable {
        /// The file, with its whole path.
        file: PathBuf,
        /// What is wrong.
        message: String,
        /// What to do.
        help: String,
    },
    /// The file says what it cannot say.
    Invalid {
        /// The file as it was named.
        file: PathBuf,
        /// What stands in it, secrets left out.
        text: String,
        /// At least one, in the order of the file.
        faults: Vec<Fault>,
    },
}

impl ConfigError {
    /// The report, with or without colours of a terminal.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        match self {
            Self::Unreadable {
                file,
                message,
                help,
            } => {
                format!("error: {message}\n  --> {}\nhelp: {help}", file.display())
            }
            Self::Invalid { file, text, faults } => {
                let renderer = if colour {
                    Renderer::styled()
                } else {
                    Renderer::plain()
                };
                let name = file.display().to_string();
                let mut out = String::new();
                let text = masked(text);
                for fault in faults {
                    out.push_str(&show(&renderer.clone(), &name, &text, fault));
                    out.push_str("\n\n");
                }
                let plural = if faults.len() == 1 { "" } else { "s" };
                out.push_str(&format!("{} fault{plural} in {name}", faults.len()));
                out
            }
        }
    }

    /// Every fault with its line and column, both counted from 1 and in characters.
    #[must_use]
    pub fn faults(&self) -> Vec<(usize, usize, &Fault)> {
        match self {
            Self::Unreadable { .. } => Vec::new(),
            Self::Invalid { text, faults, .. } => {
                faults.iter().map(|fault| locate(text, fault)).collect()
            }
        }
    }
}

/// Keys whose values are for nobody who reads a log or a status page.
const SECRETS: [&str; 3] = ["token", "password", "secret"];

/// The text with stars for what stands behind the key of a secret, to the end of its line:
/// a report shows lines, also those with another fault. No place moves.
pub(super) fn without_secrets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (shown, hidden) = line.split_at(secret_in(line).unwrap_or(line.len()));
        out.push_str(shown);
        let is_space = |byte: u8| byte.is_ascii_whitespace();
        out.extend(hidden.bytes().map(|byte| {
            if is_space(byte) {
                char::from(byte)
            } else {
                '*'
            }
        }));
    }
    out
}

/// Where in a line the value of a secret begins.
fn secret_in(line: &str) -> Option<usize> {
    let behind = |key: &str| {
        line.match_indices(key).find_map(|(at, _)| {
            let end = at + key.len();
            let is_whole = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-');
            let before = line.get(..at)?.chars().next_back();
            let rest = line.get(end..)?;
            let rest = rest.trim_start_matches(['"', '\'']).trim_start();
            let is_key = !before.is_some_and(is_whole) && rest.starts_with('=');
            is_key.then(|| line.len() - rest.len() + 1)
        })
    };
    SECRETS.iter().filter_map(|key| behind(key)).min()
}

fn locate<'a>(text: &str, fault: &'a Fault) -> (usize, usize, &'a Fault) {
    let before = text.get(..fault.span.start).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    (line, column, fault)
}

fn show(renderer: &Renderer, name: &str, text: &str, fault: &Fault) -> String {
    let snippet = Snippet::source(text)
        .path(name)
        .annotation(AnnotationKind::Primary.span(on_one_line(text, &fault.span)));
    let group = Level::ERROR
        .primary_title(wrap(&fault.message, WIDTH - "error: ".len()))
        .element(snippet)
        .element(Level::HELP.message(wrap(&fault.help, WIDTH - "  = help: ".len() - 2)));
    renderer.render(&[group])
}

/// The text with a star for each byte of a password in a URL: a report may end up in a log.
fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (number, part) in text.split("://").enumerate() {
        if number == 0 {
            out.push_str(part);
            continue;
        }
        out.push_str("://");
        let end = part.find(['/', '"', '\'', '\n', '?']).unwrap_or(part.len());
        let user = part[..end].rfind('@').map(|at| &part[..at]);
        match user.and_then(|user| user.split_once(':')) {
            Some((name, password)) => {
                out.push_str(name);
                out.push(':');
                out.extend(std::iter::repeat_n('*', password.len()));
                out.push_str(&part[name.len() + 1 + password.len()..]);
            }
            None => out.push_str(part),
        }
    }
    out
}

/// How wide a terminal is taken to be.
const WIDTH: usize = 80;

/// Breaks a sentence between words, into lines of at most `width` characters.
fn wrap(text: &str, width: usize) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut used = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            out.push('\n');
            used = 0;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
    }
    out
}

/// A caret under a whole table would be a screen long: the first line shows where it is.
fn on_one_line(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = span.start.min(text.len());
    let end = span.end.clamp(start, text.len());
    let first = text.get(start..end).and_then(|inside| inside.find('\n'));
    start..first.map_or(end, |length| start + length)
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn secrets_are_hidden_and_nothing_moves() {
        for (line, shown) in [
            (r#"token = "abc d" # so"#, "token = **** ** * **"),
            ("\"token\"='x'\r\nnext = 1\n", "\"token\"=***\r\nnext = 1\n"),
            (r#"admin = { token = "ä" }"#, "admin = { token = **** *"),
            (r#"token_file = "a.token""#, r#"token_file = "a.token""#),
            ("# a token is needed\n", "# a token is needed\n"),
        ] {
            assert_eq!(without_secrets(line), shown);
            assert_eq!(without_secrets(line).len(), line.len());
        }
    }
}
