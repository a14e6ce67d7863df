//! `robots.txt`, which tells crawlers of the sitemaps.

use super::maker::{Maker, Plan};
use crate::{
    article::AbsoluteUrl,
    render::{self, DocumentKind},
    store::StoreError,
};

/// Makes `/robots.txt`, at the root of the host, the only place where crawlers look.
pub(super) fn make(maker: &mut Maker<'_>, sitemaps: &[AbsoluteUrl]) -> Result<(), StoreError> {
    let plan = Plan {
        path: "/robots.txt".to_owned(),
        kind: DocumentKind::Robots,
        inputs: Vec::new(),
        updated: None,
    };
    let before = maker.predecessor(&plan.path)?;
    maker.add(plan, before, Ok(render::robots::render(sitemaps)))?;
    Ok(())
}
