//! Takes what a source reads into the store: cleaned, named, dated.

use super::{Candidate, Cleaner, Intake};
use crate::{
    article::{Adopted, Article, ArticleId, Axis, Evidence, Moment, Piece, Timestamp, slug},
    config::IdScheme,
    dates::{Declared, Event, Fingerprint, Ignored, Rule, Sighting, Trust, Verdict, What, judge},
    source::{Reading, Rejection, RejectionKind, Remark},
    store::{Entry, Label, Placed, Record, StoreError, Taken, Transaction},
};

/// Takes readings in, one by one, at the instant `now`.
pub struct Admission<'a> {
    cleaner: &'a Cleaner,
    transaction: &'a mut dyn Transaction,
    now: Timestamp,
    trust: Trust,
    intake: Intake,
}

/// An article that is about to be dated and put.
struct Arrival {
    id: ArticleId,
    origin_id: Option<String>,
    handle: String,
    piece: Piece,
    declared: Declared,
    git: Option<Timestamp>,
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
            Reading::Remark(remark) => {
                self.intake.remarks.push(remark);
                return Ok(());
            }
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

    /// What has been taken in, when the origin has been read to its end. An article that
    /// seemed new and is an old one at another address becomes that one: only now is it
    /// known which ones are no longer where they were.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn finish(mut self) -> Result<Intake, StoreError> {
        for (seeming, record) in self.transaction.strays()? {
            let Placed {
                article,
                handle,
                declared,
                place,
                ..
            } = self.transaction.retract(&seeming)?;
            self.intake.uncount_new(&article);
            let id = record.id.clone();
            self.transaction.claim(&id, &article.piece.url, &place)?;
            let arrival = Arrival {
                id,
                origin_id: None,
                handle,
                piece: article.piece,
                declared,
                git: None,
            };
            self.settle(arrival, Some(&record), &place)?;
        }
        Ok(self.intake)
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
            handle,
            piece,
            declared,
            git,
            replaced,
        } = candidate;
        self.intake.replaced += replaced;
        let arrival = Arrival {
            id,
            origin_id,
            handle,
            piece,
            declared,
            git,
        };
        let ignored = self.settle(arrival, known.as_ref(), &locator.to_string())?;
        if let (Some(ignored), Some(updated)) = (ignored, declared.updated) {
            let text = remark(updated, ignored);
            self.intake.remarks.push(Remark { locator, text });
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
            (None, None) => match self.cleaner.ids() {
                IdScheme::Tag => ArticleId::from_url(url, published),
                IdScheme::Url => ArticleId::from_url(url, None),
            },
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

    /// Dates an article, given its record if it was seen before, and puts it. Says why the
    /// origin's date of change was not listened to, if it was not.
    fn settle(
        &mut self,
        arrival: Arrival,
        known: Option<&Record>,
        place: &str,
    ) -> Result<Option<Ignored>, StoreError> {
        let Arrival {
            id,
            origin_id,
            handle,
            piece,
            mut declared,
            git,
        } = arrival;
        let (adopted, fresh) = self.adopted(known, &piece)?;
        declared.published = declared.published.or(adopted.published);
        let sighting = Sighting {
            declared,
            fingerprint: Fingerprint::of(&piece),
            body_known: piece.content.is_some(),
            git: git.map(Moment::at),
            adopted: adopted.modified,
        };
        // What the site gave before was unknown when this was first dated. The operator has
        // said it since; only what Dateline saw itself weighs more.
        let dated = known.filter(|record| {
            !fresh
                || record.memory.dates.evidence == Evidence::Observed
                || record.memory.fingerprint != sighting.fingerprint
        });
        let memory = dated.map(|record| &record.memory);
        let Verdict {
            dates,
            rule,
            ignored,
        } = judge(memory, &sighting, self.now, self.trust);
        let labels = labels(&piece);
        let words = Fingerprint::of_words(&piece);
        let article = Article {
            id,
            piece,
            dates,
            adopted,
        };
        self.intake.count(known, &article, rule, place);
        self.transaction.put(&Entry {
            article: &article,
            origin_id: origin_id.as_deref(),
            handle: &handle,
            declared,
            fingerprint: sighting.fingerprint,
            words,
            labels: &labels,
        })?;
        self.note(known, &article, declared, rule)?;
        Ok(ignored)
    }

    /// What was known of an article before Dateline served it, and whether the operator has
    /// said so since the last refresh.
    fn adopted(
        &self,
        known: Option<&Record>,
        piece: &Piece,
    ) -> Result<(Adopted, bool), StoreError> {
        let mut adopted = known
            .map(|record| record.adopted.clone())
            .unwrap_or_default();
        let Some((said, fresh)) = self.transaction.adopted(piece.url.key())? else {
            return Ok((adopted, false));
        };
        if known.is_none() || fresh {
            adopted.add(said);
        }
        Ok((adopted, fresh))
    }

    fn note(
        &mut self,
        known: Option<&Record>,
        article: &Article,
        declared: Declared,
        rule: Rule,
    ) -> Result<(), StoreError> {
        let moved = known.is_some_and(|record| record.url != article.piece.url);
        let happened = [
            self.returned(known)?.then_some(What::Returned),
            moved.then_some(What::Moved),
            What::of(rule),
        ];
        for what in happened.into_iter().flatten() {
            let event = Event {
                at: self.now,
                what,
                declared,
                decided: article.dates.modified,
            };
            self.transaction.note(&article.id, &event)?;
        }
        Ok(())
    }

    /// Whether an article was gone. One whose memory was moved here from another store was
    /// not: nothing says so in its history.
    fn returned(&self, known: Option<&Record>) -> Result<bool, StoreError> {
        match known {
            Some(record) if record.removed => {
                let last = self.transaction.last_event(&record.id)?;
                Ok(last.is_none_or(|event| event.what == What::Removed))
            }
            _ => Ok(false),
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
