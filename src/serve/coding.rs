//! Which content coding a client gets (RFC 9110 section 12.5.3).

use hyper::header::HeaderValue;

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// The bytes as they are.
    Identity,
    /// `gzip`
    Gzip,
    /// `br`
    Br,
}

impl Coding {
    /// All, in the order of their declaration.
    pub const ALL: [Self; 3] = [Self::Identity, Self::Gzip, Self::Br];

    /// Its name in HTTP.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Br => "br",
        }
    }
}

/// How much a client wants something, in thousandths; 0 is a refusal.
type Weight = u16;

/// What a client said of each coding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Wishes {
    identity: Option<Weight>,
    gzip: Option<Weight>,
    br: Option<Weight>,
    any: Option<Weight>,
}

/// Chooses a coding for a client that sent the `Accept-Encoding` fields `fields`, where
/// gzip and br may or may not be on offer.
///
/// A coding that a client did not ask for is never sent. With equal weights the smaller one
/// wins: br, then gzip. A client that refuses everything on offer gets the plain bytes all
/// the same, since a feed reader can do more with those than with a 406.
#[must_use]
pub fn negotiate<'a>(
    fields: impl Iterator<Item = &'a HeaderValue>,
    gzip: bool,
    br: bool,
) -> Coding {
    let wishes = read(fields);
    let coded = |wish: Option<Weight>, offered: bool| {
        if offered {
            wish.or(wishes.any).unwrap_or(0)
        } else {
            0
        }
    };
    let (gzip, br) = (coded(wishes.gzip, gzip), coded(wishes.br, br));
    // Identity counts only as much as the client says: unnamed, it is the last resort.
    let identity = wishes.identity.unwrap_or(0);
    if br > 0 && br >= gzip && br >= identity {
        Coding::Br
    } else if gzip > 0 && gzip >= identity {
        Coding::Gzip
    } else {
        Coding::Identity
    }
}

fn read<'a>(fields: impl Iterator<Item = &'a HeaderValue>) -> Wishes {
    let mut wishes = Wishes::default();
    for field in fields {
        let Ok(field) = field.to_str() else { continue };
        for member in field.split(',') {
            let (name, parameters) = member.split_once(';').unwrap_or((member, ""));
            let Some(weight) = weight(parameters) else {
                continue;
            };
            let name = name.trim();
            let wish = if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
                &mut wishes.gzip
            } else if name.eq_ignore_ascii_case("br") {
                &mut wishes.br
            } else if name.eq_ignore_ascii_case("identity") {
                &mut wishes.identity
            } else if name == "*" {
                &mut wishes.any
            } else {
                continue;
            };
            *wish = Some(wish.map_or(weight, |before| before.max(weight)));
        }
    }
    wishes
}

/// The value of `q` among the parameters of a member; 1000 where there is none, `None` where
/// it is malformed, so that the member is passed over.
fn weight(parameters: &str) -> Option<Weight> {
    for parameter in parameters.split(';') {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if name.trim().eq_ignore_ascii_case("q") {
            return qvalue(value.trim());
        }
    }
    Some(1_000)
}

/// RFC 9110 section 12.4.2: `0` or `1`, with at most three digits behind the point.
fn qvalue(raw: &str) -> Option<Weight> {
    let (whole, fraction) = raw.split_once('.').unwrap_or((raw, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().map(|digit| Weight::from(digit - b'0'));
    let places = [100, 10, 1];
    let thousandths = digits.zip(places).map(|(digit, place)| digit * place).sum();
    match (whole, thousandths) {
        ("0", thousandths) => Some(thousandths),
        ("1", 0) => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Coding::*, *};

    fn choose(fields: &[&str]) -> Coding {
        let fields: Vec<HeaderValue> = fields
            .iter()
            .map(|field| HeaderValue::from_str(field).unwrap())
            .collect();
        negotiate(fields.iter(), true, true)
    }

    #[test]
    fn a9_13_what_the_client_asks_for_is_what_it_gets() {
        for (fields, coding) in [
            (&[][..], Identity),
            (&[""], Identity),
            (&["gzip"], Gzip),
            (&["GZip, deflate"], Gzip),
            (&["x-gzip"], Gzip),
            (&["gzip, deflate, br"], Br),
            (&["br, zstd"], Br),
            (&["gzip;q=1.0, br;q=0.5"], Gzip),
            (&["gzip; Q=0.001"], Gzip),
            (&["gzip", "br"], Br),
            (&["*"], Br),
            (&["*;q=0"], Identity),
            (&["br;q=0, *"], Gzip),
            (&["gzip;q=0"], Identity),
            (&["identity"], Identity),
            (&["identity, gzip;q=0.5"], Identity),
            (&["identity;q=0.5, gzip"], Gzip),
            (&["identity;q=0, gzip;q=0, br;q=0"], Identity),
            (&["identity;q=0"], Identity),
            (&["deflate, compress"], Identity),
        ] {
            assert_eq!(choose(fields), coding, "{fields:?}");
        }
    }

    #[test]
    fn a_malformed_weight_drops_its_member_alone() {
        assert_eq!(choose(&["br;q=2, gzip"]), Gzip);
        assert_eq!(choose(&["br;q=0.1234, gzip;q=0.1"]), Gzip);
        assert_eq!(choose(&["br;q=, ;;,=;q, gzip"]), Gzip);
    }

    #[test]
    fn what_is_not_on_offer_is_not_chosen() {
        let all = [HeaderValue::from_static("br, gzip")];
        assert_eq!(negotiate(all.iter(), true, false), Gzip);
        assert_eq!(negotiate(all.iter(), false, false), Identity);
    }
}
