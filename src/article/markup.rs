//! Reads markup as a browser's tokenizer would, one mark after the other.
//!
//! Nothing is built and nothing nests, so time and memory are linear in the input.

use std::cell::RefCell;

use html5ever::{
    buffer_queue::BufferQueue,
    tendril::StrTendril,
    tokenizer::{
        Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer,
        states::RawKind::{Rawtext, Rcdata, ScriptData},
    },
};

/// What stands in markup.
#[derive(Debug)]
pub enum Mark<'a> {
    /// `<name attribute="value">`; the name is in lower case, values are decoded.
    Start(&'a Tag),
    /// `</name>`
    End(&'a str),
    /// Decoded text; one run of text may come in several pieces.
    Text(&'a str),
}

/// Elements inside a word or a line; every other boundary separates words.
pub const INLINE: [&str; 36] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "ins", "kbd", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small",
    "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
];

/// Whether the marks of this element leave a word whole; those of all others divide words.
#[must_use]
pub fn is_inline(name: &str) -> bool {
    INLINE.contains(&name)
}

/// Hands every mark of `markup` to `each`, in order. Comments and doctypes are no marks.
pub fn walk(markup: &str, each: impl FnMut(Mark<'_>)) {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(markup));
    let walker = Walker(RefCell::new(each));
    let tokenizer = Tokenizer::new(walker, tokenizer_options());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
}

fn tokenizer_options() -> html5ever::tokenizer::TokenizerOpts {
    html5ever::tokenizer::TokenizerOpts {
        // A U+FEFF at the start belongs to the text, as everywhere else in it.
        discard_bom: false,
        ..Default::default()
    }
}

struct Walker<F>(RefCell<F>);

impl<F: FnMut(Mark<'_>)> TokenSink for Walker<F> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut each = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                each(Mark::Start(&tag));
                return state_inside(&tag.name);
            }
            Token::TagToken(tag) => each(Mark::End(&tag.name)),
            Token::CharacterTokens(text) => each(Mark::Text(&text)),
            Token::NullCharacterToken => each(Mark::Text("\u{FFFD}")),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// The elements whose content is no markup (HTML, section 13.2.6.4, "in body").
fn state_inside(name: &str) -> TokenSinkResult<()> {
    match name {
        "script" => TokenSinkResult::RawData(ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" | "noscript" => {
            TokenSinkResult::RawData(Rawtext)
        }
        "title" | "textarea" => TokenSinkResult::RawData(Rcdata),
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(markup: &str) -> String {
        let mut out = String::new();
        walk(markup, |mark| match mark {
            Mark::Start(tag) => {
                out.push_str(&format!("<{}", tag.name));
                for attribute in &tag.attrs {
                    out.push_str(&format!(" {}={}", attribute.name.local, attribute.value));
                }
                out.push('>');
            }
            Mark::End(name) => out.push_str(&format!("</{name}>")),
            Mark::Text(text) => out.push_str(text),
        });
        out
    }

    #[test]
    fn names_are_lower_case_and_text_is_decoded() {
        assert_eq!(
            marks("<A HREF='?a&amp;b'>x &lt;&#x79;&gt;</A><!-- no -->"),
            "<a href=?a&b>x <y></a>"
        );
    }

    #[test]
    fn the_content_of_a_script_is_no_markup() {
        assert_eq!(
            marks("<script>if (a<b) '<i>'</script>c"),
            "<script>if (a<b) '<i>'</script>c"
        );
    }
}
