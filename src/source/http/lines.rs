//! An object a line, read as they come: an export may be of any length.

use std::io::{BufRead, Read as _};

use super::page::{Entry, entry};
use crate::source::file::MAX_LINE_BYTES;

/// Hands the object of each line to `each`, and says how many lines there were. A broken line is
/// rejected alone, and blank ones are passed over.
///
/// # Errors
/// What is wrong, where there is nothing, a page for people, more than `limit` bytes, or a line
/// that is too long; and where the lines break off.
pub(super) fn read(
    mut lines: impl BufRead,
    limit: usize,
    each: &mut dyn FnMut(Entry),
) -> Result<usize, String> {
    let (mut bytes, mut total, mut blank, mut count) = (Vec::new(), 0_usize, 0, 0);
    loop {
        bytes.clear();
        let most = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX);
        let read = (&mut lines).take(most + 1).read_until(b'\n', &mut bytes);
        let read = read.map_err(|error| format!("breaks off: {error}"))?;
        total = total.saturating_add(read);
        if total > limit {
            return Err(format!("sends more than {limit} bytes"));
        }
        blank += read;
        if blank > MAX_LINE_BYTES {
            return Err(format!(
                "has more than {MAX_LINE_BYTES} bytes in one line, or without an article"
            ));
        }
        if read == 0 {
            break;
        }
        let line = bytes.trim_ascii();
        let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        if line.is_empty() {
            continue;
        }
        if count == 0 && line.starts_with(b"<") {
            return Err(
                "gives a page for people (HTML) and no articles; see url in [source.http]"
                    .to_owned(),
            );
        }
        count += 1;
        blank = 0;
        each(match std::str::from_utf8(line) {
            Ok(line) => entry(line),
            Err(_) => Err("the line is not UTF-8".to_owned()),
        });
    }
    if count == 0 {
        return Err("gives an empty answer".to_owned());
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        let count = read(text, 1_000, &mut |entry| {
            found.push(entry.map_or_else(
                |fault| fault,
                |entry| {
                    entry
                        .values()
                        .next()
                        .map_or_else(String::new, ToString::to_string)
                },
            ));
        })?;
        assert_eq!(count, found.len());
        Ok(found)
    }

    #[test]
    fn a_broken_line_is_rejected_alone() {
        let text = b"\xEF\xBB\xBF{\"id\":1}\r\n\n{\"id\":\n\xFF\n[]\n{\"id\":2}";
        let found = lines(text).unwrap();
        assert_eq!((found[0].as_str(), found[4].as_str()), ("1", "2"));
        assert!(found[1].contains("EOF"), "{found:?}");
        assert_eq!(found[2], "the line is not UTF-8");
        assert!(found[3].contains("must be a table"), "{found:?}");
    }

    #[test]
    fn what_is_no_catalogue_is_an_error() {
        for (text, what) in [
            (" \n\n".to_owned(), "an empty answer"),
            ("<!doctype html>\n".to_owned(), "a page for people"),
            ("{}\n".repeat(400), "more than 1000 bytes"),
        ] {
            let error = lines(text.as_bytes()).unwrap_err();
            assert!(error.contains(what), "{error}");
        }
        let long = vec![b' '; MAX_LINE_BYTES + 1];
        let error = read(&*long, usize::MAX, &mut |_| {}).unwrap_err();
        assert!(error.contains("bytes in one line"), "{error}");
    }
}
