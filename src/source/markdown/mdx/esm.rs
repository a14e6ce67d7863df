//! Where an import or export of MDX ends.

/// What may follow `export`.
const EXPORTED: [&str; 10] = [
    "const ",
    "let ",
    "var ",
    "function ",
    "function*",
    "class ",
    "async ",
    "default ",
    "{",
    "*",
];
/// A line that ends with one of these goes on.
const OPEN_END: [char; 12] = ['=', ',', '+', '-', '*', '&', '|', '?', ':', '.', '>', '<'];
/// A line that begins with one of these belongs to the one before.
const OPEN_START: [char; 6] = ['.', '?', ':', '|', '&', '='];

/// More than this is not looked through for the end of one statement.
const MAX_BYTES: usize = 32 * 1024;

/// The length of the import or export that `text` begins with, its line end included; 0 if
/// it begins with none.
pub(super) fn length(text: &str) -> usize {
    let is_statement = if let Some(rest) = text.strip_prefix("import ") {
        let statement = &rest[..end(rest)];
        let is_bare = rest.starts_with(['"', '\'']);
        is_bare || statement.contains("from ") && statement.contains(['"', '\''])
    } else if let Some(rest) = text.strip_prefix("export ") {
        EXPORTED.iter().any(|word| rest.starts_with(word))
    } else {
        false
    };
    if is_statement { end(text) } else { 0 }
}

/// Where the statement at the beginning ends: with the line on which nothing is open any more
/// and that the next one does not go on from. What stays open to the end of the text is
/// mistyped, and ends at the first blank line, so that it does not take the article with it.
fn end(text: &str) -> usize {
    let mut code = Code::default();
    let mut offset = 0;
    let mut first_blank = None;
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            first_blank.get_or_insert(offset);
        }
        offset += line.len();
        code.read(line);
        let next = text[offset..].lines().next().unwrap_or_default();
        if !code.is_open() && !goes_on(next) {
            return offset;
        }
        if offset > MAX_BYTES {
            break;
        }
    }
    match first_blank {
        Some(blank) if code.is_open() => blank,
        _ => offset,
    }
}

fn goes_on(line: &str) -> bool {
    let is_indented = line.starts_with([' ', '\t']) && !line.trim().is_empty();
    is_indented || line.starts_with(OPEN_START) || line.starts_with("from ")
}

/// JavaScript as far as its brackets go.
#[derive(Debug, Default)]
struct Code {
    depth: i32,
    /// Of a string; of a comment, `/`.
    quote: Option<char>,
    /// The last character that is neither space nor comment.
    last: Option<char>,
}

impl Code {
    fn read(&mut self, line: &str) {
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match (self.quote, c) {
                (Some('/'), '*') if chars.peek() == Some(&'/') => {
                    chars.next();
                    self.quote = None;
                }
                (Some('/'), _) => {}
                (Some(_), '\\') => drop(chars.next()),
                (Some(open), c) if c == open => self.quote = None,
                // None but a template goes over a line's end.
                (Some('"' | '\''), '\n') => self.quote = None,
                (Some(_), _) => {}
                (None, '/') if chars.peek() == Some(&'/') => return,
                (None, '/') if chars.peek() == Some(&'*') => {
                    chars.next();
                    self.quote = Some('/');
                }
                (None, c) => self.code(c),
            }
        }
    }

    fn code(&mut self, c: char) {
        match c {
            '"' | '\'' | '`' => self.quote = Some(c),
            '{' | '(' | '[' => self.depth += 1,
            '}' | ')' | ']' => self.depth -= 1,
            _ => {}
        }
        if !c.is_whitespace() {
            self.last = Some(c);
        }
    }

    fn is_open(&self) -> bool {
        let goes_on = self.last.is_some_and(|last| OPEN_END.contains(&last));
        self.depth > 0 || self.quote.is_some() || goes_on
    }
}
