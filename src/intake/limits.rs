//! How large and how deep an article's markup may be, measured before it is sanitised.
//!
//! The sanitiser's parser takes time with the square of the nesting (50,000 open `<div>`
//! take ten seconds) and with the square of the attributes of one tag, and it repeats
//! unclosed formatting in every paragraph. So the markup first goes through that same
//! parser in slices, with a tree that is only counted, and the first limit passed ends it.
//! Only the parser itself knows how it will repair broken nesting; a count of brackets
//! can be fooled.

use std::{borrow::Cow, cell::Cell, rc::Rc};

use html5ever::{
    Attribute, ExpandedName, LocalName, QualName, TokenizerResult,
    buffer_queue::BufferQueue,
    ns,
    tendril::StrTendril,
    tokenizer::{Token, TokenSink, TokenSinkResult, Tokenizer},
    tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeBuilder, TreeSink},
};

/// The most bytes that one article's text may have, as written and as HTML.
pub const MAX_BYTES: usize = 2 * 1024 * 1024;
/// The most elements that may stand one in another.
pub const MAX_DEPTH: usize = 256;
/// The most elements that the parser may make of an article.
const MAX_ELEMENTS: usize = 250_000;
/// The most places in one tag where an attribute could begin.
const MAX_ATTRIBUTE_MARKS: usize = 20_000;
/// So short a text has no room for a tag with too many attributes.
const SHORT_BYTES: usize = 64 * 1024;
const SLICE_BYTES: usize = 4 * 1024;

/// Markup past a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooLarge {
    /// Past [`MAX_BYTES`].
    #[error("the text is larger than 2 MiB; split the article")]
    Bytes,
    /// Past [`MAX_DEPTH`].
    #[error("elements stand more than 256 deep in one another; close the open ones")]
    Depth,
    /// Past [`MAX_ELEMENTS`].
    #[error("the text makes more than 250,000 elements; split the article")]
    Elements,
    /// A tag or comment that goes on and on.
    #[error("a tag has too many attributes; is a quotation mark missing?")]
    Attributes,
}

/// Checks that the text of an article, in any language, is not too long.
///
/// # Errors
/// [`TooLarge::Bytes`].
pub const fn check_bytes(text: &str) -> Result<(), TooLarge> {
    if text.len() > MAX_BYTES {
        return Err(TooLarge::Bytes);
    }
    Ok(())
}

/// Checks that `html` can be sanitised in little time and memory.
///
/// # Errors
/// The first limit that it passes.
pub fn check(html: &str) -> Result<(), TooLarge> {
    check_bytes(html)?;
    // A tag opens one element, so a text of few tags cannot nest deeply.
    let tags = html.bytes().filter(|b| *b == b'<').count();
    if html.len() <= SHORT_BYTES && tags <= MAX_DEPTH {
        return Ok(());
    }
    let tokenizer = Tokenizer::new(Watch::new(), Default::default());
    let input = BufferQueue::default();
    let mut rest = html;
    let mut marks = 0;
    while !rest.is_empty() {
        let (slice, tail) = rest.split_at(rest.floor_char_boundary(SLICE_BYTES));
        let tokens = tokenizer.sink.tokens.get();
        input.push_back(StrTendril::from(slice));
        // It stops behind each script, as a browser would to run it.
        while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
        let silent = tokenizer.sink.tokens.get() == tokens;
        marks = if silent {
            marks + attribute_marks(slice)
        } else {
            0
        };
        if marks > MAX_ATTRIBUTE_MARKS {
            return Err(TooLarge::Attributes);
        }
        tokenizer.sink.builder.sink.check()?;
        rest = tail;
    }
    Ok(())
}

fn attribute_marks(slice: &str) -> usize {
    let separates = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'/' | b'"' | b'\'');
    slice.bytes().filter(|b| separates(b)).count()
}

/// The parser, with a count of the tokens that it was given.
struct Watch {
    builder: TreeBuilder<Rc<Node>, Count>,
    tokens: Cell<usize>,
}

impl Watch {
    fn new() -> Self {
        // The sanitiser parses as if inside a `div`, too.
        let context = Node::new(element("div"), 0);
        Self {
            builder: TreeBuilder::new_for_fragment(
                Count::default(),
                context,
                None,
                Default::default(),
            ),
            tokens: Cell::new(0),
        }
    }
}

