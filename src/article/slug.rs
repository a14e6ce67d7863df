//! Names that stand in addresses.

/// How long a slug may be without its hash. File systems allow 255 bytes in a name.
const MAX_BYTES: usize = 160;

/// The part of an address that stands for `value`: lower-case letters and digits of any
/// script, everything else folded to hyphens.
///
/// Two values that differ in more than case and white space get different slugs: one that
/// loses characters (`C++`) carries a short hash of what it was. So a slug depends on its
/// own value alone, and a new tag never moves the address of an old one. One that is too long
/// for the name of a file is cut, and carries the hash as well.
#[must_use]
pub fn slug(value: &str) -> String {
    let plain = value
        .split_whitespace()
        .collect::<Vec<_>>()
        .join("-")
        .to_lowercase();
    let mut out = String::with_capacity(plain.len());
    for c in plain.chars() {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let kept = out.get(..out.floor_char_boundary(MAX_BYTES));
    let kept = kept.unwrap_or(&out).trim_end_matches('-');
    if kept == plain && !kept.is_empty() {
        return plain;
    }
    let hash = blake3::hash(plain.as_bytes()).to_hex();
    match kept {
        "" => hash[..8].to_owned(),
        kept => format!("{kept}-{}", &hash[..6]),
    }
}

#[cfg(test)]
mod tests {
    use super::slug;
    use proptest::prelude::*;

    #[test]
    fn plain_words_stay_readable_in_any_script() {
        for (value, expected) in [
            ("Rust", "rust"),
            ("Backend  Architecture", "backend-architecture"),
            ("ai-agents", "ai-agents"),
            ("Größe", "größe"),
            ("数据库", "数据库"),
        ] {
            assert_eq!(slug(value), expected);
        }
    }

    #[test]
    fn what_loses_characters_is_told_apart() {
        let all = ["c", "C++", "C#", "c-", "+", "#"].map(slug);
        for (i, a) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|b| a != b), "{all:?}");
        }
    }

    #[test]
    fn a_long_value_makes_a_name_that_a_file_can_have() {
        for value in ["A".repeat(300), "数".repeat(300), "a b ".repeat(90)] {
            let (one, other) = (slug(&value), slug(&format!("{value}c")));
            assert!(one.len() <= 170, "{one}");
            assert_ne!(one, other);
            assert!(one.starts_with(&other[..150]));
        }
    }

    proptest! {
        #[test]
        fn a_slug_is_never_empty_and_never_leaves_its_folder(value in ".+") {
            let slug = slug(&value);
            prop_assert!(slug.chars().all(|c| c.is_alphanumeric() || c == '-'));
            prop_assert!(!slug.is_empty());
        }
    }
}
