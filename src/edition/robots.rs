//! `robots.txt`, which tells crawlers what they may read and where the sitemaps are, and the
//! licence that it names.

use super::maker::{Maker, Plan};
use crate::{
    article::AbsoluteUrl,
    config::License,
    render::{self, DocumentKind},
    store::StoreError,
};

/// Makes `/robots.txt`, at the root of the host, the only place where crawlers look, and
/// `/license.xml` where there are terms.
pub(super) fn make(maker: &mut Maker<'_>, sitemaps: &[AbsoluteUrl]) -> Result<(), StoreError> {
    let config = maker.config;
    let license = config.license();
    if let (Some(License::Terms(terms)), Some(url)) = (&config.robots.license, &license) {
        let rendered = render::rsl::render(&config.site.url, terms);
        let plan = Plan::constant(url.path(), DocumentKind::Rsl);
        let before = maker.predecessor(&plan.path)?;
        maker.add(plan, before, rendered)?;
    }
    let text = render::robots::render(&config.robots.rules, license.as_ref(), sitemaps);
    let plan = Plan::constant("/robots.txt", DocumentKind::Robots);
    let before = maker.predecessor(&plan.path)?;
    maker.add(plan, before, Ok(text))?;
    Ok(())
}
