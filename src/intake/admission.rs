//! Takes what a source reads into the store: cleaned, named, dated.

use std::collections::{HashMap, HashSet};

use super::{Candidate, Cleaner};
use crate::{
    article::{Article, ArticleId, Axis, Moment, Piece, Timestamp, slug},
    dates::{Event, Fingerprint, Ignored, Rule, Sighting, Trust, Verdict, What, judge},
    source::{Reading, Rejection, RejectionKind},
    store::{Entry, Label, Record, StoreError, Taken, Transaction},
};

/// What one refresh took in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intake {
    /// Articles that are in the store now, those still to be published included.
    pub articles: usize,
    /// Of these, how many were never seen before.
    pub new: usize,
    /// Of these, how many a reader would find changed.
    pub changed: usize,
    /// Of these, how many carry a new date on an unchanged text.
    pub touched: usize,
    /// Of these, how many moved by the origin's word alone.
    pub redated: usize,
    /// To which instant how many known articles moved.
    pub moved_to: HashMap<Timestamp, usize>,
    /// The titles of new articles, to tell a new article from an old one with a new id.
    pub new_titles: HashSet<String>,
    /// Articles marked as drafts, which stay out.
    pub drafts: usize,
    /// Characters replaced because XML forbids them.
    pub replaced: usize,
    /// What could not be taken in, in the origin's order.
    pub rejected: Vec<Rejection>,
    /// What was taken in, but not as declared: where, and a sentence.
    pub remarks: Vec<(String, String)>,
}

/// Takes readings in, one by one, at the instant `now`.
pub struct Admission<'a> {
    cleaner: &'a Cleaner,
    transaction: &'a mut dyn Transaction,
    now: Timestamp,
    trust: Trust,
    intake: Intake,
}

impl<'a> Admission<'a> {
    /// Begins with nothing taken in.
    #[must_use]
    pub fn new(
        cleaner: &'a Cleaner,
        transaction: &'a mut dyn Transaction,
        now: Timestamp,
        trust: Trust,
    ) -> Self {
        Self {
            cleaner,
            transaction,
            now,
            trust,
            intake: Intake::default(),
        }
    }

    /// Takes one reading in. Of two articles with one id or one address the first stays and
    /// the other is rejected.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails; a bad article is counted, not returned.
    pub fn admit(&mut self, reading: Reading) -> Result<(), StoreError> {
        let cleaned = match reading {
            Reading::Draft(draft) => self.cleaner.clean(*draft),
            Reading::Rejected(rejection) => Err(rejection),
        };
        match cleaned {
            Ok(Some(candidate)) => self.place(candidate),
            Ok(None) => {
                self.intake.drafts += 1;
                Ok(())
            }
            Err(rejection) => {
                self.intake.rejected.push(rejection);
                Ok(())
            }
        }
    }

    /// What has been taken in.
    #[must_use]
    pub fn finish(self) -> Intake {
        self.intake
    }

    /// Gives a candidate its id and its dates, and puts it into the store.
    fn place(&mut self, candidate: Candidate) -> Result<(), StoreError> {
        let known = self
            .transaction
            .find(candidate.origin_id.as_deref(), &candidate.piece.url)?;
        let id = match self.name(&candidate, known.as_ref())? {
            Ok(id) => id,
            Err((kind, reason)) => {
                let rejection = Rejection {
                    locator: candidate.locator,
                    kind,
                    reason,
                };
                self.intake.rejected.push(rejection);
                return Ok(());
            }
        };
        let Candidate {
            locator,
            origin_id,
            piece,
            declared,
            replaced,
        } = candidate;
        let sighting = Sighting {
            declared,
            fingerprint: Fingerprint::of(&piece),
            body_known: piece.content.is_some(),
            git: None,
        };
        let memory = known.as_ref().map(|record| &record.memory);
        let Verdict {
            dates,
            rule,
            ignored,
        } = judge(memory, &sighting, self.now, self.trust);
        self.intake.replaced += replaced;
        if let (Some(ignored), Some(updated)) = (ignored, declared.updated) {
            self.intake
                .remarks
                .push((locator.to_string(), remark(updated, ignored)));
        }
        let labels = labels(&piece);
        let moved = known.as_ref().is_some_and(|record| record.url != piece.url);
        let returned = known.as_ref().is_some_and(|record| record.removed);
        let happened = [
            returned.then_some(What::Returned),
            moved.then_some(What::Moved),
            What::of(rule),
        ];
        let article = Article { id, piece, dates };
        self.count(known.as_ref(), &article, rule);
        self.transaction.put(&Entry {
            article: &article,
            origin_id: origin_id.as_deref(),
            declared,
            fingerprint: sighting.fingerprint,
            labels: &labels,
        })?;
        for what in happened.into_iter().flatten() {
            let decided = article.dates.modified;
            self.transaction.note(
                &article.id,
                &Event {
                    at: self.now,
                    what,
                    declared,
                    decided,
                },
            )?;
        }
        Ok(())
    }

    /// The candidate's id for good: the one it has had, or one made at first sight. Refused
    /// if it, or the address, belongs to an article that came before it.
    fn name(
        &mut self,
        candidate: &Candidate,
        known: Option<&Record>,
    ) -> Result<Result<ArticleId, Refusal>, StoreError> {
        let url = &candidate.piece.url;
        let published = candidate.declared.published.map(Moment::instant);
        let id = match (known, &candidate.origin_id) {
            (Some(record), _) => record.id.clone(),
            (None, None) => ArticleId::from_url(url, published),
            (None, Some(name)) => match ArticleId::from_name(name, url, published) {
                Ok(id) => id,
                Err(error) => return Ok(Err((RejectionKind::Value, error.to_string()))),
            },
        };
        let place = candidate.locator.to_string();
        let reason = match self.transaction.claim(&id, url, &place)? {
            None => return Ok(Ok(id)),
            Some(Taken::Id(first)) => format!("its id {id} is taken by the article at {first}"),
            Some(Taken::Url(first)) => {
                format!("its address {url} is taken by the article at {first}")
            }
        };
        Ok(Err((RejectionKind::Duplicate, reason)))
    }

    /// Counts what the guards and the operator want to know.
    fn count(&mut self, before: Option<&Record>, article: &Article, rule: Rule) {
        let intake = &mut self.intake;
        intake.articles += 1;
        let Some(before) = before else {
            intake.new += 1;
            intake
                .new_titles
                .insert(article.piece.title.as_str().to_owned());
            return;
        };
        match rule {
            Rule::TouchedOnly => intake.touched += 1,
            Rule::DeclaredUnseen => intake.redated += 1,
            Rule::DeclaredChange | Rule::ObservedChange => intake.changed += 1,
            _ => {}
        }
        if let Some(modified) = article.dates.modified
            && before
                .memory
                .dates
                .modified
                .is_some_and(|old| old != modified)
        {
            *intake.moved_to.entry(modified.instant()).or_default() += 1;
        }
    }
}

/// Why an article cannot be taken in.
type Refusal = (RejectionKind, String);

fn remark(updated: Moment, ignored: Ignored) -> String {
    let why = match ignored {
        Ignored::Future => "lies in the future",
        Ignored::BeforePublication => "lies before its publication",
    };
    format!("its date of change {} {why} and is not used", updated.w3c())
}

/// Every value of every axis, for the feeds that are made per value.
fn labels(piece: &Piece) -> Vec<Label> {
    Axis::ALL
        .into_iter()
        .flat_map(|axis| {
            axis.values(piece).into_iter().map(move |value| Label {
                axis,
                slug: slug(value),
                value: value.to_owned(),
            })
        })
        .collect()
}