impl TokenSink for Watch {
    type Handle = Rc<Node>;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Rc<Node>> {
        if !matches!(token, Token::ParseError(_)) {
            self.tokens.set(self.tokens.get() + 1);
        }
        self.builder.process_token(token, line)
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder
            .adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// An element of which only the name and the place are known.
struct Node {
    name: QualName,
    depth: Cell<usize>,
}

impl Node {
    fn new(name: QualName, depth: usize) -> Rc<Self> {
        let depth = Cell::new(depth);
        Rc::new(Self { name, depth })
    }
}

fn element(name: &str) -> QualName {
    QualName::new(None, ns!(html), LocalName::from(name))
}

/// A tree that keeps nothing of what is put into it but two numbers.
#[derive(Default)]
struct Count {
    elements: Cell<usize>,
    deepest: Cell<usize>,
}

impl Count {
    fn check(&self) -> Result<(), TooLarge> {
        if self.deepest.get() > MAX_DEPTH {
            return Err(TooLarge::Depth);
        }
        if self.elements.get() > MAX_ELEMENTS {
            return Err(TooLarge::Elements);
        }
        Ok(())
    }

    fn place(&self, child: NodeOrText<Rc<Node>>, depth: usize) {
        if let NodeOrText::AppendNode(node) = child {
            node.depth.set(depth);
            self.deepest.set(self.deepest.get().max(depth));
        }
    }
}

impl TreeSink for Count {
    type Handle = Rc<Node>;
    type Output = Self;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Self {
        self
    }

    fn get_document(&self) -> Rc<Node> {
        Node::new(element("html"), 0)
    }

    fn elem_name<'a>(&'a self, target: &'a Rc<Node>) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn create_element(&self, name: QualName, _: Vec<Attribute>, _: ElementFlags) -> Rc<Node> {
        self.elements.set(self.elements.get() + 1);
        Node::new(name, 0)
    }

    fn create_comment(&self, _: StrTendril) -> Rc<Node> {
        Node::new(element("comment"), 0)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Rc<Node> {
        Node::new(element("instruction"), 0)
    }

    fn append(&self, parent: &Rc<Node>, child: NodeOrText<Rc<Node>>) {
        self.place(child, parent.depth.get() + 1);
    }

    fn append_before_sibling(&self, sibling: &Rc<Node>, child: NodeOrText<Rc<Node>>) {
        self.place(child, sibling.depth.get());
    }

    fn append_based_on_parent_node(
        &self,
        _table: &Rc<Node>,
        above_table: &Rc<Node>,
        child: NodeOrText<Rc<Node>>,
    ) {
        self.place(child, above_table.depth.get() + 1);
    }

    fn get_template_contents(&self, target: &Rc<Node>) -> Rc<Node> {
        Rc::clone(target)
    }

    fn same_node(&self, x: &Rc<Node>, y: &Rc<Node>) -> bool {
        Rc::ptr_eq(x, y)
    }

    fn parse_error(&self, _: Cow<'static, str>) {}
    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}
    fn set_quirks_mode(&self, _: QuirksMode) {}
    fn add_attrs_if_missing(&self, _: &Rc<Node>, _: Vec<Attribute>) {}
    fn remove_from_parent(&self, _: &Rc<Node>) {}
    fn reparent_children(&self, _: &Rc<Node>, _: &Rc<Node>) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(tag: &str, times: usize) -> String {
        format!("<{tag}>").repeat(times)
    }

    #[test]
    fn the_limits_themselves_are_allowed() {
        assert_eq!(check(&"x".repeat(MAX_BYTES)), Ok(()));
        assert_eq!(check(&"x".repeat(MAX_BYTES + 1)), Err(TooLarge::Bytes));
        // The parser's own `html` is the first of the 256.
        let padding = "x".repeat(SHORT_BYTES);
        let deep = |times| check(&(nested("div", times) + &padding));
        assert_eq!(deep(MAX_DEPTH - 1), Ok(()));
        assert_eq!(deep(MAX_DEPTH), Err(TooLarge::Depth));
    }

    #[test]
    fn every_way_to_nest_is_seen() {
        let bombs = [
            nested("div", 50_000),
            nested("unknown", 50_000),
            nested("table><tr><td", 50_000),
            nested("li><dd", 50_000),
            // None of these end tags closes what it names.
            nested("span><div></span></div", 50_000),
            // What a self-closing mark does depends on what is open.
            format!("<svg><p>{}", nested("path/", 50_000)),
            format!("<select><svg></select>{}", nested("path/", 50_000)),
            format!("<svg><style>{}", nested("g", 50_000)),
            // Formatting survives its paragraph, unless it is the same thrice.
            (0..50_000).map(|i| format!("<p><b id={i}>x</p>")).collect(),
        ];
        for bomb in bombs {
            assert_eq!(check(&bomb), Err(TooLarge::Depth), "{}", &bomb[..60]);
        }
    }

    #[test]
    fn formatting_that_multiplies_is_refused() {
        let bold: String = (0..200).map(|i| format!("<b id={i}>")).collect();
        let bomb = format!("<p>{bold}{}", "<p>x".repeat(100_000));
        assert_eq!(check(&bomb), Err(TooLarge::Elements));
    }

    #[test]
    fn a_tag_without_end_is_refused() {
        let attributes: String = (0..30_000).map(|i| format!("a{i} ")).collect();
        let filler = "<br>".repeat(300);
        assert_eq!(
            check(&format!("{filler}<a {attributes}>")),
            Err(TooLarge::Attributes)
        );
        let quoted: String = (0..30_000).map(|i| format!("a{i}='>'")).collect();
        assert_eq!(check(&format!("<a {quoted}>")), Err(TooLarge::Attributes));
    }

    #[test]
    fn what_authors_write_is_let_through() {
        let items = "<li>one<li>two<p>three<p>four<br>".repeat(10_000);
        assert_eq!(check(&format!("<ul>{items}</ul>")), Ok(()));
        assert_eq!(check(&"<p><i>never closed</p>".repeat(10_000)), Ok(()));
        assert_eq!(
            check(&"<svg><path d=''/></svg><script>a</script>".repeat(10_000)),
            Ok(())
        );
        let picture = format!(
            "<img src='data:image/png;base64,{}'>",
            "iVBORw0KGgo".repeat(100_000)
        );
        assert_eq!(check(&picture), Ok(()));
    }
}
